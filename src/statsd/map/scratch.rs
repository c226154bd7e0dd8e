//! Memory that matching uses again and again.

use std::ops::Range;

/// What [`Mapper::find`](super::Mapper::find) needs for a moment; one a thread.
#[derive(Debug, Default)]
pub struct Scratch {
    /// The parts of the name, by their place in it.
    pub(super) parts: Vec<Range<usize>>,
    /// Their numbers in the tree of globs.
    pub(super) words: Vec<u32>,
    /// Nodes of the tree to look into, with their depth.
    pub(super) stack: Vec<(u32, usize)>,
    /// Regular expressions to try.
    pub(super) candidates: Vec<u32>,
    /// Literals already seen in the name.
    pub(super) seen: Vec<bool>,
    /// The rendered name and the rendered label values, one after the other.
    pub(super) text: String,
    /// Where each of them ends.
    pub(super) ends: Vec<usize>,
}
