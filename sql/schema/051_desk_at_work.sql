-- The desk at work (3.5, 3.7).

-- What is shared with a State Department, which searches and lists nothing else.
create index cases_shared on casework.cases (district_id, updated_at desc, id desc)
  where shared_with_state_at is not null and product_area = 'state_reporting';
