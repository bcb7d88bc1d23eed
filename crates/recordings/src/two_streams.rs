//! Ogg Opus with two uncoupled mono streams: its header, and its packets taken apart.

use codec::FRAME_SAMPLES;

/// RFC 7845 §5.1: the identification header's beginning.
pub(crate) const HEAD_MAGIC: &[u8] = b"OpusHead";
/// RFC 7845 §5.1.1: version 1, two channels, then family 1, 2 streams, 0 coupled, left, right.
const HEAD_BYTES: usize = 23;

/// Whether an identification header announces two streams, neither of them stereo.
pub(crate) fn is_two_mono_streams(head: &[u8]) -> bool {
    head.len() == HEAD_BYTES && head[18..] == [1, 2, 0, 0, 1]
}

/// The left and the right stream's packet, one 20 ms frame each; none if they are anything else.
///
/// The first stream's packet is self-delimited (RFC 6716, appendix B): its length stands after its
/// first byte. What follows is the second stream's.
pub(crate) fn split_packet(packet: &[u8]) -> Option<(Vec<u8>, Vec<u8>)> {
    let (&toc, rest) = packet.split_first()?;
    let (&first, rest) = rest.split_first()?;
    let (length, rest) = match first {
        0..252 => (usize::from(first), rest),
        _ => {
            let (&second, rest) = rest.split_first()?;
            (4 * usize::from(second) + usize::from(first), rest)
        }
    };
    let (frame, right) = rest.split_at_checked(length)?;
    let left = [&[toc], frame].concat();
    let is_frame = |packet: &[u8]| {
        packet.first().is_some_and(|toc| toc & 3 == 0)
            && codec::packet::duration_samples(packet) == Some(FRAME_SAMPLES)
    };
    (is_frame(&left) && is_frame(right)).then(|| (left, right.to_vec()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packets_are_split_by_the_length_within() {
        let toc = 0x48; // SILK wideband, 20 ms, one frame
        let mut packet = vec![toc, 2, 7, 8, toc, 9];
        assert_eq!(split_packet(&packet), Some((vec![toc, 7, 8], vec![toc, 9])));
        packet[1] = 9;
        assert_eq!(split_packet(&packet), None);
        let long = [&[toc, 252, 1][..], &[5; 256], &[toc]].concat();
        assert_eq!(split_packet(&long).map(|(l, r)| (l.len(), r.len())), Some((257, 1)));
        assert_eq!(split_packet(&[]), None);
    }
}
