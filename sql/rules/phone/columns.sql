-- The columns of a phone system, as sql/rules/base/columns.sql asks.

insert into rules.columns (relation, name, made, written_by, history) values
  ('telephony_clients', 'id',         false, '{}',      'none'),
  ('telephony_clients', 'name',       true,  '{staff}', 'values'),
  ('telephony_clients', 'owner',      true,  '{staff}', 'values'),
  ('telephony_clients', 'active',     true,  '{staff}', 'values'),
  ('telephony_clients', 'version',    false, '{staff}', 'none'),
  ('telephony_clients', 'created_at', true,  '{}',      'none'),
  ('telephony_clients', 'updated_at', true,  '{staff}', 'none');
call rules.make_writers('telephony_clients');
