//! What holds until administrators choose otherwise.

use std::time::Duration;

use control_plane::MESSAGES_PER_MINUTE;
use interaction::offers::{LineConfig, Medium};
use orchestrator::settings::Policies;

use super::Config;

impl Config {
    /// The choices that hold until an administrator makes others.
    pub fn policies(&self) -> Policies {
        let policy = &self.policy;
        let (dispatch, text) = (LineConfig::of(Medium::Voice), LineConfig::of(Medium::Text));
        let seconds = |duration: Duration| duration.as_secs() as u32;
        Policies {
            notify_agent_on_listen: policy.notify_agent_on_listen,
            supervisors_hear_whispers: policy.supervisors_hear_whispers,
            whisper_beep: policy.whisper_beep,
            barge_tone_caller: policy.barge_tone_caller,
            barge_tone_agents: policy.barge_tone_agents,
            hold_tone: policy.hold_tone,
            agents_hear_take_over: policy.agents_hear_take_over,
            duck_db: policy.duck_db,
            ring_timeout_s: self.ring_timeout_s as u32,
            call_wait_s: seconds(dispatch.max_wait),
            conversations_per_agent: text.per_agent_max as u32,
            offer_timeout_s: seconds(text.offer_timeout),
            conversation_wait_s: seconds(text.max_wait),
            handover_wait_s: seconds(text.handover_wait),
            messages_per_minute: MESSAGES_PER_MINUTE,
            after_call_s: seconds(dispatch.after_call),
        }
    }
}

#[cfg(test)]
mod tests {
    use interaction::Policy;
    use orchestrator::settings::{dispatch, policy, text_dispatch};

    use super::*;

    #[test]
    fn what_nobody_chose_is_as_the_server_was_started() {
        let config = Config { ring_timeout_s: 7, ..Config::default() };
        let base = config.policies();
        assert_eq!(policy(&base), config.policy());
        assert_eq!(policy(&base), Policy::default());
        assert_eq!(text_dispatch(&base), LineConfig::of(Medium::Text));
        let expected =
            LineConfig { offer_timeout: Duration::from_secs(7), ..LineConfig::of(Medium::Voice) };
        assert_eq!(dispatch(&base), expected);
    }
}
