//! The calls of one worker. A panic inside one call drops that call, and no other.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use call_engine::{Call, CallConfig, Moment, OpusEncoderConfig, Outgoing, RtpPacket, Track};
use interaction::{Actor, CallId, Command, LeaveReason, Policy, Role, StationId};
use rtc_station::RtpOut;
use tracing::{error, warn};

use crate::call_slot::{CallSlot, Unsaid};
use crate::counters::Counters;
use crate::mailbox::{Apply, Liveness, Message};
use crate::outbox::Outbox;
use crate::overload::Relief;
use crate::table::Table;
use crate::{CommandError, MediaEvent, MixCodec, StationError};

/// How long an agent whose page has ended its connection is waited for: one that is loaded again needs
/// a new connection. Until then the others hear that they are on hold.
const RETURN_MAX: Duration = Duration::from_secs(15);

/// The calls of one worker.
pub(crate) struct Calls {
    slots: Table<CallId, CallSlot>,
    calls_max: usize,
    config: CallConfig,
    /// What is given up because the worker has too much to do.
    relief: Relief,
    /// Calls in which something panicked; they go before anything else happens.
    failed: Vec<CallId>,
    /// What the last tick left to be said.
    unsaid: Vec<Unsaid>,
}

impl Calls {
    pub fn new(calls_max: usize, config: CallConfig) -> Self {
        let relief = Relief::Nothing;
        let (failed, unsaid) = Default::default();
        Self { slots: Table::default(), calls_max, config, relief, failed, unsaid }
    }

    /// Whether there is none, none has failed, and nothing is left to be said of one.
    pub fn is_empty(&self) -> bool {
        self.slots.is_empty() && self.failed.is_empty() && !self.has_unsaid()
    }

    /// Whether [`Calls::tell`] has something to say.
    pub fn has_unsaid(&self) -> bool {
        !self.unsaid.is_empty()
    }

    pub fn open(
        &mut self,
        id: CallId,
        policy: Policy,
        codec: Option<MixCodec>,
    ) -> Result<(), StationError> {
        if self.slots.len() >= self.calls_max {
            return Err(StationError::Full);
        }
        if self.relief >= Relief::NoNewCalls {
            return Err(StationError::Overloaded);
        }
        let mut config = self.config.clone();
        if let Some(MixCodec { bitrate_bps, complexity }) = codec {
            config.encoder = OpusEncoderConfig { bitrate_bps, complexity, ..config.encoder };
        }
        let mut call = Call::new(id, policy, config).map_err(StationError::Config)?;
        call.ease(self.relief >= Relief::LessEffort);
        self.slots.insert(id, CallSlot::new(call));
        Ok(())
    }

    /// Gives up that much from now on.
    pub fn relieve(&mut self, relief: Relief) {
        warn!(?relief, "the media worker's load has changed");
        self.relief = relief;
        for slot in self.slots.values_mut() {
            slot.call.ease(relief >= Relief::LessEffort);
        }
    }

    /// Applies a command of the API's. The answer comes with [`Calls::tell`] after the next tick, whatever it is; at
    /// once if there is no such call, and so no tick.
    pub fn apply(&mut self, moment: Moment, apply: Apply, outbox: &mut Outbox) {
        let Apply { call: id, by, command, station, reply } = apply;
        let Some(slot) = self.slots.get_mut(&id) else {
            let _ = reply.send(Err(CommandError::NoSuchCall));
            return;
        };
        let position = station.map(|(_, position)| position);
        let Some(result) = guarded(id, || slot.call.handle_command(moment, by, command, position))
        else {
            self.failed.push(id);
            self.bury(outbox);
            return;
        };
        let carried = result.as_ref().ok().and_then(|applied| applied.joined.or(applied.moved));
        if let (Some(leg), Some((station, _))) = (carried, station)
            && let Some(former) = slot.bind(leg, station)
        {
            outbox.send(former.0, Message::Release { station: former, call: id });
        }
        slot.answer(reply, result);
    }

    /// A station of this call's became quiet, came back, or is gone.
    pub fn liveness(
        &mut self,
        moment: Moment,
        id: CallId,
        station: StationId,
        liveness: Liveness,
        outbox: &mut Outbox,
    ) {
        let Some(slot) = self.slots.get_mut(&id) else { return };
        let Some(leg) = slot.leg_of(station) else { return };
        let Some(role) = slot.call.state().leg(leg).map(interaction::Leg::role) else { return };
        let command = match (role, liveness) {
            (Role::Agent, Liveness::Away) => {
                slot.wait_for(leg, moment.now + RETURN_MAX);
                Command::SetMediaLost { leg, lost: true }
            }
            (_, Liveness::Gone | Liveness::Away) | (Role::Supervisor, Liveness::Quiet) => {
                Command::Leave { leg, reason: LeaveReason::Lost }
            }
            (_, Liveness::Quiet) => Command::SetMediaLost { leg, lost: true },
            (_, Liveness::Alive) => Command::SetMediaLost { leg, lost: false },
        };
        match guarded(id, || slot.call.handle_command(moment, Actor::System, command, None)) {
            Some(Ok(applied)) => slot.changed(applied.events),
            // The leg is gone by now, and so is what was to be told of it.
            Some(Err(_)) => {}
            None => {
                self.failed.push(id);
                self.bury(outbox);
            }
        }
    }

    /// A station reports how what it was sent has arrived.
    pub fn reception(&mut self, id: CallId, station: StationId, lost: f32) {
        let Some(slot) = self.slots.get_mut(&id) else { return };
        if let Some(leg) = slot.leg_of(station) {
            slot.call.handle_reception(leg, lost);
        }
    }

    /// Brings a station's packet into its call; what is forwarded goes out through `deliver`.
    pub fn handle_rtp(
        &mut self,
        now: Instant,
        id: CallId,
        station: StationId,
        packet: RtpPacket<'_>,
        mut deliver: impl FnMut(StationId, Track, RtpOut<'_>),
    ) {
        if self.failed.contains(&id) {
            return;
        }
        let Some(CallSlot { call, legs, .. }) = self.slots.get_mut(&id) else { return };
        let Some(leg) = legs.leg_of(station) else { return };
        let send = |out: Outgoing<'_>| {
            if let Some(station) = legs.station_of(out.leg) {
                deliver(station, out.track, rtp_out(out));
            }
        };
        if guarded(id, || call.handle_rtp(now, leg, packet, send)).is_none() {
            self.failed.push(id);
        }
    }

    /// One tick of every call: what is mixed goes out through `deliver`. What everybody is answered who sent a
    /// command since the last one waits for [`Calls::tell`].
    pub fn tick(
        &mut self,
        moment: Moment,
        mut deliver: impl FnMut(StationId, Track, RtpOut<'_>),
        outbox: &mut Outbox,
    ) {
        self.bury(outbox);
        let mut unsettled = Vec::new();
        for (id, slot) in &mut self.slots {
            let CallSlot { call, legs, waited_for, .. } = slot;
            let send = |out: Outgoing<'_>| {
                if let Some(station) = legs.station_of(out.leg) {
                    deliver(station, out.track, rtp_out(out));
                }
            };
            let overdue = waited_for.overdue(moment.now);
            let tick = || {
                // The leg may have left by itself.
                let gone = overdue.filter_map(|leg| {
                    let leave = Command::Leave { leg, reason: LeaveReason::Lost };
                    call.handle_command(moment, Actor::System, leave, None).ok()
                });
                let mut events: Vec<_> = gone.flat_map(|applied| applied.events).collect();
                events.extend(call.handle_tick(moment, send));
                events
            };
            match guarded(*id, tick) {
                Some(events) => slot.changed(events),
                None => self.failed.push(*id),
            }
            if slot.is_unsettled() {
                unsettled.push(*id);
            }
        }
        self.bury(outbox);
        for id in unsettled {
            self.settle(id, outbox);
        }
    }

    /// Meters and counters, ten times a second.
    pub fn report(&mut self, counters: &mut Counters, outbox: &mut Outbox) {
        for (id, slot) in &mut self.slots {
            let levels = slot.call.levels();
            let levels = levels.iter().map(|it| (it.leg, it.dbfs, it.speaking)).collect();
            outbox.tell(MediaEvent::Meters { call: *id, levels });
            let counted = slot.call.counters();
            counters.add_call(counted, slot.counted);
            slot.counted = counted;
        }
    }

    /// Tells stations whether their packets are waited for, ten times a second.
    pub fn tell_awaited(&mut self, outbox: &mut Outbox) {
        for (call, slot) in &mut self.slots {
            for (station, awaited) in slot.awaited_changes() {
                outbox.send(station.0, Message::Await { station, call: *call, awaited });
            }
        }
    }

    /// Answers and tells what the last tick has put in force.
    ///
    /// Not at once after it, but at an instant of its own: how long a tick takes depends on who listens.
    pub fn tell(&mut self, outbox: &mut Outbox) {
        for unsaid in self.unsaid.drain(..) {
            unsaid.say(|event| outbox.tell(event));
        }
    }

    /// After a tick: gives departed stations back, keeps what is to be said, and forgets ended calls.
    fn settle(&mut self, id: CallId, outbox: &mut Outbox) {
        let Some(slot) = self.slots.get_mut(&id) else { return };
        for station in slot.unbind_departed() {
            outbox.send(station.0, Message::Release { station, call: id });
        }
        // Before the answer: a station that has left a call is free for the next one.
        outbox.flush_messages();
        self.unsaid.push(slot.settle());
        if slot.call.state().ended() {
            self.slots.remove(&id);
        }
    }

    /// Drops the calls in which something panicked and gives their stations back.
    fn bury(&mut self, outbox: &mut Outbox) {
        for id in self.failed.drain(..) {
            let Some(slot) = self.slots.remove(&id) else { continue };
            for station in slot.legs.stations() {
                outbox.send(station.0, Message::Release { station, call: id });
            }
            outbox.flush_messages();
            outbox.tell(MediaEvent::CallFailed(id));
        }
    }
}

/// Runs `work` on a call; `None` when it panicked. The call is dropped then, so that what the
/// panic left half done is never looked at.
fn guarded<T>(id: CallId, work: impl FnOnce() -> T) -> Option<T> {
    catch_unwind(AssertUnwindSafe(work))
        .map_err(|_| error!(call = %id, "a bug in this call has ended it; please report it"))
        .ok()
}

fn rtp_out(out: Outgoing<'_>) -> RtpOut<'_> {
    RtpOut {
        sequence: out.sequence,
        timestamp: out.timestamp,
        marker: out.marker,
        payload: out.payload,
    }
}

#[cfg(test)]
mod codec_tests;
#[cfg(test)]
mod plain_tests;
#[cfg(test)]
mod tests;
