/* SPDX-License-Identifier: EUPL-1.2 */
/* How a handler asks a daemon: ids, retries of the client, sealed texts. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <sodium.h>

#include "common/pbjson.h"
#include "common/wire.h"
#include "services/gateway/hsds_copy.h"
#include "services/gateway/http_private.h"

#define QUERY_FIRST 200
#define QUERY_LAST 229

/* In which of its roles a party speaks: the first of these that it has; for the record only. */
static const PB(Role) role_order[] = {
	SCHAKEL__V1__ROLE__ROLE_CONTACT_POINT, SCHAKEL__V1__ROLE__ROLE_REQUESTER,
	SCHAKEL__V1__ROLE__ROLE_FACILITY,      SCHAKEL__V1__ROLE__ROLE_FAMILY,
	SCHAKEL__V1__ROLE__ROLE_COORDINATOR,   SCHAKEL__V1__ROLE__ROLE_OPERATOR,
	SCHAKEL__V1__ROLE__ROLE_DASHBOARD,     SCHAKEL__V1__ROLE__ROLE_MANDATED,
	SCHAKEL__V1__ROLE__ROLE_BASIC_SUPPORT, SCHAKEL__V1__ROLE__ROLE_GOVERNMENT,
};

uint64_t gate_wall_ms(void)
{
	struct timespec t;
	int rc = clock_gettime(CLOCK_REALTIME, &t);

	SK_ASSERT(rc == 0);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

static bool is_query(const PB(Message) *m)
{
	return (unsigned)m->body_case >= QUERY_FIRST && (unsigned)m->body_case <= QUERY_LAST;
}

static const char *party_of(const struct web *w)
{
	return w->who.party[0] != '\0' ? w->who.party : CONF_GATEWAY;
}

/* --- one call --- */

static void no_key(struct web *w)
{
	static const struct problem p = { 403, "NO_KEY", NULL,
					  "deze node heeft geen sleutel van deze partij; vraag het "
					  "aan wie de node beheert",
					  "this node has no key of this party; ask who runs it" };

	web_problem(w, &p);
}

static void no_answer(struct web *w, const char *daemon)
{
	struct problem p = { 503, "UNREACHABLE", NULL,
			     "dit deel van het systeem antwoordt nu niet; er is niets verloren, "
			     "probeer het zo dadelijk opnieuw",
			     "this part of the system does not answer now; nothing is lost, try "
			     "again in a moment" };

	(void)daemon;
	web_head(w, "Retry-After", "2");
	web_problem(w, &p);
}

static int failed(struct web *w, const char *daemon, int err)
{
	if (err == SK_ETIMEDOUT) {
		no_answer(w, daemon);
	} else if (err == SK_ENOENT || err == SK_EAUTH || err == SK_ECONF || err == SK_ECORRUPT) {
		no_key(w);
		return SK_EAUTH;
	} else if (err == SK_EINVAL) {
		web_too_large(w, false);
	} else {
		web_busy(w);
		return SK_EBUSY;
	}
	return err;
}

/* Many ask in the name of the gateway and of the families' channel, nameless ones among them. */
static bool is_shared(struct web *w)
{
	const struct conf_party *p = conf_party(w->conf, party_of(w));

	return p != NULL &&
	       (strcmp(p->id, CONF_GATEWAY) == 0 || (p->roles & ROLE_BIT(FAMILY)) != 0);
}

/* When most workers wait for a daemon that does not answer, the others are not to wait too; and a
 * shared name has a quarter of them, so that whoever reads without signing in shuts out nobody. Who
 * watches waits a moment only, and has to see it. */
static void bound_waiting(struct web *w, struct up_call *io_call)
{
	unsigned quarter = w->conf->gateway.workers / 4;

	if (w->patience_ms == 0) {
		io_call->waiting_most = w->conf->gateway.workers - quarter;
		io_call->own_most = is_shared(w) ? quarter : 0;
	}
}

static int call_once(struct web *w, unsigned daemon, PB(Message) *m, PB(Message) **ret_answer)
{
	struct wire_fault fault;
	size_t len = schakel__v1__message__get_packed_size(m);
	size_t got = 0;
	uint8_t *bytes = len > FRAME_BYTES_MAX ? NULL : arena_alloc(&w->arena, len);
	uint8_t *answer = malloc(FRAME_BYTES_MAX);

	if (bytes == NULL || answer == NULL) {
		free(answer);
		return len > FRAME_BYTES_MAX ? SK_EINVAL : SK_ENOMEM;
	}
	(void)schakel__v1__message__pack(m, bytes);
	struct up_call c = { .party = party_of(w),
			     .daemon = daemon,
			     .message = { bytes, len },
			     .timeout_ms = w->patience_ms > 0 ? w->patience_ms : UP_TIMEOUT_MS };
	bound_waiting(w, &c);
	int err = up_call(w->gate->up, &c, answer, &got);
	if (err == SK_OK) {
		struct slice a = { answer, got };
		err = wire_decode(&w->arena, a, WIRE_TOLERANT, ret_answer, &fault);
	}
	sodium_memzero(answer, got);
	free(answer);
	return err;
}

/* --- ids --- */

static void fresh_id(uint64_t time_ms, uint8_t ret_id[16])
{
	uint8_t luck[10];

	randombytes_buf(luck, sizeof(luck));
	wire_id_make(time_ms, luck, ret_id);
}

/* On a demo node the daemons' clock is moved by hand: any answer tells it. */
static int learn_time(struct web *w, unsigned daemon)
{
	PB(QueryStatus) q = PB_INIT(QUERY_STATUS);
	PB(Message) m = PB_INIT(MESSAGE);
	PB(Message) *answer = NULL;
	uint8_t id[16];

	fresh_id(gate_wall_ms(), id);
	m.id = (ProtobufCBinaryData){ sizeof(id), id };
	m.body_case = BODY(QUERY_STATUS);
	m.query_status = &q;
	return call_once(w, daemon, &m, &answer);
}

static int time_for_ids(struct web *w, unsigned daemon, uint64_t *ret_ms)
{
	*ret_ms = gate_wall_ms();
	if (!w->conf->demo) {
		return SK_OK;
	}
	int err = up_time_ms(w->gate->up, daemon) == 0 ? learn_time(w, daemon) : SK_OK;
	*ret_ms = up_time_ms(w->gate->up, daemon);
	return err;
}

static bool hex_value(char c, uint8_t *ret)
{
	const char *digits = "0123456789abcdef";
	const char *at = c == '\0' ? NULL : strchr(digits, c | 0x20);

	*ret = at == NULL ? 0 : (uint8_t)(at - digits);
	return at != NULL;
}

/* A UUID as text. */
static bool read_uuid(const char *s, uint8_t ret_id[16])
{
	size_t n = 0;

	for (size_t i = 0; s[i] != '\0' && n < 32; i++) {
		uint8_t v;
		if (s[i] == '-' && (i == 8 || i == 13 || i == 18 || i == 23)) {
			continue;
		}
		if (!hex_value(s[i], &v)) {
			return false;
		}
		ret_id[n / 2] = (uint8_t)(ret_id[n / 2] << 4 | v);
		n++;
	}
	return n == 32 && strlen(s) == 36;
}

static int bad_key(struct web *w)
{
	static const struct problem p = { 400, "MALFORMED", "Idempotency-Key",
					  "geef 1 tot 200 letters, cijfers of leestekens, liefst "
					  "een "
					  "UUIDv7",
					  "give 1 to 200 letters, digits or signs, best a UUIDv7" };

	web_problem(w, &p);
	return SK_EREFUSED;
}

static bool key_is_valid(const char *key)
{
	size_t len = strlen(key);

	for (size_t i = 0; i < len; i++) {
		if (key[i] < 0x21 || key[i] > 0x7e) {
			return false;
		}
	}
	return len > 0 && len <= IDEM_KEY_MAX;
}

static int other_question(struct web *w)
{
	static const struct problem p = { 422, "KEY_USED", "Idempotency-Key",
					  "deze sleutel is al gebruikt voor iets anders; geef een "
					  "nieuwe voor wat u nu vraagt",
					  "this key was used for something else; give a new one "
					  "for "
					  "what you ask now" };

	web_problem(w, &p);
	return SK_EREFUSED;
}

static void add_text(crypto_generichash_state *sum, const char *text)
{
	(void)crypto_generichash_update(sum, (const uint8_t *)text, strlen(text) + 1);
}

struct place {
	struct web *w;
	crypto_generichash_state sum;
};

static bool add_query(void *arg, const char *name)
{
	struct place *p = arg;
	const char *value = web_query(p->w, name);

	add_text(&p->sum, name);
	add_text(&p->sum, value != NULL ? value : "");
	return true;
}

/* Where something is asked: what is asked there, the daemon compares. */
static void digest_place(struct web *w, uint8_t ret_sum[16])
{
	struct place p = { .w = w };

	(void)crypto_generichash_init(&p.sum, NULL, 0, 16);
	add_text(&p.sum, w->method);
	add_text(&p.sum, w->path);
	(void)web_queries(w, add_query, &p);
	(void)crypto_generichash_final(&p.sum, ret_sum, 16);
}

static int id_of_key(struct web *w, unsigned daemon, const char *key)
{
	struct idem_asked asked = { .party = party_of(w), .key = key };
	uint64_t t = 0;
	ProtobufCBinaryData id = { 16, w->id };

	if (!key_is_valid(key)) {
		return bad_key(w);
	}
	bool is_id = !w->conf->demo && read_uuid(key, w->id) && wire_id_time(&id, &t);
	if (is_id && !w->key_kept) {
		return SK_OK;
	}
	int err = is_id ? SK_OK : time_for_ids(w, daemon, &t);
	if (err != SK_OK) {
		return failed(w, "", err);
	}
	if (!is_id) {
		fresh_id(t, w->id);
	}
	digest_place(w, asked.where);
	err = idem_take(w->gate->idem, &asked, gate_wall_ms(), w->id);
	if (err == SK_EREFUSED) {
		return other_question(w);
	}
	return err == SK_OK ? SK_OK : failed(w, "", err);
}

/* A further command of the same request: its id follows from that of the first. */
static void next_id(struct web *w)
{
	uint8_t sum[16];
	uint8_t in[20];
	uint64_t t = 0;
	ProtobufCBinaryData id = { 16, w->id };

	memcpy(in, w->id, 16);
	be32_write(in + 16, w->commands);
	(void)crypto_generichash(sum, sizeof(sum), in, sizeof(in), w->gate->key.b,
				 sizeof(w->gate->key.b));
	(void)wire_id_time(&id, &t);
	wire_id_make(t, sum, w->id);
}

int web_command_id(struct web *w, unsigned daemon, uint8_t ret_id[16])
{
	const char *key = web_header(w, "Idempotency-Key");
	uint64_t t = 0;
	int err = SK_OK;

	if (!w->id_made && w->commands > 0) {
		next_id(w);
	} else if (!w->id_made && key != NULL) {
		err = id_of_key(w, daemon, key);
	} else if (!w->id_made) {
		err = time_for_ids(w, daemon, &t);
		if (err != SK_OK) {
			return failed(w, "", err);
		}
		fresh_id(t, w->id);
	}
	w->id_made = err == SK_OK;
	if (err == SK_OK) {
		memcpy(ret_id, w->id, 16);
	}
	return err;
}

static bool refused_for_its_time(const PB(Message) *answer)
{
	return answer->body_case == BODY(RECEIPT) &&
	       (answer->receipt->code == SCHAKEL__V1__REFUSAL__REFUSAL_ID_IN_FUTURE ||
		answer->receipt->code == SCHAKEL__V1__REFUSAL__REFUSAL_ID_TOO_OLD);
}

static uint64_t id_time(const PB(Message) *m)
{
	uint64_t t = 0;

	(void)wire_id_time(&m->id, &t);
	return t;
}

int web_ask(struct web *w, const char *daemon, PB(Message) *m, PB(Message) **ret_answer)
{
	const struct conf_party *party = conf_party(w->conf, party_of(w));
	unsigned d = web_daemon(w, daemon);
	bool query = is_query(m);
	uint8_t id[16];
	int err = SK_OK;

	if (query) {
		fresh_id(gate_wall_ms(), id);
	} else {
		err = web_command_id(w, d, id);
	}
	if (err != SK_OK) {
		return err;
	}
	m->id = (ProtobufCBinaryData){ sizeof(id), id };
	m->time_ms = id_time(m);
	for (size_t i = SK_LEN(role_order); party != NULL && i-- > 0;) {
		m->role = (party->roles & 1U << role_order[i]) != 0 ? role_order[i] : m->role;
	}
	err = call_once(w, d, m, ret_answer);
	bool ours = !query && web_header(w, "Idempotency-Key") == NULL && w->commands == 0;
	if (err == SK_OK && ours && refused_for_its_time(*ret_answer)) {
		fresh_id((*ret_answer)->time_ms, id);
		m->time_ms = id_time(m);
		err = call_once(w, d, m, ret_answer);
	}
	m->id = (ProtobufCBinaryData){ 0 };
	if (!query) {
		w->id_made = false;
		w->commands++;
		hsds_copy_is_old();
	}
	return err == SK_OK ? SK_OK : failed(w, daemon, err);
}
