-- One text for SQLite and PostgreSQL: BIGINT and TEXT only; ids are drawn by the program, times
-- are Unix milliseconds, switches are 0 or 1.

CREATE TABLE users (
    id            BIGINT NOT NULL PRIMARY KEY,
    username      TEXT   NOT NULL UNIQUE,
    name          TEXT   NOT NULL,
    password_hash TEXT   NOT NULL,
    role          TEXT   NOT NULL,
    permissions   TEXT   NOT NULL,
    disabled      BIGINT NOT NULL DEFAULT 0,
    created_at    BIGINT NOT NULL
);

CREATE TABLE teams (
    id   BIGINT NOT NULL PRIMARY KEY,
    name TEXT   NOT NULL UNIQUE
);

CREATE TABLE team_members (
    team_id BIGINT NOT NULL REFERENCES teams (id),
    user_id BIGINT NOT NULL REFERENCES users (id),
    PRIMARY KEY (team_id, user_id)
);
CREATE INDEX team_members_by_user ON team_members (user_id);

CREATE TABLE queues (
    id             BIGINT NOT NULL PRIMARY KEY,
    key            TEXT   NOT NULL UNIQUE,
    name           TEXT   NOT NULL,
    team_id        BIGINT NOT NULL REFERENCES teams (id),
    open_to_guests BIGINT NOT NULL DEFAULT 0
);

CREATE TABLE queue_agents (
    queue_id BIGINT NOT NULL REFERENCES queues (id),
    user_id  BIGINT NOT NULL REFERENCES users (id),
    PRIMARY KEY (queue_id, user_id)
);
CREATE INDEX queue_agents_by_user ON queue_agents (user_id);

CREATE TABLE revoked_tokens (
    token_id   TEXT   NOT NULL PRIMARY KEY,
    expires_at BIGINT NOT NULL
);
