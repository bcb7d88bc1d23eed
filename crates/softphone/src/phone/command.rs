//! What the phone is told to do, what it asks of the server, and what it says.

use serde::{Deserialize, Serialize};
use wire::Mode;

/// What the user wants. As JSON (one object a line): `{"do":"answer"}`, `{"do":"mute","on":true}`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
pub enum Command {
    /// Calls may ring.
    Ready {},
    /// Calls may not ring.
    NotReady {
        /// Why not.
        #[serde(default)]
        reason: Option<String>,
    },
    /// Take the call that rings; or bring the call here that one is on with another page or headset.
    Answer {},
    /// Let it ring elsewhere.
    Decline {},
    /// Mute or unmute oneself.
    Mute {
        /// Muted.
        on: bool,
    },
    /// Put the caller on hold, or take the caller back.
    Hold {
        /// On hold.
        on: bool,
    },
    /// End the call.
    HangUp {},
    /// Ask the supervisors for help.
    Help {
        /// What it is about.
        #[serde(default)]
        reason: Option<String>,
    },
    /// Withdraw the request for help.
    WithdrawHelp {},
    /// A supervisor: tell the live calls.
    Calls {},
    /// A supervisor: listen to a call, or go back to listening.
    Listen {
        /// The call; without it, the one that is supervised.
        #[serde(default)]
        call: Option<String>,
    },
    /// A supervisor: only the agent hears one.
    Whisper {},
    /// A supervisor: a key is held (whisper) or let go (listen).
    Talk {
        /// Held.
        on: bool,
    },
    /// A supervisor: everyone hears one.
    Barge {},
    /// A supervisor: speaks with the caller instead of the agent, whom nobody hears. `barge` hands it back.
    TakeOver {},
    /// A supervisor: leave the call.
    Stop {},
    /// Tell the devices.
    Devices {},
    /// Use other devices; what is left out stays.
    Use {
        /// The microphone, by name or id.
        #[serde(default)]
        microphone: Option<String>,
        /// The speaker, by name or id.
        #[serde(default)]
        speaker: Option<String>,
        /// Where it rings, too.
        #[serde(default)]
        ring_device: Option<String>,
    },
    /// Tell the levels and the line once a second, or no longer.
    Levels {
        /// On.
        on: bool,
    },
    /// Sign out and end.
    Quit {},
}

/// What the phone asks of the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Request {
    /// Ready, or not and why.
    Presence {
        /// Ready.
        ready: bool,
        /// Why not.
        reason: Option<String>,
    },
    /// Something about a call.
    Call {
        /// Which.
        call: String,
        /// What.
        act: Act,
    },
}

/// What to do about a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Act {
    /// Take it.
    Answer,
    /// Let it ring elsewhere.
    Decline,
    /// End it.
    HangUp,
    /// Put the caller on hold.
    Hold,
    /// Take the caller back.
    Resume,
    /// Ask for help.
    Help {
        /// Why.
        reason: Option<String>,
    },
    /// Withdraw the request.
    WithdrawHelp,
    /// Mute or unmute one's leg.
    Mute {
        /// The leg.
        leg: String,
        /// Muted.
        on: bool,
    },
    /// Bring one's leg over to the station that is here.
    ComeBack {
        /// The leg.
        leg: String,
    },
    /// Say that the microphone hears the loudspeaker, or no longer does.
    Echo {
        /// The leg.
        leg: String,
        /// It does.
        on: bool,
    },
    /// Begin to listen.
    Listen,
    /// Change one's mode.
    Mode {
        /// The leg.
        leg: String,
        /// The mode.
        mode: Mode,
    },
    /// End supervision.
    Leave {
        /// The leg.
        leg: String,
    },
}

/// What the phone wants done. The gate comes before requests, so that a microphone closes at once.
#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    /// Ask the server. Requests go out one after the other, in this order.
    Ask(Request),
    /// Open or close the microphone.
    Microphone(bool),
    /// Start or stop ringing.
    Ring(bool),
    /// Somebody begins or ceases to coach the user: what is heard is placed for that.
    Coached(bool),
    /// A call begins.
    NewCall,
    /// Tell the user.
    Say(Note),
}

/// What the user is told. As JSON (one object a line): `{"event":"ringing", …}`.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Note {
    /// Signed in: who, and in which role.
    SignedIn {
        /// The name shown.
        name: String,
        /// `agent`, `supervisor` or `admin`.
        role: wire::Role,
    },
    /// The connection to the server stands, or is lost.
    Connection {
        /// It stands.
        up: bool,
        /// In words.
        text: String,
    },
    /// The sound connection is lost, or is back.
    Sound {
        /// It stands.
        up: bool,
        /// In words.
        text: String,
    },
    /// The agent's own presence.
    Presence {
        /// What the agent is.
        state: wire::PresenceState,
        /// Why not ready.
        #[serde(skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    },
    /// A call rings.
    Ringing {
        /// The call.
        call: String,
        /// Who calls.
        caller: String,
        /// The number, if known.
        #[serde(skip_serializing_if = "Option::is_none")]
        number: Option<String>,
        /// The queue's key.
        #[serde(skip_serializing_if = "Option::is_none")]
        queue: Option<String>,
        /// Until it rings elsewhere, s.
        seconds_left: u64,
    },
    /// It no longer rings.
    RingingEnded {
        /// The call.
        call: String,
    },
    /// Caller and agent are connected.
    CallStarted {
        /// The call.
        call: String,
        /// Who called.
        caller: String,
    },
    /// Mute or hold changed, and so who hears one.
    Heard {
        /// The call.
        call: String,
        /// One is muted.
        muted: bool,
        /// The caller is on hold.
        held: bool,
        /// Who hears one, in words.
        text: String,
    },
    /// A supervisor whispers to this agent.
    Coaching {
        /// The call.
        call: String,
        /// Who.
        by: String,
        /// In words.
        text: String,
    },
    /// A supervisor has joined the call.
    Joined {
        /// The call.
        call: String,
        /// Who.
        by: String,
        /// In words.
        text: String,
    },
    /// A supervisor has taken the call over: nobody hears this agent.
    TakenOver {
        /// The call.
        call: String,
        /// Who.
        by: String,
        /// In words.
        text: String,
    },
    /// A supervisor listens, where agents are told.
    Listening {
        /// The call.
        call: String,
        /// Who.
        by: String,
        /// In words.
        text: String,
    },
    /// None of these any more.
    SupervisorLeft {
        /// The call.
        call: String,
        /// Who.
        by: String,
        /// In words.
        text: String,
    },
    /// A request for help was made, taken up or closed.
    Help {
        /// The call.
        call: String,
        /// `asked`, `taken` or `closed`.
        state: &'static str,
        /// In words.
        text: String,
    },
    /// A call is over for this user.
    CallEnded {
        /// The call.
        call: String,
        /// In words.
        text: String,
    },
    /// A supervisor's mode, confirmed by the server.
    Supervising {
        /// The call.
        call: String,
        /// The mode.
        mode: Mode,
        /// Who hears one, in words.
        text: String,
    },
    /// Supervision is over.
    SupervisionEnded {
        /// The call.
        call: String,
        /// In words.
        text: String,
    },
    /// The live calls, as asked for.
    Calls {
        /// One entry a call.
        calls: Vec<super::LiveCall>,
    },
    /// A command was not done.
    Refused {
        /// Why, and what to do.
        text: String,
    },
    /// A device came or went.
    Device {
        /// Which one.
        kind: crate::audio::DeviceKind,
        /// What became of it.
        #[serde(flatten)]
        change: crate::audio::headset::Change,
        /// In words.
        text: String,
    },
    /// The devices, as asked for.
    Devices {
        /// One entry a device.
        devices: Vec<crate::audio::devices::DeviceInfo>,
    },
    /// Echo was found, or is over.
    Echo {
        /// Found.
        on: bool,
        /// In words.
        text: String,
    },
    /// Levels and line, as asked for.
    Levels(crate::media::MediaStats),
    /// The program ends.
    Ended {
        /// Why.
        text: String,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_one_json_object_each() {
        let read = |text: &str| serde_json::from_str::<Command>(text).ok();
        assert_eq!(read(r#"{"do":"ready"}"#), Some(Command::Ready {}));
        assert_eq!(read(r#"{"do":"not_ready"}"#), Some(Command::NotReady { reason: None }));
        assert_eq!(read(r#"{"do":"mute","on":true}"#), Some(Command::Mute { on: true }));
        assert_eq!(read(r#"{"do":"listen"}"#), Some(Command::Listen { call: None }));
        assert_eq!(read(r#"{"do":"answer","call":"7"}"#), None, "unknown fields are refused");
        assert_eq!(read(r#"{"do":"dance"}"#), None);
        assert_eq!(read(r#"{"do":"mute"}"#), None);
    }
}
