-- Reports: who supervised whom, and how calls were offered and answered.

CREATE INDEX supervision_audit_by_time ON supervision_audit (at);

-- What was offered to an agent, and what came of it: 'answered', 'declined', 'missed', or
-- 'withdrawn' (its customer went, or it went elsewhere). Written once, when the offer is over.
CREATE TABLE agent_offers (
    id             BIGINT NOT NULL PRIMARY KEY,
    interaction_id TEXT   NOT NULL,
    kind           TEXT   NOT NULL,
    agent          BIGINT NOT NULL,
    agent_name     TEXT   NOT NULL,
    queue          TEXT,
    team_id        BIGINT,
    offered_at     BIGINT NOT NULL,
    ended_at       BIGINT NOT NULL,
    outcome        TEXT   NOT NULL
);
CREATE INDEX agent_offers_by_time ON agent_offers (offered_at);
CREATE INDEX agent_offers_by_agent ON agent_offers (agent, offered_at);

-- A queue's goal: this part of its calls is answered within this time.
ALTER TABLE queue_settings ADD COLUMN goal_percent BIGINT NOT NULL DEFAULT 80;
ALTER TABLE queue_settings ADD COLUMN goal_seconds BIGINT NOT NULL DEFAULT 20;

-- Whoever administers has read the record of changes since ever; the record of supervision is a
-- right of its own, which they could grant themselves.
UPDATE users SET permissions = permissions || ' read_audit'
WHERE ' ' || permissions || ' ' LIKE '% administer %'
  AND ' ' || permissions || ' ' NOT LIKE '% read_audit %';
