-- Idempotency-Key: a write that is sent again, because its answer was lost, is
-- answered as it was the first time and done once. The key is taken at the
-- beginning of the transaction and the answer kept at its end, so both exist
-- exactly when the write does; a refused write leaves its key free.
--
-- What tells a secret tells it once: the answer that is kept is without it (column
-- repeat). A key is bound to the districts that its caller reached: who has lost one
-- of them does not get the answer again.

-- Part of the begin statements. Ends the transaction with CW200 where the
-- answer is known: the engine then asks for it (replay_answer). The error does not
-- bring it along, since PostgreSQL may log the text of an error.
create or replace function rules.take_key(key text, fingerprint text) returns void
language plpgsql as $$
declare
  known record;
begin
  -- Held by a request that is being done now: no waiting, others share the connection.
  if not pg_try_advisory_xact_lock(hashtextextended(
      concat_ws(' ', 'idempotency', rules.caller_kind(), rules.caller_id(), key), 0)) then
    perform rules.refuse(409, 'idempotency-key-in-use',
      'A request with this Idempotency-Key is being done at this moment.');
  end if;
  select k.fingerprint into known from casework.idempotency_keys k
  where k.caller_kind = rules.caller_kind() and k.caller_id = rules.caller_id() and k.key = take_key.key;
  if not found then
    insert into casework.idempotency_keys (caller_kind, caller_id, key, fingerprint, districts, created_at)
    values (rules.caller_kind(), rules.caller_id(), key, fingerprint, rules.reach(), rules.now())
    on conflict do nothing;
    if found then
      return;
    end if;
  elsif known.fingerprint = take_key.fingerprint then
    raise exception using errcode = 'CW200', message = 'the answer is known';
  end if;
  perform rules.refuse(422, 'idempotency-key-reused', case when known is null
    then 'This Idempotency-Key belongs to a request of yours whose answer you may not read any more.'
    else 'This Idempotency-Key belongs to another request of yours: every request has a key of its own.' end);
end $$;

-- The case that an answer tells of, or something of it; null: none.
create or replace function rules.case_of_answer(body text) returns bigint
  language sql immutable
  return coalesce(substring(body from '"case_id" ?: ?([0-9]+)'),
    case when position('"response_target":' in body) > 0 then substring(body from '^\{"id":([0-9]+)') end)::bigint;

-- answer has the columns of the statement's row: status, body, etag, location, and
-- repeat, if another body is to be repeated.
-- The toll-free number is kept nowhere but in its table (fact 34): what an outage case
-- showed of it is read again for a repeat, and recorded.
create or replace function rules.keep_answer(key text, answer json) returns void
language plpgsql as $$
begin
  update casework.idempotency_keys k set
    (status, body, etag, location, case_id)
    = (coalesce(a.status, 200), regexp_replace(coalesce(a.repeat, a.body), '"support_line":\{[^{}]*\}', '"support_line":null'),
      a.etag, a.location, rules.case_of_answer(a.body))
  from json_to_record(answer) as a (status int, body text, repeat text, etag text, location text)
  where k.caller_kind = rules.caller_kind() and k.caller_id = rules.caller_id() and k.key = keep_answer.key;
end $$;

-- What tells a secret, as it is repeated: that member is null.
create or replace function rules.told_once(body json, member text) returns json
  language sql immutable
  return (body::jsonb || jsonb_build_object(member, null))::json;

create or replace function rules.repeated_body(body text) returns text
language plpgsql as $$
declare
  of_case jsonb;
begin
  if rules.caller_kind() = 'contact' and position('"support_line":null' in body) > 0 then
    of_case := body::jsonb;
    if of_case ->> 'type' = 'outage' then
      return replace(body, '"support_line":null', '"support_line":' || coalesce(
        rules.case_support_line((of_case ->> 'id')::bigint, (of_case ->> 'district_id')::bigint)::text, 'null'));
    end if;
  end if;
  return body;
end $$;

-- What a redaction erases is in no kept answer either (fact 47): a JSON string in
-- answers about the case, replaced.
create or replace function rules.erase_in_answers(case_id bigint, erased text, replacement text) returns void
language plpgsql security definer set search_path = '' as $$
begin
  update casework.idempotency_keys k set body = replace(k.body, to_json(erased)::text, coalesce(to_json(replacement)::text, 'null'))
  where k.case_id = erase_in_answers.case_id and rules.caller_id() is not null and position(to_json(erased)::text in k.body) > 0;
end $$;
revoke execute on function rules.erase_in_answers from public;
grant execute on function rules.erase_in_answers to casework_staff;

-- How long a key is honoured at the least, as the document says.
create or replace function rules.idempotency_retention() returns interval
  language sql immutable
  return interval '24 hours';

create or replace function rules.timer_forget_keys(batch int) returns int
language plpgsql as $$
declare
  handled int;
begin
  delete from casework.idempotency_keys k
  where (k.caller_kind, k.caller_id, k.key) in (
    select o.caller_kind, o.caller_id, o.key from casework.idempotency_keys o
    where o.created_at < rules.now() - rules.idempotency_retention()
    order by o.created_at limit batch);
  get diagnostics handled = row_count;
  return handled;
end $$;
