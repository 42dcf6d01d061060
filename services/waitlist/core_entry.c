/* SPDX-License-Identifier: EUPL-1.2 */
/* One entry: its states, and everything that follows from them (clocks, gap, rows of the indexes,
 * what is said). Callers change facts of the record and call wait_entry_store(); nothing else
 * writes. */
#include "services/waitlist/core_entry.h"

#include <string.h>

#include <xxhash.h>

#include "common/civil.h"

/* An entry that is handed on with overlap is SERVED all the while: no event.
 * AFTERCARE + LOSE: intake had ended the help before matching's fact of an interruption came in. */
static const struct {
	PB(WaitState) from;
	enum wait_event on;
	PB(WaitState) to;
} edge[] = {
	{ WAIT(UNSPECIFIED), WAIT_EV_OPEN, WAIT(WAITING) },
	{ WAIT(WAITING), WAIT_EV_START, WAIT(SERVED) },
	{ WAIT(WAITING), WAIT_EV_FINISH, WAIT(AFTERCARE) },
	{ WAIT(WAITING), WAIT_EV_CLOSE, WAIT(CLOSED) },
	{ WAIT(SERVED), WAIT_EV_LOSE, WAIT(WAITING) },
	{ WAIT(SERVED), WAIT_EV_FINISH, WAIT(AFTERCARE) },
	{ WAIT(SERVED), WAIT_EV_CLOSE, WAIT(CLOSED) },
	{ WAIT(AFTERCARE), WAIT_EV_START, WAIT(SERVED) },
	{ WAIT(AFTERCARE), WAIT_EV_LOSE, WAIT(AFTERCARE) },
	{ WAIT(AFTERCARE), WAIT_EV_FINISH, WAIT(AFTERCARE) },
	{ WAIT(AFTERCARE), WAIT_EV_REOPEN, WAIT(WAITING) },
	{ WAIT(AFTERCARE), WAIT_EV_CLOSE, WAIT(CLOSED) },
	{ WAIT(CLOSED), WAIT_EV_REOPEN, WAIT(WAITING) },
};

int wait_next(PB(WaitState) from, enum wait_event on, PB(WaitState) *ret_to)
{
	for (size_t i = 0; i < SK_LEN(edge); i++) {
		if (edge[i].from == from && edge[i].on == on) {
			*ret_to = edge[i].to;
			return SK_OK;
		}
	}
	return SK_ESTATE;
}

static uint64_t due_of(const PB(WaitEntryRecord) *rec, enum wait_due kind)
{
	const uint64_t due[] = {
		[WAIT_DUE_CLASS] = rec->class_due_ms,
		[WAIT_DUE_REVIEW] = rec->review_due_ms,
		[WAIT_DUE_BRIDGING] = rec->bridging_until_ms,
		[WAIT_DUE_FORGET] = rec->forget_ms,
		[WAIT_DUE_COUNTED] = rec->counted_due_ms,
		[WAIT_DUE_GAP] = rec->gap_due_ms,
	};

	return due[kind];
}

bool wait_entry_load(struct step *s, const struct object_id *id, struct entry *ret_e)
{
	struct key k = key_of_id(id);
	PB(WaitEntryRecord) *rec = step_get(s, WAIT_TABLE_ENTRY, &k, RECORD(wait_entry_record));

	if (rec == NULL) {
		return false;
	}
	*ret_e = (struct entry){ .id = *id, .rec = rec };
	SK_ASSERT(rec->need != NULL && rec->order != NULL);
	SK_ASSERT(object_id_from(&rec->request_id, &ret_e->request_id));
	wait_place_of(ret_e, &ret_e->was);
	wait_counted_of(rec, &ret_e->was_counted);
	for (enum wait_due kind = WAIT_DUE_CLASS; kind < WAIT_DUE_ENTRY_LEN; kind++) {
		ret_e->was_due[kind] = due_of(rec, kind);
	}
	return true;
}

bool wait_entry_make(struct step *s, const struct object_id *id, const struct object_id *request_id,
		     struct entry *ret_e)
{
	PB(WaitEntryRecord) *rec = step_alloc(s, sizeof(*rec));
	PB(NeedFact) *need = step_alloc(s, sizeof(*need));
	PB(NeedOrder) *order = step_alloc(s, sizeof(*order));

	if (rec == NULL || need == NULL || order == NULL) {
		return false;
	}
	*rec = (PB(WaitEntryRecord))PB_INIT(WAIT_ENTRY_RECORD);
	*need = (PB(NeedFact))PB_INIT(NEED_FACT);
	*order = (PB(NeedOrder))PB_INIT(NEED_ORDER);
	rec->need = need;
	rec->order = order;
	rec->request_id = step_id_data(s, request_id);
	need->need_id = step_id_data(s, id);
	*ret_e = (struct entry){ .id = *id, .request_id = *request_id, .rec = rec };
	ret_e->fresh = true;
	ret_e->changed = true;
	return s->txn->err == SK_OK;
}

/* Time in a class counts while the entry waits, and goes on where it stopped when it waits again. A
 * question that is opened, or opened again, counts from its arrival, even when we hear of it late.
 */
static void time_in_class(struct step *s, PB(WaitEntryRecord) *rec, bool was_listed, bool anew)
{
	uint64_t arrival_ms = rec->need->arrival_ms;
	bool listed = wait_is_listed(rec);

	if (listed == was_listed) {
		return;
	}
	if (!listed) {
		rec->class_waited_ms =
			s->now_ms > rec->class_since_ms ? s->now_ms - rec->class_since_ms : 0;
		return;
	}
	rec->class_since_ms = s->now_ms - rec->class_waited_ms;
	if (anew) {
		rec->class_since_ms = arrival_ms < s->now_ms ? arrival_ms : s->now_ms;
	}
	rec->class_waited_ms = 0;
	rec->review_ms = 0; /* a new one is set below; an overdue one was answered by the start */
}

/* A new question: in the class of its urgency, and what was given to the one before is gone. */
static void begin_anew(PB(WaitEntryRecord) *rec)
{
	rec->helped = false;
	rec->answered = false;
	rec->close_reason = CLOSED_BY(UNSPECIFIED);
	rec->base_class = CLASS(UNSPECIFIED);
	rec->priority = NULL;
	rec->n_priority = 0;
	rec->days_of_priority = 0;
}

void wait_entry_move(struct step *s, struct entry *e, enum wait_event on)
{
	PB(WaitEntryRecord) *rec = e->rec;
	PB(WaitState) from = rec->state;
	bool was_listed = wait_is_listed(rec);
	/* It was the same child as one that waited on: it comes back as it went. */
	bool back = on == WAIT_EV_REOPEN && rec->close_reason == CLOSED_BY(SAME_CHILD);
	bool anew = from != WAIT(WAITING) && from != WAIT(SERVED);
	uint64_t class_since_ms = rec->class_since_ms;
	PB(WaitState) to;
	PB(MisplacedState) place;
	int err = wait_next(from, on, &to);

	SK_ASSERT(err == SK_OK);
	e->changed = true;
	if (to == from) {
		return;
	}
	rec->state = to;
	rec->state_since_ms = s->now_ms;
	if (on == WAIT_EV_START) {
		rec->helped = true;
	} else if (back) {
		rec->close_reason = CLOSED_BY(UNSPECIFIED);
	} else if (on == WAIT_EV_REOPEN) {
		begin_anew(rec);
	}
	time_in_class(s, rec, was_listed, anew);
	if (back && class_since_ms != 0) {
		rec->class_since_ms = class_since_ms;
	}
	if (misplaced_next(rec->misplaced, MISPLACED_EV_HELP_ENDS, &place) == SK_OK) {
		wait_entry_misplace(s, e, place);
	}
}

void wait_entry_misplace(struct step *s, struct entry *e, PB(MisplacedState) to)
{
	bool was_listed = wait_is_listed(e->rec);

	e->rec->misplaced = to;
	e->rec->place->at_ms = s->now_ms;
	time_in_class(s, e->rec, was_listed, false);
	e->changed = true;
	if (e->rec->order->order_version != 0) {
		wait_entry_rank(s, e);
	}
}

/* Whether it is bridged at this moment. */
static bool wait_entry_bridged(const struct step *s, const PB(WaitEntryRecord) *rec)
{
	return rec->bridging_until_ms > s->now_ms;
}

uint32_t wait_entry_gap_days(const struct step *s, const PB(WaitEntryRecord) *rec)
{
	uint64_t gap_ms = rec->gap_ms;

	if (rec->gap_since_ms != 0) {
		gap_ms += s->now_ms - rec->gap_since_ms;
	}
	return (uint32_t)((gap_ms + CIVIL_DAY_MS - 1) / CIVIL_DAY_MS);
}

/* L14: between two contributions of a must-need there is bridging, or a gap that is counted. */
static void follow_gap(struct step *s, struct entry *e)
{
	PB(WaitEntryRecord) *rec = e->rec;
	bool gap = rec->state == WAIT(WAITING) && rec->helped && rec->need->must &&
		   !wait_entry_bridged(s, rec);

	if (gap && rec->gap_since_ms == 0) {
		rec->gap_since_ms = s->now_ms;
		rec->gap_due_ms = s->now_ms + WAIT_ALARM_AGAIN_DAYS * CIVIL_DAY_MS;
		e->gap_opened = true;
	} else if (!gap && rec->gap_since_ms != 0) {
		rec->gap_ms += s->now_ms - rec->gap_since_ms;
		rec->gap_since_ms = 0;
		rec->gap_due_ms = 0;
	}
}

/* Reviews cannot be missed: a listed entry always has a date and a due row; a class that is
 * reviewed more often brings the date forward, never back. */
static void follow_review(struct step *s, PB(WaitEntryRecord) *rec)
{
	uint64_t latest_ms = s->now_ms + wait_review_ms(s, rec);

	if (rec->review_ms == 0 || rec->review_ms > latest_ms) {
		rec->review_ms = latest_ms;
		rec->review_due_ms = latest_ms;
	}
}

static void follow(struct step *s, struct entry *e)
{
	PB(WaitEntryRecord) *rec = e->rec;

	follow_gap(s, e);
	rec->class_due_ms = 0;
	if (wait_is_listed(rec)) {
		uint64_t longest_ms = wait_class_longest_ms(s, rec->order->wait_class);
		rec->class_due_ms = longest_ms == 0 ? 0 : rec->class_since_ms + longest_ms;
		follow_review(s, rec);
	} else {
		rec->review_ms = 0;
		rec->review_due_ms = 0;
	}
	if (rec->state != WAIT(WAITING)) {
		rec->bridging_party = NULL;
		rec->bridging_until_ms = 0;
	}
	if (rec->state != WAIT(CLOSED)) {
		rec->forget_ms = 0;
	} else if (rec->forget_ms == 0) {
		rec->forget_ms = s->now_ms + step_setting(s, SETTING_TOMBSTONE_DAYS) * CIVIL_DAY_MS;
	}
}

/* The figure of waiting in one list and class. */
static void count_add(struct step *s, const struct key *k, int add)
{
	PB(WaitCountRecord) none = PB_INIT(WAIT_COUNT_RECORD);
	PB(WaitCountRecord) *count = step_get(s, WAIT_TABLE_COUNT, k, RECORD(wait_count_record));

	if (s->txn->err != SK_OK) {
		return;
	}
	if (count == NULL) {
		count = &none;
	}
	SK_ASSERT(add > 0 || count->waiting > 0);
	count->waiting += (uint64_t)(int64_t)add;
	if (count->waiting == 0) {
		step_del(s, WAIT_TABLE_COUNT, k);
	} else {
		step_put(s, WAIT_TABLE_COUNT, k, count);
	}
}

static bool key_equal(const struct key *a, const struct key *b)
{
	return a->len == b->len && memcmp(a->b, b->b, a->len) == 0;
}

static void move_place(struct step *s, const struct entry *e)
{
	struct place now;

	wait_place_of(e, &now);
	if (now.listed == e->was.listed && key_equal(&now.in_zone, &e->was.in_zone) &&
	    key_equal(&now.count, &e->was.count)) {
		return;
	}
	if (e->was.listed) {
		step_del(s, WAIT_TABLE_ORDER, &e->was.in_zone);
		step_del(s, WAIT_TABLE_OVERALL, &e->was.overall);
		count_add(s, &e->was.count, -1);
	}
	if (now.listed) {
		step_mark(s, WAIT_TABLE_ORDER, &now.in_zone);
		step_mark(s, WAIT_TABLE_OVERALL, &now.overall);
		count_add(s, &now.count, 1);
	}
}

static void move_due(struct step *s, const struct entry *e, enum wait_due kind)
{
	uint64_t was_ms = e->was_due[kind];
	uint64_t now_ms = due_of(e->rec, kind);

	if (was_ms == now_ms) {
		return;
	}
	if (was_ms != 0) {
		step_undue(s, was_ms, (uint8_t)kind, &e->id, 0);
	}
	if (now_ms != 0) {
		step_due(s, now_ms, (uint8_t)kind, &e->id, 0);
	}
}

/* As wait_shows(): what a child keeps to itself is known by its place while it waits. */
static bool is_kept(const PB(WaitEntryRecord) *rec)
{
	return rec->need->shielded && rec->state != WAIT(WAITING);
}

void wait_entry_event(const struct entry *e, PB(Event) *ret_event)
{
	const PB(WaitEntryRecord) *rec = e->rec;

	*ret_event = (PB(Event))PB_INIT(EVENT);
	ret_event->kind = SCHAKEL__V1__EVENT_KIND__EVENT_KIND_WAIT_ENTRY;
	ret_event->object_id = object_id_data(&e->id);
	ret_event->need_id = object_id_data(&e->id);
	ret_event->request_id = object_id_data(&e->request_id);
	ret_event->version = rec->version;
	ret_event->at_ms = rec->state_since_ms;
	ret_event->due_ms = rec->review_ms;
	ret_event->zone = rec->zone;
	ret_event->expertise = rec->need->expertise;
	ret_event->need_state = rec->need->state;
	ret_event->wait_class = rec->order->wait_class;
	ret_event->crisis_step = rec->order->crisis_step;
	ret_event->rank_ms = rec->order->rank_ms;
	ret_event->rules_version = rec->order->rules_version;
	ret_event->close_reason = rec->close_reason;
	ret_event->ended = rec->state == WAIT(CLOSED);
	ret_event->misplaced = rec->misplaced;
	if (rec->state == WAIT(SERVED)) {
		ret_event->contribution_state = HELP(STARTED);
	}
	if (rec->state == WAIT(WAITING)) {
		ret_event->shortfall = wait_reason(rec);
	}
	if (rec->bridging_until_ms != 0) {
		ret_event->party = rec->bridging_party;
	}
	if (is_kept(rec)) {
		ret_event->request_id = (ProtobufCBinaryData){ 0, NULL };
		ret_event->party = "";
	}
}

uint64_t wait_message_hash(struct step *s, const ProtobufCMessage *m)
{
	size_t len = protobuf_c_message_get_packed_size(m);
	uint8_t *packed = step_alloc(s, len + 1);

	if (packed == NULL) {
		return 0;
	}
	(void)protobuf_c_message_pack(m, packed);
	uint64_t hash = XXH3_64bits(packed, len);
	return hash == 0 ? 1 : hash;
}

/* Of what is kept: whose request it is, so that its contact person looks, and nothing of the need.
 */
static PB(Event) alarm_of_kept(const struct entry *e)
{
	PB(Event) alarm = PB_INIT(EVENT);

	alarm.object_id = object_id_data(&e->request_id);
	alarm.request_id = alarm.object_id;
	alarm.zone = e->rec->zone;
	alarm.due_ms = e->rec->review_ms;
	return alarm;
}

void wait_entry_alarm(struct step *s, const struct entry *e, PB(AlarmKind) kind)
{
	PB(Event) alarm;

	wait_entry_event(e, &alarm);
	if (is_kept(e->rec)) {
		alarm = alarm_of_kept(e);
	}
	alarm.kind = EVENT_OF(ALARM);
	alarm.alarm = kind;
	alarm.at_ms = s->now_ms;
	step_event(s, &alarm);
}

/* State-carrying, and told only when it says something else than the time before. */
static void say(struct step *s, struct entry *e)
{
	PB(Event) event;

	wait_entry_event(e, &event);
	event.version = 0;
	uint64_t hash = wait_message_hash(s, &event.base);
	if (hash == e->rec->said_hash || s->txn->err != SK_OK) {
		return;
	}
	e->rec->said_hash = hash;
	e->rec->version = step_next_version(s, e->rec->version);
	event.version = e->rec->version;
	step_event(s, &event);
}

void wait_entry_store(struct step *s, struct entry *e)
{
	struct key k = key_of_id(&e->id);

	if (!e->changed || s->txn->err != SK_OK) {
		return;
	}
	follow(s, e);
	wait_entry_count_now(s, e->rec);
	wait_entry_figures(s, e);
	move_place(s, e);
	for (enum wait_due kind = WAIT_DUE_CLASS; kind < WAIT_DUE_ENTRY_LEN; kind++) {
		move_due(s, e, kind);
	}
	if (e->fresh) {
		struct key row = key_of_id(&e->request_id);
		key_id(&row, &e->id);
		step_mark(s, WAIT_TABLE_REQUEST_ENTRY, &row);
	}
	say(s, e);
	wait_entry_told(s, e);
	if (e->gap_opened) {
		e->gap_opened = false;
		wait_entry_alarm(s, e, ALARM_OF(GAP));
	}
	step_put(s, WAIT_TABLE_ENTRY, &k, e->rec);
}

static bool forget_contributions(struct step *s, const struct object_id *need_id)
{
	struct store_iter it;
	struct key prefix = key_of_id(need_id);
	struct key k;
	struct slice val;
	unsigned rows = 0;

	store_iter_init(&it, s->txn, WAIT_TABLE_CONTRIBUTION, &prefix);
	while (rows < WAIT_FORGET_ROWS_MAX && store_next(&it, &k, &val)) {
		step_del(s, WAIT_TABLE_CONTRIBUTION, &k);
		rows++;
	}
	store_iter_done(&it);
	return rows < WAIT_FORGET_ROWS_MAX;
}

bool wait_entry_forget(struct step *s, struct entry *e)
{
	struct key k = key_of_id(&e->id);
	struct key request = key_of_id(&e->request_id);
	struct key row = request;
	struct object_id other;

	SK_ASSERT(e->rec->state == WAIT(CLOSED));
	if (!forget_contributions(s, &e->id)) {
		return false;
	}
	key_id(&row, &e->id);
	step_del(s, WAIT_TABLE_REQUEST_ENTRY, &row);
	step_del(s, WAIT_TABLE_ENTRY, &k);
	if (wait_request_entries(s, &e->request_id, &other, 1) == 0) {
		step_del(s, WAIT_TABLE_REQUEST, &request);
		step_del(s, WAIT_TABLE_TEAM, &request);
		wait_tables_forget(s, &e->request_id);
		wait_stuck_forget(s, &e->request_id);
	}
	return true;
}
