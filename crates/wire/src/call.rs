//! Calls, legs, and what may be asked of them.

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

use crate::{Destination, HandoverView, HelpState, MediaFault, Mode, MoodView, Role, UserRef};

/// `POST /calls`.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema, TS)]
#[serde(deny_unknown_fields)]
pub struct PlaceCall {
    /// The caller's station.
    pub station: String,
    /// Where it shall ring.
    pub to: Destination,
    /// Who calls, as the agent will see it. Defaults to the user's own name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub caller: Option<CallerInfo>,
}

/// `POST /calls/outbound`.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema, TS)]
#[serde(deny_unknown_fields)]
pub struct DialNumber {
    /// The agent's station.
    pub station: String,
    /// The number: international (`+49 30 123456`; spaces, `-`, `.` and brackets may be in it), or a service
    /// code that begins with `*`.
    pub number: String,
}

/// `GET /calls/outbound`: which numbers agents may call.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema, TS)]
pub struct OutboundRule {
    /// How a number has to begin, `+49` say. None: no number may be called.
    pub prefixes: Vec<String>,
}

/// A call that an agent made, as far as it has come.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema, TS)]
pub struct OutboundView {
    /// The agent who made it.
    pub by: UserRef,
    /// How far it is.
    pub progress: OutboundProgress,
}

/// `POST /calls/{id}/outbound`: a number is called, and whoever takes it joins the call.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema, TS)]
#[serde(deny_unknown_fields)]
pub struct AddNumber {
    /// The number, as of `DialNumber`.
    pub number: String,
    /// You leave the call to the two once they have taken it.
    #[serde(default)]
    pub transfer: bool,
}

/// Somebody outside whom an agent calls to a call.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema, TS)]
pub struct AddingView {
    /// The agent.
    pub by: UserRef,
    /// The number.
    pub number: String,
    /// The agent leaves the call then.
    pub transfer: bool,
    /// How far it is.
    pub progress: AddingProgress,
    /// Why nobody took it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub reason: Option<EndReason>,
}

/// How far a call to somebody outside is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema, TS)]
#[serde(rename_all = "snake_case")]
pub enum AddingProgress {
    /// The number is being called.
    Calling,
    /// It rings there.
    Ringing,
    /// Nobody took it, for the `reason`; the call goes on as it was.
    Failed,
}

/// How far a call is that an agent made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema, TS)]
#[serde(rename_all = "snake_case")]
pub enum OutboundProgress {
    /// The number is being called.
    Calling,
    /// It rings there. No sound of the network's is played: a page plays its own.
    Ringing,
    /// Whoever was called has taken it.
    Taken,
}

/// Who calls.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema, TS)]
#[serde(deny_unknown_fields)]
pub struct CallerInfo {
    /// The name, 1–80 characters.
    pub name: String,
    /// The number, ≤ 40 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub number: Option<String>,
}

/// Who says who calls.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, ToSchema, TS)]
#[serde(rename_all = "snake_case")]
pub enum CallerSource {
    /// The caller.
    #[default]
    Stated,
    /// The telephone network. It may be wrong, too: nobody has proved it.
    Network,
    /// The agent, who has called this number.
    Dialed,
}

impl CallerSource {
    fn is_stated(&self) -> bool {
        *self == Self::Stated
    }
}

/// `POST /calls/{id}/answer` and `POST /calls/{id}/legs`: which station shall carry the leg.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema, TS)]
#[serde(deny_unknown_fields)]
pub struct AttachStation {
    /// One of the user's own stations.
    pub station: String,
    /// If given, only `listen` is accepted: supervision begins there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub mode: Option<Mode>,
}

/// `PUT /calls/{id}/legs/{leg}`: the desired state of one's own leg.
#[derive(Clone, Debug, Default, Deserialize, Serialize, ToSchema, TS)]
#[serde(deny_unknown_fields)]
pub struct LegUpdate {
    /// A supervisor's mode.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub mode: Option<Mode>,
    /// In whisper: the agent's leg to coach. Defaults to the agent who answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub coach: Option<String>,
    /// "Yes, I'm sure": needed for a `take_over` that does not follow on `barge`, for everybody is told.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[ts(optional, as = "Option<bool>")]
    pub announce: bool,
    /// An agent's or caller's own mute.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub muted: Option<bool>,
    /// An agent's own statement: the microphone hears the loudspeaker, so the caller may hear a
    /// whisper.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub echo: Option<bool>,
    /// Another of one's own stations that shall carry an agent's or caller's leg from now on, as
    /// after a lost connection. Supervision does not move: it begins anew.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub station: Option<String>,
    /// The call's revision on which the decision was made; 409 when it has changed since.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional, type = "number")]
    pub revision: Option<u64>,
}

/// The answer to a change of a leg: what now holds at the server.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema, TS)]
pub struct LegState {
    /// The leg's id within its call.
    pub leg: String,
    /// The supervisor's mode; absent for the other roles.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub mode: Option<Mode>,
    /// The call's revision; absent for callers and agents.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional, type = "number")]
    pub revision: Option<u64>,
}

/// `POST /calls/{id}/help`.
#[derive(Clone, Debug, Default, Deserialize, Serialize, ToSchema, TS)]
#[serde(deny_unknown_fields)]
pub struct HelpRequest {
    /// What to do with the request. Default: raise it.
    #[serde(default)]
    pub action: HelpAction,
    /// Why, ≤ 500 characters; for `raise`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub reason: Option<String>,
}

/// What to do with a help request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, ToSchema, TS)]
#[serde(rename_all = "snake_case")]
pub enum HelpAction {
    /// The agent asks for help.
    #[default]
    Raise,
    /// A supervisor takes it up.
    Take,
    /// It is settled, or the agent withdraws it.
    Close,
}

/// A call as its viewer may see it.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema, TS)]
pub struct CallView {
    /// Opaque id.
    pub id: String,
    /// Where the call stands.
    pub state: CallPhase,
    /// The queue's key; absent for a call placed straight to an agent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub queue: Option<String>,
    /// Who calls.
    pub caller: CallerInfo,
    /// Who says so; absent: the caller, on a page.
    #[serde(default, skip_serializing_if = "CallerSource::is_stated")]
    #[ts(optional, as = "Option<CallerSource>")]
    pub caller_source: CallerSource,
    /// The agent who made it, and how far it is; absent: the caller made it. Staff only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub outbound: Option<Box<OutboundView>>,
    /// Somebody outside who is called to it, or was in vain; staff only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub adding: Option<Box<AddingView>>,
    /// The legs that the viewer knows of, in the order in which they joined.
    pub legs: Vec<LegView>,
    /// The caller's place in the queue, 1 for the next one; to the caller alone, where the queue has it switched on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub place: Option<u32>,
    /// The agent at whom it rings now; staff only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub ringing: Option<UserRef>,
    /// Whether caller and agent are parted.
    pub held: bool,
    /// When the call was placed, Unix ms.
    #[ts(type = "number")]
    pub placed_at: u64,
    /// When the first agent answered, Unix ms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional, type = "number")]
    pub answered_at: Option<u64>,
    /// The open help request; staff only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub help: Option<HelpView>,
    /// The transfer, consultation or invitation that waits for an agent; staff only. One at most.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[ts(optional, as = "Option<Vec<HandoverView>>")]
    pub handovers: Vec<HandoverView>,
    /// An agent is being consulted; staff only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub consultation: Option<ConsultationView>,
    /// While the call is transferred: the name of the queue or agent. The caller is told, too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub transferring_to: Option<String>,
    /// How the call sounds: an indicator, not a judgement of a person; supervisors only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub mood: Option<MoodView>,
    /// What the mood was made of; supervisors only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub talk: Option<TalkView>,
    /// The agents are told of who only listens: the policy that the call began with; supervisors
    /// only.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[ts(optional, as = "Option<bool>")]
    pub listen_told: bool,
    /// Agents do not hear what a supervisor who has taken the call over speaks with the caller: the policy
    /// that the call began with; staff only.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[ts(optional, as = "Option<bool>")]
    pub agents_apart: bool,
    /// The viewer's own leg.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub own_leg: Option<String>,
    /// Counts the call's changes. Supervisors only: to others its jumps would tell of supervision.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional, type = "number")]
    pub revision: Option<u64>,
    /// How the call ended, once it has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub end_reason: Option<EndReason>,
}

/// Where a call stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema, TS)]
#[serde(rename_all = "snake_case")]
pub enum CallPhase {
    /// Waits for a ready agent.
    Waiting,
    /// Rings at an agent.
    Ringing,
    /// An agent calls a number, and nobody has taken the call yet.
    Dialing,
    /// Caller and agent are connected, or the caller waits for the next one (`transferring_to`).
    Active,
    /// Over.
    Ended,
}

/// How a call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema, TS)]
#[serde(rename_all = "snake_case")]
pub enum EndReason {
    /// The caller hung up.
    Caller,
    /// The last agent hung up.
    Agent,
    /// Nobody answered in time.
    NoAgent,
    /// The caller's media never came up, so it rang nowhere.
    NoMedia,
    /// A party's media did not come back.
    Lost,
    /// The server ended it.
    Server,
    /// The number that an agent called was busy.
    Busy,
    /// Whoever was called did not want the call.
    Declined,
    /// Nobody answered where an agent has called.
    NoAnswer,
    /// The number is nobody's.
    NoSuchNumber,
    /// The trunk did not let the call through.
    TrunkRefused,
    /// There is no codec, or no encryption, in common with the other end.
    NoCommonCodec,
    /// The trunk, or the network behind it, is not well.
    TrunkFailed,
}

/// A leg as its viewer may see it.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema, TS)]
pub struct LegView {
    /// The leg's id within its call.
    pub id: String,
    /// Whose leg it is.
    pub user: String,
    /// The name shown.
    pub name: String,
    /// `caller`, `agent` or `supervisor`.
    pub role: Role,
    /// The supervisor's mode.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub mode: Option<Mode>,
    /// In whisper: the coached agent's leg.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub coach: Option<String>,
    /// Since when the mode holds, Unix ms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional, type = "number")]
    pub mode_since: Option<u64>,
    /// This agent is consulted by the agent of that leg, and hears that one alone; staff only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub consulted_by: Option<String>,
    /// The party's own mute.
    pub muted: bool,
    /// The media are missing at the moment.
    pub lost: bool,
    /// The agent is on a loudspeaker, so the caller may hear a whisper; staff only.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[ts(optional, as = "Option<bool>")]
    pub echo: bool,
    /// What is wrong with the party's sound, as long as it is; supervisors only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub fault: Option<MediaFault>,
    /// When the leg joined, Unix ms.
    #[ts(type = "number")]
    pub joined_at: u64,
}

/// A consultation: an agent asks another one, the caller meanwhile on hold.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema, TS)]
pub struct ConsultationView {
    /// How far it got.
    pub state: ConsultationState,
    /// The leg of the agent who consults.
    pub by: String,
    /// The name of the queue or agent while it rings, then of the agent who is consulted.
    pub with: String,
    /// The leg of the agent who is consulted, once they talk.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub leg: Option<String>,
    /// Since when, Unix ms.
    #[ts(type = "number")]
    pub since: u64,
}

/// How far a consultation got.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema, TS)]
#[serde(rename_all = "snake_case")]
pub enum ConsultationState {
    /// It waits for an agent, or rings at one.
    Ringing,
    /// The two talk, and the caller does not hear them.
    Talking,
}

/// How a call sounds, from the last minute or so: who talks, not what is said.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize, Serialize, ToSchema, TS)]
pub struct TalkView {
    /// The caller's share of the talking, 0 … 1; 0.5 while nobody has talked.
    pub caller_share: f32,
    /// The share of the time in which caller and agent talked at once, 0 … 1.
    pub talk_over: f32,
    /// The share of the time in which nobody talked, 0 … 1.
    pub dead_air: f32,
    /// For how long nobody has talked, ms; 0 while somebody does.
    #[ts(type = "number")]
    pub silent_ms: u64,
    /// The caller talks markedly louder than at first.
    pub caller_raised: bool,
    /// An agent talks markedly louder than at first.
    pub agent_raised: bool,
}

/// A help request of a call.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema, TS)]
pub struct HelpView {
    /// The agent's leg.
    pub leg: String,
    /// Who asked: the user id; the name stands with the leg.
    pub agent: String,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub reason: Option<String>,
    /// How far it got.
    pub state: HelpState,
    /// Since when, Unix ms.
    #[ts(type = "number")]
    pub requested_at: u64,
    /// The supervisor who is on it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub taken_by: Option<UserRef>,
    /// When it was first taken up, Unix ms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional, type = "number")]
    pub taken_at: Option<u64>,
    /// When it was closed or cancelled, Unix ms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional, type = "number")]
    pub ended_at: Option<u64>,
}

/// `GET /calls`.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema, TS)]
pub struct CallList {
    /// The calls that this user may see.
    pub calls: Vec<CallView>,
}
