-- What the links of mails open where no portal is set up (3.3). Nothing here
-- depends on who asks, nor on what cases there are.

drop function if exists rules.home_page(text, text);   -- it told of less
create or replace function rules.home_page(
  media_type text, public_url text, status_url text, out body json, out html text)
language plpgsql stable as $$
declare
  path text := rules.html(rules.url_path(public_url));
begin
  if media_type = 'text/html' then
    html := rules.html_page('Support desk', concat(
      '<p>Cases are read and answered in the ', rules.portal_link(), E'.</p>\n',
      '<p>For everybody: ', rules.page_links(public_url, status_url), E'</p>\n',
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
language plpgsql stable as $$
declare
  href text := public_url || '/v1/cases/' || case_id;
begin
  if media_type = 'text/html' then
    html := rules.html_page('Case ' || case_id, concat(
      '<p>Log in to the ', rules.portal_link('/cases/' || case_id), ' to read case ', case_id,
      E' and to reply.</p>\n',
      '<p>Programs find it, with a token, at <code>', rules.html(rules.url_path(href)), '</code>.</p>'));
  else
    body := json_build_object('case_id', case_id, 'href', href);
  end if;
end $$;
