#!/bin/bash
# The secrets of ../secrets.sh, and the passwords of Patroni beside them, once.
# The superuser is the owner of ../compose.yaml.
#
#   docker/ha/secrets.sh [DIRECTORY]
set -euo pipefail
umask 022

directory=${1:-$(dirname "$0")/../secrets}
"$(dirname "$0")/../secrets.sh" "$directory"
cd "$directory"
for who in replication rewind restapi; do
	[[ -e ${who}_password ]] ||
		od -An -v -N32 -tx1 /dev/urandom | tr -d ' \n' >"${who}_password"
done
