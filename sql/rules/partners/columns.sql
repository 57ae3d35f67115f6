-- The columns of partners, of their people and clients, as sql/rules/base/columns.sql
-- asks. History names what was changed of a person and tells no value.

insert into rules.columns (relation, name, made, written_by, history) values
  ('partners', 'id',          false, '{}',      'none'),
  ('partners', 'name',        true,  '{staff}', 'values'),
  ('partners', 'kind',        true,  '{staff}', 'values'),
  ('partners', 'state',       true,  '{}',      'values'),
  ('partners', 'email',       true,  '{staff}', 'values'),
  ('partners', 'owner',       true,  '{staff}', 'values'),
  ('partners', 'external_id', true,  '{staff}', 'values'),
  ('partners', 'active',      true,  '{staff}', 'values'),
  ('partners', 'version',     false, '{staff}', 'none'),
  ('partners', 'created_at',  true,  '{}',      'none'),
  ('partners', 'updated_at',  true,  '{staff}', 'none');
call rules.make_writers('partners');

insert into rules.columns (relation, name, made, written_by, history) values
  ('partner_people', 'id',         false, '{}',      'none'),
  ('partner_people', 'partner_id', true,  '{}',      'none'),
  ('partner_people', 'name',       true,  '{staff}', 'name'),
  ('partner_people', 'email',      true,  '{staff}', 'name'),
  ('partner_people', 'active',     true,  '{staff}', 'values'),
  ('partner_people', 'version',    false, '{staff}', 'none'),
  ('partner_people', 'created_at', true,  '{}',      'none'),
  ('partner_people', 'updated_at', true,  '{staff}', 'none');
call rules.make_writers('partner_people');

insert into rules.columns (relation, name, made, written_by, history) values
  ('partner_clients', 'id',         false, '{}',      'none'),
  ('partner_clients', 'partner_id', true,  '{}',      'none'),
  ('partner_clients', 'name',       true,  '{staff}', 'values'),
  ('partner_clients', 'owner',      true,  '{staff}', 'values'),
  ('partner_clients', 'active',     true,  '{staff}', 'values'),
  ('partner_clients', 'version',    false, '{staff}', 'none'),
  ('partner_clients', 'created_at', true,  '{}',      'none'),
  ('partner_clients', 'updated_at', true,  '{staff}', 'none');
call rules.make_writers('partner_clients');
