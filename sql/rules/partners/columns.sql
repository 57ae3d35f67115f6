-- The columns of partners, of their people, clients and assignments, as
-- sql/rules/base/columns.sql asks. History names what was changed of a person and
-- tells no value.

insert into rules.columns (relation, name, made, written_by, history) values
  ('partners', 'id',          false, '{}',      'none'),
  ('partners', 'name',        true,  '{staff}', 'values'),
  ('partners', 'kind',        true,  '{staff}', 'values'),
  ('partners', 'email',       true,  '{staff}', 'values'),
  ('partners', 'owner',       true,  '{staff}', 'values'),
  ('partners', 'external_id', true,  '{staff}', 'values'),
  ('partners', 'active',      true,  '{staff}', 'values'),
  ('partners', 'version',     false, '{staff}', 'none'),
  ('partners', 'created_at',  true,  '{}',      'none'),
  ('partners', 'updated_at',  true,  '{staff}', 'none');
call rules.make_writers('partners');
