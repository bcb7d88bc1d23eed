//! Checks of our own (STUN binding requests, RFC 8489): does somebody answer at an address?
//!
//! An ICE-lite agent need not send any. This one asks before it moves media to another address, because
//! a check that comes from there shows who sent it, not that its sender is there: the source of a
//! datagram can be forged (RFC 9000 §8.1 has the same for QUIC, RFC 7675 asks for consent).

use is::{DefaultSha1HmacProvider, IceCreds, Sha1HmacProvider};

/// A STUN transaction, which only whoever gets the request can answer.
pub(crate) type Transaction = [u8; 12];

const MAGIC_COOKIE: [u8; 4] = [0x21, 0x12, 0xA4, 0x42];
const BINDING_REQUEST: [u8; 2] = [0x00, 0x01];
const BINDING_SUCCESS: [u8; 2] = [0x01, 0x01];
const HEADER_BYTES: usize = 20;
const USERNAME: u16 = 0x0006;
const MESSAGE_INTEGRITY: u16 = 0x0008;
const PRIORITY: u16 = 0x0024;
const FINGERPRINT: u16 = 0x8028;
const ICE_CONTROLLED: u16 = 0x8029;
const INTEGRITY_BYTES: usize = 20;
/// RFC 8445 §5.1.2.1 for a peer-reflexive candidate of component 1.
const PEER_REFLEXIVE_PRIORITY: u32 = (110 << 24) | (65_535 << 8) | 255;
const FINGERPRINT_XOR: u32 = 0x5354_554E;

/// A check from us to the client (RFC 8445 §7.2.2).
pub(crate) fn request(local: &IceCreds, remote: &IceCreds, transaction: Transaction) -> Vec<u8> {
    let mut check = Vec::with_capacity(160);
    check.extend(BINDING_REQUEST);
    check.extend([0, 0]);
    check.extend(MAGIC_COOKIE);
    check.extend(transaction);
    let username = format!("{}:{}", remote.ufrag, local.ufrag);
    attribute(&mut check, USERNAME, username.as_bytes());
    attribute(&mut check, PRIORITY, &PEER_REFLEXIVE_PRIORITY.to_be_bytes());
    attribute(&mut check, ICE_CONTROLLED, &transaction[..8]);
    // Each of the two covers a length that includes itself (RFC 8489 §14.5, §14.7).
    set_length(&mut check, 4 + INTEGRITY_BYTES);
    let key = remote.pass.as_bytes();
    let integrity = DefaultSha1HmacProvider.sha1_hmac(key, &[check.as_slice()]);
    attribute(&mut check, MESSAGE_INTEGRITY, &integrity);
    set_length(&mut check, 8);
    let fingerprint = crc_32(&check) ^ FINGERPRINT_XOR;
    attribute(&mut check, FINGERPRINT, &fingerprint.to_be_bytes());
    check
}

/// The transaction that a datagram answers, if it is an answer to a check.
pub(crate) fn answered(datagram: &[u8]) -> Option<Transaction> {
    let header = datagram.get(..HEADER_BYTES)?;
    let is_answer = header[..2] == BINDING_SUCCESS && header[4..8] == MAGIC_COOKIE;
    is_answer.then(|| header[8..].try_into().ok()).flatten()
}

fn attribute(check: &mut Vec<u8>, kind: u16, value: &[u8]) {
    check.extend(kind.to_be_bytes());
    check.extend((value.len() as u16).to_be_bytes());
    check.extend(value);
    check.resize(check.len().next_multiple_of(4), 0);
}

/// The length of what follows the header, with so much more to come.
fn set_length(check: &mut [u8], to_come: usize) {
    let length = (check.len() - HEADER_BYTES + to_come) as u16;
    check[2..4].copy_from_slice(&length.to_be_bytes());
}

/// ITU-T V.42, as in Ethernet.
fn crc_32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| (crc >> 1) ^ (0xEDB8_8320 * (crc & 1)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_is_that_of_v42() {
        assert_eq!(crc_32(b"123456789"), 0xCBF4_3926);
    }

    #[test]
    fn answers_are_told_from_all_else() {
        let mut answer = [0; HEADER_BYTES];
        answer[..2].copy_from_slice(&BINDING_SUCCESS);
        answer[4..8].copy_from_slice(&MAGIC_COOKIE);
        answer[8..].copy_from_slice(&[9; 12]);
        assert_eq!(answered(&answer), Some([9; 12]));
        assert_eq!(answered(&answer[..19]), None);
        answer[1] = 0x11;
        assert_eq!(answered(&answer), None, "an error is no answer");
    }
}
