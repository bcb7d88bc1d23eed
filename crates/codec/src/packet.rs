//! What an Opus packet says about itself, read from its framing (RFC 6716 §3) without decoding it.
//!
//! Safe on any bytes: these functions see what strangers send.

use crate::OPUS_PACKET_SAMPLES_MAX;

/// Longest frame, bytes (RFC 6716 §3.4, R2).
const FRAME_BYTES_MAX: usize = 1275;

/// A frame of at most this many bytes carries no sound: it is DTX, or a placeholder for a lost frame.
const DTX_FRAME_BYTES_MAX: usize = 1;

/// How long the packet plays, samples at 48 kHz (120 to 5760); `None` if its first bytes contradict RFC 6716.
pub fn duration_samples(packet: &[u8]) -> Option<usize> {
    let &toc = packet.first()?;
    let samples = frame_samples(toc) * frame_count(packet)?;
    (samples <= OPUS_PACKET_SAMPLES_MAX).then_some(samples)
}

/// Whether the packet carries two channels (RFC 6716 §3.1); `false` for no packet at all.
pub fn is_stereo(packet: &[u8]) -> bool {
    packet.first().is_some_and(|toc| toc & 0b100 != 0)
}

/// Whether the packet carries no sound at all (every frame is empty, or a single byte): it need not be decoded.
///
/// Such packets are what an encoder with DTX yields during silence. `false` for an invalid packet.
pub fn is_dtx(packet: &[u8]) -> bool {
    longest_frame_bytes(packet).is_some_and(|bytes| bytes <= DTX_FRAME_BYTES_MAX)
}

/// Whether the encoder found speech in this packet: the speech layer's voice activity flag, its first bit (RFC 6716
/// §4.2.3). `None` where it cannot be read off the packet: without a speech layer, with two channels, or unless it is one
/// frame of 20 ms. A packet without sound ([`is_dtx`]) has none.
pub fn speech_flag(packet: &[u8]) -> Option<bool> {
    let &toc = packet.first()?;
    let has_speech_layer = matches!(toc >> 3, 1 | 5 | 9 | 13 | 15);
    let frame = only_frame(packet)?;
    if !has_speech_layer || is_stereo(packet) {
        return None;
    }
    Some(!is_dtx(packet) && frame.first().is_some_and(|first| first & 0x80 != 0))
}

/// Whether the packet carries a copy of the one before it (in-band FEC): the speech layer's flag for that, the bit after
/// its voice activity (RFC 6716 §4.2.4). `None` where [`speech_flag`] has none.
pub fn redundancy_flag(packet: &[u8]) -> Option<bool> {
    speech_flag(packet)?;
    Some(!is_dtx(packet) && only_frame(packet)?.first().is_some_and(|first| first & 0x40 != 0))
}

/// Whether the speech layer runs at 16 kHz: wide band, or both layers (RFC 6716 §3.1, table 2). At one rate a decoder
/// keeps its state from packet to packet.
pub fn is_wideband_speech(packet: &[u8]) -> bool {
    packet.first().is_some_and(|toc| (8..=15).contains(&(toc >> 3)))
}

/// Whether the framing obeys all rules of RFC 6716 §3.4. A valid packet may still decode to noise.
pub fn is_valid(packet: &[u8]) -> bool {
    longest_frame_bytes(packet).is_some()
}

/// Samples in one frame, by the configuration number in the TOC byte (RFC 6716 §3.1, table 2).
fn frame_samples(toc: u8) -> usize {
    let config = toc >> 3;
    match config {
        0..=11 => [480, 960, 1920, 2880][usize::from(config & 3)], // SILK: 10, 20, 40, 60 ms
        12..=15 => [480, 960][usize::from(config & 1)],            // hybrid: 10, 20 ms
        _ => 120 << (config & 3),                                  // CELT: 2.5, 5, 10, 20 ms
    }
}

/// Frames in the packet, by the code in the TOC byte (RFC 6716 §3.2).
fn frame_count(packet: &[u8]) -> Option<usize> {
    match packet.first()? & 0b11 {
        0 => Some(1),
        1 | 2 => Some(2),
        _ => Some(usize::from(packet.get(1)? & 0x3F)).filter(|&count| count > 0),
    }
}

/// The frame of a packet that has one alone, with padding or without; `None`: it has several, or breaks a rule.
fn only_frame(packet: &[u8]) -> Option<&[u8]> {
    let (&toc, rest) = packet.split_first()?;
    if toc & 0b11 == 0 {
        return Some(rest);
    }
    let (&header, rest) = rest.split_first()?;
    if toc & 0b11 != 3 || header & 0x3F != 1 {
        return None;
    }
    if header & 0x40 != 0 { without_padding(rest) } else { Some(rest) }
}

/// Length of the longest frame, bytes; `None` if the framing breaks a rule of RFC 6716 §3.4.
fn longest_frame_bytes(packet: &[u8]) -> Option<usize> {
    duration_samples(packet)?; // R1 (at least the TOC byte), R5 (1 to 48 frames, at most 120 ms)
    let (&toc, rest) = packet.split_first()?;
    let longest = match toc & 0b11 {
        0 => rest.len(),
        1 => equal_share(rest.len(), 2)?,
        2 => {
            let (first, rest) = split_length(rest)?;
            first.max(rest.len().checked_sub(first)?)
        }
        _ => longest_of_many(rest)?,
    };
    (longest <= FRAME_BYTES_MAX).then_some(longest)
}

/// Code 3 (RFC 6716 §3.2.5): a count byte, padding, then frames of equal or of listed length.
fn longest_of_many(packet: &[u8]) -> Option<usize> {
    let (&header, mut rest) = packet.split_first()?;
    let count = usize::from(header & 0x3F);
    let (is_vbr, is_padded) = (header & 0x80 != 0, header & 0x40 != 0);
    if is_padded {
        rest = without_padding(rest)?;
    }
    if !is_vbr {
        return equal_share(rest.len(), count);
    }
    let (mut longest, mut listed) = (0, 0);
    for _ in 1..count {
        let (length, after) = split_length(rest)?;
        rest = after;
        longest = longest.max(length);
        listed += length;
    }
    Some(longest.max(rest.len().checked_sub(listed)?)) // the last frame has what the others leave
}

/// Reads the padding's length (each byte of 255 means 254 and one more byte) and cuts it off the end.
fn without_padding(mut rest: &[u8]) -> Option<&[u8]> {
    let mut padding = 0_usize;
    loop {
        let (&byte, after) = rest.split_first()?;
        rest = after;
        if byte < 255 {
            padding += usize::from(byte);
            return rest.get(..rest.len().checked_sub(padding)?);
        }
        padding += 254;
    }
}

/// Reads a frame length of one or two bytes (RFC 6716 §3.2.1).
fn split_length(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let (&first, rest) = bytes.split_first()?;
    if first < 252 {
        return Some((usize::from(first), rest));
    }
    let (&second, rest) = rest.split_first()?;
    Some((usize::from(second) * 4 + usize::from(first), rest))
}

fn equal_share(bytes: usize, count: usize) -> Option<usize> {
    bytes.is_multiple_of(count).then(|| bytes / count)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn durations_follow_the_table_of_rfc_6716() {
        // (configuration, ms × 10) at the edges of each row of table 2; code 0 means one frame.
        let rows = [
            (0, 100),
            (3, 600),
            (8, 100),
            (11, 600),
            (12, 100),
            (13, 200),
            (15, 200),
            (16, 25),
            (19, 200),
            (31, 200),
        ];
        for (config, tenths_ms) in rows {
            assert_eq!(
                duration_samples(&[config << 3]),
                Some(tenths_ms * 48 / 10),
                "configuration {config}"
            );
        }
    }

    #[test]
    fn several_frames_add_up_to_120_ms_at_most() {
        assert_eq!(duration_samples(&[(1 << 3) | 1]), Some(1920));
        assert_eq!(duration_samples(&[(1 << 3) | 3, 6]), Some(5760));
        assert_eq!(duration_samples(&[(1 << 3) | 3, 7]), None);
        assert_eq!(duration_samples(&[(1 << 3) | 3, 0]), None);
        assert_eq!(duration_samples(&[(1 << 3) | 3]), None);
        assert_eq!(duration_samples(&[]), None);
    }

    #[test]
    fn dtx_is_a_packet_without_sound() {
        assert!(is_dtx(&[0x08]));
        assert!(is_dtx(&[0x08, 0xFF]));
        assert!(!is_dtx(&[0x08, 1, 2]));
        assert!(is_dtx(&[0x08 | 3, 3])); // three empty frames
        assert!(!is_dtx(&[]));
        assert!(!is_dtx(&[0x08 | 1, 1])); // invalid: two frames cannot share one byte
    }

    #[test]
    fn the_speech_flag_is_read_where_it_can_be() {
        let mut encoder = crate::OpusEncoder::new(crate::OpusEncoderConfig::default()).unwrap();
        let mut out = [0; crate::OPUS_PACKET_BYTES_MAX];
        let mut flags = Vec::new();
        for frame in 0..150_usize {
            // A vowel for a second, faint hiss for a second, and the vowel again.
            let mut hiss = frame as u32;
            let samples = std::array::from_fn(|n| {
                hiss = hiss.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                let at = (frame * crate::FRAME_SAMPLES + n) as f32 / 48_000.0;
                let harmonics = (1..12).map(|k| (at * 140.0 * k as f32).fract() - 0.5);
                let vowel = if (50..100).contains(&frame) { 0.0 } else { 0.05 };
                harmonics.sum::<f32>() * vowel + ((hiss >> 16) as f32 / 65_536.0 - 0.5) * 0.001
            });
            let length = encoder.encode_into(&samples, &mut out).unwrap();
            assert!(is_wideband_speech(&out[..length]));
            flags.push(speech_flag(&out[..length]).expect("one frame with a speech layer"));
        }
        assert!(flags[5..30].iter().all(|flag| *flag), "{flags:?}");
        assert!(flags[60..100].iter().all(|flag| !flag), "{flags:?}");
        assert!(flags[105..130].iter().all(|flag| *flag), "{flags:?}");
        assert_eq!(speech_flag(&[9 << 3]), Some(false), "without sound");
        for unreadable in [&[][..], &[31 << 3, 0x80, 0], &[9 << 3 | 4, 0x80, 0], &[8 << 3, 0x80, 0]]
        {
            assert_eq!(speech_flag(unreadable), None, "{unreadable:?}");
        }
    }

    #[test]
    fn the_redundancy_flag_says_whether_there_is_a_copy_to_decode() {
        let vowel = |frame: usize, n: usize| {
            let at = (frame * crate::FRAME_SAMPLES + n) as f32 / 48_000.0;
            0.05 * (1..12).map(|k| (at * 140.0 * k as f32).fract() - 0.5).sum::<f32>()
        };
        let copies = |inband_fec| {
            let config = crate::OpusEncoderConfig { inband_fec, ..Default::default() };
            let mut encoder = crate::OpusEncoder::new(config).unwrap();
            let mut out = [0; crate::OPUS_PACKET_BYTES_MAX];
            let flags = (0..60).map(|frame| {
                let samples = std::array::from_fn(|n| vowel(frame, n));
                let length = encoder.encode_into(&samples, &mut out).unwrap();
                redundancy_flag(&out[..length]).expect("one frame with a speech layer")
            });
            flags.filter(|flag| *flag).count()
        };
        assert!(copies(true) > 20, "{}", copies(true));
        assert_eq!(copies(false), 0);
        assert_eq!(redundancy_flag(&[9 << 3]), Some(false), "without sound");
        assert_eq!(redundancy_flag(&[31 << 3, 0xFF, 0]), None, "without a speech layer");
    }

    /// Bytes that get past the first checks often enough: a TOC byte, a plausible count, then anything.
    fn packets() -> impl Strategy<Value = Vec<u8>> {
        let shaped = (any::<u8>(), any::<u8>(), 0_u8..8, prop::collection::vec(any::<u8>(), 0..64))
            .prop_map(|(toc, flags, count, tail)| {
                [vec![toc, (flags & 0xC0) | count], tail].concat()
            });
        prop_oneof![prop::collection::vec(any::<u8>(), 0..1500), shaped]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        #[test]
        fn agrees_with_libopus_on_any_bytes(bytes in packets()) {
            let reference = opus::packet::parse(&bytes).ok().filter(|_| !bytes.is_empty());
            prop_assert_eq!(is_valid(&bytes), reference.is_some());
            if let Some(reference) = reference {
                let samples = opus::packet::get_nb_samples(&bytes, crate::SAMPLE_RATE_HZ).ok();
                prop_assert_eq!(duration_samples(&bytes), samples);
                prop_assert_eq!(is_dtx(&bytes), reference.frames.iter().all(|frame| frame.len() <= 1));
            }
        }
    }
}
