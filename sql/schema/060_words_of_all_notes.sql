-- concurrently
drop index concurrently if exists casework.note_words_words;
