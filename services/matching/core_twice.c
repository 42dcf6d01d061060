/* SPDX-License-Identifier: EUPL-1.2 */
/* Two in one seat (I11). No step of ours makes them; when we come back from an old copy the peers
 * may bring them, since who was told of the later one need not have been told the end of the one
 * before: a step's facts leave one by one, and what was not read of them went with our log. As long
 * as not all peers were heard both hold, since another may still tell which of them has ended. */
#include "services/matching/core_int.h"

/** How far it is; @return false: it sits in no seat. */
static bool sits(const PB(MatchContributionRecord) *c, size_t *ret_far)
{
	static const PB(ContributionState) far[] = { CSTATE(ASKED), CSTATE(CAN_IF), CSTATE(CAN),
						     CSTATE(AGREED), CSTATE(STARTED) };

	for (size_t i = 0; !c->standby && i < SK_LEN(far); i++) {
		if (far[i] == c->state) {
			*ret_far = i;
			return true;
		}
	}
	return false;
}

bool help_sits(const PB(MatchContributionRecord) *c)
{
	size_t far = 0;

	return sits(c, &far);
}

/** What was won is not dropped for what is still asked; of two that are equally far the one that
 *  was asked first has had its end, or nobody had been asked after it. */
static bool stays_before(const PB(MatchContributionRecord) *a, const PB(MatchContributionRecord) *b)
{
	size_t far_a = 0;
	size_t far_b = 0;

	(void)sits(a, &far_a);
	(void)sits(b, &far_b);
	if (far_a != far_b) {
		return far_a > far_b;
	}
	return memcmp(a->contribution_id.data, b->contribution_id.data, OBJECT_ID_LEN) > 0;
}

bool seat_yield(struct work *w, const struct object_id *need)
{
	PB(MatchContributionRecord) *live[LIVE_MAX];
	PB(MatchContributionRecord) *stays = NULL;
	PB(MatchContributionRecord) *goes = NULL;
	PB(ContributionState) to = 0;
	size_t len = live_of(w, need, live);

	for (size_t i = 0; i < len; i++) {
		if (!help_sits(live[i])) {
			continue;
		}
		stays = stays == NULL || stays_before(live[i], stays) ? live[i] : stays;
		goes = goes == NULL || stays_before(goes, live[i]) ? live[i] : goes;
	}
	if (stays == NULL) {
		return false;
	}
	const PB(MatchNeedRecord) *n = need_get(w, need);
	struct object_id id = id_of(&stays->contribution_id);
	struct object_id seat = n == NULL ? id : id_of(&n->seat_id);
	if (!object_id_equal(&seat, &id)) {
		need_seat(w, need, &id);
	}
	if (goes == stays) {
		return false;
	}
	bool soft = contribution_next(goes->state, EV_RELEASE, &to) == SK_OK;
	goes->hand_on = goes->hand_on || !soft; /* who helps is nowhere dropped */
	contribution_move(w, goes, soft ? EV_RELEASE : EV_HAND_ON, TELL_PARTNER);
	return true;
}

void seat_doubted(struct work *w, const struct object_id *need)
{
	PB(MatchChainRecord) *chain = chain_get(w);
	ProtobufCBinaryData *more = step_alloc(w->s, MATCH_TWICE_MAX * sizeof(*more));

	/* Beyond the bound the due row of the need does it. */
	if (chain == NULL || more == NULL || chain->n_twice >= MATCH_TWICE_MAX) {
		return;
	}
	for (size_t i = 0; i < chain->n_twice; i++) {
		more[i] = chain->twice[i];
	}
	more[chain->n_twice++] = step_id_data(w->s, need);
	chain->twice = more;
	chain_put(w, chain);
}

void seats_settle(struct work *w)
{
	PB(MatchChainRecord) *chain = chain_get(w);
	size_t len = chain == NULL ? 0 : chain->n_twice;

	if (len == 0) {
		return;
	}
	chain->n_twice = 0;
	chain_put(w, chain);
	for (size_t i = 0; i < len && work_err(w) == SK_OK; i++) {
		struct object_id need = id_of(&chain->twice[i]);
		(void)seat_yield(w, &need);
	}
}
