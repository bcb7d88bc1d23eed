//! Without a screen: commands in, one JSON object a line; events out, the same.
//!
//! Commands are [`Command`], events [`Note`]; a line that is not understood is answered by a `refused`. The end of the
//! input is a `quit`.

use std::io::{BufRead, Read, Write};
use std::time::Duration;

use tokio::sync::mpsc;

use crate::app::{App, PhoneConfig, StartError};
use crate::phone::command::{Command, Note};

/// The longest line taken, bytes.
const LINE_BYTES_MAX: u64 = 64 * 1024;
/// Commands that wait.
const COMMANDS_MAX: usize = 32;
/// Between two `levels`.
const LEVELS_EVERY: Duration = Duration::from_secs(1);

/// Runs a softphone until `quit` or the end of `input`, which is read by a thread of its own. Whoever does not read
/// `output` stops the phone's decisions, but not its sound.
///
/// # Errors
/// It does not start, or `output` is gone.
pub async fn run(
    config: PhoneConfig,
    input: impl BufRead + Send + 'static,
    mut output: impl Write,
) -> Result<(), StartError> {
    let mut app = App::start(config).await?;
    let (tell, mut commands) = mpsc::channel(COMMANDS_MAX);
    std::thread::spawn(move || read(input, &tell));
    let mut levels = false;
    let mut tick = tokio::time::interval(LEVELS_EVERY);
    let mut notes = vec![app.signed_in()];
    loop {
        let has_ended = notes.iter().any(|note| matches!(note, Note::Ended { .. }));
        for note in notes.drain(..) {
            write(&mut output, &note)?;
        }
        if has_ended {
            break;
        }
        tokio::select! {
            new = app.next() => notes = new,
            command = commands.recv() => match command {
                Some(Ok(Command::Quit {})) | None => {
                    notes = vec![Note::Ended { text: "Signed out.".to_owned() }];
                }
                Some(Ok(Command::Levels { on })) => levels = on,
                Some(Ok(command)) => notes = app.command(command).await,
                Some(Err(text)) => notes = vec![Note::Refused { text }],
            },
            _ = tick.tick(), if levels => notes = vec![Note::Levels(app.stats())],
        }
    }
    app.close().await;
    Ok(())
}

fn write(output: &mut impl Write, note: &Note) -> Result<(), StartError> {
    let mut line = serde_json::to_string(note).expect("notes are plain data");
    line.push('\n');
    output.write_all(line.as_bytes())?;
    Ok(output.flush()?)
}

/// Reads lines until the input or its reader ends.
fn read(mut input: impl BufRead, tell: &mpsc::Sender<Result<Command, String>>) {
    let mut line = Vec::new();
    loop {
        line.clear();
        match (&mut input).take(LINE_BYTES_MAX).read_until(b'\n', &mut line) {
            Ok(0) | Err(_) => return,
            Ok(_) => {}
        }
        if line.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        if tell.blocking_send(parse(&line)).is_err() {
            return;
        }
    }
}

fn parse(line: &[u8]) -> Result<Command, String> {
    serde_json::from_slice(line).map_err(|error| {
        format!("not a command: {error}. A command is one JSON object on one line, such as {{\"do\":\"ready\"}}")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_become_commands_and_nonsense_is_answered() {
        let input: &[u8] = b"{\"do\":\"ready\"}\n\n  \nhello\n{\"do\":\"quit\"}";
        let (tell, mut commands) = mpsc::channel(8);
        read(input, &tell);
        assert_eq!(commands.blocking_recv(), Some(Ok(Command::Ready {})));
        let refused = commands.blocking_recv().unwrap().unwrap_err();
        assert!(refused.contains("{\"do\":\"ready\"}"), "{refused}");
        assert_eq!(commands.blocking_recv(), Some(Ok(Command::Quit {})));
        assert!(commands.is_empty(), "that was all");
    }

    #[test]
    fn notes_are_lines() {
        let mut output = Vec::new();
        let text = "two\nlines".to_owned();
        write(&mut output, &Note::Refused { text }).unwrap();
        assert_eq!(output, b"{\"event\":\"refused\",\"text\":\"two\\nlines\"}\n");
    }
}
