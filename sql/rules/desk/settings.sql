-- Settings of the desk, in groups, each a document with a version (3.2). A PATCH is
-- merged into the document, the group writes what it then says, and the event
-- tells what differs. Another group: a branch of the view, a function that writes
-- it, and its branch in rules.write_setting.

-- Null is a value here: nothing is taken out.
create or replace function rules.merge_patch(target jsonb, patch jsonb) returns jsonb
language plpgsql immutable as $$
begin
  if jsonb_typeof(target) is distinct from 'object' or jsonb_typeof(patch) is distinct from 'object' then
    return patch;
  end if;
  return (
    select coalesce(jsonb_object_agg(k.name, case when patch ? k.name
      then rules.merge_patch(target -> k.name, patch -> k.name) else target -> k.name end), '{}')
    from (select jsonb_object_keys(target) union select jsonb_object_keys(patch)) as k (name));
end $$;

create or replace function rules.weekdays() returns text[]
  language sql immutable
  return '{monday,tuesday,wednesday,thursday,friday,saturday,sunday}'::text[];

-- Whether there is a toll-free number, and not which: that is told to contacts
-- alone (fact 34). By the owner's rights, since no role has any to the table.
create or replace function rules.has_toll_free_number() returns boolean
language plpgsql stable security definer set search_path = '' as $$
begin
  return exists (select from casework.support_line);
end $$;
revoke execute on function rules.has_toll_free_number from public;
grant execute on function rules.has_toll_free_number to casework_staff, casework_worker;

create view views.setting_document with (security_invoker) as
select s.name, s.version, d.body
from casework.settings s
cross join lateral (
  select case s.name
    when 'alerts' then rules.alert_rules_document()
    when 'assignment' then (
      select json_build_object('automatic', g.automatic, 'capacity', g.capacity)
      from casework.assignment_settings g)
    when 'attachments' then (
      select json_build_object('file_bytes', a.file_bytes, 'case_bytes', a.case_bytes)
      from casework.attachment_settings a)
    when 'business-hours' then (
      select json_object_agg(w.day, case when h.weekday is not null then json_build_object(
        'opens', to_char(h.opens, 'HH24:MI'), 'closes', to_char(h.closes, 'HH24:MI')) end order by w.number)
      from unnest(rules.weekdays()) with ordinality as w (day, number)
      left join casework.business_hours h on h.weekday = w.number)
    when 'escalation-path' then (
      select json_object_agg(p.team, json_build_object('level', p.level, 'name', p.name, 'description', p.description)
        order by p.position)
      from casework.escalation_path p)
    when 'follow-up-plan' then (
      select json_build_object('slot_days', p.slot_days, 'length', p.length,
        'automatic_at', to_char(p.automatic_at, 'HH24:MI'))
      from casework.follow_up_plan p)
    when 'mail' then (
      select json_build_object('sender_name', t.mail_sender_name, 'footer', t.mail_footer, 'portal_url', t.mail_portal_url,
        'case_subject', t.mail_case_subject)
      from casework.desk_texts t)
    when 'published-claims' then (
      select json_object_agg(c.figure, json_build_object('comparison', c.comparison, 'value', c.value,
        'tolerance', c.tolerance, 'goal', c.goal, 'claim', c.claim) order by c.position)
      from casework.published_claims c)
    when 'retention' then (
      select json_build_object('mail_days', k.mail_days, 'webhook_delivery_days', k.webhook_delivery_days,
        'phone_event_days', k.phone_event_days, 'support_line_read_days', k.support_line_read_days,
        'import_days', k.import_days)
      from casework.retention_settings k)
    when 'scope-of-support' then (
      select json_build_object('text', t.scope_text, 'url', t.scope_url, 'policy_sentence', t.policy_sentence)
      from casework.desk_texts t)
    when 'state-reporting' then (
      select json_build_object('reminder_business_days', r.reminder_business_days)
      from casework.state_reporting_settings r)
    when 'support-line' then json_build_object('has_number', rules.has_toll_free_number())
    when 'support-profile' then (
      select json_build_object('facts', coalesce(json_agg(json_build_object(
        'code', f.code, 'year', f.year, 'statement', f.statement) order by f.position), '[]'))
      from casework.support_facts f)
    when 'survey' then (
      select json_build_object('survey_scope', t.survey_scope,
        'throttle_hours', (extract(epoch from t.throttle) / 3600)::int,
        'open_for_hours', (extract(epoch from t.open_for) / 3600)::int,
        'smallest_group', t.smallest_group, 'satisfied_from', t.satisfied_from)
      from casework.survey_settings t)
    when 'training' then (
      select json_build_object('name', t.training_name, 'url', t.training_url) from casework.desk_texts t)
    when 'vendor' then (
      select json_build_object('name', t.vendor_name, 'logo', t.vendor_logo) from casework.desk_texts t)
    end as body
) as d;
grant select on views.setting_document to casework_staff;

-- Changes of a group come one after the other.
create or replace function rules.update_setting(
  name text, if_match bigint[], request jsonb, out status int, out body json, out etag text, out location text)
language plpgsql as $$
declare
  s casework.settings;
  old jsonb;
  differs jsonb;
begin
  select * into s from casework.settings l where l.name = update_setting.name for no key update;
  perform rules.check_version(s.version, if_match);
  select d.body into old from views.setting_document d where d.name = s.name;
  perform rules.write_setting(s.name, old, rules.merge_patch(old, request));
  select rules.document_changes(old, d.body::jsonb) into differs from views.setting_document d where d.name = s.name;
  if s.name = 'support-line' and rules.change_toll_free_number(request) then
    differs := '[{"member": "toll_free_number"}]';
  end if;
  if differs <> '[]' then
    update casework.settings l set version = s.version + 1 where l.name = s.name;
    perform rules.record_desk_event('setting.updated', s.name, differs);
  end if;
  status := 200;
  select d.body, d.version into body, etag from views.setting_document d where d.name = s.name;
end $$;

create or replace function rules.write_setting(name text, old jsonb, after jsonb) returns void
language plpgsql as $$
begin
  case name
    when 'alerts' then perform rules.write_alert_rules(old, after);
    when 'assignment' then
      update casework.assignment_settings g
      set automatic = (after ->> 'automatic')::boolean, capacity = (after ->> 'capacity')::int;
    when 'attachments' then perform rules.write_attachment_settings(after);
    when 'business-hours' then perform rules.set_business_hours(old, after);
    when 'escalation-path' then perform rules.write_escalation_path(old, after);
    when 'follow-up-plan' then perform rules.write_follow_up_plan(old, after);
    when 'mail' then
      update casework.desk_texts t set mail_sender_name = after ->> 'sender_name', mail_footer = after ->> 'footer',
        mail_portal_url = rtrim(after ->> 'portal_url', '/'), mail_case_subject = (after ->> 'case_subject')::boolean;
    when 'published-claims' then perform rules.write_published_claims(old, after);
    when 'retention' then
      update casework.retention_settings k
      set (mail_days, webhook_delivery_days, phone_event_days, support_line_read_days, import_days) = (
        select n.* from jsonb_to_record(after) as n (mail_days int, webhook_delivery_days int, phone_event_days int,
          support_line_read_days int, import_days int));
    when 'scope-of-support' then
      update casework.desk_texts t set scope_text = after ->> 'text', scope_url = after ->> 'url',
        policy_sentence = after ->> 'policy_sentence';
    when 'state-reporting' then
      update casework.state_reporting_settings r set reminder_business_days = array(
        select jsonb_array_elements_text(after -> 'reminder_business_days')::smallint);
    when 'support-line' then null;     -- its document does not tell the number
    when 'support-profile' then perform rules.write_support_profile(old, after);
    when 'survey' then perform rules.write_survey_settings(after);
    when 'training' then
      update casework.desk_texts t set training_name = after ->> 'name', training_url = after ->> 'url',
        training_version = t.training_version + 1
      where after <> old;
    when 'vendor' then
      update casework.desk_texts t set vendor_name = after ->> 'name', vendor_logo = after ->> 'logo';
  end case;
end $$;

create or replace function rules.write_attachment_settings(after jsonb) returns void
language plpgsql as $$
begin
  if (after ->> 'file_bytes')::bigint > (after ->> 'case_bytes')::bigint then
    perform rules.invalid('/file_bytes', 'out-of-range', 'One file may not be larger than all files of a case.');
  end if;
  update casework.attachment_settings a
  set file_bytes = (after ->> 'file_bytes')::int, case_bytes = (after ->> 'case_bytes')::bigint;
end $$;

create or replace function rules.write_survey_settings(after jsonb) returns void
language plpgsql as $$
begin
  update casework.survey_settings t set survey_scope = after ->> 'survey_scope',
    throttle = make_interval(hours => (after ->> 'throttle_hours')::int),
    open_for = make_interval(hours => (after ->> 'open_for_hours')::int),
    smallest_group = (after ->> 'smallest_group')::int, satisfied_from = (after ->> 'satisfied_from')::int;
end $$;

-- Teams are those that there are; what is said of them changes.
create or replace function rules.write_escalation_path(old jsonb, after jsonb) returns void
language plpgsql as $$
begin
  update casework.escalation_path p
  set level = (after -> p.team ->> 'level')::int, name = after -> p.team ->> 'name',
    description = after -> p.team ->> 'description'
  where after -> p.team is distinct from old -> p.team;
end $$;

create or replace function rules.write_published_claims(old jsonb, after jsonb) returns void
language plpgsql as $$
begin
  update casework.published_claims c
  set (comparison, value, tolerance, goal, claim) = (
    select n.comparison, n.value, n.tolerance, n.goal, n.claim
    from jsonb_to_record(after -> c.figure)
      as n (comparison text, value numeric, tolerance numeric, goal numeric, claim text))
  where after -> c.figure is distinct from old -> c.figure;
end $$;

-- Facts are replaced whole, in their order.
create or replace function rules.write_support_profile(old jsonb, after jsonb) returns void
language plpgsql as $$
declare
  double int := (
    select min(f.number) from (
      select t.number, row_number() over (partition by t.fact ->> 'code', t.fact ->> 'year' order by t.number) as time
      from jsonb_array_elements(after -> 'facts') with ordinality as t (fact, number)) as f
    where f.time > 1);
begin
  if double is not null then
    perform rules.invalid(format('/facts/%s', double - 1), 'already-exists', 'A fact is stated once for a year.');
  elsif after <> old then
    delete from casework.support_facts;
    insert into casework.support_facts (code, year, statement, position)
    select t.fact ->> 'code', (t.fact ->> 'year')::smallint, t.fact ->> 'statement', t.number
    from jsonb_array_elements(after -> 'facts') with ordinality as t (fact, number);
  end if;
end $$;

-- Fact 34: the number goes in and comes out for contacts alone; event and answer
-- say no more than that it is another one. With the owner's rights, which no policy
-- limits: it asks for the role itself. Whether it is another one.
create or replace function rules.set_toll_free_number(number text) returns boolean
language plpgsql security definer set search_path = '' as $$
begin
  if rules.has_role('administrator') is not true then
    perform rules.refuse(403, 'caller-not-allowed', 'This is for staff with the role administrator.');
  end if;
  if number is null then
    delete from casework.support_line;
  else
    insert into casework.support_line as l (toll_free_number) values (number)
    on conflict (single) do update set toll_free_number = excluded.toll_free_number
    where l.toll_free_number <> excluded.toll_free_number;
  end if;
  return found;
end $$;
revoke execute on function rules.set_toll_free_number from public;
grant execute on function rules.set_toll_free_number to casework_staff;

create or replace function rules.change_toll_free_number(request jsonb) returns boolean
language plpgsql as $$
begin
  return request ? 'toll_free_number' and rules.set_toll_free_number(request ->> 'toll_free_number');
end $$;
