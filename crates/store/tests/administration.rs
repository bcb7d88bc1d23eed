//! What administrators change, and the record of it, against SQLite files of their own, and
//! against a PostgreSQL of their own.

use store::{
    AccountChange, Act, AuditFilter, Entitlement, Location, QueueChange, QueueSettings,
    ReplyChange, Role, SignThresholds, Store, StoreError, UserId, WhisperRuleRecord,
};

const ADMINISTER: &str = "administer";

async fn with_store() -> (tempfile::TempDir, Store) {
    let directory = tempfile::tempdir().unwrap();
    let store = Store::open(&Location::Directory(directory.path().to_owned())).await.unwrap();
    (directory, store)
}

fn act(kind: &str, name: &str, before: Option<&str>, after: Option<&str>) -> Act {
    let action = match (before, after) {
        (None, _) => "created",
        (_, None) => "deleted",
        _ => "changed",
    };
    Act {
        actor: UserId(7),
        entitlement: Entitlement::Provisioning,
        actor_name: "Ada Root".to_owned(),
        action: action.to_owned(),
        kind: kind.to_owned(),
        subject_name: name.to_owned(),
        before: before.map(str::to_owned),
        after: after.map(str::to_owned),
    }
}

fn account(username: &str, role: Role, permission: &str) -> AccountChange {
    AccountChange {
        username: username.to_owned(),
        name: format!("Name of {username}"),
        role,
        permissions: vec![permission.to_owned()],
        teams: Vec::new(),
        queues: Vec::new(),
        skills: Vec::new(),
        disabled: false,
    }
}

fn queue_of(team: store::TeamId) -> QueueChange {
    QueueChange {
        name: "Returns".to_owned(),
        team,
        open_to_guests: false,
        settings: QueueSettings {
            transcript_download: false,
            signs: SignThresholds { hold_s: 45, ..SignThresholds::default() },
            ..QueueSettings::default()
        },
        wrap_up_codes: vec!["Refund".to_owned(), "折り返し".to_owned()],
        opening_hours: r#"{"zone":"UTC"}"#.to_owned(),
    }
}

async fn last_act(store: &Store) -> Act {
    let filter = AuditFilter { limit: 1, ..AuditFilter::default() };
    let act = store.audit(&filter).await.unwrap().remove(0).act;
    // What entitled to it is not kept.
    Act { entitlement: Entitlement::Provisioning, ..act }
}

#[tokio::test]
async fn an_account_with_all_that_belongs_to_it() {
    let (_directory, store) = with_store().await;
    accounts_in(&store, "").await;
}

async fn accounts_in(store: &Store, suffix: &str) {
    let made = act("place", "Returns", None, Some("{}"));
    let team = store.create_team(&format!("Returns{suffix}"), &made).await.unwrap();
    let key = format!("returns{suffix}");
    let queue = store.create_queue(&key, &queue_of(team), &made).await.unwrap();
    let skill = store.create_skill(&format!("Tax{suffix}"), &made).await.unwrap();

    let mut change = AccountChange {
        teams: vec![team],
        queues: vec![queue],
        skills: vec![skill],
        ..account(&format!("noor{suffix}"), Role::Agent, "take_calls")
    };
    let made = act("user", "Noor", None, Some("{\"name\":\"Noor\"}"));
    let id = store.create_account(&change, "a good password", &made).await.unwrap();
    assert_eq!(last_act(store).await, made);
    let found = store.accounts().await.unwrap().into_iter().find(|it| it.user.id == id).unwrap();
    assert_eq!((found.revision, found.user.generation), (1, 0));
    assert_eq!(
        (&found.teams, &found.queues, &found.skills),
        (&change.teams, &change.queues, &change.skills)
    );
    assert_eq!(store.skills_of(id).await.unwrap(), [skill]);
    assert_eq!(store.queues_of(id).await.unwrap().len(), 1);

    // Somebody holds the right throughout.
    let root = account(&format!("root{suffix}"), Role::Admin, ADMINISTER);
    store.create_account(&root, "a good password", &act("user", "Root", None, None)).await.unwrap();
    change.name = "Noor Haddad".to_owned();
    change.queues.clear();
    let changed = act("user", "Noor", Some("{}"), Some("{}"));
    store.change_account(id, 1, &change, Some("another one"), ADMINISTER, &changed).await.unwrap();
    let found = store.accounts().await.unwrap().into_iter().find(|it| it.user.id == id).unwrap();
    assert_eq!((found.revision, found.user.generation), (2, 1));
    assert_eq!(found.user.name, "Noor Haddad");
    assert!(found.queues.is_empty() && found.teams == [team]);
    assert!(store.verify_password(&change.username, "another one").await.unwrap().is_some());
    assert!(store.verify_password(&change.username, "a good password").await.unwrap().is_none());

    // Whoever looked before that is told, and nothing of it is written.
    let entries = store.audit(&AuditFilter { limit: 500, ..AuditFilter::default() }).await.unwrap();
    let stale = store.change_account(id, 1, &change, None, ADMINISTER, &changed).await;
    assert!(matches!(stale, Err(StoreError::Stale)), "{stale:?}");
    let taken = AccountChange { username: root.username, ..change.clone() };
    let taken = store.change_account(id, 2, &taken, None, ADMINISTER, &changed).await;
    assert!(matches!(taken, Err(StoreError::Taken("username"))), "{taken:?}");
    let nowhere = AccountChange { teams: vec![store::TeamId(1)], ..change.clone() };
    let missing = store.change_account(id, 2, &nowhere, None, ADMINISTER, &changed).await;
    assert!(matches!(missing, Err(StoreError::Missing("team"))), "{missing:?}");
    let after = store.audit(&AuditFilter { limit: 500, ..AuditFilter::default() }).await.unwrap();
    assert_eq!(after, entries, "a refused change leaves no entry");
}

#[tokio::test]
async fn somebody_keeps_the_right_to_administer() {
    let (_directory, store) = with_store().await;
    last_holder_in(&store, "").await;
}

/// Needs a store in which nobody else holds it.
async fn last_holder_in(store: &Store, suffix: &str) {
    let right = format!("administer{suffix}");
    let mut ids = Vec::new();
    for name in ["one", "two"] {
        let admin = account(&format!("{name}{suffix}"), Role::Admin, &right);
        let made = act("user", name, None, Some("{}"));
        ids.push(store.create_account(&admin, "a good password", &made).await.unwrap());
    }
    // Both at once: whoever comes second is the last one.
    let off = async |index: usize, name: &str| {
        let admin = AccountChange {
            disabled: true,
            ..account(&format!("{name}{suffix}"), Role::Admin, &right)
        };
        let changed = act("user", name, Some("{}"), Some("{}"));
        store.change_account(ids[index], 1, &admin, None, &right, &changed).await
    };
    let (first, second) = tokio::join!(off(0, "one"), off(1, "two"));
    let refused = [&first, &second].into_iter().filter(|it| it.is_err()).count();
    assert_eq!(refused, 1, "{first:?} {second:?}");
    let error = first.and(second).unwrap_err();
    assert!(matches!(error, StoreError::LastHolder), "{error:?}");
    let accounts = store.accounts().await.unwrap();
    let holders =
        accounts.iter().filter(|it| !it.user.disabled && it.user.permissions.contains(&right));
    assert_eq!(holders.count(), 1);
}

#[tokio::test]
async fn teams_queues_skills_and_the_rule() {
    let (_directory, store) = with_store().await;
    places_in(&store, "").await;
}

async fn places_in(store: &Store, suffix: &str) {
    let made = act("team", "T", None, Some("{}"));
    let gone = act("team", "T", Some("{}"), None);
    let team = store.create_team(&format!("Night{suffix}"), &made).await.unwrap();
    let twice = store.create_team(&format!("Night{suffix}"), &made).await;
    assert!(matches!(twice, Err(StoreError::Taken("name"))), "{twice:?}");
    let queue = queue_of(team);
    let id = store.create_queue(&format!("night{suffix}"), &queue, &made).await.unwrap();
    let in_use = store.delete_team(team, 1, &gone).await;
    assert!(matches!(in_use, Err(StoreError::InUse)), "{in_use:?}");
    store.rename_team(team, 1, &format!("Evening{suffix}"), &made).await.unwrap();
    assert!(matches!(store.rename_team(team, 1, "x", &made).await, Err(StoreError::Stale)));

    let nowhere = QueueChange { team: store::TeamId(1), ..queue.clone() };
    let missing = store.change_queue(id, 1, &nowhere, &made).await;
    assert!(matches!(missing, Err(StoreError::Missing("team"))), "{missing:?}");
    let mut pull = queue.clone();
    pull.settings.pull = true;
    store.change_queue(id, 1, &pull, &made).await.unwrap();
    let found = store.queue_records().await.unwrap().into_iter().find(|it| it.queue.id == id);
    let found = found.unwrap();
    assert_eq!((found.settings, found.revision), (pull.settings, 2));
    assert_eq!(found.wrap_up_codes, pull.wrap_up_codes);
    assert_eq!(found.opening_hours, pull.opening_hours);
    assert_eq!(store.queue_settings(id).await.unwrap(), pull.settings);

    let skill = store.create_skill(&format!("Refunds{suffix}"), &made).await.unwrap();
    let (before, revision) = store.whisper_rule().await.unwrap();
    let rule = WhisperRuleRecord { colleagues: false, skills: vec![skill], ..before.clone() };
    store.set_whisper_rule(revision, &rule, &made).await.unwrap();
    assert_eq!(store.whisper_rule().await.unwrap(), (rule.clone(), revision + 1));
    let stale = store.set_whisper_rule(revision, &rule, &made).await;
    assert!(matches!(stale, Err(StoreError::Stale)), "{stale:?}");
    let in_use = store.delete_skill(skill, 1, &gone).await;
    assert!(matches!(in_use, Err(StoreError::InUse)), "without it everybody could whisper");
    store.set_whisper_rule(revision + 1, &before, &made).await.unwrap();
    store.delete_skill(skill, 1, &gone).await.unwrap();
    assert!(!store.skills().await.unwrap().iter().any(|it| it.id == skill));
}

#[tokio::test]
async fn choices_and_replies() {
    let (_directory, store) = with_store().await;
    choices_in(&store, "").await;
}

async fn choices_in(store: &Store, suffix: &str) {
    let changed = act("policies", "", Some("{}"), Some("{}"));
    let name = format!("policies{suffix}");
    assert_eq!(store.centre_setting(&name).await.unwrap(), None);
    let early = store.set_centre_setting(&name, 3, "{}", &changed).await;
    assert!(matches!(early, Err(StoreError::Stale)));
    store.set_centre_setting(&name, 0, "{\"a\":1}", &changed).await.unwrap();
    let again = store.set_centre_setting(&name, 0, "{}", &changed).await;
    assert!(matches!(again, Err(StoreError::Stale)), "{again:?}");
    store.set_centre_setting(&name, 1, "{\"a\":2}", &changed).await.unwrap();
    let read = store.centre_setting(&name).await.unwrap();
    assert_eq!(read, Some(("{\"a\":2}".to_owned(), 2)));

    let mut reply = ReplyChange {
        title: format!("Hello{suffix}"),
        text: "How can I help?".to_owned(),
        queue: None,
    };
    let id = store.create_reply(&reply, &changed).await.unwrap();
    reply.queue = Some(store::QueueId(1));
    let missing = store.change_reply(id, 1, &reply, &changed).await;
    assert!(matches!(missing, Err(StoreError::Missing("queue"))), "{missing:?}");
    reply.queue = None;
    reply.text = "Hello!\nHow can I help?".to_owned();
    store.change_reply(id, 1, &reply, &changed).await.unwrap();
    let found = store.replies().await.unwrap().into_iter().find(|it| it.id == id).unwrap();
    assert_eq!((found.reply, found.revision), (reply, 2));
    assert!(matches!(store.delete_reply(id, 1, &changed).await, Err(StoreError::Stale)));
    store.delete_reply(id, 2, &changed).await.unwrap();
    assert!(!store.replies().await.unwrap().iter().any(|it| it.id == id));
}

#[tokio::test]
async fn the_record_is_in_one_order_and_can_be_searched() {
    let (_directory, store) = with_store().await;
    record_in(&store, "").await;
}

async fn record_in(store: &Store, suffix: &str) {
    let kind = format!("skill{suffix}");
    let writers = (0..8).map(|n| {
        let (store, kind) = (store.clone(), kind.clone());
        let name = format!("Skill {n}{suffix}");
        tokio::spawn(async move {
            store.create_skill(&name, &act(&kind, &name, None, Some("{}"))).await.unwrap();
        })
    });
    for writer in writers.collect::<Vec<_>>() {
        writer.await.unwrap();
    }
    let of = |search: Option<&str>, before: Option<u64>, limit: u32| AuditFilter {
        kind: Some(kind.clone()),
        search: search.map(str::to_owned),
        before,
        limit,
    };
    let all = store.audit(&of(None, None, 100)).await.unwrap();
    assert_eq!(all.len(), 8);
    assert!(all.is_sorted_by(|newer, older| newer.position > older.position));
    let first = store.audit(&of(None, None, 3)).await.unwrap();
    let rest = store.audit(&of(None, Some(first[2].position), 100)).await.unwrap();
    assert_eq!([first, rest].concat(), all);
    let found = store.audit(&of(Some("SKILL 3"), None, 9)).await.unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].act.subject_name, format!("Skill 3{suffix}"));
    assert_eq!(store.audit(&of(Some("root"), None, 9)).await.unwrap().len(), 8, "by the actor");
    for odd in ["%", "_kill", "!", "Skill 9"] {
        assert!(store.audit(&of(Some(odd), None, 9)).await.unwrap().is_empty(), "{odd}");
    }
}

#[tokio::test]
async fn a_change_needs_the_right_at_the_moment_of_the_change() {
    let (_directory, store) = with_store().await;
    entitled_in(&store, "").await;
}

async fn entitled_in(store: &Store, suffix: &str) {
    let change = account(&format!("ada{suffix}"), Role::Admin, ADMINISTER);
    let made = act("user", "Ada", None, Some("{}"));
    let ada = store.create_account(&change, "a good password", &made).await.unwrap();
    let token = format!("token{suffix}");
    let by = |generation| Act {
        actor: ada,
        entitlement: Entitlement::SignIn {
            generation,
            token: token.clone(),
            permission: ADMINISTER.to_owned(),
        },
        ..act("skill", "S", None, Some("{}"))
    };
    let make = async |name: &str, act: &Act| store.create_skill(name, act).await;
    let refused = async |why: &str, act: Act| {
        let before = last_act(store).await;
        let made = make(&format!("Never {why}{suffix}"), &act).await;
        assert!(matches!(made, Err(StoreError::NotEntitled)), "{why}: {made:?}");
        assert_eq!(last_act(store).await, before, "{why}: no entry");
    };
    make(&format!("First{suffix}"), &by(0)).await.unwrap();
    refused("nobody", Act { actor: UserId(1), ..by(0) }).await;
    refused("only read", Act { entitlement: Entitlement::Read, ..by(0) }).await;

    // The right is taken, given back, and the account switched off and on.
    store.set_permissions(ada, &["take_calls"]).await.unwrap();
    refused("right taken", by(0)).await;
    store.set_permissions(ada, &[ADMINISTER, "take_calls"]).await.unwrap();
    make(&format!("Second{suffix}"), &by(0)).await.unwrap();
    store.set_disabled(ada, true).await.unwrap();
    refused("switched off", by(0)).await;
    store.set_disabled(ada, false).await.unwrap();

    // A new password, and a sign-out.
    store.set_password(ada, "a better password").await.unwrap();
    refused("new password", by(0)).await;
    make(&format!("Third{suffix}"), &by(1)).await.unwrap();
    store.revoke_tokens(&[(token.clone(), u64::MAX >> 1)]).await.unwrap();
    refused("signed out", by(1)).await;
}

#[tokio::test]
async fn postgresql_does_the_same() {
    let postgres = postgres_testkit::Postgres::start();
    let store = Store::open(&Location::Url(postgres.url())).await.unwrap();
    let suffix = format!("{:x}", std::process::id());
    accounts_in(&store, &suffix).await;
    last_holder_in(&store, &suffix).await;
    places_in(&store, &suffix).await;
    choices_in(&store, &suffix).await;
    record_in(&store, &suffix).await;
    entitled_in(&store, &suffix).await;
}
