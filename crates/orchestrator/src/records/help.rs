//! Help requests, as the store keeps them for the reports.

use interaction::{Help, HelpCancel, HelpStage, TeamId};

/// A help request of a call or conversation of this queue and team.
pub fn record(
    help: &Help,
    agent_name: String,
    queue: Option<String>,
    team: Option<TeamId>,
) -> store::HelpRecord {
    let (stage, ended_at, why) = match help.stage {
        HelpStage::Open => ("open", None, None),
        HelpStage::InProgress { .. } => ("in_progress", None, None),
        HelpStage::Closed { at, .. } => ("closed", Some(at.0), None),
        HelpStage::Cancelled { why, at } => ("cancelled", Some(at.0), Some(cancel_name(why))),
    };
    store::HelpRecord {
        number: help.number,
        agent: help.agent.0,
        agent_name,
        queue,
        team: team.map(|team| team.0),
        reason: help.reason.clone(),
        stage: stage.to_owned(),
        raised_at: help.raised_at.0,
        taken_at: help.taken_at.map(|at| at.0),
        taken_by: help.taken_by().map(|user| user.0),
        ended_at,
        cancelled_why: why.map(str::to_owned),
    }
}

/// Why it came to nothing, as the store and the API name it.
pub fn cancel_name(why: HelpCancel) -> &'static str {
    match why {
        HelpCancel::Withdrawn => "withdrawn",
        HelpCancel::Transferred => "transferred",
        HelpCancel::AgentLeft => "agent_left",
        HelpCancel::Ended => "ended",
    }
}
