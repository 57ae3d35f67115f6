#!/bin/bash
# Exit 0 if /readyz answers 200, for what can be done without writing (of which
# the worker knows nothing). Needs nothing but bash.
set -euo pipefail

exec 3<>"/dev/tcp/127.0.0.1/${PORT:-8080}"
printf 'GET /readyz?exclude=writes HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n' >&3
read -r -t 2 _ status _ <&3
[[ $status == 200 ]]
