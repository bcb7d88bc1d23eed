//! Whether the packets of one source may stand for a mix: while it alone talks, nobody misses the others.
//!
//! A listener's decoder goes on from one encoder's packets to another's without a click if the sound goes on from sample
//! to sample, if both encoders are speech encoders at the same rate, and if the one taken up knows what came before
//! (see `encoding`). So only packets of one frame of wide-band speech are passed on, and the mix is back before the first
//! word of whoever else begins: it is known one frame ahead.
//!
//! Everything here follows from the row of the listeners and from what their own audience decoded: who else listens, and
//! how, does not come into it.

use interaction::{Delivery, Gain, Row, Slot};
use jitter::Played;

use crate::talk::Talk;

/// After a change of the row, or for a listener who comes to it, so many frames are mixed at least.
const MIXED_FRAMES_MIN: u8 = 3;
/// Noise floors further apart than this would be heard to come and go, dB …
const FLOORS_APART_DB: f32 = 10.0;
/// … until they are closer than this again …
const FLOORS_CLOSE_DB: f32 = 7.0;
/// … if the louder one is heard at all, dBov.
pub(crate) const FLOOR_AUDIBLE_DBOV: f32 = -60.0;

/// One source of the row: what is known of its talk, what the last tick played of it and the tick before.
#[derive(Clone, Copy)]
pub(crate) struct Voice<'a> {
    pub slot: Slot,
    pub talk: &'a Talk,
    pub played: &'a Played,
    pub played_before: &'a Played,
}

/// The choice for one mix, from tick to tick.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Talker {
    /// Whose packets are passed on; `None`: the mix is encoded.
    from: Option<Slot>,
    /// Who talked alone last.
    last: Option<Slot>,
    mixed_frames: u8,
    are_floors_apart: bool,
}

/// Whether a row's sources may ever stand for its mix: it is a mix, and nothing in it has another loudness than its own.
pub(crate) fn may_forward(row: &Row) -> bool {
    row.delivery() == Delivery::Mix && row.iter().all(|(_, gain)| gain == Gain::UNITY)
}

impl Talker {
    /// The mix has to be encoded at this tick, whoever talks.
    pub fn mix(&mut self) {
        self.from = None;
        self.mixed_frames = 0;
    }

    /// Whose packet of the tick before stands for the mix of that time; `None`: the mix is to be encoded.
    pub fn choose<'a>(&mut self, voices: impl Iterator<Item = Voice<'a>> + Clone) -> Option<Slot> {
        let mut on = voices.clone().filter(|voice| voice.talk.is_on()).map(|voice| voice.slot);
        let wanted = match (on.next(), on.next()) {
            (Some(_), Some(_)) => None,
            (Some(alone), None) => {
                self.last = Some(alone);
                self.last
            }
            // Nobody talks: whoever did is kept, so that nothing changes in a pause.
            (None, _) => self.from.or(self.last),
        };
        self.compare_floors(voices.clone().filter_map(|voice| voice.talk.floor_dbov()));
        let is_ready = self.from.is_some() || self.mixed_frames >= MIXED_FRAMES_MIN;
        let from = wanted.filter(|_| is_ready && !self.are_floors_apart);
        self.from = from.filter(|from| {
            let mut voices = voices.clone();
            voices.any(|it| it.slot == *from && can_pass(&it, self.from == Some(*from)))
        });
        if self.from.is_none() {
            self.mixed_frames = self.mixed_frames.saturating_add(1);
        }
        self.from
    }

    /// With one source alone the noise of the others is gone: that is heard if it is much louder, or much quieter.
    fn compare_floors(&mut self, floors: impl Iterator<Item = f32> + Clone) {
        let loudest = floors.clone().fold(f32::MIN, f32::max);
        let quietest = floors.fold(f32::MAX, f32::min);
        let apart_db = if self.are_floors_apart { FLOORS_CLOSE_DB } else { FLOORS_APART_DB };
        self.are_floors_apart = loudest > FLOOR_AUDIBLE_DBOV && loudest - quietest > apart_db;
    }
}

/// Whether the packet that was played of this source at the tick before can be sent in the place of the mix, and the one
/// after it, as far as it is known. `goes_on`: its packets were sent until now.
fn can_pass(voice: &Voice<'_>, goes_on: bool) -> bool {
    let [now, next] = [voice.played_before, voice.played].map(|played| match played.whole() {
        Some(packet) => is_speech(packet.payload),
        // Where one is missing, none is sent either: the listener's decoder makes up for it, as it does for losses.
        None => goes_on && (played.is_missing() || played.is_silence()),
    });
    now && next
}

/// One frame of one channel with a speech layer at 16 kHz.
pub(crate) fn is_speech(payload: &[u8]) -> bool {
    codec::packet::speech_flag(payload).is_some() && codec::packet::is_wideband_speech(payload)
}
