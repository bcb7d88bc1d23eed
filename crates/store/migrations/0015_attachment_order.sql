-- The place of an attachment within its message: as its author put them.
ALTER TABLE attachments ADD COLUMN place BIGINT NOT NULL DEFAULT 0;
