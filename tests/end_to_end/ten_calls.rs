//! Ten calls at once, and three supervisors who move between them: nobody hears anybody whom the
//! plan does not name.

use std::time::{Duration, Instant};

use wire::Mode::{self, Barge, Listen, Whisper};

use crate::ears::AUDIBLE_DBFS;
use crate::stage::{IN_FLIGHT, Party, Server, connect, until_heard};

const CALLS: usize = 10;
/// Every demo agent with an index of 1 mod 3 is in Sales (seed.rs).
const SALES: [usize; 3] = [1, 4, 7];
const SUPERVISORS: [&str; 3] = ["supervisor1", "supervisor2", "supervisor3"];

/// Where the three supervisors are, scene by scene: call and mode. The third is in Sales.
const SCENES: [[Option<(usize, Mode)>; 3]; 6] = [
    [None, None, None],
    [Some((0, Listen)), Some((2, Whisper)), Some((1, Listen))],
    [Some((0, Whisper)), Some((2, Barge)), Some((4, Whisper))],
    [Some((0, Barge)), Some((0, Listen)), Some((4, Barge))],
    [Some((5, Whisper)), Some((0, Whisper)), Some((7, Listen))],
    [Some((5, Listen)), Some((5, Barge)), Some((7, Whisper))],
];

/// Tones on a grid of 211 Hz, above the server's own: no harmonic of one is another.
fn hz(source: usize) -> f32 {
    1_000.0 + 211.0 * source as f32
}

#[derive(Clone, Copy, PartialEq)]
enum Who {
    Caller(usize),
    Agent(usize),
    Supervisor(usize),
}

impl Who {
    fn everybody() -> impl Iterator<Item = Self> {
        let callers = (0..CALLS).map(Self::Caller);
        let agents = (0..CALLS).map(Self::Agent);
        callers.chain(agents).chain((0..SUPERVISORS.len()).map(Self::Supervisor))
    }

    fn hz(self) -> f32 {
        match self {
            Self::Caller(call) => hz(call),
            Self::Agent(call) => hz(CALLS + call),
            Self::Supervisor(index) => hz(2 * CALLS + index),
        }
    }

    /// The rule, once more and written differently: whether `self` hears `source`.
    fn hears(self, source: Self, scene: &[Option<(usize, Mode)>; 3]) -> bool {
        use Who::{Agent, Caller, Supervisor};
        if self == source {
            return false;
        }
        match (self, source) {
            (Caller(a), Agent(b)) | (Agent(a), Caller(b)) => a == b,
            (Caller(call), Supervisor(it)) => scene[it] == Some((call, Barge)),
            (Agent(call), Supervisor(it)) => {
                matches!(scene[it], Some((at, Whisper | Barge)) if at == call)
            }
            (Supervisor(it), Caller(call) | Agent(call)) => {
                scene[it].is_some_and(|(at, _)| at == call)
            }
            (Supervisor(it), Supervisor(other)) => match (scene[it], scene[other]) {
                (Some((a, _)), Some((b, Whisper | Barge))) => a == b,
                _ => false,
            },
            (Caller(_), Caller(_)) | (Agent(_), Agent(_)) => false,
        }
    }
}

/// Where a supervisor is, and on which leg.
struct Post {
    call: usize,
    leg: String,
}

async fn move_to(
    supervisor: &Party,
    calls: &[String],
    post: Option<Post>,
    wanted: Option<(usize, Mode)>,
) -> Option<Post> {
    let stays = |post: &Post| wanted.is_some_and(|(call, _)| call == post.call);
    let post = match post {
        Some(post) if !stays(&post) => {
            supervisor.api.delete_leg(&calls[post.call], &post.leg).await.unwrap();
            None
        }
        other => other,
    };
    let (call, mode) = wanted?;
    let post = match post {
        Some(post) => post,
        None => Post { call, leg: supervisor.listen(&calls[call]).await.leg },
    };
    supervisor.mode(&calls[call], &post.leg, mode).await;
    Some(post)
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_hears_a_call_that_is_not_theirs() {
    let server = Server::measuring(CALLS as u32).await;
    let mut parties = Vec::new();
    for who in Who::everybody() {
        parties.push(match who {
            Who::Caller(call) => server.guest(&format!("Caller {call}"), who.hz()).await,
            Who::Agent(call) => server.account(&format!("demo-agent{}", call + 1), who.hz()).await,
            Who::Supervisor(it) => server.account(SUPERVISORS[it], who.hz()).await,
        });
    }
    let (callers, others) = parties.split_at(CALLS);
    let (agents, supervisors) = others.split_at(CALLS);
    let mut calls = Vec::new();
    for (index, (caller, agent)) in callers.iter().zip(agents).enumerate() {
        agent.ready().await;
        let queue = if SALES.contains(&index) { "sales" } else { "support" };
        calls.push(connect(caller, agent, queue).await);
    }

    let tones: Vec<f32> = Who::everybody().map(Who::hz).collect();
    let mut posts = [None, None, None];
    let mut spans = Vec::new();
    for scene in &SCENES {
        for (index, supervisor) in supervisors.iter().enumerate() {
            posts[index] = move_to(supervisor, &calls, posts[index].take(), scene[index]).await;
        }
        let from = Instant::now() + IN_FLIGHT;
        let rows: Vec<Vec<f32>> = Who::everybody()
            .map(|who| Who::everybody().filter(|it| who.hears(*it, scene)).map(Who::hz).collect())
            .collect();
        let rows: Vec<(&Party, &[f32])> =
            parties.iter().zip(&rows).map(|(party, row)| (party, &row[..])).collect();
        until_heard(&format!("{scene:?}"), &tones, &rows).await;
        spans.push((from, Instant::now()));
    }
    assert_no_crossed_audio(&parties, &spans);
}

/// In no scene, from its beginning to its end, was a tone heard that the scene does not allow.
fn assert_no_crossed_audio(parties: &[Party], spans: &[(Instant, Instant)]) {
    let mut looked_at = Duration::ZERO;
    for (scene, (from, until)) in SCENES.iter().zip(spans) {
        looked_at += *until - *from;
        for (party, who) in parties.iter().zip(Who::everybody()) {
            for source in Who::everybody().filter(|it| !who.hears(*it, scene)) {
                let level = party.ears.loudest(source.hz(), *from, *until);
                let name = &party.user.name;
                assert!(level < AUDIBLE_DBFS, "{name}: {} Hz at {level} in {scene:?}", source.hz());
            }
        }
    }
    assert!(looked_at > Duration::from_secs(1), "hardly anything was looked at: {looked_at:?}");
}
