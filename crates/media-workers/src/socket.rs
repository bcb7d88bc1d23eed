//! A worker's UDP socket: large kernel buffers, never blocking.

use std::io;
use std::net::SocketAddr;

use mio::net::UdpSocket;
use socket2::{Domain, Protocol, Socket, Type};

/// Kernel buffer in each direction: a burst of 200 stations must fit while a tick is mixed.
const SOCKET_BUFFER_BYTES: usize = 8 * 1024 * 1024;

/// Binds a socket. The kernel may grant a smaller buffer than asked for; that is no error.
pub(crate) fn bind(address: SocketAddr) -> io::Result<UdpSocket> {
    let socket = Socket::new(Domain::for_address(address), Type::DGRAM, Some(Protocol::UDP))?;
    let _ = socket.set_recv_buffer_size(SOCKET_BUFFER_BYTES);
    let _ = socket.set_send_buffer_size(SOCKET_BUFFER_BYTES);
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    Ok(UdpSocket::from_std(socket.into()))
}
