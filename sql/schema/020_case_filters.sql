-- What staff look for over all districts: a person's or a site's cases, the
-- latest first, and the few cases that name something. A case that names nothing
-- is in none of the partial indexes, so ordinary writes pay for one more only.
create index cases_contact on casework.cases (contact_id, updated_at desc, id desc);
create index cases_site on casework.cases (site_id, updated_at desc, id desc) where site_id is not null;
create index cases_follows on casework.cases (follows_case_id) where follows_case_id is not null;
create index cases_merged_into on casework.cases (merged_into_case_id) where merged_into_case_id is not null;
create index cases_resolution_defect on casework.cases (resolution_defect_id) where resolution_defect_id is not null;
create index cases_fixed_in_release on casework.cases (fixed_in_release) where fixed_in_release is not null;
create index cases_reporting_deadline on casework.cases (reporting_deadline_id)
  where reporting_deadline_id is not null;
create index cases_redirect_team on casework.cases (redirect_team) where redirect_team is not null;
