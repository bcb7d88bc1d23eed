//! Reports for the tests of this crate: one that passed, one with everything wrong. Invented figures.

use super::data::*;
use super::limits::Limits;

const DURATION_S: usize = 90;
const CALLS: usize = 12;
/// A name that must not come out as HTML.
pub(super) const NASTY: &str = "Kim <script>alert('&')</script>";

/// A run in which everything went well.
pub(crate) fn clean() -> Report {
    let legs: Vec<_> = (1..=CALLS).flat_map(legs_of).collect();
    let mut report = Report {
        valid: true,
        invalid_because: Vec::new(),
        leaks: 0,
        crossed: 0,
        missing: 0,
        run: run_facts(),
        calls: CallCounts { asked: CALLS, connected: CALLS, failed: 0, at_once_max: CALLS },
        mode_changes: ModeCounts { asked: 18, done: 18, failed: 0 },
        percentiles: delays(),
        mos: Percentiles::of(legs.iter().filter_map(|leg| leg.mos)),
        findings: Vec::new(),
        limits: Vec::new(),
        legs,
        supervised: (1..=3).map(supervised).collect(),
        seconds: (0..DURATION_S).map(second).collect(),
    };
    report.limits = limits(&report);
    report
}

/// A run in which everything that can be wrong is.
pub(super) fn faulty() -> Report {
    let mut report = clean();
    report.valid = false;
    report.invalid_because =
        vec!["the load tester was up to 48 ms late with its packets".to_owned()];
    (report.leaks, report.crossed, report.missing) = (1, 1, 1);
    report.calls = CallCounts { asked: CALLS + 2, connected: CALLS, failed: 2, at_once_max: CALLS };
    report.mode_changes.failed = 1;
    report.mode_changes.done = 17;
    report.run.skipped = vec!["mono.wav: one channel, where two parties are needed".to_owned()];
    report.findings = findings();
    report.legs[0].name = NASTY.to_owned();
    report.legs[4].lost = 412;
    report.legs[4].mos = Some(2.1);
    report.mos = Percentiles::of(report.legs.iter().filter_map(|leg| leg.mos));
    let audible = &mut report.supervised[0].audible;
    let names = audible.iter_mut().flat_map(|span| [&mut span.listener, &mut span.source]);
    for name in names.filter(|name| *name == "+1 202 555 0101") {
        NASTY.clone_into(name);
    }
    let leak = AudibleSpan { from_s: 33.4, until_s: 34.2, ..audible[0].clone() };
    audible.push(leak);
    report.percentiles.mouth_to_ear_ms = spread(62.0, 190.0);
    for second in &mut report.seconds[40..52] {
        second.loss = 0.034;
        second.concealed = 0.021;
        second.mouth_to_ear_p99_ms = Some(183.0);
        second.lateness_max_ms = Some(48.0);
        second.setup_failures = 1;
    }
    report.limits = limits(&report);
    report
}

fn limits(report: &Report) -> Vec<LimitOutcome> {
    let limits: Limits =
        "p99.mouth_to_ear_ms>150, calls.failed>0, mos<2, server_cpu>4".parse().unwrap();
    limits.check(report)
}

fn run_facts() -> RunFacts {
    RunFacts {
        server: "http://127.0.0.1:8080".to_owned(),
        version: "0.1.0".to_owned(),
        began_at: "2026-01-14T09:30:00Z".to_owned(),
        duration_s: DURATION_S as f64,
        seed: 7,
        scenario: "calls = 12\nramp = 2.0 # a second\nsupervised = 0.25\n\
                   script = \"listen 10s, whisper 5s, listen, barge 5s\"\n"
            .to_owned(),
        recordings: vec!["billing.opus".to_owned(), "delivery & returns.opus".to_owned()],
        skipped: Vec::new(),
        notes: Vec::new(),
    }
}

fn spread(from: f64, until: f64) -> Option<Percentiles> {
    Percentiles::of((0..500).map(|i| from + (until - from) * (f64::from(i) / 499.0).powi(6)))
}

fn delays() -> Delays {
    Delays {
        mouth_to_ear_ms: spread(62.0, 104.0),
        setup_ms: spread(110.0, 480.0),
        station_setup_ms: spread(40.0, 95.0),
        first_audio_ms: spread(35.0, 120.0),
        mode_change_ms: spread(3.0, 24.0),
        mode_audible_ms: spread(70.0, 130.0),
        mode_silent_ms: spread(68.0, 118.0),
        lateness_ms: spread(0.0, 4.2),
    }
}

fn legs_of(call: usize) -> Vec<LegReport> {
    let leg = |role, name: String| LegReport {
        call,
        role,
        name,
        connection: "webrtc".to_owned(),
        from_s: call as f64,
        until_s: DURATION_S as f64 - 2.0,
        received: 50 * (DURATION_S - call) as u64,
        lost: (call % 3) as u64,
        reordered: u64::from(call == 2),
        jitter_ms: 0.6 + call as f64 / 10.0,
        concealed_ms: 20 * (call % 3) as u64,
        mixed: 0.25 * (call % 2) as f64,
        mouth_to_ear_ms: spread(60.0 + call as f64, 100.0),
        mos: Some(4.38 - (call % 3) as f64 / 50.0),
    };
    let mut legs = vec![
        leg(Role::Caller, format!("+1 202 555 {:04}", 100 + call)),
        leg(Role::Agent, format!("agent{call}")),
    ];
    if call <= 3 {
        legs.push(leg(Role::Supervisor, supervisor(call)));
    }
    legs
}

fn supervisor(call: usize) -> String {
    if call == 3 { "sup2".to_owned() } else { "sup1".to_owned() }
}

/// Listen, Whisper, Listen, Barge; what was said was heard where it should.
fn supervised(call: usize) -> SupervisedCall {
    let who = supervisor(call);
    let begin = 10.0 + 4.0 * call as f64;
    let modes = [
        (ModeName::Listen, 0.0, 12.3),
        (ModeName::Whisper, 12.3, 27.0),
        (ModeName::Listen, 27.0, 41.0),
        (ModeName::Barge, 41.0, 58.5),
    ];
    let span = |&(mode, from, until): &(ModeName, f64, f64)| ModeSpan {
        supervisor: who.clone(),
        mode,
        from_s: begin + from,
        until_s: begin + until,
    };
    let (caller, agent) = (format!("+1 202 555 {:04}", 100 + call), format!("agent{call}"));
    let heard = |listener: &str, source: &str, source_role, from: f64, until: f64| AudibleSpan {
        listener: listener.to_owned(),
        source: source.to_owned(),
        source_role,
        from_s: begin + from,
        until_s: begin + until,
    };
    let mut audible = vec![
        heard(&caller, &who, Role::Supervisor, 41.2, 58.4),
        heard(&agent, &who, Role::Supervisor, 12.5, 26.8),
        heard(&agent, &who, Role::Supervisor, 41.2, 58.4),
    ];
    for talk in 0..7 {
        let at = f64::from(talk) * 10.0 - 6.0;
        audible.push(heard(&caller, &agent, Role::Agent, at, at + 4.0));
        audible.push(heard(&agent, &caller, Role::Caller, at + 4.5, at + 9.5));
        audible.push(heard(&who, &caller, Role::Caller, (at + 4.5).max(0.3), (at + 9.5).max(0.6)));
        audible.push(heard(&who, &agent, Role::Agent, at.max(0.3), (at + 4.0).max(0.4)));
    }
    SupervisedCall {
        call,
        from_s: call as f64,
        until_s: DURATION_S as f64 - 2.0,
        modes: modes.iter().map(span).collect(),
        audible,
    }
}

fn second(at: usize) -> Second {
    // Something that wobbles, without chance.
    let wave = |slow: f64, height: f64| {
        height * ((at as f64 / slow).sin() + (at as f64 * 2.3).sin() / 3.0)
    };
    let calls = at.min(CALLS);
    Second {
        at_s: at as f64,
        calls,
        packets: 100 * calls as u64,
        loss: if at % 17 == 3 { 0.002 } else { 0.0 },
        concealed: if at % 17 == 3 { 0.001 } else { 0.0 },
        mode_changes: usize::from(at.is_multiple_of(5)),
        setup_failures: 0,
        mouth_to_ear_p50_ms: (at > 2).then(|| 66.0 + wave(9.0, 3.0)),
        mouth_to_ear_p99_ms: (at > 2).then(|| 92.0 + wave(5.0, 9.0)),
        lateness_max_ms: Some(2.5 + wave(4.0, 1.0)),
        server_cpu: Some(0.03 + calls as f64 * 0.021 + wave(7.0, 0.01)),
        server_memory_mib: Some(38.0 + calls as f64 * 0.4),
        own_cpu: Some(0.03 + calls as f64 * 0.009 + wave(6.0, 0.006)),
        own_memory_mib: Some(24.0 + calls as f64 * 1.7),
    }
}

mod tests {
    use super::*;

    #[test]
    fn the_samples_say_what_they_are_for() {
        assert!(clean().limits.iter().all(|limit| !limit.missed));
        assert_eq!(faulty().limits.iter().filter(|limit| limit.missed).count(), 2);
    }
}

fn findings() -> Vec<Finding> {
    let leak = Finding {
        kind: FindingKind::Leak,
        at_s: 33.4,
        for_s: 0.8,
        call: 1,
        listener: NASTY.to_owned(),
        listener_role: Role::Caller,
        source: "sup1".to_owned(),
        source_role: Role::Supervisor,
        source_call: None,
        level_dbfs: Some(-31.4),
        sigma: Some(14.2),
        evidence: Some("report-evidence/leak-1.wav".to_owned()),
    };
    let crossed = Finding {
        kind: FindingKind::Crossed,
        at_s: 47.0,
        for_s: 2.3,
        call: 3,
        listener: "agent3".to_owned(),
        listener_role: Role::Agent,
        source: "+1 202 555 0105".to_owned(),
        source_role: Role::Caller,
        source_call: Some(5),
        level_dbfs: Some(-24.0),
        evidence: Some("report-evidence/crossed #1.wav".to_owned()),
        ..leak.clone()
    };
    let missing = Finding {
        kind: FindingKind::Missing,
        at_s: 61.2,
        for_s: 3.0,
        call: 2,
        listener: "sup1".to_owned(),
        listener_role: Role::Supervisor,
        source: "agent2".to_owned(),
        source_role: Role::Agent,
        source_call: None,
        level_dbfs: None,
        sigma: None,
        evidence: None,
    };
    vec![leak, crossed, missing]
}
