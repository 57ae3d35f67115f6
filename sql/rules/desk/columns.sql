-- The columns of product areas and platforms, as sql/rules/base/columns.sql asks.

insert into rules.columns (relation, name, made, written_by, history) values
  ('product_areas', 'code',            true,  '{}',      'none'),
  ('product_areas', 'name',            true,  '{staff}', 'values'),
  ('product_areas', 'position',        true,  '{staff}', 'values'),
  ('product_areas', 'team',            true,  '{staff}', 'values'),
  ('product_areas', 'active',          true,  '{staff}', 'values'),
  ('product_areas', 'version',         false, '{staff}', 'none'),
  ('platforms',     'name',            true,  '{}',      'none'),
  ('platforms',     'minimum_version', true,  '{staff}', 'values'),
  ('platforms',     'version',         false, '{staff}', 'none');
call rules.make_writers('product_areas');
call rules.make_writers('platforms');
