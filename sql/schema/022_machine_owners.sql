-- A machine has no person's login: it names who answers for it (fact 36).
alter table casework.partners add column owner text check (owner ~ '\S');
alter table casework.telephony_clients add column owner text check (owner ~ '\S');
update casework.partners set owner = name;
update casework.telephony_clients set owner = name;
alter table casework.partners alter column owner set not null;
alter table casework.telephony_clients alter column owner set not null;
