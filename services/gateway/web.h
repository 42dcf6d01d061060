/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  One request to the gateway, as its handler sees it. A handler runs in a worker thread as
 *  plain code: it may block in web_ask() and nowhere else. It answers once; one that does not is
 *  answered with 500. Ownership: everything lives in the request's arena until the answer is sent,
 *  except JSON documents that are given away. Threads: one request, one thread. */
#include <jansson.h>

#include "common/conf.h"
#include "common/jsonin.h"
#include "common/lang.h"

#define WEB_BODY_BYTES_MAX (64U << 10) /* RELIABILITY 3.7 */
#define WEB_FEED_BYTES_MAX                                                     \
	(4U << 20) /* of an imported directory or table, where a route says so \
		    */
#define WEB_PARAMS_MAX 4
#define WEB_HEADS_MAX 12
#define WEB_ARENA_BYTES (1U << 20)

struct gate;
struct web;

typedef void web_fn(struct web *w);

/** Who asks. Decided before the handler runs. */
struct who {
	bool known;
	char party[PARTY_ID_LEN_MAX + 1]; /* whose key speaks to the daemons; "": nobody */
	uint32_t roles;                   /* bits of ROLE_BIT(), of the party and the token */
	/* a person of a family; party is the family's channel then */
	bool person;
	PB(Speaker) speaker;
	uint32_t child;
	uint32_t adult;
	char request[SHORT_CODE_LEN + 1];
};

struct web_head {
	const char *name;
	const char *value;
};

struct web_answer {
	unsigned status; /* 0: not answered yet */
	const char *type;
	struct slice body;
	void *owned; /* the body's memory, when it is malloc's; freed with the answer */
	bool fixed;  /* the body is static */
	struct web_head head[WEB_HEADS_MAX];
	size_t heads_len;
};

struct gate_conf;
struct MHD_Connection;

struct web {
	struct gate *gate;
	struct gate_conf *held;
	const struct conf *conf; /* of the node, as it stood when the request came */
	struct arena arena;
	enum lang lang;
	struct who who;
	const char *method;
	const char *path;
	const char *param[WEB_PARAMS_MAX]; /* of the route's path, in order, decoded */
	struct slice body;
	const void *arg; /* of the route */
	web_fn *refuse;  /* of the first route of that path, whatever the method */
	struct web_answer answer;
	struct MHD_Connection *connection; /* for web_query(), web_header(); NULL: on a WebSocket */
	const json_t *message;             /* there: the request as it came */
	const char *session;               /* the cookie's text; NULL: none */
	uint8_t id[16];                    /* of the next command, when id_made */
	bool id_made;
	bool key_kept;        /* the query says more than the command: a key is kept with it */
	unsigned commands;    /* that were sent */
	uint32_t patience_ms; /* for an answer of a daemon; 0: UP_TIMEOUT_MS */
	json_t *json;         /* web_json_body() */
};

/* Who may use a route, beside bits of ROLE_BIT(); 0 would be nobody. A person of a family has the
 * role FAMILY. */
#define WEB_ANYBODY (1U << 0) /* signed in or not; a change is asked by nobody then */
#define WEB_SIGNED_IN (~WEB_ANYBODY)
#define WEB_ORGANISATIONS (WEB_SIGNED_IN & ~ROLE_BIT(FAMILY))

/** The table decides who comes to a handler, and that a change asked with a cookie has X-CSRF
 *  (session_admit()); in what is asked the daemons decide. */
struct route {
	const char *method;
	const char *path; /* "/api/v1/requests/{request}" */
	uint32_t roles;
	web_fn *fn;
	const void *arg;
	size_t body_max; /* 0: WEB_BODY_BYTES_MAX */
	/** In the loop, before a worker: takes the connection over and returns true, or leaves it
	 *  to fn. */
	bool (*stream)(struct web *w, struct MHD_Connection *c, int *ret_queued);
	/** Puts a problem that the gateway answered before or beside the handler into the form of
	 *  this face; NULL: application/problem+json is its form. */
	web_fn *refuse;
};

/** @return NULL when it is not there. Decoded, valid until the answer is sent. */
const char *web_query(struct web *w, const char *name);
/** Every parameter of the query by its name. @return false: @p fn did. */
bool web_queries(struct web *w, bool (*fn)(void *arg, const char *name), void *arg);
const char *web_header(struct web *w, const char *name);
char *web_printf(struct web *w, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/** Takes @p doc over. @return for `return web_json(...)`-like use: nothing. */
void web_json(struct web *w, unsigned status, json_t *doc);
/** The same with another media type ("application/fhir+json"). */
void web_json_as(struct web *w, unsigned status, const char *type, json_t *doc);
/** @p body in the arena or static. */
void web_body(struct web *w, unsigned status, const char *type, struct slice body);
/** Adds a header; both texts in the arena or static. */
void web_head(struct web *w, const char *name, const char *value);

/** What went wrong, for RFC 9457. */
struct problem {
	unsigned status;
	const char *code;  /* of enum Refusal without prefix, or of the gateway ("NOT_FOUND") */
	const char *field; /* path in the document, or NULL */
	const char *nl;
	const char *en;
};
void web_problem(struct web *w, const struct problem *p);
/** The problem of a document that did not read. */
void web_file_problem(struct web *w, unsigned status, const struct file_error *e);
/** The problem of a receipt that is no acceptance. @return false (nothing answered) when it is one.
 */
bool web_refused(struct web *w, const PB(Receipt) *r);

/** Sends a message with the key of who asks and waits for its answer: a view, or a Receipt. Gives
 *  it an id (from Idempotency-Key, where there is one, for the first command of a request; further
 *  ones of the same request get ids that follow from it, so that a retry does nothing twice).
 *  @p ret_answer lives in the arena. @return SK_OK; SK_ETIMEDOUT, SK_EBUSY: 503 was answered, just
 *  return; SK_EAUTH: the node has no key of that party, 403 was answered. */
SK_CHECKED int web_ask(struct web *w, const char *daemon, PB(Message) *m, PB(Message) **ret_answer);
/** The id that the next command to that daemon will have; from Idempotency-Key where there is one.
 *  @return as web_ask(). */
SK_CHECKED int web_command_id(struct web *w, unsigned daemon, uint8_t ret_id[16]);
/** Index of a daemon in the configuration. */
unsigned web_daemon(const struct web *w, const char *name);
/** Any message as JSON, with what is sealed opened for who asks (the daemons gave it to them). */
json_t *web_pb_json(struct web *w, const ProtobufCMessage *m);
/** Reads a document into a message of @p type; what is sealed is sealed under the id of the next
 *  command to @p daemon. @return NULL: a problem was answered. */
ProtobufCMessage *web_read(struct web *w, json_t *doc, const ProtobufCMessageDescriptor *type,
			   const char *daemon, const char *const *ignore);
/** Parses the body. NULL: a problem was answered. Freed with the request. */
json_t *web_json_body(struct web *w);
