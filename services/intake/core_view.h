/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  What one person, a house or the whole file shows of a request.
 *  Ownership: all records live in the arena of the step. Errors: sticky in s->txn->err. Blocks:
 *  never. */
#include "services/intake/core_request.h"

int intake_snapshot(struct step *s, uint32_t limit, struct key *io_after, PB(SnapshotView) *out);
/** One request as the asker may see it; NULL: the arena is full (sticky). */
PB(RequestItem) *item_view(struct step *s, struct req *q, const PB(TeamProposed) *t);
/** Where the next page goes on. */
void next_set(struct step *s, const struct key *k, ProtobufCBinaryData *ret_next);
int request_page(struct step *s, const PB(QueryRequest) *m, PB(RequestView) *ret_v);
int q_request(struct step *s, const PB(Message) *in, PB(Message) *out);
int q_plan(struct step *s, const PB(Message) *in, PB(Message) *out);
int q_similar(struct step *s, const PB(Message) *in, PB(Message) *out);
/** SK_OK when the sender may see the request at all, else a refusal. */
int may_view(struct step *s, const struct req *q);

/* --- core_person.c: what one person sees (L10) --- */

/** Who looks. person_open() fills what stands behind the line. */
struct person {
	PB(Speaker) speaker;
	uint32_t adult;
	uint32_t child;
	const ProtobufCBinaryData *own; /* whose story is its own; NULL: nobody's */
	bool sees_child;                /* the child's part */
	bool names;                     /* and who helps there */
	bool no_contact; /* must not learn where the child is, not even by who holds */
};
/** @return SK_OK, or a refusal: there is no such child or adult, or nobody was named. */
int person_open(struct step *s, const struct req *q, struct person *io_who);
/** NULL: the arena is full (sticky). */
PB(PersonView) *person_view(struct step *s, struct req *q, const struct person *who);
/** NULL: the arena is full (sticky). */
PB(PersonHelp) *person_help(struct step *s, const PB(ContributionChanged) *c);
/** Help of the need that is over and of which this person has not said yet whether it fitted. */
void fits_wanted(struct step *s, const struct req *q, const struct person *who,
		 PB(PersonNeed) *io_n);
/** Goals, own people and means, strengths, orders: core_person_own.c; req_live() was called. */
void person_own(struct step *s, struct req *q, const struct person *who, PB(PersonView) *v);
/** Who took the crisis holds it until help starts, and calls (L2): not who has duty by day. */
char *person_crisis_caller(const PB(RequestRecord) *r);
/** Talks with everybody that are to come. */
void person_tables(struct step *s, struct req *q, const struct person *who, PB(PersonView) *v);
/** Which houses want to meet this child first, and whether they may. */
void person_meets(struct step *s, const struct req *q, const struct person *who,
		  const PB(NeedRecord) *rec, PB(PersonNeed) *n);
/** @return how many children this person may hear of: a parent of the others that it may see. */
uint32_t person_children(struct step *s, const struct req *q, const struct person *who);
bool person_sees_need(const struct req *q, const struct person *who, const PB(NeedRecord) *n);
/** Whether that voice was this person's, about this child. */
bool person_spoke(const struct person *who, const PB(VoiceRecord) *w);
/** Whether the adult speaks for the child, as this one is not of own judgement. */
bool person_acts_for_child(const struct req *q, const struct person *who, uint64_t now_ms);
/** To the family's channel a copy without what the partner answered, to others as it is; as a team.
 *  NULL: the arena is full (sticky). */
PB(ContributionChanged) *contribution_told(struct step *s, PB(ContributionChanged) *c);
PB(TeamProposed) *team_plain(struct step *s, const PB(TeamProposed) *t);

/* --- core_file.c: the whole file (L10) --- */

int on_ask_file(struct step *s, const PB(Message) *in);
int on_keep_back(struct step *s, const PB(Message) *in);
/** Who may ask for a file, or give it: the family's channel, or the contact person beside it. */
int file_reader_check(struct step *s, const struct req *q, PB(Speaker) speaker);
/** When this reader asked last (0: never), and how many times anybody did. */
uint64_t file_looked_ms(struct step *s, const struct req *q, const struct person *who,
			size_t *ret_looks);
struct key key_of_told(const struct req *q, const ProtobufCBinaryData *person, uint32_t version);
/** The mark on that version, or NULL (or a store error). */
PB(KeptBackRecord) *file_mark(struct step *s, const struct req *q,
			      const ProtobufCBinaryData *person, uint32_t version);
int q_file(struct step *s, const PB(Message) *in, PB(Message) *out);
