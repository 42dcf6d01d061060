/* SPDX-License-Identifier: EUPL-1.2 */
/* What the seats of one team count under together. Each option was judged alone (need_fit()), and
 * the composer weighs what is free at a pool; but two seats may come under one limit of a week, one
 * cap on school ateliers, or the same worker. So the best team is judged as a whole, and where some
 * of its seats do not go together it is composed anew without each of these in turn. The teams are
 * looked at best first, and each is the best of all that leave out what it does: so the first whose
 * seats go together is the best there is (L7). Bounded: beyond COMPOSED_MAX the best team stands as
 * it is, and its seats are judged one by one as they are given. */
#include "services/matching/core_build.h"
#include "services/matching/core_crew.h"

#define COMPOSED_MAX 64U
#define COMPOSED_MIN 8U
#define COMPOSED_OPTIONS 100000U /* weighed in all of them */

/** A seat of the team at a pool whose amounts count under more than what is free there. */
struct load {
	uint32_t option;
	uint32_t pool;
	const PB(MatchPoolRecord) *p;
	const struct crew *crew; /* NULL: the pool does not state its workers */
	struct hold_want want;
};
struct loads {
	struct load of[COMPOSE_NEEDS_MAX];
	size_t len;
};

/* --- the seats of a team --- */

static const struct crew *crew_again(const struct loads *l, uint32_t pool)
{
	for (size_t i = 0; i < l->len; i++) {
		if (l->of[i].pool == pool) {
			return l->of[i].crew;
		}
	}
	return NULL;
}

/** Those from need @p from on. */
static void loads_of(struct build *b, const struct compose_team *team, size_t from,
		     struct loads *ret)
{
	ret->len = 0;
	for (size_t i = from; i < b->problem.needs; i++) {
		if (team->option[i] == COMPOSE_NONE) {
			continue;
		}
		const struct compose_option *o = &b->m->options[team->option[i]];
		const PB(MatchPoolRecord) *p = b->m->counted[o->pool] != COUNTED_NOT ?
						       pool_get(b->w, b->m->names[o->pool]) :
						       NULL;
		if (p == NULL) {
			continue;
		}
		const struct crew *crew = p->workers == 0 ? NULL : crew_again(ret, o->pool);
		ret->of[ret->len++] = (struct load){
			.option = team->option[i],
			.pool = o->pool,
			.p = p,
			.crew = p->workers > 0 && crew == NULL ? crew_of(b, p->pool) : crew,
			.want = hold_want_of(b->r, b->needs[i], o->use, o->amount),
		};
	}
}

/** Of the limits of the week what seats that may move have taken. */
static uint32_t units_undone(const struct build *b, const struct load *x)
{
	uint32_t units = 0;

	for (size_t i = 0; b->undone != NULL && i < b->problem.needs; i++) {
		const PB(MatchContributionRecord) *c = b->undone[i];
		bool its = c != NULL && strcmp(c->pool, x->p->pool) == 0 && c->use == x->want.use;
		units += its && c->given_week == x->p->week ? c->amount : 0;
	}
	return units;
}

/** Those of @p in (bits) that take of the same use, within its limit of the week? */
static bool week_goes(struct build *b, const struct loads *l, uint16_t in, size_t of)
{
	const struct load *x = &l->of[of];
	uint64_t units = 0;

	for (size_t i = 0; i < l->len; i++) {
		const struct load *o = &l->of[i];
		bool same = o->pool == x->pool && o->want.use == x->want.use;
		units += (in & 1U << i) != 0 && same ? o->want.amount : 0;
	}
	uint32_t undone = units_undone(b, x);
	units -= undone < units ? undone : units;
	return hold_within_limit(b->w, x->p, x->want.use, (uint32_t)units);
}

/** Those of @p in at the same pool, with somebody for each? */
static bool crew_goes(const struct loads *l, uint16_t in, size_t of)
{
	struct hold_want wants[COMPOSE_NEEDS_MAX];
	size_t len = 0;

	for (size_t i = 0; i < l->len; i++) {
		if ((in & 1U << i) != 0 && l->of[i].pool == l->of[of].pool) {
			wants[len++] = l->of[i].want;
		}
	}
	return l->of[of].crew == NULL || len < 2 || crew_carries(l->of[of].crew, wants, len);
}

static bool ateliers_go(struct build *b, const struct loads *l, uint16_t in)
{
	uint64_t more = 0;
	uint64_t undone = 0;

	for (size_t i = 0; i < l->len; i++) {
		more += (in & 1U << i) != 0 && l->of[i].p->school_atelier;
	}
	if (more < 2) {
		return true;
	}
	for (size_t i = 0; b->undone != NULL && i < b->problem.needs; i++) {
		undone += b->undone[i] != NULL && b->undone[i]->atelier;
	}
	const char *network = network_heir(b->w, b->r->request->network);
	return ateliers_of(b->w, network) + more <=
	       step_setting(b->w->s, SETTING_ATELIERS_MAX) + undone;
}

static bool they_go(struct build *b, const struct loads *l, uint16_t in)
{
	bool go = ateliers_go(b, l, in);

	for (size_t i = 0; go && i < l->len; i++) {
		bool is_in = (in & 1U << i) != 0 && (in & (in - 1)) != 0;
		go = !is_in || (week_goes(b, l, in, i) && crew_goes(l, in, i));
	}
	return go;
}

enum about { ABOUT_WEEK, ABOUT_CREW, ABOUT_ATELIERS };

/** Seats of one team that do not go together, though they do without any one of them. */
struct quarrel {
	uint32_t option[COMPOSE_NEEDS_MAX];
	size_t len;
	enum about about;
};

static void quarrel_note(struct build *b, const struct loads *l, uint16_t in, struct quarrel *ret)
{
	size_t first = (size_t)__builtin_ctz(in);
	bool week = week_goes(b, l, in, first);

	ret->about = !ateliers_go(b, l, in) ? ABOUT_ATELIERS : week ? ABOUT_CREW : ABOUT_WEEK;
	for (size_t i = 0; i < l->len; i++) {
		if ((in & 1U << i) != 0) {
			ret->option[ret->len++] = l->of[i].option;
		}
	}
}

static void quarrel_of(struct build *b, const struct compose_team *team, struct quarrel *ret)
{
	size_t mark = work_mark(b->w);
	struct loads l;

	ret->len = 0;
	loads_of(b, team, 0, &l);
	uint16_t in = (uint16_t)((1U << l.len) - 1);
	if (l.len > 1 && work_err(b->w) == SK_OK && !they_go(b, &l, in)) {
		for (size_t i = 0; i < l.len; i++) {
			uint16_t without = (uint16_t)(in & ~(1U << i));
			in = they_go(b, &l, without) ? in : without;
		}
		quarrel_note(b, &l, in, ret);
	}
	work_rewind(b->w, mark);
}

/* --- the best team whose seats go together --- */

struct tried {
	struct compose_team team;
	struct quarrel quarrel;
	uint32_t without; /* that option and its like, */
	enum about about;
	size_t from; /* and what that one is without */
	bool done;
};

static void compose(struct build *b, struct compose_team *ret_team)
{
	struct compose_scratch mem = { b->m->compose, b->m->compose_bytes };
	int err = compose_run(&b->problem, mem, ret_team);

	SK_ASSERT(err == SK_OK); /* the bounds of the problem are kept while it is gathered */
}

/** In the place of one that quarrels its like would do so too. */
static bool is_like(const struct build *b, const struct compose_option *o, const struct tried *t)
{
	const struct compose_option *is = &b->m->options[t->without];
	bool same = o->pool == is->pool && o->use == is->use;

	if (t->about == ABOUT_ATELIERS) {
		same = b->m->counted[o->pool] == COUNTED_ATELIER;
	} else if (t->about == ABOUT_CREW) {
		same = o->pool == is->pool && o->amount >= is->amount;
	}
	return same && o->need == is->need;
}

/** The first is without none. */
static void leave_out(struct build *b, const struct tried *all, size_t at)
{
	for (size_t i = 0; i < b->problem.options_len; i++) {
		b->m->options[i].barred = false;
	}
	for (; at > 0; at = all[at].from) {
		for (size_t i = 0; i < b->problem.options_len; i++) {
			struct compose_option *o = &b->m->options[i];
			o->barred = o->barred || is_like(b, o, &all[at]);
		}
	}
}

/** In the order of the composer: coverage, cost, lottery. */
static bool is_better(const struct compose_team *a, const struct compose_team *b)
{
	uint16_t differ = a->covered ^ b->covered;

	if (differ != 0) {
		return (a->covered >> __builtin_ctz(differ) & 1) != 0;
	}
	return a->cost != b->cost ? a->cost < b->cost : a->tie < b->tie;
}

/** @return the best that was not looked at yet. */
static size_t best_of(const struct tried *all, size_t len)
{
	size_t best = len;

	for (size_t i = 0; i < len; i++) {
		if (!all[i].done && (best == len || is_better(&all[i].team, &all[best].team))) {
			best = i;
		}
	}
	return best;
}

static size_t composed_max(const struct build *b)
{
	size_t most = COMPOSED_OPTIONS / (b->problem.options_len + 1);

	most = most > COMPOSED_MAX ? COMPOSED_MAX : most;
	return most < COMPOSED_MIN ? COMPOSED_MIN : most;
}

/** all[0] is the team whose seats quarrel. @return the one whose seats go; 0: none was found. */
static size_t search(struct build *b, struct tried *all)
{
	size_t most = composed_max(b);
	size_t at = 0;

	for (size_t len = 1; all[at].quarrel.len > 0; at = best_of(all, len)) {
		all[at].done = true;
		if (len + all[at].quarrel.len > most || work_err(b->w) != SK_OK) {
			return 0;
		}
		for (size_t i = 0; i < all[at].quarrel.len; i++, len++) {
			all[len].without = all[at].quarrel.option[i];
			all[len].from = at;
			all[len].about = all[at].quarrel.about;
			leave_out(b, all, len);
			compose(b, &all[len].team);
			leave_out(b, all, 0);
			quarrel_of(b, &all[len].team, &all[len].quarrel);
		}
	}
	return at;
}

void carry_compose(struct build *b, struct compose_team *ret_team)
{
	struct quarrel first = { .len = 0 };
	size_t mark = work_mark(b->w);

	compose(b, ret_team);
	if (b->counted && !MUT(174)) {
		quarrel_of(b, ret_team, &first);
	}
	struct tried *all = first.len == 0 ? NULL :
					     step_alloc(b->w->s, COMPOSED_MAX * sizeof(*all));
	if (all != NULL) {
		memset(all, 0, COMPOSED_MAX * sizeof(*all));
		all[0] = (struct tried){ .team = *ret_team, .quarrel = first };
		*ret_team = all[search(b, all)].team;
	}
	work_rewind(b->w, mark);
}

/* --- for who gathers and seats --- */

void carry_pool(struct build *b, size_t pool, const PB(MatchPoolRecord) *p)
{
	size_t mark = work_mark(b->w);
	struct compose_pool *to = &b->m->pools[pool];
	enum counted counted = pool_is_counted(p) ? COUNTED : COUNTED_NOT;

	b->m->counted[pool] = (uint8_t)(p->school_atelier ? COUNTED_ATELIER : counted);
	b->counted = b->counted || counted == COUNTED;
	to->free = crew_free(p->workers == 0 ? NULL : crew_of(b, p->pool), to->free);
	work_rewind(b->w, mark);
}

bool carry_worker(struct build *b, const struct compose_team *team, size_t need,
		  struct object_id *ret_worker)
{
	struct object_id *among = step_alloc(b->w->s, MATCH_WORKERS_MAX * sizeof(*among));
	struct hold_want rest[COMPOSE_NEEDS_MAX];
	struct loads l;
	size_t len = 0;

	loads_of(b, team, need, &l);
	if (among == NULL || l.len < 2 || l.of[0].option != team->option[need] ||
	    l.of[0].crew == NULL) {
		return false;
	}
	for (size_t i = 1; i < l.len; i++) {
		if (l.of[i].pool == l.of[0].pool) {
			rest[len++] = l.of[i].want;
		}
	}
	struct hold_want *want = &l.of[0].want;
	struct crew c = *l.of[0].crew;
	for (size_t i = 0; len > 0 && i < c.len; i++) {
		if (!crew_can(&c, i, want)) {
			continue;
		}
		c.room[i] -= want->amount;
		if (crew_carries(&c, rest, len) || MUT(175)) {
			among[want->among_len++] = c.id[i];
		}
		c.room[i] += want->amount;
	}
	want->among = among;
	return want->among_len > 0 && worker_pick(b->w, l.of[0].p->pool, want, ret_worker);
}

enum compose_open carry_open(struct build *b, size_t need, enum compose_open open)
{
	bool lacks = false;

	if (open != COMPOSE_NO_CAPACITY || !b->counted) {
		return open;
	}
	for (size_t i = 0; !lacks && i < b->problem.options_len; i++) {
		const struct compose_option *o = &b->m->options[i];
		bool its = o->need == need && b->m->counted[o->pool] != COUNTED_NOT;
		size_t mark = work_mark(b->w);
		const PB(MatchPoolRecord) *p = its ? pool_get(b->w, b->m->names[o->pool]) : NULL;
		lacks = p != NULL &&
			need_fit(b->w, b->r, b->needs[need], p, b->m->facts[i]) == FIT_STAFF;
		work_rewind(b->w, mark);
	}
	b->reach[need].crew = b->reach[need].crew || lacks;
	return lacks ? COMPOSE_NO_OPTION : open;
}
