//! The sentences: who hears whom, as the pages say it. Pure.

use wire::{EndReason, LegView, Mode, Role};

/// The first word of a name.
pub fn first_name(name: &str) -> &str {
    name.split_whitespace().next().unwrap_or(name)
}

/// What an agent is told of a supervisor's leg: a whisper to oneself, a barge, a take-over, or, where that is told,
/// listening.
pub fn guest(leg: &LegView, own_leg: Option<&str>, held: bool, muted: bool) -> Option<String> {
    let name = first_name(&leg.name);
    match leg.mode? {
        Mode::Whisper if leg.coach.is_none() || leg.coach.as_deref() == own_leg => {
            let then = match (held, muted) {
                (_, true) => "You are muted: nobody hears you.".to_owned(),
                (true, false) => format!("The caller is on hold: only {name} hears you."),
                (false, false) => "Don't answer aloud: the caller hears you.".to_owned(),
            };
            Some(format!("{name} is coaching you – only you can hear this. {then}"))
        }
        Mode::Whisper => None,
        Mode::Barge => Some(format!("{name} has joined the call – everyone hears {name}.")),
        Mode::TakeOver => Some(format!(
            "{name} has taken the call over – nobody hears you. {name} hands it back to you."
        )),
        Mode::Listen => Some(format!("{name} is listening – nobody hears {name}.")),
    }
}

/// Who hears an agent.
pub fn agent_is_heard(caller: &str, guest: Option<&LegView>, held: bool, muted: bool) -> String {
    let caller = first_name(caller);
    let taken_over = guest.is_some_and(|leg| leg.mode == Some(Mode::TakeOver));
    let guest = guest.filter(|leg| leg.mode != Some(Mode::Listen)).map(|leg| first_name(&leg.name));
    match (muted, held, guest) {
        (_, _, Some(guest)) if taken_over => {
            format!("{guest} has taken the call over – nobody hears you")
        }
        (true, ..) => "You are muted – nobody hears you".to_owned(),
        (_, true, None) => format!("{caller} is on hold – {caller} does not hear you"),
        (_, true, Some(guest)) => format!("{caller} is on hold – only {guest} hears you"),
        (_, _, None) => format!("{caller} hears you"),
        (_, _, Some(guest)) => format!("{caller} and {guest} hear you"),
    }
}

/// Who hears a supervisor.
pub fn supervisor_is_heard(mode: Mode, agent: &str) -> String {
    match mode {
        Mode::Listen => "Listening – nobody hears you".to_owned(),
        Mode::Whisper => format!("Whispering – only {} hears you", first_name(agent)),
        Mode::Barge => "On the call – everyone hears you".to_owned(),
        Mode::TakeOver => {
            format!("You have taken the call over – nobody hears {}", first_name(agent))
        }
    }
}

/// What was asked for and is not confirmed yet.
pub fn pending(mode: Mode) -> String {
    let word = match mode {
        Mode::Listen => "Listen",
        Mode::Whisper => "Whisper",
        Mode::Barge => "Barge",
        Mode::TakeOver => "Take-over",
    };
    format!("{word} asked for, not confirmed yet")
}

/// How an agent's call ended.
pub fn call_ended(caller: &str, reason: Option<EndReason>) -> String {
    match reason {
        Some(EndReason::Caller) => format!("{caller} hung up."),
        Some(EndReason::Agent) => format!("You hung up on {caller}."),
        Some(EndReason::Lost) => format!("The call with {caller} broke off: the sound was lost."),
        Some(EndReason::Busy) => format!("{caller} is busy."),
        Some(EndReason::Declined) => format!("{caller} declined the call."),
        Some(EndReason::NoAnswer) => format!("{caller} does not answer."),
        Some(EndReason::NoSuchNumber) => format!("There is no such number: {caller}."),
        Some(EndReason::TrunkRefused | EndReason::NoCommonCodec | EndReason::TrunkFailed) => {
            format!("The telephone network could not connect the call to {caller}.")
        }
        Some(EndReason::NoMedia | EndReason::NoAgent | EndReason::Server) | None => {
            format!("The call with {caller} is over.")
        }
    }
}

/// What is said when the event stream is lost.
pub fn connection_lost(role: Option<Role>) -> String {
    match role {
        Some(Role::Agent) => "Connection to the server lost. Your call goes on, and you can still be heard. Trying again…",
        Some(_) => "Reconnecting – you are muted, nobody hears you",
        None => "Connection to the server lost. Trying again…",
    }
    .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_agent_is_told_who_hears_what() {
        let mut leg = LegView {
            id: "3".to_owned(),
            user: "u".to_owned(),
            name: "Sam Okafor".to_owned(),
            role: Role::Supervisor,
            mode: Some(Mode::Whisper),
            coach: Some("2".to_owned()),
            mode_since: None,
            consulted_by: None,
            muted: false,
            lost: false,
            echo: false,
            fault: None,
            joined_at: 0,
        };
        let told = guest(&leg, Some("2"), false, false).unwrap();
        assert!(told.starts_with("Sam is coaching you – only you can hear this."));
        assert!(told.ends_with("Don't answer aloud: the caller hears you."));
        assert_eq!(guest(&leg, Some("9"), false, false), None, "another agent is coached");
        assert!(guest(&leg, Some("2"), false, true).unwrap().ends_with("nobody hears you."));
        assert!(guest(&leg, Some("2"), true, false).unwrap().ends_with("only Sam hears you."));
        assert_eq!(
            agent_is_heard("Marek Novák", Some(&leg), false, false),
            "Marek and Sam hear you"
        );
        leg.mode = Some(Mode::Barge);
        let told = guest(&leg, Some("2"), false, false);
        assert_eq!(told.as_deref(), Some("Sam has joined the call – everyone hears Sam."));
        leg.mode = Some(Mode::TakeOver);
        let told = guest(&leg, Some("2"), false, false).unwrap();
        assert!(told.starts_with("Sam has taken the call over – nobody hears you."), "{told}");
        for muted in [false, true] {
            assert_eq!(
                agent_is_heard("Marek Novák", Some(&leg), false, muted),
                "Sam has taken the call over – nobody hears you"
            );
        }
        assert_eq!(
            agent_is_heard("Marek Novák", None, true, false),
            "Marek is on hold – Marek does not hear you"
        );
    }
}
