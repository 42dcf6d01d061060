/* SPDX-License-Identifier: EUPL-1.2 */
/* The people of a request as a worker reads them: children, adults, orders, judgements, and child
 * by child whose word is still needed; and the example file with two children. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/pbjson.h"
#include "services/cli/call.h"
#include "services/cli/request_children.h"
#include "services/cli/request_file.h"

#define EXAMPLE "deploy/examples/twee-kinderen.json"
#define GROUND(X) SCHAKEL__V1__GROUND__GROUND_##X

static char *text;
static size_t text_len;
static char shown[8192];
static _Alignas(64) uint8_t block[1U << 20];

/* A family of two children: every part in storage of its own. */
static PB(Stay) stay[3];
static PB(Stay) *stays[3] = { &stay[0], &stay[1], &stay[2] };
static PB(Child) child[2];
static PB(Child) *children[2] = { &child[0], &child[1] };
static PB(Adult) adult[2];
static PB(Adult) *adults[2] = { &adult[0], &adult[1] };
static PB(ChildGround) ground[2];
static PB(ChildGround) *grounds[2] = { &ground[0], &ground[1] };
static PB(VoicesWanted) wanted;
static uint32_t both[2] = { 1, 2 };
static uint32_t second[1] = { 1 };
static PB(CourtOrderView) order;
static PB(CourtOrderView) *orders[1] = { &order };
static PB(JudgementView) judgement;
static PB(JudgementView) *judgements[1] = { &judgement };
static PB(RequestFact) fact;

static PB(RequestItem) family(void)
{
	PB(RequestItem) item = PB_INIT(REQUEST_ITEM);

	for (size_t i = 0; i < SK_LEN(child); i++) {
		schakel__v1__child__init(&child[i]);
		schakel__v1__adult__init(&adult[i]);
		schakel__v1__child_ground__init(&ground[i]);
		adult[i].number = (uint32_t)i + 1;
		ground[i].child = (uint32_t)i;
	}
	for (size_t i = 0; i < SK_LEN(stay); i++) {
		schakel__v1__stay__init(&stay[i]);
	}
	schakel__v1__voices_wanted__init(&wanted);
	schakel__v1__request_fact__init(&fact);
	fact.zone = "westhoek";
	ground[0].age_years = 13;
	ground[0].capable = true;
	ground[0].ground = GROUND(AGREED);
	ground[1].age_years = 9;
	ground[1].wanted = &wanted;
	adult[0].authority = true;
	adult[1].limit = SCHAKEL__V1__CONTACT_LIMIT__CONTACT_LIMIT_SUPERVISED;
	item.request = &fact;
	item.children = children;
	item.n_children = 2;
	item.adults = adults;
	item.n_adults = 2;
	item.child_grounds = grounds;
	item.n_child_grounds = 2;
	return item;
}

/* What is printed, without the spaces that align it. */
static const char *show(const PB(RequestItem) *item, enum lang lang)
{
	struct cli c = { .lang = lang };
	json_t *doc = pb_json(&item->base);
	size_t len = 0;

	arena_init(&c.arena, block, sizeof(block));
	c.out = open_memstream(&text, &text_len);
	c.err = c.out;
	children_show(&c, doc);
	children_show_grounds(&c, doc);
	(void)fclose(c.out);
	json_decref(doc);
	for (const char *p = text; *p != '\0' && len + 1 < sizeof(shown); p++) {
		if (*p != ' ' || len == 0 || shown[len - 1] != ' ') {
			shown[len++] = *p;
		}
	}
	shown[len] = '\0';
	free(text);
	return shown;
}

static void assert_says(const char *what)
{
	if (strstr(shown, what) == NULL) {
		fail_msg("\"%s\" is not in:\n%s", what, shown);
	}
}

static void assert_silent(const char *what)
{
	if (strstr(shown, what) != NULL) {
		fail_msg("\"%s\" is in:\n%s", what, shown);
	}
}

/* B1: each child with its own age and ground, numbered from 1 as the commands take it. */
static void test_children_two_are_told_apart(void **state)
{
	PB(RequestItem) item = family();

	(void)state;
	wanted.one_of = both;
	wanted.n_one_of = 2;
	wanted.child_heard = true;
	show(&item, LANG_NL);
	/* L5 (a): true as well of a child of 15 whose own yes is enough, beside a parent's no. */
	assert_says("1 13 ja wie hierover beslist zei ja");
	assert_silent("ouders zijn akkoord");
	assert_says("2 9 nee nog niet");
	assert_says("Nog nodig voor een akkoord, kind 2");
	assert_says("een ja van een van deze ouders of opvoeders: 1, 2");
	assert_says("het kind is gehoord");
	assert_silent("akkoord, kind 1");
	assert_silent("vermist"); /* a column of which nobody says anything */
	ground[0].missing = true;
	show(&item, LANG_NL);
	assert_says("vermist");
	assert_says("contact met iemand erbij");
	show(&item, LANG_EN);
	assert_says("Still needed to agree, child 2");
	assert_silent("SUPERVISED");
}

/* D4: both homes with their days; the place that is hidden is in no word of the answer. */
static void test_children_stays_are_shown_unless_hidden(void **state)
{
	PB(RequestItem) item = family();

	(void)state;
	child[0].stays = stays;
	child[0].n_stays = 2;
	stay[0] = (PB(Stay))SCHAKEL__V1__STAY__INIT;
	stay[0].days = 0x7f;
	stay[0].adult = 1;
	stay[1].zone = "rits";
	stay[1].days = 0x7fU << 7;
	child[1].stays = &stays[2];
	child[1].n_stays = 1;
	stay[2].zone = "geheim";
	stay[2].safe = true;
	stay[2].adult = 2;
	show(&item, LANG_NL);
	assert_says("westhoek bij volwassene 1: de hele week; "
		    "rits: ene week niet, andere week de hele week");
	assert_says("een plek die niet getoond wordt");
	assert_silent("geheim");
	assert_silent("volwassene 2");
	stay[1].days = 0x03;
	show(&item, LANG_EN);
	assert_says("rits: Mon Tue");
}

/* L5 (b), (d): an order with number, scope and end; a judgement with its reason; over 72 hours. */
static void test_children_orders_judgements_and_72_hours_are_said(void **state)
{
	PB(RequestItem) item = family();

	(void)state;
	schakel__v1__court_order_view__init(&order);
	order.number = "2026/14";
	order.children = second;
	order.n_children = 1;
	order.until_ms = 1772492400000;
	item.orders = orders;
	item.n_orders = 1;
	schakel__v1__judgement_view__init(&judgement);
	judgement.capable = true;
	judgement.reason = SCHAKEL__V1__JUDGEMENT_REASON__JUDGEMENT_REASON_UNDERSTANDS;
	judgement.party = "clb-ieper";
	item.judgements = judgements;
	item.n_judgements = 1;
	ground[0].unclear_until_ms = 1772492400000;
	ground[1].over_72h = true;
	show(&item, LANG_NL);
	assert_says("2026/14 kind 2");
	assert_says("1 ja begrijpt waar het over gaat");
	assert_says("akkoord onduidelijk; dat mag tot");
	assert_says("LANGER DAN 72 UUR");
	order.n_children = 0;
	show(&item, LANG_EN);
	assert_says("2026/14 all children");
}

/* The example that the handbook names is taken, with its two homes and its limit. */
static void test_children_example_file_is_taken(void **state)
{
	static char bytes[4096];
	struct arena arena;
	struct jsonin in;
	struct file_error e = { 0 };
	struct request_in r;
	FILE *f = fopen(EXAMPLE, "re");

	(void)state;
	assert_non_null(f);
	size_t len = fread(bytes, 1, sizeof(bytes), f);
	assert_int_equal(fclose(f), 0);
	arena_init(&arena, block, sizeof(block));
	assert_int_equal(
		request_file_read(&in, &arena, (struct slice){ bytes, len }, FILE_JSON, &e), SK_OK);
	assert_int_equal(request_file_get(&in, 0, &r), SK_OK);
	assert_int_equal(r.submit->n_children, 2);
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(r.submit->children[i]->n_stays, 2);
		assert_true(r.submit->children[i]->born > 20000000);
	}
	assert_int_equal(r.submit->adults[1]->limit,
			 SCHAKEL__V1__CONTACT_LIMIT__CONTACT_LIMIT_SUPERVISED);
	assert_int_equal(r.submit->needs[1]->child, 1);
	jsonin_done(&in);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_children_two_are_told_apart),
		cmocka_unit_test(test_children_stays_are_shown_unless_hidden),
		cmocka_unit_test(test_children_orders_judgements_and_72_hours_are_said),
		cmocka_unit_test(test_children_example_file_is_taken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
