//! Queues and their settings.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

use axum::extract::State;
use axum::http::StatusCode;
use interaction::text::is_line_break;
use serde_json::{Value, json};
use store::{NameRecord, QueueChange, QueueRecord, TeamId};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use wire::{
    AdminQueue, AdminQueueList, AuditKind, Delivery, QueueSettings, SaveQueue, ServiceGoal,
    SignThresholds,
};

use super::{Author, Subject, check, hours, refused, stale};
use crate::Signed;
use crate::records::WRAP_UP_CHARS_MAX;
use crate::{AppState, Json, Path, Problem, whole};
use orchestrator::opening::OpeningHours;

/// Seconds that a goal may give.
const GOAL_SECONDS_MAX: u32 = 3_600;
/// Wrap-up codes that a queue may have.
pub const WRAP_UP_CODES_MAX: usize = 40;
/// For how long nobody may have to speak until that is a sign, seconds.
pub const DEAD_AIR_S: RangeInclusive<u32> = 5..=3_600;
/// How much of the time two may have to speak at once, percent.
pub const TALK_OVER_PERCENT: RangeInclusive<u8> = 5..=100;
/// For how long a caller may have to be on hold, seconds.
pub const HOLD_S: RangeInclusive<u32> = 10..=3_600;
/// For how long a help request may have to wait, seconds.
pub const HELP_S: RangeInclusive<u32> = 5..=3_600;

/// The routes of this module.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list, create)).routes(routes!(change))
}

/// Every queue, with its settings.
#[utoipa::path(get, path = "/admin/queues", tag = "administration",
    responses((status = 200, description = "The list, by name.", body = AdminQueueList)))]
async fn list(
    State(state): State<AppState>,
    signed: Signed,
) -> Result<Json<AdminQueueList>, Problem> {
    Author::of(&signed)?;
    let queues = state.store.queue_records().await?;
    Ok(Json(AdminQueueList { queues: queues.iter().map(view).collect() }))
}

/// Creates a queue. Its key cannot be changed later.
#[utoipa::path(post, path = "/admin/queues", tag = "administration", request_body = SaveQueue,
    responses((status = 201, description = "The queue.", body = AdminQueue)))]
async fn create(
    State(state): State<AppState>,
    signed: Signed,
    Json(request): Json<SaveQueue>,
) -> Result<(StatusCode, Json<AdminQueue>), Problem> {
    let author = Author::of(&signed)?;
    let key = request.key.clone().unwrap_or_default();
    check::key(&key)?;
    let teams = state.store.teams().await?;
    let change = checked(&request, &teams, None)?;
    let queue = whole(async move {
        let after = told(&key, &change, &teams);
        let act = author.act(Subject {
            kind: AuditKind::Queue,
            name: change.name.clone(),
            before: None,
            after: Some(after),
        });
        let created = state.store.create_queue(&key, &change, &act).await;
        created.map_err(|error| refused(error, "queue"))?;
        state.settings.reload().await?;
        Ok::<_, Problem>(view(&queue(&state, &key).await?))
    });
    Ok((StatusCode::CREATED, Json(queue.await?)))
}

/// Changes a queue and its settings. Running calls and conversations keep those they began with.
#[utoipa::path(put, path = "/admin/queues/{key}", tag = "administration",
    request_body = SaveQueue, params(("key" = String, Path, description = "The queue's key")),
    responses((status = 200, description = "The queue.", body = AdminQueue)))]
async fn change(
    State(state): State<AppState>,
    signed: Signed,
    Path(key): Path<String>,
    Json(request): Json<SaveQueue>,
) -> Result<Json<AdminQueue>, Problem> {
    let author = Author::of(&signed)?;
    let before = queue(&state, &key).await?;
    if request.key.as_ref().is_some_and(|new| *new != key) {
        return Err(check::bad("key", "the queue's own: calls and records name it"));
    }
    let teams = state.store.teams().await?;
    let was = QueueChange {
        name: before.queue.name.clone(),
        team: before.queue.team,
        open_to_guests: before.queue.open_to_guests,
        settings: before.settings,
        wrap_up_codes: before.wrap_up_codes.clone(),
        opening_hours: before.opening_hours.clone(),
    };
    let change = checked(&request, &teams, Some(&was))?;
    if check::revision(request.revision)? != before.revision {
        return Err(stale("queue"));
    }
    if was == change {
        return Ok(Json(view(&before)));
    }
    let queue = whole(async move {
        let act = author.act(Subject {
            kind: AuditKind::Queue,
            name: change.name.clone(),
            before: Some(told(&key, &was, &teams)),
            after: Some(told(&key, &change, &teams)),
        });
        let changed =
            state.store.change_queue(before.queue.id, before.revision, &change, &act).await;
        changed.map_err(|error| refused(error, "queue"))?;
        state.settings.reload().await?;
        Ok::<_, Problem>(view(&queue(&state, &key).await?))
    });
    Ok(Json(queue.await?))
}

async fn queue(state: &AppState, key: &str) -> Result<QueueRecord, Problem> {
    let queues = state.store.queue_records().await?;
    queues.into_iter().find(|it| it.queue.key == key).ok_or_else(|| Problem::not_found("queue"))
}

fn view(queue: &QueueRecord) -> AdminQueue {
    AdminQueue {
        key: queue.queue.key.clone(),
        name: queue.queue.name.clone(),
        team: queue.queue.team.to_string(),
        open_to_guests: queue.queue.open_to_guests,
        settings: settings_view(queue.settings),
        wrap_up_codes: queue.wrap_up_codes.clone(),
        opening_hours: hours::view(&hours_of(&queue.opening_hours)),
        revision: queue.revision,
    }
}

/// Those that are kept; what can't be read holds for nobody.
fn hours_of(kept: &str) -> OpeningHours {
    OpeningHours::read(kept).unwrap_or_default()
}

/// The queue as it shall be; what the request leaves out is as it was, and of a new one as usual.
fn checked(
    request: &SaveQueue,
    teams: &[NameRecord<TeamId>],
    was: Option<&QueueChange>,
) -> Result<QueueChange, Problem> {
    let team = teams.iter().find(|it| it.id.to_string() == request.team);
    let settings = &request.settings;
    let usual = was.map(|it| it.settings).unwrap_or_default();
    let wrap_up_codes = match &request.wrap_up_codes {
        Some(codes) => wrap_up_codes(codes)?,
        None => was.map(|it| it.wrap_up_codes.clone()).unwrap_or_default(),
    };
    let opening_hours = match &request.opening_hours {
        Some(hours) => kept(&hours::checked(hours)?),
        None => was.map(|it| it.opening_hours.clone()).unwrap_or_default(),
    };
    Ok(QueueChange {
        name: check::name("name", &request.name)?,
        team: team.ok_or_else(|| check::missing("team"))?.id,
        open_to_guests: request.open_to_guests,
        settings: store::QueueSettings {
            pull: settings.delivery == Delivery::Pull,
            private_chat: settings.private_chat,
            help: settings.help,
            mood: settings.mood,
            transcript_download: settings.transcript_download,
            tell_place: settings.tell_place.unwrap_or(usual.tell_place),
            goal: settings.goal.map_or(Ok(usual.goal), goal)?,
            signs: settings.signs.map_or(Ok(usual.signs), signs)?,
        },
        wrap_up_codes,
        opening_hours,
    })
}

/// Hours to be kept; what is always open is kept as nothing.
fn kept(hours: &OpeningHours) -> String {
    if *hours == OpeningHours::default() { String::new() } else { hours.written() }
}

fn signs(signs: SignThresholds) -> Result<store::SignThresholds, Problem> {
    let SignThresholds { dead_air_s, talk_over_percent, hold_s, help_s } = signs;
    check::number("signs.dead_air_s", dead_air_s, DEAD_AIR_S)?;
    check::number("signs.talk_over_percent", talk_over_percent, TALK_OVER_PERCENT)?;
    check::number("signs.hold_s", hold_s, HOLD_S)?;
    check::number("signs.help_s", help_s, HELP_S)?;
    Ok(store::SignThresholds { dead_air_s, talk_over_percent, hold_s, help_s })
}

fn wrap_up_codes(codes: &[String]) -> Result<Vec<String>, Problem> {
    let codes: Vec<String> = codes.iter().map(|code| code.trim().to_owned()).collect();
    if is_code_list(&codes) {
        return Ok(codes);
    }
    let allowed = format!(
        "up to {WRAP_UP_CODES_MAX} of 1 to {WRAP_UP_CHARS_MAX} printable characters, each another one"
    );
    Err(check::bad("wrap_up_codes", &allowed))
}

/// Whether these may be a queue's wrap-up codes.
pub fn is_code_list(codes: &[String]) -> bool {
    let fits = |code: &String| {
        (1..=WRAP_UP_CHARS_MAX).contains(&code.chars().count())
            && !code.chars().any(|letter| letter.is_control() || is_line_break(letter))
    };
    let distinct: BTreeSet<&String> = codes.iter().collect();
    codes.len() <= WRAP_UP_CODES_MAX && distinct.len() == codes.len() && codes.iter().all(fits)
}

fn goal(goal: ServiceGoal) -> Result<store::ServiceGoal, Problem> {
    if !(1..=100).contains(&goal.percent) {
        return Err(check::bad("goal.percent", "1 to 100"));
    }
    if !(1..=GOAL_SECONDS_MAX).contains(&goal.seconds) {
        return Err(check::bad("goal.seconds", "1 to 3600"));
    }
    Ok(store::ServiceGoal { percent: goal.percent, seconds: goal.seconds })
}

/// The queue for the record, in words.
fn told(key: &str, queue: &QueueChange, teams: &[NameRecord<TeamId>]) -> Value {
    let team = teams.iter().find(|it| it.id == queue.team).map(|it| it.name.as_str());
    let settings = settings_view(queue.settings);
    json!({
        "key": key,
        "name": queue.name,
        "team": team,
        "open_to_guests": queue.open_to_guests,
        "delivery": settings.delivery,
        "private_chat": settings.private_chat,
        "help": settings.help,
        "mood": settings.mood,
        "transcript_download": settings.transcript_download,
        "tell_place": settings.tell_place,
        "opening_hours": hours::told(&hours_of(&queue.opening_hours)),
        "goal": format!("{} % in {} s", settings.goal.percent, settings.goal.seconds),
        "signs": told_signs(settings.signs),
        "wrap_up_codes": queue.wrap_up_codes,
    })
}

fn told_signs(signs: SignThresholds) -> String {
    let SignThresholds { dead_air_s, talk_over_percent, hold_s, help_s } = signs;
    format!(
        "dead air {dead_air_s} s, talk-over {talk_over_percent} %, hold {hold_s} s, help {help_s} s"
    )
}

fn settings_view(settings: store::QueueSettings) -> QueueSettings {
    QueueSettings {
        delivery: if settings.pull { Delivery::Pull } else { Delivery::Push },
        private_chat: settings.private_chat,
        help: settings.help,
        mood: settings.mood,
        transcript_download: settings.transcript_download,
        tell_place: settings.tell_place,
        goal: ServiceGoal { percent: settings.goal.percent, seconds: settings.goal.seconds },
        signs: signs_view(settings.signs),
    }
}

/// What a queue's supervisors are told of, in the API's words.
pub fn signs_view(signs: store::SignThresholds) -> SignThresholds {
    let store::SignThresholds { dead_air_s, talk_over_percent, hold_s, help_s } = signs;
    SignThresholds { dead_air_s, talk_over_percent, hold_s, help_s }
}
