#!/bin/bash
# The database, if it is not there yet, then ../migrate.sh.
set -euo pipefail

PGPASSWORD=$(<"${SECRETS:-/run/secrets}/owner_password")
export PGPASSWORD
psql -X -q -A -t "${DATABASE_URL/\/casework\?//postgres?}" \
	-c "select 1 from pg_database where datname = 'casework'" | grep -q 1 ||
	psql -X -q "${DATABASE_URL/\/casework\?//postgres?}" \
		-c 'create database casework'
exec /migrate.sh
