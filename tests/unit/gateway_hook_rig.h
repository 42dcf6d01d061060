/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  An outbox with webhooks, and somebody to call, for tests. One of the process. */
#include "services/gateway/hook.h"
#include "tests/unit/gateway_peer.h"
#include "tests/unit/gateway_web_rig.h"

extern struct hook_rig {
	struct peer peer;
	struct outbox *box;
	struct hooks *hooks;
	struct out_conf out;
	struct hook_conf conf;
	char hidden[PARTY_ID_LEN_MAX + 1]; /* the party that sees nothing */
} hook_rig;

int hook_rig_set_up(void **state);
int hook_rig_tear_down(void **state);
void hook_rig_open(void);
void hook_rig_close(void);
/** As the party "tweede". @p id NULL: the list. */
struct web_rig_answer hook_rig_call(const char *method, const char *id, const char *body);
/** Subscribes the peer; @p types is "" or further fields with a comma in front. */
void hook_rig_subscribe(const char *types, char ret_id[HOOK_ID_LEN + 1], uint8_t ret_key[64]);
void hook_rig_offer(uint64_t cursor, const char *type);
/** Waits until a subscription is in a state. @return it, to be freed. */
json_t *hook_rig_wait(const char *id, const char *state);
void hook_rig_expect_end(const char *id, const char *reason);
/** Waits until no call waits. */
void hook_rig_drain(void);
void hook_rig_header(const char *got, const char *name, char ret_value[256]);
