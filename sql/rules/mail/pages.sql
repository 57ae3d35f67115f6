-- What the links of mails open where no portal is set up (3.3). Nothing here
-- depends on who asks, nor on what there is. A page links within its host only.

create or replace function rules.url_path(url text) returns text
  language sql immutable
  return regexp_replace(url, '^[a-z]+://[^/]*', '');

drop function if exists rules.home_page(text, text);   -- it told of less
create or replace function rules.home_page(
  media_type text, public_url text, status_url text, out body json, out html text)
language plpgsql immutable as $$
declare
  path text := rules.html(rules.url_path(public_url));
begin
  if media_type = 'text/html' then
    html := rules.html_page('Support desk', concat(
      E'<p>This is the service of a support desk. Cases are read and answered in the Support Case Portal.</p>\n',
      '<p>For everybody: the <a href="', rules.html(status_url), '">status page</a>, <a href="', path,
      '/announcements">announcements</a>, and <a href="', path, E'/v1/metrics">our claims and our figures</a>.</p>\n',
      '<p>For programs: <a href="', path, '/openapi.yaml">the interface</a> and <a href="', path,
      '/problems">its problems</a>.</p>'));
  else
    body := json_build_object('openapi', public_url || '/openapi.json', 'problems', public_url || '/problems',
      'status_page', status_url, 'announcements', public_url || '/announcements',
      'figures', public_url || '/v1/metrics');
  end if;
end $$;

create or replace function rules.case_page(
  case_id bigint, media_type text, public_url text, out body json, out html text)
language plpgsql immutable as $$
declare
  href text := public_url || '/v1/cases/' || case_id;
begin
  if media_type = 'text/html' then
    html := rules.html_page('Case ' || case_id, concat(
      '<p>Log in to the Support Case Portal to read case ', case_id, E' and to reply.</p>\n',
      '<p>Programs find it, with a token, at <code>', rules.html(rules.url_path(href)), '</code>.</p>'));
  else
    body := json_build_object('case_id', case_id, 'href', href);
  end if;
end $$;
