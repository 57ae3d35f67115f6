#!/bin/sh
# libpq reads a password file only if nobody else can; a mounted secret has
# the mode of its file on the host. So the service gets a copy of its own.
set -eu

if [ -r "${PGPASS_SECRET:-/run/secrets/pgpass}" ]; then
	umask 077
	cp "${PGPASS_SECRET:-/run/secrets/pgpass}" /tmp/pgpass
	export PGPASSFILE=/tmp/pgpass
fi
exec "$@"
