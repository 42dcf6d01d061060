/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  What up.c (the table of connections) and up_line.c (one of them) share. Who may do what:
 *  a line is worked by the threads that ask on it. Under its lock any of them may do everything:
 *  open it, send what is due of all, read all that came. One of them, the reader, waits for the
 *  socket's descriptor, without the lock; it touches nothing of the line then. The others sleep
 *  until their answer is handed to them, their next moment comes, or they are made the reader; a
 *  reader that leaves makes another one. The descriptor tells only of what came since somebody
 *  last looked, so who has sent also looks; and who ends the reader's call, or replaces the socket
 *  that it waits for, pokes it. A socket moves between threads with the lock alone.
 *  The table's lock is never held together with a line's. */
#include <pthread.h>
#include <stdatomic.h>

#include "common/client.h"
#include "services/gateway/up.h"

/* On the stack of the thread that waits for it; under its line's lock. */
struct call {
	const struct up_call *in;
	uint8_t id[16];
	struct call *next;
	bool sent;
	uint64_t again_ms;
	uint64_t pause_ms;
	uint64_t until_ms;
	uint8_t *buf;
	size_t len;
	int err;
	bool done; /* and off the list */
	pthread_cond_t cond;
};

struct line {
	/* under the table's lock; party and daemon stay while there are users */
	char party[PARTY_ID_LEN_MAX + 1];
	unsigned daemon;
	uint64_t used_ms;
	size_t users;
	/* under the line's, or the table's while there are no users */
	pthread_mutex_t lock;
	struct client *client; /* NULL: not open */
	unsigned generation;   /* of the configuration with which it was opened; 0: another's */
	struct call *calls;
	struct call *reader;
	bool polling;  /* the reader waits for the socket */
	void *watched; /* which one */
	int wake;
};

struct up {
	struct gate *gate;
	struct client_net net;
	atomic_uint generation; /* from 1 */
	atomic_bool ending;
	_Atomic uint64_t time_ms[CONF_DAEMONS];
	pthread_mutex_t lock;
	pthread_cond_t gone;
	struct up_status status[CONF_DAEMONS];
	size_t under_way;
	uint64_t swept_ms;
	struct line line[UP_LINES_MAX];
};

/** Sends the call on its line until it is answered or over. */
SK_CHECKED int up_converse(struct up *up, struct line *l, struct call *c);
/** Everybody who waits looks again: a configuration is new, or the end has come. */
void up_rouse(struct up *up);
