#!/bin/sh
# SPDX-License-Identifier: EUPL-1.2
# Plays the demo region with the programs in the given directory (`make run` calls this). The node
# stands in build/demo-node and goes on where it stopped; remove that directory to begin anew.
# DEMO holds options for `schakel demo`: make run DEMO="--year --lang en"
# Options are split into words on purpose:
# shellcheck disable=SC2086
set -eu
cd "$(dirname "$0")/.."
bin=${1:?usage: deploy/run.sh DIRECTORY-WITH-PROGRAMS}
# Sockets stand in the node's directory, and the system allows them 107 characters.
path=$PWD/build/demo-node
if [ -z "${SCHAKEL_DEMO_NODE:-}" ] && [ ${#path} -gt 75 ]; then
	SCHAKEL_DEMO_NODE=${TMPDIR:-/tmp}/schakel-demo-$(id -u)-$(echo "$path" | cksum | cut -d ' ' -f 1)
	export SCHAKEL_DEMO_NODE
	echo "$PWD is a long path: the demo node stands in $SCHAKEL_DEMO_NODE"
fi
case " ${DEMO:-} " in
*" --web "*) ;;
*) DEMO="--web 127.0.0.1:8470 ${DEMO:-}" ;;
esac
exec "$bin/schakel" demo --region deploy/demo-region $DEMO
