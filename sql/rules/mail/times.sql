-- Times as people are told them: in the district's zone, with Central time, the
-- desk's, beside it (3.3).

create or replace function rules.zone_name(zone text) returns text
  language sql immutable
  return coalesce((jsonb_build_object(
    'America/New_York', 'Eastern Time', 'America/Detroit', 'Eastern Time', 'America/Chicago', 'Central Time',
    'America/Denver', 'Mountain Time', 'America/Boise', 'Mountain Time', 'America/Phoenix', 'Arizona Time',
    'America/Los_Angeles', 'Pacific Time', 'America/Anchorage', 'Alaska Time', 'Pacific/Honolulu', 'Hawaii Time')) ->> zone,
    zone);

-- Saturday, November 28, 2026, 9:00 p.m. Mountain Time (10:00 p.m. Central Time);
-- the other day's name stands there where it is another day.
create or replace function rules.told_time(at timestamptz, zone text) returns text
language plpgsql immutable as $$
declare
  there timestamp := at at time zone zone;
  central timestamp := at at time zone 'America/Chicago';
begin
  return to_char(there, 'FMDay, FMMonth FMDD, YYYY, FMHH12:MI a.m. ') || rules.zone_name(zone) || case
    when there = central then ''
    when there::date = central::date then to_char(central, ' (FMHH12:MI a.m. "Central Time)"')
    else to_char(central, ' (FMDay, FMHH12:MI a.m. "Central Time)"') end;
end $$;
