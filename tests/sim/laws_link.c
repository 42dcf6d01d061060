/* SPDX-License-Identifier: EUPL-1.2 */
/* Delivery: every entry of a log is applied once, in its place, by its addressee (I1, I3); one
 * effect per message (I2); a refusal leaves nothing but its outcome. */
#include "tests/sim/laws_model.h"

#include <stdlib.h>

#include "common/journal.h"

/* --- I2 --- */

static size_t id_hash(const uint8_t id[16], const char *party)
{
	uint64_t h = 1469598103934665603ULL;

	for (size_t i = 0; i < 16; i++) {
		h = (h ^ id[i]) * 1099511628211ULL;
	}
	for (size_t i = 0; party[i] != '\0'; i++) {
		h = (h ^ (uint8_t)party[i]) * 1099511628211ULL;
	}
	return (size_t)(h ^ h >> 29);
}

/** The slot of that id, or the empty one where it belongs. */
static size_t *id_place(struct daemon_model *d, const uint8_t id[16], const char *party)
{
	size_t at = id_hash(id, party) & (d->id_slots - 1);

	while (d->id_slot[at] != 0) {
		const struct id_said *said = list_at(&d->ids, d->id_slot[at] - 1);
		if (memcmp(said->id, id, 16) == 0 && strcmp(said->party, party) == 0) {
			break;
		}
		at = (at + 1) & (d->id_slots - 1);
	}
	return &d->id_slot[at];
}

static void ids_make_room(struct daemon_model *d)
{
	if (d->ids.len * 2 < d->id_slots) {
		return;
	}
	d->id_slots = 1024;
	while (d->id_slots < d->ids.len * 4) {
		d->id_slots *= 2;
	}
	free(d->id_slot);
	d->id_slot = calloc(d->id_slots, sizeof(*d->id_slot));
	SK_ASSERT(d->id_slot != NULL);
	for (size_t i = 0; i < d->ids.len; i++) {
		const struct id_said *said = list_at(&d->ids, i);
		*id_place(d, said->id, said->party) = i + 1;
	}
}

static const uint8_t no_id[16];

static void applied_once(struct laws *l, const PB(Message) *in)
{
	struct daemon_model *d = &l->d[l->step.daemon];

	if (in->id.len != sizeof(no_id) || memcmp(in->id.data, no_id, sizeof(no_id)) == 0) {
		return;
	}
	ids_make_room(d);
	size_t *slot = id_place(d, in->id.data, l->step.raw_party);
	if (*slot != 0) {
		const struct id_said *said = list_at(&d->ids, *slot - 1);
		laws_violated(l, "I2", "message %s of %s was applied at %llu already",
			      law_hex(in->id.data), l->step.raw_party,
			      (unsigned long long)said->sequence);
		return;
	}
	struct id_said *said = list_add(&d->ids, l->step.sequence);
	memcpy(said->id, in->id.data, sizeof(said->id));
	(void)snprintf(said->party, sizeof(said->party), "%s", l->step.raw_party);
	*slot = d->ids.len;
}

/* --- I1, I3 --- */

static void emitted_note(struct laws *l)
{
	struct daemon_model *d = &l->d[l->step.daemon];

	for (size_t i = 0; i < d->emitted_len; i++) {
		const struct emitted *e = &d->emitted[i];
		int to = laws_daemon_of(e->to);
		if (to < 0 || e->m->id.len != OBJECT_ID_LEN) {
			continue;
		}
		struct entry_said *said = list_add(&d->log[to], l->step.sequence);
		said->log_sequence = e->sequence;
		said->incarnation = e->incarnation;
		memcpy(said->id, e->m->id.data, sizeof(said->id));
	}
}

static const struct entry_said *entry_find(const struct list *log, uint32_t incarnation,
					   uint64_t sequence)
{
	size_t lo = 0;
	size_t hi = log->len;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		const struct entry_said *e = list_at(log, mid);
		bool before = e->incarnation < incarnation ||
			      (e->incarnation == incarnation && e->log_sequence < sequence);
		lo = before ? mid + 1 : lo;
		hi = before ? hi : mid;
	}
	const struct entry_said *e = lo < log->len ? list_at(log, lo) : NULL;
	bool found = e != NULL && e->incarnation == incarnation && e->log_sequence == sequence;
	return found ? e : NULL;
}

/** A cursor moves one entry at a time, over what its writer wrote at that place. */
static void cursor_moved(struct laws *l, const PB(Message) *in)
{
	const struct daemon_model *d = &l->d[l->step.daemon];
	struct key k = key_of_str(l->step.raw_party);
	const struct change *c = change_find(d, TABLE_CURSOR, &k);
	int writer = laws_daemon_of(l->step.raw_party);
	const PB(CursorRecord) *was = c == NULL ? NULL : c->before;
	const PB(CursorRecord) *now = c == NULL ? NULL : change_after(c);

	if (now == NULL || writer < 0) {
		laws_violated(l, "I1", "an entry of %s was applied without its cursor",
			      l->step.raw_party);
		return;
	}
	uint64_t expected = was == NULL ? 1 : was->sequence + 1;
	bool jump = now->sequence > expected && l->step.isolated;
	if (now->sequence != expected && !jump) {
		laws_violated(l, "I3", "entry %llu of %s, not %llu",
			      (unsigned long long)now->sequence, l->step.raw_party,
			      (unsigned long long)expected);
	}
	const struct entry_said *e =
		entry_find(&l->d[writer].log[l->step.daemon], now->incarnation, now->sequence);
	if (e == NULL && !l->d[writer].was_restored) {
		laws_violated(l, "I1", "entry %llu of %s was never written",
			      (unsigned long long)now->sequence, l->step.raw_party);
	}
	bool readable = in->id.len == sizeof(no_id) &&
			memcmp(in->id.data, no_id, sizeof(no_id)) != 0;
	if (e != NULL && readable && memcmp(e->id, in->id.data, sizeof(e->id)) != 0) {
		laws_violated(l, "I1", "entry %llu of %s is another message than was written",
			      (unsigned long long)now->sequence, l->step.raw_party);
	}
}

/* --- what a refusal may write --- */

static void refusal_wrote(struct laws *l)
{
	const struct daemon_model *d = &l->d[l->step.daemon];

	for (size_t i = 0; i < d->mirror.changes; i++) {
		uint8_t table = d->mirror.change[i].table;
		if (table >= TABLE_SERVICE || table == TABLE_DUE) {
			laws_violated(l, "DESIGN 2", "a refused input wrote to table %u", table);
			return;
		}
	}
	for (size_t i = 0; i < d->emitted_len; i++) {
		if (laws_daemon_of(d->emitted[i].to) >= 0) {
			laws_violated(l, "DESIGN 2", "a refused input spoke to %s",
				      d->emitted[i].to);
			return;
		}
	}
}

void laws_link(struct laws *l)
{
	const struct law_step *s = &l->step;
	bool outside = s->kind == RECORD_COMMAND || s->kind == RECORD_FACT;

	emitted_note(l);
	if (outside) {
		applied_once(l, s->raw);
	}
	if (s->kind == RECORD_FACT) {
		cursor_moved(l, s->raw);
	}
	if (outside && s->outcome != OUTCOME_IS(ACCEPTED)) {
		refusal_wrote(l);
	}
}
