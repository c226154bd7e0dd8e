//! The man page: its flags from the table, the rest of its text here.

use super::{NOTE, completions};
use clap_mangen::Man;
use clap_mangen::roff::{Inline, Roff, bold, italic, roman};
use tallyd::cli::SUBCOMMANDS;
use tallyd::config::{self, Section};
use tallyd::flag::{Flag, Takes};
use tallyd::help;
use tallyd::subcommand::Subcommand;

const DESCRIPTION: &[&str] = &[
    "tallyd takes the place of node_exporter and statsd_exporter at once. It reads the host (CPU, memory, disks, network \
     and the rest) whenever it is scraped, takes StatsD lines over UDP, TCP and unix sockets, and shows both on /metrics in the text format of Prometheus. Names of metrics, labels and flags are those of the two exporters.",
    "It listens on loopback until a flag says otherwise: metrics on 127.0.0.1:9100, StatsD on port 8125.",
];

const EXIT: &[(&str, &str)] = &[
    ("0", "A signal ended the agent, or what was asked for is done."),
    ("1", "A socket can't be had, or a metric can't be sent."),
    ("2", "A flag, a file that one names, or a socket that was passed can't be used. One sentence on stderr says why."),
    ("70", "A fault of the program itself; whoever keeps the service starts it again."),
];

const SIGNALS: &[(&str, &str)] = &[
    ("SIGTERM, SIGINT", "End within two seconds: sockets are closed, a unix socket is removed."),
    ("SIGHUP", "Read the mapping file again. One that can't be used is told in the log, and the old rules stay."),
];

const FILES: &[(&str, &str)] = &[
    ("/proc, /sys, /run/udev/data", "Where host metrics come from; the --path flags point elsewhere."),
    ("/proc/self", "Where the agent's own metrics come from, whatever the flags say."),
    (
        "--statsd.mapping-config=FILE",
        "Rules that give StatsD metrics names and labels, in the form of statsd_exporter.",
    ),
    ("--collector.textfile.directory=DIR", "Files *.prom that other programs leave their metrics in."),
];

const ENVIRONMENT: &[(&str, &str)] = &[
    (
        "LISTEN_PID, LISTEN_FDS, LISTEN_FDNAMES",
        "Sockets that a service manager passes, as sd_listen_fds(3) has it; see docs/restarts.md.",
    ),
    (
        "NOTIFY_SOCKET, WATCHDOG_USEC, WATCHDOG_PID",
        "Where the service manager is told how the agent is, as sd_notify(3) has it.",
    ),
];

pub const EXAMPLES: &[(&str, &str)] = &[
    (
        "tallyd --web.listen-address=:9100 --statsd.listen-udp=:9125 --statsd.listen-tcp=:9125",
        "Listen as the two exporters do, on all interfaces.",
    ),
    ("tallyd --collector.disable-defaults --collector.cpu --collector.meminfo", "Run two collectors alone."),
    ("tallyd @/etc/tallyd.args", "Take the flags from a file, one a line."),
    ("tallyd --check-config @/etc/tallyd.args", "Check that file and the mapping file that it names."),
    ("tallyd send counter app.hits 1 --tag env=prod", "Send one metric to the agent on this host."),
    ("curl -s http://127.0.0.1:9100/metrics", "See all metrics."),
    ("curl -s 'http://127.0.0.1:9100/metrics?collect[]=cpu&collect[]=meminfo'", "See those of two collectors."),
];

const SEE_ALSO: &str = "prometheus(1), promtool(1), curl(1), proc(5), systemd.service(5), and docs/ in the source: README.md, metrics.md, mapping.md.";

pub fn page() -> String {
    let mut out = format!(".\\\" {NOTE}\n").into_bytes();
    let man = Man::new(completions::command().about("one small agent for a host and its apps"))
        .title("TALLYD")
        .manual("User Commands");
    man.render_title(&mut out).unwrap();
    man.render_name_section(&mut out).unwrap();
    let mut roff = Roff::new();
    // Long names and defaults leave nothing to stretch.
    roff.control("ad", ["l"]);
    section(&mut roff, "SYNOPSIS");
    roff.text([bold("tallyd"), roman(" ["), italic("FLAGS"), roman("] [@"), italic("FILE"), roman("]")]);
    for command in SUBCOMMANDS {
        let (name, rest) = command.usage.split_once(" [OPTIONS]").unwrap();
        roff.control("br", []);
        roff.text([bold(name), roman(" ["), italic("OPTIONS"), roman("]"), italic(rest)]);
    }
    section(&mut roff, "DESCRIPTION");
    for paragraph in DESCRIPTION {
        roff.control("PP", []);
        roff.text([roman(*paragraph)]);
    }
    flags(&mut roff);
    subcommands(&mut roff);
    for (heading, items) in
        [("EXIT STATUS", EXIT), ("SIGNALS", SIGNALS), ("FILES", FILES), ("ENVIRONMENT", ENVIRONMENT)]
    {
        section(&mut roff, heading);
        items.iter().for_each(|(what, text)| item(&mut roff, [bold(*what)], text));
    }
    section(&mut roff, "EXAMPLES");
    for (command, text) in EXAMPLES {
        item(&mut roff, [bold(*command)], text);
    }
    section(&mut roff, "SEE ALSO");
    roff.text([roman(SEE_ALSO)]);
    roff.to_writer(&mut out).unwrap();
    let page = String::from_utf8(out).unwrap();
    page.lines().map(|line| format!("{}\n", line.trim_end())).collect()
}

fn section(roff: &mut Roff, heading: &str) {
    roff.control("SH", [heading]);
}

fn item<const N: usize>(roff: &mut Roff, what: [Inline; N], text: &str) {
    roff.control("TP", []);
    roff.text(what);
    roff.text([roman(text)]);
}

/// Every flag, in the sections of help.
fn flags(roff: &mut Roff) {
    section(roff, "OPTIONS");
    roff.text([roman(help::NOTES)]);
    item(roff, [bold("-h")], "Print the flags most often needed.");
    item(roff, [bold("--help")], "Print every flag.");
    item(roff, [bold("-V"), roman(", "), bold("--version")], "Print the version.");
    for Section { heading, flags } in config::sections() {
        roff.control("SS", [heading]);
        for flag in &flags {
            flag_item(roff, flag);
        }
    }
}

fn flag_item(roff: &mut Roff, flag: &Flag) {
    let name = &flag.name;
    let text = help::text(flag);
    match flag.takes {
        Takes::Switch => item(roff, [bold("--"), roman("["), bold("no-"), roman("]"), bold(name.as_ref())], &text),
        Takes::Value(word) => item(roff, [bold(format!("--{name}")), roman("="), italic(word)], &text),
        Takes::Values(word) => item(roff, [bold(format!("--{name}")), roman("="), italic(word), roman(" ...")], &text),
    }
}

/// The subcommands.
fn subcommands(roff: &mut Roff) {
    for command in SUBCOMMANDS {
        section(roff, &format!("TALLYD {}", command.name.to_uppercase()));
        roff.text([roman(format!("{}.", command.about))]);
        for verb in command.verbs {
            item(roff, [bold(verb.name)], &format!("{}.", verb.about));
            arguments(roff, verb);
        }
        arguments(roff, command);
    }
}

fn arguments(roff: &mut Roff, command: &Subcommand) {
    for operand in command.operands {
        item(roff, [italic(operand.word)], &help::with_choices(operand.help, operand.choices, ""));
    }
    for option in command.options {
        let (long, text) =
            (bold(format!("--{}", option.name)), help::with_choices(option.help, option.choices, option.default));
        match option.takes {
            Takes::Switch => item(roff, [long], &text),
            Takes::Value(word) | Takes::Values(word) => item(roff, [long, roman(" "), italic(word)], &text),
        }
    }
}
