#!/bin/bash
# One instance of casework: the service, its worker, and the private PostgreSQL
# cluster behind them unless DATABASE_URL names another. The Makefile's targets
# and the tests call it. WORKER=0 leaves out the worker.
#
#   api/run/instance.sh run|start|renew|stop|remove|token|psql|data|check
#
# RUN_DIR (.run) holds all there is of it: cluster, keys, passwords, logs, mails,
# the binaries it runs, and "env", the settings in use.
set -euo pipefail
umask 077
PATH=$PATH:/usr/sbin:/sbin

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
run_dir=$(realpath -ms "${RUN_DIR:-$root/.run}")
binary=$(realpath -m "${BINARY:-$root/build/casework}")
bind=${BIND:-127.0.0.1}
bind=${bind//[][]/}
port=${PORT:-8080}
url=		# where it is reached from this machine
worker_port=	# of the worker's /metrics

begun=()	# what this call has started and an error must stop
service=	# process id of the service that this call has started
worker=		# and of its worker
database_url=
owner_url=

# Settings of the caller's own psql must not lead ours elsewhere.
unset PGHOST PGHOSTADDR PGPORT PGDATABASE PGUSER PGPASSWORD PGSERVICE \
	PGOPTIONS PGPASSFILE PGTZ PGDATESTYLE PGCLIENTENCODING

fail() {
	echo "casework: $*" >&2
	exit 1
}

# shellcheck source=api/run/place.sh
. "$root/api/run/place.sh"
# shellcheck source=api/run/cluster.sh
. "$root/api/run/cluster.sh"
url=$(url_of "$bind" "$port")

# ---- its settings -----------------------------------------------------------

# Secrets are made once and kept. The service gets the public half of the key
# that `make token` signs with; a secret, which tests sign with, only if it is to
# accept one (TOKEN_HS256).
make_keys() {
	local name keys

	[[ -e $state/token.pem ]] ||
		"$root/api/run/token.sh" new | put token.pem
	keys=$("$root/api/run/token.sh" public <"$state/token.pem")
	if [[ ${TOKEN_HS256:-} == allow ]]; then
		[[ -e $state/token.secret ]] || head -c 32 /dev/urandom |
			base64 -w 0 | tr '+/' '-_' | tr -d = | put token.secret
		keys+=',{"kid":"dev-2","alg":"HS256","secret":"'
		keys+="$(<"$state/token.secret")\"}"
	fi
	echo "{\"keys\":[$keys]}" | put keys.json
	for name in cursor context status; do
		[[ -e $state/$name.key ]] ||
			head -c 48 /dev/urandom | base64 -w 0 | put "$name.key"
	done
}

# What service and worker are given. Other settings of theirs come through as
# they are in the environment.
export_settings() {
	export BIND=$bind PORT=$port
	export DATABASE_URL=$database_url PGPASSFILE=$state/pgpass
	export KEYS_FILE=${KEYS_FILE:-$state/keys.json}
	export CURSOR_KEY_FILE=${CURSOR_KEY_FILE:-$state/cursor.key}
	export CONTEXT_KEY_FILE=${CONTEXT_KEY_FILE:-$state/context.key}
	export LOG_FILE=${LOG_FILE:-$state/casework.log}
	export PID_FILE=$state/casework.pid
	export WORKER_PORT=$worker_port WORKER_BIND=${WORKER_BIND:-127.0.0.1}
	WORKER_URL=$(url_of "$WORKER_BIND" "$worker_port")
	export WORKER_URL
	export MAIL_DIR=${MAIL_DIR:-$state/mail}
	export STATUS_DIR=${STATUS_DIR:-$state/status}
	export STATUS_KEY_FILE=${STATUS_KEY_FILE:-$state/status.key}
}

save_settings() {
	local name

	export OWNER_URL=$owner_url CASEWORK_URL=${PUBLIC_URL:-$url}
	for name in BIND PORT DATABASE_URL OWNER_URL PGPASSFILE KEYS_FILE \
		CURSOR_KEY_FILE CONTEXT_KEY_FILE LOG_FILE PID_FILE CASEWORK_URL PUBLIC_URL \
		TOKEN_ISSUER TOKEN_AUDIENCE TOKEN_HS256 TOKEN_MAX_LIFE WORKER_BIND WORKER_PORT WORKER_URL MAIL_DIR \
		STATUS_DIR STATUS_KEY_FILE; do
		[[ -z ${!name:-} ]] ||
			printf "%s='%s'\n" "$name" "${!name//\'/\'\\\'\'}"
	done | put env
	unset OWNER_URL
}

# ---- the service ------------------------------------------------------------

# Processes of service and worker, or of one of them, known by the binary they
# run: each instance has its own.
service_pids() {
	find /proc/[0-9]*/exe -maxdepth 0 \
		\( -lname "$state/bin/${1:-casework*}" \
		-o -lname "$state/bin/${1:-casework*} (deleted)" \) \
		2>/dev/null | cut -d / -f 3 || true
}

install_binaries() {
	local name

	"${as[@]}" mkdir -p "$state/bin"
	for name in casework casework-worker; do
		[[ -x ${binary%/*}/$name ]] ||
			fail "${binary%/*}/$name is not built: make build"
		put "bin/$name.new" <"${binary%/*}/$name"
		"${as[@]}" chmod 700 "$state/bin/$name.new"
		"${as[@]}" mv "$state/bin/$name.new" "$state/bin/$name"
	done
}

# start_program NAME COMMAND URL: returns once URL/readyz is 200; its process id
# is in started.
# shellcheck disable=SC2016
start_program() {
	local tries

	# setsid: Ctrl-C is for this script, which stops things in order.
	"${as[@]}" setsid sh -c \
		'cd "$0" && exec "bin/$1" "$2" >"$1.err" 2>&1 </dev/null' \
		"$state" "$1" "$2" {lock}>&- &
	started=$!
	for ((tries = 0; tries < 600; tries++)); do
		curl -fs -o /dev/null -m 2 "$3/readyz" && return
		kill -0 "$started" 2>/dev/null ||
			fail "$1 did not start: $(last_words "$1")"
		sleep 0.05
	done
	fail "$1 is not ready after 30 seconds; see its log in $state"
}

start_services() {
	begun=(service "${begun[@]}")
	start_program casework serve "$url"
	service=$started
	[[ ${WORKER:-1} != 0 ]] || return 0
	PUBLIC_URL=${PUBLIC_URL:-$url} LOG_FILE=$state/worker.log \
		start_program casework-worker run "$WORKER_URL"
	worker=$started
}

# Workers of Kore whose parent was killed are no service, nor is one without
# its casework-worker: they are ended.
service_runs() {
	local pids parent=none

	pids=$(service_pids)
	[[ -n $pids ]] || return 1
	read -r parent 2>/dev/null <"$state/casework.pid" || true
	grep -qx "$parent" <<<"$pids" &&
		[[ ${WORKER:-1} == 0 || -n $(service_pids casework-worker) ]] &&
		return
	stop_service
	return 1
}

stop_service() {
	local pids tries limit

	limit=$((20 * (${DRAIN_SECONDS:-10} + 5)))
	for ((tries = 0; tries <= limit; tries++)); do
		readarray -t pids < <(service_pids)
		((${#pids[@]} > 0)) || return 0
		# Kore's workers follow their parent, or are alone when it was
		# killed.
		if ((tries == 0)); then
			kill -TERM "${pids[@]}" 2>/dev/null || true
		fi
		sleep 0.05
	done
	echo "casework: the service did not drain, killing it" >&2
	kill -KILL "${pids[@]}" 2>/dev/null || true
}

# ---- commands ---------------------------------------------------------------

# A database that is migrated and has the demonstration data.
bring_up_database() {
	local role

	put sql.new </dev/null
	if [[ -n ${DATABASE_URL:-} ]]; then
		given_database
	else
		private_database
	fi
	for role in "${roles[@]}"; do	# set_passwords gives them theirs
		role=${role^^}_PASSWORD
		export "$role=${!role:-}"
	done
	CONTEXT_KEY_FILE=${CONTEXT_KEY_FILE:-$state/context.key} \
		DATABASE_URL=$owner_url "$root/sql/migrate.sh" 2>&1 |
		put migrate.log ||
		fail "the migration failed: $(first_error)"
	[[ ${DEMO:-1} == 0 ]] || sql "$owner_url" -f "$root/sql/demo.sql" 2>&1 |
		put migrate.log ||
		fail "the demonstration data was refused: $(first_error)"
	"${as[@]}" mv "$state/sql.new" "$state/sql"	# newer than what it read
	set_passwords
}

first_error() {
	grep -m 1 -E 'ERROR|error|FATAL' "$state/migrate.log" ||
		last_line migrate.log
}

# Undoes what a failed start, or a run that ends, has begun.
abandon() {
	local status=$? part

	trap '' INT TERM HUP
	for part in "${begun[@]}"; do
		"stop_$part"
	done
	exit "$status"
}

# Starts everything, unless it runs already: then service stays empty.
bring_up() {
	if find_instance; then
		lock_instance
		service_runs && return
	fi
	check_port
	worker_port=${WORKER_PORT:-$(free_port_from $((port + 1000)))}
	find_instance || make_instance
	lock_instance
	service_runs && return
	trap abandon EXIT
	trap 'exit 0' INT TERM HUP
	make_keys
	bring_up_database
	install_binaries
	export_settings
	save_settings
	start_services
}

# The service that runs already answers, or this says why not. A PostgreSQL of
# its own that has died is started again: the service finds it by itself.
check_running() {
	local tries ready

	load_instance
	if [[ $DATABASE_URL == *host="$(url_encode "$(cluster_socket)")" ]] &&
		! cluster_pid >/dev/null; then
		echo "its PostgreSQL has ended; starting it again"
		start_cluster
	fi
	ready=$(url_of "$BIND" "$PORT")/readyz
	for ((tries = 0; tries < 600; tries++)); do
		curl -fs -o /dev/null -m 2 "$ready" && return
		sleep 0.05
	done
	fail "casework runs, but $ready is not 200; see $LOG_FILE"
}

start() {
	bring_up
	begun=()
	if [[ -n $service ]]; then
		echo "casework serves $url; make stop ends it"
	else
		check_running
		echo "casework already serves ${CASEWORK_URL:-}"
	fi
}

# For whoever changes the sources: start, with what is built now.
renew() {
	if find_instance; then
		lock_instance
		is_current || stop_service
	fi
	start
}

# Whether it runs the binaries that are built, on the SQL as it is.
is_current() {
	local name

	for name in casework casework-worker; do
		"${as[@]}" cat "$state/bin/$name" 2>/dev/null |
			cmp -s - "${binary%/*}/$name" || return
	done
	[[ -e $state/sql && -z $(find "$root/sql" -newer "$state/sql" \
		-print -quit) ]]
}

run() {
	local status=0 name=casework-worker

	bring_up
	[[ -n $service ]] || fail "it runs already: make stop"
	exec {lock}<&-
	show_examples
	wait -n "$service" ${worker:+"$worker"} || status=$?
	kill -0 "$service" 2>/dev/null || name=casework
	fail "$name ended with status $status: $(last_words "$name")"
}

show_examples() {
	local token="make -s -C $root" bearer

	[[ $run_dir == "$root/.run" ]] || token+=" RUN_DIR=$run_dir"
	bearer="-H \"Authorization: Bearer \$($token token AS=contact:1)\""
	cat <<-EXAMPLES
		casework serves $url; Ctrl-C ends it. Its mails are in $MAIL_DIR/new,
		the worker's figures at $WORKER_URL/metrics. In another terminal:

		curl $url/v1/calendar
		curl $bearer '$url/v1/cases?limit=5'
		curl $bearer -H 'Content-Type: application/json' -d '{"subject": "Grade book does not save", "description": "Saving a score shows an error.", "replication_steps": "Open a section, enter a score, save.", "priority": "high"}' $url/v1/cases

	EXAMPLES
}

stop() {
	find_instance || return 0
	lock_instance
	stop_service
	stop_cluster
	if grep -sqE 'ERROR: (Address|Leak)Sanitizer|: runtime error: ' \
		"$state"/casework*.err; then
		grep -m 20 -E -A 12 'Sanitizer|: runtime error: ' \
			"$state"/casework*.err >&2
		fail "a sanitizer found something; see $state/casework*.err"
	fi
}

remove() {
	find_instance || return 0
	stop
	cd /
	[[ ! -L $state/socket ]] || rm -rf "$(cluster_socket)"
	rm -rf "$state"
	[[ ! -L $run_dir ]] || rm "$run_dir"
}

token() {
	[[ -n ${AS:-} ]] || fail "whose token? make token AS=contact:1"
	load_instance
	exec "$root/api/run/token.sh" mint "$AS" "${SCOPES:-}" \
		<"$state/token.pem"
}

psql_as_owner() {
	load_instance
	if [[ -n ${SQL:-} ]]; then
		sql "$OWNER_URL" -c "$SQL"
	else
		exec psql -X "$OWNER_URL"
	fi
}

data() {
	[[ ${CASES:=200000} =~ ^[1-9][0-9]{0,7}$ ]] ||
		fail "CASES=$CASES: use a whole number"
	load_instance
	sql "$OWNER_URL" -v cases="$CASES" -f "$root/sql/generate.sql"
}

check() {
	find_instance || make_instance
	lock_instance
	trap abandon EXIT
	[[ -e $state/keys.json ]] || make_keys
	bring_up_database
	export_settings
	"$binary" check
}

case ${1:-} in
run | start | renew | stop | remove | token | data | check) "$1" ;;
psql) psql_as_owner ;;
*) fail "usage: api/run/instance.sh run|start|renew|stop|remove|token|psql|data|" \
	"check" ;;
esac
