//! Log lines on stderr, in the two forms that node_exporter and statsd_exporter write: Go's `slog` as text (logfmt)
//! and as JSON. env_logger filters and writes them; a line that can't be written is dropped, so a closed stderr
//! disturbs nothing.
//!
//! Text: `time=2026-01-02T15:04:05.123Z level=INFO source=agent.rs:88 msg="Listening on [::]:9100"`.

use crate::flag::{Flag, FlagError, Values};
use env_logger::{Builder, Target, WriteStyle};
use humantime::format_rfc3339_millis;
use log::{Level, LevelFilter, Record, SetLoggerError};
use std::fmt::{self, Write as _};
use std::io::Write as _;
use std::time::SystemTime;

/// The flags of this part.
pub const FLAGS: &[Flag] = &[
    Flag::value("log.level", "debug|info|warn|error", "info", "Only log messages with the given severity or above."),
    Flag::value("log.format", "logfmt|json", "logfmt", "Output format of log messages."),
];

/// The form of a log line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// `key=value`, quoted where need be.
    Logfmt,
    /// One object a line.
    Json,
}

/// Level and form that [`FLAGS`] ask for.
pub fn settings(flags: &Values) -> Result<(LevelFilter, Format), FlagError> {
    // As statsd_exporter has it, only the level's case is no matter.
    let level = match flags.text("log.level").to_ascii_lowercase().as_str() {
        "debug" => LevelFilter::Debug,
        "info" => LevelFilter::Info,
        "warn" => LevelFilter::Warn,
        "error" => LevelFilter::Error,
        _ => return Err(flags.wrong("log.level", "it is debug, info, warn or error".into())),
    };
    let format = match flags.text("log.format") {
        "logfmt" => Format::Logfmt,
        "json" => Format::Json,
        _ => return Err(flags.wrong("log.format", "it is logfmt or json".into())),
    };
    Ok((level, format))
}

/// Makes stderr the place where all log lines go, from now on. An error: there is a logger already.
pub fn init(level: LevelFilter, format: Format) -> Result<(), SetLoggerError> {
    Builder::new()
        .filter_level(level)
        .target(Target::Stderr)
        .write_style(WriteStyle::Never)
        .format(move |out, record| {
            let line = line(format, &format_rfc3339_millis(SystemTime::now()), record);
            out.write_all(line.as_bytes())
        })
        .try_init()
}

/// A log line with its line feed.
fn line(format: Format, time: &dyn fmt::Display, record: &Record<'_>) -> String {
    let mut stamp = String::new();
    if write!(stamp, "{time}").is_err() {
        // A clock beyond the year 9999 has no text; the line counts for more.
        stamp.clear();
    }
    let (source, message) = (source(record), record.args().to_string());
    let fields = [("time", &*stamp), ("level", level(record.level())), ("source", &source), ("msg", &message)];
    let mut line = String::with_capacity(64 + message.len());
    for (i, (key, value)) in fields.into_iter().enumerate() {
        match format {
            Format::Logfmt => {
                line.push_str(if i == 0 { "" } else { " " });
                line.push_str(key);
                line.push('=');
                push_text(value, &mut line);
            }
            Format::Json => {
                line.push(if i == 0 { '{' } else { ',' });
                push_json(key, &mut line);
                line.push(':');
                push_json(value, &mut line);
            }
        }
    }
    line.push_str(if format == Format::Json { "}\n" } else { "\n" });
    line
}

/// slog has no level below debug.
fn level(level: Level) -> &'static str {
    match level {
        Level::Trace => Level::Debug.as_str(),
        level => level.as_str(),
    }
}

/// File, from its crate's `src/` on, and line. `mod.rs` alone would say little.
fn source(record: &Record<'_>) -> String {
    let file = record.file().unwrap_or("unknown");
    let file = file.rsplit_once("src/").map_or(file, |(_, file)| file);
    format!("{file}:{}", record.line().unwrap_or_default())
}

/// A value of the text form: bare where nothing in it misleads a reader, else quoted as Go's `strconv.Quote` does it.
fn push_text(value: &str, out: &mut String) {
    if !value.is_empty() && value.chars().all(|c| !matches!(c, ' ' | '=' | '"') && is_printable(c)) {
        out.push_str(value);
        return;
    }
    out.push('"');
    for c in value.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\x07' => out.push_str("\\a"),
            '\x08' => out.push_str("\\b"),
            '\x0b' => out.push_str("\\v"),
            '\x0c' => out.push_str("\\f"),
            c if is_printable(c) => out.push(c),
            c => match u32::from(c) {
                code @ ..0x80 => out.push_str(&format!("\\x{code:02x}")),
                code @ ..0x1_0000 => out.push_str(&format!("\\u{code:04x}")),
                code => out.push_str(&format!("\\U{code:08x}")),
            },
        }
    }
    out.push('"');
}

/// Whether a character shows itself: no control, no space but the plain one, nothing that turns the text around.
fn is_printable(c: char) -> bool {
    matches!(c, '"' | '\'' | '\\') || c.escape_debug().len() == 1
}

/// A JSON string. Line and paragraph separators are escaped because JavaScript ends a line at them.
fn push_json(value: &str, out: &mut String) {
    out.push('"');
    for c in value.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\0'..=' ' | '\x7f' | '\u{2028}' | '\u{2029}' if c != ' ' => {
                out.push_str(&format!("\\u{:04x}", u32::from(c)));
            }
            c => out.push(c),
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(format: Format, message: &str) -> String {
        let args = format_args!("{message}");
        let record =
            Record::builder().level(Level::Warn).file(Some("src/host/registry.rs")).line(Some(93)).args(args).build();
        line(format, &"2026-01-02T15:04:05.123Z", &record)
    }

    #[test]
    fn a_line_has_the_shape_of_slog() {
        assert_eq!(
            written(Format::Logfmt, "collector cpu: gone"),
            "time=2026-01-02T15:04:05.123Z level=WARN source=host/registry.rs:93 msg=\"collector cpu: gone\"\n"
        );
        assert_eq!(
            written(Format::Json, "collector cpu: gone"),
            "{\"time\":\"2026-01-02T15:04:05.123Z\",\"level\":\"WARN\",\"source\":\"host/registry.rs:93\",\
             \"msg\":\"collector cpu: gone\"}\n"
        );
    }

    #[test]
    fn text_is_quoted_where_it_would_mislead() {
        for (value, want) in [
            ("arp", "arp"),
            ("", "\"\""),
            ("two words", "\"two words\""),
            ("a=b", "\"a=b\""),
            ("say \"hi\"", "\"say \\\"hi\\\"\""),
            ("C:\\tmp", "C:\\tmp"),
            ("C:\\my tmp", "\"C:\\\\my tmp\""),
            ("it's", "it's"),
            ("line\nlevel=ERROR", "\"line\\nlevel=ERROR\""),
            ("tab\tcr\r", "\"tab\\tcr\\r\""),
            ("\x07\x08\x0b\x0c", "\"\\a\\b\\v\\f\""),
            ("\x1b[31mred\x7f\0", "\"\\x1b[31mred\\x7f\\x00\""),
            ("größe", "größe"),
            ("\u{85}", "\"\\u0085\""),
            ("no\u{a0}break", "\"no\\u00a0break\""),
            ("\u{202e}turned", "\"\\u202eturned\""),
            ("\u{e0001}", "\"\\U000e0001\""),
            ("lost \u{fffd}", "\"lost \u{fffd}\""),
        ] {
            let mut got = String::new();
            push_text(value, &mut got);
            assert_eq!(got, want, "value: {value:?}");
        }
    }

    #[test]
    fn json_is_escaped() {
        for (value, want) in [
            ("", "\"\""),
            ("a b", "\"a b\""),
            ("say \"hi\"", "\"say \\\"hi\\\"\""),
            ("C:\\tmp", "\"C:\\\\tmp\""),
            ("a\nb\tc\rd", "\"a\\nb\\tc\\rd\""),
            ("\0\x1b\x7f", "\"\\u0000\\u001b\\u007f\""),
            ("größe 日本", "\"größe 日本\""),
            ("\u{2028}\u{2029}", "\"\\u2028\\u2029\""),
        ] {
            let mut got = String::new();
            push_json(value, &mut got);
            assert_eq!(got, want, "value: {value:?}");
        }
    }

    #[test]
    fn a_time_without_text_does_not_cost_the_line() {
        struct Nothing;
        impl fmt::Display for Nothing {
            fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
                Err(fmt::Error)
            }
        }
        let record = Record::builder().level(Level::Trace).args(format_args!("x")).build();
        assert_eq!(line(Format::Logfmt, &Nothing, &record), "time=\"\" level=DEBUG source=unknown:0 msg=x\n");
    }

    #[test]
    fn flags_choose_level_and_form() {
        let with = |level: &str, format: &str| {
            let mut flags = Values::defaults(FLAGS);
            flags.give(&FLAGS[0], level.into(), None);
            flags.give(&FLAGS[1], format.into(), None);
            settings(&flags).map_err(|e| e.to_string())
        };
        assert_eq!(settings(&Values::defaults(FLAGS)), Ok((LevelFilter::Info, Format::Logfmt)));
        assert_eq!(with("debug", "json"), Ok((LevelFilter::Debug, Format::Json)));
        assert_eq!(with("ERROR", "logfmt"), Ok((LevelFilter::Error, Format::Logfmt)));
        assert_eq!(with("Warn", "JSON"), Err("--log.format=JSON: it is logfmt or json".into()));
        assert_eq!(with("loud", "json"), Err("--log.level=loud: it is debug, info, warn or error".into()));
        assert_eq!(with("warn", "xml"), Err("--log.format=xml: it is logfmt or json".into()));
    }
}
