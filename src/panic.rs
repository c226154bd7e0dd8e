//! What a panic does: it ends the process, whichever thread it is on.

/// A fault of the program. Source: sysexits(3), `EX_SOFTWARE`.
pub const STATUS: i32 = 70;

/// Ends the process when any thread panics, after its message. Half an agent is worse than none, and whoever keeps the
/// service starts a whole one. `end` is what ends it.
pub fn end_on_panic(end: fn(i32) -> !) {
    let tell = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        tell(info);
        end(STATUS);
    }));
}
