//! Redundant audio (RFC 2198), as Chromium offers it: what is answered, and what comes of it when packets get lost.

mod common;

use common::{OFFER, OPUS, Pair, RED, config, start};
use rtc_station::{Dropped, Station};

fn answer(offer: &str) -> String {
    Station::accept_offer(config(), offer, start()).unwrap().1.sdp
}

/// A copy of the packet before, and a packet.
fn redundant(copy: &[u8], packet: &[u8]) -> Vec<u8> {
    let header = 960 << 10 | copy.len() as u32;
    let [_, high, middle, low] = header.to_be_bytes();
    [&[0x80 | OPUS, high, middle, low, OPUS][..], copy, packet].concat()
}

#[test]
fn redundancy_is_asked_for_first_where_it_is_offered_for_opus() {
    let sdp = answer(OFFER);
    assert!(sdp.contains("m=audio 9 UDP/TLS/RTP/SAVPF 63 111\r\n"), "{sdp}");
    assert!(sdp.contains("a=rtpmap:63 red/48000/2\r\na=fmtp:63 111/111\r\n"), "{sdp}");
    let without = [
        OFFER.replace("red/48000/2", "red/8000"),
        // Of what its blocks are is not said, or they are of something else.
        OFFER.replace("a=fmtp:63 111/111\r\n", ""),
        OFFER.replace("a=fmtp:63 111/111", "a=fmtp:63 0/0"),
        OFFER.replace("a=fmtp:63 111/111", "a=fmtp:63 111/0"),
        // A payload type that RTCP would be taken for (RFC 5761 §4).
        OFFER.replace("111 63", "111 72").replace(":63 ", ":72 "),
        // Whoever only listens sends none.
        OFFER.replace("a=sendrecv", "a=recvonly"),
    ];
    for offer in without {
        let sdp = answer(&offer);
        assert!(sdp.contains("m=audio 9 UDP/TLS/RTP/SAVPF 111\r\n"), "{sdp}");
        assert!(!sdp.contains("red/48000"), "{sdp}");
    }
}

#[test]
fn a_lost_packet_comes_with_the_next_one_and_not_a_second_time() {
    let mut pair = Pair::connected_with(Pair::with_redundancy());
    pair.client_speaks_as(RED, &redundant(b"none", b"first"));
    pair.uplink = false;
    pair.client_speaks_as(RED, &redundant(b"first", b"second"));
    let lost = pair.sent_by_client.last().unwrap().clone();
    pair.uplink = true;
    pair.client_speaks_as(RED, &redundant(b"second", b"third"));
    pair.client_speaks_as(RED, &redundant(b"third", b"fourth"));
    let received: Vec<_> = pair.take_rtp().into_iter().map(|it| it.payload).collect();
    assert_eq!(
        received.iter().map(|it| &it[..]).collect::<Vec<_>>(),
        [&b"first"[..], b"third", b"fourth"]
    );
    assert_eq!(pair.restored, [(1_002, 1_002 * 960, b"second".to_vec())]);
    assert_eq!(pair.station.stats().restored_in, 1);
    assert_eq!(pair.station.stats().bytes_in, 16, "the copies are no sound of theirs");
    let from = pair.client_address;
    assert_eq!(pair.deliver(from, &lost), Err(Dropped::Restored), "it was only late");
    // A sender may send Opus as it is at any time.
    pair.client_speaks(b"plain");
    assert_eq!(&pair.take_rtp()[0].payload[..], b"plain");
}

#[test]
fn a_payload_that_contradicts_the_rfc_is_dropped_and_harms_nobody() {
    let mut pair = Pair::connected_with(Pair::with_redundancy());
    for odd in [&[0x80 | OPUS, 0, 4][..], &[0x80 | OPUS, 15, 0x03, 0xFF, OPUS, 1], &[0, 1, 2]] {
        pair.client_speaks_as(RED, odd);
        assert_eq!(pair.dropped.pop(), Some(Dropped::Malformed), "{odd:?}");
    }
    pair.client_speaks_as(RED, &redundant(b"before", b"now"));
    assert_eq!(&pair.take_rtp()[0].payload[..], b"now");
}

#[test]
fn without_an_offer_it_is_another_payload_type() {
    let mut pair = Pair::connected();
    pair.client_speaks(b"opus");
    assert_eq!(pair.take_rtp().len(), 1);
    assert!(pair.dropped.is_empty());
}
