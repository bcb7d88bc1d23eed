//! SRTP with keys from the SDP.

use std::collections::VecDeque;

use rtp::srtp::{self, Profile, Window};
use rtp::{HEADER_BYTES, SendSequence};

use crate::crypto::{Master, Suite};
use crate::sdp::Keys;

/// The sources of which it is known what has come: a telephone has one, and another after a transfer.
const SOURCES_MAX: usize = 8;
/// Of a master key and salt, the key.
const KEY_BYTES: usize = 16;

/// Both directions of one session.
pub(crate) struct Protection {
    keys: Keys,
    outgoing: srtp::Keys,
    incoming: srtp::Keys,
    sequence: SendSequence,
    rtcp_index: u32,
    rtp: Windows,
    rtcp: Windows,
}

/// What has come, by source; the latest last.
#[derive(Debug, Default)]
struct Windows(VecDeque<(u32, Window)>);

impl Protection {
    /// Takes the agreed keys; `None`: the cryptographic library refused, which it never does.
    pub fn new(keys: Keys) -> Option<Self> {
        Some(Self {
            outgoing: session_keys(keys.suite, &keys.ours)?,
            incoming: session_keys(keys.suite, &keys.theirs)?,
            keys,
            sequence: SendSequence::default(),
            rtcp_index: 0,
            rtp: Windows::default(),
            rtcp: Windows::default(),
        })
    }

    /// Takes the keys of a later agreement. What has not changed goes on: a key never sees the same packet
    /// number twice.
    pub fn rekey(&mut self, keys: Keys) -> Option<()> {
        if keys.ours != self.keys.ours || keys.suite != self.keys.suite {
            self.outgoing = session_keys(keys.suite, &keys.ours)?;
        }
        if keys.theirs != self.keys.theirs || keys.suite != self.keys.suite {
            self.incoming = session_keys(keys.suite, &keys.theirs)?;
            (self.rtp, self.rtcp) = (Windows::default(), Windows::default());
        }
        self.keys = keys;
        Some(())
    }

    /// Encrypts an RTP packet; `None`: one with its number was encrypted before.
    pub fn protect_rtp(&mut self, packet: &[u8]) -> Option<Vec<u8>> {
        let sequence = u16::from_be_bytes(*packet.get(2..HEADER_BYTES)?.first_chunk()?);
        let index = self.sequence.take(sequence)?;
        let mut packet = packet.to_vec();
        self.outgoing.seal_rtp(index, &mut packet).ok()?;
        Some(packet)
    }

    /// Encrypts an RTCP compound.
    pub fn protect_rtcp(&mut self, compound: &[u8]) -> Option<Vec<u8>> {
        self.rtcp_index += 1;
        let mut compound = compound.to_vec();
        self.outgoing.seal_rtcp(self.rtcp_index, &mut compound).ok()?;
        Some(compound)
    }

    /// Decrypts an RTP packet; `None`: forged or replayed.
    pub fn open_rtp(&mut self, ssrc: u32, packet: &[u8]) -> Option<Vec<u8>> {
        let mut packet = packet.to_vec();
        let incoming = &self.incoming;
        let length = self.rtp.with(ssrc, |window| incoming.open_rtp(window, &mut packet).ok())?;
        packet.truncate(length);
        Some(packet)
    }

    /// Decrypts an RTCP compound.
    pub fn open_rtcp(&mut self, compound: &[u8]) -> Option<Vec<u8>> {
        let ssrc = u32::from_be_bytes(*compound.get(4..)?.first_chunk()?);
        let mut compound = compound.to_vec();
        let incoming = &self.incoming;
        let open = |window: &mut Window| incoming.open_rtcp(window, &mut compound).ok();
        let length = self.rtcp.with(ssrc, open)?;
        compound.truncate(length);
        Some(compound)
    }
}

impl Windows {
    /// Lets `open` use the window of a source, which is remembered if that succeeds: what is forged leaves no trace.
    fn with(
        &mut self,
        ssrc: u32,
        open: impl FnOnce(&mut Window) -> Option<usize>,
    ) -> Option<usize> {
        if let Some((_, window)) = self.0.iter_mut().find(|(known, _)| *known == ssrc) {
            return open(window);
        }
        let mut window = Window::default();
        let length = open(&mut window)?;
        if self.0.len() == SOURCES_MAX {
            self.0.pop_front();
        }
        self.0.push_back((ssrc, window));
        Some(length)
    }
}

fn session_keys(suite: Suite, master: &Master) -> Option<srtp::Keys> {
    let profile = match suite {
        Suite::Sha1_80 => Profile::Aes128CmSha1_80,
        Suite::Sha1_32 => Profile::Aes128CmSha1_32,
    };
    let (key, salt) = master.0.split_at(KEY_BYTES);
    srtp::Keys::new(profile, key, salt).ok()
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
    fn pair(suite: Suite) -> [Protection; 2] {
        let (ours, theirs) = (Master([1; MASTER_BYTES]), Master([2; MASTER_BYTES]));
        let here = Keys { tag: 1, suite, ours, theirs };
        let there = Keys { ours: theirs, theirs: ours, ..here };
        [here, there].map(|keys| Protection::new(keys).unwrap())
    }

    fn rtp(n: u32) -> Vec<u8> {
        let [high, low] = (n as u16).to_be_bytes();
        let mut packet = vec![0x80, 0, high, low, 0, 0, 0, 1, 0, 0, 0, 9];
        packet.extend(n.to_be_bytes());
        packet
    }

    #[test]
    fn a_long_call_outlasts_its_sequence_numbers() {
        let [mut here, mut there] = pair(Suite::Sha1_80);
        // 22 minutes of packets of 20 ms; one in a hundred is lost.
        for n in (100..70_000).filter(|n| n % 100 != 7) {
            let packet = rtp(n);
            let secret = here.protect_rtp(&packet).unwrap();
            assert_eq!(there.open_rtp(9, &secret).as_deref(), Some(&packet[..]), "{n}");
            assert_eq!(there.open_rtp(9, &secret), None, "a replay of {n}");
        }
    }

    #[test]
    fn tags_are_as_long_as_rfc_4568_says_and_what_is_forged_leaves_no_trace() {
        for (suite, tag_bytes) in [(Suite::Sha1_80, 10), (Suite::Sha1_32, 4)] {
            let [mut here, mut there] = pair(suite);
            let secret = here.protect_rtp(&rtp(1)).unwrap();
            assert_eq!(secret.len(), 16 + tag_bytes);
            let report = [0x80, 201, 0, 1, 0, 0, 0, 9];
            // The index has four bytes, and RTCP's tag is never cut.
            assert_eq!(here.protect_rtcp(&report).unwrap().len(), 8 + 4 + 10);
            for ssrc in 100..1_000_u32 {
                let mut forged = secret.clone();
                forged[8..12].copy_from_slice(&ssrc.to_be_bytes());
                assert_eq!(there.open_rtp(ssrc, &forged), None);
            }
            assert!(there.rtp.0.is_empty());
        }
    }
}
