//! A limit on the memory of the whole process (`--limit.memory`): whether there is room for more.
//!
//! The figure is the resident set, as `process_resident_memory_bytes` shows it: what no estimate of ours could tell, since
//! it has what the allocator keeps and what other parts of the agent take. To ask for it costs some microseconds, so it is
//! asked once a second, and when so much was taken since that it may have changed; in between, what was taken is added to
//! it. Who takes nothing new asks nothing.
//!
//! Free memory between blocks that are in use counts as resident. Before anything is refused it is given back where a page
//! is free as a whole, and while there is no room, a new thing may take the place of one that went, which leaves a gap of its
//! size: or an agent whose series come and go would refuse for ever what fits.

/// What may be taken between two looks at the resident set.
const BYTES_A_LOOK: usize = 256 << 10;
const THINGS_A_LOOK: usize = 500;

/// There is no room from the limit on, and room again when memory is below it by this part of it, a sixteenth. A figure
/// that was at the limit goes up and down a little with each scrape (a piece of its body, 64 KiB) and with each page that
/// is given back: of usual limits, tens of MiB, a sixteenth is some MiB, which neither of them moves.
const MARGIN: usize = 16;

/// Tells the resident set in bytes, where the system does.
pub type Resident = Box<dyn FnMut() -> Option<u64> + Send>;

/// Whether there is room for more.
#[derive(Default)]
pub struct Room(Option<Watched>);

/// A process with a limit.
struct Watched {
    most: usize,
    ask: Resident,
    /// The resident set when it was asked for last.
    resident: usize,
    /// What was taken since, in bytes and in things.
    taken: usize,
    things: usize,
    /// Whether free pages were given back since the last second began.
    trimmed: bool,
    /// While there is no room: how many things there were when that began.
    full_at: Option<usize>,
}

impl Room {
    /// Room up to a limit.
    pub fn new(most: usize, ask: Resident) -> Self {
        let mut watched = Watched { most, ask, resident: 0, taken: 0, things: 0, trimmed: false, full_at: None };
        watched.look();
        Self(Some(watched))
    }

    /// The limit, if there is one.
    pub fn most(&self) -> Option<usize> {
        self.0.as_ref().map(|watched| watched.most)
    }

    /// Whether there is none left.
    pub fn is_full(&self) -> bool {
        self.0.as_ref().is_some_and(|watched| watched.full_at.is_some())
    }

    /// Takes room for a thing of so many bytes that is to stay, of which there are `held` by now; `false` where there is
    /// none.
    pub fn take(&mut self, bytes: usize, held: usize) -> bool {
        let Some(watched) = &mut self.0 else { return true };
        let taken = match watched.full_at {
            Some(full_at) => held < full_at && watched.try_take(bytes, watched.most + watched.most / MARGIN),
            None => watched.try_take(bytes, watched.most) || watched.trim() && watched.try_take(bytes, watched.most),
        };
        if !taken && watched.full_at.is_none() {
            watched.full_at = Some(held);
            log::warn!(
                "memory is at its limit: {} bytes are resident of --limit.memory={}; new series are refused",
                watched.resident,
                watched.most
            );
        }
        taken
    }

    /// Takes room for something that can be done without, which is not asked for where things are refused.
    pub fn take_if_plenty(&mut self, bytes: usize) -> bool {
        let Some(watched) = &mut self.0 else { return true };
        watched.full_at.is_none() && watched.try_take(bytes, watched.most)
    }

    /// To be called once a second: whether there is room again.
    pub fn turn(&mut self) {
        let Some(watched) = &mut self.0 else { return };
        watched.trimmed = false;
        if watched.full_at.is_none() {
            return watched.look();
        }
        watched.trim();
        if watched.resident <= watched.most - watched.most / MARGIN {
            watched.full_at = None;
            log::info!(
                "memory is below its limit again: {} bytes are resident; new series are taken",
                watched.resident
            );
        }
    }
}

impl Watched {
    /// Asks for the resident set. Where it can't be told, the last figure and what was taken since stand for it.
    fn look(&mut self) {
        if let Some(resident) = (self.ask)() {
            self.resident = usize::try_from(resident).unwrap_or(usize::MAX);
            self.taken = 0;
        }
        self.things = 0;
    }

    /// Takes so many bytes, if memory stays at or below `most` with them.
    fn try_take(&mut self, bytes: usize, most: usize) -> bool {
        let fits = |this: &Self| this.resident.saturating_add(this.taken).saturating_add(bytes) <= most;
        let is_due = self.taken >= BYTES_A_LOOK || self.things >= THINGS_A_LOOK || self.things > 0 && !fits(self);
        if is_due {
            self.look();
        }
        let fits = fits(self);
        if fits {
            self.taken += bytes;
            self.things += 1;
        }
        fits
    }

    /// Gives free pages back, once a second at the most; `false` where that was done already.
    fn trim(&mut self) -> bool {
        if std::mem::replace(&mut self.trimmed, true) {
            return false;
        }
        super::give_back();
        self.look();
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU64, Ordering};

    /// A room of 1600 bytes in a process whose size is set by the test, with a count of the looks.
    struct Process {
        room: Room,
        resident: Arc<AtomicU64>,
        looks: Arc<AtomicU64>,
    }

    fn process(resident: u64, most: usize) -> Process {
        let (resident, looks) = (Arc::new(AtomicU64::new(resident)), Arc::new(AtomicU64::new(0)));
        let (asked, counted) = (Arc::clone(&resident), Arc::clone(&looks));
        let ask = move || {
            counted.fetch_add(1, Ordering::Relaxed);
            Some(asked.load(Ordering::Relaxed)).filter(|figure| *figure > 0)
        };
        Process { room: Room::new(most, Box::new(ask)), resident, looks }
    }

    impl Process {
        fn set(&self, resident: u64) {
            self.resident.store(resident, Ordering::Relaxed);
        }

        fn looks(&self) -> u64 {
            self.looks.swap(0, Ordering::Relaxed)
        }
    }

    #[test]
    fn without_a_limit_there_is_room_for_all() {
        let mut room = Room::default();
        assert!(room.take(usize::MAX, 0) && room.take_if_plenty(usize::MAX));
        room.turn();
        assert_eq!((room.is_full(), room.most()), (false, None));
    }

    #[test]
    fn room_ends_at_the_limit_and_comes_back_a_sixteenth_below_it() {
        let mut p = process(1000, 1600);
        assert_eq!([p.room.take(600, 0), p.room.is_full()], [true, false]);
        // What was taken did not become resident: the estimate is held against the figure.
        assert_eq!([p.room.take(600, 1), p.room.is_full()], [true, false]);
        p.set(1600);
        assert_eq!([p.room.take(1, 2), p.room.is_full()], [false, true]);
        for (resident, is_full) in [(1599, true), (1501, true), (1500, false), (1599, false)] {
            p.set(resident);
            p.room.turn();
            assert_eq!(p.room.is_full(), is_full, "at {resident}");
        }
    }

    #[test]
    fn what_went_leaves_room_for_as_many_as_long_as_memory_is_near_the_limit() {
        let mut p = process(1600, 1600);
        assert!(!p.room.take(1, 10) && !p.room.take(1, 10));
        assert!(p.room.take(1, 9), "one of ten went");
        assert!(!p.room.take_if_plenty(1), "for nothing else");
        assert!(!p.room.take(1, 10), "there are ten again");
        p.set(1701);
        p.room.turn();
        assert!(!p.room.take(1, 5), "a sixteenth above the limit");
    }

    #[test]
    fn what_can_be_done_without_does_not_make_the_room_full() {
        let mut p = process(1599, 1600);
        assert_eq!([p.room.take_if_plenty(2), p.room.is_full(), p.room.take(1, 0)], [false, false, true]);
    }

    #[test]
    fn the_resident_set_is_asked_for_when_it_may_have_changed() {
        let mut p = process(1000, 1 << 40);
        assert_eq!(p.looks(), 1);
        for _ in 0..1000 {
            assert!(p.room.take(1, 0));
        }
        assert_eq!(p.looks(), 1, "a look for each 500 things");
        for _ in 0..8 {
            assert!(p.room.take(BYTES_A_LOOK, 0));
        }
        assert_eq!(p.looks(), 8, "and for each 256 KiB");
        p.room.turn();
        assert_eq!(p.looks(), 1, "and each second");
        p.set(1 << 40);
        p.room.turn();
        p.looks();
        for _ in 0..1000 {
            assert!(!p.room.take(1, 0));
        }
        assert_eq!(p.looks(), 1, "what is refused asks nothing: one look after free pages were given back");
    }

    #[test]
    fn a_figure_that_can_not_be_had_is_the_last_one_and_what_was_taken() {
        let mut p = process(1000, 1600);
        p.set(0);
        assert_eq!([p.room.take(600, 0), p.room.take(1, 1)], [true, false]);
    }
}
