-- concurrently
-- The walk of rules.due_follow_up: what is to be closed and what is only to be
-- written to lie side by side. Only who asks for next_at may take it: without
-- statistics any partial index looks as short as the one that finds a case.
create index concurrently if not exists follow_up_runs_next on casework.follow_up_runs (next_at, auto_close_at)
  where ended_at is null and next_at < 'infinity';
