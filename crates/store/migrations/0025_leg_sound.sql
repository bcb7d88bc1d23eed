-- How the sound of a party's leg came to the server: lost, restored, made up. NULL: not known, as of a supervisor.
ALTER TABLE call_parties ADD COLUMN sound TEXT;
