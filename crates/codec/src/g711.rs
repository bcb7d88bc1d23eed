//! ITU-T G.711 pulse code modulation: µ-law (RTP payload type 0) and A-law (payload type 8), one byte a sample, 8 kHz.
//!
//! Arithmetic follows the reference of ITU-T G.191 (`g711.c`); linear samples are 16-bit, left-justified (µ-law has 14
//! significant bits, A-law 13).

/// Bias that makes every µ-law segment a power of two, in 16-bit units.
const ULAW_BIAS: i16 = 33 << 2;
/// Largest magnitude µ-law can bias without overflow, in 16-bit units.
const ULAW_MAGNITUDE_MAX: i16 = i16::MAX - ULAW_BIAS;
/// A-law inverts every other bit on the line (G.711 §3, table 1a, note 2).
const ALAW_LINE_MASK: u8 = 0x55;

/// Encodes linear samples as µ-law into the beginning of `out`; returns how many (the shorter of both lengths).
pub fn encode_ulaw_into(samples: &[i16], out: &mut [u8]) -> usize {
    map_into(samples, out, linear_to_ulaw)
}

/// Decodes µ-law into the beginning of `out`; returns how many samples (the shorter of both lengths).
pub fn decode_ulaw_into(bytes: &[u8], out: &mut [i16]) -> usize {
    map_into(bytes, out, ulaw_to_linear)
}

/// Encodes linear samples as A-law into the beginning of `out`; returns how many (the shorter of both lengths).
pub fn encode_alaw_into(samples: &[i16], out: &mut [u8]) -> usize {
    map_into(samples, out, linear_to_alaw)
}

/// Decodes A-law into the beginning of `out`; returns how many samples (the shorter of both lengths).
pub fn decode_alaw_into(bytes: &[u8], out: &mut [i16]) -> usize {
    map_into(bytes, out, alaw_to_linear)
}

fn map_into<A: Copy, B>(from: &[A], to: &mut [B], convert: impl Fn(A) -> B) -> usize {
    for (&from, to) in from.iter().zip(to.iter_mut()) {
        *to = convert(from);
    }
    from.len().min(to.len())
}

/// Sign 1 bit (1 is positive), segment 3 bits, step 4 bits; the line carries the complement of the seven low bits.
fn linear_to_ulaw(sample: i16) -> u8 {
    let biased = magnitude(sample).min(ULAW_MAGNITUDE_MAX) + ULAW_BIAS;
    let segment = 7_u32.saturating_sub(biased.cast_unsigned().leading_zeros() - 1);
    let step = (biased >> (segment + 3)) & 0x0F;
    !(sign_bit(sample < 0) | (segment as u8) << 4 | step as u8)
}

/// Sign 1 bit (1 is positive), segment 3 bits (the first two are linear), step 4 bits; even bits inverted on the line.
fn linear_to_alaw(sample: i16) -> u8 {
    let magnitude = magnitude(sample) >> 4;
    let segment = 12_u32.saturating_sub(magnitude.cast_unsigned().leading_zeros());
    let step = (magnitude >> segment.saturating_sub(1)) & 0x0F;
    (sign_bit(sample >= 0) | (segment as u8) << 4 | step as u8) ^ ALAW_LINE_MASK
}

/// One's complement, as G.191 has it: the magnitude of `i16::MIN` fits.
fn magnitude(sample: i16) -> i16 {
    if sample < 0 { !sample } else { sample }
}

fn sign_bit(is_set: bool) -> u8 {
    if is_set { 0x80 } else { 0 }
}

fn ulaw_to_linear(line: u8) -> i16 {
    let code = !line;
    let (segment, step) = ((code >> 4) & 7, i16::from(code & 0x0F));
    let magnitude = (((step << 3) + ULAW_BIAS) << segment) - ULAW_BIAS;
    if code & 0x80 != 0 { -magnitude } else { magnitude }
}

fn alaw_to_linear(line: u8) -> i16 {
    let code = line ^ ALAW_LINE_MASK;
    let (segment, step) = ((code >> 4) & 7, i16::from(code & 0x0F));
    let half_step = 8;
    let magnitude = match segment {
        0 => (step << 4) + half_step,
        _ => ((step << 4) + half_step + 0x100) << (segment - 1),
    };
    if code & 0x80 != 0 { magnitude } else { -magnitude }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// G.711 table 2a: (line, linear in 14 bits) at the ends of the positive segments.
    const ULAW_TABLE: [(u8, i16); 10] = [
        (0x80, 8031),
        (0x8F, 4191),
        (0x9F, 2079),
        (0xAF, 1023),
        (0xBF, 495),
        (0xCF, 231),
        (0xDF, 99),
        (0xEF, 33),
        (0xFE, 2),
        (0xFF, 0),
    ];

    /// G.711 table 1a: (character before the inversion of even bits, linear in 13 bits) at the ends of the segments.
    const ALAW_TABLE: [(u8, i16); 8] = [
        (0xFF, 4032),
        (0xF0, 2112),
        (0xE0, 1056),
        (0xD0, 528),
        (0xC0, 264),
        (0xB0, 132),
        (0xA0, 66),
        (0x80, 1),
    ];

    #[test]
    fn ulaw_has_the_values_of_the_recommendation() {
        for (line, linear) in ULAW_TABLE {
            assert_eq!(ulaw_to_linear(line), linear << 2, "{line:#x}");
            assert_eq!(linear_to_ulaw(linear << 2), line, "{linear}");
            assert_eq!(ulaw_to_linear(line & 0x7F), -(linear << 2), "{line:#x}, negative");
        }
        // Decision values of table 2a: the segment changes exactly there.
        for (decision, below, at) in
            [(31, 0xF0, 0xEF), (95, 0xE0, 0xDF), (991, 0xB0, 0xAF), (4063, 0x90, 0x8F)]
        {
            assert_eq!(linear_to_ulaw((decision << 2) - 1), below);
            assert_eq!(linear_to_ulaw(decision << 2), at);
        }
    }

    #[test]
    fn alaw_has_the_values_of_the_recommendation() {
        for (character, linear) in ALAW_TABLE {
            let line = character ^ 0x55;
            assert_eq!(alaw_to_linear(line), linear << 3, "{line:#x}");
            assert_eq!(linear_to_alaw(linear << 3), line, "{linear}");
            assert_eq!(
                alaw_to_linear(line & 0x7F ^ (line & 0x80 ^ 0x80)),
                -(linear << 3),
                "{line:#x}, negative"
            );
        }
        for (decision, below, at) in [(64, 0x9F, 0xA0), (128, 0xAF, 0xB0), (2048, 0xEF, 0xF0)] {
            assert_eq!(linear_to_alaw((decision << 3) - 1), below ^ 0x55);
            assert_eq!(linear_to_alaw(decision << 3), at ^ 0x55);
        }
    }

    #[test]
    fn every_code_survives_a_round_trip() {
        for line in 0..=u8::MAX {
            let again = linear_to_ulaw(ulaw_to_linear(line));
            // µ-law has two zeros; linear samples have one.
            assert_eq!(again, if line == 0x7F { 0xFF } else { line });
            assert_eq!(linear_to_alaw(alaw_to_linear(line)), line);
        }
    }

    #[test]
    fn every_sample_keeps_its_order_and_its_five_bits() {
        let laws: [fn(i16) -> i16; 2] = [
            |sample| ulaw_to_linear(linear_to_ulaw(sample)),
            |sample| alaw_to_linear(linear_to_alaw(sample)),
        ];
        for there_and_back in laws {
            let mut previous = i16::MIN;
            for sample in i16::MIN..=i16::MAX {
                let heard = there_and_back(sample);
                // Half a step is 1/32 of a segment's lower end; the linear segment about zero has a step of 16.
                assert!(
                    heard.abs_diff(sample) <= sample.unsigned_abs() / 32 + 8,
                    "{sample} became {heard}"
                );
                assert!(heard >= previous, "{sample} became {heard}, after {previous}");
                previous = heard;
            }
        }
    }

    #[test]
    fn the_shorter_buffer_decides() {
        let mut bytes = [0; 2];
        assert_eq!(encode_ulaw_into(&[0, 0, 0], &mut bytes), 2);
        assert_eq!(bytes, [0xFF, 0xFF]);
        let mut samples = [1; 4];
        assert_eq!(decode_alaw_into(&[0xD5], &mut samples), 1);
        assert_eq!(samples, [8, 1, 1, 1]);
        assert_eq!(encode_alaw_into(&[8], &mut bytes), 1);
        assert_eq!(decode_ulaw_into(&[0x80], &mut samples), 1);
        assert_eq!(samples[0], 32124);
    }
}
