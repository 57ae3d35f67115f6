#!/bin/bash
# Builds the Dockerfile without Docker and tries the image: as root, with
# buildah, on a base that mmdebstrap makes from this machine's own apt sources.
# About two minutes; everything is in a temporary directory.
#
# In the image: the binary runs, as its own user; there is no compiler; the
# service becomes healthy on a PostgreSQL of this machine and ends on SIGTERM.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
work=
container=

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
	RUN_DIR=$work/instance "$root/api/instance.sh" remove || true
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
		--file "$root/docker/Dockerfile" --tag casework "$root" \
		>"$work/build.log" 2>&1 ||
		{ tail -n 30 "$work/build.log" >&2; fail "the build failed"; }
	container=$(build_tool from --pull-never casework)
}

check_image() {
	local tools='gcc cc clang make as ld'

	in_image "$container" -- casework help >/dev/null
	[[ $(in_image "$container" -- id -un) == casework ]] ||
		fail "the image runs as another user than casework"
	in_image "$container" -- sh -c "! command -v $tools" ||
		fail "the image has a compiler or its tools"
	build_tool inspect --type image casework |
		grep -q healthy.sh || fail "the image has no health check"
}

# An instance of this machine lends its database, keys and passwords.
check_service() {
	local run=$work/instance service tries

	PORT=18080 RUN_DIR=$run BINARY=$work/casework \
		"$root/api/instance.sh" start >/dev/null
	# shellcheck source=/dev/null
	. "$run/env"
	install -m 644 "$KEYS_FILE" "$CURSOR_KEY_FILE" "$PGPASSFILE" "$work/lent"
	chmod 755 "$run" "$run/socket"
	in_image --env PORT=18081 --env BIND=127.0.0.1 \
		--env "DATABASE_URL=postgresql:///casework?host=/socket" \
		--env KEYS_FILE=/lent/keys.json \
		--env CURSOR_KEY_FILE=/lent/cursor.key \
		--env PGPASS_SECRET=/lent/pgpass \
		--volume "$run/socket:/socket:rw" \
		--volume "$work/lent:/lent:ro" "$container" -- \
		/usr/local/lib/casework/entrypoint.sh serve \
		>"$work/service.log" 2>&1 &
	service=$!
	for ((tries = 0; tries < 100; tries++)); do
		in_image --env PORT=18081 "$container" -- \
			/usr/local/lib/casework/healthy.sh 2>/dev/null && break
		kill -0 "$service" 2>/dev/null || break
		sleep 0.2
	done
	if ((tries == 100)) || ! kill -0 "$service" 2>/dev/null; then
		fail "the service is not healthy: $(tail -n 3 "$work/service.log")"
	fi
	kill "$service"
	wait "$service" || true
}

((EUID == 0)) || fail "docker/check.sh needs root"
"$root/api/packages.sh" image run
work=$(mktemp -d /var/tmp/casework-image-XXXXXXXX)
chmod 755 "$work"
mkdir "$work/lent"
trap end EXIT
trap 'exit 130' INT TERM
make_base
build_image
check_image
build_tool run --isolation chroot "$container" -- \
	cat /usr/local/bin/casework >"$work/casework"
chmod 755 "$work/casework"
check_service
echo "the image builds, has no compiler, runs as casework and becomes healthy"
