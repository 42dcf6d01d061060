/* SPDX-License-Identifier: EUPL-1.2 */
/* A request on a WebSocket: the same routes, rights and answers as over HTTP. */
#include <stdlib.h>
#include <string.h>

#include "services/gateway/access.h"
#include "services/gateway/http_private.h"
#include "services/gateway/session.h"
#include "services/gateway/ws_private.h"

struct act {
	struct ws *socket;
	struct web web;
	const struct route *route;
	json_t *asked;
	char *body;
	uint64_t begun_ms; /* of the loop */
	uv_work_t work;
};

static void act_free(struct act *a)
{
	access_log(&a->web, a->route, uv_now(&a->socket->gate->loop) - a->begun_ms);
	web_done(&a->web);
	json_decref(a->asked);
	free(a->body);
	free(a);
}

/* The answer as one message: what is no JSON (a table) goes as a text. */
static char *answer_text(const struct act *a)
{
	const struct web_answer *w = &a->web.answer;
	json_t *body = json_loadb(w->body.data, w->body.len, JSON_DECODE_ANY, NULL);
	json_t *id = json_object_get(a->asked, "id");

	if (body == NULL) {
		body = json_stringn(w->body.data, w->body.len);
	}
	json_t *doc = json_pack("{s:O, s:i, s:o}", "id", id != NULL ? id : json_null(), "status",
				(int)w->status, "body", body != NULL ? body : json_null());
	char *text = json_dumps(doc, JSON_COMPACT);
	json_decref(doc);
	return text;
}

static void reply(struct act *a)
{
	char *text = answer_text(a);

	if (text != NULL) {
		ws_send_text(a->socket, text);
	}
	free(text);
}

static void on_work(uv_work_t *work)
{
	struct act *a = work->data;

	web_run(&a->web, a->route);
}

static void on_worked(uv_work_t *work, int status)
{
	struct act *a = work->data;
	struct ws *s = a->socket;

	(void)status;
	s->gate->acts--;
	reply(a);
	s->acts--;
	act_free(a);
	ws_put(s);
}

static const char *text_of(const json_t *doc, const char *key)
{
	return json_string_value(json_object_get(doc, key));
}

/* The parts of the message where HTTP has its own. */
static bool fill(struct act *a)
{
	struct web *w = &a->web;
	const char *method = text_of(a->asked, "method");
	const char *path = text_of(a->asked, "path");
	json_t *body = json_object_get(a->asked, "body");

	if (method == NULL || path == NULL) {
		return false;
	}
	w->method = method;
	w->path = path;
	w->message = a->asked;
	w->who = a->socket->who;
	w->lang = a->socket->lang;
	a->body = body == NULL ? NULL : json_dumps(body, JSON_COMPACT);
	w->body = (struct slice){ a->body, a->body == NULL ? 0 : strlen(a->body) };
	return true;
}

static void refuse(struct act *a, const struct problem *p)
{
	web_problem(&a->web, p);
}

static bool begin(struct act *a)
{
	static const struct problem bad = { 400, "MALFORMED", NULL,
					    "geef {\"id\", \"method\", \"path\", \"body\"}",
					    "give {\"id\", \"method\", \"path\", \"body\"}" };
	static const struct problem busy = { 429, "TOO_MANY", NULL,
					     "er is te veel tegelijk gevraagd; wacht op de "
					     "antwoorden",
					     "too much is asked at once; wait for the answers" };

	if (a->asked == NULL || !fill(a)) {
		refuse(a, &bad);
		return false;
	}
	if (a->socket->acts >= WS_ACTS_MAX || !session_may_ask(&a->web)) {
		refuse(a, &busy);
		return false;
	}
	a->route = web_route(&a->web, gate_routes);
	return a->route != NULL && session_admit_message(&a->web, a->route, a->socket->session);
}

void ws_act(struct ws *s, struct slice text)
{
	struct act *a = calloc(1, sizeof(*a));

	if (a == NULL || web_begin(&a->web, s->gate, NULL) != SK_OK) {
		free(a);
		return;
	}
	a->socket = s;
	a->begun_ms = uv_now(&s->gate->loop);
	a->asked = json_loadb(text.data, text.len, JSON_REJECT_DUPLICATES, NULL);
	if (!json_is_object(a->asked)) {
		json_decref(a->asked);
		a->asked = NULL;
	}
	a->work.data = a;
	if (!begin(a)) {
		web_in_form(&a->web);
		reply(a);
		act_free(a);
		return;
	}
	s->acts++;
	s->gate->acts++;
	if (uv_queue_work(&s->gate->loop, &a->work, on_work, on_worked) != 0) {
		s->acts--;
		s->gate->acts--;
		act_free(a);
	}
}
