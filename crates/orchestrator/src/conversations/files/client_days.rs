//! What guests of one client have uploaded within a day, however many guests they were.
//!
//! It is kept in memory, as it is there alone that a guest's client is known: a restart of the server
//! begins a new day for everybody.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use budget::Client;

/// How long an upload counts, at most.
const DAY: Duration = Duration::from_secs(24 * 3_600);
/// Clients that are remembered. Beyond it the one who uploaded least is forgotten.
const CLIENTS_MAX: usize = 10_000;

/// Each client's day.
#[derive(Debug, Default)]
pub(super) struct ClientDays {
    days: BTreeMap<Client, Day>,
}

#[derive(Clone, Copy, Debug)]
struct Day {
    began_at: Instant,
    bytes: u64,
}

impl ClientDays {
    /// Bytes that a client's guests have uploaded today.
    pub(super) fn bytes(&self, client: Client, now: Instant) -> u64 {
        self.days.get(&client).filter(|day| day.lasts(now)).map_or(0, |day| day.bytes)
    }

    /// Counts an upload.
    pub(super) fn add(&mut self, client: Client, bytes: u64, now: Instant) {
        if !self.days.contains_key(&client) && self.days.len() >= CLIENTS_MAX {
            self.make_room(now);
        }
        let day = self.days.entry(client).or_insert(Day { began_at: now, bytes: 0 });
        if !day.lasts(now) {
            *day = Day { began_at: now, bytes: 0 };
        }
        day.bytes += bytes;
    }

    fn make_room(&mut self, now: Instant) {
        self.days.retain(|_, day| day.lasts(now));
        while self.days.len() >= CLIENTS_MAX
            && let Some(least) =
                self.days.iter().min_by_key(|(_, day)| day.bytes).map(|(client, _)| *client)
        {
            self.days.remove(&least);
        }
    }
}

impl Day {
    fn lasts(&self, now: Instant) -> bool {
        now.saturating_duration_since(self.began_at) < DAY
    }
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr};

    use super::*;

    fn client(number: u32) -> Client {
        Client::of(IpAddr::V4(Ipv4Addr::from_bits(0x0a00_0000 + number)))
    }

    #[test]
    fn a_day_ends() {
        let (mut days, now) = (ClientDays::default(), Instant::now());
        days.add(client(1), 7, now);
        days.add(client(1), 2, now + DAY / 2);
        assert_eq!(days.bytes(client(1), now + DAY / 2), 9);
        assert_eq!(days.bytes(client(2), now), 0);
        assert_eq!(days.bytes(client(1), now + DAY), 0);
        days.add(client(1), 3, now + DAY);
        assert_eq!(days.bytes(client(1), now + DAY), 3);
    }

    #[test]
    fn whoever_uploaded_least_is_forgotten_first() {
        let (mut days, now) = (ClientDays::default(), Instant::now());
        for number in 0..CLIENTS_MAX as u32 {
            days.add(client(number), 10 + u64::from(number == 77), now);
        }
        days.add(client(77), 1, now);
        days.add(client(CLIENTS_MAX as u32), 5, now);
        assert_eq!(days.days.len(), CLIENTS_MAX);
        assert_eq!(days.bytes(client(77), now), 12);
        assert_eq!(days.bytes(client(CLIENTS_MAX as u32), now), 5);
    }
}
