/* SPDX-License-Identifier: EUPL-1.2 */
#include "tests/unit/gateway_web_rig.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Where a test links the spine itself, that is used. */
#pragma weak web_query
#pragma weak web_header
#pragma weak web_printf
#pragma weak web_json_as
#pragma weak web_json
#pragma weak web_body
#pragma weak web_head
#pragma weak web_problem
#pragma weak web_json_body

/* The handler's struct web is the head of it. */
struct rig {
	struct web web;
	const struct web_rig_call *call;
	struct web_rig_answer *answer;
	json_t *body;
};

static struct rig *rig_of(struct web *w)
{
	return (struct rig *)(void *)w;
}

static const char *find(const struct web_rig_pair *pairs, const char *name)
{
	for (size_t i = 0; i < WEB_RIG_PAIRS && pairs[i].name != NULL; i++) {
		if (strcasecmp(pairs[i].name, name) == 0) {
			return pairs[i].value;
		}
	}
	return NULL;
}

const char *web_query(struct web *w, const char *name)
{
	return find(rig_of(w)->call->query, name);
}

const char *web_header(struct web *w, const char *name)
{
	return find(rig_of(w)->call->head, name);
}

char *web_printf(struct web *w, const char *fmt, ...)
{
	char text[4096];
	va_list args;
	va_start(args, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	return arena_strdup(&w->arena, text);
}

static void answer(struct web *w, unsigned status)
{
	SK_ASSERT(rig_of(w)->answer->status == 0); /* once */
	rig_of(w)->answer->status = status;
	w->answer.status = status;
}

void web_json_as(struct web *w, unsigned status, const char *type, json_t *doc)
{
	(void)type;
	SK_ASSERT(doc != NULL);
	answer(w, status);
	rig_of(w)->answer->doc = doc;
}

void web_json(struct web *w, unsigned status, json_t *doc)
{
	web_json_as(w, status, "application/json", doc);
}

void web_body(struct web *w, unsigned status, const char *type, struct slice body)
{
	(void)type;
	(void)body;
	answer(w, status);
}

void web_head(struct web *w, const char *name, const char *value)
{
	struct web_rig_answer *a = rig_of(w)->answer;
	SK_ASSERT(a->heads_len < WEB_HEADS_MAX);
	(void)snprintf(a->head[a->heads_len][0], sizeof(a->head[0][0]), "%s", name);
	(void)snprintf(a->head[a->heads_len][1], sizeof(a->head[0][1]), "%s", value);
	a->heads_len++;
}

void web_problem(struct web *w, const struct problem *p)
{
	struct web_rig_answer *a = rig_of(w)->answer;
	SK_ASSERT(p->nl != NULL && p->en != NULL && p->nl[0] != '\0' && p->en[0] != '\0');
	answer(w, p->status);
	(void)snprintf(a->code, sizeof(a->code), "%s", p->code);
	(void)snprintf(a->field, sizeof(a->field), "%s", p->field == NULL ? "" : p->field);
	(void)snprintf(a->text, sizeof(a->text), "%s", p->nl);
}

json_t *web_json_body(struct web *w)
{
	struct rig *r = rig_of(w);
	if (r->body == NULL && r->call->body != NULL) {
		r->body = json_loads(r->call->body, JSON_REJECT_DUPLICATES, NULL);
	}
	if (r->body == NULL) {
		struct problem p = { 400, "NOT_JSON", NULL, "geen JSON", "no JSON" };
		web_problem(w, &p);
	}
	return r->body;
}

void web_rig_run(const struct route *routes, const struct web_rig_call *call,
		 struct web_rig_answer *ret_answer)
{
	*ret_answer = (struct web_rig_answer){ 0 };
	struct rig *r = calloc(1, sizeof(*r));
	void *block = malloc(WEB_ARENA_BYTES);
	const struct route *route = NULL;
	for (size_t i = 0; routes[i].method != NULL && route == NULL; i++) {
		bool fits = strcmp(routes[i].method, call->method) == 0 &&
			    strcmp(routes[i].path, call->path) == 0;
		route = fits ? &routes[i] : NULL;
	}
	SK_ASSERT(r != NULL && block != NULL && route != NULL);
	struct web *w = &r->web;
	r->call = call;
	r->answer = ret_answer;
	arena_init(&w->arena, block, WEB_ARENA_BYTES);
	w->who = call->who;
	w->conf = call->conf;
	w->method = call->method;
	w->path = call->path;
	w->arg = route->arg;
	memcpy(w->param, call->param, sizeof(w->param));
	route->fn(w);
	SK_ASSERT(ret_answer->status != 0);
	json_decref(r->body);
	free(block);
	free(r);
}

void web_rig_done(struct web_rig_answer *a)
{
	json_decref(a->doc);
	a->doc = NULL;
}

const char *web_rig_head(const struct web_rig_answer *a, const char *name)
{
	for (size_t i = 0; i < a->heads_len; i++) {
		if (strcasecmp(a->head[i][0], name) == 0) {
			return a->head[i][1];
		}
	}
	return "";
}
