//! Limits on progress: a peer that takes nothing of what is sent to it, or sends a body drop by drop,
//! does not hold a connection.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use hyper::body::{Body, Bytes, Frame, Incoming, SizeHint};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep};

use super::slots::Slot;

/// A peer takes [`TAKEN_BYTES_MIN`] of what waits for it in this time, or is let go.
pub const TAKEN_WITHIN: Duration = Duration::from_secs(15);
/// See [`TAKEN_WITHIN`].
pub const TAKEN_BYTES_MIN: usize = 1024;
/// A body brings [`BODY_BYTES_MIN`] in this time, or its end.
pub const BODY_WITHIN: Duration = Duration::from_secs(10);
/// See [`BODY_WITHIN`]: 1 KiB/s.
pub const BODY_BYTES_MIN: usize = 10 * 1024;

/// Whether there is progress while one waits for it.
#[derive(Debug)]
struct Progress {
    within: Duration,
    bytes_min: usize,
    bytes: usize,
    until: Pin<Box<Sleep>>,
    is_waiting: bool,
}

/// A socket whose peer takes what is sent to it, with the connection's place.
#[derive(Debug)]
pub struct Paced<S> {
    socket: S,
    taken: Progress,
    _slot: Arc<Slot>,
}

/// A request's body that arrives at a speed.
#[derive(Debug)]
pub struct PacedBody {
    body: Incoming,
    arrived: Progress,
}

impl Progress {
    fn new(within: Duration, bytes_min: usize) -> Self {
        Self { within, bytes_min, bytes: 0, until: Box::pin(sleep(within)), is_waiting: false }
    }

    /// So much got on.
    fn add(&mut self, bytes: usize) {
        self.bytes += bytes;
        if self.bytes >= self.bytes_min {
            self.is_waiting = false;
        }
    }

    /// There is nothing to wait for.
    fn rest(&mut self) {
        self.is_waiting = false;
    }

    /// It does not go on at this moment; ready when it has not for too long.
    fn poll_stalled(&mut self, context: &mut Context<'_>) -> Poll<io::Error> {
        if !self.is_waiting {
            self.is_waiting = true;
            self.bytes = 0;
            self.until.as_mut().reset(Instant::now() + self.within);
        }
        self.until.as_mut().poll(context).map(|()| io::ErrorKind::TimedOut.into())
    }
}

impl<S> Paced<S> {
    /// Watches over `socket`, which holds `slot`.
    pub fn new(socket: S, slot: Arc<Slot>) -> Self {
        Self { socket, taken: Progress::new(TAKEN_WITHIN, TAKEN_BYTES_MIN), _slot: slot }
    }

    /// What the socket says about so many bytes, and whether that is too little for too long.
    fn sent(
        &mut self,
        context: &mut Context<'_>,
        sent: Poll<io::Result<usize>>,
        wanted: usize,
    ) -> Poll<io::Result<usize>> {
        match sent {
            Poll::Ready(Ok(bytes)) => {
                self.taken.add(bytes);
                if bytes == wanted {
                    self.taken.rest();
                }
                Poll::Ready(Ok(bytes))
            }
            Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
            Poll::Pending => {
                let stalled = ready!(self.taken.poll_stalled(context));
                metrics::counter!("sotto_slow_readers_dropped_total").increment(1);
                Poll::Ready(Err(stalled))
            }
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Paced<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_read(context, buffer)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Paced<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let sent = Pin::new(&mut self.socket).poll_write(context, bytes);
        self.sent(context, sent, bytes.len())
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let sent = Pin::new(&mut self.socket).poll_write_vectored(context, parts);
        self.sent(context, sent, parts.iter().map(|part| part.len()).sum())
    }

    fn is_write_vectored(&self) -> bool {
        self.socket.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_shutdown(context)
    }
}

impl PacedBody {
    /// Watches over `body`.
    pub fn new(body: Incoming) -> Self {
        Self { body, arrived: Progress::new(BODY_WITHIN, BODY_BYTES_MIN) }
    }
}

impl Body for PacedBody {
    type Data = Bytes;
    type Error = Box<dyn std::error::Error + Send + Sync>;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        match Pin::new(&mut self.body).poll_frame(context) {
            Poll::Ready(frame) => {
                if let Some(data) = frame.as_ref().and_then(|it| it.as_ref().ok()?.data_ref()) {
                    self.arrived.add(data.len());
                }
                Poll::Ready(frame.map(|it| it.map_err(Into::into)))
            }
            Poll::Pending => {
                let stalled = ready!(self.arrived.poll_stalled(context));
                Poll::Ready(Some(Err(stalled.into())))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};

    use super::super::slots::Slots;
    use super::*;

    async fn slot() -> Arc<Slot> {
        let slots = Slots::new(1, 0, 1);
        Arc::new(slots.give(slots.place().await, None).unwrap())
    }

    #[tokio::test(start_paused = true)]
    async fn who_reads_nothing_is_let_go_and_who_reads_slowly_is_not() {
        let (near, mut far) = duplex(512);
        let mut near = Paced::new(near, slot().await);
        let start = Instant::now();
        let written = near.write_all(&[0; 4_096]).await;
        assert_eq!(written.unwrap_err().kind(), io::ErrorKind::TimedOut);
        assert_eq!(start.elapsed().as_secs(), TAKEN_WITHIN.as_secs());
        // Slowly, but on and on.
        let (near, slow) = duplex(512);
        let reading = tokio::spawn(async move {
            let (mut slow, mut bytes) = (slow, [0; 200]);
            for _ in 0..60 {
                tokio::time::sleep(Duration::from_secs(2)).await;
                slow.read_exact(&mut bytes).await.unwrap();
            }
        });
        let mut near = Paced::new(near, slot().await);
        near.write_all(&[0; 12_000]).await.expect("200 bytes each two seconds");
        reading.await.unwrap();
        far.shutdown().await.unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn who_has_read_all_may_rest() {
        let (near, mut far) = duplex(512);
        let mut near = Paced::new(near, slot().await);
        let mut bytes = [0; 600];
        for _ in 0..3 {
            let (written, read) =
                tokio::join!(near.write_all(&[0; 600]), far.read_exact(&mut bytes));
            written.unwrap();
            read.unwrap();
            tokio::time::sleep(TAKEN_WITHIN * 4).await;
        }
    }
}
