//! Reload and quit by request, where that is enabled. A request raises the signal that means the same: the main thread does
//! either, and no thread of the web side waits for it.

use crate::statsd::reload::{ReloadError, Reloader};
use crate::web::{Lifecycle, Told};
use signal_hook::consts::{SIGHUP, SIGTERM};
use signal_hook::low_level::raise;
use std::io;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Asks the main thread for what a request asks for.
pub struct ByHttp {
    raise: fn(i32) -> io::Result<()>,
    /// Who waits for the next reload; `None`: there will be none.
    waiting: Mutex<Option<Vec<Told>>>,
}

impl Default for ByHttp {
    fn default() -> Self {
        Self { raise, waiting: Mutex::new(Some(Vec::new())) }
    }
}

impl ByHttp {
    /// Reads the mapping file again, for a signal and for all requests that have come before this, and tells them.
    pub fn reload(&self, reloader: &Reloader) {
        let waiting = self.lock().as_mut().map(std::mem::take).unwrap_or_default();
        let by = if waiting.is_empty() { "SIGHUP" } else { "/-/reload" };
        let result = reloader.reload();
        match &result {
            Ok(rules) => log::info!("{by}: read the mapping file again, {rules} rules"),
            Err(e) => log::warn!("{by}: {e}"),
        }
        let result = match result {
            Ok(rules) => Ok(format!("The mapping file was read again, {rules} rules.")),
            // Nothing is wrong, as statsd_exporter has it.
            Err(e @ ReloadError::NoFile) => Ok(sentence(&e)),
            Err(e) => Err(sentence(&e)),
        };
        waiting.into_iter().for_each(|told| told(result.clone()));
    }

    /// Ends the waiting: the main thread reloads nothing more.
    pub fn close(&self) {
        let waiting = self.lock().take().unwrap_or_default();
        waiting.into_iter().for_each(stopping);
    }

    fn lock(&self) -> MutexGuard<'_, Option<Vec<Told>>> {
        // A panic ends the process, so no lock is ever poisoned by one.
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Lifecycle for ByHttp {
    fn reload(&self, told: Told) {
        let mut lock = self.lock();
        let Some(waiting) = lock.as_mut() else { return stopping(told) };
        waiting.push(told);
        // Of those that wait, one has raised it.
        if waiting.len() == 1
            && let Err(e) = (self.raise)(SIGHUP)
            && let Some(told) = waiting.pop()
        {
            told(Err(format!("The rules stay as they were: {e}.")));
        }
    }

    fn quit(&self) {
        log::info!("/-/quit: asked to stop");
        if let Err(e) = (self.raise)(SIGTERM) {
            log::warn!("/-/quit: {e}");
        }
    }
}

/// Tells who comes too late.
fn stopping(told: Told) {
    told(Err("The rules stay as they were: tallyd stops.".to_owned()));
}

/// An error with a capital and a full stop.
fn sentence(error: &ReloadError) -> String {
    let text = error.to_string();
    let mut chars = text.chars();
    let first = chars.next().map(|first| first.to_ascii_uppercase());
    format!("{}{}.", first.unwrap_or_default(), chars.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::sections;
    use crate::flag::Values;
    use crate::statsd::map::{Limits, Mapper, Source};
    use crate::statsd::settings::Settings;
    use crate::statsd::{Metrics, Pipeline};
    use crate::telemetry::Registry;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    static RAISED: AtomicUsize = AtomicUsize::new(0);

    #[test]
    fn requests_that_wait_are_one_reload() {
        let sections = sections();
        let flags = Values::defaults(sections.iter().flat_map(|section| &section.flags));
        let (registry, options) = (Registry::new(), Settings::new(&flags).unwrap().options);
        let pipeline = Pipeline::new(Metrics::new(&registry).unwrap(), &options, Mapper::empty());
        let file = tempfile::NamedTempFile::new().unwrap();
        let source = Source { path: file.path().to_owned(), limits: Limits::default() };
        let reloader = Reloader::new(Some(source), Arc::new(pipeline), &registry).unwrap();
        let count = |signal| {
            assert_eq!(signal, SIGHUP);
            RAISED.fetch_add(1, Ordering::Relaxed);
            Ok(())
        };
        let requests = ByHttp { raise: count, ..ByHttp::default() };
        let said = Arc::new(Mutex::new(Vec::new()));
        let ask = || {
            let said = Arc::clone(&said);
            Lifecycle::reload(&requests, Box::new(move |told| said.lock().unwrap().push(told)));
        };
        let read = Ok("The mapping file was read again, 0 rules.".to_owned());
        let reloads = || {
            let families = registry.gather();
            let of = families.iter().find(|family| family.name() == "statsd_exporter_config_reloads_total").unwrap();
            of.get_metric().iter().map(|metric| metric.get_counter().get_value()).sum::<f64>()
        };
        (0..3).for_each(|_| ask());
        assert_eq!((said.lock().unwrap().len(), RAISED.load(Ordering::Relaxed)), (0, 1));
        requests.reload(&reloader);
        assert_eq!((std::mem::take(&mut *said.lock().unwrap()), reloads()), (vec![read.clone(); 3], 1.0));
        ask();
        requests.reload(&reloader);
        assert_eq!((std::mem::take(&mut *said.lock().unwrap()), reloads()), (vec![read], 2.0));
        ask();
        requests.close();
        ask();
        let late = Err("The rules stay as they were: tallyd stops.".to_owned());
        assert_eq!(*said.lock().unwrap(), [late.clone(), late]);
        assert_eq!(RAISED.load(Ordering::Relaxed), 3);
    }
}
