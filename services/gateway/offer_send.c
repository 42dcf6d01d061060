/* SPDX-License-Identifier: EUPL-1.2 */
#include "services/gateway/offer_send.h"

#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "common/refusal.h"
#include "common/wire.h"
#include "services/gateway/gate.h"

#define BLOCK_BYTES (48U << 20) /* of address space; pages that are not used cost nothing */
#define POOLS_MAX 20000
#define ASKS_MAX 2000

/* --- what there is --- */

static int keep_items(struct offer_work *k, const PB(PoolsView) *v)
{
	ProtobufCAllocator alloc = arena_protobuf(&k->arena);

	for (size_t i = 0; i < v->n_pools; i++) {
		size_t len = schakel__v1__pool_item__get_packed_size(v->pools[i]);
		uint8_t *bytes = malloc(len + 1);
		if (bytes == NULL || k->pools.len == POOLS_MAX) {
			free(bytes);
			return SK_ENOMEM;
		}
		(void)schakel__v1__pool_item__pack(v->pools[i], bytes);
		const PB(PoolItem) *copy = schakel__v1__pool_item__unpack(&alloc, len, bytes);
		free(bytes);
		if (copy == NULL || copy->capacity == NULL) {
			return SK_ENOMEM;
		}
		k->pools.item[k->pools.len++] = copy;
	}
	return SK_OK;
}

static int pools_page(struct offer_work *k, struct web *w, PB(QueryPools) *q)
{
	PB(Message) m = SCHAKEL__V1__MESSAGE__INIT;
	PB(Message) *answer = NULL;
	size_t mark = w->arena.used_bytes;

	m.body_case = SCHAKEL__V1__MESSAGE__BODY_QUERY_POOLS;
	m.query_pools = q;
	int err = web_ask(w, "matching", &m, &answer);
	if (err != SK_OK) {
		return err;
	}
	if (answer->body_case != SCHAKEL__V1__MESSAGE__BODY_POOLS_VIEW) {
		if (answer->body_case == SCHAKEL__V1__MESSAGE__BODY_RECEIPT) {
			(void)web_refused(w, answer->receipt);
		}
		return SK_EPROTO;
	}
	err = keep_items(k, answer->pools_view);
	ProtobufCBinaryData next = answer->pools_view->next;
	q->after.len = next.len;
	q->after.data = arena_dup(&k->arena, next.data, next.len);
	arena_rewind(&w->arena, mark);
	return err == SK_OK && q->after.data == NULL ? SK_ENOMEM : err;
}

static int learn_time(struct offer_work *k, struct web *w)
{
	PB(QueryStatus) q = SCHAKEL__V1__QUERY_STATUS__INIT;
	PB(Message) m = SCHAKEL__V1__MESSAGE__INIT;
	PB(Message) *answer = NULL;

	k->now_ms = gate_wall_ms();
	if (!w->conf->demo) {
		return SK_OK;
	}
	m.body_case = SCHAKEL__V1__MESSAGE__BODY_QUERY_STATUS;
	m.query_status = &q;
	int err = web_ask(w, "matching", &m, &answer);
	if (err == SK_OK && answer->body_case == SCHAKEL__V1__MESSAGE__BODY_STATUS_VIEW) {
		k->now_ms = answer->status_view->time_ms;
	}
	return err;
}

static void too_much(struct web *w)
{
	static const struct problem p = { 503, "BUSY", NULL,
					  "dit lukt nu niet; er is niets ingevoerd, probeer het zo "
					  "dadelijk opnieuw",
					  "this does not work now; nothing was imported, try again "
					  "in a moment" };

	if (w->answer.status == 0) {
		web_problem(w, &p);
	}
}

bool offer_work_open(struct offer_work *k, struct web *w, const char *partner)
{
	PB(QueryPools) q = SCHAKEL__V1__QUERY_POOLS__INIT;
	unsigned asks = 0;
	int err = SK_ENOMEM;

	*k = (struct offer_work){ .block = aligned_alloc(64, BLOCK_BYTES) };
	q.partner = (char *)(uintptr_t)partner;
	q.limit = 50;
	if (k->block != NULL) {
		arena_init(&k->arena, k->block, BLOCK_BYTES);
		k->pools.item = arena_alloc(&k->arena, POOLS_MAX * sizeof(k->pools.item[0]));
		err = k->pools.item == NULL ? SK_ENOMEM : SK_OK;
	}
	while (err == SK_OK && asks < ASKS_MAX && (asks == 0 || q.after.len > 0)) {
		err = pools_page(k, w, &q);
		asks++;
	}
	err = err == SK_OK ? learn_time(k, w) : err;
	if (err != SK_OK) {
		offer_work_done(k);
		too_much(w);
	}
	return err == SK_OK;
}

void offer_work_done(struct offer_work *k)
{
	if (k->block != NULL) {
		arena_reset(&k->arena);
		free(k->block);
	}
	*k = (struct offer_work){ 0 };
}

bool offer_for_all(const struct web *w)
{
	return (w->who.roles &
		(ROLE_BIT(CONTACT_POINT) | ROLE_BIT(COORDINATOR) | ROLE_BIT(OPERATOR))) != 0;
}

/* --- sending: part by part, each in one step of matching, all of it or nothing --- */

struct part {
	PB(PutCapacity) *put[OFFER_PART_ROWS_MAX];
	struct offer_row *row[OFFER_PART_ROWS_MAX];
	size_t len;
};

/* The rows from @p *io_next that one frame holds; those without a statement are passed over. */
static void part_take(const struct offer_list *l, size_t *io_next, struct part *ret_p)
{
	size_t bytes = 0;

	ret_p->len = 0;
	for (; *io_next < l->len && ret_p->len < OFFER_PART_ROWS_MAX; (*io_next)++) {
		struct offer_row *row = &l->row[*io_next];
		if (row->put == NULL) {
			continue;
		}
		bytes += schakel__v1__put_capacity__get_packed_size(row->put) + 8;
		if (bytes > OFFER_PART_BYTES_MAX && ret_p->len > 0) {
			return;
		}
		ret_p->put[ret_p->len] = row->put;
		ret_p->row[ret_p->len++] = row;
	}
}

/* The id follows from what is stated. An Idempotency-Key names the feed as a whole: what is left of
 * it after a part was taken is other commands than before. */
static int content_id(const struct offer_work *k, struct web *w, const PB(PutCapacities) *puts)
{
	size_t len = schakel__v1__put_capacities__get_packed_size(puts);
	uint8_t *bytes = malloc(len + 1);
	uint8_t sum[16];

	if (bytes == NULL) {
		return SK_ENOMEM;
	}
	(void)schakel__v1__put_capacities__pack(puts, bytes);
	(void)crypto_generichash(sum, sizeof(sum), bytes, len, NULL, 0);
	free(bytes);
	wire_id_make(k->now_ms, sum, w->id);
	w->id_made = true;
	return SK_OK;
}

static bool is_accepted(const PB(Receipt) *r)
{
	PB(Outcome) o = r->outcome == SCHAKEL__V1__OUTCOME__OUTCOME_DUPLICATE ? r->first :
										r->outcome;

	return o == SCHAKEL__V1__OUTCOME__OUTCOME_ACCEPTED;
}

/* What is said of the one that was refused, "puts[3].staffed"; the others say that it was. */
static void refuse_part(struct offer_work *k, struct part *p, const PB(Receipt) *r)
{
	bool own = r->text_nl != NULL && r->text_nl[0] != '\0';
	const struct refusal_text *usual = refusal_text(r->code);
	const char *nl = own || usual == NULL ? r->text_nl : usual->nl;
	const char *en = own || usual == NULL ? r->text_en : usual->en;
	const char *field = r->field == NULL ? "" : r->field;
	char *end = NULL;
	size_t at = 0;

	if (strncmp(field, "puts[", 5) == 0) {
		at = strtoul(field + 5, &end, 10);
		field = strncmp(end, "].", 2) == 0 ? end + 2 : field;
	}
	struct offer_row *wrong = p->row[at < p->len ? at : 0];
	for (size_t i = 0; i < p->len; i++) {
		p->row[i]->outcome = OFFER_SKIPPED;
		p->row[i]->field = "";
		p->row[i]->nl = offer_text(&k->arena, "niet ingevoerd, want rij %u werd geweigerd",
					   wrong->row);
		p->row[i]->en = offer_text(&k->arena, "not imported, because row %u was refused",
					   wrong->row);
	}
	wrong->outcome = OFFER_REFUSED;
	wrong->field = offer_text(&k->arena, "%s", field);
	wrong->nl = offer_text(&k->arena, "%s", nl == NULL ? "" : nl);
	wrong->en = offer_text(&k->arena, "%s", en == NULL ? "" : en);
}

/* @return SK_OK: it stands; SK_EREFUSED: it does not, the rows say why; else nothing can be sent
 * now. */
static int send_part(struct offer_work *k, struct web *w, struct part *p)
{
	PB(Message) m = SCHAKEL__V1__MESSAGE__INIT;
	PB(PutCapacities) puts = SCHAKEL__V1__PUT_CAPACITIES__INIT;
	PB(Message) *answer = NULL;
	size_t mark = w->arena.used_bytes;

	puts.puts = p->put;
	puts.n_puts = p->len;
	m.body_case = SCHAKEL__V1__MESSAGE__BODY_PUT_CAPACITIES;
	m.put_capacities = &puts;
	int err = content_id(k, w, &puts);
	if (err == SK_OK) {
		err = web_ask(w, "matching", &m, &answer);
	}
	if (err != SK_OK) {
		return err;
	}
	if (answer->body_case != SCHAKEL__V1__MESSAGE__BODY_RECEIPT) {
		return SK_EPROTO;
	}
	if (answer->receipt->outcome == SCHAKEL__V1__OUTCOME__OUTCOME_BUSY) {
		err = SK_EBUSY;
	} else if (!is_accepted(answer->receipt)) {
		refuse_part(k, p, answer->receipt);
		err = SK_EREFUSED;
	}
	for (size_t i = 0; err == SK_OK && i < p->len; i++) {
		p->row[i]->sent = true;
	}
	arena_rewind(&w->arena, mark);
	return err;
}

/* What was not sent, or had no answer. */
static void leave_rest(const struct offer_list *l, int err)
{
	bool refused = err == SK_EREFUSED;

	for (size_t i = 0; i < l->len; i++) {
		struct offer_row *row = &l->row[i];
		bool said = row->outcome == OFFER_REFUSED || row->outcome == OFFER_SKIPPED;
		if (row->put == NULL || row->sent || said) {
			continue;
		}
		row->outcome = OFFER_SKIPPED;
		row->field = "";
		row->nl = refused ? "niet ingevoerd, want een rij ervoor werd geweigerd" :
				    "niet ingevoerd: het systeem antwoordde niet meer; stuur de "
				    "feed "
				    "opnieuw, wat al ingevoerd is verandert niet";
		row->en = refused ? "not imported, because a row before it was refused" :
				    "not imported: the system answered no more; send the feed "
				    "again, "
				    "what was imported does not change";
	}
}

static void say_what_stands(const struct offer_list *l, int err, json_t *io_doc)
{
	bool some = false;

	for (size_t i = 0; i < l->len; i++) {
		some = some || l->row[i].sent;
	}
	bool none = !some && err == SK_EREFUSED;
	(void)json_object_set_new(io_doc, "text_nl",
				  json_string(none ? "er is niets ingevoerd: een rij werd "
						     "geweigerd, want intussen is er "
						     "iets veranderd; kijk ernaar en stuur de feed "
						     "opnieuw" :
						     "wat al ingevoerd is blijft staan, de rijen "
						     "zeggen wat; stuur "
						     "hetzelfde opnieuw, dan komt de rest erbij"));
	(void)json_object_set_new(io_doc, "text_en",
				  json_string(none ? "nothing was imported: a row was refused, for "
						     "something changed "
						     "meanwhile; look at it and send the feed "
						     "again" :
						     "what was imported stays, the rows say what; "
						     "send the same again "
						     "and the rest follows"));
}

static void send_all(struct offer_work *k, struct web *w)
{
	struct part p;
	size_t next = 0;
	int err = SK_OK;

	for (part_take(&k->list, &next, &p); err == SK_OK && p.len > 0;) {
		err = send_part(k, w, &p);
		if (err == SK_OK) {
			part_take(&k->list, &next, &p);
		}
	}
	if (err != SK_OK) {
		leave_rest(&k->list, err);
	}
	bool later = err != SK_OK && err != SK_EREFUSED;
	if (later && w->answer.heads_len == 0) {
		web_head(w, "Retry-After", "2");
	}
	json_t *doc = offer_report(&k->list, false);
	(void)json_object_set_new(doc, "imported", json_boolean(err == SK_OK));
	if (err != SK_OK) {
		say_what_stands(&k->list, err, doc);
	}
	web_json(w, err == SK_OK ? 200 : later ? 503 : 409, doc);
}

void offer_answer(struct offer_work *k, struct web *w)
{
	const char *dry = web_query(w, "dry_run");
	uint32_t states = ROLE_BIT(FACILITY) | ROLE_BIT(CONTACT_POINT) | ROLE_BIT(COORDINATOR);
	static const struct problem only_look = { 403, "UNAUTHORISED", NULL,
						  "wie de node beheert kan een feed nakijken "
						  "(dry_run=1); de coördinator voert ze in",
						  "who runs the node can check a feed (dry_run=1); "
						  "the coordinator imports it" };

	if (offer_count(&k->list, OFFER_REFUSED) > 0) {
		web_json_as(w, OFFER_PROBLEM_STATUS, "application/problem+json",
			    offer_problem(&k->list, w->path, w->lang));
	} else if (dry != NULL && strcmp(dry, "0") != 0) {
		web_json(w, 200, offer_report(&k->list, true));
	} else if ((w->who.roles & states) == 0) {
		web_problem(w, &only_look);
	} else {
		send_all(k, w);
	}
}
