use super::emit_family;
use super::merge::Merged;
use super::parse::{Family, ParseError, parse};
use super::read::{Limits, clean, read};
use crate::encode::Encoder;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

/// What the collector writes for the given families.
fn body(families: Vec<Family>) -> String {
    let (mut merged, mut encoder, mut out) = (Merged::default(), Encoder::default(), Vec::new());
    merged.add("a.prom", families);
    let (families, _) = merged.finish();
    families.iter().for_each(|family| emit_family(family, &mut encoder));
    encoder.take(&mut out);
    String::from_utf8(out).unwrap()
}

#[test]
fn what_the_format_allows_is_accepted() {
    for (text, want) in [
        ("", ""),
        ("\n \t\n", ""),
        (" \t", ""),
        ("# a comment\n#\n#EOF\n# HELP\n# TYPE\n# HELP a\n# TYPE a\n", ""),
        ("a 1\n", "# HELP a Metric read from a.prom\n# TYPE a untyped\na 1\n"),
        (" a\t 1 \n", "# HELP a Metric read from a.prom\n# TYPE a untyped\na 1\n"),
        ("a{} +Inf\n", "# HELP a Metric read from a.prom\n# TYPE a untyped\na +Inf\n"),
        ("#TYPE a GAUGE\n#  HELP a  x \\\\ \\n y\na NaN\n", "# HELP a x \\\\ \\n y\n# TYPE a gauge\na NaN\n"),
        ("# HELP a \n# TYPE a counter\na 1e3\n", "# HELP a Metric read from a.prom\n# TYPE a counter\na 1000\n"),
        (
            "# HELP a x\na { b = \"\\\"\\\\\\n}\" , c=\"#\", }-1.5\n",
            "# HELP a x\n# TYPE a untyped\na{b=\"\\\"\\\\\\n}\",c=\"#\"} -1.5\n",
        ),
        (
            "# HELP a x\na{b=\"1\"} 1\na{c=\"2\"} 2\na 3\n",
            "# HELP a x\n# TYPE a untyped\na{b=\"1\",c=\"\"} 1\na{b=\"\",c=\"2\"} 2\na{b=\"\",c=\"\"} 3\n",
        ),
        (
            "# HELP a x\n# TYPE a summary\na_count 3\na{quantile=\"0.90\"} 7\na{quantile=\"0.5\"} 5\na_sum 9\n",
            "# HELP a x\n# TYPE a summary\na{quantile=\"0.5\"} 5\na{quantile=\"0.9\"} 7\na_sum 9\na_count 3\n",
        ),
        (
            "# HELP a x\n# TYPE a histogram\na_bucket{le=\"1.0\",b=\"c\"} 2\na_bucket{b=\"c\",le=\"1\"} 3\na_sum{b=\"c\"} 4\n\
             a_count{b=\"c\"} 5\n",
            "# HELP a x\n# TYPE a histogram\na_bucket{b=\"c\",le=\"1\"} 3\na_bucket{b=\"c\",le=\"+Inf\"} 5\n\
             a_sum{b=\"c\"} 4\na_count{b=\"c\"} 5\n",
        ),
        ("# HELP a_sum x\na_sum 1\n", "# HELP a_sum x\n# TYPE a_sum untyped\na_sum 1\n"),
    ] {
        assert_eq!(parse(text.as_bytes()).map(body), Ok(want.to_owned()), "text: {text:?}");
    }
}

#[test]
fn everything_else_is_refused_with_its_line() {
    for (text, line, why) in [
        ("a 1", 1, "the last line has no line feed; is the file still being written?"),
        ("a 1\nb", 2, "the last line has no line feed; is the file still being written?"),
        ("a 1\n\nb 1 1441205977284\n", 3, "\"1441205977284\" after the value: samples with a timestamp are not taken"),
        ("a\n", 1, "the value \"\" is not a number"),
        ("a one\n", 1, "the value \"one\" is not a number"),
        ("a 1\r\n", 1, "the value \"1\\r\" is not a number"),
        ("1a 1\n", 1, "a line begins with no name of a metric"),
        ("{\"a\"} 1\n", 1, "a line begins with no name of a metric"),
        ("a{b} 1\n", 1, "no = after the label b"),
        ("a{b=c} 1\n", 1, "a label's value is not in quotes"),
        ("a{b=\"c} 1\n", 1, "the quotes of a label's value do not end"),
        ("a{b=\"\\", 1, "the last line has no line feed; is the file still being written?"),
        ("a{b=\"\\\n", 1, "a line ends in a backslash"),
        ("a{b=\"\\x\"} 1\n", 1, "there is no escape \\x"),
        ("a{b=\"c\" d=\"e\"} 1\n", 1, "neither , nor } after the label b"),
        ("a{b=\"c\",b=\"d\"} 1\n", 1, "the label b is there twice"),
        ("a{,} 1\n", 1, "no name of a label where one is expected"),
        ("a{b:c=\"d\"} 1\n", 1, "no = after the label b"),
        ("a{__name__=\"b\"} 1\n", 1, "the label __name__ is the metric's own name"),
        ("a 1\n# TYPE a counter\n", 2, "a second TYPE line for a, or one after its samples"),
        ("# HELP a x\n# HELP a x\n", 2, "a second HELP line for a"),
        ("# HELP a \\x\n", 1, "there is no escape \\x"),
        ("# TYPE a counted\n", 1, "there is no type \"counted\""),
        ("# TYPE 1a counter\n", 1, "no name of a metric in a comment"),
        ("# TYPE a- counter\n", 1, "no name of a metric in a comment"),
        ("# TYPE a summary\na 1\n", 2, "a summary's sample has no label quantile"),
        ("# TYPE a summary\na{quantile=\"x\"} 1\n", 2, "the label quantile is \"x\" and not a number"),
        ("# TYPE a histogram\na_bucket 1\n", 2, "a histogram's sample has no label le"),
        ("# TYPE a histogram\na_count -1\n", 2, "-1 is no number of observations"),
    ] {
        let want = ParseError { line, why: why.into() };
        assert_eq!(parse(text.as_bytes()), Err(want), "text: {text:?}");
    }
    let want = ParseError { line: 2, why: "not UTF-8".into() };
    assert_eq!(parse(b"a 1\nb{c=\"\xff\"} 1\n"), Err(want));
}

#[test]
fn files_that_contradict_each_other_are_named() {
    let mut merged = Merged::default();
    for (file, text) in [
        ("1", "# HELP a x\na 1\n# TYPE b gauge\nb 1\nc 1\n"),
        ("2", "# HELP a y\na{f=\"2\"} 2\n# TYPE b counter\nb{f=\"2\"} 2\nc{g=\"\"} 2\nc{g=\"h\"} 3\n"),
        ("3", "a{f=\"3\"} 3\n# HELP b z\n# TYPE b gauge\nb{f=\"3\"} 3\nnode_scrape_collector_success 1\n"),
    ] {
        merged.add(file, parse(text.as_bytes()).unwrap());
    }
    let (families, complaints) = merged.finish();
    let got: Vec<_> = families.iter().map(|f| (f.name.as_str(), f.help.as_deref().unwrap(), f.series.len())).collect();
    assert_eq!(got, [("a", "x", 2), ("b", "z", 2), ("c", "Metric read from 1, 2", 2)]);
    let want = [
        "2:1: a has another help text in 1",
        "2:3: b is a gauge in 1",
        "2:5: c has 1 series that are there before with the same labels",
        "3:5: node_scrape_collector_success is a name of the agent's own",
    ];
    assert_eq!(complaints, want);
}

#[test]
fn a_broken_file_spoils_itself_alone() {
    let root = tempfile::tempdir().unwrap();
    let at = |name: &str| root.path().join(name);
    fs::write(at("good.prom"), "a 1\n").unwrap();
    fs::write(at("half.prom"), "# TYPE b gauge\nb 2\nc{d=\"e").unwrap();
    fs::write(at("other.txt"), "not a metric").unwrap();
    fs::create_dir(at("directory.prom")).unwrap();
    fs::File::create(at("large.prom")).unwrap().set_len(1001).unwrap();
    symlink("good.prom", at("link.prom")).unwrap();
    symlink("nowhere", at("lost.prom")).unwrap();
    let patterns = [format!("{}/.", root.path().display()), format!("{}/*.txt", root.path().display())];
    let found = read(&patterns, &Limits { files: 1024, file_bytes: 1000, bytes: 2000 });
    let name = |path: &str| at(path).display().to_string();
    assert_eq!(found.mtimes.keys().cloned().collect::<Vec<_>>(), [name("good.prom"), name("link.prom")]);
    assert_eq!(found.families.iter().map(|f| f.name.as_str()).collect::<Vec<_>>(), ["a"]);
    let want = [
        format!("{}: Not a directory (os error 20)", name("other.txt")),
        format!("{}: not a regular file", name("directory.prom")),
        format!("{}:3: the last line has no line feed; is the file still being written?", name("half.prom")),
        format!("{}: more than 1000 bytes, or 2000 with the files before", name("large.prom")),
        format!("{}: No such file or directory (os error 2)", name("lost.prom")),
        format!("{}:1: a has 1 series that are there before with the same labels", name("link.prom")),
    ];
    assert_eq!(found.complaints, want);
}

#[test]
fn paths_are_named_as_go_cleans_them() {
    for (path, want) in [
        ("./a/b.prom", "a/b.prom"),
        ("/a//b/./c.prom", "/a/b/c.prom"),
        ("/a/../b.prom", "/b.prom"),
        ("/../b.prom", "/b.prom"),
        ("../a/../../b.prom", "../../b.prom"),
    ] {
        assert_eq!(clean(Path::new(path)), Path::new(want), "path: {path}");
    }
}

/// Lines that are nearly right, so that chance gets deep.
const LINE: &str = "# (HELP|TYPE) [ab](_sum|_bucket)? (counter|gauge|summary|histogram|x \\\\n)|\
    [ab](_sum|_count|_bucket)?(\\{((a|le|quantile)=\"[01x]?\",?){0,2}\\})? -?[0-9]{1,3}(\\.5|e300)?|.{0,20}";

proptest::proptest! {
    #[test]
    fn no_text_makes_it_panic(lines in proptest::collection::vec(LINE, 0..8), bytes: Vec<u8>) {
        drop(parse(&bytes));
        drop(parse((lines.join("\n") + "\n").as_bytes()));
    }

    #[test]
    fn what_is_written_reads_back_the_same(lines in proptest::collection::vec(LINE, 0..4)) {
        // Of most texts some line is wrong, so each is tried alone too.
        for text in std::iter::once(lines.join("\n") + "\n").chain(lines.iter().map(|line| format!("{line}\n"))) {
            if let Ok(families) = parse(text.as_bytes()) {
                let written = body(families);
                proptest::prop_assert_eq!(parse(written.as_bytes()).map(body), Ok(written));
            }
        }
    }
}
