/* SPDX-License-Identifier: EUPL-1.2 */
#include "services/matching/core_int.h"

static PB(MatchPoolRecord) *pool_by_id(struct work *w, const struct object_id *id)
{
	struct key k = key_of_id(id);
	const PB(MatchPoolRecord) *named = step_get(w->s, T_POOL_ID, &k, DESC(match_pool_record));

	return named == NULL ? NULL : pool_get(w, named->pool);
}

static void confirm_over(struct work *w, PB(MatchPoolRecord) *p)
{
	p->confirm_due_ms = 0;
	pool_put(w, p);
	pool_unconfirm(w, p->pool);
}

static void pause_over(struct work *w, PB(MatchPoolRecord) *p)
{
	p->pause_until_ms = 0;
	p->paused = false;
	p->pause_reason = 0;
	p->version = step_next_version(w->s, p->version);
	pool_put(w, p);
	pool_mark_dirty(w, p, NULL);
}

static void window_moves(struct work *w, PB(MatchPoolRecord) *p)
{
	p->window_due_ms = 0;
	pool_window(w, p);
	pool_put(w, p);
	pool_mark_dirty(w, p, NULL);
}

/** A row that no longer says what the record says is an old one and does nothing. */
static void pool_clock(struct work *w, uint8_t kind, const struct object_id *id, uint64_t due_ms)
{
	PB(MatchPoolRecord) *p = pool_by_id(w, id);

	if (p == NULL) {
		return;
	}
	if (kind == DUE_SHED) {
		pool_shed(w, p->pool);
	} else if (kind == DUE_LAST_PLACE) {
		last_place_over(w, p, due_ms);
	} else if (kind == DUE_RESERVE) {
		reserve_over(w, p, due_ms);
	} else if (kind == DUE_CONFIRM && p->confirm_due_ms == due_ms) {
		confirm_over(w, p);
	} else if (kind == DUE_PAUSE_END && p->pause_until_ms == due_ms) {
		pause_over(w, p);
	} else if (kind == DUE_WINDOW && p->window_due_ms == due_ms) {
		window_moves(w, p);
	} else if (kind == DUE_WEEK && p->week_due_ms == due_ms) {
		p->week_due_ms = 0;
		pool_week(w, p);
		pool_put(w, p);
		pool_mark_dirty(w, p, NULL);
	} else if (kind == DUE_REST) {
		worker_rested(w, p);
		pool_mark_dirty(w, p, NULL);
	}
}

int match_on_due(struct step *s, uint8_t kind, const struct object_id *id, uint32_t extra,
		 uint64_t due_ms)
{
	struct work w;

	(void)extra;
	work_init(&w, s);
	if (kind == DUE_CHAIN) {
		pass_chain(&w);
	} else if (kind == DUE_EXCLUDE) {
		exclude_expire(&w, id);
	} else if (kind == DUE_FORGET) {
		need_forget(&w, id);
	} else if (kind == DUE_TEAM) {
		request_settle(&w, id);
	} else if (kind == DUE_HELP) {
		need_settle(&w, id);
	} else if (kind == DUE_GATE) {
		gate_over(&w, id, due_ms);
	} else if (kind == DUE_NETWORK) {
		network_due(&w, id, due_ms);
	} else if ((kind >= DUE_CONFIRM && kind <= DUE_SHED) || kind == DUE_WEEK ||
		   kind == DUE_REST || kind == DUE_LAST_PLACE || kind == DUE_RESERVE) {
		pool_clock(&w, kind, id, due_ms);
	} else {
		contribution_due(&w, kind, id, due_ms);
	}
	return work_settle(&w);
}

/** A larger team makes waiting needs able: every pool counts as dirty until it has been offered
 * anew (L8). The step is small however many pools there are. */
int match_on_config(struct step *s)
{
	struct work w;
	uint32_t team_max = (uint32_t)step_setting(s, SETTING_TEAM_MAX);

	work_init(&w, s);
	if (step_setting(s, SETTING_PLAN_INTERVAL) == 0 ||
	    step_setting(s, SETTING_TEAM_WHOLE) != 0) {
		prices_forget(&w); /* no plan comes that would say anything else */
	}
	PB(MatchChainRecord) *chain = chain_get(&w);
	uint32_t ateliers = (uint32_t)step_setting(s, SETTING_ATELIERS_MAX);
	bool whole = step_setting(s, SETTING_TEAM_WHOLE) != 0;
	if (chain == NULL || (chain->team_max == team_max && chain->ateliers_max == ateliers &&
			      chain->team_whole == whole)) {
		return work_err(&w);
	}
	bool more = chain->team_max != 0 &&
		    (team_max > chain->team_max || ateliers > chain->ateliers_max ||
		     (chain->team_whole && !whole));
	chain->team_max = team_max;
	chain->ateliers_max = ateliers;
	chain->team_whole = whole;
	chain_put(&w, chain);
	if (more) {
		pass_sweep(&w);
	}
	return work_settle(&w);
}
