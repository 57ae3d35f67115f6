#!/bin/bash
# The package of what is built: debian/build.sh VERSION DIRECTORY. The version is
# that of openapi/openapi.yaml, so the file that Debian reads it from is written
# here.
set -euo pipefail
umask 022

cd "$(dirname "${BASH_SOURCE[0]}")/.."
mkdir -p "$2"
rm -f "$2"/*.deb
cat >debian/changelog <<-CHANGELOG
	casework ($1) unstable; urgency=medium

	  * See openapi/CHANGELOG.md.

	 -- casework <casework@casework.example>  $(LC_ALL=C date -uRd "@${SOURCE_DATE_EPOCH:-$(
		git log -1 --format=%ct 2>/dev/null || date +%s)}")
CHANGELOG
log=$2/build.log
DEB_DIR=$(realpath "$2") debian/rules binary >"$log" 2>&1 || {
	tail -n 20 "$log" >&2
	exit 1
}
debian/rules clean >>"$log" 2>&1
ls "$2"/*.deb
