/* SPDX-License-Identifier: EUPL-1.2 */
/* The law of the order (DOMAIN 6, L7). All entries age at the same speed, so a rank date instead of
 * an age makes the order a plain index that no clock has to touch. */
#include <string.h>

#include "common/civil.h"
#include "services/waitlist/core_entry.h"

static const struct {
	PB(Urgency) urgency;
	PB(WaitClass) class;
} urgency_class[] = {
	{ URGENCY(CRISIS), CLASS(CRISIS) },
	{ URGENCY(URGENT), CLASS(URGENT) },
	{ URGENCY(STANDARD), CLASS(ACTIVE) },
	{ URGENCY(PREVENTIVE), CLASS(PRECAUTION) },
};

/* A rise is one class; how long was waited in the class before does not count for the next. */
static const struct {
	PB(WaitClass) from;
	PB(WaitClass) to;
	enum setting longest_days;
} rise[] = {
	{ CLASS(PRECAUTION), CLASS(PREFERENCE), SETTING_LONGEST_PRECAUTION },
	{ CLASS(PREFERENCE), CLASS(ACTIVE), SETTING_LONGEST_PREFERENCE },
	{ CLASS(ACTIVE), CLASS(URGENT), SETTING_LONGEST_ACTIVE },
};

PB(WaitClass) wait_class_of_urgency(PB(Urgency) urgency)
{
	for (size_t i = 0; i < SK_LEN(urgency_class); i++) {
		if (urgency_class[i].urgency == urgency) {
			return urgency_class[i].class;
		}
	}
	return CLASS(UNSPECIFIED);
}

PB(WaitClass) wait_class_risen(PB(WaitClass) from)
{
	for (size_t i = 0; i < SK_LEN(rise); i++) {
		if (rise[i].from == from) {
			return rise[i].to;
		}
	}
	return from;
}

uint64_t wait_class_longest_ms(const struct step *s, PB(WaitClass) class)
{
	for (size_t i = 0; i < SK_LEN(rise); i++) {
		if (rise[i].from == class) {
			return step_setting(s, rise[i].longest_days) * CIVIL_DAY_MS;
		}
	}
	return 0;
}

bool wait_is_listed(const PB(WaitEntryRecord) *rec)
{
	return rec->state == WAIT(WAITING) ||
	       (rec->state == WAIT(SERVED) && rec->misplaced == MISPLACED(CONFIRMED));
}

static bool is_apart(const PB(WaitEntryRecord) *rec)
{
	return rec->apart ||
	       (rec->open != NULL &&
		rec->open->shortfall == SCHAKEL__V1__SHORTFALL__SHORTFALL_SIBLINGS_APART);
}

uint64_t wait_review_ms(const struct step *s, const PB(WaitEntryRecord) *rec)
{
	PB(WaitClass) class = rec->order->wait_class;
	bool often = class == CLASS(URGENT) || class == CLASS(ACTIVE);
	uint64_t days = step_setting(s, often ? SETTING_REVIEW_ACTIVE : SETTING_REVIEW_OTHER);

	if (rec->state == WAIT(SERVED)) {
		days = step_setting(s, SETTING_REVIEW_MISPLACED);
	}
	if (is_apart(rec)) {
		uint64_t apart = step_setting(s, SETTING_REVIEW_APART);
		days = apart < days ? apart : days;
	}
	return days * CIVIL_DAY_MS;
}

/* Seconds of journal time, so that the version of an entry that was forgotten, or that came back in
 * an old copy of the store, is not below one that matching still remembers. */
uint32_t wait_next_version(const struct step *s, uint32_t version)
{
	uint32_t now_s = (uint32_t)(s->now_ms / 1000);

	return version >= now_s ? version + 1 : now_s;
}

/* C8: a place in the order says by which rules it was given. */
static void decided(const struct step *s, PB(NeedOrder) *order, uint32_t version)
{
	const PB(ConfigApplied) *conf = step_config(s);

	order->order_version = wait_next_version(s, version);
	order->rules_version = conf == NULL ? 0 : conf->rules_version;
}

static bool order_differs(const PB(NeedOrder) *a, const PB(NeedOrder) *b)
{
	return a->wait_class != b->wait_class || a->crisis_step != b->crisis_step ||
	       a->rank_class != b->rank_class || a->rank_ms != b->rank_ms ||
	       a->lottery != b->lottery || a->misplaced != b->misplaced ||
	       a->place_over != b->place_over;
}

/* What the order says of the place. That it is right after all stands until a new doubt is
 * confirmed or the help changes. While we come from an old copy, the help may be told of later than
 * the place. */
static void order_place(const struct step *s, const PB(WaitEntryRecord) *rec, PB(NeedOrder) *order)
{
	bool not_served_yet = s->isolated && rec->state == WAIT(WAITING);

	order->misplaced = rec->misplaced == MISPLACED(CONFIRMED) ||
			   (not_served_yet && order->misplaced);
	if (order->misplaced) {
		order->place_over = false;
	} else if (rec->misplaced == MISPLACED(OVER)) {
		order->place_over = rec->place->not_so;
	}
}

static void follow_siblings(const PB(RequestFact) *request, struct entry *e)
{
	uint32_t child = e->rec->need->child;
	bool apart = child < request->n_children && request->children[child]->apart != 0;

	if (apart != e->rec->apart) {
		e->rec->apart = apart;
		e->changed = true;
	}
}

/* In a crisis only its own short entries stand in its class; what was asked before keeps class and
 * date, so becoming a crisis gains nothing for it. */
static PB(WaitClass) base_class_of(const PB(RequestFact) *request, const PB(WaitEntryRecord) *rec)
{
	PB(WaitClass) base = wait_class_of_urgency(request->urgency);
	bool kept = rec->base_class != CLASS(UNSPECIFIED) && rec->base_class != CLASS(CRISIS);

	if (base != CLASS(CRISIS) || rec->need->own_crisis) {
		return base;
	}
	return kept ? rec->base_class : CLASS(ACTIVE);
}

void wait_entry_order(struct step *s, const PB(RequestFact) *request, struct entry *e)
{
	PB(WaitEntryRecord) *rec = e->rec;
	PB(NeedOrder) was = *rec->order;
	PB(NeedOrder) *now = rec->order;
	PB(WaitClass) base = base_class_of(request, rec);

	follow_siblings(request, e);
	if (rec->base_class != base) {
		/* Another urgency, another class: what it rose by age belongs to the class before.
		 */
		rec->base_class = base;
		rec->risen_ms = 0;
		now->wait_class = base;
	}
	now->crisis_step = now->wait_class == CLASS(CRISIS) ?
				   request->crisis_step :
				   SCHAKEL__V1__CRISIS_STEP__CRISIS_STEP_UNSPECIFIED;
	wait_rank(s, rec);
	now->lottery = step_lottery(s, &e->request_id);
	order_place(s, rec, now);
	if (was.order_version != 0 && !order_differs(now, &was)) {
		return;
	}
	if (was.order_version != 0 && now->wait_class != was.wait_class) {
		rec->class_since_ms = s->now_ms;
		rec->class_waited_ms = 0;
	}
	decided(s, now, was.order_version);
	e->changed = true;
}

void wait_entry_rank(struct step *s, struct entry *e)
{
	PB(NeedOrder) *now = e->rec->order;
	PB(NeedOrder) was = *now;

	wait_rank(s, e->rec);
	order_place(s, e->rec, now);
	if (order_differs(now, &was)) {
		decided(s, now, was.order_version);
		e->changed = true;
	}
}

void wait_entry_rise(struct step *s, struct entry *e, uint64_t since_ms)
{
	PB(NeedOrder) *order = e->rec->order;

	order->wait_class = wait_class_risen(order->wait_class);
	wait_rank(s, e->rec);
	decided(s, order, order->order_version);
	e->rec->class_since_ms = since_ms;
	e->rec->risen_ms = since_ms;
	e->changed = true;
}

/* Where the law does not rank, all stand in one class, and no crisis step counts there. */
static uint8_t rank_class(const PB(NeedOrder) *order)
{
	return (uint8_t)(order->rank_class != CLASS(UNSPECIFIED) ? order->rank_class :
								   order->wait_class);
}

struct key wait_order_prefix(uint32_t expertise, const char *zone, PB(WaitClass) class)
{
	struct key k = { 0 };

	key_u8(&k, (uint8_t)expertise);
	key_str(&k, zone);
	if (class != CLASS(UNSPECIFIED)) {
		key_u8(&k, (uint8_t) class);
	}
	return k;
}

/* What decides between two entries, most pressing first. */
static void key_place(struct key *k, const struct entry *e)
{
	const PB(NeedOrder) *order = e->rec->order;

	key_u8(k, order->rank_class != CLASS(UNSPECIFIED) ? 0 : (uint8_t)order->crisis_step);
	key_u64(k, order->rank_ms);
	key_u64(k, order->lottery);
	key_id(k, &e->request_id);
	key_u32(k, e->rec->need->ordinal);
	key_id(k, &e->id);
}

void wait_place_of(const struct entry *e, struct place *ret_place)
{
	const PB(WaitEntryRecord) *rec = e->rec;
	uint32_t expertise = rec->need->expertise;

	*ret_place = (struct place){ .listed = wait_is_listed(rec) };
	if (!ret_place->listed) {
		return;
	}
	ret_place->count = wait_order_prefix(expertise, rec->zone, rec->order->wait_class);
	ret_place->in_zone =
		wait_order_prefix(expertise, rec->zone, (PB(WaitClass))rank_class(rec->order));
	key_place(&ret_place->in_zone, e);
	key_u8(&ret_place->overall, rank_class(rec->order));
	key_place(&ret_place->overall, e);
	key_u8(&ret_place->overall, (uint8_t)expertise);
	key_str(&ret_place->overall, rec->zone);
}

static bool take_place(struct slice *rest, struct object_id *ret_need)
{
	uint64_t unused_u64;
	uint32_t unused_u32;
	uint8_t unused_u8;
	struct object_id unused_id;

	return key_take_u8(rest, &unused_u8) && key_take_u64(rest, &unused_u64) &&
	       key_take_u64(rest, &unused_u64) && key_take_id(rest, &unused_id) &&
	       key_take_u32(rest, &unused_u32) && key_take_id(rest, ret_need);
}

bool wait_place_read_overall(const struct key *k, struct place_view *ret_view)
{
	struct slice rest = { .data = k->b, .len = k->len };

	return key_take_u8(&rest, &ret_view->class) && take_place(&rest, &ret_view->need_id) &&
	       key_take_u8(&rest, &ret_view->expertise) && key_take_str(&rest, ret_view->zone) &&
	       rest.len == 0;
}

bool wait_place_read_zone(const struct key *k, struct place_view *ret_view)
{
	struct slice rest = { .data = k->b, .len = k->len };

	return key_take_u8(&rest, &ret_view->expertise) && key_take_str(&rest, ret_view->zone) &&
	       key_take_u8(&rest, &ret_view->class) && take_place(&rest, &ret_view->need_id) &&
	       rest.len == 0;
}

uint64_t wait_place_position(struct step *s, const struct entry *e)
{
	struct place place;
	struct store_iter it;
	struct key k;
	struct slice val;
	uint64_t position = 0;

	wait_place_of(e, &place);
	if (!place.listed) {
		return 0;
	}
	struct key prefix =
		wait_order_prefix(e->rec->need->expertise, e->rec->zone, CLASS(UNSPECIFIED));
	store_iter_init(&it, s->txn, WAIT_TABLE_ORDER, &prefix);
	while (position < WAIT_POSITION_MAX && store_next(&it, &k, &val)) {
		position++;
		if (k.len == place.in_zone.len && memcmp(k.b, place.in_zone.b, k.len) == 0) {
			store_iter_done(&it);
			return position;
		}
	}
	store_iter_done(&it);
	return 0;
}
