-- By which version of the time zone data the service computes, and since when
-- (2.1); written by sql/migrate.sh, the latest is in force.
create table casework.tzdata_versions (
  id          bigint generated always as identity primary key,
  version     text not null,
  recorded_at timestamptz not null default now()
);
grant select on casework.tzdata_versions
  to casework_contact, casework_partner, casework_staff, casework_telephony, casework_public;
