-- What whoever sent a file said it is, beside the type by which it is given out
-- (attachments.media_type). Until now only files of these types were taken.
alter table casework.attachments add column stated_media_type text;
update casework.attachments set stated_media_type = media_type;

drop function if exists rules.check_digest(bytea, text),
  rules.write_attachment(bigint, bigint, rules.actor, text, text, text, bytea, bytea),
  rules.add_attachment(bigint, text, text, text, text, bytea);
