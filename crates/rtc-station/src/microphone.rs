//! Whether what a client sends is sound of a microphone, from the levels that it states (RFC 6464): no decoder is asked.

use std::time::{Duration, Instant};

/// The level of digital silence: every sample is zero (RFC 6464 §3). A room is never as quiet, a switched-off capsule is.
const ZEROS_DBOV: i8 = -127;
/// Zeros from the very beginning are told of after so long.
const NEVER_SOUNDED: Duration = Duration::from_secs(5);
/// Zeros after there was sound are told of after so long: some headsets close their microphone between two sentences.
const NO_LONGER_SOUNDS: Duration = Duration::from_secs(15);

/// Speech at its levels' peaks is 12 dB above its mean at least (ITU-T P.56 speaks of 15 to 20 dB): with a mean like this
/// it must have been cut off at full scale.
const CLIPPED_DBOV: i8 = -6;
/// Louder than this somebody speaks.
const SPEECH_DBOV: i8 = -50;
/// Speech is looked at in pieces of so many packets: a second of it.
const PIECE_PACKETS: u32 = 50;
/// Pieces in a row that are clipped before it is told of, or clean before it is taken back.
const PIECES_MIN: u32 = 3;
/// A packet is clipped now and then when somebody laughs; a piece is if half of its packets are.
const CLIPPED_PACKETS_MIN: u32 = PIECE_PACKETS / 2;

/// What is wrong with the sound of a microphone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unsound {
    /// Nothing but zeros: it is off, or another program has it.
    Zeros,
    /// It is too loud for its converter.
    Clipped,
}

/// What is known of a client's microphone.
#[derive(Debug, Default)]
pub(crate) struct Microphone {
    /// Since when there have been zeros alone.
    zeros_since: Option<Instant>,
    has_sounded: bool,
    /// Packets with speech in this piece, and those of them that are clipped.
    speech: u32,
    clipped: u32,
    /// Pieces in a row that are otherwise than what is told.
    otherwise: u32,
    is_clipped: bool,
}

impl Microphone {
    /// Takes the level of a packet, dBov.
    pub(crate) fn hear(&mut self, now: Instant, level_dbov: i8) {
        if level_dbov <= ZEROS_DBOV {
            self.zeros_since.get_or_insert(now);
        } else {
            (self.zeros_since, self.has_sounded) = (None, true);
        }
        if level_dbov > SPEECH_DBOV {
            self.speech += 1;
            self.clipped += u32::from(level_dbov >= CLIPPED_DBOV);
        }
        if self.speech == PIECE_PACKETS {
            let is_clipped = self.clipped >= CLIPPED_PACKETS_MIN;
            (self.speech, self.clipped) = (0, 0);
            self.otherwise = if is_clipped == self.is_clipped { 0 } else { self.otherwise + 1 };
            if self.otherwise == PIECES_MIN {
                (self.is_clipped, self.otherwise) = (is_clipped, 0);
            }
        }
    }

    /// What is wrong now.
    pub(crate) fn unsound(&self, now: Instant) -> Option<Unsound> {
        let limit = if self.has_sounded { NO_LONGER_SOUNDS } else { NEVER_SOUNDED };
        let zeros = self.zeros_since.map(|since| now.saturating_duration_since(since));
        if zeros >= Some(limit) {
            return Some(Unsound::Zeros);
        }
        self.is_clipped.then_some(Unsound::Clipped)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[expect(clippy::disallowed_methods, reason = "the start of virtual time")]
    fn start() -> Instant {
        Instant::now()
    }

    /// What is told after each second in which every packet has this level, from `from` on.
    fn told(microphone: &mut Microphone, from: Instant, levels: &[i8]) -> Vec<Option<Unsound>> {
        let mut at = from;
        let second = |level: &i8| {
            for _ in 0..50 {
                microphone.hear(at, *level);
                at += Duration::from_millis(20);
            }
            microphone.unsound(at)
        };
        levels.iter().map(second).collect()
    }

    #[test]
    fn zeros_are_told_of_and_a_quiet_room_is_not() {
        let from = start();
        let mut microphone = Microphone::default();
        let zeros = told(&mut microphone, from, &[-127; 6]);
        assert_eq!(zeros[..4], [None; 4]);
        assert_eq!(zeros[4..], [Some(Unsound::Zeros); 2]);
        let from = from + Duration::from_secs(6);
        assert_eq!(told(&mut microphone, from, &[-90; 30]), [None; 30], "a very quiet room");
        let from = from + Duration::from_secs(30);
        let gated = told(&mut microphone, from, &[-127; 16]);
        assert_eq!(gated[..14], [None; 14], "a headset that closes its microphone");
        assert_eq!(gated[14..], [Some(Unsound::Zeros); 2]);
    }

    #[test]
    fn speech_that_is_cut_off_is_told_of_until_it_is_clean() {
        let from = start();
        let mut microphone = Microphone::default();
        let levels: Vec<i8> = [[-20; 5], [-3; 5], [-70; 5], [-15; 5]].concat();
        let told: Vec<bool> =
            told(&mut microphone, from, &levels).into_iter().map(|it| it.is_some()).collect();
        assert_eq!(told[..7], [false; 7]);
        assert_eq!(told[7..17], [true; 10], "nobody speaks: nothing is known to be better");
        assert_eq!(told[17..], [false; 3]);
    }

    #[test]
    fn loud_speech_and_a_laugh_are_not_clipped() {
        let mut microphone = Microphone::default();
        let from = start();
        assert!(told(&mut microphone, from, &[-9; 60]).iter().all(Option::is_none));
        for n in 0..3_000_u32 {
            let level = if n % 5 == 0 { -2 } else { -14 };
            microphone.hear(from + Duration::from_secs(60) + Duration::from_millis(20) * n, level);
        }
        assert_eq!(microphone.unsound(from + Duration::from_secs(120)), None);
    }
}
