/* SPDX-License-Identifier: EUPL-1.2 */
/* Each partner's private mirror (C11): what it was asked, what it said, how long that took, and
 * what all partners together say to such asks. A partner that is asked the hard things says CAN
 * less often, so it is compared with asks of the same expertise and urgency only. For itself alone,
 * never a ranking: no other's row is ever read out, and where fewer than three partners make up
 * what all say, nothing is said of the others, who could be told apart. Counted as it goes, in
 * whole numbers; an ask counts in the month in which it was made. */
#include "services/matching/core_int.h"

#define EVERYBODY ""
#define MONTHS_KEPT 24U
#define MONTHS_USUAL 12U
#define FORGET_MAX 8U /* rows that one new row lets go */
#define PARTNERS_MIN 3U
#define MICRO 1000000ULL
#define ANSWERS_MIN 5U
#define CAN_USUAL 700U /* per mille */

/* Hours that an answer took, up to each edge; the last is "longer". */
static const uint32_t edges[] = { 1,  2,  3,  4,   6,   8,   12,  18,  24,        36,
				  48, 72, 96, 120, 168, 240, 336, 720, UINT32_MAX };
#define EDGES SK_LEN(edges)

static uint32_t month_of(uint64_t at_ms)
{
	return civil_yyyymmdd(civil_from_ms(at_ms).date) / 100;
}

static uint32_t month_before(uint32_t month, uint32_t back)
{
	uint32_t since = month / 100 * 12 + month % 100 - 1 - back;

	return since / 12 * 100 + since % 12 + 1;
}

static struct key mirror_key(struct work *w, const char *partner,
			     const PB(MatchContributionRecord) *c)
{
	struct object_id need = id_of(&c->need_id);
	struct object_id request = id_of(&c->request_id);
	const PB(MatchNeedRecord) *n = need_get(w, &need);
	const PB(MatchRequestRecord) *r = request_get(w, &request);
	struct key k = { 0 };

	key_str(&k, partner);
	key_u32(&k, month_of(c->asked_ms));
	key_u32(&k, n == NULL || n->need == NULL ? 0 : n->need->expertise);
	key_u8(&k, (uint8_t)(r == NULL ? 0 : r->request->urgency));
	return k;
}

/** Rows that are older than what is kept go when a new one is made: the table does not grow. */
static void forget_old(struct work *w, const char *partner)
{
	struct key prefix = key_of_str(partner);
	uint32_t oldest = month_before(month_of(w->s->now_ms), MONTHS_KEPT);
	struct store_iter it;
	struct key k;
	struct slice val;
	unsigned gone = 0;

	store_iter_init(&it, w->s->txn, T_MIRROR, &prefix);
	while (gone < FORGET_MAX && store_next(&it, &k, &val) &&
	       be32_read(k.b + prefix.len) < oldest) {
		step_del(w->s, T_MIRROR, &k);
		gone++;
	}
	store_iter_done(&it);
}

static PB(MatchMirrorRecord) *row_of(struct work *w, const struct key *k, const char *partner,
				     bool *ret_new)
{
	PB(MatchMirrorRecord) *row = step_get(w->s, T_MIRROR, k, DESC(match_mirror_record));

	*ret_new = row == NULL && work_err(w) == SK_OK;
	if (*ret_new) {
		forget_old(w, partner);
		row = step_alloc(w->s, sizeof(*row));
		if (row != NULL) {
			schakel__v1__match_mirror_record__init(row);
		}
	}
	if (row != NULL && row->n_hours < EDGES) {
		uint32_t *hours = step_alloc(w->s, sizeof(edges));
		if (hours == NULL) {
			return NULL;
		}
		if (row->n_hours > 0) {
			memcpy(hours, row->hours, row->n_hours * sizeof(*hours));
		}
		row->hours = hours;
		row->n_hours = EDGES;
	}
	return row;
}

static void add_answer(PB(MatchMirrorRecord) *row, PB(AnswerKind) answer, uint64_t took_ms)
{
	uint64_t hours = took_ms / CIVIL_HOUR_MS;
	size_t at = 0;

	row->can += answer == ANSWER(CAN);
	row->can_if += answer == ANSWER(CAN_IF);
	row->not_now += answer == ANSWER(NOT_NOW);
	row->not_ours += answer == ANSWER(NOT_OURS);
	row->lapsed += answer == ANSWER(UNSPECIFIED);
	while (hours >= edges[at]) {
		at++;
	}
	row->hours[at] += answer != ANSWER(UNSPECIFIED);
}

static void count(struct work *w, const PB(MatchContributionRecord) *c, bool asked,
		  PB(AnswerKind) answer)
{
	const char *const who[] = { c->partner, EVERYBODY };
	size_t mark = work_mark(w);
	bool joins = false;

	for (size_t i = 0; i < SK_LEN(who); i++) {
		struct key k = mirror_key(w, who[i], c);
		bool is_new = false;
		PB(MatchMirrorRecord) *row = row_of(w, &k, who[i], &is_new);
		if (row == NULL) {
			return;
		}
		if (asked) {
			row->asked++;
		} else {
			add_answer(row, answer, w->s->now_ms - c->asked_ms);
		}
		row->partners += i == 1 && joins;
		joins = is_new;
		step_put(w->s, T_MIRROR, &k, row);
	}
	work_rewind(w, mark);
}

void mirror_asked(struct work *w, const PB(MatchContributionRecord) *c)
{
	count(w, c, true, ANSWER(UNSPECIFIED));
}

void mirror_answered(struct work *w, PB(MatchContributionRecord) *c, PB(AnswerKind) answer)
{
	if (!c->counted && c->asked_ms <= w->s->now_ms) {
		c->counted = true;
		count(w, c, false, answer);
	}
}

/* --- told to the partner --- */

struct month {
	PB(MirrorRow) row;
	uint32_t hours[EDGES];
	uint64_t expected; /* millionths of answers that are a yes */
};

static uint32_t answers_of(const PB(MatchMirrorRecord) *r)
{
	return r->can + r->can_if + r->not_now + r->not_ours + r->lapsed;
}

/** What all partners together would have said to that many such asks. */
static uint64_t expected_of(struct work *w, const struct key *own, size_t name_len,
			    const PB(MatchMirrorRecord) *row)
{
	struct key k = { 0 };
	uint64_t yes = (uint64_t)row->can + row->can_if;

	key_str(&k, EVERYBODY);
	key_bytes(&k, own->b + name_len, own->len - name_len);
	const PB(MatchMirrorRecord) *all = step_get(w->s, T_MIRROR, &k, DESC(match_mirror_record));
	uint64_t answers = all == NULL ? 0 : answers_of(all);
	if (answers == 0 || all->partners < PARTNERS_MIN) {
		return yes * MICRO;
	}
	return answers_of(row) * ((uint64_t)all->can + all->can_if) * MICRO / answers;
}

static void month_add(struct month *m, const PB(MatchMirrorRecord) *row, uint64_t expected)
{
	m->row.asked += row->asked;
	m->row.can += row->can;
	m->row.can_if += row->can_if;
	m->row.not_now += row->not_now;
	m->row.not_ours += row->not_ours;
	m->row.lapsed += row->lapsed;
	m->expected += expected;
	for (size_t i = 0; i < EDGES && i < row->n_hours; i++) {
		m->hours[i] += row->hours[i];
	}
}

/** The hours within which half of the answers came. */
static uint32_t median_hours(const struct month *m)
{
	uint64_t sum = 0;
	uint64_t seen = 0;
	size_t at = 0;

	for (size_t i = 0; i < EDGES; i++) {
		sum += m->hours[i];
	}
	if (sum == 0) {
		return 0;
	}
	for (seen = m->hours[0]; seen * 2 < sum; seen += m->hours[at]) {
		at++;
	}
	return edges[at];
}

static void month_close(struct month *m)
{
	uint64_t answers = (uint64_t)m->row.can + m->row.can_if + m->row.not_now + m->row.not_ours +
			   m->row.lapsed;

	m->row.hours_p50 = median_hours(m);
	if (answers > 0) {
		uint64_t yes = (uint64_t)m->row.can + m->row.can_if;
		m->row.can_permille = (uint32_t)(yes * 1000 / answers);
		m->row.expected_can_permille = (uint32_t)(m->expected / (answers * (MICRO / 1000)));
	}
}

uint32_t mirror_can(struct work *w, const char *partner)
{
	struct key prefix = key_of_str(partner);
	struct key start = prefix;
	struct store_iter it;
	struct key k;
	struct slice val;
	uint64_t can = 0;
	uint64_t all = 0;

	key_u32(&start, month_before(month_of(w->s->now_ms), MONTHS_USUAL));
	store_iter_init(&it, w->s->txn, T_MIRROR, &prefix);
	store_iter_from(&it, &start, true);
	while (store_next(&it, &k, &val)) {
		size_t mark = work_mark(w);
		const PB(MatchMirrorRecord) *row =
			step_unpack(w->s, val, DESC(match_mirror_record));
		if (row != NULL) {
			can += row->can + row->can_if;
			all += row->can + row->can_if + row->not_now + row->not_ours + row->lapsed;
		}
		work_rewind(w, mark);
	}
	store_iter_done(&it);
	return all < ANSWERS_MIN ? CAN_USUAL : (uint32_t)(can * 1000 / all);
}

static void read_months(struct work *w, uint32_t from, PB(MirrorView) *v)
{
	struct key prefix = key_of_str(v->partner);
	struct store_iter it;
	struct key start = prefix;
	struct key k;
	struct slice val;
	struct month *m = NULL;

	key_u32(&start, from);
	store_iter_init(&it, w->s->txn, T_MIRROR, &prefix);
	store_iter_from(&it, &start, true);
	while (store_next(&it, &k, &val)) {
		uint32_t month = be32_read(k.b + prefix.len);
		const PB(MatchMirrorRecord) *row =
			step_unpack(w->s, val, DESC(match_mirror_record));
		if (m == NULL || m->row.month != month) {
			m = v->n_rows > MONTHS_KEPT ? NULL : step_alloc(w->s, sizeof(*m));
			if (m == NULL) {
				break;
			}
			schakel__v1__mirror_row__init(&m->row);
			m->row.month = month;
			v->rows[v->n_rows++] = &m->row;
		}
		if (row != NULL) {
			month_add(m, row, expected_of(w, &k, prefix.len, row));
		}
		month_close(m);
	}
	store_iter_done(&it);
}

int match_query_mirror(struct step *s, const PB(Message) *in, PB(Message) *out)
{
	uint32_t months = in->query_mirror->months;
	PB(MirrorView) *v = step_alloc(s, sizeof(*v));
	PB(MirrorRow) **rows = step_alloc(s, (MONTHS_KEPT + 1) * sizeof(*rows));
	struct work w;

	work_init(&w, s);
	if (v == NULL || rows == NULL) {
		return SK_ENOMEM;
	}
	if (months > MONTHS_KEPT) {
		return step_refuse(s, REFUSE(OUT_OF_RANGE), "months");
	}
	months = months == 0 ? MONTHS_USUAL : months;
	schakel__v1__mirror_view__init(v);
	v->partner = step_strdup(s, s->from.id); /* the step ends before the answer is packed */
	v->rows = rows;
	out->body_case = BODY(MIRROR_VIEW);
	out->mirror_view = v;
	read_months(&w, month_before(month_of(s->now_ms), months - 1), v);
	return w.s->txn->err;
}
