/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  REST over the messages of the schema: a row of a table says which path is which message
 * of which daemon; one piece of code does all of them, so a new field needs nothing here, and a new
 *  message one row. A person of a family is held to its own request, child and voice.
 *  Threads: workers. Blocks: in web_ask(). */
#include "services/gateway/web.h"

enum api_flag {
	API_CREATES = 1, /* 201, with Location when there is one */
	API_CHILD = 2,   /* of a person of a family: the message's child is that of the body */
	API_OWN = 4,     /* in the gateway's own name: open to all, nothing about a person */
	API_FAMILY = 8,  /* in the name of the families' channel: who asks has no code yet */
};

#define API_PARAMS 2

struct api {
	const char *daemon;
	PB(Message__BodyCase) body;
	const char *param[API_PARAMS]; /* field that a parameter of the path fills, without _id */
	unsigned flags;
	const char *list;     /* of a view: of one object, whose version is the ETag */
	const char *location; /* before the short code or id of what was made */
};

extern const struct route api_routes[];

/** Handlers of rows: of a query, of a command. */
void api_query(struct web *w);
void api_command(struct web *w);
/** The command, or as a merge patch (RFC 7396) of the request that GET shows. */
void api_amend(struct web *w);
/** Makes the code of a person of a family; by who carries the request. */
void api_codes(struct web *w);
/** Takes it back: that code and its sessions are over, those of the others go on. */
void api_codes_withdraw(struct web *w);

/** 32 hex digits. */
bool api_is_id(const char *text);
