//! The screen's picture. Pure: what is to be seen in, cells out.
//!
//! Hue answers one question: who hears whom beside the caller and the agent. Amber is a whisper, red is Barge and
//! take-over, indigo is Listen; everything else is ink. Each of them is a word and a shape, too.

use std::time::Instant;

use ratatui::Frame;
use ratatui::layout::{Alignment, Constraint, Layout, Rect};
use ratatui::style::{Color, Modifier, Style};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, BorderType, Padding, Paragraph, Wrap};
use wire::{Mode, PresenceState};

use self::columns::fit;
use super::keys::Keys;
use super::meter;
use crate::media::MediaStats;
use crate::phone::standing::Talk;
use crate::phone::{LiveCall, Phone, words};
use crate::quality::Word;

/// Amber: whisper. Dark ink on it.
const AMBER: Color = Color::Rgb(0xf6, 0xbc, 0x45);
const ON_AMBER: Color = Color::Rgb(0x2a, 0x1b, 0x00);
/// Red: Barge and take-over, and nothing else but Hang up.
const RED: Color = Color::Rgb(0xc2, 0x15, 0x2f);
/// Indigo: Listen, a tint.
const INDIGO: Color = Color::Rgb(0x90, 0x9c, 0xff);
/// The two parties.
const CALLER: Color = Color::Rgb(0x9a, 0xab, 0xc4);
const AGENT: Color = Color::Rgb(0x4f, 0xc1, 0xb2);
/// Quiet text.
const QUIET: Style = Style::new().fg(Color::Gray);
const BOLD: Style = Style::new().add_modifier(Modifier::BOLD);
/// Columns beside a level's bar, and the longest bar.
const BESIDE_BARS: u16 = 60;
const BARS_MAX: usize = 32;
/// The page is not wider than this, for the eye's sake.
const WIDTH_MAX: u16 = 92;

/// Everything that is shown.
pub struct View<'a> {
    /// How things stand.
    pub phone: &'a Phone,
    /// The figures.
    pub stats: MediaStats,
    /// There is a sound connection.
    pub has_sound: bool,
    /// The devices in words: microphone, speaker, ring device.
    pub devices: [String; 3],
    /// What happened last, oldest first.
    pub log: &'a [String],
    /// The keyboard's state.
    pub keys: &'a Keys,
    /// This moment.
    pub now: Instant,
}

/// Draws all of it.
pub fn draw(frame: &mut Frame, view: &View) {
    let page = centred(frame.area());
    let banner = banner(view);
    let height = banner.as_ref().map_or(0, |_| 4);
    let [bar, notice, body, log, foot] = Layout::vertical([
        Constraint::Length(2),
        Constraint::Length(height),
        Constraint::Min(9),
        Constraint::Length(4),
        Constraint::Length(2),
    ])
    .areas(page);
    draw_bar(frame, bar, view);
    if let Some(banner) = banner {
        frame.render_widget(banner, notice);
    }
    match (&view.phone.standing().talk, &view.phone.standing().ringing) {
        (Some(talk), _) => draw_talk(frame, body, view, talk),
        (None, Some(_)) => draw_ringing(frame, body, view),
        (None, None) if view.phone.is_supervisor() => draw_calls(frame, body, view),
        (None, None) => draw_idle(frame, body, view),
    }
    draw_log(frame, log, view);
    draw_foot(frame, foot, view);
    dialog::draw(frame, page, &view.keys.dialog);
}

fn centred(area: Rect) -> Rect {
    let width = area.width.min(WIDTH_MAX);
    Rect { x: area.x + (area.width - width) / 2, width, ..area }
}

fn draw_bar(frame: &mut Frame, area: Rect, view: &View) {
    let name = view.phone.me().map_or("", |me| me.name.as_str());
    let left = Line::from(vec![
        Span::styled(" sotto ", BOLD.add_modifier(Modifier::ITALIC)),
        Span::raw(" Softphone  "),
        Span::styled(name.to_owned(), QUIET),
    ]);
    let (dot, link) = match (view.phone.standing().is_up, view.has_sound) {
        (true, true) => ("●", "Connected"),
        (true, false) => ("◌", "No sound connection – trying again…"),
        (false, _) => ("◌", "Reconnecting…"),
    };
    let mut right = vec![Span::raw(format!("{dot} {link}"))];
    if let Some(presence) = presence(view.phone) {
        right.push(Span::raw("   "));
        right.push(Span::styled(
            format!(" {presence} "),
            Style::new().add_modifier(Modifier::REVERSED),
        ));
    }
    right.push(Span::raw(" "));
    frame.render_widget(Paragraph::new(left), area);
    frame.render_widget(Paragraph::new(Line::from(right)).alignment(Alignment::Right), area);
}

fn presence(phone: &Phone) -> Option<String> {
    let (state, reason) = phone.standing().presence.as_ref()?;
    let word = match state {
        PresenceState::Ready => "Ready",
        PresenceState::NotReady => "Not ready",
        PresenceState::Ringing => "Ringing",
        PresenceState::Active => "On a call",
        PresenceState::Offline => "Offline",
    };
    Some(match reason {
        Some(reason) => format!("{word}: {reason}"),
        None => word.to_owned(),
    })
}

/// Who hears whom, said unmistakably; and what endangers it.
fn banner<'a>(view: &View) -> Option<Paragraph<'a>> {
    let talk = view.phone.standing().talk.as_ref();
    if let Some(talk) = talk.filter(|talk| talk.is_supervised()) {
        let mode = talk.leg.mode.unwrap_or(Mode::Listen);
        let then = view.phone.pending().unwrap_or_else(|| "You hear both".to_owned());
        return Some(solid(mode, talk.heard(), Some(then)));
    }
    if let Some((talk, notice)) = talk.and_then(|talk| Some((talk, talk.notice()?))) {
        let mode = talk.guest().and_then(|leg| leg.mode).unwrap_or(Mode::Listen);
        let (first, then) = notice.split_once(". ").map_or((notice.as_str(), ""), |(a, b)| (a, b));
        let first = format!("{}.", first.trim_end_matches('.'));
        let echo = view.stats.is_echo.then(|| crate::app::echo_text(true).to_owned());
        return Some(solid(mode, first, echo.or(Some(then.to_owned()))));
    }
    view.stats.is_echo.then(|| {
        let style = Style::new().add_modifier(Modifier::REVERSED | Modifier::BOLD);
        boxed("Echo", vec![Line::from(crate::app::echo_text(true))], style)
    })
}

fn solid<'a>(mode: Mode, first: String, second: Option<String>) -> Paragraph<'a> {
    let (shape, style) = match mode {
        Mode::Listen => ("○", Style::new().fg(INDIGO)),
        Mode::Whisper => ("◐", Style::new().fg(ON_AMBER).bg(AMBER)),
        Mode::Barge | Mode::TakeOver => ("●", Style::new().fg(Color::White).bg(RED)),
    };
    let first = Line::from(Span::styled(format!("{shape}  {first}"), BOLD));
    let second = Line::from(format!("   {}", second.unwrap_or_default()));
    boxed("", vec![first, second], style)
}

fn boxed<'a>(title: &'a str, lines: Vec<Line<'a>>, style: Style) -> Paragraph<'a> {
    let block = Block::bordered()
        .border_type(BorderType::Rounded)
        .title(title)
        .padding(Padding::horizontal(1))
        .style(style);
    Paragraph::new(lines).style(style).wrap(Wrap { trim: false }).block(block)
}

fn draw_talk(frame: &mut Frame, area: Rect, view: &View, talk: &Talk) {
    let call = &talk.call;
    let seconds = view.phone.talk_seconds(view.now).unwrap_or(0);
    let mut about: Vec<String> = Vec::new();
    about.extend(call.caller.number.clone());
    about.extend(talk.is_supervised().then(|| format!("with {}", talk.agent())));
    about.extend(call.queue.clone());
    about.push(clock(seconds));
    about.extend(call.held.then(|| "on hold".to_owned()));
    let mut lines = vec![
        Line::from(Span::styled(call.caller.name.clone(), BOLD)).centered(),
        Line::from(Span::styled(about.join(" · "), QUIET)).centered(),
    ];
    let pending = view.phone.pending().filter(|_| !talk.is_supervised());
    lines.push(Line::from(match pending {
        Some(pending) => pending,
        None if !talk.is_here => {
            "This call's sound is on another page or headset of yours: a brings it here.".to_owned()
        }
        // A supervisor reads it in the banner.
        None if talk.is_supervised() => String::new(),
        None => talk.heard(),
    }));
    lines.iter_mut().for_each(|line| line.alignment = Some(Alignment::Center));
    lines.push(Line::default());
    lines.extend(meters(view, talk, area.width));
    lines.push(Line::default());
    if let Some(help) = &call.help {
        let taken = help.taken_by.as_ref().map(|by| format!("{} is looking after it", by.name));
        let state = taken.unwrap_or_else(|| "asked".to_owned());
        let text =
            format!("  Help: {}  ({state})", help.reason.as_deref().unwrap_or("no reason given"));
        lines.push(Line::from(Span::styled(text, BOLD)));
    }
    lines.extend(line_and_devices(view));
    frame.render_widget(Paragraph::new(lines), area);
}

/// One line a party: name, level, and who hears it.
fn meters<'a>(view: &View, talk: &Talk, width: u16) -> Vec<Line<'a>> {
    let bars = usize::from(width.saturating_sub(BESIDE_BARS)).clamp(8, BARS_MAX);
    let line = |name: &str, level: f32, colour: Color, word: String| {
        Line::from(vec![
            Span::raw(format!("  {} ", fit(name, 12))),
            Span::styled(meter::bar(level, bars), Style::new().fg(colour)),
            Span::styled(format!("  {}  ", meter::decibels(level)), QUIET),
            Span::raw(word),
        ])
    };
    let of = |leg: &str| view.phone.meter(&talk.call.id, leg).map(|meter| f32::from(meter.level));
    let caller_leg = talk.call.legs.iter().find(|leg| leg.role == wire::Role::Caller);
    let caller_level = caller_leg.and_then(|leg| of(&leg.id));
    let caller = words::first_name(&talk.call.caller.name).to_owned();
    let you = view.stats.microphone_dbfs;
    let mic = if view.stats.is_open { "mic live" } else { "mic closed" };
    if talk.is_supervised() {
        let agent = talk.call.legs.iter().find(|leg| leg.role == wire::Role::Agent);
        let agent_level = agent.and_then(|leg| of(&leg.id)).unwrap_or(view.stats.speaker_dbfs);
        let caller_level = caller_level.unwrap_or(view.stats.speaker_dbfs);
        let (mode, mine) = (talk.leg.mode.unwrap_or(Mode::Listen), view.stats.is_open);
        let gate = match mode {
            Mode::Listen => "your microphone is closed".to_owned(),
            Mode::Whisper if mine => "never reaches the caller".to_owned(),
            Mode::Barge if mine => "everyone".to_owned(),
            Mode::TakeOver if mine => "heard by the caller".to_owned(),
            _ => "your microphone is closed".to_owned(),
        };
        let hears = |is: bool| if is { "hears you" } else { "unaware" };
        let is_open = matches!(mode, Mode::Barge | Mode::TakeOver);
        let agent_word = if mode == Mode::TakeOver { "muted" } else { hears(mode != Mode::Listen) };
        return vec![
            line(&caller, caller_level, CALLER, format!("Caller · {}", hears(is_open))),
            line(
                words::first_name(talk.agent()),
                agent_level,
                AGENT,
                format!("Agent · {agent_word}"),
            ),
            line("You", if mine { you } else { meter::FLOOR_DBFS }, mode_colour(mode), gate),
        ];
    }
    let level = caller_level.unwrap_or(view.stats.speaker_dbfs);
    let speaks = if level > meter::SPEECH_DBFS { "speaking" } else { "quiet" };
    let speaks = if talk.call.held { "on hold" } else { speaks };
    let mut lines = vec![
        line(&caller, level, CALLER, speaks.to_owned()),
        line("You", you, AGENT, mic.to_owned()),
    ];
    if let Some(guest) = talk.guest() {
        let mode = guest.mode.unwrap_or(Mode::Listen);
        let level = of(&guest.id).unwrap_or(meter::FLOOR_DBFS);
        let word = match mode {
            Mode::Whisper => "only to you",
            Mode::Barge => "everyone",
            Mode::TakeOver => "has the call",
            Mode::Listen => "listens",
        };
        lines.push(line(words::first_name(&guest.name), level, mode_colour(mode), word.to_owned()));
    }
    lines
}

fn mode_colour(mode: Mode) -> Color {
    match mode {
        Mode::Listen => INDIGO,
        Mode::Whisper => AMBER,
        Mode::Barge | Mode::TakeOver => RED,
    }
}

fn draw_ringing(frame: &mut Frame, area: Rect, view: &View) {
    let Some(ringing) = &view.phone.standing().ringing else { return };
    let call = &ringing.call;
    let left = view.phone.ringing_seconds_left(view.now).unwrap_or(0);
    let mut about: Vec<String> = call.caller.number.clone().into_iter().collect();
    about.extend(call.queue.clone());
    let pending = view.phone.pending();
    let lines = vec![
        Line::default(),
        Line::from("Incoming call").centered(),
        Line::from(Span::styled(call.caller.name.clone(), BOLD)).centered(),
        Line::from(Span::styled(about.join(" · "), QUIET)).centered(),
        Line::default(),
        Line::from(pending.unwrap_or(format!("{left} s left, then it rings at the next agent")))
            .centered(),
        Line::default(),
        Line::from("a accepts · d declines").centered(),
    ];
    frame.render_widget(Paragraph::new(lines), area);
}

fn draw_idle(frame: &mut Frame, area: Rect, view: &View) {
    let state = view.phone.standing().presence.as_ref().map(|(state, _)| *state);
    let (title, text) = match state {
        Some(PresenceState::Ready) => ("Ready for calls", "The next call rings here."),
        None => ("Connecting…", "One moment: events and sound are being set up."),
        _ => ("Not ready", "No call rings here. Press r when you want to take calls."),
    };
    let bars = usize::from(area.width.saturating_sub(BESIDE_BARS)).clamp(8, BARS_MAX);
    let mut lines = vec![
        Line::default(),
        Line::from(Span::styled(title, BOLD)).centered(),
        Line::from(Span::styled(text, QUIET)).centered(),
        Line::default(),
        Line::from(vec![
            Span::raw("  You          "),
            Span::styled(meter::bar(view.stats.microphone_dbfs, bars), Style::new().fg(AGENT)),
            Span::styled(format!("  {}  ", meter::decibels(view.stats.microphone_dbfs)), QUIET),
            Span::raw("nobody hears you"),
        ]),
        Line::default(),
    ];
    lines.extend(line_and_devices(view));
    frame.render_widget(Paragraph::new(lines), area);
}

fn draw_calls(frame: &mut Frame, area: Rect, view: &View) {
    let calls = view.phone.live_calls(view.now);
    let mut lines = vec![Line::from(vec![
        Span::styled(format!("  Live calls  {}", calls.len()), BOLD),
        Span::styled("      Not on a call – nobody hears you", QUIET),
    ])];
    lines.push(Line::default());
    if calls.is_empty() {
        lines.push(Line::from(Span::styled(
            "  Calls of your teams are listed here once they are answered.",
            QUIET,
        )));
    }
    let marked = view.keys.marked.min(calls.len().saturating_sub(1));
    // The marked call is always in sight.
    let room = usize::from(area.height).saturating_sub(6).max(1);
    let first = marked.saturating_sub(room - 1);
    for (n, call) in calls.iter().enumerate().skip(first).take(room) {
        lines.push(call_line(call, n == marked));
    }
    lines.push(Line::default());
    lines.extend(line_and_devices(view));
    frame.render_widget(Paragraph::new(lines), area);
}

fn call_line<'a>(call: &LiveCall, is_marked: bool) -> Line<'a> {
    let speaks = match (call.held, call.caller_speaks, call.agent_speaks) {
        (true, ..) => "on hold".to_owned(),
        (_, true, true) => "both talk".to_owned(),
        (_, true, false) => "caller speaks".to_owned(),
        (_, false, true) => format!("{} speaks", words::first_name(&call.agent)),
        (_, false, false) => "quiet".to_owned(),
    };
    let help = match call.help.as_deref() {
        Some("") => "✋ asks for help".to_owned(),
        Some(reason) => format!("✋ {}", fit(reason, 24)),
        None => String::new(),
    };
    let text = format!(
        "{} {} {} {:>6}  {} {help}",
        if is_marked { "▌" } else { " " },
        fit(&call.caller, 20),
        fit(&call.agent, 20),
        clock(call.seconds),
        fit(&speaks, 16),
    );
    let style = match (is_marked, call.help.is_some()) {
        (true, _) => BOLD.add_modifier(Modifier::REVERSED),
        (false, true) => BOLD,
        (false, false) => Style::new(),
    };
    Line::from(Span::styled(text, style))
}

/// The line's quality and the devices.
fn line_and_devices<'a>(view: &View) -> Vec<Line<'a>> {
    let quality = view.stats.quality;
    let line = match quality.word {
        Word::Idle => "no sound comes at the moment".to_owned(),
        word => {
            let word = match word {
                Word::Good => "▂▄▆█ good",
                Word::Fair => "▂▄▆_ fair",
                _ => "▂▄__ poor",
            };
            format!("{word} · lost {:.1} % · buffer {} ms", quality.lost_percent, quality.buffer_ms)
        }
    };
    let entry = |what: &str, is: &str| {
        Line::from(vec![Span::styled(format!("  {what:<12} "), QUIET), Span::raw(is.to_owned())])
    };
    let [microphone, speaker, ringer] = &view.devices;
    let mut lines = vec![
        entry("Connection", &line),
        entry("Microphone", microphone),
        entry("Speaker", speaker),
    ];
    if !ringer.is_empty() {
        lines.push(entry("Rings at", ringer));
    }
    lines
}

fn draw_log(frame: &mut Frame, area: Rect, view: &View) {
    let room = usize::from(area.height.saturating_sub(1));
    let shown = &view.log[view.log.len().saturating_sub(room)..];
    let mut lines: Vec<Line> = vec![Line::default()];
    lines.extend(shown.iter().map(|text| Line::from(Span::styled(format!("  {text}"), QUIET))));
    frame.render_widget(Paragraph::new(lines), area);
}

fn draw_foot(frame: &mut Frame, area: Rect, view: &View) {
    let mut spans = vec![Span::raw(" ")];
    for (key, does) in keys_shown(view) {
        spans.push(Span::styled(format!(" {key} "), Style::new().add_modifier(Modifier::REVERSED)));
        spans.push(Span::raw(format!(" {does} ")));
    }
    let headset = Line::from(Span::styled(
        "  A headset is assumed: a loudspeaker would carry a whisper to the caller.",
        QUIET,
    ));
    frame.render_widget(Paragraph::new(vec![headset, Line::from(spans)]), area);
}

/// The keys that do something now.
fn keys_shown(view: &View) -> Vec<(&'static str, &'static str)> {
    let standing = view.phone.standing();
    let mut keys = match (&standing.talk, &standing.ringing) {
        (Some(talk), _) if talk.is_supervised() => {
            let mut keys = vec![("l", "Listen"), ("w", "Whisper")];
            keys.extend(match talk.leg.mode {
                Some(Mode::TakeOver) => [("b", "Hand back")].as_slice(),
                Some(Mode::Barge) => &[("b", "Barge"), ("t", "Take over")],
                _ => &[("v held", "whisper"), ("b", "Barge")],
            });
            keys.push(("s", "Stop"));
            keys
        }
        (Some(talk), _) => vec![
            ("m", if talk.leg.muted { "Unmute" } else { "Mute" }),
            ("h", if talk.call.held { "Resume" } else { "Hold" }),
            ("?", if talk.call.help.is_some() { "Withdraw help" } else { "Ask for help" }),
            ("e", "Hang up"),
        ],
        (None, Some(_)) => vec![("a", "Accept"), ("d", "Decline")],
        (None, None) if view.phone.is_supervisor() => vec![("↑↓", "Choose"), ("↵", "Listen")],
        (None, None) => vec![("r", "Ready / not ready")],
    };
    keys.extend([("c", "Sound"), ("q", "Quit")]);
    keys
}

fn clock(seconds: u64) -> String {
    format!("{}:{:02}", seconds / 60, seconds % 60)
}

mod columns;
mod dialog;
#[cfg(test)]
mod tests;
