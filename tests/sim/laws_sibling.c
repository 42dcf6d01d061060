/* SPDX-License-Identifier: EUPL-1.2 */
/* DOMAIN 6, L10: what the list is told of where brothers and sisters of a child are helped is so,
 * and all of it; help that a child keeps to itself is not among it. Only the records of help and of
 * families are believed. */
#include "tests/sim/laws_model.h"

#define HOUSES_TOLD 8 /* when there are more, some are left out */
#define LABELS_MAX 256

/** A child of a request; those with the same label are one child. */
struct label {
	struct object_id request;
	uint32_t child;
	size_t is;
};

struct labels {
	struct label l[LABELS_MAX];
	size_t len;
};

static size_t label_of(struct labels *t, struct object_id request, uint32_t child)
{
	for (size_t i = 0; i < t->len; i++) {
		if (object_id_equal(&t->l[i].request, &request) && t->l[i].child == child) {
			return t->l[i].is;
		}
	}
	if (t->len == LABELS_MAX) {
		return SIZE_MAX;
	}
	t->l[t->len] = (struct label){ request, child, t->len };
	return t->l[t->len++].is;
}

/* The pairs that were said to be one child, as often as one of them leads to another. */
static void labels_join(const PB(FamilyRecord) *f, struct labels *t)
{
	for (size_t i = 0; i < f->n_children; i++) {
		const PB(FamilyChild) *c = f->children[i];
		size_t a = label_of(t, law_id(&c->request_id), c->child);
		size_t b = label_of(t, law_id(&c->with_request_id), c->with_child);
		for (size_t k = 0; k < t->len; k++) {
			t->l[k].is = t->l[k].is == b ? a : t->l[k].is;
		}
	}
}

/** -1: not of this request; else the child, and whether the child keeps the need to itself. */
static int64_t child_of(const struct daemon_model *d, const PB(ContributionChanged) *c,
			bool *ret_kept)
{
	size_t at = SIZE_MAX;

	for (const PB(NeedRecord) *n = intake_need(d, &c->request_id, &at); n != NULL;
	     n = intake_need(d, &c->request_id, &at)) {
		if (same_data(&n->need->need_id, &c->need_id)) {
			*ret_kept = n->need->shielded;
			return n->need->child;
		}
	}
	return -1;
}

/* Help that was put off before it began helps nobody yet. */
static bool helps_now(const PB(ContributionRecord) *c)
{
	if (c->begun_ms == 0) {
		return false;
	}
	return c->last->state == CONTRIB(STARTED) || c->last->state == CONTRIB(INTERRUPTED) ||
	       c->last->state == CONTRIB(HANDING_ON);
}

struct look {
	struct laws *l;
	const PB(RequestFact) *f;
	uint32_t child;
	struct labels same;
	bool named[HOUSES_TOLD]; /* of those that were told: found to help */
};

static void help_is_told(struct look *k, const PB(ContributionRecord) *c)
{
	const PB(ChildFact) *told = k->f->children[k->child];
	bool kept = false;
	int64_t child = child_of(&k->l->d[LAWS_INTAKE], c->last, &kept);
	struct object_id own = law_id(&k->f->request_id);

	if (!helps_now(c) || c->shielded || kept || child < 0 ||
	    label_of(&k->same, law_id(&c->last->request_id), (uint32_t)child) ==
		    label_of(&k->same, own, k->child)) {
		return;
	}
	bool found = told->n_sibling_partners >= HOUSES_TOLD;
	for (size_t i = 0; i < told->n_sibling_partners && i < HOUSES_TOLD; i++) {
		bool it = strcmp(told->sibling_partners[i], c->last->partner) == 0;
		k->named[i] = k->named[i] || it;
		found = found || it;
	}
	if (!found) {
		laws_violated(k->l, "DOMAIN 6",
			      "list is not told that %s helps beside child %u of %s",
			      c->last->partner, k->child, law_hex(&own));
	}
}

static void request_is_told(struct look *k, const ProtobufCBinaryData *request)
{
	size_t at = SIZE_MAX;

	for (const PB(ContributionRecord) *c = intake_live(&k->l->d[LAWS_INTAKE], request, &at);
	     c != NULL; c = intake_live(&k->l->d[LAWS_INTAKE], request, &at)) {
		help_is_told(k, c);
	}
}

static void child_is_told(struct laws *l, const PB(RequestFact) *f, uint32_t child)
{
	const PB(FamilyRecord) *home = rec_by_id(&l->d[LAWS_INTAKE], I_FAMILY, &f->family_id);
	const PB(ChildFact) *told = f->children[child];
	struct look k = { .l = l, .f = f, .child = child };

	if (home != NULL) {
		labels_join(home, &k.same);
	}
	request_is_told(&k, &f->request_id);
	for (size_t i = 0; home != NULL && i < home->n_members; i++) {
		if (!same_data(&home->members[i]->request_id, &f->request_id)) {
			request_is_told(&k, &home->members[i]->request_id);
		}
	}
	for (size_t i = 0; i < told->n_sibling_partners; i++) {
		if (i >= HOUSES_TOLD || !k.named[i]) {
			laws_violated(l, "DOMAIN 6",
				      "list is told that %s helps beside child %u of %s",
				      told->sibling_partners[i], child,
				      law_hex_data(&f->request_id));
		}
	}
}

void laws_sibling_told(struct laws *l, const PB(RequestFact) *f)
{
	for (uint32_t child = 0; child < f->n_children; child++) {
		child_is_told(l, f, child);
	}
}

/* Of a request that has nothing on the list any more nothing is kept up to date there. */
static bool is_listed(const struct daemon_model *d, const ProtobufCBinaryData *request)
{
	size_t at = SIZE_MAX;

	for (const PB(NeedRecord) *n = intake_need(d, request, &at); n != NULL;
	     n = intake_need(d, request, &at)) {
		if (!n->list_closed) {
			return true;
		}
	}
	return false;
}

/* What is said last of a request in a step is what the step leaves behind. */
void laws_sibling(struct laws *l)
{
	const struct daemon_model *d = &l->d[LAWS_INTAKE];

	for (size_t i = 0; i < d->emitted_len; i++) {
		const PB(Message) *m = d->emitted[i].m;
		bool last = m->body_case == BODY(NEEDS_OPENED);
		for (size_t k = i + 1; last && k < d->emitted_len; k++) {
			const PB(Message) *o = d->emitted[k].m;
			last = o->body_case != BODY(NEEDS_OPENED) ||
			       !same_data(&o->needs_opened->request->request_id,
					  &m->needs_opened->request->request_id);
		}
		if (last && is_listed(d, &m->needs_opened->request->request_id)) {
			laws_sibling_told(l, m->needs_opened->request);
		}
	}
}
