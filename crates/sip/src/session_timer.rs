//! Session timers: a call whose ends have forgotten each other ends (RFC 4028).

use std::time::{Duration, Instant};

use crate::message::{Request, Response};

/// The shortest interval that is agreed to, s (RFC 4028 §4: not below 90).
pub const MIN_SE_S: u32 = 90;
/// The interval where the other end names none, s (RFC 4028 §4's recommendation).
pub const DEFAULT_SE_S: u32 = 1_800;
/// The longest interval that is agreed to, s: a day.
const MAX_SE_S: u32 = 86_400;

/// Who renews the session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refresher {
    /// We do.
    Us,
    /// The other end does.
    Peer,
}

/// What was agreed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionTimer {
    /// How long a session lives without being renewed, s.
    pub interval_s: u32,
    /// Who renews it.
    pub refresher: Refresher,
    /// The other end knows session timers itself.
    pub peer_supports: bool,
    /// When it was renewed last.
    renewed_at: Instant,
}

/// The interval is too short: 422, with our own least one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the session interval is below {MIN_SE_S} s")]
pub struct TooShort;

impl SessionTimer {
    /// What we, who are called, agree to (RFC 4028 §9); `None`: there is no timer.
    ///
    /// # Errors
    /// [`TooShort`].
    pub fn agreed(now: Instant, request: &Request) -> Result<Option<Self>, TooShort> {
        let peer_supports =
            request.names_option("Supported", "timer") || request.names_option("Require", "timer");
        let wanted = request.headers.get("Session-Expires").map(read);
        let (interval, refresher) = match wanted {
            Some((interval, refresher)) => (interval.unwrap_or(DEFAULT_SE_S), refresher),
            None if !peer_supports => return Ok(None),
            None => (DEFAULT_SE_S, None),
        };
        if interval < MIN_SE_S && peer_supports {
            return Err(TooShort);
        }
        let least = request.headers.get("Min-SE").and_then(|it| read(it).0).unwrap_or(MIN_SE_S);
        let interval_s = interval.max(least).clamp(MIN_SE_S, MAX_SE_S);
        let refresher = match (peer_supports, refresher) {
            // One who does not know timers renews nothing.
            (false, _) | (true, Some(Refresher::Us)) => Refresher::Us,
            (true, Some(Refresher::Peer) | None) => Refresher::Peer,
        };
        Ok(Some(Self { interval_s, refresher, peer_supports, renewed_at: now }))
    }

    /// What whoever we called agrees to (RFC 4028 §7.2); `None`: there is no timer.
    pub fn accepted(now: Instant, response: &Response) -> Option<Self> {
        let (interval, refresher) = read(response.headers.get("Session-Expires")?);
        let peer_supports = ["Supported", "Require"]
            .iter()
            .any(|name| response.headers.list(name).any(|tag| tag.eq_ignore_ascii_case("timer")));
        Some(Self {
            interval_s: interval.unwrap_or(DEFAULT_SE_S).clamp(MIN_SE_S, MAX_SE_S),
            // In an answer `uac` is who asked: we. `read` names them as a request does.
            refresher: match refresher {
                Some(Refresher::Us) => Refresher::Peer,
                Some(Refresher::Peer) | None => Refresher::Us,
            },
            peer_supports,
            renewed_at: now,
        })
    }

    /// The value of Session-Expires in our answer to a request of the other end's.
    pub fn answer(&self) -> String {
        let refresher = match self.refresher {
            Refresher::Us => "uas",
            Refresher::Peer => "uac",
        };
        format!("{};refresher={refresher}", self.interval_s)
    }

    /// The value of Session-Expires in our own request that renews it.
    pub fn request(&self) -> String {
        format!("{};refresher=uac", self.interval_s)
    }

    /// It was renewed.
    pub fn renewed(&mut self, now: Instant) {
        self.renewed_at = now;
    }

    /// When we renew it: at half of the interval (RFC 4028 §10).
    pub fn refresh_at(&self) -> Option<Instant> {
        let half = Duration::from_secs(self.interval_s.into()) / 2;
        (self.refresher == Refresher::Us).then(|| self.renewed_at + half)
    }

    /// When the call is given up: a little before the interval is over (RFC 4028 §10).
    pub fn expires_at(&self) -> Instant {
        let interval = Duration::from_secs(self.interval_s.into());
        let early = Duration::from_secs(32).min(interval / 3);
        self.renewed_at + (interval - early)
    }
}

/// The interval and who shall renew, as the caller's header names them.
fn read(value: &str) -> (Option<u32>, Option<Refresher>) {
    let mut parts = value.split(';').map(str::trim);
    let interval = parts.next().and_then(|it| it.parse().ok());
    let refresher = parts.find_map(|part| {
        let (name, value) = part.split_once('=')?;
        let (name, value) = (name.trim(), value.trim());
        match value {
            _ if !name.eq_ignore_ascii_case("refresher") => None,
            "uas" => Some(Refresher::Us),
            "uac" => Some(Refresher::Peer),
            _other => None,
        }
    });
    (interval, refresher)
}
