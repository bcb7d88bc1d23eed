//! Questions to a name server (RFC 1035): SRV and addresses, by datagram and, where the answer does not fit, by stream.
//!
//! No cache, no recursion of our own, no DNSSEC: the name server is one that the machine trusts, and whoever it names
//! has to be among a trunk's peers anyway.

use std::io::{Error, ErrorKind};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use simple_dns::rdata::RData;
use simple_dns::{CLASS, Name, Packet, PacketFlag, Question, RCODE, TYPE};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, UdpSocket};
use tokio::time::timeout;

use crate::services::Service;

/// Where a machine's name servers are named (resolv.conf(5)).
const RESOLV_CONF: &str = "/etc/resolv.conf";
/// The port of name servers.
const PORT: u16 = 53;
/// How long one attempt may take, and how many there are.
const PATIENCE: Duration = Duration::from_secs(2);
const ATTEMPTS: usize = 3;
/// Bytes of an answer by datagram, and by stream.
const DATAGRAM_BYTES_MAX: usize = 4_096;
const STREAM_BYTES_MAX: usize = 16_384;
/// Records of an answer that are looked at.
const RECORDS_MAX: usize = 32;

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Services,
    V4,
    V6,
}

/// What an answer says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Record {
    Service(Service),
    Address(IpAddr),
}

/// An answer: what it says, and for how long. A name that does not exist has none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) records: Vec<Record>,
    /// `None`: it says nothing.
    pub(crate) ttl: Option<Duration>,
}

/// The machine's own name server, the first one that is named.
pub(crate) async fn name_server() -> Option<SocketAddr> {
    named_in(&tokio::fs::read_to_string(RESOLV_CONF).await.ok()?)
}

fn named_in(resolv_conf: &str) -> Option<SocketAddr> {
    let address = |line: &str| {
        let mut words = line.split_whitespace();
        (words.next() == Some("nameserver")).then(|| words.next()?.parse::<IpAddr>().ok())?
    };
    resolv_conf.lines().find_map(address).map(|it| SocketAddr::new(it, PORT))
}

/// Asks the name server.
///
/// # Errors
/// It does not answer, can't be reached, or answers that it can't tell; the name is none.
pub(crate) async fn ask(server: SocketAddr, name: &str, kind: Kind) -> Result<Answer, Error> {
    let mut last = Error::from(ErrorKind::TimedOut);
    for _ in 0..ATTEMPTS {
        match timeout(PATIENCE, ask_once(server, name, kind)).await {
            Ok(Ok(answer)) => return Ok(answer),
            Ok(Err(error)) if error.kind() == ErrorKind::InvalidInput => return Err(error),
            Ok(Err(error)) => last = error,
            Err(_) => last = ErrorKind::TimedOut.into(),
        }
    }
    Err(last)
}

async fn ask_once(server: SocketAddr, name: &str, kind: Kind) -> Result<Answer, Error> {
    let any: SocketAddr = match server {
        SocketAddr::V4(_) => (Ipv4Addr::UNSPECIFIED, 0).into(),
        SocketAddr::V6(_) => (Ipv6Addr::UNSPECIFIED, 0).into(),
    };
    // A port of its own for each question: whoever forges an answer has to guess it, and the number.
    let socket = UdpSocket::bind(any).await?;
    socket.connect(server).await?;
    let number = rand::random();
    let question = question(number, name, kind)?;
    socket.send(&question).await?;
    let mut bytes = vec![0; DATAGRAM_BYTES_MAX];
    loop {
        let length = socket.recv(&mut bytes).await?;
        match read(&bytes[..length], number, name, kind) {
            Some(Heard::Answer(answer)) => return answer,
            Some(Heard::Truncated) => break,
            // Somebody else's, or nothing at all: the answer may still come.
            None => {}
        }
    }
    let bytes = by_stream(server, &question).await?;
    match read(&bytes, number, name, kind) {
        Some(Heard::Answer(answer)) => answer,
        Some(Heard::Truncated) | None => Err(ErrorKind::InvalidData.into()),
    }
}

/// The same by a stream, where messages are preceded by their length (RFC 1035 §4.2.2).
async fn by_stream(server: SocketAddr, question: &[u8]) -> Result<Vec<u8>, Error> {
    let mut stream = TcpStream::connect(server).await?;
    let mut framed = (question.len() as u16).to_be_bytes().to_vec();
    framed.extend(question);
    stream.write_all(&framed).await?;
    let length = usize::from(stream.read_u16().await?);
    if length > STREAM_BYTES_MAX {
        return Err(ErrorKind::InvalidData.into());
    }
    let mut bytes = vec![0; length];
    stream.read_exact(&mut bytes).await?;
    Ok(bytes)
}

fn question(number: u16, name: &str, kind: Kind) -> Result<Vec<u8>, Error> {
    let unusable = |_| Error::from(ErrorKind::InvalidInput);
    let mut packet = Packet::new_query(number);
    packet.set_flags(PacketFlag::RECURSION_DESIRED);
    let name = Name::new(name).map_err(unusable)?;
    packet.questions.push(Question::new(name, kind.code().into(), CLASS::IN.into(), false));
    packet.build_bytes_vec().map_err(unusable)
}

/// What has come.
enum Heard {
    Answer(Result<Answer, Error>),
    /// It did not fit into a datagram.
    Truncated,
}

/// Reads an answer to this question; `None`: it is none.
fn read(bytes: &[u8], number: u16, name: &str, kind: Kind) -> Option<Heard> {
    let packet = Packet::parse(bytes).ok()?;
    let is_it = |it: &Question<'_>| {
        let asked = it.qname.to_string();
        asked.eq_ignore_ascii_case(name.trim_end_matches('.')) && it.qtype == kind.code().into()
    };
    let is_ours = packet.id() == number
        && packet.has_flags(PacketFlag::RESPONSE)
        && packet.questions.first().is_some_and(is_it);
    if !is_ours {
        return None;
    }
    if packet.has_flags(PacketFlag::TRUNCATION) {
        return Some(Heard::Truncated);
    }
    match packet.rcode() {
        RCODE::NoError => {}
        RCODE::NameError => return Some(Heard::Answer(Ok(Answer::default()))),
        other => {
            let why = format!("the name server answers {other:?}");
            return Some(Heard::Answer(Err(Error::other(why))));
        }
    }
    let known = packet.answers.iter().take(RECORDS_MAX);
    // Those of another kind, a CNAME say, are passed over: what it leads to is beside it.
    let known = known.filter_map(|it| Some((record(&it.rdata, kind)?, it.ttl)));
    let (records, ttls): (Vec<Record>, Vec<u32>) = known.unzip();
    let ttl = ttls.into_iter().min().map(|it| Duration::from_secs(it.into()));
    Some(Heard::Answer(Ok(Answer { records, ttl })))
}

fn record(data: &RData<'_>, kind: Kind) -> Option<Record> {
    match (data, kind) {
        (RData::SRV(it), Kind::Services) => Some(Record::Service(Service {
            priority: it.priority,
            weight: it.weight,
            port: it.port,
            target: it.target.to_string(),
        })),
        (RData::A(it), Kind::V4) => Some(Record::Address(Ipv4Addr::from_bits(it.address).into())),
        (RData::AAAA(it), Kind::V6) => {
            Some(Record::Address(Ipv6Addr::from_bits(it.address).into()))
        }
        _other => None,
    }
}

impl Record {
    /// The service, if it is one.
    pub(crate) fn service(self) -> Option<Service> {
        match self {
            Self::Service(service) => Some(service),
            Self::Address(_) => None,
        }
    }
}

impl Kind {
    fn code(self) -> TYPE {
        match self {
            Self::Services => TYPE::SRV,
            Self::V4 => TYPE::A,
            Self::V6 => TYPE::AAAA,
        }
    }
}

#[cfg(test)]
mod tests {
    use simple_dns::ResourceRecord;
    use simple_dns::rdata::{A, SRV};

    use super::*;

    const NAME: &str = "_sip._udp.pbx.example";

    fn answer(number: u16, change: impl FnOnce(&mut Packet<'static>)) -> Vec<u8> {
        let mut packet = Packet::new_reply(number);
        let name = || Name::new_unchecked(NAME);
        packet.questions.push(Question::new(name(), TYPE::SRV.into(), CLASS::IN.into(), false));
        let (target, port) = (Name::new_unchecked("a.example"), 5_070);
        let srv = SRV { priority: 1, weight: 2, port, target };
        packet.answers.push(ResourceRecord::new(name(), CLASS::IN, 60, RData::SRV(srv)));
        change(&mut packet);
        packet.build_bytes_vec_compressed().unwrap()
    }

    fn heard(bytes: &[u8]) -> Option<Answer> {
        match read(bytes, 7, NAME, Kind::Services)? {
            Heard::Answer(answer) => answer.ok(),
            Heard::Truncated => None,
        }
    }

    #[test]
    fn an_answer_is_read_and_nobody_elses() {
        let target = "a.example".to_owned();
        let service = Record::Service(Service { priority: 1, weight: 2, port: 5_070, target });
        let wanted = Answer { records: vec![service], ttl: Some(Duration::from_secs(60)) };
        assert_eq!(heard(&answer(7, |_| {})), Some(wanted));
        assert_eq!(heard(&answer(8, |_| {})), None, "another number");
        let query = answer(7, |it| it.remove_flags(PacketFlag::RESPONSE));
        assert_eq!(heard(&query), None);
        let other = answer(7, |it| it.questions[0].qname = Name::new_unchecked("x.example"));
        assert_eq!(heard(&other), None);
        let none = answer(7, |it| *it.rcode_mut() = RCODE::NameError);
        assert_eq!(heard(&none), Some(Answer::default()));
        let failed = answer(7, |it| *it.rcode_mut() = RCODE::ServerFailure);
        assert_eq!(heard(&failed), None);
        // Of another kind than was asked for.
        let odd = answer(7, |it| it.answers[0].rdata = RData::A(A { address: 1 }));
        assert_eq!(heard(&odd), Some(Answer::default()));
        let whole = answer(7, |_| {});
        (0..whole.len()).for_each(|length| assert_eq!(heard(&whole[..length]), None, "{length}"));
    }

    #[test]
    fn the_machines_name_server_is_the_first_one_named() {
        let file =
            "# nameserver 192.0.2.9\nsearch example\nnameserver 192.0.2.53\nnameserver 1.1.1.1\n";
        assert_eq!(named_in(file), Some("192.0.2.53:53".parse().unwrap()));
        assert_eq!(named_in("nameserver ::1"), Some("[::1]:53".parse().unwrap()));
        assert_eq!(named_in("nameserver\nnameserver x"), None);
    }
}
