-- Whether the database can be written is found out by writing: one row, replaced each time.
CREATE TABLE write_probe (
    id     BIGINT NOT NULL PRIMARY KEY,
    at     BIGINT NOT NULL,
    filler TEXT   NOT NULL
);

-- When the server was seen alive last, while there were calls: those that it left without an end when
-- it died ended then. One row.
CREATE TABLE server_life (
    id       BIGINT NOT NULL PRIMARY KEY,
    alive_at BIGINT NOT NULL
);
INSERT INTO server_life (id, alive_at) VALUES (1, 0);
