#!/bin/bash
# Everything that can be said about the sources without running them. Each
# check runs on what is there; all of them run before the first failure counts.
# CLANG_FLAGS comes from the Makefile.
#
#   tests/lint.sh               all checks
#   tests/lint.sh tidy FILE     clang-tidy alone, on a file
# shellcheck disable=SC2016,SC2317
set -euo pipefail
PATH=$PATH:/usr/sbin:/sbin

cd "$(dirname "${BASH_SOURCE[0]}")/.."
failed=0
analyzer_steps=75000

# Our files, by name; what is built and what runs is left out.
files() {
	find . \( -path ./build -o -path './.run*' -o -path ./.git \
		-o -name node_modules \) -prune \
		-o -type f -name "$1" -print | sort
}

# check NAME FILES... -- COMMAND: the command gets the files, if any.
check() {
	local name=$1 list=()

	shift
	while [[ $1 != -- ]]; do
		list+=("$1")
		shift
	done
	shift
	((${#list[@]} > 0)) || return 0
	if "$@" "${list[@]}"; then
		echo "lint: $name: ${#list[@]} files"
	else
		echo "lint: $name FAILED" >&2
		failed=1
	fi
}

# Where clang-format would write something else.
layout() {
	clang-format --dry-run -Werror "$@" 2>&1 | awk -F ': error: ' \
		'NF > 1 && !seen[$1]++ { print $1 ": make format"; bad = 1 }
		END { exit bad }'
}

# A file is judged again when its object is newer: that is compiled whenever
# the source, a header of it or a flag changes. The largest come first, so that
# the last core to end has little left to do.
tidy() {
	local file ok waiting=()

	for file; do
		ok=build/lint/$file
		if [[ ! -e $ok || .clang-tidy -nt $ok || tests/lint.sh -nt $ok ||
			! $ok -nt $(object_of "$file") ]]; then
			waiting+=("$file")
		fi
	done
	((${#waiting[@]} > 0)) || return 0
	# shellcheck disable=SC2011,SC2012
	ls -S "${waiting[@]}" | xargs -P "$(nproc)" -n 1 tests/lint.sh tidy
}

object_of() {
	local name=${1#api/}

	echo "${BINARY%/*}/obj/${name%.c}.o"
}

# The analyzer gives up on a function after so many steps: clang's own 225000
# take two and a half times as long in all. Functions that end before it are
# searched as ever; of the others the most entangled paths are not.
tidy_file() {
	local ok=build/lint/$1

	mkdir -p "${ok%/*}"
	rm -f "$ok"
	# shellcheck disable=SC2086
	clang-tidy --quiet "$1" -- $CLANG_FLAGS -Xclang -analyzer-config \
		-Xclang max-nodes="$analyzer_steps" 2>/dev/null &&
		touch "$ok"
}

json() {
	local file status=0

	for file; do
		jq empty "$file" || status=1
	done
	return "$status"
}

# Compiles without writing anything.
syntax() {
	/usr/bin/python3 - "$@" <<-'PYTHON'
		import sys
		for name in sys.argv[1:]:
		    compile(open(name, encoding="utf-8").read(), name, "exec")
	PYTHON
	pyflakes3 "$@"
}

# A long file is two files.
lengths() {
	local file lines status=0

	for file; do
		lines=$(wc -l <"$file")
		if ((lines > 400)); then
			echo "$file: $lines lines; 400 is the limit"
			status=1
		fi
	done
	return "$status"
}

# Who includes and calls whom, and the picture of it.
structure() {
	tests/structure.py check && tests/structure.py drawn
}

# Each rule that is broken on purpose is there, and so are its tests.
mutants() {
	tests/mutation/mutants.py check
}

# Without a database: the document against the statements.
contract() {
	env -u DATABASE_URL "$BINARY" check
}

# What could be taken from a service and is not, in tenths (below 20 is well).
units() {
	local unit status=0

	for unit; do
		systemd-analyze security --offline=true --threshold=19 \
			--no-pager "$unit" >build/lint.units 2>&1 || {
			grep -E '^✗|exposure' build/lint.units
			status=1
		}
	done
	return "$status"
}

# What is said of a page is a fault of it.
manual() {
	local page status=0 said

	for page; do
		said=$(mandoc -T lint -W warning "$page"
			LC_ALL=C.UTF-8 man --warnings --local-file \
				--troff-device=utf8 --ditroff "$page" 2>&1 \
				>/dev/null) || true
		if [[ -n $said ]]; then
			echo "$said"
			status=1
		fi
	done
	return "$status"
}

# Alerts, and that each fires when it should.
alerts() {
	local said=build/lint.alerts

	if ! { promtool check rules "${1%/*}/alerts.yaml" &&
		promtool test rules "$1"; } >"$said" 2>&1; then
		cat "$said"
		return 1
	fi
}

balanced() {
	HTTPS_BIND=127.0.0.1:8443 CERTIFICATE=$(certificate) \
		CASEWORK_SERVER=127.0.0.1:8080 haproxy -c -q -f "$1"
}

certificate() {
	local at=build/lint.pem

	[[ -e $at ]] || openssl req -x509 -newkey ec \
		-pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 3650 \
		-subj /CN=lint -keyout - -out - >"$at" 2>/dev/null
	echo "$at"
}

export CLANG_FLAGS BINARY=${BINARY:-build/casework}
if [[ ${1:-} == tidy ]]; then
	tidy_file "$2"
	exit
fi

readarray -t c < <(files '*.[ch]')
readarray -t sources < <(find api -name '*.c')
readarray -t scripts < <(files '*.sh' && echo .ci/run)
readarray -t yaml < <(files '*.y*ml')
readarray -t json < <(files '*.json')
readarray -t python < <(files '*.py')
readarray -t sql < <(files '*.sql')

check clang-format "${c[@]}" -- layout
check dialect "${c[@]}" -- tests/dialect.py
check structure api/floors.mk -- structure
check clang-tidy "${sources[@]}" -- tidy
check shellcheck "${scripts[@]}" -- shellcheck -x
check yamllint "${yaml[@]}" -- yamllint --strict
check jq "${json[@]}" build/openapi.json -- json
check "OpenAPI 3.1" build/openapi.json -- openapi/validate.py
check python "${python[@]}" -- syntax
check mutants tests/mutation/*.yaml -- mutants
check haproxy docker/haproxy.cfg -- balanced
check alerts docker/prometheus/alerts.test.yaml -- alerts
check units build/install/*.service -- units
check "manual pages" build/install/*.1 docker/install/*.8 -- manual
check "file lengths" "${c[@]}" "${scripts[@]}" "${sql[@]}" -- lengths
check "document and statements" openapi/openapi.yaml -- contract

if ((failed)); then
	echo "casework: lint found faults" >&2
fi
exit "$failed"
