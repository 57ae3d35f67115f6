-- The registers of a district (facts 8 to 10), newest first.

create index site_accesses_district on casework.site_accesses (district_id, accessed_at, id);
create index site_permissions_district on casework.site_permissions (district_id, granted_at, id);
