//! The side that asks: nonces that need no memory until they are used rightly, and then are counted.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use subtle::ConstantTimeEq as _;

use super::{Algorithm, Challenge, Credentials, Secret};
use crate::message::Uri;

/// How long a nonce is good. A phone that uses it later is asked again (`stale`), and not for its password.
pub const NONCE_LIFE: Duration = Duration::from_secs(300);
/// Nonces whose uses are counted at the same time; beyond, the oldest are good no longer.
pub const NONCES_MAX: usize = 10_000;
/// Bytes of the code that says that a nonce is ours.
const CODE_BYTES: usize = 16;
/// Hexadecimal digits of a nonce before that: when, and something random.
const NAME_DIGITS: usize = 32;

type Code = Hmac<Sha256>;

/// Why somebody has not proved who they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Denied {
    /// The response fits no secret: another password, a name that nobody has, or another request's.
    #[error("the name or the secret is wrong")]
    Wrong,
    /// The secret is right; the nonce is not ours, too old, or was used with this count already.
    #[error("the nonce is not good any more")]
    Stale,
}

/// Asks, and holds answers against what is known.
#[derive(Debug)]
pub struct Verifier {
    realm: String,
    algorithms: Vec<Algorithm>,
    key: [u8; 32],
    /// Nonces' times count from here.
    begun: Option<Instant>,
    /// Those that were answered rightly, by their name, which begins with their time; how often.
    used: BTreeMap<String, u32>,
    /// Older ones are not counted any more, and so not good any more: ms.
    good_from_ms: u64,
}

impl Verifier {
    /// Nobody was asked yet. `key` is random, and makes nonces that nobody else can make.
    pub fn new(realm: &str, algorithms: Vec<Algorithm>, key: [u8; 32]) -> Self {
        let realm = realm.to_owned();
        Self { realm, algorithms, key, begun: None, used: BTreeMap::new(), good_from_ms: 0 }
    }

    /// What the secrets are for.
    pub fn realm(&self) -> &str {
        &self.realm
    }

    /// Asks: a header's value for each algorithm, the better one first. `random` is not used twice.
    pub fn challenges(&mut self, now: Instant, random: u64, stale: bool) -> Vec<String> {
        let name = format!("{:016x}{random:016x}", self.ms(now));
        let nonce = format!("{name}{}", hex::encode(self.code(&name)));
        let challenge = |algorithm| Challenge::new(&self.realm, &nonce, algorithm, stale);
        self.algorithms.iter().map(|it| challenge(*it).to_header()).collect()
    }

    /// Holds credentials of a request, by its method and the URI that it is for, against a secret. `None`, for a name that nobody has, takes as long and says the same as
    /// a wrong secret.
    ///
    /// # Errors
    /// See [`Denied`].
    pub fn verify(
        &mut self,
        now: Instant,
        (method, uri): (&str, &Uri),
        credentials: &Credentials,
        secret: Option<&Secret>,
    ) -> Result<(), Denied> {
        let nobody = Secret::new(String::new());
        let expected = credentials.expected(method, secret.unwrap_or(&nobody));
        let is_equal = expected.as_bytes().ct_eq(credentials.response.as_bytes());
        let is_asked_for = self.algorithms.contains(&credentials.algorithm);
        let is_its = credentials.is_for(uri);
        if !bool::from(is_equal) || secret.is_none() || !is_asked_for || !is_its {
            return Err(Denied::Wrong);
        }
        let name = self.good_name(now, &credentials.nonce).ok_or(Denied::Stale)?.to_owned();
        if credentials.count <= self.used.get(&name).copied().unwrap_or(0) {
            return Err(Denied::Stale);
        }
        self.forget_old(now);
        self.used.insert(name, credentials.count);
        Ok(())
    }

    /// Nonces whose uses are counted.
    pub fn counted(&self) -> usize {
        self.used.len()
    }

    /// The name of a nonce, if it is ours and good still.
    fn good_name<'a>(&mut self, now: Instant, nonce: &'a str) -> Option<&'a str> {
        let (name, code) = nonce.split_at_checked(NAME_DIGITS)?;
        let is_ours = self.code(name).ct_eq(&hex::decode(code).ok()?);
        let at_ms = u64::from_str_radix(name.get(..NAME_DIGITS / 2)?, 16).ok()?;
        let age_ms = self.ms(now).checked_sub(at_ms)?;
        let is_young = age_ms < NONCE_LIFE.as_millis() as u64;
        (bool::from(is_ours) && is_young && at_ms >= self.good_from_ms).then_some(name)
    }

    /// Makes room for one more.
    fn forget_old(&mut self, now: Instant) {
        let life_ms = NONCE_LIFE.as_millis() as u64;
        let oldest = format!("{:016x}", self.ms(now).saturating_sub(life_ms));
        self.used = self.used.split_off(&oldest);
        while self.used.len() >= NONCES_MAX {
            let Some((name, _)) = self.used.pop_first() else { return };
            let at_ms = u64::from_str_radix(&name[..NAME_DIGITS / 2], 16).unwrap_or(0);
            // Not counted any more: it, and whatever is as old, could be repeated.
            self.good_from_ms = at_ms + 1;
        }
    }

    fn ms(&mut self, now: Instant) -> u64 {
        let begun = *self.begun.get_or_insert(now);
        now.saturating_duration_since(begun).as_millis() as u64
    }

    fn code(&self, name: &str) -> [u8; CODE_BYTES] {
        let mut code = Code::new_from_slice(&self.key).expect("HMAC takes a key of any length");
        code.update(name.as_bytes());
        let whole = code.finalize().into_bytes();
        std::array::from_fn(|at| whole[at])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::Method;

    const SECRET: &str = "correct horse";

    #[expect(clippy::disallowed_methods, reason = "virtual time needs one real instant to begin")]
    fn start() -> Instant {
        Instant::now()
    }

    fn uri(text: &str) -> Uri {
        Uri::parse(text).unwrap()
    }

    struct Asked {
        verifier: Verifier,
        now: Instant,
        random: u64,
    }

    impl Asked {
        fn new() -> Self {
            let algorithms = vec![Algorithm::Sha256, Algorithm::Md5];
            Self { verifier: Verifier::new("sotto", algorithms, [7; 32]), now: start(), random: 0 }
        }

        fn challenges(&mut self) -> Vec<Challenge> {
            self.random += 1;
            let asked = self.verifier.challenges(self.now, self.random, false);
            asked.iter().map(|it| Challenge::parse(it).unwrap()).collect()
        }

        fn answer(
            &mut self,
            challenge: &Challenge,
            count: u32,
            secret: &str,
        ) -> Result<(), Denied> {
            let answer = challenge.answer(
                ("500", &Secret::new(secret)),
                (&Method::Register, "sip:sotto"),
                (count, "0a4f113b"),
            );
            let credentials = Credentials::parse(&answer).unwrap();
            self.verifier.verify(
                self.now,
                ("REGISTER", &uri("sip:sotto")),
                &credentials,
                Some(&Secret::new(SECRET)),
            )
        }
    }

    #[test]
    fn the_better_algorithm_is_asked_for_first_and_each_can_be_answered() {
        let mut asked = Asked::new();
        let challenges = asked.challenges();
        let algorithms: Vec<Algorithm> = challenges.iter().map(|it| it.algorithm).collect();
        assert_eq!(algorithms, [Algorithm::Sha256, Algorithm::Md5]);
        assert_eq!(asked.answer(&challenges[0], 1, SECRET), Ok(()));
        assert_eq!(asked.answer(&challenges[0], 2, "wrong"), Err(Denied::Wrong));
        let other = asked.challenges();
        assert_eq!(asked.answer(&other[1], 1, SECRET), Ok(()));
    }

    #[test]
    fn a_count_is_good_once_and_more_often_than_nine_times() {
        let mut asked = Asked::new();
        let challenge = asked.challenges().remove(0);
        // The tenth is 0000000a: hexadecimal.
        for count in 1..=20 {
            assert_eq!(asked.answer(&challenge, count, SECRET), Ok(()), "{count}");
            assert_eq!(
                asked.answer(&challenge, count, SECRET),
                Err(Denied::Stale),
                "{count} again"
            );
        }
        assert_eq!(asked.answer(&challenge, 300, SECRET), Ok(()), "some were lost on their way");
        assert_eq!(asked.answer(&challenge, 21, SECRET), Err(Denied::Stale));
    }

    #[test]
    fn a_nonce_ends_and_that_is_not_called_wrong() {
        let mut asked = Asked::new();
        let challenge = asked.challenges().remove(0);
        asked.now += NONCE_LIFE - Duration::from_millis(1);
        assert_eq!(asked.answer(&challenge, 1, SECRET), Ok(()));
        asked.now += Duration::from_millis(1);
        assert_eq!(asked.answer(&challenge, 2, SECRET), Err(Denied::Stale));
        assert_eq!(asked.answer(&challenge, 3, "wrong"), Err(Denied::Wrong));
    }

    #[test]
    fn a_nonce_of_somebody_elses_is_not_good() {
        let mut asked = Asked::new();
        let ours = asked.challenges().remove(0);
        for nonce in ["", "x", "é€é€é€é€é€é€é€é€é€é€é€", &"0".repeat(64)]
        {
            let mut challenge = ours.clone();
            challenge.nonce = nonce.to_owned();
            assert_eq!(asked.answer(&challenge, 1, SECRET), Err(Denied::Stale), "{nonce}");
        }
        let mut other = Verifier::new("sotto", vec![Algorithm::Md5], [8; 32]);
        let made = other.challenges(asked.now, 1, false).remove(0);
        let challenge = Challenge::parse(&made).unwrap();
        assert_eq!(asked.answer(&challenge, 1, SECRET), Err(Denied::Stale), "of another server");
    }

    #[test]
    fn a_name_that_nobody_has_is_as_wrong_as_a_wrong_secret_even_with_an_empty_one() {
        let mut asked = Asked::new();
        let challenge = asked.challenges().remove(0);
        let of = ("nobody", &Secret::new(""));
        let answer = challenge.answer(of, (&Method::Register, "sip:sotto"), (1, "c"));
        let credentials = Credentials::parse(&answer).unwrap();
        let denied =
            asked.verifier.verify(asked.now, ("REGISTER", &uri("sip:sotto")), &credentials, None);
        assert_eq!(denied, Err(Denied::Wrong));
    }

    #[test]
    fn an_algorithm_that_was_not_asked_for_is_not_taken() {
        let mut asked = Asked::new();
        asked.verifier.algorithms = vec![Algorithm::Sha256];
        let mut challenge = asked.challenges().remove(0);
        challenge.algorithm = Algorithm::Md5;
        assert_eq!(asked.answer(&challenge, 1, SECRET), Err(Denied::Wrong));
    }

    #[test]
    fn what_is_proved_for_one_number_is_no_proof_for_another() {
        let mut asked = Asked::new();
        let challenge = asked.challenges().remove(0);
        let secret = Secret::new(SECRET);
        let answer = challenge.answer(("500", &secret), (&Method::Invite, "sip:100@pbx"), (1, "c"));
        let credentials = Credentials::parse(&answer).unwrap();
        let mut verify = |for_what: &str| {
            let request = ("INVITE", &uri(for_what));
            asked.verifier.verify(asked.now, request, &credentials, Some(&secret))
        };
        assert_eq!(verify("sip:+1900555123@pbx"), Err(Denied::Wrong));
        assert_eq!(verify("sip:100@pbx:5060;transport=tcp"), Ok(()), "the same, written otherwise");
    }

    #[test]
    fn what_is_counted_is_bounded_and_what_is_not_counted_is_not_good() {
        let mut asked = Asked::new();
        let first = asked.challenges().remove(0);
        assert_eq!(asked.answer(&first, 1, SECRET), Ok(()));
        for _ in 0..NONCES_MAX {
            asked.now += Duration::from_millis(1);
            let challenge = asked.challenges().remove(0);
            assert_eq!(asked.answer(&challenge, 1, SECRET), Ok(()));
        }
        assert_eq!(asked.verifier.counted(), NONCES_MAX);
        assert_eq!(asked.answer(&first, 2, SECRET), Err(Denied::Stale), "it would be good twice");
        asked.now += NONCE_LIFE * 2;
        let challenge = asked.challenges().remove(0);
        assert_eq!(asked.answer(&challenge, 1, SECRET), Ok(()));
        assert_eq!(asked.verifier.counted(), 1);
    }
}
