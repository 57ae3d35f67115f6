-- What may spare a submission (fact 40): what is known about the same.

-- What holds at least half of the words of a subject, best first, common words
-- apart: open cases among the latest thousand of the contact's district, and what it
-- reads of defects, incidents and articles. The owner's rights, since nobody else
-- reads words; ids only, which the caller reads by itself.
drop function if exists rules.similar_keys(text, bigint);   -- its parameter had another name
create function rules.similar_keys(subject text, contact_id bigint)
returns table (kind text, id bigint, hits bigint, rank real)
language plpgsql security definer set search_path = '' as $$
declare
  wanted tsquery := rules.any_word(rules.words(subject));
  each tsquery[];
  district bigint := (select k.district_id from casework.contacts k where k.id = contact_id);
begin
  if wanted is null or not rules.reaches(district) then
    return;
  end if;
  each := array(
    select distinct to_tsquery('casework.words', '''' || w.found[1] || '''')
    from regexp_matches(rules.words(subject), '\S+', 'g') as w (found)
    where not rules.is_stop_word(w.found[1]));
  return query
  select k.kind, k.id, f.hits, ts_rank(k.words, wanted)
  from (
    select w.kind, w.id, w.words
    from casework.desk_words w
    where w.words @@ wanted
      and (session_user = 'casework_staff'
        or (w.kind, w.id) in (select r.kind, r.id from rules.findable(array[district]) as r))
    union all
    select 'case', c.id, w.words
    from (
      select c.id, c.district_id, c.status from casework.cases c
      where c.district_id = district order by c.updated_at desc, c.id desc limit 1000) as c
    join casework.case_words w on w.case_id = c.id and w.district_id = c.district_id
    where c.status <> 'closed' and w.words @@ wanted) as k
  cross join lateral (select count(*) as hits from unnest(each) as e (word) where k.words @@ e.word) as f
  where 2 * f.hits >= cardinality(each);
end $$;
revoke execute on function rules.similar_keys(text, bigint) from public;
grant execute on function rules.similar_keys(text, bigint) to casework_contact, casework_partner, casework_staff;

-- Ten of a kind, best first, each only as far as the caller may see it. An open
-- incident that touches the district matches by its product area as well, one
-- without any always; an announcement by a single word.
create or replace function rules.submission_matches(c casework.cases, public_url text) returns jsonb
language plpgsql as $$
declare
  wanted tsquery := rules.any_word(rules.words(c.subject));
begin
  return (
    with alike as materialized (select * from rules.similar_keys(c.subject, c.contact_id))
    select coalesce(jsonb_agg(jsonb_build_object('kind', m.kind, 'id', m.id, 'title', m.title,
        'href', concat(public_url, '/v1/', m.kind, 's/', m.id))
      order by m.place, m.hits desc, m.rank desc, m.at desc, m.id desc), '[]')
    from (
      (select 1 as place, 'incident' as kind, i.id, i.title, coalesce(s.hits, 0) as hits, s.rank, i.updated_at as at
        from casework.incidents i left join alike s on s.kind = 'incident' and s.id = i.id
        where i.resolved_at is null and rules.may_name_incident(i.id, c.district_id)
          and (s.id is not null or c.product_area = any (i.components) or i.components = '{}')
        order by hits desc, s.rank desc, at desc, i.id desc limit 10)
      union all
      (select 2, 'defect', d.id, d.title, s.hits, s.rank, d.updated_at
        from alike s join casework.defects d on d.id = s.id
        where s.kind = 'defect' and d.status in ('reported', 'confirmed')
        order by s.hits desc, s.rank desc, d.updated_at desc, d.id desc limit 10)
      union all
      (select 3, 'article', a.id, a.title, s.hits, s.rank, a.updated_at
        from alike s join casework.articles a on a.id = s.id
        where s.kind = 'article' and a.status = 'published'
        order by s.hits desc, s.rank desc, a.updated_at desc, a.id desc limit 10)
      union all
      (select 4, 'announcement', n.id, n.body ->> 'title', 0, v.rank, n.publish_at
        from views.announcement_document n
        cross join lateral (select rules.word_vector(concat(n.body ->> 'title', ' ', n.body ->> 'text')) as words) as w
        cross join lateral (select ts_rank(w.words, wanted) as rank) as v
        where n.body ->> 'incident_id' is null and w.words @@ wanted
        order by v.rank desc, n.publish_at desc, n.id desc limit 10)
      union all
      (select 5, 'case', o.id, o.subject, s.hits, s.rank, o.updated_at
        from alike s join casework.cases o on o.id = s.id and o.district_id = c.district_id
        where s.kind = 'case'
        order by s.hits desc, s.rank desc, o.updated_at desc, o.id desc limit 10)
    ) as m);
end $$;
