//! Tokens: JSON Web Tokens with HS256, and no other algorithm.

use std::collections::HashMap;
use std::io::{ErrorKind, Read, Write};
use std::path::Path;
use std::sync::Mutex;
use std::time::Duration;

use interaction::{RightsVersion, SignIn, SignInId, UnixMs, UserId};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};

use super::User;

/// The key's file in the data directory.
pub(super) const KEY_FILE: &str = "token.key";
/// 256 bits, the size of the hash (RFC 7518 §3.2).
const KEY_BYTES: usize = 32;
/// Revoked tokens that are remembered; those that expire first are forgotten first.
const REVOKED_MAX: usize = 100_000;
/// A token is a few hundred bytes; nothing longer is looked at.
const TOKEN_BYTES_MAX: usize = 2048;

/// Signs and verifies tokens, and remembers those that were signed out.
pub(super) struct Tokens {
    encoding: EncodingKey,
    decoding: DecodingKey,
    validation: Validation,
    revoked: Mutex<HashMap<SignInId, u64>>,
}

/// Whom a token is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Holder {
    /// Somebody with an account; name and rights come from the store.
    Account,
    /// Somebody without; the name comes from the token.
    Guest,
}

/// What a token says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Claims {
    /// The user's id, hexadecimal.
    sub: String,
    /// Whom it is for.
    pub(super) kind: Holder,
    /// The account's, when it was made; another one ends the token. A guest's is 0.
    #[serde(default)]
    pub(super) generation: u64,
    /// When it was made, Unix s.
    iat: u64,
    /// When it ends, Unix s.
    exp: u64,
    /// The token's own id.
    jti: String,
    /// A guest's name; empty for an account.
    #[serde(default)]
    pub(super) name: String,
}

impl Claims {
    pub(super) fn new(
        user: &User,
        kind: Holder,
        generation: u64,
        now: UnixMs,
        life: Duration,
    ) -> Self {
        let now_s = now.0 / 1000;
        Self {
            sub: user.id.to_string(),
            kind,
            generation,
            iat: now_s,
            exp: now_s + life.as_secs(),
            jti: SignInId(rand::random()).to_string(),
            name: if user.is_guest() { user.name.clone() } else { String::new() },
        }
    }

    /// The user; an id that is none names nobody.
    pub(super) fn user(&self) -> UserId {
        self.sub.parse().unwrap_or(UserId(0))
    }

    pub(super) fn expires_at(&self) -> UnixMs {
        UnixMs(self.exp.saturating_mul(1000))
    }

    /// The sign-in, with the version of the rights that its user is read with.
    pub(super) fn sign_in(&self, rights: RightsVersion) -> SignIn {
        let (id, expires_at) = (self.id(), self.expires_at());
        SignIn { id, expires_at, generation: self.generation, rights }
    }

    /// The token's own id; one that can't be read is nobody's, and [`Tokens::verify`] refuses it.
    fn id(&self) -> SignInId {
        self.jti.parse().unwrap_or(SignInId(0))
    }
}

impl Tokens {
    /// Reads the key from the data directory, or makes one there that only its owner may read.
    pub(super) fn open(data: &Path) -> std::io::Result<Self> {
        Ok(Self::with_key(&read_or_make_key(&data.join(KEY_FILE))?))
    }

    fn with_key(key: &[u8]) -> Self {
        let mut validation = Validation::new(Algorithm::HS256);
        validation.set_required_spec_claims(&["exp", "sub"]);
        validation.leeway = 0;
        Self {
            encoding: EncodingKey::from_secret(key),
            decoding: DecodingKey::from_secret(key),
            validation,
            revoked: Mutex::default(),
        }
    }

    pub(super) fn sign(&self, claims: &Claims) -> String {
        jsonwebtoken::encode(&Header::new(Algorithm::HS256), claims, &self.encoding)
            .expect("claims are plain JSON, and the key fits the algorithm")
    }

    /// What the token says, if it is ours, has not expired and was not signed out.
    pub(super) fn verify(&self, token: &str) -> Option<Claims> {
        if token.len() > TOKEN_BYTES_MAX {
            return None;
        }
        let claims =
            jsonwebtoken::decode::<Claims>(token, &self.decoding, &self.validation).ok()?.claims;
        let id: SignInId = claims.jti.parse().ok()?;
        (!self.is_revoked(id)).then_some(claims)
    }

    /// Whether it was signed out.
    pub(super) fn is_revoked(&self, id: SignInId) -> bool {
        self.revoked().contains_key(&id)
    }

    /// Makes the token of this id invalid; `expires_at` (Unix ms) says until when it matters.
    pub(super) fn revoke(&self, id: SignInId, expires_at: u64) {
        let mut revoked = self.revoked();
        if revoked.len() >= REVOKED_MAX {
            let mut ends: Vec<u64> = revoked.values().copied().collect();
            let middle = ends.len() / 2;
            let (_, median, _) = ends.select_nth_unstable(middle);
            let median = *median;
            revoked.retain(|_, expires_at| *expires_at > median);
        }
        revoked.insert(id, expires_at);
    }

    fn revoked(&self) -> std::sync::MutexGuard<'_, HashMap<SignInId, u64>> {
        self.revoked.lock().expect("no code panics while it holds the revoked tokens")
    }
}

fn read_or_make_key(path: &Path) -> std::io::Result<Vec<u8>> {
    match std::fs::File::open(path) {
        Ok(mut file) => {
            let mut key = Vec::with_capacity(KEY_BYTES);
            file.read_to_end(&mut key)?;
            if key.len() == KEY_BYTES {
                return Ok(key);
            }
            let what = format!(
                "{} must have {KEY_BYTES} bytes; delete it to make a new one (everybody signs in again)",
                path.display()
            );
            Err(std::io::Error::new(ErrorKind::InvalidData, what))
        }
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let key: [u8; KEY_BYTES] = rand::random();
            let mut options = std::fs::OpenOptions::new();
            options.write(true).create_new(true);
            #[cfg(unix)]
            std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
            let mut file = options.open(path)?;
            file.write_all(&key)?;
            file.sync_all()?;
            Ok(key.to_vec())
        }
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UnixMs = UnixMs(4_000_000_000_000);

    fn claims(life_s: u64) -> Claims {
        let user = User::guest(UserId::guest(7), "Nora".to_owned(), Vec::new());
        Claims::new(&user, Holder::Guest, 0, NOW, Duration::from_secs(life_s))
    }

    /// A token put together by hand, as a forger would.
    fn forged(header: &str, claims: &Claims, signature: &str) -> String {
        let payload = serde_json::to_vec(claims).unwrap();
        format!("{}.{}.{signature}", base64url(header.as_bytes()), base64url(&payload))
    }

    fn base64url(bytes: &[u8]) -> String {
        const ALPHABET: &[u8; 64] =
            b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        let mut text = String::new();
        for chunk in bytes.chunks(3) {
            let word =
                (0..3).fold(0u32, |word, i| word << 8 | u32::from(*chunk.get(i).unwrap_or(&0)));
            for i in 0..=chunk.len() {
                text.push(char::from(ALPHABET[(word >> (18 - 6 * i)) as usize & 63]));
            }
        }
        text
    }

    #[test]
    fn ours_is_accepted_and_says_who() {
        let tokens = Tokens::with_key(&[7; KEY_BYTES]);
        let read = tokens.verify(&tokens.sign(&claims(60))).unwrap();
        assert_eq!(read.user(), UserId::guest(7));
        assert_eq!(read.name, "Nora");
        assert_eq!(read.expires_at(), UnixMs(NOW.0 + 60_000));
    }

    #[test]
    fn our_own_header_made_by_hand_is_what_we_sign() {
        // Shows that the forgeries below fail for their algorithm, not for their form.
        let tokens = Tokens::with_key(&[7; KEY_BYTES]);
        let claims = claims(60);
        let signed = tokens.sign(&claims);
        let (body, signature) = signed.rsplit_once('.').unwrap();
        let by_hand = forged(r#"{"typ":"JWT","alg":"HS256"}"#, &claims, signature);
        assert_eq!(by_hand.rsplit_once('.').unwrap().0, body);
        assert!(tokens.verify(&by_hand).is_some());
    }

    #[test]
    fn no_algorithm_is_no_token() {
        let tokens = Tokens::with_key(&[7; KEY_BYTES]);
        let signed = tokens.sign(&claims(60));
        let signature = signed.rsplit_once('.').unwrap().1;
        for algorithm in ["none", "None", "NONE", ""] {
            for signature in ["", signature] {
                let header = format!(r#"{{"typ":"JWT","alg":"{algorithm}"}}"#);
                let token = forged(&header, &claims(60), signature);
                assert_eq!(tokens.verify(&token), None, "alg {algorithm:?}");
            }
        }
    }

    #[test]
    fn another_algorithm_with_the_right_key_is_refused() {
        let key = [7; KEY_BYTES];
        let tokens = Tokens::with_key(&key);
        for algorithm in [Algorithm::HS384, Algorithm::HS512] {
            let header = Header::new(algorithm);
            let token = jsonwebtoken::encode(&header, &claims(60), &EncodingKey::from_secret(&key))
                .unwrap();
            assert_eq!(tokens.verify(&token), None, "{algorithm:?}");
        }
    }

    #[test]
    fn another_key_is_refused() {
        let token = Tokens::with_key(&[8; KEY_BYTES]).sign(&claims(60));
        assert_eq!(Tokens::with_key(&[7; KEY_BYTES]).verify(&token), None);
    }

    #[test]
    fn a_changed_claim_is_refused() {
        let tokens = Tokens::with_key(&[7; KEY_BYTES]);
        let signed = tokens.sign(&claims(60));
        let mut other = claims(60);
        other.kind = Holder::Account;
        let token =
            forged(r#"{"typ":"JWT","alg":"HS256"}"#, &other, signed.rsplit_once('.').unwrap().1);
        assert_eq!(tokens.verify(&token), None);
    }

    #[test]
    fn an_expired_one_is_refused() {
        let tokens = Tokens::with_key(&[7; KEY_BYTES]);
        let mut old = claims(60);
        old.exp = 1_000_000_000;
        assert_eq!(tokens.verify(&tokens.sign(&old)), None);
    }

    #[test]
    fn garbage_is_refused() {
        let tokens = Tokens::with_key(&[7; KEY_BYTES]);
        for token in ["", ".", "..", "a.b.c", "\u{0}", &"x".repeat(100_000)] {
            assert_eq!(tokens.verify(token), None);
        }
    }

    #[test]
    fn a_signed_out_one_is_refused_and_the_memory_is_bounded() {
        let tokens = Tokens::with_key(&[7; KEY_BYTES]);
        let claims = claims(60);
        let token = tokens.sign(&claims);
        tokens.revoke(claims.id(), u64::MAX);
        assert_eq!(tokens.verify(&token), None);
        for id in 0..REVOKED_MAX as u64 + 10 {
            tokens.revoke(SignInId(id.into()), id);
        }
        assert!(tokens.revoked().len() <= REVOKED_MAX);
        assert_eq!(tokens.verify(&token), None, "what expires last is forgotten last");
    }

    #[test]
    fn the_key_is_made_once_and_only_for_its_owner() {
        let directory = tempfile::tempdir().unwrap();
        let token = Tokens::open(directory.path()).unwrap().sign(&claims(60));
        assert!(Tokens::open(directory.path()).unwrap().verify(&token).is_some());
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let file = std::fs::metadata(directory.path().join(KEY_FILE)).unwrap();
            assert_eq!(file.permissions().mode() & 0o777, 0o600);
        }
        std::fs::write(directory.path().join(KEY_FILE), b"short").unwrap();
        assert!(Tokens::open(directory.path()).is_err());
    }
}
