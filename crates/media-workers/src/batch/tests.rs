//! Datagrams on loopback, by the system's calls for many and by those for one.

use std::collections::VecDeque;

use super::*;

const LOCALHOST: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 0);

fn sockets() -> (UdpSocket, UdpSocket) {
    let bind = || crate::socket::bind(LOCALHOST, crate::socket::PLAIN_BUFFER_BYTES).unwrap();
    (bind(), bind())
}

/// Loopback has a datagram in the other's buffer by the time the call that sent it returns.
fn write(outbound: &mut Outbound, n: usize, to: SocketAddr, socket: &UdpSocket) -> u64 {
    let spare = outbound.spare();
    spare.clear();
    spare.extend(std::iter::repeat_n(n as u8, 1 + n));
    outbound.push(to, socket)
}

#[test]
fn what_is_sent_in_batches_comes_in_order_and_from_whom_it_is() {
    let (mine, theirs) = sockets();
    let (to, me) = (theirs.local_addr().unwrap(), mine.local_addr().unwrap());
    let (mut outbound, mut inbound) = (Outbound::new(), Inbound::new());
    for count in [1, 2, BATCH_DATAGRAMS_MAX, BATCH_DATAGRAMS_MAX + 5, 100] {
        for n in 0..count {
            assert_eq!(write(&mut outbound, n, to, &mine), 0);
        }
        assert_eq!(outbound.send(&mine), 0);
        let mut seen = 0;
        loop {
            let Count { taken, is_full } = inbound.receive(&theirs);
            for index in 0..taken {
                let (from, bytes) = inbound.datagram(index);
                assert_eq!(from, me);
                assert_eq!(bytes, vec![seen as u8; 1 + seen]);
                seen += 1;
            }
            if !is_full {
                break;
            }
        }
        assert_eq!(seen, count);
    }
    assert_eq!(inbound.receive(&theirs), Count { taken: 0, is_full: false });
}

#[test]
fn addresses_of_version_6_are_told_as_they_are() {
    let bind = |port| {
        crate::socket::bind(SocketAddr::from((std::net::Ipv6Addr::LOCALHOST, port)), 1 << 16)
    };
    let (Ok(mine), Ok(theirs)) = (bind(0), bind(0)) else { return };
    let (to, mut outbound, mut inbound) =
        (theirs.local_addr().unwrap(), Outbound::new(), Inbound::new());
    for n in 0..2 {
        write(&mut outbound, n, to, &mine);
    }
    assert_eq!(outbound.send(&mine), 0);
    assert_eq!(inbound.receive(&theirs).taken, 2);
    assert_eq!(inbound.datagram(1), (mine.local_addr().unwrap(), &mut [1, 1][..]));
}

#[test]
fn the_calls_for_one_do_the_same() {
    let (mine, theirs) = sockets();
    let to = theirs.local_addr().unwrap();
    let datagrams: Vec<Vec<u8>> = (0..5).map(|n| vec![n; 10]).collect();
    assert_eq!(portable::transmit(&mine, &datagrams, &[to; 5]).unwrap(), 5);
    let mut inbound = Inbound::new();
    let headers = &mut portable::Headers::new();
    let Inbound { buffers, taken, .. } = &mut inbound;
    assert_eq!(portable::receive(&theirs, 3, buffers, taken, headers).unwrap(), 3);
    assert_eq!(portable::receive(&theirs, 3, buffers, taken, headers).unwrap(), 2);
    assert_eq!(inbound.datagram(1), (mine.local_addr().unwrap(), &mut [4; 10][..]));
    let Inbound { buffers, taken, .. } = &mut inbound;
    let error = portable::receive(&theirs, 3, buffers, taken, headers).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::WouldBlock);
}

#[test]
fn who_cannot_be_reached_loses_their_own_alone() {
    let (mine, theirs) = sockets();
    let to = theirs.local_addr().unwrap();
    // Port 0 is nobody's: the kernel refuses it.
    let nobody = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let mut outbound = Outbound::new();
    for (n, to) in [to, nobody, nobody, to, nobody].into_iter().enumerate() {
        write(&mut outbound, n, to, &mine);
    }
    assert_eq!(outbound.send(&mine), 3);
    let mut inbound = Inbound::new();
    assert_eq!(inbound.receive(&theirs).taken, 2);
    assert_eq!(inbound.datagram(1).1, [3; 4]);
}

#[test]
fn a_full_buffer_loses_what_is_left_and_nothing_is_sent_twice() {
    let (mine, theirs) = sockets();
    let to = theirs.local_addr().unwrap();
    let mut outbound = Outbound::new();
    for n in 0..10 {
        write(&mut outbound, n, to, &mine);
    }
    let mut answers = VecDeque::from([
        Ok(4),
        Err(io::ErrorKind::Interrupted.into()),
        Ok(3),
        Err(io::ErrorKind::WouldBlock.into()),
    ]);
    let mut firsts = Vec::new();
    let lost = outbound.send_by(|datagrams, _| {
        firsts.push(datagrams[0][0]);
        answers.pop_front().unwrap()
    });
    assert_eq!((lost, firsts), (3, vec![0, 4, 4, 7]));
    assert_eq!(outbound.send_by(|_, _| panic!("there is nothing left")), 0);
}
