//! Who may read an interaction: every part × left or not × running or over × every set of
//! permissions × own or other team, against a table that is written out.

use interaction::access::{InteractionFacts, PartTime, Place, Span, access, is_staff};
use interaction::conversation::{PartKind, Reader, Visibility};
use interaction::people::{AccountRole, Membership, User};
use interaction::{Access, Authority, Permission, Permissions, TeamId, UnixMs, UserId};

const OWN: TeamId = TeamId(1);
const OTHER: TeamId = TeamId(2);
const LEFT: Place = Place { event: 7, message: 3, at: UnixMs(700) };

/// The part that a row is about: kind, and whether it was left.
type Part = Option<(PartKind, bool)>;

const NONE: Part = None;
const REQUESTER: Part = Some((PartKind::Requester, false));
const AGENT: Part = Some((PartKind::Agent, false));
const EX_AGENT: Part = Some((PartKind::Agent, true));
const COLLEAGUE: Part = Some((PartKind::Colleague, false));
const EX_COLLEAGUE: Part = Some((PartKind::Colleague, true));
const SUPERVISOR: Part = Some((PartKind::Supervisor, false));
const EX_SUPERVISOR: Part = Some((PartKind::Supervisor, true));

/// Part, runs, then the answer to whom may supervise it; is staff otherwise (another team's
/// supervisor, an agent); is no staff. `-`: nothing; `reader`, `reader until`, `reader no word`.
const TABLE: [(Part, bool, [&str; 3]); 16] = [
    (NONE, true, ["overseer no word", "-", "-"]),
    (REQUESTER, true, ["requester", "requester", "requester"]),
    (AGENT, true, ["agent", "agent", "agent"]),
    (EX_AGENT, true, ["overseer no word", "agent until", "-"]),
    (COLLEAGUE, true, ["colleague", "colleague", "-"]),
    (EX_COLLEAGUE, true, ["overseer no word", "colleague until", "-"]),
    (SUPERVISOR, true, ["supervisor", "-", "-"]),
    (EX_SUPERVISOR, true, ["overseer no word", "-", "-"]),
    (NONE, false, ["supervisor", "-", "-"]),
    (REQUESTER, false, ["requester", "requester", "requester"]),
    (AGENT, false, ["agent", "agent", "-"]),
    (EX_AGENT, false, ["agent", "agent until", "-"]),
    (COLLEAGUE, false, ["supervisor", "colleague", "-"]),
    (EX_COLLEAGUE, false, ["supervisor", "colleague until", "-"]),
    (SUPERVISOR, false, ["supervisor", "-", "-"]),
    (EX_SUPERVISOR, false, ["supervisor", "-", "-"]),
];

fn user(permissions: Permissions, team: TeamId) -> User {
    User {
        id: UserId(9),
        username: "kim".to_owned(),
        name: "Kim".to_owned(),
        role: AccountRole::Supervisor,
        permissions,
        teams: vec![Membership { id: team, name: String::new() }],
        queues: Vec::new(),
        authority: Authority::LookedUp,
    }
}

fn sets() -> impl Iterator<Item = Permissions> {
    (0..1_u32 << Permission::ALL.len()).map(|bits| {
        let all = Permission::ALL.into_iter().enumerate();
        all.filter(|(place, _)| bits & (1 << place) != 0).map(|(_, it)| it).collect()
    })
}

fn time(part: PartKind, left: bool) -> PartTime {
    PartTime { part, left: left.then_some(LEFT) }
}

fn look(parts: &[PartTime], runs: bool, offered: bool, user: &User) -> Option<Access> {
    access(&InteractionFacts { runs, teams: &[OWN], parts, offered }, user)
}

fn said(access: Option<Access>) -> String {
    let Some(Access { reader, span }) = access else { return "-".to_owned() };
    let reader = format!("{reader:?}").to_lowercase();
    match span {
        Span::All => reader,
        Span::Until(place) => {
            assert_eq!(place, LEFT);
            format!("{reader} until")
        }
        Span::Nothing => format!("{reader} no word"),
    }
}

#[test]
fn every_part_right_and_team_is_answered_as_the_table_says() {
    let mut asked = 0;
    for (part, runs, answers) in TABLE {
        for permissions in sets() {
            for team in [OWN, OTHER] {
                let has = |permission| permissions.has(permission);
                let may_supervise = has(Permission::ViewContactCenterDashboard)
                    && has(Permission::MonitorLiveCalls);
                let row = if may_supervise && team == OWN {
                    0
                } else if may_supervise || has(Permission::TakeCalls) {
                    1
                } else {
                    2
                };
                let parts: Vec<PartTime> =
                    part.into_iter().map(|(part, left)| time(part, left)).collect();
                let given = said(look(&parts, runs, false, &user(permissions, team)));
                assert_eq!(given, answers[row], "{part:?}, runs {runs}, {permissions:?}, {team}");
                asked += 1;
            }
        }
    }
    assert_eq!(asked, 16 * 256 * 2);
}

#[test]
fn what_is_offered_is_seen_by_staff_without_a_word_and_while_it_runs() {
    let agent = user(Permissions::NONE.with(Permission::TakeCalls), OWN);
    assert_eq!(said(look(&[], true, true, &agent)), "offered no word");
    assert_eq!(said(look(&[time(PartKind::Agent, true)], true, true, &agent)), "offered no word");
    assert_eq!(said(look(&[time(PartKind::Agent, false)], true, true, &agent)), "agent");
    assert_eq!(said(look(&[], false, true, &agent)), "-");
    assert_eq!(said(look(&[], true, true, &user(Permissions::NONE, OWN))), "-");
}

#[test]
fn of_several_parts_the_last_leaving_counts() {
    let agent = user(Permissions::NONE.with(Permission::TakeCalls), OWN);
    let early = PartTime { part: PartKind::Agent, left: Some(Place { event: 2, ..LEFT }) };
    let late = time(PartKind::Colleague, true);
    for parts in [[early, late], [late, early]] {
        assert_eq!(said(look(&parts, true, false, &agent)), "agent until");
        assert_eq!(said(look(&parts, false, false, &agent)), "agent until");
    }
    let there = [early, time(PartKind::Colleague, false)];
    assert_eq!(said(look(&there, true, false, &agent)), "colleague");
    assert_eq!(said(look(&there, false, false, &agent)), "agent");
    // Having listened in between adds nothing.
    let listened = [early, time(PartKind::Supervisor, false), late];
    assert_eq!(said(look(&listened, true, false, &agent)), "agent until");
}

#[test]
fn a_span_ends_with_what_was_there() {
    let until = Access { reader: Reader::Agent, span: Span::Until(LEFT) };
    let (public, private) = (Visibility::Public, Visibility::Private);
    assert!(until.reads_message(private, 3) && !until.reads_message(public, 4));
    assert!(until.reaches_event(7) && !until.reaches_event(8));
    assert!(until.reads_note(UnixMs(700)) && !until.reads_note(UnixMs(701)));
    let overseer = Access { reader: Reader::Overseer, span: Span::Nothing };
    assert!(!overseer.reads_message(public, 1) && !overseer.reads_words());
    assert!(overseer.reaches_event(9) && !overseer.reads_note(UnixMs(0)));
    let requester = Access { reader: Reader::Requester, span: Span::All };
    assert!(requester.reads_message(public, 9) && !requester.reads_message(private, 1));
    assert!(!requester.reads_note(UnixMs(0)));
}

#[test]
fn the_right_over_any_team_of_the_interaction_counts() {
    let supervisor = user(
        [Permission::ViewContactCenterDashboard, Permission::MonitorLiveCalls]
            .into_iter()
            .collect(),
        OWN,
    );
    assert!(is_staff(&supervisor));
    let facts = InteractionFacts { runs: false, teams: &[OTHER, OWN], parts: &[], offered: false };
    assert_eq!(said(access(&facts, &supervisor)), "supervisor");
    let nobodys = InteractionFacts { teams: &[], ..facts };
    assert_eq!(said(access(&nobodys, &supervisor)), "-");
}
