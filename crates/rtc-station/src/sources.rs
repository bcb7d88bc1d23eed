//! Which SSRCs a client may send with.
//!
//! Normally the offer announces them (`a=ssrc`, RFC 5576). A client that announces none is bound
//! to the first SSRC that authenticates. Until then one candidate at a time is tried, so that
//! forged packets cannot make the station keep state for each.

#[derive(Debug)]
pub(crate) struct Sources {
    known: Vec<u32>,
    confirmed: bool,
}

impl Sources {
    pub(crate) fn new(announced: &[u32]) -> Self {
        Self { known: announced.to_vec(), confirmed: !announced.is_empty() }
    }

    pub(crate) fn knows(&self, ssrc: u32) -> bool {
        self.known.contains(&ssrc)
    }

    pub(crate) fn may_learn(&self) -> bool {
        !self.confirmed
    }

    /// Makes `ssrc` the candidate; returns the one it replaces.
    pub(crate) fn try_out(&mut self, ssrc: u32) -> Option<u32> {
        let old = self.known.pop();
        self.known.push(ssrc);
        old
    }

    /// A packet with `ssrc` was authentic.
    pub(crate) fn confirm(&mut self, ssrc: u32) {
        self.confirmed |= self.knows(ssrc);
    }
}
