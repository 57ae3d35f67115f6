-- The time, as rules know it.

-- The time of this transaction, as far as rules are concerned. plpgsql, since
-- it keeps its plan and a sql function with a subquery cannot be inlined;
-- views read rules.clock themselves.
create or replace function rules.now() returns timestamptz
language plpgsql stable as $$
begin
  return (select coalesce(k.frozen_at, now() + k.shift) from rules.clock k);
end $$;

create or replace function rules.time_zone() returns text
  language sql immutable
  return 'America/Chicago';

-- When a caller says that something was: clocks differ, so up to 30 seconds ahead
-- of ours it is now (choice).
create or replace function rules.stated_time(stated timestamptz, at timestamptz) returns timestamptz
  language sql immutable
  return case when stated <= at + interval '30 seconds' then least(stated, at) else stated end;

-- The date where it is earliest on earth, twelve hours west of UTC. One before it
-- is past everywhere; any other may still be today for who names it.
create or replace function rules.earliest_date(at timestamptz) returns date
  language sql immutable
  return (at at time zone interval '-12 hours')::date;

-- Today at the support desk.
create or replace function rules.today() returns date
  language sql stable
  return (rules.now() at time zone rules.time_zone())::date;
