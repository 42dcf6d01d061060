/* SPDX-License-Identifier: EUPL-1.2 */
/* Who offers what near me, and how old is the figure (C2): open to every role, and no child is
 * needed to ask. It tells of pools only; what is promised is a number, to nobody by name. */
#include "services/matching/core_int.h"

#define BYTES_MAX 40000U /* an answer travels in one frame */
#define SCAN_MAX 1000U

static bool use_wanted(const PB(QueryDirectory) *q, const PB(PoolUse) *u)
{
	struct use_facts f = use_facts_of(u);
	bool expertise = q->expertise == 0 || (f.expertises >> (q->expertise - 1) & 1) != 0;
	bool age = q->age_years == 0 || (q->age_years >= u->age_from && q->age_years <= u->age_to);

	return expertise && age && (q->zone[0] == '\0' || use_serves(u, q->zone));
}

/** The pool with those of its uses that were asked for, or NULL: it has none. */
static PB(DirectoryItem) *directory_item(struct work *w, const PB(QueryDirectory) *q,
					 const PB(MatchPoolRecord) *p)
{
	PB(PoolUse) *all[MATCH_USES_MAX];
	PB(DirectoryItem) *item = step_alloc(w->s, sizeof(*item));
	PB(PoolUse) **uses = step_alloc(w->s, sizeof(all));
	size_t len = pool_uses(w, p->pool, all);

	if (item == NULL || uses == NULL) {
		return NULL;
	}
	schakel__v1__directory_item__init(item);
	item->uses = uses;
	for (size_t i = 0; i < len; i++) {
		if (use_wanted(q, all[i])) {
			uses[item->n_uses++] = all[i];
		}
	}
	item->partner = p->partner;
	item->pool = p->pool;
	item->joint_partners = p->joint_partners;
	item->n_joint_partners = p->n_joint_partners;
	item->answer = p->answer;
	item->state = pool_state(p);
	item->free = pool_free(p);
	item->promised = p->promised;
	item->observed_at_ms = p->observed_at_ms;
	item->unit = p->unit;
	return item->n_uses == 0 || p->shut ? NULL : item;
}

static int check_directory(struct step *s, const PB(QueryDirectory) *q)
{
	if (q->expertise > 64 || (q->expertise != 0 && step_expertise(s, q->expertise) == NULL)) {
		return step_refuse(s, REFUSE(UNKNOWN_CODE), "expertise");
	}
	if (q->zone[0] != '\0' && step_zone(s, q->zone) == NULL) {
		return step_refuse(s, REFUSE(UNKNOWN_OBJECT), "zone");
	}
	if (q->age_years > MATCH_AGE_MAX) {
		return step_refuse(s, REFUSE(OUT_OF_RANGE), "age_years");
	}
	return SK_OK;
}

static int directory_page(struct work *w, const PB(QueryDirectory) *q, PB(DirectoryView) *v)
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
	while (!more && store_next(&it, &k, &val)) {
		size_t mark = work_mark(w);
		const PB(MatchPoolRecord) *p = step_unpack(w->s, val, DESC(match_pool_record));
		PB(DirectoryItem) *item = p == NULL ? NULL : directory_item(w, q, p);
		if (item != NULL) {
			bytes += schakel__v1__directory_item__get_packed_size(item);
			v->items[v->n_items++] = item;
		} else {
			work_rewind(w, mark);
		}
		more = v->n_items == limit || bytes > BYTES_MAX || ++seen == SCAN_MAX;
	}
	store_iter_done(&it);
	if (more) {
		v->next = match_page_key(w, &k);
	}
	return SK_OK;
}

int match_query_directory(struct step *s, const PB(Message) *in, PB(Message) *out)
{
	const PB(QueryDirectory) *q = in->query_directory;
	PB(DirectoryView) *v = step_alloc(s, sizeof(*v));
	PB(DirectoryItem) **items = step_alloc(s, MATCH_PAGE_MAX * sizeof(*items));
	struct work w;

	work_init(&w, s);
	if (v == NULL || items == NULL) {
		return SK_ENOMEM;
	}
	int err = check_directory(s, q);
	if (err != SK_OK) {
		return err;
	}
	schakel__v1__directory_view__init(v);
	v->items = items;
	out->body_case = BODY(DIRECTORY_VIEW);
	out->directory_view = v;
	return directory_page(&w, q, v);
}
