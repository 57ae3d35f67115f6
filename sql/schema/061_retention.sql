-- How many days of what would grow for ever are kept (rules/desk/retention.sql).
create table casework.retention_settings (
  single                 boolean primary key default true check (single),
  mail_days              integer not null default 400 check (mail_days between 30 and 36500),
  webhook_delivery_days  integer not null default 30 check (webhook_delivery_days between 1 and 36500),
  phone_event_days       integer not null default 400 check (phone_event_days between 30 and 36500),
  support_line_read_days integer not null default 400 check (support_line_read_days between 30 and 36500),
  import_days            integer not null default 90 check (import_days between 1 and 36500)
);
insert into casework.retention_settings default values;
insert into casework.settings (name) values ('retention');
alter table casework.retention_settings enable row level security, force row level security;
create policy owner on casework.retention_settings to casework_owner using (true);
create policy worker on casework.retention_settings for select to casework_worker using (true);
create policy administrator on casework.retention_settings to casework_staff
  using ((select rules.has_role('administrator')));
grant select, update (mail_days, webhook_delivery_days, phone_event_days, support_line_read_days, import_days)
  on casework.retention_settings to casework_staff;
grant select on casework.retention_settings to casework_worker;
