/* SPDX-License-Identifier: EUPL-1.2 */
/* A11, DOMAIN 4: no message by which a child leaves without overlap. What ends help "for a family"
 * never came from a party that gives help in the request, or is asked to, but with another beside
 * it that does neither. In the region every party is a house of its own. */
#include "tests/sim/laws_model.h"

/** Who said it, who stood beside, and of which request. */
struct ending {
	const char *party;
	const char *second;
	const ProtobufCBinaryData *request;
};

/* --- intake --- */

static bool helps_at_intake(const struct laws *l, const struct ending *e, const char *party)
{
	size_t at = SIZE_MAX;
	const PB(ContributionRecord) *c;

	while ((c = intake_live(&l->d[LAWS_INTAKE], e->request, &at)) != NULL) {
		if (strcmp(c->last->partner, party) == 0) {
			return true;
		}
	}
	return false;
}

static bool promised_at_intake(const struct laws *l, const ProtobufCBinaryData *request)
{
	size_t at = SIZE_MAX;
	const PB(ContributionRecord) *c;

	while ((c = intake_live(&l->d[LAWS_INTAKE], request, &at)) != NULL) {
		if (c->last->state == CONTRIB(AGREED)) {
			return true;
		}
	}
	return false;
}

/** False: the step ended nothing in a family's name. */
static bool intake_ending(struct laws *l, struct ending *e)
{
	const PB(Message) *in = l->step.in;
	const PB(NeedRefRecord) *ref;

	switch ((int)in->body_case) {
	case BODY(WITHDRAW_REQUEST):
		e->request = &in->withdraw_request->request_id;
		e->second = in->withdraw_request->second_party;
		return true;
	case BODY(CLOSE_NEED):
		ref = rec_by_id(&l->d[LAWS_INTAKE], I_NEED_REF, &in->close_need->need_id);
		e->request = ref == NULL ? NULL : &ref->request_id;
		e->second = in->close_need->second_party;
		return ref != NULL && in->close_need->reason != REASON_IS(DECEASED) &&
		       in->close_need->reason != REASON_IS(NO_AVAILABILITY);
	case BODY(RECORD_POSITION):
		e->request = &in->record_position->request_id;
		e->second = in->record_position->second_party;
		return in->record_position->voice == VOICE_IS(NOT) &&
		       promised_at_intake(l, e->request);
	default:
		return false;
	}
}

/* --- matching --- */

static PB(ContributionState) state_before(const struct daemon_model *d, const struct row *row,
					  const PB(MatchContributionRecord) *c)
{
	const struct change *ch = change_find(d, M_CONTRIBUTION, &row->key);
	const PB(MatchContributionRecord) *was = ch == NULL ? NULL : ch->before;

	return was == NULL ? c->state : was->state;
}

/** Before the step: what it stopped had not ended then. */
static bool helps_at_matching(const struct laws *l, const struct ending *e, const char *party)
{
	const struct daemon_model *d = &l->d[LAWS_MATCHING];
	struct key all = { 0 };
	size_t at = SIZE_MAX;
	const struct row *row;

	while ((row = row_next(d, M_CONTRIBUTION, &all, &at)) != NULL) {
		const PB(MatchContributionRecord) *c = row->rec;
		if (same_data(&c->request_id, e->request) && strcmp(c->partner, party) == 0 &&
		    !contribution_is_over(state_before(d, row, c))) {
			return true;
		}
	}
	return false;
}

/** False: nothing was stopped. */
static bool matching_ending(struct laws *l, struct ending *e)
{
	const struct daemon_model *d = &l->d[LAWS_MATCHING];

	for (size_t i = 0; i < d->mirror.changes; i++) {
		const struct change *ch = &d->mirror.change[i];
		const PB(MatchContributionRecord) *c = change_after(ch);
		if (ch->table == M_CONTRIBUTION && c != NULL &&
		    c->state == CONTRIB(STOPPED_BY_YOUTH)) {
			e->request = &c->request_id;
			e->second = l->step.in->stop_contribution->second_party;
			return true;
		}
	}
	return false;
}

void laws_gain(struct laws *l)
{
	bool intake = l->step.daemon == LAWS_INTAKE;
	bool (*helps)(const struct laws *, const struct ending *, const char *) =
		intake ? helps_at_intake : helps_at_matching;
	struct ending e = { .party = l->step.party };

	if (l->step.outcome != OUTCOME_IS(ACCEPTED) ||
	    (!intake && l->step.in->body_case != BODY(STOP_CONTRIBUTION)) ||
	    model_has_role(&l->d[l->step.daemon], e.party, ROLE_IS(FAMILY)) ||
	    !(intake ? intake_ending(l, &e) : matching_ending(l, &e)) || !helps(l, &e, e.party)) {
		return;
	}
	if (e.second[0] == '\0' || strcmp(e.second, e.party) == 0 || helps(l, &e, e.second)) {
		laws_violated(l, "A11", "%s helps in request %s and ended help there, beside '%s'",
			      e.party, law_hex_data(e.request), e.second);
	}
}
