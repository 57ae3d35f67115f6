-- The columns of an incident, as sql/rules/base/columns.sql asks. It moves from
-- status to status by rules.move_incident.

insert into rules.columns (relation, name, made, written_by, history) values
  ('incidents', 'id',                  false, '{}',      'none'),
  ('incidents', 'status_key',          true,  '{}',      'none'),
  ('incidents', 'kind',                true,  '{}',      'none'),
  ('incidents', 'title',               true,  '{staff}', 'values'),
  ('incidents', 'severity',            true,  '{staff}', 'values'),
  ('incidents', 'status',              true,  '{}',      'none'),
  ('incidents', 'components',          true,  '{staff}', 'values'),
  ('incidents', 'scope_all',           true,  '{staff}', 'values'),
  ('incidents', 'scope_hosting',       true,  '{staff}', 'values'),
  ('incidents', 'scope_states',        true,  '{staff}', 'values'),
  ('incidents', 'scope_product_areas', true,  '{staff}', 'values'),
  ('incidents', 'scope_versions',      true,  '{staff}', 'values'),
  ('incidents', 'channels',            true,  '{staff}', 'values'),
  ('incidents', 'email_contacts',      true,  '{staff}', 'values'),
  ('incidents', 'scheduled_from',      true,  '{staff}', 'values'),
  ('incidents', 'scheduled_until',     true,  '{staff}', 'values'),
  ('incidents', 'created_at',          true,  '{}',      'none'),
  ('incidents', 'updated_at',          true,  '{staff}', 'none'),
  ('incidents', 'resolved_at',         true,  '{}',      'none'),
  ('incidents', 'version',             false, '{staff}', 'none');
call rules.make_writers('incidents');

-- Those of an announcement. One that an incident makes is written with it.

insert into rules.columns (relation, name, made, written_by, history) values
  ('announcements', 'id',          false, '{}',      'none'),
  ('announcements', 'kind',        true,  '{staff}', 'values'),
  ('announcements', 'incident_id', false, '{}',      'none'),
  ('announcements', 'title',       true,  '{staff}', 'values'),
  ('announcements', 'text',        true,  '{staff}', 'values'),
  ('announcements', 'publish_at',  true,  '{staff}', 'values'),
  ('announcements', 'expires_at',  true,  '{staff}', 'values'),
  ('announcements', 'created_at',  true,  '{}',      'none'),
  ('announcements', 'updated_at',  true,  '{staff}', 'none'),
  ('announcements', 'version',     false, '{staff}', 'none');
call rules.make_writers('announcements');
