//! Compares as many seeded stories as are asked for: `cargo run -p sim --example stories -- 200000 [FROM]`.

use std::process::ExitCode;
use std::time::Instant;

use sim::stories::compare_on_all_cores;

/// Stories between two lines of output.
const BATCH: u64 = 2_000;

fn main() -> ExitCode {
    let mut numbers = std::env::args().skip(1).map(|it| it.parse::<u64>());
    let (Some(Ok(count)), Ok(from)) = (numbers.next(), numbers.next().unwrap_or(Ok(0))) else {
        eprintln!("usage: stories COUNT [FIRST_SEED]");
        return ExitCode::from(2);
    };
    let begun = Instant::now();
    for first in (from..from + count).step_by(BATCH as usize) {
        let end = (first + BATCH).min(from + count);
        match compare_on_all_cores(first..end) {
            Ok(tally) => println!("seeds {first}..{end} after {:.0?}: {tally:?}", begun.elapsed()),
            Err(failure) => {
                println!("{failure}");
                return ExitCode::FAILURE;
            }
        }
    }
    ExitCode::SUCCESS
}
