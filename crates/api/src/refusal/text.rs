//! A conversation's refusals in HTTP's terms: one table.

use interaction::conversation::Refusal;

use crate::{Kind, Problem, cause};

/// What the conversation's rules forbid, as a problem.
pub(super) fn refused(refusal: Refusal) -> Problem {
    let cause = cause::of_conversation(refusal);
    Problem::new(kind(refusal), sentence(&refusal.to_string())).because(cause)
}

fn kind(refusal: Refusal) -> Kind {
    match refusal {
        Refusal::Stale => Kind::StaleRevision,
        Refusal::AnnounceFirst => Kind::AnnounceFirst,
        Refusal::NotPermitted | Refusal::NotYours | Refusal::WrongPart | Refusal::NotAMember => {
            Kind::NotAllowed
        }
        Refusal::NoSuchMessage | Refusal::NoSuchHandover => Kind::NotFound,
        Refusal::Empty
        | Refusal::TextTooLong
        | Refusal::TooManyAttachments
        | Refusal::BadClientId
        | Refusal::ClientIdReused
        | Refusal::NoteTooLong
        | Refusal::ReasonTooLong => Kind::BadInput,
        Refusal::Ended
        | Refusal::WrongMode
        | Refusal::TakenOver
        | Refusal::SwitchedOff
        | Refusal::AlreadyMember
        | Refusal::Full
        | Refusal::TooManyMessages
        | Refusal::TargetPresent
        | Refusal::TooManyHandovers
        | Refusal::NoHelpOpen => Kind::ConversationRefused,
    }
}

/// What a model says, as a sentence.
pub(crate) fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|letter| letter.to_uppercase().to_string());
    format!("{}{}.", first.unwrap_or_default(), letters.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_have_the_status_that_the_api_promises() {
        let status = |refusal| refused(refusal).kind().status().as_u16();
        assert_eq!(status(Refusal::AnnounceFirst), 409);
        assert_eq!(status(Refusal::WrongMode), 409);
        assert_eq!(status(Refusal::NotPermitted), 403);
        assert_eq!(status(Refusal::TextTooLong), 400);
        assert_eq!(status(Refusal::NoSuchHandover), 404);
    }

    #[test]
    fn what_a_type_does_not_say_its_cause_says() {
        for refusal in [Refusal::Ended, Refusal::WrongMode, Refusal::Full, Refusal::Empty] {
            let problem = refused(refusal);
            assert!(problem.cause().is_some(), "{refusal:?}");
        }
        assert_eq!(refused(Refusal::AnnounceFirst).cause(), None);
    }
}
