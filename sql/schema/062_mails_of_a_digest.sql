-- concurrently
-- A mail that goes is looked for among those that a digest holds: without this all of
-- them are read, for each that goes.
create index concurrently if not exists mails_digest on casework.mails (digest_id) where digest_id is not null;
