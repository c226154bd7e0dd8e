use super::*;
use proptest::prelude::*;

const HOST: &str = "Host: a\r\n";

fn request(line: &str, fields: &str) -> Result<Request, Refusal> {
    parse(format!("{line}\r\n{fields}\r\n").as_bytes())
}

#[test]
fn targets_are_split_and_decoded() {
    for (target, path, query) in [
        ("/metrics", "/metrics", ""),
        ("/metrics?collect[]=cpu?", "/metrics", "collect[]=cpu?"),
        ("/a%2Fb+c?", "/a/b+c", ""),
        ("http://host:9100/metrics?x", "/metrics", "x"),
        ("http://host", "/", ""),
        ("http://host?x=/", "/", "x=/"),
        ("/redirect?to=http://x/y", "/redirect", "to=http://x/y"),
    ] {
        let got = request(&format!("GET {target} HTTP/1.1"), HOST).unwrap();
        assert_eq!((got.path.as_str(), got.query.as_str()), (path, query), "target: {target:?}");
    }
}

#[test]
fn heads_that_are_not_served_say_why() {
    let bad = Refusal::BadHead;
    let version = bad("only HTTP/1.0 and HTTP/1.1 are spoken here");
    let malformed = bad("its head is malformed");
    for (head, want) in [
        ("PRI * HTTP/2.0\r\n\r\n", version),
        ("GET / HTTP/3\r\n\r\n", version),
        ("GET /\r\n\r\n", malformed),
        ("nonsense\r\n\r\n", malformed),
        ("GET / HTTP/1.1\r\n: x\r\n\r\n", malformed),
        ("GET / HTTP/1.1\r\nHost : x\r\n\r\n", malformed),
        ("GET / HTTP/1.1\r\nHost: a\r\n folded\r\n\r\n", malformed),
        ("GET / HTTP/1.1\r\n\r\n", bad("it needs one Host field")),
        ("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", bad("it needs one Host field")),
        ("GET * HTTP/1.1\r\nHost: a\r\n\r\n", bad("its target is no path")),
        ("GET metrics HTTP/1.1\r\nHost: a\r\n\r\n", bad("its target is no path")),
        ("GET ?x HTTP/1.1\r\nHost: a\r\n\r\n", bad("its target is no path")),
        ("GET / HTTP/1.0\r\nContent-Length: 4000000000\r\n\r\n", Refusal::Body),
        ("GET / HTTP/1.0\r\nContent-Length: -1\r\n\r\n", bad("its Content-Length is no number")),
        ("GET / HTTP/1.0\r\nContent-Length: 0\r\nContent-Length: 9\r\n\r\n", Refusal::Body),
        ("GET / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", Refusal::Body),
        ("GET / HTTP/1.0\r\nExpect: 100-Continue\r\n\r\n", Refusal::Expect),
        ("GET / HTTP/1.0\r\nExpect: 200-ok\r\n\r\n", Refusal::Expectation),
        ("DELETE / HTTP/1.0\r\nContent-Length: 5\r\n\r\n", Refusal::Method),
        ("POST / HTTP/1.0\r\nContent-Length: 5\r\n\r\n", Refusal::Body),
        ("OPTIONS * HTTP/1.0\r\n\r\n", Refusal::Method),
        ("BREW / HTTP/1.0\r\n\r\n", Refusal::Method),
    ] {
        assert_eq!(parse(head.as_bytes()).map(|r| r.path), Err(want), "head: {head:?}");
    }
    let fields: String = (0..=MAX_HEADERS).map(|n| format!("X-{n}: 1\r\n")).collect();
    assert_eq!(request("GET / HTTP/1.0", &fields).map(|r| r.path), Err(Refusal::TooManyHeaders));
}

#[test]
fn a_connection_is_kept_as_the_version_has_it() {
    for (version, fields, want) in [
        ("1.1", "", true),
        ("1.1", "Connection: close\r\n", false),
        ("1.1", "Connection: foo, Close\r\n", false),
        ("1.1", "Connection: keep-alive\r\nConnection: close\r\n", false),
        ("1.0", "", false),
        ("1.0", "Connection: Keep-Alive\r\n", true),
    ] {
        let got = request(&format!("GET / HTTP/{version}"), &format!("{HOST}{fields}")).unwrap();
        assert_eq!(got.keep_alive, want, "HTTP/{version} {fields:?}");
    }
}

#[test]
fn an_end_is_found_wherever_the_bytes_were_cut() {
    for head in ["GET / HTTP/1.0\r\nA: b\r\n\r\n", "GET / HTTP/1.0\n\n", "GET / HTTP/1.0\nA: b\n\r\n"] {
        let all = [head.as_bytes(), b"GET /next"].concat();
        for cut in 0..head.len() {
            assert_eq!(find_end(&all[..cut], 0), None, "head: {head:?} cut at {cut}");
            assert_eq!(find_end(&all, cut), Some(head.len()), "head: {head:?} cut at {cut}");
        }
    }
    assert_eq!(blank_prefix(b"\r\n\nGET"), 3);
}

#[test]
fn a_header_is_found_whatever_its_case_and_junk_is_left_out() {
    let got = parse(b"GET / HTTP/1.0\r\nx-prometheus-scrape-timeout-seconds: 10\r\nB: \xff\r\n\r\n").unwrap();
    assert_eq!(got.scrape_timeout(), Some(Duration::from_secs(10)));
    assert_eq!(got.header("B"), "");
    assert_eq!(got.headers.len(), 1);
}

#[test]
fn every_refusal_is_a_sentence_and_a_known_reason() {
    let clause = Refusal::BadHead("its target is no path");
    let all = [
        clause,
        Refusal::HeadTooLarge(8192),
        Refusal::TooManyHeaders,
        Refusal::HeadTimeout,
        Refusal::Body,
        Refusal::Expect,
        Refusal::Expectation,
        Refusal::Method,
    ];
    let more = [Refusal::ScrapeLimit(40), Refusal::Unauthorized, Refusal::TooManyLogins];
    for refusal in all.into_iter().chain(more) {
        assert!(crate::web::stats::REFUSED.contains(&refusal.reason()), "{refusal:?}");
        assert!(refusal.sentence().ends_with('.'), "{refusal:?}");
    }
}

proptest! {
    #[test]
    fn no_head_panics(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        drop(parse(&bytes));
        if let Some(end) = find_end(&bytes, 0) {
            prop_assert!(end <= bytes.len() && bytes[end - 1] == b'\n');
        }
    }

    #[test]
    fn no_likely_head_panics(
        text in "(GET|HEAD|POST) (/|\\*|http:)[%?a-z/:]{0,20} HTTP/1\\.[01]\r\n((Host|Connection|Content-Length|A): [ -~é]{0,9}\r\n){0,4}\r\n",
    ) {
        if let Ok(request) = parse(text.as_bytes()) {
            prop_assert!(!request.path.is_empty());
        }
    }

    #[test]
    fn where_bytes_are_cut_makes_no_difference(text in "[\r\n a-c]{0,30}", cut in 0usize..30) {
        let bytes = text.as_bytes();
        let cut = cut.min(bytes.len());
        if find_end(&bytes[..cut], 0).is_none() {
            prop_assert_eq!(find_end(bytes, cut), find_end(bytes, 0));
        }
    }
}
