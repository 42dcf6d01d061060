/* SPDX-License-Identifier: EUPL-1.2 */
/* B9: whom each child knows: the workers and houses that helped it, latest first, so that matching
 * asks them before others. Not known in this sense is whom the child stopped, who was taken away
 * for its safety or did not fit, in whose place another one was asked, and what the child keeps to
 * itself: a team that is put together around a secret would tell it. Whoever still helps beside
 * that stays known. */
#include <string.h>

#include "services/intake/core_inner.h"

#define INTERRUPT(X) SCHAKEL__V1__INTERRUPT_REASON__INTERRUPT_REASON_##X

struct known {
	PB(KnownRecord) rec;
	ProtobufCBinaryData worker[KNOWN_MAX + 1];
	char *partner[KNOWN_MAX + 1];
	struct key at;
};

static bool known_load(struct step *s, const struct req *q, uint32_t child, struct known *ret_k)
{
	ret_k->at = key_of_id(&q->id);
	key_u32(&ret_k->at, child);
	schakel__v1__known_record__init(&ret_k->rec);
	const PB(KnownRecord) *rec = step_get(s, TABLE_KNOWN, &ret_k->at, TYPE(known_record));
	if (rec != NULL) {
		SK_ASSERT(rec->n_workers <= KNOWN_MAX && rec->n_partners <= KNOWN_MAX);
		ret_k->rec.n_workers = rec->n_workers;
		ret_k->rec.n_partners = rec->n_partners;
		for (size_t i = 0; i < rec->n_workers; i++) {
			ret_k->worker[i] = rec->workers[i];
		}
		for (size_t i = 0; i < rec->n_partners; i++) {
			ret_k->partner[i] = rec->partners[i];
		}
	}
	return s->txn->err == SK_OK;
}

static void known_save(struct step *s, struct known *k)
{
	k->rec.workers = k->worker;
	k->rec.partners = k->partner;
	step_put(s, TABLE_KNOWN, &k->at, &k->rec);
}

static void worker_drop(struct known *k, const ProtobufCBinaryData *worker)
{
	size_t kept = 0;

	for (size_t i = 0; i < k->rec.n_workers; i++) {
		if (!data_equal(&k->worker[i], worker)) {
			k->worker[kept++] = k->worker[i];
		}
	}
	k->rec.n_workers = kept;
}

static void partner_drop(struct known *k, const char *partner)
{
	size_t kept = 0;

	for (size_t i = 0; i < k->rec.n_partners; i++) {
		if (strcmp(k->partner[i], partner) != 0) {
			k->partner[kept++] = k->partner[i];
		}
	}
	k->rec.n_partners = kept;
}

/* In front; the one that was heard of longest ago gives way. */
static void worker_first(struct known *k, const ProtobufCBinaryData *worker)
{
	worker_drop(k, worker);
	memmove(&k->worker[1], &k->worker[0], k->rec.n_workers * sizeof(k->worker[0]));
	k->worker[0] = *worker;
	k->rec.n_workers += k->rec.n_workers < KNOWN_MAX ? 1 : 0;
}

static void partner_first(struct known *k, char *partner)
{
	partner_drop(k, partner);
	memmove(&k->partner[1], &k->partner[0], k->rec.n_partners * sizeof(k->partner[0]));
	k->partner[0] = partner;
	k->rec.n_partners += k->rec.n_partners < KNOWN_MAX ? 1 : 0;
}

static void known_helps(struct step *s, const struct req *q, uint32_t child,
			const PB(ContributionChanged) *c)
{
	struct known k;

	if (!known_load(s, q, child, &k)) {
		return;
	}
	partner_first(&k, c->partner);
	if (c->worker.len > 0) {
		worker_first(&k, &c->worker);
	}
	known_save(s, &k);
}

static bool was_not_right(const PB(ContributionChanged) *c)
{
	bool away = c->state == CONTRIB(INTERRUPTED) &&
		    (c->interrupt == INTERRUPT(SAFETY) || c->interrupt == INTERRUPT(NOT_FITTING));

	return away || c->state == CONTRIB(STOPPED_BY_YOUTH);
}

/* Other help of the same child that goes on in the open. */
static bool helps_beside(struct req *q, const PB(ContributionRecord) *other, uint32_t child,
			 const PB(ContributionChanged) *c)
{
	const PB(NeedRecord) *n = req_need(q, &other->last->need_id);

	return n != NULL && n->need->child == child && !other->shielded && other->begun_ms != 0 &&
	       contribution_active(other->last) && !was_not_right(other->last) &&
	       !data_equal(&other->last->contribution_id, &c->contribution_id);
}

void known_forget(struct step *s, struct req *q, uint32_t child, const PB(ContributionChanged) *c,
		  bool house)
{
	struct known k;

	if (!known_load(s, q, child, &k)) {
		return;
	}
	req_live(s, q);
	worker_drop(&k, &c->worker);
	if (house) {
		partner_drop(&k, c->partner);
	}
	for (size_t i = 0; house && i < q->live_len; i++) {
		const PB(ContributionChanged) *o = q->live[i]->last;
		if (!helps_beside(q, q->live[i], child, c)) {
			continue;
		}
		if (strcmp(o->partner, c->partner) == 0) {
			partner_first(&k, o->partner);
		}
		if (o->worker.len > 0 && data_equal(&o->worker, &c->worker)) {
			worker_first(&k, &o->worker);
		}
	}
	known_save(s, &k);
}

void known_settle(struct step *s, struct req *q, const PB(ContributionRecord) *rec,
		  const PB(ContributionChanged) *was)
{
	const PB(ContributionChanged) *c = rec->last;
	const PB(NeedRecord) *n = req_need(q, &c->need_id);
	bool other = was == NULL || was->state != c->state || was->interrupt != c->interrupt ||
		     !data_equal(&was->worker, &c->worker);

	if (n == NULL || !other) {
		return;
	}
	if (was_not_right(c)) {
		known_forget(s, q, n->need->child, c, true);
	} else if (c->state == CONTRIB(STARTED) && !rec->shielded) {
		known_helps(s, q, n->need->child, c);
	}
}

void known_shielded(struct step *s, struct req *q, const PB(ContributionRecord) *rec)
{
	const PB(NeedRecord) *n = req_need(q, &rec->last->need_id);

	if (n == NULL || rec->begun_ms == 0) {
		return;
	}
	if (rec->shielded) {
		known_forget(s, q, n->need->child, rec->last, true);
	} else if (!was_not_right(rec->last)) {
		known_helps(s, q, n->need->child, rec->last);
	}
}

void known_fact(struct step *s, const struct req *q, uint32_t child, PB(ChildFact) *io_f)
{
	struct key at = key_of_id(&q->id);

	key_u32(&at, child);
	const PB(KnownRecord) *rec = step_get(s, TABLE_KNOWN, &at, TYPE(known_record));
	if (rec != NULL) {
		io_f->n_known_workers = rec->n_workers;
		io_f->known_workers = rec->workers;
		io_f->n_known_partners = rec->n_partners;
		io_f->known_partners = rec->partners;
	}
}
