-- What nobody may miss of a case (3.3): another contact, another provider of support,
-- a date, a question. Each is a public note and a mail. The note is no response (2.3):
-- it tells of a change of the case, whoever makes it.

create or replace function rules.long_date(date date) returns text
  language sql stable
  return to_char(date, 'FMDay, FMMonth FMDD, YYYY');

-- Which partner has the case (3.7), where another one has been named or the provider
-- changes: the one that is named, the only one there is, or who submits. After
-- rules.check_case.
create or replace function rules.settle_partner(before casework.cases, c casework.cases, request jsonb)
returns casework.cases
language plpgsql stable as $$
declare
  serving bigint[];
begin
  if c.support_provider = 'campus' then
    if jsonb_typeof(request -> 'partner_id') = 'number' then
      perform rules.invalid('/partner_id', 'not-allowed', 'Only a case whose support_provider is partner names one.');
    end if;
    c.partner_id := null;
    c.partner_name := null;
  elsif before.support_provider is distinct from c.support_provider or request ? 'partner_id' then
    serving := array(
      select distinct a.partner_id from views.partner_assignment a
      join casework.partners p on p.id = a.partner_id and p.active
      where a.district_id = c.district_id);
    c.partner_id := coalesce(c.partner_id, case when rules.caller_kind() = 'partner' then rules.caller_id()
      when cardinality(serving) = 1 then serving[1] end);
    if c.partner_id is null then
      perform rules.invalid('/partner_id', 'required', 'Several partners serve the district: name the one that has the case.');
    elsif c.partner_id is distinct from before.partner_id and c.partner_id <> all (serving) then
      perform rules.invalid('/partner_id', 'unknown', 'No such partner serves the district.');
    end if;
    c.partner_name := rules.name_of('partner', c.partner_id);
  end if;
  return c;
end $$;

drop function if exists rules.partners_of(bigint), rules.provider_text(text, bigint);   -- of the version before

create or replace function rules.contact_text(old_id bigint, new_id bigint) returns text
language plpgsql stable as $$
begin
  return format('%s is the contact on this case now. Before it was %s.',
    coalesce(rules.name_of('contact', new_id), 'Contact ' || new_id),
    coalesce(rules.name_of('contact', old_id), 'a contact who has left the district'));
end $$;

create or replace function rules.provider_name(c casework.cases) returns text
  language sql immutable as $$
  select case c.support_provider when 'campus' then 'Campus Support' else coalesce(c.partner_name, 'a partner') end $$;

create or replace function rules.provider_text(before casework.cases, c casework.cases) returns text
language plpgsql stable as $$
begin
  return format('%s has this case now and provides support for it. Before it was %s.',
    rules.provider_name(c), rules.provider_name(before));
end $$;

-- Of a status that the contacts have to know of; null: it is none.
create or replace function rules.status_text(before casework.cases, c casework.cases) returns text
language plpgsql stable as $$
begin
  return case
    when c.scheduled_on is distinct from before.scheduled_on and c.status = 'scheduled' then
      format('Work on this case is scheduled for %s.', rules.long_date(c.scheduled_on))
    when c.status <> before.status and c.status = 'pending_customer_input' then
      'To go on with this case, Support needs an answer of the district. Please write it as a note on this case.' end;
end $$;

create or replace function rules.save_and_tell(
  before casework.cases, c casework.cases, actor rules.actor, type text, text text) returns casework.cases
language plpgsql as $$
begin
  perform rules.save_case(before, c, actor, type,
    rules.write_note(c.district_id, c.id, actor, 'progress', 'public', text));
  return rules.lock_case(c.id, null);
end $$;

-- Saves these changes, each with its note and an event of its own; the others are
-- left. Returns the case as it is then.
create or replace function rules.tell_progress(before casework.cases, c casework.cases, actor rules.actor)
returns casework.cases
language plpgsql as $$
declare
  step casework.cases := before;
begin
  if c.contact_id <> before.contact_id then
    step.contact_id := c.contact_id;
    step := rules.save_and_tell(before, step, actor, 'case.contact_changed',
      rules.contact_text(before.contact_id, c.contact_id));
  end if;
  before := step;
  if (c.support_provider, c.partner_id) is distinct from (before.support_provider, before.partner_id) then
    step.support_provider := c.support_provider;
    step.partner_id := c.partner_id;
    step.partner_name := c.partner_name;
    step := rules.save_and_tell(before, step, actor, 'case.handed_over', rules.provider_text(before, c));
  end if;
  before := step;
  if rules.status_text(before, c) is not null then
    step.status := c.status;
    step.scheduled_on := c.scheduled_on;
    step := rules.save_and_tell(before, step, actor, 'case.status_changed', rules.status_text(before, c));
  end if;
  return step;
end $$;

-- The contact of a case that was merged away follows the one that goes on, which
-- tells of it; a closed one takes no note.
create or replace function rules.follow_merged(merged casework.cases, actor rules.actor) returns void
language plpgsql as $$
declare
  c casework.cases := rules.lock_case(merged.merged_into_case_id, null);
begin
  insert into casework.case_followers (district_id, case_id, contact_id, since,
    added_by_kind, added_by_id, added_by_name)
  select c.district_id, c.id, p.id, actor.at, actor.kind, actor.id, actor.name
  from casework.contacts p
  where p.id = merged.contact_id and p.id <> c.contact_id and p.district_id = c.district_id and p.may_call
  on conflict do nothing;
  if found then
    perform rules.record_case_event(c.district_id, c.id, actor, 'case.followed', 'public', null,
      jsonb_build_array(rules.changed('follower_contact_id', null, to_jsonb(merged.contact_id))));
  end if;
  if c.status <> 'closed' then
    perform rules.touch_case(c, actor, 'case.merged', rules.write_note(c.district_id, c.id, actor, 'progress', 'public',
      format('Case %s was merged into this case. Its contact follows this one.', merged.id)), '[]');
  end if;
end $$;
