//! The only talker's packets in the place of a mix: when, in time with it, and never past the guard.

use codec::{FRAME_SAMPLES, OPUS_PACKET_SAMPLES_MAX, OpusApplication, OpusDecoder, OpusEncoder};
use interaction::Rights;

use crate::call::*;

/// A packet that a leg got: its sequence number, its tick, and what it holds.
type Got = (u16, u64, Vec<u8>);

/// A caller, an agent and a supervisor, who send on a clock of their own; and whoever comes later.
pub(super) struct Room {
    pub call: Call,
    pub moment: Moment,
    ticks: u64,
    pub legs: Vec<LegId>,
    pub got: Vec<Vec<Got>>,
}

pub(super) const AGENT: usize = 1;
pub(super) const SUPERVISOR: usize = 2;

impl Room {
    pub fn new() -> Self {
        Self::with(Policy::default())
    }

    /// Where no tone says what has changed.
    pub fn without_tones() -> Self {
        let mut policy = Policy { whisper_beep: false, ..Policy::default() };
        (policy.barge_tone.caller, policy.barge_tone.agents) = (false, false);
        Self::with(policy)
    }

    #[expect(clippy::disallowed_methods, reason = "virtual time needs one real instant to begin")]
    fn with(policy: Policy) -> Self {
        let moment = Moment { now: Instant::now(), unix: UnixMs(0) };
        let mut call = Call::new(CallId(1), policy, CallConfig::default()).unwrap();
        let mut join =
            |command| call.handle_command(moment, Actor::System, command, None).unwrap().joined;
        let rights = Rights { whisper: true, barge: true };
        let legs = [
            Command::JoinCaller { user: UserId(1) },
            Command::JoinAgent { user: UserId(2) },
            Command::Supervise { user: UserId(3), rights },
        ];
        let legs = legs.map(|command| join(command).unwrap()).to_vec();
        Self { call, moment, ticks: 0, legs, got: vec![Vec::new(); 3] }
    }

    /// A second supervisor comes, who sends nothing.
    pub fn join_supervisor(&mut self) {
        let rights = Rights { whisper: true, barge: true };
        let applied = self.apply(Command::Supervise { user: UserId(4), rights });
        self.legs.extend(applied.joined);
        self.got.push(Vec::new());
    }

    pub fn supervise(&mut self, mode: ModeKind) {
        let leg = self.legs[SUPERVISOR];
        self.apply(Command::SetMode { leg, mode, coach: None, announce: false, expected: None });
    }

    pub fn apply(&mut self, command: Command) -> Applied {
        self.call.handle_command(self.moment, Actor::System, command, None).unwrap()
    }

    /// 20 ms: what each of them sends, if anything, and the tick.
    pub fn pass(&mut self, packets: [Option<&[u8]>; 3]) {
        let Self { call, moment, ticks, legs, got } = self;
        let mut keep = |out: Outgoing<'_>| {
            let ear = legs.iter().position(|leg| *leg == out.leg).unwrap();
            got[ear].push((out.sequence, *ticks, out.payload.to_vec()));
        };
        for (leg, payload) in legs.iter().zip(packets) {
            let Some(payload) = payload else { continue };
            let (sequence, timestamp) = (*ticks as u16, *ticks as u32 * 960);
            let packet = RtpPacket { sequence, timestamp, payload, ..super::PACKET };
            call.handle_rtp(moment.now, *leg, packet, &mut keep);
        }
        call.handle_tick(*moment, &mut keep);
        moment.now += Duration::from_millis(crate::TICK_MS);
        *ticks += 1;
    }

    /// Everybody sends their packets from the first to the last; the supervisor none.
    fn talk(&mut self, caller: &[Vec<u8>], agent: &[Vec<u8>]) {
        for (caller, agent) in caller.iter().zip(agent) {
            self.pass([Some(caller), Some(agent), None]);
        }
    }

    /// How many of a leg's packets of these ticks are one of `packets` as it was sent.
    pub fn passed_on(&self, ear: usize, packets: &[Vec<u8>], ticks: std::ops::Range<u64>) -> usize {
        let got = self.got[ear].iter().filter(|(_, tick, _)| ticks.contains(tick));
        got.filter(|(_, _, payload)| packets.contains(payload)).count()
    }

    /// How many ticks after a frame it is sent to a leg, as a packet that was passed on.
    fn behind(&self, ear: usize, packets: &[Vec<u8>]) -> u64 {
        let (_, tick, payload) = &self.got[ear][60];
        tick - packets.iter().position(|packet| packet == payload).expect("passed on") as u64
    }
}

/// A voice of this pitch while `talks`, and its line's noise always.
fn sound(hz: f32, noise: f32, frames: usize, talks: impl Fn(usize) -> bool) -> Vec<f32> {
    let mut random = hz as u32;
    let sample = |n: usize| {
        random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let hiss = ((random >> 16) as f32 / 65_536.0 - 0.5) * noise;
        let t = n as f32 / 48_000.0;
        // Syllables, so that no voice detector takes it for noise.
        let syllable = (0.5 - 0.5 * (t * 4.0 * std::f32::consts::TAU).cos()).max(0.05);
        let harmonics = (1..14).map(|k| (t * hz * k as f32 * std::f32::consts::TAU).sin());
        let voice = harmonics.sum::<f32>() * 0.03 * syllable;
        hiss + if talks(n / FRAME_SAMPLES) { voice } else { 0.0 }
    };
    (0..frames * FRAME_SAMPLES).map(sample).collect()
}

fn encode(sound: &[f32], application: OpusApplication) -> Vec<Vec<u8>> {
    let config =
        OpusEncoderConfig { application, bitrate_bps: 32_000, ..OpusEncoderConfig::default() };
    let mut encoder = OpusEncoder::new(config).unwrap();
    let mut out = [0; OPUS_PACKET_BYTES_MAX];
    let (frames, _) = sound.as_chunks::<FRAME_SAMPLES>();
    let packet = |frame| {
        let length = encoder.encode_into(frame, &mut out).unwrap();
        out[..length].to_vec()
    };
    frames.iter().map(packet).collect()
}

pub(super) fn decode<'a>(packets: impl IntoIterator<Item = &'a Vec<u8>>) -> Vec<f32> {
    let mut decoder = OpusDecoder::new().unwrap();
    let mut room = [0.0; OPUS_PACKET_SAMPLES_MAX];
    let mut sound = Vec::new();
    for packet in packets {
        let samples = decoder.decode_into(packet, &mut room).unwrap();
        sound.extend_from_slice(&room[..samples]);
    }
    sound
}

/// A hiss that no ear minds (−75 dBFS), and one that is heard (−47).
const FAINT: f32 = 0.0006;
const AUDIBLE: f32 = 0.015;

pub(super) fn voice(hz: f32, frames: usize, talks: impl Fn(usize) -> bool) -> Vec<Vec<u8>> {
    encode(&sound(hz, FAINT, frames, talks), OpusApplication::Voip)
}

#[test]
fn the_only_talker_is_passed_on_and_the_mix_is_back_before_the_first_word_of_another() {
    let mut room = Room::new();
    let caller = voice(120.0, 200, |_| true);
    let agent = voice(210.0, 200, |frame| (103..133).contains(&frame));
    room.talk(&caller, &agent);
    assert!(room.passed_on(SUPERVISOR, &caller, 40..100) >= 58);
    // The frame before the first one with a word is mixed: that word begins in its encoder's look-ahead.
    let onset = 102 + room.behind(SUPERVISOR, &caller);
    assert_eq!(room.passed_on(SUPERVISOR, &caller, onset - 1..onset), 1);
    assert_eq!(room.passed_on(SUPERVISOR, &caller, onset..133), 0);
    assert_eq!(room.passed_on(SUPERVISOR, &agent, 0..200), 0, "they never talk alone");
    assert!(room.passed_on(SUPERVISOR, &caller, 160..200) >= 39, "200 ms after the last word");
    let counters = room.call.counters();
    assert!(counters.encoded < 100 && counters.guarded == 0, "{counters:?}");
    // One a tick from the second on, and numbered so.
    for pair in room.got[SUPERVISOR].windows(2) {
        assert_eq!((pair[1].0, pair[1].1), (pair[0].0.wrapping_add(1), pair[0].1 + 1));
    }
}

/// What a listener hears is the sum of what both sent, later by whole frames alone, whether it was passed on, mixed, or at
/// the change from one to the other. Half a frame earlier or later, nothing of a mix would be like it.
#[test]
fn passed_on_or_mixed_the_sound_is_in_time() {
    let mut room = Room::new();
    let caller = voice(120.0, 200, |frame| frame < 150);
    let agent = voice(210.0, 200, |frame| (100..130).contains(&frame) || frame >= 175);
    room.talk(&caller, &agent);
    let said: Vec<f32> =
        decode(&caller).iter().zip(decode(&agent)).map(|(caller, agent)| caller + agent).collect();
    let got = &room.got[SUPERVISOR];
    let heard = decode(got.iter().map(|(_, _, payload)| payload));
    let first = got[0].1 as usize;
    let behind = room.behind(SUPERVISOR, &caller) as usize;
    let likeness = |from: usize, to: usize, late: usize| {
        let said = &said[(from - behind) * FRAME_SAMPLES - late..][..(to - from) * FRAME_SAMPLES];
        let heard = &heard[(from - first) * FRAME_SAMPLES..(to - first) * FRAME_SAMPLES];
        let product = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f32>();
        product(said, heard) / (product(said, said) * product(heard, heard)).sqrt()
    };
    for (from, to) in [(50, 95), (95, 110), (105, 130), (130, 150), (176, 190)] {
        let [in_time, late] = [0, 648].map(|late| likeness(from, to, late));
        assert!(in_time > 0.8, "{from} to {to}: {in_time}");
        assert!(late < 0.5, "{from} to {to}: this would not show what is asked: {late}");
    }
}

#[test]
fn without_a_speech_layer_it_is_mixed() {
    let mut room = Room::new();
    let caller = encode(&sound(120.0, FAINT, 150, |frame| frame < 100), OpusApplication::LowDelay);
    let agent = voice(210.0, 150, |frame| frame >= 100);
    room.talk(&caller, &agent);
    assert_eq!(room.passed_on(SUPERVISOR, &caller, 0..150), 0);
    assert_eq!(room.call.counters().stood_in, 0, "who talks in what can't be read is not known");
    assert!(room.call.counters().encoded > 140);
}

#[test]
fn noise_that_would_come_and_go_keeps_it_mixed() {
    for (noise, is_passed_on) in [(FAINT, true), (AUDIBLE, false)] {
        let mut room = Room::new();
        let talks = |frame: usize| frame % 100 < 50;
        let caller = encode(&sound(120.0, noise, 400, talks), OpusApplication::Voip);
        let agent = voice(210.0, 400, |frame| frame % 100 > 55 && frame % 100 < 90);
        room.talk(&caller, &agent);
        let count = room.passed_on(SUPERVISOR, &caller, 200..400);
        assert_eq!(count > 80, is_passed_on, "{count} with noise of {noise}");
        assert!(is_passed_on || count == 0, "{count}");
    }
}

/// What an encoder says of its talk is not believed where the sound is louder than a line's noise: or a changed client
/// could keep out of a supervisor's ear while somebody else is passed on.
#[test]
fn loud_sound_that_claims_to_be_silence_is_heard() {
    let mut room = Room::new();
    let mut forged = voice(210.0, 300, |_| true);
    forged.iter_mut().for_each(|packet| packet[1] &= 0x7F);
    assert!(forged.iter().all(|it| codec::packet::speech_flag(it) == Some(false)));
    let power = |sound: &[f32]| sound.iter().map(|it| it * it).sum::<f32>() / sound.len() as f32;
    let sent = power(&decode(&forged[150..]));
    assert!(sent > 10f32.powf(-4.5), "there is nothing to be heard: {sent}");
    let caller = voice(120.0, 300, |frame| frame < 100);
    room.talk(&caller, &forged);
    let late = room.got[SUPERVISOR].iter().filter(|(_, tick, _)| *tick >= 150);
    let heard = power(&decode(late.map(|(_, _, payload)| payload)));
    assert!(heard > sent / 2.0, "the supervisor hears {heard} of {sent}");
}

#[test]
fn a_ducked_voice_is_mixed() {
    let mut room = Room::new();
    room.supervise(ModeKind::Whisper);
    let (caller, silence) = (voice(120.0, 100, |_| true), voice(300.0, 100, |_| false));
    for (caller, silence) in caller.iter().zip(&silence) {
        room.pass([Some(caller), Some(silence), Some(silence)]);
    }
    assert_eq!(room.passed_on(AGENT, &caller, 1..100), 0);
    assert!(room.passed_on(SUPERVISOR, &caller, 0..100) > 60);
}

/// From a whisper, whose mix is not ahead of its packets, into a barge: the change waits for a pause.
#[test]
fn after_a_whisper_the_talker_is_passed_on_from_the_next_pause_on() {
    let mut room = Room::new();
    room.supervise(ModeKind::Whisper);
    let caller = voice(120.0, 300, |frame| !(150..200).contains(&frame));
    let silence = voice(300.0, 300, |_| false);
    for (frame, (caller, silence)) in caller.iter().zip(&silence).enumerate() {
        if frame == 80 {
            room.supervise(ModeKind::Barge);
        }
        room.pass([Some(caller), Some(silence), Some(silence)]);
    }
    assert_eq!(room.passed_on(AGENT, &caller, 1..150), 0);
    assert!(room.passed_on(AGENT, &caller, 220..300) >= 79);
    assert_eq!(room.call.counters().guarded, 0);
}

#[test]
fn what_is_lost_of_the_only_talker_leaves_its_gap() {
    let mut room = Room::new();
    let (caller, agent) = (voice(120.0, 120, |_| true), voice(210.0, 120, |_| false));
    for (frame, (caller, agent)) in caller.iter().zip(&agent).enumerate() {
        let is_lost = frame == 80 || frame == 81;
        room.pass([(!is_lost).then_some(caller), Some(agent), None]);
    }
    let got = &room.got[SUPERVISOR];
    let gaps: Vec<u16> = got.windows(2).map(|it| it[1].0.wrapping_sub(it[0].0) - 1).collect();
    assert_eq!(gaps.iter().sum::<u16>(), 2, "{gaps:?}");
    assert!(room.passed_on(SUPERVISOR, &caller, 85..120) >= 34);
    assert_eq!(
        room.call.counters().playout,
        Playout::default(),
        "counted when the levels are asked for"
    );
    room.call.levels();
    let Playout { concealed_samples, restored_samples, .. } = room.call.counters().playout;
    assert_eq!(concealed_samples + restored_samples, 2 * 960);
}

/// The caller stands for the agent's mix in Barge; the guard has the plan of a whisper, in which they are ducked: the mix
/// is allowed, the packet as it is is not.
#[test]
fn a_talker_s_packet_that_the_plan_does_not_allow_becomes_silence() {
    let mut room = Room::new();
    room.supervise(ModeKind::Barge);
    let (caller, silence) = (voice(120.0, 120, |_| true), voice(300.0, 120, |_| false));
    let mut packets = caller.iter().zip(&silence);
    for (caller, silence) in packets.by_ref().take(100) {
        room.pass([Some(caller), Some(silence), Some(silence)]);
    }
    assert!(room.passed_on(AGENT, &caller, 60..100) >= 39);
    assert_eq!(room.call.counters().guarded, 0);
    let mut whispered = room.call.state.clone();
    let (leg, mode) = (room.legs[SUPERVISOR], ModeKind::Whisper);
    let command = Command::SetMode { leg, mode, coach: None, announce: false, expected: None };
    whispered.apply(UnixMs(0), Actor::System, command).unwrap();
    room.call.guard.set_plan(&RoutePlan::derive(&whispered));
    let (caller, silence) = packets.next().unwrap();
    room.pass([Some(caller), Some(silence), Some(silence)]);
    assert_eq!(room.got[AGENT].iter().filter(|(_, tick, _)| *tick == 100).count(), 0, "a leak");
    assert_eq!(room.call.counters().guarded, 1);
}
