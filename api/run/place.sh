# shellcheck shell=bash
# Where an instance is, whose it is, and its port: sourced by instance.sh,
# which sets root, run_dir, bind and port.
#
# Everything in RUN_DIR is written by an unprivileged account: the caller or,
# for root, "casework". Where that account cannot reach RUN_DIR (a clone in
# /root), the files are in /var/lib/casework, and RUN_DIR is a link to them.
# shellcheck disable=SC2034,SC2154

state=		# where the files of RUN_DIR are
as=()		# how to run something as the account that owns them

# Writes standard input to a file of the instance, as its account.
# shellcheck disable=SC2016
put() {
	"${as[@]}" sh -c 'umask 077; cat >"$0"' "$state/$1"
}

last_line() {
	"${as[@]}" grep -v '^[[:space:]]*$' "$state/$1" 2>/dev/null | tail -n 1
}

# shellcheck disable=SC2016
# What a program said before it ended: its last message, on one line.
last_words() {
	"${as[@]}" awk '/^casework: / { said = ""; sub(/^casework: /, "") }
		NF { said = said (said == "" ? "" : " ") $0 }
		END { print substr(said, 1, 500) }' "$state/$1.err"
}

use_account() {
	local account=$1

	if ((EUID != 0)); then
		[[ ! -e $state || -O $state ]] || fail "RUN_DIR=$run_dir is" \
			"another user's: choose another RUN_DIR"
		return
	fi
	as=(setpriv --reuid "$account" --regid "$account" --init-groups
		env "HOME=$state")
}

# Finds an instance that exists. 1 if there is none.
find_instance() {
	state=$(readlink -f "$run_dir") || return 1
	[[ -e $state/keys.json ]] || return 1
	use_account "$(stat -c %U "$state")"
	cd "$state" || return 1
}

# Makes its settings those of this process.
load_instance() {
	if ! find_instance || [[ ! -e $state/env ]]; then
		fail "nothing has run in RUN_DIR=$run_dir yet: make start"
	fi
	set -a
	# shellcheck source=/dev/null
	. "$state/env"
	set +a
}

# Makes the directory and, for root, the account.
make_instance() {
	state=$run_dir
	[[ ! -L $run_dir ]] || state=$(readlink -m "$run_dir")
	[[ ! -e $state || -z $(ls -A "$state") ]] ||
		fail "RUN_DIR=$run_dir holds other files: choose another"
	if ((EUID == 0)); then
		make_instance_of_root
	else
		use_account ''
		mkdir -p "$state"
	fi
	cd "$state" || exit
}

make_instance_of_root() {
	id casework >/dev/null 2>&1 || useradd --system --user-group \
		--home-dir /var/lib/casework --shell /usr/sbin/nologin \
		casework 2>/dev/null || id casework >/dev/null
	use_account casework
	(umask 022 && mkdir -p "${run_dir%/*}")
	if [[ ! -L $run_dir ]] &&
		! (cd / && "${as[@]}" test -x "${run_dir%/*}"); then
		state=/var/lib/casework/$(sha256sum <<<"$run_dir" | head -c 12)
		[[ ! -d $run_dir ]] || rmdir "$run_dir"
		ln -s "$state" "$run_dir"
		echo "$run_dir is closed to the account casework:" \
			"its files are in $state"
	fi
	use_account casework
	(umask 022 && mkdir -p "${state%/*}")
	install -d -m 700 -o casework -g casework "$state"
}

lock_instance() {
	[[ -z ${lock:-} ]] || return 0
	exec {lock}<"$state"
	flock -w 120 "$lock" ||
		fail "another command has been at work in $run_dir for 2 minutes"
}

# url_of ADDRESS PORT: where somebody on this machine reaches what listens there.
url_of() {
	local host=${1//[][]/}

	case $host in
	0.0.0.0) host=127.0.0.1 ;;
	::) host='[::1]' ;;
	*:*) host=[$host] ;;
	esac
	echo "http://$host:$2"
}

# The inode of a socket that listens on that port where ours would. /proc needs
# no tool.
port_taken() {
	local address=any

	if [[ $bind =~ ^([0-9]+)\.([0-9]+)\.([0-9]+)\.([0-9]+)$ ]]; then
		printf -v address '%02X%02X%02X%02X' "${BASH_REMATCH[4]}" \
			"${BASH_REMATCH[3]}" "${BASH_REMATCH[2]}" \
			"${BASH_REMATCH[1]}"
	elif [[ $bind == ::1 ]]; then
		address=00000000000000000000000001000000
	fi
	cat /proc/net/tcp /proc/net/tcp6 2>/dev/null |
		awk -v port="$(printf '%04X' "$1")" -v address="$address" '
			$4 == "0A" && split($2, at, ":") == 2 && at[2] == port &&
			(at[1] == address || at[1] ~ /^0+$/ ||
			 address ~ /^(any|0+)$/) && !found++ { print $10 }'
}

# The first free port from that one on, for what need not be known beforehand.
free_port_from() {
	local candidate=$1

	((candidate < 65000)) || candidate=$((candidate - 40000))
	while [[ -n $(port_taken "$candidate") ]]; do
		candidate=$((candidate + 1))
	done
	echo "$candidate"
}

check_port() {
	local inode holder

	[[ $port =~ ^[1-9][0-9]{0,4}$ && $port -lt 65536 ]] ||
		fail "PORT=$port: use a whole number from 1 to 65535"
	inode=$(port_taken "$port")
	[[ -n $inode ]] || return 0
	holder=$(find /proc/[0-9]*/fd -lname "socket:\[$inode\]" 2>/dev/null |
		head -n 1 | cut -d / -f 3) || true
	[[ -z $holder ]] ||
		holder=" by $(cat "/proc/$holder/comm" 2>/dev/null) ($holder)"
	fail "port $port is in use$holder: choose another with PORT=..."
}
