/* SPDX-License-Identifier: EUPL-1.2 */
/* A crisis has its own short entries (DOMAIN 6): they stand in the class of the crisis and are
 * served from crisis and insured capacity. What a family asked before it became a crisis keeps its
 * class and date, so becoming a crisis gains nothing for it. The short ones end with the crisis. */
#include <string.h>

#include "services/intake/core_inner.h"

#define DANGER(X) SCHAKEL__V1__DANGER_REASON__DANGER_REASON_##X

static uint32_t expertise_of(const struct step *s, const char *code)
{
	const PB(ConfigApplied) *conf = step_config(s);

	for (size_t i = 0; conf != NULL && i < conf->n_expertises; i++) {
		if (strcmp(conf->expertises[i]->code, code) == 0) {
			return conf->expertises[i]->number;
		}
	}
	return 0;
}

static bool is_crisis_help(const struct step *s, uint32_t expertise)
{
	const PB(ExpertiseCode) *x = step_expertise(s, expertise);

	return x != NULL && strncmp(x->code, "CRISIS_", strlen("CRISIS_")) == 0;
}

bool crisis_names_help(const struct step *s, const PB(SubmitRequest) *m)
{
	for (size_t i = 0; i < m->n_needs; i++) {
		if (is_crisis_help(s, m->needs[i]->expertise)) {
			return true;
		}
	}
	return false;
}

/* What is asked in the crisis itself; where help for a crisis is named, that alone, and later only
 * that too, or asking more in a crisis would gain a place. What lasts longer is searched at once as
 * any other need: crisis capacity has none of it, so as a short entry it would wait for the crisis
 * to end. */
void crisis_own(struct step *s, struct req *q, PB(NeedRecord) *n, bool all)
{
	if (n == NULL) {
		return; /* the arena is full (sticky) */
	}
	bool crisis_help = is_crisis_help(s, n->need->expertise);

	if (q->r->urgency == URGENCY(CRISIS) && (all || crisis_help)) {
		n->need->own_crisis = true;
		need_save(s, q, n);
	}
}

/* NO_AVAILABILITY: said by the contact point of a short entry only, with its night plan; the long
 * need beside it goes on. */
int crisis_check_no_availability(struct step *s, const struct req *q, const PB(NeedRecord) *n)
{
	if (!n->need->own_crisis || n->need->long_need_id.len == 0) {
		return step_refuse(s, REFUSAL(CONTRADICTS), "reason");
	}
	if ((s->from.roles & ROLE_BIT(CONTACT_POINT)) == 0) {
		return refuse_not_yours(s, "reason");
	}
	return q->r->night_plan ? SK_OK : refuse_state(s, q, n, "reason");
}

static bool needs_place(PB(DangerReason) reason)
{
	return reason == DANGER(NO_SAFE_PLACE) || reason == DANGER(CARER_UNAVAILABLE) ||
	       reason == DANGER(VIOLENCE) || reason == DANGER(RUNAWAY);
}

static bool child_is_short(const struct req *q, uint32_t child)
{
	for (size_t i = 0; i < q->needs_len; i++) {
		const PB(NeedRecord) *n = q->need[i];
		if (n->need->own_crisis && n->need->child == child && need_wants_help(n)) {
			return true;
		}
	}
	return false;
}

/* Where no more entries are kept one of an earlier crisis serves again. */
static bool short_need_again(struct step *s, struct req *q, const PB(NeedRecord) *longer,
			     uint32_t expertise)
{
	for (size_t i = 0; i < q->needs_len; i++) {
		PB(NeedRecord) *n = q->need[i];
		if (n->need->own_crisis && n->need->expertise == expertise &&
		    data_equal(&n->need->long_need_id, &longer->need->need_id) &&
		    need_can(n, NEED_EV_REOPEN)) {
			need_reopen(s, q, n);
			return true;
		}
	}
	return false;
}

static void short_need_add(struct step *s, struct req *q, const PB(NeedRecord) *longer,
			   uint32_t expertise)
{
	PB(NeedSpec) spec = PB_INIT(NEED_SPEC);

	if (expertise == 0) {
		return;
	}
	if (q->needs_len >= NEEDS_KEPT_MAX) {
		if (!short_need_again(s, q, longer, expertise)) {
			say_alarm(s, q, ALARM(CRISIS_UNHELD), s->now_ms);
		}
		return;
	}
	spec.expertise = expertise;
	spec.intensity = 1;
	spec.duration_weeks = 1;
	spec.must = true;
	spec.life_domain = longer->need->life_domain;
	spec.child = longer->need->child;
	PB(NeedRecord) *n = need_add(s, q, &spec);
	if (n != NULL) {
		n->need->own_crisis = true;
		n->need->long_need_id = longer->need->need_id;
		need_save(s, q, n);
	}
}

/* One short entry for each child that waits for a must-need: somebody now, and a place to sleep
 * when the danger asks for one. */
static void crisis_begins(struct step *s, struct req *q)
{
	uint32_t now = expertise_of(s, "CRISIS_INTERVENTION");
	uint32_t place = expertise_of(s, "CRISIS_STAY");
	size_t len = q->needs_len;

	for (size_t i = 0; i < len; i++) {
		PB(NeedRecord) *n = q->need[i];

		if (!n->need->must || !need_wants_help(n) || n->need->own_crisis ||
		    child_is_short(q, n->need->child)) {
			continue;
		}
		short_need_add(s, q, n, now != 0 ? now : n->need->expertise);
		if (needs_place(q->r->reason)) {
			short_need_add(s, q, n, place);
		}
	}
}

/* Its short entries without help end; those with help go on until that ends. What was asked in the
 * crisis itself goes on as an ordinary question, at its date. */
static void crisis_ends(struct step *s, struct req *q)
{
	PB(CloseReason) reason = q->r->night_plan ? CLOSE(NO_AVAILABILITY) : CLOSE(SELF_RESOLVED);
	struct need_set ended = { .len = 0 };

	for (size_t i = 0; i < q->needs_len; i++) {
		PB(NeedRecord) *n = q->need[i];

		if (!n->need->own_crisis || need_finished(n)) {
			continue;
		}
		if (n->need->long_need_id.len == 0) {
			n->need->own_crisis = false;
			n->need->need_version = step_next_version(s, n->need->need_version);
			need_save(s, q, n);
		} else if (n->need->state == NEED_IS(OPEN)) {
			ended.n[ended.len++] = n;
		}
	}
	needs_end(s, q, &ended, NEED_EV_CRISIS_OVER, reason);
}

void crisis_follow(struct step *s, struct req *q, PB(Urgency) was)
{
	bool is = q->r->urgency == URGENCY(CRISIS);

	if (is && was != URGENCY(CRISIS)) {
		crisis_begins(s, q);
	} else if (!is && was == URGENCY(CRISIS)) {
		crisis_ends(s, q);
	}
}
