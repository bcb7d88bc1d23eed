//! The end of the program: what goes on after a signal, how long, and what is told.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use client::api::Method;
use client::session::Session;
use serde_json::{Value, json};
use wire::{EndReason, Event};

use crate::text::Writer;
use crate::{Person, Server, Talk, refusal, refused};

/// The server as a program, with the demo's accounts and none of its calls.
struct Program {
    child: Child,
    out: BufReader<ChildStdout>,
    url: String,
    operate: String,
    _data: tempfile::TempDir,
}

impl Program {
    fn start(drain_s: &str) -> Self {
        let data = tempfile::tempdir().unwrap();
        let mut child = Command::new(env!("CARGO_BIN_EXE_media-server"))
            .args(["--demo", "0", "--http", "127.0.0.1:0", "--media", "127.0.0.1:0"])
            .args(["--operate", "127.0.0.1:0", "--drain-s", drain_s, "--data"])
            .arg(data.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        let mut said = String::new();
        while !said.contains("Ctrl-C") {
            assert!(out.read_line(&mut said).unwrap() > 0, "ended early: {said}");
        }
        let after = |mark: &str| {
            let (_, rest) = said.split_once(mark).unwrap_or_else(|| panic!("no {mark}: {said}"));
            rest.split(['\n', '/', ',']).next().unwrap().to_owned()
        };
        let url = format!("http://{}", after("Sotto is ready: http://"));
        let operate = format!("http://{}", after("For operators: http://"));
        Self { child, out, url, operate, _data: data }
    }

    /// A guest's call that agent1 has answered.
    async fn talk(&self) -> Talk {
        let sign_in = Session::sign_in(&self.url, "agent1", "sotto-demo").await.unwrap();
        let mut agent = Person::with_station(sign_in).await;
        agent.session.ready().await.unwrap();
        let guest = Session::guest(&self.url, "Daniel").await.unwrap();
        let mut caller = Person::with_station(guest).await;
        let call = caller.session.place_call("support", None).await.unwrap().id;
        assert_eq!(agent.events.offered(crate::PATIENCE).await.unwrap().id, call);
        agent.session.answer(&call).await.unwrap();
        caller.until("call.started").await;
        Talk { caller, agent, call }
    }

    fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args([name, &id]).status().unwrap().success());
    }

    /// What `/readyz` says, once it is not "ready" any more.
    async fn not_ready(&self) -> (u16, Value) {
        for _ in 0..200 {
            let answer = reqwest::get(format!("{}/readyz", self.operate)).await.unwrap();
            let status = answer.status().as_u16();
            if status != 200 {
                return (status, answer.json().await.unwrap());
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("still ready");
    }

    fn has_ended(&mut self) -> bool {
        self.child.try_wait().unwrap().is_some()
    }

    async fn ends_within(mut self, limit: Duration) -> ExitStatus {
        let start = Instant::now();
        while start.elapsed() < limit {
            if let Some(status) = self.child.try_wait().unwrap() {
                let mut rest = String::new();
                self.out.read_to_string(&mut rest).unwrap();
                return status;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("still running after {limit:?}");
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // One that has ended by itself is what was wanted.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Waits until the caller is told of the end; why.
async fn end_told(caller: &mut Person) -> Option<EndReason> {
    let told = caller.until("call.ended").await;
    let Event::CallEnded { call } = &told.last().unwrap().event else { unreachable!() };
    call.end_reason
}

#[tokio::test(flavor = "multi_thread")]
async fn a_terminated_server_lets_the_calls_that_run_come_to_their_end() {
    let mut program = Program::start("60");
    let Talk { mut caller, agent, call } = program.talk().await;
    let luis = Session::sign_in(&program.url, "agent2", "sotto-demo").await.unwrap();
    let mut luis = Person::with_station(luis).await;
    luis.session.ready().await.unwrap();
    program.signal("-TERM");
    let (status, problem) = program.not_ready().await;
    assert_eq!((status, &problem["type"]), (503, &json!("/problems/draining")));

    let guest = Session::guest(&program.url, "Nora").await.unwrap();
    let late = Person::with_station(guest).await;
    let placed = late.session.place_call("support", None).await;
    assert_eq!(refusal(placed), refused(503, "draining"));
    let to = wire::TransferRequest {
        to: wire::Destination::Queue("support".to_owned()),
        note: None,
        consult: false,
    };
    assert_eq!(refusal(agent.api().transfer(&call, &to).await), refused(503, "draining"));

    // Text outlives the server: it goes on.
    let writer = Writer::new(Session::guest(&program.url, "Mia").await.unwrap()).await;
    let conversation = writer.open("support").await;
    let body = json!({"text": "Hello?", "visibility": "public", "client_id": "1"});
    let path = format!("/conversations/{}/messages", conversation.id);
    assert_eq!(writer.ask(Method::POST, &path, Some(body)).await.0, 201);
    let offered = luis.events.offered(Duration::from_millis(500)).await;
    assert!(offered.is_err(), "nothing new is offered");

    // Everything of the running call still works, and its end is the server's.
    agent.session.hold(&call).await.unwrap();
    agent.session.resume(&call).await.unwrap();
    assert!(!program.has_ended());
    agent.session.hang_up(&call).await.unwrap();
    assert_eq!(end_told(&mut caller).await, Some(EndReason::Agent));
    assert_eq!(program.ends_within(Duration::from_secs(4)).await.code(), Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn when_the_time_to_drain_is_over_calls_are_ended_and_told() {
    let program = Program::start("1");
    let Talk { mut caller, agent: _agent, .. } = program.talk().await;
    let start = Instant::now();
    program.signal("-TERM");
    assert_eq!(end_told(&mut caller).await, Some(EndReason::Server));
    assert!(start.elapsed() > Duration::from_millis(900), "{:?}", start.elapsed());
    assert_eq!(program.ends_within(Duration::from_secs(4)).await.code(), Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_signal_ends_the_draining_at_once() {
    for second in ["-TERM", "-INT"] {
        let program = Program::start("60");
        let Talk { mut caller, agent: _agent, .. } = program.talk().await;
        program.signal("-TERM");
        program.not_ready().await;
        program.signal(second);
        assert_eq!(end_told(&mut caller).await, Some(EndReason::Server));
        assert_eq!(program.ends_within(Duration::from_secs(4)).await.code(), Some(0));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn with_nothing_to_wait_for_or_no_time_to_wait_it_ends_at_once() {
    let idle = Program::start("60");
    idle.signal("-TERM");
    assert_eq!(idle.ends_within(Duration::from_secs(4)).await.code(), Some(0));
    let hasty = Program::start("0");
    let Talk { mut caller, agent: _agent, .. } = hasty.talk().await;
    hasty.signal("-TERM");
    assert_eq!(end_told(&mut caller).await, Some(EndReason::Server));
    assert_eq!(hasty.ends_within(Duration::from_secs(4)).await.code(), Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_waits_for_an_agent_ends_when_the_server_drains() {
    let mut server = Server::start().await;
    let mut caller = server.guest("Daniel").await;
    caller.session.place_call("support", None).await.unwrap();
    server.running.drain(Duration::from_secs(10)).await;
    assert_eq!(end_told(&mut caller).await, Some(EndReason::Server));
}
