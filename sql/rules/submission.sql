-- Trying out a submission (fact 40): every check of a real one, and what may
-- spare it, without storing anything.

-- What a contact should look at before submitting this case: open cases of the
-- district in the same product area, last modified first.
create or replace function rules.submission_matches(c casework.cases) returns jsonb
language plpgsql stable as $$
begin
  return (
    select coalesce(jsonb_agg(jsonb_build_object(
      'kind', 'case', 'id', m.id, 'title', m.subject, 'href', '/v1/cases/' || m.id)
      order by m.updated_at desc, m.id desc), '[]')
    from (
      select o.id, o.subject, o.updated_at from casework.cases o
      where o.district_id = c.district_id and o.product_area = c.product_area and o.status <> 'closed'
      order by o.updated_at desc, o.id desc limit 10) as m);
end $$;

create or replace function rules.submit_case(
  request jsonb, validate_only boolean, out status int, out body json, out etag text, out location text)
language plpgsql as $$
declare
  c casework.cases;
begin
  if not coalesce(validate_only, false) then
    select * into status, body, etag, location from rules.create_case(request);
    return;
  end if;
  c := rules.checked_case(request, rules.actor());
  status := 200;
  body := json_build_object('valid', true, 'matches', rules.submission_matches(c),
    'support_eligibility', rules.support_eligibility(c.product_version, c.platform));
end $$;
