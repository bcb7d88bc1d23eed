//! SRTP and SRTCP: AES-GCM (RFC 7714) and AES in counter mode with HMAC-SHA1 (RFC 3711).
//!
//! The packet index (rollover counter and sequence number) is handed in, not guessed: whoever sends knows it from
//! [`crate::SendSequence`], which gives none out twice, so that no nonce is ever used twice. Whoever receives keeps
//! a [`Window`] for each source; keys are shared, so to try a source costs nothing.
//!
//! Packets are protected and opened in place. AES and HMAC are `aws-lc-rs`'s.

use aws_lc_rs::aead::{AES_128_GCM, AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::cipher::{
    AES_128, AES_256, Algorithm, EncryptingKey, EncryptionContext, UnboundCipherKey,
};
use aws_lc_rs::error::Unspecified;
use aws_lc_rs::{constant_time, hmac};

use crate::packet::header_bytes;

/// What of an RTCP packet stays in the clear: its first header and whose it is.
const RTCP_CLEAR_BYTES: usize = 8;
/// The index behind a protected RTCP packet, and its highest bit: the packet is encrypted.
const RTCP_INDEX_BYTES: usize = 4;
const RTCP_ENCRYPTED: u32 = 1 << 31;
/// Packets behind the newest that are still told from replays.
const WINDOW_PACKETS: u64 = u128::BITS as u64;
const GCM_SALT_BYTES: usize = 12;
const GCM_TAG_BYTES: usize = 16;
const CM_SALT_BYTES: usize = 14;
const HMAC_KEY_BYTES: usize = 20;
/// Of HMAC-SHA1; RTCP's tag is never shorter (RFC 4568 §6.2.2).
const LONG_TAG_BYTES: usize = 10;
const SHORT_TAG_BYTES: usize = 4;

/// The protection profiles that are spoken (RFC 5764 §4.1.2, RFC 7714 §14.2, RFC 4568 §6.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Profile {
    /// `SRTP_AEAD_AES_256_GCM`.
    AeadAes256Gcm,
    /// `SRTP_AEAD_AES_128_GCM`.
    AeadAes128Gcm,
    /// `SRTP_AES128_CM_HMAC_SHA1_80`.
    Aes128CmSha1_80,
    /// `SRTP_AES128_CM_HMAC_SHA1_32`.
    Aes128CmSha1_32,
}

impl Profile {
    /// Length of a master key, bytes.
    pub fn key_bytes(self) -> usize {
        match self {
            Self::AeadAes256Gcm => 32,
            Self::AeadAes128Gcm | Self::Aes128CmSha1_80 | Self::Aes128CmSha1_32 => 16,
        }
    }

    /// Length of a master salt, bytes.
    pub fn salt_bytes(self) -> usize {
        match self {
            Self::AeadAes256Gcm | Self::AeadAes128Gcm => GCM_SALT_BYTES,
            Self::Aes128CmSha1_80 | Self::Aes128CmSha1_32 => CM_SALT_BYTES,
        }
    }
}

/// A master key or salt does not have its profile's length.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the key or the salt does not have the length of its profile")]
pub struct KeyError;

/// Why a packet was not opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum OpenError {
    /// Too short for what it is to hold.
    #[error("the packet is cut short")]
    Malformed,
    /// It came before, or is too old to tell.
    #[error("the packet is a replay")]
    Replayed,
    /// Somebody else made it, or changed it.
    #[error("the packet is not authentic")]
    NotAuthentic,
}

/// A packet was not protected: the index is used up, or it is no packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the packet cannot be protected")]
pub struct SealError;

/// The keys of one direction of a session.
pub struct Keys {
    rtp: Cipher,
    rtcp: Cipher,
}

enum Cipher {
    Gcm { key: LessSafeKey, salt: [u8; GCM_SALT_BYTES] },
    CounterMode(Box<CounterMode>),
}

/// AES in counter mode with HMAC-SHA1.
struct CounterMode {
    key: EncryptingKey,
    salt: [u8; CM_SALT_BYTES],
    auth: hmac::Key,
    tag_bytes: usize,
}

/// Which packets of one source have come.
#[derive(Debug, Clone, Default)]
pub struct Window {
    /// The highest index so far.
    newest: Option<u64>,
    /// Bit n: index `newest - n` has come.
    seen: u128,
}

/// What a key is derived for (RFC 3711 §4.3.2): the labels of encryption, authentication and salt.
#[derive(Clone, Copy)]
struct Labels {
    key: u8,
    auth: u8,
    salt: u8,
}

const RTP_LABELS: Labels = Labels { key: 0, auth: 1, salt: 2 };
const RTCP_LABELS: Labels = Labels { key: 3, auth: 4, salt: 5 };

impl Keys {
    /// Derives the session keys.
    ///
    /// # Errors
    /// [`KeyError`].
    pub fn new(profile: Profile, key: &[u8], salt: &[u8]) -> Result<Self, KeyError> {
        if key.len() != profile.key_bytes() || salt.len() != profile.salt_bytes() {
            return Err(KeyError);
        }
        let rtp = Cipher::new(profile, key, salt, RTP_LABELS, profile == Profile::Aes128CmSha1_32);
        let rtcp = Cipher::new(profile, key, salt, RTCP_LABELS, false);
        Ok(Self { rtp: rtp.map_err(|_| KeyError)?, rtcp: rtcp.map_err(|_| KeyError)? })
    }

    /// Protects an RTP packet in place; it grows by the tag. `index` is the rollover counter times 65,536 plus the
    /// sequence number, and is never given twice.
    ///
    /// # Errors
    /// [`SealError`]: it is no RTP packet.
    pub fn seal_rtp(&self, index: u64, packet: &mut Vec<u8>) -> Result<(), SealError> {
        let header = header_bytes(packet).ok_or(SealError)?;
        let ssrc = word(packet, 8).ok_or(SealError)?;
        let sealed = match &self.rtp {
            Cipher::Gcm { key, salt } => {
                let nonce = gcm_rtp_nonce(salt, ssrc, index);
                let (clear, body) = packet.split_at_mut(header);
                key.seal_in_place_separate_tag(nonce, Aad::from(&*clear), body)
                    .map(|tag| packet.extend_from_slice(tag.as_ref()))
            }
            Cipher::CounterMode(it) => {
                let counted = it.count(ssrc, index, &mut packet[header..]);
                let tag = authenticate(&it.auth, &[packet, &rollover_counter(index)]);
                packet.extend_from_slice(&tag.as_ref()[..it.tag_bytes]);
                counted
            }
        };
        sealed.map_err(|_| SealError)
    }

    /// Opens an RTP packet in place; gives the length of what is left of it, bytes. `window` is that of the packet's
    /// source, and has it from now on.
    ///
    /// # Errors
    /// [`OpenError`]; what is in the packet then is of no use, and the window is as it was.
    pub fn open_rtp(&self, window: &mut Window, packet: &mut [u8]) -> Result<usize, OpenError> {
        let header = header_bytes(packet).ok_or(OpenError::Malformed)?;
        let ssrc = word(packet, 8).ok_or(OpenError::Malformed)?;
        let sequence = u16::from_be_bytes([packet[2], packet[3]]);
        let index = window.index(sequence).ok_or(OpenError::Replayed)?;
        let tag_bytes = self.rtp.tag_bytes();
        let end = packet.len().checked_sub(tag_bytes).filter(|end| *end >= header);
        let end = end.ok_or(OpenError::Malformed)?;
        match &self.rtp {
            Cipher::Gcm { key, salt } => {
                let nonce = gcm_rtp_nonce(salt, ssrc, index);
                let (clear, body) = packet.split_at_mut(header);
                key.open_in_place(nonce, Aad::from(&*clear), body)
                    .map_err(|_| OpenError::NotAuthentic)?;
            }
            Cipher::CounterMode(it) => {
                let (body, tag) = packet.split_at_mut(end);
                let expected = authenticate(&it.auth, &[body, &rollover_counter(index)]);
                is_tag(&expected.as_ref()[..it.tag_bytes], tag)?;
                it.count(ssrc, index, &mut body[header..]).map_err(|_| OpenError::NotAuthentic)?;
            }
        }
        window.accept(index);
        Ok(end)
    }

    /// Protects an RTCP compound in place; it grows by a tag and the index. Each `index` (31 bits) is given once.
    ///
    /// # Errors
    /// [`SealError`]: it is no RTCP, or the index is used up.
    pub fn seal_rtcp(&self, index: u32, compound: &mut Vec<u8>) -> Result<(), SealError> {
        let ssrc = word(compound, 4).filter(|_| index < RTCP_ENCRYPTED).ok_or(SealError)?;
        let trailer = (RTCP_ENCRYPTED | index).to_be_bytes();
        match &self.rtcp {
            Cipher::Gcm { key, salt } => {
                let nonce = gcm_rtcp_nonce(salt, ssrc, index);
                let aad = gcm_rtcp_aad(compound, trailer);
                let body = &mut compound[RTCP_CLEAR_BYTES..];
                let tag = key.seal_in_place_separate_tag(nonce, Aad::from(aad), body);
                compound.extend_from_slice(tag.map_err(|_| SealError)?.as_ref());
                compound.extend_from_slice(&trailer);
            }
            Cipher::CounterMode(it) => {
                let body = &mut compound[RTCP_CLEAR_BYTES..];
                it.count(ssrc, index.into(), body).map_err(|_| SealError)?;
                compound.extend_from_slice(&trailer);
                let tag = authenticate(&it.auth, &[compound]);
                compound.extend_from_slice(&tag.as_ref()[..it.tag_bytes]);
            }
        }
        Ok(())
    }

    /// Opens an RTCP compound in place; gives the length of what is left of it, bytes.
    ///
    /// # Errors
    /// [`OpenError`]; an unencrypted compound counts as not authentic.
    pub fn open_rtcp(&self, window: &mut Window, packet: &mut [u8]) -> Result<usize, OpenError> {
        let ssrc = word(packet, 4).ok_or(OpenError::Malformed)?;
        let tag_bytes = self.rtcp.tag_bytes();
        let room = RTCP_CLEAR_BYTES + tag_bytes + RTCP_INDEX_BYTES;
        let end = packet.len().checked_sub(room).ok_or(OpenError::Malformed)? + RTCP_CLEAR_BYTES;
        // GCM has its tag before the index (RFC 7714 §9.2), counter mode behind it (RFC 3711 §3.4).
        let index_at = match self.rtcp {
            Cipher::Gcm { .. } => end + tag_bytes,
            Cipher::CounterMode(_) => end,
        };
        let trailer = word(packet, index_at).ok_or(OpenError::Malformed)?;
        if trailer & RTCP_ENCRYPTED == 0 {
            return Err(OpenError::NotAuthentic);
        }
        let index = trailer & !RTCP_ENCRYPTED;
        if !window.is_new(index.into()) {
            return Err(OpenError::Replayed);
        }
        match &self.rtcp {
            Cipher::Gcm { key, salt } => {
                let nonce = gcm_rtcp_nonce(salt, ssrc, index);
                let aad = gcm_rtcp_aad(packet, trailer.to_be_bytes());
                let body = &mut packet[RTCP_CLEAR_BYTES..index_at];
                key.open_in_place(nonce, Aad::from(aad), body)
                    .map_err(|_| OpenError::NotAuthentic)?;
            }
            Cipher::CounterMode(it) => {
                let (body, tag) = packet.split_at_mut(end + RTCP_INDEX_BYTES);
                let expected = authenticate(&it.auth, &[body]);
                is_tag(&expected.as_ref()[..tag_bytes], tag)?;
                it.count(ssrc, index.into(), &mut body[RTCP_CLEAR_BYTES..end])
                    .map_err(|_| OpenError::NotAuthentic)?;
            }
        }
        window.accept(index.into());
        Ok(end)
    }
}

impl std::fmt::Debug for Keys {
    /// Without keys.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Keys").finish_non_exhaustive()
    }
}

impl Cipher {
    fn new(
        profile: Profile,
        master: &[u8],
        master_salt: &[u8],
        labels: Labels,
        has_short_tag: bool,
    ) -> Result<Self, Unspecified> {
        let aes = if profile == Profile::AeadAes256Gcm { &AES_256 } else { &AES_128 };
        let derive = |label, out: &mut [u8]| derive(aes, master, master_salt, label, out);
        let mut key = [0; 32];
        let key = &mut key[..profile.key_bytes()];
        derive(labels.key, key)?;
        let gcm = match profile {
            Profile::AeadAes256Gcm => &AES_256_GCM,
            Profile::AeadAes128Gcm => &AES_128_GCM,
            Profile::Aes128CmSha1_80 | Profile::Aes128CmSha1_32 => {
                let mut salt = [0; CM_SALT_BYTES];
                derive(labels.salt, &mut salt)?;
                let mut auth = [0; HMAC_KEY_BYTES];
                derive(labels.auth, &mut auth)?;
                return Ok(Self::CounterMode(Box::new(CounterMode {
                    key: EncryptingKey::ctr(UnboundCipherKey::new(aes, key)?)?,
                    salt,
                    auth: hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &auth),
                    tag_bytes: if has_short_tag { SHORT_TAG_BYTES } else { LONG_TAG_BYTES },
                })));
            }
        };
        let mut salt = [0; GCM_SALT_BYTES];
        derive(labels.salt, &mut salt)?;
        Ok(Self::Gcm { key: LessSafeKey::new(UnboundKey::new(gcm, key)?), salt })
    }

    fn tag_bytes(&self) -> usize {
        match self {
            Self::Gcm { .. } => GCM_TAG_BYTES,
            Self::CounterMode(it) => it.tag_bytes,
        }
    }
}

impl CounterMode {
    /// Encrypts or decrypts (RFC 3711 §4.1.1).
    fn count(&self, ssrc: u32, index: u64, bytes: &mut [u8]) -> Result<(), Unspecified> {
        let mut counter = [0; 16];
        counter[..CM_SALT_BYTES].copy_from_slice(&self.salt);
        xor(&mut counter[4..8], &ssrc.to_be_bytes());
        xor(&mut counter[8..14], &index.to_be_bytes()[2..]);
        count(&self.key, counter, bytes)
    }
}

impl Window {
    /// The index of a packet with this sequence number (RFC 3711 §3.3.1); `None`: it has come, or is too old to tell.
    fn index(&self, sequence: u16) -> Option<u64> {
        let Some(newest) = self.newest else { return Some(sequence.into()) };
        let step = sequence.wrapping_sub(newest as u16) as i16;
        let index = newest.checked_add_signed(step.into())?;
        self.is_new(index).then_some(index)
    }

    fn is_new(&self, index: u64) -> bool {
        match self.newest {
            Some(newest) if index <= newest => {
                let behind = newest - index;
                behind < WINDOW_PACKETS && self.seen & (1 << behind) == 0
            }
            Some(_) | None => true,
        }
    }

    fn accept(&mut self, index: u64) {
        let newest = self.newest.unwrap_or(index);
        if index > newest {
            let step = u32::try_from(index - newest).unwrap_or(u32::MAX);
            self.seen = self.seen.checked_shl(step).unwrap_or(0) | 1;
            self.newest = Some(index);
        } else {
            self.seen |= 1 << (newest - index);
            self.newest = Some(newest);
        }
    }
}

/// The key stream that a session key is cut from (RFC 3711 §4.3.3), with a key derivation rate of 0.
fn derive(
    aes: &'static Algorithm,
    master: &[u8],
    salt: &[u8],
    label: u8,
    out: &mut [u8],
) -> Result<(), Unspecified> {
    let mut counter = [0; 16];
    // A salt of 96 bits is filled up on its right (RFC 7714 §11).
    counter[..salt.len()].copy_from_slice(salt);
    counter[7] ^= label;
    out.fill(0);
    count(&EncryptingKey::ctr(UnboundCipherKey::new(aes, master)?)?, counter, out)
}

/// Encrypts or decrypts in counter mode.
fn count(key: &EncryptingKey, counter: [u8; 16], bytes: &mut [u8]) -> Result<(), Unspecified> {
    if bytes.is_empty() {
        return Ok(());
    }
    key.less_safe_encrypt(bytes, EncryptionContext::Iv128(counter.into())).map(|_| ())
}

/// RFC 7714 §8.1.
fn gcm_rtp_nonce(salt: &[u8; GCM_SALT_BYTES], ssrc: u32, index: u64) -> Nonce {
    let mut nonce = *salt;
    xor(&mut nonce[2..6], &ssrc.to_be_bytes());
    xor(&mut nonce[6..], &index.to_be_bytes()[2..]);
    Nonce::assume_unique_for_key(nonce)
}

/// RFC 7714 §9.1.
fn gcm_rtcp_nonce(salt: &[u8; GCM_SALT_BYTES], ssrc: u32, index: u32) -> Nonce {
    let mut nonce = *salt;
    xor(&mut nonce[2..6], &ssrc.to_be_bytes());
    xor(&mut nonce[8..], &index.to_be_bytes());
    Nonce::assume_unique_for_key(nonce)
}

/// RFC 7714 §9.3: the header and the index. The packet is longer than the former, as its readers have checked.
fn gcm_rtcp_aad(packet: &[u8], trailer: [u8; RTCP_INDEX_BYTES]) -> [u8; 12] {
    let mut aad = [0; RTCP_CLEAR_BYTES + RTCP_INDEX_BYTES];
    aad[..RTCP_CLEAR_BYTES].copy_from_slice(&packet[..RTCP_CLEAR_BYTES]);
    aad[RTCP_CLEAR_BYTES..].copy_from_slice(&trailer);
    aad
}

fn rollover_counter(index: u64) -> [u8; 4] {
    ((index >> 16) as u32).to_be_bytes()
}

fn authenticate(key: &hmac::Key, parts: &[&[u8]]) -> hmac::Tag {
    let mut context = hmac::Context::with_key(key);
    parts.iter().for_each(|part| context.update(part));
    context.sign()
}

fn is_tag(expected: &[u8], tag: &[u8]) -> Result<(), OpenError> {
    constant_time::verify_slices_are_equal(expected, tag).map_err(|_| OpenError::NotAuthentic)
}

fn xor(bytes: &mut [u8], with: &[u8]) {
    bytes.iter_mut().zip(with).for_each(|(byte, with)| *byte ^= with);
}

fn word(packet: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(*packet.get(at..)?.first_chunk()?))
}

#[cfg(test)]
mod tests;
