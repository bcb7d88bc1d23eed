//! What lies over the page: a question, a text, a choice. Pure.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};
use ratatui::widgets::Clear;

use super::{BOLD, QUIET, boxed};
use crate::audio::DeviceKind;
use crate::audio::devices::DeviceInfo;
use crate::screen::keys::Dialog;

/// Draws what lies over the page, if anything does.
pub fn draw(frame: &mut Frame, page: Rect, dialog: &Dialog) {
    let (title, lines) = match dialog {
        Dialog::None => return,
        Dialog::Help { reason } => (
            " Ask for help ",
            vec![
                Line::from("Your supervisors see the request at once."),
                Line::from("The caller notices nothing."),
                Line::default(),
                Line::from("What is it about? (optional)"),
                Line::from(Span::styled(format!("{reason}▏"), BOLD)),
                Line::default(),
                Line::from(Span::styled("↵ asks · Esc goes back", QUIET)),
            ],
        ),
        Dialog::Barge => (
            " Barge ",
            vec![
                Line::from(Span::styled("Everyone will hear you", BOLD)),
                Line::default(),
                Line::from("y  Yes, I'm sure"),
                Line::from("Esc  Cancel"),
            ],
        ),
        Dialog::TakeOver => (
            " Take over ",
            vec![
                Line::from(Span::styled(
                    "You will speak with the caller instead of the agent",
                    BOLD,
                )),
                Line::from("Nobody will hear the agent until you hand the call back."),
                Line::default(),
                Line::from("y  Yes, take over"),
                Line::from("Esc  Cancel"),
            ],
        ),
        Dialog::Quit => (
            " Quit ",
            vec![
                Line::from(Span::styled("Leave the call and sign out?", BOLD)),
                Line::default(),
                Line::from("y  Yes"),
                Line::from("Esc  Cancel"),
            ],
        ),
        Dialog::Devices { kind, devices, marked } => devices_dialog(*kind, devices, *marked),
    };
    let height = u16::try_from(lines.len()).unwrap_or(u16::MAX).saturating_add(2).min(page.height);
    let width = page.width.saturating_sub(8).min(76);
    let area = Rect {
        x: page.x + (page.width - width) / 2,
        y: page.y + (page.height - height) / 2,
        width,
        height,
    };
    frame.render_widget(Clear, area);
    frame.render_widget(boxed(title, lines, Style::new()), area);
}

fn devices_dialog<'a>(
    kind: DeviceKind,
    devices: &[DeviceInfo],
    marked: usize,
) -> (&'static str, Vec<Line<'a>>) {
    let title = match kind {
        DeviceKind::Microphone => " Microphone ",
        DeviceKind::Speaker => " Speaker ",
        DeviceKind::Ringer => " Rings at ",
    };
    let serving = devices.iter().filter(|device| device.serves(kind));
    let mut lines: Vec<Line> = serving
        .enumerate()
        .map(|(n, device)| {
            let style =
                if n == marked { BOLD.add_modifier(Modifier::REVERSED) } else { Style::new() };
            Line::from(vec![
                Span::styled(format!(" {} ", device.name), style),
                Span::styled(format!("  {}", device.id), QUIET),
            ])
        })
        .collect();
    if lines.is_empty() {
        lines.push(Line::from("No device of this kind. Plug one in."));
    }
    lines.push(Line::default());
    lines.push(Line::from(Span::styled(
        "↑↓ choose · ↵ use it · Tab microphone, speaker, ring · Esc goes back",
        QUIET,
    )));
    (title, lines)
}
