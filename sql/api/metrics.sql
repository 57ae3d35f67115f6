-- name: get_figures
select p.body, p.html from rules.figures_page(:media_type, :public_url, :status_url, :from::date, :to::date) p;

-- name: get_district_figures
select p.body, p.html
from views.district_document d
cross join lateral rules.district_figures_page(d.id, d.body ->> 'name', :media_type, :from::date, :to::date) p
where d.id = :district_id::bigint;

-- name: get_satisfaction
select rules.public_satisfaction(:from::date, :to::date) as body;

-- name: list_district_months
select m.body as item, m.month::text as month
from rules.district_months(:district_id::bigint, :from, :to) m
where true
  and m.month < :after_month::date                                     --? after
order by m.month desc
limit :limit::int + 1;
