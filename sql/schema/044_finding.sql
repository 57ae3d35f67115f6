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

-- Whether every district may read a defect and join it with a case of its own.
alter table casework.defects add column published boolean not null default false;
grant insert (published), update (published) on casework.defects to casework_staff;
alter policy contact on casework.defects
  using ((published and (select rules.caller_id()) is not null)
    or exists (select from casework.case_defects l where l.defect_id = defects.id and l.unlinked_at is null));
alter policy partner on casework.defects
  using ((published and (select rules.caller_id()) is not null)
    or exists (select from casework.case_defects l where l.defect_id = defects.id and l.unlinked_at is null));
-- "This happens to us too": a contact or partner links a case of its own.
create policy contact_join on casework.case_defects for insert to casework_contact
  with check (district_id = (select rules.district()) and unlinked_at is null
    and linked_by_kind = 'contact' and linked_by_id = (select rules.caller_id()));
create policy partner_join on casework.case_defects for insert to casework_partner
  with check (district_id = any ((select rules.districts())::bigint[]) and unlinked_at is null
    and linked_by_kind = 'partner' and linked_by_id = (select rules.caller_id()));
grant insert (district_id, case_id, defect_id, linked_at, linked_by_kind, linked_by_id, linked_by_name)
  on casework.case_defects to casework_contact, casework_partner;
-- The cases of a defect, for staff.
create index case_defects_cases on casework.case_defects (defect_id, case_id) where unlinked_at is null;

-- Words of notes, like those of cases (006_cases.sql): only the function that
-- searches reads them, and lets those of internal notes be found by staff alone.
create table casework.note_words (
  note_id     bigint not null,
  district_id bigint not null,
  case_id     bigint not null,
  visibility  casework.visibility not null,
  words       tsvector not null,
  outdated    boolean not null default false,
  primary key (district_id, note_id)
);
create index note_words_words on casework.note_words using gin (district_id, words);
create index note_words_outdated on casework.note_words (note_id) where outdated;
alter table casework.note_words enable row level security, force row level security;
create policy owner on casework.note_words to casework_owner using (true);

-- Words of what belongs to no district: kind says which table has it.
create table casework.desk_words (
  kind     text not null check (kind in ('article', 'defect', 'incident')),
  id       bigint not null,
  words    tsvector not null,
  outdated boolean not null default false,
  primary key (kind, id)
);
create index desk_words_words on casework.desk_words using gin (words);
alter table casework.desk_words enable row level security, force row level security;
create policy owner on casework.desk_words to casework_owner using (true);

-- The owner's rights: no service role may write words.
create function casework.keep_note_words() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  insert into casework.note_words (note_id, district_id, case_id, visibility, words)
  values (new.id, new.district_id, new.case_id, new.visibility, rules.words_of(new))
  on conflict (district_id, note_id) do update set words = excluded.words, outdated = false;
  return null;
end $$;
create trigger keep_words after insert on casework.notes
  for each row execute function casework.keep_note_words();
create trigger keep_changed_words after update on casework.notes for each row
  when (old.text is distinct from new.text)
  execute function casework.keep_note_words();

create function casework.keep_desk_words() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  thing bigint := case when tg_table_name = 'incident_updates' then to_jsonb(new) -> 'incident_id'
    else to_jsonb(new) -> 'id' end;
begin
  insert into casework.desk_words (kind, id, words)
  values (tg_argv[0], thing, rules.desk_words_of(tg_argv[0], thing))
  on conflict (kind, id) do update set words = excluded.words, outdated = false;
  return null;
end $$;
create trigger keep_words after insert or update of title, text on casework.articles
  for each row execute function casework.keep_desk_words('article');
create trigger keep_words after insert or update of title, description on casework.defects
  for each row execute function casework.keep_desk_words('defect');
create trigger keep_words after insert or update of title on casework.incidents
  for each row execute function casework.keep_desk_words('incident');
create trigger keep_words after insert on casework.incident_updates
  for each row execute function casework.keep_desk_words('incident');
revoke execute on function casework.keep_note_words(), casework.keep_desk_words() from public;

-- Of what there is, rules.timer_words makes them in the background.
insert into casework.note_words (note_id, district_id, case_id, visibility, words, outdated)
select n.id, n.district_id, n.case_id, n.visibility, '', true from casework.notes n;
insert into casework.desk_words (kind, id, words, outdated)
select 'defect', d.id, ''::tsvector, true from casework.defects d
union all
select 'incident', i.id, ''::tsvector, true from casework.incidents i;
