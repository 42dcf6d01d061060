/* SPDX-License-Identifier: EUPL-1.2 */
/* The rules of holding, B15, B16, C12: limits of a week, workers and their caps, school ateliers of
 * a network, heirs of networks, numbers of the gate. All sums are added up from the contributions.
 */
#include "tests/sim/laws_model.h"

#include "common/civil.h"

#define HOPS_MAX 32

/** Counts under the limits in force now: of the ISO week in Brussels, which begins with the Tick
 *  that finds it begun. */
static bool same_week(struct laws *l, const PB(MatchPoolRecord) *p, uint32_t monday)
{
	uint64_t at_ms = l->step.now_ms;
	struct civil_date d = { (uint16_t)(monday / 10000), (uint8_t)(monday / 100 % 100),
				(uint8_t)(monday % 100) };
	uint64_t begin = 0;
	uint64_t end;

	if (monday == 0 || civil_to_ms(d, 0, &begin) != SK_OK) {
		return false;
	}
	if (p->n_limits > 0 && model_due(&l->d[LAWS_MATCHING], M_DUE_WEEK, &p->pool_id, at_ms)) {
		return monday == p->week;
	}
	/* A week with a clock change is an hour longer or shorter. */
	end = civil_add_days_local(begin, 7);
	return at_ms >= begin && at_ms < end;
}

const char *law_heir(const struct daemon_model *d, const char *name)
{
	for (int i = 0; i < HOPS_MAX; i++) {
		struct key k = key_of_str(name);
		const PB(MatchNetworkRecord) *n = rec_find(d, M_NETWORK, &k);
		if (n == NULL || !n->ended) {
			return name;
		}
		name = n->network->successor;
	}
	return name;
}

/** A gift of this step to somebody behind @p first is not counted: would it have been due there? */
static bool counts(struct laws *l, const struct row *row, const struct place *first)
{
	const PB(MatchContributionRecord) *c = row->rec;
	const struct change *ch = change_find(&l->d[LAWS_MATCHING], M_CONTRIBUTION, &row->key);

	if (first == NULL || ch == NULL || !law_is_gift(l, ch)) {
		return true;
	}
	const struct need_view *n = view_need(l->view, &c->need_id);
	return n == NULL || place_compare(&n->place, first) <= 0;
}

struct sums {
	uint64_t week, ateliers;
};

static struct sums sums_of(struct laws *l, const PB(MatchPoolRecord) *p, uint32_t use,
			   const char *network, const struct place *first)
{
	const struct daemon_model *d = &l->d[LAWS_MATCHING];
	const struct rows *t = &d->mirror.table[M_CONTRIBUTION];
	struct sums s = { 0 };

	for (size_t i = 0; i < t->len; i++) {
		const PB(MatchContributionRecord) *c = t->row[i]->rec;
		bool here = strcmp(c->pool, p->pool) == 0 && c->use == use &&
			    same_week(l, p, c->given_week);
		bool atelier = c->atelier && strcmp(law_heir(d, c->atelier_network), network) == 0;
		if ((here || atelier) && counts(l, t->row[i], first)) {
			s.week += here ? c->amount : 0;
			s.ateliers += atelier ? 1 : 0;
		}
	}
	return s;
}

static uint64_t carries(struct laws *l, const PB(MatchWorkerRecord) *x, const struct place *first)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < l->view->lives; i++) {
		const PB(MatchContributionRecord) *c = live_at(l->view, i);
		if (strcmp(c->pool, x->worker->pool) == 0 &&
		    same_data(&c->booked, &x->worker->worker) &&
		    counts(l, l->view->live[i], first)) {
			sum += c->amount;
		}
	}
	return sum;
}

static bool has_hands(struct laws *l, const struct need_view *v, const PB(MatchPoolRecord) *p,
		      uint64_t amount)
{
	const struct daemon_model *d = &l->d[LAWS_MATCHING];
	struct key prefix = key_of_str(p->pool);
	size_t at = SIZE_MAX;
	bool any = false;
	/* A rest is over with the Tick that finds it over. */
	bool unseen = model_due(d, M_DUE_REST, &p->pool_id, l->step.now_ms);

	for (const struct row *row = row_next(d, M_WORKER, &prefix, &at); row != NULL;
	     row = row_next(d, M_WORKER, &prefix, &at)) {
		const PB(MatchWorkerRecord) *x = row->rec;
		bool knows = false;
		for (size_t i = 0; i < x->worker->n_expertises; i++) {
			knows = knows || x->worker->expertises[i] == v->n->need->expertise;
		}
		any = any || !x->worker->left;
		if (knows && !x->worker->left && x->worker->rest_until_ms <= l->step.now_ms &&
		    !(unseen && x->resting) &&
		    x->worker->load + carries(l, x, v->first) + amount <= x->worker->cap) {
			return true;
		}
	}
	return !any;
}

bool law_may_hold(struct laws *l, const struct need_view *v, const PB(MatchPoolRecord) *p,
		  const struct law_use *u)
{
	const struct daemon_model *d = &l->d[LAWS_MATCHING];
	bool limited = false;

	for (size_t i = 0; i < p->n_limits; i++) {
		limited = limited || p->limits[i]->use == u->use;
	}
	if (limited || p->school_atelier) {
		const char *network = law_heir(d, v->r->request->network);
		struct sums s = sums_of(l, p, u->use, network, v->first);
		for (size_t i = 0; i < p->n_limits; i++) {
			if (p->limits[i]->use == u->use &&
			    s.week + u->amount > p->limits[i]->units_week) {
				return false;
			}
		}
		if (p->school_atelier && s.ateliers >= model_setting(d, SETTING_ATELIERS_MAX)) {
			return false;
		}
	}
	return has_hands(l, v, p, u->amount);
}

/* --- what is written --- */

static void worker_is_right(struct laws *l, const PB(MatchWorkerRecord) *x)
{
	uint64_t sum = carries(l, x, NULL);
	const char *id = law_hex_data(&x->worker->worker);

	if (x->given != sum) {
		laws_violated(l, "B15", "worker %s carries %llu, the record says %u", id,
			      (unsigned long long)sum, x->given);
	}
	/* What peers bring back may be above a cap that an old copy knows. */
	bool old = l->d[LAWS_MATCHING].was_restored;
	if (!old && !x->worker->left && x->worker->load + sum > x->worker->cap) {
		laws_violated(l, "B15", "worker %s is above the cap of %u", id, x->worker->cap);
	}
	if (!old && x->worker->left && sum > 0) {
		laws_violated(l, "B15", "worker %s has left and carries %llu", id,
			      (unsigned long long)sum);
	}
}

/** A gift keeps to the limits; what is agreed has its gate open. */
static void contribution_is_right(struct laws *l, const struct change *ch)
{
	const struct daemon_model *d = &l->d[LAWS_MATCHING];
	const PB(MatchContributionRecord) *was = ch->before;
	const PB(MatchContributionRecord) *c = change_after(ch);
	const struct need_view *n = c == NULL ? NULL : view_need(l->view, &c->need_id);

	if (n == NULL || l->step.reconcile) {
		return;
	}
	bool agreed = c->state == CONTRIB(AGREED) && was != NULL && was->state != c->state;
	bool gated = c->access == SCHAKEL__V1__ACCESS__ACCESS_GATED;
	bool lasts = n->r == NULL || n->r->request->urgency == URGENCY_IS(CRISIS);
	bool crisis = lasts && (n->n->need->own_crisis || n->place.wait_class == CLASS_IS(CRISIS));
	bool decided = n->n->gate_number[0] != '\0' || n->n->need->gate_number[0] != '\0';
	if (agreed && gated && !crisis && !decided && l->step.rows == 1) {
		laws_violated(l, "DOMAIN 4", "gated help %s is agreed without a decision",
			      law_hex_data(&c->contribution_id));
	}
	struct key k = key_of_str(c->pool);
	const PB(MatchPoolRecord) *p = rec_find(d, M_POOL, &k);
	if (!law_is_gift(l, ch) || p == NULL || l->step.rows != 1) {
		return;
	}
	struct sums s = sums_of(l, p, c->use, law_heir(d, c->atelier_network), NULL);
	for (size_t i = 0; i < p->n_limits; i++) {
		if (p->limits[i]->use == c->use && s.week > p->limits[i]->units_week) {
			laws_violated(l, "C9", "pool %s gives %llu in a week of %u", p->pool,
				      (unsigned long long)s.week, p->limits[i]->units_week);
		}
	}
	if (c->atelier && s.ateliers > model_setting(d, SETTING_ATELIERS_MAX)) {
		laws_violated(l, "B16", "%llu school ateliers run in network %s",
			      (unsigned long long)s.ateliers, c->atelier_network);
	}
}

/** A network that has ended without an heir has no open case (C12). */
static void network_is_right(struct laws *l, const PB(MatchNetworkRecord) *was,
			     const PB(MatchNetworkRecord) *n)
{
	const struct daemon_model *d = &l->d[LAWS_MATCHING];
	const char *name = n->network->network;

	if (n->ended && strcmp(law_heir(d, name), name) == 0) {
		laws_violated(l, "C12", "network %s is its own heir", name);
	}
	bool ends = n->ended && (was == NULL || !was->ended) && l->step.rows == 1;
	for (size_t i = 0; ends && n->network->successor[0] == '\0' && i < l->view->needs; i++) {
		const struct need_view *v = &l->view->need[i];
		if (v->r != NULL && v->waits && strcmp(v->r->request->network, name) == 0) {
			laws_violated(l, "C12", "network %s ended with open cases", name);
		}
	}
}

/** After a restore too: what a week or a network has given is what its help makes, no unit more or
 *  less. */
static void count_is_right(struct laws *l, const struct change *ch)
{
	const struct daemon_model *d = &l->d[LAWS_MATCHING];
	const struct rows *t = &d->mirror.table[M_CONTRIBUTION];
	const PB(MatchCountRecord) *count = change_after(ch);
	struct slice rest = { .data = ch->key.b, .len = ch->key.len };
	char name[PARTY_ID_LEN_MAX + 1];
	uint32_t use = 0;
	uint64_t sum = 0;
	bool week = ch->table == M_USE_WEEK;

	if (count == NULL || !key_take_str(&rest, name) || (week && !key_take_u32(&rest, &use))) {
		return;
	}
	struct key k = key_of_str(name);
	const PB(MatchPoolRecord) *p = week ? rec_find(d, M_POOL, &k) : NULL;
	if (week && (p == NULL || !same_week(l, p, count->week))) {
		return; /* over: nobody asks for it */
	}
	for (size_t i = 0; i < t->len; i++) {
		const PB(MatchContributionRecord) *c = t->row[i]->rec;
		if (week) {
			bool here = strcmp(c->pool, name) == 0 && c->use == use;
			sum += here && c->given_week == count->week ? c->amount : 0;
		} else {
			sum += c->atelier && strcmp(law_heir(d, c->atelier_network), name) == 0;
		}
	}
	if (sum != count->units) {
		laws_violated(l, week ? "C9" : "B16", "%s has given %llu, the record says %u", name,
			      (unsigned long long)sum, count->units);
	}
}

/** What a peer tells of our own help is taken over with the rules that it runs by. */
static void rules_come_back(struct laws *l)
{
	const PB(Message) *in = l->step.in;
	const PB(ContributionChanged) *f =
		in->body_case == BODY(CONTRIBUTION_CHANGED) ? in->contribution_changed : NULL;
	const PB(MatchContributionRecord) *c =
		f == NULL ? NULL :
			    rec_by_id(&l->d[LAWS_MATCHING], M_CONTRIBUTION, &f->contribution_id);

	if (!l->step.reconcile || c == NULL || c->version != f->version || f->hold == NULL) {
		return;
	}
	const PB(HoldFact) *h = f->hold;
	if (c->access != h->access || c->meet_first != h->meet_first ||
	    c->n_joint_partners != h->n_joint_partners || c->started_ms != h->started_ms ||
	    c->given_week != h->given_week || !same_data(&c->booked, &h->booked) ||
	    c->hand_on != h->hand_on || c->misplaced != h->misplaced || c->atelier != h->atelier ||
	    c->ground_until_ms != h->ground_until_ms) {
		laws_violated(l, "DESIGN 4", "help %s has come back without its rules",
			      law_hex_data(&c->contribution_id));
	}
}

void laws_hold(struct laws *l)
{
	const struct daemon_model *d = &l->d[LAWS_MATCHING];
	const struct rows *workers = &d->mirror.table[M_WORKER];

	for (size_t i = 0; i < workers->len; i++) {
		worker_is_right(l, workers->row[i]->rec);
	}
	for (size_t i = 0; i < d->mirror.changes; i++) {
		const struct change *ch = &d->mirror.change[i];
		if (ch->table == M_CONTRIBUTION) {
			contribution_is_right(l, ch);
		} else if (ch->table == M_NETWORK && change_after(ch) != NULL) {
			network_is_right(l, ch->before, change_after(ch));
		} else if (ch->table == M_USE_WEEK || ch->table == M_ATELIER) {
			count_is_right(l, ch);
		}
	}
	rules_come_back(l);
}
