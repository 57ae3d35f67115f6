-- concurrently
-- The one with stretches serves whoever asked for this one.
drop index concurrently if exists casework.case_words_words;
