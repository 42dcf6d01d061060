/* SPDX-License-Identifier: EUPL-1.2 */
/* Where brothers and sisters of a child are helped, as the list may know it: by it the list checks
 * who says that one is there already (DOMAIN 6, SIBLING_THERE). Help that a child keeps to itself
 * is never among it. */
#include <string.h>

#include "services/intake/core_warm.h"

/** In the order of their names, so that the same houses are always told in the same way. */
struct houses {
	char *name[SIBLING_PARTNERS_MAX];
	size_t len;
};

/* The names outlive the pictures that they were found in: they have room of their own. */
static bool houses_init(struct step *s, struct houses *ret_h)
{
	ret_h->len = 0;
	for (size_t i = 0; i < SIBLING_PARTNERS_MAX; i++) {
		ret_h->name[i] = step_alloc(s, PARTY_ID_LEN_MAX + 1);
	}
	return s->txn->err == SK_OK;
}

static void house_add(struct houses *h, const char *name)
{
	char *spare = h->name[SIBLING_PARTNERS_MAX - 1];
	size_t at = 0;

	while (at < h->len && strcmp(h->name[at], name) < 0) {
		at++;
	}
	if (at == SIBLING_PARTNERS_MAX || (at < h->len && strcmp(h->name[at], name) == 0)) {
		return;
	}
	for (size_t i = SIBLING_PARTNERS_MAX - 1; i > at; i--) {
		h->name[i] = h->name[i - 1];
	}
	h->name[at] = spare;
	name_copy(spare, name);
	h->len += h->len < SIBLING_PARTNERS_MAX;
}

/** One child, in its request. */
struct whose {
	const struct family *fam;
	const struct kin *kin;
	size_t member;
	uint32_t child;
};

/* A child that was told of twice is no brother or sister of itself. */
static bool is_itself(const struct whose *w, size_t member, uint32_t child)
{
	return same_child(w->kin, w->member, w->child, member, child);
}

/* What was put off before it began is no help yet. */
static bool helps(const struct req *q, const PB(ContributionRecord) *c)
{
	return c->begun_ms != 0 && contribution_active(c->last) && !shield_keeps(q, c);
}

static void helpers_of(const struct whose *w, size_t member, struct houses *io_h)
{
	struct req *q = w->fam->m[member];

	for (size_t i = 0; i < q->live_len; i++) {
		const PB(ContributionRecord) *c = q->live[i];
		const PB(NeedRecord) *n = req_need(q, &c->last->need_id);
		if (n != NULL && helps(q, c) && !is_itself(w, member, n->need->child)) {
			house_add(io_h, c->last->partner);
		}
	}
}

/* The family as it stands in the store; a request that is alone, or that has no place in it yet. */
static void home_load(struct step *s, struct req *q, struct family *ret_fam)
{
	if (q->fam != NULL) {
		*ret_fam = *q->fam; /* a step has no room for it twice */
		return;
	}
	if (family_load(s, q, ret_fam) && family_at(ret_fam, &q->r->request_id) < ret_fam->len) {
		for (size_t i = 0; i < ret_fam->len; i++) {
			req_live(s, ret_fam->m[i]);
		}
		return;
	}
	*ret_fam = (struct family){ .m = { q }, .len = 1 };
}

void siblings_fact(struct step *s, struct req *q, PB(RequestFact) *io_f)
{
	struct houses *h = step_alloc(s, (io_f->n_children + 1) * sizeof(*h));
	struct family fam;
	struct kin kin;

	req_live(s, q);
	for (size_t i = 0; h != NULL && i < io_f->n_children; i++) {
		if (!houses_init(s, &h[i])) {
			return;
		}
	}
	size_t mark = s->arena->used_bytes;
	if (h == NULL || s->txn->err != SK_OK) {
		return;
	}
	home_load(s, q, &fam);
	family_kin(&fam, &kin);
	struct whose w = { .fam = &fam, .kin = &kin, .member = family_at(&fam, &q->r->request_id) };
	for (size_t i = 0; i < io_f->n_children; i++) {
		w.child = (uint32_t)i;
		for (size_t m = 0; m < fam.len; m++) {
			helpers_of(&w, m, &h[i]);
		}
		io_f->children[i]->sibling_partners = h[i].name;
		io_f->children[i]->n_sibling_partners = h[i].len;
	}
	s->arena->used_bytes = mark; /* the names are kept, the pictures are not */
}

void siblings_settle(struct step *s, struct req *q, struct family *fam)
{
	for (size_t i = 0; q->warm_changed && i < fam->len; i++) {
		struct req *m = fam->m[i];
		uint64_t told = m->r->told_hash;
		if (m == q) {
			continue; /* told when it is settled */
		}
		list_tell(s, m);
		if (m->r->told_hash != told) {
			req_save(s, m); /* under the version that was told */
		}
	}
}
