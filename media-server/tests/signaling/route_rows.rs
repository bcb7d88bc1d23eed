//! The rows of [`route_table`](crate::route_table): one for each operation of the OpenAPI document.
//!
//! Each letter is one role's, in the order of [`ROLES`](crate::route_table::ROLES): a foreign
//! guest, the customer, the agent in it, an agent who left, an agent of another team, a supervisor
//! who listens, one who does not, one of another team, one who lost every right, an administrator.
//! `o`: not refused for who they are; `1`, `3`, `4`: 401, 403, 404.

/// What one operation answers to each role.
pub struct Row {
    /// Method and path.
    pub operation: &'static str,
    /// While the interaction runs; of what hangs on none, at any time.
    pub running: &'static str,
    /// Once it is over.
    pub over: &'static str,
    /// What is sent; `COLLEAGUE` is somebody of the team.
    pub body: Option<&'static str>,
    /// What follows the path.
    pub query: &'static str,
    /// Whoever may do it changes what the other rows need.
    pub changes: bool,
}

/// A team or skill.
const NAME: &str = r#"{"name":"Zed","revision":0}"#;
/// An account.
const USER: &str = r#"{"username":"zed","name":"Zed","role":"agent","permissions":[],"teams":[],
    "queues":[],"skills":[],"disabled":false,"revision":0}"#;
/// A queue.
const QUEUE: &str = r#"{"key":"zed","name":"Zed","team":"0","open_to_guests":false,
    "settings":{"delivery":"push","private_chat":true,"help":true,"mood":true,
    "transcript_download":true},"revision":0}"#;
/// A canned reply.
const REPLY: &str = r#"{"title":"Zed","text":"Zed","revision":0}"#;
/// Who may whisper, decided on a state that never was.
const RULE: &str =
    r#"{"agents":true,"colleagues":true,"supervisors":true,"skills":[],"revision":99}"#;
/// A brand, decided on a state that never was.
const BRAND: &str =
    r#"{"brand":{"name":"","accent":"","privacy_url":"","closed_message":""},"revision":99}"#;
/// The policies, decided on a state that never was.
const POLICIES: &str = r#"{"policies":{"notify_agent_on_listen":false,"supervisors_hear_whispers":true,
    "whisper_beep":true,"barge_tone_caller":true,"barge_tone_agents":true,
    "hold_tone":false,"duck_db":-6,"ring_timeout_s":15,"call_wait_s":60,
    "conversations_per_agent":3,"offer_timeout_s":15,"conversation_wait_s":60,
    "handover_wait_s":60,"messages_per_minute":60},"revision":99}"#;

/// One for each operation.
pub const ROWS: &[Row] = &[
    row("get /conversations/{id}", "4oo44oo444", "4444444444", None, ""),
    row("get /conversations/{id}/messages", "4ooo4o3444", "4ooo4oo444", None, ""),
    row(
        "post /conversations/{id}/messages",
        "4oo44o3444",
        "4444444444",
        Some(r#"{"text":"hi","visibility":"public","client_id":"r"}"#),
        "",
    ),
    row(
        "post /conversations/{id}/typing",
        "4oo44o3444",
        "4444444444",
        Some(r#"{"visibility":"public","typing":true}"#),
        "",
    ),
    row(
        "put /conversations/{id}/marks",
        "4oo44o3444",
        "4444444444",
        Some(r#"{"kind":"read","up_to":0}"#),
        "",
    ),
    row("get /conversations/{id}/transcript", "4ooo4oo444", "4ooo4oo444", None, "?kind=external"),
    row(
        "post /conversations/{id}/attachments",
        "4oo44o3444",
        "4444444444",
        Some("a text"),
        "?name=b.txt",
    ),
    row("get /conversations/{id}/attachments/{attachment}", "44o44o4444", "44o44oo444", None, ""),
    changes(
        "post /conversations/{id}/colleagues",
        "44o4433444",
        "4444444444",
        Some(r#"{"user":"COLLEAGUE"}"#),
        "",
    ),
    row(
        "post /conversations/{id}/help",
        "43o4433444",
        "4444444444",
        Some(r#"{"action":"raise"}"#),
        "",
    ),
    row(
        "post /conversations/{id}/conference",
        "43o4433444",
        "4444444444",
        Some(r#"{"to":{"agent":"COLLEAGUE"}}"#),
        "",
    ),
    changes(
        "post /conversations/{id}/transfer",
        "43o4433444",
        "4444444444",
        Some(r#"{"to":{"queue":"sales"}}"#),
        "",
    ),
    changes(
        "delete /conversations/{id}/handovers/{handover}",
        "44o4433444",
        "4444444444",
        None,
        "",
    ),
    changes(
        "put /conversations/{id}/supervision",
        "43344oo444",
        "4444444444",
        Some(r#"{"mode":"listen"}"#),
        "",
    ),
    changes("delete /conversations/{id}/supervision", "43344oo444", "4444444444", None, ""),
    row("post /conversations/{id}/accept", "33oo433333", "3344433333", Some("{}"), ""),
    row("post /conversations/{id}/decline", "33oo433333", "3344433333", None, ""),
    changes("post /conversations/{id}/leave", "4oo44o3444", "4444444444", None, ""),
    changes("post /conversations/{id}/end", "4oo4433444", "4444444444", None, ""),
    row("get /interactions/{id}", "33oo4oo433", "33oo4oo433", None, ""),
    row("get /interactions/{id}/messages", "33oo4oo433", "33oo4oo433", None, ""),
    row("get /interactions/{id}/contacts", "33oo4oo433", "33oo4oo433", None, ""),
    row("get /interactions/{id}/timeline", "33oo4oo433", "33oo4oo433", None, ""),
    row(
        "post /interactions/{id}/notes",
        "33oo4o3433",
        "33oo4oo433",
        Some(r#"{"text":"a note"}"#),
        "",
    ),
    row("get /calls/{id}", "4oo44oo444", "4444444444", None, ""),
    row("post /calls/{id}/answer", "3344433333", "3344433333", Some(r#"{"station":"1"}"#), ""),
    row("post /calls/{id}/decline", "33oo433333", "3344433333", None, ""),
    // No number, and nobody is being called: whoever may is told so.
    row("post /calls/{id}/outbound", "43o4433444", "4444444444", Some(r#"{"number":"112"}"#), ""),
    row("delete /calls/{id}/outbound", "4344433444", "4444444444", None, ""),
    row("post /calls/{id}/hold", "43o4433444", "4444444444", None, ""),
    row("post /calls/{id}/resume", "43o4433444", "4444444444", None, ""),
    row("post /calls/{id}/help", "43o4433444", "4444444444", Some(r#"{"action":"raise"}"#), ""),
    row("post /calls/{id}/legs", "4334444444", "4444444444", Some(r#"{"station":"1"}"#), ""),
    row("put /calls/{id}/legs/{leg}", "43o4433444", "4444444444", Some(r#"{"muted":false}"#), ""),
    row("put /calls/{id}/conversation", "4oo44oo444", "4444444444", None, ""),
    row(
        "put /calls/{id}/consultation",
        "43o4433444",
        "4444444444",
        Some(r#"{"action":"cancel"}"#),
        "",
    ),
    row("delete /calls/{id}/handovers/{handover}", "4344433444", "4444444444", None, ""),
    changes(
        "post /calls/{id}/conference",
        "43o4433444",
        "4444444444",
        Some(r#"{"to":{"queue":"sales"}}"#),
        "",
    ),
    changes(
        "post /calls/{id}/transfer",
        "43o4433444",
        "4444444444",
        Some(r#"{"to":{"queue":"sales"}}"#),
        "",
    ),
    changes("delete /calls/{id}/legs/{leg}", "43o4433444", "4444444444", None, ""),
    changes("post /calls/{id}/hangup", "4oo4433444", "4444444444", None, ""),
    row("post /login", "oooooooooo", "oooooooooo", Some("{}"), ""),
    row("post /guests", "oooooooooo", "oooooooooo", Some("{}"), ""),
    row("get /queues", "oooooooooo", "oooooooooo", None, ""),
    row("get /me", "oooooooooo", "oooooooooo", None, ""),
    row("get /me/queues", "33oooooooo", "33oooooooo", None, ""),
    row("get /me/sign-ins", "33oooooooo", "33oooooooo", None, ""),
    row("delete /me/sign-ins/{id}", "3344444444", "3344444444", None, ""),
    row("delete /me/sign-ins", "33oooooooo", "33oooooooo", None, ""),
    // Too short: nobody's is changed.
    row(
        "put /me/password",
        "33oooooooo",
        "33oooooooo",
        Some(r#"{"current":"the present one","new":"short"}"#),
        "",
    ),
    changes("put /me/presence", "33ooo33333", "33ooo33333", Some(r#"{"state":"not_ready"}"#), ""),
    // Nobody of these is an agent of a supervisor's: the places name no agent.
    row(
        "put /agents/{id}/presence",
        "4444444444",
        "4444444444",
        Some(r#"{"state":"not_ready"}"#),
        "",
    ),
    row("delete /agents/{id}/sign-ins", "4444444444", "4444444444", None, ""),
    row("get /agents", "33oooooooo", "33oooooooo", None, ""),
    row("get /calls", "oooooooooo", "oooooooooo", None, ""),
    row(
        "post /calls",
        "4333333333",
        "4333333333",
        Some(r#"{"station":"1","to":{"queue":"support"}}"#),
        "",
    ),
    row("get /conversations", "oooooooooo", "oooooooooo", None, ""),
    row("post /conversations", "4333333333", "4333333333", Some(r#"{"queue":"nowhere"}"#), ""),
    row("get /colleagues", "33oooooooo", "33oooooooo", None, ""),
    row("get /calls/outbound", "33ooo33333", "33ooo33333", None, ""),
    // No number: whoever may call one is told so.
    row(
        "post /calls/outbound",
        "33ooo33333",
        "33ooo33333",
        Some(r#"{"station":"1","number":"112"}"#),
        "",
    ),
    row("get /destinations", "33ooo33333", "33ooo33333", None, ""),
    row("get /events", "oooooooooo", "oooooooooo", None, ""),
    row("get /interactions", "33oooooo33", "33oooooo33", None, ""),
    row("get /me/day", "33ooo33333", "33ooo33333", None, "?from=1&until=2"),
    row("get /reports/help", "33333ooo3o", "33333ooo3o", None, ""),
    row("get /reports/calls", "33333ooo3o", "33333ooo3o", None, "?by=agent"),
    // A right of its own, which no supervisor has by their role.
    row("get /reports/supervision", "333333333o", "333333333o", None, ""),
    row("post /stations", "oooooooooo", "oooooooooo", Some("no sdp"), ""),
    row("get /stations/{id}", "4444444444", "4444444444", None, ""),
    row("delete /stations/{id}", "4444444444", "4444444444", None, ""),
    row("patch /stations/{id}", "4444444444", "4444444444", None, ""),
    row("post /channels/{name}/messages", "1111111111", "1111111111", Some("{}"), ""),
    row(
        "get /channels/{name}/attachments/{conversation}/{attachment}",
        "1111111111",
        "1111111111",
        None,
        "",
    ),
    row("get /replies", "33oooooo33", "33oooooo33", None, ""),
    row("get /chats", "33oooooooo", "33oooooooo", None, ""),
    row("post /chats", "3344444444", "3344444444", Some(r#"{"with":"1"}"#), ""),
    row("get /chats/{id}/messages", "4444444444", "4444444444", None, ""),
    row(
        "post /chats/{id}/messages",
        "4444444444",
        "4444444444",
        Some(r#"{"text":"hi","client_id":"c"}"#),
        "",
    ),
    row("put /chats/{id}/read", "4444444444", "4444444444", Some(r#"{"up_to":0}"#), ""),
    row("post /chats/{id}/end", "4444444444", "4444444444", None, ""),
    row("get /admin/users", "333333333o", "333333333o", None, ""),
    row("post /admin/users", "333333333o", "333333333o", Some(USER), ""),
    row("get /admin/teams", "333333333o", "333333333o", None, ""),
    row("post /admin/teams", "333333333o", "333333333o", Some(NAME), ""),
    row("get /admin/skills", "333333333o", "333333333o", None, ""),
    row("post /admin/skills", "333333333o", "333333333o", Some(NAME), ""),
    row("get /admin/queues", "333333333o", "333333333o", None, ""),
    row("post /admin/queues", "333333333o", "333333333o", Some(QUEUE), ""),
    row("get /admin/replies", "333333333o", "333333333o", None, ""),
    row("post /admin/replies", "333333333o", "333333333o", Some(REPLY), ""),
    row("put /admin/users/{id}", "3333333334", "3333333334", Some(USER), ""),
    row("put /admin/teams/{id}", "3333333334", "3333333334", Some(NAME), ""),
    row("put /admin/skills/{id}", "3333333334", "3333333334", Some(NAME), ""),
    row("put /admin/replies/{id}", "3333333334", "3333333334", Some(REPLY), ""),
    row("put /admin/queues/{key}", "3333333334", "3333333334", Some(QUEUE), ""),
    row("delete /admin/teams/{id}", "3333333334", "3333333334", None, "?revision=0"),
    row("delete /admin/skills/{id}", "3333333334", "3333333334", None, "?revision=0"),
    row("delete /admin/replies/{id}", "3333333334", "3333333334", None, "?revision=0"),
    row("get /admin/policies", "333333333o", "333333333o", None, ""),
    row("put /admin/policies", "333333333o", "333333333o", Some(POLICIES), ""),
    row("get /admin/brand", "333333333o", "333333333o", None, ""),
    row("put /admin/brand", "333333333o", "333333333o", Some(BRAND), ""),
    row("get /admin/whisper-rule", "333333333o", "333333333o", None, ""),
    row("put /admin/whisper-rule", "333333333o", "333333333o", Some(RULE), ""),
    row("get /admin/telephony", "333333333o", "333333333o", None, ""),
    row("get /admin/audit", "333333333o", "333333333o", None, ""),
    changes("post /logout", "oooooooooo", "oooooooooo", None, ""),
];

const fn row(
    operation: &'static str,
    running: &'static str,
    over: &'static str,
    body: Option<&'static str>,
    query: &'static str,
) -> Row {
    Row { operation, running, over, body, query, changes: false }
}

const fn changes(
    operation: &'static str,
    running: &'static str,
    over: &'static str,
    body: Option<&'static str>,
    query: &'static str,
) -> Row {
    Row { changes: true, ..row(operation, running, over, body, query) }
}
