//! An estimate of the mean opinion score, from what was measured of delay and loss.
//!
//! The E-model of ITU-T G.107 (06/2015) in the short form that is left when both ends are headsets without
//! echo and everything but delay and codec has its default value:
//!
//! `R = 93.2 − Idd(delay) − Ie,eff(loss, burstiness)`, and from R the score (G.107, Annex B).
//!
//! G.113 has no `Ie` and `Bpl` for Opus. They are fitted here in the way of
//! ITU-T P.834 (deriving impairment factors from an instrumental measure): PESQ-WB of Opus at
//! 28–30 kbit/s, 48 kHz mono, 20 ms a packet, measured with independent loss of 0 to 30 %, taken back to R
//! by the inverse of the score formula; `Ie` from the lossless value, `Bpl` by least squares over the scores:
//!
//! | loss | 0 % | 1 % | 5 % | 10 % | 20 % | 30 % | Bpl |
//! |---|---|---|---|---|---|---|---|
//! | plain, PESQ-WB | 4.39 | 4.16 | 2.56 | 2.02 | 1.63 | 1.44 | |
//! | plain, model | 4.37 | 4.06 | 2.82 | 2.00 | 1.38 | 1.18 | 7.6 |
//! | in-band FEC, PESQ-WB | 4.39 | 4.31 | 3.89 | 3.49 | 2.68 | 2.34 | |
//! | in-band FEC, model | 4.38 | 4.31 | 3.95 | 3.48 | 2.74 | 2.25 | 28.2 |
//! | RED, two frames, PESQ-WB | 4.39 | – | 4.39 | 4.34 | 3.93 | 3.65 | |
//! | RED, two frames, model | 4.39 | 4.37 | 4.29 | 4.18 | 3.95 | 3.71 | 111.8 |
//!
//! A mix is decoded and encoded a second time at the server. Impairment factors of codecs in a row add up
//! (G.113 §7): the second one's is the R between PESQ-WB 4.23, passed on, and 3.79, encoded again at
//! 24 kbit/s and complexity 5: 86.0 − 74.3. A leg that was mixed for a part of its time bears that part of it.
//! Other settings of the server's codec are not known here: at complexity 0 a mix is worse (3.45), at 10 better
//! (3.92), and at the server's default of 32 kbit/s and complexity 6 better, too. Nor is it known when a mix's
//! only talker was passed on as they are: so for legs that are mixed the estimate is a lower bound.
//!
//! What it is not: the scale is that of narrowband telephony (4.41 at best), on which it says nothing about
//! Opus being wideband; noise and echo are not in it. It compares runs and finds bad legs; for the sound itself measure full reference, with PESQ or ViSQOL.

/// R with every parameter at its default: the best a narrowband connection can be (G.107 §7.7).
const R_DEFAULT: f64 = 93.2;
/// The R that is lost at most (G.107 §7.5).
const IMPAIRMENT_MAX: f64 = 95.0;
/// Delay that nobody notices, ms (G.107 Table 1, delay sensitivity class "default": mT).
const UNNOTICED_MS: f64 = 100.0;
/// Opus at 28–30 kbit/s, as fitted above.
const OPUS_IE: f64 = 1.0;
/// Opus once more, in a mix, as derived above.
const SECOND_OPUS_IE: f64 = 11.8;

/// What the sender does against loss.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resilience {
    /// Nothing; the decoder conceals.
    Plain,
    /// Opus in-band FEC: a packet carries a coarse copy of the one before.
    InBandFec,
    /// RFC 2198: a packet carries the two before it.
    RedundantFrames,
}

impl Resilience {
    /// The packet-loss robustness factor, as fitted in the module's table.
    fn robustness(self) -> f64 {
        match self {
            Self::Plain => 7.6,
            Self::InBandFec => 28.2,
            Self::RedundantFrames => 111.8,
        }
    }
}

/// What was measured of a leg.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Conditions {
    /// From mouth to ear, ms; what counts is the mean or median.
    pub delay_ms: f64,
    /// Packets that were lost or came too late to be played, of those expected, 0 to 1. Packets whose
    /// sound FEC brought back count as lost: the robustness factor knows.
    pub loss: f64,
    /// See [`burst_ratio`]; 1 for independent loss.
    pub burst_ratio: f64,
    /// What the sender does against loss.
    pub resilience: Resilience,
    /// The share of the time in which the sound was mixed, and so encoded a second time, 0 to 1.
    pub mixed: f64,
}

impl Conditions {
    /// The rating factor R, 0 to 93.2 (G.107 equation 7-1).
    pub fn rating(&self) -> f64 {
        let impairment = delay_impairment(self.delay_ms)
            + equipment_impairment(self.loss, self.burst_ratio, self.resilience)
            + SECOND_OPUS_IE * self.mixed.clamp(0.0, 1.0);
        (R_DEFAULT - impairment).max(0.0)
    }

    /// The estimated mean opinion score (MOS-CQE), 1 to 4.5.
    pub fn mos(&self) -> f64 {
        score(self.rating())
    }
}

/// How much longer bursts of loss are than they would be by chance (G.107 §7.5, BurstR): the mean length of
/// the `bursts` in which `lost` of `expected` packets went missing, over that of independent loss as
/// frequent, 1 / (1 − loss). At least 1: loss more even than chance is no better here.
pub fn burst_ratio(lost: u64, bursts: u64, expected: u64) -> f64 {
    if bursts == 0 || expected == 0 {
        return 1.0;
    }
    let loss = (lost as f64 / expected as f64).min(1.0);
    let mean_length = lost as f64 / bursts as f64;
    (mean_length * (1.0 - loss)).max(1.0)
}

/// From R to the score (G.107 Annex B, equation B-4). The cubic dips below 1 for R under 6.5; 1 is the least.
fn score(rating: f64) -> f64 {
    if rating >= 100.0 {
        return 4.5;
    }
    let cubic = rating * (rating - 60.0) * (100.0 - rating) * 7e-6;
    (1.0 + 0.035 * rating + cubic).max(1.0)
}

/// Idd: the impairment by delay itself, without echo (G.107 equations 7-27 and 7-28, sT = 1).
fn delay_impairment(delay_ms: f64) -> f64 {
    if delay_ms <= UNNOTICED_MS {
        return 0.0;
    }
    let doublings = (delay_ms / UNNOTICED_MS).log2();
    let term = |x: f64| (1.0 + x.powi(6)).powf(1.0 / 6.0);
    25.0 * (term(doublings) - 3.0 * term(doublings / 3.0) + 2.0)
}

/// Ie,eff: the impairment by codec and loss (G.107 equation 7-29).
fn equipment_impairment(loss: f64, burst_ratio: f64, resilience: Resilience) -> f64 {
    let loss_percent = loss.clamp(0.0, 1.0) * 100.0;
    let share = loss_percent / (loss_percent / burst_ratio.max(1.0) + resilience.robustness());
    // A long burst could take more than there is.
    OPUS_IE + (IMPAIRMENT_MAX - OPUS_IE) * share.min(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: Conditions = Conditions {
        delay_ms: 80.0,
        loss: 0.0,
        burst_ratio: 1.0,
        resilience: Resilience::InBandFec,
        mixed: 0.0,
    };

    #[test]
    fn scores_are_those_of_the_standard() {
        // G.107 Annex B, Table B.1: R, MOS.
        for (rating, mos) in [(90.0, 4.34), (80.0, 4.03), (70.0, 3.60), (60.0, 3.10), (50.0, 2.58)]
        {
            assert!((score(rating) - mos).abs() < 0.0075, "R {rating}: {}", score(rating));
        }
        // With every parameter at its default.
        assert!((score(93.2) - 4.41).abs() < 0.005);
        assert_eq!((score(0.0), score(3.0), score(100.0)), (1.0, 1.0, 4.5));
    }

    #[test]
    fn delay_costs_what_the_standard_says() {
        // The echo-free curve of G.114, figure 1, is this function: none until 100 ms, a knee after 150 ms.
        for (delay_ms, lost) in [
            (0.0, 0.0),
            (100.0, 0.0),
            (150.0, 0.164),
            (200.0, 3.044),
            (300.0, 14.761),
            (400.0, 24.07),
        ] {
            assert!((delay_impairment(delay_ms) - lost).abs() < 0.005, "{delay_ms} ms");
        }
    }

    #[test]
    fn loss_costs_what_was_measured() {
        let table = [
            (Resilience::Plain, [4.39, 4.16, 2.56, 2.02, 1.63, 1.44], 0.28),
            (Resilience::InBandFec, [4.39, 4.31, 3.89, 3.49, 2.68, 2.34], 0.1),
            (Resilience::RedundantFrames, [4.39, 4.38, 4.39, 4.34, 3.93, 3.65], 0.17),
        ];
        for (resilience, measured, within) in table {
            for (loss, pesq) in [0.0, 0.01, 0.05, 0.1, 0.2, 0.3].into_iter().zip(measured) {
                let mos = Conditions { loss, resilience, ..GOOD }.mos();
                assert!((mos - pesq).abs() <= within, "{resilience:?}, {loss}: {mos}, not {pesq}");
            }
        }
    }

    #[test]
    fn a_second_encoding_costs_what_was_measured_and_half_of_it_half() {
        let mos = |mixed| Conditions { mixed, ..GOOD }.mos();
        // 4.23 and 3.79 by PESQ-WB, on a corpus that scores lower by 0.15 at its best.
        assert!((mos(0.0) - mos(1.0) - (4.23 - 3.79)).abs() < 0.1, "{} {}", mos(0.0), mos(1.0));
        let rating = |mixed| Conditions { mixed, ..GOOD }.rating();
        assert!((rating(0.0) - rating(0.5) - SECOND_OPUS_IE / 2.0).abs() < 1e-9);
    }

    #[test]
    fn bursts_are_worse_than_the_same_loss_spread_out() {
        let spread = Conditions { loss: 0.03, ..GOOD };
        let bursty = Conditions { burst_ratio: 3.0, ..spread };
        assert!(bursty.mos() < spread.mos());
        assert_eq!(burst_ratio(0, 0, 100), 1.0);
        assert_eq!(burst_ratio(10, 10, 100), 1.0, "more even than chance");
        assert_eq!(burst_ratio(10, 2, 100), 4.5);
        let nothing_came = Conditions { loss: 1.0, burst_ratio: 100.0, delay_ms: 500.0, ..GOOD };
        assert_eq!((nothing_came.rating(), nothing_came.mos()), (0.0, 1.0));
    }
}
