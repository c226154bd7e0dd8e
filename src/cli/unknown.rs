//! What is said of an argument that is in no table.

use crate::compat;
use strsim::jaro;

/// Names that are less alike are not meant. Source: what clap takes.
const ALIKE: f64 = 0.7;

/// A flag, with its dashes and without its value, by what else there is.
pub fn flag<N: AsRef<str>>(text: &str, known: impl Iterator<Item = N>) -> String {
    let name = text.split(' ').next().unwrap_or_default();
    if let Some(why) = name.strip_prefix("--").and_then(compat::refusal) {
        return format!("{name}: {why}");
    }
    if name != text {
        return format!("{text:?} is one argument: the value of a flag follows after =");
    }
    meant(format!("unknown flag {text}"), text, known)
}

/// What is no flag, by what could be in its place.
pub fn operand<N: AsRef<str>>(text: &str, known: impl Iterator<Item = N>) -> String {
    meant(format!("unexpected argument {text:?}"), text, known)
}

fn meant<N: AsRef<str>>(sentence: String, text: &str, known: impl Iterator<Item = N>) -> String {
    // Dashes are alike in all flags.
    let bare = |text: &str| text.trim_start_matches('-').to_owned();
    let alike = known.map(|name| (jaro(&bare(text), &bare(name.as_ref())), name)).filter(|(alike, _)| *alike > ALIKE);
    match alike.max_by(|(one, _), (other, _)| one.total_cmp(other)) {
        Some((_, name)) => format!("{sentence}; did you mean {}?", name.as_ref()),
        None => sentence,
    }
}
