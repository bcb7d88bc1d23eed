-- What administrators change, and the record of it. As in 0001: BIGINT and TEXT only, times are
-- Unix milliseconds, switches are 0 or 1.

-- Counts an administrator's changes: of two who change the same thing one is told.
ALTER TABLE users ADD COLUMN revision BIGINT NOT NULL DEFAULT 1;
ALTER TABLE teams ADD COLUMN revision BIGINT NOT NULL DEFAULT 1;
ALTER TABLE queues ADD COLUMN revision BIGINT NOT NULL DEFAULT 1;
ALTER TABLE skills ADD COLUMN revision BIGINT NOT NULL DEFAULT 1;

-- Sign-ins of an older generation are over: somebody else has set the password.
ALTER TABLE users ADD COLUMN generation BIGINT NOT NULL DEFAULT 0;

-- Every change, in order; never changed itself. What was changed is not referenced: it may be gone.
CREATE TABLE audit (
    position     BIGINT NOT NULL PRIMARY KEY,
    at           BIGINT NOT NULL,
    actor        BIGINT NOT NULL,
    actor_name   TEXT   NOT NULL,
    action       TEXT   NOT NULL,
    kind         TEXT   NOT NULL,
    subject      TEXT   NOT NULL,
    subject_name TEXT   NOT NULL,
    json_before  TEXT,
    json_after   TEXT
);
CREATE INDEX audit_by_kind ON audit (kind, position);

-- One row: the last position. Whoever changes something takes it first, so that changes come one
-- after the other, and what must hold for all of them can be looked at within one.
CREATE TABLE audit_head (
    id       BIGINT NOT NULL PRIMARY KEY,
    position BIGINT NOT NULL
);
INSERT INTO audit_head (id, position) VALUES (1, 0);

-- Choices for the whole centre, by name; a value is JSON of the server's.
CREATE TABLE centre_settings (
    name     TEXT   NOT NULL PRIMARY KEY,
    value    TEXT   NOT NULL,
    revision BIGINT NOT NULL
);

-- Who may whisper in text, one row; one of the skills is needed, none if there are none.
CREATE TABLE whisper_rules (
    id          BIGINT NOT NULL PRIMARY KEY,
    agents      BIGINT NOT NULL,
    colleagues  BIGINT NOT NULL,
    supervisors BIGINT NOT NULL,
    revision    BIGINT NOT NULL
);
INSERT INTO whisper_rules (id, agents, colleagues, supervisors, revision) VALUES (1, 1, 1, 1, 1);

CREATE TABLE whisper_skills (
    skill_id BIGINT NOT NULL PRIMARY KEY REFERENCES skills (id)
);

-- Texts that agents send with a click; without a queue, in every queue.
CREATE TABLE canned_replies (
    id       BIGINT NOT NULL PRIMARY KEY,
    title    TEXT   NOT NULL,
    text     TEXT   NOT NULL,
    queue_id BIGINT REFERENCES queues (id),
    revision BIGINT NOT NULL DEFAULT 1
);
