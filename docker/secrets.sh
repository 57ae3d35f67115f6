#!/bin/bash
# Makes the secrets that compose.yaml mounts, once; existing ones are kept.
# The certificate is self-signed: put your own tls_pem (chain and key) here.
# The directory is closed to others; the files are readable, because the
# accounts inside the containers are not the one that runs this. Only the key
# that signs tokens is closed: no container mounts it. The service gets its
# public half; whoever issues tokens keeps it, or brings a key of their own.
#
#   docker/secrets.sh [DIRECTORY]
set -euo pipefail
umask 022

random() {
	od -An -v -N32 -tx1 /dev/urandom | tr -d ' \n'
}

token_sh=$(cd "$(dirname "$0")/.." && pwd)/api/run/token.sh
directory=${1:-$(dirname "$0")/secrets}
mkdir -p "$directory"
chmod 700 "$directory"
cd "$directory"
[[ -e owner_password ]] || random >owner_password
[[ -e cursor_key ]] || random >cursor_key
[[ -e context_key ]] || random >context_key
[[ -e status_key ]] || random >status_key
touch pgpass	# a version may add a role
for kind in contact partner staff telephony public worker; do
	grep -q ":casework_$kind:" pgpass ||
		echo "*:*:*:casework_$kind:$(random)" >>pgpass
done
if [[ ! -e keys_json ]]; then
	"$token_sh" new >token_key
	echo "{\"keys\":[$("$token_sh" public <token_key)]}" >keys_json
fi
[[ -e tls_pem ]] || openssl req -x509 -newkey ec \
	-pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 365 \
	-subj /CN=localhost -addext subjectAltName=DNS:localhost,IP:127.0.0.1 \
	-keyout - -out - >tls_pem 2>/dev/null
chmod 644 ./*
[[ ! -e token_key ]] || chmod 600 token_key
echo "the secrets are in $PWD"
