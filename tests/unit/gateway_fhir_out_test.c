/* SPDX-License-Identifier: EUPL-1.2 */
/* What the daemons show, as FHIR; and documents of any shape, which are refused and nothing else.
 */
#include "gateway_fhir_rig.h"

#include <stdio.h>

#include "services/gateway/fhir_known.h"

/* --- an order out --- */

static uint8_t request_id[OBJECT_ID_LEN] = { 1, 2, 3 };
static uint8_t need_id[OBJECT_ID_LEN] = { 4, 5, 6 };

struct made {
	PB(RequestItem) item;
	PB(RequestFact) fact;
	PB(NeedView) view;
	PB(NeedView) *views[1];
	PB(NeedFact) need;
	PB(Child) child;
	PB(Child) *children[1];
	uint8_t person[OBJECT_ID_LEN];
};

static void make_item(struct made *m)
{
	schakel__v1__request_item__init(&m->item);
	schakel__v1__request_fact__init(&m->fact);
	schakel__v1__need_view__init(&m->view);
	schakel__v1__need_fact__init(&m->need);
	schakel__v1__child__init(&m->child);
	m->fact.request_id = (ProtobufCBinaryData){ OBJECT_ID_LEN, request_id };
	m->fact.request_version = 4;
	m->fact.zone = "rits";
	m->fact.urgency = SCHAKEL__V1__URGENCY__URGENCY_STANDARD;
	m->fact.requester = "caw";
	m->fact.received_ms = NOW_MS;
	m->need.need_id = (ProtobufCBinaryData){ OBJECT_ID_LEN, need_id };
	m->need.expertise = 12;
	m->need.intensity = 3;
	m->need.must = true;
	m->need.state = SCHAKEL__V1__NEED_STATE__NEED_STATE_OPEN;
	m->view.need = &m->need;
	m->view.short_code = "3fm8xn2kq7";
	m->views[0] = &m->view;
	fhir_person_of("caw", "urn:oid:1.2.3", "A-17", 0, m->person);
	m->child.person_id = (ProtobufCBinaryData){ OBJECT_ID_LEN, m->person };
	m->children[0] = &m->child;
	m->item.request = &m->fact;
	m->item.kind = SCHAKEL__V1__REQUEST_KIND__REQUEST_KIND_SEARCH;
	m->item.needs = m->views;
	m->item.n_needs = 1;
	m->item.children = m->children;
	m->item.n_children = 1;
	m->item.contact_party = "caw";
}

/* As the gateway hands on what it could open. */
static json_t *opened(const struct made *m, const struct fhir_order *o)
{
	json_t *list = json_array();
	json_t *person = fhir_hex(&m->child.person_id);

	for (size_t i = 0; i < o->told_len; i++) {
		(void)json_array_append_new(list, json_pack("{s:O, s:O}", "person_id", person,
							    "content", o->told[i].content));
	}
	json_decref(person);
	return list;
}

/* What is accepted comes back on read, without what R4 does not know. */
static void test_service_request_comes_back(void **state)
{
	json_t *doc = parse(fhir_rig_order);
	const json_t *orders[] = { doc };
	struct fhir_in in = reading_with(doc);
	struct fhir_order o;
	struct made m;

	(void)state;
	make_item(&m);
	assert_int_equal(fhir_order_read(&in, orders, 1, &o), SK_OK);
	json_t *told = opened(&m, &o);
	struct fhir_out out = { .conf = &fhir_rig_conf, .lang = LANG_NL, .told = told };
	json_t *r = fhir_service_request(&out, &m.item, &m.view);
	assert_string_equal(fj_str(r, "id"), "04050600000000000000000000000000");
	assert_string_equal(fj_str(r, "status"), "active");
	assert_string_equal(fj_str(r, "priority"), "routine");
	assert_string_equal(fj_str(fj_item(r, "identifier", 0), "value"), "A-17");
	assert_string_equal(fj_coded(json_object_get(r, "code"), "expertise"), "TRAUMA");
	assert_string_equal(fj_str(fj_item(r, "reasonCode", 0), "text"), "slaapt slecht");
	assert_string_equal(fj_str2(r, "occurrencePeriod", "end"), "2027-01-26");
	assert_string_equal(fj_str(fj_item(fj_item(r, "contained", 0), "name", 0), "family"), "Voor"
											      "beel"
											      "d");
	assert_null(json_object_get(r, "PatientInstruction"));
	json_decref(r);
	/* Who may not open the capsule sees no person. */
	out.told = NULL;
	r = fhir_service_request(&out, &m.item, &m.view);
	char *text = json_dumps(r, 0);
	assert_null(strstr(text, "Voorbeeld"));
	assert_null(strstr(text, "A-17"));
	assert_null(strstr(text, "2012"));
	free(text);
	json_decref(r);
	json_decref(told);
	fhir_order_done(&o);
	json_decref(doc);
}

static void expect_task(struct made *m, const char *status)
{
	struct fhir_out out = { .conf = &fhir_rig_conf };
	json_t *t = fhir_order_task(&out, &m->item);

	assert_string_equal(fj_str(t, "status"), status);
	assert_string_equal(fj_str2(t, "focus", "reference"), "ServiceRequest/"
							      "04050600000000000000000000000000");
	json_decref(t);
}

/* The table of states: received, waiting, proposed, committed, running, ended, withdrawn, lapsed.
 */
static void test_order_task_follows_the_table(void **state)
{
	PB(ContributionChanged) c = PB_INIT(CONTRIBUTION_CHANGED);
	PB(ContributionChanged) *list[] = { &c };
	struct made m;

	(void)state;
	make_item(&m);
	expect_task(&m, "requested");
	m.view.shortfall = SCHAKEL__V1__SHORTFALL__SHORTFALL_NO_CAPACITY;
	expect_task(&m, "on-hold");
	m.view.contributions = list;
	m.view.n_contributions = 1;
	c.state = STATE(ASKED);
	expect_task(&m, "in-progress");
	c.state = STATE(AGREED);
	expect_task(&m, "accepted");
	c.state = STATE(STARTED);
	expect_task(&m, "in-progress");
	m.need.state = SCHAKEL__V1__NEED_STATE__NEED_STATE_CLOSED;
	m.view.close_reason = SCHAKEL__V1__CLOSE_REASON__CLOSE_REASON_STARTED_HELP;
	expect_task(&m, "completed");
	m.view.close_reason = SCHAKEL__V1__CLOSE_REASON__CLOSE_REASON_NO_AVAILABILITY;
	expect_task(&m, "failed");
	m.need.state = SCHAKEL__V1__NEED_STATE__NEED_STATE_WITHDRAWN;
	expect_task(&m, "cancelled");
}

/* --- dates --- */

static void test_date_as_r4_writes_it(void **state)
{
	static const char *const good[] = { "2026", "2026-02", "2024-02-29", "2026-02-03T04:05:06Z",
					    "2026-02-03T04:05:06.789+01:00" };
	static const char *const bad[] = { "",
					   "26",
					   "2026-13",
					   "2026-02-30",
					   "2026-02-03T",
					   "2026-02-03T04:05:06",
					   "2026-02-03 04:05",
					   "2026x",
					   "2026-02-03T25:00:00Z" };
	struct fj_date d;

	(void)state;
	for (size_t i = 0; i < SK_LEN(good); i++) {
		assert_true(fj_date(good[i], &d));
	}
	for (size_t i = 0; i < SK_LEN(bad); i++) {
		assert_false(fj_date(bad[i], &d));
	}
	assert_true(fj_date("2026-11-19T00:26:40+01:00", &d));
	json_t *back = fj_instant(d.at_ms);
	assert_string_equal(json_string_value(back), "2026-11-18T23:26:40.000Z");
	json_decref(back);
	assert_null(fj_instant(0));
}

/* --- any shape --- */

static void read_any(const json_t *doc)
{
	PB(Ask) ask = PB_INIT(ASK);
	PB(Message) m;
	PB(PutCapacity) c;
	struct fhir_order o;
	struct fhir_wish w;

	struct fhir_in in = reading_with(doc);
	(void)fhir_order_read(&in, &doc, 1, &o);
	fhir_order_done(&o);
	in = reading_with(doc);
	ask.state = STATE(ASKED);
	(void)fhir_task_move(&in, &ask, &m);
	in = reading_with(doc);
	(void)fhir_task_wish(&in, &w);
	in = reading_with(doc);
	(void)fhir_service_read(&in, "plekken", NULL, &c);
	json_t *outcome = fhir_outcome(&in, LANG_EN);
	assert_true(fj_items(outcome, "issue") > 0);
	json_decref(outcome);
	arena_reset(&fhir_rig_arena);
}

/* Puts each of the wrong values in place of the @p at th value of the document, counted in the
 * order of a walk. @return false when it has not so many. */
static bool spoil(json_t *v, size_t *io_at, const json_t *wrong)
{
	const char *key;
	json_t *sub;
	void *tmp;
	size_t i;

	json_object_foreach_safe(v, tmp, key, sub)
	{
		if ((*io_at)-- == 0) {
			(void)json_object_set(v, key, (json_t *)wrong);
			return true;
		}
		if (spoil(sub, io_at, wrong)) {
			return true;
		}
	}
	json_array_foreach (v, i, sub) {
		if ((*io_at)-- == 0) {
			(void)json_array_set(v, i, (json_t *)wrong);
			return true;
		}
		if (spoil(sub, io_at, wrong)) {
			return true;
		}
	}
	return false;
}

/* A peer may send any type in any place (RELIABILITY 3.7): it is refused, and nothing else. */
static void test_any_element_of_wrong_type_is_survived(void **state)
{
	static const char *const wrongs[] = { "null",
					      "true",
					      "-1",
					      "1e300",
					      "\"\"",
					      "\"x\"",
					      "[]",
					      "[[]]",
					      "[null]",
					      "{}",
					      "{\"coding\":7}",
					      "{\"reference\":[]}",
					      "[{\"system\":{},\"value\":[]}]" };
	const char *const docs[] = { fhir_rig_order, fhir_rig_service };
	size_t tried = 0;

	(void)state;
	for (size_t d = 0; d < SK_LEN(docs); d++) {
		for (size_t k = 0; k < SK_LEN(wrongs); k++) {
			json_t *wrong = json_loads(wrongs[k], JSON_DECODE_ANY, NULL);
			bool more = true;
			for (size_t at = 0; more; at++) {
				json_t *doc = parse(docs[d]);
				size_t left = at;
				more = spoil(doc, &left, wrong);
				read_any(doc);
				json_decref(doc);
				tried++;
			}
			json_decref(wrong);
		}
	}
	assert_true(tried > 1000);
}

/* What is known is found again, and the place that was read to never goes back. */
static void test_known_keeps_the_furthest_place(void **state)
{
	static const uint8_t person[OBJECT_ID_LEN] = { 7 };
	static const struct object_id early = { { 1 } };
	static const struct object_id late = { { 2 } };
	struct object_id found;

	(void)state;
	fhir_known_clear();
	assert_false(fhir_known_find(person, &found));
	fhir_known_add(person, &early);
	fhir_known_add(person, &late); /* a person's request is the first that told of it */
	assert_true(fhir_known_find(person, &found));
	assert_true(object_id_equal(&found, &early));
	struct fhir_reach reach = fhir_known_read_to("caw");
	assert_true(object_id_is_zero(&reach.to));
	reach.to = late;
	fhir_known_reached("caw", &reach);
	reach.to = early;
	fhir_known_reached("caw", &reach);
	reach = fhir_known_read_to("caw");
	assert_true(object_id_equal(&reach.to, &late));
	reach = fhir_known_read_to("huis");
	assert_true(object_id_is_zero(&reach.to));
	fhir_known_clear();
	assert_false(fhir_known_find(person, &found));
}

/* Another thread forgets everything while a list is read: a place behind persons that are forgotten
 * would hide their orders, and an order that is sent again would be made twice. */
static void test_known_forgotten_meanwhile_is_not_passed_over(void **state)
{
	static const uint8_t person[OBJECT_ID_LEN] = { 7 };
	static const struct object_id request = { { 1 } };

	(void)state;
	fhir_known_clear();
	struct fhir_reach reach = fhir_known_read_to("caw");
	fhir_known_add(person, &request);
	fhir_known_clear();
	reach.to = request;
	fhir_known_reached("caw", &reach);
	reach = fhir_known_read_to("caw");
	assert_true(object_id_is_zero(&reach.to));
	reach.to = request;
	fhir_known_reached("caw", &reach);
	reach = fhir_known_read_to("caw");
	assert_true(object_id_equal(&reach.to, &request));
	fhir_known_clear();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FHIR_TEST(test_service_request_comes_back),
		FHIR_TEST(test_order_task_follows_the_table),
		FHIR_TEST(test_date_as_r4_writes_it),
		FHIR_TEST(test_known_keeps_the_furthest_place),
		FHIR_TEST(test_known_forgotten_meanwhile_is_not_passed_over),
		FHIR_TEST(test_any_element_of_wrong_type_is_survived),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
