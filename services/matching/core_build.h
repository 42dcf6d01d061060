/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  One composition while it is made: shared by core_group.c, which gathers and seats,
 *  core_wish.c, which asks for the best team, and for the one that the child would rather have,
 *  core_cost.c, which weighs, and core_reach.c, which tells why a need found nothing. */
#include "services/matching/core_find.h"
#include "services/matching/core_int.h"

/** Why a need found what it did, or nothing: counted while its options were gathered. */
struct reach {
	uint32_t by[FITS]; /* uses with the expertise, by the first rule that keeps them out */
	uint32_t in_reach, confirmed;
	bool crew;         /* its workers have no room beside the team's other seats */
	bool one_pool;     /* only that one was looked at */
	uint32_t beyond;   /* fits, in a ring that is not asked yet */
	uint32_t one_more; /* units whose coming free at one pool would seat it; 0: none */
	const char *one_more_pool;
};

struct large_plan;
/** One composition: up to twelve needs of one group; more only to be looked at together. */
struct build {
	struct work *w;
	struct match_scratch *m;
	const PB(MatchRequestRecord) *r;
	PB(MatchNeedRecord) *needs[MATCH_NEEDS_MAX];
	struct reach reach[MATCH_NEEDS_MAX];
	size_t group_len;               /* of those that wait, these among them */
	bool replaces[MATCH_NEEDS_MAX]; /* somebody else was in place for it */
	const struct large_plan *plan;  /* of all needs of the group; NULL: these are all */
	size_t plan_from;               /* where these begin there */
	uint64_t cost;                  /* of the seats, as they were composed */
	uint16_t wished;                /* bits of needs of which a wish was granted */
	bool moved;                     /* a wish was tried: options have changed places */
	bool counted;                   /* some pool's amounts count under more than is free */
	/* By need: its seat counts as not given under limits and caps; NULL: there are none. */
	PB(MatchContributionRecord) *const *undone;
	uint16_t together; /* bits of needs that sit together: no stand-bys */
	struct team team;
	struct compose_problem problem;
};

/** The best team over the options; @p wishes: among equals in coverage the one that is wished for.
 *  The options stay all there, perhaps in another order. */
void build_team(struct build *b, bool wishes, struct compose_team *ret_team);
/** Names in @p io_offer who fitted as well: the child may choose. */
void build_alternatives(struct build *b, size_t need, const uint32_t option[COMPOSE_STANDBY_MAX],
			struct seat_offer *io_offer);

/** The options of that need narrow to those of the partner; the others stay behind them.
 *  @return how many options there were in all, to be set back. */
size_t build_narrow(struct build *b, size_t need, const char *partner);

/* --- core_group.c --- */

/** The open needs of the group, in their order. @return how many, at most MATCH_NEEDS_MAX. */
size_t group_needs(struct work *w, const uint8_t group[GROUP_LEN], PB(MatchNeedRecord) **ret_needs);

/* --- core_option.c --- */

/** Adds one use that passed all filters for the need, with the free amount of @p p as it is given.
 */
void build_option(struct build *b, size_t need, const PB(MatchPoolRecord) *p,
		  const struct use_facts *u, bool far);
/** The same for one that surely fits, by what was found of it. */
void build_sure(struct build *b, size_t need, const struct found_use *u);

/** Equal teams are told apart by a number that nobody chooses, not by the order of a table. */
uint32_t build_tie(struct build *b, const struct object_id *pool, uint32_t use);
/** That use as an option of the need, without its pool's number and without what is scarce. */
struct compose_option build_weigh(struct build *b, size_t need, const PB(MatchPoolRecord) *p,
				  const struct index_ref *ref);

/** Nothing is gathered yet; the team is known. */
static inline void build_begin(struct build *b)
{
	b->problem.team_max = (uint32_t)step_setting(b->w->s, SETTING_TEAM_MAX);
	b->problem.partners_used = (uint32_t)b->team.len;
	b->problem.options = b->m->options;
	b->problem.pools = b->m->pools;
	b->problem.partners = b->m->partners;
	b->problem.options_len = 0;
	b->problem.pools_len = 0;
	b->problem.partners_len = 0;
	b->counted = false;
}

/* --- core_cost.c --- */

/** Which of its needs had somebody else before. */
void build_replaces(struct build *b);
/** What the option weighs, but for its partner. */
uint32_t cost_sum(struct build *b, size_t need, const struct seat_offer *o);
/** The same without what is scarce: a plan of the list has prices of its own. */
uint32_t cost_unpriced(struct build *b, size_t need, const struct seat_offer *o);
/** The offer with its lines: they add up to what the composer weighed. */
struct seat_offer build_offer(struct build *b, uint32_t option);

/* --- core_carry.c --- */

/** Its amounts count under limits or workers too, or under the cap on ateliers and perhaps these.
 */
enum counted { COUNTED_NOT, COUNTED, COUNTED_ATELIER };

/** The best team over the options whose seats go together. */
void carry_compose(struct build *b, struct compose_team *ret_team);
/** A pool comes among the options: no more is free there than its workers can carry. */
void carry_pool(struct build *b, size_t pool, const PB(MatchPoolRecord) *p);
/** Who carries that need's seat, so that the later ones of the team find somebody too. @return
 *  false: whoever it is. */
bool carry_worker(struct build *b, const struct compose_team *team, size_t need,
		  struct object_id *ret_worker);
/** Why it has no seat: also for want of workers with room beside the seats that were given. */
enum compose_open carry_open(struct build *b, size_t need, enum compose_open open);

/* --- core_whole.c --- */

bool team_is_whole(const struct work *w);
void whole_gather(struct build *b, size_t need, const char *passed);
void whole_or_nothing(const struct build *b, size_t group_len, struct compose_team *io_team);
void whole_let_go(struct work *w, const uint8_t group[GROUP_LEN]);

/* --- core_reach.c --- */

void reach_count(struct reach *reach, enum fit fit, const PB(MatchPoolRecord) *p);
void reach_more(struct build *b, size_t need, const PB(MatchPoolRecord) *p,
		const struct found_use *u);
/** One that surely fits. */
void reach_sure(struct reach *reach, const struct found_use *u);
/** Finds what may fit the need, and counts what does not. */
void reach_find(struct build *b, size_t need, struct need_found *ret_found);
/** What a wider ring would offer now: nobody is asked there yet. A pool counts once. */
uint32_t reach_beyond(struct build *b, size_t need);
void reach_write(struct work *w, const ProtobufCBinaryData *need, const struct reach *reach,
		 enum compose_open open);
/** What lacks for one that has no seat. */
PB(Shortfall) reach_lacks(const struct reach *reach, enum compose_open open);
/** The record of what was counted. */
struct weighed reach_weighed(struct work *w, const struct reach *reach);
