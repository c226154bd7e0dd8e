//! What a series takes of memory, by its type and by what it has observed: `cargo bench --bench memory`.
//!
//! It prints the table of `docs/performance.md`. Each row is a process of its own, which fills a pipeline as the agent's
//! sockets would, and divides by the number of series what it grew by.

#![allow(clippy::print_stdout)] // It is a program that prints.

#[cfg(target_os = "linux")]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    linux::main()
}

#[cfg(not(target_os = "linux"))]
fn main() {
    println!("Memory is measured on Linux only.");
}

#[cfg(target_os = "linux")]
mod linux {
    use std::error::Error;
    use std::process::Command;
    use std::time::Duration;
    use tallyd::statsd::map::Mapper;
    use tallyd::statsd::parse::{Bounds, Styles};
    use tallyd::statsd::settings::Options;
    use tallyd::statsd::store::Limits;
    use tallyd::statsd::{Metrics, Pipeline};
    use tallyd::telemetry::Registry;

    /// The variable by which a process is told its row.
    const ROW: &str = "TALLYD_MEMORY_ROW";

    const OPTIONS: Options = Options {
        styles: Styles::ALL,
        cached_lines: 200_000,
        bounds: Bounds { line: 8192, name: 1024, tags: 100, label: 1024 },
        limits: Limits { series: 200_000, series_per_metric: usize::MAX },
        set_window: Duration::from_secs(60),
        zero_first: false,
        created: false,
    };

    /// Ticks in the window of a summary by default: ten minutes.
    const WINDOW: u32 = 6000;

    const HISTOGRAMS: &str = "defaults:\n  observer_type: histogram\n";

    /// One row: what is measured, how many series, samples of each, the type in the protocol, the mapping file,
    /// whether each series has a name of its own and no tags, and how many digits values have behind the point.
    struct Row {
        what: &'static str,
        series: usize,
        samples: u32,
        kind: &'static str,
        mapping: &'static str,
        named: bool,
        digits: usize,
    }

    const ROWS: &[Row] = &[
        row("counter", 100_000, 1, "c", ""),
        row("gauge", 100_000, 1, "g", ""),
        row("set, of 10 members", 100_000, 10, "s", ""),
        row("set, of 1,000 members", 5_000, 1_000, "s", ""),
        row("histogram of 11 buckets", 100_000, 10, "ms", HISTOGRAMS),
        row("counter, each with a name of its own and no labels", 100_000, 1, "c", "").named(),
        row("summary, of 1 value", 100_000, 1, "ms", ""),
        row("the same, each with a name of its own and no labels", 100_000, 1, "ms", "").named(),
        row("summary, of 100 values", 10_000, 100, "ms", ""),
        row("summary, of 1,000 values", 10_000, 1_000, "ms", ""),
        row("summary, of 5,000 values", 5_000, 5_000, "ms", ""),
        row("the same, whole milliseconds", 5_000, 5_000, "ms", "").digits(0),
        row("the same, with 15 digits behind the point", 5_000, 5_000, "ms", "").digits(15),
    ];

    const fn row(what: &'static str, series: usize, samples: u32, kind: &'static str, mapping: &'static str) -> Row {
        Row { what, series, samples, kind, mapping, named: false, digits: 3 }
    }

    impl Row {
        const fn named(mut self) -> Self {
            self.named = true;
            self
        }

        const fn digits(mut self, digits: usize) -> Self {
            self.digits = digits;
            self
        }
    }

    pub fn main() -> Result<(), Box<dyn Error>> {
        if let Some(row) = std::env::var(ROW).ok().and_then(|at| ROWS.get(at.parse::<usize>().ok()?)) {
            println!("{}", bytes_per_series(row)?);
            return Ok(());
        }
        println!("| a series with three labels | series measured | bytes each |\n|---|---|---|");
        for (at, row) in ROWS.iter().enumerate() {
            let output = Command::new(std::env::current_exe()?).env(ROW, at.to_string()).output()?;
            println!("| {} | {} | {} |", row.what, row.series, String::from_utf8(output.stdout)?.trim());
        }
        Ok(())
    }

    fn bytes_per_series(row: &Row) -> Result<u64, Box<dyn Error>> {
        tallyd::memory::keep_small();
        let pipeline = Pipeline::new(Metrics::new(&Registry::new())?, &OPTIONS, Mapper::from_yaml(row.mapping)?);
        let before = resident()?;
        for sample in 0..row.samples {
            let now = WINDOW * sample / row.samples;
            let mut line = String::new();
            for series in 0..row.series {
                line.clear();
                write_line(&mut line, row, series, sample)?;
                pipeline.ingest(now, std::iter::once(line.as_bytes()));
            }
        }
        Ok((resident()? - before) / row.series as u64)
    }

    /// A line of some hundred bytes; values are spread over three orders of magnitude.
    fn write_line(line: &mut String, row: &Row, series: usize, sample: u32) -> std::fmt::Result {
        use std::fmt::Write;
        let value = (f64::from(sample + 1) * 0.618_034).fract().powi(3) * 1000.0;
        if row.named {
            return write!(line, "app.api.v1.item{series}.get.requests:{value:.*}|{}", row.digits, row.kind);
        }
        write!(
            line,
            "app.requests:{value:.*}|{}|#endpoint:/api/v1/item{series},method:GET,status:200",
            row.digits, row.kind
        )
    }

    fn resident() -> Result<u64, Box<dyn Error>> {
        let status = std::fs::read_to_string("/proc/self/status")?;
        let kilobytes = status.lines().find_map(|line| line.strip_prefix("VmRSS:")?.strip_suffix("kB"));
        Ok(kilobytes.ok_or("/proc/self/status has no VmRSS")?.trim().parse::<u64>()? * 1024)
    }
}
