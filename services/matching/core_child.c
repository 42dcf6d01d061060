/* SPDX-License-Identifier: EUPL-1.2 */
/* The children of one request: how old each is, where it lives, and so where its needs stand in the
 * order (A3, B1). Two stay places are both own ring: the need has a row in each. From the region's
 * ring on, and in a crisis at once, it stands in the one stream that every pool of the expertise
 * merges; neighbouring nodes come on top of that later. */
#include "services/matching/core_int.h"

const PB(ChildFact) *need_child(const PB(MatchRequestRecord) *r, const PB(MatchNeedRecord) *n)
{
	const PB(RequestFact) *f = r->request;

	return n->need->child < f->n_children ? f->children[n->need->child] : NULL;
}

uint32_t need_age(const PB(MatchRequestRecord) *r, const PB(MatchNeedRecord) *n)
{
	const PB(ChildFact) *child = need_child(r, n);

	return child == NULL ? r->request->age_years : child->age_years;
}

size_t own_zones(const PB(MatchRequestRecord) *r, const PB(MatchNeedRecord) *n,
		 char *ret_zones[MATCH_CHILD_ZONES_MAX])
{
	const PB(ChildFact) *child = need_child(r, n);
	size_t len = 0;

	for (size_t i = 0; child != NULL && i < child->n_zones && i < MATCH_CHILD_ZONES_MAX; i++) {
		if (len == 0 || strcmp(ret_zones[0], child->zones[i]) != 0) {
			ret_zones[len++] = child->zones[i];
		}
	}
	if (len == 0) {
		ret_zones[len++] = r->request->zone;
	}
	return len;
}

static bool asks_everywhere(const PB(MatchRequestRecord) *r, const PB(MatchNeedRecord) *n)
{
	bool crisis = n->order != NULL && n->order->wait_class == CLASS_CRISIS;

	return crisis || r->request->ring >= SCHAKEL__V1__RING__RING_REGION;
}

static bool same_zones(const PB(MatchNeedRecord) *n, char *const *zones, size_t len)
{
	bool same = n->n_zones == len;

	for (size_t i = 0; same && i < len; i++) {
		same = strcmp(n->zones[i], zones[i]) == 0;
	}
	return same;
}

/** Nothing new is asked for a child that is missing, nor as long as the family itself wants to
 * wait: no promise is made that nobody wants now, and its date stays. Safety does not wait: a
 * crisis is helped all the same. That the wish is over is told by intake, so the time itself moves
 * nothing.
 */
static bool is_set_aside(const PB(MatchRequestRecord) *r, const PB(MatchNeedRecord) *n)
{
	const PB(ChildFact) *child = need_child(r, n);
	bool crisis = n->order != NULL && n->order->wait_class == CLASS_CRISIS;
	bool wish = r->request->family_wish_until_ms != 0 && !crisis;

	return (child != NULL && child->missing) || wish;
}

/** @return true when its child lives elsewhere than before. */
static bool place_need(struct work *w, const PB(MatchRequestRecord) *r, PB(MatchNeedRecord) *n)
{
	static char everywhere[] = "";
	bool aside = is_set_aside(r, n) && !MUT(149);
	char **zones = step_alloc(w->s, MATCH_CHILD_ZONES_MAX * sizeof(char *));

	if (zones == NULL) {
		return false;
	}
	size_t len = own_zones(r, n, zones);
	char *first = zones[0];
	if (asks_everywhere(r, n)) {
		zones[0] = everywhere;
		len = 1;
	}
	if (same_zones(n, zones, len) && n->paused == aside && strcmp(n->zone, first) == 0) {
		return false;
	}
	bool near = n->n_zones > 0 && n->zones[0][0] != '\0' && zones[0][0] != '\0';
	bool moved = (n->zone[0] != '\0' && strcmp(n->zone, first) != 0) ||
		     (near && !same_zones(n, zones, len));
	n->zone = first;
	n->zones = zones;
	n->n_zones = len;
	n->paused = aside;
	need_put(w, n);
	return moved;
}

bool place_needs(struct work *w, const struct object_id *request)
{
	bool moved = false;
	PB(MatchNeedRecord) *needs[MATCH_NEEDS_MAX];
	const PB(MatchRequestRecord) *r = request_get(w, request);
	size_t len = r == NULL ? 0 : needs_of(w, request, needs);

	for (size_t i = 0; i < len; i++) {
		moved = place_need(w, r, needs[i]) || moved;
	}
	return moved;
}

bool need_reaches(const PB(MatchNeedRecord) *n, const PB(PoolUse) *u)
{
	for (size_t i = 0; i < n->n_zones; i++) {
		if (n->zones[i][0] == '\0' || use_serves(u, n->zones[i])) {
			return true;
		}
	}
	return false;
}

bool need_is_near(const PB(MatchRequestRecord) *r, const PB(MatchNeedRecord) *n,
		  const PB(PoolUse) *u)
{
	char *own[MATCH_CHILD_ZONES_MAX];
	size_t len = own_zones(r, n, own);

	return use_serves(u, own[0]) || (len > 1 && use_serves(u, own[1]));
}

bool need_is_near_ref(struct work *w, const PB(MatchRequestRecord) *r, const PB(MatchNeedRecord) *n,
		      const struct index_ref *ref)
{
	char *own[MATCH_CHILD_ZONES_MAX];
	size_t len = own_zones(r, n, own);
	uint32_t expertise = n->need->expertise;

	return index_has(w->s->index, expertise, own[0], ref) ||
	       (len > 1 && index_has(w->s->index, expertise, own[1], ref));
}

static int ref_cmp(const struct index_ref *a, const struct index_ref *b)
{
	int cmp = strcmp(a->pool, b->pool);

	return cmp != 0 ? cmp : (a->facts.use > b->facts.use) - (a->facts.use < b->facts.use);
}

size_t need_refs(struct work *w, const PB(MatchNeedRecord) *n, const struct index_ref **ret_refs)
{
	const struct index_ref *list[MATCH_CHILD_ZONES_MAX] = { NULL };
	size_t len[MATCH_CHILD_ZONES_MAX] = { 0 };
	size_t at[MATCH_CHILD_ZONES_MAX] = { 0 };
	struct index_ref *merged = index_scratch(w->s->index)->refs;
	size_t sum = 0;

	for (size_t i = 0; i < n->n_zones && i < MATCH_CHILD_ZONES_MAX; i++) {
		len[i] = index_refs(w->s->index, n->need->expertise, n->zones[i], &list[i]);
	}
	if (len[1] == 0) {
		*ret_refs = list[0];
		return len[0];
	}
	while (sum < MATCH_CANDIDATES_MAX && (at[0] < len[0] || at[1] < len[1])) {
		int cmp = at[0] == len[0] ? 1 :
			  at[1] == len[1] ? -1 :
					    ref_cmp(&list[0][at[0]], &list[1][at[1]]);
		merged[sum++] = cmp <= 0 ? list[0][at[0]] : list[1][at[1]];
		at[0] += cmp <= 0;
		at[1] += cmp >= 0;
	}
	*ret_refs = merged;
	return sum;
}
