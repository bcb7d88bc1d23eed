//! How `str0m` is set up, and how its values become ours.

use std::time::{Duration, Instant};

use str0m::format::{Codec, FormatParams};
use str0m::media::{Frequency, Mid, Pt};
use str0m::rtp::{Extension, ExtensionMap, RtpPacket};
use str0m::{IceCreds, Rtc};

use crate::offer::Offer;
use crate::types::RtpIn;

/// `str0m` needs a name for the section of the first track; it never leaves the process.
pub(crate) const MID: &str = "audio";
/// How often RTCP's figures are collected.
const STATS_INTERVAL: Duration = Duration::from_secs(2);

/// `str0m` with one Opus payload type, the client's number for it, and no sending extension.
pub(crate) fn build(offer: &Offer, local: &IceCreds, now: Instant) -> Rtc {
    // Only the audio level is mapped, to be read; RtpWrite never sets one. Without the mid
    // extension in the map `str0m` cannot write that either.
    let mut extensions = ExtensionMap::empty();
    if let Some(id) = offer.audio_level_id {
        extensions.set(id, Extension::AudioLevel);
    }
    let mut config = Rtc::builder()
        .set_local_ice_credentials(local.clone())
        .set_ice_lite(true)
        .set_rtp_mode(true)
        .set_crypto_provider(crate::dtls::crypto_provider())
        // A client may have several certificates: the station compares them.
        .set_fingerprint_verification(false)
        .set_stats_interval(Some(STATS_INTERVAL))
        .clear_codecs()
        .set_extension_map(extensions);
    // One number each way, and one a track; most often the same.
    let mut payload_types: Vec<u8> = offer.down.iter().copied().chain(offer.up).collect();
    payload_types.sort_unstable();
    payload_types.dedup();
    for payload_type in payload_types {
        config.codec_config().add_config(
            Pt::new_with_value(payload_type),
            None,
            Codec::Opus,
            Frequency::FORTY_EIGHT_KHZ,
            Some(2),
            FormatParams::default(),
        );
    }
    let mut rtc = config.build(now);
    let mut direct = rtc.direct_api();
    direct.set_ice_controlling(false);
    direct.set_remote_ice_credentials(offer.ice.clone());
    if let Some(any) = offer.fingerprints.first() {
        direct.set_remote_fingerprint(any.clone());
    }
    rtc
}

/// Lets `ssrc` be received.
pub(crate) fn expect_source(rtc: &mut Rtc, ssrc: u32) {
    // Late audio is concealed, not asked for again.
    rtc.direct_api().expect_stream_rx(ssrc.into(), None, Mid::from(MID), None).suppress_nack(true);
}

pub(crate) fn rtp_in(packet: RtpPacket, now: Instant) -> RtpIn {
    RtpIn {
        sequence: packet.header.sequence_number,
        timestamp: packet.header.timestamp,
        marker: packet.header.marker,
        audio_level_dbov: packet.header.ext_vals.audio_level,
        voice_activity: packet.header.ext_vals.voice_activity,
        payload: packet.payload,
        arrived_at: now,
    }
}

pub(crate) fn milliseconds(duration: Duration) -> f32 {
    duration.as_secs_f32() * 1_000.0
}
