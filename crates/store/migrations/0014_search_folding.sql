-- Words are folded from now on, and what is written without blanks is found piece by piece: every text
-- is put into the index once more, whatever its author's budget. Position 0 stands for the names and
-- the subject of an interaction, the largest one for its notes.
ALTER TABLE search_pending ADD COLUMN again BIGINT NOT NULL DEFAULT 0;

INSERT INTO search_pending (interaction_id, position, again)
SELECT interaction_id, position, 1 FROM messages
WHERE NOT EXISTS (SELECT 1 FROM search_pending
                  WHERE search_pending.interaction_id = messages.interaction_id
                  AND search_pending.position = messages.position);
INSERT INTO search_pending (interaction_id, position, again) SELECT id, 0, 1 FROM interactions;
INSERT INTO search_pending (interaction_id, position, again)
SELECT DISTINCT interaction_id, 9223372036854775807, 1 FROM notes;
