-- Trying out a submission (fact 40): every check of a real one, and what may
-- spare it, without storing anything.

-- What to look at before submitting this case, ten of a kind: open incidents
-- that touch the district, known defects and open cases of the district in the
-- same product area, and current announcements that share a word with the
-- subject. Each only as far as the caller may see it.
create or replace function rules.submission_matches(c casework.cases, public_url text) returns jsonb
language plpgsql stable as $$
declare
  words tsquery := rules.any_word(rules.words(c.subject));
begin
  return (
    select coalesce(jsonb_agg(jsonb_build_object('kind', m.kind, 'id', m.id, 'title', m.title, 'href',
        public_url || m.path || m.id)
      order by m.rank, m.at desc, m.id desc), '[]')
    from (
      (select 1 as rank, 'incident' as kind, i.id, i.title, '/v1/incidents/' as path, i.updated_at as at
        from casework.incidents i
        where rules.may_name_incident(i.id, c.district_id)
          and (c.product_area = any (i.components) or i.components = '{}' or c.product_area is null)
        order by i.updated_at desc, i.id desc limit 10)
      union all
      (select 2, 'defect', d.id, d.title, '/v1/defects/', d.updated_at
        from casework.defects d
        where d.product_area = c.product_area and d.status in ('reported', 'confirmed')
        order by d.updated_at desc, d.id desc limit 10)
      union all
      (select 3, 'announcement', n.id, n.body ->> 'title', '/v1/announcements/', n.publish_at
        from views.announcement_document n
        where n.body ->> 'incident_id' is null
          and rules.word_vector(concat(n.body ->> 'title', ' ', n.body ->> 'text')) @@ words
        order by n.publish_at desc, n.id desc limit 10)
      union all
      (select 4, 'case', o.id, o.subject, '/v1/cases/', o.updated_at
        from casework.cases o
        where o.district_id = c.district_id and o.product_area = c.product_area and o.status <> 'closed'
        order by o.updated_at desc, o.id desc limit 10)
    ) as m);
end $$;

create or replace function rules.validate_case(request jsonb, public_url text, out status int, out body json)
language plpgsql as $$
declare
  c casework.cases := rules.checked_case(request, rules.actor());
begin
  status := 200;
  body := json_build_object('valid', true, 'matches', rules.submission_matches(c, public_url),
    'support_eligibility', rules.support_eligibility(c.product_version, c.platform));
end $$;
