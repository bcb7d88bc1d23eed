//! What a client may send on the event stream: nothing, or a ping.

use serde::Deserialize;

/// Bytes that a client's message may have.
pub const CLIENT_MESSAGE_BYTES_MAX: usize = 1_024;

/// A message from the client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(tag = "type", deny_unknown_fields)]
pub enum ClientMessage {
    /// "I am here"; needs no answer. For clients that can't send WebSocket pings.
    #[serde(rename = "ping")]
    Ping {},
}

/// Why a message was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ClientMessageError {
    /// Over [`CLIENT_MESSAGE_BYTES_MAX`].
    #[error("the message has {bytes} bytes, more than {CLIENT_MESSAGE_BYTES_MAX}")]
    TooLarge {
        /// Its size.
        bytes: usize,
    },
    /// Not JSON, or no message of this API.
    #[error("the message is not one of this API")]
    Unknown,
}

/// Reads one message, strictly: unknown types and fields are refused.
///
/// # Errors
/// See [`ClientMessageError`].
pub fn parse_client_message(bytes: &[u8]) -> Result<ClientMessage, ClientMessageError> {
    if bytes.len() > CLIENT_MESSAGE_BYTES_MAX {
        return Err(ClientMessageError::TooLarge { bytes: bytes.len() });
    }
    serde_json::from_slice(bytes).map_err(|_| ClientMessageError::Unknown)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ping_is_all_there_is() {
        assert_eq!(parse_client_message(br#"{"type":"ping"}"#), Ok(ClientMessage::Ping {}));
        let refused: [&[u8]; 7] = [
            b"",
            b"null",
            b"[]",
            br#"{"type":"snapshot"}"#,
            br#"{"type":"ping","mode":"barge"}"#,
            br#"{"type":"ping"} {"type":"ping"}"#,
            b"\xff\xfe",
        ];
        for message in refused {
            assert_eq!(parse_client_message(message), Err(ClientMessageError::Unknown));
        }
    }

    #[test]
    fn size_is_looked_at_first() {
        let bytes = CLIENT_MESSAGE_BYTES_MAX + 1;
        let long = vec![b'['; bytes];
        assert_eq!(parse_client_message(&long), Err(ClientMessageError::TooLarge { bytes }));
    }
}
