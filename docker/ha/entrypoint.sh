#!/bin/sh
# Patroni takes passwords from the environment alone; here they are files.
set -eu

: "${SECRETS:=/run/secrets}"
for who in superuser replication rewind restapi; do
	if [ -r "$SECRETS/${who}_password" ]; then
		name=$(echo "$who" | tr '[:lower:]' '[:upper:]')
		export "PATRONI_${name}_PASSWORD=$(cat "$SECRETS/${who}_password")"
	fi
done
exec "$@"
