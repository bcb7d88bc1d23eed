-- By what the customer of an interaction is known from one contact to the next, as the server writes it; NULL: by
-- nothing. Of former calls it is not known whose number the network had stated. A conversation beside a call is no
-- contact of its own.
ALTER TABLE interactions ADD COLUMN customer TEXT;
CREATE INDEX interactions_by_customer ON interactions (customer, opened_at);

-- The bits of an id say whose it is: 62 a connector's customer's, 63 (the sign) a guest's.
UPDATE interactions SET customer = 'channel:' || CAST(requester_id AS TEXT)
WHERE requester_id >= 4611686018427387904 AND NOT (kind = 'conversation' AND channel = 'voice');
UPDATE interactions SET customer = 'account:' || CAST(requester_id AS TEXT)
WHERE requester_id > 0 AND requester_id < 4611686018427387904 AND NOT (kind = 'conversation' AND channel = 'voice');
