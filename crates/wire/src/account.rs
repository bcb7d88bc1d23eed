//! Who one is: sign-in, the user, presence.

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

/// `POST /login`.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema, TS)]
#[serde(deny_unknown_fields)]
pub struct LoginRequest {
    /// The account's name.
    pub username: String,
    /// The account's password.
    pub password: String,
}

/// The answer to `POST /login`.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema, TS)]
pub struct LoginResponse {
    /// For `Authorization: Bearer …`. Browsers use the cookie that comes with the answer.
    pub token: String,
    /// When the token ends, Unix ms.
    #[ts(type = "number")]
    pub expires_at: u64,
    /// Who signed in.
    pub user: User,
}

/// `POST /guests`: somebody without an account who wants to call.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema, TS)]
#[serde(deny_unknown_fields)]
pub struct GuestRequest {
    /// The name that the agent will see, 1–80 characters.
    pub name: String,
}

/// A user as the user sees themself.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema, TS)]
pub struct User {
    /// Opaque id.
    pub id: String,
    /// The account's name; empty for a guest.
    pub username: String,
    /// The name that others see.
    pub name: String,
    /// The user's role.
    pub role: Role,
    /// What the user may do.
    pub permissions: Vec<Permission>,
    /// The teams whose calls a supervisor may see, or to which an agent belongs.
    pub teams: Vec<Named>,
    /// The queues that an agent serves, a supervisor's teams own, or a guest may call.
    pub queues: Vec<Queue>,
}

/// Something with an id and a name.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema, TS)]
pub struct Named {
    /// Opaque id.
    pub id: String,
    /// The name shown.
    pub name: String,
}

/// A queue.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema, TS)]
pub struct Queue {
    /// The queue's key, as used in `PlaceCall`: `support`.
    pub id: String,
    /// The name shown: `Support`.
    pub name: String,
    /// The owning team's id.
    pub team: String,
}

/// `GET /queues`: the queues that guests may call, and who it is that they call; needs no token.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema, TS)]
pub struct QueueList {
    /// The queues, by name.
    pub queues: Vec<GuestQueue>,
    /// How the centre presents itself.
    pub brand: Brand,
}

/// A queue that guests may call.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema, TS)]
pub struct GuestQueue {
    /// The queue's key, as used in `PlaceCall`: `support`.
    pub id: String,
    /// The name shown: `Support`.
    pub name: String,
    /// The owning team's id.
    pub team: String,
    /// It takes nobody at this time; absent: it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub closed: Option<QueueClosed>,
}

/// A queue takes nobody at this time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema, TS)]
pub struct QueueClosed {
    /// When it opens, Unix ms; absent: not within a year.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional, type = "number")]
    pub opens_at: Option<u64>,
}

/// How the centre presents itself to who calls and writes. What is empty was not chosen.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize, ToSchema, TS)]
#[serde(deny_unknown_fields)]
pub struct Brand {
    /// Its name, ≤ 40 characters.
    pub name: String,
    /// The colour of its name and of the buttons with which one comes in, as `#0a5c8f`: white has to be readable on it
    /// (a contrast of 4.5 at least).
    pub accent: String,
    /// Where its privacy notice is, by HTTPS, ≤ 500 characters.
    pub privacy_url: String,
    /// What is said while a queue is closed, beside when it opens, ≤ 300 characters.
    pub closed_message: String,
}

/// A user's role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema, TS)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// The customer.
    Caller,
    /// Takes calls.
    Agent,
    /// Listens, whispers, barges, takes over.
    Supervisor,
    /// Manages accounts and settings.
    Admin,
}

/// A right.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema, TS)]
#[serde(rename_all = "snake_case")]
pub enum Permission {
    /// See the live dashboard.
    ViewContactCenterDashboard,
    /// Listen to live calls.
    MonitorLiveCalls,
    /// Whisper on a call that one listens to.
    WhisperLiveCalls,
    /// Barge into a call that one listens to, and take it over.
    BargeLiveCalls,
    /// Take calls as an agent.
    TakeCalls,
    /// Place a call as a caller.
    PlaceCalls,
    /// Change settings and accounts.
    Administer,
    /// Read who supervised whom: the report of supervision.
    ReadAudit,
}

/// `GET /me/sign-ins`: where one is signed in.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema, TS)]
pub struct SignInList {
    /// The latest first. One that began while the database could not be written is missing.
    pub sign_ins: Vec<SignInView>,
}

/// A sign-in that is open.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema, TS)]
pub struct SignInView {
    /// Opaque id.
    pub id: String,
    /// Since when, Unix ms.
    #[ts(type = "number")]
    pub since: u64,
    /// When it ends by itself, Unix ms.
    #[ts(type = "number")]
    pub expires_at: u64,
    /// From where: an IPv4 address, or an IPv6 network.
    pub client: String,
    /// The browser or program, as it names itself in `User-Agent`; empty: it did not.
    pub user_agent: String,
    /// The one that asks.
    pub own: bool,
    /// A page or program of it is connected at this moment.
    pub connected: bool,
}

/// `PUT /me/password`.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema, TS)]
#[serde(deny_unknown_fields)]
pub struct PasswordChange {
    /// The present password.
    pub current: String,
    /// The new one, 8 – 256 bytes.
    pub new: String,
}

/// `PUT /me/presence`.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema, TS)]
#[serde(deny_unknown_fields)]
pub struct PresenceRequest {
    /// What the agent wants to be.
    pub state: PresenceChoice,
    /// Why not ready, ≤ 80 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub reason: Option<String>,
}

/// The answer to `PUT /agents/{id}/presence`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema, TS)]
pub struct AgentPresenceResult {
    /// What the agent is now.
    pub state: PresenceState,
}

/// The answer to `PUT /me/presence`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema, TS)]
pub struct PresenceResult {
    /// What the agent is now.
    pub state: PresenceState,
    /// What still keeps calls from them, whatever they choose to be; empty: nothing.
    pub missing: Vec<PresenceNeed>,
}

/// What an agent needs besides being ready.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema, TS)]
#[serde(rename_all = "snake_case")]
pub enum PresenceNeed {
    /// An open event stream (`GET /events`).
    EventStream,
    /// A station whose media are up (`POST /stations`).
    Station,
}

/// What an agent can choose.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema, TS)]
#[serde(rename_all = "snake_case")]
pub enum PresenceChoice {
    /// Calls may ring.
    Ready,
    /// Calls may not ring.
    NotReady,
}

/// What an agent is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema, TS)]
#[serde(rename_all = "snake_case")]
pub enum PresenceState {
    /// Waits for a call.
    Ready,
    /// Does not want calls.
    NotReady,
    /// Is being rung.
    Ringing,
    /// Is on a call.
    Active,
    /// Is not signed in.
    Offline,
}

/// An agent as the staff see them.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema, TS)]
pub struct AgentView {
    /// The agent's user id.
    pub user: String,
    /// The agent's name.
    pub name: String,
    /// The queues that the agent serves, by key.
    pub queues: Vec<String>,
    /// What the agent is.
    pub state: PresenceState,
    /// Why not ready: the agent's words, or `missed`, `missed a conversation`, `after_call`,
    /// `supervisor`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub reason: Option<String>,
    /// Since when, Unix ms.
    #[ts(type = "number")]
    pub since: u64,
    /// With the reason `after_call`: when that ends by itself, Unix ms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional, type = "number")]
    pub until: Option<u64>,
    /// Supervises, and takes no calls: `ready` says that they are signed in.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[ts(optional, as = "Option<bool>")]
    pub supervisor: bool,
}

/// `GET /agents`: the people one may chat with.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema, TS)]
pub struct AgentList {
    /// By name, without oneself.
    pub agents: Vec<AgentView>,
}

/// A user with an id and a name.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema, TS)]
pub struct UserRef {
    /// User id.
    pub user: String,
    /// The name shown.
    pub name: String,
}
