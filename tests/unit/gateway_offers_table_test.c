/* SPDX-License-Identifier: EUPL-1.2 */
/* A spreadsheet of offers: what it changes, what it leaves, and which cell is wrong. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "hsds_rig.h"
#include "services/gateway/offers_table.h"

static struct hsds_rig rig;
static struct jsonin in;
static struct offer_list list;

/* huis-a has two pools: "bedden" of two uses, 8 staffed, 3 used, 2 promised; and "uren". */
static void pool_add(const char *name, uint32_t uses)
{
	PB(PoolItem) *item = arena_alloc(&rig.arena, sizeof(*item));
	PB(PutCapacity) *p = arena_alloc(&rig.arena, sizeof(*p));
	PB(PoolUse) **list_of = arena_alloc(&rig.arena, uses * sizeof(list_of[0]));
	static uint32_t codes[] = { 12, 1 };
	static char *zones[] = { (char *)(uintptr_t) "rits", (char *)(uintptr_t) "westhoek" };

	schakel__v1__pool_item__init(item);
	schakel__v1__put_capacity__init(p);
	p->pool = (char *)(uintptr_t)name;
	p->partner = (char *)(uintptr_t) "huis-a";
	p->unit = SCHAKEL__V1__UNIT__UNIT_BED;
	p->total = 10;
	p->funded = 9;
	p->staffed = 8;
	p->used_elsewhere = 3;
	p->insured = true;
	p->municipality = (char *)(uintptr_t) "33011";
	for (uint32_t i = 0; i < uses; i++) {
		list_of[i] = arena_alloc(&rig.arena, sizeof(*list_of[i]));
		schakel__v1__pool_use__init(list_of[i]);
		list_of[i]->use = i + 1;
		list_of[i]->expertises = codes;
		list_of[i]->n_expertises = 2;
		list_of[i]->zones = zones;
		list_of[i]->n_zones = 2;
		list_of[i]->age_to = 17;
		list_of[i]->modality = SCHAKEL__V1__MODALITY__MODALITY_RESIDENTIAL;
		list_of[i]->access = SCHAKEL__V1__ACCESS__ACCESS_GATED;
		list_of[i]->supporter = SCHAKEL__V1__SUPPORTER_KIND__SUPPORTER_KIND_PROFESSIONAL;
		list_of[i]->cost_units = 1;
	}
	p->uses = list_of;
	p->n_uses = uses;
	item->capacity = p;
	item->version = 7;
	item->promised = 2;
	item->free = 3;
	rig.item[rig.pools.len++] = item;
}

static int setup(void **state)
{
	(void)state;
	hsds_rig_open(&rig, "");
	pool_add("bedden", 2);
	pool_add("uren", 1);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	hsds_rig_done(&rig);
	return 0;
}

static const struct offer_row *read_as(const char *party, const char *text)
{
	struct offers_node n = { &rig.conf, &rig.pools, party, strcmp(party, "net") == 0 };
	struct slice bytes = { text, strlen(text) };

	assert_int_equal(capacity_file_read(&in, &rig.arena, bytes, FILE_CSV, &rig.error), SK_OK);
	assert_int_equal(offers_table_read(&in, &n, &list, &rig.error), SK_OK);
	jsonin_done(&in);
	return &list.row[0];
}

static void refused(const char *text, unsigned line, const char *column)
{
	const struct offer_row *r = NULL;

	(void)read_as("huis-a", text);
	for (size_t i = 0; r == NULL && i < list.len; i++) {
		r = list.row[i].outcome == OFFER_REFUSED ? &list.row[i] : NULL;
	}
	assert_non_null(r);
	assert_int_equal(r->row, line);
	assert_string_equal(r->field, column);
	assert_true(r->nl[0] != '\0' && r->en[0] != '\0');
	assert_null(r->put);
}

/* As a Belgian spreadsheet saves it; what is not in the table stays as it was. */
static void test_offers_short_dutch_table_changes_figures_only(void **state)
{
	const struct offer_row *r = read_as("huis-a", "\xef\xbb\xbf"
						      "Aanbod;Bemand;Bezet\r\nbedden;7;1\r\n");

	(void)state;
	assert_int_equal(r->outcome, OFFER_CHANGED);
	assert_int_equal(r->put->staffed, 7);
	assert_int_equal(r->put->used_elsewhere, 1);
	assert_int_equal(r->put->total, 10);
	assert_true(r->put->insured);
	assert_int_equal(r->put->n_uses, 2);
	assert_int_equal(r->put->based_on, 7);
	assert_string_equal(r->put->municipality, "33011");
}

/* "2 free" is what somebody counts; what is occupied otherwise follows from it. */
static void test_offers_free_becomes_what_is_used(void **state)
{
	(void)state;
	assert_int_equal(read_as("huis-a", "aanbod;vrij\nbedden;1\n")->put->used_elsewhere, 5);
	assert_int_equal(read_as("huis-a", "aanbod;vrij\nbedden;0\n")->put->used_elsewhere, 6);
	assert_int_equal(read_as("huis-a", "aanbod;vrij\nbedden;6\n")->put->used_elsewhere, 0);
	/* Both stand in the table that we give: the one that was changed counts. */
	assert_int_equal(read_as("huis-a", "aanbod;bezet;vrij\nbedden;4;3\n")->put->used_elsewhere,
			 4);
	assert_int_equal(read_as("huis-a", "aanbod;bezet;vrij\nbedden;3;2\n")->put->used_elsewhere,
			 4);
	refused("aanbod;bezet;vrij\nbedden;4;0\n", 2, "vrij");
	refused("aanbod;vrij\nbedden;7\n", 2, "vrij");
}

/* What we give can be sent back as it is, in either language, and says that it still holds. */
static void test_offers_table_comes_back_unchanged(void **state)
{
	(void)state;
	for (int lang = LANG_NL; lang <= LANG_EN; lang++) {
		struct slice csv = { NULL, 0 };
		assert_int_equal(offers_table_write(&rig.arena, &rig.pools, "huis-a",
						    (enum lang)lang, &csv),
				 SK_OK);
		char *text = arena_dup(&rig.arena, csv.data, csv.len + 1);
		text[csv.len] = '\0';
		assert_non_null(strstr(text, lang == LANG_NL ? "aanbod;partner;eenheid;totaal" :
							       "id,partner,unit,total"));
		(void)read_as("huis-a", text);
		assert_int_equal(list.len, 2);
		assert_int_equal(offer_count(&list, OFFER_UNCHANGED), 2);
		assert_int_equal(list.row[0].put->n_uses, 2);
		assert_int_equal(list.row[0].put->uses[1]->n_expertises, 2);
	}
}

static void test_offers_table_of_nobody_is_a_header(void **state)
{
	struct slice csv = { NULL, 0 };

	(void)state;
	assert_int_equal(offers_table_write(&rig.arena, &rig.pools, "huis-b", LANG_NL, &csv),
			 SK_OK);
	assert_true(csv.len > 20 && ((const char *)csv.data)[csv.len - 1] == '\n');
	assert_null(memchr(csv.data, '\n', csv.len - 1));
}

/* Somebody else changed it since: nothing is undone. The same content is no conflict. */
static void test_offers_old_version_is_a_conflict(void **state)
{
	(void)state;
	refused("aanbod;versie;bezet\nbedden;6;4\n", 2, "versie");
	assert_int_equal(read_as("huis-a", "aanbod;versie;bezet\nbedden;6;3\n")->outcome,
			 OFFER_UNCHANGED);
	assert_int_equal(read_as("huis-a", "aanbod;versie;bezet\nbedden;7;4\n")->outcome,
			 OFFER_CHANGED);
}

static void test_offers_are_ones_own(void **state)
{
	(void)state;
	(void)read_as("huis-b", "aanbod;bezet\nbedden;4\n");
	assert_int_equal(list.row[0].outcome, OFFER_REFUSED);
	refused("aanbod;partner;bezet\nbedden;huis-b;4\n", 2, "partner");
	refused("aanbod;partner;bezet\nbedden;nergens;4\n", 2, "partner");
	assert_int_equal(read_as("net", "aanbod;bezet\nbedden;4\n")->outcome, OFFER_CHANGED);
	assert_string_equal(list.row[0].partner, "huis-a");
}

#define HEAD                                                                                       \
	"aanbod;eenheid;bemand;vorm;soort_hulp;werkwijze;leeftijd_van;leeftijd_tot;zones;toegang;" \
	"kost\n"

static void test_offers_new_pool_is_made(void **state)
{
	const struct offer_row *r = read_as("huis-b", HEAD "nieuw;BED;4;1;TRAUMA "
							   "GROUP_LIVING;RESIDENTIAL;6;17;rits;"
							   "GATED;1\n");

	(void)state;
	assert_int_equal(r->outcome, OFFER_CREATED);
	assert_string_equal(r->partner, "huis-b");
	assert_int_equal(r->put->uses[0]->n_expertises, 2);
	assert_int_equal(r->put->based_on, 0);
}

static void test_offers_wrong_cell_names_line_and_column(void **state)
{
	(void)state;
	refused("aanbod;bemand\nuren;1\nnieuw;4\n", 3, "aanbod");
	refused("aanbod;bemand;vorm\nnieuw;4;1\n", 2, "eenheid");
	refused("aanbod;eenheid;bemand\nnieuw;BED;4\n", 2, "aanbod");
	refused("aanbod;eenheid\nbedden;SEAT\n", 2, "eenheid");
	refused("aanbod;bemand\nbedden;11\n", 2, "bemand");
	refused("aanbod;totaal;bemand\nbedden;10001;10001\n", 2, "bemand");
	refused("aanbod;vorm;zones\nbedden;1;nergens\n", 2, "zones");
	refused("aanbod;vorm;soort_hulp\nbedden;1;TRAUMA BEHAVIOUR\n", 2, "soort_hulp");
	refused("aanbod;vorm;leeftijd_van;leeftijd_tot\nbedden;1;;\nbedden;2;12;6\n", 3,
		"leeftijd_van");
	refused("aanbod;vorm\nbedden;1\nbedden;1\n", 3, "vorm");
	refused("aanbod;versie;eenheid;bemand;vorm;soort_hulp;werkwijze;leeftijd_tot;zones;toegang;"
		"kost\nnieuw;3;BED;1;1;TRAUMA;MOBILE;17;rits;DIRECT;1\n",
		2, "versie");
}

/* What is wrong with the table as a whole. */
static void test_offers_table_that_does_not_read_is_refused(void **state)
{
	static const struct {
		const char *text;
		const char *field;
	} bad[] = {
		{ "", "" },
		{ "aanbod;vriij\nbedden;1\n", "vriij" },
		{ "aanbod;id\nbedden;bedden\n", "id" },
		{ "bemand\n4\n", "aanbod" },
		{ "aanbod;bemand\nbedden;veel\n", "bemand" },
		{ "aanbod;bemand\nbedden;-1\n", "bemand" },
		{ "aanbod;bemand\nbedden;4;5\n", "" },
		{ "aanbod;bemand\n\xff;4\n", "" },
	};

	(void)state;
	for (size_t i = 0; i < SK_LEN(bad); i++) {
		struct slice bytes = { bad[i].text, strlen(bad[i].text) };
		rig.error = (struct file_error){ 0 };
		assert_int_equal(capacity_file_read(&in, &rig.arena, bytes, FILE_CSV, &rig.error),
				 SK_EPROTO);
		assert_true(rig.error.line > 0 && rig.error.nl[0] != '\0');
		assert_string_equal(rig.error.field, bad[i].field);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_offers_short_dutch_table_changes_figures_only),
		TEST(test_offers_free_becomes_what_is_used),
		TEST(test_offers_table_comes_back_unchanged),
		TEST(test_offers_table_of_nobody_is_a_header),
		TEST(test_offers_old_version_is_a_conflict),
		TEST(test_offers_are_ones_own),
		TEST(test_offers_new_pool_is_made),
		TEST(test_offers_wrong_cell_names_line_and_column),
		TEST(test_offers_table_that_does_not_read_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
