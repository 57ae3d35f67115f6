-- Surveys: the decision at a closing, links, responses, opting out, reviews
-- (facts 71 to 76; 2.7). Those who close cases and those who answer surveys may
-- not read any of it, so the functions that they need have the owner's rights,
-- take nothing but ids or a token, and say no more than they must.

-- HMAC-SHA-256 (RFC 2104) in hex; the key is shorter than a block of 64 bytes.
create or replace function rules.link_hmac(text text) returns text
language plpgsql stable as $$
declare
  inner_pad bytea := decode(repeat('36', 64), 'hex');
  outer_pad bytea := decode(repeat('5c', 64), 'hex');
  key bytea := (select k.key from rules.link_key k);
begin
  for i in 0 .. length(key) - 1 loop
    inner_pad := set_byte(inner_pad, i, get_byte(inner_pad, i) # get_byte(key, i));
    outer_pad := set_byte(outer_pad, i, get_byte(outer_pad, i) # get_byte(key, i));
  end loop;
  return encode(sha256(outer_pad || sha256(inner_pad || convert_to(text, 'UTF8'))), 'hex');
end $$;
revoke execute on function rules.link_hmac from public;

create or replace function rules.survey_token(invitation_id bigint) returns text
language plpgsql stable as $$
begin
  return rules.link_hmac('survey ' || invitation_id);
end $$;
revoke execute on function rules.survey_token from public;

create or replace function rules.opt_out_token(contact_id bigint) returns text
language plpgsql stable as $$
begin
  return contact_id || '-' || rules.link_hmac('survey-opt-out ' || contact_id);
end $$;
revoke execute on function rules.opt_out_token from public;

-- One survey per customer and throttle (fact 72): the customer's row is the guard.
-- Of two closings at the same instant the second waits for the first at its key
-- and then finds last_sent_at too young. Invitations are looked at as well,
-- since after a change of survey_scope there may be no row yet.
create or replace function rules.take_survey_turn(
  s casework.survey_settings, district_id bigint, contact_id bigint, at timestamptz) returns boolean
language plpgsql as $$
begin
  insert into casework.survey_customers as c (survey_scope, customer_id, district_id, last_sent_at)
  select s.survey_scope, case s.survey_scope when 'contact' then take_survey_turn.contact_id
    else take_survey_turn.district_id end, take_survey_turn.district_id, at
  where not exists (
    select from casework.survey_invitations i
    where i.outcome = 'sent' and i.sent_at > at - s.throttle
      and (i.contact_id = take_survey_turn.contact_id
        or (s.survey_scope = 'district' and i.district_id = take_survey_turn.district_id)))
  on conflict (survey_scope, customer_id) do update set last_sent_at = excluded.last_sent_at
    where c.last_sent_at <= excluded.last_sent_at - s.throttle;
  return found;
end $$;
revoke execute on function rules.take_survey_turn from public;

-- Why there is no invitation, whoever is next in turn; null: none of these.
create or replace function rules.survey_obstacle(c casework.cases) returns text
language plpgsql stable as $$
begin
  return (select case
    when c.test then 'test_case'
    when c.imported and c.response_cycle = 1 then 'imported_case'
    when not p.may_call or p.district_id <> c.district_id then 'contact_inactive'
    when p.email = '' then 'no_email'
    when p.survey_opted_out_at is not null then 'opted_out' end
    from casework.contacts p where p.id = c.contact_id);
end $$;
revoke execute on function rules.survey_obstacle from public;

-- Called by save_case in the transaction that closes the case, whoever closes
-- it (fact 71). Each closing is judged afresh: there is no backlog.
create or replace function rules.decide_survey(case_id bigint, at timestamptz) returns void
language plpgsql security definer set search_path = '' as $$
declare
  c casework.cases;
  s casework.survey_settings;
  why text;
  invitation_id bigint;
begin
  select * into c from casework.cases k where k.id = case_id and k.status = 'closed' and rules.reaches(k.district_id);
  if not found then
    return;
  end if;
  select * into s from casework.survey_settings;
  why := rules.survey_obstacle(c);
  if why is null and not rules.take_survey_turn(s, c.district_id, c.contact_id, at) then
    why := 'sent_within_30_days';
  end if;
  insert into casework.survey_invitations (district_id, case_id, contact_id, outcome, reason, decided_at, sent_at,
    expires_at, advisor_id, advisor_name)
  values (c.district_id, c.id, c.contact_id, case when why is null then 'sent' else 'suppressed' end, why, at,
    case when why is null then at end, case when why is null then at + s.open_for end,
    c.assigned_advisor_id, c.assigned_advisor_name)
  returning id into invitation_id;
  if why is null then
    update casework.survey_invitations i
    set token_sha256 = sha256(convert_to(rules.survey_token(i.id), 'UTF8'))
    where i.id = invitation_id;
  end if;
  perform rules.record_case_event(c.district_id, c.id, rules.system_actor(at),
    case when why is null then 'survey.invited' else 'survey.suppressed' end, 'internal', null,
    case when why is null then '[]'::jsonb
      else jsonb_build_array(jsonb_build_object('member', 'reason', 'old', null, 'new', why)) end);
end $$;
revoke execute on function rules.decide_survey from public;
grant execute on function rules.decide_survey to casework_contact, casework_partner, casework_staff, casework_worker;

-- What the mail of an event survey.invited needs: the address as it is now, and
-- both links below PUBLIC_URL. No row if it must not be sent any more: opted
-- out, inactive, moved or without address since. The mail is List-Unsubscribe'd with
-- opt_out_path (RFC 8058).
create or replace function rules.survey_mail(
  event_id bigint, out contact_id bigint, out to_address text, out survey_path text, out opt_out_path text)
returns setof record
language plpgsql stable security definer set search_path = '' as $$
begin
  return query
  select p.id, p.email, '/v1/surveys/' || rules.survey_token(i.id),
    '/v1/survey-opt-out/' || rules.opt_out_token(p.id)
  from casework.events e
  join casework.survey_invitations i on i.case_id = e.case_id and i.sent_at = e.at
  join casework.contacts p on p.id = i.contact_id
  where e.id = survey_mail.event_id and e.type = 'survey.invited'
    and p.may_call and p.district_id = i.district_id and p.email <> '' and p.survey_opted_out_at is null;
end $$;
revoke execute on function rules.survey_mail from public;
grant execute on function rules.survey_mail to casework_worker;

-- The contact of an opt-out link, or 404.
create or replace function rules.opt_out_contact(token text) returns casework.contacts
language plpgsql stable as $$
declare
  p casework.contacts;
begin
  if token ~ '^[1-9][0-9]{0,15}-[0-9a-f]{64}$' then
    select * into p from casework.contacts c where c.id = split_part(token, '-', 1)::bigint;
  end if;
  if p.id is null or token <> rules.opt_out_token(p.id) then
    perform rules.refuse(404, 'not-found', 'There is no such link. Copy the whole link from the e-mail.');
  end if;
  return p;
end $$;
revoke execute on function rules.opt_out_contact from public;

-- Whether who holds this link has opted out of surveys, and which address that is.
drop function if exists rules.survey_opted_out(text);
create or replace function rules.survey_opt_out_state(token text, out opted_out boolean, out address text)
language plpgsql stable security definer set search_path = '' as $$
declare
  p casework.contacts := rules.opt_out_contact(token);
begin
  opted_out := p.survey_opted_out_at is not null;
  address := p.email;
end $$;
revoke execute on function rules.survey_opt_out_state from public;
grant execute on function rules.survey_opt_out_state to casework_public;

-- Opting out is the contact's own act: the link came to its mailbox only. Done
-- once; again it changes nothing.
create or replace function rules.opt_out_of_surveys(token text) returns void
language plpgsql security definer set search_path = '' as $$
declare
  p casework.contacts := rules.opt_out_contact(token);
  at timestamptz := rules.now();
begin
  update casework.contacts c
  set survey_opted_out_at = at, version = c.version + 1, updated_at = at
  where c.id = p.id and c.survey_opted_out_at is null;
  if found then
    insert into casework.events (district_id, contact_id, type, at, actor_kind, actor_id, actor_name, changes)
    values (p.district_id, p.id, 'contact.survey_opted_out', at, 'contact', p.id, p.name,
      '[{"member": "survey_opt_out", "old": false, "new": true}]');
  end if;
end $$;
revoke execute on function rules.opt_out_of_surveys from public;
grant execute on function rules.opt_out_of_surveys to casework_public;

-- Back in: by the contact itself, never in its name (fact 74).
create or replace function rules.opt_in_to_surveys(
  contact_id bigint, out status int, out body json, out etag text, out location text)
language plpgsql as $$
begin
  if not exists (select from casework.contacts p where p.id = contact_id) then
    perform rules.refuse(404, 'not-found', 'There is no such contact.');
  elsif contact_id <> rules.caller_id() or rules.on_behalf() then
    perform rules.refuse(403, 'not-permitted', 'A contact opts in to surveys for itself only.');
  end if;
  update casework.contacts c
  set survey_opted_out_at = null, version = c.version + 1, updated_at = rules.now()
  where c.id = contact_id and c.survey_opted_out_at is not null;
  if found then
    perform rules.record_contact_event(rules.district(), contact_id, 'contact.survey_opted_in',
      '[{"member": "survey_opt_out", "old": true, "new": false}]');
  end if;
  select * into status, body, etag, location from rules.contact_answer(contact_id, 200);
end $$;

-- Fact 76: every response is reviewed, once.
create or replace function rules.review_survey_response(
  response_id bigint, request jsonb, out status int, out body json)
language plpgsql as $$
declare
  actor rules.actor := rules.actor();
  reviewed timestamptz;
begin
  perform rules.require_role('{lead,administrator}');
  select r.reviewed_at into reviewed from casework.survey_responses r where r.id = response_id for no key update;
  if not found then
    perform rules.refuse(404, 'not-found', 'There is no such survey response.');
  elsif reviewed is not null then
    perform rules.refuse(409, 'already-reviewed', 'This response has been reviewed.');
  end if;
  update casework.survey_responses r
  set reviewed_at = actor.at, reviewed_by = coalesce(actor.behalf_id, actor.id),
    reviewer_name = coalesce(actor.behalf_name, actor.name),
    review_use = request ->> 'use', review_comment = request ->> 'comment'
  where r.id = response_id;
  perform rules.record_case_event(r.district_id, r.case_id, actor, 'survey.reviewed', 'internal', null, '[]')
  from casework.survey_responses r where r.id = response_id;
  select 200, d.body into status, body from views.survey_response_document d where d.id = response_id;
end $$;
