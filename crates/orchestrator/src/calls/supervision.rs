//! Supervising calls: begun in Listen, and from there to another mode.

use accounts::{NotCurrent, User};
use control_plane::Subject;
use interaction::{CallId, Command, ModeKind, Permission, StationId, Viewer};

use super::LegNow;
use super::error::{ChangeLegError, SuperviseError};
use crate::Orchestrator;
use crate::error::{Bug, Lacks, NotAllowed, NotBegun};

impl Orchestrator {
    /// Begins to supervise, in Listen.
    ///
    /// # Errors
    /// [`SuperviseError`].
    pub async fn supervise(
        &self,
        user: &User,
        call: CallId,
        station: StationId,
        mode: ModeKind,
    ) -> Result<LegNow, SuperviseError> {
        let begin = async {
            self.may_supervise(user, call)?;
            if mode != ModeKind::Listen {
                return Err(SuperviseError::NotListen(Box::new(self.call(user, call)?)));
            }
            self.own_station(user.id, station)?;
            self.live().learn(call, user);
            let rights = user.permissions.rights();
            let command = Command::Supervise { user: user.id, rights };
            let begun = self.command(user, call, command, Some(station));
            self.in_sight(user, Subject::Call(call), begun).await
        };
        let reply = self.audited(user, call, mode, false, begin).await?;
        let leg = reply.applied.joined.ok_or(Bug("supervision made no leg"))?;
        Ok(self.leg_now(Viewer::Supervisor, &reply.state, leg)?)
    }

    /// Begins to supervise, which belongs to a sign-in that has an event stream, and ends with the
    /// last one of it.
    pub(crate) async fn in_sight<T, C, E: From<C> + From<NotCurrent> + From<NotBegun>>(
        &self,
        user: &User,
        what: Subject,
        begin: impl Future<Output = Result<T, C>>,
    ) -> Result<T, E> {
        let before = {
            let mut live = self.live();
            self.check(user)?;
            let sign_in = user.authority.sign_in().filter(|it| live.has_stream(user.id, it.id));
            let sign_in = sign_in.ok_or(NotBegun::NoEventStream)?;
            live.handle_supervision_beginning(what, user.id, sign_in.id)
        };
        let begun = begin.await;
        if begun.is_err() {
            self.live().handle_supervision_failed(what, user.id, before);
        }
        Ok(begun?)
    }

    /// Another mode of the user's own supervision.
    pub(super) async fn set_mode(
        &self,
        user: &User,
        call: CallId,
        leg: &str,
        (mode, coach, announce, revision): (ModeKind, Option<String>, bool, Option<u64>),
    ) -> Result<LegNow, ChangeLegError> {
        let viewer = self.viewer(user, call)?;
        let leg = self.find_leg(viewer, call, leg)?;
        // The rights of this very moment; the leg learns of a change a little later.
        if !user.permissions.rights().allow(mode) {
            return Err(Lacks(right_for(mode)).into());
        }
        let coach = coach.map(|it| self.find_leg(viewer, call, &it)).transpose()?;
        let expected = revision.map(interaction::Revision);
        let command = Command::SetMode { leg, mode, coach, announce, expected };
        let reply = self.command(user, call, command, None).await?;
        Ok(self.leg_now(viewer, &reply.state, leg)?)
    }

    fn may_supervise(&self, user: &User, call: CallId) -> Result<(), SuperviseError> {
        match self.viewer(user, call)? {
            Viewer::Supervisor => Ok(()),
            Viewer::Caller | Viewer::Agent(_) if user.permissions.may_supervise() => {
                Err(NotAllowed("You are on this call yourself and can't supervise it.").into())
            }
            Viewer::Caller | Viewer::Agent(_) => Err(Lacks(Permission::MonitorLiveCalls).into()),
        }
    }
}

fn right_for(mode: ModeKind) -> Permission {
    match mode {
        ModeKind::Listen => Permission::MonitorLiveCalls,
        ModeKind::Whisper => Permission::WhisperLiveCalls,
        ModeKind::Barge | ModeKind::TakeOver => Permission::BargeLiveCalls,
    }
}
