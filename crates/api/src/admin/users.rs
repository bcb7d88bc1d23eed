//! Accounts.

use std::collections::{BTreeSet, HashMap};

use axum::extract::State;
use axum::http::StatusCode;
use interaction::{Permission, UserId};
use serde_json::{Value, json};
use store::{Account, AccountChange, QueueId, SkillId, TeamId};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use wire::{AdminUser, AdminUserList, AuditKind, SaveUser};

use super::{Author, Subject, check, refused, stale};
use crate::Signed;
use crate::extract::id;
use crate::people::{permission_view, role_view};
use crate::{AppState, Json, Path, Problem, whole};
use accounts::{permission_name, permissions_of};

/// The routes of this module.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list, create)).routes(routes!(change))
}

/// Every account.
#[utoipa::path(get, path = "/admin/users", tag = "administration",
    responses((status = 200, description = "The list, by name.", body = AdminUserList)))]
async fn list(
    State(state): State<AppState>,
    signed: Signed,
) -> Result<Json<AdminUserList>, Problem> {
    Author::of(&signed)?;
    let names = Names::read(&state).await?;
    let accounts = state.store.accounts().await?;
    Ok(Json(AdminUserList { users: accounts.iter().map(|it| names.view(it)).collect() }))
}

/// Creates an account.
#[utoipa::path(post, path = "/admin/users", tag = "administration", request_body = SaveUser,
    responses(
        (status = 201, description = "The account.", body = AdminUser),
        (status = 409, description = "The username is taken.", body = wire::Problem),
    ))]
async fn create(
    State(state): State<AppState>,
    signed: Signed,
    Json(request): Json<SaveUser>,
) -> Result<(StatusCode, Json<AdminUser>), Problem> {
    let author = Author::of(&signed)?;
    let names = Names::read(&state).await?;
    let change = names.checked(&request)?;
    let password =
        request.password.ok_or_else(|| check::bad("password", "one, to sign in with"))?;
    check::password("password", &password)?;
    let user = whole(async move {
        let act = author.act(Subject {
            kind: AuditKind::User,
            name: change.name.clone(),
            before: None,
            after: Some(names.told(&change, true)),
        });
        let id = state.store.create_account(&change, &password, &act).await;
        let id = id.map_err(|error| refused(error, "user"))?;
        state.auth.rights_changed(UserId(id.0)).await;
        Ok::<_, Problem>(names.view(&account(&state, id).await?))
    });
    Ok((StatusCode::CREATED, Json(user.await?)))
}

/// Replaces an account. This takes effect at once: its event streams are closed, to be opened
/// again, and supervision that is no longer allowed ends. A new password ends all its sign-ins.
#[utoipa::path(put, path = "/admin/users/{id}", tag = "administration", request_body = SaveUser,
    params(("id" = String, Path, description = "The account")),
    responses(
        (status = 200, description = "The account.", body = AdminUser),
        (status = 409, description = "Changed meanwhile, the username is taken, or nobody could \
                                      administer then.", body = wire::Problem),
    ))]
async fn change(
    State(state): State<AppState>,
    signed: Signed,
    Path(user_id): Path<String>,
    Json(request): Json<SaveUser>,
) -> Result<Json<AdminUser>, Problem> {
    let author = Author::of(&signed)?;
    let before = account(&state, id(&user_id, "user")?).await?;
    let id = before.user.id;
    let names = Names::read(&state).await?;
    let change = names.checked(&request)?;
    request.password.as_deref().map_or(Ok(()), |text| check::password("password", text))?;
    if check::revision(request.revision)? != before.revision {
        return Err(stale("user"));
    }
    let was = change_of(&before);
    if was == change && request.password.is_none() {
        return Ok(Json(names.view(&before)));
    }
    let user = whole(async move {
        let act = author.act(Subject {
            kind: AuditKind::User,
            name: change.name.clone(),
            before: Some(names.told(&was, false)),
            after: Some(names.told(&change, request.password.is_some())),
        });
        let kept = permission_name(Permission::Administer);
        let password = request.password.as_deref();
        let changed =
            state.store.change_account(id, before.revision, &change, password, kept, &act).await;
        changed.map_err(|error| refused(error, "user"))?;
        state.auth.rights_changed(UserId(id.0)).await;
        Ok::<_, Problem>(names.view(&account(&state, id).await?))
    });
    Ok(Json(user.await?))
}

async fn account(state: &AppState, id: store::UserId) -> Result<Account, Problem> {
    let accounts = state.store.accounts().await?;
    accounts.into_iter().find(|it| it.user.id == id).ok_or_else(|| Problem::not_found("user"))
}

fn change_of(account: &Account) -> AccountChange {
    let user = account.user.clone();
    AccountChange {
        username: user.username,
        name: user.name,
        role: user.role,
        permissions: user.permissions,
        teams: account.teams.clone(),
        queues: account.queues.clone(),
        skills: account.skills.clone(),
        disabled: user.disabled,
    }
}

/// Teams, queues and skills by id: an id that is not here names nothing.
struct Names {
    teams: HashMap<TeamId, String>,
    queues: HashMap<QueueId, String>,
    skills: HashMap<SkillId, String>,
}

impl Names {
    async fn read(state: &AppState) -> Result<Self, Problem> {
        let teams = state.store.teams().await?.into_iter().map(|it| (it.id, it.name));
        let queues = state.store.queues().await?.into_iter().map(|it| (it.id, it.key));
        let skills = state.store.skills().await?.into_iter().map(|it| (it.id, it.name));
        Ok(Self { teams: teams.collect(), queues: queues.collect(), skills: skills.collect() })
    }

    fn view(&self, account: &Account) -> AdminUser {
        let user = &account.user;
        AdminUser {
            id: user.id.to_string(),
            username: user.username.clone(),
            name: user.name.clone(),
            role: role_view(user.role),
            permissions: permissions_of(&user.permissions).iter().map(permission_view).collect(),
            teams: account.teams.iter().map(ToString::to_string).collect(),
            queues: sorted(account.queues.iter().filter_map(|id| self.queues.get(id))),
            skills: account.skills.iter().map(ToString::to_string).collect(),
            disabled: user.disabled,
            revision: account.revision,
        }
    }

    /// What is asked for, in the store's terms.
    fn checked(&self, request: &SaveUser) -> Result<AccountChange, Problem> {
        let role = role_of(request.role);
        if role != store::Role::Agent && !request.queues.is_empty() {
            let allowed = "none, but for agents: others see the queues of their teams";
            return Err(check::bad("queues", allowed));
        }
        let permissions = Permission::ALL
            .into_iter()
            .filter(|permission| request.permissions.contains(&permission_view(*permission)));
        let mut permissions: Vec<String> =
            permissions.map(|permission| permission_name(permission).to_owned()).collect();
        permissions.sort();
        Ok(AccountChange {
            username: check::name("username", &request.username)?,
            name: check::name("name", &request.name)?,
            role,
            permissions,
            teams: found("teams", &request.teams, self.teams.keys(), ToString::to_string)?,
            queues: found("queues", &request.queues, self.queues.keys(), |id| {
                self.queues.get(id).cloned().unwrap_or_default()
            })?,
            skills: found("skills", &request.skills, self.skills.keys(), ToString::to_string)?,
            disabled: request.disabled,
        })
    }

    /// The account for the record, in words. Of a password only that it is new.
    fn told(&self, account: &AccountChange, new_password: bool) -> Value {
        let mut told = json!({
            "username": account.username,
            "name": account.name,
            "role": account.role.name(),
            "permissions": account.permissions,
            "teams": sorted(account.teams.iter().filter_map(|id| self.teams.get(id))),
            "queues": sorted(account.queues.iter().filter_map(|id| self.queues.get(id))),
            "skills": sorted(account.skills.iter().filter_map(|id| self.skills.get(id))),
            "disabled": account.disabled,
        });
        if new_password {
            told["password"] = json!("new");
        }
        told
    }
}

/// The ids that are wanted, each once and in order; 400 for one that there is not.
fn found<'a, T: Copy + Ord + 'a>(
    field: &str,
    wanted: &[String],
    all: impl Iterator<Item = &'a T>,
    name: impl Fn(&T) -> String,
) -> Result<Vec<T>, Problem> {
    let by_name: HashMap<String, T> = all.map(|id| (name(id), *id)).collect();
    let ids: Option<BTreeSet<T>> = wanted.iter().map(|id| by_name.get(id).copied()).collect();
    Ok(ids.ok_or_else(|| check::missing(field))?.into_iter().collect())
}

fn sorted<'a>(names: impl Iterator<Item = &'a String>) -> Vec<String> {
    let mut names: Vec<String> = names.cloned().collect();
    names.sort();
    names
}

fn role_of(role: wire::Role) -> store::Role {
    match role {
        wire::Role::Caller => store::Role::Caller,
        wire::Role::Agent => store::Role::Agent,
        wire::Role::Supervisor => store::Role::Supervisor,
        wire::Role::Admin => store::Role::Admin,
    }
}
