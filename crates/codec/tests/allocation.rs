//! The calls used in the mix tick allocate nothing and free nothing.

use std::hint::black_box;

use allocation_counter::{AllocationInfo, measure};
use codec::{
    FRAME_SAMPLES, OPUS_PACKET_BYTES_MAX, OpusDecoder, OpusEncoder, OpusEncoderConfig, g711,
};

#[test]
fn nothing_is_allocated_once_a_codec_exists() {
    assert_eq!(measure(|| drop(black_box(Box::new(1)))).count_total, 1, "the counter counts");
    let mut encoder = OpusEncoder::new(OpusEncoderConfig::default()).unwrap();
    let mut decoder = OpusDecoder::new().unwrap();
    let mut packet = [0; OPUS_PACKET_BYTES_MAX];
    let mut frame = [0.1; FRAME_SAMPLES];
    let allocated = measure(|| {
        for _ in 0..10 {
            let length = encoder.encode_into(&frame, &mut packet).unwrap();
            decoder.decode_into(&packet[..length], &mut frame).unwrap();
            decoder.decode_fec_into(&packet[..length], FRAME_SAMPLES, &mut frame).unwrap();
            decoder.conceal_into(FRAME_SAMPLES, &mut frame).unwrap();
            g711::encode_ulaw_into(&[1; 160], &mut packet);
            g711::decode_alaw_into(&packet[..160], &mut [0; 160]);
            encoder.reset();
            decoder.reset();
        }
    });
    assert_eq!(allocated, AllocationInfo::default());
}
