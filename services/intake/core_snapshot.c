/* SPDX-License-Identifier: EUPL-1.2 */
/* The state behind the events, for somebody who subscribes late. */
#include <string.h>

#include "services/intake/core_inner.h"

/* Request, contact person, plan, family; needs; court orders; holders. */
#define GROUP_MAX (4 + NEEDS_KEPT_MAX + ORDERS_MAX + HOLDERS_MAX)

/* Between two pages a group may grow, and only holders may go: they stand last, from *ret_holders
 * on, and go out together. So nothing moves to before the place where the next page goes on. */
static size_t group_of(struct step *s, struct req *q, PB(Event) ret_e[GROUP_MAX],
		       size_t *ret_holders)
{
	struct object_id id;
	size_t len = 0;

	ret_e[len++] = q->r->kind == KIND(CONSULT) ? event_consult(q) : event_request(q);
	*ret_holders = len;
	if (q->r->deceased) {
		return len;
	}
	if (q->r->contact_party[0] != '\0') {
		ret_e[len++] = event_contact(q);
	}
	if (object_id_from(&q->r->plan_id, &id)) {
		struct key k = key_of_id(&id);
		const PB(PlanRecord) *p = step_get(s, TABLE_PLAN, &k, TYPE(plan_record));
		if (p != NULL) {
			ret_e[len++] = event_plan(q, p);
		}
	}
	if (object_id_from(&q->r->family_id, &id)) {
		struct key k = key_of_id(&id);
		const PB(FamilyRecord) *f = step_get(s, TABLE_FAMILY, &k, TYPE(family_record));
		if (f != NULL) {
			ret_e[len++] = event_family(q, f);
		}
	}
	for (size_t i = 0; i < q->needs_len; i++) {
		ret_e[len++] = event_need(q, q->need[i]);
	}
	len += orders_events(s, q, &ret_e[len]);
	*ret_holders = len;
	req_live(s, q);
	for (size_t i = 0; i < q->r->n_holders; i++) {
		ret_e[len++] = event_holder(q, &q->holder[i]);
	}
	return len;
}

static bool event_append(struct step *s, const PB(Event) *e, PB(SnapshotView) *out)
{
	PB(Event) *copy = step_alloc(s, sizeof(*copy));

	if (copy == NULL) {
		return false;
	}
	*copy = *e;
	if (copy->at_ms == 0) {
		copy->at_ms = s->now_ms;
	}
	out->events[out->n_events++] = copy;
	return true;
}

/* Events of one request behind the first @p skip. @return how many have gone out by now; 0: all. */
static size_t group_append(struct step *s, struct req *q, size_t skip, size_t room,
			   PB(SnapshotView) *out)
{
	PB(Event) group[GROUP_MAX];
	size_t holders;
	size_t len = group_of(s, q, group, &holders);

	skip = skip < len ? skip : len;
	size_t to = skip + room > holders ? len : skip + room;

	for (size_t i = skip; i < to; i++) {
		if (!event_append(s, &group[i], out)) {
			break;
		}
	}
	return to == len ? 0 : to;
}

static PB(Event) **events_room(struct step *s, uint32_t limit, const PB(SnapshotView) *out)
{
	size_t most = out->n_events + limit + HOLDERS_MAX;
	PB(Event) **events = step_alloc(s, most * sizeof(*events));

	if (events != NULL && out->n_events > 0) {
		memcpy(events, out->events, out->n_events * sizeof(*events));
	}
	return events;
}

int intake_snapshot(struct step *s, uint32_t limit, struct key *io_after, PB(SnapshotView) *out)
{
	size_t end = out->n_events + limit;
	struct store_iter it;
	struct key at;
	struct slice val;
	struct object_id id = { { 0 } };
	uint32_t skip = 0;
	bool more = true;

	out->events = events_room(s, limit, out);
	if (out->events == NULL) {
		return s->txn->err;
	}
	if (!walk_open(s, &it, io_after, &skip)) {
		return step_refuse(s, REFUSAL(MALFORMED), "after");
	}
	while (out->n_events < end && (more = store_next(&it, &at, &val))) {
		struct req q;
		memcpy(id.b, at.b, OBJECT_ID_LEN);
		if (!req_load(s, &id, &q)) {
			break;
		}
		skip = (uint32_t)group_append(s, &q, skip, end - out->n_events, out);
	}
	store_iter_done(&it);
	/* At a request of which all went out, the walk goes on behind it. */
	*io_after = more ? resume_key(&id, skip == 0 ? GROUP_MAX : skip) : (struct key){ 0 };
	return s->txn->err;
}
