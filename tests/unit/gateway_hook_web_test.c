/* SPDX-License-Identifier: EUPL-1.2 */
/* Subscriptions as their owners ask for them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/gateway_hook_rig.h"

static void test_hook_bad_addresses_are_refused_with_the_field(void **state)
{
	(void)state;
	static const char *const bad[] = {
		"https://10.0.0.1/",
		"https://[::1]/",
		"https://[::ffff:127.0.0.1]/",
		"https://169.254.169.254/x",
		"http://example.com/",
		"ftp://example.com/",
		"https://u:p@example.com/",
		"https://example.com/#x",
		"file:///etc/passwd",
		"https://167772161/",
		"https://0x0a.1/",
		"gopher://127.0.0.1/",
		"javascript:x",
		"https://exa mple.com/",
		"https://example.com/\\r\\nX: y",
	};
	char body[256];
	for (size_t i = 0; i < SK_LEN(bad); i++) {
		(void)snprintf(body, sizeof(body), "{\"url\": \"%s\"}", bad[i]);
		struct web_rig_answer a = hook_rig_call("POST", NULL, body);
		if (a.status != 400 || strcmp(a.field, "url") != 0) {
			fail_msg("%s: %u %s", bad[i], a.status, a.field);
		}
		web_rig_done(&a);
	}
	static const char *const other[][2] = {
		{ "{\"url\": \"https://example.com/\", \"types\": []}", "types" },
		{ "{\"url\": \"https://example.com/\", \"types\": [\"a b\"]}", "types/0" },
		{ "{\"url\": \"https://example.com/\", \"secret\": \"kort\"}", "secret" },
		{ "{\"url\": \"https://example.com/\", \"x\": 1}", "x" },
		{ "{}", "url" },
	};
	for (size_t i = 0; i < SK_LEN(other); i++) {
		struct web_rig_answer a = hook_rig_call("POST", NULL, other[i][0]);
		assert_int_equal(a.status, 400);
		assert_string_equal(a.field, other[i][1]);
		web_rig_done(&a);
	}
}

static void test_hook_others_do_not_see_it_and_delete_ends_it(void **state)
{
	(void)state;
	char id[HOOK_ID_LEN + 1];
	uint8_t key[64];
	hook_rig_subscribe("", id, key);
	struct web_rig_answer a;
	struct web_rig_call other = { .method = "GET",
				      .path = "/api/v1/subscriptions/{id}",
				      .param = { id },
				      .who = { .known = true, .party = "ander" } };
	web_rig_run(hook_routes, &other, &a);
	assert_int_equal(a.status, 404);
	other.method = "DELETE";
	web_rig_run(hook_routes, &other, &a);
	assert_int_equal(a.status, 404);
	a = hook_rig_call("DELETE", id, NULL);
	assert_int_equal(a.status, 204);
	a = hook_rig_call("GET", NULL, NULL);
	assert_int_equal(json_array_size(json_object_get(a.doc, "subscriptions")), 0);
	web_rig_done(&a);
}

static void test_hook_retry_of_a_post_makes_one(void **state)
{
	(void)state;
	struct web_rig_answer a;
	struct web_rig_call c = {
		.method = "POST",
		.path = "/api/v1/subscriptions",
		.head = { { "Idempotency-Key", "k-1" } },
		.body = "{\"url\": \"http://127.0.0.1:1/\"}",
		.who = { .known = true, .party = "tweede", .roles = ROLE_BIT(FACILITY) }
	};
	web_rig_run(hook_routes, &c, &a);
	assert_int_equal(a.status, 201);
	web_rig_done(&a);
	web_rig_run(hook_routes, &c, &a);
	assert_int_equal(a.status, 200);
	web_rig_done(&a);
	for (int i = 0; i < HOOKS_PARTY_MAX; i++) {
		c.head[0].name = NULL;
		web_rig_run(hook_routes, &c, &a);
		assert_int_equal(a.status, i < HOOKS_PARTY_MAX - 1 ? 201 : 409);
		web_rig_done(&a);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, hook_rig_set_up, hook_rig_tear_down)
		T(test_hook_bad_addresses_are_refused_with_the_field),
		T(test_hook_others_do_not_see_it_and_delete_ends_it),
		T(test_hook_retry_of_a_post_makes_one),
#undef T
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
