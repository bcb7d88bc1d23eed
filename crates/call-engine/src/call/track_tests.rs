//! Delivery by tracks: who gets what on which, and that nothing else comes.

use interaction::{Rights, Target};

use super::*;
use crate::{TRACKS_MAX, ToneClips};

/// One packet that somebody got.
#[derive(Clone, Debug, PartialEq)]
struct Got {
    leg: LegId,
    track: usize,
    sequence: u16,
    timestamp: u32,
    payload: Vec<u8>,
    at_ms: u64,
}

/// A call whose parties' stations have so many tracks each. Everybody sends packets that say whose they are.
struct Hall {
    call: Call,
    epoch: Instant,
    now_ms: u64,
    frames: u16,
    legs: Vec<LegId>,
    quiet: Vec<LegId>,
    got: Vec<Got>,
}

impl Hall {
    #[expect(clippy::disallowed_methods, reason = "virtual time needs one real instant to begin")]
    fn new(policy: Policy) -> Self {
        let mut config = CallConfig::default();
        let clips = ToneClips::encode(&config.mixer, config.encoder).unwrap();
        config.clips = Some(Arc::new(clips));
        let call = Call::new(CallId(1), policy, config).unwrap();
        let (legs, quiet, got) = (Vec::new(), Vec::new(), Vec::new());
        Self { call, epoch: Instant::now(), now_ms: 0, frames: 0, legs, quiet, got }
    }

    /// A caller, an agent and a supervisor who listens.
    fn supervised(tracks: [usize; 3]) -> (Self, [LegId; 3]) {
        let mut hall = Self::new(Policy::default());
        let caller = hall.join(Command::JoinCaller { user: UserId(1) }, tracks[0]);
        let agent = hall.join(Command::JoinAgent { user: UserId(2) }, tracks[1]);
        let supervisor = hall.supervise(3, tracks[2]);
        (hall, [caller, agent, supervisor])
    }

    fn supervise(&mut self, user: u64, tracks: usize) -> LegId {
        let rights = Rights { whisper: true, barge: true };
        self.join(Command::Supervise { user: UserId(user), rights }, tracks)
    }

    fn join(&mut self, command: Command, tracks: usize) -> LegId {
        let leg = self.apply(command, Some(tracks)).joined.unwrap();
        self.legs.push(leg);
        leg
    }

    fn moment(&self) -> Moment {
        let now = self.epoch + Duration::from_millis(self.now_ms);
        Moment { now, unix: UnixMs(self.now_ms) }
    }

    fn apply(&mut self, command: Command, tracks: Option<usize>) -> Applied {
        let moment = self.moment();
        let starts = |count| {
            let start = |n: usize| RtpPosition::start(n as u16 * 1_000, n as u32 * 77, moment.now);
            let starts: Vec<_> = (0..count).map(start).collect();
            TrackPositions::new(&starts).unwrap()
        };
        self.call.handle_command(moment, Actor::System, command, tracks.map(starts)).unwrap()
    }

    fn mode(&mut self, leg: LegId, mode: ModeKind) {
        self.apply(
            Command::SetMode { leg, mode, coach: None, announce: false, expected: None },
            None,
        );
    }

    /// A packet of everybody's, and a tick; `frames` times.
    fn run(&mut self, frames: usize) {
        for _ in 0..frames {
            self.now_ms += TICK;
            self.frames = self.frames.wrapping_add(1);
            let (moment, at_ms, got) = (self.moment(), self.now_ms, &mut self.got);
            let mut note = |out: Outgoing<'_>| {
                let Outgoing { leg, track, sequence, timestamp, payload, .. } = out;
                let (track, payload) = (track.index(), payload.to_vec());
                got.push(Got { leg, track, sequence, timestamp, payload, at_ms });
            };
            for leg in self.legs.iter().filter(|leg| !self.quiet.contains(leg)) {
                let payload = voice(*leg);
                let packet = RtpPacket {
                    sequence: self.frames,
                    timestamp: u32::from(self.frames) * 960,
                    marker: false,
                    payload: &payload,
                    level_dbov: None,
                    is_restored: false,
                };
                self.call.handle_rtp(moment.now, *leg, packet, &mut note);
            }
            self.call.handle_tick(moment, note);
        }
    }

    /// Runs for so long, and says how many packets of each of these voices came to `listener`, by track.
    fn hears(&mut self, listener: LegId, voices: &[LegId]) -> Vec<[usize; TRACKS_MAX]> {
        self.got.clear();
        self.run(20);
        let count = |source: &LegId| {
            let mut tracks = [0; TRACKS_MAX];
            let of = |it: &&Got| it.leg == listener && it.payload == voice(*source);
            self.got.iter().filter(of).for_each(|it| tracks[it.track] += 1);
            tracks
        };
        voices.iter().map(count).collect()
    }

    /// How many packets came to `listener`, by track.
    fn packets(&self, listener: LegId) -> [usize; TRACKS_MAX] {
        let mut tracks = [0; TRACKS_MAX];
        self.got.iter().filter(|it| it.leg == listener).for_each(|it| tracks[it.track] += 1);
        tracks
    }

    /// Each track's numbers follow each other.
    fn assert_unbroken(&self) {
        for leg in &self.legs {
            for track in 0..TRACKS_MAX {
                let of = |it: &&Got| it.leg == *leg && it.track == track;
                let run: Vec<&Got> = self.got.iter().filter(of).collect();
                for pair in run.windows(2) {
                    let [before, next] = [pair[0], pair[1]];
                    let what = format!("{leg:?} on {track} at {} ms", next.at_ms);
                    assert_eq!(next.sequence, before.sequence.wrapping_add(1), "{what}");
                    let step = u64::from(next.timestamp.wrapping_sub(before.timestamp)) / 48;
                    let passed = next.at_ms - before.at_ms;
                    assert!(step >= 20 && step.abs_diff(passed) <= 20, "{what}: {step} {passed}");
                }
            }
        }
    }
}

const TICK: u64 = crate::TICK_MS;

/// What a leg says: Opus, wide band, 20 ms.
fn voice(leg: LegId) -> Vec<u8> {
    vec![0x48, 0xA0, leg.0 as u8]
}

#[test]
fn a_listening_supervisor_gets_each_voice_on_a_track_without_a_codec() {
    let (mut hall, [caller, agent, supervisor]) = Hall::supervised([1, 1, 3]);
    let heard = hall.hears(supervisor, &[caller, agent, supervisor]);
    assert_eq!(heard, [[20, 0, 0, 0], [0, 20, 0, 0], [0; 4]]);
    assert_eq!(hall.packets(caller), [20, 0, 0, 0]);
    let counters = hall.call.counters();
    assert_eq!((counters.encoded, counters.guarded), (0, 0));
    assert!(hall.call.decoding.iter().all(Decoding::is_unused), "no decoder is fed");
    hall.assert_unbroken();
}

#[test]
fn a_whisper_and_its_beep_come_on_tracks_of_the_coached_agent_alone() {
    let (mut hall, [caller, agent, supervisor]) = Hall::supervised([4, 3, 3]);
    hall.mode(supervisor, ModeKind::Whisper);
    let heard = hall.hears(agent, &[caller, supervisor]);
    assert_eq!(heard, [[20, 0, 0, 0], [0, 20, 0, 0]]);
    assert_eq!(hall.packets(agent), [20, 20, 13 + 5, 0], "the beep, and silence after it");
    assert_eq!(hall.packets(caller), [20, 0, 0, 0], "and nothing on a spare track");
    assert_eq!(hall.packets(supervisor), [20, 20, 0, 0]);
    assert_eq!(hall.call.counters().encoded, 0);
    hall.got.clear();
    hall.run(20);
    assert_eq!(hall.packets(agent), [20, 20, 0, 0], "it sounds once");
}

#[test]
fn what_a_mode_takes_away_is_silent_at_once() {
    for (mode, tracks) in [(ModeKind::Whisper, [1, 3, 3]), (ModeKind::Barge, [3, 4, 4])] {
        let (mut hall, [caller, agent, supervisor]) = Hall::supervised(tracks);
        hall.mode(supervisor, mode);
        hall.run(3);
        assert!(hall.got.iter().any(|it| it.leg == agent && it.payload == voice(supervisor)));
        hall.mode(supervisor, ModeKind::Listen);
        assert_eq!(hall.hears(agent, &[supervisor]), [[0; 4]], "{mode:?}");
        for party in [caller, agent] {
            assert_eq!(hall.packets(party), [20, 0, 0, 0], "{mode:?}: no tone, either");
        }
        assert_eq!(hall.call.counters().encoded, 0);
    }
}

#[test]
fn a_broken_delivery_passes_nothing_on_a_track_that_the_plan_does_not_allow() {
    let (mut hall, [caller, _, supervisor]) = Hall::supervised([4, 4, 4]);
    hall.mode(supervisor, ModeKind::Whisper);
    hall.run(30);
    let [listener, source] = [caller, supervisor].map(|leg| hall.call.slot_of(leg).unwrap());
    let sources = [Source::Leg(source), Source::Tone(interaction::Tone::Barge)];
    let row = sources.into_iter().fold(hall.call.plan.row(listener).sources(), SourceSet::with);
    let media = hall.call.media[listener.index()].as_mut().unwrap();
    assert!(media.outlet.seat(row, row.iter(), |_| true));
    let before = hall.call.counters();
    assert_eq!(hall.hears(caller, &[supervisor]), [[0; 4]], "a leak");
    assert_eq!(hall.call.counters().guarded - before.guarded, 20, "each packet is counted");
    hall.mode(supervisor, ModeKind::Barge);
    assert_eq!(hall.hears(caller, &[supervisor]), [[0, 20, 0, 0]], "now it may pass");
}

#[test]
fn more_sources_than_tracks_are_mixed_on_the_first_one() {
    let (mut hall, [caller, agent, supervisor]) = Hall::supervised([2, 2, 2]);
    assert_eq!(hall.hears(supervisor, &[caller, agent]), [[20, 0, 0, 0], [0, 20, 0, 0]]);
    hall.join(Command::JoinAgent { user: UserId(7) }, 2);
    hall.run(10);
    assert_eq!(hall.hears(supervisor, &[caller, agent]), [[0; 4], [0; 4]]);
    assert_eq!(hall.packets(supervisor), [20, 0, 0, 0], "a mix");
    let second = hall.legs[3];
    hall.apply(Command::Leave { leg: second, reason: interaction::LeaveReason::HungUp }, None);
    hall.run(3);
    assert_eq!(hall.hears(supervisor, &[caller, agent]), [[20, 0, 0, 0], [0, 20, 0, 0]]);
    hall.call.levels();
    assert!(hall.call.media.iter().flatten().all(|it| it.encoding.is_none()), "given back");
}

/// Every kind of change, in random order: the runs of all tracks go on.
#[test]
fn the_numbers_of_every_track_go_on_through_any_changes() {
    for tracks in 1..=TRACKS_MAX {
        let (mut hall, [caller, agent, supervisor]) = Hall::supervised([tracks; 3]);
        let second = hall.supervise(4, tracks);
        let other = hall.join(Command::JoinAgent { user: UserId(7) }, tracks);
        let mut random = 1_u64;
        for _ in 0..300 {
            random = random.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(0x1405_7b7e_f767_814f);
            let pick = (random >> 33) as usize;
            let (leg, is_on) = (hall.legs[pick % 5], pick.is_multiple_of(2));
            match pick % 13 {
                0..3 => hall.mode(supervisor, [ModeKind::Listen, ModeKind::Whisper][pick % 2]),
                3..5 => hall.mode(second, [ModeKind::Listen, ModeKind::Barge][pick % 2]),
                5..7 => drop(hall.apply(Command::SetHeld { held: is_on }, None)),
                _ if [caller, agent, other].contains(&leg) => {
                    hall.apply(Command::SetMuted { leg, muted: is_on }, None);
                }
                _ => {}
            }
            hall.run(1 + pick / 64 % 8);
        }
        hall.assert_unbroken();
        assert_eq!(hall.call.counters().guarded, 0);
    }
}

#[test]
fn a_supervisor_who_falls_silent_is_no_longer_heard_on_a_track() {
    let (mut hall, [caller, _, supervisor]) = Hall::supervised([3, 3, 3]);
    hall.mode(supervisor, ModeKind::Barge);
    hall.run(20);
    hall.quiet.push(supervisor);
    hall.run(100);
    let mode = hall.call.state().leg(supervisor).unwrap().mode();
    assert_eq!(mode, Some(Mode::Listen));
    hall.quiet.clear();
    assert_eq!(hall.hears(caller, &[supervisor]), [[0; 4]]);
}

#[test]
fn on_hold_the_caller_gets_the_tone_and_after_it_the_agent_on_the_same_run() {
    let mut hall = Hall::new(Policy { hold_tone: true, ..Policy::default() });
    let caller = hall.join(Command::JoinCaller { user: UserId(1) }, 3);
    let agent = hall.join(Command::JoinAgent { user: UserId(2) }, 3);
    hall.run(10);
    hall.apply(Command::SetHeld { held: true }, None);
    assert_eq!(hall.hears(caller, &[agent]), [[0; 4]]);
    // The tone has the only track that is asked for: the first.
    assert_eq!(hall.packets(caller), [20, 0, 0, 0]);
    hall.apply(Command::SetHeld { held: false }, None);
    assert_eq!(hall.hears(caller, &[agent]), [[20, 0, 0, 0]]);
    assert_eq!(hall.packets(agent), [20, 0, 0, 0]);
    assert_eq!(hall.call.counters().encoded, 0);
}

#[test]
fn a_leg_that_moves_gets_what_its_new_station_has_room_for() {
    let (mut hall, [caller, agent, supervisor]) = Hall::supervised([1, 3, 3]);
    hall.mode(supervisor, ModeKind::Whisper);
    hall.run(40);
    hall.apply(Command::MoveLeg { leg: agent }, Some(1));
    hall.run(10);
    assert_eq!(hall.hears(agent, &[caller, supervisor]), [[0; 4]; 2]);
    assert_eq!(hall.packets(agent), [20, 0, 0, 0], "a mix");
    hall.apply(Command::MoveLeg { leg: agent }, Some(4));
    hall.run(1);
    assert_eq!(hall.hears(agent, &[caller, supervisor]), [[20, 0, 0, 0], [0, 20, 0, 0]]);
}

#[test]
fn a_consultation_and_a_conference_hold_on_tracks() {
    let (mut hall, [caller, agent, supervisor]) = Hall::supervised([4, 4, 4]);
    let to = Target::Agent(UserId(9));
    hall.apply(Command::Consult { leg: agent, to, note: None }, None);
    let consulted = hall.join(Command::JoinAgent { user: UserId(9) }, 4);
    hall.run(2);
    let voices = [caller, agent, supervisor, consulted];
    assert_eq!(hall.hears(consulted, &voices), [[0; 4], [0, 20, 0, 0], [0; 4], [0; 4]]);
    assert_eq!(hall.hears(caller, &voices), [[0; 4]; 4]);
    hall.apply(Command::MergeConsultation { leg: agent }, None);
    let heard = hall.hears(supervisor, &voices);
    assert_eq!(heard, [[20, 0, 0, 0], [0, 20, 0, 0], [0; 4], [0, 0, 20, 0]]);
    let heard = hall.hears(consulted, &voices);
    assert_eq!(heard, [[20, 0, 0, 0], [0, 20, 0, 0], [0; 4], [0; 4]]);
    assert_eq!(hall.call.counters().encoded, 0);
    hall.assert_unbroken();
}

/// Two supervisors who barge: on which tracks a party gets them depends on neither's past.
#[test]
fn the_order_of_tracks_does_not_say_who_listened_first() {
    let order = |first: u64, second: u64| {
        let mut hall = Hall::new(Policy::default());
        hall.join(Command::JoinCaller { user: UserId(1) }, 3);
        hall.join(Command::JoinAgent { user: UserId(2) }, 3);
        let legs = [first, second].map(|user| hall.supervise(user, 3));
        legs.into_iter().for_each(|leg| hall.mode(leg, ModeKind::Barge));
        // Both enter this row at once.
        let newcomer = hall.join(Command::JoinAgent { user: UserId(3) }, 4);
        hall.run(40);
        let place = |user: u64| {
            let leg = hall.call.state().leg_of(UserId(user)).unwrap();
            let media = hall.call.media[hall.call.slot_of(newcomer).unwrap().index()].as_ref();
            media.unwrap().outlet.track_of(Source::Leg(leg.slot))
        };
        [place(11), place(12)]
    };
    assert_eq!(order(11, 12), order(12, 11));
}
