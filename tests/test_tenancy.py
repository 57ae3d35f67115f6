"""Tenancy below the code: a role of the database, its password known, with any
SQL. What it may call and read is taken from the catalog, so that something new
is tried without being named here."""

import contextlib

import pytest

from sql import Role, SqlError

KINDS = ("contact", "partner", "staff", "telephony")
MAY_NOT = "42501"

# Schemas that the service's roles may look into.
SCHEMAS = "('casework', 'rules', 'views')"

FUNCTIONS = f"""
    select p.oid::regprocedure::text as signature,
      p.oid::regproc::text as name, p.proretset,
      array(select t::regtype::text
        from unnest(p.proargtypes::oid[]) t) as types
    from pg_catalog.pg_proc p
    where p.pronamespace in (select n.oid from pg_catalog.pg_namespace n
        where n.nspname in {SCHEMAS})
      and p.prokind = 'f' and p.prorettype <> 'trigger'::regtype
      and pg_catalog.has_function_privilege(p.oid, 'execute')"""

RELATIONS = f"""
    select c.oid::regclass::text as name,
      array(select a.attname from pg_catalog.pg_attribute a
        where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
          and pg_catalog.has_column_privilege(c.oid, a.attnum, 'select')
        order by a.attnum) as columns
    from pg_catalog.pg_class c
    join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    where n.nspname in {SCHEMAS} and c.relkind in ('r', 'v', 'm', 'p')
      and pg_catalog.has_any_column_privilege(c.oid, 'select')"""


@pytest.fixture
def outside(world, sql):
    """A case of another district, whose texts and names all have this mark."""
    district = world.district()
    sql.run("update casework.districts set name = 'Zanzibar Marked District'"
            " where id = %s", district.id)
    contact = district.contact(name="Zanzibar Marked Person")
    case = contact.submit(subject="Zanzibar marked subject",
                          description="Zanzibar marked words")
    case.note(contact, "Zanzibar marked note").expect(201)
    case.attach(by=contact).expect(201)
    case.escalate(world.staff(), text="Zanzibar marked words",
                  internal_reason="Zanzibar marked words").expect(201)
    district.site("Zanzibar Marked Site")
    world.partner(district)
    return case


@pytest.fixture
def known(outside):
    """What an attacker may have found out of the other district: its ids."""
    return [outside.id, outside.submitter.id, outside.submitter.district.id]


@pytest.fixture
def intruder(as_role, contact, partner, advisor, phone):
    """A session of that role, and its own honest caller, if it has one."""
    callers = {"contact": contact.id, "partner": partner.id,
               "staff": advisor.id, "telephony": 1, "public": None}

    def session(kind):
        return as_role(kind), callers[kind]
    return session


@pytest.fixture
def new_role(instance):
    """Sessions of their own, which know nothing yet and may be spoilt."""
    with contextlib.ExitStack() as stack:
        def session(kind):
            role = Role(kind, instance.role_url(kind), instance.env)
            stack.callback(role.close)
            return role
        yield session


def attempts(role, known, texts=("Zanzibar",)):
    """Every select that the role may make and every call, ids of another
    district for each argument that takes one."""
    arguments = {
        "bigint": [str(k) for k in known], "bigint[]": [
            "'{" + ",".join(map(str, known)) + "}'"],
        "text": [f"'{t}'" for t in texts], "text[]": ["null"],
        "date": ["'2020-01-01'", "'2030-01-01'"], "integer": ["100"],
        "timestamp with time zone": ["'2030-01-01Z'"],
        "boolean": ["true"], "jsonb": ["'{}'"], "json": ["'{}'"],
    }
    for relation in role.rows(RELATIONS):
        yield (f"select row_to_json(q)::text from (select "
               f"{', '.join(relation['columns'])} from {relation['name']}) q")
        if "district_id" in relation["columns"]:
            yield (f"select 'zanzibar marked' from {relation['name']}"
                   f" where district_id = {known[-1]}")
    for function in role.rows(FUNCTIONS):
        most = max([len(arguments.get(t, [0])) for t in function["types"]],
                   default=1)
        for turn in range(most):
            given = [arguments.get(t, ["null"]) for t in function["types"]]
            yield (f"select row_to_json(q)::text from {function['name']}("
                   + ", ".join(f"{g[turn % len(g)]}::{t}" for g, t in
                               zip(given, function["types"])) + ") q")


def seen(role, before, known):
    """The statements that show something of the other district."""
    shown = []
    role.run(before)
    for statement in attempts(role, known):
        role.run("savepoint tried")
        try:
            text = role.run(statement)
        except SqlError as fault:
            text = str(fault)
        role.run("rollback to tried")
        if "zanzibar marked" in text.lower():
            shown.append(statement)
    role.run("rollback")
    return shown


def made_up(known):
    """A context made of settings: those of before, and guesses."""
    names = [prefix + name
             for prefix in ("cw.", "cw.c", "cw.cnone", "casework.")
             for name in ("caller_id", "_caller", "district_id", "_district",
                          "actor", "district_ids", "_districts", "context")]
    return "".join(
        "select " + ", ".join(f"set_config('{name}', '{value}', true)"
                              for name in names) + " \\g /dev/null\n"
        for value in known)


@pytest.mark.parametrize("kind", ["contact", "partner", "telephony",
                                  "public"])
def test_nothing_of_another_district_by_any_statement(intruder, known, kind):
    role, own = intruder(kind)
    assert seen(role, "begin;\n" + made_up(known), known) == []
    assert seen(role, role.beginning(own) + made_up(known), known) == []


def test_staff_see_nothing_without_a_caller(as_role, known):
    """With one they see all districts, which is their work."""
    assert seen(as_role("staff"), "begin;\n" + made_up(known), known) == []


def test_the_attempts_find_what_there_is(intruder, contact):
    """Else the tests above would show nothing: it is the caller's own."""
    case = contact.submit(subject="Zanzibar marked subject")
    role, own = intruder("contact")
    shown = seen(role, role.beginning(own), [case.id, contact.district.id])
    assert any("views.case_document" in s for s in shown)
    assert any("rules.search_cases" in s or "casework.cases" in s
               for s in shown)


def leaking(relation):
    """A condition that fails, and says the row, if it is asked of any."""
    return (f"select from {relation['name']} q where ('row '"
            f" || concat_ws(',', {', '.join(relation['columns'])}))::int = 0")


@pytest.mark.parametrize("kind", [*KINDS, "public"])
def test_a_condition_of_the_reader_s_meets_no_hidden_row(intruder, outside,
                                                         kind):
    """What a view or a policy hides is hidden before the reader's condition,
    whose errors show what it was asked of."""
    role, own = intruder(kind)
    for caller in (None, own):
        for relation in role.rows(RELATIONS):
            if role.acting(f"select {relation['columns'][0]} from"
                           f" {relation['name']} limit 1",
                           caller_id=caller) == []:
                assert role.fails(leaking(relation),
                                  caller_id=caller) is None, relation


def test_a_condition_of_the_reader_s_meets_no_other_district(intruder, known):
    role, own = intruder("contact")
    for relation in role.rows(RELATIONS):
        if "district_id" in relation["columns"]:
            assert role.fails(
                f"select from {relation['name']} q where (case district_id"
                f" when {known[-1]} then 'seen' else '0' end)::int = 1",
                caller_id=own) is None, relation


# -- sessions --------------------------------------------------------------

@pytest.mark.parametrize("kind", KINDS)
def test_a_request_begins_in_a_session_of_the_engine_only(
        intruder, new_role, kind):
    role, own = new_role(kind), intruder(kind)[1]
    begin = f"select rules.begin_{kind}({own}, null)"
    assert role.fails(begin) == MAY_NOT
    another = new_role(kind)
    role_of_another = Role.proof_of(role.key, "worker", role.process_id)
    for proof in ("\\x", "\\x" + 96 * "0", another.proof_before(),
                  another.proof(), role_of_another,
                  role.proof_before()[:-2], role.proof_before() + "00"):
        assert role.fails("select rules.admit(%s)", proof) == MAY_NOT, proof
        assert role.fails(begin) == MAY_NOT
    assert role.fails("select rules.admit(null)") == MAY_NOT
    role.admit()
    assert role.fails(begin) is None
    role.run("discard all")
    assert role.fails(begin) == MAY_NOT


def test_a_proof_is_good_for_one_transaction(new_role, contact):
    """A pooler hands a session on; who gets it may have seen the proof."""
    role = new_role("contact")
    seen = role.admit()
    role.run("discard all")
    for proof in (seen, role.proof_before()):
        assert role.fails("select rules.admit(%s)", proof) == MAY_NOT
        assert role.fails("select rules.begin_contact(%s, null)",
                          contact.id) == MAY_NOT
    role.admit()
    assert role.fails("select 1", caller_id=contact.id) is None


def test_an_engine_of_the_version_before_opens_sessions(new_role, contact):
    role = new_role("contact")
    role.run("select rules.admit(%s)", role.proof_before())
    assert role.fails("select rules.begin_contact(%s, null)",
                      contact.id) is None


def test_a_session_is_admitted_for_one_role(new_role):
    role = new_role("contact")
    role.admit()
    for kind in ("partner", "staff", "telephony"):
        assert role.fails(f"select rules.begin_{kind}(1, null)") == MAY_NOT


@pytest.mark.parametrize("kind", KINDS)
def test_a_transaction_has_one_caller(intruder, known, kind):
    """SQL that somebody slipped into a request is no other caller's."""
    role, own = intruder(kind)
    for other in (known[1], own):
        assert role.fails(f"select rules.begin_{kind}({other}, null)",
                          caller_id=own) == MAY_NOT


@pytest.mark.parametrize("between", ["", "reset all;", "discard plans;"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_session_that_has_a_caller_is_not_admitted_again(
        intruder, kind, between):
    role, own = intruder(kind)
    assert role.fails(f"{between} select rules.admit(%s)",
                      role.proof_before(), caller_id=own) == MAY_NOT
    role.run(role.beginning(own))
    assert role.fails("select rules.admit(%s)", role.proof()) == MAY_NOT


def test_between_requests_a_session_may_be_admitted_again(new_role, contact):
    role = new_role("contact")
    assert role.fails("select 1", caller_id=contact.id) is None
    role.admit()


def test_a_context_ends_with_its_transaction(as_role, case):
    role = as_role("contact")
    count = "select count(*) as n from casework.cases"
    role.run(role.beginning(case.submitter.id) + "savepoint here")
    assert role.value(count) == 1
    role.run("rollback to here")
    assert role.value(count) == 1
    # whatever can be read of the session's settings, set again later
    known = role.rows("select name, setting from pg_catalog.pg_settings"
                      " where name like 'cw.%'")
    role.run("commit")
    assert known == []
    assert role.value(count) == 0
    role.run("begin; reset all")
    assert role.value(count) == 0
    role.run("rollback")


def test_a_context_is_of_one_role(new_session, case):
    """The worker acts as owners of webhooks: a contact's context is not
    staff's, who would see everything."""
    session = new_session()
    session.run("begin; select rules.seal('casework_contact', %s, %s, null,"
                " null)", case.submitter.id, case.submitter.district.id)
    session.run("set local role casework_contact")
    assert session.value("select count(*) from casework.cases") == 1
    session.run("set local role casework_staff")
    assert session.value("select count(*) from casework.cases") == 0
    session.run("rollback")


@pytest.mark.parametrize("secret", [
    "select secret from casework.context_keys",
    "select last_value from casework.context_number",
    "select pg_sequence_last_value('casework.context_number')",
    "select nextval('casework.context_number')",
    "select rules.context_name('none', '_district')",
    "select rules.seal('none', 1, 1, null, null)",
    "select crypto.crypt('x', crypto.gen_salt('bf', 31))"])
@pytest.mark.parametrize("kind", [*KINDS, "public", "worker"])
def test_no_role_reads_what_seals(as_role, kind, secret):
    assert as_role(kind).fails(secret) == MAY_NOT


def as_bytes(data):
    """As PostgreSQL prints a constant of a plan."""
    return " ".join(str(b - 256 if b > 127 else b) for b in data)


@pytest.mark.parametrize("kind", KINDS)
def test_no_plan_shows_what_seals(intruder, new_role, sql, kind):
    """Anybody may have PostgreSQL print the plans of what is called."""
    role, own = new_role(kind), intruder(kind)[1]
    number = sql.value(
        "select pg_sequence_last_value('casework.context_number')")
    role.run("set client_min_messages = log; set debug_print_parse = on;"
             "set debug_print_rewritten = on; set debug_print_plan = on;"
             "set plan_cache_mode = force_custom_plan")
    shown = ""
    for _ in range(2):                          # the key learnt, and known
        shown += role.run(role.beginning(own))
        shown += role.run("select rules.caller_id(), rules.district(),"
                          " rules.districts(), rules.acting()")
        role.run("commit")
    assert as_bytes(own.to_bytes(8, "little")) in shown     # no secret, that
    for secret in (str(number), role.key.hex()):
        assert secret not in shown
        assert as_bytes(secret.encode()) not in shown
    assert as_bytes(number.to_bytes(8, "little")) not in shown
    assert as_bytes(role.key) not in shown


def test_a_key_that_is_changed_opens_new_sessions(new_role, sql, contact):
    """And so does the one that other services still have."""
    second = b"another key, of as many bytes as it takes"
    sql.run(f"insert into casework.context_keys values ('\\x{second.hex()}')")
    try:
        for key in (None, second):
            role = new_role("contact")
            role.key = key or role.key
            assert role.fails("select 1", caller_id=contact.id) is None
    finally:
        sql.run("delete from casework.context_keys where secret ="
                f" '\\x{second.hex()}'")
    late = new_role("contact")
    late.key = second
    late.run("begin")
    assert late.fails("select rules.admit(%s)", late.proof()) == MAY_NOT


def test_it_works_in_a_read_only_transaction(as_role, case):
    role = as_role("contact")
    begin = role.beginning(case.submitter.id).replace(
        "begin;", "begin read only;")
    role.run(begin)
    assert role.value("select count(*) from casework.cases") == 1
    assert role.value("select pg_current_xact_id_if_assigned()") is None
    role.run("rollback")


# -- what has the owner's rights -------------------------------------------

def test_no_function_takes_a_district_at_its_word(sql):
    """With the owner's rights a district comes from the context."""
    assert sql.rows("""
        select p.oid::regprocedure::text as f
        from pg_catalog.pg_proc p
        cross join unnest(p.proargnames, p.proargmodes) as a (name, mode)
        where p.prosecdef and coalesce(a.mode, 'i') in ('i', 'b')
          and a.name ~ 'district'
          and exists (select from unnest(array['contact', 'partner', 'staff',
              'telephony', 'public', 'worker']) k
            where pg_catalog.has_function_privilege(
              'casework_' || k, p.oid, 'execute'))""") == []


def test_what_has_the_owner_s_rights_hides_rows_first(sql):
    assert sql.rows("""
        select c.oid::regclass::text as name from pg_catalog.pg_class c
        where c.relkind = 'v' and c.relnamespace = 'views'::regnamespace
          and not coalesce(c.reloptions, '{}')
            && array['security_invoker=true', 'security_barrier=true']"""
                    ) == []


def test_no_role_makes_anything(sql):
    """Nor an operator that the owner's functions would take for another."""
    assert sql.rows("""
        select r.rolname from pg_catalog.pg_roles r
        where r.rolname ~ '^casework_' and r.rolname <> 'casework_owner'
          and (pg_catalog.has_database_privilege(
              r.oid, current_database(), 'create, temporary')
            or exists (select from pg_catalog.pg_namespace n
              where n.nspname !~ '^pg_(temp|toast)'
                and pg_catalog.has_schema_privilege(
                  r.oid, n.oid, 'create')))""") == []


def test_nobody_touches_cases_of_others(as_role, contact, outside, sql):
    sql.run("update casework.cases set (assigned_advisor_id,"
            " assigned_advisor_name) = (select s.id, s.name from casework.staff"
            " s where s.role <> 'advisor' limit 1) where id = %s", outside.id)
    role = as_role("contact")
    role.run(role.beginning(contact.id)
             + "select rules.leave_cases(array[%s]::bigint[])", outside.id)
    role.run("commit")
    assert sql.value("select assigned_advisor_id is not null as kept from"
                     " casework.cases where id = %s", outside.id)
