#!/bin/bash
# Access tokens (RFC 9068) for development and demonstrations, by openssl: the
# programs of casework verify tokens and cannot make any.
#
#   api/run/token.sh new >KEY                  a private key (RSA, PEM)
#   api/run/token.sh public <KEY               its entry in the list KEYS_FILE
#   api/run/token.sh mint SUB [SCOPES] <KEY    a token, SUB like contact:1
#
# TOKEN_KID (dev-1), TOKEN_ISSUER and TOKEN_AUDIENCE are those of the service.
set -euo pipefail

kid=${TOKEN_KID:-dev-1}
seconds=3600
every='cases:read cases:write contacts:read districts:read'
every+=' incidents:read events:read webhooks:read webhooks:write'

fail() {
	echo "casework: $*" >&2
	exit 1
}

base64url() {
	base64 -w 0 | tr '+/' '-_' | tr -d =
}

new() {
	openssl genpkey -quiet -algorithm RSA -pkeyopt rsa_keygen_bits:2048
}

public() {
	local pem

	pem=$(openssl pkey -pubout)
	printf '{"kid":"%s","alg":"RS256","public_key":"%s\\n"}' "$kid" \
		"${pem//$'\n'/\\n}"
}

every_scope() {
	case $1 in
	contact) echo "$every contacts:write identities:read identities:write" ;;
	partner) echo "$every contacts:write partners:read" ;;
	staff) echo "$every contacts:write districts:write partners:read" \
		partners:write identities:read identities:write \
		telephony:read telephony:write staff:read staff:write \
		imports:read imports:write \
		desk:read desk:write incidents:write calls:read calls:write ;;
	telephony) echo calls:write ;;
	esac
}

mint() {
	local sub=$1 scope=${2:-} now head claims key
	local kinds='(contact|partner|staff|telephony)'

	[[ $sub =~ ^$kinds:[1-9][0-9]{0,17}$ ]] ||
		fail "the subject must be like contact:1 (contact, partner," \
			"staff, telephony)"
	[[ -n $scope ]] || scope=$(every_scope "${sub%:*}")
	[[ $scope =~ ^[a-z:]+(\ [a-z:]+)*$ ]] ||
		fail "the scope must be scopes with a space between"
	key=$(cat)
	now=$(date +%s)
	printf -v head '{"typ":"at+jwt","alg":"RS256","kid":"%s"}' "$kid"
	printf -v claims '{"iss":"%s","aud":"%s","sub":"%s","scope":"%s",' \
		"${TOKEN_ISSUER:-https://auth.casework.example}" \
		"${TOKEN_AUDIENCE:-casework}" "$sub" "$scope"
	printf -v claims '%s"iat":%s,"nbf":%s,"exp":%s,' "$claims" "$now" \
		"$now" "$((now + seconds))"
	printf -v claims '%s"client_id":"casework-cli","jti":"%s"}' "$claims" \
		"$(head -c 16 /dev/urandom | base64url)"
	head=$(printf %s "$head" | base64url).$(printf %s "$claims" | base64url)
	printf '%s.%s\n' "$head" "$(printf %s "$head" |
		openssl dgst -sha256 -sign <(echo "$key") -binary | base64url)"
}

case ${1:-} in
new | public) "$1" ;;
mint) mint "${2:-}" "${3:-}" ;;
*) fail "usage: api/run/token.sh new|public|mint SUB [SCOPES]" ;;
esac
