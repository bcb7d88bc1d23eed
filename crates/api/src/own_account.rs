//! One's own account: where one is signed in, and another password.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use interaction::SignInId;
use orchestrator::PasswordError;
use store::QueueRecord;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use wire::{LoginResponse, PasswordChange, QueueChoiceList, QueueChoices, SignInList, SignInView};

use super::account::signed_in;
use super::admin::check;
use super::admin::queues::signs_view;
use super::clients::{Sender, user_agent};
use super::extract::id;
use super::{AppState, Json, Kind, Path, Problem, Signed, whole};

const ENDS_WORK: &str = "A new password ends all your sign-ins, and with them what you are in. Finish your calls \
                         and conversations, and stop supervising, then try again.";
const WRONG_PASSWORD: &str = "This is not your present password. Check it and try again.";

/// The routes of this module.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list, end_others))
        .routes(routes!(end))
        .routes(routes!(change_password))
        .routes(routes!(queues))
}

/// Where you are signed in, the latest first. A telephone that registers is not among them.
#[utoipa::path(get, path = "/me/sign-ins", tag = "account",
    responses((status = 200, description = "The sign-ins.", body = SignInList)))]
async fn list(State(state): State<AppState>, signed: Signed) -> Result<Json<SignInList>, Problem> {
    needs_account(&signed)?;
    let user = signed.user();
    let own = user.authority.sign_in().map(|it| it.id);
    let sign_ins = state.auth.sign_ins(user.id).await?.into_iter();
    let sign_ins = sign_ins.map(|it| SignInView {
        id: it.id.to_string(),
        since: it.since.0,
        expires_at: it.expires_at.0,
        client: it.client,
        user_agent: it.user_agent,
        own: own == Some(it.id),
        connected: state.orchestrator.is_connected(user.id, it.id),
    });
    Ok(Json(SignInList { sign_ins: sign_ins.collect() }))
}

/// Ends one of your sign-ins, and everything that it has open.
#[utoipa::path(delete, path = "/me/sign-ins/{id}", tag = "account",
    params(("id" = String, Path, description = "The sign-in")),
    responses(
        (status = 204, description = "Signed out there."),
        (status = 404, description = "No such sign-in of yours.", body = wire::Problem),
    ))]
async fn end(
    State(state): State<AppState>,
    signed: Signed,
    Path(sign_in): Path<String>,
) -> Result<StatusCode, Problem> {
    needs_account(&signed)?;
    let sign_in: SignInId = id(&sign_in, "sign-in")?;
    let user = signed.user().clone();
    let ended = whole(async move { state.orchestrator.end_sign_in(&user, sign_in).await });
    if ended.await? { Ok(StatusCode::NO_CONTENT) } else { Err(Problem::not_found("sign-in")) }
}

/// Ends all your sign-ins but this one.
#[utoipa::path(delete, path = "/me/sign-ins", tag = "account",
    responses((status = 204, description = "Signed out everywhere else.")))]
async fn end_others(State(state): State<AppState>, signed: Signed) -> Result<StatusCode, Problem> {
    needs_account(&signed)?;
    let user = signed.user().clone();
    whole(async move { state.orchestrator.end_other_sign_ins(&user).await }).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Replaces your password. It ends all your sign-ins; the answer is a new one, as from signing in.
#[utoipa::path(put, path = "/me/password", tag = "account", request_body = PasswordChange,
    responses(
        (status = 200, description = "Changed, and signed in anew.", body = LoginResponse),
        (status = 403, description = "The present password is another one.", body = wire::Problem),
        (status = 409, description = "It would end a call, a conversation or supervision.", body = wire::Problem),
    ))]
async fn change_password(
    State(state): State<AppState>,
    signed: Signed,
    Sender(client): Sender,
    headers: HeaderMap,
    Json(PasswordChange { current, new }): Json<PasswordChange>,
) -> Result<Response, Problem> {
    needs_account(&signed)?;
    check::password("new", &new)?;
    let (user, orchestrator) = (signed.user().clone(), state.orchestrator.clone());
    let changed =
        async move { orchestrator.change_password(&user, (&current, &new), client).await };
    let session = whole(changed).await?;
    state.auth.list_sign_in(&session, client, &user_agent(&headers)).await;
    Ok(signed_in(StatusCode::OK, &state.config.site, session))
}

/// What an administrator chose for the queues that you serve or supervise: wrap-up codes, and from where on
/// something is a sign that a call goes badly.
#[utoipa::path(get, path = "/me/queues", tag = "account",
    responses((status = 200, description = "The queues, by name.", body = QueueChoiceList)))]
async fn queues(
    State(state): State<AppState>,
    signed: Signed,
) -> Result<Json<QueueChoiceList>, Problem> {
    needs_account(&signed)?;
    let own = &signed.user().queues;
    let is_own = |record: &QueueRecord| own.iter().any(|it| it.id.0 == record.queue.id.0);
    let choices =
        state.store.queue_records().await?.into_iter().filter(is_own).map(|record| QueueChoices {
            queue: record.queue.key,
            wrap_up_codes: record.wrap_up_codes,
            signs: signs_view(record.settings.signs),
        });
    Ok(Json(QueueChoiceList { queues: choices.collect() }))
}

/// A guest has no password, and one sign-in.
fn needs_account(signed: &Signed) -> Result<(), Problem> {
    if signed.user().is_guest() {
        return Err(Problem::new(Kind::NotAllowed, "Guests have no account. Sign in with one."));
    }
    Ok(())
}

impl From<PasswordError> for Problem {
    fn from(error: PasswordError) -> Self {
        match error {
            PasswordError::AtWork => Self::new(Kind::EndsWork, ENDS_WORK),
            PasswordError::Account(accounts::Error::WrongCredentials) => {
                Self::new(Kind::WrongPassword, WRONG_PASSWORD)
            }
            PasswordError::Account(error) => error.into(),
        }
    }
}
