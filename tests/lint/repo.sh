#!/bin/sh
# SPDX-License-Identifier: EUPL-1.2
# Holds the tree to its form: fixed top level, licence lines, header form, nothing unfinished, no
# path of one machine, no address of a package registry. Usage: repo.sh ROOT
set -u
cd "$1" || exit 1
failed=0
say() {
	echo "repo: $*"
	failed=1
}

# Files of the project: tracked or about to be.
files() {
	if git rev-parse --is-inside-work-tree >/dev/null 2>&1; then
		git ls-files -co --exclude-standard | while read -r f; do [ -f "$f" ] && echo "$f"; done
	else
		find . -type f -not -path './build/*' -not -path './.git/*' | sed 's|^\./||'
	fi
}

top=' .ci .clang-format .clang-tidy .gitignore LICENSE Makefile README.md common deploy proto services tests '
for entry in $(files | cut -d/ -f1 | sort -u); do
	case $top in
	*" $entry "*) ;;
	*) say "$entry does not belong at the top of the tree" ;;
	esac
done

licence='SPDX-License-Identifier: EUPL-1.2'
for f in $(files | grep -E '\.(c|h)$'); do
	head -n 1 "$f" | grep -qF "/* $licence */" || say "$f: first line is not the licence line"
done
for f in $(files | grep -E '\.(sh|py|proto)$|^Makefile$|^\.ci/run$'); do
	head -n 3 "$f" | grep -qF "$licence" || say "$f: no licence line"
done
for f in $(files | grep -E '^(common|services)/.*\.h$'); do
	sed -n 2p "$f" | grep -qx '#pragma once' || say "$f: second line is not #pragma once"
	grep -q '@file' "$f" || say "$f: no @file comment"
done

# Written in pieces, so that this script does not find itself.
unfinished='\b(TO''DO|FIX''ME|X''XX|HA''CK)\b'
machine='(^|[^[:alnum:]_.-])/(wo''rk|ho''me|ro''ot|Us''ers)/'
found=$(files | grep -vE '\.(csv|json|geojson|binpb|bin|gz|zst|png|svg)$|/corpus/' | tr '\n' '\0' |
	xargs -0 grep -nIE "$unfinished" -- 2>/dev/null)
[ -z "$found" ] || say "unfinished work:
$found"
found=$(files | grep -v /corpus/ | tr '\n' '\0' | xargs -0 grep -nIE "$machine" -- 2>/dev/null)
[ -z "$found" ] || say "path of one machine:
$found"

# The lock file pins by checksum; where to download from is the machine's business.
if [ -d deploy/npm ]; then
	grep -nE 'resolved|://' deploy/npm/package-lock.json && say "the lock file names a registry"
	listed=$(awk '/^\[/ { on = ($1 == "[npm]"); next } on && NF && !/^#/' deploy/packages.txt | sort)
	pinned=$(sed -n 's/^[[:space:]]*"\([^"]*\)": "[0-9][0-9.]*",*$/\1/p' deploy/npm/package.json | sort)
	[ "$listed" = "$pinned" ] || say "[npm] of packages.txt and the pins of deploy/npm differ"
fi
exit "$failed"
