#!/usr/bin/env bash
# Bring a database up to date while it serves: roles, those of sql/schema/*.sql
# that are not yet applied, one after the other, then all of sql/rules in one
# transaction. README.md says what each step may do. Idempotent; two at once
# wait for each other. Connects as a user that may create roles and owns the
# database, or as superuser.
#
# Usage: sql/migrate.sh [DATABASE_URL]     (default: $DATABASE_URL)
# CASEWORK_CONTACT_PASSWORD and so on set the passwords of the service roles,
# CONTEXT_KEY_FILE a key of the service that the database believes.
# LOCK_SECONDS is how long each step tries for its locks (default 300).
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
database_url=${1:-${DATABASE_URL:?"migrate: set DATABASE_URL or pass a URL"}}
kinds=(contact partner staff telephony public worker)
lock_seconds=${LOCK_SECONDS:-300}
# Who waits for a lock lets others wait behind it: nobody does so for long.
lock_ms=100
export PGOPTIONS="${PGOPTIONS:-} -c client_min_messages=warning -c lock_timeout=$lock_ms"

die() {
	echo "migrate: $*" >&2
	exit 1
}

psql_stopping() {
	psql -X -q -A -t -v ON_ERROR_STOP=1 -v VERBOSITY=verbose "$database_url" "$@"
}

# The statements of arguments (-c, -f) in one session. A lock that is not free
# for a moment (55P03, or 40P01: a deadlock) is tried for again; what there is
# to undo the server has undone. Errors are one line, without "psql:".
run() {
	local output end=$((SECONDS + lock_seconds))

	until output=$(psql_stopping "$@" 2>&1); do
		if grep -qE 'ERROR:  (55P03|40P01): ' <<<"$output" && ((SECONDS < end)); then
			sleep 0.2
			continue
		fi
		output=$(grep -m 1 -E 'ERROR|FATAL|error:' <<<"$output" || head -n 1 <<<"$output")
		output=${output#psql: error: }
		die "$(sed -E 's/^psql://; s/(ERROR|FATAL):  [0-9A-Z]{5}: /\1:  /' <<<"$output")"
	done
	[[ -z $output ]] || echo "$output"
}

# Of several hosts the first may be a standby that has not yet heard of a database
# which was made a moment ago: it refuses, and libpq asks no other one then.
await_database() {
	local refusal end=$((SECONDS + lock_seconds))

	[[ $database_url == *,* ]] || return 0
	until refusal=$(psql_stopping -c '' 2>&1); do
		[[ $refusal =~ FATAL:\ *database.*does\ not\ exist ]] || return 0
		((SECONDS < end)) || return 0
		sleep 0.2
	done
}

# One migrates at a time: this session holds the lock until the script ends. It
# tries again instead of waiting, since a statement that waits has a snapshot,
# and "create index concurrently" of the other would wait for it.
take_turn() {
	local answer ask said end=$((SECONDS + lock_seconds))

	trap '' PIPE
	coproc HOLDER { psql -X -q -A -t "$database_url" 2>&1; }
	exec {ask}>&"${HOLDER[1]}" {said}<&"${HOLDER[0]}"
	while true; do
		echo 'select pg_catalog.pg_try_advisory_lock(7309453);' >&"$ask" || true
		read -r answer <&"$said" || answer="no connection"
		[[ $answer != t ]] || return 0
		[[ $answer == f ]] || die "${answer#psql: error: }"
		((SECONDS < end)) || die "another migrate.sh has been at work for $lock_seconds s"
		sleep 0.2
	done
}

role_statements() {
	local kind password

	cat <<-'SQL'
		select format('create role %I nologin', r)
		from (values ('casework_owner')) as v (r)
		where not exists (select from pg_catalog.pg_roles where rolname = r) \gexec
		select format('grant casework_owner to %I', current_user)
		where not pg_catalog.pg_has_role(current_user, 'casework_owner', 'member') \gexec
		select format('grant create, connect, temporary on database %I to casework_owner', current_database()) \gexec
		select format('revoke temporary on database %I from public', current_database()) \gexec
	SQL
	for kind in "${kinds[@]}"; do
		cat <<-SQL
			select 'create role casework_$kind login'
			where not exists (select from pg_catalog.pg_roles where rolname = 'casework_$kind') \gexec
			begin;
			alter role casework_$kind reset all;
			select format('alter role casework_$kind in database %I reset all', current_database()) \gexec
			alter role casework_$kind set timezone = 'UTC';
			alter role casework_$kind set datestyle = 'ISO, YMD';
			alter role casework_$kind set search_path = '';
			alter role casework_$kind set client_min_messages = 'warning';
			alter role casework_$kind set plan_cache_mode = 'force_generic_plan';
			alter role casework_$kind set jit = 'off';
			alter role casework_$kind set statement_timeout = '5s';
			alter role casework_$kind set lock_timeout = '2s';
			alter role casework_$kind set idle_in_transaction_session_timeout = '10s';
			select 'alter role casework_$kind set temp_file_limit = ''1GB'''
			from pg_catalog.pg_roles where rolname = current_user and rolsuper \gexec
			commit;
			select format('grant connect on database %I to casework_$kind', current_database()) \gexec
		SQL
		password=CASEWORK_${kind^^}_PASSWORD
		if [[ -n ${!password:-} ]]; then
			echo "\\getenv password $password"
			echo "alter role casework_$kind password :'password';"
		fi
	done
	# Whatever is due, a timer takes the next of it along an index: what the
	# planner expects of a table that has just grown may not make it sort all.
	cat <<-'SQL'
		alter role casework_worker set enable_sort = 'off';
		alter role casework_worker set enable_seqscan = 'off';
		alter role casework_worker set enable_bitmapscan = 'off';
	SQL
	# A webhook is sent what its owner may read: the worker asks in the owner's
	# role (rules.act_as) and has nothing of it otherwise.
	echo "alter role casework_worker noinherit;"
	echo "grant casework_contact, casework_partner, casework_staff to casework_worker;"
}

# The engine's key, and until the next change the one before it.
key_statements() {
	cat <<-'SQL'
		\getenv context_key context_key
		insert into casework.context_keys (secret)
		values (pg_catalog.decode(:'context_key', 'hex')) on conflict do nothing;
		delete from casework.context_keys where secret not in (
		  select k.secret from casework.context_keys k order by k.created_at desc limit 2);
	SQL
}

# The version of the server's time zone data, in :tzdata, if a superuser asks;
# Debian's PostgreSQL reads the system's.
tzdata_statements() {
	cat <<-'SQL'
		select pg_catalog.has_function_privilege(
		  'pg_catalog.pg_read_file(text, bigint, bigint, boolean)', 'execute') as may_read \gset
		\if :may_read
		  select (regexp_match(pg_catalog.pg_read_file('/usr/share/zoneinfo/tzdata.zi', 0, 64, true),
		    'version (\S+)'))[1] as tzdata \gset
		\endif
	SQL
}

# What only a superuser may, if one asks; docker/README.md says what it is good for.
# Nobody but roles of this service is in its database.
superuser_statements() {
	cat <<-'SQL'
		reset role;
		select rolsuper as may_all from pg_catalog.pg_roles where rolname = current_user \gset
		\if :may_all
		  delete from pg_catalog.pg_statistic s using pg_catalog.pg_attribute a
		  where a.attrelid = s.starelid and a.attnum = s.staattnum and a.attstattarget = 0;
		  revoke execute on function pg_catalog.lo_creat(int), pg_catalog.lo_create(oid),
		    pg_catalog.lo_from_bytea(oid, bytea), pg_catalog.pg_cancel_backend(int),
		    pg_catalog.pg_terminate_backend(int, bigint) from public;
		  do $$
		  declare
		    f regprocedure;
		  begin
		    for f in select p.oid from pg_catalog.pg_proc p where p.proname = 'pg_logical_emit_message' loop
		      execute format('revoke execute on function %s from public', f);
		      execute format('grant execute on function %s to casework_owner', f);
		    end loop;
		  end $$;
		\endif
	SQL
}

# The files of sql/rules in their order, which names each of them once.
rule_files() {
	local LC_ALL=C listed found wrong

	listed=$(sed 's/[[:space:]]*#.*//; /^$/d' "$here/rules/order")
	found=$(find "$here/rules" -name '*.sql' -printf '%P\n' | sort)
	wrong=$(sort <<<"$listed" | uniq -d | head -n 1)
	[[ -z $wrong ]] || die "sql/rules/order lists $wrong twice"
	wrong=$(sort <<<"$listed" | comm -23 - <(echo "$found") | head -n 1)
	[[ -z $wrong ]] || die "sql/rules/order lists $wrong, and there is no such file"
	wrong=$(sort <<<"$listed" | comm -13 - <(echo "$found") | head -n 1)
	[[ -z $wrong ]] || die "sql/rules/$wrong is not listed in sql/rules/order"
	echo "$listed"
}

# What every session of a migration begins with. Files are read and written as
# here, whatever roles and environment say.
session_statements() {
	cat <<-'SQL'
		set client_encoding = 'UTF8';
		set standard_conforming_strings = on;
		set search_path = '';
		set timezone = 'UTC';
		set datestyle = 'ISO, YMD';
		set intervalstyle = 'postgres';
		set check_function_bodies = off;
		set role casework_owner;
	SQL
}

# What a version adds, a service cannot use without a password.
require_passwords() {
	local kind password

	for kind in $(psql_stopping -c "
		select k.kind from unnest(string_to_array('${kinds[*]}', ' ')) with ordinality as k (kind, n)
		where not exists (select from pg_catalog.pg_roles r where r.rolname = 'casework_' || k.kind)
		  and to_regclass('casework.migrations') is not null order by k.n"); do
		password=CASEWORK_${kind^^}_PASSWORD
		[[ -n ${!password+set} ]] || die "this version adds the role casework_$kind:" \
			"set $password (empty, if it signs in without a password)"
	done
}

# Digests of texts that a file of sql/schema has had, which did the same but which
# no PostgreSQL of today would run.
former() {
	sed -n 's/^-- formerly //p' "$1" | paste -s -d , -
}

# Looks before anything is changed. A database whose migrations are not all here
# was made by a later version or another one: nothing is known of what it holds.
# Then the names that it has not had.
pending() {
	local file values='' last

	for file in "$here"/schema/*.sql; do
		last=$(basename "$file" .sql)
		values+="('$last', '$(sha256sum <"$file" | cut -d ' ' -f 1)', '{$(former "$file")}'),"
	done
	cat <<-SQL
		create temporary table here (name text primary key, sha256 text, former text[]);
		insert into here values ${values%,};
		select count(*) > 0 as strange, bool_and(m.name > '$last') as newer,
		  count(*) || ' migrations that are not in sql/schema (' || (array_agg(m.name order by m.name))[1]
		    || ', …)' as strangers
		from casework.migrations m where m.name not in (select h.name from here h) \gset
		\if :strange
		  \if :newer
		    \warn 'ERROR: the database is of a newer version: it has had' :strangers', and this one ends with $last: use the migrate.sh of that version'
		  \else
		    \warn 'ERROR: the database has had' :strangers': another version of casework made it, which this one cannot take over'
		  \endif
		  select 1/0;
		\endif
		select coalesce(min(h.name), '') as changed from here h
		join casework.migrations m on m.name = h.name and m.sha256 <> all (h.former || h.sha256) \gset
		select coalesce(min(h.name), '') as late, max(m.name) as last
		from here h cross join (select max(name) as name from casework.migrations) m
		where h.name < m.name and h.name not in (select a.name from casework.migrations a) \gset
		select :'changed' <> '' as is_changed, :'late' <> '' as is_late \gset
		\if :is_changed
		  \warn 'ERROR: sql/schema/':changed'.sql was changed after it was applied: undo that, write a new migration'
		  select 1/0;
		\elif :is_late
		  \warn 'ERROR: sql/schema/':late'.sql comes before' :last', which the database has had: give it the next number'
		  select 1/0;
		\endif
		select h.name from here h where h.name not in (select m.name from casework.migrations m) order by h.name;
	SQL
}

# That a file of sql/schema has been applied.
record() {
	echo "insert into casework.migrations (name, sha256)
		values ('$1', '$(sha256sum <"$here/schema/$1.sql" | cut -d ' ' -f 1)')"
}

# One file of sql/schema. Its first line says if it is no transaction.
apply() {
	local file=$here/schema/$1.sql rows=1

	case $(head -n 1 "$file") in
	'-- concurrently')
		# What an attempt before has left half made. Nobody waits behind this
		# one, so it may wait.
		run -f "$session" -c 'set lock_timeout = 0' -f "$invalid" -f "$file" -c "$(record "$1")"
		;;
	'-- in batches')
		while ((rows > 0)); do
			rows=$(run -f "$session" -f "$file" -c '\echo :ROW_COUNT')
		done
		run -f "$session" -c "$(record "$1")"
		;;
	*)
		run -f "$session" -c begin -f "$file" -c "$(record "$1")" -c commit
		;;
	esac
}

# An empty database has nobody who waits and nothing to fill: one session.
apply_to_nothing() {
	local name file steps=()

	for name in "$@"; do
		file=$here/schema/$name.sql
		case $(head -n 1 "$file") in
		'-- concurrently' | '-- in batches')
			steps+=(-f "$file" -c "$(record "$name")")
			;;
		*)
			steps+=(-c begin -f "$file" -c "$(record "$name")" -c commit)
			;;
		esac
	done
	run -f "$session" "${steps[@]}"
}

invalid_indexes() {
	cat <<-'SQL'
		select format('drop index concurrently %s', i.indexrelid::regclass)
		from pg_catalog.pg_index i join pg_catalog.pg_class c on c.oid = i.indrelid
		where not i.indisvalid and c.relnamespace = 'casework'::regnamespace \gexec
	SQL
}

# Readers go on with the views of before until this commits, and are never made
# to wait: dropping a view that is read would.
rules_statements() {
	local file

	cat <<-'SQL'
		begin;
		select to_regnamespace('views') is not null as has_views \gset
		\if :has_views
		  alter schema views rename to views_before;
		\endif
	SQL
	for file in $rules; do
		echo "\\i '$here/rules/$file'"
	done
	[[ -z ${context_key:-} ]] || key_statements
	cat <<-'SQL'
		\if :{?tzdata}
		  insert into casework.tzdata_versions (version) select :'tzdata'
		  where :'tzdata' is distinct from (
		    select v.version from casework.tzdata_versions v order by v.id desc limit 1);
		\endif
		commit;
	SQL
}

command -v psql >/dev/null || die "psql is missing: install postgresql-client-15"
rules=$(rule_files)
if [[ -n ${CONTEXT_KEY_FILE:-} ]]; then
	context_key=$(od -An -v -tx1 "$CONTEXT_KEY_FILE" | tr -d ' \n')
	export context_key
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
session=$work/session.sql
invalid=$work/invalid.sql
session_statements >"$session"
invalid_indexes >"$invalid"
role_statements >"$work/roles.sql"
pending >"$work/pending.sql"
tzdata_statements >"$work/tzdata.sql"
rules_statements >"$work/rules.sql"
superuser_statements >"$work/superuser.sql"

await_database
take_turn
require_passwords
run -f "$work/roles.sql"
run -f "$session" -c 'create schema if not exists casework' -c '
	create table if not exists casework.migrations (
	  name text primary key, sha256 text not null, applied_at timestamptz not null default now())'
names=$(run -f "$session" -f "$work/pending.sql")
run -f "$session" -c 'drop schema if exists views_before cascade'
if [[ $(psql_stopping -c 'select exists (select from casework.migrations)') == f ]]; then
	# shellcheck disable=SC2086
	apply_to_nothing $names
else
	for name in $names; do
		apply "$name"
	done
fi
run -f "$work/tzdata.sql" -f "$session" -f "$work/rules.sql"
# Those who still read them by a plan of before are waited for.
run -f "$session" -c 'drop schema if exists views_before cascade'
run -f "$session" -f "$work/superuser.sql"
