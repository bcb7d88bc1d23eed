-- Customers who write by a connector, by the id that they have at its channel.
CREATE TABLE channel_customers (
    id          BIGINT NOT NULL PRIMARY KEY,
    channel     TEXT   NOT NULL,
    external_id TEXT   NOT NULL,
    UNIQUE (channel, external_id)
);

-- What connectors are to be told, in the order of each conversation: written with what happened, in
-- one transaction. What is done keeps its number and loses its body.
CREATE TABLE channel_outbox (
    interaction_id  TEXT   NOT NULL REFERENCES interactions (id),
    number          BIGINT NOT NULL,
    channel         TEXT   NOT NULL,
    at              BIGINT NOT NULL,
    public_position BIGINT,
    body            TEXT   NOT NULL,
    state           TEXT   NOT NULL,
    PRIMARY KEY (interaction_id, number)
);
CREATE INDEX channel_outbox_waiting ON channel_outbox (channel, state, interaction_id, number);

-- A connector's retry is found after its conversation has ended, too.
CREATE INDEX messages_by_author ON messages (author, client_id);
