// The messages of the API, from crate `wire`. Made by `cargo run -p xtask -- codegen`: change the crate, not this file.

/**
 * An agent as the staff see them.
 */
export type AgentView = {
/**
 * The agent's user id.
 */
user: string,
/**
 * The agent's name.
 */
name: string,
/**
 * The queues that the agent serves, by key.
 */
queues: Array<string>,
/**
 * What the agent is.
 */
state: PresenceState,
/**
 * Why not ready.
 */
reason?: string,
/**
 * Since when, Unix ms.
 */
since: number, };

/**
 * `POST /calls/{id}/answer` and `POST /calls/{id}/legs`: which station shall carry the leg.
 */
export type AttachStation = {
/**
 * One of the user's own stations.
 */
station: string,
/**
 * If given, only `listen` is accepted: supervision begins there.
 */
mode?: Mode, };

/**
 * `GET /calls`.
 */
export type CallList = {
/**
 * The calls that this user may see.
 */
calls: Array<CallView>, };

/**
 * Levels on one call.
 */
export type CallMeters = {
/**
 * The call's id.
 */
call: string,
/**
 * One entry for each leg that the viewer knows of.
 */
legs: Array<LegMeter>, };

/**
 * Where a call stands.
 */
export type CallPhase = "waiting" | "ringing" | "active" | "ended";

/**
 * A call as its viewer may see it.
 */
export type CallView = {
/**
 * Opaque id.
 */
id: string,
/**
 * Where the call stands.
 */
state: CallPhase,
/**
 * The queue's key; absent for a call placed straight to an agent.
 */
queue?: string,
/**
 * Who calls.
 */
caller: CallerInfo,
/**
 * The legs that the viewer knows of, in the order in which they joined.
 */
legs: Array<LegView>,
/**
 * The agent at whom it rings now; staff only.
 */
ringing?: UserRef,
/**
 * Whether caller and agent are parted.
 */
held: boolean,
/**
 * When the call was placed, Unix ms.
 */
placed_at: number,
/**
 * When the first agent answered, Unix ms.
 */
answered_at?: number,
/**
 * The open help request; staff only.
 */
help?: HelpView,
/**
 * The viewer's own leg.
 */
own_leg?: string,
/**
 * Counts the call's changes. Supervisors only: to others its jumps would tell of supervision.
 */
revision?: number,
/**
 * How the call ended, once it has.
 */
end_reason?: EndReason, };

/**
 * Who calls.
 */
export type CallerInfo = {
/**
 * The name, 1–80 characters.
 */
name: string,
/**
 * The number, ≤ 40 characters.
 */
number?: string, };

/**
 * Where a call shall ring.
 */
export type Destination = { "queue": string } | { "agent": string };

/**
 * How a call ended.
 */
export type EndReason = "caller" | "agent" | "no_agent" | "lost" | "server";

/**
 * One message of the WebSocket, server to client.
 */
export type Envelope = {
/**
 * Counts up by one on each connection; absent on lossy messages.
 */
seq?: number,
/**
 * The server's clock, Unix ms.
 */
at: number, } & ({ "type": "snapshot" } & Snapshot | { "type": "call.offered",
/**
 * The call.
 */
call: CallView,
/**
 * Until when it rings here, Unix ms.
 */
expires_at: number, } | { "type": "call.offer_ended",
/**
 * The call's id.
 */
call: string, } | { "type": "call.updated",
/**
 * The call.
 */
call: CallView, } | { "type": "call.started",
/**
 * The call.
 */
call: CallView, } | { "type": "call.ended",
/**
 * The call, as it was.
 */
call: CallView, } | { "type": "leg.joined",
/**
 * The call.
 */
call: CallView,
/**
 * Who joined.
 */
leg: LegView, } | { "type": "leg.left",
/**
 * The call.
 */
call: CallView,
/**
 * Who left.
 */
leg: LegView, } | { "type": "leg.changed",
/**
 * The call.
 */
call: CallView, } | { "type": "supervision.started",
/**
 * The call.
 */
call: CallView,
/**
 * The supervisor's leg.
 */
leg: LegView, } | { "type": "supervision.mode_changed",
/**
 * The call.
 */
call: CallView,
/**
 * The supervisor's leg.
 */
leg: LegView,
/**
 * The mode before.
 */
from: Mode, } | { "type": "supervision.ended",
/**
 * The call.
 */
call: CallView,
/**
 * The supervisor's leg, as it was.
 */
leg: LegView, } | { "type": "help.changed",
/**
 * The call, with the request if one is open.
 */
call: CallView, } | { "type": "presence.changed",
/**
 * The agent.
 */
agent: AgentView, } | { "type": "meters",
/**
 * One entry a call.
 */
calls: Array<CallMeters>, } | { "type": "station.closed",
/**
 * The station's id.
 */
station: string, });

/**
 * What happened, as one user is told of it.
 */
export type Event = { "type": "snapshot" } & Snapshot | { "type": "call.offered",
/**
 * The call.
 */
call: CallView,
/**
 * Until when it rings here, Unix ms.
 */
expires_at: number, } | { "type": "call.offer_ended",
/**
 * The call's id.
 */
call: string, } | { "type": "call.updated",
/**
 * The call.
 */
call: CallView, } | { "type": "call.started",
/**
 * The call.
 */
call: CallView, } | { "type": "call.ended",
/**
 * The call, as it was.
 */
call: CallView, } | { "type": "leg.joined",
/**
 * The call.
 */
call: CallView,
/**
 * Who joined.
 */
leg: LegView, } | { "type": "leg.left",
/**
 * The call.
 */
call: CallView,
/**
 * Who left.
 */
leg: LegView, } | { "type": "leg.changed",
/**
 * The call.
 */
call: CallView, } | { "type": "supervision.started",
/**
 * The call.
 */
call: CallView,
/**
 * The supervisor's leg.
 */
leg: LegView, } | { "type": "supervision.mode_changed",
/**
 * The call.
 */
call: CallView,
/**
 * The supervisor's leg.
 */
leg: LegView,
/**
 * The mode before.
 */
from: Mode, } | { "type": "supervision.ended",
/**
 * The call.
 */
call: CallView,
/**
 * The supervisor's leg, as it was.
 */
leg: LegView, } | { "type": "help.changed",
/**
 * The call, with the request if one is open.
 */
call: CallView, } | { "type": "presence.changed",
/**
 * The agent.
 */
agent: AgentView, } | { "type": "meters",
/**
 * One entry a call.
 */
calls: Array<CallMeters>, } | { "type": "station.closed",
/**
 * The station's id.
 */
station: string, };

/**
 * `POST /guests`: somebody without an account who wants to call.
 */
export type GuestRequest = {
/**
 * The name that the agent will see, 1–80 characters.
 */
name: string, };

/**
 * What to do with a help request.
 */
export type HelpAction = "raise" | "take" | "close";

/**
 * `POST /calls/{id}/help`.
 */
export type HelpRequest = {
/**
 * What to do with the request. Default: raise it.
 */
action: HelpAction,
/**
 * Why, ≤ 500 characters; for `raise`.
 */
reason?: string, };

/**
 * An open help request.
 */
export type HelpView = {
/**
 * The agent's leg.
 */
leg: string,
/**
 * Who asked: the user id; the name stands with the leg.
 */
agent: string,
/**
 * Why.
 */
reason?: string,
/**
 * Since when, Unix ms.
 */
requested_at: number,
/**
 * The supervisor who took it up.
 */
taken_by?: UserRef, };

/**
 * One leg's level.
 */
export type LegMeter = {
/**
 * The leg's id within its call.
 */
leg: string,
/**
 * dBFS, −127 … 0.
 */
level: number,
/**
 * Whether the leg speaks.
 */
speaking: boolean, };

/**
 * The answer to a change of a leg: what now holds at the server.
 */
export type LegState = {
/**
 * The leg's id within its call.
 */
leg: string,
/**
 * The supervisor's mode; absent for the other roles.
 */
mode?: Mode,
/**
 * The call's revision; absent for callers and agents.
 */
revision?: number, };

/**
 * `PUT /calls/{id}/legs/{leg}`: the desired state of one's own leg.
 */
export type LegUpdate = {
/**
 * A supervisor's mode.
 */
mode?: Mode,
/**
 * In whisper: the agent's leg to coach. Defaults to the agent who answered.
 */
coach?: string,
/**
 * An agent's or caller's own mute.
 */
muted?: boolean,
/**
 * The call's revision on which the decision was made; 409 when it has changed since.
 */
revision?: number, };

/**
 * A leg as its viewer may see it.
 */
export type LegView = {
/**
 * The leg's id within its call.
 */
id: string,
/**
 * Whose leg it is.
 */
user: string,
/**
 * The name shown.
 */
name: string,
/**
 * `caller`, `agent` or `supervisor`.
 */
role: Role,
/**
 * The supervisor's mode.
 */
mode?: Mode,
/**
 * In whisper: the coached agent's leg.
 */
coach?: string,
/**
 * Since when the mode holds, Unix ms.
 */
mode_since?: number,
/**
 * The party's own mute.
 */
muted: boolean,
/**
 * The media are missing at the moment.
 */
lost: boolean,
/**
 * When the leg joined, Unix ms.
 */
joined_at: number, };

/**
 * `POST /login`.
 */
export type LoginRequest = {
/**
 * The account's name.
 */
username: string,
/**
 * The account's password.
 */
password: string, };

/**
 * The answer to `POST /login`.
 */
export type LoginResponse = {
/**
 * For `Authorization: Bearer …`. Browsers use the cookie that comes with the answer.
 */
token: string,
/**
 * When the token ends, Unix ms.
 */
expires_at: number,
/**
 * Who signed in.
 */
user: User, };

/**
 * A supervisor's mode. `monitor`, `coach` and `join` are accepted as other names.
 */
export type Mode = "listen" | "whisper" | "barge";

/**
 * Something with an id and a name.
 */
export type Named = {
/**
 * Opaque id.
 */
id: string,
/**
 * The name shown.
 */
name: string, };

/**
 * A call that rings at an agent.
 */
export type Offer = {
/**
 * The call.
 */
call: CallView,
/**
 * Until when it rings here, Unix ms.
 */
expires_at: number, };

/**
 * A right.
 */
export type Permission = "view_contact_center_dashboard" | "monitor_live_calls" | "whisper_live_calls" | "barge_live_calls" | "take_calls" | "place_calls" | "administer";

/**
 * `POST /calls`.
 */
export type PlaceCall = {
/**
 * The caller's station.
 */
station: string,
/**
 * Where it shall ring.
 */
to: Destination,
/**
 * Who calls, as the agent will see it. Defaults to the user's own name.
 */
caller?: CallerInfo, };

/**
 * The centre's choices that the pages must know.
 */
export type PolicyView = {
/**
 * Agents are told of listeners.
 */
notify_agent_on_listen: boolean, };

/**
 * What an agent can choose.
 */
export type PresenceChoice = "ready" | "not_ready";

/**
 * `PUT /me/presence`.
 */
export type PresenceRequest = {
/**
 * What the agent wants to be.
 */
state: PresenceChoice,
/**
 * Why not ready, ≤ 80 characters.
 */
reason?: string, };

/**
 * What an agent is.
 */
export type PresenceState = "ready" | "not_ready" | "ringing" | "active" | "offline";

/**
 * What went wrong and what to do about it.
 */
export type Problem = {
/**
 * A stable name, `/problems/…`; programs decide by it.
 */
type: string,
/**
 * The kind in a few words.
 */
title: string,
/**
 * The HTTP status.
 */
status: number,
/**
 * What happened here and what to do, in a sentence.
 */
detail: string,
/**
 * On a conflict over a call: the call as it is now.
 */
call?: CallView, };

/**
 * A queue.
 */
export type Queue = {
/**
 * The queue's key, as used in `PlaceCall`: `support`.
 */
id: string,
/**
 * The name shown: `Support`.
 */
name: string,
/**
 * The owning team's id.
 */
team: string, };

/**
 * `GET /queues`: the queues that guests may call; needs no token.
 */
export type QueueList = {
/**
 * The queues, by name.
 */
queues: Array<Queue>, };

/**
 * A user's role.
 */
export type Role = "caller" | "agent" | "supervisor" | "admin";

/**
 * Everything that a user may see at one moment.
 */
export type Snapshot = {
/**
 * The user.
 */
me: User,
/**
 * The calls.
 */
calls: Array<CallView>,
/**
 * The agents: of the supervisor's teams; for an agent, the agent alone.
 */
agents: Array<AgentView>,
/**
 * A call that rings at this agent right now.
 */
offer?: Offer,
/**
 * The centre's choices that the pages must know; staff only.
 */
policy?: PolicyView, };

/**
 * A user as the user sees themself.
 */
export type User = {
/**
 * Opaque id.
 */
id: string,
/**
 * The account's name; empty for a guest.
 */
username: string,
/**
 * The name that others see.
 */
name: string,
/**
 * The user's role.
 */
role: Role,
/**
 * What the user may do.
 */
permissions: Array<Permission>,
/**
 * The teams whose calls a supervisor may see, or to which an agent belongs.
 */
teams: Array<Named>,
/**
 * The queues that an agent serves, a supervisor's teams own, or a guest may call.
 */
queues: Array<Queue>, };

/**
 * A user with an id and a name.
 */
export type UserRef = {
/**
 * User id.
 */
user: string,
/**
 * The name shown.
 */
name: string, };
