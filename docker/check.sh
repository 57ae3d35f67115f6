#!/bin/bash
# Builds the Dockerfile without Docker and tries the image: as root, with
# buildah, on a base that mmdebstrap makes from this machine's own apt sources.
# About two minutes; everything is in a temporary directory.
#
# In the image: the binary runs, as its own user, there is no compiler, and
# nothing that makes tokens. Then what compose.yaml does: secrets.sh, a PostgreSQL
# on TCP, migrate.sh, service and worker with their secrets: each becomes healthy,
# answers, ends on SIGTERM. ha/ has an image of its own, of Debian's packages.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
port=18081
worker_port=18083
db_port=18432
work=
container=
program=	# process id of what is being checked

fail() {
	echo "casework: $*" >&2
	exit 1
}

build_tool() {
	buildah --storage-driver vfs --root "$work/storage" \
		--runroot "$work/run" "$@"
}

in_image() {
	build_tool run --isolation chroot "$@"
}

end() {
	local status=$?

	trap '' INT TERM
	stop_programs
	database pg_ctl -D "$work/db" -s -m immediate stop 2>/dev/null || true
	[[ -z $container ]] || build_tool rm --all >/dev/null || true
	rm -rf "$work"
	exit "$status"
}

make_base() {
	echo "making a base like debian:12-slim"
	mmdebstrap --quiet --variant=minbase bookworm "$work/base"
	container=$(build_tool from scratch)
	build_tool add --quiet "$container" "$work/base" / >/dev/null
	build_tool commit --quiet "$container" debian:12-slim >/dev/null
	rm -rf "$work/base"
}

build_image() {
	echo "building docker/Dockerfile"
	build_tool build --isolation chroot --pull-never --format docker \
		--ignorefile "$root/docker/Dockerfile.dockerignore" \
		--file "$root/docker/Dockerfile" --tag casework \
		--build-arg COMMIT=c0ffee0 "$root" \
		>"$work/build.log" 2>&1 ||
		{ tail -n 30 "$work/build.log" >&2; fail "the build failed"; }
	container=$(build_tool from --pull-never casework)
}

check_image() {
	local tools='gcc cc clang make as ld'

	in_image "$container" -- casework help >/dev/null
	in_image "$container" -- casework-worker help >/dev/null
	in_image "$container" -- casework version |
		grep -q '(commit c0ffee0)$' ||
		fail "the programs do not say of which commit they are"
	[[ $(in_image "$container" -- id -un) == casework ]] ||
		fail "the image runs as another user than casework"
	in_image "$container" -- sh -c "! command -v $tools" ||
		fail "the image has a compiler or its tools"
	check_minting
	build_tool inspect --type image casework |
		grep -q healthy.sh || fail "the image has no health check"
}

# The image verifies tokens and makes none: no command, no function of its own
# that signs, no key that could (tests hold that HS256 is refused by default).
check_minting() {
	local said place

	said=$(in_image "$container" -- casework token contact:1 2>&1) &&
		fail "the image has the command token"
	[[ $said == *"no command token"* ]] ||
		fail "casework token said: $said"
	place=$(build_tool mount "$container")
	! grep -qaE 'auth_mint|auth_sign([^a]|$)|jwt_(encode|sign)' \
		"$place"/usr/local/bin/casework* ||
		fail "the programs have a function that signs tokens"
	[[ -z $(find "$place" -xdev \( -name token.sh -o -name '*token_key*' \)) ]] ||
		fail "the image has what makes tokens"
	build_tool umount "$container" >/dev/null
}

# As the account that Debian's package made; the server refuses root.
database() {
	setpriv --reuid postgres --regid postgres --init-groups \
		env -C / "/usr/lib/postgresql/15/bin/$1" "${@:2}"
}

start_database() {
	install -d -o postgres -g postgres "$work/db"
	database initdb -D "$work/db" -U postgres --encoding=UTF8 \
		--auth=scram-sha-256 --pwfile="$work/secrets/owner_password" \
		>/dev/null
	database pg_ctl -D "$work/db" -s -w -l "$work/db/log" \
		-o "-p $db_port -h 127.0.0.1 -k $work/db -c max_connections=200" \
		start
	PGPASSWORD=$(<"$work/secrets/owner_password") psql -q \
		"postgresql://postgres@127.0.0.1:$db_port/postgres" \
		-c "create database casework"
	SECRETS=$work/secrets SQL=$root/sql \
		DATABASE_URL=postgresql://postgres@127.0.0.1:$db_port/casework \
		"$root/docker/migrate.sh"
}

# Both programs as compose.yaml runs them: start_program NAME COMMAND PORT.
start_program() {
	in_image --env "PORT=$3" --env "WORKER_PORT=$3" --env BIND=127.0.0.1 \
		--env "DATABASE_URL=postgresql://127.0.0.1:$db_port/casework" \
		--env KEYS_FILE=/run/secrets/keys_json \
		--env CURSOR_KEY_FILE=/run/secrets/cursor_key \
		--env CONTEXT_KEY_FILE=/run/secrets/context_key \
		--env MAIL_DIR=/var/mail/casework \
		--volume "$work/secrets:/run/secrets:ro" "$container" -- \
		/usr/local/lib/casework/entrypoint.sh "$1" "$2" \
		>"$work/$1.log" 2>&1 &
	program=$!
}

stop_programs() {
	local pids

	readarray -t pids < <(find /proc/[0-9]*/exe -maxdepth 0 \
		-lname '*/rootfs/usr/local/bin/casework*' 2>/dev/null |
		cut -d / -f 3)
	((${#pids[@]} == 0)) || kill "${pids[@]}" 2>/dev/null || true
}

# check_program NAME COMMAND PORT PATH [WORKER]: it becomes healthy, answers, and
# ends. A worker has a port of its own.
check_program() {
	local tries

	start_program "$1" "$2" "$3"
	for ((tries = 0; tries < 50; tries++)); do
		in_image --env "PORT=$3" --env "WORKER_PORT=$3" "$container" -- \
			/usr/local/lib/casework/healthy.sh "${@:5}" 2>/dev/null && break
		kill -0 "$program" 2>/dev/null || break
		sleep 0.2
	done
	curl -fsS -o /dev/null "http://127.0.0.1:$3$4" ||
		fail "$1 is not healthy: $(tail -n 3 "$work/$1.log")"
	stop_programs
	wait "$program" || fail "$1 ended with status $?"
}

((EUID == 0)) || fail "docker/check.sh needs root"
"$root/api/run/packages.sh" image run
work=$(mktemp -d /var/tmp/casework-image-XXXXXXXX)
chmod 755 "$work"
trap end EXIT
trap 'exit 130' INT TERM
make_base
build_image
check_image
"$root/docker/secrets.sh" "$work/secrets" >/dev/null
chmod 755 "$work/secrets"
start_database
grep -q PRIVATE "$work/secrets/keys_json" &&
	fail "the service is given a key that signs"
check_program casework serve "$port" /v1/calendar
check_program casework-worker run "$worker_port" /metrics worker
echo "the image builds, has no compiler, makes no tokens, runs as casework and" \
	"becomes healthy"
