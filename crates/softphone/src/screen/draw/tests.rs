use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;

use super::super::keys::Dialog;
use super::super::testing;
use super::*;
use crate::quality::Quality;

/// What a terminal of 80 × 24 shows of a phone.
fn shown(phone: &Phone, stats: MediaStats, dialog: Dialog) -> (String, Buffer) {
    let mut keys = Keys::new(false);
    keys.dialog = dialog;
    let log = ["Connected".to_owned()];
    let view = View {
        phone,
        stats,
        has_sound: true,
        devices: ["Jabra Evolve2 65".to_owned(), "Jabra Evolve2 65".to_owned(), String::new()],
        log: &log,
        keys: &keys,
        now: Instant::now(),
    };
    let mut terminal = Terminal::new(TestBackend::new(80, 24)).unwrap();
    terminal.draw(|frame| draw(frame, &view)).unwrap();
    let buffer = terminal.backend().buffer().clone();
    let rows = buffer.content().chunks(80);
    let text =
        rows.map(|row| row.iter().map(|cell| cell.symbol()).collect::<String>() + "\n").collect();
    (text, buffer)
}

fn talking() -> MediaStats {
    let quality = Quality { word: Word::Good, lost_percent: 0.4, buffer_ms: 40, concealed_ms: 0 };
    MediaStats {
        microphone_dbfs: -20.0,
        speaker_dbfs: -26.0,
        is_open: true,
        quality,
        ..MediaStats::default()
    }
}

fn backgrounds(buffer: &Buffer, colour: Color) -> usize {
    buffer.content().iter().filter(|cell| cell.bg == colour).count()
}

#[test]
fn coaching_cannot_be_overlooked() {
    let (text, buffer) = shown(&testing::coached(), talking(), Dialog::None);
    for wanted in [
        "◐  Sam is coaching you – only you can hear this.",
        "Don't answer aloud: the caller hears you.",
        "Marek Novák",
        "+420 601 555 014 · support · 4:49",
        "Marek and Sam hear you",
        "mic live",
        "only to you",
        "good · lost 0.4 % · buffer 40 ms",
        "Jabra Evolve2 65",
        "Mute",
        "Hang up",
        "A headset is assumed",
    ] {
        assert!(text.contains(wanted), "no {wanted:?} in\n{text}");
    }
    assert!(backgrounds(&buffer, AMBER) >= 80 * 4, "the whole banner is amber");
    assert_eq!(backgrounds(&buffer, RED), 0);
}

#[test]
fn an_echo_is_said_where_it_matters_most() {
    let stats = MediaStats { is_echo: true, ..talking() };
    let (text, _) = shown(&testing::coached(), stats, Dialog::None);
    assert!(text.contains("the caller could hear a whisper"), "{text}");
    assert!(text.contains("Sam is coaching you"), "{text}");
}

#[test]
fn a_ringing_call_tells_who_and_how_long() {
    let (text, _) = shown(&testing::ringing(), MediaStats::default(), Dialog::None);
    for wanted in ["Incoming call", "Marek Novák", "13 s left", "Accept", "Decline"] {
        assert!(text.contains(wanted), "no {wanted:?} in\n{text}");
    }
}

#[test]
fn a_supervisor_reads_who_hears_them() {
    let (text, buffer) = shown(&testing::supervising(Mode::Listen), talking(), Dialog::None);
    assert!(text.contains("○  Listening – nobody hears you"), "{text}");
    assert_eq!(backgrounds(&buffer, AMBER) + backgrounds(&buffer, RED), 0);
    let (text, buffer) = shown(&testing::supervising(Mode::Whisper), talking(), Dialog::None);
    assert!(
        text.contains("◐  Whispering – only Ana hears you")
            && text.contains("never reaches the caller"),
        "{text}"
    );
    assert!(backgrounds(&buffer, AMBER) > 200);
    let (text, buffer) = shown(&testing::supervising(Mode::Barge), talking(), Dialog::None);
    assert!(text.contains("●  On the call – everyone hears you"), "{text}");
    assert!(backgrounds(&buffer, RED) > 200);
    let (text, buffer) = shown(&testing::supervising(Mode::TakeOver), talking(), Dialog::None);
    assert!(
        text.contains("●  You have taken the call over – nobody hears Ana")
            && text.contains("Agent · muted")
            && text.contains("Hand back"),
        "{text}"
    );
    assert!(backgrounds(&buffer, RED) > 200);
}

#[test]
fn live_calls_and_dialogs() {
    let (text, _) = shown(&testing::live_calls(), MediaStats::default(), Dialog::None);
    assert!(text.contains("Live calls  2") && text.contains("▌ Marek Novák"), "{text}");
    let (text, _) = shown(&testing::supervising(Mode::Listen), talking(), Dialog::Barge);
    assert!(text.contains("Everyone will hear you") && text.contains("Yes, I'm sure"), "{text}");
    let reason = "Refund".to_owned();
    let (text, _) = shown(&testing::coached(), talking(), Dialog::Help { reason });
    assert!(text.contains("The caller notices nothing.") && text.contains("Refund▏"), "{text}");
}

#[test]
fn a_small_terminal_is_no_reason_to_fall_over() {
    let phone = testing::coached();
    let mut keys = Keys::new(false);
    keys.dialog = Dialog::Barge;
    for (width, height) in [(1, 1), (20, 5), (40, 12), (300, 100)] {
        let view = View {
            phone: &phone,
            stats: talking(),
            has_sound: true,
            devices: Default::default(),
            log: &[],
            keys: &keys,
            now: Instant::now(),
        };
        let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
        terminal.draw(|frame| draw(frame, &view)).unwrap();
    }
}
