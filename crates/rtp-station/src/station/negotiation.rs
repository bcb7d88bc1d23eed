//! Offers and answers (RFC 3264), and what a new agreement changes.

use std::time::Instant;

use codec::CodecError;
use rand::Rng;

use super::{Sound, Station, Up};
use crate::downlink::Downlink;
use crate::passage::Passage;
use crate::sdp::{self, Description, SdpError, Session, Terms};
use crate::srtp::Protection;
use crate::types::{Output, PlainCodec, StationConfig};
use crate::uplink::Uplink;

impl Station {
    /// Sets a station up from the peer's offer; our answer. An encoder is made, which takes a moment: do it
    /// off the thread that has packets to serve.
    ///
    /// # Errors
    /// [`SdpError`] says what is wrong with the offer; nothing in an offer can panic.
    pub fn accept_offer(
        config: StationConfig,
        offer: &str,
        now: Instant,
    ) -> Result<(Self, String), SdpError> {
        let mut station = Self::new(config, now);
        let answer = station.handle_offer(now, offer)?;
        Ok((station, answer))
    }

    /// Sets a station up that makes the offer; [`Self::handle_answer`] takes the answer to it.
    pub fn make_offer(config: StationConfig, now: Instant) -> (Self, String) {
        let mut station = Self::new(config, now);
        let offer = station.write_offer();
        (station, offer)
    }

    /// Takes an offer in the dialog: hold, moved media, another codec. Our answer.
    ///
    /// # Errors
    /// [`SdpError`]; what was agreed on before holds then (RFC 3264 §8).
    pub fn handle_offer(&mut self, now: Instant, offer: &str) -> Result<String, SdpError> {
        self.check_turn(false)?;
        let offer = Description::parse(offer)?;
        let (line, session) = Session::from_offer(&offer, &self.terms())?;
        let body = sdp::answer(&offer, line, &session, &self.terms());
        self.agree(now, session);
        Ok(self.sdp.writer.write(self.config.local, body))
    }

    /// Makes an offer in the dialog: a re-INVITE came without one.
    ///
    /// # Errors
    /// [`SdpError::OutOfTurn`], [`SdpError::Closed`].
    pub fn handle_offer_request(&mut self) -> Result<String, SdpError> {
        self.check_turn(false)?;
        Ok(self.write_offer())
    }

    /// Takes the answer to our offer.
    ///
    /// # Errors
    /// [`SdpError`]; another answer may follow then.
    pub fn handle_answer(&mut self, now: Instant, answer: &str) -> Result<(), SdpError> {
        self.check_turn(true)?;
        let answer = Description::parse(answer)?;
        let session = Session::from_answer(&answer, &self.terms())?;
        self.sdp.is_offering = false;
        self.agree(now, session);
        Ok(())
    }

    fn check_turn(&self, is_answer: bool) -> Result<(), SdpError> {
        match (self.ended, self.sdp.is_offering == is_answer) {
            (Some(_), _) => Err(SdpError::Closed),
            (None, false) => Err(SdpError::OutOfTurn),
            (None, true) => Ok(()),
        }
    }

    fn terms(&self) -> Terms<'_> {
        Terms {
            config: &self.config.plain,
            local: self.config.local,
            masters: self.sdp.masters,
            current: self.sdp.session.as_ref(),
        }
    }

    fn write_offer(&mut self) -> String {
        let body = sdp::offer(&self.terms());
        self.sdp.is_offering = true;
        self.sdp.writer.write(self.config.local, body)
    }

    /// Puts an agreement into force.
    fn agree(&mut self, now: Instant, session: Session) {
        let before = self.sdp.session.take();
        let was_held = before.as_ref().map(|it| !it.we_send());
        self.rtp.signal(session.remote.map(|it| it.rtp));
        self.rtcp.signal(session.remote.map(|it| it.rtcp));
        self.follow_codec(now, before.as_ref(), &session);
        self.follow_keys(&session);
        // What the peer was silent before counts for nothing.
        let is_awaited = session.peer_sends() && self.incoming.heard_at.is_some();
        self.awaited_since = is_awaited.then_some(now);
        let held = !session.we_send();
        if held && let Some(sound) = &mut self.sound {
            sound.down.stop();
        } else if !held
            && was_held == Some(true)
            && let Some(sound) = &mut self.sound
        {
            sound.down.start(now);
        }
        self.sdp.session = Some(session);
        self.faults.connected(now);
        if was_held.is_none() {
            self.push(Output::Connected);
        }
        if held != was_held.unwrap_or(false) {
            self.push(Output::Held(held));
        }
    }

    /// Makes what the codec needs, unless it is there.
    fn follow_codec(&mut self, now: Instant, before: Option<&Session>, session: &Session) {
        if before.map(|it| it.codec) == Some(session.codec)
            && let Some(sound) = &mut self.sound
        {
            sound.down.set_ptime(session.ptime_ms);
            return;
        }
        let up = self.new_up(now, session.codec);
        let down = Downlink::new(session.codec, session.ptime_ms);
        let up = up.expect("the configured encoder is within its limits, and libopus has memory");
        let mut down = down.expect("libopus has memory for a decoder");
        if before.is_some() {
            down.start(now);
        }
        let protection = self.sound.take().and_then(|it| it.protection);
        self.sound = Some(Sound { up, down, protection });
    }

    /// The way up for a codec; its numbers go on where the last one's ended.
    pub(super) fn new_up(&mut self, now: Instant, codec: PlainCodec) -> Result<Up, CodecError> {
        let (sequence, timestamp) = match &self.sound {
            Some(sound) => sound.up.position(now),
            None => ((self.rng.next_u32() & 0x3FFF) as u16, self.rng.next_u32()),
        };
        let telephone = Uplink::new(codec, self.config.encoder, sequence, timestamp)?;
        Ok(match telephone {
            Some(uplink) => Up::Telephone(Box::new(uplink)),
            None => Up::Opus(Passage::new(sequence, timestamp)),
        })
    }

    fn follow_keys(&mut self, session: &Session) {
        let Some(sound) = &mut self.sound else { return };
        let Some(keys) = session.keys else {
            sound.protection = None;
            return;
        };
        let done = match &mut sound.protection {
            Some(protection) => protection.rekey(keys),
            None => {
                sound.protection = Protection::new(keys);
                sound.protection.as_ref().map(|_| ())
            }
        };
        done.expect("keys of the right length are always taken");
    }
}
