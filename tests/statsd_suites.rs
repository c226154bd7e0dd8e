//! The recorded suites of statsd_exporter, all cases that share flags against one running agent: each metric's name has a
//! prefix of its case, so that what a case expects is there beside what all others left behind.
//!
//! The suites stand beside the checkout (`SUITES` names another place). Cases with a mapping file, with pauses, or that
//! end the start are left to `.ci/conformance`, which starts an agent for each.

#![allow(clippy::unwrap_used, clippy::print_stderr)]

mod common;

use common::{Agent, PATIENCE};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream, UdpSocket};
use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};
use std::{env, fs};

/// A name and its labels; bounds and quantiles by their value.
type Series = (String, BTreeMap<String, String>);

/// What is there: values by series, types by name.
type Shown = (BTreeMap<Series, f64>, BTreeMap<String, String>);

struct Case {
    title: String,
    prefix: String,
    proto: String,
    packets: Vec<Vec<u8>>,
    expected: Shown,
}

fn suites() -> Option<PathBuf> {
    let given = env::var_os("SUITES").map(PathBuf::from);
    let dir = given.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/conformance/statsd"));
    if dir.is_dir() {
        return Some(dir);
    }
    eprintln!("skipped: there are no recorded suites at {}", dir.display());
    None
}

/// The cases of all suites, by their flags.
fn cases(dir: &Path) -> BTreeMap<Vec<String>, Vec<Case>> {
    let mut by_flags = BTreeMap::<_, Vec<Case>>::new();
    let mut files: Vec<PathBuf> = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    for file in files.iter().filter(|file| file.extension().is_some_and(|extension| extension == "json")) {
        let suite: Value = serde_json::from_slice(&fs::read(file).unwrap()).unwrap();
        for case in suite.as_array().unwrap() {
            let packets: Option<Vec<Vec<u8>>> = case["packets"].as_array().unwrap().iter().map(bytes).collect();
            let Some(packets) = packets.filter(|_| case["mapping"].is_null() && case["expect"]["exit"].is_null())
            else {
                continue;
            };
            let flags: Vec<String> = case["flags"].as_array().into_iter().flatten().map(text).collect();
            let cases = by_flags.entry(flags).or_default();
            let prefix = format!("c{}_", cases.len());
            cases.push(Case {
                title: format!("{}: {}", file.file_name().unwrap().to_string_lossy(), text(&case["name"])),
                proto: case["proto"].as_str().unwrap_or("udp").to_owned(),
                packets: with_prefix(&prefix, packets, case["proto"] == "tcp"),
                expected: expected(&prefix, &case["expect"]),
                prefix,
            });
        }
    }
    by_flags
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

/// The bytes of a packet; `None` for a pause.
fn bytes(packet: &Value) -> Option<Vec<u8>> {
    let packet = packet.as_str()?;
    Some(packet.strip_prefix("b64:").map_or_else(|| packet.as_bytes().to_vec(), from_base64))
}

fn from_base64(text: &str) -> Vec<u8> {
    const DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let digit = |byte| DIGITS.iter().position(|digit| *digit == byte).unwrap();
    let (mut out, mut bits, mut held) = (Vec::new(), 0, 0);
    for byte in text.bytes().filter(|byte| *byte != b'=') {
        (held, bits) = ((held << 6 | digit(byte)) & 0xffff, bits + 6);
        if bits >= 8 {
            bits -= 8;
            out.push(u8::try_from(held >> bits & 0xff).unwrap());
        }
    }
    out
}

/// Puts the prefix before the name of each line that has one. A stream's line may begin in one packet and end in another.
fn with_prefix(prefix: &str, packets: Vec<Vec<u8>>, is_stream: bool) -> Vec<Vec<u8>> {
    let mut begins = true;
    let packets = packets.into_iter().map(|packet| {
        begins |= !is_stream;
        let mut out = Vec::new();
        for line in packet.split_inclusive(|byte| *byte == b'\n') {
            let check = if line.starts_with(b"_sc|") { 4 } else { 0 };
            out.extend_from_slice(&line[..check]);
            if begins
                && !line.starts_with(b"_e{")
                && !matches!(line.get(check), None | Some(b'\n' | b'\r' | b':' | b'|'))
            {
                out.extend_from_slice(prefix.as_bytes());
            }
            out.extend_from_slice(&line[check..]);
            begins = line.ends_with(b"\n");
        }
        out
    });
    packets.collect()
}

/// What a case expects, under its prefix. A name with a digit in front, which gets `_` there, is no such name behind it.
fn expected(prefix: &str, expect: &Value) -> Shown {
    let rename = |name: &str| {
        let bare = name.strip_prefix('_').filter(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
        [prefix, bare.unwrap_or(name)].concat()
    };
    let samples = expect["samples"].as_object().into_iter().flatten().map(|(key, value)| {
        let (name, labels) = series(key);
        ((rename(&name), labels), number(value.as_str().unwrap()))
    });
    let types = expect["types"].as_object().into_iter().flatten();
    (samples.collect(), types.map(|(name, kind)| (rename(name), text(kind))).collect())
}

/// Reads `name{label="value",...}`.
fn series(text: &str) -> Series {
    let Some((name, rest)) = text.split_once('{') else { return (text.to_owned(), BTreeMap::new()) };
    let (mut rest, mut labels) = (rest.strip_suffix('}').unwrap(), BTreeMap::new());
    while let Some((label, after)) = rest.split_once("=\"") {
        let mut escaped = false;
        let end = after.bytes().position(|byte| {
            let ends = byte == b'"' && !escaped;
            escaped = byte == b'\\' && !escaped;
            ends
        });
        let (value, after) = after.split_at(end.unwrap());
        let bound =
            Some(value).filter(|_| matches!(label, "le" | "quantile")).and_then(|value| value.parse::<f64>().ok());
        labels.insert(label.to_owned(), bound.map_or_else(|| value.to_owned(), |bound| bound.to_string()));
        rest = after[1..].trim_start_matches(',');
    }
    (name.to_owned(), labels)
}

fn number(text: &str) -> f64 {
    text.replace("Inf", "inf").parse().unwrap()
}

/// Names that the suites leave out, since a host's metrics have them.
const LEFT_OUT: [&str; 8] =
    ["go_", "process_", "promhttp_", "node_", "statsd_exporter_", "statsd_metric_mapper_", "tallyd_", "scrape_"];

/// Everything that has the prefix of a case.
fn shown(body: &str) -> BTreeMap<String, Shown> {
    let is_case = |name: &str| {
        let parts = name.strip_prefix('c').and_then(|rest| rest.split_once('_'));
        parts.is_some_and(|(digits, name)| {
            let is_number = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
            is_number && !LEFT_OUT.iter().any(|prefix| name.starts_with(prefix))
        })
    };
    let prefix = |name: &str| [name.split('_').next().unwrap(), "_"].concat();
    let mut all = BTreeMap::<String, Shown>::new();
    for line in body.lines() {
        if let Some((name, kind)) = line.strip_prefix("# TYPE ").and_then(|rest| rest.split_once(' ')) {
            if is_case(name) {
                all.entry(prefix(name)).or_default().1.insert(name.to_owned(), kind.to_owned());
            }
        } else if !line.starts_with('#') && is_case(line) {
            let (key, value) = line.rsplit_once(' ').unwrap();
            all.entry(prefix(line)).or_default().0.insert(series(key), number(value));
        }
    }
    all
}

/// Sends the packets of a case and waits until a stream is read to its end.
fn send(case: &Case, agent: &Agent) {
    match case.proto.as_str() {
        "tcp" => {
            let mut stream = TcpStream::connect(agent.statsd("tcp")).unwrap();
            stream.set_read_timeout(Some(PATIENCE)).unwrap();
            case.packets.iter().for_each(|packet| stream.write_all(packet).unwrap());
            stream.shutdown(Shutdown::Write).unwrap();
            assert_eq!(stream.read(&mut [0]).unwrap(), 0, "{}", case.title);
        }
        "unixgram" => {
            let socket = UnixDatagram::unbound().unwrap();
            socket.connect(agent.statsd("unixgram")).unwrap();
            case.packets.iter().for_each(|packet| assert_eq!(socket.send(packet).unwrap(), packet.len()));
        }
        _ => {
            let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
            socket.connect(agent.statsd("udp")).unwrap();
            case.packets.iter().for_each(|packet| assert_eq!(socket.send(packet).unwrap(), packet.len()));
        }
    }
}

/// Waits until all datagrams are read. A socket is read in order, so what came before an event is there with its count;
/// an event takes no series, where there may be no more of these.
fn await_all(cases: &[Case], agent: &Agent) {
    const EVENT: &[u8] = b"_e{1,1}:a|b";
    let lines = cases.iter().flat_map(|case| &case.packets).flat_map(|packet| packet.split(|byte| *byte == b'\n'));
    let mut events = u32::try_from(lines.filter(|line| line.starts_with(b"_e{")).count()).unwrap();
    for proto in ["udp", "unixgram"] {
        let packets = vec![EVENT.to_vec()];
        let (title, prefix, expected) = (String::new(), String::new(), Shown::default());
        send(&Case { title, prefix, proto: proto.into(), packets, expected }, agent);
        events += 1;
    }
    agent.await_value("tallyd_statsd_dogstatsd_messages_total{kind=\"event\"}", events.into());
}

fn is_close(one: f64, other: f64) -> bool {
    one == other || one.is_nan() && other.is_nan() || (one - other).abs() <= 1e-9 * one.abs().max(other.abs()).max(1.0)
}

/// What a case lacks, has besides, or has otherwise.
fn differences(case: &Case, got: &Shown) -> Vec<String> {
    let (want, none) = (&case.expected, f64::NEG_INFINITY);
    let keys: BTreeSet<&Series> = want.0.keys().chain(got.0.keys()).collect();
    let of = |shown: &Shown, key| shown.0.get(key).copied();
    let values = keys.into_iter().filter(|key| {
        let (want, got) = (of(want, key), of(got, key));
        want.is_some() != got.is_some() || !is_close(want.unwrap_or(none), got.unwrap_or(none))
    });
    let mut out: Vec<String> = values
        .map(|key| format!("{}: {key:?}: want {:?}, got {:?}", case.title, of(want, key), of(got, key)))
        .collect();
    if want.1 != got.1 {
        out.push(format!("{}: types: want {:?}, got {:?}", case.title, want.1, got.1));
    }
    out
}

#[test]
fn one_agent_shows_what_each_recorded_case_expects() {
    let Some(dir) = suites() else { return };
    let (mut wrong, mut count) = (Vec::new(), 0);
    for (flags, cases) in cases(&dir) {
        let folder = tempfile::tempdir().unwrap();
        let unixgram = format!("--statsd.listen-unixgram={}", folder.path().join("s").display());
        let mut all = vec!["--collector.disable-defaults", &unixgram];
        all.extend(flags.iter().map(String::as_str));
        let agent = Agent::start(&all);
        cases.iter().for_each(|case| send(case, &agent));
        await_all(&cases, &agent);
        let mut got = shown(&agent.metrics());
        count += cases.len();
        wrong.extend(cases.iter().flat_map(|case| differences(case, &got.remove(&case.prefix).unwrap_or_default())));
        assert!(got.is_empty(), "of no case: {got:?}");
    }
    assert!(wrong.is_empty(), "{} differences:\n{}", wrong.len(), wrong.join("\n"));
    assert!(count > 0, "{} has no cases", dir.display());
    eprintln!("{count} cases");
}
