//! Values of the Authorization header: each is a login or none.

use tallyd::web::secure::login::Login;

/// Panics where it does not hold.
pub fn check(data: &[u8]) {
    let Ok(value) = std::str::from_utf8(data) else { return };
    let is_login = Login::parse(value).is_some();
    assert!(!is_login || value.get(..6).is_some_and(|scheme| scheme.eq_ignore_ascii_case("basic ")));
}
