#!/bin/bash
# Installs, configures, starts, upgrades and removes the package, as an operator
# would, on a Debian 12 of its own: a root that mmdebstrap makes, booted by
# systemd-nspawn without a network. It is upgraded from the version before, which
# tests/previous names. About two minutes, as root; everything is in a temporary
# directory. BASE=DIRECTORY is a root that has been made before, or is to stay
# as it was made.
# shellcheck disable=SC2016
set -euo pipefail
PATH=$PATH:/usr/sbin:/sbin

repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
work=
leader=		# the init of the machine
nspawn=
previous=$(head -c 7 "$repository/tests/previous")
api=http://127.0.0.1:8080

fail() {
	echo "casework: $*" >&2
	exit 1
}

# Something that is checked: say what, then a command that must succeed.
check() {
	local what=$1

	shift
	"$@" >"$work/said" 2>&1 || {
		cat "$work/said" >&2
		fail "package: not so: $what"
	}
	echo "  $what"
}

# In the machine, as its root.
inside() {
	nsenter --target "$leader" --all --wdns=/ env -i \
		PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 \
		DEBIAN_FRONTEND=noninteractive "$@"
}

inside_shell() {
	inside bash -euo pipefail -c "$1" "${@:2}"
}

within() {
	local tries

	for ((tries = 0; tries < 600; tries++)); do
		"$@" >/dev/null 2>&1 && return
		sleep 0.1
	done
	"$@"
}

end() {
	local status=$?

	trap '' INT TERM
	if [[ -n $nspawn ]]; then
		if ((status != 0)) && [[ -n $leader ]]; then
			inside journalctl --no-pager -n 40 -p notice >&2 || true
		fi
		end_machine 2>/dev/null || true
		wait "$nspawn" || true
	fi
	rm -rf --one-file-system "$work"
	exit "$status"
}

make_root() {
	local base=${BASE:-$root}

	[[ -e $base/etc/debian_version ]] || make_base "$base"
	[[ $base == "$root" ]] || cp -a "$base" "$root"
}

make_base() {
	echo "making a Debian 12"
	mmdebstrap --quiet --variant=minbase --include="systemd-sysv,dbus,$(
		)postgresql-15,logrotate,curl,ca-certificates,openssl,$(
		)libcurl4,libjansson4,libpq5,libssl3,man-db,procps" bookworm "$1"
}

boot() {
	cp "$@" "$root/root/"
	systemd-nspawn --quiet --register=no --keep-unit --private-network \
		--boot --directory "$root" </dev/null >"$work/console" 2>&1 &
	nspawn=$!
	within find_leader || {
		tail -n 20 "$work/console" >&2
		fail "the machine does not boot"
	}
	within inside systemctl is-active --quiet multi-user.target
	check "a machine of its own has booted" \
		inside systemctl is-active postgresql@15-main
}

find_leader() {
	local child space

	child=$(pgrep -P "$nspawn" | head -n 1)
	# Its first child makes the second, which is the init, and is gone.
	space=$(readlink "/proc/$child/ns/pid") || return
	[[ $space != "$(readlink /proc/self/ns/pid)" ]] && leader=$child
}

# An init ends at once on this signal, and all others with it; where there is
# none yet, or none that listens, nspawn is ended, and they with it.
end_machine() {
	local tries

	if [[ -z $leader ]] || ! kill -s RTMIN+14 "$leader"; then
		kill "$nspawn"
	fi
	for ((tries = 0; tries < 300; tries++)); do
		kill -0 "$nspawn" || return 0
		sleep 0.1
	done
	kill -KILL "$nspawn"
}

# Programs and SQL of the version before, in this package with another number:
# what is around them may be newer, as there may have been no package then.
make_previous() {
	local at=$work/previous tree

	tree=$("$repository/tests/support/previous.sh") ||
		fail "the version before is not to be had (tests/previous)"
	dpkg-deb -R "$package" "$at"
	sed -i 's/^Version: .*/Version: 0.0.1/' "$at/DEBIAN/control"
	install "$tree"/build/casework{,-worker} "$at/usr/bin"
	strip --strip-unneeded "$at"/usr/bin/*
	rm -r "$at"/usr/share/casework/sql/*
	cp -r "$tree"/sql/{migrate.sh,demo.sql,restored.sql,rules,schema} \
		"$at/usr/share/casework/sql"
	(cd "$at" && find usr -type f -exec md5sum {} + >DEBIAN/md5sums)
	dpkg-deb --root-owner-group -b "$at" "$work/casework_0.0.1.deb" >/dev/null
	rm -rf "$at"
}

# Both programs that serve are of this commit.
is_of() {
	local port

	for port in 8080 8081; do
		inside curl -fsS "http://127.0.0.1:$port/metrics" |
			grep "^casework_build_info{.*commit=\"$1" || return
	done
}

install_package() {
	inside apt-get -q -y --no-install-recommends install "/root/$1"
}

is_state() {
	[[ $(inside systemctl show -P "$2" "$1") == "$3" ]]
}

status_of() {
	inside curl -s -o /dev/null -w '%{http_code}' "$api$1" "${@:2}"
}

is_status() {
	local got

	got=$(status_of "${@:2}")
	[[ $got == "$1" ]] || {
		echo "$got"
		return 1
	}
}

ready() {
	is_status 200 /readyz && inside curl -fs -o /dev/null \
		http://127.0.0.1:8081/readyz
}

pids() {
	inside systemctl show -P MainPID casework casework-worker
}

installed() {
	check "the package installs" install_package casework_0.0.1.deb
	check "its account is there" inside id casework
	check "nothing has been started or enabled" inside_shell '
		for unit in casework casework-worker; do
			[[ $(systemctl is-active $unit) == inactive ]]
			[[ $(systemctl is-enabled $unit) == disabled ]]
		done'
	check "the units are sound" inside systemd-analyze verify --man=yes \
		casework.service casework-worker.service
	check "the manual pages are found" inside_shell '
		for page in casework.1 casework-worker.1 casework-migrate.8 \
			casework-secrets.8; do
			[[ -e $(man -w ${page#*.} ${page%.*}) ]]
		done'
	check "root is refused" inside_shell '
		set -a; . /etc/casework/casework.env; set +a
		! said=$(casework serve 2>&1) && [[ $said == *RUN_AS_ROOT* ]]'
}

configured() {
	check "secrets are made" inside casework-secrets
	check "they are the account's alone" inside_shell '
		cd /etc/casework
		for file in *.key pgpass keys.json; do
			[[ $(stat -c %U:%a $file) == casework:600 ]]
		done'
	inside runuser -u postgres -- createdb casework
	check "the database is made" inside casework-migrate
	check "demonstration data is loaded" inside runuser -u postgres -- \
		psql -Xq -v ON_ERROR_STOP=1 -d casework \
		-f /usr/share/casework/sql/demo.sql
	check "the issuer's keys are put in their place" put_keys
	check "document, statements and database agree" agree
	inside sed -i 's/^#LOG_LINES=.*/LOG_LINES=100/' /etc/casework/casework.env
}

agree() {
	inside_shell 'set -a; . /etc/casework/casework.env; set +a
		runuser -u casework -- casework check'
}

not_of() {
	! is_of "$1"
}

# To the case that was submitted.
wrote() {
	local case

	case=/v1/cases/$(jq .id "$work/case")
	is_status 200 "$case" -H "Authorization: Bearer $token" &&
		is_status 201 "$case/notes" -H "Authorization: Bearer $token" \
			-H 'Content-Type: application/json' \
			-d '{"text": "It goes on."}'
}

put_keys() {
	local sh=$repository/api/run/token.sh

	"$sh" new >"$work/token.pem"
	inside_shell 'cat >/etc/casework/keys.json' <<-JSON
		{"keys":[$("$sh" public <"$work/token.pem")]}
	JSON
	token=$(mint contact:1)
}

mint() {
	"$repository/api/run/token.sh" mint "$1" <"$work/token.pem"
}

submitted() {
	inside curl -fsS "$api/v1/cases" -H "Authorization: Bearer $token" \
		-H 'Content-Type: application/json' -d '{"priority": "high",
			"subject": "Grades cannot be posted",
			"description": "Posting ends in an error.",
			"replication_steps": "Open the grade book, post."}' \
		>"$work/case"
}

started() {
	check "both programs start, and say that they are ready" \
		inside systemctl enable --now casework casework-worker
	check "they are" within ready
	check "of the version before" is_of "$previous"
	check "a contact submits a case" submitted
	check "an advisor answers" is_status 201 \
		"/v1/cases/$(jq .id "$work/case")/notes" \
		-H "Authorization: Bearer $(mint staff:1)" \
		-H 'Content-Type: application/json' \
		-d '{"text": "We look into it.", "visibility": "public"}'
	check "a mail of it is sent" within inside_shell \
		'grep -rqs Subject /var/lib/casework/mail/new'
	check "the status page is written" within inside \
		test -s /var/lib/casework/status/index.html
	check "the journal knows levels" inside_shell '
		for unit in casework casework-worker; do
			journalctl -q -u $unit -p 5..5 -o cat | grep worker_started
		done
		! journalctl -q -u casework -u casework-worker -p err -o cat |
			grep .'
	check "accounts and rights are those of the unit" inside_shell '
		for unit in casework casework-worker; do
			pid=$(systemctl show -P MainPID $unit)
			[[ $(stat -c %U /proc/$pid) == casework ]]
			grep -q "^NoNewPrivs:.1$" /proc/$pid/status
			grep -q "^Seccomp:.2$" /proc/$pid/status
			grep -Eq "^CapBnd:.0+$" /proc/$pid/status
		done'
}

# A process that stands still feeds no watchdog.
watched() {
	inside_shell 'for unit in casework casework-worker; do
			mkdir -p /run/systemd/system/$unit.service.d
			printf "[Service]\nWatchdogSec=3\n" \
				>/run/systemd/system/$unit.service.d/watchdog.conf
		done
		systemctl daemon-reload
		systemctl restart casework casework-worker'
	check "they live by their watchdog" within ready
	inside_shell 'pkill -STOP -P $(systemctl show -P MainPID casework)
		kill -STOP $(systemctl show -P MainPID casework-worker)'
	check "a service whose process hangs is started again" \
		within is_state casework NRestarts 1
	check "so is a worker" within is_state casework-worker NRestarts 1
	check "both are well" within ready
	check "neither was started again for nothing" inside_shell '
		for unit in casework casework-worker; do
			[[ $(systemctl show -P NRestarts $unit) == 1 ]]
		done'
	inside_shell 'rm -r /run/systemd/system/casework*.service.d
		systemctl daemon-reload'
}

rotated() {
	inside_shell 'for unit in casework casework-worker; do
			sed -i "s|^#LOG_FILE=.*|LOG_FILE=/var/log/casework/$unit.log|" \
				/etc/casework/$unit.env
		done
		systemctl restart casework casework-worker'
	check "the log is a file" within ready
	check "logrotate takes it" inside logrotate -f /etc/logrotate.d/casework
	check "the programs go on in a new one" within inside_shell '
		cd /var/log/casework
		curl -s -o /dev/null '"$api"'/v1/calendar
		grep -q worker_started casework.log.1
		grep -q worker_started casework-worker.log.1
		grep -q "\"operation\":\"get_calendar\"" casework.log
		for pid in $(ps -u casework -o pid=); do
			! ls -l /proc/$pid/fd | grep -q "log.1$"
		done'
}

upgraded() {
	local before after

	before=$(pids)
	check "a new version installs" install_package "${package##*/}"
	check "settings are as they were" inside grep -q ^LOG_LINES=100 \
		/etc/casework/casework.env
	check "the version before goes on serving" ready
	check "the new programs say what the database lacks" inside_shell '
		set -a; . /etc/casework/casework.env; set +a
		! said=$(runuser -u casework -- casework check 2>&1)
		[[ $said == *"run the migrate.sh of this version"* ]]'
	check "the database is updated meanwhile" inside casework-migrate
	check "the version before serves that too" within ready
	check "its contact reads and writes" wrote
	after=$(pids)
	check "by the same processes" test "$before" = "$after"
	check "which are what they were" is_of "$previous"
	inside systemctl restart casework casework-worker
	check "the new version serves" within ready
	check "by other programs" not_of "$previous"
	check "the same contact reads and writes" wrote
	check "document, statements and database agree" agree
}

removed() {
	check "the package is removed" inside apt-get -q -y remove casework
	check "nothing of it runs" inside_shell '
		for unit in casework casework-worker; do
			[[ $(systemctl is-active $unit) != active ]]
		done
		[[ -z $(ps -u casework -o pid=) ]]'
	check "settings and secrets are left" inside test -s \
		/etc/casework/casework.env -a -s /etc/casework/context.key
	check "it is purged" inside apt-get -q -y purge casework
	check "and leaves what an operator has made" inside_shell '
		! [[ -e /etc/casework/casework.env || -e /var/log/casework ]]
		! systemctl cat casework 2>/dev/null
		[[ -s /etc/casework/context.key && -d /var/lib/casework/mail ]]'
}

((EUID == 0)) || fail "tests/package/run.sh needs root"
package=$(find "$repository/build/deb" -name 'casework_*.deb')
[[ -e $package ]] || fail "there is no package: make deb"
work=$(mktemp -d /var/tmp/casework-package-XXXXXXXX)
root=$work/root
trap end EXIT
trap 'exit 130' INT TERM
make_root
make_previous
boot "$package" "$work/casework_0.0.1.deb"
installed
configured
started
upgraded
watched
rotated
removed
echo "the package installs, serves, is watched, upgraded and removed"
