/* SPDX-License-Identifier: EUPL-1.2 */
/* FHIR R4 and our messages, both ways; and documents of any shape, which are refused and nothing
 * else. The order is ours; its elements are those of the Belgian example. */
#include "gateway_fhir_rig.h"

#include <stdio.h>

/* The order with one member replaced, or left out when @p v is NULL. */
static json_t *order_with(const char *key, const char *v)
{
	json_t *doc = parse(fhir_rig_order);

	if (v == NULL) {
		(void)json_object_del(doc, key);
	} else {
		(void)json_object_set_new(doc, key, json_loads(v, JSON_DECODE_ANY, NULL));
	}
	return doc;
}

/* @return the element that was refused; "" when nothing was. */
static const char *refused_at(const json_t *doc, const json_t *bundle)
{
	static char at[FHIR_AT_MAX];
	struct fhir_in in = reading_with(doc);
	struct fhir_order o;

	in.bundle = bundle;
	int err = fhir_order_read(&in, &doc, 1, &o);
	fhir_order_done(&o);
	assert_int_equal(err == SK_OK, !in.refused);
	at[0] = '\0';
	for (size_t i = 0; i < in.issues_len; i++) {
		if (in.issue[i].status != 0) {
			(void)snprintf(at, sizeof(at), "%s", in.issue[i].at);
		}
	}
	return at;
}

static void expect_refused(const char *key, const char *v, const char *at)
{
	json_t *doc = order_with(key, v);

	assert_string_equal(refused_at(doc, NULL), at);
	json_decref(doc);
}

/* --- an order in --- */

static void test_order_whole_becomes_request(void **state)
{
	json_t *doc = parse(fhir_rig_order);
	const json_t *orders[] = { doc };
	struct fhir_in in = reading_with(doc);
	struct fhir_order o;

	(void)state;
	assert_int_equal(fhir_order_read(&in, orders, 1, &o), SK_OK);
	assert_int_equal(o.submit.kind, SCHAKEL__V1__REQUEST_KIND__REQUEST_KIND_SEARCH);
	assert_int_equal(o.submit.urgency, SCHAKEL__V1__URGENCY__URGENCY_STANDARD);
	assert_string_equal(o.submit.zone, "rits");
	assert_int_equal(o.submit.n_needs, 1);
	assert_int_equal(o.submit.needs[0]->expertise, 12);
	assert_int_equal(o.submit.needs[0]->intensity, 3);
	assert_int_equal(o.submit.needs[0]->duration_weeks, 8);
	assert_true(o.submit.needs[0]->must);
	assert_int_equal(o.submit.n_children, 1);
	assert_int_equal(o.submit.children[0]->age_years, 14);
	assert_int_equal(o.submit.children[0]->born, 0);
	assert_int_equal(o.submit.n_adults, 1);
	assert_true(o.submit.adults[0]->authority);
	assert_int_equal(o.submit.n_languages, 1);
	assert_string_equal(o.submit.languages[0], "ar");
	assert_int_equal(o.submit.n_preferred_partners, 1);
	assert_string_equal(o.submit.preferred_partners[0], "huis");
	assert_true(o.submit.callback_sealed);
	fhir_order_done(&o);
	json_decref(doc);
}

/* DESIGN 8: name, number and contact stand in what goes sealed and nowhere in the message. */
static void test_order_person_is_only_in_what_is_sealed(void **state)
{
	json_t *doc = parse(fhir_rig_order);
	const json_t *orders[] = { doc };
	struct fhir_in in = reading_with(doc);
	struct fhir_order o;
	uint8_t packed[4096];

	(void)state;
	assert_int_equal(fhir_order_read(&in, orders, 1, &o), SK_OK);
	size_t len = schakel__v1__submit_request__pack(&o.submit, packed);
	static const char *const words[] = { "Noor", "Voorbeeld", "0470", "12030400",
					     "2012", "slaapt",    "A-17" };
	for (size_t i = 0; i < SK_LEN(words); i++) {
		assert_null(memmem(packed, len, words[i], strlen(words[i])));
	}
	assert_int_equal(o.told_len, 2);
	assert_string_equal(fj_str(o.told[0].content, "name"), "Noor Voorbeeld");
	assert_string_equal(fj_str(o.told[0].content, "callback"), "0470 00 00 00");
	assert_false(o.told[0].about);
	assert_string_equal(fj_str(o.told[1].content, "about"), "slaapt slecht");
	assert_true(o.told[1].about);
	fhir_order_done(&o);
	json_decref(doc);
}

/* The identifier of the placer is the key of idempotency: the same one gives the same person. */
static void test_order_same_identifier_gives_same_person(void **state)
{
	uint8_t want[OBJECT_ID_LEN];
	json_t *doc = parse(fhir_rig_order);
	const json_t *orders[] = { doc };
	struct fhir_in in = reading_with(doc);
	struct fhir_order o;

	(void)state;
	assert_int_equal(fhir_order_read(&in, orders, 1, &o), SK_OK);
	assert_true(o.placed);
	fhir_person_of("caw", "urn:oid:1.2.3", "A-17", 0, want);
	assert_memory_equal(o.person[0], want, OBJECT_ID_LEN);
	fhir_person_of("huis", "urn:oid:1.2.3", "A-17", 0, want);
	assert_memory_not_equal(o.person[0], want, OBJECT_ID_LEN);
	fhir_person_of("caw", "urn:oid:1.2.3", "A-18", 0, want);
	assert_memory_not_equal(o.person[0], want, OBJECT_ID_LEN);
	fhir_order_done(&o);
	json_decref(doc);
}

static void test_order_faults_name_the_element(void **state)
{
	(void)state;
	expect_refused("code",
		       "{\"coding\":[{\"system\":\"http://snomed.info/sct\","
		       "\"code\":\"386225006\"}]}",
		       "ServiceRequest.code");
	expect_refused("code", NULL, "ServiceRequest.code");
	expect_refused("subject", NULL, "ServiceRequest.subject");
	expect_refused("subject", "{\"reference\":\"#nobody\"}", "ServiceRequest.subject");
	expect_refused("extension", "[]", "ServiceRequest.extension");
	expect_refused("priority", "\"soon\"", "ServiceRequest.priority");
	expect_refused("status", "\"open\"", "ServiceRequest.status");
	expect_refused("doNotPerform", "true", "ServiceRequest.doNotPerform");
	expect_refused("quantityQuantity", "{\"value\":169}", "ServiceRequest.quantityQuantity");
	expect_refused("quantityQuantity", "{\"value\":0}", "ServiceRequest.quantityQuantity");
	expect_refused("modifierExtension", "[{\"url\":\"urn:x\"}]",
		       "ServiceRequest.modifierExtension");
	expect_refused("contained",
		       "[{\"resourceType\":\"Patient\",\"id\":\"kind\","
		       "\"birthDate\":\"1956-05-27\"}]",
		       "ServiceRequest.subject");
}

/* A family that said no is not searched for. */
static void test_order_consent_denied_is_refused(void **state)
{
	json_t *doc = order_with("supportingInfo", "[{\"reference\":\"Consent/c1\"}]");
	json_t *bundle = parse("{\"entry\":[{\"resource\":{\"resourceType\":\"Consent\","
			       "\"id\":\"c1\",\"status\":\"rejected\"}}]}");

	(void)state;
	assert_string_equal(refused_at(doc, bundle), "ServiceRequest.supportingInfo");
	(void)json_object_set_new(
		json_object_get(json_array_get(json_object_get(bundle, "entry"), 0), "resource"),
		"status", json_string("active"));
	assert_string_equal(refused_at(doc, bundle), "");
	json_decref(doc);
	json_decref(bundle);
}

static uint32_t age_with(const char *contained, const char *subject)
{
	json_t *doc = order_with("contained", contained);
	const json_t *orders[] = { doc };
	struct fhir_in in = reading_with(doc);
	struct fhir_order o;

	(void)json_object_set_new(doc, "subject", json_loads(subject, 0, NULL));
	int err = fhir_order_read(&in, orders, 1, &o);
	uint32_t age = err == SK_OK ? o.submit.children[0]->age_years : 99;
	fhir_order_done(&o);
	json_decref(doc);
	return age;
}

/* The year is enough, or the number of the national register alone. */
static void test_order_age_from_year_and_from_number(void **state)
{
	(void)state;
	(void)snprintf(fhir_rig_parties[0].phone, sizeof(fhir_rig_parties[0].phone),
		       "051 00 00 00");
	assert_int_equal(age_with("[{\"resourceType\":\"Patient\",\"id\":\"k\","
				  "\"birthDate\":\"2015\"}]",
				  "{\"reference\":\"#k\"}"),
			 11);
	assert_int_equal(age_with("[{\"resourceType\":\"Patient\",\"id\":\"k\","
				  "\"birthDate\":\"2015-12\"}]",
				  "{\"reference\":\"#k\"}"),
			 10);
	assert_int_equal(age_with("[]", "{\"identifier\":{\"system\":\"" FHIR_SSIN "\",\"value\":"
					"\"12.03.04-001.84\"}}"),
			 14);
	assert_int_equal(age_with("[]", "{\"identifier\":{\"system\":\"" FHIR_SSIN "\",\"value\":"
					"\"12030400155\"}}"),
			 99);
}

/* A failed check digit is told, never a refusal on this face. */
static void test_order_bad_check_digit_is_only_told(void **state)
{
	json_t *doc = parse(fhir_rig_order);
	const json_t *orders[] = { doc };
	struct fhir_in in = reading_with(doc);
	struct fhir_order o;

	(void)state;
	assert_false(fhir_insz_ok("12030400101"));
	assert_int_equal(fhir_order_read(&in, orders, 1, &o), SK_OK);
	assert_false(in.refused);
	assert_int_equal(in.issues_len, 1);
	assert_string_equal(in.issue[0].at, "Patient.identifier");
	assert_int_equal(in.issue[0].status, 0);
	fhir_order_done(&o);
	json_decref(doc);
	assert_true(fhir_insz_ok("79121137766"));
	assert_true(fhir_kbo_ok("0200065765"));
	assert_false(fhir_kbo_ok("0425222333"));
	assert_false(fhir_kbo_ok("042522233"));
	assert_false(fhir_kbo_ok("04252223x3"));
}

static void test_order_stat_is_crisis_with_defaults(void **state)
{
	json_t *doc = order_with("priority", "\"stat\"");
	const json_t *orders[] = { doc };
	struct fhir_in in = reading_with(doc);
	struct fhir_order o;

	(void)state;
	assert_int_equal(fhir_order_read(&in, orders, 1, &o), SK_OK);
	assert_int_equal(o.submit.urgency, SCHAKEL__V1__URGENCY__URGENCY_CRISIS);
	assert_int_equal(o.submit.crisis_step, SCHAKEL__V1__CRISIS_STEP__CRISIS_STEP_NOW);
	assert_int_equal(o.submit.reason, SCHAKEL__V1__DANGER_REASON__DANGER_REASON_OTHER);
	fhir_order_done(&o);
	json_decref(doc);
}

static void test_order_place_by_municipality(void **state)
{
	static const char places[] = "nis,name,zone,pop\n33011,Ieper,westhoek,1\n37015,Tielt,rits,"
				     "2";
	json_t *doc = order_with("extension", "[{\"url\":\"urn:schakel:fhir:municipality\","
					      "\"valueString\":\"33011\"}]");
	const json_t *orders[] = { doc };
	struct fhir_in in = reading_with(doc);
	struct fhir_order o;

	(void)state;
	in.places = (struct slice){ places, sizeof(places) - 1 };
	assert_int_equal(fhir_order_read(&in, orders, 1, &o), SK_OK);
	assert_string_equal(o.submit.zone, "westhoek");
	fhir_order_done(&o);
	assert_ptr_equal(fhir_zone_of_nis(&in, "37015"), &fhir_rig_conf.zones[0]);
	assert_null(fhir_zone_of_nis(&in, "3301"));
	assert_null(fhir_zone_of_nis(&in, NULL));
	json_decref(doc);
}

/* Two needs of one child and one of another are one request of a family. */
static void test_order_of_several_is_one_request(void **state)
{
	json_t *a = parse(fhir_rig_order);
	json_t *b = order_with("code", "{\"text\":\"Pleegzorg\"}");
	json_t *c = order_with("subject", "{\"reference\":\"Patient/zus\"}");
	json_t *bundle = parse("{\"entry\":[{\"fullUrl\":\"urn:uuid:1\",\"resource\":{"
			       "\"resourceType\":\"Patient\",\"id\":\"zus\",\"birthDate\":"
			       "\"2019-01\"}}]}");
	const json_t *orders[] = { a, b, c };
	struct fhir_in in = reading_with(a);
	struct fhir_order o;

	(void)state;
	in.bundle = bundle;
	assert_int_equal(fhir_order_read(&in, orders, 3, &o), SK_EPROTO);
	fhir_order_done(&o);
	for (size_t i = 0; i < SK_LEN(orders); i++) {
		json_t *order = i == 0 ? a : i == 1 ? b : c;
		(void)json_object_set_new(order, "requisition", parse("{\"value\":\"gezin-1\"}"));
	}
	in = reading_with(a);
	in.bundle = bundle;
	assert_int_equal(fhir_order_read(&in, orders, 3, &o), SK_OK);
	assert_int_equal(o.submit.n_children, 2);
	assert_int_equal(o.submit.n_needs, 3);
	assert_int_equal(o.submit.needs[1]->expertise, 6);
	assert_int_equal(o.submit.needs[1]->child, 0);
	assert_int_equal(o.submit.needs[2]->child, 1);
	assert_int_equal(o.submit.children[1]->age_years, 7);
	assert_int_equal(o.told_len, 4);
	fhir_order_done(&o);
	json_decref(a);
	json_decref(b);
	json_decref(c);
	json_decref(bundle);
}

/* As many needs as intake takes of one request, of five children, and one more. */
static void test_order_needs_at_the_limit(void **state)
{
	const json_t *orders[FHIR_NEEDS_MAX + 1];
	json_t *doc[5];
	struct fhir_order o;

	(void)state;
	for (size_t i = 0; i < SK_LEN(doc); i++) {
		doc[i] = parse(fhir_rig_order);
		(void)json_object_set_new(doc[i], "requisition", parse("{\"value\":\"gezin\"}"));
		json_t *child = json_array_get(json_object_get(doc[i], "contained"), 0);
		(void)json_object_del(child, "identifier"); /* else all are that one */
		(void)json_object_set_new(child, "birthDate", json_sprintf("201%zu-03-04", i));
	}
	for (size_t i = 0; i < SK_LEN(orders); i++) {
		orders[i] = doc[i % SK_LEN(doc)];
	}
	struct fhir_in in = reading_with(doc[0]);
	assert_int_equal(fhir_order_read(&in, orders, FHIR_NEEDS_MAX, &o), SK_OK);
	assert_int_equal(o.submit.n_needs, 50);
	fhir_order_done(&o);
	in = reading_with(doc[0]);
	assert_int_equal(fhir_order_read(&in, orders, FHIR_NEEDS_MAX + 1, &o), SK_EPROTO);
	assert_string_equal(in.issue[0].at, "Bundle.entry");
	fhir_order_done(&o);
	for (size_t i = 0; i < SK_LEN(doc); i++) {
		json_decref(doc[i]);
	}
}

/* Each text is short enough; what all say of one child is not. */
static void test_order_many_of_one_child_are_too_long_together(void **state)
{
	const json_t *orders[FHIR_NEEDS_MAX];
	json_t *doc = parse(fhir_rig_order);
	struct fhir_in in = reading_with(doc);
	struct fhir_order o;

	(void)state;
	(void)json_object_set_new(doc, "requisition", parse("{\"value\":\"gezin\"}"));
	for (size_t i = 0; i < SK_LEN(orders); i++) {
		orders[i] = doc;
	}
	assert_int_equal(fhir_order_read(&in, orders, SK_LEN(orders), &o), SK_EPROTO);
	const struct fhir_issue *last = &in.issue[in.issues_len - 1];
	assert_string_equal(last->at, "ServiceRequest");
	assert_string_equal(last->code, "too-long");
	assert_non_null(strstr(last->en, "fewer orders"));
	fhir_order_done(&o);
	json_decref(doc);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FHIR_TEST(test_order_whole_becomes_request),
		FHIR_TEST(test_order_person_is_only_in_what_is_sealed),
		FHIR_TEST(test_order_same_identifier_gives_same_person),
		FHIR_TEST(test_order_faults_name_the_element),
		FHIR_TEST(test_order_consent_denied_is_refused),
		FHIR_TEST(test_order_age_from_year_and_from_number),
		FHIR_TEST(test_order_bad_check_digit_is_only_told),
		FHIR_TEST(test_order_stat_is_crisis_with_defaults),
		FHIR_TEST(test_order_place_by_municipality),
		FHIR_TEST(test_order_of_several_is_one_request),
		FHIR_TEST(test_order_needs_at_the_limit),
		FHIR_TEST(test_order_many_of_one_child_are_too_long_together),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
