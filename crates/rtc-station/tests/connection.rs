//! A client and a station in virtual time: what gets in, what goes out, and when it ends.

mod common;

use std::time::Duration;

use common::{Pair, address, config};
use rtc_station::demux::{Class, classify, stun_username_local_ufrag};
use rtc_station::{Accepted, CloseReason, Dropped, Output, PatchError, RtpOut, SendError, Station};

const SECOND: Duration = Duration::from_secs(1);
const FRAME: Duration = Duration::from_millis(20);

#[test]
fn connects_and_drops_nothing() {
    let pair = Pair::connected();
    assert_eq!(pair.dropped, []);
    assert_eq!(pair.close_reason(), None);
}

#[test]
fn hears_the_client_exactly() {
    let mut pair = Pair::connected();
    pair.client_speaks(b"first");
    pair.client_speaks(b"second");
    let rtp = pair.take_rtp();
    assert_eq!(rtp.len(), 2);
    assert_eq!(rtp[0].sequence, 1_001);
    assert_eq!(rtp[0].timestamp, 1_001 * 960);
    assert_eq!(&rtp[0].payload[..], b"first");
    assert_eq!(rtp[0].audio_level_dbov, Some(-42));
    assert_eq!(rtp[0].voice_activity, Some(true));
    assert_eq!(rtp[0].arrived_at, pair.now);
    assert!(rtp[0].marker);
    assert_eq!(rtp[1].sequence, 1_002);
    assert_eq!(pair.station.stats().packets_in, 2);
    assert_eq!(pair.station.stats().bytes_in, 11);
}

#[test]
fn speaks_exactly_as_told_across_a_rollover() {
    let mut pair = Pair::connected();
    for (sequence, timestamp) in [(65_535, u32::MAX - 959), (0, 0), (1, 960)] {
        pair.server_speaks(sequence, timestamp, b"opus");
        pair.run_for(FRAME);
    }
    let heard: Vec<_> = pair
        .client_rtp
        .iter()
        .map(|p| (p.header.sequence_number, p.header.timestamp, *p.header.ssrc))
        .collect();
    let ssrc = pair.station.ssrc();
    assert_eq!(heard, [(65_535, u32::MAX - 959, ssrc), (0, 0, ssrc), (1, 960, ssrc)]);
    assert!(pair.client_rtp.iter().all(|p| &p.payload[..] == b"opus"));
}

#[test]
fn packets_leave_at_once_with_a_bare_header() {
    let mut pair = Pair::connected();
    pair.take_sent();
    pair.send(RtpOut { sequence: 7, timestamp: 8, marker: true, payload: b"opus" }).unwrap();
    let sent: Vec<_> =
        pair.take_sent().into_iter().filter(|(_, bytes)| classify(bytes) == Class::Rtp).collect();
    assert_eq!(sent.len(), 1);
    let (to, bytes) = &sent[0];
    assert_eq!(*to, pair.client_address);
    // Version 2, no padding, no header extension, no CSRC: nothing tells who is in a mix.
    assert_eq!(bytes[0], 0x80);
    // The header, four bytes of Opus, and the tag.
    assert_eq!(bytes.len(), 12 + 4 + 16);
    assert_eq!(bytes[1], 0x80 | common::OPUS);
    assert_eq!(bytes[2..4], 7_u16.to_be_bytes());
    assert_eq!(bytes[4..8], 8_u32.to_be_bytes());
    assert_eq!(bytes[8..12], pair.station.ssrc().to_be_bytes());
}

#[test]
fn refuses_to_reuse_a_sequence_number_and_what_is_too_large() {
    let mut pair = Pair::connected();
    pair.server_speaks(100, 0, b"a");
    let packet = RtpOut { sequence: 100, timestamp: 960, marker: false, payload: b"b" };
    assert_eq!(pair.send(packet), Err(SendError::SequenceUsed { sequence: 100 }));
    let large = RtpOut { sequence: 101, payload: &[0; 1_201], ..packet };
    assert_eq!(pair.send(large), Err(SendError::TooLarge { bytes: 1_201 }));
    pair.exchange();
    assert_eq!(pair.client_rtp.len(), 1);
}

#[test]
fn sends_nothing_before_it_is_connected() {
    let mut pair = Pair::new();
    let packet = RtpOut { sequence: 1, timestamp: 0, marker: false, payload: b"a" };
    assert_eq!(pair.send(packet), Err(SendError::NotConnected));
    assert!(matches!(pair.station.poll_output(), Output::Wait(_)));
}

#[test]
fn media_follows_a_client_whose_address_changes() {
    let mut pair = Pair::connected();
    pair.server_speaks(1, 0, b"before");
    let old = pair.client_address;
    let new = address("203.0.113.5:62000");
    pair.client_address = new;
    let moved = pair.now;
    let mut sequence = 1;
    let mut resumed = None;
    pair.client_rtp.clear();
    while resumed.is_none() && pair.now < moved + 10 * SECOND {
        sequence += 1;
        pair.run_for(FRAME);
        pair.client_speaks(b"up");
        pair.server_speaks(sequence, u32::from(sequence) * 960, b"down");
        let heard = pair.take_rtp();
        if !heard.is_empty() && !pair.client_rtp.is_empty() {
            resumed = Some(pair.now - moved);
        }
    }
    let change = Output::AddressChanged { from: old, to: new };
    assert!(pair.outputs.contains(&change));
    assert!(pair.dropped.contains(&Dropped::UncheckedSource));
    let gap = resumed.expect("media flows again");
    println!("media flow again after {gap:?}");
    assert!(gap < 3 * SECOND, "{gap:?}");
}

#[test]
fn dtls_and_rtp_from_an_unchecked_address_are_dropped() {
    let stranger = address("192.0.2.66:4000");
    let mut pair = Pair::new();
    pair.uplink = false;
    pair.run_for(SECOND);
    let client_hello = vec![22, 254, 253, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    assert_eq!(pair.deliver(stranger, &client_hello), Err(Dropped::UncheckedSource));
    pair.uplink = true;
    let mut pair = Pair::connected_with(pair);
    pair.uplink = false;
    pair.client_speaks(b"opus");
    let rtp = pair.sent_by_client.last().unwrap().clone();
    assert_eq!(classify(&rtp), Class::Rtp);
    assert_eq!(pair.deliver(stranger, &rtp), Err(Dropped::UncheckedSource));
    let heard_at = pair.station.last_received_at();
    let taken = pair.deliver(pair.client_address, &rtp);
    assert!(matches!(taken, Ok(Accepted::Rtp(_))), "{taken:?}");
    assert!(pair.station.last_received_at() >= heard_at);
}

#[test]
fn forged_checks_do_not_let_an_address_in() {
    let mut pair = Pair::connected();
    let stranger = address("192.0.2.66:4000");
    let check = pair
        .sent_by_client
        .iter()
        .rfind(|bytes| stun_username_local_ufrag(bytes).is_some())
        .unwrap()
        .clone();
    pair.take_sent();
    let mut forged = check.clone();
    // Inside the last attribute but two: PRIORITY or a role; the integrity no longer fits.
    let middle = forged.len() / 2;
    forged[middle] ^= 1;
    let result = pair.deliver(stranger, &forged);
    assert!(
        matches!(result, Err(Dropped::NotAuthentic | Dropped::Malformed | Dropped::WrongUsername)),
        "{result:?}"
    );
    pair.drain_station();
    assert_eq!(pair.take_sent(), []);
    let dtls = [23, 254, 253, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0];
    assert_eq!(pair.deliver(stranger, &dtls), Err(Dropped::UncheckedSource));
    pair.run_for(SECOND);
    assert!(pair.station.is_connected());
}

#[test]
fn replays_and_garbage_are_dropped() {
    let mut pair = Pair::connected();
    pair.client_speaks(b"opus");
    let rtp = pair.sent_by_client.last().unwrap().clone();
    let from = pair.client_address;
    pair.take_rtp();
    assert_eq!(pair.deliver(from, &rtp), Err(Dropped::NotAuthentic), "replay");
    let mut tampered = rtp.clone();
    *tampered.last_mut().unwrap() ^= 1;
    tampered[3] = tampered[3].wrapping_add(1);
    assert_eq!(pair.deliver(from, &tampered), Err(Dropped::NotAuthentic));
    let mut other_source = rtp.clone();
    other_source[8] ^= 1;
    assert_eq!(pair.deliver(from, &other_source), Err(Dropped::UnknownSource));
    let mut other_type = rtp;
    other_type[1] ^= 1;
    assert_eq!(pair.deliver(from, &other_type), Err(Dropped::UnknownPayloadType));
    assert_eq!(pair.deliver(from, b""), Err(Dropped::UnknownProtocol));
    assert_eq!(pair.deliver(from, &[9; 40]), Err(Dropped::UnknownProtocol));
    assert_eq!(pair.deliver(from, &[0; 40]), Err(Dropped::UnexpectedStun));
    let elsewhere = address("198.51.100.99:40000");
    assert_eq!(
        pair.station.handle_datagram(pair.now, from, elsewhere, &mut [0; 20]),
        Err(Dropped::UnknownLocalAddress)
    );
    pair.drain_station();
    assert_eq!(pair.take_rtp(), []);
}

#[test]
fn garbage_does_not_keep_a_station_alive_or_end_it() {
    let mut pair = Pair::connected();
    let heard_at = pair.station.last_received_at();
    let from = pair.client_address;
    let alert = |level, description| {
        // An unencrypted alert record of epoch 0: anybody could forge it.
        vec![21, 254, 253, 0, 0, 0, 0, 0, 0, 0, 9, 0, 2, level, description]
    };
    pair.now += Duration::from_millis(5);
    let mut random = 1_u32;
    for round in 0..2_000_u32 {
        random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let mut bytes: Vec<u8> = (0..(random >> 24))
            .map(|i| (random.rotate_left(i) ^ i.wrapping_mul(2_654_435_761)) as u8)
            .collect();
        if let Some(first) = bytes.first_mut() {
            *first = [22, 23, 21, 20, 128][round as usize % 5];
        }
        let _ = pair.deliver(from, &bytes);
    }
    let _ = pair.deliver(from, &alert(1, 0));
    let _ = pair.deliver(from, &alert(2, 40));
    assert_eq!(pair.station.last_received_at(), heard_at);
    pair.exchange();
    pair.client_speaks(b"still here");
    assert_eq!(pair.take_rtp().len(), 1);
    assert_eq!(pair.close_reason(), None);
}

#[test]
fn consent_expires_30_s_after_the_last_authentic_datagram() {
    let mut pair = Pair::connected();
    pair.uplink = false;
    let last = pair.station.last_received_at();
    pair.run_for(last + Duration::from_millis(29_990) - pair.now);
    assert_eq!(pair.close_reason(), None);
    pair.run_for(Duration::from_millis(20));
    assert_eq!(pair.close_reason(), Some(CloseReason::ConsentExpired));
    assert_eq!(pair.station.poll_output(), Output::Done);
    assert_eq!(pair.deliver(pair.client_address, &[0; 20]), Err(Dropped::Closed));
}

#[test]
fn checks_alone_keep_a_silent_station_for_a_shift() {
    let mut pair = Pair::connected();
    pair.run_for(600 * SECOND);
    assert_eq!(pair.close_reason(), None);
    pair.client_speaks(b"after ten minutes");
    pair.server_speaks(9, 9, b"down");
    assert_eq!(pair.take_rtp().len(), 1);
    assert_eq!(pair.client_rtp.len(), 1);
}

#[test]
fn a_station_nobody_connects_to_ends() {
    let mut pair = Pair::new();
    pair.uplink = false;
    pair.run_for(31 * SECOND);
    assert_eq!(pair.close_reason(), Some(CloseReason::NoIce));
    // Checks come, but never a handshake.
    let mut pair = Pair::new();
    pair.uplink_filter = |bytes| classify(bytes) == Class::Stun;
    pair.run_for(31 * SECOND);
    assert!(pair.accepted.contains(&Accepted::Check));
    assert_eq!(pair.close_reason(), Some(CloseReason::NoDtls));
}

#[test]
fn closing_says_goodbye() {
    let mut pair = Pair::connected();
    let now = pair.now;
    pair.station.close(now);
    pair.exchange();
    assert!(pair.client_closed, "close_notify reached the client");
    assert_eq!(pair.close_reason(), Some(CloseReason::Requested));
    assert_eq!(pair.station.poll_output(), Output::Done);
}

#[test]
fn notices_the_clients_goodbye() {
    let mut pair = Pair::connected();
    pair.client.close().unwrap();
    pair.run_for(Duration::from_millis(10));
    assert_eq!(pair.close_reason(), Some(CloseReason::ByPeer));
}

#[test]
fn a_foreign_certificate_fails() {
    let mut pair = Pair::with(config(), |offer| {
        let at = offer.find("a=fingerprint:sha-256 ").unwrap() + 22;
        let mut offer = offer.into_bytes();
        offer[at] = if offer[at] == b'0' { b'1' } else { b'0' };
        String::from_utf8(offer).unwrap()
    });
    pair.run_for(5 * SECOND);
    assert_eq!(pair.close_reason(), Some(CloseReason::WrongCertificate));
    assert!(!pair.outputs.contains(&Output::Connected));
}

#[test]
fn learns_the_source_of_a_client_that_announces_none() {
    let pair = Pair::with(config(), |offer| {
        offer
            .lines()
            .filter(|line| !line.starts_with("a=ssrc"))
            .map(|line| format!("{line}\r\n"))
            .collect()
    });
    let mut pair = Pair::connected_with(pair);
    let forged = |ssrc: u8| {
        let mut bytes = vec![0x80, common::OPUS, 0, 1, 0, 0, 0, 0, ssrc, 0, 0, 1];
        bytes.extend([0; 40]);
        bytes
    };
    let from = pair.client_address;
    assert_eq!(pair.deliver(from, &forged(3)), Err(Dropped::NotAuthentic));
    assert_eq!(pair.deliver(from, &forged(4)), Err(Dropped::NotAuthentic));
    pair.client_speaks(b"mine");
    assert_eq!(pair.take_rtp().len(), 1);
    assert_eq!(pair.deliver(from, &forged(5)), Err(Dropped::UnknownSource));
}

#[test]
fn trickle_needs_no_answer_and_a_restart_gets_one() {
    let mut pair = Pair::connected();
    let remote = pair.client.direct_api().local_ice_credentials();
    let trickle = format!(
        "a=ice-ufrag:{}\r\na=ice-pwd:{}\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:0\r\n\
         a=candidate:1 1 udp 2130706431 192.0.2.1 61764 typ host\r\na=end-of-candidates\r\n",
        remote.ufrag, remote.pass
    );
    assert_eq!(pair.station.handle_patch(&trickle, None, pair.now), Ok(None));

    let old_ufrag = pair.station.ice_ufrag().to_owned();
    let mut fresh = remote.clone();
    fresh.ufrag = "restarted0000001".to_owned();
    fresh.pass = "restartedpassword000001".to_owned();
    let restart = format!("a=ice-ufrag:{}\na=ice-pwd:{}\n", fresh.ufrag, fresh.pass);
    let answer = pair.station.handle_patch(&restart, None, pair.now).unwrap().unwrap();
    assert_ne!(pair.station.ice_ufrag(), old_ufrag);
    let field = |name: &str| {
        let line = answer.lines().find(|line| line.starts_with(name)).unwrap();
        line[name.len()..].to_owned()
    };
    let ours = str0m::IceCreds { ufrag: field("a=ice-ufrag:"), pass: field("a=ice-pwd:") };
    assert_eq!(ours.ufrag, pair.station.ice_ufrag());
    // Media flows on the old path while the new checks run, and the client may move.
    pair.client_speaks(b"during");
    pair.client.direct_api().set_local_ice_credentials(fresh);
    pair.client.direct_api().set_remote_ice_credentials(ours);
    pair.client_address = address("203.0.113.77:1234");
    pair.run_for(6 * SECOND);
    pair.client_speaks(b"after");
    pair.server_speaks(5, 5, b"down");
    assert_eq!(pair.take_rtp().len(), 2);
    assert_eq!(pair.client_rtp.len(), 1);
}

#[test]
fn patches_are_checked() {
    let mut pair = Pair::connected();
    let now = pair.now;
    let patch = |pair: &mut Pair, text: &str| pair.station.handle_patch(text, None, now);
    assert_eq!(patch(&mut pair, "\r\n\r\n"), Err(PatchError::Empty));
    assert_eq!(patch(&mut pair, "a=ice-ufrag:abcd\r\n"), Err(PatchError::NoIceCredentials));
    assert_eq!(
        patch(&mut pair, "a=ice-ufrag:abcd\r\na=ice-pwd:short\r\n"),
        Err(PatchError::NoIceCredentials)
    );
    assert_eq!(patch(&mut pair, "hello"), Err(PatchError::NotSdp { line: 1 }));
    let large = "a=x\n".repeat(5_000);
    assert_eq!(patch(&mut pair, &large), Err(PatchError::TooLarge { bytes: 20_000 }));
    pair.station.close(now);
    let whole = "a=ice-ufrag:abcd\r\na=ice-pwd:0123456789012345678901\r\n";
    assert_eq!(patch(&mut pair, whole), Err(PatchError::Closed));
}

#[test]
fn rtcp_names_nobody() {
    let mut pair = Pair::connected();
    for sequence in 0..1_000_u16 {
        pair.server_speaks(sequence, u32::from(sequence) * 960, b"down");
        pair.client_speaks(b"up");
        pair.run_for(FRAME);
    }
    let mut direct = pair.client.direct_api();
    let ssrc = pair.station.ssrc().into();
    let cname = direct.stream_rx(&ssrc).unwrap().cname().map(str::to_owned);
    let cname = cname.expect("a sender report came within 20 s");
    assert!(cname.len() >= 16 && cname.bytes().all(|b| b.is_ascii_graphic()));
    let stats = pair.station.stats();
    assert_eq!(stats.packets_in, 1_000);
    assert_eq!(stats.packets_out, 1_000);
    assert_eq!(stats.outputs_dropped, 0);
    assert_eq!(stats.loss_out, Some(0.0), "{stats:?}");
}

#[test]
fn an_undrained_station_stays_bounded() {
    let mut pair = Pair::connected();
    // As many checks as may come at once: each is answered.
    let check = pair.sent_by_client.iter().find(|bytes| classify(bytes) == Class::Stun).cloned();
    let mut check = check.expect("a client sends checks");
    for _ in 0..1_000 {
        let (now, from, to) = (pair.now, pair.client_address, pair.server_address);
        let _ = pair.station.handle_datagram(now, from, to, &mut check);
    }
    let now = pair.now;
    pair.station.close(now);
    let mut outputs = 0;
    while pair.station.poll_output() != Output::Done {
        outputs += 1;
    }
    assert!(outputs <= rtc_station::OUTPUTS_MAX + 1, "{outputs}");
    assert!(pair.station.stats().outputs_dropped > 700);
}

#[test]
fn the_same_seed_gives_the_same_credentials_and_another_seed_others() {
    let now = common::start();
    let make = |seed: u8| {
        let config = rtc_station::StationConfig { seed: [seed; 32], ..config() };
        Station::accept_offer(config, common::OFFER, now).unwrap().0
    };
    let (a, b, c) = (make(1), make(1), make(2));
    assert_eq!((a.ice_ufrag(), a.ssrc()), (b.ice_ufrag(), b.ssrc()));
    assert_ne!(a.ice_ufrag(), c.ice_ufrag());
    assert_ne!(a.ssrc(), c.ssrc());
}

#[test]
fn a_station_can_be_made_on_one_thread_and_served_on_another() {
    fn assert_send<T: Send>() {}
    assert_send::<Station>();
}

#[test]
fn an_idle_station_wakes_seldom() {
    let mut pair = Pair::connected();
    pair.server_speaks(1, 0, b"down");
    pair.client_speaks(b"up");
    let end = pair.now + 20 * SECOND;
    let mut wakes = 0;
    while pair.now < end {
        match pair.station.poll_output() {
            Output::Wait(at) => {
                wakes += 1;
                pair.now = at.max(pair.now);
                pair.station.handle_timeout(pair.now);
            }
            Output::Done => panic!("ended early"),
            _ => {}
        }
        assert!(wakes < 1_000, "spins at {:?} before the end", end - pair.now);
    }
    assert!(wakes <= 60, "{wakes} wakes in 20 s");
}
