#!/usr/bin/env bash
# Bring a database up to date: roles, then, in one transaction, sql/schema/*.sql
# that are not yet applied and all of sql/rules, as sql/rules/order lists it.
# Idempotent; two at once wait for each other. Connects as superuser, or as a
# user that may create roles and owns the database.
#
# Usage: sql/migrate.sh [DATABASE_URL]     (default: $DATABASE_URL)
# CASEWORK_CONTACT_PASSWORD and so on set the passwords of the service roles,
# CONTEXT_KEY_FILE a key of the service that the database believes.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
database_url=${1:-${DATABASE_URL:?"migrate: set DATABASE_URL or pass a URL"}}
kinds=(contact partner staff telephony public worker)
export PGOPTIONS="${PGOPTIONS:-} -c client_min_messages=warning"

die() {
	echo "migrate: $*" >&2
	exit 1
}

# Errors of psql on one line, without its prefix "psql:file:line: ERROR:".
run() {
	local output

	output=$(psql -X -q -A -t -v ON_ERROR_STOP=1 "$@" 2>&1) || {
		output=$(grep -m 1 -E 'ERROR|FATAL|error:' <<<"$output" || head -n 1 <<<"$output")
		output=${output#psql: error: }
		die "${output#psql:}"
	}
	[[ -z $output ]] || echo "$output"
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

# A database whose migrations are not all here was made by another version:
# nothing is known of what it holds. Each name of sql/schema as '{a,b}'.
refuse_strangers() {
	local names

	names=$(cd "$here/schema" && printf '%s,' *.sql)
	names=${names//.sql/}
	cat <<-SQL
		select count(*) > 0 as strange, count(*) || ' migrations that are not in sql/schema ('
		  || (array_agg(name order by name))[1] || ', …)' as strangers
		from casework.migrations where name <> all ('{${names%,}}') \gset
		\if :strange
		  \warn 'ERROR: the database has had' :strangers': another version of casework made it, which this one cannot take over'
		  select 1/0;
		\endif
	SQL
}

# psql reads one script, so one session holds the lock over all transactions.
script() {
	local file name sum

	# Files are read and written as here, whatever roles and environment say.
	cat <<-'SQL'
		set client_encoding = 'UTF8';
		set standard_conforming_strings = on;
		set search_path = '';
		set timezone = 'UTC';
		set datestyle = 'ISO, YMD';
		set intervalstyle = 'postgres';
	SQL
	echo "select pg_catalog.pg_advisory_lock(7309453);"
	role_statements
	tzdata_statements
	cat <<-'SQL'
		set role casework_owner;
		create schema if not exists casework;
		create table if not exists casework.migrations (
		  name text primary key, sha256 text not null, applied_at timestamptz not null default now());
		begin;
	SQL
	refuse_strangers
	cat <<-'SQL'
		set local check_function_bodies = off;
		-- holds no data, and would hold on to the row types of tables
		drop schema if exists views cascade;
	SQL
	for file in "$here"/schema/*.sql; do
		name=$(basename "$file" .sql)
		sum=$(sha256sum <"$file" | cut -d ' ' -f 1)
		cat <<-SQL
			select exists (select from casework.migrations where name = '$name') as applied,
			  exists (select from casework.migrations where name = '$name' and sha256 <> '$sum') as changed \gset
			\if :changed
			  \warn 'ERROR: sql/schema/$name.sql was changed after it was applied: undo that, write a new migration'
			  select 1/0;
			\endif
			\if :applied
			\else
			  select count(*) > 0 as late, max(name) as last
			  from casework.migrations where name > '$name' \gset
			  \if :late
			    \warn 'ERROR: sql/schema/$name.sql comes before' :last', which the database has had: give it the next number'
			    select 1/0;
			  \endif
			  \i '$file'
			  insert into casework.migrations (name, sha256) values ('$name', '$sum');
			\endif
		SQL
	done
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
	superuser_statements
}

command -v psql >/dev/null || die "psql is missing: install postgresql-client-15"
rules=$(rule_files)
if [[ -n ${CONTEXT_KEY_FILE:-} ]]; then
	context_key=$(od -An -v -tx1 "$CONTEXT_KEY_FILE" | tr -d ' \n')
	export context_key
fi
script=$(mktemp)
trap 'rm -f "$script"' EXIT
script >"$script"
run "$database_url" -f "$script"
