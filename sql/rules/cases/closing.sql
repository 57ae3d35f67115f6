-- What a closing ends beside the case, in its transaction and with events of
-- its own: the escalation, since no team has the case any more (fact 56), and
-- changes that nobody can confirm now (fact 7). A confirmed change stays, to be
-- recorded as performed or declined; so does a site's permission, which opens
-- nothing while the case is closed, and what is linked: calls, defects, the
-- incident, followers.

create or replace function rules.end_open_matters(c casework.cases, actor rules.actor) returns void
language plpgsql as $$
declare
  e casework.escalations;
  r casework.change_requests;
begin
  select * into e from casework.escalations s
  where s.case_id = c.id and s.district_id = c.district_id and s.returned_at is null and s.closed_at is null;
  if found then
    perform rules.close_escalation(e, actor);
  end if;
  for r in
    select * from casework.change_requests q
    where q.case_id = c.id and q.district_id = c.district_id and q.state = 'awaiting_written_verification'
    order by q.id
  loop
    perform rules.finish_change(r, 'withdrawn', actor, 'The case was closed before it was confirmed.');
  end loop;
end $$;
