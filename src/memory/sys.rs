//! mallopt(3) and malloc_trim(3).
#![allow(unsafe_code)]

/// Sets the number of heaps to one, and from how many free bytes on its end is cut off.
pub fn keep_small(trim_bytes: i32) {
    for (parameter, value) in [(libc::M_ARENA_MAX, 1), (libc::M_TRIM_THRESHOLD, trim_bytes)] {
        // SAFETY: mallopt takes no pointers. A parameter that it does not know changes nothing.
        let _known = unsafe { libc::mallopt(parameter, value) };
    }
}

/// Gives free pages back to the system.
pub fn give_back() {
    // SAFETY: malloc_trim takes no pointers and leaves blocks that are in use where they are.
    let _released = unsafe { libc::malloc_trim(0) };
}
