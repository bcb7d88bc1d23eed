//! A level as a bar. Pure.

/// The left end of the bar, dBFS.
pub const FLOOR_DBFS: f32 = -60.0;
/// From here on somebody speaks.
pub const SPEECH_DBFS: f32 = -45.0;

/// A bar of `cells` cells, full at 0 dBFS.
pub fn bar(level_dbfs: f32, cells: usize) -> String {
    let share = ((level_dbfs - FLOOR_DBFS) / -FLOOR_DBFS).clamp(0.0, 1.0);
    let lit = (share * cells as f32).round() as usize;
    "▮".repeat(lit) + &"▯".repeat(cells - lit)
}

/// The level in figures, six cells wide.
pub fn decibels(level_dbfs: f32) -> String {
    if level_dbfs <= FLOOR_DBFS { "  –   ".to_owned() } else { format!("{level_dbfs:>3.0} dB") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bar_is_as_long_as_it_is_loud() {
        assert_eq!(bar(-60.0, 6), "▯▯▯▯▯▯");
        assert_eq!(bar(-30.0, 6), "▮▮▮▯▯▯");
        assert_eq!(bar(3.0, 6), "▮▮▮▮▮▮");
        assert_eq!(bar(f32::NEG_INFINITY, 4), "▯▯▯▯");
        assert_eq!(decibels(-23.4), "-23 dB");
        assert_eq!(decibels(-90.0).chars().count(), 6);
    }
}
