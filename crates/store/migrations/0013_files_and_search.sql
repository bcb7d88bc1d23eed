-- How much one person has uploaded lately.
CREATE INDEX attachments_by_owner ON attachments (owner, uploaded_at);

-- Why a post was given up, and what its connector said to that.
ALTER TABLE channel_outbox ADD COLUMN cause TEXT;
ALTER TABLE channel_outbox ADD COLUMN detail TEXT;

-- Messages whose words are not in the index yet: written with the message, taken out with its words.
CREATE TABLE search_pending (
    interaction_id TEXT   NOT NULL,
    position       BIGINT NOT NULL,
    PRIMARY KEY (interaction_id, position)
);

-- Words are looked for by word; a second copy of the interaction's id for each served nobody.
DROP INDEX search_terms_by_interaction;
