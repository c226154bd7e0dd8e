//! Kernel settings that the flags name. Source: sysctl(8), `/proc/sys`. Unit: by the setting.

use crate::flag::{Flag, FlagError};
use crate::host::{CollectError, Collector, Env, Metrics, Roots, Spec, files};
use crate::model::{Desc, Sink, name};
use std::path::PathBuf;

static INFO: Desc<'static> = Desc::gauge("node_sysctl_info", "sysctl info", &["name", "value", "index"]);
static VALUE: Desc<'static> = Desc::untyped("node_sysctl_*", "sysctl *", &["index"]);

const INCLUDE: &str = "collector.sysctl.include";
const INCLUDE_INFO: &str = "collector.sysctl.include-info";

/// The collector `sysctl`.
pub static SPEC: Spec = Spec {
    name: "sysctl",
    about: "kernel settings from /proc/sys",
    default_enabled: false,
    flags: &[
        Flag::values(
            INCLUDE,
            "NAME[:KEY,...]",
            "",
            "Select sysctl metrics to include: fs.file-nr, or with a name for each value, fs.file-nr:total,current,max.",
        ),
        Flag::values(INCLUDE_INFO, "NAME", "", "Select sysctl metrics to include as info metrics."),
    ],
    build: |env| {
        let mut numbers: Vec<Setting> =
            env.flags.all(INCLUDE).iter().map(|text| Setting::new(env, INCLUDE, text)).collect::<Result<_, _>>()?;
        numbers.dedup_by(|a, b| a.families() == b.families());
        let texts = env.flags.all(INCLUDE_INFO).iter().map(|text| Setting::new(env, INCLUDE_INFO, text));
        Ok(Box::new(Sysctl { texts: texts.collect::<Result<_, _>>()?, numbers }))
    },
};

/// What it shows.
pub static METRICS: Metrics = &[&VALUE, &INFO];

/// A setting that a flag names.
struct Setting {
    name: String,
    path: PathBuf,
    /// Names of its values, none where they are told apart by their index.
    keys: Vec<String>,
}

impl Setting {
    fn new(env: &Env<'_>, flag: &str, text: &str) -> Result<Self, FlagError> {
        let (name, keys) = text.split_once(':').map_or((text, None), |(name, keys)| (name, Some(keys)));
        let keys: Vec<String> = keys.into_iter().flat_map(|keys| keys.split(',')).map(str::to_owned).collect();
        if let Some(wrong) = keys.iter().find(|key| !name::is_metric_name(&format!("_{key}"))) {
            return Err(env.flags.wrong(flag, format!("{wrong:?} can't be part of a metric's name")));
        }
        let path = Roots::proc(env.roots, "sys").join(name.replace('.', "/"));
        Ok(Self { name: name.to_owned(), path, keys })
    }

    fn values(&self) -> Result<Vec<String>, CollectError> {
        let text = files::read(&self.path)?;
        let values: Vec<String> = text.split_ascii_whitespace().map(str::to_owned).collect();
        let wanted = if self.keys.is_empty() { values.len().max(1) } else { self.keys.len() };
        if values.len() != wanted {
            return Err(CollectError::malformed(&self.path, 0, format!("{} values, not {wanted}", values.len())));
        }
        Ok(values)
    }

    /// Names of the families of its values.
    fn families(&self) -> Vec<String> {
        let sanitized: String =
            self.name.chars().map(|c| if c.is_ascii_alphanumeric() || c == ':' { c } else { '_' }).collect();
        let whole = format!("node_sysctl_{sanitized}");
        if self.keys.is_empty() { vec![whole] } else { self.keys.iter().map(|key| format!("{whole}_{key}")).collect() }
    }
}

struct Sysctl {
    numbers: Vec<Setting>,
    texts: Vec<Setting>,
}

impl Collector for Sysctl {
    fn collect(&mut self, out: &mut dyn Sink) -> Result<(), CollectError> {
        let mut numbers = Vec::new();
        for setting in &self.numbers {
            let number = |value: &String| files::parse(&setting.path, 0, value);
            numbers.push((setting, setting.values()?.iter().map(number).collect::<Result<Vec<f64>, _>>()?));
        }
        let mut texts = Vec::new();
        for setting in &self.texts {
            texts.push((setting, setting.values()?));
        }
        emit(&numbers, &texts, out);
        Ok(())
    }
}

fn emit(numbers: &[(&Setting, Vec<f64>)], texts: &[(&Setting, Vec<String>)], out: &mut dyn Sink) {
    for (setting, values) in numbers {
        let families = setting.families();
        if let [family] = families.as_slice()
            && setting.keys.is_empty()
        {
            let help = format!("sysctl {}", setting.name);
            if let [value] = values.as_slice() {
                out.one(&Desc::untyped(family, &help, &[]), *value);
                continue;
            }
            let mut family = out.family(&Desc::untyped(family, &help, &["index"]));
            values.iter().enumerate().for_each(|(i, value)| family.sample(&[&i.to_string()], *value));
        } else {
            for (i, (family, value)) in families.iter().zip(values).enumerate() {
                let help = format!("sysctl {}, field {i}", setting.name);
                out.one(&Desc::untyped(family, &help, &[]), *value);
            }
        }
    }
    let mut family = out.family(&INFO);
    for (setting, values) in texts {
        for (i, value) in values.iter().enumerate() {
            family.sample(&[&setting.name, value, &i.to_string()], 1.0);
        }
    }
}
