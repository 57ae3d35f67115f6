-- Whose turn a case is, since when, and what is due next (3.5): read in every row
-- of every list and by the desk's queue, so they are stored with the case.

create domain casework.turn as text
  check (value in ('support', 'contact', 'partner', 'team', 'release', 'date'));

-- Whose turn it is; null once closed. escalated_to: the team that it lies with,
-- null also when a partner has handed it to Campus.
create function casework.whose_turn(status text, support_provider text, escalated_to text) returns text
  language sql immutable
  return case
    when status = 'closed' then null
    when status in ('pending_customer_input', 'pending_verification') then 'contact'
    when status = 'available_in_release' then 'release'
    when status = 'scheduled' then 'date'
    when status in ('escalated', 'assigned_to_development') and escalated_to is not null then 'team'
    when support_provider = 'partner' then 'partner'
    else 'support' end;

-- due_at: the first of what is due, infinity if nothing is, so that it sorts and
-- pages like any instant. on_desk: Campus has to do something, now or when it is due.
-- urgency: the order of priorities.
alter table casework.cases
  add column escalated_to casework.team,
  add column follow_up_at timestamptz,
  add column waiting_on casework.turn,
  add column waiting_since timestamptz,
  add column due_at timestamptz not null default 'infinity',
  add column on_desk boolean not null default false,
  add column urgency smallint not null generated always as (
    case priority when 'critical' then 1 when 'high' then 2 when 'medium' then 3 else 4 end) stored;
grant update (escalated_to) on casework.cases to casework_partner, casework_staff;

-- The item of a list tells them too (006 says how it is kept).
alter table casework.cases drop column list_item;
drop function casework.case_list_item;
create function casework.case_list_item(
  id bigint, district_id bigint, contact_id bigint, type text, subject text, product_area text, priority text,
  status text, waiting_on text, advisor_id bigint, advisor_name text, submitted_at timestamptz,
  updated_at timestamptz, due_on date, due_at timestamptz, response_due_at timestamptz)
returns text
language plpgsql immutable set datestyle = 'ISO, YMD' as $$
begin
  return concat(
    '{"id":', id, ',"district_id":', district_id, ',"contact_id":', contact_id, ',"type":"', type,
    '","subject":', to_json(subject), ',"product_area":', coalesce('"' || product_area || '"', 'null'),
    ',"priority":"', priority, '","status":"', status, '","waiting_on":', coalesce('"' || waiting_on || '"', 'null'),
    ',"assigned_advisor":',
    case when advisor_id is null then 'null'
      else concat('{"id":', advisor_id, ',"display_name":', to_json(advisor_name), '}') end,
    ',"due_on":', coalesce('"' || due_on || '"', 'null'),
    replace(concat(',"due_at":',
      case when due_at < 'infinity' then concat('"', due_at at time zone 'UTC', 'Z"') else 'null' end,
      ',"submitted_at":"', submitted_at at time zone 'UTC', 'Z","updated_at":"',
      updated_at at time zone 'UTC', 'Z","response_target":{"due_at":"', response_due_at at time zone 'UTC',
      'Z","state":"'), ' ', 'T'));
end $$;
alter table casework.cases add column list_item text not null generated always as (
  casework.case_list_item(id, district_id, contact_id, type, subject, product_area, priority, status, waiting_on,
    assigned_advisor_id, assigned_advisor_name, submitted_at, updated_at, due_on, due_at, response_due_at)) stored;
alter table casework.cases alter column list_item set statistics 0;

-- A new turn begins when another's begins: also that of another team.
create function casework.keep_turn() returns trigger
language plpgsql set search_path = '' as $$
declare
  turn text;
begin
  if new.status not in ('escalated', 'assigned_to_development') then
    new.escalated_to := null;
  end if;
  turn := casework.whose_turn(new.status, new.support_provider, new.escalated_to);
  if tg_op = 'INSERT' then
    new.waiting_since := case when turn is not null then new.submitted_at end;
  elsif (turn, new.escalated_to) is distinct from (old.waiting_on, old.escalated_to) then
    new.waiting_since := case when turn is not null then new.updated_at end;
  end if;
  new.waiting_on := turn;
  new.due_at := case when turn is null then 'infinity' else coalesce(least(
    case when new.response_elapsed is null then new.response_due_at end,
    case when new.status = 'pending_verification' then new.follow_up_at end,
    case when new.status = 'scheduled' then (new.scheduled_on + 1)::timestamp at time zone rules.time_zone() end,
    case when turn <> 'contact' then (new.due_on + 1)::timestamp at time zone rules.time_zone() end), 'infinity') end;
  new.on_desk := not new.test and new.support_provider = 'campus'
    and (turn = 'support' or turn in ('contact', 'date') and new.due_at < 'infinity') is true;
  return new;
end $$;
revoke execute on function casework.keep_turn() from public;

-- Every open case so far: its turn began with its last change of status. For that
-- one time the trigger looks at every row.
create trigger keep_changed_turn before update on casework.cases
  for each row execute function casework.keep_turn();
with known as (
  select c.id, c.district_id, e.team,
    (select case when r.next_slot <= cardinality(r.due_dates) then r.next_at end from casework.follow_up_runs r
      where r.case_id = c.id and r.district_id = c.district_id and r.ended_at is null) as follow_up_at
  from casework.cases c
  left join casework.escalations e on e.case_id = c.id and e.district_id = c.district_id
    and e.returned_at is null and e.closed_at is null
  where c.status <> 'closed'
)
update casework.cases c set escalated_to = k.team, follow_up_at = k.follow_up_at
from known k where k.id = c.id and k.district_id = c.district_id;
update casework.cases c set waiting_since = coalesce((
    select max(e.at) from casework.events e
    where e.district_id = c.district_id and e.case_id = c.id and e.changes @> '[{"member": "status"}]'),
  c.submitted_at)
where c.status <> 'closed';
drop trigger keep_changed_turn on casework.cases;

create trigger keep_turn before insert on casework.cases
  for each row execute function casework.keep_turn();
create trigger keep_changed_turn before update on casework.cases for each row
  when ((old.status, old.support_provider, old.escalated_to, old.test, old.due_on, old.scheduled_on, old.follow_up_at,
      old.response_due_at, old.response_elapsed)
    is distinct from (new.status, new.support_provider, new.escalated_to, new.test, new.due_on, new.scheduled_on,
      new.follow_up_at, new.response_due_at, new.response_elapsed))
  execute function casework.keep_turn();

-- The next follow-up that is owed, beside the case. With the owner's rights: whoever
-- moves a run holds the lock of its case, and no caller writes this column.
create function casework.keep_follow_up() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  update casework.cases c
  set follow_up_at = case when new.ended_at is null and new.next_slot <= cardinality(new.due_dates) then new.next_at end
  where c.id = new.case_id and c.district_id = new.district_id;
  return null;
end $$;
revoke execute on function casework.keep_follow_up() from public;
create trigger keep_follow_up after insert on casework.follow_up_runs
  for each row execute function casework.keep_follow_up();
create trigger keep_changed_follow_up after update on casework.follow_up_runs for each row
  when ((old.next_at, old.next_slot, old.ended_at) is distinct from (new.next_at, new.next_slot, new.ended_at))
  execute function casework.keep_follow_up();

-- The desk's queue is a walk along this index: of an advisor or of nobody (0), in
-- one area ('': in none), the most urgent first. Not coalesce: below row-level
-- security PostgreSQL goes along no index for it, since it takes it for leaky.
create index cases_desk on casework.cases (
  (case when assigned_advisor_id is null then 0 else assigned_advisor_id end),
  (case when product_area is null then '' else product_area end), urgency, due_at, id) where on_desk;
alter index casework.cases_desk alter column 2 set statistics 0;
alter index casework.cases_desk alter column 1 set statistics 0;
