/* SPDX-License-Identifier: EUPL-1.2 */
/* What matching counts: asks, answers and how long they took, misses of the network, offers that
 * changed because of what was shown unmet; and what there is now, which is read from the pools. */
#include "common/figure.h"
#include "services/matching/core_int.h"

/* Beside the answers: nobody answered in time. */
#define ANSWER_LAPSED 900
/* A question about what there is now goes on behind this; no row of the table begins so. */
#define CAPACITY_CURSOR 0xfe
#define CAPACITY_KINDS 3U
/* Beyond it (a region has some sixty zones) what there is now is counted per expertise alone. */
#define CAPACITY_ZONES_MAX 128U
#define EXPERTISE_COUNT 65U

/* --- asks --- */

static struct figure need_figure(const PB(MatchNeedRecord) *n, PB(FigureKind) kind)
{
	return (struct figure){
		.kind = kind,
		.expertise = n->need->expertise,
		.zone = n->zone,
		.wait_class = n->order == NULL ? 0 : n->order->wait_class,
	};
}

void figure_ask(struct work *w, const PB(MatchNeedRecord) *n)
{
	struct figure f = need_figure(n, FIGURE(ASKS));

	figure_add(w->s, &f);
}

void figure_miss(struct work *w, const PB(MatchNeedRecord) *n)
{
	struct figure f = need_figure(n, FIGURE(NETWORK_MISSES));

	figure_add(w->s, &f);
}

static uint32_t answer_code(const PB(MatchContributionRecord) *c, enum contribution_event on)
{
	if (on == EV_LAPSE) {
		return ANSWER_LAPSED;
	}
	return (uint32_t)c->answer * 100 + (on == EV_CAN_IF ? (uint32_t)c->can_if : 0);
}

void figure_answer(struct work *w, const PB(MatchContributionRecord) *c, PB(ContributionState) from,
		   enum contribution_event on)
{
	struct object_id need = id_of(&c->need_id);

	if (on > EV_LAPSE) {
		return; /* not a word of the partner about an ask */
	}
	const PB(MatchNeedRecord) *n = need_get(w, &need);
	if (n == NULL || n->need == NULL) {
		return;
	}
	struct figure f = need_figure(n, FIGURE(ANSWERS));
	f.code = answer_code(c, on);
	figure_add(w->s, &f);
	if (from == CSTATE(ASKED) && on != EV_LAPSE) {
		f = need_figure(n, FIGURE(ANSWER_HOURS));
		f.value = (uint32_t)((w->s->now_ms - c->asked_ms) / CIVIL_HOUR_MS);
		figure_add(w->s, &f);
	}
}

/* --- A10: an offer that changed because a need was shown unmet --- */

static bool has_row(struct work *w, const struct key *prefix)
{
	struct store_iter it;
	struct key k;
	struct slice val;

	store_iter_init(&it, w->s->txn, T_WAIT, prefix);
	bool found = store_next(&it, &k, &val);
	store_iter_done(&it);
	return found;
}

/** In that zone, or in the stream of the whole region; no zone is named: anywhere. */
static bool somebody_waits(struct work *w, uint32_t expertise, const char *zone)
{
	struct key prefix = { 0 };

	key_u32(&prefix, expertise);
	struct key in_zone = prefix;
	struct key anywhere = prefix;
	key_str(&in_zone, zone);
	key_str(&anywhere, "");
	return zone[0] == '\0' ? has_row(w, &prefix) :
				 has_row(w, &in_zone) || has_row(w, &anywhere);
}

static uint64_t expertises_of(struct work *w, const char *pool)
{
	struct store_iter it;
	struct key prefix = key_of_str(pool);
	struct key k;
	struct slice val;
	uint64_t bits = 0;

	store_iter_init(&it, w->s->txn, T_POOL_USE, &prefix);
	while (store_next(&it, &k, &val)) {
		const PB(PoolUse) *u = step_unpack(w->s, val, DESC(pool_use));
		for (size_t i = 0; u != NULL && i < u->n_expertises; i++) {
			bits |= 1ULL << (u->expertises[i] - 1);
		}
	}
	store_iter_done(&it);
	return bits;
}

/* B7: once for each expertise that the new form has. */
void figure_converted(struct work *w, const char *pool, uint32_t units)
{
	uint64_t bits = expertises_of(w, pool);

	for (uint32_t x = 1; x < EXPERTISE_COUNT; x++) {
		struct figure f = { .kind = FIGURE(CONVERTED), .expertise = x, .sum = units };
		if ((bits >> (x - 1) & 1) != 0) {
			figure_add(w->s, &f);
		}
	}
}

void figure_offer(struct work *w, const PB(PutCapacity) *m, uint32_t staffed_before)
{
	struct figure f = {
		.kind = FIGURE(OFFER_CHANGED),
		.expertise = m->because_expertise,
		.zone = m->because_zone,
	};

	if (m->because_expertise == 0 || m->because_expertise >= EXPERTISE_COUNT ||
	    !somebody_waits(w, m->because_expertise, m->because_zone)) {
		return;
	}
	f.sum = (int64_t)m->staffed - staffed_before;
	figure_add(w->s, &f);
}

/* --- what there is now --- */

/** Units per expertise and zone; a unit that may serve several stands in each of them. */
struct stock {
	const PB(ConfigApplied) *conf;
	size_t zones;
	int64_t *units; /* by kind, expertise, zone */
};

static const PB(FigureKind) stock_kind[CAPACITY_KINDS] = {
	FIGURE(CAPACITY),
	FIGURE(CAPACITY_FREE),
	FIGURE(KEPT_FREE),
};

static int64_t *stock_at(const struct stock *st, size_t kind, uint32_t expertise, size_t zone)
{
	return &st->units[(kind * EXPERTISE_COUNT + expertise) * st->zones + zone];
}

static bool stock_open(struct step *s, struct stock *st)
{
	const PB(ConfigApplied) *conf = step_config(s);

	st->conf = conf;
	st->zones = conf == NULL || conf->n_zones > CAPACITY_ZONES_MAX ? 1 : conf->n_zones;
	st->zones = st->zones == 0 ? 1 : st->zones;
	st->units = step_alloc(s, CAPACITY_KINDS * EXPERTISE_COUNT * st->zones * sizeof(int64_t));
	return st->units != NULL;
}

static const char *zone_name(const struct stock *st, size_t zone)
{
	return st->zones > 1 || (st->conf != NULL && st->conf->n_zones == 1) ?
		       st->conf->zones[zone]->id :
		       "";
}

/** Bits of the expertises that the pool has in that zone. */
static uint64_t expertises_in(struct work *w, const PB(MatchPoolRecord) *p, const char *zone)
{
	struct store_iter it;
	struct key prefix = key_of_str(p->pool);
	struct key k;
	struct slice val;
	uint64_t bits = 0;

	store_iter_init(&it, w->s->txn, T_POOL_USE, &prefix);
	while (store_next(&it, &k, &val)) {
		PB(PoolUse) *u = step_unpack(w->s, val, DESC(pool_use));
		if (u == NULL) {
			break;
		}
		bits |= zone[0] == '\0' || use_serves(u, zone) ? use_facts_of(u).expertises : 0;
	}
	store_iter_done(&it);
	return bits;
}

static void stock_pool(struct work *w, const struct stock *st, const PB(MatchPoolRecord) *p)
{
	bool kept = p->insured || p->shut || p->paused || p->overcommitted || p->unconfirmed ||
		    p->reserved_need.len > 0;
	int64_t free = pool_free(p);

	for (size_t z = 0; z < st->zones; z++) {
		size_t mark = work_mark(w);
		uint64_t bits = expertises_in(w, p, zone_name(st, z));
		for (uint32_t e = 1; e < EXPERTISE_COUNT; e++) {
			if ((bits >> (e - 1) & 1) != 0) {
				*stock_at(st, 0, e, z) += p->staffed;
				*stock_at(st, kept ? 2 : 1, e, z) += free;
			}
		}
		work_rewind(w, mark);
	}
}

static void stock_read(struct work *w, const struct stock *st)
{
	struct store_iter it;
	struct key k;
	struct slice val;

	store_iter_init(&it, w->s->txn, T_POOL, NULL);
	while (store_next(&it, &k, &val)) {
		size_t mark = work_mark(w);
		const PB(MatchPoolRecord) *p = step_unpack(w->s, val, DESC(match_pool_record));
		if (p == NULL) {
			break;
		}
		stock_pool(w, st, p);
		work_rewind(w, mark);
	}
	store_iter_done(&it);
}

static void stock_row(struct step *s, PB(FiguresView) *v, const struct figure *f, int64_t units)
{
	PB(FigureRow) *r = step_alloc(s, sizeof(*r));

	if (r == NULL) {
		return;
	}
	schakel__v1__figure_row__init(r);
	r->kind = f->kind;
	r->expertise = f->expertise;
	r->zone = step_strdup(s, f->zone);
	r->count = units;
	r->sum = units;
	v->rows[v->n_rows++] = r;
}

/** The cursor is the cell at which the next page begins. */
static ProtobufCBinaryData stock_cursor(struct step *s, uint32_t cell)
{
	struct key k = { 0 };
	ProtobufCBinaryData data = { 0 };

	key_u8(&k, CAPACITY_CURSOR);
	key_u32(&k, cell);
	data.data = arena_dup(s->arena, k.b, k.len);
	data.len = data.data == NULL ? 0 : k.len;
	return data;
}

static void stock_page(struct step *s, const PB(QueryFigures) *q, uint32_t from, PB(FiguresView) *v)
{
	struct work w = { .s = s };
	struct stock st = { 0 };
	uint32_t limit = s->page_most < FIGURE_PAGE_MAX ? s->page_most : FIGURE_PAGE_MAX;
	PB(FigureRow) **rows = step_alloc(s, limit * sizeof(PB(FigureRow) *));

	if (rows == NULL || !stock_open(s, &st)) {
		return;
	}
	stock_read(&w, &st);
	v->rows = rows;
	v->n_rows = 0;
	uint32_t cells = (uint32_t)(CAPACITY_KINDS * EXPERTISE_COUNT * st.zones);
	for (uint32_t c = from; c < cells; c++) {
		struct figure f = {
			.kind = stock_kind[c / (EXPERTISE_COUNT * st.zones)],
			.expertise = (uint32_t)(c / st.zones % EXPERTISE_COUNT),
			.zone = zone_name(&st, c % st.zones),
		};
		bool asked = q->kind == FIGURE(UNSPECIFIED) || q->kind == f.kind;
		if (!asked || st.units[c] == 0) {
			continue;
		}
		if (v->n_rows == limit) {
			v->next = stock_cursor(s, c);
			break;
		}
		stock_row(s, v, &f, st.units[c]);
	}
}

/** What there is now is for who sees exact rows; it comes behind the rows that are kept. */
int match_query_figures(struct step *s, const PB(Message) *in, PB(Message) *out)
{
	const PB(QueryFigures) *q = in->query_figures;
	bool exact = (s->from.roles & ROLE_BIT(COORDINATOR)) != 0;
	struct slice after = { q->after.data, q->after.len };
	uint8_t mark = 0;
	uint32_t cell = 0;

	if (q->after.len > 0 && q->after.data[0] == CAPACITY_CURSOR) {
		PB(FiguresView) *v = step_alloc(s, sizeof(*v));
		bool whole = key_take_u8(&after, &mark) && key_take_u32(&after, &cell);
		if (!whole || !exact) {
			return step_refuse(s, REFUSE(MALFORMED), "after");
		}
		if (v == NULL) {
			return s->txn->err;
		}
		schakel__v1__figures_view__init(v);
		stock_page(s, q, cell, v);
		out->body_case = BODY(FIGURES_VIEW);
		out->figures_view = v;
		return s->txn->err;
	}
	int err = figure_query(s, in, out);
	if (err == SK_OK && exact && q->from_month == 0 && out->figures_view->next.len == 0) {
		out->figures_view->next = stock_cursor(s, 0);
	}
	return err;
}
