//! SRTP with keys from the SDP, by `rtc-srtp`.

use std::time::{Duration, Instant};

use rtc_crypto::RTCCryptoProvider;
use rtc_crypto::providers::RingProvider;
use rtc_srtp::context::Context;
use rtc_srtp::option::{srtcp_replay_protection, srtp_replay_protection};
use rtc_srtp::protection_profile::ProtectionProfile;
use rtc_station::Rate;

use crate::crypto::{Master, Suite};
use crate::sdp::Keys;

/// Packets behind the newest that are still told from replays.
const REPLAY_WINDOW: usize = 128;
/// Sources that are tried with one key at most: each costs memory, whether it is authentic or not.
const SOURCES_TRIED_MAX: u32 = 256;
/// Between two of them, and how many may be at once, as time.
const TRIAL_INTERVAL: Duration = Duration::from_millis(100);
const TRIALS_BURST: Duration = Duration::from_millis(400);

/// Both directions of one session.
pub(crate) struct Protection {
    keys: Keys,
    outgoing: Context,
    incoming: Context,
    /// The sources that were tried last: RTP's and RTCP's.
    tried: [Option<u32>; 2],
    tried_count: u32,
    trials: Rate,
}

impl Protection {
    /// Takes the agreed keys; `None`: the cryptographic library refused, which it never does.
    pub fn new(keys: Keys, now: Instant) -> Option<Self> {
        Some(Self {
            outgoing: context(keys.suite, &keys.ours)?,
            incoming: context(keys.suite, &keys.theirs)?,
            keys,
            tried: [None; 2],
            tried_count: 0,
            trials: Rate::new(now, TRIALS_BURST),
        })
    }

    /// Takes the keys of a later agreement. What has not changed goes on: a key never sees the same packet
    /// number twice.
    pub fn rekey(&mut self, keys: Keys, now: Instant) -> Option<()> {
        if keys.ours != self.keys.ours || keys.suite != self.keys.suite {
            self.outgoing = context(keys.suite, &keys.ours)?;
        }
        if keys.theirs != self.keys.theirs || keys.suite != self.keys.suite {
            self.incoming = context(keys.suite, &keys.theirs)?;
            (self.tried, self.tried_count) = ([None; 2], 0);
            self.trials = Rate::new(now, TRIALS_BURST);
        }
        self.keys = keys;
        Some(())
    }

    /// Encrypts an RTP packet.
    pub fn protect_rtp(&mut self, packet: &[u8]) -> Option<Vec<u8>> {
        self.outgoing.encrypt_rtp(packet).ok().map(Into::into)
    }

    /// Encrypts an RTCP compound.
    pub fn protect_rtcp(&mut self, compound: &[u8]) -> Option<Vec<u8>> {
        self.outgoing.encrypt_rtcp(compound).ok().map(Into::into)
    }

    /// Decrypts an RTP packet; `None`: forged, replayed, or of one source too many.
    pub fn open_rtp(&mut self, now: Instant, ssrc: u32, packet: &[u8]) -> Option<Vec<u8>> {
        self.may_try(now, 0, ssrc).then(|| self.incoming.decrypt_rtp(packet).ok())?.map(Into::into)
    }

    /// Decrypts an RTCP compound.
    pub fn open_rtcp(&mut self, now: Instant, compound: &[u8]) -> Option<Vec<u8>> {
        let ssrc = u32::from_be_bytes(*compound.get(4..)?.first_chunk()?);
        let may = self.may_try(now, 1, ssrc);
        may.then(|| self.incoming.decrypt_rtcp(compound).ok())?.map(Into::into)
    }

    fn may_try(&mut self, now: Instant, flow: usize, ssrc: u32) -> bool {
        if self.tried[flow] == Some(ssrc) {
            return true;
        }
        if self.tried_count >= SOURCES_TRIED_MAX || !self.trials.take(now, TRIAL_INTERVAL) {
            return false;
        }
        self.tried_count += 1;
        self.tried[flow] = Some(ssrc);
        true
    }
}

fn context(suite: Suite, master: &Master) -> Option<Context> {
    let profile = match suite {
        Suite::Sha1_80 => ProtectionProfile::Aes128CmHmacSha1_80,
        Suite::Sha1_32 => ProtectionProfile::Aes128CmHmacSha1_32,
    };
    let (key, salt) = master.0.split_at(16);
    let (rtp, rtcp) =
        (srtp_replay_protection(REPLAY_WINDOW), srtcp_replay_protection(REPLAY_WINDOW));
    let provider = RingProvider::new();
    Context::new(key, salt, profile, Some(rtp), Some(rtcp), provider.crypto()).ok()
}

impl std::fmt::Debug for Protection {
    /// Without keys.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Protection").field("suite", &self.keys.suite).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::MASTER_BYTES;

    /// The two ends of one session.
    fn pair(suite: Suite, now: Instant) -> [Protection; 2] {
        let (ours, theirs) = (Master([1; MASTER_BYTES]), Master([2; MASTER_BYTES]));
        let here = Keys { tag: 1, suite, ours, theirs };
        let there = Keys { ours: theirs, theirs: ours, ..here };
        [here, there].map(|keys| Protection::new(keys, now).unwrap())
    }

    fn rtp(n: u32) -> Vec<u8> {
        let [high, low] = (n as u16).to_be_bytes();
        let mut packet = vec![0x80, 0, high, low, 0, 0, 0, 1, 0, 0, 0, 9];
        packet.extend(n.to_be_bytes());
        packet
    }

    #[test]
    #[expect(clippy::disallowed_methods, reason = "the start of virtual time")]
    fn a_long_call_outlasts_its_sequence_numbers() {
        let now = Instant::now();
        let [mut here, mut there] = pair(Suite::Sha1_80, now);
        // 22 minutes of packets of 20 ms; one in a hundred is lost.
        for n in (100..70_000).filter(|n| n % 100 != 7) {
            let packet = rtp(n);
            let secret = here.protect_rtp(&packet).unwrap();
            assert_eq!(there.open_rtp(now, 9, &secret).as_deref(), Some(&packet[..]), "{n}");
        }
    }

    #[test]
    #[expect(clippy::disallowed_methods, reason = "the start of virtual time")]
    fn tags_are_as_long_as_rfc_4568_says_and_sources_are_bounded() {
        let now = Instant::now();
        for (suite, tag_bytes) in [(Suite::Sha1_80, 10), (Suite::Sha1_32, 4)] {
            let [mut here, mut there] = pair(suite, now);
            assert_eq!(here.protect_rtp(&rtp(1)).unwrap().len(), 16 + tag_bytes);
            let report = [0x80, 201, 0, 1, 0, 0, 0, 9];
            // The index has four bytes, and RTCP's tag is never cut.
            assert_eq!(here.protect_rtcp(&report).unwrap().len(), 8 + 4 + 10);
            let tried = (0..1_000).filter(|ssrc| there.may_try(now, 0, ssrc + 100)).count();
            assert_eq!(tried, 4, "at once");
            let later = |n: u32| now + Duration::from_secs(u64::from(n));
            let tried = (1..1_000).filter(|n| there.may_try(later(*n), 0, n + 9_999)).count();
            assert_eq!(tried as u32, SOURCES_TRIED_MAX - 4, "ever");
        }
    }
}
