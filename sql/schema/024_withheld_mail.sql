-- A mail whose recipient may not be written to any more is not sent.
alter table casework.mails
  drop constraint mails_state_check,
  add check (state in ('queued', 'sent', 'failed', 'withheld'));
