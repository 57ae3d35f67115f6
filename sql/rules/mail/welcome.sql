-- The welcome of a contact (facts 13, 14, 20, 22): once it may call, how to reach
-- Support, and where the training course is. No mail holds the toll-free number
-- (fact 34); it says where that is shown.

-- A contact who may call from now on: new, or authorized again. An event names this
-- member only, so it is as it is now; whoever has a welcome that waits needs no other.
create or replace function rules.audience_welcome(e casework.events) returns setof rules.mail_recipient
language plpgsql stable as $$
begin
  return query
  select 'contact', p.id, p.email
  from casework.contacts p
  where (e.type = 'contact.created' or e.changes @> '[{"member": "authorized"}]')
    and p.id = e.contact_id and p.district_id = e.district_id and p.may_call and p.email <> ''
    and not exists (
      select from casework.mails m
      where m.kind = 'contact.welcomed' and m.state = 'queued' and m.recipient_id = p.id);
end $$;

-- Monday to Friday, 6:00 a.m. to 6:00 p.m. Central Time: days in a row that have the
-- same hours as one.
create or replace function rules.told_hours() returns text
language plpgsql stable as $$
begin
  return (
    select string_agg(d.days || to_char(d.opens, ', FMHH12:MI a.m.') || to_char(d.closes, ' "to" FMHH12:MI a.m.'),
      '; ' order by d.first) || ' Central Time'
    from (
      select min(h.weekday) as first, h.opens, h.closes,
        concat_ws(' to ', rules.day_name(min(h.weekday)),
          case when count(*) > 1 then rules.day_name(max(h.weekday)) end) as days
      from (
        select b.weekday, b.opens, b.closes,
          b.weekday - row_number() over (partition by b.opens, b.closes order by b.weekday) as run
        from casework.business_hours b) as h
      group by h.run, h.opens, h.closes) as d);
end $$;

create or replace function rules.day_name(weekday int) returns text
  language sql immutable
  return (array['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'])[weekday];

create or replace function rules.welcome_fields() returns jsonb
language plpgsql stable as $$
begin
  return (
    select jsonb_build_object('course', t.training_name, 'address', t.training_url,
      'hours', coalesce(rules.told_hours(), 'at no fixed hours'), 'telephone', case when rules.has_toll_free_number()
        then ' The toll-free number is for Authorized Contacts alone: the portal shows it.' else '' end)
    from casework.desk_texts t);
end $$;
