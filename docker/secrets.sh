#!/bin/bash
# Makes the secrets that compose.yaml mounts, once; existing ones are kept.
# The certificate is self-signed: put your own tls_pem (chain and key) here.
# The directory is closed to others; the files are readable, because the
# accounts inside the containers are not the one that runs this.
#
#   docker/secrets.sh [DIRECTORY]
set -euo pipefail
umask 022

random() {
	od -An -v -N32 -tx1 /dev/urandom | tr -d ' \n'
}

directory=${1:-$(dirname "$0")/secrets}
mkdir -p "$directory"
chmod 700 "$directory"
cd "$directory"
[[ -e owner_password ]] || random >owner_password
[[ -e cursor_key ]] || random >cursor_key
[[ -e context_key ]] || random >context_key
[[ -e status_key ]] || random >status_key
if [[ ! -e pgpass ]]; then
	for kind in contact partner staff telephony public worker; do
		echo "*:*:*:casework_$kind:$(random)"
	done >pgpass
fi
[[ -e keys_json ]] || printf \
	'{"keys":[{"kid":"dev-1","alg":"HS256","secret":"%s"}]}\n' \
	"$(head -c 32 /dev/urandom | base64 -w 0 | tr '+/' '-_' | tr -d =)" \
	>keys_json
[[ -e tls_pem ]] || openssl req -x509 -newkey ec \
	-pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 365 \
	-subj /CN=localhost -addext subjectAltName=DNS:localhost,IP:127.0.0.1 \
	-keyout - -out - >tls_pem 2>/dev/null
chmod 644 ./*
echo "the secrets are in $PWD"
