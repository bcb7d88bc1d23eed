//! Cuts a stream (TCP, TLS) into messages (RFC 3261 §18.3), within a bound.

use super::headers::Headers;
use super::parse::{MESSAGE_BYTES_MAX, split_head};

/// The stream can't be read on: its other end is to be let go.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BrokenStream {
    /// A message that is larger than [`MESSAGE_BYTES_MAX`].
    #[error("a message is too large")]
    TooLarge,
    /// Without a length nobody knows where the next message begins.
    #[error("a message without a Content-Length, or with two")]
    NoLength {
        /// Its head, to which something may be answered.
        head: Vec<u8>,
    },
}

/// What came of a stream so far and is no whole message yet.
#[derive(Debug, Default)]
pub struct StreamFramer {
    bytes: Vec<u8>,
}

impl StreamFramer {
    /// Takes what was read; [`Self::next`] gives whole messages out. So between two reads it holds one
    /// message at most.
    pub fn push(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// Whether no part of a message waits for the rest of it.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// The next whole message; `None`: more has to be read. Empty lines between messages are a peer's
    /// way to keep the connection (RFC 5626 §3.5.1); they are taken out.
    ///
    /// # Errors
    /// See [`BrokenStream`].
    pub fn next_message(&mut self) -> Result<Option<Vec<u8>>, BrokenStream> {
        let empty = self.bytes.iter().take_while(|byte| b"\r\n".contains(byte)).count();
        self.bytes.drain(..empty);
        let Some((head, _)) = split_head(&self.bytes) else {
            return match self.bytes.len() > MESSAGE_BYTES_MAX {
                true => Err(BrokenStream::TooLarge),
                false => Ok(None),
            };
        };
        let line_end = if self.bytes[head.len()..].starts_with(b"\r\n") { 2 } else { 1 };
        let Some(length) = content_length(head) else {
            return Err(BrokenStream::NoLength { head: [head, b"\r\n"].concat() });
        };
        let whole = head.len() + line_end + length.min(MESSAGE_BYTES_MAX + 1);
        if whole > MESSAGE_BYTES_MAX {
            return Err(BrokenStream::TooLarge);
        }
        if self.bytes.len() < whole {
            return Ok(None);
        }
        Ok(Some(self.bytes.drain(..whole).collect()))
    }
}

fn content_length(head: &[u8]) -> Option<usize> {
    let head = std::str::from_utf8(head).ok()?;
    let mut headers = Headers::default();
    for (name, value) in head.lines().filter_map(|line| line.split_once(':')) {
        headers.push(name.trim(), value);
    }
    let is_one = headers.count("Content-Length") == 1;
    headers.get("Content-Length").filter(|_| is_one)?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_come_out_whole_however_they_come_in() {
        let one = b"OPTIONS sip:a SIP/2.0\r\nl: 3\r\n\r\nabc".as_slice();
        let stream = [b"\r\n\r\n".as_slice(), one, one].concat();
        for step in [1, 7, stream.len()] {
            let mut framer = StreamFramer::default();
            let mut found = Vec::new();
            for bytes in stream.chunks(step) {
                framer.push(bytes);
                while let Some(message) = framer.next_message().unwrap() {
                    found.push(message);
                }
            }
            assert_eq!(found, [one, one]);
        }
    }

    #[test]
    fn a_stream_that_can_not_be_cut_ends() {
        for head in
            ["OPTIONS sip:a SIP/2.0\r\n\r\n", "OPTIONS sip:a SIP/2.0\r\nl: 1\r\nl: 0\r\n\r\n"]
        {
            let mut framer = StreamFramer::default();
            framer.push(head.as_bytes());
            let head = head.as_bytes().to_vec();
            assert_eq!(framer.next_message(), Err(BrokenStream::NoLength { head }));
        }
        let mut framer = StreamFramer::default();
        framer.push(b"OPTIONS sip:a SIP/2.0\r\nContent-Length: 99999999999\r\n\r\n");
        assert_eq!(framer.next_message(), Err(BrokenStream::TooLarge));
        let mut framer = StreamFramer::default();
        framer.push(&vec![b'a'; MESSAGE_BYTES_MAX + 1]);
        assert_eq!(framer.next_message(), Err(BrokenStream::TooLarge));
    }
}
