//! Many times in a few figures.

/// How times are spread, in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spread {
    /// Half of them are not longer.
    pub median: u64,
    /// Nine of ten are not longer.
    pub p90: u64,
    /// Nineteen of twenty are not longer.
    pub p95: u64,
    /// The arithmetic mean.
    pub mean: u64,
    /// The longest.
    pub max: u64,
}

impl Spread {
    /// Of these times; `None`: of none. Percentiles are by nearest rank, so that each is a time that
    /// was.
    pub fn of(mut times: Vec<u64>) -> Option<Self> {
        times.sort_unstable();
        let max = *times.last()?;
        let rank = |percent: usize| times[(times.len() * percent).div_ceil(100).max(1) - 1];
        let mean = times.iter().sum::<u64>() / times.len() as u64;
        Some(Self { median: rank(50), p90: rank(90), p95: rank(95), mean, max })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_by_nearest_rank() {
        let ten = (1..=10).rev().map(|n| n * 1_000).collect();
        let expected = Spread { median: 5_000, p90: 9_000, p95: 10_000, mean: 5_500, max: 10_000 };
        assert_eq!(Spread::of(ten), Some(expected));
        let seven = Spread { median: 7, p90: 7, p95: 7, mean: 7, max: 7 };
        assert_eq!(Spread::of(vec![7]), Some(seven));
        assert_eq!(Spread::of(Vec::new()), None);
    }
}
