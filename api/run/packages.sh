#!/bin/bash
# Installs the Debian packages that are missing, and does nothing when none
# is: one look at dpkg's list, about 20 ms.
#
#   api/run/packages.sh SET...        sets: make build unit run test ha lint bench fuzz image deb package
#
# SKIP_PACKAGES=1 leaves out the look: for systems that are not Debian.
set -euo pipefail
PATH=$PATH:/usr/sbin:/sbin

declare -A sets=(
	[make]="make"
	[build]="kore libpq-dev libjansson-dev libssl-dev
		libcurl4-openssl-dev gcc libc6-dev python3-yaml unicode-data"
	[unit]="libjwt-dev"
	[run]="postgresql-15 curl ca-certificates jq"
	[test]="python3-pytest python3-pytest-xdist python3-requests python3-jsonschema
		python3-hypothesis python3-yaml python3-jwt
		python3-cryptography python3-aiosmtpd haproxy openssl jq
		chromium chromium-driver python3-selenium strace nodejs pgbouncer
		openapi-specification"
	[ha]="patroni etcd-server python3-etcd python3-aiosmtpd haproxy iproute2
		util-linux openssl"
	[lint]="clang clang-format clang-tidy shellcheck yamllint jq
		pyflakes3 haproxy openapi-specification python3-jsonschema
		systemd mandoc man-db prometheus"
	[bench]="wrk"
	[image]="buildah mmdebstrap"
	[deb]="debhelper dpkg-dev"
	[package]="mmdebstrap systemd-container"
	[fuzz]="clang libclang-rt-14-dev"
)
log=$(cd "$(dirname "$0")/../.." && pwd)/build/packages.log

fail() {
	echo "casework: $*" >&2
	exit 1
}

missing() {
	dpkg-query -W -f '${Package} ${db:Status-Status}\n' "$@" 2>/dev/null |
		awk -v wanted="$*" '
			$2 == "installed" { have[$1] = 1 }
			END {
				n = split(wanted, names, " ")
				for (i = 1; i <= n; i++)
					if (!(names[i] in have) && !seen[names[i]]++)
						print names[i]
			}'
}

# As root, whoever calls.
privileged() {
	if ((EUID == 0)); then
		"$@"
	else
		sudo "$@"
	fi
}

apt() {
	privileged env DEBIAN_FRONTEND=noninteractive apt-get -q -y \
		-o DPkg::Lock::Timeout=300 "$@" </dev/null >>"$log" 2>&1
}

install() {
	apt install --no-install-recommends "$@" ||
		{ apt update && apt install --no-install-recommends "$@"; }
}

# The package postgresql-15 would start a server of its own on port 5432.
without_main_cluster() {
	local drop_in=/etc/postgresql-common/createcluster.d/casework.conf
	local status=0

	privileged mkdir -p "${drop_in%/*}"
	echo "create_main_cluster = false" |
		privileged tee "$drop_in" >/dev/null
	"$@" || status=$?
	privileged rm -f "$drop_in"
	return "$status"
}

# What these packages would start, now and with the machine: of prometheus only
# promtool is wanted; the tests start an etcd, a Patroni and a PgBouncer of their own.
units=(prometheus etcd patroni pgbouncer)

without_services() {
	local policy=/usr/sbin/policy-rc.d ours='' status=0 unit

	if [[ ! -e $policy ]]; then
		ours=1
		printf '#!/bin/sh\nexit 101\n' |
			privileged install -m 755 /dev/stdin "$policy"
	fi
	"$@" || status=$?
	[[ -z $ours ]] || privileged rm -f "$policy"
	for unit in "${units[@]}"; do
		[[ ! " $* " =~ " $unit"(-server)?" " ]] ||
			privileged systemctl disable "$unit" >>"$log" 2>&1 || true
	done
	return "$status"
}

main() {
	local set wanted=() lacking how=(install)

	[[ -z ${SKIP_PACKAGES:-} ]] || return 0
	for set; do
		[[ -v sets[$set] ]] || fail "no package set is called $set"
		read -r -d '' -a lacking <<<"${sets[$set]}" || true
		wanted+=("${lacking[@]}")
	done
	command -v dpkg-query apt-get >/dev/null ||
		fail "this is not Debian: install what corresponds to" \
			"${wanted[*]}, then set SKIP_PACKAGES=1"

	# npm comes with some packages of nodejs, and as one of its own.
	[[ " ${wanted[*]} " != *" nodejs "* ]] || command -v npm >/dev/null ||
		wanted+=(npm)

	readarray -t lacking < <(missing "${wanted[@]}")
	((${#lacking[@]} > 0)) || return 0
	if ((EUID != 0)) && ! command -v sudo >/dev/null; then
		fail "packages are missing and there is no sudo; as root run:" \
			"apt-get install ${lacking[*]}"
	fi

	echo "installing ${#lacking[@]} packages (log: $log)" >&2
	mkdir -p "${log%/*}"
	date >>"$log"
	[[ " ${lacking[*]} " != *" postgresql-15 "* ]] ||
		how=(without_main_cluster "${how[@]}")
	[[ ! " ${lacking[*]} " =~ " "(prometheus|etcd-server|patroni|pgbouncer)" " ]] ||
		how=(without_services "${how[@]}")
	"${how[@]}" "${lacking[@]}" || fail "apt-get could not install ${lacking[*]}; see $log"
}

main "$@"
