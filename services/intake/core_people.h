/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  The people around a child: children, whom they know, contact person, family, its plan.
 *  Ownership: all records live in the arena of the step. Errors: sticky in s->txn->err. Blocks:
 *  never. */
#include "services/intake/core_request.h"

/* --- core_children.c: the children of a request, and who may know what of them --- */

/** Gives each child its state; what is known of a child stays with its place in the list. */
void children_fit(struct req *q);
/** Whole years at @p now_ms: by the day of birth, else as it was told. */
uint32_t child_age(const struct req *q, uint32_t child, uint64_t now_ms);
/** Of own judgement (DOMAIN 3): from 18 on always; presumed from 12 on unless found absent since;
 * before that when found. */
bool child_capable(const struct req *q, uint32_t child, uint64_t now_ms);
/** Whether parents see and say something of this child: until 00:00 of its 18th birthday. */
bool adult_sees_child(const struct req *q, uint32_t child, uint64_t now_ms);
/** What a peer knows of the children is taken over; where they stay is hidden until told anew. */
void children_adopt(struct step *s, struct req *q, const PB(RequestFact) *f);
/** Fills the children of a fact: ages of now, zones of the stays. */
void children_fact(struct step *s, const struct req *q, PB(RequestFact) *ret_f);
/** The children as @p who may see them: neither days of birth nor safe stays unless it holds. */
void children_view(struct step *s, const struct req *q, bool holds, PB(RequestItem) *ret_item);
int on_missing(struct step *s, const PB(Message) *in);
/** After children were told, or told anew: ages, places for what is known of them, judgements that
 * came with the telling. Birthdays count from now on. */
void children_told(struct step *s, struct req *q);

/* --- core_known.c: whom each child knows (B9) --- */

/** A contribution's fact was taken in; @p was: the one before it, NULL: none. */
void known_settle(struct step *s, struct req *q, const PB(ContributionRecord) *rec,
		  const PB(ContributionChanged) *was);
/** The child keeps it to itself, or no longer. */
void known_shielded(struct step *s, struct req *q, const PB(ContributionRecord) *rec);
/** Its worker is known no longer, nor, with @p house, its house, but by other help. */
void known_forget(struct step *s, struct req *q, uint32_t child, const PB(ContributionChanged) *c,
		  bool house);
void known_fact(struct step *s, const struct req *q, uint32_t child, PB(ChildFact) *io_f);

/* --- core_contact.c --- */

/** The contact person of the request as it stands now. */
PB(ContactRecord) contact_now(const struct req *q);
/** Puts another one in its place, in this step (L3), and says so. Nothing is saved. */
void contact_put(struct step *s, struct req *q, const PB(ContactRecord) *c);
/** The zone changed: unless a person was named, its duty organisations come with it. */
void contact_zone(struct step *s, struct req *q);

/* --- core_family.c: requests of one family --- */

/** A family with its members, each loaded once. The request in hand is one of them. */
#define CHILD_SLOTS 32 /* children of one request, at most, in the table of who is who */

struct family {
	PB(FamilyRecord) *f;
	struct req *m[FAMILY_MAX];
	size_t len;
};

/** False when @p q is alone, or on a store error. */
bool family_load(struct step *s, struct req *q, struct family *ret_fam);
void family_save(struct step *s, struct family *fam);
/** Its place among the members; fam->len: of another family. */
size_t family_at(const struct family *fam, const ProtobufCBinaryData *request);
/** NULL: of another family. */
PB(FamilyMember) *family_member(const PB(FamilyRecord) *f, const ProtobufCBinaryData *request);
/** Whose contact person is to be that of all. */
const PB(FamilyMember) *family_lead(const PB(FamilyRecord) *f);
/** The lead's contact person for all members, saved. */
void family_contact_spread(struct step *s, struct family *fam);
/** Settles each of these requests as it stands in the store; pictures of them are old afterwards.
 */
int family_settle_each(struct step *s, struct req *const *list, size_t len);
/** Which child is which, of all members: made once for a look at many. */
struct kin {
	uint32_t label[FAMILY_MAX][CHILD_SLOTS];
};
/** A request without a family has @p fam->f NULL: each child is itself alone. */
void family_kin(const struct family *fam, struct kin *ret_kin);
/** The two children, each of the member at that place, are one child that was told of twice. */
bool same_child(const struct kin *kin, size_t a, uint32_t child_a, size_t b, uint32_t child_b);
/** A contact person is named: in a family for all its members. @return as req_settle(), which it
 *  ends in. */
int family_contact(struct step *s, struct req *q, const PB(ContactRecord) *own);
/** The duty organisations of a member's zone, in place of those that it had of its own. */
void family_contact_zone(struct step *s, struct req *q, const char *party, const char *stand_in);
/** Plan and list of a family after a change of @p q. */
void family_settle(struct step *s, struct req *q);
/** Of the same child's needs of one expertise only the first is waited for: core_twin.c. */
void twins_settle(struct step *s, struct family *fam);
/** The request has left: its needs are its own again. */
void twins_part(struct step *s, struct req *q);
/* core_join.c */
int on_join(struct step *s, const PB(Message) *in);
int on_split(struct step *s, const PB(Message) *in);

/* --- core_sibling.c: where brothers and sisters are helped --- */

/** Of each child the houses that help a brother or sister now, in the family as it is stored. */
void siblings_fact(struct step *s, struct req *q, PB(RequestFact) *io_f);
/** After help of @p q changed: the list hears it of the brothers and sisters elsewhere too. */
void siblings_settle(struct step *s, struct req *q, struct family *fam);

/* --- core_plan.c: one plan of the family (L9) --- */

/** Of a request alone: @p fam NULL. */
void plan_settle(struct step *s, struct req *q, struct family *fam);
/** The plan that counts for the request: that of its family. */
void plan_shown(struct step *s, struct req *q, PB(RequestItem) *it);
/** The request leaves: its own plan is its own again. */
void plan_part(struct step *s, struct family *fam, struct req *q);
int on_decline_plan(struct step *s, const PB(Message) *in);
int due_plan_ask(struct step *s, const struct object_id *id, uint64_t due_ms);

/* --- core_lay.c: volunteers and bridge persons who help --- */

/** Helps, or was asked to hold on, as one of those, and has no other part in the request. */
bool lay_only(const struct step *s, const struct req *q);
/** What is asked of it, and whom to call; NULL: the arena is full (sticky). */
PB(RequestItem) *lay_item(struct step *s, struct req *q);
int lay_view(struct step *s, struct req *q, PB(RequestView) *ret_v);
