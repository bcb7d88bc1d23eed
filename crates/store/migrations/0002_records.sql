-- Facts about what happened; written once, never changed. Names are kept as they were then, and
-- users are not referenced, because guests have no account.

CREATE TABLE calls (
    call_id      TEXT   NOT NULL PRIMARY KEY,
    queue        TEXT,
    caller_name  TEXT   NOT NULL,
    caller_number TEXT,
    placed_at    BIGINT NOT NULL,
    answered_at  BIGINT,
    ended_at     BIGINT NOT NULL,
    end_reason   TEXT   NOT NULL
);
CREATE INDEX calls_by_end ON calls (ended_at);

CREATE TABLE call_parties (
    call_id   TEXT   NOT NULL REFERENCES calls (call_id),
    position  BIGINT NOT NULL,
    user_id   BIGINT NOT NULL,
    name      TEXT   NOT NULL,
    role      TEXT   NOT NULL,
    joined_at BIGINT NOT NULL,
    left_at   BIGINT NOT NULL,
    PRIMARY KEY (call_id, position)
);

CREATE TABLE supervision_audit (
    id         BIGINT NOT NULL PRIMARY KEY,
    at         BIGINT NOT NULL,
    user_id    BIGINT NOT NULL,
    username   TEXT   NOT NULL,
    call_id    TEXT   NOT NULL,
    action     TEXT   NOT NULL,
    outcome    TEXT   NOT NULL
);
CREATE INDEX supervision_audit_by_call ON supervision_audit (call_id, at);
CREATE INDEX supervision_audit_by_user ON supervision_audit (user_id, at);
