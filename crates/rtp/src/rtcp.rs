//! RTCP (RFC 3550 §6): sender and receiver reports, and goodbyes.

use std::time::Duration;

const SENDER_REPORT: u8 = 200;
const RECEIVER_REPORT: u8 = 201;
const DESCRIPTION: u8 = 202;
const GOODBYE: u8 = 203;
const CNAME: u8 = 1;

/// Packets of one compound that are looked at, at most.
const PACKETS_MAX: usize = 16;

/// What a sender says of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SenderInfo {
    /// Seconds since whenever, 32.32 fixed point: an epoch of one's own is allowed (§4).
    pub ntp: u64,
    /// The same moment in the RTP clock.
    pub rtp_timestamp: u32,
    /// Packets sent so far.
    pub packets: u32,
    /// Their payload bytes.
    pub bytes: u32,
}

/// What a receiver says of one source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ReportBlock {
    /// Of which source.
    pub ssrc: u32,
    /// Share lost since the last report, of 256.
    pub fraction_lost: u8,
    /// Packets lost so far.
    pub lost: u32,
    /// The highest sequence number, with how often it wrapped.
    pub highest_sequence: u32,
    /// In units of the RTP clock.
    pub jitter: u32,
    /// The middle of the last sender report's time.
    pub last_sender_report: u32,
    /// Since then, in 1/65536 s.
    pub delay: u32,
}

/// What one compound says that matters here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Heard {
    /// Who sent it.
    pub ssrc: u32,
    /// What it says of itself, if it sends.
    pub sender: Option<SenderInfo>,
    /// What it says of us.
    pub report: Option<ReportBlock>,
    /// It ends.
    pub goodbye: bool,
}

impl Heard {
    /// Reads a compound; `None` if its first packet is no report (RFC 3550 §A.2; a goodbye alone passes: some
    /// send it so).
    pub fn parse(bytes: &[u8], own_ssrc: u32) -> Option<Self> {
        let mut heard = Self::default();
        let mut rest = bytes;
        for index in 0..PACKETS_MAX {
            if rest.is_empty() {
                break;
            }
            let (packet, after) = split(rest)?;
            rest = after;
            let kind = packet[1];
            if index == 0 {
                let is_first = matches!(kind, SENDER_REPORT | RECEIVER_REPORT | GOODBYE);
                heard.ssrc = word(packet, 1).filter(|_| is_first)?;
            }
            match kind {
                SENDER_REPORT => {
                    heard.sender = SenderInfo::parse(packet);
                    heard.read_blocks(packet, 7, own_ssrc);
                }
                RECEIVER_REPORT => heard.read_blocks(packet, 2, own_ssrc),
                GOODBYE => heard.goodbye = true,
                _ => {}
            }
        }
        (heard.ssrc != 0 || heard.goodbye).then_some(heard)
    }

    fn read_blocks(&mut self, packet: &[u8], from_word: usize, own_ssrc: u32) {
        for block in 0..usize::from(packet[0] & 0x1F) {
            let at = |index| word(packet, from_word + 6 * block + index);
            let block = || {
                let loss = at(1)?;
                Some(ReportBlock {
                    ssrc: at(0)?,
                    fraction_lost: (loss >> 24) as u8,
                    lost: loss & 0x00FF_FFFF,
                    highest_sequence: at(2)?,
                    jitter: at(3)?,
                    last_sender_report: at(4)?,
                    delay: at(5)?,
                })
            };
            let Some(block) = block() else { return };
            if block.ssrc == own_ssrc {
                self.report = Some(block);
            }
        }
    }
}

impl SenderInfo {
    fn parse(packet: &[u8]) -> Option<Self> {
        let ntp = (u64::from(word(packet, 2)?) << 32) | u64::from(word(packet, 3)?);
        Some(Self {
            ntp,
            rtp_timestamp: word(packet, 4)?,
            packets: word(packet, 5)?,
            bytes: word(packet, 6)?,
        })
    }

    /// The middle 32 bits of the time, as a report block repeats them.
    pub fn compact_ntp(&self) -> u32 {
        (self.ntp >> 16) as u32
    }
}

/// A compound: a report, our name, and a goodbye if it is the last.
pub fn compound(
    ssrc: u32,
    sender: Option<SenderInfo>,
    report: Option<ReportBlock>,
    cname: &str,
    goodbye: bool,
) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(128);
    packet(&mut bytes, u8::from(report.is_some()), kind_of(sender), |out| {
        out.extend(ssrc.to_be_bytes());
        if let Some(SenderInfo { ntp, rtp_timestamp, packets, bytes }) = sender {
            out.extend(ntp.to_be_bytes());
            out.extend([rtp_timestamp, packets, bytes].map(u32::to_be_bytes).concat());
        }
        if let Some(block) = report {
            let loss = (u32::from(block.fraction_lost) << 24) | (block.lost & 0x00FF_FFFF);
            let words = [
                block.ssrc,
                loss,
                block.highest_sequence,
                block.jitter,
                block.last_sender_report,
                block.delay,
            ];
            out.extend(words.map(u32::to_be_bytes).concat());
        }
    });
    packet(&mut bytes, 1, DESCRIPTION, |out| {
        out.extend(ssrc.to_be_bytes());
        out.extend([CNAME, cname.len() as u8]);
        out.extend(cname.as_bytes());
        // At least one zero ends the items (§6.5).
        out.push(0);
    });
    if goodbye {
        packet(&mut bytes, 1, GOODBYE, |out| out.extend(ssrc.to_be_bytes()));
    }
    bytes
}

/// Time as 32.32 fixed point.
pub fn ntp(since_start: Duration) -> u64 {
    (since_start.as_secs() << 32) | ((u64::from(since_start.subsec_nanos()) << 32) / 1_000_000_000)
}

fn kind_of(sender: Option<SenderInfo>) -> u8 {
    if sender.is_some() { SENDER_REPORT } else { RECEIVER_REPORT }
}

/// Appends one packet, padded to whole words, with its length.
fn packet(bytes: &mut Vec<u8>, count: u8, kind: u8, body: impl FnOnce(&mut Vec<u8>)) {
    let start = bytes.len();
    bytes.extend([0x80 | count, kind, 0, 0]);
    body(bytes);
    bytes.resize(start + (bytes.len() - start).next_multiple_of(4), 0);
    let words = ((bytes.len() - start) / 4 - 1) as u16;
    bytes[start + 2..start + 4].copy_from_slice(&words.to_be_bytes());
}

/// The first packet of a compound, at least four bytes, and what follows.
fn split(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let header = bytes.first_chunk::<4>()?;
    if header[0] >> 6 != 2 {
        return None;
    }
    let length = 4 * (usize::from(u16::from_be_bytes([header[2], header[3]])) + 1);
    (length <= bytes.len()).then(|| bytes.split_at(length))
}

fn word(packet: &[u8], index: usize) -> Option<u32> {
    let bytes = packet.get(4 * index..)?.first_chunk()?;
    Some(u32::from_be_bytes(*bytes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_compound_is_read_as_it_was_written() {
        let ntp = ntp(Duration::from_millis(1_500));
        assert_eq!(ntp, 0x1_8000_0000);
        let sender = SenderInfo { ntp, rtp_timestamp: 9, packets: 3, bytes: 480 };
        let report = ReportBlock {
            ssrc: 7,
            fraction_lost: 25,
            lost: 100,
            highest_sequence: 0x1_0002,
            jitter: 11,
            last_sender_report: sender.compact_ntp(),
            delay: 65_536,
        };
        for goodbye in [false, true] {
            let bytes = compound(42, Some(sender), Some(report), "a@b", goodbye);
            assert!(bytes.len().is_multiple_of(4));
            let heard = Heard { ssrc: 42, sender: Some(sender), report: Some(report), goodbye };
            assert_eq!(Heard::parse(&bytes, 7), Some(heard));
            assert_eq!(Heard::parse(&bytes, 8).unwrap().report, None, "not of us");
        }
        let receiver = compound(42, None, None, "longer@name.example", false);
        let heard = Heard { ssrc: 42, ..Heard::default() };
        assert_eq!(Heard::parse(&receiver, 7), Some(heard));
    }

    #[test]
    fn what_is_no_report_is_not_read() {
        let bad: [&[u8]; 4] =
            [&[], &[0x80, 200, 0, 6], &[0x81, 202, 0, 1, 0, 0, 0, 9], &[0, 200, 0, 0]];
        for bytes in bad {
            assert_eq!(Heard::parse(bytes, 7), None, "{bytes:?}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_without_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            Heard::parse(&bytes, 7);
        }
    }
}
