//! The calls used in the mix tick allocate nothing.

use codec::{
    FRAME_SAMPLES, OPUS_PACKET_BYTES_MAX, OpusDecoder, OpusEncoder, OpusEncoderConfig, g711,
};
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

struct Counting;

thread_local!(static ALLOCATIONS: Cell<u64> = const { Cell::new(0) });

// SAFETY: every call goes to the system allocator unchanged; the counter itself never allocates.
#[expect(unsafe_code, reason = "counting allocations takes an allocator")]
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.with(|count| count.set(count.get() + 1));
        unsafe { System.alloc(layout) }
    }
    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

#[test]
fn nothing_is_allocated_once_a_codec_exists() {
    let mut encoder = OpusEncoder::new(OpusEncoderConfig::default()).unwrap();
    let mut decoder = OpusDecoder::new().unwrap();
    let mut packet = [0; OPUS_PACKET_BYTES_MAX];
    let mut frame = [0.1; FRAME_SAMPLES];
    let before = ALLOCATIONS.get();
    assert!(before > 0, "the counter counts");
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
    assert_eq!(ALLOCATIONS.get(), before);
}
