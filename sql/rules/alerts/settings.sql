-- The rules of alerts, as administrators change them (3.3): a group of settings, with
-- a member for each kind. And the JSON of what was raised.

create or replace function rules.alert_rules_document() returns json
language plpgsql stable as $$
begin
  return (
    select json_object_agg(r.kind, jsonb_build_object('enabled', r.enabled, 'recipients', r.recipients, 'mail', r.mail)
      || jsonb_strip_nulls(jsonb_build_object('percent', r.percent, 'business_days', r.business_days))
      order by r.position)
    from casework.alert_rules r);
end $$;

-- The timers look at everything again that a changed rule may be about: it may be
-- due sooner. With the owner's rights, since no caller reads or writes these times.
create or replace function rules.look_again_for_alerts(kinds text[]) returns void
language plpgsql security definer set search_path = '' as $$
begin
  update casework.alert_times t set due_at = rules.now()
  where t.kind = any (kinds) and t.due_at > rules.now();
  perform rules.wake();
end $$;
revoke execute on function rules.look_again_for_alerts from public;
grant execute on function rules.look_again_for_alerts to casework_staff;

create or replace function rules.write_alert_rules(old jsonb, after jsonb) returns void
language plpgsql as $$
declare
  changed text[] := array(
    select r.kind from casework.alert_rules r where after -> r.kind <> old -> r.kind order by r.position);
begin
  update casework.alert_rules r
  set (enabled, recipients, mail, percent, business_days) = (
    select n.enabled, n.recipients, n.mail, n.percent, n.business_days
    from jsonb_to_record(after -> r.kind)
      as n (enabled boolean, recipients text[], mail boolean, percent smallint, business_days smallint))
  where r.kind = any (changed);
  perform rules.look_again_for_alerts(changed) where changed && '{response_target_used,untouched}';
end $$;

create view views.alert_document with (security_invoker) as
select a.id, a.district_id, a.case_id, a.kind, a.staff_ids, a.at, row_to_json(d) as body
from casework.alerts a
cross join lateral (
  select a.id, a.kind, a.district_id, a.case_id, a.staff_ids, views.utc(a.at) as at
) as d;
grant select on views.alert_document to casework_staff;
