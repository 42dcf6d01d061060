/* SPDX-License-Identifier: EUPL-1.2 */
/* Webhooks: who wants to be called is, in order and signed; who does not is left in peace; and the
 * gateway is no way into a network that outsiders do not see. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>
#include <sodium.h>

#include "services/gateway/hook_private.h"
#include "tests/unit/gateway_hook_rig.h"

/* The handshake first, then the event with a signature that the receiver can check. */
static void test_hook_event_is_called_signed_after_the_handshake(void **state)
{
	(void)state;
	char id[HOOK_ID_LEN + 1];
	uint8_t key[64];
	char said[1024];
	char value[3][256];
	uint8_t mac[crypto_auth_hmacsha256_BYTES];
	char base64[64];
	crypto_auth_hmacsha256_state st;
	hook_rig_subscribe("", id, key);
	hook_rig_event("be.jeugdhulp.offer.changed.v1", false);
	assert_true(peer_wait(&hook_rig.peer, 2));
	assert_memory_equal(hook_rig.peer.got[0], "OPTIONS /events?x=1 HTTP/1.1\r\n", 30);
	assert_non_null(strstr(hook_rig.peer.got[0], "\r\nWebHook-Request-Origin: "
						     "schakel.voorbeeld.be\r\n"));
	assert_non_null(strstr(hook_rig.peer.got[0], "\r\nWebHook-Request-Rate: "));
	assert_memory_equal(hook_rig.peer.got[1], "POST /events?x=1 HTTP/1.1\r\n", 27);
	assert_non_null(strstr(hook_rig.peer.got[1], "\r\nContent-Type: "
						     "application/cloudevents+json"));
	const char *body = strstr(hook_rig.peer.got[1], "\r\n\r\n") + 4;
	assert_string_equal(body, "{\"specversion\":\"1.0\",\"id\":\"e1\"}");
	hook_rig_header(hook_rig.peer.got[1], "webhook-id: ", value[0]);
	hook_rig_header(hook_rig.peer.got[1], "webhook-timestamp: ", value[1]);
	hook_rig_header(hook_rig.peer.got[1], "webhook-signature: v1,", value[2]);
	(void)snprintf(said, sizeof(said), "%s.%s.%s", value[0], value[1], body);
	(void)crypto_auth_hmacsha256_init(&st, key, 32);
	(void)crypto_auth_hmacsha256_update(&st, (const uint8_t *)said, strlen(said));
	(void)crypto_auth_hmacsha256_final(&st, mac);
	(void)sodium_bin2base64(base64, sizeof(base64), mac, sizeof(mac),
				sodium_base64_VARIANT_ORIGINAL);
	assert_string_equal(value[2], base64);
	json_decref(hook_rig_wait(id, "ACTIVE"));
}

static void test_hook_without_permission_ends(void **state)
{
	(void)state;
	char id[HOOK_ID_LEN + 1];
	uint8_t key[64];
	peer_answer(&hook_rig.peer, "200 OK\r\nWebHook-Allowed-Origin: iemand.anders.be", "");
	hook_rig_subscribe("", id, key);
	hook_rig_event("a.b", false);
	hook_rig_expect_end(id, "NOT_ALLOWED");
	assert_int_equal(peer_count(&hook_rig.peer), 1);
}

/* Followed, a redirect would lead wherever the other side likes. */
static void test_hook_redirect_is_not_followed(void **state)
{
	(void)state;
	char id[HOOK_ID_LEN + 1];
	char url[256];
	char head[512];
	uint8_t key[64];
	struct peer other;
	peer_start(&other, PEER_HTTP);
	peer_url(&other, "/", url);
	(void)snprintf(head, sizeof(head), "302 Found\r\nLocation: %s", url);
	peer_answer(&hook_rig.peer, head, "");
	hook_rig_subscribe("", id, key);
	hook_rig_expect_end(id, "NOT_ALLOWED");
	assert_int_equal(peer_count(&other), 0);
	peer_stop(&other);
}

/* A name says nothing: localhost resolves to an address that is refused when it is connected to. */
static void test_hook_name_that_leads_inside_is_refused(void **state)
{
	(void)state;
	char body[256];
	(void)snprintf(body, sizeof(body), "{\"url\": \"https://localhost:%u/\"}",
		       hook_rig.peer.port);
	struct web_rig_answer a = hook_rig_call("POST", NULL, body);
	assert_int_equal(a.status, 201);
	hook_rig_expect_end(json_string_value(json_object_get(a.doc, "id")), "NOT_PUBLIC");
	assert_int_equal(peer_count(&hook_rig.peer), 0);
	web_rig_done(&a);
}

static void test_hook_types_and_sight_filter(void **state)
{
	(void)state;
	char id[HOOK_ID_LEN + 1];
	uint8_t key[64];
	hook_rig_subscribe(", \"types\": [\"be.offer.*\", \"be.team.made.v1\"]", id, key);
	hook_rig_event("be.offer.changed.v1", false);
	hook_rig_event("be.offers", false);
	hook_rig_event("be.team.made.v1", false);
	hook_rig_event("be.team.made.v11", false);
	hook_rig_event("be.offer.changed.v1", true);
	hook_rig_event("be.offer.last.v1", false);
	assert_true(peer_wait(&hook_rig.peer, 4));
	assert_non_null(strstr(hook_rig.peer.got[1], "e1"));
	assert_non_null(strstr(hook_rig.peer.got[2], "e3"));
	assert_non_null(strstr(hook_rig.peer.got[3], "e6"));
}

/* A receiver that stumbles gets the same again, before what came later. */
static void test_hook_calls_keep_their_order_over_failures(void **state)
{
	(void)state;
	char id[HOOK_ID_LEN + 1];
	uint8_t key[64];
	char first[256];
	char again[256];
	hook_rig_subscribe("", id, key);
	json_decref(hook_rig_wait(id, "ACTIVE"));
	peer_answer(&hook_rig.peer, "500 Oops", "");
	hook_rig_event("a.b", false);
	hook_rig_event("a.b", false);
	assert_true(peer_wait(&hook_rig.peer, 3));
	peer_answer(&hook_rig.peer, "204 Fine", "");
	assert_true(peer_wait(&hook_rig.peer, 5));
	hook_rig_header(hook_rig.peer.got[1], "webhook-id: ", first);
	hook_rig_header(hook_rig.peer.got[2], "webhook-id: ", again);
	assert_string_equal(first, again);
	size_t n = peer_count(&hook_rig.peer);
	assert_non_null(strstr(hook_rig.peer.got[n - 1], "e2"));
	for (size_t i = 1; i + 1 < n; i++) {
		assert_non_null(strstr(hook_rig.peer.got[i], "e1"));
	}
}

static void test_hook_gone_ends_it_and_drops_what_waits(void **state)
{
	(void)state;
	char id[HOOK_ID_LEN + 1];
	uint8_t key[64];
	hook_rig_subscribe("", id, key);
	json_decref(hook_rig_wait(id, "ACTIVE"));
	peer_answer(&hook_rig.peer, "410 Gone", "");
	for (uint64_t i = 1; i <= 5; i++) {
		hook_rig_event("a.b", false);
	}
	hook_rig_expect_end(id, "GONE");
	assert_int_equal(peer_count(&hook_rig.peer), 2);
	hook_rig_drain();
}

static void test_hook_given_up_ends_it_and_tells_up_to_where(void **state)
{
	(void)state;
	char id[HOOK_ID_LEN + 1];
	uint8_t key[64];
	hook_rig_close();
	hook_rig.out.give_up_ms = 150;
	hook_rig_open();
	hook_rig_subscribe("", id, key);
	json_decref(hook_rig_wait(id, "ACTIVE"));
	hook_rig_event("a.b", false);
	assert_true(peer_wait(&hook_rig.peer, 2));
	hook_rig_drain();
	peer_answer(&hook_rig.peer, "500 Oops", "");
	hook_rig_event("a.b", false);
	json_t *doc = hook_rig_wait(id, "ENDED");
	assert_string_equal(json_string_value(json_object_get(doc, "reason")), "UNREACHABLE");
	assert_string_equal(json_string_value(json_object_get(doc, "cursor")), "1");
	json_decref(doc);
}

static void test_hook_rate_that_was_allowed_is_kept(void **state)
{
	(void)state;
	char id[HOOK_ID_LEN + 1];
	uint8_t key[64];
	peer_answer(&hook_rig.peer,
		    "200 OK\r\nWebHook-Allowed-Origin: *\r\nWebHook-Allowed-Rate: 300", "");
	hook_rig_subscribe("", id, key);
	json_t *doc = hook_rig_wait(id, "ACTIVE");
	assert_int_equal(json_integer_value(json_object_get(doc, "rate")), 300);
	json_decref(doc);
	hook_rig_event("a.b", false);
	hook_rig_event("a.b", false);
	hook_rig_event("a.b", false);
	assert_true(peer_wait(&hook_rig.peer, 4));
	assert_true(hook_rig.peer.at_ms[3] - hook_rig.peer.at_ms[2] >= 180);
	assert_true(hook_rig.peer.at_ms[2] - hook_rig.peer.at_ms[1] >= 180);
}

/* After a restart it goes on in the feed where it was, and gets nothing twice. */
static void test_hook_place_lasts_over_a_restart(void **state)
{
	(void)state;
	char id[HOOK_ID_LEN + 1];
	uint8_t key[64];
	hook_rig_event("before.it.was", false);
	hook_rig_subscribe("", id, key);
	hook_rig_event("a.b", false);
	hook_rig_event("a.b", false);
	assert_true(peer_wait(&hook_rig.peer, 3));
	hook_rig_drain();
	hook_rig_close();
	hook_rig_event("a.b", false);
	hook_rig_event("a.b", false);
	hook_rig_open();
	assert_true(peer_wait(&hook_rig.peer, 5));
	hook_rig_drain();
	static const char *const ids[] = { "e2", "e3", "e4", "e5" };
	for (size_t i = 0; i < SK_LEN(ids); i++) {
		assert_non_null(strstr(hook_rig.peer.got[1 + i], ids[i]));
	}
	assert_int_equal(peer_count(&hook_rig.peer), 5);
	json_t *doc = hook_rig_wait(id, "ACTIVE");
	assert_string_equal(json_string_value(json_object_get(doc, "cursor")), "5");
	assert_null(json_object_get(doc, "gap"));
	json_decref(doc);
}

/* What the feed no longer holds is said, not passed over in silence. */
static void test_hook_gap_in_the_feed_is_told(void **state)
{
	(void)state;
	char id[HOOK_ID_LEN + 1];
	uint8_t key[64];
	hook_rig_subscribe("", id, key);
	json_decref(hook_rig_wait(id, "ACTIVE"));
	hook_rig_close();
	hook_rig_event("a.b", false);
	hook_rig_event("a.b", false);
	hook_rig.gone = 1;
	hook_rig_open();
	assert_true(peer_wait(&hook_rig.peer, 2));
	assert_non_null(strstr(hook_rig.peer.got[1], "e2"));
	json_t *doc = hook_rig_wait(id, "ACTIVE");
	assert_true(json_is_true(json_object_get(doc, "gap")));
	json_decref(doc);
}

/* Full: it stays where it is in the feed, and goes on from there; nothing is thrown away. */
static void test_hook_full_one_waits_in_the_feed_and_catches_up(void **state)
{
	(void)state;
	char id[HOOK_ID_LEN + 1];
	uint8_t key[64];
	peer_answer(&hook_rig.peer, "503 Later", "");
	for (size_t i = 0; i < OUT_TARGET_MAX + 10; i++) {
		hook_rig_event("a.b", false);
	}
	hook_rig.len = 0;
	hook_rig_subscribe("", id, key);
	hook_rig.len = OUT_TARGET_MAX + 10;
	for (int i = 0; i < 1000 && out_room(hook_rig.box, id) > 0; i++) {
		(void)nanosleep(&(struct timespec){ .tv_nsec = 10000000 }, NULL);
	}
	assert_int_equal(out_room(hook_rig.box, id), 0);
	struct out_counts c;
	out_counts(hook_rig.box, &c);
	assert_int_equal(c.waiting[OUT_HOOK] + c.waiting[OUT_HANDSHAKE], OUT_TARGET_MAX);
	peer_answer(&hook_rig.peer, "200 OK\r\nWebHook-Allowed-Origin: *", "");
	assert_true(peer_wait(&hook_rig.peer, OUT_TARGET_MAX + 11));
}

/* A row of the version before FHIR's own calls is read, as a webhook of CloudEvents; and a row of
 * this one comes back as it went. */
static void test_hook_row_of_before_is_read(void **state)
{
	(void)state;
	static const char old[] = "{\"id\":\"0123456789abcdef0123456789abcdef\",\"party\":\"clb\","
				  "\"roles\":4,"
				  "\"url\":\"https://x.be/y\",\"types\":[],"
				  "\"secret\":\"whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIz\",\"state\":"
				  "1,\"reason\":0,"
				  "\"created\":1,\"ended\":0,\"place\":\"p\",\"delivered\":\"d\","
				  "\"gap\":false,"
				  "\"rate\":0}";
	struct hook k = { 0 };
	struct hook again = { 0 };
	assert_true(hook_row_read((struct slice){ old, strlen(old) }, &k));
	assert_int_equal(k.payload, HOOK_CLOUDEVENT);
	assert_int_equal(k.told, 0);
	k.payload = HOOK_FHIR_IDS;
	k.told = 7;
	char *text = hook_row_text(&k);
	assert_non_null(text);
	assert_true(hook_row_read((struct slice){ text, strlen(text) }, &again));
	assert_int_equal(again.payload, HOOK_FHIR_IDS);
	assert_int_equal(again.told, 7);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, hook_rig_set_up, hook_rig_tear_down)
		T(test_hook_event_is_called_signed_after_the_handshake),
		T(test_hook_without_permission_ends),
		T(test_hook_redirect_is_not_followed),
		T(test_hook_name_that_leads_inside_is_refused),
		T(test_hook_types_and_sight_filter),
		T(test_hook_calls_keep_their_order_over_failures),
		T(test_hook_gone_ends_it_and_drops_what_waits),
		T(test_hook_given_up_ends_it_and_tells_up_to_where),
		T(test_hook_rate_that_was_allowed_is_kept),
		T(test_hook_place_lasts_over_a_restart),
		T(test_hook_gap_in_the_feed_is_told),
		T(test_hook_full_one_waits_in_the_feed_and_catches_up),
		T(test_hook_row_of_before_is_read),
#undef T
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
