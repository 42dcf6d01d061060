/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  One interaction of the FHIR face, of its own or as an entry of a Bundle. A handler fills
 *  the answer; the issues it said become an OperationOutcome. Ownership: `resource` of the answer
 * is the call's, texts live in the request's arena. Blocks: in fhir_ask(). */
#include "services/gateway/fhir_in.h"
#include "services/gateway/fhir_out.h"
#include "services/gateway/web.h"

#define FHIR_JSON "application/fhir+json"
#define FHIR_COUNT_DEFAULT 10
#define FHIR_COUNT_MAX 50

struct fhir_call {
	struct web *w;
	const char *method;
	const char *type;
	const char *id;
	const char *query;    /* behind the "?"; never NULL */
	json_t *body;         /* borrowed */
	const json_t *bundle; /* around it; borrowed */
	const char *if_match;
	const char *none_exist; /* a query: when it finds one, that is the answer */
	bool entry;             /* of a Bundle */
	bool total_only;        /* a search that asks how many there are */
	struct fhir_in in;
	/* the answer */
	unsigned status;
	json_t *resource;
	const char *location;           /* "ServiceRequest/..." */
	uint32_t child[FHIR_NEEDS_MAX]; /* of the request that each order asks for */
};

typedef void fhir_fn(struct fhir_call *c);

/** What is done where; the CapabilityStatement is made of it. */
struct fhir_op {
	const char *method;
	const char *type;
	bool instance;           /* of one resource */
	const char *interaction; /* as the CapabilityStatement names it */
	fhir_fn *fn;
};
extern const struct fhir_op fhir_ops[];

/** Ready to run: everything but method, type, id, query and body is set from the request. */
void fhir_call_init(struct fhir_call *c, struct web *w);
/** Finds the operation and runs it. */
void fhir_run(struct fhir_call *c);
void fhir_call_done(struct fhir_call *c);

/* --- the query (fhir_query.c) --- */

/** By what can be searched; the CapabilityStatement says the same. */
struct fhir_search {
	const char *type;
	const char *name;
	const char *kind;
};
extern const struct fhir_search fhir_searches[];
/** Of the connection, in the arena. */
const char *fhir_query_of(struct web *w);
/** A parameter of the query; NULL: not there. */
const char *fhir_param(struct fhir_call *c, const char *name);
/** The id in a reference that a parameter gives. */
bool fhir_param_id(struct fhir_call *c, const char *name, struct object_id *ret_id);
uint32_t fhir_count(struct fhir_call *c);
/** Whether a search asks how many there are, and not which (_summary=count, _count=0). */
bool fhir_total_only(struct fhir_call *c);
/** Whether a search can be done as it is asked. @p strict: also what is not known is refused, else
 *  it is told of. @return SK_EPROTO after saying why not. */
int fhir_query_check(struct fhir_call *c, bool strict);
/** The parameters that were looked at, for a link. */
char *fhir_own_query(struct fhir_call *c);

struct fhir_out fhir_writer(const struct fhir_call *c);

/** Answers; @p resource is taken over. */
void fhir_answer(struct fhir_call *c, unsigned status, json_t *resource);
/** Refuses with a status of its own. @return SK_EPROTO. */
int fhir_refuse(struct fhir_call *c, const struct fhir_issue *issue);
int fhir_not_found(struct fhir_call *c);
/** Asks a daemon. @return SK_OK, or the reason after saying it as an issue (also a refusal). */
int fhir_ask(struct fhir_call *c, const char *daemon, PB(Message) *m, PB(Message) **ret_answer);
/** The same where a refusal is an answer too: @p *ret_answer is its receipt then. */
int fhir_try(struct fhir_call *c, const char *daemon, PB(Message) *m, PB(Message) **ret_answer);
bool fhir_is_refused(const PB(Message) *answer);
/** Says why; @p element names the element behind a field of the message. */
int fhir_receipt(struct fhir_call *c, const PB(Receipt) *r,
		 const char *(*element)(const char *field));
/** A command, with the elements of a kind of resource. */
int fhir_command(struct fhir_call *c, const char *daemon, PB(Message) *m,
		 const char *(*element)(const char *field), PB(Receipt) **ret_r);
/** What the web has answered already (no key, too busy, no JSON), as an issue of ours. */
int fhir_adopt(struct fhir_call *c);
/** The version that `If-Match: W/"3"` names; 0: none. */
uint32_t fhir_matched(const struct fhir_call *c);

/** Now, as the daemons have it (on a demo node their clock is moved by hand). */
uint64_t fhir_now_ms(struct web *w);
/** The node's table of places, DIR/municipalities.csv, read once; empty when there is none. */
struct slice fhir_places(struct web *w);

/* --- requests --- */

/** A request as its asker may see it, with what of its capsules could be opened. */
struct fhir_item {
	PB(RequestItem) *item;
	json_t *told; /* owned: fhir_item_done() */
};
/** @return SK_OK; SK_ENOENT: none, or not to be seen by who asks; or after saying why not. */
int fhir_item_load(struct fhir_call *c, const struct object_id *request, struct fhir_item *ret_i);
int fhir_item_by_code(struct fhir_call *c, const char *short_code, struct fhir_item *ret_i);
/** By the id of a ServiceRequest. @p *ret_need NULL: it is a consult. */
int fhir_item_of_need(struct fhir_call *c, const struct object_id *id, struct fhir_item *ret_i,
		      PB(NeedView) **ret_need);
/** By the identifier that this placer gave it. SK_ENOENT: none. */
int fhir_item_of_placer(struct fhir_call *c, const char *system, const char *value,
			struct fhir_item *ret_i);
void fhir_item_done(struct fhir_item *i);

/** Orders that make one request. @return SK_OK after answering 201 or 200 with the first of them.
 */
int fhir_order_create(struct fhir_call *c, const json_t *const *orders, size_t len);
/** Withdraws a need, or the whole request (@p need NULL). */
int fhir_withdraw(struct fhir_call *c, const PB(RequestItem) *item, const PB(NeedView) *need,
		  bool in_error);

/* --- handlers, by file --- */

fhir_fn fhir_order_post, fhir_order_put, fhir_order_put_one; /* fhir_orders.c */
fhir_fn fhir_order_get, fhir_order_search;                   /* fhir_search.c */
fhir_fn fhir_group_get, fhir_group_search, fhir_team_get, fhir_team_search;
fhir_fn fhir_task_get, fhir_task_search, fhir_task_post; /* fhir_tasks.c */
fhir_fn fhir_task_put, fhir_task_patch;
fhir_fn fhir_service_get, fhir_service_search, fhir_service_put; /* fhir_services.c */
fhir_fn fhir_subscription_post, fhir_subscription_get;           /* fhir_subscriptions.c */
fhir_fn fhir_subscription_search, fhir_subscription_delete;
fhir_fn fhir_capability;                   /* fhir_capability.c */
void fhir_bundle_run(struct fhir_call *c); /* fhir_bundle.c */
