//! Quantiles of what was measured.

use std::fmt;

/// Measured times, ms.
pub struct Times(Vec<f64>);

impl Times {
    pub fn new(mut times_ms: Vec<f64>) -> Self {
        times_ms.sort_by(f64::total_cmp);
        Self(times_ms)
    }

    fn quantile(&self, part: f64) -> f64 {
        let last = self.0.len().saturating_sub(1);
        self.0.get((last as f64 * part).round() as usize).copied().unwrap_or(f64::NAN)
    }
}

impl fmt::Display for Times {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [p50, p99, most] = [0.5, 0.99, 1.0].map(|part| self.quantile(part));
        write!(f, "p50 {p50:.2} ms, p99 {p99:.2} ms, most {most:.2} ms ({} times)", self.0.len())
    }
}
