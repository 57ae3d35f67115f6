-- Words of cases, beside the cases: a case moves in its indexes with every note,
-- its words only change with its text. Nobody may read them but the function
-- that searches (sql/rules/search.sql); what it finds, row-level security of
-- casework.cases lets through or not.
create extension if not exists btree_gin schema casework;

create table casework.case_words (
  case_id     bigint not null,
  district_id bigint not null,
  words       tsvector not null,
  primary key (case_id, district_id),
  foreign key (case_id, district_id) references casework.cases (id, district_id)
);
create index case_words_words on casework.case_words using gin (district_id, words);

alter table casework.case_words enable row level security;
alter table casework.case_words force row level security;
create policy owner on casework.case_words to casework_owner using (true);

create function casework.words_of(subject text, description text, replication_steps text) returns tsvector
  language sql immutable
  return setweight(to_tsvector('english', subject), 'A')
    || setweight(to_tsvector('english', description || ' ' || coalesce(replication_steps, '')), 'B');

-- The owner's rights: no service role may write words.
create function casework.keep_words() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  insert into casework.case_words (case_id, district_id, words)
  values (new.id, new.district_id, casework.words_of(new.subject, new.description, new.replication_steps))
  on conflict (case_id, district_id) do update set words = excluded.words;
  return null;
end $$;
revoke execute on function casework.keep_words() from public;

create trigger keep_words after insert on casework.cases
  for each row execute function casework.keep_words();
create trigger keep_changed_words after update on casework.cases for each row
  when ((old.subject, old.description, old.replication_steps)
    is distinct from (new.subject, new.description, new.replication_steps))
  execute function casework.keep_words();

insert into casework.case_words (case_id, district_id, words)
select c.id, c.district_id, casework.words_of(c.subject, c.description, c.replication_steps)
from casework.cases c;
