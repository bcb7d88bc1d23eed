//! Messages that are hard to read, after RFC 4475, and bytes that are none.

use proptest::prelude::*;
use sip::message::{Message, Method, parse};
use sip::{Output, Verdict};

use crate::world::{World, invite, request};

/// RFC 4475 §3.1.1.1: whitespace and folding wherever they are allowed.
const SHORT_TORTUROUS: &str = "INVITE sip:vivekg@chair-dnrc.example.com;unknownparam SIP/2.0\r\n\
TO :\r\n sip:vivekg@chair-dnrc.example.com ;   tag    = 1918181833n\r\n\
from   : \"J Rosenberg \\\\\\\"\"       <sip:jdrosen@example.com>\r\n  ;\r\n  tag = 98asjd8\r\n\
MaX-fOrWaRdS: 0068\r\n\
Call-ID: wsinv.ndaksdj@192.0.2.1\r\n\
Content-Length   : 150\r\n\
cseq: 0009\r\n  INVITE\r\n\
Via  : SIP  /   2.0\r\n /UDP\r\n    192.0.2.2;branch=390skdjuw\r\n\
s :\r\n\
NewFangledHeader:   newfangled value\r\n continued newfangled value\r\n\
UnknownHeaderWithUnusualValue: ;;,,;;,;\r\n\
Content-Type: application/sdp\r\n\
Route:\r\n <sip:services.example.com;lr;unknownwith=value;unknown-no-value>\r\n\
v:  SIP  / 2.0  / TCP     spindle.example.com   ;\r\n  branch  =   z9hG4bK9ikj8  ,\r\n SIP  /    2.0   / UDP  192.168.255.111   ; branch=\r\n z9hG4bK30239\r\n\
m:\"Quoted string \\\"\\\"\" <sip:jdrosen@example.com> ; newparam =\r\n      newvalue ;\r\n  secondparam ; q = 0.33\r\n\
\r\n\
v=0\r\no=mhandley 29739 7272939 IN IP4 192.0.2.3\r\ns=-\r\nc=IN IP4 192.0.2.4\r\nt=0 0\r\nm=audio 49217 RTP/AVP 0 12\r\nm=video 3227 RTP/AVP 31\r\na=rtpmap:31 LPC\r\n";

fn request_of(text: &[u8]) -> sip::message::Request {
    match parse(text) {
        Ok(Message::Request(request)) => request,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_short_torturous_invite_is_read() {
    let request = request_of(SHORT_TORTUROUS.as_bytes());
    assert_eq!(request.method, Method::Invite);
    assert_eq!(request.core.from.name.as_deref(), Some("J Rosenberg \\\""));
    assert_eq!(request.core.from.tag(), Some("98asjd8"));
    assert_eq!(request.core.to.tag(), Some("1918181833n"));
    assert_eq!(request.core.sequence, 9);
    let vias: Vec<&str> = request.headers.list("Via").collect();
    assert_eq!(vias.len(), 3);
    assert_eq!(request.core.via.host, "192.0.2.2");
    assert_eq!(request.body.len(), 150);
}

#[test]
fn what_is_strange_and_allowed_is_read() {
    // §3.1.1.2: a method of every character that a token may have.
    let method = "!interesting-Method0123456789_*+`.%indeed'~";
    let text = request("OPTIONS", 1, "", "x", "").replace("OPTIONS", method);
    assert_eq!(request_of(text.as_bytes()).method, Method::Other(method.to_owned()));
    let text = request("OPTIONS", 1, "", "x", "").replace("OPTIONS", &"A".repeat(65));
    assert!(parse(text.as_bytes()).is_err(), "longer than any method");
    // What a quoted string may escape.
    let text = invite().replace("\"Marek\"", "\"BEL:\\\u{7} NUL:\\\0\"");
    assert_eq!(request_of(text.as_bytes()).core.from.name.as_deref(), Some("BEL:\u{7} NUL:\0"));
    // §3.1.1.3: escapes that hide what separates.
    let text = invite().replacen("sip:support@", "sip:sips%3Auser%40example.com@", 1);
    assert_eq!(request_of(text.as_bytes()).uri.user.as_deref(), Some("sips:user@example.com"));
    // §3.1.1.6: no blank before the bracket.
    let text = invite().replace("\"Marek\" <sip", "caller<sip");
    assert_eq!(request_of(text.as_bytes()).core.from.name.as_deref(), Some("caller"));
    // §3.1.1.8: more behind the message, which is ignored.
    let text = format!("{}{}", request("OPTIONS", 1, "", "x", ""), invite());
    assert_eq!(request_of(text.as_bytes()).method, Method::Options);
    // §3.1.1.9: a semicolon in the user part.
    let text = invite().replacen("sip:support@", "sip:user;par=u%40example.net@", 1);
    assert_eq!(request_of(text.as_bytes()).uri.user.as_deref(), Some("user;par=u@example.net"));
    // §3.1.1.7: long values, and a great many Vias.
    let vias = "Via: SIP/2.0/TCP sip33.example.com\r\n".repeat(34);
    let text = request("INVITE", 1, "", "x", &format!("{vias}Long: {}\r\n", "y".repeat(5_000)));
    assert_eq!(request_of(text.as_bytes()).headers.count("Via"), 35);
}

#[test]
fn a_body_that_is_no_text_is_carried() {
    let mut bytes = request("OPTIONS", 1, "", "x", "")
        .replace("Content-Length: 0", "Content-Length: 4")
        .into_bytes();
    bytes.extend([0, 0xFF, 0x80, 0]);
    assert_eq!(request_of(&bytes).body, [0, 0xFF, 0x80, 0]);
}

#[test]
fn what_is_broken_gets_400_and_makes_no_call() {
    let broken = [
        // §3.1.2.1: extraneous separators.
        invite().replace("CSeq: 1 INVITE", "CSeq: 1"),
        // §3.1.2.2 and .3: Content-Length too large, and negative.
        invite().replace("Content-Length: ", "Content-Length: 9999"),
        invite().replace("Content-Length: ", "Content-Length: -"),
        // §3.1.2.4: numbers that are too large.
        invite().replace("CSeq: 1 INVITE", "CSeq: 36893488147419103232 INVITE"),
        // §3.1.2.6: an unclosed quote.
        invite().replace("\"Marek\"", "\"Marek"),
        // §3.1.2.7: brackets around the Request-URI.
        invite().replacen("sip:support@198.51.100.1", "<sip:support@198.51.100.1>", 1),
        // §3.1.2.8 – 10: blanks in the request line.
        invite().replacen("sip:support@", "sip:sup port@", 1),
        invite().replacen("INVITE sip", "INVITE  sip", 1),
        // §3.1.2.11: an escape that is none.
        invite().replacen("sip:support@", "sip:sup%zz@", 1),
        // §3.1.2.15: a display name that has to be quoted.
        invite().replace("\"Marek\"", "Bell, Alexander"),
        // §3.3.1, §3.3.8 and .9: what has to be there, once.
        invite().replace("From: ", "Unknown: "),
        invite().replace("Max-Forwards: 70", "Call-ID: two@pbx"),
        invite().replace("Max-Forwards: 70", "Max-Forwards: none"),
        invite().replace("Max-Forwards: 70", "no colon here"),
        invite().replace("Max-Forwards: 70", "X: a\u{1}b"),
        invite().replace("Max-Forwards: 70", "X: a\\\rb"),
        invite().replace("Max-Forwards: 70", "X: a\\\\\u{1}b"),
        invite().replace("Call-ID: one@pbx\r\n", ""),
        invite().replace(";rport", ";;rport"),
        invite().replace(";rport", ";rport, ,"),
    ];
    for message in broken {
        let mut world = World::new();
        assert_eq!(world.take(&message), Verdict::Malformed, "{message}");
        assert!(world.events().is_empty());
        let sent = world.sent();
        assert!(sent.iter().all(|it| it.starts_with("SIP/2.0 400 ")), "{message}\n{sent:?}");
    }
}

#[test]
fn what_can_not_be_answered_is_not() {
    let mute = [
        // No Via: there is no way back.
        invite().replace("Via: ", "Unknown: "),
        // An ACK is never answered, a response neither (§3.1.2.19: a status that is too large).
        request("ACK", 1, "", "x", "").replace("CSeq: 1 ACK", "CSeq: x"),
        invite().replacen(
            "INVITE sip:support@198.51.100.1 SIP/2.0",
            "SIP/2.0 4294967301 better",
            1,
        ),
        "\r\n\r\n".to_owned(),
        "GET / HTTP/1.1\r\nHost: x\r\n\r\n".to_owned(),
    ];
    for message in mute {
        let mut world = World::new();
        assert_eq!(world.take(&message), Verdict::Malformed, "{message}");
        assert!(world.sent().is_empty(), "{message}");
    }
}

#[test]
fn an_answer_to_nothing_is_nothing() {
    let mut world = World::new();
    let start = "INVITE sip:support@198.51.100.1 SIP/2.0";
    for status in ["SIP/2.0 200 OK", "SIP/2.0 100 Trying", "SIP/2.0 503"] {
        world.take(&invite().replacen(start, status, 1));
    }
    assert!(world.sent().is_empty() && world.events().is_empty());
}

/// A message with a few bytes of another value, cut or doubled.
fn mangled() -> impl Strategy<Value = Vec<u8>> {
    let whole = prop_oneof![
        Just(invite()),
        Just(request("BYE", 2, ";tag=x", "b", "")),
        Just(SHORT_TORTUROUS.to_owned()),
        Just(request(
            "UPDATE",
            2,
            ";tag=x",
            "b",
            "Session-Expires: 90;refresher=uas\r\nRAck: 1 2 3\r\n"
        )),
    ];
    let change = (any::<prop::sample::Index>(), any::<u8>());
    (whole, prop::collection::vec(change, 0..8), any::<prop::sample::Index>()).prop_map(
        |(text, changes, end)| {
            let mut bytes = text.into_bytes();
            for (at, byte) in changes {
                let at = at.index(bytes.len());
                bytes[at] = byte;
            }
            let end = end.index(bytes.len()) + 1;
            if end > bytes.len() / 2 {
                bytes.truncate(end);
            }
            bytes
        },
    )
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(messages in prop::collection::vec(mangled(), 1..8), noise in any::<Vec<u8>>()) {
        let mut world = World::new();
        let now = world.now;
        for bytes in messages.iter().chain([&noise]) {
            world.agent.handle_bytes(now, world.peer, bytes);
        }
        world.pass(std::time::Duration::from_secs(200));
        while let Some(output) = world.agent.poll_output() {
            if let Output::Send { to, .. } = output {
                prop_assert_eq!(to.address.ip(), world.peer.address.ip(), "to nobody else");
            }
        }
    }
}
