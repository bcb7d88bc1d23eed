//! Customers who write, and the agents who answer them. Each says their next line once the other has said theirs, so a
//! supervisor or a visitor may write in between. A visitor's chat is answered, too, with what fits everything.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use client::ClientError;
use client::api::Api;
use client::events::{Events, Received};
use client::session::Session;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use wire::{
    ConversationPhase, ConversationView, HelpAction, HelpRequest, MemberPart, OpenConversation,
    PostMessage, TextEvent, TypingRequest, Visibility,
};

use super::{Shared, is_refusal};
use crate::dialogs::{ANYTHING, DIALOGS, Dialog};

/// Whoever has read no answer by then goes away.
const PATIENCE: Duration = Duration::from_secs(240);
/// Lines of a customer that one agent may still have to answer.
const UNANSWERED_MAX: usize = 16;

/// The dialogs of the chats under way, by the conversation's id.
#[derive(Debug, Default)]
pub(super) struct Talks(Mutex<HashMap<String, &'static Dialog>>);

impl Talks {
    fn put(&self, id: &str, dialog: &'static Dialog) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(id.to_owned(), dialog);
    }

    fn get(&self, id: &str) -> Option<&'static Dialog> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(id).copied()
    }

    fn remove(&self, id: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(id);
    }
}

/// One chat of a customer's, from their name to the end. Every customer goes through all dialogs.
pub(super) async fn one_chat(
    shared: &Arc<Shared>,
    customer: usize,
    round: usize,
    rng: &mut StdRng,
) -> Result<(), ClientError> {
    let dialog = &DIALOGS[(customer + round) % DIALOGS.len()];
    let name = shared.names.take(dialog.customer, rng);
    let session = Session::guest(&shared.config.server, name.as_str()).await?;
    let mut events = session.events().await?;
    let open = OpenConversation {
        queue: dialog.queue.to_owned(),
        subject: Some(dialog.subject.to_owned()),
        visitor: None,
    };
    let id = session.api().open_conversation(&open).await?.id;
    shared.talks.put(&id, dialog);
    let outcome = tokio::select! {
        () = shared.closing.cancelled() => Ok(()),
        outcome = converse(session.api(), &mut events, (&id, dialog), rng) => outcome,
    };
    shared.talks.remove(&id);
    match session.api().end_conversation(&id).await {
        Err(error) if !is_refusal(&error) => tracing::debug!(%error, "ending a chat"),
        _ => {}
    }
    events.close().await;
    outcome
}

/// The customer's lines, each after the answer to the one before.
async fn converse(
    api: &Api,
    events: &mut Events,
    (id, dialog): (&str, &Dialog),
    rng: &mut StdRng,
) -> Result<(), ClientError> {
    for (number, line) in dialog.lines.iter().step_by(2).enumerate() {
        if number > 0 && !is_answered(events, id).await? {
            return Ok(());
        }
        say(api, id, line, rng).await?;
    }
    tokio::time::sleep(Duration::from_secs(4)).await;
    Ok(())
}

/// Waits for somebody of the staff to write; `false`: nobody does, or it is over.
async fn is_answered(events: &mut Events, id: &str) -> Result<bool, ClientError> {
    let answer = async {
        loop {
            let Received::Text(envelope) =
                events.next_any().await?.ok_or(ClientError::EventsEnded)?
            else {
                continue;
            };
            match envelope.event {
                TextEvent::MessagePosted { conversation, message }
                    if conversation == id && message.part != MemberPart::Requester =>
                {
                    return Ok(true);
                }
                TextEvent::Ended { conversation } if conversation.id == id => return Ok(false),
                _ => {}
            }
        }
    };
    tokio::time::timeout(PATIENCE, answer).await.unwrap_or(Ok(false))
}

/// Types for as long as the line is, and sends it.
async fn say(api: &Api, id: &str, line: &str, rng: &mut StdRng) -> Result<(), ClientError> {
    tokio::time::sleep(Duration::from_millis(rng.random_range(1_000..4_000))).await;
    let typing = |typing| TypingRequest { visibility: Visibility::Public, typing };
    // A sign too many is refused, which is no matter.
    drop(api.tell_typing(id, &typing(true)).await);
    tokio::time::sleep(Duration::from_millis(40) * u32::try_from(line.len()).unwrap_or(100)).await;
    let message = PostMessage {
        text: line.to_owned(),
        visibility: Visibility::Public,
        client_id: format!("{:032x}", rng.random::<u128>()),
        attachments: Vec::new(),
    };
    api.post_message(id, &message).await.map(drop)
}

/// An agent who answers whoever writes, from sign-in until the demo closes or something fails.
pub(super) async fn serve(
    shared: &Arc<Shared>,
    index: usize,
    rng: &mut StdRng,
) -> Result<(), ClientError> {
    let config = &shared.config;
    let account = &config.chat_agents[index].username;
    let session = Session::sign_in(&config.server, account, &config.password).await?;
    let mut events = session.events().await?;
    let outcome = tokio::select! {
        () = shared.closing.cancelled() => Ok(()),
        outcome = take_chats(shared, &session, &mut events, rng) => outcome,
    };
    // In order, as far as the server is still there.
    drop(session.not_ready("The demo has ended").await);
    events.close().await;
    outcome
}

/// Takes whatever is offered; each chat is answered by itself, so that nobody waits for another one.
async fn take_chats(
    shared: &Arc<Shared>,
    session: &Session,
    events: &mut Events,
    rng: &mut StdRng,
) -> Result<(), ClientError> {
    session.ready().await?;
    let mut chats: HashMap<String, mpsc::Sender<()>> = HashMap::new();
    let mut answering = JoinSet::new();
    loop {
        let Received::Text(envelope) = events.next_any().await?.ok_or(ClientError::EventsEnded)?
        else {
            continue;
        };
        // What is done ends here: only those that go on are held.
        while answering.try_join_next().is_some() {}
        match envelope.event {
            TextEvent::Offered(offer) => {
                let view = offer.conversation;
                let (said, lines) = mpsc::channel(UNANSWERED_MAX);
                chats.insert(view.id.clone(), said);
                let (shared, api) = (shared.clone(), session.api().clone());
                let rng = StdRng::seed_from_u64(rng.random());
                answering.spawn(async move {
                    if let Err(error) = answer(&shared, &api, &view, lines, rng).await
                        && !is_refusal(&error)
                    {
                        tracing::debug!(%error, "answering a chat");
                    }
                });
            }
            TextEvent::MessagePosted { conversation, message }
                if message.part == MemberPart::Requester =>
            {
                let is_full = |said: &mpsc::Sender<()>| said.try_send(()).is_err();
                if chats.get(&conversation).is_some_and(is_full) {
                    tracing::debug!(conversation, "more is written than can be answered");
                }
            }
            TextEvent::Ended { conversation } | TextEvent::Updated { conversation }
                if conversation.state == ConversationPhase::Ended =>
            {
                chats.remove(&conversation.id);
            }
            _ => {}
        }
    }
}

/// Accepts a chat, and answers each line of the customer's until it is over. The first lines were written before.
async fn answer(
    shared: &Shared,
    api: &Api,
    view: &ConversationView,
    mut lines: mpsc::Receiver<()>,
    mut rng: StdRng,
) -> Result<(), ClientError> {
    tokio::time::sleep(Duration::from_millis(rng.random_range(1_500..5_000))).await;
    let accepted = api.accept_conversation(&view.id).await?;
    let dialog = shared.talks.get(&view.id);
    let mut answers = dialog.map_or(&[][..], |it| it.lines).iter().skip(1).step_by(2);
    let mut anything = ANYTHING.iter().cycle();
    let mut is_first = accepted.messages > 0;
    let mut said = 0_usize;
    loop {
        if !std::mem::take(&mut is_first) && lines.recv().await.is_none() {
            return Ok(());
        }
        // Several lines at once are answered once.
        while lines.try_recv().is_ok() {}
        let scripted = answers.next();
        let is_done = scripted.is_none() && dialog.is_some();
        if is_done {
            continue;
        }
        let line = scripted.or_else(|| anything.next()).copied().unwrap_or_default();
        say(api, &view.id, line, &mut rng).await?;
        said += 1;
        if let Some(reason) = dialog.and_then(|it| it.help).filter(|_| said == 1) {
            let help = HelpRequest { action: HelpAction::Raise, reason: Some(reason.to_owned()) };
            api.help_in_conversation(&view.id, &help).await?;
        }
    }
}
