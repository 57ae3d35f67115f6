#!/bin/bash
# The version before this one, whose commit tests/previous names: sources and
# programs out of the history of this repository, built once. Prints where they
# are; status 3 if the history does not go back so far.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
commit=$(<"$root/tests/previous")
tree=$root/build/previous/$commit

history() {
	git -c safe.directory="$root" -C "$root" "$@"
}

if ! history cat-file -e "$commit^{commit}" 2>/dev/null; then
	# A shallow clone may still reach where it came from.
	history fetch --quiet --depth=1 origin "$commit" 2>/dev/null || exit 3
fi
if [[ ! -e $tree/build/casework-worker ]]; then
	rm -rf "$tree"
	mkdir -p "$tree"
	history archive "$commit" | tar -x -C "$tree"
	for name in "${!MAKE@}" "${!MFLAGS@}" "${!SANITIZE@}"; do
		unset "$name"
	done
	make -s -C "$tree" build "COMMIT=${commit::7}" >&2
fi
echo "$tree"
