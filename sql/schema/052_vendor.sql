-- Whose desk it is: the name and the logo on every page that people see. Everybody
-- sees them, and where the portal is.
alter table casework.desk_texts
  add column vendor_name text,    -- null: "Support"
  add column vendor_logo text;    -- a data URL, so that a page loads nothing
alter table casework.desk_texts
  alter column vendor_name set statistics 0,
  alter column vendor_logo set statistics 0;
grant select (vendor_name, vendor_logo, mail_portal_url) on casework.desk_texts
  to casework_public, casework_contact, casework_partner, casework_telephony, casework_worker;
grant update (vendor_name, vendor_logo) on casework.desk_texts to casework_staff;
insert into casework.settings (name) values ('vendor');

-- What the link of a survey opens, for whom has only the link; no subject where
-- mails tell none.
create type rules.survey_of_link as (
  case_id       bigint,
  subject       text,
  expires_at    timestamptz,
  opt_out_token text
);
