//! The one sweep that ends what may not be open any more.
//!
//! It compares what is open (event streams, stations, supervision, an agent's work) with what is valid
//! (sign-ins, permissions, teams): at once when rights change, and once a second in any case, so that
//! nothing depends on a message that could be missed. A sign-out ends what is its own by itself. Only
//! what is no longer valid ends, and nothing that a guest does concerns anything but the guest's own.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use accounts::OpenSignIn;
use control_plane::{Effect, Ended};
use futures_util::future::join_all;
use interaction::{RightsVersion, SignIn, SignInId, StationId, User, UserId};
use tokio::time::{MissedTickBehavior, interval, timeout};

use super::Orchestrator;

/// How often everything that is open is compared, whether or not anything seems to have changed.
const SWEEP_INTERVAL: Duration = Duration::from_secs(1);
/// How long the sweep waits for the workers and conversations to have done what it told them; it is
/// done in any case.
const CUT_PATIENCE: Duration = Duration::from_millis(500);

impl Orchestrator {
    pub(super) async fn sweep(self) {
        let mut ticks = interval(SWEEP_INTERVAL);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
        // The version of the rights with which each user was last compared.
        let mut compared = BTreeMap::new();
        loop {
            tokio::select! {
                changed = self.auth().changed() => {
                    self.compare(&changed.users, &mut compared).await;
                    self.auth().looked_at(&changed);
                }
                _ = ticks.tick() => {
                    self.end_sign_ins().await;
                    self.compare(&self.overlooked(&compared), &mut compared).await;
                }
            }
        }
    }

    /// Signs out, and ends everything that was opened by this sign-in, which is done when this
    /// returns.
    ///
    /// # Errors
    /// [`accounts::Error::SignOutNotKept`]: it counts and has ended all that, but a restart would forget
    /// it until it is kept.
    pub async fn sign_out(&self, user: &User) -> Result<(), accounts::Error> {
        let own = user.authority.sign_in().map(|it| (user.id, it.id));
        // The sign-out counts before either of them waits, and neither waits for the other.
        let (kept, ()) = tokio::join!(self.auth().logout(user), self.end_all(own));
        kept
    }

    /// Ends one of the user's sign-ins, with everything that was opened by it. `false`: it is none of
    /// theirs, or has ended before.
    ///
    /// # Errors
    /// As [`Self::sign_out`].
    pub async fn end_sign_in(&self, user: &User, id: SignInId) -> Result<bool, accounts::Error> {
        self.auth().check(user)?;
        let open = self.auth().sign_ins(user.id).await?;
        let Some(sign_in) = open.into_iter().find(|it| it.id == id) else { return Ok(false) };
        self.end_open(user.id, &[sign_in]).await?;
        Ok(true)
    }

    /// The same of all the user's sign-ins but the one by which this is asked.
    ///
    /// # Errors
    /// As [`Self::sign_out`].
    pub async fn end_other_sign_ins(&self, user: &User) -> Result<(), accounts::Error> {
        self.auth().check(user)?;
        let own = user.authority.sign_in().map(|it| it.id);
        let mut others = self.auth().sign_ins(user.id).await?;
        others.retain(|it| Some(it.id) != own);
        self.end_open(user.id, &others).await
    }

    async fn end_open(&self, user: UserId, open: &[OpenSignIn]) -> Result<(), accounts::Error> {
        let ids: Vec<(UserId, SignInId)> = open.iter().map(|it| (user, it.id)).collect();
        // They count before any of this waits.
        let kept = join_all(open.iter().map(|it| self.auth().end_sign_in(it)));
        let (kept, ()) = tokio::join!(kept, self.end_all(ids));
        kept.into_iter().collect()
    }

    /// Ends what was opened by sign-ins that have ended: by time, or in a way that was overlooked.
    async fn end_sign_ins(&self) {
        let open: BTreeMap<SignInId, (UserId, SignIn)> =
            self.live().sign_ins().map(|(user, it)| (it.id, (user, it))).collect();
        let over = open.into_values().filter(|(user, it)| self.auth().has_ended(*user, it));
        let over = over.map(|(user, it)| (user, it.id)).collect::<Vec<_>>();
        self.end_all(over).await;
        self.live().forget_ended_supervision();
    }

    async fn end_all(&self, sign_ins: impl IntoIterator<Item = (UserId, SignInId)>) {
        for (user, sign_in) in sign_ins {
            let ended =
                self.change(|live, _| (live.handle_sign_in_ended(user, sign_in), Vec::new()));
            self.end(ended).await;
        }
    }

    /// Compares what these users have open with their rights of this moment. Of one who can't be read
    /// the supervision ends, which is the safe side, and they are looked at again.
    async fn compare(
        &self,
        users: &BTreeSet<UserId>,
        compared: &mut BTreeMap<UserId, RightsVersion>,
    ) {
        for id in self.loudest_first(users) {
            let version = self.auth().version(id);
            if self.rights_changed(id).await {
                compared.insert(id, version);
            } else {
                compared.remove(&id);
            }
        }
    }

    /// Who supervises comes first: they may be heard.
    fn loudest_first(&self, users: &BTreeSet<UserId>) -> Vec<UserId> {
        let live = self.live();
        let (loud, others): (Vec<UserId>, Vec<UserId>) =
            users.iter().copied().partition(|id| live.supervises(*id));
        loud.into_iter().chain(others).collect()
    }

    /// Who has something open, and rights that are newer than those they were compared with.
    fn overlooked(&self, compared: &BTreeMap<UserId, RightsVersion>) -> BTreeSet<UserId> {
        let open: BTreeSet<UserId> = self.live().sign_ins().map(|(user, _)| user).collect();
        let is_new = |user: &UserId| {
            self.auth().version(*user) != compared.get(user).copied().unwrap_or_default()
        };
        open.into_iter().filter(is_new).collect()
    }

    /// Whether the user could be read and compared.
    async fn rights_changed(&self, id: UserId) -> bool {
        let loaded = self.auth().load_with_generation(id).await;
        if let Err(error) = &loaded {
            tracing::error!(%error, "somebody's rights can't be read: their supervision ends");
        }
        let is_read = loaded.is_ok();
        let (user, generation) = loaded.ok().flatten().unzip();
        let ended = self.change(|live, now| {
            let mut ended = Ended::default();
            if is_read {
                // An account that is switched off has no generation: none of its sign-ins has it.
                let over: BTreeSet<SignInId> = live
                    .sign_ins()
                    .filter(|(user, it)| *user == id && Some(it.generation) != generation)
                    .map(|(_, it)| it.id)
                    .collect();
                over.into_iter().for_each(|it| ended.extend(live.handle_sign_in_ended(id, it)));
            }
            ended.effects.extend(live.handle_rights(id, user.as_ref()));
            if is_read {
                ended.effects.extend(live.handle_account(now, id, user.as_ref()));
            }
            (ended, Vec::new())
        });
        self.end(ended).await;
        let orchestrator = self.clone();
        let text = async move { orchestrator.text_rights_changed(id, user.as_ref()).await };
        // Conversations wait for the disk; nobody else's rights wait for that.
        if timeout(CUT_PATIENCE, tokio::spawn(text)).await.is_err() {
            tracing::warn!("conversations are slow to learn of changed rights");
        }
        is_read
    }

    /// Does it, and waits until it is done, but not for ever.
    async fn end(&self, ended: Ended) {
        let (commands, others): (Vec<Effect>, Vec<Effect>) =
            ended.effects.into_iter().partition(|effect| {
                matches!(effect, Effect::ToMedia { .. } | Effect::ToConversation { .. })
            });
        let commands = commands.into_iter().map(|command| {
            let orchestrator = self.clone();
            tokio::spawn(async move { orchestrator.carry_out_own(command).await })
        });
        let commands = join_all(commands.collect::<Vec<_>>());
        if timeout(CUT_PATIENCE, commands).await.is_err() {
            tracing::warn!("a worker is slow to end what is no longer allowed");
        }
        self.change(|_, _| ((), others));
        self.close_stations(ended.stations).await;
    }

    async fn carry_out_own(self, effect: Effect) {
        match effect {
            Effect::ToMedia { call, command } => self.command_as_server(call, command).await,
            Effect::ToConversation { conversation, command } => {
                self.converse_as_server(conversation, command).await;
            }
            other => self.bring_about(vec![other]),
        }
    }

    /// One that is closed already is what was wanted; one that can't be closed now is still open at the
    /// next look.
    async fn close_stations(&self, stations: Vec<StationId>) {
        let closed = stations.into_iter().map(|id| self.inner.media.close_station(id));
        if timeout(CUT_PATIENCE, join_all(closed)).await.is_err() {
            tracing::warn!("a worker is slow to close stations");
        }
    }
}
