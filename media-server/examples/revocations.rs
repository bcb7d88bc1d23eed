//! How long a whisper outlives the answer to the administrator who takes the right away.
//!
//! `cargo run --release -p media-server --example revocations -- 1000`: a whole server in this process,
//! a supervisor who whispers on a call, and as many revocations, one after the other, each of another
//! kind than the one before. What is measured is the time from the administrator's answer until the
//! call's worker says that the supervisor is no longer heard. It says so at the tick at which the last
//! frame with their voice has gone out, so that this is an upper bound on the sound.

use std::time::{Duration, Instant};

use anyhow::{Context as _, bail, ensure};
use client::api::Method;
use client::media::StationConfig;
use client::session::Session;
use media_server::{Config, Running};
use serde_json::{Value, json};
use wire::{Mode, Role};

/// A revocation that takes longer has failed.
const PATIENCE: Duration = Duration::from_secs(10);
const PASSWORD: &str = "sotto-demo";
/// Accounts that take turns: one may sign in only so often.
const SUPERVISORS: usize = 40;
const EVERYTHING: [&str; 4] = [
    "view_contact_center_dashboard",
    "monitor_live_calls",
    "whisper_live_calls",
    "barge_live_calls",
];

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let count = std::env::args().nth(1).map_or(Ok(1_000), |count| count.parse())?;
    let data = tempfile::tempdir()?;
    let local = "127.0.0.1:0".parse()?;
    let config = Config {
        demo: Some(0),
        http: local,
        media: local,
        workers: Some(2),
        data: data.path().to_owned(),
        ..Config::default()
    };
    let server = media_server::start(config).await?;
    let stage = Stage::set(&server).await?;
    let mut silent_after = Vec::with_capacity(count);
    for round in 0..count {
        silent_after.push(stage.revoke(round).await.with_context(|| format!("round {round}"))?);
    }
    silent_after.sort_unstable();
    let at = |share: f64| silent_after[((count - 1) as f64 * share) as usize].as_secs_f64() * 1e3;
    println!("{count} revocations in the middle of a whisper; silent after the answer, ms:");
    println!("p50 {:.1}   p99 {:.1}   max {:.1}", at(0.5), at(0.99), at(1.0));
    ensure!(at(0.99) <= 100.0, "p99 is above 100 ms");
    server.stop().await;
    Ok(())
}

/// An agent and a caller who talk, an administrator, and somebody who watches.
struct Stage {
    url: String,
    call: String,
    admin: Session,
    watcher: Session,
    teams: Value,
    _people: Vec<(Session, client::events::Events)>,
}

impl Stage {
    async fn set(server: &Running) -> anyhow::Result<Self> {
        let url = server.url();
        let mut agent = Session::sign_in(&url, "agent1", PASSWORD).await?;
        agent.open_station(&StationConfig::default(), |_| {}).await?;
        let mut offers = agent.events().await?;
        agent.ready().await?;
        let mut caller = Session::guest(&url, "Daniel").await?;
        caller.open_station(&StationConfig::default(), |_| {}).await?;
        let told = caller.events().await?;
        let call = caller.place_call("support", None).await?.id;
        offers.offered(PATIENCE).await?;
        agent.answer(&call).await?;
        let admin = Session::sign_in(&url, "admin", PASSWORD).await?;
        let watcher = Session::sign_in(&url, "supervisor2", PASSWORD).await?;
        let _people = vec![(agent, offers), (caller, told)];
        let mut stage = Self { url, call, admin, watcher, teams: Value::Null, _people };
        let model = stage.account("supervisor1").await?;
        stage.teams = model["teams"].clone();
        for number in 0..SUPERVISORS {
            let mut account = model.clone();
            let fields = account.as_object_mut().context("an account")?;
            fields.remove("id");
            fields.insert("username".to_owned(), json!(username(number)));
            fields.insert("password".to_owned(), json!(PASSWORD));
            stage.ask(Method::POST, "/admin/users", Some(account)).await?;
        }
        Ok(stage)
    }

    /// One revocation: how long the whisper outlived the answer.
    async fn revoke(&self, round: usize) -> anyhow::Result<Duration> {
        let name = username(round);
        let mut sam = Session::sign_in(&self.url, &name, PASSWORD).await?;
        sam.open_station(&StationConfig::default(), |_| {}).await?;
        // It is open once its first message is there.
        let mut stream = sam.events().await?;
        stream.snapshot(PATIENCE).await?;
        let leg = sam.listen(&self.call).await?.leg;
        sam.set_mode(&self.call, &leg, Mode::Whisper).await?;
        match round % 5 {
            0 => self.save(&name, json!({"permissions": EVERYTHING[..2]})).await?,
            1 => self.save(&name, json!({"permissions": []})).await?,
            2 => self.save(&name, json!({"teams": []})).await?,
            3 => self.save(&name, json!({"disabled": true})).await?,
            _ => self.save(&name, json!({"password": "another-password"})).await?,
        }
        let answered = Instant::now();
        while self.is_whispered().await? {
            if answered.elapsed() > PATIENCE {
                bail!("the whisper goes on");
            }
        }
        let silent_after = answered.elapsed();
        let as_before = json!({"permissions": EVERYTHING, "teams": self.teams, "disabled": false,
            "password": PASSWORD});
        self.save(&name, as_before).await?;
        sam.close_station().await;
        Ok(silent_after)
    }

    async fn is_whispered(&self) -> anyhow::Result<bool> {
        let legs = self.watcher.api().call(&self.call).await?.legs;
        let whispers = |leg: &wire::LegView| {
            leg.role == Role::Supervisor && leg.mode.is_some_and(|mode| mode != Mode::Listen)
        };
        Ok(legs.iter().any(whispers))
    }

    async fn account(&self, username: &str) -> anyhow::Result<Value> {
        let users = self.ask(Method::GET, "/admin/users", None).await?;
        let all = users["users"].as_array().context("a list of users")?;
        let account = all.iter().find(|it| it["username"] == username);
        Ok(account.with_context(|| format!("an account {username}"))?.clone())
    }

    async fn save(&self, username: &str, changes: Value) -> anyhow::Result<()> {
        let mut account = self.account(username).await?;
        let fields = account.as_object_mut().context("an account")?;
        let id = fields.remove("id").context("its id")?;
        fields.extend(changes.as_object().context("changes")?.clone());
        let path = format!("/admin/users/{}", id.as_str().context("an id")?);
        self.ask(Method::PUT, &path, Some(account)).await.map(drop)
    }

    async fn ask(&self, method: Method, path: &str, body: Option<Value>) -> anyhow::Result<Value> {
        let mut request = self.admin.api().request(method, path);
        if let Some(body) = body {
            request = request.json(&body);
        }
        let response = request.send().await?;
        ensure!(response.status().is_success(), "{path}: {}", response.text().await?);
        Ok(response.json().await?)
    }
}

fn username(round: usize) -> String {
    format!("revoked{}", round % SUPERVISORS)
}
