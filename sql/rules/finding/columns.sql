-- The columns of an article, as sql/rules/base/columns.sql asks.

insert into rules.columns (relation, name, made, written_by, history) values
  ('articles', 'id',              false, '{}',      'none'),
  ('articles', 'title',           true,  '{staff}', 'values'),
  ('articles', 'text',            true,  '{staff}', 'values'),
  ('articles', 'status',          true,  '{staff}', 'values'),
  ('articles', 'audience',        true,  '{staff}', 'values'),
  ('articles', 'product_area',    true,  '{staff}', 'values'),
  ('articles', 'versions',        true,  '{staff}', 'values'),
  ('articles', 'defect_ids',      true,  '{staff}', 'values'),
  ('articles', 'created_at',      true,  '{}',      'none'),
  ('articles', 'created_by_kind', true,  '{}',      'none'),
  ('articles', 'created_by_id',   true,  '{}',      'none'),
  ('articles', 'created_by_name', true,  '{}',      'none'),
  ('articles', 'published_at',    true,  '{staff}', 'values'),
  ('articles', 'updated_at',      true,  '{staff}', 'none'),
  ('articles', 'version',         false, '{staff}', 'none');
call rules.make_writers('articles');
