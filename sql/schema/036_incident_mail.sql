-- A mail about an incident collects what is said before it goes (3.3).

-- Further events of its source that the mail tells of, besides event_id.
alter table casework.mails add column collected bigint[] not null default '{}';
grant update (subject, text, collected) on casework.mails to casework_worker;
