-- Entries about supervision have one order, not the clock's: two may fall into one millisecond. An
-- act is written when it is asked for (outcome 'asked') and again when its outcome is known.
ALTER TABLE supervision_audit ADD COLUMN position BIGINT NOT NULL DEFAULT 0;

UPDATE supervision_audit SET position = numbered.place FROM (
    SELECT id, ROW_NUMBER() OVER (ORDER BY at, id) AS place FROM supervision_audit
) AS numbered WHERE supervision_audit.id = numbered.id;

CREATE UNIQUE INDEX supervision_audit_by_position ON supervision_audit (position);

-- One row: the last position. Whoever writes entries takes theirs first.
CREATE TABLE supervision_head (
    id       BIGINT NOT NULL PRIMARY KEY,
    position BIGINT NOT NULL
);
INSERT INTO supervision_head (id, position)
    SELECT 1, COALESCE(MAX(position), 0) FROM supervision_audit;
