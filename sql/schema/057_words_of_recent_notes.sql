-- concurrently
create index concurrently if not exists note_words_recent
  on casework.note_words using gin (district_id, (note_id / 32768), words);
