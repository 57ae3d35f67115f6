-- concurrently
-- The search over everything looks cases and notes up by stretches of their numbers,
-- the latest first (sql/rules/finding/search.sql): so the stretch stands in the indexes
-- of words.
create index concurrently if not exists case_words_recent
  on casework.case_words using gin (district_id, (case_id / 32768), words);
