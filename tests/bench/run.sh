#!/bin/bash
# make bench: the service beside pgbench, on the very statements that the
# service sends, in one run. An instance of its own with CASES generated cases
# (default 200000) is kept in RUN_DIR for the next time. SCALE=1 asks instead
# how lists and searches grow from 10^4 to 10^6 cases, and with as many what people
# at a desk ask and how long a desk at work waits. Its instance is removed again
# unless KEEP=1.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
cd "$root"
ending=stop
[[ ${RUN_DIR:-.run} != .run ]] || export RUN_DIR=$root/.run-bench
if [[ -n ${SCALE:-} ]]; then
	export RUN_DIR=$RUN_DIR-scale
	[[ -n ${KEEP:-} ]] || ending=remove
	export CASES=${CASES:-1000000}
fi
export RUN_AS_ROOT=allow	# of what bench.py and others start beside the instance
export PORT=${BENCH_PORT:-8089} CASES=${CASES:-200000} RATE_LIMIT=0
trap 'api/run/instance.sh "$ending" >/dev/null 2>&1 || true' EXIT
api/run/instance.sh "$ending" >/dev/null 2>&1 || true
# Without the worker: what it would do on the data is done before (bench.py).
WORKER=0 api/run/instance.sh start >&2
/usr/bin/python3 tests/bench/bench.py "$@"
[[ -n ${SCALE:-} ]] || /usr/bin/python3 tests/bench/beside.py "$RUN_DIR"
