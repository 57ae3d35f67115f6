-- Announcements for people: a page, and an Atom feed (RFC 4287) of the same
-- (fact 68, 3.8). Both are of the reader without login: what is published now.

-- How many the page and the feed show, the latest.
create or replace function rules.announcements_shown() returns int
  language sql immutable
  return 50;

-- As <time>, in Central time: everybody reads it. Null where there is none.
create or replace function rules.html_time(at text) returns text
  language sql immutable
  return '<time datetime="' || rules.html(at) || '">' || rules.told_time(at::timestamptz, 'America/Chicago')
    || '</time>';

create or replace function rules.announcement_article(a json) returns text
  language sql immutable
  return concat('<article id="announcement-', a ->> 'id', E'">\n<h2>', rules.html(a ->> 'title'),
    E'</h2>\n<p class="meta">', initcap(a ->> 'kind'), ' · ', rules.html_time(a ->> 'publish_at'),
    ' · from ' || rules.html_time(a ->> 'scheduled_from') || ' to ' || rules.html_time(a ->> 'scheduled_until'),
    E'</p>\n<p class="said">', rules.html(a ->> 'text'), E'</p>\n</article>\n');

create or replace function rules.latest_announcements() returns table (place bigint, body json)
language plpgsql stable as $$
begin
  return query
  select row_number() over (order by d.publish_at desc, d.id desc), d.body
  from views.announcement_document d order by d.publish_at desc, d.id desc limit rules.announcements_shown();
end $$;

create or replace function rules.announcements_page(
  media_type text, public_url text, status_url text, out body json, out html text)
language plpgsql stable as $$
declare
  path text := rules.url_path(public_url);
begin
  if media_type <> 'text/html' then
    body := json_build_object('announcements', public_url || '/v1/announcements',
      'feed', public_url || '/announcements.atom', 'status_page', status_url);
    return;
  end if;
  html := rules.html_page('Announcements', concat(
    '<p>News, maintenance and incidents. What is going on now is told by the <a href="', rules.html(status_url),
    '">status page</a>. Readers of feeds follow <a type="application/atom+xml" href="', rules.html(path),
    E'/announcements.atom">this page as a feed</a>.</p>\n',
    coalesce((select string_agg(rules.announcement_article(l.body), '' order by l.place)
      from rules.latest_announcements() l), E'<p>There are none.</p>\n')), rules.page_links(public_url, status_url));
end $$;

-- What XML has no way to write becomes U+FFFD.
create or replace function rules.xml_text(text text) returns text
  language sql immutable
  return regexp_replace(text, '[\u0001-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]', U&'\FFFD', 'g');

-- An entry is known by its id for as long as the service is reached by that URL.
create or replace function rules.announcement_entry(a json, public_url text) returns xml
  language sql immutable
  return xmlelement(name entry,
    xmlelement(name id, public_url || '/v1/announcements/' || (a ->> 'id')),
    xmlelement(name title, rules.xml_text(a ->> 'title')),
    xmlelement(name published, a ->> 'publish_at'),
    xmlelement(name updated, greatest(a ->> 'updated_at', a ->> 'publish_at')),
    xmlelement(name link, xmlattributes('alternate' as rel, 'text/html' as type,
      public_url || '/announcements#announcement-' || (a ->> 'id') as href)),
    xmlelement(name category, xmlattributes(a ->> 'kind' as term)),
    xmlelement(name content, xmlattributes('text' as type), rules.xml_text(a ->> 'text')));

-- Its time is that of its latest entry, so it is the same text until one changes;
-- without any it is that of the first second there was.
create or replace function rules.announcements_feed(public_url text) returns text
language plpgsql stable as $$
begin
  return (
    select '<?xml version="1.0" encoding="utf-8"?>' || E'\n' || xmlelement(name feed,
      xmlattributes('http://www.w3.org/2005/Atom' as xmlns, 'en' as "xml:lang"),
      xmlelement(name id, public_url || '/announcements.atom'),
      xmlelement(name title, 'Announcements'),
      xmlelement(name updated, coalesce(max(greatest(l.body ->> 'updated_at', l.body ->> 'publish_at')),
        '1970-01-01T00:00:00Z')),
      xmlelement(name author, xmlelement(name name, (
        select coalesce(t.vendor_name, 'Support') from casework.desk_texts t))),
      xmlelement(name link, xmlattributes('self' as rel, 'application/atom+xml' as type,
        public_url || '/announcements.atom' as href)),
      xmlelement(name link, xmlattributes('alternate' as rel, 'text/html' as type, public_url || '/announcements' as href)),
      xmlagg(rules.announcement_entry(l.body, public_url) order by l.place))
    from rules.latest_announcements() l);
end $$;
