"""The second line: what PostgreSQL itself lets each role see and do."""

import pytest

ROLES = ("contact", "partner", "staff", "telephony", "public", "worker")
EVERY = "*"
# Who may select which columns of tables about people, and of secrets. What is
# not named here, nobody but the owner may; a new column is nobody's at first.
READABLE = {
    "casework.staff": {
        "contact": "active id name", "partner": "active id name",
        "staff": EVERY,
        "telephony": "active id name role roles",
        "worker": "active capacity email id leave_ends_on name"
                  " product_areas roles team"},
    "casework.partners": {
        "contact": "active id name", "partner": EVERY, "staff": EVERY,
        "telephony": "active id name", "worker": "active email id state"},
    "casework.telephony_clients": {
        "contact": "active id name", "partner": "active id name",
        "staff": EVERY, "telephony": "active id name"},
    "casework.partner_districts": {
        "partner": EVERY, "staff": EVERY, "worker": EVERY},
    "casework.partner_people": {
        "partner": EVERY, "staff": EVERY,
        "worker": "active email id partner_id"},
    "casework.partner_clients": {
        "partner": EVERY, "staff": EVERY, "worker": "id partner_id"},
    "casework.contacts": {
        "contact": EVERY, "partner": EVERY, "staff": EVERY,
        "worker": "authorized district_id email id kind may_call"},
    "casework.notes": {
        "contact": EVERY, "partner": EVERY, "staff": EVERY,
        "worker": "author_id author_kind behalf_id behalf_kind case_id"
                  " created_at district_id id kind mentions"},
    "casework.idempotency_keys": {
        "contact": EVERY, "partner": EVERY, "staff": EVERY,
        "telephony": EVERY, "worker": "caller_id caller_kind created_at key"},
    "casework.escalation_reasons": {"staff": EVERY},
    # Whom each went to and why: no address, no word of it.
    "casework.mails": {
        "staff": "attempts audience case_id created_at digest_at digest_id"
                 " district_id id kind reason recipient_id recipient_kind"
                 " sent_at state topic",
        "worker": EVERY},
    "casework.support_line_reads": {"staff": EVERY},
    "casework.survey_responses": {
        "staff": EVERY,
        "worker": "case_id counted courtesy district_id id knowledge"
                  " overall_service quality submitted_at timeliness"},
    "casework.survey_invitations": {
        "staff": "advisor_id advisor_name case_id contact_id decided_at"
                 " district_id expires_at id outcome reason sent_at"},
    "casework.survey_customers": {},
    "casework.call_routings": {"telephony": EVERY},
    "casework.phone_pins": {},
    "casework.phone_events": {"staff": EVERY, "worker": EVERY},
    "casework.webhook_secrets": {
        "contact": "expires_at webhook_id", "partner": "expires_at webhook_id",
        "staff": "expires_at webhook_id", "worker": EVERY},
    "casework.issuers": {"staff": EVERY},
    "casework.identities": {
        "contact": EVERY, "staff": EVERY,
        "worker": "contact_id ended_at id issuer_id partner_client_id"
                  " partner_person_id staff_id subject telephony_client_id"},
    "casework.support_line": {}, "casework.case_words": {},
    "casework.note_words": {}, "casework.desk_words": {},
    "casework.import_tries": {"staff": EVERY, "worker": "import_id"},
    "casework.context_keys": {}, "rules.link_key": {}}


@pytest.mark.fact(80)
@pytest.mark.parametrize("table", READABLE)
def test_each_role_reads_of_people_and_secrets_what_it_needs(sql, table):
    found = sql.rows("""
        select substr(r.rolname, length('casework_') + 1) as role,
          case when has_table_privilege(r.oid, c.oid, 'select') then '*'
            else string_agg(a.attname, ' ' order by a.attname) end as columns
        from pg_class c
        join pg_attribute a on a.attrelid = c.oid and a.attnum > 0
          and not a.attisdropped
        join pg_roles r on r.rolname = any (%s)
          and has_column_privilege(r.oid, c.oid, a.attnum, 'select')
        where c.oid = %s::regclass
        group by r.oid, r.rolname, c.oid
        """, ["casework_" + role for role in ROLES], table)
    assert {f["role"]: f["columns"] for f in found} == READABLE[table]


@pytest.mark.fact(80)
def test_every_table_of_people_or_secrets_is_listed_above(sql):
    """By the names of their columns; a table of the like is to be added."""
    found = sql.rows("""
        select distinct n.nspname || '.' || c.relname as name
        from pg_attribute a join pg_class c on c.oid = a.attrelid
        join pg_namespace n on n.oid = c.relnamespace
        where n.nspname in ('casework', 'rules') and c.relkind = 'r'
          and (a.attname ~ '(email|phone|address|pin|hash|token|secret|key)$'
            or a.attname = 'toll_free_number')
          and a.attname not in ('status_key', 'development_issue_key',
            'phone')
        """)
    assert {f["name"] for f in found} - {
        "casework.incident_events"} <= set(READABLE)     # email: a flag


@pytest.mark.fact(80)
def test_nobody_writes_what_is_append_only(sql):
    """Update or delete of a whole table is for the worker's own only."""
    found = sql.rows("""
        select substr(g.grantee, length('casework_') + 1) as role,
          g.table_schema || '.' || g.table_name as name, g.privilege_type
        from information_schema.role_table_grants g
        where g.table_schema in ('casework', 'rules') and g.grantee = any (%s)
          and g.privilege_type not in ('SELECT', 'INSERT')
        """, ["casework_" + role for role in ROLES])
    assert {(f["role"], f["name"], f["privilege_type"]) for f in found} <= {
        ("staff", "casework.advisor_availability", "UPDATE"),
        ("contact", "casework.case_followers", "DELETE"),
        ("staff", "casework.case_followers", "DELETE"),
        # leases and filters of the caller alone; tags and followers, each
        # with its event
        ("partner", "casework.case_partner_followers", "DELETE"),
        ("staff", "casework.case_partner_followers", "DELETE"),
        ("staff", "casework.case_presence", "DELETE"),
        ("staff", "casework.case_tags", "DELETE"),
        ("staff", "casework.saved_filters", "DELETE"),
        # by administrators alone, says the policy, and each with its event;
        # of an import that has ended bytes and tries are of no use
        ("staff", "casework.import_parts", "DELETE"),
        ("staff", "casework.import_tries", "DELETE"),
        *(("staff", "casework." + table, "DELETE") for table in (
            "business_hours", "holidays", "platform_names", "support_facts")),
        *(("worker", "casework." + table, "UPDATE") for table in (
            "case_figures", "daily_figures", "district_months",
            "monthly_surveys", "timer_faults")),
        *(("worker", "casework." + table, "DELETE") for table in (
            "alert_times", "case_months", "idempotency_keys", "import_lines",
            "import_parts", "import_tries", "imports", "timer_faults",
            "webhook_deliveries",
            "webhook_secrets"))}


def test_row_level_security_is_forced_on_every_table_of_a_district(sql):
    tables = sql.rows("""
        select c.relname as name,
               c.relrowsecurity and c.relforcerowsecurity as safe,
               pg_get_userbyid(c.relowner) as owner
        from pg_class c
        join pg_attribute a on a.attrelid = c.oid
          and a.attname = 'district_id' and not a.attisdropped
        join pg_namespace n on n.oid = c.relnamespace
        where c.relkind in ('r', 'p') and n.nspname in ('casework', 'rules')
        """)
    assert len(tables) >= 6
    assert [t["name"] for t in tables if not t["safe"]] == []
    assert {t["owner"] for t in tables} == {"casework_owner"}


def test_the_owner_never_logs_in_and_services_own_nothing(sql):
    roles = {r["rolname"]: r for r in sql.rows(
        "select rolname, rolcanlogin, rolsuper, rolbypassrls, rolcreaterole,"
        " rolcreatedb from pg_roles where rolname like 'casework_%'")}
    assert roles["casework_owner"]["rolcanlogin"] is False
    for kind in ("contact", "partner", "staff", "telephony", "public",
                 "worker"):
        role = roles["casework_" + kind]
        assert role["rolcanlogin"] is True
        assert not any(role[f] for f in ("rolsuper", "rolbypassrls",
                                         "rolcreaterole", "rolcreatedb"))
    owned = sql.value(
        "select count(*) as n from pg_class where"
        " pg_get_userbyid(relowner) ~ '^casework_(contact|partner|staff|"
        "telephony|public|worker)$'")
    assert owned == 0


TABLES = ("casework.cases", "casework.notes", "casework.events",
          "casework.contacts", "casework.districts", "casework.sites",
          "casework.change_requests", "casework.site_permissions",
          "casework.site_accesses")


@pytest.mark.parametrize("kind", ["contact", "partner"])
def test_a_role_without_a_caller_sees_no_row(case, as_role, kind):
    """The connection forgot nothing, because it never knew: fail closed."""
    role = as_role(kind)
    for table in TABLES:
        assert role.acting(f"select 1 from {table} limit 1") == [], table


@pytest.mark.parametrize("kind", ["telephony", "public"])
def test_telephony_and_the_public_have_no_way_to_cases(
        case, as_role, kind):
    role = as_role(kind)
    for table in TABLES:
        assert role.fails(f"select 1 from {table} limit 1") == "42501", table


def test_a_contact_s_role_sees_its_district_whatever_the_sql(
        case, stranger, as_role):
    other = stranger.submit()
    role = as_role("contact")
    who = {"caller_id": case.submitter.id}
    for table in TABLES:
        column = "id" if table == "casework.districts" else "district_id"
        seen = role.acting(f"select distinct {column} as d from {table}",
                           **who)
        assert {row["d"] for row in seen} <= {case.submitter.district.id}
    assert role.acting("select id from casework.cases", **who) == [
        {"id": case.id}]
    assert role.acting(
        "update casework.cases set impact = 'x' where id = %s returning id",
        other.id, **who) == []
    assert role.fails(
        "update casework.cases set district_id = %s where id = %s",
        stranger.district.id, case.id, **who) == "42501"
