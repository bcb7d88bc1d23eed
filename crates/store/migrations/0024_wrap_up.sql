-- Wrap-up codes of each queue, one a line; none: those that every queue has.
ALTER TABLE queues ADD COLUMN wrap_up_codes TEXT NOT NULL DEFAULT '';

-- From where on something is a sign that a call goes badly.
ALTER TABLE queue_settings ADD COLUMN sign_dead_air_s BIGINT NOT NULL DEFAULT 20;
ALTER TABLE queue_settings ADD COLUMN sign_talk_over_percent BIGINT NOT NULL DEFAULT 25;
ALTER TABLE queue_settings ADD COLUMN sign_hold_s BIGINT NOT NULL DEFAULT 120;
ALTER TABLE queue_settings ADD COLUMN sign_help_s BIGINT NOT NULL DEFAULT 60;

-- How long agents wrote up a call after it, until they were there for the next one. Written once, when it is over.
CREATE TABLE wrap_ups (
    id             BIGINT NOT NULL PRIMARY KEY,
    interaction_id TEXT   NOT NULL,
    agent          BIGINT NOT NULL,
    agent_name     TEXT   NOT NULL,
    queue          TEXT,
    team_id        BIGINT,
    began_at       BIGINT NOT NULL,
    ended_at       BIGINT NOT NULL
);
CREATE INDEX wrap_ups_by_time ON wrap_ups (began_at);
