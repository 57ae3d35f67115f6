-- What a contact has confirmed is the provider's turn (3.5), and an alert where nobody
-- of a district can read what was written (3.3).

create function casework.whose_turn(
  status text, support_provider text, escalated_to text, resolution_confirmed boolean) returns text
  language sql immutable
  return case
    when status = 'closed' then null
    when status = 'pending_customer_input' or (status = 'pending_verification' and not resolution_confirmed)
      then 'contact'
    when status = 'available_in_release' then 'release'
    when status = 'scheduled' then 'date'
    when status in ('escalated', 'assigned_to_development') and escalated_to is not null then 'team'
    when support_provider = 'partner' then 'partner'
    else 'support' end;

-- A new turn begins when another's begins: also that of another team.
create or replace function casework.keep_turn() returns trigger
language plpgsql set search_path = '' as $$
declare
  turn text;
begin
  if new.status not in ('escalated', 'assigned_to_development') then
    new.escalated_to := null;
  end if;
  turn := casework.whose_turn(new.status, new.support_provider, new.escalated_to,
    new.resolution_confirmed_at is not null);
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
drop function casework.whose_turn(text, text, text);

-- What is confirmed already: for that one time the trigger looks at every row.
drop trigger keep_changed_turn on casework.cases;
create trigger keep_changed_turn before update on casework.cases
  for each row execute function casework.keep_turn();
update casework.cases c set version = c.version
where c.status = 'pending_verification' and c.resolution_confirmed_at is not null;
update casework.cases c set waiting_since = c.resolution_confirmed_at
where c.status = 'pending_verification' and c.resolution_confirmed_at is not null;
drop trigger keep_changed_turn on casework.cases;
create trigger keep_changed_turn before update on casework.cases for each row
  when ((old.status, old.support_provider, old.escalated_to, old.test, old.due_on, old.scheduled_on, old.follow_up_at,
      old.response_due_at, old.response_elapsed, old.resolution_confirmed_at)
    is distinct from (new.status, new.support_provider, new.escalated_to, new.test, new.due_on, new.scheduled_on,
      new.follow_up_at, new.response_due_at, new.response_elapsed, new.resolution_confirmed_at))
  execute function casework.keep_turn();

create index cases_partner on casework.cases (partner_id, updated_at desc, id desc) where partner_id is not null;

insert into casework.alert_rules (kind, position, recipients) values ('unread', 11, '{owner,lead}');
