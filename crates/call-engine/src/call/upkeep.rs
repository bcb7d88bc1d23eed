//! What is done now and then, outside the tick: levels, counters, codecs that are out of use, and how mixes are encoded: with
//! how much effort, and for how much loss.

use mixer::LEVEL_DBFS_MIN;

use super::*;

/// The least effort that Opus has.
const COMPLEXITY_MIN: u8 = 0;

impl Call {
    /// The level of every leg, for the meters; silence for those whom nobody may hear. Also gives
    /// back codecs that are out of use, so call it outside the tick, about ten times a second.
    pub fn levels(&mut self) -> Vec<LegLevel> {
        self.decoding.iter_mut().for_each(|it| it.count_into(&mut self.counters.playout));
        let arrivals = self.media.iter_mut().flatten().filter_map(|it| it.arrivals.as_mut());
        arrivals.for_each(|it| it.count_into(&mut self.counters.arrived));
        self.release_codecs();
        self.prepare_for_loss();
        let level = |leg: &interaction::Leg| {
            let level = self.mixer.level(leg.slot);
            let heard = self.heard.contains(Source::Leg(leg.slot));
            LegLevel {
                leg: leg.id,
                dbfs: if heard { level.dbfs } else { LEVEL_DBFS_MIN },
                speaking: heard && level.speaking,
            }
        };
        self.state.legs().iter().map(level).collect()
    }

    /// How the sound of those came who have left since the last time.
    pub fn take_departed(&mut self) -> Vec<(LegId, LegSound)> {
        std::mem::take(&mut self.departed)
    }

    /// Whether supervisors' mixes are made with the least effort, because there is too much to do. What parties hear is
    /// not: from how it sounds they would learn of others.
    pub fn ease(&mut self, is_eased: bool) {
        self.is_eased = is_eased;
        for (slot, media) in Slot::all().zip(&mut self.media) {
            let complexity = complexity(&self.config, is_eased, slot);
            if let Some(encoding) = media.as_mut().and_then(|it| it.encoding.as_mut()) {
                encoding.set_complexity(complexity);
            }
        }
    }

    /// Takes what a leg's station reports of the packets that it was sent: the share that was lost of late, 0 to 1.
    pub fn handle_reception(&mut self, leg: LegId, lost: f32) {
        let media = self.media.iter_mut().flatten().find(|media| media.leg == leg);
        if let Some(media) = media {
            media.reception.report(lost);
        }
    }

    /// Encoders prepare for what their own audience's listeners report.
    fn prepare_for_loss(&mut self) {
        let mut worst_percent = [0; AUDIENCES_MAX];
        for (slot, media) in Slot::all().zip(&mut self.media) {
            let Some(media) = media else { continue };
            media.reception.pass();
            let worst = &mut worst_percent[Audience::of(slot).index()];
            *worst = media.reception.expected_percent().max(*worst);
        }
        for (slot, media) in Slot::all().zip(&mut self.media) {
            if let Some(encoding) = media.as_mut().and_then(|it| it.encoding.as_mut()) {
                encoding.set_expected_loss_percent(worst_percent[Audience::of(slot).index()]);
            }
        }
    }

    fn release_codecs(&mut self) {
        self.changes.parted = None;
        for audience in Audience::all() {
            let legs = self.may_be_mixed_by(audience).union(self.mixer.needed(audience));
            self.decoding[audience.index()].release_all_but(legs);
        }
        for (slot, media) in Slot::all().zip(&mut self.media) {
            if let Some(media) = media
                && !self.mixer.may_mix(slot)
                && self.mixer.delivery(slot) != Delivery::Mix
            {
                media.encoding = None;
            }
        }
    }
}

/// The effort for the mixes that the leg in this slot leads.
pub(super) fn complexity(config: &CallConfig, is_eased: bool, slot: Slot) -> u8 {
    let is_supervisor = Audience::of(slot) == Audience::SUPERVISORS;
    if is_eased && is_supervisor { COMPLEXITY_MIN } else { config.encoder.complexity }
}
