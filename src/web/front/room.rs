//! Making room: what has run out of time ends, and what nobody misses goes when others need its place.

use super::Front;
use crate::web::conn::{Conn, State};
use crate::web::head::Refusal;
use std::net::IpAddr;
use std::sync::atomic::Ordering;
use std::time::Instant;

impl Front {
    /// Closes the connection that has been idle the longest, of all or of one client. Whether there was one.
    pub(super) fn evict_idle(&mut self, of: Option<IpAddr>) -> bool {
        let is_of = |conn: &Conn| of.is_none() || conn.member.as_ref().and_then(|member| member.source) == of;
        let all = self.parked.iter().enumerate().map(|(at, conn)| (at, &**conn));
        let mut idle: Vec<(usize, &Conn)> = all.filter(|(_, conn)| conn.is_idle() && is_of(conn)).collect();
        idle.sort_unstable_by_key(|(_, conn)| conn.since);
        let longest = idle.iter().find(|(_, conn)| !conn.has_request_unread());
        let Some(at) = longest.map(|&(at, _)| at) else { return false };
        // Counted before its client can see it.
        self.parts.stats.connections_evicted.inc();
        self.parked.swap_remove(at);
        true
    }

    /// Ends what has run out of time.
    pub(super) fn expire(&mut self, now: Instant) {
        for listener in &mut self.listeners {
            listener.rests_until = listener.rests_until.filter(|&until| now < until);
        }
        for at in (0..self.parked.len()).rev() {
            if self.parked.get(at).is_none_or(|c| now < c.deadline || c.is_to_go_on(now)) {
                continue;
            }
            let conn = self.parked.swap_remove(at);
            match conn.state {
                State::Head => {
                    let conn = self.refuse(conn, Refusal::HeadTimeout, now);
                    self.parked.extend(conn);
                }
                State::Queued(_) => {
                    let refusal = self.parts.routes.give_up();
                    let conn = self.refuse(conn, refusal, now);
                    self.parked.extend(conn);
                }
                State::Handshake => self.handshake_failed("timeout"),
                State::Answering(_) | State::Opening(_) => self.abort(&conn, "too_slow"),
                _ => {}
            }
        }
    }

    /// Slow readers may not take the places of others: of more than a share of the scrapes that may be in flight at
    /// once, the one that has taken nothing for the longest goes.
    pub(super) fn end_crowding(&mut self) {
        let Some(most) = self.parts.max_waiting else { return };
        loop {
            let waiting = self.parked.iter().enumerate().filter(|(_, c)| c.is_answering());
            if waiting.clone().count() <= most {
                return;
            }
            let Some(at) = waiting.min_by_key(|(_, c)| c.since).map(|(at, _)| at) else { return };
            let conn = self.parked.swap_remove(at);
            self.abort(&conn, "crowded_out");
        }
    }

    pub(super) fn abort(&self, conn: &Conn, reason: &str) {
        self.parts.stats.responses_aborted.with_label_values(&[reason]).inc();
        // An error here only means that the client is gone already.
        conn.stream.reset_on_close().ok();
    }

    /// Whether it was told to stop and nothing is left to do.
    pub(super) fn is_over(&mut self, now: Instant) -> bool {
        if self.stops_at.is_none() && self.parts.stop.load(Ordering::Acquire) {
            self.stops_at = Some(now + self.parts.limits.stop_timeout);
            self.listeners.clear();
            let arrival = self.parts.limits.arrival_timeout;
            self.parked.retain_mut(|conn| {
                let is_arriving = conn.is_arriving() && now < conn.since + arrival;
                if is_arriving {
                    conn.deadline = conn.deadline.min(now + arrival);
                }
                is_arriving || conn.is_owed() || matches!(conn.state, State::Lingering(_))
            });
        }
        let Some(stops_at) = self.stops_at else { return false };
        if now >= stops_at {
            // Those that a worker has come back at the end of its turn and go the same way.
            let (parked, to_do) = (std::mem::take(&mut self.parked), std::mem::take(&mut self.to_do));
            for conn in parked.iter().filter(|conn| conn.is_owed()).chain(&to_do) {
                self.abort(conn, "stopping");
            }
        }
        let none_is_handed = self.busy == 0 && self.checking == 0 && self.to_do.is_empty();
        none_is_handed && !self.parked.iter().any(|conn| conn.is_owed() || conn.is_arriving())
    }
}
