-- The figures follow the feed by a cursor like mail and webhooks.
insert into casework.event_cursors (consumer, xid, event_id)
select 'figures', p.xid, p.event_id from casework.figures_progress p;
drop function if exists rules.timer_figures(int);
drop table casework.figures_progress;
