-- The columns of a release, as sql/rules/base/columns.sql asks.

insert into rules.columns (relation, name, made, written_by, history) values
  ('releases', 'release',        true,  '{}',      'none'),
  ('releases', 'released_on',    true,  '{staff}', 'values'),
  ('releases', 'support_status', true,  '{staff}', 'values'),
  ('releases', 'version',        false, '{staff}', 'none');
call rules.make_writers('releases');
