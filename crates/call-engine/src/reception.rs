//! How a listener's packets arrive with them, and so what their encoder prepares for.
//!
//! A mix is encoded for one party, or for all supervisors of the call together. A party's prepares for what that party
//! reports (RTCP) and for nothing else, so that nobody's network but their own is in what they hear; the supervisors' for
//! the worst of theirs.

/// So much stays of an earlier, greater loss from one upkeep to the next: half of it is forgotten in 7 s. Some of what
/// was lost at random in one report is not in the next one.
const KEPT: f32 = 0.99;
/// Less than this is no loss, percent: then no bit is spent on it.
const LOSS_PERCENT_MIN: f32 = 0.5;

/// What a listener reports.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Reception {
    reported_percent: f32,
    expected_percent: f32,
}

impl Reception {
    /// Nothing was reported yet: so much is expected.
    pub fn new(expected_percent: u8) -> Self {
        let percent = f32::from(expected_percent);
        Self { reported_percent: percent, expected_percent: percent }
    }

    /// Takes a report: the share of packets that were lost of late, 0 to 1.
    pub fn report(&mut self, lost: f32) {
        // A number that is none reports nothing.
        if lost.is_finite() {
            self.reported_percent = (lost * 100.0).clamp(0.0, 100.0);
            self.expected_percent = self.expected_percent.max(self.reported_percent);
        }
    }

    /// A tenth of a second has passed.
    pub fn pass(&mut self) {
        self.expected_percent = self.reported_percent.max(self.expected_percent * KEPT);
    }

    /// The loss to prepare for, percent; 0: none.
    pub fn expected_percent(&self) -> u8 {
        if self.expected_percent < LOSS_PERCENT_MIN {
            0
        } else {
            self.expected_percent.round().max(1.0) as u8
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(reception: &mut Reception, tenths: usize) -> u8 {
        (0..tenths).for_each(|_| reception.pass());
        reception.expected_percent()
    }

    #[test]
    fn loss_is_prepared_for_at_once_and_forgotten_slowly() {
        let mut reception = Reception::new(10);
        assert_eq!(after(&mut reception, 10_000), 10, "nothing was reported");
        reception.report(0.2);
        assert_eq!(reception.expected_percent(), 20);
        reception.report(0.0);
        assert_eq!(after(&mut reception, 69), 10);
        assert_eq!(after(&mut reception, 100), 4);
        assert_eq!(after(&mut reception, 300), 0);
    }

    #[test]
    fn a_lasting_loss_is_prepared_for_as_it_is() {
        let mut reception = Reception::new(10);
        for lost in [0.02, 0.08, 0.05, 0.0, 0.07] {
            reception.report(lost);
            assert!((5..=10).contains(&after(&mut reception, 10)), "{reception:?}");
        }
        reception.report(0.007);
        assert_eq!(after(&mut reception, 10_000), 1);
        for odd in [f32::NAN, f32::INFINITY, -3.0, 7.0] {
            reception.report(odd);
            assert!(reception.expected_percent() <= 100);
        }
    }
}
