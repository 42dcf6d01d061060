/* SPDX-License-Identifier: EUPL-1.2 */
#include "services/matching/core_large.h"

#define NSTATE(NAME) SCHAKEL__V1__NEED_STATE__NEED_STATE_##NAME

struct order order_of(const PB(MatchNeedRecord) *n)
{
	struct order o;
	struct object_id request = id_of(&n->request_id);

	bool tried = n->order->rank_class != SCHAKEL__V1__WAIT_CLASS__WAIT_CLASS_UNSPECIFIED;

	o.b[0] = (uint8_t)(tried ? n->order->rank_class : n->order->wait_class);
	o.b[0] = MUT(23) ? 0 : o.b[0];
	o.b[1] = tried ? 0 : (uint8_t)n->order->crisis_step; /* none counts in one class for all */
	be64_write(o.b + 2, n->order->rank_ms);
	be64_write(o.b + 10, n->order->lottery);
	memcpy(o.b + 18, request.b, OBJECT_ID_LEN);
	be32_write(o.b + GROUP_LEN, n->need->ordinal);
	return o;
}

bool need_is_open(const PB(MatchNeedRecord) *n)
{
	PB(NeedState) st = n->need == NULL ? NSTATE(UNSPECIFIED) : n->need->state;

	return n->known && !n->closed && !n->served && n->order != NULL &&
	       (st == NSTATE(OPEN) || st == NSTATE(ANSWERED) || st == NSTATE(SUPPORTED));
}

bool need_waits(const PB(MatchNeedRecord) *n)
{
	return need_is_open(n) && !n->paused && n->seat_id.len == 0;
}

PB(MatchRequestRecord) *request_get(struct work *w, const struct object_id *id)
{
	struct key k = key_of_id(id);

	return step_get(w->s, T_REQUEST, &k, DESC(match_request_record));
}

void request_put(struct work *w, const PB(MatchRequestRecord) *r)
{
	struct object_id id = id_of(&r->request->request_id);
	struct key k = key_of_id(&id);

	step_put(w->s, T_REQUEST, &k, r);
}

PB(MatchNeedRecord) *need_get(struct work *w, const struct object_id *id)
{
	struct key k = key_of_id(id);

	return step_get(w->s, T_NEED, &k, DESC(match_need_record));
}

static struct key wait_key(const PB(MatchNeedRecord) *n, const char *zone)
{
	struct key k = { 0 };
	struct order o = order_of(n);
	struct object_id id = id_of(&n->need->need_id);

	key_u32(&k, n->need->expertise);
	key_str(&k, zone);
	key_bytes(&k, o.b, ORDER_LEN);
	key_id(&k, &id);
	return k;
}

/** The rows of T_WAIT follow from the record alone, so the old ones are found in the old record:
 * the index cannot drift from it. A need has one row in each of its zones, and none while it has a
 *  seat. */
void need_put(struct work *w, PB(MatchNeedRecord) *n)
{
	struct object_id id = id_of(&n->need->need_id);
	struct key k = key_of_id(&id);
	const PB(MatchNeedRecord) *old = need_get(w, &id);

	for (size_t i = 0; old != NULL && old->waiting && i < old->n_zones; i++) {
		struct key gone = wait_key(old, old->zones[i]);
		step_del(w->s, T_WAIT, &gone);
	}
	n->waiting = need_waits(n);
	if (n->reserved_pool[0] != '\0' && !n->waiting) {
		reserve_leave(w, n);
	}
	step_put(w->s, T_NEED, &k, n);
	for (size_t i = 0; n->waiting && i < n->n_zones; i++) {
		struct key row = wait_key(n, n->zones[i]);
		step_mark(w->s, T_WAIT, &row);
	}
}

static void by_ordinal(PB(MatchNeedRecord) **needs, size_t len)
{
	for (size_t i = 1; i < len; i++) {
		PB(MatchNeedRecord) *n = needs[i];
		size_t at = i;
		while (at > 0 && needs[at - 1]->need->ordinal > n->need->ordinal) {
			needs[at] = needs[at - 1];
			at--;
		}
		needs[at] = n;
	}
}

size_t needs_of(struct work *w, const struct object_id *request, PB(MatchNeedRecord) **ret_needs)
{
	struct store_iter it;
	struct key prefix = key_of_id(request);
	struct key k;
	struct slice val;
	size_t len = 0;

	store_iter_init(&it, w->s->txn, T_REQUEST_NEED, &prefix);
	while (len < MATCH_NEEDS_MAX && store_next(&it, &k, &val)) {
		struct slice rest = { .data = k.b + OBJECT_ID_LEN, .len = k.len - OBJECT_ID_LEN };
		struct object_id id;
		SK_ASSERT(key_take_id(&rest, &id));
		PB(MatchNeedRecord) *n = need_get(w, &id);
		if (n != NULL && n->known && (!n->closed || n->seat_id.len > 0)) {
			ret_needs[len++] = n;
		}
	}
	store_iter_done(&it);
	by_ordinal(ret_needs, len);
	return len;
}

void need_seat(struct work *w, const struct object_id *need, const struct object_id *seat)
{
	need_seat_weighed(w, need, seat, NULL);
}

void need_seat_weighed(struct work *w, const struct object_id *need, const struct object_id *seat,
		       const struct weighed *weighed)
{
	PB(MatchNeedRecord) *n = need_get(w, need);

	if (n == NULL) {
		return;
	}
	n->seat_id = (ProtobufCBinaryData){ 0 };
	if (weighed != NULL) {
		n->weighed = weighed->pairs;
		n->n_weighed = weighed->len;
		n->weighed_one_pool = weighed->one_pool;
	}
	if (seat != NULL) {
		n->seat_id = step_id_data(w->s, seat);
		n->shortfall = SHORTFALL(UNSPECIFIED);
	} else if (n->shortfall == SHORTFALL(UNSPECIFIED)) {
		n->shortfall = SHORTFALL(NO_CAPACITY);
	}
	need_put(w, n);
	struct object_id request = id_of(&n->request_id);
	large_forget(w, &request);
	if (seat == NULL) {
		touch_request(w, &request);
	}
	item_add(w, &w->teams, request.b, OBJECT_ID_LEN, 0);
}

void touch_request(struct work *w, const struct object_id *request)
{
	item_add(w, &w->touched, request->b, OBJECT_ID_LEN, 0);
	item_add(w, &w->teams, request->b, OBJECT_ID_LEN, 0);
}

static struct key exclude_key(const struct object_id *need, const char *partner)
{
	struct key k = key_of_id(need);

	key_str(&k, partner);
	return k;
}

PB(MatchExcludeCause) exclude_cause(struct work *w, const struct object_id *need,
				    const char *partner)
{
	struct key k = exclude_key(need, partner);
	const PB(MatchExcludeRecord) *rec =
		step_get(w->s, T_EXCLUDE, &k, DESC(match_exclude_record));

	return rec == NULL ? CAUSE(UNSPECIFIED) : rec->cause;
}

/** What lasts longer stays: an exclusion for good is not shortened by a NOT_NOW. */
void exclude_add(struct work *w, const struct object_id *need, const char *partner,
		 PB(MatchExcludeCause) cause, uint64_t until_ms)
{
	struct key k = exclude_key(need, partner);
	PB(MatchExcludeRecord) *old = step_get(w->s, T_EXCLUDE, &k, DESC(match_exclude_record));

	if (old != NULL && old->cause != CAUSE(AWAY) &&
	    (old->until_ms == 0 || (until_ms != 0 && old->until_ms >= until_ms))) {
		return;
	}
	PB(MatchExcludeRecord) rec = PB_INIT(MATCH_EXCLUDE_RECORD);
	rec.until_ms = until_ms;
	rec.cause = cause;
	step_put(w->s, T_EXCLUDE, &k, &rec);
	const PB(MatchNeedRecord) *n = need_get(w, need);
	if (n != NULL) {
		reserve_doubt(w, n);
	}
	if (until_ms != 0) {
		step_due(w->s, until_ms, DUE_EXCLUDE, need, 0);
	}
}

void exclude_back(struct work *w, const struct object_id *need, const char *partner)
{
	struct key k = exclude_key(need, partner);
	const PB(MatchExcludeRecord) *old =
		step_get(w->s, T_EXCLUDE, &k, DESC(match_exclude_record));

	if (old != NULL && old->cause == CAUSE(AWAY)) {
		step_del(w->s, T_EXCLUDE, &k);
	}
}

/** Deletes the need's rows that ended by @p now_ms, or all of them. */
static bool exclude_drop(struct work *w, const struct object_id *need, bool all)
{
	struct store_iter it;
	struct key prefix = key_of_id(need);
	struct key k;
	struct slice val;
	bool any = false;

	store_iter_init(&it, w->s->txn, T_EXCLUDE, &prefix);
	while (store_next(&it, &k, &val)) {
		const PB(MatchExcludeRecord) *rec =
			step_unpack(w->s, val, DESC(match_exclude_record));
		bool over = rec != NULL && rec->until_ms != 0 && rec->until_ms <= w->s->now_ms;
		if (all || over) {
			step_del(w->s, T_EXCLUDE, &k);
			any = true;
		}
	}
	store_iter_done(&it);
	return any;
}

void exclude_expire(struct work *w, const struct object_id *need)
{
	const PB(MatchNeedRecord) *n = need_get(w, need);

	if (exclude_drop(w, need, false) && n != NULL && need_waits(n)) {
		struct object_id request = id_of(&n->request_id);
		touch_request(w, &request);
	}
}

void exclude_forget(struct work *w, const struct object_id *need)
{
	(void)exclude_drop(w, need, true);
}
