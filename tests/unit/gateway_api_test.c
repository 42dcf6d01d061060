/* SPDX-License-Identifier: EUPL-1.2 */
/* The table of REST: a row that names what the schema has not would fail when it is first used. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "services/gateway/api_private.h"

static const char *const daemons[] = { "intake", "waitlist", "matching" };

static const ProtobufCMessageDescriptor *type_of(const struct api *a)
{
	const ProtobufCFieldDescriptor *f = protobuf_c_message_descriptor_get_field(
		&schakel__v1__message__descriptor, (unsigned)a->body);
	assert_non_null(f);
	assert_int_equal(f->type, PROTOBUF_C_TYPE_MESSAGE);
	return f->descriptor;
}

static size_t params_of(const char *path)
{
	size_t n = 0;
	for (const char *s = path; *s != '\0'; s++) {
		n += *s == '{';
	}
	return n;
}

static bool is_generic(const struct route *r)
{
	return r->fn == api_query || r->fn == api_command || r->fn == api_amend;
}

static void test_api_rows_name_messages_and_daemons_that_exist(void **state)
{
	(void)state;
	unsigned rows = 0;
	for (const struct route *r = api_routes; r->method != NULL; r++) {
		const struct api *a = r->arg;
		bool known = false;
		if (!is_generic(r)) {
			continue;
		}
		rows++;
		assert_non_null(type_of(a));
		for (size_t i = 0; i < SK_LEN(daemons); i++) {
			known |= strcmp(a->daemon, daemons[i]) == 0;
		}
		assert_true(known);
	}
	assert_true(rows > 90);
}

/* A query is a GET, a command is not; the numbers of the schema keep them apart. */
static void test_api_rows_have_the_method_of_their_message(void **state)
{
	(void)state;
	for (const struct route *r = api_routes; r->method != NULL; r++) {
		const struct api *a = r->arg;
		bool get = strcmp(r->method, "GET") == 0;
		if (!is_generic(r)) {
			continue;
		}
		assert_int_equal(get, r->fn == api_query);
		assert_int_equal(get, strncmp(type_of(a)->short_name, "Query", 5) == 0);
		assert_false(get && (a->flags & (API_CREATES | API_FAMILY)) != 0);
	}
}

/* Each parameter of a path fills a field of the message: itself, or its id. */
static void test_api_params_name_fields(void **state)
{
	(void)state;
	for (const struct route *r = api_routes; r->method != NULL; r++) {
		const struct api *a = r->arg;
		size_t n = 0;
		if (!is_generic(r)) {
			continue;
		}
		for (; n < API_PARAMS && a->param[n] != NULL; n++) {
			char id[64];
			(void)snprintf(id, sizeof(id), "%s_id", a->param[n]);
			if (api_field(type_of(a), a->param[n]) == NULL &&
			    api_field(type_of(a), id) == NULL) {
				fail_msg("%s %s: %s has no field %s", r->method, r->path,
					 type_of(a)->short_name, a->param[n]);
			}
		}
		assert_int_equal(n, params_of(r->path));
	}
}

/* The view from which an ETag comes has that list. */
static void test_api_lists_of_etags_are_fields_of_a_view(void **state)
{
	(void)state;
	for (const struct route *r = api_routes; r->method != NULL; r++) {
		const struct api *a = r->arg;
		unsigned found = 0;
		if (!is_generic(r) || a->list == NULL) {
			continue;
		}
		for (unsigned i = 0; i < schakel__v1__message__descriptor.n_fields; i++) {
			const ProtobufCFieldDescriptor *f =
				&schakel__v1__message__descriptor.fields[i];
			found += f->type == PROTOBUF_C_TYPE_MESSAGE &&
				 strstr(f->name, "_view") != NULL &&
				 api_field(f->descriptor, a->list) != NULL;
		}
		if (found == 0) {
			fail_msg("%s: no view has a list %s", r->path, a->list);
		}
	}
}

/* With two rows for one path and method the second is never reached. */
static void test_api_method_and_path_are_unique(void **state)
{
	(void)state;
	for (const struct route *r = api_routes; r->method != NULL; r++) {
		assert_int_equal(strncmp(r->path, "/api/v1/", 8), 0);
		for (const struct route *o = api_routes; o != r; o++) {
			bool same = strcmp(o->method, r->method) == 0 &&
				    strcmp(o->path, r->path) == 0;
			if (same) {
				fail_msg("%s %s stands twice", r->method, r->path);
			}
		}
	}
}

/* What is open to all is what the table of DOMAIN 2 opens: the directory, and asking for help. */
static void test_api_open_rows_are_the_two_that_may_be(void **state)
{
	(void)state;
	for (const struct route *r = api_routes; r->method != NULL; r++) {
		if (r->roles != WEB_ANYBODY) {
			continue;
		}
		bool may = strcmp(r->path, "/api/v1/directory") == 0 || strcmp(r->path, "/api/v1/"
											"family/"
											"request"
											"s") == 0;
		if (!may) {
			fail_msg("%s %s is open to all", r->method, r->path);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_api_rows_name_messages_and_daemons_that_exist),
		cmocka_unit_test(test_api_rows_have_the_method_of_their_message),
		cmocka_unit_test(test_api_params_name_fields),
		cmocka_unit_test(test_api_lists_of_etags_are_fields_of_a_view),
		cmocka_unit_test(test_api_method_and_path_are_unique),
		cmocka_unit_test(test_api_open_rows_are_the_two_that_may_be),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
