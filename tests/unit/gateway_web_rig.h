/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  Calls handlers of the gateway as its spine does, without one: requests in, answers out.
 */
#include "services/gateway/web.h"

#define WEB_RIG_PAIRS 8

struct web_rig_pair {
	const char *name; /* NULL ends them */
	const char *value;
};

struct web_rig_call {
	const char *method;
	const char *path; /* of the route: "/api/v1/subscriptions/{id}" */
	const char *param[WEB_PARAMS_MAX];
	struct web_rig_pair query[WEB_RIG_PAIRS];
	struct web_rig_pair head[WEB_RIG_PAIRS];
	const char *body;
	struct who who;
	const struct conf *conf;
};

struct web_rig_answer {
	unsigned status;
	json_t *doc;   /* of web_json() */
	char code[64]; /* of a problem */
	char field[128];
	char text[512]; /* nl */
	char head[WEB_HEADS_MAX][2][1024];
	size_t heads_len;
};

/** Finds the route and runs it. @p ret_answer is freed with web_rig_done(). */
void web_rig_run(const struct route *routes, const struct web_rig_call *call,
		 struct web_rig_answer *ret_answer);
void web_rig_done(struct web_rig_answer *a);
/** @return "" when there is none. */
const char *web_rig_head(const struct web_rig_answer *a, const char *name);
