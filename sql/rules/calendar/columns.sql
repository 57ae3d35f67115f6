-- The columns of a holiday, as sql/rules/base/columns.sql asks.

insert into rules.columns (relation, name, made, written_by, history) values
  ('holidays', 'date',         true,  '{}',      'none'),
  ('holidays', 'name',         true,  '{staff}', 'values'),
  ('holidays', 'nominal_date', true,  '{staff}', 'values'),
  ('holidays', 'version',      false, '{staff}', 'none');
call rules.make_writers('holidays');
