/* SPDX-License-Identifier: EUPL-1.2 */
/* L5, ground (a): whose voice help for one child needs, and what was said. */
#include <string.h>

#include "services/intake/core_inner.h"

/* Adults as bits, by number. */
struct adults {
	uint32_t authority;
	uint32_t home; /* in whose home help at home works */
	bool conflict; /* known, among those with authority */
};

/* Of several homes those in which this child stays, where that was told. */
static uint32_t homes_of(const PB(Child) *c, uint32_t home)
{
	uint32_t stays = 0;

	for (size_t i = 0; i < c->n_stays; i++) {
		stays |= c->stays[i]->adult != 0 ? 1U << c->stays[i]->adult : 0;
	}
	return (home & stays) != 0 ? home & stays : home;
}

static struct adults adults_of(const struct req *q, uint32_t child)
{
	const PB(RequestRecord) *r = q->r;
	struct adults of = { 0 };

	for (size_t i = 0; i < r->n_adults; i++) {
		const PB(Adult) *a = r->adults[i];
		of.authority |= a->authority ? 1U << a->number : 0;
		of.home |= a->home ? 1U << a->number : 0;
		of.conflict = of.conflict || (a->authority && a->conflict);
	}
	of.home = homes_of(r->children[child], of.home);
	return of;
}

struct voices_needed voices_needed(const struct req *q, uint32_t child, bool at_home,
				   uint64_t now_ms)
{
	struct voices_needed need = { .youth = child_capable(q, child, now_ms) };
	struct adults of = adults_of(q, child);

	if (!adult_sees_child(q, child, now_ms)) {
		return need; /* from 18 on its own word, and nobody else's */
	}
	if (!need.youth) {
		need.heard = true;
		need.all = of.conflict && !MUT(127) ? of.authority : 0;
		need.any = of.authority;
		need.any_wanted = true;
	}
	if (at_home && !MUT(128)) {
		need.all |= of.home;
		need.any = of.home == 0 ? of.authority : need.any;
		/* Whose home it is was not told: then one of those with authority, if any. */
		need.any_wanted = need.any_wanted || (of.home == 0 && of.authority != 0);
	}
	return need;
}

static void voice_count(struct voices *v, const PB(VoiceRecord) *rec)
{
	if (rec->ground == GROUND(EMERGENCY)) {
		v->emergency = true;
		v->reason = rec->reason;
		return;
	}
	v->heard = v->heard || rec->child_heard || rec->speaker == SPEAKER(YOUTH);
	if (rec->left) {
		v->left = true;
		return;
	}
	if (rec->speaker == SPEAKER(YOUTH)) {
		v->youth = rec->voice;
	}
	if (rec->speaker == SPEAKER(ADULT) && rec->adult <= ADULTS_MAX) {
		v->adult[rec->adult] = rec->voice;
	}
}

/* By version: the last word of each one is read last. */
void voices_read(struct step *s, const struct req *q, uint32_t from_version,
		 struct voices ret_v[CHILDREN_MAX])
{
	struct store_iter it;
	struct key prefix = key_of_id(&q->id);
	struct key from = prefix;
	struct key at;
	struct slice val;

	memset(ret_v, 0, CHILDREN_MAX * sizeof(*ret_v));
	key_u32(&from, MUT(131) ? 0 : from_version);
	store_iter_init(&it, s->txn, TABLE_VOICE, &prefix);
	store_iter_from(&it, &from, true);
	while (store_next(&it, &at, &val)) {
		const PB(VoiceRecord) *rec = step_unpack(s, val, TYPE(voice_record));
		if (rec == NULL) {
			break;
		}
		if (rec->child < CHILDREN_MAX) {
			voice_count(&ret_v[MUT(130) ? 0 : rec->child], rec);
		}
	}
	store_iter_done(&it);
}

static uint32_t who_said(const struct voices *v, PB(Voice) voice)
{
	uint32_t said = 0;

	for (uint32_t i = 1; i <= ADULTS_MAX; i++) {
		said |= v->adult[i] == voice ? 1U << i : 0;
	}
	return said;
}

static uint32_t one_of(const struct voices_needed *need)
{
	return need->any_wanted ? need->any : 0;
}

/* One may speak for all only as long as none of them says no: that would be a conflict. */
bool voices_agree(const struct voices_needed *need, const struct voices *v)
{
	uint32_t yes = who_said(v, VOICE(AGREE));
	uint32_t no = who_said(v, VOICE(NOT));

	return (!need->youth || v->youth == VOICE(AGREE) || MUT(126)) &&
	       (!need->heard || v->heard) && (need->all & ~yes) == 0 &&
	       (!need->any_wanted || ((need->any & yes) != 0 && (need->any & no) == 0));
}

bool voices_refuse(const struct voices_needed *need, const struct voices *v)
{
	uint32_t adults = need->all | one_of(need);

	return (need->youth && v->youth == VOICE(NOT)) || (adults & who_said(v, VOICE(NOT))) != 0;
}

static bool hesitant(PB(Voice) voice)
{
	return voice == VOICE(NOT_YET) || voice == VOICE(TALK_FIRST);
}

/* Somebody whose word it takes said last that it is not yet a yes, or has left with the word. */
bool voices_hesitate(const struct voices_needed *need, const struct voices *v)
{
	uint32_t yes = who_said(v, VOICE(AGREE));
	uint32_t not_yet = who_said(v, VOICE(NOT_YET)) | who_said(v, VOICE(TALK_FIRST));
	uint32_t of_any = (one_of(need) & yes) == 0 ? one_of(need) : 0;

	bool left = v->left && (need->all != 0 || need->any_wanted);
	return left || (need->youth && hesitant(v->youth)) || ((need->all | of_any) & not_yet) != 0;
}

bool voice_counts(const struct voices_needed *need, PB(Speaker) speaker, uint32_t adult)
{
	if (speaker == SPEAKER(YOUTH)) {
		return need->youth;
	}
	return speaker == SPEAKER(ADULT) && ((need->all | one_of(need)) & 1U << adult) != 0;
}

static void adults_list(struct step *s, uint32_t bits, uint32_t **ret_numbers, size_t *ret_len)
{
	uint32_t *numbers = step_alloc(s, ADULTS_MAX * sizeof(*numbers));

	for (uint32_t i = 1; numbers != NULL && i <= ADULTS_MAX; i++) {
		if ((bits & 1U << i) != 0) {
			numbers[(*ret_len)++] = i;
		}
	}
	*ret_numbers = numbers;
}

PB(VoicesWanted) *voices_wanted(struct step *s, const struct voices_needed *need,
				const struct voices *v)
{
	static const PB(VoicesWanted) empty = PB_INIT(VOICES_WANTED);
	uint32_t yes = who_said(v, VOICE(AGREE));
	uint32_t any = one_of(need);
	PB(VoicesWanted) *w = step_alloc(s, sizeof(*w));

	if (w == NULL) {
		return NULL;
	}
	*w = empty;
	w->youth = need->youth && v->youth != VOICE(AGREE);
	w->child_heard = need->heard && !v->heard;
	w->authority_unknown = need->any_wanted && any == 0;
	adults_list(s, (need->all & ~yes) | (any & who_said(v, VOICE(NOT))), &w->adults,
		    &w->n_adults);
	adults_list(s, (any & yes) == 0 ? any : 0, &w->one_of, &w->n_one_of);
	return w;
}

/* --- a word belongs to a person, and not to a number --- */

static const PB(Adult) *adult_at(PB(Adult) *const *adults, size_t len, uint32_t number)
{
	for (size_t i = 0; i < len; i++) {
		if (adults[i]->number == number) {
			return adults[i];
		}
	}
	return NULL;
}

/* One whose story was not told yet has no person id: the same one until another is told. */
static bool is_other(const PB(Adult) *was, const PB(Adult) *is)
{
	return is == NULL || (was->person_id.len != 0 && is->person_id.len != 0 &&
			      !data_equal(&was->person_id, &is->person_id));
}

static uint32_t adults_gone(const struct req *q, const struct new_adults *to)
{
	uint32_t gone = 0;

	for (size_t i = 0; i < q->r->n_adults; i++) {
		const PB(Adult) *was = q->r->adults[i];
		const PB(Adult) *is = adult_at(to->adults, to->len, was->number);
		gone |= is_other(was, is) ? 1U << was->number : 0;
	}
	return gone;
}

/* Those that are left out, or lose what makes their word count. */
static uint32_t adults_lighter(const struct req *q, const struct new_adults *to)
{
	uint32_t less = adults_gone(q, to);

	for (size_t i = 0; i < q->r->n_adults; i++) {
		const PB(Adult) *was = q->r->adults[i];
		const PB(Adult) *is = adult_at(to->adults, to->len, was->number);
		bool lighter = is != NULL &&
			       ((was->authority && !is->authority) || (was->home && !is->home));
		less |= lighter ? 1U << was->number : 0;
	}
	return less;
}

bool voices_silenced(struct step *s, struct req *q, const struct new_adults *to)
{
	struct key k = key_of_id(&q->id);
	const PB(TeamRecord) *t = step_get(s, TABLE_TEAM, &k, TYPE(team_record));
	struct voices v[CHILDREN_MAX];
	uint32_t no = 0;

	if (t == NULL || to->len == 0) {
		return false;
	}
	voices_read(s, q, t->voices_from, v);
	for (size_t i = 0; i < CHILDREN_MAX; i++) {
		no |= who_said(&v[i], VOICE(NOT));
	}
	return (no & adults_lighter(q, to)) != 0;
}

static void voice_leave(struct step *s, const struct key *at, struct slice val, uint32_t gone)
{
	PB(VoiceRecord) *rec = step_unpack(s, val, TYPE(voice_record));

	if (rec != NULL && rec->speaker == SPEAKER(ADULT) && (gone & 1U << rec->adult) != 0) {
		rec->left = true;
		step_put(s, TABLE_VOICE, at, rec);
	}
}

void adults_take(struct step *s, struct req *q, const struct new_adults *to)
{
	uint32_t gone = adults_gone(q, to);
	struct store_iter it;
	struct key prefix = key_of_id(&q->id);
	struct key at;
	struct slice val;

	for (size_t i = 0; i < to->len; i++) {
		const PB(Adult) *was =
			adult_at(q->r->adults, q->r->n_adults, to->adults[i]->number);
		if (was != NULL && to->adults[i]->person_id.len == 0) {
			to->adults[i]->person_id = was->person_id;
		}
	}
	q->r->n_adults = to->len;
	q->r->adults = to->adults;
	store_iter_init(&it, s->txn, TABLE_VOICE, &prefix);
	while (gone != 0 && store_next(&it, &at, &val)) {
		voice_leave(s, &at, val, gone);
	}
	store_iter_done(&it);
}
