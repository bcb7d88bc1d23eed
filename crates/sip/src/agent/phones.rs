//! Phones: who is heard at all, and what a REGISTER comes to.

use std::time::Instant;

use rand::RngExt as _;

use super::{Timer, UserAgent, Verdict};
use crate::admission::TrunkId;
use crate::message::Request;
use crate::registrar::{Binding, Change, PhoneId, Registration};
use crate::server_transaction::ServerKey;
use crate::types::{Event, Peer};

/// What is known of a sender before anything is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// It is at a trunk's address.
    Trunk(TrunkId),
    /// A phone is registered there.
    Phone,
    /// A phone may be there; nothing but a REGISTER is answered.
    Unregistered,
}

impl UserAgent {
    /// Where the phones of an account are reached at this moment.
    pub fn bindings(&self, phone: PhoneId) -> &[Binding] {
        self.registrar.as_ref().map_or(&[], |it| it.bindings(phone))
    }

    /// Phones that are there at this moment.
    pub fn phones_count(&self) -> usize {
        self.registrar.as_ref().map_or(0, crate::registrar::Registrar::count)
    }

    /// `None`: nobody here knows it.
    pub(super) fn standing(&self, from: Peer) -> Option<Standing> {
        let address = from.address.ip();
        let phones = self.registrar.as_ref().filter(|it| it.may_be_at(address));
        if phones.is_some_and(|it| it.phone_at(from).is_some()) {
            return Some(Standing::Phone);
        }
        match self.admission.trunk_of(address) {
            Some(trunk) => Some(Standing::Trunk(trunk)),
            None => phones.map(|_| Standing::Unregistered),
        }
    }

    /// Whether phones may register from there.
    pub(super) fn takes_register(&self, from: Peer) -> bool {
        self.registrar.as_ref().is_some_and(|it| it.may_be_at(from.address.ip()))
    }

    pub(super) fn handle_register(
        &mut self,
        now: Instant,
        from: Peer,
        key: &ServerKey,
        request: &Request,
    ) -> Verdict {
        let random = self.random.random();
        let Some(registrar) = &mut self.registrar else { return Verdict::Stranger };
        match registrar.handle_register(now, from, request, random) {
            Registration::Ignored => Verdict::TooMany,
            Registration::Denied(reply) => {
                self.answer_stateless(request, from, reply);
                Verdict::Taken
            }
            Registration::Proved(phone, reply, change) => {
                // With a transaction: the same datagram again would be a repeated count.
                self.begin_server(key, request, from);
                let tag = self.token();
                let reply = reply.tagged(&tag).with("Server", &self.config.product);
                self.answer(now, key, &reply);
                self.tell_phone(phone, change);
                self.watch_phones();
                Verdict::Taken
            }
        }
    }

    pub(super) fn phones_timeout(&mut self, now: Instant) {
        let gone = self.registrar.as_mut().map(|it| it.handle_timeout(now)).unwrap_or_default();
        gone.into_iter().for_each(|phone| self.tell_phone(phone, Change::Left));
        self.watch_phones();
    }

    pub(super) fn phones_lost_stream(&mut self, connection: u64) {
        let gone = self.registrar.as_mut().map(|it| it.handle_connection_closed(connection));
        gone.unwrap_or_default().into_iter().for_each(|it| self.tell_phone(it, Change::Left));
    }

    fn tell_phone(&mut self, phone: PhoneId, change: Change) {
        let is_there = !self.bindings(phone).is_empty();
        self.tell(Event::Phone { phone, change, is_there });
    }

    /// One timer for the first registration that ends; whoever renews moves that on.
    fn watch_phones(&mut self) {
        let deadline = self.registrar.as_ref().and_then(|it| it.deadline());
        if let Some(timer) = self.phones_watched.take() {
            self.timers.cancel(timer);
        }
        self.phones_watched = deadline.map(|at| self.timers.set(at, Timer::Phones));
    }
}
