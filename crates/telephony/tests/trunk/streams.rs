//! Streams that we open: to a trunk whose own is gone, and through TLS to one whose certificate is checked.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use budget::Networks;
use interaction::DialedNumber;
use orchestrator::calls::error::{CallNumberError, DialError, DialRefusal};
use rcgen::{CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use sip::message::{Message, Method, Request, StreamFramer, parse};
use sip_testkit::{AGENT, PATIENCE, Sound};
use telephony::{OutboundConfig, Peer, TlsTrust, Transport, TrunkConfig};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore, ServerConfig};
use tokio_rustls::{TlsAcceptor, TlsConnector};

use crate::centre::Centre;

const NUMBER: &str = "+4930123456";
/// The name in the trunk's certificate, which no DNS knows.
const NAME: &str = "sip.trunk.example";
/// How long nobody is to be asked again for.
const QUIET: Duration = Duration::from_millis(300);

trait Wire: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Wire for T {}

/// One end of a stream that SIP is spoken on.
struct End {
    wire: Box<dyn Wire>,
    framer: StreamFramer,
}

impl End {
    fn new(wire: impl Wire + 'static) -> Self {
        Self { wire: Box::new(wire), framer: StreamFramer::default() }
    }

    async fn message(&mut self) -> Message {
        let read = async {
            loop {
                if let Some(message) = self.framer.next_message().unwrap() {
                    return parse(&message).unwrap();
                }
                let mut bytes = [0; 4_096];
                let length = self.wire.read(&mut bytes).await.unwrap();
                assert!(length > 0, "the stream has ended");
                self.framer.push(&bytes[..length]);
            }
        };
        timeout(PATIENCE, read).await.expect("a message")
    }

    async fn request(&mut self, method: &Method) -> Request {
        loop {
            match self.message().await {
                Message::Request(request) if request.method == *method => return request,
                Message::Request(_) | Message::Response(_) => {}
            }
        }
    }

    /// The tag of the answer with this status.
    async fn answer(&mut self, status: u16) -> String {
        loop {
            match self.message().await {
                Message::Response(it) if it.status == status => {
                    return it.core.to.tag().unwrap_or_default().to_owned();
                }
                Message::Request(_) | Message::Response(_) => {}
            }
        }
    }

    async fn say(&mut self, text: &str) {
        self.wire.write_all(text.as_bytes()).await.unwrap();
        self.wire.flush().await.unwrap();
    }
}

/// An authority, and what it has vouched for.
struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    fn new() -> Self {
        let mut parameters = CertificateParams::default();
        parameters.is_ca = IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        Self(CertifiedIssuer::self_signed(parameters, key).unwrap())
    }

    /// Speaks TLS as whoever has this name.
    fn acceptor(&self, name: &str) -> TlsAcceptor {
        let key = KeyPair::generate().unwrap();
        let parameters = CertificateParams::new([name.to_owned()]).unwrap();
        let certificate = parameters.signed_by(&key, &self.0).unwrap();
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let builder = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()));
        let builder = builder.with_safe_default_protocol_versions().unwrap().with_no_client_auth();
        let config = builder.with_single_cert(vec![certificate.der().clone()], key).unwrap();
        TlsAcceptor::from(Arc::new(config))
    }

    /// Trusts what it has vouched for, under this name.
    fn trust(&self, name: &str) -> TlsTrust {
        TlsTrust::new(Some(name), Some(self.0.pem().as_bytes())).unwrap()
    }

    fn connector(&self) -> TlsConnector {
        let mut roots = RootCertStore::empty();
        roots.add(self.0.der().clone()).unwrap();
        let builder = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()));
        let builder = builder.with_safe_default_protocol_versions().unwrap();
        TlsConnector::from(Arc::new(builder.with_root_certificates(roots).with_no_client_auth()))
    }
}

fn here() -> TrunkConfig {
    TrunkConfig::new("here", Networks::parse(["127.0.0.1"]).unwrap())
}

async fn listen() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    (listener, address)
}

/// A request of one and the same call, whose caller is reached at `contact`.
fn within(method: &str, sequence: u32, (tag, contact): (&str, &str), sdp: &str) -> String {
    format!(
        "{method} sip:support@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/TCP 127.0.0.1;branch=z9hG4bK{method}\r\n\
         From: <sip:caller@127.0.0.1>;tag=peer\r\nTo: <sip:support@127.0.0.1>{tag}\r\nCall-ID: streams\r\n\
         CSeq: {sequence} {method}\r\nContact: <{contact}>\r\nMax-Forwards: 70\r\n\
         Content-Type: application/sdp\r\nContent-Length: {}\r\n\r\n{sdp}",
        sdp.len()
    )
}

/// Calls, is taken, and closes the stream. The agent hangs up then, and the call is over for them.
async fn call_and_let_go(centre: &Centre, mut caller: End, contact: &str) {
    let agent = centre.agent("agent", AGENT).await;
    let sound = Sound::new().await;
    caller.say(&within("INVITE", 1, ("", contact), &sound.sdp())).await;
    let call = agent.take().await.sight.card.id;
    let tag = format!(";tag={}", caller.answer(200).await);
    caller.say(&within("ACK", 1, (&tag, contact), "")).await;
    // It is heard before the end of the stream.
    caller.say(&within("OPTIONS", 2, (&tag, contact), "")).await;
    caller.answer(200).await;
    drop(caller);
    tokio::time::sleep(QUIET).await;
    agent.hang_up(call).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_closed_the_stream_of_a_call_is_hung_up_on_at_their_contact() {
    let (listener, address) = listen().await;
    for contact in [
        format!("sip:caller@{address};transport=tcp"),
        // A name that is not looked up: they are at the address that they called from.
        format!("sip:caller@pbx.example:{};transport=tcp", address.port()),
        // An address of nobody's that is known: the same.
        format!("sip:caller@192.0.2.99:{};transport=tcp", address.port()),
    ] {
        let centre = Centre::start().await;
        let stream = TcpStream::connect(centre.sip).await.unwrap();
        call_and_let_go(&centre, End::new(stream), &contact).await;
        let (stream, _) = timeout(PATIENCE, listener.accept()).await.expect(&contact).unwrap();
        let bye = End::new(stream).request(&Method::Bye).await;
        assert_eq!((bye.core.call_id.as_str(), bye.core.to.tag()), ("streams", Some("peer")));
        centre.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_called_by_tls_is_hung_up_on_by_tls() {
    let (ours, theirs) = (Authority::new(), Authority::new());
    let trunk = TrunkConfig { tls: Some(theirs.trust(NAME)), ..here() };
    let centre = Centre::with_tls(trunk, ours.acceptor("sotto.example")).await;
    let (listener, address) = listen().await;
    let stream = TcpStream::connect(centre.sip_tls.unwrap()).await.unwrap();
    let name = ServerName::try_from("sotto.example").unwrap();
    let caller = End::new(ours.connector().connect(name, stream).await.unwrap());
    call_and_let_go(&centre, caller, &format!("sip:caller@{address};transport=tls")).await;
    let (stream, _) = timeout(PATIENCE, listener.accept()).await.unwrap().unwrap();
    let stream = theirs.acceptor(NAME).accept(stream).await.unwrap();
    let bye = End::new(stream).request(&Method::Bye).await;
    assert_eq!(bye.core.via.transport, "TLS");
    centre.stop().await;
}

/// A trunk that calls numbers through TLS at this address.
fn calling(address: SocketAddr, tls: TlsTrust) -> TrunkConfig {
    let server = Peer { transport: Transport::Tls, ..Peer::udp(address) };
    let outbound = OutboundConfig::new(server, vec!["+49".to_owned()]);
    TrunkConfig { outbound: Some(outbound), tls: Some(tls), ..here() }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_is_called_by_tls() {
    let (ours, theirs) = (Authority::new(), Authority::new());
    let (listener, address) = listen().await;
    let trunk = calling(address, theirs.trust(NAME));
    let centre = Centre::with_tls(trunk, ours.acceptor("sotto.example")).await;
    let (stream, _) = timeout(PATIENCE, listener.accept()).await.unwrap().unwrap();
    let mut carrier = End::new(theirs.acceptor(NAME).accept(stream).await.unwrap());
    let options = carrier.request(&Method::Options).await;
    carrier.say(&answer(&options, "200 OK")).await;
    let agent = centre.agent("agent", AGENT).await;
    centre.until_trunk_is("up").await;
    let dialing = agent.orchestrator().dial(&agent.user, agent.station, number());
    let (dialed, invite) = tokio::join!(dialing, carrier.request(&Method::Invite));
    dialed.unwrap();
    assert_eq!(invite.core.via.transport, "TLS");
    let contact = invite.headers.get("Contact").unwrap();
    let own = centre.sip_tls.unwrap();
    assert_eq!(contact, format!("<sip:{own};transport=tls>"), "where we are reached by TLS");
    carrier.say(&answer(&invite, "486 Busy Here")).await;
    carrier.request(&Method::Ack).await;
    centre.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trunk_whose_certificate_is_not_taken_is_down_at_once_and_hears_nothing() {
    let (ours, theirs, others) = (Authority::new(), Authority::new(), Authority::new());
    for (shown, trusted) in [
        (others.acceptor(NAME), theirs.trust(NAME)),
        (theirs.acceptor("another.example"), theirs.trust(NAME)),
    ] {
        let (listener, address) = listen().await;
        let centre =
            Centre::with_tls(calling(address, trusted), ours.acceptor("sotto.example")).await;
        let (stream, _) = timeout(PATIENCE, listener.accept()).await.unwrap().unwrap();
        assert!(shown.accept(stream).await.is_err(), "the handshake is ended by us");
        centre.until_trunk_is("down").await;
        let agent = centre.agent("agent", AGENT).await;
        let dialed = agent.orchestrator().dial(&agent.user, agent.station, number()).await;
        let down = DialError::Refused(DialRefusal::TrunkDown);
        assert_eq!(dialed.unwrap_err().to_string(), CallNumberError::NotDialed(down).to_string());
        centre.stop().await;
    }
}

fn number() -> DialedNumber {
    DialedNumber::parse(NUMBER).unwrap()
}

fn answer(request: &Request, status: &str) -> String {
    let header = |name: &str| request.headers.get(name).unwrap_or_default();
    let copied = ["Via", "From", "Call-ID", "CSeq"].map(|it| format!("{it}: {}\r\n", header(it)));
    format!(
        "SIP/2.0 {status}\r\n{}To: {};tag=carrier\r\nContent-Length: 0\r\n\r\n",
        copied.concat(),
        header("To")
    )
}
