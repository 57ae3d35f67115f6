-- Words of cases as sql/rules/base/text.sql makes them.
create extension unaccent schema casework;

-- English stems of all words: also of those that are in every text, which
-- somebody may ask for alone, or in a phrase.
create text search dictionary casework.english_words (template = pg_catalog.snowball, language = english);
create text search configuration casework.words (copy = pg_catalog.simple);
alter text search configuration casework.words
  alter mapping for asciiword, word with casework.english_words;

-- Words that an earlier version has made, and makes while this runs, are replaced
-- in the background; until then they are found as they were.
alter table casework.case_words add column outdated boolean not null default true;
create index case_words_outdated on casework.case_words (case_id) where outdated;

create or replace function casework.keep_words() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  insert into casework.case_words (case_id, district_id, words, outdated)
  values (new.id, new.district_id, rules.words_of(new), false)
  on conflict (case_id, district_id) do update set words = excluded.words, outdated = false;
  return null;
end $$;
drop function casework.words_of(text, text, text);
