/* SPDX-License-Identifier: EUPL-1.2 */
#include "services/matching/core_int.h"

#define PAGE_BYTES_MAX 40000U /* an answer travels in one frame */
#define PAGE_SCAN_MAX 1000U

uint32_t match_page_limit(const struct step *s, uint32_t asked)
{
	uint32_t limit = asked == 0 || asked > MATCH_PAGE_MAX ? MATCH_PAGE_MAX : asked;

	return limit < s->page_most ? limit : s->page_most;
}

ProtobufCBinaryData match_page_key(struct work *w, const struct key *k)
{
	uint8_t *copy = step_alloc(w->s, k->len);

	if (copy == NULL) {
		return (ProtobufCBinaryData){ 0 };
	}
	memcpy(copy, k->b, k->len);
	return (ProtobufCBinaryData){ .len = k->len, .data = copy };
}

bool match_page_from(struct store_iter *it, const struct key *prefix,
		     const ProtobufCBinaryData *after)
{
	struct key k = { 0 };

	if (after->len == 0) {
		return true;
	}
	if (after->len > KEY_LEN_MAX || after->len < prefix->len ||
	    memcmp(after->data, prefix->b, prefix->len) != 0) {
		return false;
	}
	key_bytes(&k, after->data, after->len);
	store_iter_from(it, &k, false);
	return true;
}

static bool sees_all(const struct step *s)
{
	return (s->from.roles & (ROLE_BIT(CONTACT_POINT) | ROLE_BIT(COORDINATOR))) != 0;
}

/* --- asks --- */

/* Of the partner that is named; without one, of who asks, or for who sees all of anybody. */
static int one_ask(struct work *w, const PB(QueryAsks) *q, const char *partner, PB(AsksView) *v)
{
	struct object_id id = { { 0 } };
	bool named = object_id_from(&q->contribution_id, &id);

	if (!named) {
		named = step_by_short_code(w->s, T_CONTRIBUTION, q->short_code, &id);
	}
	const PB(MatchContributionRecord) *c = named ? contribution_get(w, &id) : NULL;
	if (c == NULL) {
		return step_refuse(w->s, REFUSE(UNKNOWN_OBJECT), "contribution_id");
	}
	bool anybody = q->partner[0] == '\0' && sees_all(w->s);
	if (!contribution_is_of(c, partner) && !anybody) {
		return step_refuse(w->s, REFUSE(NOT_YOURS), "contribution_id");
	}
	PB(Ask) *a = ask_view(w, c);
	if (a != NULL) {
		v->asks[v->n_asks++] = a;
	}
	return SK_OK;
}

static int asks_page(struct work *w, const PB(QueryAsks) *q, const char *partner, PB(AsksView) *v)
{
	struct key prefix = key_of_str(partner);
	uint32_t limit = match_page_limit(w->s, q->limit);
	struct store_iter it;
	struct key k = { 0 };
	struct slice val;

	if (!q->all) {
		key_u8(&prefix, 0);
	}
	store_iter_init(&it, w->s->txn, T_PARTNER_ASK, &prefix);
	if (!match_page_from(&it, &prefix, &q->after)) {
		return step_refuse(w->s, REFUSE(OUT_OF_RANGE), "after");
	}
	while (v->n_asks < limit && store_next(&it, &k, &val)) {
		struct object_id id;
		memcpy(id.b, k.b + k.len - OBJECT_ID_LEN, OBJECT_ID_LEN);
		const PB(MatchContributionRecord) *c = contribution_get(w, &id);
		PB(Ask) *a = c == NULL ? NULL : ask_view(w, c);
		if (a != NULL) {
			v->asks[v->n_asks++] = a;
		}
	}
	store_iter_done(&it);
	if (v->n_asks == limit) {
		v->next = match_page_key(w, &k);
	}
	return SK_OK;
}

int match_query_asks(struct step *s, const PB(Message) *in, PB(Message) *out)
{
	const PB(QueryAsks) *q = in->query_asks;
	PB(AsksView) *v = step_alloc(s, sizeof(*v));
	PB(Ask) **asks = step_alloc(s, MATCH_PAGE_MAX * sizeof(PB(Ask) *));
	const char *partner = q->partner[0] == '\0' ? s->from.id : q->partner;
	struct work w;

	work_init(&w, s);
	if (v == NULL || asks == NULL) {
		return SK_ENOMEM;
	}
	if (strlen(partner) > PARTY_ID_LEN_MAX ||
	    (strcmp(partner, s->from.id) != 0 && !sees_all(s))) {
		return step_refuse(s, REFUSE(NOT_YOURS), "partner");
	}
	schakel__v1__asks_view__init(v);
	v->asks = asks;
	out->body_case = BODY(ASKS_VIEW);
	out->asks_view = v;
	if (q->contribution_id.len != 0 || q->short_code[0] != '\0') {
		return one_ask(&w, q, partner, v);
	}
	return asks_page(&w, q, partner, v);
}

/* --- pools --- */

static PB(PutCapacity) *capacity_of(struct work *w, const PB(MatchPoolRecord) *p)
{
	PB(PutCapacity) *c = step_alloc(w->s, sizeof(*c));
	PB(PoolUse) **uses = step_alloc(w->s, MATCH_USES_MAX * sizeof(PB(PoolUse) *));
	struct key prefix = key_of_str(p->pool);
	struct store_iter it;
	struct key k;
	struct slice val;

	if (c == NULL || uses == NULL) {
		return NULL;
	}
	schakel__v1__put_capacity__init(c);
	c->pool = p->pool;
	c->partner = p->partner;
	c->based_on = p->version;
	c->unit = p->unit;
	c->total = p->total;
	c->funded = p->funded;
	c->staffed = p->staffed;
	c->used_elsewhere = p->used_elsewhere;
	c->insured = p->insured;
	c->from_ms = p->from_ms;
	c->until_ms = p->until_ms;
	c->observed_at_ms = p->observed_at_ms;
	c->municipality = p->municipality;
	c->joint_partners = p->joint_partners;
	c->n_joint_partners = p->n_joint_partners;
	c->answer = p->answer;
	c->limits = p->limits;
	c->n_limits = p->n_limits;
	c->conversions = p->conversions;
	c->n_conversions = p->n_conversions;
	c->network = p->network;
	c->school_atelier = p->school_atelier;
	c->because_expertise = p->because_expertise;
	c->because_zone = p->because_zone;
	c->position_m = p->position_m;
	c->n_position_m = p->n_position_m;
	c->uses = uses;
	store_iter_init(&it, w->s->txn, T_POOL_USE, &prefix);
	while (c->n_uses < MATCH_USES_MAX && store_next(&it, &k, &val)) {
		PB(PoolUse) *u = step_unpack(w->s, val, DESC(pool_use));
		if (u != NULL) {
			c->uses[c->n_uses++] = u;
		}
	}
	store_iter_done(&it);
	return c;
}

/** What each of its uses has given this week. */
static void add_weeks(struct work *w, const PB(MatchPoolRecord) *p, PB(PoolItem) *item)
{
	size_t len = item->capacity == NULL ? 0 : item->capacity->n_uses;

	item->week = step_alloc(w->s, (len + 1) * sizeof(item->week[0]));
	for (size_t i = 0; item->week != NULL && i < len; i++) {
		PB(UseWeek) *u = step_alloc(w->s, sizeof(*u));
		if (u == NULL) {
			return;
		}
		schakel__v1__use_week__init(u);
		u->use = item->capacity->uses[i]->use;
		u->units = use_week_units(w, p, u->use);
		item->week[item->n_week++] = u;
	}
}

static bool is_of(const PB(PutCapacity) *c, const char *partner)
{
	bool joint = strcmp(c->partner, partner) == 0;

	for (size_t i = 0; i < c->n_joint_partners; i++) {
		joint = joint || strcmp(c->joint_partners[i], partner) == 0;
	}
	return joint;
}

static PB(PoolItem) *pool_item(struct work *w, const PB(MatchPoolRecord) *p)
{
	PB(PoolItem) *item = step_alloc(w->s, sizeof(*item));

	if (item == NULL) {
		return NULL;
	}
	schakel__v1__pool_item__init(item);
	item->capacity = capacity_of(w, p);
	item->version = p->version;
	item->state = pool_state(p);
	item->promised = p->promised;
	item->free = pool_free(p);
	item->confirmed_ms = p->confirmed_ms;
	item->pause_reason = p->pause_reason;
	item->pause_until_ms = p->pause_until_ms;
	item->overcommitted = p->overcommitted;
	item->workers = p->workers;
	item->reserved_until_ms = p->reserved_need.len > 0 ? p->reserved_until_ms : 0;
	add_weeks(w, p, item);
	return item;
}

static bool pool_wanted(const PB(QueryPools) *q, const char *partner, const PB(PoolItem) *item)
{
	if (item->capacity == NULL || (partner[0] != '\0' && !is_of(item->capacity, partner))) {
		return false;
	}
	if (q->expertise == 0 && q->zone[0] == '\0') {
		return true;
	}
	for (size_t i = 0; i < item->capacity->n_uses; i++) {
		const PB(PoolUse) *u = item->capacity->uses[i];
		struct use_facts f = use_facts_of(u);
		bool expertise = q->expertise == 0 ||
				 (q->expertise <= 64 && (f.expertises >> (q->expertise - 1) & 1));
		if (expertise && (q->zone[0] == '\0' || use_serves(u, q->zone))) {
			return true;
		}
	}
	return false;
}

static int pools_page(struct work *w, const PB(QueryPools) *q, const char *partner,
		      PB(PoolsView) *v)
{
	uint32_t limit = match_page_limit(w->s, q->limit);
	struct key none = { 0 };
	struct store_iter it;
	struct key k = { 0 };
	struct slice val;
	size_t bytes = 0;
	unsigned seen = 0;
	bool more = false;

	store_iter_init(&it, w->s->txn, T_POOL, NULL);
	if (!match_page_from(&it, &none, &q->after)) {
		return step_refuse(w->s, REFUSE(OUT_OF_RANGE), "after");
	}
	while (store_next(&it, &k, &val)) {
		size_t mark = work_mark(w);
		const PB(MatchPoolRecord) *p = step_unpack(w->s, val, DESC(match_pool_record));
		PB(PoolItem) *item = p == NULL ? NULL : pool_item(w, p);
		if (item != NULL && pool_wanted(q, partner, item)) {
			bytes += schakel__v1__pool_item__get_packed_size(item);
			v->pools[v->n_pools++] = item;
		} else {
			work_rewind(w, mark);
		}
		more = v->n_pools == limit || bytes > PAGE_BYTES_MAX || ++seen == PAGE_SCAN_MAX;
		if (more) {
			break;
		}
	}
	store_iter_done(&it);
	if (more) {
		v->next = match_page_key(w, &k);
	}
	return SK_OK;
}

int match_query_pools(struct step *s, const PB(Message) *in, PB(Message) *out)
{
	const PB(QueryPools) *q = in->query_pools;
	PB(PoolsView) *v = step_alloc(s, sizeof(*v));
	PB(PoolItem) **pools = step_alloc(s, MATCH_PAGE_MAX * sizeof(PB(PoolItem) *));
	struct work w;

	work_init(&w, s);
	if (v == NULL || pools == NULL) {
		return SK_ENOMEM;
	}
	schakel__v1__pools_view__init(v);
	v->pools = pools;
	out->body_case = BODY(POOLS_VIEW);
	out->pools_view = v;
	if (q->pool[0] == '\0') {
		return pools_page(&w, q, q->partner, v);
	}
	const PB(MatchPoolRecord) *p = strlen(q->pool) > PARTY_ID_LEN_MAX ? NULL :
									    pool_get(&w, q->pool);
	PB(PoolItem) *item = p == NULL ? NULL : pool_item(&w, p);
	if (item == NULL) {
		return step_refuse(s, REFUSE(UNKNOWN_OBJECT), "pool");
	}
	v->pools[v->n_pools++] = item;
	return SK_OK;
}

/* --- contributions --- */

/** A partner sees its own part only. */
static bool may_see(struct work *w, const PB(MatchRequestRecord) *r,
		    const PB(MatchContributionRecord) *c)
{
	const struct step *s = w->s;
	struct object_id need = id_of(&c->need_id);
	uint32_t others = ROLE_BIT(CONTACT_POINT) | ROLE_BIT(COORDINATOR) | ROLE_BIT(REQUESTER);

	return contribution_is_of(c, s->from.id) ||
	       ((s->from.roles & others) != 0 && need_is_seen(s, r, need_get(w, &need)));
}

int match_query_contributions(struct step *s, const PB(Message) *in, PB(Message) *out)
{
	const PB(QueryContributions) *q = in->query_contributions;
	PB(ContributionsView) *v = step_alloc(s, sizeof(*v));
	PB(ContributionChanged) **list = step_alloc(s, MATCH_PAGE_MAX * sizeof(list[0]));
	uint32_t limit = match_page_limit(s, q->limit);
	struct object_id request;
	struct store_iter it;
	struct key k = { 0 };
	struct slice val;
	struct work w;

	work_init(&w, s);
	if (v == NULL || list == NULL) {
		return SK_ENOMEM;
	}
	if (!object_id_from(&q->request_id, &request)) {
		return step_refuse(s, REFUSE(MALFORMED), "request_id");
	}
	schakel__v1__contributions_view__init(v);
	v->contributions = list;
	out->body_case = BODY(CONTRIBUTIONS_VIEW);
	out->contributions_view = v;
	const PB(MatchRequestRecord) *r = request_get(&w, &request);
	struct key prefix = key_of_id(&request);
	store_iter_init(&it, s->txn, T_REQUEST_CONTRIBUTION, &prefix);
	if (!match_page_from(&it, &prefix, &q->after)) {
		return step_refuse(s, REFUSE(OUT_OF_RANGE), "after");
	}
	while (v->n_contributions < limit && store_next(&it, &k, &val)) {
		struct object_id id;
		memcpy(id.b, k.b + OBJECT_ID_LEN, OBJECT_ID_LEN);
		const PB(MatchContributionRecord) *c = contribution_get(&w, &id);
		PB(ContributionChanged) *f = NULL;
		if (c != NULL && may_see(&w, r, c)) {
			f = contribution_fact(&w, c, r == NULL ? 0 : r->proposal_version);
		}
		if (f != NULL) {
			list[v->n_contributions++] = f;
		}
	}
	store_iter_done(&it);
	if (v->n_contributions == limit) {
		v->next = match_page_key(&w, &k);
	}
	return SK_OK;
}
