//! Supervision on a call: coming in, modes, rights.

use super::{Applied, CallState, Cue, Event, Refusal};
use crate::{
    LeaveReason, Leg, LegId, Mode, ModeKind, Party, Revision, Rights, Role, RoutePlan, Source,
    SourceSet, Tone, UnixMs, UserId,
};

impl CallState {
    pub(super) fn supervise(
        &mut self,
        at: UnixMs,
        user: UserId,
        rights: Rights,
        out: &mut Applied,
    ) -> Result<(), Refusal> {
        if self.talking_agents().next().is_none() {
            return Err(Refusal::NoAgent);
        }
        match self.leg_of(user).map(|leg| (leg.id, leg.role())) {
            Some((old, Role::Supervisor)) => self.detach(old, LeaveReason::Replaced, out),
            Some(_) => return Err(Refusal::AlreadyParty),
            None => {}
        }
        let mode = Mode::Listen;
        let leg = self.attach(at, user, Party::Supervisor { mode, mode_since: at, rights })?;
        out.joined = Some(leg.id);
        out.events.push(Event::SupervisionStarted(leg));
        Ok(())
    }

    pub(super) fn check_mode(
        &self,
        id: LegId,
        wanted: ModeKind,
        coach: Option<LegId>,
        expected: Option<Revision>,
    ) -> Result<Mode, Refusal> {
        let leg = self.leg(id).ok_or(Refusal::NoSuchLeg)?;
        let Party::Supervisor { rights, mode: present, .. } = leg.party else {
            return Err(Refusal::WrongRole);
        };
        // Back to Listen is never stale: the way to silence stays open.
        if wanted != ModeKind::Listen && expected.is_some_and(|it| it != self.revision) {
            return Err(Refusal::Stale);
        }
        if !rights.allow(wanted) {
            return Err(Refusal::NotPermitted);
        }
        if leg.media_lost && wanted != ModeKind::Listen {
            return Err(Refusal::MediaLost);
        }
        match wanted {
            ModeKind::Listen => Ok(Mode::Listen),
            ModeKind::Barge => Ok(Mode::Barge),
            ModeKind::Whisper => self.check_coach(coach, present),
        }
    }

    fn check_coach(&self, coach: Option<LegId>, present: Mode) -> Result<Mode, Refusal> {
        let coached = match (coach, present) {
            (Some(id), _) => {
                let leg = self.leg(id).ok_or(Refusal::NoSuchLeg)?;
                if leg.role() != Role::Agent {
                    return Err(Refusal::NotAnAgent);
                }
                id
            }
            (None, Mode::Whisper { coached }) => coached,
            (None, _) => self.talking_agents().next().ok_or(Refusal::NoAgent)?.id,
        };
        Ok(Mode::Whisper { coached })
    }

    pub(super) fn set_mode(&mut self, at: UnixMs, id: LegId, wanted: Mode, out: &mut Applied) {
        let Some(leg) = self.legs.iter_mut().find(|leg| leg.id == id) else { return };
        let Party::Supervisor { mode, mode_since, .. } = &mut leg.party else { return };
        if *mode == wanted {
            return;
        }
        let from = std::mem::replace(mode, wanted);
        *mode_since = at;
        out.events.push(Event::ModeChanged { leg: leg.clone(), from });
        self.cue(wanted, out);
    }

    /// The tones of an entry into `mode`. The route plan says once more who may hear them.
    fn cue(&self, mode: Mode, out: &mut Applied) {
        let (tone, wanted): (Tone, &dyn Fn(&Leg) -> bool) = match mode {
            Mode::Listen => return,
            Mode::Whisper { coached } => (Tone::WhisperBeep, &move |leg| leg.id == coached),
            Mode::Barge => (Tone::Barge, &|leg| leg.role() != Role::Supervisor),
        };
        let plan = RoutePlan::derive(self);
        let listeners = self
            .legs
            .iter()
            .filter(|leg| wanted(leg) && plan.row(leg.slot).gain(Source::Tone(tone)).is_some())
            .fold(SourceSet::EMPTY, |set, leg| set.with(Source::Leg(leg.slot)));
        if !listeners.is_empty() {
            out.cues.push(Cue { tone, listeners });
        }
    }

    pub(super) fn set_rights(
        &mut self,
        at: UnixMs,
        user: UserId,
        wanted: Option<Rights>,
        out: &mut Applied,
    ) {
        let Some(leg) = self.legs.iter_mut().find(|leg| leg.user == user) else { return };
        let Party::Supervisor { rights, mode, .. } = &mut leg.party else { return };
        let id = leg.id;
        match wanted {
            None => self.detach(id, LeaveReason::Revoked, out),
            Some(wanted) => {
                *rights = wanted;
                if !wanted.allow(mode.kind()) {
                    self.set_mode(at, id, Mode::Listen, out);
                }
            }
        }
    }
}
