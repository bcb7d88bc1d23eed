//! Event streams and presence, in HTTP's terms.

use control_plane::StreamRefusal;
use orchestrator::{ConnectError, DirectError, PresenceError, SignOutError};

use super::STREAMS_RETRY_S;
use crate::{Kind, Problem};

const AGENT_AT_WORK: &str = "The agent is in a call or a conversation, which this would end. Set them \
                             to not ready, and sign them out once they are done.";

impl From<ConnectError> for Problem {
    fn from(error: ConnectError) -> Self {
        match error {
            ConnectError::NotCurrent(why) => why.into(),
            ConnectError::NoRoomForGuest(why) => why.into(),
            ConnectError::Streams(why) => streams_full(why),
        }
    }
}

impl From<PresenceError> for Problem {
    fn from(error: PresenceError) -> Self {
        match error {
            PresenceError::Lacks(what) => what.into(),
            PresenceError::NotCurrent(why) => why.into(),
        }
    }
}

impl From<DirectError> for Problem {
    fn from(error: DirectError) -> Self {
        match error {
            DirectError::NotCurrent(why) => why.into(),
            DirectError::NotFound(what) => what.into(),
        }
    }
}

impl From<SignOutError> for Problem {
    fn from(error: SignOutError) -> Self {
        match error {
            SignOutError::NotDirected(why) => why.into(),
            SignOutError::AtWork => Self::new(Kind::PresenceConflict, AGENT_AT_WORK),
            SignOutError::Unsaved(why) => why.into(),
        }
    }
}

fn streams_full(why: StreamRefusal) -> Problem {
    let detail = format!("There is no room for another event stream: {why}.");
    Problem::new(Kind::Overloaded, detail).retry_after_s(STREAMS_RETRY_S)
}
