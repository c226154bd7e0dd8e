//! Random expressions on random texts, one after the other with the same memory: whether they match, and what their groups
//! hold, against the regex crate.

#![allow(clippy::unwrap_used)]

use proptest::prelude::*;
use proptest::sample::select;
use regex::bytes::RegexBuilder;
use tallyd::pattern::{Pattern, Search, parse};

/// An expression of small parts.
fn expression() -> impl Strategy<Value = String> {
    let leaves = ["a", "b", "ab", "[ab]", "[^a]", ".", "é", "", "^", "$", "(?-u:\\b)", "(?-u:\\B)", "(?m:^)", "[a-é]"];
    let leaf = select(leaves.to_vec()).prop_map(str::to_owned);
    leaf.prop_recursive(5, 24, 4, |inner| {
        let repeats = ["*", "+", "?", "*?", "+?", "??", "{2}", "{0,3}", "{1,2}?", "{0,300}"];
        prop_oneof![
            3 => prop::collection::vec(inner.clone(), 1..4).prop_map(|parts| parts.concat()),
            2 => prop::collection::vec(inner.clone(), 1..4).prop_map(|parts| format!("(?:{})", parts.join("|"))),
            2 => inner.clone().prop_map(|part| format!("({part})")),
            2 => (inner, select(repeats.to_vec())).prop_map(|(part, repeat)| format!("(?:{part}){repeat}")),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn groups_are_those_of_the_regex_crate(
        expressions in prop::collection::vec(expression(), 3),
        texts in prop::collection::vec(prop::collection::vec(select(vec!["a", "b", "é", ".", "\n"]), 0..9), 5),
    ) {
        let mut search = Search::default();
        for expression in expressions {
            let Ok((ours, groups)) = Pattern::compile(&parse(&expression).unwrap(), 1 << 20) else { continue };
            let theirs = RegexBuilder::new(&expression).build().unwrap();
            for text in texts.iter().map(|parts| parts.concat()) {
                let want = theirs.captures(text.as_bytes());
                let want = want.map(|found| found.iter().map(|group| group.map(|m| m.range())).collect::<Vec<_>>());
                let got = ours.search(text.as_bytes(), &mut search);
                let got = got.then(|| (0..groups.count()).map(|group| search.group(group)).collect::<Vec<_>>());
                prop_assert_eq!(got, want, "{:?} on {:?}", expression, text);
            }
        }
    }
}
