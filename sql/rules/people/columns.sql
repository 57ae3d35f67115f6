-- The columns of a contact, as sql/rules/base/columns.sql asks. History names what
-- was changed of a person and tells no value. Opting out of surveys has
-- statements and events of its own.

insert into rules.columns (relation, name, made, written_by, history) values
  ('contacts', 'id',                    false, '{}',              'none'),
  ('contacts', 'district_id',           true,  '{staff}',         'name'),
  ('contacts', 'name',                  true,  '{contact,staff}', 'name'),
  ('contacts', 'email',                 true,  '{contact,staff}', 'name'),
  ('contacts', 'phone',                 true,  '{contact,staff}', 'name'),
  ('contacts', 'kind',                  true,  '{staff}',         'name'),
  ('contacts', 'authorized',            true,  '{staff}',         'name'),
  ('contacts', 'training_completed_on', true,  '{staff}',         'name'),
  ('contacts', 'survey_opted_out_at',   false, '{}',              'none'),
  ('contacts', 'version',               false, '{contact,staff}', 'none'),
  ('contacts', 'created_at',            true,  '{}',              'none'),
  ('contacts', 'updated_at',            true,  '{contact,staff}', 'none');
call rules.make_writers('contacts');
