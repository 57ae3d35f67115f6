-- The desk at work (3.5, 3.7).

-- What is shared with a State Department, which searches and lists nothing else.
create index cases_shared on casework.cases (district_id, updated_at desc, id desc)
  where shared_with_state_at is not null and product_area = 'state_reporting';

-- Which person or machine client of a partner has written a note, or done what an event
-- tells: actors tell their names, and those who administer the partner find it by these.
alter table casework.notes
  add column author_person_id bigint, add column author_client_id bigint,
  add column behalf_person_id bigint, add column behalf_client_id bigint;
alter table casework.events
  add column actor_person_id bigint, add column actor_client_id bigint,
  add column behalf_person_id bigint, add column behalf_client_id bigint;

-- A trigger, so that no rule forgets it and none can say otherwise. Who acts in a
-- caller's name signs in as well.
create function casework.keep_people_of_note() returns trigger
language plpgsql set search_path = '' as $$
begin
  select p.person_id, p.client_id into new.author_person_id, new.author_client_id
  from rules.who_signed_in(new.author_kind, new.author_id, new.behalf_kind is not null) p;
  select p.person_id, p.client_id into new.behalf_person_id, new.behalf_client_id
  from rules.who_signed_in(new.behalf_kind, new.behalf_id, false) p;
  return new;
end $$;
create function casework.keep_people_of_event() returns trigger
language plpgsql set search_path = '' as $$
begin
  select p.person_id, p.client_id into new.actor_person_id, new.actor_client_id
  from rules.who_signed_in(new.actor_kind, new.actor_id, new.behalf_kind is not null) p;
  select p.person_id, p.client_id into new.behalf_person_id, new.behalf_client_id
  from rules.who_signed_in(new.behalf_kind, new.behalf_id, false) p;
  return new;
end $$;
create trigger keep_people before insert on casework.notes for each row
  when (new.author_kind = 'partner' or new.behalf_kind = 'partner')
  execute function casework.keep_people_of_note();
create trigger keep_people before insert on casework.events for each row
  when (new.actor_kind = 'partner' or new.behalf_kind = 'partner')
  execute function casework.keep_people_of_event();

-- That who had a case has left: nobody has it, and a lead is told.
insert into casework.alert_rules (kind, position, recipients) values ('advisor_left', 12, '{lead}');

-- A new vendor's areas are shared out among teams (choice); who has said anything by now
-- keeps it as it is.
with teams as (
  insert into casework.teams (code, name)
  select t.code, t.name
  from (values ('instruction', 'Instruction'), ('student_services', 'Student Services'),
    ('point_of_sale', 'Point of Sale')) as t (code, name)
  where not exists (select from casework.districts) and not exists (select from casework.staff)
  on conflict do nothing
  returning code)
update casework.product_areas a set team = s.team
from (values ('grade_book', 'instruction'), ('scheduling', 'instruction'), ('attendance', 'student_services'),
  ('online_registration', 'student_services'), ('point_of_sale', 'point_of_sale'),
  ('hosting', 'technical_services')) as s (code, team)
where a.code = s.code and a.team = 'support' and a.version = 1 and (select count(*) from teams) = 3;
