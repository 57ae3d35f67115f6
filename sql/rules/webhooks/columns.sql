-- The columns of a webhook, as sql/rules/base/columns.sql asks: what its owner
-- writes. What the worker finds out while it sends has statements of its own. The
-- URL may hold what only the receiver knows: that it has changed is told, no more.

insert into rules.columns (relation, name, made, written_by, history) values
  ('webhooks', 'id',              false, '{}',                      'none'),
  ('webhooks', 'owner_kind',      true,  '{}',                      'none'),
  ('webhooks', 'owner_id',        true,  '{}',                      'none'),
  ('webhooks', 'url',             true,  '{contact,partner,staff}', 'name'),
  ('webhooks', 'types',           true,  '{contact,partner,staff}', 'values'),
  ('webhooks', 'description',     true,  '{contact,partner,staff}', 'values'),
  ('webhooks', 'status',          false, '{contact,partner,staff}', 'values'),
  ('webhooks', 'disabled_reason', false, '{contact,partner,staff}', 'none'),
  ('webhooks', 'failing_since',   false, '{contact,partner,staff}', 'none'),
  ('webhooks', 'probe_at',        false, '{contact,partner,staff}', 'none'),
  ('webhooks', 'last_success_at', false, '{}',                      'none'),
  ('webhooks', 'rests_until',     false, '{contact,partner,staff}', 'none'),
  ('webhooks', 'begins_at',       false, '{contact,partner,staff}', 'none'),
  ('webhooks', 'created_at',      true,  '{}',                      'none'),
  ('webhooks', 'updated_at',      true,  '{contact,partner,staff}', 'none'),
  ('webhooks', 'version',         false, '{contact,partner,staff}', 'none');
call rules.make_writers('webhooks');
