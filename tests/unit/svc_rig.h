/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  A real daemon in a process of its own, with a service of a few lines, and clients for it.
 *  The service closes needs (REQUESTER) and tells the party "second" of each. For cmocka only. */
#include <sys/types.h>

#include "common/client.h"
#include "tests/unit/node_rig.h"

#define LONG_MS 20000
#define SHORT_MS 700
#define OUTCOME(NAME) SCHAKEL__V1__OUTCOME__OUTCOME_##NAME

struct svc_rig {
	struct node_rig node;
	struct conf *conf;
	pid_t pid;           /* 0: not running */
	bool reads_waitlist; /* the next daemon has a link to it */
	struct client_net net;
	struct arena answers; /* reset by the next svc_rig_receipt() */
};
extern struct svc_rig svc_rig;

/** Makes the node, starts the daemon. For cmocka's set-up and tear-down. */
int svc_rig_set_up(void **state);
int svc_rig_tear_down(void **state);
/** For main(): runs the tests, or, in the process of svc_rig_spawn(), the daemon.
 *  @return the exit code. */
int svc_rig_main(int argc, char **argv, int (*tests)(void));
/** Another daemon on the same node; the caller waits for it. */
pid_t svc_rig_spawn(void);
/** The daemon that svc_rig_end() ends. */
void svc_rig_start(void);
/** @return the wait status. */
int svc_rig_end(int sig);
/** Reads the node's configuration again. */
void svc_rig_conf(void);
/** Closed by tear-down. */
struct client *svc_rig_client(const char *party);
/** Gives the party another key pair, in its file and in the table; the daemon is told by SIGHUP. */
void svc_rig_new_key(const char *party);
PB(Message) svc_rig_close_need(PB(CloseNeed) *body);
const PB(Receipt) *svc_rig_receipt(struct client *c, PB(Message) *m);
/** A command of this client gets no answer. */
void svc_rig_silence(struct client *c);
