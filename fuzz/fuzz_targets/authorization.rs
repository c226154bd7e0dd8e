//! Values of the Authorization header: each is a login or none.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tallyd::web::secure::login::Login;

fuzz_target!(|value: &str| {
    let is_login = Login::parse(value).is_some();
    assert!(!is_login || value.get(..6).is_some_and(|scheme| scheme.eq_ignore_ascii_case("basic ")));
});
