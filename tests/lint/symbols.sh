#!/bin/sh
# SPDX-License-Identifier: EUPL-1.2
# Cores, engine and simulators may import no clock, randomness, thread, socket or environment: time
# and luck come through the port. Usage: symbols.sh OBJECT-ARCHIVE-OR-PROGRAM...
set -u
forbidden='clock_.*|clock|time|gettimeofday|timespec_get|times|(s|d|l|m|j|n|e)?rand(48)?(_r)?'
forbidden="$forbidden|s?random(_r)?|getrandom|getentropy|arc4random.*|randombytes.*"
forbidden="$forbidden|pthread_create|thrd_create|fork|vfork|clone|socket|socketpair|connect|bind"
forbidden="$forbidden|listen|accept4?|send|sendto|sendmsg|recv|recvfrom|recvmsg|poll|epoll_.*|select"
forbidden="$forbidden|(secure_)?getenv|localtime(_r)?|mktime|tzset|uv_.*|zmq_.*|sd_.*|nanosleep|u?sleep"
failed=0
for file in "$@"; do
	found=$(nm --undefined-only "$file" 2>/dev/null | awk 'NF == 2 && $1 == "U" { print $2 }' |
		sed 's/@.*//' | grep -xE "$forbidden" | sort -u)
	if [ -n "$found" ]; then
		echo "$file imports: $(echo "$found" | tr '\n' ' ')"
		failed=1
	fi
done
exit "$failed"
