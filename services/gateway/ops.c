/* SPDX-License-Identifier: EUPL-1.2 */
#include "services/gateway/ops.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "common/client_private.h"
#include "common/when.h"
#include "common/words.h"
#include "services/gateway/gate.h"

#define METRICS_BYTES (64U << 10)
#define PATIENCE_MS 1000 /* three silent daemons still make an answer in time for who watches */

static void on_health(struct web *w)
{
	web_json(w, 200, json_pack("{s:s}", "status", "ok"));
}

/* Asks in the gateway's own name. */
static const PB(StatusView) *status_of(struct web *w, const char *daemon)
{
	PB(QueryStatus) q = PB_INIT(QUERY_STATUS);
	PB(Message) m = PB_INIT(MESSAGE);
	PB(Message) *answer = NULL;

	m.body_case = BODY(QUERY_STATUS);
	m.query_status = &q;
	w->patience_ms = PATIENCE_MS;
	bool good = web_ask(w, daemon, &m, &answer) == SK_OK &&
		    answer->body_case == BODY(STATUS_VIEW);
	return good ? answer->status_view : NULL;
}

static void on_ready(struct web *w)
{
	json_t *doc = json_object();
	bool ready = !atomic_load(&w->gate->draining);

	w->who = (struct who){ .party = CONF_GATEWAY };
	w->patience_ms = PATIENCE_MS;
	for (size_t i = 0; i < CONF_DAEMONS; i++) {
		const char *name = w->conf->daemons[i].name;
		const PB(StatusView) *v = status_of(w, name);
		const char *text = v == NULL      ? "unreachable" :
				   v->draining    ? "draining" :
				   v->reconciling ? "reconciling" :
						    "ok";
		(void)json_object_set_new(doc, name, json_string(text));
		ready &= v != NULL && !v->reconciling;
	}
	(void)json_object_set_new(doc, "ready", json_boolean(ready));
	w->answer.heads_len = 0; /* of a daemon that did not answer */
	web_json(w, ready ? 200 : 503, doc);
}

/* By the node's time people are told how old a figure is; that of a demo runs at its own pace. */
static void on_clock(struct web *w)
{
	uint64_t now_ms = gate_wall_ms();

	if (w->conf->demo) {
		w->who = (struct who){ .party = CONF_GATEWAY };
		const PB(StatusView) *v = status_of(w, "intake");
		if (v == NULL && w->answer.status != 0) {
			return;
		}
		now_ms = v == NULL ? now_ms : v->time_ms;
	}
	web_json(w, 200, json_pack("{s:s}", "now", when_iso(now_ms).s));
}

/* --- Prometheus text --- */

struct text {
	char *buf;
	size_t len;
};

static void add(struct text *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void add(struct text *t, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	int n = vsnprintf(t->buf + t->len, METRICS_BYTES - t->len, fmt, args);
	va_end(args);
	if (n > 0 && (size_t)n < METRICS_BYTES - t->len) {
		t->len += (size_t)n;
	}
}

static void help(struct text *t, const char *name, const char *type, const char *what)
{
	add(t, "# HELP schakel_%s %s\n# TYPE schakel_%s %s\n", name, what, name, type);
}

/* The plan of the list, when matching answers and has made one. */
static void add_list_plan(struct text *t, struct web *w)
{
	PB(QueryListPlan) q = PB_INIT(QUERY_LIST_PLAN);
	PB(Message) m = PB_INIT(MESSAGE);
	PB(Message) *answer = NULL;

	m.body_case = BODY(QUERY_LIST_PLAN);
	m.query_list_plan = &q;
	if (web_ask(w, "matching", &m, &answer) != SK_OK ||
	    answer->body_case != BODY(LIST_PLAN_VIEW)) {
		return;
	}
	const PB(ListPlanView) *v = answer->list_plan_view;
	help(t, "plan_current", "gauge", "1: the plan of the list is not older than two intervals");
	add(t, "schakel_plan_current %d\n", v->current);
	help(t, "plan_gap", "gauge", "share of its value at most above the least; 1: no plan yet");
	add(t, "schakel_plan_gap %.3f\n", v->at_ms == 0 ? 1.0 : v->gap / 1e3);
	help(t, "plan_law", "gauge", "share of its value that the lawful order costs");
	add(t, "schakel_plan_law %.3f\n", v->law / 1e3);
	help(t, "plan_age_seconds", "gauge", "since it was made; -1: no plan yet");
	add(t, "schakel_plan_age_seconds %.0f\n", v->at_ms == 0 ? -1.0 : (double)v->age_s);
	help(t, "plan_proposed_total", "counter", "plans of the list");
	add(t, "schakel_plan_proposed_total %" PRIu64 "\n", v->proposed);
	help(t, "plan_refused_total", "counter", "of these, not taken at all");
#define REFUSED(name, field) \
	add(t, "schakel_plan_refused_total{reason=\"%s\"} %" PRIu64 "\n", name, v->field)
	REFUSED("base", refused_base);
	REFUSED("rules", refused_rules);
	REFUSED("form", refused_form);
#undef REFUSED
	help(t, "plan_seats_total", "counter", "seats of plans, by what became of them");
#define SEATS(name) add(t, "schakel_plan_seats_total{as=\"" #name "\"} %" PRIu64 "\n", v->name)
	SEATS(applied);
	SEATS(not_waiting);
	SEATS(not_fitting);
	SEATS(not_free);
	SEATS(not_in_order);
	SEATS(not_looked_at);
#undef SEATS
}

static void add_links(struct text *t, const PB(StatusView) *v, const char *daemon)
{
	for (size_t i = 0; i < v->n_links; i++) {
		const PB(LinkStatus) *l = v->links[i];
		uint64_t unread =
			l->written_to > l->peer_read_to ? l->written_to - l->peer_read_to : 0;
		add(t, "schakel_link_unread{daemon=\"%s\",peer=\"%s\"} %" PRIu64 "\n", daemon,
		    l->peer, unread);
		add(t, "schakel_link_connected{daemon=\"%s\",peer=\"%s\"} %d\n", daemon, l->peer,
		    l->connected);
		add(t, "schakel_link_silent_seconds{daemon=\"%s\",peer=\"%s\"} %.3f\n", daemon,
		    l->peer, (double)l->last_heard_ms / 1e3);
	}
}

static void add_daemon(struct text *t, struct web *w, const char *daemon)
{
	const PB(StatusView) *v = status_of(w, daemon);

	add(t, "schakel_up{daemon=\"%s\"} %d\n", daemon, v != NULL);
	if (v == NULL) {
		return;
	}
#define ONE(name, value) \
	add(t, "schakel_" name "{daemon=\"%s\"} %" PRIu64 "\n", daemon, (uint64_t)(value))
	ONE("sequence", v->sequence);
	ONE("commits_behind", v->sequence - v->committed);
	ONE("flush_p50_microseconds", v->flush_p50_us);
	ONE("batches_total", v->batches);
	ONE("due_overdue", v->due_overdue);
	ONE("quarantined", v->quarantined);
	ONE("readers", v->readers);
	ONE("refused_frames_total", v->refused_frames);
	ONE("map_used_bytes", v->map_used_bytes);
	ONE("map_size_bytes", v->map_size_bytes);
	ONE("disk_free_bytes", v->disk_free_bytes);
	ONE("journal_bytes", v->journal_bytes);
	ONE("clock_alarm", v->clock_alarm);
	ONE("draining", v->draining);
	ONE("reconciling", v->reconciling);
	ONE("uptime_seconds", v->uptime_ms / 1000);
#undef ONE
	add_links(t, v, daemon);
	if (strcmp(daemon, "matching") == 0) {
		add_list_plan(t, w);
	}
}

static void add_gateway(struct text *t, struct web *w)
{
	struct http_status s;
	struct up_status u;

	http_status(w->gate->http, &s);
	help(t, "gateway_requests_total", "counter", "HTTP requests");
	add(t, "schakel_gateway_requests_total %" PRIu64 "\n", s.requests);
	help(t, "gateway_refused_total", "counter", "HTTP answers of 400 and above");
	add(t, "schakel_gateway_refused_total %" PRIu64 "\n", s.refused);
	help(t, "gateway_late_total", "counter", "connections that sent no request in time");
	add(t, "schakel_gateway_late_total %" PRIu64 "\n", s.late);
	help(t, "gateway_connections", "gauge", "connections now");
	add(t, "schakel_gateway_connections %u\n", s.connections);
	help(t, "gateway_working", "gauge", "requests in hand");
	add(t, "schakel_gateway_working %u\n", s.working);
	help(t, "gateway_streams", "gauge", "event streams now");
	add(t, "schakel_gateway_streams %u\n", s.streams);
	help(t, "gateway_calls_total", "counter", "messages to a daemon");
	for (unsigned i = 0; i < CONF_DAEMONS; i++) {
		up_status(w->gate->up, i, &u);
		const char *d = w->conf->daemons[i].name;
		add(t, "schakel_gateway_calls_total{daemon=\"%s\"} %" PRIu64 "\n", d, u.calls);
		add(t, "schakel_gateway_timeouts_total{daemon=\"%s\"} %" PRIu64 "\n", d,
		    u.timeouts);
		add(t, "schakel_gateway_waiting{daemon=\"%s\"} %" PRIu64 "\n", d, u.waiting);
	}
}

static void add_outside(struct text *t, struct web *w)
{
	static const char *const kind[OUT_KINDS] = { "", "mail", "text", "hook", "handshake" };
	struct out_counts c;

	outside_counts(w->gate->outside, &c);
	help(t, "gateway_out_waiting", "gauge",
	     "mails, text messages and webhook calls to be sent");
	help(t, "gateway_out_given_up_total", "counter", "of these, not taken in three days");
	for (size_t i = OUT_MAIL; i < OUT_KINDS; i++) {
		add(t, "schakel_gateway_out_waiting{kind=\"%s\"} %" PRIu64 "\n", kind[i],
		    c.waiting[i]);
		add(t, "schakel_gateway_out_sent_total{kind=\"%s\"} %" PRIu64 "\n", kind[i],
		    c.sent[i]);
		add(t, "schakel_gateway_out_failed_total{kind=\"%s\"} %" PRIu64 "\n", kind[i],
		    c.failed[i]);
		add(t, "schakel_gateway_out_given_up_total{kind=\"%s\"} %" PRIu64 "\n", kind[i],
		    c.given_up[i]);
	}
	help(t, "gateway_out_refused_total", "counter", "that found the outbox full");
	add(t, "schakel_gateway_out_refused_total %" PRIu64 "\n", c.refused_full);
	help(t, "gateway_out_oldest_seconds", "gauge", "age of the oldest that waits");
	uint64_t now_ms = gate_wall_ms();
	add(t, "schakel_gateway_out_oldest_seconds %.3f\n",
	    c.oldest_ms == 0 || c.oldest_ms > now_ms ? 0.0 : (double)(now_ms - c.oldest_ms) / 1000);
}

static void add_model(struct text *t, struct web *w)
{
	struct model_counts c;

	model_counts(w->gate->model, &c);
	help(t, "gateway_folded_total", "counter", "events taken into the read model");
	add(t, "schakel_gateway_folded_total %" PRIu64 "\n", c.folded);
	help(t, "gateway_events_behind", "gauge", "events that a daemon has and the model not yet");
	help(t, "gateway_event_silence_seconds", "gauge", "since the daemon's log was heard of");
	for (unsigned d = 0; d < CONF_DAEMONS; d++) {
		struct reader_status s;
		const char *name = w->conf->daemons[d].name;
		reader_status(w->gate->reader[d], &s);
		add(t, "schakel_gateway_events_behind{daemon=\"%s\"} %" PRIu64 "\n", name,
		    s.behind);
		add(t, "schakel_gateway_event_silence_seconds{daemon=\"%s\"} %.3f\n", name,
		    s.heard_ms == 0 ? -1.0 : (double)(client_clock_ms() - s.heard_ms) / 1e3);
	}
	help(t, "events_total", "counter", "events since the gateway's start, by kind");
	help(t, "alarms_total", "counter",
	     "alarms since the gateway's start: breaches, unheld crises, overdue reviews and "
	     "others");
	for (int k = 1; k < MODEL_KINDS; k++) {
		const char *kind = code_of(&schakel__v1__event_kind__descriptor, k);
		const char *alarm = code_of(&schakel__v1__alarm_kind__descriptor, k);
		if (kind != NULL) {
			add(t, "schakel_events_total{kind=\"%s\"} %" PRIu64 "\n", kind, c.kind[k]);
		}
		if (alarm != NULL) {
			add(t, "schakel_alarms_total{kind=\"%s\"} %" PRIu64 "\n", alarm,
			    c.alarm[k]);
		}
	}
}

static void on_metrics(struct web *w)
{
	struct text t = { .buf = malloc(METRICS_BYTES) };

	if (t.buf == NULL) {
		return;
	}
	w->who = (struct who){ .party = CONF_GATEWAY };
	w->patience_ms = PATIENCE_MS;
	help(&t, "up", "gauge", "1 when the daemon answers");
	help(&t, "commits_behind", "gauge", "journal records that the store has not taken yet");
	help(&t, "link_unread", "gauge", "entries of a log that its reader has not taken yet");
	help(&t, "flush_p50_microseconds", "gauge", "median of the last journal flushes");
	for (size_t i = 0; i < CONF_DAEMONS; i++) {
		add_daemon(&t, w, w->conf->daemons[i].name);
	}
	add_gateway(&t, w);
	add_model(&t, w);
	add_outside(&t, w);
	w->answer.heads_len = 0;
	web_body(w, 200, "text/plain; version=0.0.4; charset=utf-8",
		 (struct slice){ t.buf, t.len });
	w->answer.owned = t.buf;
}

const struct route ops_routes[] = {
	{ "GET", "/healthz", WEB_ANYBODY, on_health, NULL, 0, NULL, NULL },
	{ "GET", "/readyz", WEB_ANYBODY, on_ready, NULL, 0, NULL, NULL },
	{ "GET", "/api/v1/clock", WEB_ANYBODY, on_clock, NULL, 0, NULL, NULL },
	{ 0 },
};

static const struct route metrics_routes[] = {
	{ "GET", "/metrics", WEB_ANYBODY, on_metrics, NULL, 0, NULL, NULL },
	{ 0 },
};

const struct route *const ops_only[] = { metrics_routes, ops_routes, NULL };
