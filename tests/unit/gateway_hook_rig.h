/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  An outbox with webhooks, and somebody to call, for tests. One of the process. */
#include "services/gateway/hook.h"
#include "tests/unit/gateway_peer.h"
#include "tests/unit/gateway_web_rig.h"

#define HOOK_RIG_EVENTS 4096

struct hook_rig_event {
	const char *type;
	bool hidden; /* from the party "tweede" */
};

extern struct hook_rig {
	struct peer peer;
	struct outbox *box;
	struct hooks *hooks;
	struct out_conf out;
	struct hook_conf conf;
	struct hook_rig_event event[HOOK_RIG_EVENTS];
	size_t len;
	size_t gone; /* so many of the first can be had no more */
} hook_rig;

int hook_rig_set_up(void **state);
int hook_rig_tear_down(void **state);
void hook_rig_open(void);
void hook_rig_close(void);
/** As the party "tweede". @p id NULL: the list. */
struct web_rig_answer hook_rig_call(const char *method, const char *id, const char *body);
/** Subscribes the peer; @p types is "" or further fields with a comma in front. */
void hook_rig_subscribe(const char *types, char ret_id[HOOK_ID_LEN + 1], uint8_t ret_key[64]);
/** One more event in the feed; the n-th has the id "en". */
void hook_rig_event(const char *type, bool hidden);
/** Waits until a subscription is in a state. @return it, to be freed. */
json_t *hook_rig_wait(const char *id, const char *state);
void hook_rig_expect_end(const char *id, const char *reason);
/** Waits until no call waits. */
void hook_rig_drain(void);
void hook_rig_header(const char *got, const char *name, char ret_value[256]);
