-- Alerts to staff (3.3): who is told, and the one alert that there is for a cause. It
-- is an event that staff read, in feed and webhooks, and a mail to each of them.
--
-- Another kind: a row of casework.alert_rules, a branch of rules.alert_kinds or of
-- rules.alert_due, a text (mail/texts.sql), and a member in the document.

-- Of a team, who is here; where nobody is, the leads of the desk.
create or replace function rules.team_here(team text) returns bigint[]
language plpgsql stable as $$
declare
  here bigint[] := array(
    select s.id from casework.staff s
    where s.active and s.team = team_here.team and (s.leave_ends_on < rules.today()) is not false);
begin
  return case when here <> '{}' then here else array(
    select s.id from casework.staff s
    where s.active and 'lead' = any (s.roles) and (s.leave_ends_on < rules.today()) is not false) end;
end $$;

-- The leads of a team; where it has none, all leads.
create or replace function rules.leads_of(team text) returns bigint[]
language plpgsql stable as $$
begin
  return array(
    select s.id from casework.staff s
    where s.active and 'lead' = any (s.roles) and (s.team = leads_of.team or not exists (
      select from casework.staff o where o.active and 'lead' = any (o.roles) and o.team = leads_of.team)));
end $$;

-- Which team an alert is for: the one that it was escalated to; else the owner's, and
-- where nobody has the case that of its area.
create or replace function rules.alert_team(c casework.cases, e casework.events) returns text
language plpgsql stable as $$
begin
  return coalesce(
    case when e.type = 'case.escalated' then (
      select x.team from casework.escalations x
      where x.case_id = e.case_id and x.district_id = e.district_id and x.note_id = e.note_id) end,
    (select s.team from casework.staff s where s.id = c.assigned_advisor_id),
    c.escalated_to,
    (select a.team from casework.product_areas a where a.code = c.product_area),
    'support');
end $$;

-- Whom a rule names and who is here. In the place of who is on leave, and of a role
-- that nobody has, the team is told.
create or replace function rules.alert_recipients(c casework.cases, roles text[], team text) returns bigint[]
language plpgsql stable as $$
declare
  role text;
  here bigint[];
  told bigint[] := '{}';
begin
  foreach role in array roles loop
    here := case role
      when 'owner' then array[c.assigned_advisor_id]
      when 'on_call' then array[(rules.on_call(rules.now())).staff_id]
      when 'lead' then rules.leads_of(team)
      else rules.team_here(team) end;
    here := array(
      select s.id from casework.staff s
      where s.id = any (here) and s.active and (s.leave_ends_on < rules.today()) is not false);
    told := told || case when here <> '{}' then here else rules.team_here(team) end;
  end loop;
  return array(select distinct t.id from unnest(told) as t (id) order by 1);
end $$;

-- Who gets a mail about the event itself needs no second one.
create or replace function rules.mailed_anyway(kind text, e casework.events) returns bigint[]
language plpgsql stable as $$
begin
  return case kind
    when 'contact_reply' then array(select r.id from rules.audience_advisor(e) r)
    when 'follow_up_paused' then array(select r.id from rules.audience_owners(e) r)
    else '{}' end;
end $$;

create or replace function rules.mail_alert(
  alert casework.alerts, r casework.alert_rules, e casework.events) returns void
language plpgsql as $$
begin
  perform rules.queue_mail('alert', alert.id, alert.district_id, alert.case_id,
    row ('staff', s.id, s.email)::rules.mail_recipient, t,
    jsonb_build_object('percent', r.percent, 'days', r.business_days))
  from casework.staff s, rules.mail_texts t
  where s.id = any (alert.staff_ids) and s.email is not null and s.id <> all (rules.mailed_anyway(r.kind, e))
    and t.type = 'alert.' || r.kind and t.audience = 'alerted'
  order by s.id;
end $$;

-- Nobody is told what they have done themselves; where nobody else is concerned
-- there is no alert. That nobody can read it, who did it is told as well, and the
-- owner's lead, not that of another team. The unique key makes it one.
create or replace function rules.raise_alert(
  r casework.alert_rules, c casework.cases, cause text, e casework.events) returns void
language plpgsql as $$
declare
  actor rules.actor := rules.system_actor(rules.now());
  team text := rules.alert_team(c, case when r.kind <> 'unread' then e end);
  concerned bigint[] := rules.alert_recipients(c, r.recipients, team);
  alert casework.alerts;
begin
  alert.staff_ids := array(
    select t.id from unnest(concerned) as t (id)
    where r.kind = 'unread' or (((e.actor_kind, e.actor_id) = ('staff', t.id)) is not true
      and ((e.behalf_kind, e.behalf_id) = ('staff', t.id)) is not true));
  if concerned <> '{}' and alert.staff_ids = '{}' then
    return;
  end if;
  insert into casework.alerts (district_id, case_id, kind, cause, staff_ids, at)
  values (c.district_id, c.id, r.kind, cause, alert.staff_ids, actor.at)
  on conflict do nothing returning * into alert;
  if alert.id is null then
    return;
  end if;
  insert into casework.events (district_id, case_id, type, at, actor_kind, actor_id, actor_name, visibility, data)
  values (c.district_id, c.id, 'alert.raised', actor.at, actor.kind, actor.id, actor.name, 'internal',
    jsonb_build_object('alert_id', alert.id, 'kind', alert.kind, 'staff_ids', alert.staff_ids));
  perform rules.mail_alert(alert, r, e) where r.mail;
end $$;
