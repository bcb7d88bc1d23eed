//! Neither an arrival nor a tick allocates or frees.

use std::hint::black_box;
use std::time::{Duration, Instant};

use allocation_counter::{AllocationInfo, measure};
use jitter::{JitterBuffer, JitterConfig, PacketRef, Playout};

#[test]
#[expect(clippy::disallowed_methods, reason = "there is no other way to make an `Instant`")]
fn nothing_is_allocated_once_a_buffer_exists() {
    assert_eq!(measure(|| drop(black_box(Box::new(1)))).count_total, 1, "the counter counts");
    let mut buffer = JitterBuffer::new(JitterConfig::default());
    let mut now = Instant::now();
    let allocated = measure(|| {
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
    });
    assert!(buffer.stats().fec_samples > 0 && buffer.stats().concealed_samples > 0);
    assert_eq!(allocated, AllocationInfo::default());
}
