//! How things stand for the user: a picture made of the server's views, and what has changed between two of them. Pure.

use wire::{CallPhase, CallView, LegView, Mode, PresenceState, Role};

use super::command::{Action, Note};
use super::words;

/// A call that rings here.
#[derive(Debug, Clone, PartialEq)]
pub struct Ringing {
    /// The call.
    pub call: CallView,
    /// Until when, the server's Unix ms.
    pub expires_at: u64,
}

/// The call that this phone is on.
#[derive(Debug, Clone, PartialEq)]
pub struct Talk {
    /// The call as the server shows it.
    pub call: CallView,
    /// One's own leg.
    pub leg: LegView,
    /// Its sound is here, and not on a page or another headset of the same user.
    pub is_here: bool,
}

impl Talk {
    /// The supervisor that an agent knows of: one who is heard before one who listens.
    pub fn guest(&self) -> Option<&LegView> {
        let others = || self.call.legs.iter().filter(|leg| leg.id != self.leg.id);
        let supervisors = others().filter(|leg| leg.role == Role::Supervisor && leg.mode.is_some());
        let told = |leg: &&LegView| words::guest(leg, Some(&self.leg.id), false, false).is_some();
        supervisors.filter(told).max_by_key(|leg| match leg.mode {
            Some(Mode::TakeOver) => 3,
            Some(Mode::Barge) => 2,
            Some(Mode::Whisper) => 1,
            _ => 0,
        })
    }

    /// What an agent is to be told of that supervisor.
    pub fn notice(&self) -> Option<String> {
        let own = Some(self.leg.id.as_str());
        words::guest(self.guest()?, own, self.call.held, self.leg.muted)
    }

    /// Whether somebody coaches the user, so that the ear has to make room for it.
    pub fn is_coached(&self) -> bool {
        let coaches = |leg: &LegView| {
            leg.mode == Some(Mode::Whisper) && leg.coach.as_deref() == Some(&self.leg.id)
        };
        !self.is_supervised() && self.call.legs.iter().any(coaches)
    }

    /// Whether the user is a supervisor on this call.
    pub fn is_supervised(&self) -> bool {
        self.leg.role == Role::Supervisor
    }

    /// The agent's name.
    pub fn agent(&self) -> &str {
        let coached = self.leg.coach.as_deref();
        let agents = || self.call.legs.iter().filter(|leg| leg.role == Role::Agent);
        let coached = agents().find(|leg| coached == Some(leg.id.as_str()));
        coached.or_else(|| agents().next()).map_or("the agent", |leg| leg.name.as_str())
    }

    /// Who hears the user, in a sentence.
    pub fn heard(&self) -> String {
        match self.leg.mode {
            Some(mode) if self.is_supervised() => words::supervisor_is_heard(mode, self.agent()),
            _ => words::agent_is_heard(
                &self.call.caller.name,
                self.guest(),
                self.call.held,
                self.leg.muted,
            ),
        }
    }
}

/// How things stand.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Standing {
    /// The event stream stands.
    pub is_up: bool,
    /// What the agent is, and why not ready.
    pub presence: Option<(PresenceState, Option<String>)>,
    /// What rings here.
    pub ringing: Option<Ringing>,
    /// The call that one is on.
    pub talk: Option<Talk>,
    /// Whether the microphone is to be open.
    pub is_open: bool,
}

/// What is to be done and said because things have changed. Closing the microphone comes first, opening it last.
pub fn changes(before: &Standing, now: &Standing, seconds_left: u64) -> Vec<Action> {
    let mut actions = Vec::new();
    if before.is_open && !now.is_open {
        actions.push(Action::Microphone(false));
    }
    if before.is_up != now.is_up {
        let text = if now.is_up {
            "Connected".to_owned()
        } else {
            words::connection_lost(before.talk.as_ref().map(|talk| talk.leg.role))
        };
        actions.push(Action::Say(Note::Connection { up: now.is_up, text }));
    }
    if before.presence != now.presence
        && let Some((state, reason)) = &now.presence
    {
        actions.push(Action::Say(Note::Presence { state: *state, reason: reason.clone() }));
    }
    ringing_changes(before.ringing.as_ref(), now.ringing.as_ref(), seconds_left, &mut actions);
    talk_changes(before.talk.as_ref(), now.talk.as_ref(), &mut actions);
    let is_coached = |standing: &Standing| standing.talk.as_ref().is_some_and(Talk::is_coached);
    if is_coached(before) != is_coached(now) {
        actions.push(Action::Coached(is_coached(now)));
    }
    if now.is_open && !before.is_open {
        actions.push(Action::Microphone(true));
    }
    actions
}

fn ringing_changes(
    before: Option<&Ringing>,
    now: Option<&Ringing>,
    seconds_left: u64,
    actions: &mut Vec<Action>,
) {
    let id = |ringing: Option<&Ringing>| ringing.map(|ringing| ringing.call.id.clone());
    if id(before) == id(now) {
        return;
    }
    if let Some(before) = before {
        actions.push(Action::Ring(false));
        actions.push(Action::Say(Note::RingingEnded { call: before.call.id.clone() }));
    }
    if let Some(Ringing { call, .. }) = now {
        actions.push(Action::Ring(true));
        actions.push(Action::Say(Note::Ringing {
            call: call.id.clone(),
            caller: call.caller.name.clone(),
            number: call.caller.number.clone(),
            queue: call.queue.clone(),
            seconds_left,
        }));
    }
}

fn talk_changes(before: Option<&Talk>, now: Option<&Talk>, actions: &mut Vec<Action>) {
    let same = match (before, now) {
        (Some(before), Some(now)) => before.call.id == now.call.id && before.leg.id == now.leg.id,
        _ => false,
    };
    if same && let (Some(before), Some(now)) = (before, now) {
        return within_call(before, now, actions);
    }
    if let Some(before) = before {
        let call = before.call.id.clone();
        actions.push(Action::Say(if before.is_supervised() {
            let text = "Not on a call – nobody hears you".to_owned();
            Note::SupervisionEnded { call, text }
        } else {
            let text = words::call_ended(&before.call.caller.name, before.call.end_reason);
            Note::CallEnded { call, text }
        }));
    }
    if let Some(now) = now {
        actions.push(Action::NewCall);
        if !now.is_supervised() {
            let (call, caller) = (now.call.id.clone(), now.call.caller.name.clone());
            actions.push(Action::Say(Note::CallStarted { call, caller }));
        }
        say_heard(now, actions);
        say_guest(None, now, actions);
        say_help(None, now, actions);
    }
}

fn within_call(before: &Talk, now: &Talk, actions: &mut Vec<Action>) {
    let heard = |talk: &Talk| (talk.leg.muted, talk.call.held, talk.leg.mode, talk.heard());
    if heard(before) != heard(now) {
        say_heard(now, actions);
    }
    say_guest(Some(before), now, actions);
    say_help(Some(before), now, actions);
}

fn say_heard(talk: &Talk, actions: &mut Vec<Action>) {
    let (call, text) = (talk.call.id.clone(), talk.heard());
    actions.push(Action::Say(match talk.leg.mode {
        Some(mode) if talk.is_supervised() => Note::Supervising { call, mode, text },
        _ => Note::Heard { call, muted: talk.leg.muted, held: talk.call.held, text },
    }));
}

fn say_guest(before: Option<&Talk>, now: &Talk, actions: &mut Vec<Action>) {
    if now.is_supervised() {
        return;
    }
    let (was, is) = (before.and_then(Talk::notice), now.notice());
    if was == is {
        return;
    }
    let call = now.call.id.clone();
    actions.push(Action::Say(match (is, now.guest()) {
        (Some(text), Some(guest)) => {
            let by = guest.name.clone();
            match guest.mode {
                Some(Mode::Barge) => Note::Joined { call, by, text },
                Some(Mode::TakeOver) => Note::TakenOver { call, by, text },
                Some(Mode::Whisper) => Note::Coaching { call, by, text },
                _ => Note::Listening { call, by, text },
            }
        }
        _ => {
            let by = before.and_then(Talk::guest).map_or_else(String::new, |leg| leg.name.clone());
            let first = words::first_name(&by).to_owned();
            let text = match before.and_then(Talk::guest).and_then(|leg| leg.mode) {
                Some(Mode::Listen) => format!("{first} has left."),
                _ => format!("{first} has left. Only the caller hears you."),
            };
            Note::SupervisorLeft { call, by, text }
        }
    }));
}

fn say_help(before: Option<&Talk>, now: &Talk, actions: &mut Vec<Action>) {
    let help = |talk: &Talk| talk.call.help.clone();
    let (was, is) = (before.and_then(help), help(now));
    if was == is {
        return;
    }
    let (state, text) = match (&is, is.as_ref().and_then(|help| help.taken_by.as_ref())) {
        (None, _) => ("closed", "The request for help is closed.".to_owned()),
        (Some(_), Some(by)) => ("taken", format!("{} is looking after it", by.name)),
        (Some(_), None) => ("asked", "Help asked for. The caller notices nothing.".to_owned()),
    };
    actions.push(Action::Say(Note::Help { call: now.call.id.clone(), state, text }));
}

/// The call that the user is on, among those that the user sees.
pub fn talk_among<'a>(
    calls: impl Iterator<Item = &'a CallView>,
    is_here: impl Fn(&str) -> bool,
) -> Option<Talk> {
    let talks = calls.filter(|call| call.state == CallPhase::Active).filter_map(|call| {
        let own = call.own_leg.as_deref()?;
        let leg = call.legs.iter().find(|leg| leg.id == own)?.clone();
        Some(Talk { call: call.clone(), leg, is_here: is_here(&call.id) })
    });
    talks.max_by_key(|talk| talk.is_here)
}
