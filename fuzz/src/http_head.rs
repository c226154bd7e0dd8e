//! Heads of requests: where one ends does not depend on how its bytes arrive, and what is let through is what routes
//! expect.

use tallyd::web::head::{self, MAX_HEADERS};
use tiny_http::Method;

/// Panics where it does not hold.
pub fn check(data: &[u8]) {
    let skipped = head::blank_prefix(data);
    let data = &data[skipped..];
    let end = head::find_end(data, 0);
    for scanned in 0..data.len().min(64) {
        let before = head::find_end(&data[..scanned], 0);
        match before {
            Some(_) => assert_eq!(before, end, "bytes behind the end don't matter"),
            None => assert_eq!(head::find_end(data, scanned), end, "scanned: {scanned}"),
        }
    }
    let whole = &data[..end.unwrap_or(data.len())];
    match head::parse(whole) {
        Ok(request) => {
            assert!(end.is_some(), "a head without an end is none");
            assert!(head::may_begin(data));
            assert!(matches!(request.method, Method::Get | Method::Head) || request.is_command());
            assert!(request.path.starts_with('/'), "{:?}", request.path);
            assert!(request.headers.len() <= MAX_HEADERS);
            let _ = request.scrape_timeout();
        }
        Err(refusal) => {
            assert!((400..=599).contains(&refusal.status().0));
            assert!(refusal.sentence().ends_with('.'));
        }
    }
}
