//! An agent's call comes back to this phone, and its echo is told. Pure.

use super::Phone;
use super::command::{Act, Action, Request};
use super::standing::{self, Talk};

impl Phone {
    /// After a lost station, or a restart of this program, an agent's call goes on over the station that is here now. One
    /// whose sound is on another page, and not lost, stays there.
    pub(super) fn come_back(&mut self) -> Option<Action> {
        if !self.is_up || !self.has_fresh_station {
            return None;
        }
        self.has_fresh_station = false;
        let talk = standing::talk_among(self.calls.values(), |call| self.here.contains(call))?;
        let is_ours = !talk.is_supervised() && (talk.is_here || talk.leg.lost);
        is_ours.then(|| Action::Ask(self.bring_here(&talk)))
    }

    fn bring_here(&mut self, talk: &Talk) -> Request {
        let call = talk.call.id.clone();
        self.here.insert(call.clone());
        Request::Call { call, act: Act::ComeBack { leg: talk.leg.id.clone() } }
    }

    /// The supervisors are to know of an agent's echo before they whisper.
    pub(super) fn tell_echo(&mut self, talk: Option<&Talk>) -> Option<Action> {
        let talk = talk.filter(|talk| self.is_up && talk.is_here && !talk.is_supervised())?;
        let told = (talk.leg.id.clone(), self.is_echo);
        if talk.leg.echo == self.is_echo || self.echo_told.as_ref() == Some(&told) {
            return None;
        }
        self.echo_told = Some(told);
        let act = Act::Echo { leg: talk.leg.id.clone(), on: self.is_echo };
        Some(Action::Ask(Request::Call { call: talk.call.id.clone(), act }))
    }

    pub(super) fn answer(&mut self) -> Result<Request, &'static str> {
        if self.ringing.is_none()
            && let Some(talk) = self.talk().cloned()
            && !talk.is_here
            && !talk.is_supervised()
        {
            return Ok(self.bring_here(&talk));
        }
        self.on_ringing(Act::Answer)
    }
}
