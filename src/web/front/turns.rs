//! Turns with the workers: who of those with something to do is next.

use super::Front;
use crate::web::WORKERS;
use crate::web::conn::Conn;
use crate::web::crowd;
use crossbeam_channel::TrySendError;

/// Connections that the workers have at once: what they do, and what they do next, so that none waits for the front.
pub const HANDED: usize = 2 * WORKERS;

impl Front {
    /// Notes that there is something to do for the workers.
    pub(super) fn dispatch(&mut self, conn: Box<Conn>) -> Option<Box<Conn>> {
        self.to_do.push(conn);
        None
    }

    /// Hands out what the workers can take: those first whose client has the fewest scrapes in flight, and of these who has
    /// waited the longest. A client with many has no more turns by it, and others are not behind all of them.
    pub(super) fn hand_out(&mut self) {
        while self.busy < HANDED {
            let in_flight = self.to_do.iter().map(|conn| self.scraping.count(crowd::source(conn.peer)));
            let Some((_, at)) = in_flight.zip(0..).min() else { return };
            let conn = self.to_do.remove(at);
            let workers = if self.busy == 0 { &self.parts.first } else { &self.parts.jobs };
            match workers.try_send(conn) {
                Ok(()) => self.busy += 1,
                // The queue has room for all that are handed out, and the workers end after the front.
                Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) => {
                    debug_assert!(false, "the queue has room")
                }
            }
        }
    }
}
