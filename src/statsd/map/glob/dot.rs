//! The tree of globs as a graph that Graphviz draws, for `--debug.dump-fsm`.

use super::{Globs, NONE, ROOT};
use crate::statsd::map::rule::{EventKind, Rule};
use std::io::{self, Write};

impl Globs {
    /// Writes the tree, once for each kind of event. `rule` tells what a rule is.
    pub fn dot<'a>(&self, rule: impl Fn(u32) -> Option<&'a Rule>, out: &mut dyn Write) -> io::Result<()> {
        let mut children: Vec<Vec<(&str, u32)>> = vec![Vec::new(); self.nodes.len()];
        let mut words = vec![""; self.words.len()];
        self.words.iter().for_each(|(word, id)| words[*id as usize] = word);
        self.edges.iter().for_each(|((node, word), child)| {
            children[*node as usize].push((words[*word as usize], *child));
        });
        for (node, children) in self.nodes.iter().zip(&mut children) {
            children.extend(Some(node.star).filter(|star| *star != NONE).map(|star| ("*", star)));
            children.sort_unstable();
        }
        writeln!(out, "digraph g {{\nrankdir=LR\nnode [ label=\"\",style=filled,fillcolor=white,shape=circle ]")?;
        writeln!(out, "0 [color=\"#a94442\",fillcolor=\"#f2dede\"];")?;
        let mut count = 0;
        for kind in EventKind::ALL {
            count += 1;
            writeln!(out, "0 -> {count}  [label = \"{}\"];", kind.name())?;
            writeln!(out, "{count} [color=\"#D6B656\",fillcolor=\"#FFF2CC\"];")?;
            let mut queue = vec![(count, ROOT)];
            while let Some((number, node)) = queue.pop() {
                for (word, child) in &children[node as usize] {
                    let state = &self.nodes[*child as usize].kinds[kind as usize];
                    if state.least > state.most {
                        continue;
                    }
                    count += 1;
                    queue.push((count, *child));
                    writeln!(out, "{number} -> {count}  [label = \"{word}\"];")?;
                    if let Some(rule) = rule(state.rule) {
                        let tip = format!("line {}: {}", rule.line, rule.matching);
                        writeln!(out, "{count} [color=\"#82B366\",fillcolor=\"#D5E8D4\",tooltip=\"{tip}\"];")?;
                    }
                }
            }
        }
        writeln!(out, "}}")
    }
}
