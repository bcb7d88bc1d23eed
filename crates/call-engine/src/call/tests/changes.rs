//! Changes of delivery in the middle of a word: nothing is missing of it, and nothing is in it that was not to be heard.

use codec::FRAME_SAMPLES;
use interaction::LeaveReason;

use super::talker::{AGENT, Room, SUPERVISOR, decode, voice};
use crate::call::*;
use crate::talker::is_speech;

const CALLER: usize = 0;

/// The caller, who talks but for a pause if there is one, the agent, and a supervisor, who say nothing.
fn packets(pause: std::ops::Range<usize>) -> [Vec<Vec<u8>>; 2] {
    [voice(120.0, 140, |frame| !pause.contains(&frame)), voice(210.0, 140, |_| false)]
}

/// They send these frames.
fn talk(room: &mut Room, [caller, silence]: &[Vec<Vec<u8>>; 2], frames: std::ops::Range<usize>) {
    for (caller, silence) in caller[frames.clone()].iter().zip(&silence[frames]) {
        room.pass([Some(caller), Some(silence), Some(silence)]);
    }
}

/// How much `heard` is like some place of `said` up to 40 ms before it, 0 to 1.
fn likeness(heard: &[f32], said: &[f32], at: usize) -> f32 {
    let product = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f32>();
    let alike = |late: usize| {
        let said = &said[at - late..][..heard.len()];
        product(said, heard) / (product(said, said) * product(heard, heard)).sqrt().max(1e-9)
    };
    (0..2 * FRAME_SAMPLES).map(alike).fold(0.0, f32::max)
}

/// The packets of an ear go on without a gap, and so does the voice in them: in each 10 ms around the tick of the change.
fn assert_goes_on(room: &Room, ear: usize, said: &[f32], tick: usize) {
    let got = &room.got[ear];
    for pair in got.windows(2) {
        assert_eq!(pair[1].0, pair[0].0.wrapping_add(1), "a gap in the numbers");
    }
    let before = got.iter().position(|(_, at, _)| *at >= tick as u64).unwrap();
    let heard = decode(got.iter().map(|(_, _, payload)| payload));
    let begun = got[0].1 as usize;
    for piece in 0..16 {
        let at = (before * 2 + piece - 2) * FRAME_SAMPLES / 2;
        let heard = &heard[at..at + FRAME_SAMPLES / 2];
        let alike = likeness(heard, said, begun * FRAME_SAMPLES + at);
        assert!(alike > 0.55, "{piece}0 ms after: {alike}");
    }
}

#[test]
fn a_voice_that_was_passed_on_goes_on_in_a_mix() {
    let (mut room, packets) = (Room::without_tones(), packets(0..0));
    talk(&mut room, &packets, 0..60);
    room.supervise(ModeKind::Whisper);
    talk(&mut room, &packets, 60..140);
    let mixed = room.got[AGENT].iter().filter(|(_, at, _)| (60..140).contains(at));
    let first = mixed.clone().next().unwrap();
    assert_eq!((first.1, mixed.count()), (60, 80), "a packet a tick");
    assert!(is_speech(&first.2), "it opens no new stream");
    assert!(!packets[CALLER].contains(&first.2));
    assert_goes_on(&room, AGENT, &decode(&packets[CALLER]), 60);
}

/// What comes of a supervisor who is on the call, at these frames, besides silence.
fn barge(speaks: impl Fn(usize) -> bool, noise: Option<&[Vec<u8>]>) -> (Room, [Vec<Vec<u8>>; 3]) {
    let (mut room, [caller, quiet]) = (Room::without_tones(), packets(0..0));
    let coach = voice(180.0, 140, &speaks);
    for frame in 0..140 {
        if frame == 60 {
            room.supervise(ModeKind::Barge);
        }
        let said = noise.map_or(&coach[frame], |noise| &noise[frame]);
        room.pass([Some(&caller[frame]), Some(&quiet[frame]), Some(said)]);
    }
    (room, [caller, quiet, coach])
}

#[test]
fn a_voice_is_passed_on_as_before_until_somebody_else_speaks() {
    let (room, [caller, _, coach]) = barge(|frame| frame >= 100, None);
    let got = &room.got[AGENT];
    let onset = got.iter().position(|(_, _, payload)| !caller.contains(payload)).unwrap();
    let own: Vec<_> = got[..onset].iter().map(|(_, _, payload)| payload).collect();
    assert_eq!(own, caller[..onset].iter().collect::<Vec<_>>());
    let speaks = |packet: &Vec<u8>| codec::packet::speech_flag(packet) == Some(true);
    let word = coach.iter().position(speaks).unwrap();
    // The caller's packet of that time had gone already; the mix waits for the next one.
    assert_eq!(onset, word + 1, "at the first word");
    assert!((98..=102).contains(&word), "{word}");
    for pair in got.windows(2) {
        assert_eq!((pair[1].0, pair[1].1), (pair[0].0.wrapping_add(1), pair[0].1 + 1));
    }
    let heard = decode(got.iter().map(|(_, _, payload)| payload));
    for voice in [&caller, &coach] {
        let at = (onset + 4) * FRAME_SAMPLES;
        let alike = likeness(&heard[at..at + 8 * FRAME_SAMPLES], &decode(voice), at);
        assert!(alike > 0.4, "one of the two is not heard: {alike}");
    }
    assert_eq!(room.call.counters().guarded, 0);
}

#[test]
fn nobody_is_kept_out_of_a_mix_by_what_they_say_of_themselves() {
    let mut forged = voice(180.0, 140, |_| true);
    forged.iter_mut().for_each(|packet| packet[1] &= 0x7F);
    let (room, [caller, ..]) = barge(|_| true, Some(&forged));
    let passed_on = room.passed_on(AGENT, &caller, 64..140);
    assert!(passed_on < 10, "{passed_on} packets of the caller alone");
}

/// A tick comes just before the voice's next packet, which is not late: nothing is made up in its place.
#[test]
fn a_mix_waits_a_tick_for_the_voice_that_it_goes_on_with() {
    let (mut room, packets) = (Room::without_tones(), packets(0..0));
    talk(&mut room, &packets, 0..60);
    room.supervise(ModeKind::Whisper);
    let (agent, mut count) = (room.legs[AGENT], 0);
    room.call.handle_tick(room.moment, |out| count += usize::from(out.leg == agent));
    assert_eq!(count, 0);
    talk(&mut room, &packets, 60..140);
    assert_goes_on(&room, AGENT, &decode(&packets[CALLER]), 60);
    room.call.levels();
    let playout = room.call.counters().playout;
    assert_eq!(playout.concealed_samples, 0, "{playout:?}");
}

#[test]
fn a_voice_that_was_mixed_goes_on_in_its_own_packets() {
    let (mut room, packets) = (Room::without_tones(), packets(35..60));
    let [word, silence] = [voice(180.0, 10, |_| true), voice(210.0, 20, |_| false)];
    room.supervise(ModeKind::Barge);
    for frame in 0..20 {
        let said = word.get(frame).unwrap_or(&silence[frame]);
        room.pass([Some(&packets[CALLER][frame]), Some(&packets[1][frame]), Some(said)]);
    }
    talk(&mut room, &packets, 20..100);
    assert!(room.call.counters().stood_in > 30, "the caller's packets stand for a mix by now");
    room.supervise(ModeKind::Listen);
    talk(&mut room, &packets, 100..140);
    // The last mix is of the frame before the last one, since the pause.
    let own = room.got[AGENT].iter().filter(|(_, at, _)| *at >= 100).map(|(_, _, it)| it);
    let own: Vec<_> = own.skip(1).collect();
    let first = packets[CALLER].iter().position(|it| it == own[0]).expect("passed on");
    assert!(own.into_iter().eq(&packets[CALLER][first..]), "without a gap");
    let before = room.got[AGENT].iter().rfind(|(_, at, _)| *at < 100).unwrap();
    assert_eq!(before.2, packets[CALLER][first - 2], "the mix is of the one between");
    assert_goes_on(&room, AGENT, &decode(&packets[CALLER]), 100);
}

/// What is taken along of a voice is what this listener got of it: a supervisor's first word to the caller sounds the same
/// whatever they have said to the agent.
#[test]
fn nothing_of_a_whisper_is_in_the_barge_after_it() {
    let (silence, coach) = (voice(300.0, 120, |_| false), voice(180.0, 120, |_| true));
    let runs = [&silence, &coach].map(|whispered| {
        let (mut room, [caller, quiet]) = (Room::without_tones(), packets(0..0));
        room.supervise(ModeKind::Whisper);
        for frame in 0..120 {
            if frame == 60 {
                room.supervise(ModeKind::Barge);
            }
            let said = if frame < 60 { whispered } else { &coach };
            room.pass([Some(&caller[frame]), Some(&quiet[frame]), Some(&said[frame])]);
        }
        room.got
    });
    assert!(runs[0][CALLER].len() > 110);
    assert_eq!(runs[0][CALLER], runs[1][CALLER]);
    assert_ne!(runs[0][AGENT], runs[1][AGENT], "the whisper was heard");
}

/// Two supervisors hear one mix. It has another encoder once the first one speaks, or leaves.
#[test]
fn a_mix_goes_on_with_another_leader() {
    for speaks in [true, false] {
        let (mut room, packets) = (Room::without_tones(), packets(0..0));
        room.join_supervisor();
        talk(&mut room, &packets, 0..60);
        if speaks {
            room.supervise(ModeKind::Barge);
        } else {
            let leg = room.legs[SUPERVISOR];
            room.apply(Command::Leave { leg, reason: LeaveReason::HungUp });
        }
        talk(&mut room, &packets, 60..140);
        let second = SUPERVISOR + 1;
        for (_, at, payload) in &room.got[second] {
            assert!(*at < 50 || is_speech(payload), "a stream opens at {at}");
        }
        assert_goes_on(&room, second, &decode(&packets[CALLER]), 60);
        assert_eq!(room.call.counters().guarded, 0);
    }
}
