//! Interaction records: list and search, one record, its timeline, older messages, notes.

use std::collections::BTreeMap;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use interaction::access::{Span, is_staff};
use interaction::conversation::{PartKind, Reader, TEXT_CHARS_MAX};
use interaction::text::is_blank;
use interaction::{QueueId, UserId};
use serde::Deserialize;
use store::{HelpRecord, InteractionFilter, InteractionRecord, MemberRecord, NoteRecord, Scope};
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use wire::{
    AddNote, HelpState, InteractionDetail, InteractionKind, InteractionPage, InteractionView,
    MessagePage, NoteView, RecordMember, Timeline, UserRef,
};

use super::clock::Clock;
use super::extract::{MessagesQuery, PAGE_MESSAGES, Query, id};
use super::reports::csv::wants_csv;
use super::{AppState, Json, Kind, Path, Problem};
use crate::Signed;
use crate::timeline::call::of_call;
use crate::timeline::conversation::{Names, of_conversation, of_notes};
use crate::views::conversation as view;
use accounts::{User, unix_now};
use orchestrator::records::{ReadableInteraction, scope};
use orchestrator::stored::Opening;

mod contacts;
mod export;
mod sound;

/// Interactions of one page.
const PAGE_INTERACTIONS: u32 = 50;
/// Characters that a search may have.
const SEARCH_CHARS_MAX: usize = 200;
/// Characters that a wrap-up code may have.
pub const WRAP_UP_CHARS_MAX: usize = 64;

/// The routes of this module that change nothing.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(show))
        .routes(routes!(timeline))
        .routes(routes!(messages))
        .routes(routes!(contacts::contacts))
}

/// The routes of this module that write.
pub fn commands() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(add_note))
}

/// What the list is narrowed to.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
struct ListQuery {
    /// Words that it contains, all of them and whole, private ones too.
    search: Option<String>,
    /// Calls or conversations.
    #[param(value_type = Option<String>)]
    kind: Option<InteractionKind>,
    /// Opened at or after, Unix ms.
    from: Option<u64>,
    /// Opened before, Unix ms.
    until: Option<u64>,
    /// The queue's key.
    queue: Option<String>,
    /// The user id of somebody who is or was an agent in it.
    agent: Option<String>,
    /// `true`: only those in which somebody supervised, of those that you may supervise.
    supervised: Option<bool>,
    /// Only those that were wrapped up with this code.
    code: Option<String>,
    /// The zone of the clock that the CSV shows, by its IANA name; UTC, if left out.
    zone: Option<String>,
    /// Instead, minutes to add to UTC.
    offset_min: Option<i64>,
    /// `false`: the CSV begins with no byte order mark.
    bom: Option<bool>,
    /// `next` of the page before.
    before: Option<String>,
}

/// The interactions whose records you may see: those of the queues you supervise, and your own.
///
/// As CSV with `Accept: text/csv`: all pages in one.
#[utoipa::path(
    get, path = "/interactions", tag = "records", params(ListQuery),
    responses(
        (status = 200, description = "A page, newest first", content((InteractionPage = "application/json"), (String = "text/csv"))),
        (status = 403, description = "Records are for staff", body = wire::Problem),
    )
)]
async fn list(
    State(state): State<AppState>,
    signed: Signed,
    headers: HeaderMap,
    Query(query): Query<ListQuery>,
) -> Result<Response, Problem> {
    let user = signed.user();
    let scope = scope(user, state.orchestrator.read_by(user)).ok_or_else(not_staff)?;
    let filter = filter(&query)?;
    let search = query.search.as_deref().map(str::trim).filter(|words| !words.is_empty());
    if search.is_some_and(|words| words.chars().count() > SEARCH_CHARS_MAX) {
        return Err(Problem::new(
            Kind::BadInput,
            format!("`search` may have {SEARCH_CHARS_MAX} characters at most."),
        ));
    }
    if wants_csv(&headers) {
        let clock = Clock::asked(query.zone.as_deref(), query.offset_min)?;
        let found = export::all(&state, user, search, &scope, filter).await?;
        return export::csv(found, &clock, query.bom.unwrap_or(true));
    }
    let (found, next) = page(&state, user, search, &scope, filter).await?;
    let ids: Vec<&str> = found.iter().map(|it| it.record.id.as_str()).collect();
    let help = state.store.help_of_all(&ids).await?;
    let codes = state.store.codes_of_all(&ids).await?;
    let view = |it: &ReadableInteraction| {
        let (record, own) = (&it.record, help.iter().filter(|(id, _)| *id == it.record.id));
        let help = own.map(|(_, help)| help).next_back();
        interaction_view(record, &it.members, help, codes_for(it, &codes))
    };
    let interactions = found.iter().map(view).collect();
    Ok(Json(InteractionPage { interactions, next }).into_response())
}

/// A page of what the user may see, and where the next one begins. What the store finds is looked
/// at one by one; what is not for the user leaves no gap from which it could be counted.
async fn page(
    state: &AppState,
    user: &User,
    search: Option<&str>,
    scope: &Scope,
    mut filter: InteractionFilter,
) -> Result<(Vec<ReadableInteraction>, Option<String>), Problem> {
    let mut found = Vec::new();
    loop {
        let rows = match search {
            // Staff reads what is private, as far as it reads anything.
            Some(words) => state.store.search(words, true, scope, &filter).await?,
            None => state.store.interactions(scope, &filter).await?,
        };
        let last = rows.last().map(|last| (last.opened_at, last.id.clone()));
        let full = rows.len() == filter.limit as usize;
        let ids: Vec<&str> = rows.iter().map(|record| record.id.as_str()).collect();
        let members = state.store.members_of_all(&ids).await?;
        for record in rows {
            let own = members.iter().filter(|(id, _)| *id == record.id);
            let own = own.map(|(_, member)| member.clone()).collect();
            let Some(seen) = state.orchestrator.read_as(user, record, own) else { continue };
            if seen.access.reader.is_staff()
                && may_be_found_by(&seen, &filter)
                && matches(state, &seen, search).await?
            {
                found.push(seen);
            }
            if found.len() == PAGE_INTERACTIONS as usize {
                let next = found.last().map(|last| cursor(&last.record));
                return Ok((found, next));
            }
        }
        match last {
            Some(last) if full => filter.before = Some(last),
            _ => return Ok((found, None)),
        }
    }
}

/// Whether this user may learn of it what the list is narrowed to: that somebody supervised only
/// supervisors know of it, and a code whoever reads its notes to the end.
fn may_be_found_by(seen: &ReadableInteraction, filter: &InteractionFilter) -> bool {
    let is_supervisor = matches!(seen.access.reader, Reader::Supervisor | Reader::Overseer);
    (!filter.supervised || is_supervisor)
        && (filter.code.is_none() || seen.access.span == Span::All)
}

/// What it was wrapped up with, as far as this user may know: whoever reads its notes to the end.
fn codes_for(seen: &ReadableInteraction, codes: &[(String, String)]) -> Vec<String> {
    let own = codes.iter().filter(|(id, _)| *id == seen.record.id);
    match seen.access.span {
        Span::All => own.map(|(_, code)| code.clone()).collect(),
        Span::Until(_) | Span::Nothing => Vec::new(),
    }
}

/// Whether the words are in what this user reads of it.
async fn matches(
    state: &AppState,
    seen: &ReadableInteraction,
    search: Option<&str>,
) -> Result<bool, Problem> {
    let Some(words) = search else { return Ok(true) };
    let messages = match seen.access.span {
        Span::All => return Ok(true),
        Span::Until(place) => place.message,
        Span::Nothing => 0,
    };
    Ok(state.store.contains(&seen.record.id, words, messages).await?)
}

/// One record: the interaction, its newest messages, its notes.
#[utoipa::path(
    get, path = "/interactions/{id}", tag = "records",
    params(("id" = String, Path, description = "The interaction")),
    responses(
        (status = 200, description = "The record", body = InteractionDetail),
        (status = 404, description = "No such interaction, or you may not see it", body = wire::Problem),
    )
)]
async fn show(
    State(state): State<AppState>,
    signed: Signed,
    Path(id): Path<String>,
) -> Result<Json<InteractionDetail>, Problem> {
    let seen = look(&state, signed.user(), &id).await?;
    let help = state.store.help_of(&id).await?;
    let notes = notes(&state, &seen).await?;
    let messages = older(&state, &seen, None, PAGE_MESSAGES).await?;
    let codes = codes_for(&seen, &state.store.codes_of_all(&[&id]).await?);
    let shown = |member: &&MemberRecord| seen.knows(member);
    let member = |member: &MemberRecord| RecordMember {
        user: UserId(member.user).to_string(),
        name: member.name.clone(),
        part: view::part(member.part),
    };
    Ok(Json(InteractionDetail {
        interaction: interaction_view(&seen.record, &seen.members, help.last(), codes),
        members: seen.members.iter().filter(shown).map(member).collect(),
        messages: messages.messages,
        notes: notes.iter().map(note_view).collect(),
        sound: sound::of(&state, &seen).await?,
    }))
}

/// Everything that happened, as far as you may know it. Private entries are for staff only.
#[utoipa::path(
    get, path = "/interactions/{id}/timeline", tag = "records",
    params(("id" = String, Path, description = "The interaction")),
    responses(
        (status = 200, description = "What happened, in order", body = Timeline),
        (status = 404, description = "No such interaction, or you may not see it", body = wire::Problem),
    )
)]
async fn timeline(
    State(state): State<AppState>,
    signed: Signed,
    Path(id): Path<String>,
) -> Result<Json<Timeline>, Problem> {
    let seen = look(&state, signed.user(), &id).await?;
    let names = names(&state, &seen).await?;
    let mut events = orchestrator::records::events(&state.store, &id).await?;
    events.retain(|event| seen.access.reaches_event(event.position));
    let policy = &seen.opening.policy;
    let mut entries = if seen.record.kind == store::InteractionKind::Call {
        of_call(&events, seen.access, policy, signed.user().id)
    } else {
        let kept = orchestrator::records::entries(&events)?;
        let requester = UserId(seen.record.requester);
        of_conversation(&kept, policy, seen.viewer(), requester, &names)
    };
    entries.extend(of_notes(&notes(&state, &seen).await?, &names));
    entries.sort_by_key(|entry| entry.at);
    Ok(Json(Timeline { entries }))
}

/// Older messages of a record.
#[utoipa::path(
    get, path = "/interactions/{id}/messages", tag = "records",
    params(("id" = String, Path, description = "The interaction"), MessagesQuery),
    responses(
        (status = 200, description = "The messages, oldest first", body = MessagePage),
        (status = 404, description = "No such interaction, or you may not see it", body = wire::Problem),
    )
)]
async fn messages(
    State(state): State<AppState>,
    signed: Signed,
    Path(id): Path<String>,
    Query(page): Query<MessagesQuery>,
) -> Result<Json<MessagePage>, Problem> {
    let seen = look(&state, signed.user(), &id).await?;
    Ok(Json(older(&state, &seen, page.before, page.limit()).await?))
}

/// Adds a note to the record, or closes the work on it with a wrap-up code.
#[utoipa::path(
    post, path = "/interactions/{id}/notes", tag = "records",
    params(("id" = String, Path, description = "The interaction")),
    request_body = AddNote,
    responses(
        (status = 201, description = "The note", body = NoteView),
        (status = 400, description = "No text, or too long", body = wire::Problem),
        (status = 403, description = "Begin to listen first", body = wire::Problem),
        (status = 404, description = "No such interaction, or not for you to see", body = wire::Problem),
    )
)]
async fn add_note(
    State(state): State<AppState>,
    signed: Signed,
    Path(id): Path<String>,
    Json(request): Json<AddNote>,
) -> Result<(StatusCode, Json<NoteView>), Problem> {
    let seen = look(&state, signed.user(), &id).await?;
    if seen.access.span == Span::Nothing {
        return Err(Problem::new(
            Kind::NotAllowed,
            "The conversation goes on. Begin to listen before you write a note on it.",
        ));
    }
    let note = note(signed.user(), request)?;
    state.store.add_note(&id, &note).await.map_err(Problem::unsaved)?;
    Ok((StatusCode::CREATED, Json(note_view(&note))))
}

/// The record, as the user may read it. Records are for staff, also for who was a customer once.
async fn look(state: &AppState, user: &User, id: &str) -> Result<ReadableInteraction, Problem> {
    if !is_staff(user) {
        return Err(not_staff());
    }
    let seen = state.orchestrator.readable(user, id, "interaction").await?;
    has_record(seen.access.reader).then_some(seen).ok_or_else(|| Problem::not_found("interaction"))
}

/// Whether there is a record for whoever reads as this.
fn has_record(reader: Reader) -> bool {
    match reader {
        Reader::Agent | Reader::Colleague | Reader::Supervisor | Reader::Overseer => true,
        Reader::Requester | Reader::Offered => false,
    }
}

/// How everybody is called who may be named.
async fn names(state: &AppState, seen: &ReadableInteraction) -> Result<Names, Problem> {
    let mut users: BTreeMap<UserId, String> = BTreeMap::new();
    for member in state.store.staff().await? {
        users.insert(UserId(member.id.0), member.name);
    }
    for member in &seen.members {
        users.insert(UserId(member.user), member.name.clone());
    }
    users.insert(UserId(seen.record.requester), seen.record.requester_name.clone());
    let queues = state.store.queues().await?;
    let queues = queues.into_iter().map(|queue| (QueueId(queue.id.0), queue.name));
    Ok(Names { users, queues: queues.collect() })
}

/// The notes that the user may read.
async fn notes(state: &AppState, seen: &ReadableInteraction) -> Result<Vec<NoteRecord>, Problem> {
    let mut notes = state.store.notes_of(&seen.record.id).await?;
    notes.retain(|note| seen.reads_note(note.author, note.at));
    Ok(notes)
}

/// A page of the messages that the user may read.
async fn older(
    state: &AppState,
    seen: &ReadableInteraction,
    before: Option<u64>,
    limit: u32,
) -> Result<MessagePage, Problem> {
    let (id, span) = (&seen.record.id, seen.access.span);
    Ok(view::page(&state.orchestrator.page(id, seen.viewer(), span, before, limit).await?))
}

fn not_staff() -> Problem {
    Problem::new(
        Kind::NotAllowed,
        "Records are for agents and supervisors. Sign in as one of them.",
    )
}

fn filter(query: &ListQuery) -> Result<InteractionFilter, Problem> {
    let kind = query.kind.map(|kind| match kind {
        InteractionKind::Call => store::InteractionKind::Call,
        InteractionKind::Conversation => store::InteractionKind::Conversation,
    });
    let before = query.before.as_deref().map(|text| {
        let (at, id) = text.split_once('.')?;
        Some((at.parse().ok()?, id.to_owned()))
    });
    let before = match before {
        Some(None) => {
            return Err(Problem::new(
                Kind::BadInput,
                "`before` must come from the `next` of an answer. Leave it out for the first page.",
            ));
        }
        Some(found) => found,
        None => None,
    };
    let agent = query.agent.as_deref().map(|text| id::<UserId>(text, "agent")).transpose()?;
    Ok(InteractionFilter {
        kind,
        running: None,
        from: query.from,
        until: query.until,
        queue: query.queue.clone(),
        agent: agent.map(|agent| agent.0),
        supervised: query.supervised.unwrap_or_default(),
        code: query.code.clone(),
        before,
        limit: PAGE_INTERACTIONS,
    })
}

fn cursor(last: &InteractionRecord) -> String {
    format!("{}.{}", last.opened_at, last.id)
}

fn note(user: &User, request: AddNote) -> Result<NoteRecord, Problem> {
    let AddNote { text, wrap_up } = request;
    let code = wrap_up.map(|code| code.trim().to_owned());
    if text.chars().count() > TEXT_CHARS_MAX {
        return Err(Problem::new(
            Kind::BadInput,
            format!("A note may have {TEXT_CHARS_MAX} characters at most. Shorten it."),
        ));
    }
    if is_blank(&text) && code.is_none() {
        return Err(Problem::new(Kind::BadInput, "The note is empty. Write something."));
    }
    let bad = |code: &String| {
        is_blank(code)
            || code.chars().count() > WRAP_UP_CHARS_MAX
            || code.chars().any(char::is_control)
    };
    if code.as_ref().is_some_and(bad) {
        return Err(Problem::new(
            Kind::BadInput,
            format!("`wrap_up` must have 1 to {WRAP_UP_CHARS_MAX} printable characters."),
        ));
    }
    Ok(NoteRecord {
        kind: if code.is_some() { "wrap_up" } else { "note" }.to_owned(),
        at: unix_now().0,
        author: user.id.0,
        author_name: user.name.clone(),
        code,
        text,
    })
}

fn interaction_view<'a>(
    record: &InteractionRecord,
    members: impl IntoIterator<Item = &'a MemberRecord>,
    help: Option<&HelpRecord>,
    codes: Vec<String>,
) -> InteractionView {
    let agents: Vec<&MemberRecord> =
        members.into_iter().filter(|member| member.part == PartKind::Agent).collect();
    let dialed_by = Opening::of(record.opening.as_deref()).dialed_by;
    let agent = |member: &MemberRecord| UserRef {
        user: UserId(member.user).to_string(),
        name: member.name.clone(),
    };
    InteractionView {
        id: record.id.clone(),
        kind: match record.kind {
            store::InteractionKind::Call => InteractionKind::Call,
            store::InteractionKind::Conversation => InteractionKind::Conversation,
        },
        channel: record.channel.clone(),
        queue: record.queue.clone(),
        requester: UserRef {
            user: UserId(record.requester).to_string(),
            name: record.requester_name.clone(),
        },
        dialed_by: agents.iter().find(|it| Some(UserId(it.user)) == dialed_by).map(|it| agent(it)),
        subject: record.subject.clone(),
        opened_at: record.opened_at,
        answered_at: record.answered_at,
        ended_at: record.ended_at,
        end_reason: record.end_reason.clone(),
        agents: agents.into_iter().map(agent).collect(),
        help: help.map(|request| match request.stage.as_str() {
            "open" => HelpState::Open,
            "in_progress" => HelpState::InProgress,
            "closed" => HelpState::Closed,
            _ => HelpState::Cancelled,
        }),
        codes,
    }
}

fn note_view(note: &NoteRecord) -> NoteView {
    NoteView {
        at: note.at,
        author: UserRef { user: UserId(note.author).to_string(), name: note.author_name.clone() },
        text: note.text.clone(),
        wrap_up: note.code.clone(),
    }
}
