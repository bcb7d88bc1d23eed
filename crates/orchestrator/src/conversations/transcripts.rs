//! The two transcripts of a conversation that is over: made from its events, kept once.

use interaction::Target;
use interaction::access::Span;
use interaction::conversation::{
    Line, Reader, Said, TranscriptKind, may_have_transcript, transcript,
};
use interaction::text::without_controls;
use interaction::{ConversationId, QueueId, UserId};
use serde::Serialize;
use std::collections::BTreeMap;
use store::{InteractionRecord, StoreError, TranscriptRecord};

use super::commands::features;
use super::error::TranscriptError;
use crate::Orchestrator;
use crate::error::{NotAllowed, NotFound};
use crate::stored::Opening;
use accounts::{User, unix_now};

/// A transcript, in both of its forms.
#[derive(Clone, Debug)]
pub struct TranscriptFile {
    /// As text.
    pub text: String,
    /// As JSON, as it is stored and given out.
    pub json: String,
}

impl Orchestrator {
    /// One of the two transcripts of a conversation that is over.
    ///
    /// # Errors
    /// No such conversation, it goes on, or this one is not for the user.
    pub async fn transcript(
        &self,
        user: &User,
        id: ConversationId,
        kind: TranscriptKind,
    ) -> Result<TranscriptFile, TranscriptError> {
        let found = self.readable_conversation(user, id).await?;
        if found.runs {
            return Err(TranscriptError::StillGoesOn);
        }
        let (reader, row) = (found.access.reader, &found.record);
        let settings = self.settings_of(row.queue.as_deref()).await?;
        if !may_have_transcript(reader, kind, &features(&settings)) {
            return Err(match reader {
                Reader::Requester if kind == TranscriptKind::Internal => {
                    NotFound("transcript").into()
                }
                _ => NotAllowed("Transcripts are not given out for this queue.").into(),
            });
        }
        let kept = match found.access.span {
            Span::Nothing => return Err(NotFound("transcript").into()),
            // Of what came after they left they have none: it is made for them, and not kept.
            Span::Until(place) => self.transcribed(row, kind, place.event).await?,
            Span::All => match self.store().transcript(&row.id, kind_name(kind)).await? {
                Some(kept) => kept,
                None => self.make_transcript(row, kind).await?,
            },
        };
        // Those of former versions have the controls that were in their messages.
        Ok(TranscriptFile { text: without_controls(&kept.text), json: kept.json })
    }

    /// Makes both transcripts of a conversation that has ended.
    pub(crate) async fn transcribe(self, id: ConversationId) {
        let made = async {
            if let Some(row) = self.store().interaction(&id.to_string()).await? {
                self.make_transcript(&row, TranscriptKind::External).await?;
                self.make_transcript(&row, TranscriptKind::Internal).await?;
            }
            Ok::<(), StoreError>(())
        };
        // Whoever asks for one has it made then.
        if let Err(error) = made.await {
            tracing::error!(%id, %error, "the transcripts could not be made yet");
        }
    }

    async fn make_transcript(
        &self,
        row: &InteractionRecord,
        kind: TranscriptKind,
    ) -> Result<TranscriptRecord, StoreError> {
        let record = self.transcribed(row, kind, u64::MAX).await?;
        self.store().keep_transcript(&row.id, &record).await?;
        Ok(record)
    }

    /// A transcript of the first `events` events, by the policy of their time.
    async fn transcribed(
        &self,
        row: &InteractionRecord,
        kind: TranscriptKind,
        events: u64,
    ) -> Result<TranscriptRecord, StoreError> {
        // Positions count from 1 without gaps.
        let entries = self.entries_of(&row.id).await?;
        let entries = entries.iter().zip(1..=events).map(|(entry, _)| entry);
        let policy = Opening::of(row.opening.as_deref()).policy;
        let made = transcript(kind, &policy, UserId(row.requester), entries);
        let names = self.names_of(row).await?;
        let json = StoredTranscript {
            kind: kind_name(kind),
            lines: made.lines.iter().map(|line| names.line(line)).collect(),
        };
        Ok(TranscriptRecord {
            kind: kind_name(kind).to_owned(),
            text: made.text(|user| names.user(user), |target| names.target(target)),
            json: serde_json::to_string(&json).expect("a transcript is lists and texts"),
            made_at: unix_now().0,
        })
    }

    async fn settings_of(&self, queue: Option<&str>) -> Result<store::QueueSettings, StoreError> {
        let queues = self.store().queues().await?;
        match queues.into_iter().find(|it| Some(it.key.as_str()) == queue) {
            Some(queue) => Ok(self.settings().queue(QueueId(queue.id.0))),
            None => Ok(store::QueueSettings::default()),
        }
    }

    async fn names_of(&self, row: &InteractionRecord) -> Result<Names, StoreError> {
        let members = self.store().members_of(&row.id).await?;
        let agents = self.store().agents().await?;
        let agents = agents.into_iter().map(|it| (UserId(it.id.0), it.name));
        let queues = self.store().queues().await?;
        Ok(Names {
            users: agents
                .chain(members.into_iter().map(|it| (UserId(it.user), it.name)))
                .chain([(UserId(row.requester), row.requester_name.clone())])
                .collect(),
            queues: queues.into_iter().map(|it| (QueueId(it.id.0), it.name)).collect(),
        })
    }
}

/// How a transcript is called in the store.
fn kind_name(kind: TranscriptKind) -> &'static str {
    match kind {
        TranscriptKind::External => "external",
        TranscriptKind::Internal => "internal",
    }
}

/// A transcript as JSON: the API's form, which is stored as it was made.
#[derive(Serialize)]
struct StoredTranscript {
    kind: &'static str,
    lines: Vec<StoredLine>,
}

#[derive(Serialize)]
struct StoredLine {
    at: u64,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    private: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    author: Option<StoredAuthor>,
    text: String,
}

#[derive(Serialize)]
struct StoredAuthor {
    user: String,
    name: String,
}

struct Names {
    users: BTreeMap<UserId, String>,
    queues: BTreeMap<QueueId, String>,
}

impl Names {
    fn user(&self, user: UserId) -> String {
        self.users.get(&user).cloned().unwrap_or_default()
    }

    fn target(&self, target: Target) -> String {
        match target {
            Target::Agent(agent) => self.user(agent),
            Target::Queue(queue) => self.queues.get(&queue).cloned().unwrap_or_default(),
        }
    }

    fn line(&self, line: &Line) -> StoredLine {
        let (author, text) = match &line.said {
            Said::Message { author, text, .. } => {
                let author = StoredAuthor { user: author.to_string(), name: self.user(*author) };
                (Some(author), text.clone())
            }
            said => (None, said.sentence(|user| self.user(user), |target| self.target(target))),
        };
        StoredLine { at: line.at.0, private: line.private, author, text }
    }
}
