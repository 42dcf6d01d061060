/* SPDX-License-Identifier: EUPL-1.2 */
/* The door: each limit of the wire at the limit and one past it, and the field that is named. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/wire.h"

static _Alignas(64) uint8_t block[1U << 20];
static uint8_t buf[1U << 20];

static struct slice pack(PB(Message) *m)
{
	static uint8_t id[16] = { 0x01, 0x9c, 0xb1, 0xf2, 0xf4, 0, 0x7a, 0x11, 0x92 };

	m->id = (ProtobufCBinaryData){ sizeof(id), id };
	return (struct slice){ buf, schakel__v1__message__pack(m, buf) };
}

static int check(struct slice s, struct wire_fault *fault)
{
	return wire_check(s, &schakel__v1__message__descriptor, WIRE_STRICT, fault);
}

static void expect(struct slice s, PB(Refusal) code, const char *field)
{
	struct wire_fault fault;

	assert_int_equal(check(s, &fault), SK_EPROTO);
	assert_int_equal(fault.code, code);
	assert_string_equal(fault.field, field);
}

static PB(Message) actor(char *text)
{
	PB(Message) m = PB_INIT(MESSAGE);

	m.actor = text;
	return m;
}

static void test_wire_text_at_and_past_its_length(void **state)
{
	static char text[WIRE_STRING_MAX + 2];
	struct wire_fault fault;

	(void)state;
	memset(text, 'a', WIRE_STRING_MAX);
	PB(Message) m = actor(text);
	assert_int_equal(check(pack(&m), &fault), SK_OK);
	text[WIRE_STRING_MAX] = 'a';
	expect(pack(&m), SCHAKEL__V1__REFUSAL__REFUSAL_MALFORMED, "actor");
}

static void test_wire_text_must_be_utf8_without_controls(void **state)
{
	static const char *const good[] = {
		"",         "e\xcc\x81",    "\xc3\xab",        "\xe2\x82\xac", "\xf0\x9f\x8c\xb1",
		"\xc2\xa0", "\xef\xbf\xbd", "\xf4\x8f\xbf\xbf"
	};
	static const char *const bad[] = {
		"\x1f",     "\x7f",         "\xc2\x80",     "\xc0\xaf",         "\xff",
		"\xc3",     "\xed\xa0\x80", "\xe0\x9f\xbf", "\xf4\x90\x80\x80", "\xf0\x8f\xbf\xbf",
		"\xe2\x82", "a\nb"
	};
	struct wire_fault fault;

	(void)state;
	for (size_t i = 0; i < SK_LEN(good); i++) {
		PB(Message) m = actor((char *)(uintptr_t)good[i]);
		assert_int_equal(check(pack(&m), &fault), SK_OK);
	}
	for (size_t i = 0; i < SK_LEN(bad); i++) {
		PB(Message) m = actor((char *)(uintptr_t)bad[i]);
		expect(pack(&m), SCHAKEL__V1__REFUSAL__REFUSAL_MALFORMED, "actor");
	}
}

/* protobuf-c would cut the text at the NUL and go on (RELIABILITY B3). */
static void test_wire_nul_inside_text_is_refused(void **state)
{
	PB(Message) m = actor("ab");
	struct slice s = pack(&m);

	(void)state;
	buf[s.len - 1] = '\0';
	expect(s, SCHAKEL__V1__REFUSAL__REFUSAL_MALFORMED, "actor");
}

static void test_wire_elements_at_and_past_their_count(void **state)
{
	PB(Message) m = PB_INIT(MESSAGE);
	PB(SubmitRequest) r = PB_INIT(SUBMIT_REQUEST);
	char *languages[WIRE_REPEATED_MAX + 1];
	struct wire_fault fault;

	(void)state;
	for (size_t i = 0; i < SK_LEN(languages); i++) {
		languages[i] = "nl";
	}
	r.languages = languages;
	r.n_languages = WIRE_REPEATED_MAX;
	m.body_case = BODY(SUBMIT_REQUEST);
	m.submit_request = &r;
	assert_int_equal(check(pack(&m), &fault), SK_OK);
	r.n_languages++;
	expect(pack(&m), SCHAKEL__V1__REFUSAL__REFUSAL_TOO_MANY, "submit_request.languages[256]");
}

/* A packed run hides its count in one field. */
static void test_wire_packed_numbers_are_counted(void **state)
{
	PB(Message) m = PB_INIT(MESSAGE);
	PB(PutCapacity) p = PB_INIT(PUT_CAPACITY);
	PB(PoolUse) u = PB_INIT(POOL_USE);
	PB(PoolUse) *uses[] = { &u };
	static uint32_t expertises[WIRE_REPEATED_MAX + 1];
	struct wire_fault fault;

	(void)state;
	u.expertises = expertises;
	u.n_expertises = WIRE_REPEATED_MAX;
	p.uses = uses;
	p.n_uses = 1;
	m.body_case = BODY(PUT_CAPACITY);
	m.put_capacity = &p;
	assert_int_equal(check(pack(&m), &fault), SK_OK);
	u.n_expertises++;
	struct slice s = pack(&m);
	assert_int_equal(check(s, &fault), SK_EPROTO);
	assert_int_equal(fault.code, SCHAKEL__V1__REFUSAL__REFUSAL_TOO_MANY);
	assert_non_null(strstr(fault.field, "put_capacity.uses[0].expertises"));
}

static void test_wire_unknown_enum_value_names_its_place(void **state)
{
	PB(Message) m = PB_INIT(MESSAGE);
	PB(SubmitRequest) r = PB_INIT(SUBMIT_REQUEST);
	PB(NeedSpec) a = PB_INIT(NEED_SPEC), b = PB_INIT(NEED_SPEC);
	PB(NeedSpec) *needs[] = { &a, &b };

	(void)state;
	b.life_domain = (PB(LifeDomain))99;
	r.needs = needs;
	r.n_needs = 2;
	m.body_case = BODY(SUBMIT_REQUEST);
	m.submit_request = &r;
	expect(pack(&m), SCHAKEL__V1__REFUSAL__REFUSAL_UNKNOWN_CODE,
	       "submit_request.needs[1].life_domain");
}

static void test_wire_field_given_twice_is_refused(void **state)
{
	PB(Message) m = actor("a");
	struct slice s = pack(&m);

	(void)state;
	memcpy(buf + s.len, "\x2a\x01z", 3);
	s.len += 3;
	expect(s, SCHAKEL__V1__REFUSAL__REFUSAL_TOO_MANY, "actor");
}

/* Two bodies: the last would win silently. */
static void test_wire_two_bodies_are_refused(void **state)
{
	PB(Message) m = PB_INIT(MESSAGE);
	PB(QueryStatus) q = PB_INIT(QUERY_STATUS);

	(void)state;
	m.body_case = BODY(QUERY_STATUS);
	m.query_status = &q;
	struct slice s = pack(&m);
	memcpy(buf + s.len, "\xfa\x0c\x00", 3); /* query_quarantine, field 207 */
	s.len += 3;
	struct wire_fault fault;
	assert_int_equal(check(s, &fault), SK_EPROTO);
	assert_int_equal(fault.code, SCHAKEL__V1__REFUSAL__REFUSAL_TOO_MANY);
}

static void test_wire_unknown_field_refused_of_clients_kept_of_daemons(void **state)
{
	PB(Message) m = actor("a");
	struct slice s = pack(&m);
	struct wire_fault fault;

	(void)state;
	memcpy(buf + s.len, "\xf8\x3f\x01", 3);
	s.len += 3;
	assert_int_equal(check(s, &fault), SK_EPROTO);
	assert_int_equal(fault.code, SCHAKEL__V1__REFUSAL__REFUSAL_UNKNOWN_TYPE);
	assert_int_equal(wire_check(s, &schakel__v1__message__descriptor, WIRE_TOLERANT, &fault),
			 SK_OK);
}

static void test_wire_cut_anywhere_is_refused_or_shorter(void **state)
{
	PB(Message) m = actor("some text");
	struct wire_fault fault;
	struct arena a;

	(void)state;
	arena_init(&a, block, sizeof(block));
	struct slice s = pack(&m);
	for (size_t cut = 0; cut < s.len; cut++) {
		PB(Message) *got = NULL;
		struct slice part = { buf, cut };
		int err = wire_decode(&a, part, WIRE_STRICT, &got, &fault);
		assert_true(err == SK_EPROTO || got->actor[0] == '\0');
		arena_reset(&a);
	}
}

/* Empty sub-messages cost 24 to 48 bytes of memory a byte: the arena is the ceiling. */
static void test_wire_memory_is_bounded_by_the_arena(void **state)
{
	static _Alignas(64) uint8_t small[4096];
	PB(Message) m = PB_INIT(MESSAGE);
	PB(SubmitRequest) r = PB_INIT(SUBMIT_REQUEST);
	PB(NeedSpec) need = PB_INIT(NEED_SPEC);
	PB(NeedSpec) *needs[200];
	struct wire_fault fault;
	PB(Message) *got = NULL;
	struct arena a;

	(void)state;
	for (size_t i = 0; i < SK_LEN(needs); i++) {
		needs[i] = &need;
	}
	r.needs = needs;
	r.n_needs = SK_LEN(needs);
	m.body_case = BODY(SUBMIT_REQUEST);
	m.submit_request = &r;
	arena_init(&a, small, sizeof(small));
	assert_int_equal(wire_decode(&a, pack(&m), WIRE_STRICT, &got, &fault), SK_EPROTO);
	arena_reset(&a);
}

static void test_wire_id_carries_its_time(void **state)
{
	uint8_t id[16];
	static const uint8_t random[10] = { 0xff, 0xff, 0xff, 0xff, 0xff,
					    0xff, 0xff, 0xff, 0xff, 0xff };
	ProtobufCBinaryData data = { sizeof(id), id };
	uint64_t ms = 0;

	(void)state;
	wire_id_make(1772532000000ULL, random, id);
	assert_true(wire_id_time(&data, &ms));
	assert_true(ms == 1772532000000ULL);
	id[6] = 0x4f; /* version 4 */
	assert_false(wire_id_time(&data, &ms));
	wire_id_make(1772532000000ULL, random, id);
	id[8] = 0xff; /* variant */
	assert_false(wire_id_time(&data, &ms));
	data.len = 15;
	assert_false(wire_id_time(&data, &ms));
}

static void packs_alike(const PB(Message) *m)
{
	uint8_t a[256], b[256];
	size_t len = schakel__v1__message__get_packed_size(m);

	assert_in_range(len, 0, sizeof(a));
	assert_int_equal(wire_message_size(m), len);
	assert_int_equal(schakel__v1__message__pack(m, a), len);
	assert_int_equal(wire_message_pack(m, b), len);
	assert_memory_equal(a, b, len);
}

/* What is packed with one body in view is what protobuf-c packs with all of them. */
static void test_wire_every_body_is_packed_as_protobuf_does(void **state)
{
	const ProtobufCMessageDescriptor *type = &schakel__v1__message__descriptor;
	static uint8_t id[16] = { 1, 2, 3 };
	PB(Message) m = PB_INIT(MESSAGE);

	(void)state;
	packs_alike(&m);
	m.id = (ProtobufCBinaryData){ sizeof(id), id };
	m.correlation = m.id;
	m.causation = m.id;
	m.time_ms = UINT64_MAX;
	m.actor = (char *)(uintptr_t) "somebody";
	m.role = SCHAKEL__V1__ROLE__ROLE_DAEMON;
	m.purpose = 7;
	packs_alike(&m);
	for (unsigned int i = 0; i < type->n_fields; i++) {
		const ProtobufCFieldDescriptor *f = &type->fields[i];
		static union {
			ProtobufCMessage base;
			uint8_t room[4096];
		} body;
		if (f->type == PROTOBUF_C_TYPE_MESSAGE) {
			const ProtobufCMessageDescriptor *of = f->descriptor;
			assert_in_range(of->sizeof_message, 1, sizeof(body));
			of->message_init(&body.base);
			m.body_case = (PB(Message__BodyCase))f->id;
			m.receipt = (PB(Receipt) *)&body;
			packs_alike(&m);
		}
	}
}

static void test_wire_every_body_has_a_name(void **state)
{
	(void)state;
	assert_string_equal(wire_body_name(BODY(SUBMIT_REQUEST)), "submit_request");
	assert_string_equal(wire_body_name(SCHAKEL__V1__MESSAGE__BODY__NOT_SET), "none");
	/* The checker counts fields in a table of fixed size. */
	assert_true(schakel__v1__message__descriptor.n_fields < 192);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_wire_text_at_and_past_its_length),
		cmocka_unit_test(test_wire_text_must_be_utf8_without_controls),
		cmocka_unit_test(test_wire_nul_inside_text_is_refused),
		cmocka_unit_test(test_wire_elements_at_and_past_their_count),
		cmocka_unit_test(test_wire_packed_numbers_are_counted),
		cmocka_unit_test(test_wire_unknown_enum_value_names_its_place),
		cmocka_unit_test(test_wire_field_given_twice_is_refused),
		cmocka_unit_test(test_wire_two_bodies_are_refused),
		cmocka_unit_test(test_wire_unknown_field_refused_of_clients_kept_of_daemons),
		cmocka_unit_test(test_wire_cut_anywhere_is_refused_or_shorter),
		cmocka_unit_test(test_wire_memory_is_bounded_by_the_arena),
		cmocka_unit_test(test_wire_id_carries_its_time),
		cmocka_unit_test(test_wire_every_body_has_a_name),
		cmocka_unit_test(test_wire_every_body_is_packed_as_protobuf_does),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
