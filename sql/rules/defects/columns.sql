-- The columns of a defect, as sql/rules/base/columns.sql asks. Its confirmation has
-- a statement and an event of its own.

insert into rules.columns (relation, name, made, written_by, history) values
  ('defects', 'id',                    false, '{}',      'none'),
  ('defects', 'title',                 true,  '{staff}', 'values'),
  ('defects', 'description',           true,  '{staff}', 'values'),
  ('defects', 'product_area',          true,  '{staff}', 'values'),
  ('defects', 'published',             true,  '{staff}', 'values'),
  ('defects', 'status',                false, '{staff}', 'values'),
  ('defects', 'development_issue_key', false, '{}',      'none'),
  ('defects', 'affected_releases',     true,  '{staff}', 'values'),
  ('defects', 'reported_at',           true,  '{}',      'none'),
  ('defects', 'reported_by_kind',      true,  '{}',      'none'),
  ('defects', 'reported_by_id',        true,  '{}',      'none'),
  ('defects', 'reported_by_name',      true,  '{}',      'none'),
  ('defects', 'confirmed_at',          false, '{}',      'none'),
  ('defects', 'confirmed_by_kind',     false, '{}',      'none'),
  ('defects', 'confirmed_by_id',       false, '{}',      'none'),
  ('defects', 'confirmed_by_name',     false, '{}',      'none'),
  ('defects', 'updated_at',            true,  '{staff}', 'none'),
  ('defects', 'version',               false, '{staff}', 'none');
call rules.make_writers('defects');
