/* SPDX-License-Identifier: EUPL-1.2 */
/* The budget of a network (C12), held to where it is spent. Matching owns networks and tells each
 * as it stands; one that was never told of has no budget here, and only the bound of a request
 * counts.
 */
#include "services/intake/core_inner.h"

static PB(NetworkTold) *network_of(struct step *s, const char *network)
{
	struct key k = key_of_str(network);

	return step_get(s, TABLE_NETWORK, &k, TYPE(network_told));
}

int network_told_apply(struct step *s, const PB(NetworkTold) *f)
{
	if (f->network == NULL || !name_is_valid(f->network->network)) {
		return step_refuse(s, REFUSAL(MALFORMED), "network");
	}
	if (f->network_id.len != OBJECT_ID_LEN) {
		return step_refuse(s, REFUSAL(MALFORMED), "network_id");
	}
	const PB(NetworkTold) *known = network_of(s, f->network->network);
	if (known == NULL || known->version < f->version) {
		struct key k = key_of_str(f->network->network);
		step_put(s, TABLE_NETWORK, &k, f);
	}
	return s->txn->err;
}

int on_network_told(struct step *s, const PB(Message) *in)
{
	return network_told_apply(s, in->network_told);
}

int budget_check(struct step *s, const char *network, uint64_t cents)
{
	struct key k = key_of_str(network);
	const PB(NetworkTold) *told = network_of(s, network);
	const PB(SpentRecord) *spent = step_get(s, TABLE_SPENT, &k, TYPE(spent_record));
	uint64_t given = spent == NULL ? 0 : spent->cents;

	if (told == NULL || s->txn->err != SK_OK) {
		return s->txn->err;
	}
	uint64_t until_ms = told->network->until_ms;
	bool over = told->ended || (until_ms != 0 && until_ms <= s->now_ms);
	if (over || told->network->from_ms > s->now_ms) {
		return step_refuse(s, REFUSAL(OUT_OF_RANGE), "network");
	}
	uint64_t budget = told->network->budget_cents;
	return budget == 0 || (given <= budget && cents <= budget - given) ?
		       SK_OK :
		       step_refuse(s, REFUSAL(OUT_OF_RANGE), "euro_cents");
}
