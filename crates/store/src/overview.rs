//! What a list shows beside each interaction: who took part, what help was asked for, and how it was wrapped up.

use sqlx::{AssertSqlSafe, Row};

use crate::interaction::member;
use crate::row::placeholders;
use crate::{HelpRecord, MemberRecord, PAGE_ROWS_MAX, Store, StoreError, help};

impl Store {
    /// Who took part in each of these, with the interaction's id; at most [`PAGE_ROWS_MAX`] ids
    /// are looked at.
    pub async fn members_of_all(
        &self,
        ids: &[&str],
    ) -> Result<Vec<(String, MemberRecord)>, StoreError> {
        let ids = &ids[..ids.len().min(PAGE_ROWS_MAX as usize)];
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let select = format!(
            "SELECT interaction_id, user_id, part, name, joined_event, left_event, left_message, \
             left_at FROM interaction_members WHERE interaction_id IN ({}) ORDER BY interaction_id, part, user_id",
            placeholders(1, ids.len())
        );
        let mut query = sqlx::query(AssertSqlSafe(select));
        for id in ids {
            query = query.bind(*id);
        }
        query
            .fetch_all(&self.reads)
            .await?
            .iter()
            .map(|row| Ok((row.try_get("interaction_id")?, member(row)?)))
            .collect()
    }

    /// The wrap-up codes of each of these, the latest last, with the interaction's id; at most
    /// [`PAGE_ROWS_MAX`] ids are looked at.
    pub async fn codes_of_all(&self, ids: &[&str]) -> Result<Vec<(String, String)>, StoreError> {
        let ids = &ids[..ids.len().min(PAGE_ROWS_MAX as usize)];
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let select = format!(
            "SELECT interaction_id, code FROM notes WHERE code IS NOT NULL \
             AND interaction_id IN ({}) ORDER BY interaction_id, at, id",
            placeholders(1, ids.len())
        );
        let mut query = sqlx::query_as(AssertSqlSafe(select));
        for id in ids {
            query = query.bind(*id);
        }
        Ok(query.fetch_all(&self.reads).await?)
    }

    /// The help requests of each of these, in order, with the interaction's id; at most
    /// [`PAGE_ROWS_MAX`] ids are looked at.
    pub async fn help_of_all(&self, ids: &[&str]) -> Result<Vec<(String, HelpRecord)>, StoreError> {
        let ids = &ids[..ids.len().min(PAGE_ROWS_MAX as usize)];
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let select = format!(
            "SELECT interaction_id, {} FROM help_requests WHERE interaction_id IN ({}) \
             ORDER BY interaction_id, number",
            help::COLUMNS,
            placeholders(1, ids.len())
        );
        let mut query = sqlx::query(AssertSqlSafe(select));
        for id in ids {
            query = query.bind(*id);
        }
        let rows = query.fetch_all(&self.reads).await?;
        rows.iter().map(|row| Ok((row.try_get("interaction_id")?, help::record(row)?))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{InteractionChange, InteractionRecord, Location, NoteRecord};

    #[tokio::test]
    async fn members_and_help_come_with_whose_they_are() {
        let directory = tempfile::tempdir().unwrap();
        let store = Store::open(&Location::Directory(directory.path().to_owned())).await.unwrap();
        for (id, agents) in [("one", 2_u64), ("two", 1)] {
            let record = InteractionRecord {
                id: id.to_owned(),
                kind: crate::InteractionKind::Conversation,
                channel: "web_chat".to_owned(),
                queue: None,
                requester: 9,
                requester_name: "Nora".to_owned(),
                subject: None,
                opened_at: 1,
                answered_at: None,
                ended_at: None,
                end_reason: None,
                opening: None,
                customer: None,
            };
            let member = |user| MemberRecord {
                user,
                part: ::interaction::conversation::PartKind::Agent,
                name: String::new(),
                joined_event: None,
                left: None,
            };
            let members = (1..=agents).map(member).collect();
            let change = InteractionChange { members, ..InteractionChange::default() };
            store.open_interaction(&record, &change).await.unwrap();
        }
        let request = HelpRecord {
            number: 1,
            agent: 1,
            agent_name: "Ana".to_owned(),
            queue: None,
            team: None,
            reason: None,
            stage: "in_progress".to_owned(),
            raised_at: 1,
            taken_at: Some(2),
            taken_by: Some(5),
            ended_at: None,
            cancelled_why: None,
        };
        store.keep_help("two", &request).await.unwrap();
        let closed = HelpRecord { stage: "closed".to_owned(), taken_by: None, ..request };
        store.keep_help("two", &closed).await.unwrap();

        for (at, code) in [(3, None), (4, Some("callback")), (5, Some("resolved"))] {
            let note = NoteRecord {
                kind: "note".to_owned(),
                at,
                author: 1,
                author_name: "Ana".to_owned(),
                code: code.map(str::to_owned),
                text: String::new(),
            };
            store.add_note("two", &note).await.unwrap();
        }
        let codes = store.codes_of_all(&["one", "two"]).await.unwrap();
        let codes: Vec<&str> = codes.iter().map(|(_, code)| code.as_str()).collect();
        assert_eq!(codes, ["callback", "resolved"]);
        let members = store.members_of_all(&["one", "two", "three"]).await.unwrap();
        let of = |id: &str| members.iter().filter(|(whose, _)| whose == id).count();
        assert_eq!((of("one"), of("two"), of("three")), (2, 1, 0));
        let help = store.help_of_all(&["one", "two"]).await.unwrap();
        assert_eq!(
            (help.len(), help[0].0.as_str(), help[0].1.stage.as_str()),
            (1, "two", "closed")
        );
        assert_eq!(help[0].1.taken_by, Some(5), "who had it last stays known");
        assert!(store.members_of_all(&[]).await.unwrap().is_empty());
    }
}
