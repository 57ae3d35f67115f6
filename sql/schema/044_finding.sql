-- Articles, which staff write so that people find the answer before they ask (3.6).

create domain casework.article_status as text check (value in ('draft', 'published', 'archived'));
create domain casework.article_audience as text check (value in ('public', 'contacts'));

-- Drafts and archived ones are read by staff alone.
create table casework.articles (
  id              bigint generated always as identity (start with 1001) primary key,
  title           text not null,
  text            text not null,
  status          casework.article_status not null,
  audience        casework.article_audience not null,
  product_area    text references casework.product_areas,
  versions        text[] not null,
  defect_ids      bigint[] not null,
  created_at      timestamptz not null,
  created_by_kind text not null,
  created_by_id   bigint not null,
  created_by_name text not null,
  published_at    timestamptz,   -- for the first time
  updated_at      timestamptz not null,
  version         bigint not null default 1,
  check (status = 'draft' or published_at is not null)
);
alter table casework.articles
  alter column title set statistics 0,
  alter column text set statistics 0,
  alter column versions set statistics 0,
  alter column created_by_name set statistics 0;
alter table casework.articles enable row level security, force row level security;
create policy owner on casework.articles to casework_owner using (true);
create policy public on casework.articles for select to casework_public
  using (status = 'published' and audience = 'public');
create policy contact on casework.articles for select to casework_contact
  using (status = 'published' and (select rules.caller_id()) is not null);
create policy partner on casework.articles for select to casework_partner
  using (status = 'published' and (select rules.caller_id()) is not null);
create policy staff on casework.articles to casework_staff
  using ((select rules.caller_id()) is not null);
grant select on casework.articles to casework_contact, casework_partner, casework_staff, casework_public;
grant insert (title, text, status, audience, product_area, versions, defect_ids, created_at, created_by_kind,
    created_by_id, created_by_name, published_at, updated_at),
  update (title, text, status, audience, product_area, versions, defect_ids, published_at, updated_at, version)
  on casework.articles to casework_staff;
