//! A name server that knows a few names.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use simple_dns::rdata::{A, RData, SRV};
use simple_dns::{CLASS, Name, Packet, PacketFlag, Question, ResourceRecord};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, UdpSocket};
use tokio::task::JoinSet;

const TTL_S: u32 = 60;

/// A name, and what is known of it.
pub type Known = (&'static str, RData<'static>);

/// It ends with this.
pub struct NameServer {
    pub address: SocketAddr,
    _tasks: JoinSet<()>,
}

/// A server of a service.
pub fn server(service: &'static str, priority: u16, (target, port): (&'static str, u16)) -> Known {
    let target = Name::new_unchecked(target);
    (service, RData::SRV(SRV { priority, weight: 0, port, target }))
}

/// A host's address.
pub fn host(name: &'static str, address: [u8; 4]) -> Known {
    (name, RData::A(A { address: Ipv4Addr::from(address).to_bits() }))
}

impl NameServer {
    /// By datagrams and streams at one port; with `cuts` no answer fits into a datagram.
    pub async fn new(known: Vec<Known>, cuts: bool) -> Self {
        let known = Arc::new(known);
        let (listener, udp) = loop {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            if let Ok(udp) = UdpSocket::bind(listener.local_addr().unwrap()).await {
                break (listener, udp);
            }
        };
        let address = udp.local_addr().unwrap();
        let mut tasks = JoinSet::new();
        let by_datagram = known.clone();
        tasks.spawn(async move {
            let mut bytes = [0; 4_096];
            while let Ok((length, from)) = udp.recv_from(&mut bytes).await {
                let reply = reply(&bytes[..length], &by_datagram, cuts);
                udp.send_to(&reply, from).await.unwrap();
            }
        });
        tasks.spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let length = usize::from(stream.read_u16().await.unwrap());
                let mut bytes = vec![0; length];
                stream.read_exact(&mut bytes).await.unwrap();
                let reply = reply(&bytes, &known, false);
                stream.write_u16(reply.len() as u16).await.unwrap();
                stream.write_all(&reply).await.unwrap();
            }
        });
        Self { address, _tasks: tasks }
    }
}

fn reply(query: &[u8], known: &[Known], cuts: bool) -> Vec<u8> {
    let query = Packet::parse(query).unwrap();
    let asked = &query.questions[0];
    let mut reply = Packet::new_reply(query.id());
    let question =
        Question::new(asked.qname.clone(), asked.qtype, asked.qclass, asked.unicast_response);
    reply.questions.push(question);
    let name = asked.qname.to_string();
    let is_it = |(of, data): &&Known| *of == name && asked.qtype == data.type_code().into();
    let records: Vec<&Known> = known.iter().filter(is_it).collect();
    if cuts && !records.is_empty() {
        reply.set_flags(PacketFlag::TRUNCATION);
    } else {
        for (of, data) in records {
            let name = Name::new_unchecked(of);
            reply.answers.push(ResourceRecord::new(name, CLASS::IN, TTL_S, data.clone()));
        }
    }
    reply.build_bytes_vec().unwrap()
}
