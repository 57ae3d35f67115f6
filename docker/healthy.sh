#!/bin/bash
# Exit 0 if /readyz answers 200, for what can be done without writing (of which
# the worker knows nothing). Needs nothing but bash.
#
#   healthy.sh [worker]
set -euo pipefail

address=${BIND:-127.0.0.1} port=${PORT:-8080}
if [[ ${1:-} == worker ]]; then
	address=${WORKER_BIND:-127.0.0.1} port=${WORKER_PORT:-8081}
fi
address=${address//[][]/}
case $address in # where any address is meant, any answers
0.0.0.0) address=127.0.0.1 ;;
::) address=::1 ;;
esac
exec 3<>"/dev/tcp/$address/$port"
printf 'GET /readyz?exclude=writes HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n' >&3
read -r -t 2 _ status _ <&3
[[ $status == 200 ]]
