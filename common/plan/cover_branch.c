/* SPDX-License-Identifier: EUPL-1.2 */
/* By which column a part is split: trials of the few that are least clear, which are remembered per
 * column, so that later parts need fewer of them (pseudo-costs; Achterberg and others 2005). */
#include "common/plan/cover_work.h"

#define CV_CANDIDATES 12U
#define CV_TRIALS 4U /* so many tell enough of a column */
#define CV_DEAD (INT64_MAX - 1)

struct cv_part *cv_side(struct cv *c, const struct cv_part *s, uint32_t column, bool taken)
{
	cv_clear_marks(c, s);
	c->mark[column] = taken ? CV_TAKE : CV_DROP;
	return cv_child(c, s);
}

/* The least clear columns, the least clear first. @return how many. */
static uint32_t candidates(const struct cv *c, const struct cv_part *s, uint32_t *ret)
{
	int64_t score[CV_CANDIDATES];
	uint32_t len = 0;

	for (uint32_t j = 0; j < s->cols; j++) {
		int64_t share = c->share[j];
		int64_t doubt = share < CV_ONE - share ? share : CV_ONE - share;
		int64_t mine = (doubt + 8) * (s->first[j + 1] - s->first[j]);
		if (len == CV_CANDIDATES && mine <= score[len - 1]) {
			continue;
		}
		uint32_t at = len < CV_CANDIDATES ? len++ : len - 1;
		for (; at > 0 && score[at - 1] < mine; at--) {
			score[at] = score[at - 1];
			ret[at] = ret[at - 1];
		}
		score[at] = mine;
		ret[at] = j;
	}
	return len;
}

/* How much the bound rises when that column is dropped or taken. */
static int64_t lift_of(struct cv *c, const struct cv_part *s, uint32_t column, bool taken)
{
	struct cv_climb how = { 15, 5, 0, 500 };
	uint32_t orig = s->orig[column];

	if (c->tried[taken][orig] >= CV_TRIALS) {
		return c->lift[taken][orig] / c->tried[taken][orig];
	}
	struct cv_part *t = cv_side(c, s, column, taken);
	if (t == NULL) {
		return CV_DEAD;
	}
	cv_price(c, t, how);
	int64_t lift = t->value > s->value ? t->value - s->value : 0;
	bool dead = t->bound >= c->best;
	cv_part_free(t);
	c->lift[taken][orig] += lift;
	c->tried[taken][orig]++;
	return dead ? CV_DEAD : lift;
}

uint32_t cv_branch(struct cv *c, const struct cv_part *s, bool ret_dead[2])
{
	uint32_t column[CV_CANDIDATES] = { 0 };
	uint32_t len = candidates(c, s, column);
	uint32_t best = column[0];
	__int128 most = -1;

	for (uint32_t n = 0; n < len && !cv_spent(c); n++) {
		int64_t down = lift_of(c, s, column[n], false);
		int64_t up = lift_of(c, s, column[n], true);
		__int128 score = (__int128)(down + 1) * (up + 1);
		if (score > most) {
			most = score;
			best = column[n];
			ret_dead[0] = down == CV_DEAD && !c->lost;
			ret_dead[1] = up == CV_DEAD && !c->lost;
		}
		if (ret_dead[0] || ret_dead[1]) {
			break;
		}
	}
	return best;
}
