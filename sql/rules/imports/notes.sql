-- A line of an import of notes (3.2): what was written elsewhere about a case that was
-- imported, at its time. Nobody is written to about it. A note is never changed, so
-- another text under the same external_id is refused.

-- Who wrote it: a contact of the district, somebody of the staff, or somebody who is
-- gone, by name.
create or replace function rules.author_of_line(record jsonb, district_id bigint) returns rules.actor
language plpgsql stable as $$
declare
  at timestamptz := record ->> 'created_at';
  p casework.contacts;
  s casework.staff;
begin
  if num_nonnulls(record ->> 'author_contact_external_id', record ->> 'author_staff_external_id',
    record ->> 'author_name') <> 1
  then
    perform rules.invalid('/author_name', 'required',
      'One of author_contact_external_id, author_staff_external_id and author_name says who wrote it.');
  elsif record ->> 'author_contact_external_id' is not null then
    p := rules.contact_named(record, 'author_contact_external_id', district_id);
    return rules.brought_by_caller('contact', p.id, p.name, at);
  elsif record ->> 'author_staff_external_id' is not null then
    s := rules.staff_named(record, 'author_staff_external_id');
    return rules.brought_by_caller('staff', s.id, s.name, at);
  end if;
  return rules.brought_by_caller(coalesce(record ->> 'author_kind', 'staff'), 0, record ->> 'author_name', at);
end $$;

create or replace function rules.add_imported_note(record jsonb) returns bigint
language plpgsql as $$
declare
  c casework.cases;
  author rules.actor;
  note_id bigint;
begin
  select * into c from casework.cases l
  where l.external_id = record ->> 'case_external_id' and l.imported for no key update;
  if not found then
    perform rules.invalid('/case_external_id', 'unknown', 'No case with this external id has been imported.');
  end if;
  author := rules.author_of_line(record, c.district_id);
  if author.at < c.submitted_at or author.at > rules.now() then
    perform rules.invalid('/created_at', 'out-of-range',
      'A note is written after the submission of its case and not in the future.');
  end if;
  insert into casework.notes (district_id, case_id, kind, visibility, text, author_kind, author_id, author_name,
    behalf_kind, behalf_id, behalf_name, created_at, external_id)
  values (c.district_id, c.id, 'note', record ->> 'visibility', record ->> 'text', author.kind, author.id, author.name,
    author.behalf_kind, author.behalf_id, author.behalf_name, author.at, record ->> 'external_id')
  returning id into note_id;
  if record ->> 'visibility' = 'public' then
    update casework.cases s set version = c.version + 1, updated_at = greatest(c.updated_at, author.at)
    where s.id = c.id and s.district_id = c.district_id;
  end if;
  perform rules.record_import_event(c.district_id, c.id, author, 'case.note_added', record ->> 'visibility',
    note_id, '[]');
  return note_id;
end $$;

-- A text that was redacted here stays away, whatever the line says.
create or replace function rules.check_same_note(n casework.notes, record jsonb) returns void
language plpgsql stable as $$
declare
  author rules.actor := rules.author_of_line(record, n.district_id);
begin
  if (n.visibility, n.created_at, n.author_kind, n.author_id)
      is distinct from (record ->> 'visibility', author.at, author.kind, author.id)
    or (n.redacted_at is null and n.text <> record ->> 'text')
    or not exists (
      select from casework.cases c
      where c.id = n.case_id and c.district_id = n.district_id and c.external_id = record ->> 'case_external_id')
  then
    perform rules.refuse(409, 'conflict', 'There is another note with this external id, and a note is never changed.',
      jsonb_build_object('errors', jsonb_build_array(
        rules.fault('/external_id', 'conflict', 'is another note'))));
  end if;
end $$;

create or replace function rules.import_notes(record jsonb, out result text, out resource_id text)
language plpgsql set enable_seqscan = off as $$
declare
  n casework.notes;
begin
  select * into n from casework.notes l where l.external_id = record ->> 'external_id';
  if not found then
    begin
      resource_id := rules.add_imported_note(record);
      result := 'created';
      return;
    exception when unique_violation then     -- somebody was faster
      select * into n from casework.notes l where l.external_id = record ->> 'external_id';
      if not found then
        raise;
      end if;
    end;
  end if;
  perform rules.check_same_note(n, record);
  resource_id := n.id;
  result := 'unchanged';
end $$;
