/* SPDX-License-Identifier: EUPL-1.2 */
/* The table of routes is the whole of who may come: every route, every role, every method. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sodium.h>

#include "services/gateway/http_private.h"
#include "services/gateway/session.h"
#include "services/gateway/storedir.h"
#include "tests/unit/node_rig.h"

#define ROLES 16
#define PATH_MAX_LEN 128

static const char *const methods[] = { "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS" };

/* What DOMAIN 2 opens to everybody, beside the pages and the words themselves. A row that comes
 * into the table has to come in here too. */
static const char *const open_rows[] = {
	"GET /session",
	"POST /session",
	"POST /api/v1/family/requests",
	"GET /api/v1/directory",
	"GET /api/v1/links/{token}",
	"POST /api/v1/links/{token}",
	"GET /api/v1/clock",
	"GET /codes",
	"GET /codes/{list}",
	"GET /fhir/metadata",
	"GET /fhir/HealthcareService",
	"GET /fhir/HealthcareService/{id}",
	"GET /hsds",
	"GET /hsds/",
	"GET /hsds/services",
	"POST /hsds/services",
	"GET /hsds/services/{id}",
	"GET /hsds/organizations",
	"POST /hsds/organizations",
	"GET /hsds/organizations/{id}",
	"GET /hsds/service_at_locations",
	"POST /hsds/service_at_locations",
	"GET /hsds/service_at_locations/{id}",
	"GET /hsds/taxonomies",
	"POST /hsds/taxonomies",
	"GET /hsds/taxonomies/{id}",
	"GET /hsds/taxonomy_terms",
	"POST /hsds/taxonomy_terms",
	"GET /hsds/taxonomy_terms/{id}",
	"GET /session/oidc",
	"GET /session/oidc/callback",
	"GET /healthz",
	"GET /readyz",
	"GET /openapi.json",
	"GET /openapi.yaml",
	"GET /static/*",
	"GET /",
	"GET /*",
};

/* --- a request without a network --- */

static struct {
	const char *bearer, *cookie, *csrf, *origin;
	char from[24];
} said;

const char *MHD_lookup_connection_value(struct MHD_Connection *c, enum MHD_ValueKind kind,
					const char *key)
{
	(void)c;
	if (kind == MHD_COOKIE_KIND) {
		return strcmp(key, "schakel") == 0 ? said.cookie : NULL;
	}
	if (kind != MHD_HEADER_KIND) {
		return NULL;
	}
	const struct {
		const char *name, *value;
	} head[] = { { "Authorization", said.bearer },
		     { "X-CSRF", said.csrf },
		     { "Origin", said.origin },
		     { "Host", "schakel.example" },
		     { "X-Forwarded-For", said.from } };
	for (size_t i = 0; i < SK_LEN(head); i++) {
		if (strcasecmp(head[i].name, key) == 0) {
			return head[i].value;
		}
	}
	return NULL;
}

const union MHD_ConnectionInfo *MHD_get_connection_info(struct MHD_Connection *c,
							enum MHD_ConnectionInfoType type, ...)
{
	(void)c;
	(void)type;
	return NULL;
}

/* --- a gateway with a party for each role --- */

static struct gate gate;
static struct gate_conf held;
static struct conf *conf;
static struct conf_party party[ROLES];
static char dir[NODE_RIG_PATH_MAX];

static int set_up(void **state)
{
	(void)state;
	assert_true(sodium_init() >= 0);
	conf = calloc(1, sizeof(*conf));
	assert_non_null(conf);
	conf->gateway.behind_proxy = true; /* so that each request can be of another address */
	for (unsigned i = 0; i < ROLES; i++) {
		(void)snprintf(party[i].id, sizeof(party[i].id), "r%02u", i);
		party[i].roles = 1U << i & WEB_SIGNED_IN;
	}
	conf->parties = party;
	conf->parties_len = ROLES;
	held.conf = conf;
	atomic_init(&held.users, 1);
	(void)pthread_mutex_init(&gate.conf_lock, NULL);
	gate.conf = &held;
	gate.key = (struct token_key){ { 7 } };
	node_rig_temp(dir);
	return gone_open(dir, &gate.gone);
}

static int tear_down(void **state)
{
	(void)state;
	free(conf);
	(void)pthread_mutex_destroy(&gate.conf_lock);
	gone_close(gate.gone);
	return storedir_remove(dir);
}

/* Nobody asks so often that the limits speak. */
static void from_elsewhere(void)
{
	static unsigned n;
	n++;
	(void)snprintf(said.from, sizeof(said.from), "10.%u.%u.%u", n >> 16 & 255, n >> 8 & 255,
		       n & 255);
}

static bool is_role(unsigned role)
{
	return protobuf_c_enum_descriptor_get_value(&schakel__v1__role__descriptor, (int)role) !=
		       NULL &&
	       (1U << role & (WEB_ANYBODY | ROLE_BIT(DAEMON))) == 0;
}

/* "/api/v1/requests/{request}" as somebody asks it. */
static void fill(const char *template, char ret_path[PATH_MAX_LEN])
{
	size_t n = 0;
	for (const char *s = template; *s != '\0'; s++) {
		bool rest = *s == '*'; /* so deep that no other row has it */
		if (*s == '{') {
			s = strchr(s, '}');
			assert_non_null(s);
		}
		n += (size_t)snprintf(ret_path + n, PATH_MAX_LEN - n, "%.*s", rest ? 9 : 1,
				      rest      ? "a/b/c/d/e" :
				      *s == '}' ? "a" :
						  s);
	}
	assert_in_range(n, 1, PATH_MAX_LEN - 1);
}

struct
try {
	struct web web;
	const struct route *route;
};

static void ask(struct try *t, const char *method, const char *path)
{
	struct MHD_Connection *any = (struct MHD_Connection *)(void *)&gate;
	memset(&said, 0, sizeof(said));
	assert_int_equal(web_begin(&t->web, &gate, any), SK_OK);
	t->web.method = method;
	t->web.path = path;
	t->route = web_route(&t->web, gate_routes);
}

/* @return the status of the refusal; 0: it is let in. */
static unsigned admit(struct try *t)
{
	from_elsewhere();
	t->web.who = (struct who){ 0 };
	t->web.session = NULL;
	t->web.answer.status = 0;
	t->web.answer.heads_len = 0;
	size_t mark = t->web.arena.used_bytes;
	bool in = session_admit(&t->web, t->route);
	unsigned status = t->web.answer.status;
	assert_int_equal(in, status == 0);
	arena_rewind(&t->web.arena, mark);
	return status;
}

static void expect(struct try *t, unsigned want, const char *how, const char *who)
{
	unsigned got = admit(t);
	if (got != want) {
		fail_msg("%s %s, %s as %s: %u, not %u", t->web.method, t->web.path, how, who, got,
			 want);
	}
}

static bool is_change(const struct try *t)
{
	return strcmp(t->web.method, "GET") != 0 && strcmp(t->web.method, "HEAD") != 0;
}

static void as_role(struct try *t, unsigned role)
{
	char bearer[TOKEN_BEARER_MAX + 8] = "Bearer ";
	char cookie[TOKEN_SESSION_MAX + 1];
	char csrf[TOKEN_BEARER_LEN + 1];
	const char *id = party[role].id;
	bool family = 1U << role == ROLE_BIT(FAMILY);
	uint64_t now_ms = gate_wall_ms();
	struct token_session s = { .begun_ms = now_ms, .until_ms = now_ms + 3600000 };
	bool open = (t->route->roles & WEB_ANYBODY) != 0;
	unsigned may = open || (t->route->roles & 1U << role) != 0 ? 0 : 403;
	name_copy(s.who.party, id);
	if (family) {
		s.who.person = true;
		s.who.speaker = SCHAKEL__V1__SPEAKER__SPEAKER_YOUTH;
		(void)snprintf(s.who.request, sizeof(s.who.request), "3fm8xn2kq7");
	} else {
		token_bearer(&gate.key, &party[role], bearer + 7);
		said.bearer = bearer;
		expect(t, may, "token", id);
		said.bearer = NULL;
	}
	token_session(&gate.key, conf, &s, cookie);
	token_csrf(&gate.key, cookie, csrf);
	said.cookie = cookie;
	said.csrf = csrf;
	expect(t, may, "cookie and X-CSRF", id);
	for (size_t i = 0; i < 2; i++) {
		said.csrf = i == 0 ? NULL : "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
		expect(t, is_change(t) && !open ? 403 : may, "cookie without X-CSRF", id);
		assert_false(open && is_change(t) && t->web.who.known);
	}
	memset(&said, 0, sizeof(said));
}

static void as_everybody(struct try *t)
{
	bool open = (t->route->roles & WEB_ANYBODY) != 0;
	expect(t, open ? 0 : 401, "without anything", "nobody");
	said.origin = "https://elders.example";
	expect(t, open && is_change(t) ? 403 : open ? 0 : 401, "from another site", "nobody");
	said.origin = "http://schakel.example";
	expect(t, open ? 0 : 401, "from this site", "nobody");
	said.origin = NULL;
	said.bearer = "Bearer r03.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
	expect(t, open && is_change(t) ? 0 : 401, "a token that is none", "nobody");
	memset(&said, 0, sizeof(said));
	for (unsigned role = 0; role < ROLES; role++) {
		if (is_role(role)) {
			as_role(t, role);
		}
	}
}

/* One path with every method. @return whether its own row was found by it. */
static unsigned walk_row(const struct route *r)
{
	char path[PATH_MAX_LEN];
	unsigned found = 0;
	fill(r->path, path);
	assert_int_not_equal(r->roles, 0);
	for (size_t m = 0; m < SK_LEN(methods); m++) {
		struct try t;
		ask(&t, methods[m], path);
		if (t.route == NULL) {
			bool asked = strcmp(methods[m], "OPTIONS") == 0; /* what is there */
			assert_int_equal(t.web.answer.status, asked ? 204 : 405);
			assert_string_not_equal(methods[m], r->method);
		} else {
			as_everybody(&t);
		}
		found += t.route == r && strcmp(methods[m], r->method) == 0;
		web_done(&t.web);
	}
	if (found == 0) {
		fail_msg("%s %s stands behind a row that takes its place", r->method, r->path);
	}
	return found;
}

/* Every path with every method: its row, with the right of its row, or 405. */
static void test_rights_every_route_role_and_method(void **state)
{
	(void)state;
	unsigned rows = 0;
	unsigned found = 0;
	for (size_t i = 0; gate_routes[i] != NULL; i++) {
		for (const struct route *r = gate_routes[i]; r->method != NULL; r++) {
			rows++;
			found += walk_row(r);
		}
	}
	assert_true(rows > 150);
	assert_int_equal(found, rows); /* no row stands behind another that takes its place */
}

static bool is_open_by_name(const struct route *r)
{
	char name[PATH_MAX_LEN];
	(void)snprintf(name, sizeof(name), "%s %s", r->method, r->path);
	for (size_t i = 0; i < SK_LEN(open_rows); i++) {
		if (strcmp(open_rows[i], name) == 0) {
			return true;
		}
	}
	return false;
}

/* What is open is what is listed here, and nothing that changes is open by mistake. */
static void test_rights_open_rows_are_these(void **state)
{
	(void)state;
	unsigned open = 0;
	for (size_t i = 0; gate_routes[i] != NULL; i++) {
		for (const struct route *r = gate_routes[i]; r->method != NULL; r++) {
			bool is_open = (r->roles & WEB_ANYBODY) != 0;
			if (is_open != is_open_by_name(r)) {
				fail_msg("%s %s: open to all: %d", r->method, r->path, is_open);
			}
			open += is_open;
		}
	}
	assert_int_equal(open, SK_LEN(open_rows));
}

static bool is_fhir(const struct web *w, const char *status_code)
{
	json_t *doc = json_loadb(w->answer.body.data, w->answer.body.len, 0, NULL);
	const char *type = json_string_value(json_object_get(doc, "resourceType"));
	json_t *issue = json_array_get(json_object_get(doc, "issue"), 0);
	const char *code = json_string_value(json_object_get(issue, "code"));
	bool good = type != NULL && strcmp(type, "OperationOutcome") == 0 && code != NULL &&
		    strcmp(code, status_code) == 0 &&
		    strcmp(w->answer.type, "application/fhir+json") == 0;
	json_decref(doc);
	return good;
}

static void end_as(struct try *t, unsigned status, const char *code)
{
	web_in_form(&t->web);
	assert_int_equal(t->web.answer.status, status);
	assert_true(is_fhir(&t->web, code));
	web_done(&t->web);
}

/* What the gateway itself says below /fhir is an OperationOutcome too, whatever comes before or
 * beside the handler; elsewhere it is problem+json. */
static void test_rights_refusals_have_the_form_of_their_face(void **state)
{
	(void)state;
	struct try t;
	ask(&t, "GET", "/fhir/Task");
	assert_int_equal(admit(&t), 401);
	end_as(&t, 401, "login");
	ask(&t, "PROPFIND", "/fhir/Task");
	assert_null(t.route);
	end_as(&t, 405, "not-supported");
	ask(&t, "PROPFIND", "/fhir/Task/a/b/c/d");
	end_as(&t, 405, "not-supported");
	ask(&t, "OPTIONS", "/fhir/Task"); /* that is no refusal */
	web_in_form(&t.web);
	assert_int_equal(t.web.answer.status, 204);
	assert_int_equal(t.web.answer.body.len, 0);
	web_done(&t.web);
	ask(&t, "POST", "/fhir");
	web_too_large(&t.web, false);
	end_as(&t, 413, "too-long");
	ask(&t, "GET", "/fhir/metadata");
	web_too_large(&t.web, true);
	end_as(&t, 431, "too-long");
	ask(&t, "GET", "/fhir/Task/a");
	web_busy(&t.web);
	end_as(&t, 503, "transient");
	ask(&t, "GET", "/api/v1/me");
	assert_int_equal(admit(&t), 401);
	web_in_form(&t.web);
	assert_string_equal(t.web.answer.type, "application/problem+json");
	web_done(&t.web);
}

static unsigned tries_left(struct try *t, const char *from, const char *code)
{
	unsigned n = 0;
	(void)snprintf(said.from, sizeof(said.from), "%s", from);
	while (n < 99 && session_may_try(&t->web, code)) {
		session_tried(&t->web, code, false);
		n++;
	}
	return n;
}

/* Many addresses that guess at one request get few tries each; who comes from elsewhere, as the
 * child does, still has some, and another request is not touched. */
static void test_rights_guesses_at_one_request_are_slowed(void **state)
{
	(void)state;
	struct try t;
	ask(&t, "POST", "/session");
	assert_int_equal(tries_left(&t, "192.0.2.1", "3FM8x-n2kq7-aaaaaaaa"), SESSION_TRIES_MAX);
	assert_int_equal(tries_left(&t, "192.0.2.2", "3fm8xn2kq7-aaaaaaab"), SESSION_TRIES_MAX);
	assert_int_equal(tries_left(&t, "192.0.2.3", "3fm8xn2kq7aaaaaaac"), SESSION_TRIES_MAX);
	assert_int_equal(tries_left(&t, "192.0.2.4", "3fm8xn2kq7-aaaaaaad"), SESSION_HOT_TRIES_MAX);
	assert_int_equal(tries_left(&t, "192.0.2.5", "3fm8xn2kq7-aaaaaaae"), SESSION_HOT_TRIES_MAX);
	assert_int_equal(tries_left(&t, "192.0.2.5", "4fm8xn2kq7-aaaaaaae"),
			 SESSION_TRIES_MAX - SESSION_HOT_TRIES_MAX);
	web_done(&t.web);
	memset(&said, 0, sizeof(said));
}

/* What was taken back stays so over a restart of the gateway; a session only until it would be over
 * anyway, and the code of one person alone. */
static void test_rights_what_was_taken_back_stays_so(void **state)
{
	(void)state;
	struct token_who child = { .person = true,
				   .speaker = SCHAKEL__V1__SPEAKER__SPEAKER_YOUTH,
				   .request = "3fm8xn2kq7" };
	struct token_who parent = child;
	uint32_t serial = 9;
	parent.speaker = SCHAKEL__V1__SPEAKER__SPEAKER_ADULT;
	parent.adult = 1;
	assert_int_equal(gone_end_session(gate.gone, 7, 1000, 500), SK_OK);
	assert_int_equal(gone_withdraw(gate.gone, &child), SK_OK);
	gone_close(gate.gone);
	assert_int_equal(gone_open(dir, &gate.gone), SK_OK);
	assert_true(gone_is_ended(gate.gone, 7));
	assert_false(gone_is_ended(gate.gone, 8));
	assert_int_equal(gone_serial(gate.gone, &child, &serial), SK_OK);
	assert_int_equal(serial, 1);
	assert_int_equal(gone_serial(gate.gone, &parent, &serial), SK_OK);
	assert_int_equal(serial, 0);
	assert_int_equal(gone_end_session(gate.gone, 8, 2000, 999), SK_OK);
	assert_true(gone_is_ended(gate.gone, 7));
	assert_int_equal(gone_end_session(gate.gone, 9, 2000, 1000), SK_OK);
	assert_false(gone_is_ended(gate.gone, 7)); /* swept: its text is over by itself */
	assert_true(gone_is_ended(gate.gone, 8));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rights_every_route_role_and_method),
		cmocka_unit_test(test_rights_open_rows_are_these),
		cmocka_unit_test(test_rights_refusals_have_the_form_of_their_face),
		cmocka_unit_test(test_rights_guesses_at_one_request_are_slowed),
		cmocka_unit_test(test_rights_what_was_taken_back_stays_so),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
