/* SPDX-License-Identifier: EUPL-1.2 */
/* The outbox: nothing that was put is lost, whatever the other side or a kill does. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>
#include <sodium.h>

#include "services/gateway/out.h"
#include "tests/unit/gateway_peer.h"
#include "tests/unit/node_rig.h"

static struct node_rig rig;
static struct peer peer;
static struct outbox *box;
static char dir[NODE_RIG_PATH_MAX];
static char url[256];
static struct out_conf conf;

static int set_up(void **state)
{
	(void)state;
	node_rig_init(&rig);
	node_rig_path(&rig, "out", dir);
	peer_start(&peer, PEER_HTTP);
	peer_url(&peer, "/sms", url);
	conf = (struct out_conf){ .dir = dir,
				  .map_bytes = 256U << 20,
				  .no_sync = true,
				  .mail_server = "",
				  .mail_from = "schakel@voorbeeld.be",
				  .text_url = url,
				  .text_key = "sleutel",
				  .retry_first_ms = 20,
				  .retry_max_ms = 40 };
	box = NULL;
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	out_close(box);
	peer_stop(&peer);
	node_rig_done(&rig);
	return 0;
}

static void open_box(void)
{
	assert_int_equal(out_open(&conf, &box), SK_OK);
}

static void start_box(void)
{
	open_box();
	assert_int_equal(out_start(box), SK_OK);
}

static int put(enum out_kind kind, const char *to, const char *key, const char *text)
{
	struct out_item item = { .kind = kind,
				 .to = to,
				 .subject = "Een vraag: kunnen jullie helpen? één",
				 .body = { text, strlen(text) },
				 .key = key };
	return out_put(box, &item);
}

/* Waits until nothing waits. */
static struct out_counts drained(void)
{
	struct out_counts c = { 0 };
	for (int i = 0; i < 1000; i++) {
		uint64_t left = 0;
		out_counts(box, &c);
		for (size_t k = 0; k < OUT_KINDS; k++) {
			left += c.waiting[k];
		}
		if (left == 0) {
			return c;
		}
		(void)nanosleep(&(struct timespec){ .tv_nsec = 10000000 }, NULL);
	}
	fail_msg("something still waits after ten seconds");
	return c;
}

static void test_out_text_is_posted(void **state)
{
	(void)state;
	start_box();
	assert_int_equal(put(OUT_TEXT, "+32470123456", NULL, "Er is een vraag."), SK_OK);
	assert_true(peer_wait(&peer, 1));
	assert_int_equal(drained().sent[OUT_TEXT], 1);
	assert_non_null(strstr(peer.got[0], "POST /sms HTTP/1.1"));
	assert_non_null(strstr(peer.got[0], "Authorization: Bearer sleutel"));
	assert_non_null(strstr(peer.got[0], "Idempotency-Key: "));
	assert_non_null(strstr(peer.got[0], "{\"to\":\"+32470123456\",\"text\":\"Er is een "
					    "vraag.\"}"));
}

/* Headers that mail servers and mailboxes need; the text arrives as it was put. */
static void test_out_mail_is_a_message(void **state)
{
	(void)state;
	static const char body[] = "Beste collega's,\n\nEr is een vraag. Één zelfs.\n";
	char base64[200];
	struct peer smtp;
	char server[256];
	peer_start(&smtp, PEER_SMTP);
	peer_url(&smtp, "", server);
	conf.mail_server = server;
	start_box();
	assert_int_equal(put(OUT_MAIL, "dienst@huis.voorbeeld.be", NULL, body), SK_OK);
	assert_true(peer_wait(&smtp, 1));
	assert_int_equal(drained().sent[OUT_MAIL], 1);
	const char *got = smtp.got[0];
	assert_non_null(strstr(got, "MAIL FROM:<schakel@voorbeeld.be>"));
	assert_non_null(strstr(got, "RCPT TO:<dienst@huis.voorbeeld.be>"));
	assert_non_null(strstr(got, "\r\nTo: <dienst@huis.voorbeeld.be>\r\n"));
	assert_non_null(strstr(got, "\r\nSubject: =?UTF-8?B?RWVuIHZyYWFnOiBrdW5uZW4"));
	assert_non_null(strstr(got, "@voorbeeld.be>\r\nAuto-Submitted: auto-generated\r\n"));
	(void)sodium_bin2base64(base64, sizeof(base64), (const unsigned char *)body,
				sizeof(body) - 1, sodium_base64_VARIANT_ORIGINAL);
	assert_non_null(strstr(got, base64));
	peer_stop(&smtp);
}

static void test_out_failure_is_tried_again_under_the_same_id(void **state)
{
	(void)state;
	peer_answer(&peer, "503 Later", "");
	start_box();
	assert_int_equal(put(OUT_TEXT, "+32470123456", NULL, "tekst"), SK_OK);
	assert_true(peer_wait(&peer, 2));
	peer_answer(&peer, "200 OK", "");
	struct out_counts c = drained();
	assert_int_equal(c.sent[OUT_TEXT], 1);
	assert_true(c.failed[OUT_TEXT] >= 2);
	const char *first = strstr(peer.got[0], "Idempotency-Key: ");
	const char *second = strstr(peer.got[1], "Idempotency-Key: ");
	assert_memory_equal(first, second, 17 + 16 + 2);
}

static void test_out_retry_after_is_obeyed(void **state)
{
	(void)state;
	peer_answer(&peer, "429 Too Many\r\nRetry-After: 1", "");
	start_box();
	assert_int_equal(put(OUT_TEXT, "+32470123456", NULL, "tekst"), SK_OK);
	assert_true(peer_wait(&peer, 1));
	peer_answer(&peer, "200 OK", "");
	assert_int_equal(drained().sent[OUT_TEXT], 1);
	assert_true(peer.at_ms[1] - peer.at_ms[0] >= 950);
}

static void test_out_gives_up_in_the_end_and_counts_it(void **state)
{
	(void)state;
	conf.give_up_ms = 200;
	peer_answer(&peer, "500 No", "");
	start_box();
	assert_int_equal(put(OUT_TEXT, "+32470123456", NULL, "tekst"), SK_OK);
	struct out_counts c = drained();
	assert_int_equal(c.given_up[OUT_TEXT], 1);
	assert_int_equal(c.sent[OUT_TEXT], 0);
	assert_true(peer_count(&peer) >= 2);
}

/* No such mailbox: trying it for three days helps nobody. */
static void test_out_mailbox_that_is_not_is_given_up_at_once(void **state)
{
	(void)state;
	struct peer smtp;
	char server[256];
	peer_start(&smtp, PEER_SMTP);
	peer_answer(&smtp, "550 no such user", NULL);
	peer_url(&smtp, "", server);
	conf.mail_server = server;
	start_box();
	assert_int_equal(put(OUT_MAIL, "weg@voorbeeld.be", NULL, "tekst"), SK_OK);
	struct out_counts c = drained();
	assert_int_equal(c.given_up[OUT_MAIL], 1);
	assert_int_equal(c.failed[OUT_MAIL], 1);
	peer_stop(&smtp);
}

static void test_out_key_is_sent_once_also_after_a_restart(void **state)
{
	(void)state;
	open_box();
	assert_int_equal(put(OUT_TEXT, "+32470123456", "ask-1", "tekst"), SK_OK);
	assert_int_equal(put(OUT_TEXT, "+32470123456", "ask-1", "tekst"), SK_EEXIST);
	out_close(box);
	start_box();
	assert_int_equal(drained().sent[OUT_TEXT], 1);
	assert_int_equal(put(OUT_TEXT, "+32470123456", "ask-1", "tekst"), SK_EEXIST);
	assert_true(out_known(box, "ask-1"));
	assert_false(out_known(box, "ask-2"));
	assert_int_equal(peer_count(&peer), 1);
}

static void test_out_cancelled_is_not_sent(void **state)
{
	(void)state;
	struct out_item later = { .kind = OUT_TEXT,
				  .to = "+32470123456",
				  .body = { "later", 5 },
				  .key = "reminder-1",
				  .not_before_ms = out_now_ms() + 300 };
	start_box();
	assert_int_equal(out_put(box, &later), SK_OK);
	later.key = "reminder-2";
	assert_int_equal(out_put(box, &later), SK_OK);
	assert_int_equal(peer_count(&peer), 0);
	assert_true(out_cancel(box, "reminder-1"));
	assert_false(out_cancel(box, "reminder-1"));
	assert_int_equal(drained().sent[OUT_TEXT], 1);
	assert_int_equal(peer_count(&peer), 1);
}

/* A kill in the midst of a transfer: what was put goes out after the next start, the same. */
static void test_out_killed_sender_loses_nothing(void **state)
{
	(void)state;
	int ready[2];
	char byte = 0;
	int status = 0;
	assert_int_equal(pipe(ready), 0);
	peer_answer(&peer, "", "");
	pid_t child = fork();
	if (child == 0) {
		bool put_all = out_open(&conf, &box) == SK_OK && out_start(box) == SK_OK;
		for (int i = 0; i < 20 && put_all; i++) {
			char text[24];
			(void)snprintf(text, sizeof(text), "nummer %02d", i);
			put_all = put(OUT_TEXT, "+32470123456", NULL, text) == SK_OK;
		}
		(void)!write(ready[1], put_all ? "y" : "n", 1);
		for (;;) {
			(void)pause();
		}
	}
	assert_int_equal(read(ready[0], &byte, 1), 1);
	assert_int_equal(byte, 'y');
	assert_true(peer_wait(&peer, 3));
	assert_int_equal(kill(child, SIGKILL), 0);
	assert_int_equal(waitpid(child, &status, 0), child);
	(void)close(ready[0]);
	(void)close(ready[1]);
	peer_answer(&peer, "200 OK", "");
	start_box();
	assert_int_equal(drained().sent[OUT_TEXT], 20);
	for (int i = 0; i < 20; i++) {
		char text[24];
		bool found = false;
		(void)snprintf(text, sizeof(text), "nummer %02d", i);
		for (size_t j = 0; j < peer.count && j < PEER_GOT_MAX; j++) {
			found = found || strstr(peer.got[j], text) != NULL;
		}
		assert_true(found);
	}
}

static void test_out_bad_addresses_are_refused(void **state)
{
	(void)state;
	static const char *const bad[] = { "",           "a",
					   "a@",         "@b.be",
					   "a b@c.be",   "a@b.be\r\nBcc: c@d.be",
					   "a@b..be",    "a@-b.be",
					   ".a@b.be",    "a@b.be>",
					   "<a@b.be",    "a@b@c.be",
					   "\"a\"@b.be", "a@b.be, c@d.be" };
	open_box();
	for (size_t i = 0; i < SK_LEN(bad); i++) {
		assert_int_equal(put(OUT_MAIL, bad[i], NULL, "x"), SK_EINVAL);
	}
	assert_int_equal(put(OUT_TEXT, "0470 12 34 56", NULL, "x"), SK_EINVAL);
	assert_int_equal(put(OUT_MAIL, "a.b+c@d-e.be", NULL, "x"), SK_OK);
	struct out_item item = { .kind = OUT_MAIL, .to = "a@b.be", .subject = "a\r\nBcc: c@d.be" };
	assert_int_equal(out_put(box, &item), SK_EINVAL);
}

static void test_out_full_target_refuses_and_leaves_others_alone(void **state)
{
	(void)state;
	struct out_batch b;
	struct out_item item = { .kind = OUT_HOOK, .to = "een", .body = { "{}", 2 } };
	open_box();
	assert_int_equal(out_begin(box, &b), SK_OK);
	for (int i = 0; i < OUT_TARGET_MAX; i++) {
		assert_int_equal(out_add(&b, &item), SK_OK);
	}
	assert_int_equal(out_add(&b, &item), SK_EFULL);
	assert_int_equal(out_commit(&b), SK_OK);
	assert_int_equal(out_room(box, "een"), 0);
	assert_int_equal(out_room(box, "twee"), OUT_TARGET_MAX);
	assert_int_equal(put(OUT_TEXT, "+32470123456", NULL, "x"), SK_OK);
	struct out_counts c;
	out_counts(box, &c);
	assert_int_equal(c.refused_full, 1);
	out_drop(box, "een");
	out_counts(box, &c);
	assert_int_equal(c.waiting[OUT_HOOK], 0);
	assert_int_equal(c.waiting[OUT_TEXT], 1);
}

/* An aborted batch is as if it never was: neither sent nor counted nor remembered. */
static void test_out_aborted_batch_leaves_nothing(void **state)
{
	(void)state;
	struct out_batch b;
	struct out_counts c;
	struct out_item item = {
		.kind = OUT_TEXT, .to = "+32470123456", .key = "k", .body = { "x", 1 }
	};
	open_box();
	assert_int_equal(out_begin(box, &b), SK_OK);
	assert_int_equal(out_add(&b, &item), SK_OK);
	out_abort(&b);
	out_counts(box, &c);
	assert_int_equal(c.waiting[OUT_TEXT], 0);
	assert_int_equal(out_put(box, &item), SK_OK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
		T(test_out_text_is_posted),
		T(test_out_mail_is_a_message),
		T(test_out_failure_is_tried_again_under_the_same_id),
		T(test_out_retry_after_is_obeyed),
		T(test_out_gives_up_in_the_end_and_counts_it),
		T(test_out_mailbox_that_is_not_is_given_up_at_once),
		T(test_out_key_is_sent_once_also_after_a_restart),
		T(test_out_cancelled_is_not_sent),
		T(test_out_killed_sender_loses_nothing),
		T(test_out_bad_addresses_are_refused),
		T(test_out_full_target_refuses_and_leaves_others_alone),
		T(test_out_aborted_batch_leaves_nothing),
#undef T
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
