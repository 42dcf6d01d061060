/* SPDX-License-Identifier: EUPL-1.2 */
/* The rank date, by the law or as the lab tries it (settings.h, order_rule), and the order made
 * anew for all that is on the list: after other rules came, and where the time that goes by ranks,
 * at the beginning of each period. A few requests a step; meanwhile some stand by the period
 * before, and each of them where the index says. */
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "common/civil.h"
#include "common/mut.h"
#include "services/waitlist/core_entry.h"

static const struct {
	PB(WaitClass) base;
	enum setting weight;
	enum setting due_days;
} tried[] = {
	{ CLASS(CRISIS), SETTING_WEIGHT_CRISIS, SETTING_DUE_CRISIS },
	{ CLASS(URGENT), SETTING_WEIGHT_URGENT, SETTING_DUE_URGENT },
	{ CLASS(ACTIVE), SETTING_WEIGHT_STANDARD, SETTING_DUE_STANDARD },
	{ CLASS(PRECAUTION), SETTING_WEIGHT_PREVENTIVE, SETTING_DUE_PREVENTIVE },
};

static const enum setting ranked_by[] = {
	SETTING_ORDER_RULE,        SETTING_ORDER_CRISIS_FIRST, SETTING_ORDER_AGAIN,
	SETTING_WEIGHT_CRISIS,     SETTING_WEIGHT_URGENT,      SETTING_WEIGHT_STANDARD,
	SETTING_WEIGHT_PREVENTIVE, SETTING_DUE_CRISIS,         SETTING_DUE_URGENT,
	SETTING_DUE_STANDARD,      SETTING_DUE_PREVENTIVE,
};

static enum order_rule rule_of(const struct step *s)
{
	return (enum order_rule)step_setting(s, SETTING_ORDER_RULE);
}

static uint64_t before(uint64_t at_ms, uint64_t by_ms)
{
	return at_ms > by_ms ? at_ms - by_ms : 0;
}

uint64_t wait_rank_date(PB(WaitClass) class, uint64_t arrival_ms, uint32_t days_of_priority)
{
	uint64_t days = days_of_priority;

	/* In a crisis only step and arrival count: nothing that was gained elsewhere helps. */
	if (class == CLASS(CRISIS)) {
		return arrival_ms;
	}
	if (days > WAIT_PRIORITY_DAYS_MAX) {
		days = WAIT_PRIORITY_DAYS_MAX;
	}
	return before(arrival_ms, days * CIVIL_DAY_MS);
}

uint32_t wait_order_rule(const struct step *s, const PB(NeedOrder) *order)
{
	return order->rank_class == CLASS(UNSPECIFIED) ? 0 : (uint32_t)rule_of(s);
}

static uint64_t period_ms(const struct step *s)
{
	return step_setting(s, SETTING_ORDER_AGAIN) * CIVIL_DAY_MS;
}

/* The same moment for all that is ranked within one period, whoever is ranked first. */
static uint64_t period_end_ms(const struct step *s)
{
	return (s->now_ms / period_ms(s) + 1) * period_ms(s);
}

/* Who came first is served first, but each day counts as many as the urgency weighs. */
static uint64_t accumulated(const struct step *s, const PB(WaitEntryRecord) *rec, size_t urgency)
{
	uint64_t more = step_setting(s, tried[urgency].weight) - (MUT(172) ? 0 : 1);
	uint64_t waited_ms = before(period_end_ms(s), rec->need->arrival_ms);

	return before(rec->order->rank_ms, more * waited_ms);
}

static size_t urgency_of(const PB(WaitEntryRecord) *rec)
{
	size_t i = 0;

	while (i + 1 < SK_LEN(tried) && tried[i].base != rec->base_class) {
		i++;
	}
	return i;
}

void wait_rank(const struct step *s, PB(WaitEntryRecord) *rec)
{
	PB(NeedOrder) *order = rec->order;
	enum order_rule rule = rule_of(s);
	bool crisis = order->wait_class == CLASS(CRISIS);
	size_t urgency = urgency_of(rec);

	order->rank_class = CLASS(UNSPECIFIED);
	order->rank_ms =
		wait_rank_date(order->wait_class, rec->need->arrival_ms, rec->days_of_priority);
	if (rule == ORDER_LAW || (crisis && step_setting(s, SETTING_ORDER_CRISIS_FIRST) != 0)) {
		return;
	}
	order->rank_class = CLASS(ACTIVE); /* one for all */
	if (rule == ORDER_ACCUMULATING) {
		order->rank_ms = accumulated(s, rec, urgency);
	} else if (rule == ORDER_DEADLINE) {
		order->rank_ms += step_setting(s, tried[urgency].due_days) * CIVIL_DAY_MS;
	}
}

/* --- anew --- */

static struct key again_key(void)
{
	struct key k = { 0 };

	key_u8(&k, 0);
	return k;
}

static PB(WaitOrderRecord) *again_get(struct step *s)
{
	struct key k = again_key();
	PB(WaitOrderRecord) *rec = step_get(s, WAIT_TABLE_AGAIN, &k, RECORD(wait_order_record));

	if (rec == NULL && (rec = step_alloc(s, sizeof(*rec))) != NULL) {
		*rec = (PB(WaitOrderRecord))PB_INIT(WAIT_ORDER_RECORD);
	}
	return rec;
}

static void again_put(struct step *s, PB(WaitOrderRecord) *rec, uint64_t due_ms)
{
	static const struct object_id none = { { 0 } };
	struct key k = again_key();

	if (rec->due_ms != 0 && due_ms != rec->due_ms) {
		step_undue(s, rec->due_ms, WAIT_DUE_ORDER, &none, 0);
	}
	if (due_ms != 0 && due_ms != rec->due_ms) {
		step_due(s, due_ms, WAIT_DUE_ORDER, &none, 0);
	}
	rec->due_ms = due_ms;
	step_put(s, WAIT_TABLE_AGAIN, &k, rec);
}

int waitlist_on_config(struct step *s)
{
	uint64_t by[SK_LEN(ranked_by)];
	PB(WaitOrderRecord) *rec = again_get(s);
	bool never = rec != NULL && rec->rules_hash == 0;

	wait_foreseen_config(s);

	for (size_t i = 0; i < SK_LEN(ranked_by); i++) {
		by[i] = step_setting(s, ranked_by[i]);
	}
	uint64_t hash = XXH3_64bits(by, sizeof(by));
	/* What was never ranked otherwise stands by the law already. */
	if (rec == NULL || rec->rules_hash == hash || (never && by[0] == ORDER_LAW)) {
		return s->txn->err;
	}
	rec->rules_hash = hash;
	rec->under_way = true;
	rec->after = (ProtobufCBinaryData){ 0 };
	again_put(s, rec, s->now_ms);
	return s->txn->err;
}

/* @return entries of it that are not closed. */
static size_t rank_request(struct step *s, const struct object_id *id)
{
	struct request_set set;

	if (!wait_set_load(s, id, &set)) {
		return 0;
	}
	for (size_t i = 0; i < set.open_len; i++) {
		wait_entry_rank(s, set.open[i]);
	}
	wait_set_store_entries(s, &set);
	wait_set_store(s, &set, true);
	return set.open_len;
}

static bool next_request(struct step *s, const struct object_id *after, bool first,
			 struct object_id *ret_id)
{
	struct store_iter it;
	struct key prefix = { 0 };
	struct key from = key_of_id(after);
	struct key k;
	struct slice val;

	store_iter_init(&it, s->txn, WAIT_TABLE_REQUEST, &prefix);
	if (!first) {
		store_iter_from(&it, &from, false);
	}
	bool found = store_next(&it, &k, &val);
	store_iter_done(&it);
	struct slice rest = { .data = k.b, .len = found ? k.len : 0 };
	return found && key_take_id(&rest, ret_id);
}

void wait_order_due(struct step *s, uint64_t due_ms)
{
	PB(WaitOrderRecord) *rec = again_get(s);
	struct object_id at = { { 0 } };
	size_t entries = 0;
	size_t requests = 0;
	bool more = true;

	if (rec == NULL || rec->due_ms != due_ms) {
		return;
	}
	rec->due_ms = 0; /* the engine took the row */
	bool first = !rec->under_way || !object_id_from(&rec->after, &at);
	while (s->txn->err == SK_OK && entries < WAIT_OPEN_MAX && requests < WAIT_AGAIN_REQUESTS) {
		size_t mark = s->arena->used_bytes;
		more = next_request(s, &at, first, &at);
		if (!more) {
			break;
		}
		first = false;
		requests++;
		entries += rank_request(s, &at);
		s->arena->used_bytes = mark; /* what was written is in the store */
	}
	rec->under_way = more;
	rec->after = more ? step_id_data(s, &at) : (ProtobufCBinaryData){ 0 };
	bool again = rule_of(s) == ORDER_ACCUMULATING;
	again_put(s, rec, more ? s->now_ms : again ? period_end_ms(s) : 0);
}
