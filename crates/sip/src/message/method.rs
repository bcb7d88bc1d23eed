//! Methods.

use std::fmt;

/// What a request asks (RFC 3261 and its extensions; IANA's registry).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Method {
    /// Begins a call, or changes one that goes on.
    Invite,
    /// Confirms the final answer to an INVITE.
    Ack,
    /// Ends a call.
    Bye,
    /// Takes an INVITE back.
    Cancel,
    /// Asks what one can do, and whether one is there.
    Options,
    /// Says where somebody is reached.
    Register,
    /// Confirms a provisional answer (RFC 3262).
    Prack,
    /// Changes a call without a three-way handshake (RFC 3311).
    Update,
    /// Carries something within a call (RFC 6086).
    Info,
    /// Asks to call somebody else (RFC 3515).
    Refer,
    /// Tells of an event (RFC 6665).
    Notify,
    /// Asks to be told (RFC 6665).
    Subscribe,
    /// A text message (RFC 3428).
    Message,
    /// State of one's own (RFC 3903).
    Publish,
    /// One that is not known here.
    Other(String),
}

impl Method {
    /// By its name, which is case-sensitive (RFC 3261 §7.1).
    pub fn of(name: &str) -> Self {
        match name {
            "INVITE" => Self::Invite,
            "ACK" => Self::Ack,
            "BYE" => Self::Bye,
            "CANCEL" => Self::Cancel,
            "OPTIONS" => Self::Options,
            "REGISTER" => Self::Register,
            "PRACK" => Self::Prack,
            "UPDATE" => Self::Update,
            "INFO" => Self::Info,
            "REFER" => Self::Refer,
            "NOTIFY" => Self::Notify,
            "SUBSCRIBE" => Self::Subscribe,
            "MESSAGE" => Self::Message,
            "PUBLISH" => Self::Publish,
            other => Self::Other(other.to_owned()),
        }
    }

    /// Its name.
    pub fn name(&self) -> &str {
        match self {
            Self::Invite => "INVITE",
            Self::Ack => "ACK",
            Self::Bye => "BYE",
            Self::Cancel => "CANCEL",
            Self::Options => "OPTIONS",
            Self::Register => "REGISTER",
            Self::Prack => "PRACK",
            Self::Update => "UPDATE",
            Self::Info => "INFO",
            Self::Refer => "REFER",
            Self::Notify => "NOTIFY",
            Self::Subscribe => "SUBSCRIBE",
            Self::Message => "MESSAGE",
            Self::Publish => "PUBLISH",
            Self::Other(name) => name,
        }
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
