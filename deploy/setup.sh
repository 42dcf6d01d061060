#!/bin/sh
# SPDX-License-Identifier: EUPL-1.2
# Installs what deploy/packages.txt lists and this machine lacks; says nothing when all is there.
# Lists of packages are split into words on purpose:
# shellcheck disable=SC2086,SC2046
# Usage: setup.sh [run|test|bench]    (default run; test includes run and the npm packages)
set -eu

here=$(cd "$(dirname "$0")" && pwd)
list=$here/packages.txt
npm_dir=$here/../build/npm
group=${1:-run}

say() {
	echo "setup: $*" >&2
}

# Prints the lines of one section of the list, without comments and blank lines.
section() {
	awk -v want="[$1]" '/^\[/ { on = ($1 == want); next } on && NF && !/^#/' "$list"
}

# Reads lines of the list, prints the Debian packages that are not installed.
missing() {
	while read -r name unless command; do
		if [ "$unless" = unless ] && command -v "$command" >/dev/null 2>&1; then
			continue
		fi
		state=$(dpkg-query -W -f='${db:Status-Status}\n' "$name" 2>/dev/null | head -n 1)
		[ "$state" = installed ] || echo "$name"
	done
}

# Runs a command as root: directly when we are, else through sudo.
as_root() {
	if [ "$(id -u)" -eq 0 ]; then
		"$@"
	elif command -v sudo >/dev/null 2>&1; then
		sudo "$@"
	else
		echo "neither root nor sudo here; as root run: $*"
		return 1
	fi
}

apt_install() {
	as_root apt-get -q -o DPkg::Lock::Timeout=300 update || return 1
	as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y --no-install-recommends \
		-o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 install "$@"
}

install_debian() {
	lack=$(for s in $1; do section "$s"; done | missing)
	[ -n "$lack" ] || return 0
	if ! command -v apt-get >/dev/null 2>&1; then
		say "this is no Debian system; please install by hand what stands for:" $lack
		exit 1
	fi
	say "installing" $lack
	log=$(mktemp)
	if ! apt_install $lack >"$log" 2>&1; then
		tail -n 40 "$log" >&2
		rm -f "$log"
		say "installation failed"
		exit 1
	fi
	rm -f "$log"
	still=$(for s in $1; do section "$s"; done | missing)
	[ -z "$still" ] || {
		say "still missing:" $still
		exit 1
	}
}

# Lock files are compared, so a changed pin is installed anew and an unchanged one costs nothing.
install_npm() {
	if cmp -s "$here/npm/package-lock.json" "$npm_dir/installed.json"; then
		return 0
	fi
	say "installing" $(section npm)
	rm -rf "$npm_dir"
	mkdir -p "$npm_dir"
	cp "$here/npm/package.json" "$here/npm/package-lock.json" "$npm_dir/"
	if ! (cd "$npm_dir" && npm ci --ignore-scripts --no-audit --no-fund >npm.log 2>&1); then
		tail -n 40 "$npm_dir/npm.log" >&2
		say "installation failed"
		exit 1
	fi
	cp "$here/npm/package-lock.json" "$npm_dir/installed.json"
}

case $group in
run) install_debian run ;;
test)
	install_debian "run test"
	install_npm
	;;
bench) install_debian "run bench" ;;
*)
	say "usage: setup.sh [run|test|bench]"
	exit 2
	;;
esac
