-- A line of an import of cases (3.2): what was submitted elsewhere, with its times.
-- It writes to nobody, misses nothing and counts in no figure; once it is reopened
-- here it lives like any other.
--
-- An import makes anew what imports have made of a case. One that has gone on here
-- since is its people's: the same line changes nothing, another one is refused.

-- What it waits for has no clock here, and needs nothing beside the case.
create or replace function rules.imported_statuses() returns text[]
  language sql immutable
  return '{new,assigned,assist_request,pending_customer_input,closed}'::text[];

-- Whom and what the line names. The contact of an open case is to be reached; of one
-- that is closed, contact and advisor may have left.
create or replace function rules.import_references(c casework.cases, record jsonb) returns casework.cases
language plpgsql stable as $$
declare
  p casework.contacts;
  s casework.staff;
begin
  if record ? 'contact_external_id' then
    p := rules.contact_named(record, 'contact_external_id', c.district_id);
    if c.status <> 'closed' and not p.may_call then
      perform rules.invalid('/contact_external_id', 'inactive',
        'The contact of an open case is authorized, and its district active.');
    end if;
    c.contact_id := p.id;
  end if;
  if record ? 'site_external_id' then
    c.site_id := (select t.id from casework.sites t
      where t.district_id = c.district_id and t.external_id = record ->> 'site_external_id');
    if c.site_id is null and record ->> 'site_external_id' is not null then
      perform rules.invalid('/site_external_id', 'unknown', 'The district has no site with this external id.');
    end if;
  end if;
  if record ->> 'assigned_staff_external_id' is not null then
    s := rules.staff_named(record, 'assigned_staff_external_id');
    if c.status <> 'closed' and not (s.active and s.roles && rules.owner_roles()) then
      perform rules.invalid('/assigned_staff_external_id', 'inactive', 'An open case is with an active advisor.');
    end if;
  end if;
  if record ? 'assigned_staff_external_id' then
    c.assigned_advisor_id := s.id;
    c.assigned_advisor_name := s.name;
  end if;
  return c;
end $$;

-- The end of the case as the line tells it. Who closed it may be gone: a name is enough.
create or replace function rules.import_end(c casework.cases, record jsonb) returns casework.cases
language plpgsql stable as $$
begin
  if c.status = 'closed' then
    c.closed_by_kind := case when c.closed_by_name is not null then coalesce(c.closed_by_kind, 'staff') end;
    c.closed_by_id := case when c.closed_by_name is not null then 0 end;
    c.reopen_until := rules.reopen_until(c.closed_at);
  else
    c.closed_at := (record ->> 'closed_at')::timestamptz;
    c.closure_reason := record ->> 'closure_reason';
    c.closed_by_kind := null;
    c.closed_by_id := null;
    c.closed_by_name := null;
    c.reopen_until := null;
  end if;
  return c;
end $$;

-- Beside check_case, which asks of a case what a person could still say.
create or replace function rules.check_imported_case(c casework.cases, before casework.cases) returns void
language plpgsql as $$
declare
  closed boolean := c.status = 'closed';
  faults jsonb;
begin
  select jsonb_agg(rules.fault(f.pointer, f.code, f.detail)) into faults
  from (values
    (c.submitted_at > rules.now() or c.submitted_at < '2000-01-01T06:00Z',
      '/submitted_at', 'out-of-range', 'A case is submitted after 1999 and not in the future.'),
    (c.submitted_at <> before.submitted_at,
      '/submitted_at', 'fixed', 'When a case was submitted is never changed.'),
    (c.status <> all (rules.imported_statuses()),
      '/status', 'out-of-range', format('An imported case is one of %s.', array_to_string(rules.imported_statuses(), ', '))),
    (closed and c.closed_at is null, '/closed_at', 'required', 'Of a closed case, say when it was closed.'),
    (closed and c.closure_reason is null, '/closure_reason', 'required', 'Of a closed case, say why.'),
    (closed and c.closure_reason = 'merged', '/closure_reason', 'out-of-range',
      'What was merged is a case less: import the one that went on.'),
    (c.closed_at < c.submitted_at or c.closed_at > rules.now(),
      '/closed_at', 'out-of-range', 'A case is closed after its submission and not in the future.'),
    (not closed and c.status <> 'new' and c.assigned_advisor_id is null, '/assigned_staff_external_id', 'required',
      'Somebody has taken such a case: name the advisor, or import it as new.'),
    (c.status = 'new' and c.assigned_advisor_id is not null, '/status', 'out-of-range',
      'A case that an advisor has taken is not new: it is assigned.'),
    (not closed and c.closed_at is not null, '/closed_at', 'not-permitted', 'Only a closed case has that.'),
    (not closed and c.closure_reason is not null, '/closure_reason', 'not-permitted', 'Only a closed case has that.'),
    (c.product_area is not null and not exists (
        select from casework.product_areas a where a.code = c.product_area and (a.active or closed)),
      '/product_area', 'unknown', 'There is no such product area: GET /v1/product-areas lists them.')
  ) as f (failed, pointer, code, detail)
  where f.failed;
  if faults is not null then
    perform rules.refuse(422, 'invalid-request', 'The case is not acceptable as it is.',
      jsonb_build_object('errors', faults));
  end if;
end $$;

-- The case as the line makes it of what there was. It is as old as what was imported of it.
create or replace function rules.case_of_line(before casework.cases, record jsonb) returns casework.cases
language plpgsql as $$
declare
  c casework.cases := rules.import_end(jsonb_populate_record(before, record), record);
begin
  c.district_id := coalesce(before.district_id, rules.district_named(record));
  c := rules.import_references(c, record);
  perform rules.check_imported_case(c, before);
  c.imported_as := rules.digest_of_line(record);
  c.updated_at := greatest(before.updated_at, c.submitted_at, c.closed_at);
  if c.priority is distinct from before.priority then
    c := rules.start_target(c, c.submitted_at);
    c.response_elapsed := 0;
  end if;
  return c;
end $$;

create or replace function rules.digest_of_line(record jsonb) returns bytea
  language sql immutable
  return sha256(convert_to(record::text, 'UTF8'));

-- Its submission and its closing are in its history at their times; how it was
-- resolved and by whom the line does not tell, but by notes.
create or replace function rules.add_imported_case(record jsonb) returns bigint
language plpgsql as $$
declare
  actor rules.actor := rules.actor();
  c casework.cases := rules.case_of_line(null, record);
  made casework.cases;
begin
  c.type := coalesce(c.type, 'problem');
  c.channel := coalesce(c.channel, 'portal');
  c.support_provider := 'campus';
  c.test := false;
  c.initial_priority := c.priority;
  c.submitted_by_kind := 'contact';
  c.submitted_by_id := c.contact_id;
  c.submitted_by_name := rules.name_of('contact', c.contact_id);
  c.imported := true;
  c.created_at := actor.at;
  made := rules.insert_row(c);
  perform rules.update_row(made, rules.with_its_end(made, c), c.updated_at);
  perform rules.record_import_event(c.district_id, made.id,
    rules.brought_by_caller('contact', c.contact_id, c.submitted_by_name, c.submitted_at),
    'case.submitted', 'public', null, '[]');
  c.id := made.id;
  perform rules.record_imported_closing(c);
  return made.id;
end $$;

-- By who has closed it, where that is known.
create or replace function rules.record_imported_closing(c casework.cases) returns void
language plpgsql as $$
declare
  actor rules.actor := rules.actor();
begin
  if c.status <> 'closed' then
    return;
  elsif c.closed_by_name is not null then
    actor := rules.brought_by_caller(c.closed_by_kind, c.closed_by_id, c.closed_by_name, c.closed_at);
  end if;
  actor.at := c.closed_at;
  perform rules.record_import_event(c.district_id, c.id, actor, 'case.closed', 'public', null,
    rules.document_changes('{}', jsonb_build_object('status', 'closed', 'closure_reason', c.closure_reason)));
end $$;

-- What a submission does not come with.
create or replace function rules.with_its_end(made casework.cases, c casework.cases) returns casework.cases
language plpgsql immutable as $$
begin
  made.external_id := c.external_id;
  made.imported_as := c.imported_as;
  made.assigned_advisor_id := c.assigned_advisor_id;
  made.assigned_advisor_name := c.assigned_advisor_name;
  made.closed_at := c.closed_at;
  made.closed_by_kind := c.closed_by_kind;
  made.closed_by_id := c.closed_by_id;
  made.closed_by_name := c.closed_by_name;
  made.closure_reason := c.closure_reason;
  made.reopen_until := c.reopen_until;
  return made;
end $$;

-- But for the line that they are made of.
create or replace function rules.is_alike(before casework.cases, c casework.cases) returns boolean
language plpgsql immutable as $$
begin
  before.imported_as := c.imported_as;
  return c is not distinct from before;
end $$;

create or replace function rules.change_imported_case(before casework.cases, record jsonb) returns boolean
language plpgsql as $$
declare
  c casework.cases;
  alike boolean;
begin
  if exists (
    select from casework.events e
    where e.district_id = before.district_id and e.case_id = before.id and not e.imported)
  then
    perform rules.refuse(409, 'conflict', 'The case has gone on here since it was imported: it is changed by itself.',
      jsonb_build_object('errors', jsonb_build_array(
        rules.fault('/external_id', 'conflict', 'is a case that has gone on here'))));
  elsif record ? 'district_external_id' and rules.district_named(record) <> before.district_id then
    perform rules.invalid('/district_external_id', 'fixed', 'The case is of another district, and stays there.');
  end if;
  c := rules.case_of_line(before, record);
  alike := rules.is_alike(before, c);
  if not alike then
    perform rules.update_row(before, c, c.updated_at);
    perform rules.record_import_event(c.district_id, c.id, rules.actor(), 'case.updated', 'public', null,
      rules.changes(before, c));
    if before.status <> 'closed' then
      perform rules.record_imported_closing(c);
    end if;
  end if;
  return not alike;
end $$;

create or replace function rules.import_cases(record jsonb, out result text, out resource_id text)
language plpgsql set enable_seqscan = off as $$
declare
  before casework.cases;
begin
  select * into before from casework.cases l where l.external_id = record ->> 'external_id' for no key update;
  if not found then
    perform rules.require_members(record, '{district_external_id,contact_external_id,subject,description,priority,'
      'status,submitted_at}');
    begin
      resource_id := rules.add_imported_case(record);
      result := 'created';
      return;
    exception when unique_violation then     -- somebody was faster
      select * into before from casework.cases l where l.external_id = record ->> 'external_id' for no key update;
      if not found then
        raise;
      end if;
    end;
  end if;
  resource_id := before.id;
  result := case when before.imported_as = rules.digest_of_line(record) then 'unchanged'
    when rules.change_imported_case(before, record) then 'updated' else 'unchanged' end;
end $$;
