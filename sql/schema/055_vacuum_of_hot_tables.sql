-- follow_up_runs_next has taken its place.
drop index casework.follow_up_runs_due;

-- A fifth of a million rows is long to wait for, when each of them is written again
-- and again: what is dead by then lies in the way of every walk along an index.
alter table casework.cases set (autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02);
alter table casework.follow_up_runs set (autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02);
alter table casework.mails set (autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02);
alter table casework.webhook_deliveries
  set (autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02);
alter table casework.idempotency_keys
  set (autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02);
alter table casework.case_presence set (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 500);
