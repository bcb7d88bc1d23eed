//! Neither an arrival nor a tick allocates.

use jitter::{JitterBuffer, JitterConfig, PacketRef, Playout};
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::time::{Duration, Instant};

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
#[expect(clippy::disallowed_methods, reason = "there is no other way to make an `Instant`")]
fn nothing_is_allocated_once_a_buffer_exists() {
    let mut buffer = JitterBuffer::new(JitterConfig::default());
    let mut now = Instant::now();
    let before = ALLOCATIONS.get();
    assert!(before > 0, "the counter counts");
    for sequence in 0..1_000_u16 {
        // Every seventh packet is lost, and from 500 on they come in bursts of ten.
        if sequence % 7 != 0 && (sequence < 500 || sequence % 10 == 9) {
            let first = if sequence < 500 { sequence } else { sequence - 9 };
            for sequence in first..=sequence {
                let timestamp = u32::from(sequence) * 960;
                let packet = PacketRef {
                    sequence,
                    timestamp,
                    marker: false,
                    duration_samples: 960,
                    payload: &[0; 80],
                };
                buffer.insert(now, packet);
            }
        }
        while buffer.pop(now) != Playout::Covered {}
        now += Duration::from_millis(20);
    }
    assert!(buffer.stats().fec_samples > 0 && buffer.stats().concealed_samples > 0);
    assert_eq!(ALLOCATIONS.get(), before);
}
