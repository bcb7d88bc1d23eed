//! From values to [`Percentiles`].
//!
//! Percentiles are by nearest rank: the p-th of n values is the ⌈p/100 · n⌉-th smallest, so it is always
//! a value that was measured. They are exact up to [`EXACT_MAX`] values. Beyond that the values are
//! counted in buckets 1 % wide, so that an hour of a thousand legs fits: the percentiles are then within
//! 0.5 %, while count, lowest and highest stay exact.
//!
//! Not `hdrhistogram`: it counts integers above zero, and here are fractions of milliseconds, delays below
//! zero among them.

use std::collections::BTreeMap;

use super::data::Percentiles;

/// Values kept one by one: 512 KiB.
pub const EXACT_MAX: usize = 1 << 16;
/// A bucket's upper edge over its lower one.
const BUCKET_RATIO: f64 = 1.01;
/// What is nearer to 0 counts as 0.
const SMALLEST: f64 = 1e-3;
/// What is further from 0 counts as this; with the ratio it bounds the buckets to 2 × 2800.
const LARGEST: f64 = 1e9;

impl Percentiles {
    /// The distribution of `values`; `None` if there is none. What is not a number is left out.
    pub fn of(values: impl IntoIterator<Item = f64>) -> Option<Self> {
        let mut values: Vec<f64> = values.into_iter().filter(|value| value.is_finite()).collect();
        values.sort_unstable_by(f64::total_cmp);
        let (min, max) = (*values.first()?, *values.last()?);
        let at = |percent| values[rank(percent, values.len()) - 1];
        Some(Self { count: values.len(), min, p50: at(50), p95: at(95), p99: at(99), max })
    }
}

/// Gathers values in bounded memory.
#[derive(Debug, Clone, Default)]
pub struct Collector {
    exact: Vec<f64>,
    /// Bucket → values in it; empty while everything is in `exact`.
    buckets: BTreeMap<i32, u64>,
    /// Values in the buckets, and the outermost of them.
    bucketed: Option<Bucketed>,
}

#[derive(Debug, Clone, Copy)]
struct Bucketed {
    count: usize,
    min: f64,
    max: f64,
}

impl Collector {
    /// Without a value.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a value; what is not a number is left out.
    pub fn push(&mut self, value: f64) {
        if !value.is_finite() {
            return;
        }
        if self.bucketed.is_some() {
            self.count_in_bucket(value);
            return;
        }
        self.exact.push(value);
        if self.exact.len() > EXACT_MAX {
            for value in std::mem::take(&mut self.exact) {
                self.count_in_bucket(value);
            }
        }
    }

    /// Adds all that the other gathered.
    pub fn merge(&mut self, other: &Self) {
        for &value in &other.exact {
            self.push(value);
        }
        let Some(theirs) = other.bucketed else { return };
        for value in std::mem::take(&mut self.exact) {
            self.count_in_bucket(value);
        }
        for (&bucket, &count) in &other.buckets {
            *self.buckets.entry(bucket).or_default() += count;
        }
        let ours = self.bucketed.get_or_insert(Bucketed { count: 0, ..theirs });
        ours.count += theirs.count;
        ours.min = ours.min.min(theirs.min);
        ours.max = ours.max.max(theirs.max);
    }

    /// How many values came.
    pub fn count(&self) -> usize {
        self.bucketed.map_or(self.exact.len(), |bucketed| bucketed.count)
    }

    /// The distribution so far; `None` without a value.
    pub fn percentiles(&self) -> Option<Percentiles> {
        let Some(Bucketed { count, min, max }) = self.bucketed else {
            return Percentiles::of(self.exact.iter().copied());
        };
        let at = |percent| self.value_at(rank(percent, count)).clamp(min, max);
        Some(Percentiles { count, min, p50: at(50), p95: at(95), p99: at(99), max })
    }

    fn count_in_bucket(&mut self, value: f64) {
        *self.buckets.entry(bucket_of(value)).or_default() += 1;
        let all = self.bucketed.get_or_insert(Bucketed { count: 0, min: value, max: value });
        all.count += 1;
        all.min = all.min.min(value);
        all.max = all.max.max(value);
    }

    fn value_at(&self, rank: usize) -> f64 {
        let mut seen = 0;
        let found = self.buckets.iter().find(|(_, count)| {
            seen += **count;
            seen >= rank as u64
        });
        found.map_or(0.0, |(&bucket, _)| middle_of(bucket))
    }
}

/// The nearest rank, from 1, of a whole percentage among `count` ≥ 1 values.
fn rank(percent: usize, count: usize) -> usize {
    (percent * count).div_ceil(100).max(1)
}

/// Bucket 0 holds what is next to 0; buckets rise with the value, below 0 they mirror those above.
fn bucket_of(value: f64) -> i32 {
    let size = value.abs().min(LARGEST);
    if size < SMALLEST {
        return 0;
    }
    let steps = ((size / SMALLEST).ln() / BUCKET_RATIO.ln()).floor() as i32 + 1;
    if value < 0.0 { -steps } else { steps }
}

fn middle_of(bucket: i32) -> f64 {
    if bucket == 0 {
        return 0.0;
    }
    let size = SMALLEST * BUCKET_RATIO.powf(f64::from(bucket.abs()) - 0.5);
    if bucket < 0 { -size } else { size }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn nearest_rank() {
        let of = |last: u32| Percentiles::of((1..=last).rev().map(f64::from)).unwrap();
        assert_eq!(
            of(100),
            Percentiles { count: 100, min: 1.0, p50: 50.0, p95: 95.0, p99: 99.0, max: 100.0 }
        );
        assert_eq!(
            of(1),
            Percentiles { count: 1, min: 1.0, p50: 1.0, p95: 1.0, p99: 1.0, max: 1.0 }
        );
        let five = of(5);
        assert_eq!((five.p50, five.p95, five.p99), (3.0, 5.0, 5.0));
        assert_eq!(of(201).p99, 199.0);
        assert_eq!(Percentiles::of([]), None);
        assert_eq!(Percentiles::of([f64::NAN, 2.0]).unwrap().count, 1);
    }

    #[test]
    fn many_values_take_few_buckets() {
        let mut collector = Collector::new();
        for i in 0..3 * EXACT_MAX {
            collector.push(i as f64 / 100.0);
        }
        let all = collector.percentiles().unwrap();
        let last = (3 * EXACT_MAX - 1) as f64 / 100.0;
        assert_eq!((all.count, all.min, all.max), (3 * EXACT_MAX, 0.0, last));
        for (got, share) in [(all.p50, 0.5), (all.p95, 0.95), (all.p99, 0.99)] {
            assert!((got / (last * share) - 1.0).abs() < 0.0051, "{got} at {share}");
        }
        assert!(collector.exact.is_empty() && collector.buckets.len() < 3000);
        for value in [f64::MAX, f64::MIN] {
            collector.push(value); // far outside, and still bounded
        }
        assert!(collector.buckets.keys().all(|bucket| bucket.abs() < 2900));
    }

    proptest! {
        #[test]
        fn a_bucket_is_within_half_a_percent(value in -1e6f64..1e6) {
            let found = middle_of(bucket_of(value));
            prop_assert!((found - value).abs() <= value.abs() * 0.0051 + SMALLEST);
        }

        #[test]
        fn merged_is_as_if_gathered_by_one(
            one in prop::collection::vec(-1e3f64..1e3, 0..50),
            other in prop::collection::vec(-1e3f64..1e3, 0..50),
            spilt in prop::bool::ANY,
        ) {
            let gather = |values: &[f64]| {
                let mut collector = Collector::new();
                values.iter().for_each(|&value| collector.push(value));
                collector
            };
            let (mut left, mut right, both) =
                (gather(&one), gather(&other), gather(&[one.clone(), other.clone()].concat()));
            let mut exact = left.clone();
            exact.merge(&right);
            prop_assert_eq!(exact.percentiles(), both.percentiles());
            if spilt {
                for value in std::mem::take(&mut right.exact) {
                    right.count_in_bucket(value);
                }
            }
            left.merge(&right);
            prop_assert_eq!(left.count(), both.count());
            if let (Some(left), Some(both)) = (left.percentiles(), both.percentiles()) {
                prop_assert_eq!((left.min, left.max), (both.min, both.max));
                prop_assert!((left.p50 - both.p50).abs() <= both.p50.abs() * 0.0051 + SMALLEST);
            }
        }
    }
}
