//! What a centre may choose about supervision; the one rule itself is not among it.

use crate::Gain;

/// The centre's choices. The default is the one described on each field.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
// What was not yet there when it was kept has its default.
#[cfg_attr(feature = "serde", serde(default))]
pub struct Policy {
    /// Tell the agent when somebody only listens. Default: no.
    pub notify_agent_on_listen: bool,
    /// Supervisors on the same call hear each other's whispers. Default: yes.
    pub supervisors_hear_whispers: bool,
    /// The caller's gain in the mix of an agent who is being coached. Default: −6 dB.
    pub duck: Gain,
    /// The caller hears a tone while on hold, instead of silence. Default: no.
    pub hold_tone: bool,
    /// Who hears the tone at a Barge and a take-over. Default: caller and agents.
    pub barge_tone: TonePolicy,
    /// Whether the coached agent hears a beep at each entry into Whisper. Default: yes.
    pub whisper_beep: bool,
    /// Agents whose call a supervisor has taken over hear on what is said with the caller; nobody hears
    /// them either way. Default: yes.
    pub agents_hear_take_over: bool,
}

/// Who hears the barge tone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct TonePolicy {
    /// The caller does.
    pub caller: bool,
    /// The agents do.
    pub agents: bool,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            notify_agent_on_listen: false,
            supervisors_hear_whispers: true,
            duck: Gain::from_db(-6),
            hold_tone: false,
            barge_tone: TonePolicy { caller: true, agents: true },
            whisper_beep: true,
            agents_hear_take_over: true,
        }
    }
}
