-- Mail before a reporting deadline (fact 54): to the analysts, and to the contacts on
-- open cases of state reporting of that state, once each.

create or replace function rules.audience_deadline(deadline casework.reporting_deadlines)
returns table (district_id bigint, recipient rules.mail_recipient)
language plpgsql stable as $$
begin
  return query
  select null::bigint, row ('staff', s.id, s.email)::rules.mail_recipient
  from casework.staff s
  where s.active and 'state_reporting_analyst' = any (s.roles)
  union
  select p.district_id, row ('contact', p.id, p.email)::rules.mail_recipient
  from casework.districts d
  join casework.cases c on c.district_id = d.id and c.product_area = 'state_reporting' and c.status <> 'closed'
    and not c.test
  join casework.contacts p on p.id = c.contact_id and p.district_id = d.id and p.may_call
  where d.state = deadline.state and d.active;
end $$;

create or replace function rules.mail_deadline_event(e casework.desk_events) returns void
language plpgsql as $$
begin
  perform rules.queue_mail('desk', e.feed_id, a.district_id, null, a.recipient, t,
    jsonb_build_object('thread', 'deadline-' || r.id, 'deadline', r.name, 'state', r.state,
      'due', rules.long_date(r.due_on), 'left', jsonb_path_query_first(e.changes, '$[0].new') #>> '{}'))
  from casework.reporting_deadlines r
  cross join lateral rules.audience_deadline(r) as a
  join rules.mail_texts t on t.type = e.type
    and t.audience = case (a.recipient).kind when 'staff' then 'analysts' else 'reporting_contacts' end
  where r.id = e.resource::bigint;
end $$;
