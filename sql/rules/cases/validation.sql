-- Trying out a submission (fact 40): every check of a real one, and what may
-- spare it (finding/matches.sql), without storing anything.

create or replace function rules.validate_case(request jsonb, public_url text, out status int, out body json)
language plpgsql as $$
declare
  c casework.cases := rules.checked_case(request, rules.actor());
begin
  status := 200;
  body := json_build_object('valid', true, 'matches', rules.submission_matches(c, public_url),
    'support_eligibility', rules.support_eligibility(c.product_version, c.platform));
end $$;
