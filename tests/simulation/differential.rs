//! With and without a supervisor who listens and whispers, the caller gets the same bytes at the
//! same times: payloads, sequence numbers, timestamps and markers. Long calls over a rough network;
//! the many short stories of all that parties and supervisors can do are `sim::stories`.

use interaction::Target;
use interaction::{Command, ModeKind, UserId};
use sim::{NetworkConfig, Received, Room, RoomConfig, Signal};

use super::TRACKS;

const ROUGH: NetworkConfig =
    NetworkConfig { delay_us: 12_000, jitter_us: 45_000, loss: 0.03, duplicate: 0.02 };

/// What the supervisor does in one step of the scenario.
type Deed = fn(&mut Room, interaction::LegId);

/// Runs a call of 12 s; `deeds` happen at a second each, by a supervisor who joins at 1 s.
fn caller_receives(seed: u64, deeds: Option<&[Deed]>) -> Vec<Received> {
    let mut room =
        Room::new(RoomConfig { seed, network: ROUGH, tracks: TRACKS, ..RoomConfig::default() });
    let caller = room.join_caller(Signal::Pilot { seed: 1, dbfs: -24.0 });
    let agent = room.join_agent(1, Signal::Pilot { seed: 2, dbfs: -20.0 });
    room.run_ms(1_000);
    let mut deeds = deeds.map(|deeds| {
        let leg = room.supervise(1, Signal::Pilot { seed: 3, dbfs: -12.0 });
        (leg, deeds.iter())
    });
    for second in 1..12 {
        if let Some((leg, deeds)) = &mut deeds
            && let Some(deed) = deeds.next()
        {
            deed(&mut room, *leg);
        }
        if second == 8 {
            room.command(Command::SetMuted { leg: agent, muted: true }).unwrap();
        }
        if second == 9 {
            room.command(Command::SetMuted { leg: agent, muted: false }).unwrap();
        }
        room.run_ms(1_000);
    }
    room.received(caller).to_vec()
}

fn mode(room: &mut Room, leg: interaction::LegId, mode: ModeKind) {
    room.set_mode(leg, mode).unwrap();
}

const LISTENS_AND_WHISPERS: [Deed; 7] = [
    |_, _| {},
    |room, leg| mode(room, leg, ModeKind::Whisper),
    |room, leg| mode(room, leg, ModeKind::Listen),
    |room, leg| mode(room, leg, ModeKind::Whisper),
    |room, leg| {
        mode(room, leg, ModeKind::Listen);
        mode(room, leg, ModeKind::Whisper);
        mode(room, leg, ModeKind::Listen);
    },
    |room, leg| mode(room, leg, ModeKind::Whisper),
    |room, leg| {
        let reason = interaction::LeaveReason::HungUp;
        room.command(Command::Leave { leg, reason }).unwrap();
    },
];

#[test]
fn the_caller_gets_the_same_bytes_with_and_without_a_whispering_supervisor() {
    for seed in 1..=8 {
        let without = caller_receives(seed, None);
        let with = caller_receives(seed, Some(&LISTENS_AND_WHISPERS));
        assert!(without.len() > 400, "the caller hardly got anything: {}", without.len());
        assert_eq!(with.len(), without.len(), "seed {seed}");
        for (n, (a, b)) in with.iter().zip(&without).enumerate() {
            assert_eq!(a, b, "seed {seed}, packet {n}");
        }
    }
}

/// A call that is transferred twice: each voice and tone comes to the caller from another source
/// than the one before.
fn caller_of_transfers_receives(seed: u64, supervised: bool) -> Vec<Received> {
    let mut room =
        Room::new(RoomConfig { seed, network: ROUGH, tracks: TRACKS, ..RoomConfig::default() });
    let caller = room.join_caller(Signal::Pilot { seed: 1, dbfs: -24.0 });
    room.join_agent(1, Signal::Pilot { seed: 2, dbfs: -20.0 });
    room.run_ms(1_000);
    let sam = supervised.then(|| room.supervise(1, Signal::Pilot { seed: 3, dbfs: -12.0 }));
    for second in 1..12 {
        let agent = room.call().state().talking_agents().next().map(|leg| leg.id);
        match (second, agent, sam) {
            (2 | 8, _, Some(sam)) => mode(&mut room, sam, ModeKind::Whisper),
            (9, _, Some(sam)) => mode(&mut room, sam, ModeKind::Listen),
            (3 | 10, Some(leg), _) => {
                let (to, note) = (Target::Agent(UserId(102 + second / 10)), None);
                room.command(Command::Transfer { leg, to, note }).unwrap();
            }
            (6, ..) => drop(room.join_agent(2, Signal::Pilot { seed: 4, dbfs: -20.0 })),
            (11, ..) => drop(room.join_agent(3, Signal::Pilot { seed: 5, dbfs: -20.0 })),
            _ => {}
        }
        room.run_ms(1_000);
    }
    room.received(caller).to_vec()
}

#[test]
fn nor_do_they_differ_while_the_call_is_handed_over() {
    for seed in 1..=4 {
        let without = caller_of_transfers_receives(seed, false);
        let with = caller_of_transfers_receives(seed, true);
        assert!(without.len() > 250, "the caller hardly got anything: {}", without.len());
        assert_eq!(with.len(), without.len(), "seed {seed}");
        for (n, (a, b)) in with.iter().zip(&without).enumerate() {
            assert_eq!(a, b, "seed {seed}, packet {n}");
        }
    }
}

#[test]
fn a_barge_and_a_take_over_are_seen_by_this_comparison() {
    let barge: [Deed; 2] = [|room, leg| mode(room, leg, ModeKind::Barge), |_, _| {}];
    let take_over: [Deed; 2] = [|room, leg| mode(room, leg, ModeKind::TakeOver), |_, _| {}];
    for deeds in [barge, take_over] {
        assert_ne!(caller_receives(1, Some(&deeds)), caller_receives(1, None));
    }
}
