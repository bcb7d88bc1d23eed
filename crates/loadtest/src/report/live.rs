//! What is shown while a run goes on: on a terminal two bars and a table that is redrawn, elsewhere a
//! plain line every few seconds. On standard error: standard output is for the summary.

use std::io::IsTerminal;
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::data::Second;
use super::words::{clock, grouped, number, percent};

/// Seconds from one plain line to the next.
const PLAIN_EVERY: u64 = 5;
/// Width of a bar's name and of a figure's.
const NAME_WIDTH: usize = 16;

/// The display of a run that goes on.
#[derive(Debug)]
pub struct Live {
    total: Duration,
    calls: usize,
    so_far: SoFar,
    display: Display,
}

#[derive(Debug)]
enum Display {
    Terminal(Bars),
    Plain,
}

#[derive(Debug)]
struct Bars {
    all: MultiProgress,
    time: ProgressBar,
    calls: ProgressBar,
    figures: Vec<ProgressBar>,
}

/// Sums since the run began, and since the last plain line.
#[derive(Debug, Default)]
struct SoFar {
    seconds: u64,
    setup_failures: usize,
    mode_changes: usize,
    lateness_max_ms: Option<f64>,
}

impl Live {
    /// Begins to show a run that takes `total` and means to have `calls` calls up.
    pub fn new(total: Duration, calls: usize) -> Self {
        let display = match std::io::stderr().is_terminal() {
            true => Display::Terminal(Bars::new(total, calls, ProgressDrawTarget::stderr())),
            false => Display::Plain,
        };
        Self { total, calls, so_far: SoFar::default(), display }
    }

    /// Shows a second's figures.
    pub fn second(&mut self, second: &Second) {
        self.so_far.add(second);
        match &self.display {
            Display::Terminal(bars) => bars.show(second, &self.so_far),
            Display::Plain if self.so_far.seconds % PLAIN_EVERY == 1 => {
                eprintln!("{}", self.line(second))
            }
            Display::Plain => {}
        }
    }

    /// Shows a line that stays, above the bars.
    pub fn note(&self, text: &str) {
        match &self.display {
            // A terminal that went away is no reason to end a run.
            Display::Terminal(bars) => drop(bars.all.println(text)),
            Display::Plain => eprintln!("{text}"),
        }
    }

    /// Ends the display; the terminal is as before, but for the notes.
    pub fn finish(self) {
        if let Display::Terminal(bars) = &self.display {
            drop(bars.all.clear());
        }
    }

    /// All that the table has, in one line.
    fn line(&self, second: &Second) -> String {
        let figures = figures(second, &self.so_far)
            .map(|(name, value)| format!("{} {value}", name.to_lowercase()))
            .join(", ");
        let line = format!(
            "{} of {}: {} of {} calls up, {figures}",
            clock(second.at_s),
            clock(self.total.as_secs_f64()),
            second.calls,
            self.calls,
        );
        line.replace('\u{202f}', "") // for whoever greps
    }
}

impl Bars {
    fn new(total: Duration, calls: usize, target: ProgressDrawTarget) -> Self {
        let all = MultiProgress::with_draw_target(target);
        let bar = |length: u64, name: &str, template: &str| {
            let style = ProgressStyle::with_template(template).expect("the template is a constant");
            let bar = ProgressBar::new(length).with_style(style.progress_chars("━━─"));
            let bar = all.add(bar);
            bar.set_prefix(format!("{name:NAME_WIDTH$}"));
            bar
        };
        let time = bar(total.as_secs(), "Time", "{prefix}{bar:40} {msg}");
        let calls = bar(calls as u64, "Calls up", "{prefix}{bar:40} {pos} of {len}");
        let figures = figures(&Second::default(), &SoFar::default());
        let figures = figures.map(|(name, _)| bar(0, name, "{prefix}{msg}")).into();
        let bars = Self { all, time, calls, figures };
        bars.show(&Second::default(), &SoFar::default());
        bars
    }

    fn show(&self, second: &Second, so_far: &SoFar) {
        self.time.set_position(second.at_s.max(0.0) as u64);
        let total_s = self.time.length().unwrap_or_default() as f64;
        self.time.set_message(format!("{} of {}", clock(second.at_s), clock(total_s)));
        self.calls.set_position(second.calls as u64);
        for (line, (_, value)) in self.figures.iter().zip(figures(second, so_far)) {
            line.set_message(value);
        }
    }
}

impl SoFar {
    fn add(&mut self, second: &Second) {
        self.seconds += 1;
        self.setup_failures += second.setup_failures;
        self.mode_changes += second.mode_changes;
        self.lateness_max_ms = match (self.lateness_max_ms, second.lateness_max_ms) {
            (Some(worst), Some(now)) => Some(worst.max(now)),
            (worst, now) => worst.or(now),
        };
    }
}

/// The figures of the table, by name.
fn figures(second: &Second, so_far: &SoFar) -> [(&'static str, String); 8] {
    let ms = |value: Option<f64>| value.map_or("–".to_owned(), |ms| format!("{} ms", number(ms)));
    let load = match (second.server_cpu, second.server_memory_mib) {
        (None, None) => "not watched".to_owned(),
        (cpu, memory) => {
            let cpu = cpu.map(|cores| format!("{cores:.2} cores"));
            let memory = memory.map(|mib| format!("{} MiB", number(mib)));
            [cpu, memory].into_iter().flatten().collect::<Vec<_>>().join(" · ")
        }
    };
    [
        ("Set-up failures", so_far.setup_failures.to_string()),
        ("Packets/s", grouped(second.packets)),
        ("Loss", percent(second.loss)),
        ("Concealed", percent(second.concealed)),
        ("Mode changes/s", format!("{} ({} so far)", second.mode_changes, so_far.mode_changes)),
        (
            "Mouth to ear",
            format!(
                "{} p50 · {} p99",
                ms(second.mouth_to_ear_p50_ms),
                ms(second.mouth_to_ear_p99_ms)
            ),
        ),
        ("Worst lateness", ms(so_far.lateness_max_ms)),
        ("Server", load),
    ]
}

#[cfg(test)]
mod tests {
    use indicatif::InMemoryTerm;

    use super::super::sample;
    use super::*;

    #[test]
    fn a_terminal_shows_bars_and_a_table_then_nothing() {
        let terminal = InMemoryTerm::new(20, 90);
        let target = ProgressDrawTarget::term_like_with_hz(Box::new(terminal.clone()), 255);
        let bars = Bars::new(Duration::from_secs(90), 12, target);
        let calls = bars.calls.clone();
        let mut live = Live {
            total: Duration::from_secs(90),
            calls: 12,
            so_far: SoFar::default(),
            display: Display::Terminal(bars),
        };
        for second in &sample::faulty().seconds[..51] {
            live.second(second);
        }
        live.note("Call 3 was refused.");
        // Not more often is drawn than a terminal can take: the last second's figures may be waiting.
        std::thread::sleep(Duration::from_millis(20));
        calls.tick();
        let screen = terminal.contents();
        for part in
            ["0:50.0 of 1:30.0", "12 of 12", "Set-up failures 11", "Loss            3.4 %", "48 ms"]
        {
            assert!(screen.contains(part), "no {part:?} in\n{screen}");
        }
        live.finish();
        assert!(!terminal.contents().contains("Packets/s"), "{}", terminal.contents());
    }

    #[test]
    fn elsewhere_it_is_lines() {
        let mut live = Live {
            total: Duration::from_secs(90),
            calls: 12,
            so_far: SoFar::default(),
            display: Display::Plain,
        };
        let seconds = sample::clean().seconds;
        live.second(&seconds[30]);
        let line = live.line(&seconds[30]);
        assert!(
            line.starts_with("0:30.0 of 1:30.0: 12 of 12 calls up, set-up failures 0"),
            "{line}"
        );
        assert!(!line.contains('\n'));
    }
}
