/* SPDX-License-Identifier: EUPL-1.2 */
/* Mails of questions, reminders and the weekly one: each once, none about a child, none after the
 * answer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>
#include <sodium.h>

#include "common/civil.h"
#include "services/gateway/notice.h"
#include "tests/unit/gateway_peer.h"
#include "tests/unit/node_rig.h"

#define HOUR_MS 3600000ULL

static struct node_rig rig;
static struct peer smtp;
static struct peer sms;
static struct outbox *box;
static struct notice *notice;
static struct out_conf out;
static struct conf *conf;
static struct token_key key;
static struct notice_port port;
static char dir[NODE_RIG_PATH_MAX];
static char mail_url[256];
static char text_url[256];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

/* What the fake gateway shows; under the lock. */
static struct {
	uint64_t now_ms;
	PB(Event) event[4];
	size_t events;
	PB(Ask) ask;
	PB(PoolItem) pool[3];
	PB(PutCapacity) capacity[3];
	size_t pools;
	int err;
	unsigned asked;
	unsigned others; /* of which it is not */
	bool joint;      /* several houses publish the pool: each sees the ask */
} world;

static uint8_t ask_id[OBJECT_ID_LEN] = { 1, 2, 3 };
static char second[] = "second";
static char zone[] = "noord";
static char pool_names[3][16] = { "leefgroep", "mobiel", "dicht" };

static int next(void *arg, char io_place[NOTICE_PLACE_MAX], const PB(Event) **ret_event)
{
	(void)arg;
	size_t at = strtoul(io_place, NULL, 10);
	int got = 0;
	(void)pthread_mutex_lock(&lock);
	if (at < world.events) {
		*ret_event = &world.event[at++];
		(void)snprintf(io_place, NOTICE_PLACE_MAX, "%zu", at);
		got = 1;
	}
	(void)pthread_mutex_unlock(&lock);
	return got;
}

static int ask(void *arg, const char *party, PB(Message) *query, struct arena *a,
	       PB(Message) **ret_answer)
{
	(void)arg;
	bool own = world.joint || strcmp(party, "second") == 0;
	assert_true(own || world.event[0].party[0] == '\0'); /* who else is asked when it is told */
	(void)pthread_mutex_lock(&lock);
	PB(Message) *m = arena_alloc(a, sizeof(*m));
	schakel__v1__message__init(m);
	world.asked += own;
	world.others += !own;
	if (query->body_case == BODY(QUERY_ASKS)) {
		assert_string_equal(query->query_asks->partner, party);
	}
	if (query->body_case == BODY(QUERY_ASKS) && own) {
		PB(AsksView) *v = arena_alloc(a, sizeof(*v));
		schakel__v1__asks_view__init(v);
		v->asks = arena_alloc(a, sizeof(*v->asks));
		v->asks[0] = arena_dup(a, &world.ask, sizeof(world.ask));
		v->n_asks = 1;
		m->body_case = BODY(ASKS_VIEW);
		m->asks_view = v;
	} else if (query->body_case == BODY(QUERY_ASKS)) {
		m->body_case = BODY(RECEIPT); /* refused: not yours */
		m->receipt = arena_alloc(a, sizeof(*m->receipt));
		schakel__v1__receipt__init(m->receipt);
	} else {
		PB(PoolsView) *v = arena_alloc(a, sizeof(*v));
		schakel__v1__pools_view__init(v);
		v->pools = arena_alloc(a, 3 * sizeof(*v->pools));
		for (v->n_pools = 0; v->n_pools < world.pools; v->n_pools++) {
			v->pools[v->n_pools] = &world.pool[v->n_pools];
		}
		m->body_case = BODY(POOLS_VIEW);
		m->pools_view = v;
	}
	*ret_answer = m;
	int err = world.err;
	(void)pthread_mutex_unlock(&lock);
	return err;
}

static const struct conf *conf_now(void *arg)
{
	(void)arg;
	return conf;
}

static void conf_done(void *arg)
{
	(void)arg;
}

static uint64_t now(void *arg)
{
	(void)arg;
	(void)pthread_mutex_lock(&lock);
	uint64_t now_ms = world.now_ms;
	(void)pthread_mutex_unlock(&lock);
	return now_ms;
}

static void open_all(void)
{
	assert_int_equal(out_open(&out, &box), SK_OK);
	assert_int_equal(notice_open(box, &port, &notice), SK_OK);
	assert_int_equal(out_start(box), SK_OK);
}

static void close_all(void)
{
	notice_close(notice);
	out_close(box);
}

static void make_world(void)
{
	memset(&world, 0, sizeof(world));
	world.now_ms = out_now_ms();
	schakel__v1__event__init(&world.event[0]);
	world.event[0].kind = SCHAKEL__V1__EVENT_KIND__EVENT_KIND_CONTRIBUTION;
	world.event[0].contribution_state =
		SCHAKEL__V1__CONTRIBUTION_STATE__CONTRIBUTION_STATE_ASKED;
	world.event[0].object_id = (ProtobufCBinaryData){ OBJECT_ID_LEN, ask_id };
	world.event[0].party = second;
	world.event[0].due_ms = world.now_ms + 100 * HOUR_MS;
	schakel__v1__ask__init(&world.ask);
	world.ask.contribution_id = world.event[0].object_id;
	world.ask.expertise = 2;
	world.ask.zone = zone;
	world.ask.age_from = 77;
	world.ask.asked_ms = world.now_ms;
	world.ask.answer_by_ms = world.event[0].due_ms;
	world.ask.remind_ms = world.now_ms + 70 * HOUR_MS;
	world.ask.state = world.event[0].contribution_state;
}

static int set_up(void **state)
{
	(void)state;
	static struct conf_problems problems;
	node_rig_init(&rig);
	node_rig_path(&rig, "out", dir);
	assert_int_equal(conf_load(rig.dir, &conf, &problems), SK_OK);
	peer_start(&smtp, PEER_SMTP);
	peer_start(&sms, PEER_HTTP);
	peer_url(&smtp, "", mail_url);
	peer_url(&sms, "/", text_url);
	out = (struct out_conf){ .dir = dir,
				 .map_bytes = 256U << 20,
				 .no_sync = true,
				 .mail_server = mail_url,
				 .mail_from = "schakel@voorbeeld.be",
				 .text_url = text_url };
	struct conf_party *p = (struct conf_party *)(uintptr_t)conf_party(conf, "second");
	(void)snprintf(p->mail, sizeof(p->mail), "dienst@voorbeeld.be");
	(void)snprintf(p->text, sizeof(p->text), "+32470123456");
	(void)snprintf(conf->outside.mail.server, sizeof(conf->outside.mail.server), "x");
	(void)snprintf(conf->outside.text.url, sizeof(conf->outside.text.url), "x");
	conf->outside.mail.confirm_day = 0;
	(void)snprintf(conf->gateway.public_url, sizeof(conf->gateway.public_url),
		       "https://schakel.voorbeeld.be");
	memset(&key, 7, sizeof(key));
	port = (struct notice_port){ .next = next,
				     .ask = ask,
				     .conf = conf_now,
				     .conf_done = conf_done,
				     .now_ms = now,
				     .key = &key };
	make_world();
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	close_all();
	peer_stop(&smtp);
	peer_stop(&sms);
	conf_free(conf);
	node_rig_done(&rig);
	return 0;
}

/* The text of a mail that was received. */
static void mail_text(const char *got, char *ret_text, size_t cap)
{
	char base64[PEER_TEXT_MAX];
	size_t len = 0;
	const char *body = strstr(got, "base64\r\n\r\n");
	assert_non_null(body);
	(void)snprintf(base64, sizeof(base64), "%s", body + 10);
	*strstr(base64, "\r\n.\r\n") = '\0';
	assert_int_equal(sodium_base642bin((unsigned char *)ret_text, cap - 1, base64,
					   strlen(base64), "\r\n", &len, NULL,
					   sodium_base64_VARIANT_ORIGINAL),
			 0);
	ret_text[len] = '\0';
}

/* The world with one event more, seen by the notice's thread. */
static void show(uint64_t later_ms, PB(ContributionState) ask_state)
{
	(void)pthread_mutex_lock(&lock);
	world.now_ms += later_ms;
	world.ask.state = ask_state;
	world.events = 1;
	(void)pthread_mutex_unlock(&lock);
}

static void pause_ms(long ms)
{
	(void)nanosleep(&(struct timespec){ .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 },
			NULL);
}

#define ASKED SCHAKEL__V1__CONTRIBUTION_STATE__CONTRIBUTION_STATE_ASKED
#define CAN SCHAKEL__V1__CONTRIBUTION_STATE__CONTRIBUTION_STATE_CAN

static void test_notice_ask_is_mailed_and_sent_with_a_link_that_opens_it(void **state)
{
	(void)state;
	char text[PEER_TEXT_MAX];
	char token[TOKEN_LINK_MAX + 1];
	struct token_link l;
	open_all();
	show(0, ASKED);
	assert_true(peer_wait(&smtp, 1));
	assert_true(peer_wait(&sms, 1));
	mail_text(smtp.got[0], text, sizeof(text));
	assert_non_null(strstr(text, "Welke hulp: "));
	assert_non_null(strstr(text, "Waar: Noord"));
	assert_non_null(strstr(text, civil_format(world.ask.answer_by_ms).s));
	assert_non_null(strstr(text, "Please answer before"));
	char *at = strstr(text, "https://schakel.voorbeeld.be/a/");
	assert_non_null(at);
	(void)snprintf(token, sizeof(token), "%.*s", (int)strcspn(at + 31, "\n"), at + 31);
	assert_true(token_read_link(&key, conf, token, out_now_ms(), &l));
	assert_int_equal(l.kind, 'a');
	assert_string_equal(l.party, "second");
	assert_string_equal(l.object, "01020300000000000000000000000000");
	assert_non_null(strstr(sms.got[0], token));
	*at = '\0';
	assert_null(strstr(text, "77"));
}

static void test_notice_reminder_comes_when_the_ask_says_and_once(void **state)
{
	(void)state;
	char text[PEER_TEXT_MAX];
	open_all();
	show(0, ASKED);
	assert_true(peer_wait(&smtp, 1));
	show(60 * HOUR_MS, ASKED); /* past half of its term */
	pause_ms(1200);
	assert_int_equal(peer_count(&smtp), 1);
	show(11 * HOUR_MS, ASKED);
	assert_true(peer_wait(&smtp, 2));
	mail_text(smtp.got[1], text, sizeof(text));
	assert_non_null(strstr(text, "wacht nog"));
	show(10 * HOUR_MS, ASKED);
	pause_ms(1200);
	assert_int_equal(peer_count(&smtp), 2);
}

static void test_notice_answered_ask_is_not_reminded(void **state)
{
	(void)state;
	open_all();
	show(0, ASKED);
	assert_true(peer_wait(&smtp, 1));
	show(71 * HOUR_MS, CAN);
	for (int i = 0; i < 300; i++) {
		(void)pthread_mutex_lock(&lock);
		unsigned asked = world.asked;
		(void)pthread_mutex_unlock(&lock);
		if (asked >= 2) {
			break;
		}
		pause_ms(10);
	}
	pause_ms(300);
	assert_int_equal(world.asked, 2);
	assert_int_equal(peer_count(&smtp), 1);
}

static void put_pool(size_t i, PB(PoolState) pool_state, unsigned free_units)
{
	schakel__v1__pool_item__init(&world.pool[i]);
	schakel__v1__put_capacity__init(&world.capacity[i]);
	world.capacity[i].pool = pool_names[i];
	world.capacity[i].unit = SCHAKEL__V1__UNIT__UNIT_PLACE;
	world.pool[i].capacity = &world.capacity[i];
	world.pool[i].state = pool_state;
	world.pool[i].free = free_units;
	world.pools = i + 1;
}

/* The event names no house, and whoever it is could be mailed. */
static void say_nobody(void)
{
	static char nobody[] = "";
	for (size_t i = 0; i < conf->parties_len; i++) {
		struct conf_party *p = &conf->parties[i];
		p->roles |= ROLE_BIT(FACILITY);
		if (strcmp(p->id, "second") != 0) {
			(void)snprintf(p->mail, sizeof(p->mail), "ander@voorbeeld.be");
		}
	}
	world.event[0].party = nobody;
}

/* Found: of help that a child keeps to itself the event names no house, and nobody was mailed. The
 * house is told, and no other house. */
static void test_notice_ask_of_nobody_is_mailed_to_its_house(void **state)
{
	(void)state;
	char text[PEER_TEXT_MAX];
	say_nobody();
	open_all();
	show(0, ASKED);
	assert_true(peer_wait(&smtp, 1));
	assert_non_null(strstr(smtp.got[0], "dienst@voorbeeld.be"));
	show(71 * HOUR_MS, ASKED);
	assert_true(peer_wait(&smtp, 2));
	assert_non_null(strstr(smtp.got[1], "dienst@voorbeeld.be"));
	mail_text(smtp.got[1], text, sizeof(text));
	assert_non_null(strstr(text, "wacht nog"));
	assert_true(world.others > 0); /* others were asked, and said that it is not theirs */
	pause_ms(700);
	assert_int_equal(peer_count(&smtp), 2);
}

/* Found: of a pool of several houses the first of them was mailed, whoever's it is. */
static void test_notice_ask_of_nobody_at_a_joint_pool_is_mailed_to_its_partner(void **state)
{
	(void)state;
	say_nobody();
	world.joint = true;
	put_pool(0, SCHAKEL__V1__POOL_STATE__POOL_STATE_CONFIRMED, 2);
	world.capacity[0].partner = second;
	open_all();
	show(0, ASKED);
	assert_true(peer_wait(&smtp, 1));
	assert_non_null(strstr(smtp.got[0], "dienst@voorbeeld.be"));
}

/* A read model made anew tells everything again: no mail goes out twice. */
static void test_notice_told_again_is_not_mailed_again(void **state)
{
	(void)state;
	open_all();
	show(0, ASKED);
	assert_true(peer_wait(&smtp, 1));
	assert_true(peer_wait(&sms, 1));
	close_all();
	(void)pthread_mutex_lock(&lock);
	world.event[1] = world.event[0];
	world.events = 2;
	(void)pthread_mutex_unlock(&lock);
	open_all();
	pause_ms(1500);
	assert_true(world.asked >= 2);
	assert_int_equal(peer_count(&smtp), 1);
	assert_int_equal(peer_count(&sms), 1);
}

static void test_notice_ask_that_is_over_asks_nobody(void **state)
{
	(void)state;
	world.event[0].due_ms = world.now_ms - 1;
	open_all();
	show(0, ASKED);
	pause_ms(1200);
	assert_int_equal(world.asked, 0);
}

static void test_notice_week_asks_each_open_pool_once(void **state)
{
	(void)state;
	char text[PEER_TEXT_MAX];
	conf->outside.mail.confirm_day = 1;
	put_pool(0, SCHAKEL__V1__POOL_STATE__POOL_STATE_CONFIRMED, 2);
	put_pool(1, SCHAKEL__V1__POOL_STATE__POOL_STATE_UNCONFIRMED, 0);
	put_pool(2, SCHAKEL__V1__POOL_STATE__POOL_STATE_PAUSED, 1);
	const struct conf_party *p = conf_party(conf, "second");
	world.now_ms = notice_week_at(conf, p, 1773000000000) + HOUR_MS;
	open_all();
	assert_true(peer_wait(&smtp, 1));
	mail_text(smtp.got[0], text, sizeof(text));
	assert_non_null(strstr(text, "leefgroep: 2 plekken vrij"));
	assert_non_null(strstr(text, "mobiel: 0 plekken vrij"));
	assert_null(strstr(text, "dicht"));
	assert_non_null(strstr(text, "[ja / yes] "
				     "https://schakel.voorbeeld.be/c/c.second.leefgroep"));
	close_all();
	open_all();
	pause_ms(1200);
	assert_int_equal(peer_count(&smtp), 1);
}

/* 9 March 2026 is a Monday. */
static void test_notice_week_falls_on_a_day_on_which_it_is_open(void **state)
{
	(void)state;
	open_all();
	struct conf_party p = *conf_party(conf, "second");
	uint64_t now_ms = 0;
	assert_int_equal(civil_to_ms((struct civil_date){ 2026, 3, 11 }, 600, &now_ms), SK_OK);
	conf->outside.mail.confirm_day = 1;
	conf->outside.mail.confirm_hour = 9;
	conf->outside.mail.confirm_spread_minutes = 60;
	struct civil at = civil_from_ms(notice_week_at(conf, &p, now_ms));
	assert_int_equal(at.date.day, 9);
	assert_int_equal(at.hour, 9);
	p.opening_days = 0x18; /* Thursday and Friday */
	assert_int_equal(civil_from_ms(notice_week_at(conf, &p, now_ms)).date.day, 12);
	/* Easter Monday, 6 April 2026. */
	p.opening_days = 0x1f;
	assert_int_equal(civil_to_ms((struct civil_date){ 2026, 4, 8 }, 600, &now_ms), SK_OK);
	assert_int_equal(civil_from_ms(notice_week_at(conf, &p, now_ms)).date.day, 7);
	conf->outside.mail.confirm_day = 7;
	assert_int_equal(notice_week_at(conf, &p, now_ms), 0);
	conf->outside.mail.confirm_day = 0;
	assert_int_equal(notice_week_at(conf, &p, now_ms), 0);
}

/* Found by reading: a row that does not read ended the gateway. It goes, and the others are told.
 */
static void test_notice_damaged_row_is_dropped(void **state)
{
	(void)state;
	struct out_batch b;
	struct key k = { 0 };
	open_all();
	key_u32(&k, 1); /* no time, no ask: before every row that is right */
	assert_int_equal(out_begin(box, &b), SK_OK);
	store_put(&b.txn, OUT_TABLE_NOTICE, &k, (struct slice){ "x", 1 });
	assert_int_equal(out_commit(&b), SK_OK);
	show(0, ASKED);
	assert_true(peer_wait(&smtp, 1));
	bool there = true;
	for (int i = 0; i < 100 && there; i++) {
		struct slice v;
		pause_ms(50);
		assert_int_equal(out_begin(box, &b), SK_OK);
		there = store_get(&b.txn, OUT_TABLE_NOTICE, &k, &v);
		out_abort(&b);
	}
	assert_false(there);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
		T(test_notice_ask_is_mailed_and_sent_with_a_link_that_opens_it),
		T(test_notice_reminder_comes_when_the_ask_says_and_once),
		T(test_notice_ask_of_nobody_is_mailed_to_its_house),
		T(test_notice_ask_of_nobody_at_a_joint_pool_is_mailed_to_its_partner),
		T(test_notice_answered_ask_is_not_reminded),
		T(test_notice_told_again_is_not_mailed_again),
		T(test_notice_ask_that_is_over_asks_nobody),
		T(test_notice_week_asks_each_open_pool_once),
		T(test_notice_week_falls_on_a_day_on_which_it_is_open),
		T(test_notice_damaged_row_is_dropped),
#undef T
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
