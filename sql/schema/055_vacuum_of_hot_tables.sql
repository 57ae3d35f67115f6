-- follow_up_runs_next has taken its place.
drop index casework.follow_up_runs_due;
