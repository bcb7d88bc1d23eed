-- Text: conversations and chats, what was written and what happened, help, notes, settings. As in
-- 0001: BIGINT and TEXT only, times are Unix milliseconds, switches are 0 or 1. Ids of
-- interactions and chats are those that the API shows.

-- Every contact of a customer, running or over: calls (written at their end) and conversations.
CREATE TABLE interactions (
    id             TEXT   NOT NULL PRIMARY KEY,
    kind           TEXT   NOT NULL,
    channel        TEXT   NOT NULL,
    queue          TEXT,
    requester_id   BIGINT NOT NULL,
    requester_name TEXT   NOT NULL,
    subject        TEXT,
    opened_at      BIGINT NOT NULL,
    answered_at    BIGINT,
    ended_at       BIGINT,
    end_reason     TEXT
);
CREATE INDEX interactions_by_opening ON interactions (opened_at, id);
CREATE INDEX interactions_by_queue ON interactions (queue, opened_at);
CREATE INDEX interactions_running ON interactions (kind, ended_at);

INSERT INTO interactions (id, kind, channel, queue, requester_id, requester_name, opened_at,
                          answered_at, ended_at, end_reason)
SELECT calls.call_id, 'call', 'voice', queue,
       COALESCE((SELECT MIN(user_id) FROM call_parties
                 WHERE call_parties.call_id = calls.call_id AND role = 'caller'), 0),
       caller_name, placed_at, answered_at, ended_at, end_reason
FROM calls;

-- Who took part, for lists and rights. A user may be there in several parts, one after the other.
CREATE TABLE interaction_members (
    interaction_id TEXT   NOT NULL REFERENCES interactions (id),
    user_id        BIGINT NOT NULL,
    part           TEXT   NOT NULL,
    name           TEXT   NOT NULL,
    PRIMARY KEY (interaction_id, user_id, part)
);
CREATE INDEX interaction_members_by_user ON interaction_members (user_id, interaction_id);

INSERT INTO interaction_members (interaction_id, user_id, part, name)
SELECT call_id, user_id, CASE role WHEN 'caller' THEN 'requester' ELSE role END, MIN(name)
FROM call_parties GROUP BY call_id, user_id, role;

-- Everything that happened, in order; data is JSON of the server's.
CREATE TABLE interaction_events (
    interaction_id TEXT   NOT NULL REFERENCES interactions (id),
    position       BIGINT NOT NULL,
    at             BIGINT NOT NULL,
    kind           TEXT   NOT NULL,
    actor          BIGINT,
    private        BIGINT NOT NULL,
    data           TEXT   NOT NULL,
    PRIMARY KEY (interaction_id, position)
);

CREATE TABLE messages (
    interaction_id  TEXT   NOT NULL REFERENCES interactions (id),
    position        BIGINT NOT NULL,
    public_position BIGINT,
    at              BIGINT NOT NULL,
    author          BIGINT NOT NULL,
    author_name     TEXT   NOT NULL,
    client_id       TEXT   NOT NULL,
    text            TEXT   NOT NULL,
    PRIMARY KEY (interaction_id, position),
    UNIQUE (interaction_id, public_position),
    UNIQUE (interaction_id, author, client_id)
);

-- An attachment belongs to one message at most; until then only its owner knows it.
CREATE TABLE attachments (
    id             BIGINT NOT NULL PRIMARY KEY,
    interaction_id TEXT   NOT NULL REFERENCES interactions (id),
    owner          BIGINT NOT NULL,
    position       BIGINT,
    name           TEXT   NOT NULL,
    media_type     TEXT   NOT NULL,
    size_bytes     BIGINT NOT NULL,
    sha256         TEXT   NOT NULL,
    uploaded_at    BIGINT NOT NULL
);
CREATE INDEX attachments_by_message ON attachments (interaction_id, position);

CREATE TABLE transcripts (
    interaction_id TEXT   NOT NULL REFERENCES interactions (id),
    kind           TEXT   NOT NULL,
    text           TEXT   NOT NULL,
    json           TEXT   NOT NULL,
    made_at        BIGINT NOT NULL,
    PRIMARY KEY (interaction_id, kind)
);

-- Raised on running calls too, so no reference.
CREATE TABLE help_requests (
    interaction_id TEXT   NOT NULL,
    number         BIGINT NOT NULL,
    agent          BIGINT NOT NULL,
    agent_name     TEXT   NOT NULL,
    queue          TEXT,
    team_id        BIGINT,
    reason         TEXT,
    stage          TEXT   NOT NULL,
    raised_at      BIGINT NOT NULL,
    taken_at       BIGINT,
    taken_by       BIGINT,
    ended_at       BIGINT,
    cancelled_why  TEXT,
    PRIMARY KEY (interaction_id, number)
);
CREATE INDEX help_requests_by_time ON help_requests (raised_at);

CREATE TABLE notes (
    id             BIGINT NOT NULL PRIMARY KEY,
    interaction_id TEXT   NOT NULL,
    kind           TEXT   NOT NULL,
    at             BIGINT NOT NULL,
    author         BIGINT NOT NULL,
    author_name    TEXT   NOT NULL,
    code           TEXT,
    text           TEXT   NOT NULL
);
CREATE INDEX notes_by_interaction ON notes (interaction_id, at);

-- Every word of an interaction, for the search; private ones apart.
CREATE TABLE search_terms (
    term           TEXT   NOT NULL,
    interaction_id TEXT   NOT NULL,
    private        BIGINT NOT NULL,
    PRIMARY KEY (term, interaction_id, private)
);
CREATE INDEX search_terms_by_interaction ON search_terms (interaction_id);

CREATE TABLE chats (
    id        TEXT   NOT NULL PRIMARY KEY,
    from_user BIGINT NOT NULL REFERENCES users (id),
    with_user BIGINT NOT NULL REFERENCES users (id),
    opened_at BIGINT NOT NULL,
    ended_at  BIGINT,
    ended_by  BIGINT
);
CREATE INDEX chats_by_starter ON chats (from_user, opened_at);
CREATE INDEX chats_by_other ON chats (with_user, opened_at);

CREATE TABLE chat_messages (
    chat_id   TEXT   NOT NULL REFERENCES chats (id),
    position  BIGINT NOT NULL,
    at        BIGINT NOT NULL,
    author    BIGINT NOT NULL,
    client_id TEXT   NOT NULL,
    text      TEXT   NOT NULL,
    PRIMARY KEY (chat_id, position),
    UNIQUE (chat_id, author, client_id)
);

CREATE TABLE chat_reads (
    chat_id TEXT   NOT NULL REFERENCES chats (id),
    user_id BIGINT NOT NULL,
    up_to   BIGINT NOT NULL,
    PRIMARY KEY (chat_id, user_id)
);

-- A queue without a row has the defaults.
CREATE TABLE queue_settings (
    queue_id            BIGINT NOT NULL PRIMARY KEY REFERENCES queues (id),
    delivery            TEXT   NOT NULL,
    private_chat        BIGINT NOT NULL,
    help                BIGINT NOT NULL,
    mood                BIGINT NOT NULL,
    transcript_download BIGINT NOT NULL
);

CREATE TABLE skills (
    id   BIGINT NOT NULL PRIMARY KEY,
    name TEXT   NOT NULL UNIQUE
);

CREATE TABLE user_skills (
    skill_id BIGINT NOT NULL REFERENCES skills (id),
    user_id  BIGINT NOT NULL REFERENCES users (id),
    PRIMARY KEY (skill_id, user_id)
);
CREATE INDEX user_skills_by_user ON user_skills (user_id);
