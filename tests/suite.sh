#!/bin/bash
# Runs tests; the Makefile has built what they need.
#
#   tests/suite.sh http [UNIT...]   those unit tests, then the HTTP suite
#   tests/suite.sh try              tests on an instance that goes on running
#   tests/suite.sh rules            what the HTTP suite proves, as a table
#   tests/suite.sh tls              the HTTP suite through HAProxy over TLS
#   tests/suite.sh ha               docker/ha on machines that die; SHORT=1
#   tests/suite.sh fuzz FUZZER...   each for $SECONDS_EACH seconds
#
# TEST chooses: files of tests/, and further arguments of pytest. RESULTS is
# where the JUnit file and, after a failure, the logs go. PROCESSES share the
# whole suite: each has an instance of its own.
set -euo pipefail
PATH=$PATH:/usr/sbin:/sbin

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
results=${RESULTS:-$root/build/results}
python=/usr/bin/python3
export TOKEN_HS256=allow	# tests sign with a secret
directory=	# of a run through HAProxy
haproxy=	# its process id

fail() {
	echo "casework: $*" >&2
	exit 1
}

# One line per program; all of its output when it fails.
unit_tests() {
	local program log failed=0 passed=0

	for program in "$@"; do
		log=$results/${program##*/}.log
		if "$program" >"$log" 2>&1 </dev/null; then
			passed=$((passed + 1))
			tail -n 1 "$log"
		else
			failed=$((failed + 1))
			cat "$log"
			echo "${program##*/}: FAILED"
		fi
	done
	echo "unit tests: $passed passed, $failed failed" |
		tee "$results/unit.txt"
	((failed == 0))
}

# What TEST says to pytest: the unit tests in it are the Makefile's.
pytest_arguments() {
	local word

	for word in ${TEST:-}; do
		[[ $word == unit || $word == tests/unit/* ]] ||
			printf '%s ' "$word"
	done
}

# Whether files are named. Otherwise pytest collects all of them.
names_files() {
	[[ " $1" == *" tests/"* ]]
}

# A test process waits for the service most of the time, so each core has one.
# An instance or a database that is given is one for all.
processes() {
	local cores

	[[ -z ${TEST:-}${DATABASE_URL:-} && $* != *CASEWORK_URL=* ]] || return 0
	cores=$(nproc)
	echo "-n ${PROCESSES:-$((cores < 4 ? cores : 4))}"
}

# What tests take from npm, as the lock file of the folder says.
from_npm() {
	[[ $1/package-lock.json -ot $1/node_modules ]] ||
		npm ci --prefix "$1" --no-audit --no-fund \
			>"$results/npm.log" 2>&1 ||
		fail "npm could not install what $1 needs; see $results/npm.log"
}

http_tests() {
	local arguments
	local command=("$python" -m pytest --junitxml="$results/http.xml")

	from_npm tests/oidc
	from_npm tests/axe
	arguments="$(processes "$@") $(pytest_arguments)"
	names_files "$arguments" || command+=(tests)
	env -u MAKEFLAGS -u MAKELEVEL -u RUN_DIR -u PORT \
		-u PYTHONDONTWRITEBYTECODE RESULTS="$results" \
		PYTHONPYCACHEPREFIX="$root/build/pycache" \
		PYTEST_ADDOPTS="$arguments" "$@" \
		"${command[@]}"
}

# An instance like that of a session, without a worker, which stays: only what
# has changed since the last time is made new.
try_tests() {
	[[ ${RUN_DIR:-.run} != .run ]] || export RUN_DIR=$root/.run-try
	export PORT=${TRY_PORT:-8079} WORKER=0 ANSWER_MEMORY=0
	CORS_ORIGINS=https://portal.casework.example LOG_LINES=0 \
		api/run/instance.sh renew
	http_tests "RUN_DIR=$RUN_DIR" "CASEWORK_URL=http://127.0.0.1:$PORT"
}

# The table is that of the last whole run, if nothing has changed since.
rules() {
	local table=$results/rules.json status=0

	if [[ ! -e $table || -n $(find api include openapi sql tests -type f \
		-newer "$table" -print -quit) ]]; then
		rm -f "$table"
		TEST="" http_tests >"$results/rules.log" 2>&1 || status=1
		((status == 0)) || tail -n 40 "$results/rules.log" >&2
	fi
	[[ -e $table ]] || fail "no whole run of the tests; see \
$results/rules.log"
	"$python" tests/support/rules.py "$table" || status=1
	return "$status"
}

free_port() {
	PYTHONPATH=tests/support "$python" -c 'import ports
print(ports.free_port())'
}

# A certificate authority for this run, and a certificate of it.
make_certificates() {
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 \
		-nodes -days 2 -subj "/CN=casework test authority" \
		-keyout "$1/ca.key" -out "$1/ca.pem" 2>/dev/null
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 \
		-nodes -days 2 -subj "/CN=localhost" -CA "$1/ca.pem" \
		-CAkey "$1/ca.key" -addext basicConstraints=CA:FALSE \
		-addext subjectAltName=DNS:localhost,DNS:proxy,IP:127.0.0.1 \
		-keyout "$1/key.pem" -out "$1/certificate.pem" 2>/dev/null
	cat "$1/certificate.pem" "$1/key.pem" >"$1/tls.pem"
}

wait_for() {
	local tries

	for ((tries = 0; tries < 1200; tries++)); do
		"$@" >/dev/null 2>&1 && return
		sleep 0.05
	done
	return 1
}

# What a failure needs to be understood, before the directory goes.
keep_logs() {
	cp "$directory"/run/*.log "$directory"/run/*.err \
		"$directory/haproxy.log" "$results/" 2>/dev/null || true
	echo "logs are in $results" >&2
}

end_tls() {
	local status=$?

	trap '' INT TERM
	[[ -z $haproxy ]] || kill "$haproxy" 2>/dev/null || true
	((status == 0)) || keep_logs
	"$root/api/run/instance.sh" remove || status=1
	rm -rf "$directory"
	exit "$status"
}

tls_tests() {
	local url

	# Not below a directory of mode 0700: root's instance has an account.
	directory=$(mktemp -d /tmp/casework-tls-XXXXXXXX)
	chmod 755 "$directory"
	make_certificates "$directory"
	PORT=$(free_port)
	url=https://127.0.0.1:$(free_port)
	export PORT RUN_DIR=$directory/run ANSWER_MEMORY=0
	trap end_tls EXIT
	trap 'exit 130' INT TERM
	WORKER=0 PUBLIC_URL=$url CORS_ORIGINS=https://portal.casework.example \
		LOG_LINES=0 TRUSTED_PROXIES=127.0.0.1 "$root/api/run/instance.sh" start
	HTTP_BIND=127.0.0.1:$(free_port) HTTPS_BIND=${url#https://} \
		CERTIFICATE=$directory/tls.pem CASEWORK_SERVER=127.0.0.1:$PORT \
		SOURCE_CONNECTIONS=4000 SOURCE_CONNECTION_RATE=1000000 \
		SOURCE_REQUESTS=1000000 SOURCE_AT_ONCE=1000000 SOURCE_BAD_TOKENS=1000000 \
		haproxy -db -f "$root/docker/haproxy.cfg" \
		>"$directory/haproxy.log" 2>&1 &
	haproxy=$!
	wait_for curl -fs --cacert "$directory/ca.pem" "$url/readyz" ||
		fail "HAProxy does not answer: $(tail -n 1 \
			"$directory/haproxy.log")"
	http_tests "RUN_DIR=$RUN_DIR" "CASEWORK_URL=$url" \
		"CASEWORK_CA=$directory/ca.pem" \
		"REQUESTS_CA_BUNDLE=$directory/ca.pem"
}

end_ha() {
	local status=$?

	trap '' INT TERM
	((status == 0)) || {
		cp "$directory"/logs/*.log "$results/" 2>/dev/null || true
		echo "logs are in $results" >&2
	}
	rm -rf "$directory"
	exit "$status"
}

# In namespaces of its own, which end with it: no process, network or mount is
# left, even if all of it is killed. bash is the parent of who has lost theirs.
# shellcheck disable=SC2016
ha_tests() {
	((EUID == 0)) || fail "make test-ha needs root: it makes networks"
	directory=$(mktemp -d /tmp/casework-ha-XXXXXXXX)
	chmod 755 "$directory"
	trap end_ha EXIT
	trap 'exit 130' INT TERM
	make_certificates "$directory"
	chmod 644 "$directory/tls.pem"
	install -D -m 755 -t "$directory/bin" build/casework build/casework-worker
	env -u MAKEFLAGS -u MAKELEVEL -u RUN_DIR -u PORT -u DATABASE_URL \
		-u CASEWORK_URL -u PYTHONDONTWRITEBYTECODE RESULTS="$results" \
		HA_DIRECTORY="$directory" OUTER_MOUNTS="$(readlink /proc/self/ns/mnt)" \
		PYTHONPYCACHEPREFIX="$root/build/pycache" \
		PYTEST_ADDOPTS="$(pytest_arguments)" \
		unshare --net --mount --pid --fork --kill-child --mount-proc \
		bash -c '"$@"; exit $?' bash "$python" -m pytest \
		-c tests/pytest.ini --junitxml="$results/ha.xml" tests/ha
}

fuzz() {
	local fuzzer name seeds

	for fuzzer; do
		name=${fuzzer##*/}
		mkdir -p "build/fuzz/corpus/$name"
		seeds=tests/fuzz/seeds/$name
		[[ -d $seeds ]] || seeds=
		echo "$name: $SECONDS_EACH seconds"
		"$fuzzer" -max_total_time="$SECONDS_EACH" -verbosity=0 \
			-print_final_stats=1 -artifact_prefix="$results/$name-" \
			"build/fuzz/corpus/$name" ${seeds:+"$seeds"} >"$results/$name.log" 2>&1 ||
			fail "$name found something; see $results/$name.log"
		grep -E 'number_of_executed_units|average_exec' \
			"$results/$name.log"
	done
}

mkdir -p "$results"
cd "$root"
case ${1:-} in
http)
	status=0
	(($# == 1)) || unit_tests "${@:2}" || status=1
	[[ -n ${TEST:-} && -z $(pytest_arguments) ]] || http_tests ||
		status=1
	exit "$status"
	;;
try) try_tests ;;
rules) rules ;;
tls) tls_tests ;;
ha) ha_tests ;;
fuzz) fuzz "${@:2}" ;;
*) fail "usage: tests/suite.sh http|try|rules|tls|ha|fuzz ..." ;;
esac
