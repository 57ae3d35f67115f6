#!/bin/bash
# Makes the database what this version of casework needs, with the roles'
# passwords and the key of /etc/casework.
#
#   casework-migrate                  database "casework" of this machine's
#                                     PostgreSQL, as its account postgres
#   casework-migrate DATABASE_URL     any other, as its owner
set -euo pipefail

etc=${CASEWORK_ETC:-/etc/casework}
migrate=(@PREFIX@/share/casework/sql/migrate.sh)

fail() {
	echo "casework-migrate: $*" >&2
	exit 1
}

[[ -r $etc/pgpass && -r $etc/context.key ]] ||
	fail "$etc/pgpass and $etc/context.key cannot be read:" \
		"run casework-secrets, and this as root"
while IFS=: read -r _ _ _ role password; do
	kind=${role#casework_}
	export "CASEWORK_${kind^^}_PASSWORD=$password"
done <"$etc/pgpass"
key=$(mktemp)
trap 'rm -f "$key"' EXIT
cat "$etc/context.key" >"$key"
if (($# == 0)); then
	((EUID == 0)) || fail "only root may act as postgres"
	chown postgres "$key"
	migrate=(runuser -u postgres -- "${migrate[@]}")
	set -- postgresql:///casework
fi
cd /
CONTEXT_KEY_FILE=$key "${migrate[@]}" "$1"
