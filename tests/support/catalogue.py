"""What PostgreSQL's catalogue says of who may see and do what, as text: the
second line behind the statements.

tests/data/catalogue.txt is the same text as a person has read it, and changes
it with the tables. `make catalogue` prints what a running instance says.
"""

import pathlib
import re
import sys

from instance import settings_of
from sql import Psql

HEADER = """\
# The second line: who may see and do what by PostgreSQL itself. Read and kept by
# people, and compared with the database. A paragraph is a thing, its first line
# the name; the others are what is so about it, in the order of the alphabet.
#
# When the tables change, change this, or take what `make catalogue` prints
# (RUN_DIR=.run-try after `make try`) and read the difference before you keep it.

"""

SCHEMAS = "array['casework', 'rules', 'views', 'crypto']"

# Every query gives (thing, what is so about it).
QUERIES = {
    "roles": """
        select 'role ' || r.rolname, w.word
        from pg_roles r
        cross join lateral (values
          (case when r.rolcanlogin then 'logs in' end),
          (case when r.rolinherit then 'inherits' end),
          (case when r.rolsuper then 'is a superuser' end),
          (case when r.rolbypassrls then 'bypasses row-level security' end),
          (case when r.rolcreaterole then 'makes roles' end),
          (case when r.rolcreatedb then 'makes databases' end),
          (case when r.rolreplication then 'replicates' end)) as w (word)
        where r.rolname ~ '^casework_'
        union all
        select 'role ' || m.rolname, 'is a member of ' || r.rolname
          || case when a.admin_option then ', and may make others that' else '' end
        from pg_auth_members a
        join pg_roles m on m.oid = a.member
        join pg_roles r on r.oid = a.roleid
        where m.rolname ~ '^casework_'""",
    "schemas": """
        select 'schema ' || n.nspname,
          coalesce(nullif(a.grantee::regrole::text, '-'), 'everybody') || ': '
            || lower(a.privilege_type)
        from pg_namespace n, aclexplode(n.nspacl) a
        where n.nspname = any ({schemas}) and a.grantee <> n.nspowner""",
    "tables": """
        select k.kind || c.oid::regclass, w.word
        from pg_class c
        join (values ('r', 'table '), ('p', 'table '), ('v', 'view '),
          ('m', 'view '), ('S', 'sequence ')) as k (relkind, kind)
          on k.relkind = c.relkind::text
        cross join lateral (values
          (case when c.relowner <> 'casework_owner'::regrole
            then 'is of ' || c.relowner::regrole::text end),
          (case when c.relrowsecurity and c.relforcerowsecurity
            then 'row-level security is forced'
            when c.relrowsecurity then 'row-level security, but not its owner'
            end),
          (array_to_string(c.reloptions, ', '))) as w (word)
        where c.relnamespace = any ({schemas}::regnamespace[])""",
    "grants": """
        select k.kind || c.oid::regclass,
          coalesce(nullif(a.grantee::regrole::text, '-'), 'everybody') || ': '
            || string_agg(lower(a.privilege_type), ', '
              order by a.privilege_type)
            || case when bool_or(a.is_grantable) then ' (and gives it away)'
              else '' end
        from pg_class c
        join (values ('r', 'table '), ('p', 'table '), ('v', 'view '),
          ('m', 'view '), ('S', 'sequence ')) as k (relkind, kind)
          on k.relkind = c.relkind::text,
          aclexplode(c.relacl) a
        where c.relnamespace = any ({schemas}::regnamespace[])
          and a.grantee <> c.relowner
        group by k.kind, c.oid, a.grantee""",
    "columns": """
        select k.kind || c.oid::regclass,
          coalesce(nullif(a.grantee::regrole::text, '-'), 'everybody') || ': '
            || lower(a.privilege_type) || ' (' || string_agg(t.attname, ', '
              order by t.attname) || ')'
        from pg_class c
        join (values ('r', 'table '), ('p', 'table '), ('v', 'view '))
          as k (relkind, kind) on k.relkind = c.relkind::text
        join pg_attribute t on t.attrelid = c.oid and not t.attisdropped,
          aclexplode(t.attacl) a
        where c.relnamespace = any ({schemas}::regnamespace[])
        group by k.kind, c.oid, a.grantee, a.privilege_type""",
    "policies": """
        select 'table ' || p.polrelid::regclass,
          'policy ' || p.polname || ' of ' || (
            select string_agg(coalesce(nullif(r.oid::regrole::text, '-'),
              'everybody'), ', ' order by r.oid::regrole::text)
            from unnest(p.polroles) r (oid))
          || case p.polcmd when 'r' then ' selects' when 'a' then ' inserts'
            when 'w' then ' updates' when 'd' then ' deletes' else '' end
          || case when not p.polpermissive then ', and nothing else' else '' end
          || coalesce(' where ' || pg_get_expr(p.polqual, p.polrelid), '')
          || coalesce(' checked by '
            || pg_get_expr(p.polwithcheck, p.polrelid), '')
        from pg_policy p""",
    "constraints": """
        select 'table ' || c.conrelid::regclass,
          pg_get_constraintdef(c.oid)
            || case when not c.convalidated then ', not validated' else '' end
        from pg_constraint c
        where c.connamespace = any ({schemas}::regnamespace[])
          and c.conrelid <> 0 and c.contype <> 't'""",
    "required": """
        select 'table ' || t.attrelid::regclass,
          'required: ' || string_agg(t.attname, ', ' order by t.attname)
        from pg_attribute t join pg_class c on c.oid = t.attrelid
        where c.relkind in ('r', 'p') and t.attnotnull and t.attnum > 0
          and c.relnamespace = any ({schemas}::regnamespace[])
        group by t.attrelid""",
    "unique": """
        select 'table ' || i.indrelid::regclass,
          'unique (' || (select string_agg(
              pg_get_indexdef(i.indexrelid, k::int, true), ', ' order by k)
            from generate_series(1, i.indnkeyatts) k) || ')'
          || coalesce(' where ' || pg_get_expr(i.indpred, i.indrelid), '')
        from pg_index i join pg_class c on c.oid = i.indrelid
        where i.indisunique
          and c.relnamespace = any ({schemas}::regnamespace[])
          and not exists (select from pg_constraint k
            where k.conindid = i.indexrelid)""",
    "triggers": """
        select 'table ' || t.tgrelid::regclass,
          regexp_replace(pg_get_triggerdef(t.oid),
            '^CREATE (CONSTRAINT )?TRIGGER (.*) ON [^ ]+ ',
            'trigger \\2 ')
          || case when t.tgenabled <> 'O' then ', disabled' else '' end
        from pg_trigger t join pg_class c on c.oid = t.tgrelid
        where not t.tgisinternal
          and c.relnamespace = any ({schemas}::regnamespace[])""",
    "domains": """
        select 'domain ' || t.oid::regtype, pg_get_constraintdef(c.oid)
        from pg_type t join pg_constraint c on c.contypid = t.oid
        where t.typnamespace = any ({schemas}::regnamespace[])""",
    "functions": """
        select 'function ' || p.oid::regprocedure, w.word
        from pg_proc p
        cross join lateral (values
          (case when p.prosecdef
            then 'has the rights of ' || p.proowner::regrole::text end),
          (case when p.prosecdef then array_to_string(p.proconfig, ', ')
            end)) as w (word)
        where p.pronamespace = any ({schemas}::regnamespace[])
          and (p.prosecdef or p.proacl is not null)
          and p.prorettype <> 'trigger'::regtype
        union all
        select 'function ' || p.oid::regprocedure,
          'called by ' || coalesce((
            select string_agg(coalesce(nullif(a.grantee::regrole::text, '-'),
              'everybody'), ', ' order by a.grantee::regrole::text)
            from aclexplode(coalesce(p.proacl,
              acldefault('f', p.proowner))) a
            where a.grantee <> p.proowner), 'nobody else')
        from pg_proc p
        where p.pronamespace = any ({schemas}::regnamespace[])
          and (p.prosecdef or p.proacl is not null)
          and p.prorettype <> 'trigger'::regtype""",
    "trigger functions": """
        select 'function ' || p.oid::regprocedure,
          'has the rights of ' || p.proowner::regrole::text
          || coalesce(', ' || array_to_string(p.proconfig, ', '), '')
        from pg_proc p
        where p.pronamespace = any ({schemas}::regnamespace[])
          and p.prosecdef and p.prorettype = 'trigger'::regtype""",
}


def things(rows):
    """Thing → the set of what is so about it, if anything is."""
    found = {}
    for thing, word in rows:
        if word:
            found.setdefault(thing, set()).add(" ".join(word.split()))
    return found


def read(text):
    """The same, of the text that write() makes."""
    found = {}
    for line in text.splitlines():
        if line.startswith("#") or not line.strip():
            continue
        if not line.startswith(" "):
            thing = found.setdefault(line.strip(), set())
        else:
            thing.add(line.strip())
    return found


def write(found):
    return "\n".join(
        thing + "\n" + "".join(f"  {word}\n" for word in sorted(words))
        for thing, words in sorted(found.items()))


def each(words):
    """Words that name columns, once for each column."""
    found = set()
    for word in words:
        listed = re.fullmatch(r"([a-z_]+: [a-z]+) \((.*)\)|(required): (.*)",
                              word)
        if listed is None:
            found.add(word)
            continue
        what, columns = (part for part in listed.groups() if part)
        found |= {f"{what} {column}" for column in columns.split(", ")}
    return found


def differences(kept, found):
    """Sentences that say what is otherwise than the list says."""
    for thing in sorted(kept.keys() | found.keys()):
        if thing not in found:
            yield f"{thing}: the database has none."
        elif thing not in kept:
            yield f"{thing}: not in the list."
        was, is_now = (each(words.get(thing, ())) for words in (kept, found))
        for word in sorted(was - is_now):
            yield f"{thing}: not so any more: {word}"
        for word in sorted(is_now - was):
            yield f"{thing}: new, and not in the list: {word}"


def of_database(run):
    """run(statement) gives lines of psql, their columns parted by |."""
    rows = []
    run("set search_path = ''")         # names with their schemas
    for query in QUERIES.values():
        text = run("select q.a || chr(31) || coalesce(regexp_replace(q.b,"
                   " E'\\\\s+', ' ', 'g'), '') from ("
                   + query.format(schemas=SCHEMAS) + ") as q (a, b)")
        rows += [line.split("\x1f") for line in text.splitlines() if line]
    return things(rows)


def main(run_dir):
    session = Psql(settings_of(pathlib.Path(run_dir))["OWNER_URL"])
    sys.stdout.write(HEADER + write(of_database(session.run)))
    session.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
