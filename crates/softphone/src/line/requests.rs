//! Requests, one after the other, each answered by an event.

use std::sync::Arc;

use client::ClientError;
use client::api::Api;
use tokio::sync::mpsc;
use wire::{HelpAction, HelpRequest, LegUpdate, PresenceChoice};

use super::LineEvent;
use super::account::Account;
use super::reconnect::Current;
use crate::phone::command::{Act, Request};

/// Carries out what is asked for, in order.
pub(super) struct RequestSender {
    pub account: Arc<Account>,
    pub current: Arc<Current>,
    pub tell: mpsc::Sender<LineEvent>,
}

impl RequestSender {
    /// Until nobody can ask any more.
    pub async fn run(self, mut requests: mpsc::Receiver<Request>) {
        while let Some(request) = requests.recv().await {
            let event = match self.account.ask(|api| self.perform(api, &request)).await {
                Ok(()) => LineEvent::Done(request),
                Err(error) => LineEvent::Refused(request, in_words(&error)),
            };
            // Nobody listens any more only when the program ends.
            let _ = self.tell.send(event).await;
        }
    }

    async fn perform(&self, api: Api, request: &Request) -> Result<(), ClientError> {
        let (call, act) = match request {
            Request::Presence { ready, reason } => {
                let choice = if *ready { PresenceChoice::Ready } else { PresenceChoice::NotReady };
                return api.set_presence(choice, reason.as_deref()).await;
            }
            Request::Call { call, act } => (call, act),
        };
        match act {
            Act::Answer => api.answer(call, &self.station()?).await,
            Act::Decline => api.decline(call).await,
            Act::HangUp => api.hang_up(call).await,
            Act::Hold => api.hold(call).await,
            Act::Resume => api.resume(call).await,
            Act::Help { reason } => {
                let help = HelpRequest { action: HelpAction::Raise, reason: reason.clone() };
                api.help(call, &help).await
            }
            Act::WithdrawHelp => {
                api.help(call, &HelpRequest { action: HelpAction::Close, reason: None }).await
            }
            Act::Listen => api.listen(call, &self.station()?).await.map(drop),
            Act::Leave { leg } => api.delete_leg(call, leg).await,
            Act::Mute { leg, on } => {
                let update = LegUpdate { muted: Some(*on), ..LegUpdate::default() };
                api.update_leg(call, leg, &update).await.map(drop)
            }
            Act::Mode { leg, mode } => {
                // The screen has asked before.
                let announce = *mode == wire::Mode::TakeOver;
                let update = LegUpdate { mode: Some(*mode), announce, ..LegUpdate::default() };
                api.update_leg(call, leg, &update).await.map(drop)
            }
            Act::Echo { leg, on } => {
                let update = LegUpdate { echo: Some(*on), ..LegUpdate::default() };
                api.update_leg(call, leg, &update).await.map(drop)
            }
            Act::ComeBack { leg } => {
                let update = LegUpdate { station: Some(self.station()?), ..LegUpdate::default() };
                api.update_leg(call, leg, &update).await.map(drop)
            }
        }
    }

    fn station(&self) -> Result<String, ClientError> {
        let station = self.current.borrow();
        station.as_ref().map(|station| station.id.clone()).ok_or(ClientError::NoStation)
    }
}

/// The server's own sentence, which says what to do; else what failed.
fn in_words(error: &ClientError) -> String {
    match error {
        ClientError::Problem(problem) => problem.detail.clone(),
        ClientError::NoStation => {
            "There is no sound connection to the server. It is being set up again: try in a moment."
                .to_owned()
        }
        error => format!("{error}. Try again."),
    }
}
