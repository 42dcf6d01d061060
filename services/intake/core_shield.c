/* SPDX-License-Identifier: EUPL-1.2 */
/* What a child keeps to itself, and houses that help beside each other without knowing it (D7). */
#include <string.h>

#include "services/intake/core_warm.h"

#define SPEAKERS_MAX 16 /* whose word about one contribution is kept */

/* --- shielded --- */

void contribution_save(struct step *s, const struct req *q, const PB(ContributionRecord) *c)
{
	struct object_id id;

	SK_ASSERT(object_id_from(&c->last->contribution_id, &id));
	struct key k = key_of_pair(&q->id, &id);
	step_put(s, contribution_ended(c->last) ? TABLE_CONTRIBUTION_PAST : TABLE_CONTRIBUTION, &k,
		 c);
}

bool shield_hides(struct step *s, const struct req *q, const ProtobufCBinaryData *id)
{
	static const uint8_t table[] = { TABLE_CONTRIBUTION, TABLE_CONTRIBUTION_PAST };
	struct object_id at;

	if (!object_id_from(id, &at)) {
		return false;
	}
	struct key k = key_of_pair(&q->id, &at);
	for (size_t i = 0; i < SK_LEN(table); i++) {
		const PB(ContributionRecord) *c =
			step_get(s, table[i], &k, TYPE(contribution_record));
		if (c != NULL) {
			return c->shielded;
		}
	}
	return false;
}

/* Who helps next with what is shielded is as little known as who did. */
bool shield_keeps(const struct req *q, const PB(ContributionRecord) *c)
{
	bool kept = c->shielded;

	for (size_t i = 0; i < q->needs_len && !kept; i++) {
		const PB(NeedFact) *n = q->need[i]->need;
		kept = n->shielded && data_equal(&n->need_id, &c->last->need_id);
	}
	return kept;
}

bool shield_hides_partner(const struct req *q, const char *partner)
{
	bool shielded = false;

	for (size_t i = 0; i < q->live_len; i++) {
		const PB(ContributionRecord) *c = q->live[i];
		if (strcmp(c->last->partner, partner) != 0 || !contribution_active(c->last)) {
			continue;
		}
		if (!shield_keeps(q, c)) {
			return false; /* known by other help that it gives */
		}
		shielded = true;
	}
	for (size_t i = 0; i < q->needs_len; i++) { /* what it gave has ended: it holds on */
		const PB(NeedRecord) *n = q->need[i];
		shielded = shielded || ((n->need->shielded || n->held_kept) &&
					strcmp(n->held_by, partner) == 0);
	}
	return shielded;
}

/* In the news it stands as in every view: under its name, or as somebody. */
static void holder_say(struct step *s, struct req *q, const char *partner, bool ended)
{
	for (size_t i = 0; i < q->r->n_holders; i++) {
		if (q->holder[i].kind == HOLDER(PARTNER) &&
		    strcmp(q->holder[i].party, partner) == 0) {
			PB(Event) e = event_holder(q, &q->holder[i]);
			e.ended = ended;
			say(s, q, e);
		}
	}
}

static bool runs_kept(const struct req *q, const PB(NeedRecord) *n)
{
	bool kept = false;

	for (size_t i = 0; i < q->live_len; i++) {
		const PB(ContributionRecord) *c = q->live[i];
		kept = kept || (c->shielded && data_equal(&c->last->need_id, &n->need->need_id));
	}
	return kept;
}

static bool has_run_kept(struct step *s, const struct req *q, const PB(NeedRecord) *n)
{
	struct key prefix = key_of_id(&q->id);
	struct store_iter walk;
	struct key at;
	struct slice val;
	bool kept = false;

	store_iter_init(&walk, s->txn, TABLE_CONTRIBUTION_PAST, &prefix);
	while (!kept && store_next(&walk, &at, &val)) {
		const PB(ContributionRecord) *c = step_unpack(s, val, TYPE(contribution_record));
		if (c == NULL) {
			break;
		}
		kept = c->shielded && data_equal(&c->last->need_id, &n->need->need_id);
	}
	store_iter_done(&walk);
	return kept;
}

/* Of one need: what runs, and what has run since it was asked for last. */
static bool is_kept(struct step *s, const struct req *q, const PB(NeedRecord) *n)
{
	return runs_kept(q, n) || (n->need->state != NEED_IS(OPEN) && has_run_kept(s, q, n));
}

void shields_derive(struct step *s, struct req *q)
{
	if (q->r->shields_told) {
		return;
	}
	for (size_t i = 0; i < q->needs_len; i++) {
		PB(NeedFact) *n = q->need[i]->need;
		n->shielded = n->shielded || is_kept(s, q, q->need[i]);
	}
}

void shields_settle(struct step *s, struct req *q)
{
	bool any = false;

	if (q->r->shields_told) {
		return;
	}
	q->r->shields_told = true;
	for (size_t i = 0; i < q->needs_len; i++) {
		PB(NeedRecord) *n = q->need[i];
		if (n->need->shielded) {
			n->need->need_version = step_next_version(s, n->need->need_version);
			need_save(s, q, n);
			any = true;
		}
	}
	if (any) {
		needs_opened_emit(s, q);
	}
}

/* Everybody who shows the need must hear, also of one that is helped. */
static void need_shield(struct step *s, struct req *q, PB(NeedRecord) *n)
{
	bool shielded = is_kept(s, q, n);

	if (n->need->shielded == shielded) {
		return;
	}
	n->need->shielded = shielded;
	n->need->need_version = step_next_version(s, n->need->need_version);
	need_save(s, q, n);
	needs_opened_emit(s, q);
}

/* Whoever holds since before the need was asked for anew: its own help, or what it followed. */
static void held_shield(struct step *s, struct req *q, PB(NeedRecord) *n,
			const PB(ContributionRecord) *c)
{
	bool own = strcmp(n->held_by, c->last->partner) == 0;

	n->held_kept = own ? c->shielded :
			     n->held_kept && (runs_kept(q, n) || has_run_kept(s, q, n));
	need_save(s, q, n);
}

/* The picture of this step must show the same as the table. */
static PB(ContributionRecord) *in_picture(struct step *s, struct req *q, PB(ContributionRecord) *c)
{
	req_live(s, q);
	for (size_t i = 0; i < q->live_len; i++) {
		if (data_equal(&q->live[i]->last->contribution_id, &c->last->contribution_id)) {
			return q->live[i];
		}
	}
	return c;
}

struct help_name {
	const ProtobufCBinaryData *request_id;
	const ProtobufCBinaryData *contribution_id;
	const char *short_code; /* in place of its id */
};

static int named(struct step *s, struct help_name name, struct req *ret_q,
		 PB(ContributionRecord) **ret_c)
{
	int err = req_open(s, name.request_id, "request_id", ret_q);

	if (err == SK_OK && !may_act(s, ret_q)) {
		err = refuse_not_yours(s, "request_id");
	}
	if (err == SK_OK) {
		err = contribution_find_any(s, ret_q, name.contribution_id, name.short_code, ret_c);
	}
	if (err == SK_OK) {
		*ret_c = in_picture(s, ret_q, *ret_c);
	}
	return err;
}

int on_shield(struct step *s, const PB(Message) *in)
{
	const PB(ShieldContribution) *m = in->shield_contribution;
	PB(ContributionRecord) *c = NULL;
	struct req q;
	struct help_name name = { &m->request_id, &m->contribution_id, m->short_code };
	int err = named(s, name, &q, &c);

	if (err == SK_OK) {
		err = speaker_check(s, &q, SPEAKER(YOUTH), m->child);
	}
	if (err != SK_OK) {
		return err;
	}
	PB(NeedRecord) *n = req_need(&q, &c->last->need_id);
	if (n == NULL || n->need->child != m->child || !warm_capable(s, &q, m->child)) {
		return step_refuse(s, REFUSAL(CONTRADICTS), "child");
	}
	if (c->shielded == m->shielded) {
		step_result(s, &q.id, q.r->version);
		return req_settle(s, &q);
	}
	holder_say(s, &q, c->last->partner, true);
	c->shielded = m->shielded;
	c->last->shielded = m->shielded;
	contribution_save(s, &q, c);
	known_shielded(s, &q, c);
	held_shield(s, &q, n, c);
	need_shield(s, &q, n);
	holder_say(s, &q, c->last->partner, false);
	q.warm_changed = true;
	step_result(s, &q.id, q.r->version);
	return req_settle(s, &q);
}

/* --- let know --- */

static uint32_t word_of_speaker(PB(Speaker) speaker, uint32_t adult)
{
	return (uint32_t)speaker << 8 | adult;
}

static bool has_word(const uint32_t *list, size_t len, uint32_t word)
{
	for (size_t i = 0; i < len; i++) {
		if (list[i] == word) {
			return true;
		}
	}
	return false;
}

static size_t without_word(uint32_t *list, size_t len, uint32_t word)
{
	size_t kept = 0;

	for (size_t i = 0; i < len; i++) {
		if (list[i] != word) {
			list[kept++] = list[i];
		}
	}
	return kept;
}

/* One yes lets it be known, and no standing no; shielded help is known to nobody. */
static bool is_known(const PB(ContributionRecord) *c)
{
	return c->n_known > 0 && c->n_unknown == 0 && !c->shielded;
}

static int word_take(struct step *s, PB(ContributionRecord) *c, uint32_t word, bool yes)
{
	uint32_t *known = step_alloc(s, (SPEAKERS_MAX + 1) * sizeof(*known));
	uint32_t *unknown = step_alloc(s, (SPEAKERS_MAX + 1) * sizeof(*unknown));

	if (known == NULL || unknown == NULL) {
		return s->txn->err;
	}
	bool said = has_word(c->known, c->n_known, word) ||
		    has_word(c->unknown, c->n_unknown, word);
	if (!said && c->n_known + c->n_unknown >= SPEAKERS_MAX) {
		return step_refuse(s, REFUSAL(TOO_MANY), "speaker");
	}
	if (c->n_known > 0) {
		memcpy(known, c->known, c->n_known * sizeof(*known));
	}
	if (c->n_unknown > 0) {
		memcpy(unknown, c->unknown, c->n_unknown * sizeof(*unknown));
	}
	c->n_known = without_word(known, c->n_known, word);
	c->n_unknown = without_word(unknown, c->n_unknown, word);
	if (yes) {
		known[c->n_known++] = word;
	} else {
		unknown[c->n_unknown++] = word;
	}
	c->known = known;
	c->unknown = unknown;
	return SK_OK;
}

/* A child speaks of its own help, and is one speaker; whatever else it names is not its word. */
static int let_know_speaker(struct step *s, struct req *q, const PB(LetKnow) *m,
			    const PB(ContributionRecord) *c)
{
	if (m->speaker == SPEAKER(TRUSTED_PERSON)) {
		return step_refuse(s, REFUSAL(CONTRADICTS), "speaker");
	}
	if (m->speaker == SPEAKER(ADULT)) {
		return speaker_check(s, q, m->speaker, m->adult);
	}
	if (m->adult != 0) {
		return step_refuse(s, REFUSAL(CONTRADICTS), "adult");
	}
	int err = speaker_check(s, q, m->speaker, m->child);
	const PB(NeedRecord) *n = req_need(q, &c->last->need_id);
	if (err == SK_OK && (n == NULL || n->need->child != m->child)) {
		err = step_refuse(s, REFUSAL(CONTRADICTS), "child");
	}
	return err;
}

int on_let_know(struct step *s, const PB(Message) *in)
{
	const PB(LetKnow) *m = in->let_know;
	PB(ContributionRecord) *c = NULL;
	struct req q;
	struct help_name name = { &m->request_id, &m->contribution_id, m->short_code };
	int err = named(s, name, &q, &c);

	if (err == SK_OK) {
		err = check_given(s, (int)m->speaker, "speaker");
	}
	if (err == SK_OK) {
		err = let_know_speaker(s, &q, m, c);
	}
	if (err == SK_OK) {
		err = word_take(s, c, word_of_speaker(m->speaker, m->adult), m->known);
	}
	if (err != SK_OK) {
		return err;
	}
	contribution_save(s, &q, c);
	q.warm_changed = true;
	step_result(s, &q.id, q.r->version);
	return req_settle(s, &q);
}

/* --- beside each other --- */

/* A request alone, or all of its family, each with the help that it has now. */
static struct family beside(struct step *s, struct req *q)
{
	struct family fam;

	if (!family_load(s, q, &fam)) {
		fam = (struct family){ .m = { q }, .len = 1 };
	}
	for (size_t i = 0; i < fam.len; i++) {
		req_live(s, fam.m[i]);
	}
	return fam;
}

static bool plan_stands(struct step *s, const struct family *fam)
{
	struct object_id id;

	if (!object_id_from(fam->f != NULL ? &fam->f->plan_id : &fam->m[0]->r->plan_id, &id)) {
		return false;
	}
	struct key k = key_of_id(&id);
	const PB(PlanRecord) *p = step_get(s, TABLE_PLAN, &k, TYPE(plan_record));
	return p != NULL && p->ended_ms == 0;
}

/* Two houses at work for one family, and not all of them in one plan. */
static bool is_parallel(struct step *s, const struct family *fam)
{
	const char *first = NULL;
	bool two = false;
	bool shielded = false;

	for (size_t i = 0; i < fam->len; i++) {
		for (size_t k = 0; k < fam->m[i]->live_len; k++) {
			const PB(ContributionRecord) *c = fam->m[i]->live[k];
			if (!contribution_active(c->last)) {
				continue;
			}
			const char *house = organisation_of(s, c->last->partner);
			two = two || (first != NULL && strcmp(first, house) != 0);
			shielded = shielded || c->shielded;
			first = house;
		}
	}
	return two && (shielded || !plan_stands(s, fam));
}

/* Of one request: those at work that agreed to be known. */
static size_t known_here(const struct req *q, char **ret_list, size_t most)
{
	size_t len = 0;

	for (size_t i = 0; i < q->live_len && len < most; i++) {
		const PB(ContributionRecord) *c = q->live[i];
		if (contribution_active(c->last) && is_known(c) &&
		    !list_has(ret_list, len, c->last->partner)) {
			ret_list[len++] = c->last->partner;
		}
	}
	return len;
}

void parallel_view(struct step *s, struct req *q, PB(PlanView) *v)
{
	struct family fam = beside(s, q);

	v->parallel = step_alloc(s, LIVE_MAX * sizeof(*v->parallel));
	if (v->parallel != NULL && is_parallel(s, &fam)) {
		v->n_parallel = known_here(q, v->parallel, LIVE_MAX);
	}
}

/* Tells who is new beside others; @p care remembers whom it was told. */
static void parallel_tell(struct step *s, const struct req *q, bool parallel, PB(CareRecord) *care)
{
	char **now = step_alloc(s, LIVE_MAX * sizeof(*now));
	size_t len = now == NULL || !parallel ? 0 : known_here(q, now, LIVE_MAX);

	for (size_t i = 0; i < len; i++) {
		if (list_has(care->parallel, care->n_parallel, now[i])) {
			continue;
		}
		PB(Event) e = event_of(q, EVENT(ALARM));
		e.alarm = ALARM(PARALLEL_SUPPORT);
		e.party = now[i];
		e.zone = q->r->zone;
		e.short_code = q->r->short_code;
		say(s, q, e);
	}
	care->parallel = now;
	care->n_parallel = len;
}

void parallel_settle(struct step *s, struct req *q, PB(CareRecord) *care)
{
	/* A step has no room for the whole family twice. */
	struct family fam = q->fam != NULL ? *q->fam : beside(s, q);
	bool parallel = is_parallel(s, &fam);

	for (size_t i = 0; i < fam.len; i++) {
		struct req *m = fam.m[i];
		PB(CareRecord) *its = m == q ? care : m->r->deceased ? NULL : care_load(s, m);
		if (its == NULL) {
			continue;
		}
		size_t was = its->n_parallel;
		parallel_tell(s, m, parallel, its);
		if (m != q && was + its->n_parallel > 0) {
			struct key k = key_of_id(&m->id);
			step_put(s, TABLE_CARE, &k, its);
		}
	}
}
