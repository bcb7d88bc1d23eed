-- The sign-ins that are open, so that a person sees where they are signed in and can end what is not theirs.
-- Whether one is still valid is said by its time, its account's generation and `revoked_tokens`.

CREATE TABLE sign_ins (
    id         TEXT   NOT NULL PRIMARY KEY,
    user_id    BIGINT NOT NULL,
    since      BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    generation BIGINT NOT NULL,
    client     TEXT   NOT NULL,
    user_agent TEXT   NOT NULL
);
CREATE INDEX sign_ins_by_user ON sign_ins (user_id, since);
CREATE INDEX sign_ins_by_end ON sign_ins (expires_at);
