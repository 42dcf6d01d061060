/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  What a family and those around it add: goals, means, references, wishes, consults,
 *  budgets.
 *  Ownership: all records live in the arena of the step. Errors: sticky in s->txn->err. Blocks:
 *  never. */
#include "services/intake/core_request.h"

/* --- core_said.c: what the parts of a plan have in common --- */

struct key key_of_part(const struct object_id *request, uint32_t number);
/** The request of a command that adds to it: may act, and it is open. */
int said_open(struct step *s, const ProtobufCBinaryData *id, struct req *ret_q);
/** The family itself, or its contact person or stand-in for it. */
bool family_speaks(const struct step *s, const struct req *q);
/** A party that is known here, or empty. */
int said_party(struct step *s, const char *party, const char *field);
int said_child(struct step *s, const struct req *q, uint32_t child);
/** Capsules that join those that are kept: formed well, newer than what is known, not too many. */
int said_capsules(struct step *s, const struct req *q, PB(Capsule) *const *capsules, size_t len);
/** One capsule beside a part, or none. */
int said_words(struct step *s, const struct req *q, PB(Capsule) *words, const char *field);
/** The capsule of that person and version, as it was sealed; NULL: none, not for who asks (or a
 *  store error). */
PB(Capsule) *said_find(struct step *s, const struct req *q, const ProtobufCBinaryData *person,
		       uint32_t version);

/* --- goals, own contributions, diagnostic references, another worker, the family's wish --- */

int on_goal(struct step *s, const PB(Message) *in);
int due_goal(struct step *s, const struct object_id *id, uint32_t number, uint64_t due_ms);
void goals_view(struct step *s, const struct req *q, PB(PlanView) *v);
/** The request is open again: what was to be looked at is not forgotten. */
void goals_wake(struct step *s, struct req *q);
int on_own(struct step *s, const PB(Message) *in);
void own_view(struct step *s, const struct req *q, PB(PlanView) *v);
int check_strengths(struct step *s, PB(Strength) *const *list, size_t len, size_t needs,
		    size_t children);
void strengths_add(struct step *s, struct req *q, PB(Strength) *const *list, size_t len);
void strengths_view(struct step *s, const struct req *q, PB(RequestItem) *it);
int on_diagnostic(struct step *s, const PB(Message) *in);
void diagnostics_view(struct step *s, const struct req *q, PB(PlanView) *v);
int on_ask_other(struct step *s, const PB(Message) *in);
int on_answer_other(struct step *s, const PB(Message) *in);
int due_other(struct step *s, const struct object_id *id, uint32_t number, uint64_t due_ms);
void others_view(struct step *s, const struct req *q, PB(RequestItem) *it);
void others_wake(struct step *s, struct req *q);
int on_family_wish(struct step *s, const PB(Message) *in);
int due_wish(struct step *s, const struct object_id *id, uint64_t due_ms);
/** The wish as a peer knows it. */
void family_wish_adopt(struct step *s, struct req *q, uint64_t until_ms);
/** Told under a new person by somebody else than who told it before: a retelling. */
void retold_count(struct step *s, struct req *q, PB(Capsule) *const *capsules, size_t len);

/* --- core_consult.c --- */

int on_move_consult(struct step *s, const PB(Message) *in);
int on_confirm_consult(struct step *s, const PB(Message) *in);
int q_consult(struct step *s, const PB(Message) *in, PB(Message) *out);
/** The consult that a search goes on from. @return SK_OK, or a refusal. */
int consult_find(struct step *s, const PB(SubmitRequest) *m, struct req *ret_consult);
/** Its story is copied as it was sealed, its term goes on, it is CONVERTED. */
int consult_convert(struct step *s, struct req *consult, struct req *q);

/* --- core_budget.c: budgets of networks (C12) --- */

int on_network_told(struct step *s, const PB(Message) *in);
int network_told_apply(struct step *s, const PB(NetworkTold) *f);
/** May the network give so many cents more, now? @return SK_OK or a refusal. */
int budget_check(struct step *s, const char *network, uint64_t cents);
