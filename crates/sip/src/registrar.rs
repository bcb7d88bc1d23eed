//! The registrar for phones (RFC 3261 §10.3): who has which extension, and where its phones are reached.
//!
//! A phone says who it is by digest ([`crate::digest`]); an extension that nobody has is answered as a wrong
//! secret. Who is at none of the phones' networks is not heard at all, and who tries too much is not answered.

use std::net::IpAddr;
use std::time::{Duration, Instant};

use budget::{Networks, Rate, Rates};

use crate::digest::{Algorithm, Credentials, Denied, Secret, Verifier};
use crate::message::{Headers, NameAddr, Reply, Request, Scheme, Uri};
use crate::peer::Peer;

/// Phones that one extension may have at the same time; one more, and the one that was heard of longest ago is
/// forgotten.
pub const CONTACTS_MAX: usize = 3;
/// The shortest time for which a phone may register (423 below), s.
pub const EXPIRES_MIN_S: u32 = 60;
/// The longest one; whoever asks for more gets this, s.
pub const EXPIRES_MAX_S: u32 = 3_600;
/// Bytes of a Contact's other parameters that are said back; of one that has more, none is.
const PARAMETERS_BYTES_MAX: usize = 512;
/// For how long, if a phone does not say, s.
const EXPIRES_DEFAULT_S: u32 = 3_600;

/// REGISTERs of one address: an office's phones that all start anew after a power cut, twice each.
const REGISTERS: Rate = Rate::new(400, Duration::from_millis(50));
/// Wrong answers by one address for one extension: somebody who mistypes.
const WRONG: Rate = Rate::new(10, Duration::from_secs(30));
/// Wrong answers by one address for all extensions.
const WRONG_OF_ADDRESS: Rate = Rate::new(100, Duration::from_secs(1));
/// Addresses, and extensions of addresses, that are counted at the same time.
const COUNTED_MAX: usize = 4_096;

/// Which phone's account: its place in the configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PhoneId(pub usize);

/// What phones may register, and from where.
#[derive(Clone, Debug)]
pub struct RegistrarConfig {
    /// What the secrets are for, as phones are told.
    pub realm: String,
    /// How it is proved; the better one first.
    pub algorithms: Vec<Algorithm>,
    /// Networks that phones are in; whoever else registers is not answered.
    pub networks: Networks,
    /// Extension, which is the name that is proved, too, and secret.
    pub phones: Vec<(String, Secret)>,
}

/// Where one phone is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Binding {
    /// As it calls itself.
    pub contact: Uri,
    /// Where it registered from: behind a NAT the only way to it.
    pub peer: Peer,
    /// Until when.
    pub expires_at: Instant,
    /// What else its Contact says (`+sip.instance` of RFC 5626, say): phones look for their own in the answer, and by
    /// what is in it they know when to register again.
    parameters: String,
    call_id: String,
    sequence: u32,
    heard_at: Instant,
}

/// What became of a REGISTER.
#[derive(Debug)]
pub(crate) enum Registration {
    /// It is not answered: too much was tried.
    Ignored,
    /// Who it is was not proved: this is said, and nothing remembered.
    Denied(Reply),
    /// It is who it says; what is answered, and whether its phones are others now.
    Proved(PhoneId, Reply, Change),
}

/// What a REGISTER, or time, has changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// Nothing, or it goes on for longer.
    Renewed,
    /// A phone is there that was not there before.
    Arrived,
    /// One is gone; others of the extension may be there.
    Left,
}

/// The phones that are there.
#[derive(Debug)]
pub struct Registrar {
    config: RegistrarConfig,
    verifier: Verifier,
    /// By phone account.
    bindings: Vec<Vec<Binding>>,
    begun: Rates<IpAddr>,
    wrong: Rates<(IpAddr, String)>,
    wrong_of_address: Rates<IpAddr>,
}

impl Registrar {
    /// No phone is there yet. `key` is random.
    pub(crate) fn new(config: RegistrarConfig, key: [u8; 32]) -> Self {
        Self {
            verifier: Verifier::new(&config.realm, config.algorithms.clone(), key),
            bindings: vec![Vec::new(); config.phones.len()],
            begun: Rates::new(REGISTERS, COUNTED_MAX),
            wrong: Rates::new(WRONG, COUNTED_MAX),
            wrong_of_address: Rates::new(WRONG_OF_ADDRESS, COUNTED_MAX),
            config,
        }
    }

    /// Whether a phone may be at this address.
    pub(crate) fn may_be_at(&self, address: IpAddr) -> bool {
        !self.config.phones.is_empty() && self.config.networks.contains(address)
    }

    /// The account of the phone that is registered from exactly there.
    pub(crate) fn phone_at(&self, peer: Peer) -> Option<PhoneId> {
        let is_there =
            |it: &Binding| it.peer.transport == peer.transport && it.peer.address == peer.address;
        self.bindings.iter().position(|of_one| of_one.iter().any(is_there)).map(PhoneId)
    }

    /// Where the phones of an account are reached.
    pub(crate) fn bindings(&self, id: PhoneId) -> &[Binding] {
        self.bindings.get(id.0).map_or(&[], Vec::as_slice)
    }

    /// How many there are.
    pub(crate) fn count(&self) -> usize {
        self.bindings.iter().map(Vec::len).sum()
    }

    /// When the first registration ends.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        self.bindings.iter().flatten().map(|it| it.expires_at).min()
    }

    /// Forgets the registrations that are over; whose phones have changed by it.
    pub(crate) fn handle_timeout(&mut self, now: Instant) -> Vec<PhoneId> {
        self.forget(|it| it.expires_at <= now)
    }

    /// A stream has ended, and with it the way to the phones that registered on it: they come back on another.
    pub(crate) fn handle_connection_closed(&mut self, connection: u64) -> Vec<PhoneId> {
        self.forget(|it| it.peer.transport.is_reliable() && it.peer.connection == connection)
    }

    fn forget(&mut self, is_over: impl Fn(&Binding) -> bool) -> Vec<PhoneId> {
        let mut changed = Vec::new();
        for (place, of_one) in self.bindings.iter_mut().enumerate() {
            let before = of_one.len();
            of_one.retain(|it| !is_over(it));
            if of_one.len() < before {
                changed.push(PhoneId(place));
            }
        }
        changed
    }

    /// A REGISTER from an address that phones may be at. `random` is not used twice.
    pub(crate) fn handle_register(
        &mut self,
        now: Instant,
        from: Peer,
        request: &Request,
        random: u64,
    ) -> Registration {
        let address = from.address.ip();
        if self.begun.take(now, address).is_err() {
            return Registration::Ignored;
        }
        let answer = |status| Reply::to(request, from.address, status);
        let credentials = Credentials::of(&request.headers, self.verifier.realm());
        let Some(credentials) = credentials else {
            return Registration::Denied(self.asked(now, answer(401), (random, false)));
        };
        let wrong_key = (address, credentials.username.clone());
        let tries_too_much = self.wrong.check(now, &wrong_key).is_err()
            || self.wrong_of_address.check(now, &address).is_err();
        if tries_too_much {
            return Registration::Ignored;
        }
        // Who proves one extension registers no other.
        let wanted = request.core.to.uri.user.as_deref().unwrap_or_default();
        let known =
            self.config.phones.iter().position(|(extension, _)| {
                *extension == credentials.username && *extension == wanted
            });
        let secret = known.map(|place| self.config.phones[place].1.clone());
        let proved =
            self.verifier.verify(now, ("REGISTER", &request.uri), &credentials, secret.as_ref());
        match (proved, known) {
            (Ok(()), Some(place)) => {
                let (reply, change) = self.register(now, (PhoneId(place), from), request);
                Registration::Proved(PhoneId(place), reply, change)
            }
            (Err(Denied::Stale), _) => {
                Registration::Denied(self.asked(now, answer(401), (random, true)))
            }
            (Err(Denied::Wrong), _) | (Ok(()), None) => {
                // Checked above: there is one to take.
                let _ = self.wrong.take(now, wrong_key);
                let _ = self.wrong_of_address.take(now, address);
                Registration::Denied(self.asked(now, answer(401), (random, false)))
            }
        }
    }

    fn asked(&mut self, now: Instant, reply: Reply, (random, stale): (u64, bool)) -> Reply {
        let challenges = self.verifier.challenges(now, random, stale);
        challenges.into_iter().fold(reply, |reply, it| reply.with("WWW-Authenticate", it))
    }

    /// Does what a phone asks that is who it says (RFC 3261 §10.3, steps 5 to 8).
    fn register(
        &mut self,
        now: Instant,
        (id, from): (PhoneId, Peer),
        request: &Request,
    ) -> (Reply, Change) {
        let answer = |status| Reply::to(request, from.address, status);
        let bindings = &mut self.bindings[id.0];
        let wanted = match wanted(&request.headers) {
            Ok(wanted) => wanted,
            Err(BadContact::Unreadable) => {
                return (answer(400).because("Bad Contact"), Change::Renewed);
            }
            Err(BadContact::TooBrief) => {
                let reply = answer(423).with("Min-Expires", EXPIRES_MIN_S.to_string());
                return (reply, Change::Renewed);
            }
        };
        let (call_id, sequence) = (&request.core.call_id, request.core.sequence);
        let is_outdated = |it: &Binding| it.call_id == *call_id && it.sequence >= sequence;
        let change = match wanted {
            Wanted::Nothing => Change::Renewed,
            Wanted::RemoveAll if bindings.iter().any(is_outdated) => {
                return (answer(500), Change::Renewed);
            }
            Wanted::RemoveAll if bindings.is_empty() => Change::Renewed,
            Wanted::RemoveAll => {
                bindings.clear();
                Change::Left
            }
            Wanted::Change(contacts) => {
                let named = |it: &&Binding| {
                    contacts.iter().any(|(wanted, _)| same(&wanted.uri, &it.contact))
                };
                if bindings.iter().filter(named).any(is_outdated) {
                    return (answer(500), Change::Renewed);
                }
                let origin = (from, call_id.as_str(), sequence);
                let mut change = Change::Renewed;
                for contact in contacts {
                    change = bind(bindings, now, contact, origin).unwrap_or(change);
                }
                change
            }
        };
        let reply = bindings.iter().fold(answer(200), |reply, it| {
            let left = it.expires_at.saturating_duration_since(now).as_secs_f64().ceil();
            reply.with("Contact", format!("<{}>{};expires={left}", it.contact, it.parameters))
        });
        (reply, change)
    }
}

/// Sets, renews or removes one contact; what has changed by it.
fn bind(
    bindings: &mut Vec<Binding>,
    now: Instant,
    (named, expires_s): (NameAddr, u32),
    (peer, call_id, sequence): (Peer, &str, u32),
) -> Option<Change> {
    let known = bindings.iter().position(|it| same(&it.contact, &named.uri));
    if expires_s == 0 {
        bindings.remove(known?);
        return Some(Change::Left);
    }
    let expires_at = now + Duration::from_secs(expires_s.into());
    let call_id = call_id.to_owned();
    let mut parameters = named.parameters_but("expires");
    if parameters.len() > PARAMETERS_BYTES_MAX {
        parameters.clear();
    }
    let contact = named.uri;
    let binding =
        Binding { contact, peer, expires_at, parameters, call_id, sequence, heard_at: now };
    match known {
        Some(place) => {
            // Another Call-ID for the same contact: the phone was started anew (RFC 3261 §10.2).
            let is_new = bindings[place].call_id != binding.call_id;
            bindings[place] = binding;
            is_new.then_some(Change::Arrived)
        }
        None => {
            if bindings.len() >= CONTACTS_MAX {
                let silent = bindings.iter().enumerate().min_by_key(|(_, it)| it.heard_at);
                let silent = silent.map(|(place, _)| place);
                silent.map(|place| bindings.remove(place));
            }
            bindings.push(binding);
            Some(Change::Arrived)
        }
    }
}

/// Whether two contacts are one (RFC 3261 §19.1.4, as far as phones make use of it).
fn same(one: &Uri, other: &Uri) -> bool {
    let parts = |uri: &Uri| (uri.user.clone(), uri.host.to_ascii_lowercase(), uri.port);
    parts(one) == parts(other) && one.parameter("transport") == other.parameter("transport")
}

/// What a REGISTER wants.
enum Wanted {
    /// To know what is registered.
    Nothing,
    /// `*`.
    RemoveAll,
    /// These contacts, each for so many seconds; 0: no longer.
    Change(Vec<(NameAddr, u32)>),
}

enum BadContact {
    /// 400.
    Unreadable,
    /// 423.
    TooBrief,
}

fn wanted(headers: &Headers) -> Result<Wanted, BadContact> {
    let contacts: Vec<&str> = headers.list("Contact").collect();
    // RFC 3261 §20.19: what can't be read is the default.
    let of_all = headers.get("Expires").map(|it| it.trim().parse().unwrap_or(EXPIRES_DEFAULT_S));
    match contacts.as_slice() {
        [] => return Ok(Wanted::Nothing),
        ["*"] if of_all == Some(0) => return Ok(Wanted::RemoveAll),
        [..] => {}
    }
    // As many as may be there: a phone names itself, and perhaps where it was before.
    if contacts.len() > CONTACTS_MAX {
        return Err(BadContact::Unreadable);
    }
    let mut wanted = Vec::new();
    for text in contacts {
        let contact = NameAddr::parse(text).ok_or(BadContact::Unreadable)?;
        if !matches!(contact.uri.scheme, Scheme::Sip | Scheme::Sips) {
            return Err(BadContact::Unreadable);
        }
        let own = contact.parameter("expires").and_then(|it| it.parse::<u32>().ok());
        let expires_s = own.or(of_all).unwrap_or(EXPIRES_DEFAULT_S).min(EXPIRES_MAX_S);
        if (1..EXPIRES_MIN_S).contains(&expires_s) {
            return Err(BadContact::TooBrief);
        }
        wanted.push((contact, expires_s));
    }
    Ok(Wanted::Change(wanted))
}
