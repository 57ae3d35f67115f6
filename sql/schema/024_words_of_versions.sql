-- The v of v24.1 and the T and Z of 2026-11-30T10:00Z are no words any more
-- (rules.no_word): those of cases are made anew in the background.
update casework.case_words set outdated = true;
