//! Descriptors: name, help, kind and label names of a family.

/// The type of a family, as the `# TYPE` line has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A total that only grows, until its source restarts.
    Counter,
    /// A value that goes up and down.
    Gauge,
    /// Quantiles with `_sum` and `_count`.
    Summary,
    /// Cumulative buckets with `_sum` and `_count`.
    Histogram,
    /// A value whose source does not say what it is.
    Untyped,
}

impl Kind {
    /// The word of the `# TYPE` line in text 0.0.4.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::Gauge => "gauge",
            Self::Summary => "summary",
            Self::Histogram => "histogram",
            Self::Untyped => "untyped",
        }
    }

    /// Suffixes of the sample names that a family of this kind exposes besides, or instead of, its bare name.
    pub const fn suffixes(self) -> &'static [&'static str] {
        match self {
            Self::Summary => &["_sum", "_count"],
            Self::Histogram => &["_bucket", "_sum", "_count"],
            Self::Counter | Self::Gauge | Self::Untyped => &[],
        }
    }
}

/// A family: what its samples mean. Static for most metrics, built on the fly where the kernel names them.
///
/// ```
/// use tallyd::model::Desc;
/// static LOAD1: Desc<'static> = Desc::gauge("node_load1", "1m load average.", &[]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Desc<'a> {
    /// Name of the family, valid as a Prometheus metric name.
    pub name: &'a str,
    /// One sentence for people; escaped on the way out.
    pub help: &'a str,
    /// Type of the family.
    pub kind: Kind,
    /// Label names, in the order in which [`Family::sample`](super::Family::sample) takes their values.
    pub labels: &'a [&'a str],
}

impl<'a> Desc<'a> {
    /// A family of the given kind.
    pub const fn new(kind: Kind, name: &'a str, help: &'a str, labels: &'a [&'a str]) -> Self {
        Self { name, help, kind, labels }
    }

    /// A counter.
    pub const fn counter(name: &'a str, help: &'a str, labels: &'a [&'a str]) -> Self {
        Self::new(Kind::Counter, name, help, labels)
    }

    /// A gauge.
    pub const fn gauge(name: &'a str, help: &'a str, labels: &'a [&'a str]) -> Self {
        Self::new(Kind::Gauge, name, help, labels)
    }

    /// A family without a type.
    pub const fn untyped(name: &'a str, help: &'a str, labels: &'a [&'a str]) -> Self {
        Self::new(Kind::Untyped, name, help, labels)
    }
}

/// References to each descriptor of a table, as a collector's declaration wants them.
pub const fn refs<const N: usize>(table: &'static [Desc<'static>; N]) -> [&'static Desc<'static>; N] {
    let mut out = [&table[0]; N];
    let mut i = 1;
    while i < N {
        out[i] = &table[i];
        i += 1;
    }
    out
}

/// The same for a table that says beside each descriptor where its figure comes from.
pub const fn heads<T, const N: usize>(table: &'static [(Desc<'static>, T); N]) -> [&'static Desc<'static>; N] {
    let mut out = [&table[0].0; N];
    let mut i = 1;
    while i < N {
        out[i] = &table[i].0;
        i += 1;
    }
    out
}
