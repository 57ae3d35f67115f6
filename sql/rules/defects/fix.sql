-- A fixed defect (facts 61, 62; 2.10): the fix is recorded at once, together
-- with the list of cases to be told; the worker tells them one by one.

-- All fixes are read with the defect, and their texts have 256 KiB. A fix
-- without a text is recorded in any case.
create or replace function rules.require_fix_room(defect_id bigint, text text) returns void
language plpgsql as $$
declare
  room constant bigint := 262144;
  used bigint := (select coalesce(sum(octet_length(x.text)), 0)
    from casework.defect_fixes x where x.defect_id = require_fix_room.defect_id);
begin
  if used + octet_length(text) > room then
    perform rules.refuse(409, 'conflict', format(
      'The texts of the fixes of a defect have %s bytes at most, of which %s are taken: say it shorter.', room, used));
  end if;
end $$;

-- A regression is fixed again, in another release. Cases linked at this moment
-- are told; the lock on the defect keeps new links out until then.
create or replace function rules.fix_defect(
  defect_id bigint, if_match bigint[], request jsonb,
  out status int, out body json, out etag text, out location text)
language plpgsql as $$
declare
  d casework.defects := rules.lock_defect(defect_id, if_match);
  actor rules.actor := rules.actor();
  recorded bigint;
  cases_pending int;
begin
  perform rules.require_role('{lead,development_engineer}');
  if d.status not in ('confirmed', 'fixed') then
    perform rules.refuse(409, 'conflict', format('The defect is %s: only a confirmed one is fixed.', d.status));
  elsif exists (
    select from casework.defect_fixes x where x.defect_id = d.id and x.release = request ->> 'release')
  then
    perform rules.refuse(409, 'already-exists', 'This release has been recorded as the fix.');
  end if;
  perform rules.check_release('/release', request ->> 'release');
  perform rules.require_fix_room(d.id, request ->> 'text');
  insert into casework.defect_fixes (defect_id, release, text, fixed_at, fixed_by_kind, fixed_by_id, fixed_by_name)
  values (d.id, request ->> 'release', request ->> 'text', actor.at, actor.kind, actor.id, actor.name)
  returning id into recorded;
  update casework.defects s set (status, updated_at, version) = ('fixed', actor.at, d.version + 1)
  where s.id = d.id;
  insert into casework.defect_fix_cases (district_id, case_id, fix_id)
  select l.district_id, l.case_id, recorded from casework.case_defects l
  where l.defect_id = d.id and l.unlinked_at is null;
  get diagnostics cases_pending = row_count;
  perform rules.record_desk_event('defect.fixed', d.id::text,
    jsonb_build_array(rules.changed('release', null, request -> 'release')));
  perform rules.wake();
  status := 201;
  etag := d.version + 1;
  select json_build_object('id', x.id, 'defect_id', x.defect_id, 'release', x.release, 'text', x.text,
      'fixed_at', views.utc(x.fixed_at), 'fixed_by', views.actor(x.fixed_by_kind, x.fixed_by_id, x.fixed_by_name),
      'cases_pending', cases_pending)
    into body
  from casework.defect_fixes x where x.id = recorded;
end $$;

-- Cases that were told of a fix but held back by this defect are looked at
-- again: it was dismissed, or is no longer linked (case_id: to that case). Rows
-- still to be done are named as well: one that a worker is at this moment
-- deciding on is waited for, and then seen as it was decided.
create or replace function rules.reconsider_fixes(defect_id bigint, case_id bigint) returns void
language plpgsql as $$
begin
  update casework.defect_fix_cases f set done_at = null
  where (f.held_back or f.done_at is null) and f.case_id in (
    select l.case_id from casework.case_defects l
    where l.defect_id = reconsider_fixes.defect_id
      and (reconsider_fixes.case_id is null and l.unlinked_at is null or l.case_id = reconsider_fixes.case_id));
  perform rules.wake();
end $$;

-- Whether a defect of the case waits for its fix still.
create or replace function rules.has_unfixed_defect(c casework.cases) returns boolean
language plpgsql stable as $$
begin
  return exists (
    select from casework.case_defects l join casework.defects d on d.id = l.defect_id
    where l.district_id = c.district_id and l.case_id = c.id and l.unlinked_at is null
      and d.status in ('reported', 'confirmed'));
end $$;

-- One case is told of one fix: the note always, the status with the last defect
-- of an open case; a closed one is not reopened. The text names no other case.
-- A case that is looked at again is told only if its status moves now; once all
-- its defects are fixed no earlier fix holds anything back any more.
create or replace function rules.tell_fix(item casework.defect_fix_cases) returns void
language plpgsql as $$
declare
  before casework.cases := rules.lock_case(item.case_id, null);
  c casework.cases := before;
  actor rules.actor := rules.actor();
  fix casework.defect_fixes;
  defect casework.defects;
  open_case boolean := before.status not in ('closed', 'available_in_release');
  unfixed boolean := rules.has_unfixed_defect(before);
  note_id bigint;
begin
  select * into fix from casework.defect_fixes x where x.id = item.fix_id;
  select * into defect from casework.defects d where d.id = fix.defect_id;
  if exists (select from casework.case_defects l
      where l.defect_id = fix.defect_id and l.district_id = c.district_id and l.case_id = c.id
        and l.unlinked_at is null)
    and (not item.held_back or (open_case and not unfixed))
  then
    note_id := rules.write_note(c.district_id, c.id, actor, 'defect', 'public',
      format('Product defect %s (%s) is fixed in release %s.', defect.id, defect.title, fix.release)
      || coalesce(E'\n\n' || fix.text, ''));
    if open_case and not unfixed then
      perform rules.require_transition(before.status, 'available_in_release', 'fix');
      c.status := 'available_in_release';
      perform rules.save_case(before, c, actor, 'case.available_in_release', note_id);
    else
      perform rules.touch_case(before, actor, 'case.defect_fixed', note_id, '[]');
    end if;
  end if;
  update casework.defect_fix_cases f set done_at = actor.at, held_back = open_case and unfixed
  where f.fix_id = item.fix_id and f.case_id = item.case_id;
  update casework.defect_fix_cases f set held_back = false
  where f.case_id = item.case_id and f.held_back and not unfixed;
end $$;

-- One case (fact 61: a transaction for each). One that somebody else holds is left
-- for the next call rather than waited for: workers and callers cannot lock each
-- other out.
create or replace function rules.timer_defect_fixes(batch int) returns int
language plpgsql as $$
declare
  item casework.defect_fix_cases;
begin
  select f.* into item from casework.defect_fix_cases f
  join casework.cases c on c.id = f.case_id and c.district_id = f.district_id
  where f.done_at is null and not rules.timer_skips('defect_fixes', f.fix_id || ':' || f.case_id)
  order by f.case_id, f.fix_id
  limit 1 for no key update of f, c skip locked;
  if not found then
    return 0;
  end if;
  begin
    perform rules.tell_fix(item);
  exception when others then
    perform rules.timer_failed('defect_fixes', item.fix_id || ':' || item.case_id, sqlerrm);
  end;
  return 1;
end $$;
