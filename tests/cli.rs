//! Command lines: what they make of each flag, and what is said of those that can't be used.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::panic)]

mod common;

use common::program;
use std::ffi::OsString;
use std::fs;
use std::os::unix::ffi::OsStringExt;
use std::path::Path;
use tallyd::cli::{self, MAX_FILE_BYTES, Request};
use tallyd::flag::Values;

fn values(args: &[&str]) -> Values {
    match cli::parse(args.iter().copied()) {
        Ok(Request::Run(values)) => values,
        other => panic!("args: {args:?}: {other:?}"),
    }
}

/// The sentence that refuses the arguments, and the exit status.
fn refused(args: &[&str]) -> (Option<i32>, String) {
    let output = program().args(args).output().unwrap();
    assert!(output.stdout.is_empty(), "args: {args:?}: nothing on stdout");
    let said = String::from_utf8(output.stderr).unwrap();
    (output.status.code(), said.strip_prefix("tallyd: ").unwrap_or(&said).trim_end().to_owned())
}

#[test]
fn of_switches_the_last_wins() {
    for (args, loadavg, processes) in [
        (&[][..], true, false),
        (&["--no-collector.loadavg", "--collector.processes"], false, true),
        (&["--no-collector.loadavg", "--collector.loadavg"], true, false),
        (&["--collector.processes", "--no-collector.processes"], true, false),
        (&["--collector.processes", "--collector.processes"], true, true),
        (&["--no-collector.loadavg", "--no-collector.loadavg"], false, false),
        (&["--no-collector.loadavg", "--collector.loadavg", "--no-collector.loadavg"], false, false),
    ] {
        let values = values(args);
        let found = (values.on("collector.loadavg"), values.on("collector.processes"));
        assert_eq!(found, (loadavg, processes), "args: {args:?}");
    }
    assert!(values(&["--collector.loadavg"]).given("collector.loadavg"));
    assert!(values(&["--no-collector.loadavg"]).given("collector.loadavg"));
    assert!(!values(&[]).given("collector.loadavg"));
}

#[test]
fn of_values_the_last_wins_and_lists_add_up() {
    for (args, name, want) in [
        (&[][..], "web.max-requests", &["40"][..]),
        (&["--web.max-requests=1"], "web.max-requests", &["1"]),
        (&["--web.max-requests", "1"], "web.max-requests", &["1"]),
        (&["--web.max-requests=1", "--web.max-requests", "2"], "web.max-requests", &["2"]),
        (&[], "statsd.listen-udp", &["127.0.0.1:8125", "[::1]:8125"]),
        (&["--statsd.listen-udp="], "statsd.listen-udp", &[""]),
        (&["--statsd.listen-udp", ""], "statsd.listen-udp", &[""]),
        (&["--statsd.listen-udp=:1", "--statsd.listen-udp", ":2"], "statsd.listen-udp", &[":1", ":2"]),
        (&["--collector.vmstat.fields="], "collector.vmstat.fields", &[""]),
        (&["--collector.vmstat.fields=-x=y z"], "collector.vmstat.fields", &["-x=y z"]),
        (&["--collector.vmstat.fields", "a=b"], "collector.vmstat.fields", &["a=b"]),
        (&["--collector.netdev.device-blacklist=lo"], "collector.netdev.device-exclude", &["lo"]),
    ] {
        let values = values(args);
        assert_eq!(values.all(name), want, "args: {args:?}");
        assert_eq!(values.given(name), !args.is_empty(), "args: {args:?}");
    }
}

#[test]
fn flags_of_the_two_exporters_without_effect_are_taken() {
    values(&["--no-collector.perf", "--no-collector.perf", "--no-collector.ntp"]);
    values(&["--runtime.gomaxprocs=1", "--statsd.cache-type=lru", "--statsd.event-queue-size", "5"]);
    values(&["--statsd.event-flush-threshold=9", "--statsd.event-flush-interval=1s"]);
}

#[test]
fn what_can_not_be_used_is_refused_in_one_sentence() {
    for (args, sentence) in [
        (&["--collector.nosuch"][..], "unknown flag --collector.nosuch; did you mean --collector.os?"),
        (&["--web.max-request=1"], "unknown flag --web.max-request; did you mean --web.max-requests?"),
        (&["--no-statsd.listen-udp"], "unknown flag --no-statsd.listen-udp; did you mean --statsd.listen-udp?"),
        (&["-x"], "unknown flag -x"),
        (&["serve"], "unexpected argument \"serve\"; did you mean service?"),
        (&["service"], "service needs a COMMAND; see tallyd service --help"),
        (&[""], "unexpected argument \"\""),
        (&["--", "run"], "unexpected argument \"run\""),
        (&["sned", "counter", "a", "1"], "unexpected argument \"sned\"; did you mean send?"),
        (&["--web.max-requests=1", "send", "counter", "a", "1"], TAKE_NONE),
        (&["send", "counter", "a"], "send needs TYPE, NAME and VALUE; see tallyd send --help"),
        (&["send", "countr", "a", "1"], SEND_TYPES),
        (&["send", "counter", "a", "1", "2"], "unexpected argument \"2\""),
        (&["send", "counter", "a", "1", "--rat", "1"], "unknown flag --rat; did you mean --rate?"),
        (&["send", "counter", "a", "1", "--tag"], "--tag needs a value"),
        (&["send", "counter", "a", "1", "--tag", "-x"], "--tag needs a value"),
        (&["send", "counter", "a", "-x"], "unknown flag -x"),
        (&["service", "instal"], "unexpected argument \"instal\"; did you mean install?"),
        (&["service", "start", "stop"], "unexpected argument \"stop\""),
        (&["service", "start", "--follow"], "unknown flag --follow"),
        (&["service", "start", "--user=1"], "--user takes no value"),
        (&["service", "start", "--manager=init"], "--manager=init: it is one of systemd, launchd, procd"),
        (&["top", "--count=all"], "--count=all: it is a whole number up to 1000"),
        (&["top", "--count=1001"], "--count=1001: it is a whole number up to 1000"),
        (&["top", "now"], "unexpected argument \"now\""),
        (&["--collector.loadavg=true"], "--collector.loadavg takes no value"),
        (&["--web.max-requests"], "--web.max-requests needs a value"),
        (&["--statsd.mapping-config", "--log.level=warn"], "--statsd.mapping-config needs a value"),
        (&["--web.max-requests=many"], "--web.max-requests=many: it is a whole number, 0 or more"),
        (&["--web.max-requests=-1"], "--web.max-requests=-1: it is a whole number, 0 or more"),
        (
            &["--statsd.cache-size=99999999999999999999"],
            "--statsd.cache-size=99999999999999999999: the number is too large",
        ),
        (
            &["--statsd.listen-tcp=localhost"],
            "--statsd.listen-tcp=localhost: an address needs a port, such as 127.0.0.1:9100 or :9100",
        ),
        (&["--web.max-connections=0"], "--web.max-connections=0: it is from 1 to 65535"),
        (&["--web.max-connections=65536"], "--web.max-connections=65536: it is from 1 to 65535"),
        (&["--web.unixsocket-mode=rw"], "--web.unixsocket-mode=rw: a mode is up to four octal digits"),
        (
            &["--web.listen-address=vsock://:9100"],
            "--web.listen-address=vsock://:9100: vsock is not served; socat VSOCK-LISTEN:9100,fork UNIX-CONNECT:PATH \
             passes it on to a unix socket, which unix:///PATH makes",
        ),
        (&["--statsd.unixsocket-mode=9"], "--statsd.unixsocket-mode=9: a mode is up to four octal digits"),
        (
            &["--limit.memory=64MB"],
            "--limit.memory=64MB: a size is a whole number of bytes, or one with a unit of 1024: K, M, G, KiB, MiB or GiB",
        ),
        (&["--collector.perf"], "--collector.perf: tallyd has no collector perf"),
        (&["--collector.perf.cpus=0-3"], "--collector.perf.cpus: tallyd has no collector perf"),
        (&["--collector.ntp.server", "::1"], "--collector.ntp.server: tallyd has no collector ntp"),
    ] {
        assert_eq!(refused(args), (Some(2), sentence.to_owned()), "args: {args:?}");
    }
}

#[test]
fn of_some_words_each_flag_takes_its_own() {
    for (args, sentence) in [
        (&["--log.level="][..], "--log.level=: it is debug, info, warn or error"),
        (&["--log.level=loud"], "--log.level=loud: it is debug, info, warn or error"),
        (&["--log.format", "xml"], "--log.format=xml: it is logfmt or json"),
        (&["--log.format=JSON"], "--log.format=JSON: it is logfmt or json"),
        (&["--host.backend=other"], "--host.backend=other: it is native or portable"),
        (&["--help=web"], "--help takes no value"),
        (
            &["--web.enable-openmetrics-created"],
            "--web.enable-openmetrics-created=true: it takes --web.enable-openmetrics, whose format alone has it",
        ),
        (&["--version=1"], "--version takes no value"),
    ] {
        assert_eq!(refused(args), (Some(2), sentence.to_owned()), "args: {args:?}");
    }
    for arg in ["--log.level=INFO", "--log.level=Warn", "--log.format=json", "--host.backend=portable"] {
        assert_eq!(refused(&["--check-config", arg]), (Some(0), String::new()), "arg: {arg}");
    }
}

const TAKE_NONE: &str = "send, service and top take none of the agent's flags";
const SEND_TYPES: &str = "\"countr\": it is one of counter, gauge, timer, histogram, distribution, set";

#[test]
fn arguments_that_are_not_utf8_are_refused_too() {
    let raw = OsString::from_vec(b"--log.level=\xff".to_vec());
    let output = program().arg(raw).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(said, "tallyd: the argument \"--log.level=\\xFF\" is not UTF-8\n");
}

#[test]
fn a_file_stands_for_its_lines() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("args");
    let at = format!("@{}", file.display());
    fs::write(&file, "# flags\r\n\r\n--web.max-requests=7\r\n  --statsd.mapping-config=a b # c\r\n--log.level=warn")
        .unwrap();
    let found = values(&["--web.max-requests=1", "--log.level=error", &at, "--log.level=debug"]);
    assert_eq!(found.text("web.max-requests"), "7");
    assert_eq!(found.text("statsd.mapping-config"), "a b # c", "no shell reads the line");
    assert_eq!(found.text("log.level"), "debug", "a file counts where it stands");
    fs::write(&file, "").unwrap();
    values(&[&at, &at]);
}

#[test]
fn a_file_that_can_not_be_used_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let write = |name: &str, bytes: &[u8]| {
        fs::write(dir.path().join(name), bytes).unwrap();
    };
    write("unknown", b"\n--web.max-request=1\n");
    write("absent", b"--collector.perf\n");
    write("nested", b"# one\n@inner\n");
    write("two", b"--log.level warn\n");
    write("huge", "é".repeat(usize::try_from(MAX_FILE_BYTES).unwrap()).as_bytes());
    write("binary", b"--log.level=\xff\n");
    let path = |name: &str| dir.path().join(name).display().to_string();
    for (name, want) in [
        ("unknown", "unknown flag --web.max-request; did you mean --web.max-requests? (FILE, line 2)"),
        ("absent", "--collector.perf: tallyd has no collector perf (FILE, line 1)"),
        ("nested", "unexpected argument \"@inner\" (FILE, line 2)"),
        ("two", "\"--log.level warn\" is one argument: the value of a flag follows after = (FILE, line 1)"),
        ("huge", "can't read flags from FILE: it has more than 1048576 bytes"),
        ("binary", "can't read flags from FILE: it is not UTF-8"),
        ("missing", "can't read flags from FILE: No such file or directory (os error 2)"),
        (".", "can't read flags from FILE: Is a directory (os error 21)"),
    ] {
        let (code, said) = refused(&[&format!("@{}", path(name))]);
        assert_eq!((code, said), (Some(2), want.replace("FILE", &path(name))), "file: {name}");
    }
}

#[test]
fn what_is_wrong_in_a_file_is_told_with_its_own_line() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("args").display().to_string();
    let at = format!("@{file}");
    for (before, lines, want) in [
        (
            &[][..],
            "--log.level=info\n--log.level=bad\n",
            "--log.level=bad: it is debug, info, warn or error (FILE, line 2)",
        ),
        (
            &["--log.level=info"],
            "# a\n--log.level=bad",
            "--log.level=bad: it is debug, info, warn or error (FILE, line 2)",
        ),
        (&["--log.level=info"], "bad\n", "unexpected argument \"bad\" (FILE, line 1)"),
        (&[], "--web.max-requests=abc", "--web.max-requests=abc: it is a whole number, 0 or more (FILE, line 1)"),
        (&["--web.max-requests"], "\nabc", "--web.max-requests=abc: it is a whole number, 0 or more (FILE, line 2)"),
        (
            &["--web.max-requests=2"],
            "--log.level=info\n--web.max-requests",
            "--web.max-requests needs a value (FILE, line 2)",
        ),
        (
            &["--statsd.allow-from=::1"],
            "--statsd.allow-from=::/0\n--statsd.allow-from=x\n--statsd.allow-from=::2\n",
            "--statsd.allow-from=x: a network is ADDRESS/BITS or an address, such as 10.0.0.0/8, 192.168.1.7 or fd00::/8 \
             (FILE, line 2)",
        ),
        (&["service", "start"], "--user\n--user=1\n", "--user takes no value (FILE, line 2)"),
    ] {
        fs::write(&file, lines).unwrap();
        let args = [before, &[&at]].concat();
        assert_eq!(refused(&args), (Some(2), want.replace("FILE", &file)), "args: {args:?}, file: {lines:?}");
    }
    fs::write(&file, "--web.max-requests=abc\n").unwrap();
    let told = refused(&[&at, "--web.max-requests=abc"]).1;
    assert!(!told.contains("line"), "the last is from no file: {told}");
}

#[test]
fn what_is_sent_may_start_with_an_at_sign() {
    assert!(!Path::new("no-such-file").exists());
    for args in
        [&["send", "set", "users", "@no-such-file"][..], &["send", "counter", "a", "1", "--tag", "@no-such-file"]]
    {
        assert!(matches!(cli::parse(args.iter().copied()), Ok(Request::Send(_))), "args: {args:?}");
    }
}

#[test]
fn arguments_of_a_subcommand_come_in_any_order() {
    let send = |args: &[&str]| match cli::parse([&["send"], args].concat()) {
        Ok(Request::Send(matches)) => {
            let tags: Vec<&str> = matches.all("tag").collect();
            let operands = [0, 1, 2].map(|at| matches.operand(at)).join(" ");
            format!("{operands} {} {:?} {}", tags.join(" "), matches.value("rate"), matches.value("to").unwrap())
        }
        other => panic!("args: {args:?}: {other:?}"),
    };
    for (args, want) in [
        (&["gauge", "a", "-3"][..], "gauge a -3  None udp://127.0.0.1:8125"),
        (&["gauge", "a", "+.5", "--rate", "1"], "gauge a +.5  Some(\"1\") udp://127.0.0.1:8125"),
        (&["--tag=a=b", "set", "--tag", "c", "a", "-", "--to=x"], "set a - a=b c None x"),
        (&["set", "a", "--tag", "c", "--", "--tag"], "set a --tag c None udp://127.0.0.1:8125"),
        (&["--rate=1", "set", "", "", "--rate=2"], "set    Some(\"2\") udp://127.0.0.1:8125"),
    ] {
        assert_eq!(send(args), want, "args: {args:?}");
    }
    let service = |args: &[&str]| match cli::parse([&["service"], args].concat()) {
        Ok(Request::Service(matches)) => {
            let given = ["user", "follow"].map(|name| matches.given(name));
            (matches.verb(), given, matches.value("root").map(str::to_owned))
        }
        other => panic!("args: {args:?}: {other:?}"),
    };
    for (args, want) in [
        (&["start"][..], ("start", [false, false], None)),
        (&["--user", "logs", "-f"], ("logs", [true, true], None)),
        (&["logs", "--root", "/", "--follow", "--user"], ("logs", [true, true], Some("/".to_owned()))),
    ] {
        assert_eq!(service(args), want, "args: {args:?}");
    }
}

#[test]
fn a_check_ends_before_anything_is_opened() {
    let dir = tempfile::tempdir().unwrap();
    let rules = dir.path().join("rules.yml");
    for (yaml, code) in [("mappings: []\n", 0), ("mappings:\n- match: a.b\n", 2)] {
        fs::write(&rules, yaml).unwrap();
        let args = ["--check-config", &format!("--statsd.mapping-config={}", rules.display())];
        assert_eq!(refused(&args).0, Some(code), "mapping: {yaml}");
    }
}

#[test]
fn a_check_tells_what_a_start_would_meet() {
    let dir = tempfile::tempdir().unwrap();
    let rules = dir.path().join("rules.yml");
    fs::write(&rules, "mappings:\n- {match: a.*, name: a}\n- {match: a.b, name: b}\n- {match: a.*, name: c}\n")
        .unwrap();
    let (code, said) = refused(&["--check-config", &format!("--statsd.mapping-config={}", rules.display())]);
    assert_eq!((code, said.lines().count()), (Some(0), 1), "{said}");
    assert!(said.contains("mapping rule on line 4: no metric reaches") && said.contains("level=WARN"), "{said}");
    let long = dir.path().join("s".repeat(108)).display().to_string();
    let missing = dir.path().join("no/state").display().to_string();
    for (flag, value, why) in [
        ("--statsd.listen-unixgram", &long, "the path of a unix socket may not have so many bytes"),
        ("--statsd.listen-unixstream", &long, "the path of a unix socket may not have so many bytes"),
        ("--statsd.state-file", &missing, "there is no such folder"),
    ] {
        let arg = format!("{flag}={value}");
        assert_eq!(refused(&["--check-config", &arg]), (Some(2), format!("{arg}: {why}")));
    }
    assert_eq!(refused(&["--check-config", "--statsd.state-file=state"]), (Some(0), String::new()));
}

#[test]
fn the_path_of_the_metrics_is_one_that_can_be_asked_for() {
    let why = "a path starts with /, is not below /-/, and has no ?, #, % or white space";
    for path in ["", "metrics", "/metrics?x", "/a#b", "/a%20b", "/a b", "/a\tb", "/\u{1}", "/-/healthy", "//-/ready"] {
        let arg = format!("--web.telemetry-path={path}");
        assert_eq!(refused(&["--check-config", &arg]), (Some(2), format!("{arg}: {why}")));
    }
    for (path, served) in [("/", "/"), ("//", "/"), ("//metrics", "/metrics"), ("/a//b", "/a//b"), ("/ä/-/", "/ä/-/")]
    {
        let web = tallyd::web::flags::Web::new(&values(&[&format!("--web.telemetry-path={path}")])).unwrap();
        assert_eq!(web.settings.telemetry_path, served, "path: {path:?}");
    }
}

#[test]
fn who_asks_for_help_gets_it() {
    let printed = |args: &[&str]| match cli::parse(args.iter().copied()) {
        Ok(Request::Print(text)) => text,
        other => panic!("args: {args:?}: {other:?}"),
    };
    let long = printed(&["--help"]);
    for (args, part) in [
        (&["--help"][..], "--[no-]collector.arp.netlink"),
        (&["--nosuch", "--help"], "--[no-]collector.arp.netlink"),
        (&["-h"], "Every flag: tallyd --help"),
        (&["send", "--help"], "Usage: tallyd send [OPTIONS] TYPE NAME VALUE"),
        (&["send", "-h"], "--tag=KEY=VALUE ..."),
        (&["service", "--help"], "install"),
        (&["service", "install", "-h"], "--manager"),
        (&["--version"], env!("CARGO_PKG_VERSION")),
        (&["-V"], env!("CARGO_PKG_VERSION")),
        (&["-Vh"], env!("CARGO_PKG_VERSION")),
        (&["-hV"], "Every flag: tallyd --help"),
    ] {
        assert!(printed(args).contains(part), "args: {args:?}: {}", printed(args));
    }
    for flag in tallyd::config::sections().iter().flat_map(|section| &section.flags) {
        assert!(long.contains(&tallyd::help::head(flag)), "--help has --{}", flag.name);
    }
}
