//! UDP sockets: large kernel buffers, never blocking.

use std::io;
use std::net::SocketAddr;

use mio::net::UdpSocket;
use socket2::{Domain, Protocol, Socket, Type};

/// Kernel buffer in each direction of a worker's socket: a burst of 200 stations must fit while a tick is mixed.
pub(crate) const WORKER_BUFFER_BYTES: usize = 8 * 1024 * 1024;
/// The same for the socket of one plain station.
pub(crate) const PLAIN_BUFFER_BYTES: usize = 128 * 1024;

/// Binds a socket. The kernel may grant a smaller buffer than asked for; that is no error.
pub(crate) fn bind(address: SocketAddr, buffer_bytes: usize) -> io::Result<UdpSocket> {
    let socket = Socket::new(Domain::for_address(address), Type::DGRAM, Some(Protocol::UDP))?;
    let _ = socket.set_recv_buffer_size(buffer_bytes);
    let _ = socket.set_send_buffer_size(buffer_bytes);
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    Ok(UdpSocket::from_std(socket.into()))
}

/// Reads one datagram into `buffer`; `None` when there is none.
pub(crate) fn receive(socket: &UdpSocket, buffer: &mut [u8]) -> Option<(usize, SocketAddr)> {
    loop {
        match socket.recv_from(buffer) {
            Ok(received) => return Some(received),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return None,
            // An ICMP error of an earlier datagram is told here; it concerns no one else.
            Err(_) => continue,
        }
    }
}
