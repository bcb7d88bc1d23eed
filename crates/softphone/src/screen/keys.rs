//! What keys mean, given how things stand. Pure: keys in, commands out.

use std::collections::BTreeSet;
use std::time::Instant;

use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use wire::{Mode, PresenceState};

use super::hold_key::HoldKey;
use crate::audio::DeviceKind;
use crate::audio::devices::DeviceInfo;
use crate::phone::Phone;
use crate::phone::command::Command;
use crate::phone::standing::Talk;

/// A reason's length, characters.
const REASON_CHARS_MAX: usize = 200;

/// What lies over the screen.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Dialog {
    /// Nothing.
    #[default]
    None,
    /// A request for help is written.
    Help {
        /// The reason so far.
        reason: String,
    },
    /// "Everyone will hear you."
    Barge,
    /// "Nobody will hear the agent."
    TakeOver,
    /// Leave with a call on?
    Quit,
    /// Devices are chosen.
    Devices {
        /// What for.
        kind: DeviceKind,
        /// What there is; empty until it is known.
        devices: Vec<DeviceInfo>,
        /// The marked one of those that serve.
        marked: usize,
    },
}

/// What the keyboard has led to.
#[derive(Debug, Default)]
pub struct Keys {
    /// What lies over the screen.
    pub dialog: Dialog,
    /// The marked live call, by its place in the list.
    pub marked: usize,
    /// The key to talk.
    pub talk: HoldKey,
    /// Calls on which barging was confirmed: it is asked once a call.
    confirmed: BTreeSet<String>,
}

impl Keys {
    /// For a terminal that does or does not tell of releases.
    pub fn new(has_releases: bool) -> Self {
        Self { talk: HoldKey::new(has_releases), ..Self::default() }
    }

    /// What a key asks for.
    pub fn press(&mut self, now: Instant, phone: &Phone, key: KeyEvent) -> Option<Command> {
        if key.kind == KeyEventKind::Release {
            let is_talk = key.code == KeyCode::Char('v');
            return (is_talk && self.talk.up()).then_some(Command::Talk { on: false });
        }
        if key.modifiers.contains(KeyModifiers::CONTROL) {
            return (key.code == KeyCode::Char('c')).then_some(Command::Quit {});
        }
        if self.dialog != Dialog::None {
            return self.in_dialog(phone, key.code);
        }
        let KeyCode::Char(letter) = key.code else { return self.in_list(now, phone, key.code) };
        match letter.to_ascii_lowercase() {
            'q' if phone.standing().talk.is_some() => {
                self.dialog = Dialog::Quit;
                None
            }
            'q' => Some(Command::Quit {}),
            'c' => {
                let kind = DeviceKind::Microphone;
                self.dialog = Dialog::Devices { kind, devices: vec![], marked: 0 };
                Some(Command::Devices {})
            }
            letter if phone.is_supervisor() => self.supervisor(now, phone, letter),
            letter => self.agent(phone, letter),
        }
    }

    /// Time passes: a held key may have been let go.
    pub fn passed(&mut self, now: Instant) -> Option<Command> {
        self.talk.passed(now).then_some(Command::Talk { on: false })
    }

    /// The window has lost the keyboard.
    pub fn blurred(&mut self) -> Option<Command> {
        self.talk.up().then_some(Command::Talk { on: false })
    }

    /// The devices that were asked for have come.
    pub fn listed(&mut self, found: Vec<DeviceInfo>) {
        if let Dialog::Devices { devices, marked, .. } = &mut self.dialog {
            *devices = found;
            *marked = 0;
        }
    }

    fn agent(&mut self, phone: &Phone, letter: char) -> Option<Command> {
        let standing = phone.standing();
        let talk = standing.talk.as_ref();
        match letter {
            'a' if standing.ringing.is_some() || talk.is_some_and(|talk| !talk.is_here) => {
                Some(Command::Answer {})
            }
            'd' if standing.ringing.is_some() => Some(Command::Decline {}),
            'r' => {
                let state = standing.presence.as_ref().map(|(state, _)| *state);
                let wants_rest = matches!(state, Some(PresenceState::Ready));
                Some(if wants_rest {
                    Command::NotReady { reason: None }
                } else {
                    Command::Ready {}
                })
            }
            'm' => talk.map(|talk| Command::Mute { on: !talk.leg.muted }),
            'h' => talk.map(|talk| Command::Hold { on: !talk.call.held }),
            'e' if talk.is_some() => Some(Command::HangUp {}),
            '?' | '/' => {
                let talk = talk?;
                if talk.call.help.is_some() {
                    return Some(Command::WithdrawHelp {});
                }
                self.dialog = Dialog::Help { reason: String::new() };
                None
            }
            _ => None,
        }
    }

    fn supervisor(&mut self, now: Instant, phone: &Phone, letter: char) -> Option<Command> {
        let talk = phone.standing().talk.as_ref();
        match letter {
            'l' if talk.is_none() => self.listen(now, phone),
            'l' => Some(Command::Listen { call: None }),
            'w' if talk.is_some() => Some(Command::Whisper {}),
            'v' if talk.is_some() => {
                let may = talk.is_some_and(|talk| talk.leg.mode == Some(Mode::Listen));
                // A repeat of a key that is held is nothing new.
                if !may && !self.talk.is_held() {
                    return None;
                }
                self.talk.down(now).then_some(Command::Talk { on: true })
            }
            'b' => self.barge(talk?),
            't' if talk.is_some_and(|talk| talk.leg.mode != Some(Mode::TakeOver)) => {
                self.dialog = Dialog::TakeOver;
                None
            }
            's' if talk.is_some() => Some(Command::Stop {}),
            _ => None,
        }
    }

    fn barge(&mut self, talk: &Talk) -> Option<Command> {
        // Handing back lets nobody hear more.
        let hands_back = talk.leg.mode == Some(Mode::TakeOver);
        if hands_back || self.confirmed.contains(&talk.call.id) {
            return Some(Command::Barge {});
        }
        self.dialog = Dialog::Barge;
        None
    }

    fn in_list(&mut self, now: Instant, phone: &Phone, code: KeyCode) -> Option<Command> {
        if !phone.is_supervisor() {
            return None;
        }
        let last = phone.live_calls(now).len().saturating_sub(1);
        match code {
            KeyCode::Up => self.marked = self.marked.min(last).saturating_sub(1),
            KeyCode::Down => self.marked = (self.marked + 1).min(last),
            KeyCode::Enter => return self.listen(now, phone),
            // Esc never changes who hears you.
            _ => {}
        }
        None
    }

    fn listen(&self, now: Instant, phone: &Phone) -> Option<Command> {
        let calls = phone.live_calls(now);
        let call = calls.get(self.marked.min(calls.len().saturating_sub(1)))?;
        Some(Command::Listen { call: Some(call.call.clone()) })
    }

    fn in_dialog(&mut self, phone: &Phone, code: KeyCode) -> Option<Command> {
        if code == KeyCode::Esc {
            self.dialog = Dialog::None;
            return None;
        }
        match &mut self.dialog {
            Dialog::None => None,
            Dialog::Help { reason } => match code {
                KeyCode::Enter => {
                    let reason = std::mem::take(reason);
                    self.dialog = Dialog::None;
                    Some(Command::Help { reason: (!reason.is_empty()).then_some(reason) })
                }
                KeyCode::Backspace => {
                    reason.pop();
                    None
                }
                KeyCode::Char(letter) if reason.chars().count() < REASON_CHARS_MAX => {
                    reason.push(letter);
                    None
                }
                _ => None,
            },
            Dialog::Barge => {
                let is_yes = code == KeyCode::Char('y');
                self.dialog = Dialog::None;
                let talk = phone.standing().talk.as_ref().filter(|_| is_yes)?;
                self.confirmed.insert(talk.call.id.clone());
                Some(Command::Barge {})
            }
            // Asked each time: the agent falls silent.
            Dialog::TakeOver => {
                self.dialog = Dialog::None;
                (code == KeyCode::Char('y')).then_some(Command::TakeOver {})
            }
            Dialog::Quit => {
                let is_yes = code == KeyCode::Char('y');
                self.dialog = Dialog::None;
                is_yes.then_some(Command::Quit {})
            }
            Dialog::Devices { kind, devices, marked } => {
                let serving: Vec<_> =
                    devices.iter().filter(|device| device.serves(*kind)).collect();
                match code {
                    KeyCode::Tab => {
                        *kind = next(*kind);
                        *marked = 0;
                    }
                    KeyCode::Up => *marked = marked.saturating_sub(1),
                    KeyCode::Down => *marked = (*marked + 1).min(serving.len().saturating_sub(1)),
                    KeyCode::Enter => {
                        let chosen = serving.get(*marked).map(|device| device.id.clone());
                        let command = chosen.map(|id| usage(*kind, id));
                        self.dialog = Dialog::None;
                        return command;
                    }
                    _ => {}
                }
                None
            }
        }
    }
}

fn next(kind: DeviceKind) -> DeviceKind {
    match kind {
        DeviceKind::Microphone => DeviceKind::Speaker,
        DeviceKind::Speaker => DeviceKind::Ringer,
        DeviceKind::Ringer => DeviceKind::Microphone,
    }
}

fn usage(kind: DeviceKind, id: String) -> Command {
    let mut of = [None, None, None];
    of[kind as usize] = Some(id);
    let [microphone, speaker, ring_device] = of;
    Command::Use { microphone, speaker, ring_device }
}

#[cfg(test)]
mod tests {
    use super::super::testing;
    use super::*;

    fn press(keys: &mut Keys, phone: &Phone, code: KeyCode) -> Option<Command> {
        keys.press(Instant::now(), phone, KeyEvent::new(code, KeyModifiers::NONE))
    }

    fn letter(keys: &mut Keys, phone: &Phone, letter: char) -> Option<Command> {
        press(keys, phone, KeyCode::Char(letter))
    }

    #[test]
    fn an_agents_keys() {
        let mut keys = Keys::new(false);
        let ringing = testing::ringing();
        assert_eq!(letter(&mut keys, &ringing, 'a'), Some(Command::Answer {}));
        assert_eq!(letter(&mut keys, &ringing, 'd'), Some(Command::Decline {}));
        assert_eq!(letter(&mut keys, &ringing, 'm'), None, "there is no call to mute");
        let talking = testing::coached();
        assert_eq!(letter(&mut keys, &talking, 'm'), Some(Command::Mute { on: true }));
        assert_eq!(letter(&mut keys, &talking, 'h'), Some(Command::Hold { on: true }));
        assert_eq!(letter(&mut keys, &talking, 'e'), Some(Command::HangUp {}));
        assert_eq!(letter(&mut keys, &talking, 'a'), None);
        assert_eq!(letter(&mut keys, &talking, '?'), None);
        for l in "Refund?m".chars() {
            assert_eq!(letter(&mut keys, &talking, l), None, "keys are text now");
        }
        assert_eq!(press(&mut keys, &talking, KeyCode::Backspace), None);
        let reason = Some("Refund?".to_owned());
        assert_eq!(press(&mut keys, &talking, KeyCode::Enter), Some(Command::Help { reason }));
        assert_eq!(letter(&mut keys, &talking, 'q'), None, "it asks first");
        assert_eq!(letter(&mut keys, &talking, 'y'), Some(Command::Quit {}));
    }

    #[test]
    fn a_supervisors_keys() {
        let mut keys = Keys::new(true);
        let list = testing::live_calls();
        press(&mut keys, &list, KeyCode::Down);
        let Some(Command::Listen { call: Some(_) }) = press(&mut keys, &list, KeyCode::Enter)
        else {
            panic!()
        };
        assert_eq!(letter(&mut keys, &list, 'w'), None);
        let phone = testing::supervising(Mode::Listen);
        assert_eq!(letter(&mut keys, &phone, 'w'), Some(Command::Whisper {}));
        assert_eq!(letter(&mut keys, &phone, 'v'), Some(Command::Talk { on: true }));
        assert_eq!(letter(&mut keys, &phone, 'v'), None, "held");
        let up =
            KeyEvent::new_with_kind(KeyCode::Char('v'), KeyModifiers::NONE, KeyEventKind::Release);
        assert_eq!(keys.press(Instant::now(), &phone, up), Some(Command::Talk { on: false }));
        assert_eq!(letter(&mut keys, &phone, 'v'), Some(Command::Talk { on: true }));
        assert_eq!(keys.blurred(), Some(Command::Talk { on: false }), "the window is left");
        assert_eq!(press(&mut keys, &phone, KeyCode::Esc), None, "Esc changes nothing");

        assert_eq!(letter(&mut keys, &phone, 'b'), None, "it asks once");
        assert_eq!(letter(&mut keys, &phone, 'n'), None);
        letter(&mut keys, &phone, 'b');
        assert_eq!(letter(&mut keys, &phone, 'y'), Some(Command::Barge {}));
        assert_eq!(letter(&mut keys, &phone, 'b'), Some(Command::Barge {}));
        let barging = testing::supervising(Mode::Barge);
        assert_eq!(letter(&mut keys, &barging, 'v'), None, "not in Barge");
        for _ in 0..2 {
            assert_eq!(letter(&mut keys, &barging, 't'), None, "it asks each time");
            assert_eq!(keys.dialog, Dialog::TakeOver);
            assert_eq!(letter(&mut keys, &barging, 'y'), Some(Command::TakeOver {}));
        }
        let mut fresh = Keys::new(true);
        let taken = testing::supervising(Mode::TakeOver);
        assert_eq!(letter(&mut fresh, &taken, 't'), None);
        assert_eq!(fresh.dialog, Dialog::None, "it is taken over");
        assert_eq!(letter(&mut fresh, &taken, 'b'), Some(Command::Barge {}), "hands back unasked");
        assert_eq!(letter(&mut keys, &barging, 's'), Some(Command::Stop {}));
    }

    #[test]
    fn devices_are_chosen_from_those_that_serve() {
        let mut keys = Keys::new(false);
        let phone = testing::coached();
        assert_eq!(letter(&mut keys, &phone, 'c'), Some(Command::Devices {}));
        let device = |id: &str, hears, plays| DeviceInfo {
            id: id.to_owned(),
            name: id.to_owned(),
            hears,
            plays,
            is_default_microphone: false,
            is_default_speaker: false,
        };
        keys.listed(vec![
            device("lamp", true, false),
            device("box", false, true),
            device("jabra", true, true),
        ]);
        press(&mut keys, &phone, KeyCode::Down);
        press(&mut keys, &phone, KeyCode::Down);
        let chosen = press(&mut keys, &phone, KeyCode::Enter);
        let microphone = Some("jabra".to_owned());
        assert_eq!(chosen, Some(Command::Use { microphone, speaker: None, ring_device: None }));
        letter(&mut keys, &phone, 'c');
        keys.listed(vec![device("lamp", true, false), device("box", false, true)]);
        press(&mut keys, &phone, KeyCode::Tab);
        let chosen = press(&mut keys, &phone, KeyCode::Enter);
        let speaker = Some("box".to_owned());
        assert_eq!(chosen, Some(Command::Use { microphone: None, speaker, ring_device: None }));
    }
}
