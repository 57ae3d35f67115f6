#!/bin/bash
# The package of what is built: docker/debian/build.sh VERSION DIRECTORY. The
# version is that of openapi/openapi.yaml, so the file that Debian reads it from
# is written here; debhelper works in DIRECTORY, and no source is touched.
set -euo pipefail
umask 022

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
mkdir -p "$2"
DEB_DIR=$(realpath "$2")
work=$DEB_DIR/work
rm -rf "$DEB_DIR"/*.deb "$work"
mkdir "$work"
cp -r "$root/docker/debian" "$work"
cat >"$work/debian/changelog" <<-CHANGELOG
	casework ($1) unstable; urgency=medium

	  * See openapi/CHANGELOG.md.

	 -- casework <casework@casework.example>  $(LC_ALL=C date -uRd "@${SOURCE_DATE_EPOCH:-$(
		git -C "$root" log -1 --format=%ct 2>/dev/null || date +%s)}")
CHANGELOG
export DEB_DIR CASEWORK=$root
(cd "$work" && debian/rules binary) >"$DEB_DIR/build.log" 2>&1 || {
	tail -n 20 "$DEB_DIR/build.log" >&2
	exit 1
}
rm -rf "$work"
ls "$DEB_DIR"/*.deb
