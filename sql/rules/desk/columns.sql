-- The columns of product areas, platforms, prepared answers and saved filters, as sql/rules/base/columns.sql asks.

insert into rules.columns (relation, name, made, written_by, history) values
  ('product_areas', 'code',            true,  '{}',      'none'),
  ('product_areas', 'name',            true,  '{staff}', 'values'),
  ('product_areas', 'position',        true,  '{staff}', 'values'),
  ('product_areas', 'team',            true,  '{staff}', 'values'),
  ('product_areas', 'active',          true,  '{staff}', 'values'),
  ('product_areas', 'version',         false, '{staff}', 'none'),
  ('platforms',     'name',            true,  '{}',      'none'),
  ('platforms',     'minimum_version', true,  '{staff}', 'values'),
  ('platforms',     'version',         false, '{staff}', 'none'),
  ('replies',       'id',              false, '{}',      'none'),
  ('replies',       'name',            true,  '{staff}', 'values'),
  ('replies',       'text',            true,  '{staff}', 'values'),
  ('replies',       'product_area',    true,  '{staff}', 'values'),
  ('replies',       'active',          true,  '{staff}', 'values'),
  ('replies',       'version',         false, '{staff}', 'none'),
  ('replies',       'created_at',      true,  '{}',      'none'),
  ('replies',       'updated_at',      true,  '{staff}', 'none'),
  ('saved_filters', 'id',              false, '{}',      'none'),
  ('saved_filters', 'owner_id',        true,  '{}',      'none'),
  ('saved_filters', 'name',            true,  '{staff}', 'values'),
  ('saved_filters', 'shared',          true,  '{staff}', 'values'),
  ('saved_filters', 'filters',         true,  '{staff}', 'values'),
  ('saved_filters', 'version',         false, '{staff}', 'none'),
  ('saved_filters', 'created_at',      true,  '{}',      'none'),
  ('saved_filters', 'updated_at',      true,  '{staff}', 'none');
call rules.make_writers('product_areas');
call rules.make_writers('platforms');
call rules.make_writers('replies');
call rules.make_writers('saved_filters');
