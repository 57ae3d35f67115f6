#!/bin/bash
# Brings the database of compose.yaml up to date, with the passwords of the
# service roles from the same file that the service reads.
set -euo pipefail

while IFS=: read -r _ _ _ role password; do
	kind=${role#casework_}
	export "CASEWORK_${kind^^}_PASSWORD=$password"
done <"${SECRETS:=/run/secrets}/pgpass"
PGPASSWORD=$(<"$SECRETS/owner_password")
export PGPASSWORD
exec "${SQL:-/sql}/migrate.sh" "$DATABASE_URL"
