#!/bin/bash
# Makes the secrets that both programs and the database need in /etc/casework,
# once; those that are there stay. keys.json gets a key of which nobody has the
# private half, until you put the keys of your issuer there: nothing here can
# make a token.
#
#   casework-secrets [DIRECTORY]
set -euo pipefail
umask 077

random() {
	od -An -v -N32 -tx1 /dev/urandom | tr -d ' \n'
}

# make NAME: from standard input, whole or not at all, for the account alone.
make() {
	cat >"$1.new"
	chown casework:casework "$1.new"
	mv "$1.new" "$1"
	echo "made $PWD/$1"
}

((EUID == 0)) || {
	echo "casework-secrets: only root may" >&2
	exit 1
}
cd "${1:-/etc/casework}"
for name in cursor context status; do
	[[ -e $name.key ]] || random | make "$name.key"
done
# A version may add a role.
touch pgpass
missing=$(for kind in contact partner staff telephony public worker; do
	grep -q ":casework_$kind:" pgpass || echo "*:*:*:casework_$kind:$(random)"
done)
[[ -z $missing ]] || { cat pgpass && echo "$missing"; } | make pgpass
if [[ ! -e keys.json ]]; then
	pem=$(openssl genpkey -quiet -algorithm RSA -pkeyopt rsa_keygen_bits:2048 |
		openssl pkey -pubout)
	printf '{"keys":[{"kid":"nobody","alg":"RS256","public_key":"%s\\n"}]}\n' \
		"${pem//$'\n'/\\n}" | make keys.json
fi
