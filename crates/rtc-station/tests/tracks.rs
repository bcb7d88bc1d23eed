//! Stations with several tracks to the client, against another stack.

mod common;

use std::time::Duration;

use common::{Pair, config, start};
use rtc_station::{RtpOut, SendError, Station, TRACKS_MAX};
use str0m::rtp::rtcp::Rtcp;

/// Every SSRC that some RTCP of the station's names as its own.
fn named_in_rtcp(pair: &Pair) -> Vec<u32> {
    let mut named = Vec::new();
    for rtcp in &pair.client_rtcp {
        match rtcp {
            Rtcp::SenderReport(report) => named.push(*report.sender_info.ssrc),
            Rtcp::SourceDescription(it) => named.extend(it.reports.iter().map(|it| *it.ssrc)),
            Rtcp::Goodbye(it) => named.extend(it.reports.iter().map(|ssrc| **ssrc)),
            _ => {}
        }
    }
    named.sort_unstable();
    named.dedup();
    named
}

fn send(pair: &mut Pair, track: usize, sequence: u16) -> Result<(), SendError> {
    let timestamp = u32::from(sequence) * 960;
    let packet = RtpOut { sequence, timestamp, marker: false, payload: &[0x48, track as u8] };
    let sent = pair.send_on(track, packet);
    pair.exchange();
    sent
}

#[test]
fn each_track_reaches_the_section_that_asked_for_it() {
    let mut pair = Pair::connected_with(Pair::with_tracks(3));
    assert_eq!(pair.station.tracks(), 3);
    for n in 0..100 {
        for track in 0..3 {
            // Each with numbers of its own, that wrap.
            send(&mut pair, track, 65_500_u16.wrapping_add(n + track as u16 * 1_000)).unwrap();
        }
        pair.run_for(Duration::from_millis(20));
    }
    for track in 0..3 {
        let ssrc = pair.station.ssrc_of(track).unwrap();
        let of = |packet: &&str0m::rtp::RtpPacket| *packet.header.ssrc == ssrc;
        let got: Vec<_> = pair.client_rtp.iter().filter(of).collect();
        assert_eq!(got.len(), 100, "track {track}");
        assert!(got.iter().all(|it| it.payload[..] == [0x48, track as u8]));
        assert!(got.iter().all(|it| it.header.ext_vals.mid.is_none()));
    }
    assert_eq!(pair.client_rtp.len(), 300);
}

#[test]
fn a_spare_track_is_in_no_report_until_its_first_packet() {
    let mut pair = Pair::connected_with(Pair::with_tracks(4));
    let ssrcs: Vec<u32> = (0..4).map(|track| pair.station.ssrc_of(track).unwrap()).collect();
    for n in 0..1_000 {
        send(&mut pair, 0, n).unwrap();
        pair.run_for(Duration::from_millis(20));
    }
    assert_eq!(named_in_rtcp(&pair), [ssrcs[0]], "20 s, and nothing of the others");
    send(&mut pair, 2, 7).unwrap();
    pair.run_for(Duration::from_secs(20));
    let mut wanted = [ssrcs[0], ssrcs[2]];
    wanted.sort_unstable();
    assert_eq!(named_in_rtcp(&pair), wanted);
    pair.client_rtcp.clear();
    pair.station.close(pair.now);
    pair.exchange();
    assert!(named_in_rtcp(&pair).iter().all(|ssrc| wanted.contains(ssrc)), "nor in the goodbye");
}

/// What a station with spare tracks sends is, in sizes and instants, what one without them does.
#[test]
fn spare_tracks_change_nothing_in_what_is_sent() {
    let sent = |tracks| {
        let mut pair = Pair::connected_with(Pair::with_tracks(tracks));
        let begin = pair.now;
        pair.take_sent();
        let mut sent = Vec::new();
        for n in 0..500 {
            send(&mut pair, 0, n).unwrap();
            pair.run_for(Duration::from_millis(20));
            let at = pair.now.duration_since(begin);
            sent.extend(pair.take_sent().into_iter().map(|(_, bytes)| (at, bytes.len())));
        }
        sent
    };
    assert_eq!(sent(1), sent(4));
}

#[test]
fn a_track_that_was_not_asked_for_is_an_error() {
    let mut pair = Pair::connected_with(Pair::with_tracks(2));
    assert_eq!(send(&mut pair, 2, 1), Err(SendError::NoSuchTrack { track: 2 }));
    assert_eq!(send(&mut pair, 1, 1), Ok(()));
    assert_eq!(send(&mut pair, 1, 1), Err(SendError::SequenceUsed { sequence: 1 }));
    assert_eq!(send(&mut pair, 0, 1), Ok(()), "each has numbers of its own");
}

#[test]
fn the_answer_names_each_track_once_and_as_many_as_there_may_be() {
    let (_, offer) = common::client_offer(TRACKS_MAX + 2);
    let (station, answer) = Station::accept_offer(config(), &offer, start()).unwrap();
    let starting = |prefix| answer.sdp.lines().filter(move |line| line.starts_with(prefix));
    let directions: Vec<_> = answer
        .sdp
        .lines()
        .filter(|it| ["a=sendrecv", "a=sendonly", "a=recvonly", "a=inactive"].contains(it))
        .collect();
    let wanted =
        ["a=sendrecv", "a=sendonly", "a=sendonly", "a=sendonly", "a=inactive", "a=inactive"];
    assert_eq!(directions, wanted);
    let mut ssrcs: Vec<&str> = starting("a=ssrc:").collect();
    assert_eq!((ssrcs.len(), station.tracks()), (TRACKS_MAX, TRACKS_MAX));
    ssrcs.sort_unstable();
    ssrcs.dedup();
    assert_eq!(ssrcs.len(), TRACKS_MAX);
    let mut names: Vec<&str> = starting("a=msid:").collect();
    names.dedup();
    assert_eq!(names.len(), TRACKS_MAX);
}

#[test]
fn a_section_outside_the_bundle_is_no_track() {
    let (_, offer) = common::client_offer(2);
    let unbundled: String = offer
        .lines()
        .map(|line| match line.strip_prefix("a=group:BUNDLE ") {
            Some(names) => {
                format!("a=group:BUNDLE {}\r\n", names.split(' ').next().unwrap())
            }
            None => format!("{line}\r\n"),
        })
        .collect();
    let (station, answer) = Station::accept_offer(config(), &unbundled, start()).unwrap();
    assert_eq!(station.tracks(), 1);
    assert!(answer.sdp.contains("m=audio 0 "), "{}", answer.sdp);
}
