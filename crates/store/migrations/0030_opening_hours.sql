-- When a queue takes new calls and conversations, as JSON of the server's; empty: always.
ALTER TABLE queues ADD COLUMN opening_hours TEXT NOT NULL DEFAULT '';

-- Whether callers are told their place in the queue.
ALTER TABLE queue_settings ADD COLUMN tell_place BIGINT NOT NULL DEFAULT 0;
