-- How a rule refuses: the transaction ends, the caller gets a problem.

-- Ends the transaction with a problem: SQLSTATE CW<status>, its slug, a
-- sentence for humans, and further members of the problem document.
create or replace function rules.refuse(
  status int, slug text, sentence text, extra jsonb default '{}') returns text
language plpgsql as $$
begin
  raise exception using
    errcode = 'CW' || status, message = slug, detail = sentence, hint = extra::text;
end $$;

-- One fault of the body as errors[] shows it.
create or replace function rules.fault(pointer text, code text, detail text) returns jsonb
  language sql immutable
  return jsonb_build_object('pointer', pointer, 'code', code, 'detail', detail);

create or replace function rules.invalid(pointer text, code text, detail text) returns text
language plpgsql as $$
begin
  return rules.refuse(422, 'invalid-request', detail,
    jsonb_build_object('errors', jsonb_build_array(rules.fault(pointer, code, detail))));
end $$;

create or replace function rules.bad_parameter(parameter text, detail text) returns text
language plpgsql as $$
begin
  return rules.refuse(400, 'invalid-parameter', detail, jsonb_build_object('errors',
    jsonb_build_array(jsonb_build_object('parameter', parameter, 'code', 'out-of-range', 'detail', detail))));
end $$;

create or replace function rules.not_permitted(pointer text, detail text) returns text
language plpgsql as $$
begin
  return rules.refuse(403, 'not-permitted', detail,
    jsonb_build_object('errors', jsonb_build_array(rules.fault(pointer, 'not-permitted', detail))));
end $$;

-- Fact 14, in the words of the support process.
create or replace function rules.words_for_outsiders() returns text
  language sql immutable
  return 'If you need technical support and are not an Authorized Contact, '
    'please reach out to your district''s Infinite Campus technical team.';

create or replace function rules.refuse_contact() returns text
language plpgsql as $$
begin
  return rules.refuse(403, 'not-an-authorized-contact', rules.words_for_outsiders());
end $$;

create or replace function rules.refuse_caller() returns text
language plpgsql as $$
begin
  return rules.refuse(403, 'caller-not-active', 'This caller is unknown or no longer active. '
    || rules.words_for_outsiders());
end $$;

-- If-Match (RFC 9110): null is "*", an empty array matches nothing.
create or replace function rules.check_version(version bigint, if_match bigint[]) returns void
language plpgsql as $$
begin
  if not coalesce(version = any (if_match), true) then
    perform rules.refuse(412, 'precondition-failed', case when if_match = '{}'
      then 'If-Match names no version: a weak tag (W/) never matches, nor one that is not of this service. Send the ETag as it was given.'
      else 'It has changed since the version named by If-Match; read it again.' end);
  end if;
end $$;
