# shellcheck shell=bash
# The private PostgreSQL cluster of an instance: sourced by instance.sh, which
# sets state (its directory), account and as (whom and how to run things as).
# It listens on a UNIX socket in a directory of mode 0700, on no TCP port.
# shellcheck disable=SC2154

pg_bin=${PG_BIN:-/usr/lib/postgresql/15/bin}
roles=(casework_contact casework_partner casework_staff casework_telephony
	casework_public casework_worker)

# Percent-encodes what a URL cannot hold as it is.
url_encode() {
	local LC_ALL=C text=$1 out='' char i

	for ((i = 0; i < ${#text}; i++)); do
		char=${text:i:1}
		if [[ $char != [A-Za-z0-9/._~-] ]]; then
			printf -v char '%%%02X' "'$char"
		fi
		out+=$char
	done
	printf '%s' "$out"
}

random_hex() {
	od -An -v -N24 -tx1 /dev/urandom | tr -d ' \n'
}

# The server of this cluster, not one that got the same process id later.
cluster_pid() {
	local pid

	read -r pid 2>/dev/null <"$state/cluster/postmaster.pid" || return 1
	[[ $(readlink "/proc/$pid/cwd") == "$state/cluster" ]] || return 1
	echo "$pid"
}

# A socket's path has 107 bytes at most: a long state directory gets a short
# one in /tmp, which the link "socket" names.
cluster_socket() {
	local at=$state/socket

	if [[ -L $at ]]; then
		readlink "$at"
	else
		echo "$at"
	fi
}

make_socket_directory() {
	local at

	at=$(cluster_socket)
	if [[ -d $at && ( -O $at || $EUID == 0 ) ]]; then
		return
	fi
	if [[ $state =~ ^[A-Za-z0-9/._-]{1,80}$ ]]; then
		"${as[@]}" mkdir -m 700 "$state/socket"
	else
		at=$("${as[@]}" mktemp -d /tmp/casework-XXXXXXXX)
		"${as[@]}" ln -sfn "$at" "$state/socket"
	fi
}

# A quarter of the machine's memory, from 128 MB to 4 GB: what is read often
# should not be copied from the kernel's cache each time. Taken as it is used.
buffer_megabytes() {
	local kilobytes

	kilobytes=$(sed -n 's/^MemTotal: *\([0-9]*\) kB$/\1/p' /proc/meminfo)
	echo $((kilobytes > 16 << 20 ? 4096 : kilobytes < 512 << 10 ? 128 :
		kilobytes / 4096))
}

# Made beside its place and renamed: there is no half cluster.
create_cluster() {
	echo "creating a PostgreSQL cluster in $state/cluster"
	"${as[@]}" rm -rf "$state/cluster.new"
	random_hex | put pgpass.initdb
	"${as[@]}" "$pg_bin/initdb" -D "$state/cluster.new" -U postgres \
		--auth=scram-sha-256 --pwfile="$state/pgpass.initdb" \
		--encoding=UTF8 --locale=C.UTF-8 --no-instructions 2>&1 \
		>/dev/null | put initdb.log ||
		fail "initdb failed: $(tail -n 1 "$state/initdb.log")"
	put cluster.new/postgresql.auto.conf <<-CONF
		# Written by api/run/cluster.sh. Durable: fsync stays on.
		listen_addresses = ''
		max_connections = 400
		shared_buffers = $(buffer_megabytes)MB
		wal_level = minimal
		max_wal_senders = 0
		jit = off
		timezone = 'UTC'
		log_timezone = 'UTC'
		# What a rule refuses is no event, and a detail may name a person.
		log_min_messages = log
		log_min_error_statement = panic
		log_error_verbosity = terse
	CONF
	printf '*:*:*:postgres:%s\n' "$(<"$state/pgpass.initdb")" |
		put pgpass.owner
	"${as[@]}" rm "$state/pgpass.initdb" "$state/initdb.log"
	"${as[@]}" mv "$state/cluster.new" "$state/cluster"
}

# After a kill -9 or a crash of the machine: a lock file whose process id has
# gone to another program would stop PostgreSQL, and it is only safe to remove
# when no process of the old server is left. Those see its end and go.
forget_dead_cluster() {
	local tries

	[[ -e $state/cluster/postmaster.pid ]] || return 0
	for ((tries = 0; tries < 100; tries++)); do
		if [[ -z $(find /proc/[0-9]*/cwd -maxdepth 0 \
			-lname "$state/cluster" 2>/dev/null) ]]; then
			"${as[@]}" rm -f "$state/cluster/postmaster.pid" \
				"$(cluster_socket)"/.s.PGSQL.*
			return
		fi
		sleep 0.1
	done
	fail "processes of a dead PostgreSQL server are left in $state/cluster"
}

# A server that runs may be starting, or recovering from a crash.
await_cluster() {
	local tries

	for ((tries = 0; tries < 600; tries++)); do
		if "$pg_bin/pg_isready" -q -h "$(cluster_socket)"; then
			return
		fi
		sleep 0.1
	done
	fail "PostgreSQL takes no connections: $(last_line postgres.log)"
}

start_cluster() {
	[[ -x $pg_bin/initdb ]] || fail "PostgreSQL 15 is not in $pg_bin:" \
		"run make install-packages, or set PG_BIN"
	[[ -d $state/cluster ]] || create_cluster
	make_socket_directory
	if cluster_pid >/dev/null; then
		await_cluster
		return
	fi
	forget_dead_cluster
	begun=(cluster "${begun[@]}")
	"${as[@]}" "$pg_bin/pg_ctl" -D "$state/cluster" -s -w -t 60 \
		-l "$state/postgres.log" -o "-k $(cluster_socket)" \
		start >/dev/null 2>&1 {lock}>&- ||
		fail "PostgreSQL did not start: $(last_line postgres.log)"
}

stop_cluster() {
	cluster_pid >/dev/null || return 0
	"${as[@]}" "$pg_bin/pg_ctl" -D "$state/cluster" -s -w -t 60 -m fast \
		stop 2>/dev/null || ! cluster_pid >/dev/null ||
		fail "PostgreSQL did not stop; see $state/postgres.log"
}

# Sets database_url (of the service, without a user) and owner_url.
private_database() {
	local host

	start_cluster
	host=$(url_encode "$(cluster_socket)")
	database_url="postgresql:///casework?host=$host"
	owner_url="postgresql://postgres@/casework?host=$host"
	owner_url+="&passfile=$(url_encode "$state/pgpass.owner")"
	if ! sql "$owner_url" -c 'select 1' >/dev/null 2>&1; then
		sql "${owner_url/casework\?/postgres?}" \
			-c 'create database casework'
	fi
}

# The same for a server of one's own: the URL without user and password.
given_database() {
	local user

	owner_url=${DATABASE_URL:-}
	if [[ $owner_url == postgres*://* ]]; then
		database_url=$(sed -E 's#//[^/?@]*@#//#;
			s#([?&])(user|password)=[^&]*&?#\1#g; s#[?&]$##' \
			<<<"$owner_url")
	else
		database_url=$(sed -E "s#\b(user|password) *= *('[^']*'|[^ ]*)##g" \
			<<<"$owner_url")
	fi
	user=$(PGCONNECT_TIMEOUT=5 sql "$owner_url" -c "select rolname from
		pg_roles where rolname = current_user
		and (rolcreaterole or rolsuper)" 2>&1) ||
		fail "cannot use the database of DATABASE_URL:" \
			"$(head -n 1 <<<"$user" | sed 's/^psql: error: //');" \
			"start that server or correct the URL"
	[[ -n $user ]] || fail "the user of DATABASE_URL may not create roles:" \
		"give it CREATEROLE"
}

# Every role gets a password of this instance, unless those it has work.
set_passwords() {
	local role known='' statements='' works=1

	[[ ! -e $state/pgpass ]] || known=$(<"$state/pgpass")
	for role in "${roles[@]}"; do
		grep "^\*:\*:\*:$role:" <<<"$known" ||
			printf '*:*:*:%s:%s\n' "$role" "$(random_hex)"
	done | put pgpass.new
	"${as[@]}" mv "$state/pgpass.new" "$state/pgpass"
	for role in "${roles[@]}"; do
		PGPASSFILE=$state/pgpass PGUSER=$role \
			sql "$database_url" -w -c '' >/dev/null 2>&1 || works=0
	done
	((works == 0)) || return 0
	statements=$(sed -E "s/^.*:(casework_[a-z]+):(.*)$/alter role \1\
 password '\2';/" "$state/pgpass")
	sql "$owner_url" <<<"$statements"
}

sql() {
	psql -X -q -A -t -v ON_ERROR_STOP=1 "$@"
}
