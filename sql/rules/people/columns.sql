-- The columns of people, districts, sites and teams, as sql/rules/base/columns.sql asks.
-- History names what was changed of a contact and tells no value. Opting out of
-- surveys has statements and events of its own.

insert into rules.columns (relation, name, made, written_by, history) values
  ('contacts', 'id',                    false, '{}',              'none'),
  ('contacts', 'district_id',           true,  '{staff}',         'name'),
  ('contacts', 'name',                  true,  '{contact,staff}', 'name'),
  ('contacts', 'email',                 true,  '{contact,staff}', 'name'),
  ('contacts', 'email_confirmed',       false, '{staff}',         'values'),
  ('contacts', 'phone',                 true,  '{contact,staff}', 'name'),
  ('contacts', 'kind',                  true,  '{staff}',         'name'),
  ('contacts', 'authorized',            true,  '{contact,staff}', 'name'),
  ('contacts', 'training_completed_on', true,  '{staff}',         'name'),
  ('contacts', 'external_id',           true,  '{staff}',         'name'),
  ('contacts', 'district_active',       false, '{}',              'none'),
  ('contacts', 'may_call',              false, '{}',              'none'),
  ('contacts', 'survey_opted_out_at',   false, '{}',              'none'),
  ('contacts', 'version',               false, '{contact,staff}', 'none'),
  ('contacts', 'created_at',            true,  '{}',              'none'),
  ('contacts', 'updated_at',            true,  '{contact,staff}', 'none');
call rules.make_writers('contacts');

insert into rules.columns (relation, name, made, written_by, history) values
  ('districts', 'id',              false, '{}',      'none'),
  ('districts', 'name',            true,  '{staff}', 'values'),
  ('districts', 'state',           true,  '{staff}', 'values'),
  ('districts', 'hosting',         true,  '{staff}', 'values'),
  ('districts', 'time_zone',       true,  '{staff}', 'values'),
  ('districts', 'product_version', true,  '{staff}', 'values'),
  ('districts', 'product_areas',   true,  '{staff}', 'values'),
  ('districts', 'technical_team',  true,  '{staff}', 'values'),
  ('districts', 'external_id',     true,  '{staff}', 'values'),
  ('districts', 'active',          true,  '{staff}', 'values'),
  ('districts', 'version',         false, '{staff}', 'none'),
  ('districts', 'created_at',      true,  '{}',      'none'),
  ('districts', 'updated_at',      true,  '{staff}', 'none');
call rules.make_writers('districts');

insert into rules.columns (relation, name, made, written_by, history) values
  ('sites', 'id',          false, '{}',      'none'),
  ('sites', 'district_id', true,  '{}',      'none'),
  ('sites', 'name',        true,  '{staff}', 'values'),
  ('sites', 'external_id', true,  '{staff}', 'values'),
  ('sites', 'active',      true,  '{staff}', 'values'),
  ('sites', 'version',     false, '{staff}', 'none'),
  ('sites', 'created_at',  true,  '{}',      'none'),
  ('sites', 'updated_at',  true,  '{staff}', 'none');
call rules.make_writers('sites');

insert into rules.columns (relation, name, made, written_by, history) values
  ('staff', 'id',               false, '{}',      'none'),
  ('staff', 'name',             true,  '{staff}', 'values'),
  ('staff', 'role',             false, '{}',      'none'),
  ('staff', 'roles',            true,  '{staff}', 'values'),
  ('staff', 'email',            true,  '{staff}', 'values'),
  ('staff', 'product_areas',    true,  '{staff}', 'values'),
  ('staff', 'team',             true,  '{staff}', 'values'),
  ('staff', 'capacity',         true,  '{staff}', 'values'),
  ('staff', 'ferpa_trained_on', true,  '{staff}', 'values'),
  ('staff', 'leave_ends_on',    true,  '{staff}', 'values'),
  ('staff', 'external_id',      true,  '{staff}', 'values'),
  ('staff', 'active',           true,  '{staff}', 'values'),
  ('staff', 'version',          false, '{staff}', 'none'),
  ('staff', 'created_at',       true,  '{}',      'none'),
  ('staff', 'updated_at',       true,  '{staff}', 'none');
call rules.make_writers('staff');

insert into rules.columns (relation, name, made, written_by, history) values
  ('teams', 'code',       true,  '{}',      'none'),
  ('teams', 'name',       true,  '{staff}', 'values'),
  ('teams', 'active',     true,  '{staff}', 'values'),
  ('teams', 'version',    false, '{staff}', 'none'),
  ('teams', 'created_at', true,  '{}',      'none'),
  ('teams', 'updated_at', true,  '{staff}', 'none');
call rules.make_writers('teams');

insert into rules.columns (relation, name, made, written_by, history) values
  ('contact_settings', 'one',                                false, '{}',      'none'),
  ('contact_settings', 'technical_contacts_manage_contacts', false, '{staff}', 'values'),
  ('contact_settings', 'version',                            false, '{staff}', 'none'),
  ('contact_settings', 'updated_at',                         false, '{staff}', 'none');
call rules.make_writers('contact_settings');
