//! The terminal screen: keys in, picture out, ten times a second.
//!
//! It holds nothing but what the eye needs; how things stand is [`crate::phone`]'s.

mod draw;
mod hold_key;
mod keys;
mod meter;
#[cfg(test)]
mod testing;

use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::{Duration, Instant};

use ratatui::DefaultTerminal;
use ratatui::crossterm::event::{
    self, DisableFocusChange, EnableFocusChange, Event, KeyCode, KeyEventKind,
    KeyboardEnhancementFlags, PopKeyboardEnhancementFlags, PushKeyboardEnhancementFlags,
};
use ratatui::crossterm::{execute, terminal};
use tokio::sync::mpsc;

use crate::app::{App, PhoneConfig, StartError};
use crate::audio::DeviceKind;
use crate::audio::headset::Change;
use crate::phone::command::{Command, Note};
use keys::Keys;

/// Between two pictures, when nothing happens.
const PICTURE_EVERY: Duration = Duration::from_millis(100);
/// Between two looks at whether the keyboard's thread shall end.
const KEYS_POLL: Duration = Duration::from_millis(100);
/// Keys that wait.
const KEYS_MAX: usize = 64;
/// Lines kept of what happened.
const LOG_MAX: usize = 16;

/// Runs a softphone on this terminal until the user quits.
///
/// # Errors
/// It does not start, or there is no terminal.
pub async fn run(config: PhoneConfig, has_bell: bool) -> Result<(), StartError> {
    let mut app = App::start(config).await?;
    let mut terminal = ratatui::try_init()?;
    let has_releases = begin().unwrap_or(false);
    let keyboard = Keyboard::start();
    let mut screen = Screen { keys: Keys::new(has_releases), log: Vec::new(), has_bell };
    let outcome = screen.show(&mut app, &mut terminal, keyboard).await;
    end(has_releases);
    ratatui::restore();
    let farewell = outcome?;
    app.close().await;
    if let Some(text) = farewell {
        println!("{text}");
    }
    Ok(())
}

/// Reads a line from the terminal without showing it. Ctrl-C is an error.
///
/// # Errors
/// There is no terminal.
pub fn read_hidden() -> io::Result<String> {
    terminal::enable_raw_mode()?;
    let line = read_keys();
    terminal::disable_raw_mode()?;
    println!();
    line
}

fn read_keys() -> io::Result<String> {
    let mut line = String::new();
    loop {
        let Event::Key(key) = event::read()? else { continue };
        let is_control = key.modifiers.contains(event::KeyModifiers::CONTROL);
        match key.code {
            _ if key.kind == KeyEventKind::Release => {}
            KeyCode::Enter => return Ok(line),
            KeyCode::Char('c' | 'd') if is_control => {
                return Err(io::Error::new(io::ErrorKind::Interrupted, "given up"));
            }
            KeyCode::Backspace => drop(line.pop()),
            KeyCode::Char(letter) if !is_control => line.push(letter),
            _ => {}
        }
    }
}

/// Asks the terminal to tell of released keys and of lost focus; whether it tells of releases.
fn begin() -> io::Result<bool> {
    execute!(io::stdout(), EnableFocusChange)?;
    if !terminal::supports_keyboard_enhancement()? {
        return Ok(false);
    }
    let flags = KeyboardEnhancementFlags::DISAMBIGUATE_ESCAPE_CODES
        | KeyboardEnhancementFlags::REPORT_EVENT_TYPES;
    execute!(io::stdout(), PushKeyboardEnhancementFlags(flags))?;
    Ok(true)
}

fn end(has_releases: bool) {
    if has_releases {
        // A terminal that is gone needs no tidying.
        let _ = execute!(io::stdout(), PopKeyboardEnhancementFlags);
    }
    let _ = execute!(io::stdout(), DisableFocusChange);
}

/// The thread that reads the terminal; it ends with this.
struct Keyboard {
    events: mpsc::Receiver<Event>,
    stop: Arc<AtomicBool>,
}

impl Keyboard {
    fn start() -> Self {
        let (tell, events) = mpsc::channel(KEYS_MAX);
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = stop.clone();
        std::thread::spawn(move || {
            while !stopped.load(Relaxed) {
                let event = match event::poll(KEYS_POLL) {
                    Ok(true) => event::read(),
                    Ok(false) => continue,
                    Err(error) => Err(error),
                };
                // The terminal or the screen is gone.
                let Ok(event) = event else { return };
                if tell.blocking_send(event).is_err() {
                    return;
                }
            }
        });
        Self { events, stop }
    }
}

impl Drop for Keyboard {
    fn drop(&mut self) {
        self.stop.store(true, Relaxed);
    }
}

struct Screen {
    keys: Keys,
    log: Vec<String>,
    has_bell: bool,
}

impl Screen {
    /// Until the user quits; the text to leave with.
    async fn show(
        &mut self,
        app: &mut App,
        terminal: &mut DefaultTerminal,
        mut keyboard: Keyboard,
    ) -> Result<Option<String>, StartError> {
        let mut tick = tokio::time::interval(PICTURE_EVERY);
        loop {
            self.picture(app, terminal)?;
            let command = tokio::select! {
                notes = app.next() => {
                    if let Some(text) = self.tell(notes) {
                        return Ok(Some(text));
                    }
                    None
                }
                event = keyboard.events.recv() => match event {
                    Some(event) => self.on_event(app, &event),
                    // The terminal is gone.
                    None => return Ok(None),
                },
                _ = tick.tick() => self.keys.passed(Instant::now()),
            };
            match command {
                Some(Command::Quit {}) => return Ok(None),
                Some(command) => {
                    let notes = app.command(command).await;
                    if let Some(text) = self.tell(notes) {
                        return Ok(Some(text));
                    }
                }
                None => {}
            }
        }
    }

    fn on_event(&mut self, app: &App, event: &Event) -> Option<Command> {
        match event {
            Event::Key(key) => self.keys.press(Instant::now(), app.phone(), *key),
            Event::FocusLost => self.keys.blurred(),
            _ => None,
        }
    }

    fn picture(&mut self, app: &App, terminal: &mut DefaultTerminal) -> Result<(), StartError> {
        let kinds = [DeviceKind::Microphone, DeviceKind::Speaker, DeviceKind::Ringer];
        let view = draw::View {
            phone: app.phone(),
            stats: app.stats(),
            has_sound: app.has_sound(),
            devices: kinds.map(|kind| device(app.device(kind))),
            log: &self.log,
            keys: &self.keys,
            now: Instant::now(),
        };
        terminal.draw(|frame| draw::draw(frame, &view))?;
        Ok(())
    }

    /// Keeps what is worth reading; `Some`: the program ends, and why.
    fn tell(&mut self, notes: Vec<Note>) -> Option<String> {
        for note in notes {
            let is_loud = matches!(
                note,
                Note::Coaching { .. } | Note::Joined { .. } | Note::TakenOver { .. }
            );
            if self.has_bell && is_loud {
                // A terminal that can't ring is no reason to stop.
                let _ = io::stdout().write_all(b"\x07").and_then(|()| io::stdout().flush());
            }
            match note {
                Note::Ended { text } => return Some(text),
                Note::Devices { devices } => self.keys.listed(devices),
                note => self.log.extend(in_words(&note)),
            }
        }
        let excess = self.log.len().saturating_sub(LOG_MAX);
        self.log.drain(..excess);
        None
    }
}

/// A device, as the screen names it.
fn device(change: Option<&Change>) -> String {
    match change {
        Some(Change::Ready { name } | Change::Reopened { name }) => name.clone(),
        Some(Change::NarrowBand { name }) => format!("{name} – narrow-band"),
        Some(Change::FellBack { wanted, name }) => format!("{name} – until {wanted} comes back"),
        Some(Change::Missing { text }) => text.clone(),
        None => String::new(),
    }
}

/// What a note says in the log; what stands elsewhere on the screen is not repeated.
fn in_words(note: &Note) -> Option<String> {
    match note {
        Note::Connection { text, .. }
        | Note::Sound { text, .. }
        | Note::Coaching { text, .. }
        | Note::Joined { text, .. }
        | Note::TakenOver { text, .. }
        | Note::Listening { text, .. }
        | Note::SupervisorLeft { text, .. }
        | Note::Help { text, .. }
        | Note::CallEnded { text, .. }
        | Note::Supervising { text, .. }
        | Note::SupervisionEnded { text, .. }
        | Note::Refused { text }
        | Note::Device { text, .. }
        | Note::Echo { text, .. } => Some(text.clone()),
        Note::CallStarted { caller, .. } => Some(format!("On a call with {caller}")),
        Note::RingingEnded { .. }
        | Note::Ringing { .. }
        | Note::SignedIn { .. }
        | Note::Presence { .. }
        | Note::Heard { .. }
        | Note::Calls { .. }
        | Note::Devices { .. }
        | Note::Levels(_)
        | Note::Ended { .. } => None,
    }
}
