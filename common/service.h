/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  What a daemon is to the engine: tables of functions. A service has no other way in. */
#include <stdatomic.h>

#include "common/step.h"

struct plan_copy; /* the service's own */
struct plan_told; /* common/plan/plan_told.h */

/** A table whose rows tell who checks from outside what was decided, and out of what: codes, ids,
 *  amounts and dates, nothing that names anybody. */
struct told_table {
	uint8_t table;
	const char *name;
	const char *key; /* its parts, in the order of the key: "need:i" id, "pool:s" text, ":u" */
	const ProtobufCMessageDescriptor *type; /* NULL: being there is all that a row says */
	const char *fields; /* of it, between blanks; "order.rank_ms": of a message in it */
};

typedef int handler_fn(struct step *s, const PB(Message) *in);
typedef int query_fn(struct step *s, const PB(Message) *in, PB(Message) *out);

/** Which bound may keep a command out (DESIGN 4): at the door that makes work, never later. */
enum admit {
	ADMIT_ALWAYS, /* withdraws, frees or erases: refused only when the disk itself is full */
	ADMIT_CRISIS, /* adds; refused at the disk reserve only */
	ADMIT_HIGH,   /* adds; refused at the hard bound of the log */
	ADMIT_NORMAL, /* adds; refused at the soft bound */
};

struct handler {
	PB(Message__BodyCase) body;
	const char *peer; /* a fact: the daemon whose log may carry it; NULL: a command */
	uint32_t roles;   /* a command: who may send it */
	handler_fn *fn;
	enum admit (*admit)(const PB(Message) *in); /* NULL: ADMIT_ALWAYS */
	uint16_t emits_max;                         /* most messages that one of these may cause */
	bool while_reconciling;                     /* also taken in isolation after a restore */
};

struct query {
	PB(Message__BodyCase) body;
	uint32_t roles;
	query_fn *fn;
};

struct service {
	const char *name; /* its party id: "intake", "waitlist", "matching" */
	uint32_t core_version;
	const struct handler *handlers;
	size_t handlers_len;
	const struct query *queries;
	size_t queries_len;
	const char *const *reads; /* daemons whose logs it reads; NULL-terminated */
	/** One due row; it is gone already. emits as many as due_emits_max. */
	int (*on_due)(struct step *s, uint8_t kind, const struct object_id *id, uint32_t extra,
		      uint64_t due_ms);
	uint16_t due_emits_max;
	/** The configuration changed; s->conf is the new one. May be NULL. */
	int (*on_config)(struct step *s);

	/** A plan made beside the loop (engine_plan()), as an input: judged against what holds
	 *  now. emits as many as due_emits_max. NULL: this daemon makes no plans. */
	int (*on_plan)(struct step *s, const PB(PlanProposed) *in);

	/** The copy that the next plan is made of, in this thread, slice by slice, each from the
	 *  open transaction: *io_copy NULL begins one, and stays NULL when none is due. @p
	 * ret_whole: the last slice. After an error it is freed with plan_free(). All four are
	 * NULL where on_plan is. @return SK_ENOMEM. */
	int (*plan_copy)(struct step *s, struct plan_copy **io_copy, bool *ret_whole);
	/** Pure, in any thread, without the engine; may take seconds. Ends soon once *stop. */
	int (*plan_make)(struct plan_copy *copy, const atomic_bool *stop);
	/** The inputs that it made, one at a time; NULL: no more. They are the copy's. */
	PB(PlanProposed) *(*plan_take)(struct plan_copy *copy);
	void (*plan_free)(struct plan_copy *copy);
	/** What the plan was made of and what it is, for who checks plans; borrowed from the copy.
	 *  @return false: no plan was made of it. */
	bool (*plan_told)(const struct plan_copy *copy, struct plan_told *ret_told);
	/** Ended by a NULL name. NULL: of this daemon nothing is told. */
	const struct told_table *told;

	/** In-memory index: folded from effects after their child has committed, and from a scan of
	 *  the tables in @p indexed at start. All four may be NULL. */
	void *(*index_new)(void);
	void (*index_free)(void *index);
	/** @p val.data NULL: deleted. @return SK_OK or a resource error, which ends the process. */
	int (*index_fold)(void *index, uint8_t table, const struct key *k, struct slice val);
	const uint8_t *indexed; /* zero-terminated table numbers */

	/** Emits to @p peer up to @p budget ReconcileItem messages for objects behind *io_resume
	 *  (empty: from the start) and moves it on; leaves it empty when all are out. */
	int (*inventory)(struct step *s, const char *peer, uint32_t budget, struct key *io_resume,
			 uint32_t *ret_items);
	/** All peers have reconciled: resume business, make RECOVERED rows visible. May be NULL. */
	int (*on_reconciled)(struct step *s);
	/** Appends @p limit events (arena) that state the objects behind *io_after; moves it on, or
	 *  empties it at the end. A few more where they must not be told apart. */
	int (*snapshot)(struct step *s, uint32_t limit, struct key *io_after,
			PB(SnapshotView) *out);
};
