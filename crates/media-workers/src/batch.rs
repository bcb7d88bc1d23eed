//! Datagrams in batches: one system call takes all that wait, and one sends all that a slot made.
//!
//! The arrays are made once. On other systems than Linux each datagram is a system call of its own.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};

use mio::net::UdpSocket;

#[cfg(target_os = "linux")]
use linux as system;
#[cfg(not(target_os = "linux"))]
use portable as system;

/// Datagrams taken or sent with one system call at most.
pub(crate) const BATCH_DATAGRAMS_MAX: usize = 32;
/// The largest datagram that is read whole; WebRTC stays under the path's 1,500 bytes. An odd number of cache lines:
/// with a power of two the headers of all datagrams would fall into the same few sets of the cache.
const DATAGRAM_BYTES_MAX: usize = 33 * 64;
/// The capacity that a datagram to be sent has from the start; a larger one makes itself room, once.
const SENT_BYTES_EXPECTED: usize = rtc_station::RTP_PAYLOAD_BYTES_MAX + 100;
/// Errors of the network's that one call passes over. Each is told once, so there are seldom two.
const ERRORS_MAX: usize = 64;
const NOWHERE: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::UNSPECIFIED), 0);

type Buffers = [[u8; DATAGRAM_BYTES_MAX]; BATCH_DATAGRAMS_MAX];

/// Who sent a datagram, and how many bytes of its buffer it fills.
#[derive(Clone, Copy, Debug)]
struct Taken {
    from: SocketAddr,
    length: usize,
}

/// Datagrams that were taken with one call. It belongs to one thread.
pub(crate) struct Inbound {
    buffers: Box<Buffers>,
    taken: [Taken; BATCH_DATAGRAMS_MAX],
    system: system::Headers,
    /// So many are asked for the next time: asking for one has its price, whether it comes or not.
    asked: usize,
}

/// How many datagrams a call took.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Count {
    pub taken: usize,
    /// Whether it took all that it asked for, so that more may wait.
    pub is_full: bool,
}

/// Datagrams that are to be sent with one call, in order.
pub(crate) struct Outbound {
    datagrams: Vec<Vec<u8>>,
    to: [SocketAddr; BATCH_DATAGRAMS_MAX],
    length: usize,
}

impl Inbound {
    pub fn new() -> Self {
        Self {
            buffers: Box::new([[0; DATAGRAM_BYTES_MAX]; BATCH_DATAGRAMS_MAX]),
            taken: [Taken { from: NOWHERE, length: 0 }; BATCH_DATAGRAMS_MAX],
            system: system::Headers::new(),
            asked: BATCH_DATAGRAMS_MAX,
        }
    }

    /// Takes what waits, in place of what was taken before.
    pub fn receive(&mut self, socket: &UdpSocket) -> Count {
        let asked = self.asked;
        for _ in 0..ERRORS_MAX {
            let Self { buffers, taken, system, .. } = self;
            match system::receive(socket, asked, buffers, taken, system) {
                Ok(taken) => {
                    self.asked = (2 * taken + 2).min(BATCH_DATAGRAMS_MAX);
                    return Count { taken, is_full: taken == asked };
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    return Count { taken: 0, is_full: false };
                }
                // An ICMP error of an earlier datagram is told here; it concerns no one else.
                Err(_) => {}
            }
        }
        Count { taken: 0, is_full: true }
    }

    /// Room for a datagram that is taken by itself, in place of one that was taken before.
    pub fn scratch(&mut self) -> &mut [u8] {
        &mut self.buffers[0]
    }

    /// One of the datagrams that were taken last, and who sent it.
    pub fn datagram(&mut self, index: usize) -> (SocketAddr, &mut [u8]) {
        let Taken { from, length } = self.taken[index];
        (from, &mut self.buffers[index][..length])
    }
}

impl Outbound {
    pub fn new() -> Self {
        let datagrams = (0..BATCH_DATAGRAMS_MAX).map(|_| Vec::with_capacity(SENT_BYTES_EXPECTED));
        Self { datagrams: datagrams.collect(), to: [NOWHERE; BATCH_DATAGRAMS_MAX], length: 0 }
    }

    /// Where the next datagram is written; it holds what was sent before. [`Outbound::push`] follows, or
    /// nothing was written.
    pub fn spare(&mut self) -> &mut Vec<u8> {
        &mut self.datagrams[self.length]
    }

    /// The datagram in [`Outbound::spare`] goes to this address, with the others. Returns how many were lost, if this
    /// one had to go with a call of its own because there is no room for another.
    pub fn push(&mut self, to: SocketAddr, socket: &UdpSocket) -> u64 {
        self.to[self.length] = to;
        self.length += 1;
        if self.length == BATCH_DATAGRAMS_MAX { self.send(socket) } else { 0 }
    }

    /// Sends everything. Returns how many were lost: a full socket buffer loses what is left, as a network does, and
    /// whoever cannot be reached loses their own alone.
    pub fn send(&mut self, socket: &UdpSocket) -> u64 {
        self.send_by(|datagrams, to| system::transmit(socket, datagrams, to))
    }

    fn send_by(
        &mut self,
        mut transmit: impl FnMut(&[Vec<u8>], &[SocketAddr]) -> io::Result<usize>,
    ) -> u64 {
        let end = std::mem::take(&mut self.length);
        let (mut next, mut lost) = (0, 0);
        while next < end {
            match transmit(&self.datagrams[next..end], &self.to[next..end]) {
                Ok(sent) => next += sent,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    return lost + (end - next) as u64;
                }
                Err(_) => {
                    next += 1;
                    lost += 1;
                }
            }
        }
        lost
    }
}

#[cfg(target_os = "linux")]
mod linux {
    use std::io::{self, IoSlice, IoSliceMut};
    use std::net::SocketAddr;
    use std::os::fd::AsRawFd as _;

    use arrayvec::ArrayVec;
    use mio::net::UdpSocket;
    use nix::sys::socket::{MsgFlags, MultiHeaders, SockaddrStorage, recvmmsg};
    use rustix::net::{MMsgHdr, SendAncillaryBuffer, SendFlags, SocketAddrAny, sendmmsg};

    use super::{BATCH_DATAGRAMS_MAX, Buffers, NOWHERE, Taken};

    /// What the kernel is given and fills in.
    pub struct Headers(MultiHeaders<SockaddrStorage>);

    impl Headers {
        pub fn new() -> Self {
            Self(MultiHeaders::preallocate(BATCH_DATAGRAMS_MAX, None))
        }
    }

    pub fn receive(
        socket: &UdpSocket,
        asked: usize,
        buffers: &mut Buffers,
        taken: &mut [Taken; BATCH_DATAGRAMS_MAX],
        headers: &mut Headers,
    ) -> io::Result<usize> {
        let mut slices = buffers.each_mut().map(|buffer| [IoSliceMut::new(buffer)]);
        let slices = slices.iter_mut().take(asked);
        let flags = MsgFlags::MSG_DONTWAIT;
        let received = recvmmsg(socket.as_raw_fd(), &mut headers.0, slices, flags, None)?;
        let mut count = 0;
        for (message, taken) in received.zip(taken) {
            let from = message.address.as_ref().and_then(socket_address);
            // A UDP socket of ours has addresses of IP alone; nowhere is nobody's.
            *taken = Taken { from: from.unwrap_or(NOWHERE), length: message.bytes };
            count += 1;
        }
        Ok(count)
    }

    pub fn transmit(
        socket: &UdpSocket,
        datagrams: &[Vec<u8>],
        to: &[SocketAddr],
    ) -> io::Result<usize> {
        // What is alone needs no list.
        if let ([datagram], [to]) = (datagrams, to) {
            return socket.send_to(datagram, *to).map(|_| 1);
        }
        let to: ArrayVec<SocketAddrAny, BATCH_DATAGRAMS_MAX> =
            to.iter().map(|to| SocketAddrAny::from(*to)).collect();
        let slices: ArrayVec<[IoSlice<'_>; 1], BATCH_DATAGRAMS_MAX> =
            datagrams.iter().map(|datagram| [IoSlice::new(datagram)]).collect();
        let mut nothing = [(); BATCH_DATAGRAMS_MAX].map(|()| SendAncillaryBuffer::default());
        let mut messages: ArrayVec<MMsgHdr<'_>, BATCH_DATAGRAMS_MAX> = to
            .iter()
            .zip(&slices)
            .zip(&mut nothing)
            .map(|((to, slice), nothing)| MMsgHdr::new_with_addr(to, slice, nothing))
            .collect();
        Ok(sendmmsg(socket, &mut messages, SendFlags::DONTWAIT)?)
    }

    fn socket_address(storage: &SockaddrStorage) -> Option<SocketAddr> {
        let v4 = storage.as_sockaddr_in().map(|it| SocketAddr::V4((*it).into()));
        v4.or_else(|| storage.as_sockaddr_in6().map(|it| SocketAddr::V6((*it).into())))
    }
}

/// Where the system has no calls for many datagrams; the tests look at it, too.
#[cfg(any(test, not(target_os = "linux")))]
mod portable {
    use std::io;
    use std::net::SocketAddr;

    use mio::net::UdpSocket;

    use super::{BATCH_DATAGRAMS_MAX, Buffers, Taken};

    pub struct Headers;

    impl Headers {
        pub fn new() -> Self {
            Self
        }
    }

    pub fn receive(
        socket: &UdpSocket,
        asked: usize,
        buffers: &mut Buffers,
        taken: &mut [Taken; BATCH_DATAGRAMS_MAX],
        _: &mut Headers,
    ) -> io::Result<usize> {
        for (count, (buffer, taken)) in buffers.iter_mut().zip(taken).take(asked).enumerate() {
            match socket.recv_from(buffer) {
                Ok((length, from)) => *taken = Taken { from, length },
                Err(error) if count == 0 => return Err(error),
                Err(_) => return Ok(count),
            }
        }
        Ok(asked)
    }

    pub fn transmit(
        socket: &UdpSocket,
        datagrams: &[Vec<u8>],
        to: &[SocketAddr],
    ) -> io::Result<usize> {
        for (count, (datagram, to)) in datagrams.iter().zip(to).enumerate() {
            match socket.send_to(datagram, *to) {
                Ok(_) => {}
                Err(error) if count == 0 => return Err(error),
                Err(_) => return Ok(count),
            }
        }
        Ok(datagrams.len())
    }
}

#[cfg(test)]
mod tests;
