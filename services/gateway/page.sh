#!/bin/sh
# SPDX-License-Identifier: EUPL-1.2
# Prints the C source that embeds the files of the page, and compresses each into a directory.
# Usage: page.sh PAGE-DIRECTORY DIRECTORY-FOR-COMPRESSED
# Paths are as seen from where the compiler runs. Notes and checksums are not for the browser, nor are the
# comments of our own modules (page.sed).
set -eu
LC_ALL=C
export LC_ALL
page=$1
out=$2

type_of() {
	case $1 in
	*.html) echo 'text/html; charset=utf-8' ;;
	*.js) echo 'text/javascript; charset=utf-8' ;;
	*.css) echo 'text/css; charset=utf-8' ;;
	*.json) echo 'application/json' ;;
	*.svg) echo 'image/svg+xml' ;;
	*.txt) echo 'text/plain; charset=utf-8' ;;
	*)
		echo "page.sh: of which type is $1?" >&2
		exit 1
		;;
	esac
}

size_of() {
	wc -c <"$1" | tr -d ' '
}

# The file as it is served.
serve() {
	case $1 in
	vendor/*) cat "$page/$1" ;;
	*.js | *.css) sed -f "${0%.sh}.sed" "$page/$1" ;;
	*) cat "$page/$1" ;;
	esac
}

embed() {
	printf 'EMBED(%s, "%s");\n' "$1" "$2"
}

files=$(cd "$page" && find . -type f ! -name '*.md' ! -name SHA256SUMS | sed 's|^\./||' | sort)

cat <<'EOF'
/* SPDX-License-Identifier: EUPL-1.2 */
/* Made by services/gateway/page.sh; do not edit. */
#include "services/gateway/assets.h"

#define EMBED(name, file)                                                             \
	__asm__(".pushsection .rodata\n.global " #name "\n" #name ":\n.incbin \"" file \
		"\"\n.byte 0\n.popsection\n");                                         \
	extern const char name[]

EOF
n=0
rows=''
for f in $files; do
	mkdir -p "$out/$(dirname "$f")"
	serve "$f" >"$out/$f"
	gzip -9 -n -c "$out/$f" >"$out/$f.gz"
	embed "asset_plain_$n" "$out/$f"
	embed "asset_gzip_$n" "$out/$f.gz"
	type=$(type_of "$f")
	etag=$(sha256sum "$out/$f" | cut -c 1-16)
	rows="$rows$(printf '\t{ "%s", "%s", "%s", { asset_plain_%d, %d }, { asset_gzip_%d, %d } },' \
		"$f" "$type" "$etag" "$n" "$(size_of "$out/$f")" "$n" "$(size_of "$out/$f.gz")")
"
	n=$((n + 1))
done
printf '\nconst struct asset asset_table[] = {\n%s};\n' "$rows"
printf 'const size_t asset_table_len = sizeof(asset_table) / sizeof(asset_table[0]);\n'
