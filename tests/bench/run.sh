#!/bin/bash
# make bench: the service beside pgbench, on the very statements that the
# service sends, in one run. An instance of its own with CASES generated cases
# (default 200000) is kept in RUN_DIR for the next time.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
cd "$root"
[[ ${RUN_DIR:-.run} != .run ]] || export RUN_DIR=$root/.run-bench
export PORT=${BENCH_PORT:-8089} CASES=${CASES:-200000} RATE_LIMIT=0
trap 'api/instance.sh stop >/dev/null 2>&1 || true' EXIT
api/instance.sh stop >/dev/null 2>&1 || true
api/instance.sh start >&2
/usr/bin/python3 tests/bench/bench.py "$@"
