#!/bin/bash
# Brings the database of compose.yaml up to date, with the passwords of the
# service roles and the context key from the same files that the service reads. DEMO=1 adds the
# demonstration data.
set -euo pipefail

while IFS=: read -r _ _ _ role password; do
	kind=${role#casework_}
	export "CASEWORK_${kind^^}_PASSWORD=$password"
done <"${SECRETS:=/run/secrets}/pgpass"
PGPASSWORD=$(<"$SECRETS/owner_password")
export PGPASSWORD CONTEXT_KEY_FILE=$SECRETS/context_key
"${SQL:=/sql}/migrate.sh" "$DATABASE_URL"
[[ ${DEMO:-0} == 0 ]] || psql -X -q -v ON_ERROR_STOP=1 "$DATABASE_URL" \
	-f "$SQL/demo.sql"
