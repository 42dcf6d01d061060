/* SPDX-License-Identifier: EUPL-1.2 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>
#include <sodium.h>

#include "tests/unit/gateway_hook_rig.h"

#include "tests/unit/node_rig.h"

/* Where a test links the spine itself, that is used. */
#pragma weak gate_hooks

struct hook_rig hook_rig;

static struct node_rig rig;
static char dir[NODE_RIG_PATH_MAX];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

struct hooks *gate_hooks(struct gate *g)
{
	(void)g;
	return hook_rig.hooks;
}

/* The feed: a place is a number. */
static int feed_next(void *arg, const struct who *who, char io_place[HOOK_PLACE_MAX],
		     struct hook_event *ret_event)
{
	static char json[128];
	unsigned long at = strtoul(io_place, NULL, 10);
	int got = 0;
	(void)arg;
	(void)pthread_mutex_lock(&lock);
	if (at < hook_rig.gone) {
		at = hook_rig.gone;
		got = -1;
	}
	while (got == 0 && at < hook_rig.len) {
		const struct hook_rig_event *e = &hook_rig.event[at++];
		got = e->hidden && strcmp(who->party, "tweede") == 0 ? 0 : 1;
		ret_event->type = e->type;
	}
	(void)snprintf(json, sizeof(json), "{\"specversion\":\"1.0\",\"id\":\"e%lu\"}", at);
	ret_event->json = json;
	(void)snprintf(io_place, HOOK_PLACE_MAX, "%lu", at);
	(void)pthread_mutex_unlock(&lock);
	return got;
}

static void feed_now(void *arg, char ret_place[HOOK_PLACE_MAX])
{
	(void)arg;
	(void)snprintf(ret_place, HOOK_PLACE_MAX, "%zu", hook_rig.len);
}

void hook_rig_open(void)
{
	assert_int_equal(out_open(&hook_rig.out, &hook_rig.box), SK_OK);
	assert_int_equal(hooks_open(hook_rig.box, &hook_rig.conf, &hook_rig.hooks), SK_OK);
	assert_int_equal(out_start(hook_rig.box), SK_OK);
}

void hook_rig_close(void)
{
	out_close(hook_rig.box);
	hooks_close(hook_rig.hooks);
	hook_rig.box = NULL;
	hook_rig.hooks = NULL;
}

int hook_rig_set_up(void **state)
{
	(void)state;
	node_rig_init(&rig);
	node_rig_path(&rig, "out", dir);
	peer_start(&hook_rig.peer, PEER_HTTP);
	peer_answer(&hook_rig.peer, "200 OK\r\nWebHook-Allowed-Origin: schakel.voorbeeld.be", "");
	hook_rig.out = (struct out_conf){ .dir = dir,
					  .map_bytes = 256U << 20,
					  .no_sync = true,
					  .retry_first_ms = 20,
					  .retry_max_ms = 40 };
	hook_rig.conf = (struct hook_conf){ .origin = "schakel.voorbeeld.be",
					    .hosts = "intern.test 127.0.0.1",
					    .feed = { .next = feed_next, .now = feed_now } };
	hook_rig.len = 0;
	hook_rig.gone = 0;
	hook_rig_open();
	return 0;
}

int hook_rig_tear_down(void **state)
{
	(void)state;
	hook_rig_close();
	peer_stop(&hook_rig.peer);
	node_rig_done(&rig);
	return 0;
}

struct web_rig_answer hook_rig_call(const char *method, const char *id, const char *body)
{
	struct web_rig_answer a;
	struct web_rig_call c = {
		.method = method,
		.path = id == NULL ? "/api/v1/subscriptions" : "/api/v1/subscriptions/{id}",
		.param = { id },
		.body = body,
		.who = { .known = true, .party = "tweede", .roles = ROLE_BIT(FACILITY) }
	};
	web_rig_run(hook_routes, &c, &a);
	return a;
}

/* Subscribes the peer. */
void hook_rig_subscribe(const char *types, char ret_id[HOOK_ID_LEN + 1], uint8_t ret_key[64])
{
	char url[256];
	char body[512];
	size_t len = 0;
	peer_url(&hook_rig.peer, "/events?x=1", url);
	(void)snprintf(body, sizeof(body), "{\"url\": \"%s\"%s}", url, types);
	struct web_rig_answer a = hook_rig_call("POST", NULL, body);
	assert_int_equal(a.status, 201);
	const char *secret = json_string_value(json_object_get(a.doc, "secret"));
	(void)snprintf(ret_id, HOOK_ID_LEN + 1, "%s",
		       json_string_value(json_object_get(a.doc, "id")));
	assert_string_equal(web_rig_head(&a, "Location") + strlen("/api/v1/subscriptions/"),
			    ret_id);
	assert_int_equal(sodium_base642bin(ret_key, 64, secret + 6, strlen(secret + 6), NULL, &len,
					   NULL, sodium_base64_VARIANT_ORIGINAL),
			 0);
	assert_int_equal(len, 32);
	web_rig_done(&a);
}

void hook_rig_event(const char *type, bool hidden)
{
	(void)pthread_mutex_lock(&lock);
	SK_ASSERT(hook_rig.len < HOOK_RIG_EVENTS);
	hook_rig.event[hook_rig.len++] = (struct hook_rig_event){ type, hidden };
	(void)pthread_mutex_unlock(&lock);
}

/* Waits until a subscription is in a state. */
json_t *hook_rig_wait(const char *id, const char *state)
{
	for (int i = 0; i < 1000; i++) {
		struct web_rig_answer a = hook_rig_call("GET", id, NULL);
		assert_int_equal(a.status, 200);
		if (strcmp(json_string_value(json_object_get(a.doc, "state")), state) == 0) {
			return a.doc;
		}
		web_rig_done(&a);
		(void)nanosleep(&(struct timespec){ .tv_nsec = 10000000 }, NULL);
	}
	fail_msg("never %s", state);
	return NULL;
}

void hook_rig_expect_end(const char *id, const char *reason)
{
	json_t *doc = hook_rig_wait(id, "ENDED");
	assert_string_equal(json_string_value(json_object_get(doc, "reason")), reason);
	json_decref(doc);
}

void hook_rig_header(const char *got, const char *name, char ret_value[256])
{
	const char *at = strstr(got, name);
	assert_non_null(at);
	(void)snprintf(ret_value, 256, "%.*s", (int)strcspn(at + strlen(name), "\r"),
		       at + strlen(name));
}

void hook_rig_drain(void)
{
	struct out_counts c = { 0 };
	for (int i = 0; i < 500; i++) {
		out_counts(hook_rig.box, &c);
		if (c.waiting[OUT_HOOK] == 0) {
			return;
		}
		(void)nanosleep(&(struct timespec){ .tv_nsec = 10000000 }, NULL);
	}
	fail_msg("calls still wait after five seconds");
}
