-- Who may read an interaction hangs on when they left it, and on the policy of its own time.

-- The rules that held when it was opened, as JSON of the server's; NULL: from before this was kept.
ALTER TABLE interactions ADD COLUMN opening TEXT;

-- Events and messages that were there when a member came, and when they left last. NULL: not left
-- before the end.
ALTER TABLE interaction_members ADD COLUMN joined_event BIGINT;
ALTER TABLE interaction_members ADD COLUMN left_event BIGINT;
ALTER TABLE interaction_members ADD COLUMN left_message BIGINT;
ALTER TABLE interaction_members ADD COLUMN left_at BIGINT;

-- The first message with the word. 0: its subject or a name. The largest number: not known, or a
-- note's; found only by who reads the whole interaction.
ALTER TABLE search_terms ADD COLUMN message BIGINT NOT NULL DEFAULT 9223372036854775807;

-- Conversations of former versions: from their events, whose data names the part.
UPDATE interaction_members SET joined_event = (
    SELECT MIN(events.position) FROM interaction_events AS events
    WHERE events.interaction_id = interaction_members.interaction_id
      AND events.actor = interaction_members.user_id
      AND events.kind IN ('opened', 'joined')
      AND events.data LIKE '%"part":"' || interaction_members.part || '"%')
WHERE interaction_id IN (SELECT id FROM interactions WHERE kind = 'conversation');

UPDATE interaction_members SET left_event = (
    SELECT MAX(events.position) FROM interaction_events AS events
    WHERE events.interaction_id = interaction_members.interaction_id
      AND events.actor = interaction_members.user_id
      AND events.kind = 'left'
      AND events.data LIKE '%"part":"' || interaction_members.part || '"%')
WHERE interaction_id IN (SELECT id FROM interactions WHERE kind = 'conversation');

-- Whoever came back, or left at the end, has not left.
UPDATE interaction_members SET left_event = NULL
WHERE left_event IS NOT NULL AND (
    EXISTS (SELECT 1 FROM interaction_events AS events
            WHERE events.interaction_id = interaction_members.interaction_id
              AND events.actor = interaction_members.user_id
              AND events.kind = 'joined'
              AND events.position > interaction_members.left_event
              AND events.data LIKE '%"part":"' || interaction_members.part || '"%')
    OR EXISTS (SELECT 1 FROM interaction_events AS events
               JOIN interactions ON interactions.id = events.interaction_id
               WHERE events.interaction_id = interaction_members.interaction_id
                 AND events.position = interaction_members.left_event
                 AND events.at >= interactions.ended_at));

UPDATE interaction_members SET
    left_at = (
        SELECT events.at FROM interaction_events AS events
        WHERE events.interaction_id = interaction_members.interaction_id
          AND events.position = interaction_members.left_event),
    left_message = (
        SELECT COUNT(*) FROM interaction_events AS events
        WHERE events.interaction_id = interaction_members.interaction_id
          AND events.kind = 'posted'
          AND events.position < interaction_members.left_event)
WHERE left_event IS NOT NULL;

-- Calls of former versions: from the times of their parties.
UPDATE interaction_members SET left_at = (
    SELECT MAX(call_parties.left_at) FROM call_parties
    WHERE call_parties.call_id = interaction_members.interaction_id
      AND call_parties.user_id = interaction_members.user_id
      AND CASE call_parties.role WHEN 'caller' THEN 'requester' ELSE call_parties.role END
          = interaction_members.part)
WHERE interaction_id IN (SELECT id FROM interactions WHERE kind = 'call');

UPDATE interaction_members SET left_at = NULL
WHERE left_event IS NULL AND left_at >= (
    SELECT ended_at FROM interactions WHERE interactions.id = interaction_members.interaction_id);

UPDATE interaction_members SET
    left_message = 0,
    left_event = COALESCE((
        SELECT MAX(events.position) FROM interaction_events AS events
        WHERE events.interaction_id = interaction_members.interaction_id
          AND events.at <= interaction_members.left_at), 0)
WHERE left_event IS NULL AND left_at IS NOT NULL;
