/* SPDX-License-Identifier: EUPL-1.2 */
/* What an hour that is shared does for who waits (B8). A pool of such hours is thought of, in
 * memory only, and offered to the list as a real one would be: in the order, by the hard rules,
 * passing by whoever it does not fit. Nothing is written, nobody is asked. */
#include <stdio.h>

#include "services/matching/core_stream.h"

#define SHARED_LOOKS_MAX 2048U /* needs looked at in one zone */
#define SHARED_HOURS_MAX 168U
#define SHARED_AGES 25U

struct shared {
	PB(MatchPoolRecord) pool;
	PB(PoolUse) use;
	char *zone[1];
	uint32_t expertise[1];
	struct use_facts facts;
};

static void shared_init(struct shared *t, uint32_t expertise, char *zone, uint32_t hours)
{
	t->pool = (PB(MatchPoolRecord))PB_INIT(MATCH_POOL_RECORD);
	t->use = (PB(PoolUse))PB_INIT(POOL_USE);
	t->zone[0] = zone;
	t->expertise[0] = expertise;
	t->pool.unit = SCHAKEL__V1__UNIT__UNIT_HOURS_WEEK;
	t->pool.staffed = hours;
	t->use.use = 1;
	t->use.age_to = SHARED_AGES;
	t->use.cost_units = 1;
	t->use.modality = SCHAKEL__V1__MODALITY__MODALITY_MOBILE;
	t->use.access = SCHAKEL__V1__ACCESS__ACCESS_DIRECT;
	t->use.expertises = t->expertise;
	t->use.n_expertises = 1;
	t->use.zones = t->zone;
	t->use.n_zones = 1;
	t->facts = use_facts_of(&t->use);
}

/** A house more in the team, within its most; all other hard rules as ever. */
static bool starts(struct work *w, struct shared *t, const PB(MatchNeedRecord) *n)
{
	struct object_id request = id_of(&n->request_id);
	const PB(MatchRequestRecord) *r = request_get(w, &request);
	struct team team;

	team_of(w, &request, NULL, &team);
	return r != NULL && team.len < step_setting(w->s, SETTING_TEAM_MAX) &&
	       need_fit(w, r, n, &t->pool, &t->facts) == FIT_OK;
}

static void look(struct work *w, struct shared *t, const PB(MatchNeedRecord) *n,
		 PB(SharedItem) *item)
{
	item->waiting++;
	if (!starts(w, t, n)) {
		return;
	}
	t->pool.promised += need_amount(n, &t->pool, &t->facts);
	item->hours = t->pool.promised;
	item->starts++;
	item->musts += n->need->must ? 1 : 0;
	if (item->oldest_ms == 0) {
		item->oldest_ms = n->order->rank_ms;
	}
}

static PB(SharedItem) *shared_in(struct work *w, const PB(QueryShared) *q, char *zone)
{
	PB(SharedItem) *item = step_alloc(w->s, sizeof(*item));
	struct stream *streams = index_scratch(w->s->index)->streams;
	struct order last = { { 0 } };
	PB(PoolUse) *uses[1];
	struct shared t;

	if (item == NULL) {
		return NULL;
	}
	schakel__v1__shared_item__init(item);
	item->zone = zone;
	shared_init(&t, q->expertise, zone, q->hours == 0 ? 1 : q->hours);
	uses[0] = &t.use;
	struct pass_pool pool = { .name = "", .uses = uses, .uses_len = 1 };
	size_t len = streams_add(&pool, streams, 0);
	for (size_t i = 0; i < len; i++) {
		stream_seek(w, &streams[i], &last);
	}
	struct stream *st = streams_first(streams, len);
	for (uint32_t i = 0; st != NULL; i++) {
		size_t mark = work_mark(w);
		const PB(MatchNeedRecord) *n = need_get(w, &st->need);
		if (i == SHARED_LOOKS_MAX) {
			item->cut = true;
			break;
		}
		/* A need may stand in two streams: right behind each other. */
		if (n != NULL && memcmp(last.b, st->head.b, ORDER_LEN) != 0) {
			look(w, &t, n, item);
		}
		last = st->head;
		work_rewind(w, mark);
		stream_seek(w, st, NULL);
		st = streams_first(streams, len);
	}
	return item;
}

static int check_shared(struct work *w, const PB(QueryShared) *q)
{
	if (q->expertise < 1 || q->expertise > 64 || step_expertise(w->s, q->expertise) == NULL) {
		return step_refuse(w->s, REFUSE(UNKNOWN_CODE), "expertise");
	}
	if (q->hours > SHARED_HOURS_MAX) {
		return step_refuse(w->s, REFUSE(OUT_OF_RANGE), "hours");
	}
	if (q->zone[0] != '\0' && (!name_is_valid(q->zone) || step_zone(w->s, q->zone) == NULL)) {
		return step_refuse(w->s, REFUSE(UNKNOWN_OBJECT), "zone");
	}
	return SK_OK;
}

int match_query_shared(struct step *s, const PB(Message) *in, PB(Message) *out)
{
	const PB(QueryShared) *q = in->query_shared;
	const PB(ConfigApplied) *conf = step_config(s);
	PB(SharedView) *v = step_alloc(s, sizeof(*v));
	struct work w;

	work_init(&w, s);
	int err = check_shared(&w, q);
	if (err != SK_OK) {
		return err;
	}
	size_t zones = conf == NULL ? 0 : conf->n_zones;
	PB(SharedItem) **items = step_alloc(s, (zones + 1) * sizeof(*items));
	if (v == NULL || items == NULL) {
		return SK_ENOMEM;
	}
	schakel__v1__shared_view__init(v);
	v->items = items;
	for (size_t i = 0; i < zones; i++) {
		char *zone = conf->zones[i]->id;
		bool asked = q->zone[0] == '\0' || strcmp(q->zone, zone) == 0;
		PB(SharedItem) *item = asked ? shared_in(&w, q, zone) : NULL;
		if (item != NULL) {
			items[v->n_items++] = item;
		}
	}
	out->body_case = BODY(SHARED_VIEW);
	out->shared_view = v;
	return work_err(&w);
}
