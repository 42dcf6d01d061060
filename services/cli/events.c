/* SPDX-License-Identifier: EUPL-1.2 */
/* `schakel events tail`: what happens, from any sequence on, then live. Where the sequence is no
 * longer kept, a snapshot of the present state stands in for what is gone. */
#include <signal.h>
#include <string.h>

#include "common/pbjson.h"
#include "common/when.h"
#include "services/cli/call.h"
#include "services/cli/event_text.h"
#include "services/cli/output.h"
#include "services/cli/subjects.h"

#define CREDIT 256
#define WAIT_MS 5000
#define TURN_MS 200
#define SNAPSHOT_PAGE 64
#define ENTRY_ARENA (1U << 20)

struct tail {
	struct call *call;
	const char *daemon;
	struct client_log log;
	struct arena arena;
	uint64_t left; /* entries still to be shown; UINT64_MAX: no end */
	bool stop;
};

static volatile sig_atomic_t interrupted;

/* The request that an event belongs to, by the code that people know; learned from the events of
 * the requests themselves, as many as fit. */
#define CODES_MAX 8192
struct known_code {
	struct object_id request;
	char code[SHORT_CODE_LEN + 1];
};
static struct known_code known[CODES_MAX];

static struct known_code *slot_of(const struct object_id *id)
{
	uint64_t h = be64_read(id->b + 8) ^ be64_read(id->b) * 0x9e3779b97f4a7c15ULL;

	return &known[(h >> 16 ^ h) % CODES_MAX];
}

static const char *code_of_request(const PB(Event) *e)
{
	struct object_id id;
	bool whole = e->kind == SCHAKEL__V1__EVENT_KIND__EVENT_KIND_REQUEST;

	if (whole && object_id_from(&e->object_id, &id) && e->short_code[0] != '\0') {
		struct known_code *k = slot_of(&id);
		k->request = id;
		(void)snprintf(k->code, sizeof(k->code), "%s", e->short_code);
		return k->code;
	}
	if (!object_id_from(&e->request_id, &id) || !object_id_equal(&slot_of(&id)->request, &id)) {
		return "";
	}
	return slot_of(&id)->code;
}

static void on_interrupt(int sig)
{
	(void)sig;
	interrupted = 1;
}

static void show(struct tail *t, uint64_t sequence, const PB(Event) *e)
{
	struct cli *c = t->call->cli;

	if (c->json) {
		json_t *doc = json_pack("{s:s, s:I, s:o}", "daemon", t->daemon, "sequence",
					(json_int_t)sequence, "event", pb_json(&e->base));
		(void)json_dumpf(doc, c->out, JSON_COMPACT);
		json_decref(doc);
		(void)fputc('\n', c->out);
	} else {
		const char *code = code_of_request(e);
		PB(Event) once = *e; /* the code stands before the sentence, not in it again */
		once.short_code = code[0] == '\0' ? e->short_code : (char *)(uintptr_t) "";
		struct event_line line = event_line(c, &once);
		struct when_text when = when_show(e->at_ms, c->lang);
		(void)fprintf(c->out, "%-8s %6llu  %-24s %-*s  %s\n", t->daemon,
			      (unsigned long long)sequence, when.s, SHORT_CODE_LEN, code, line.s);
	}
	/* Whoever reads along in a pipe sees each event when it comes; a reader that left ends it.
	 */
	t->stop = t->stop || fflush(c->out) != 0;
}

static int on_entry(void *ctx, const struct client_entry *entry)
{
	struct tail *t = ctx;
	ProtobufCAllocator alloc = arena_protobuf(&t->arena);

	if (t->left == 0 || t->stop) {
		return SK_EAGAIN;
	}
	if (entry->missed) {
		cli_say(t->call->cli, "%s: oudere gebeurtenissen zijn niet meer bewaard",
			"%s: older events are no longer kept", t->daemon);
	}
	PB(Message) *m =
		schakel__v1__message__unpack(&alloc, entry->message.len, entry->message.data);
	if (m != NULL && m->body_case == BODY(EVENT)) {
		show(t, entry->sequence, m->event);
	}
	arena_reset(&t->arena);
	t->left -= t->left != UINT64_MAX;
	return SK_OK;
}

/* The state behind the events, in place of those that are gone; reading goes on behind it. */
static int snapshot(struct tail *t)
{
	PB(QuerySnapshot) q = SCHAKEL__V1__QUERY_SNAPSHOT__INIT;
	PB(Message) m = SCHAKEL__V1__MESSAGE__INIT;
	PB(Message) *answer = NULL;
	uint8_t after[256];
	bool first = true;

	q.limit = SNAPSHOT_PAGE;
	m.body_case = BODY(QUERY_SNAPSHOT);
	m.query_snapshot = &q;
	do {
		m.id = (ProtobufCBinaryData){ 0, NULL };
		int rc = call_query(t->call, t->daemon, &m, &answer);
		if (rc != CLI_DONE) {
			return rc;
		}
		const PB(SnapshotView) *v = answer->snapshot_view;
		if (answer->body_case != BODY(SNAPSHOT_VIEW) || v->next.len > sizeof(after)) {
			return call_complain(t->call, t->daemon, SK_EPROTO);
		}
		if (first) {
			t->log.after = v->sequence;
			t->log.incarnation = v->incarnation;
			t->log.nonce = v->nonce;
			first = false;
		}
		for (size_t i = 0; i < v->n_events && t->left > 0; i++) {
			show(t, v->sequence, v->events[i]);
			t->left -= t->left != UINT64_MAX;
		}
		if (v->next.len > 0) {
			memcpy(after, v->next.data, v->next.len);
		}
		q.after = (ProtobufCBinaryData){ v->next.len, after };
	} while (q.after.len > 0 && t->left > 0 && !interrupted && !t->stop);
	return CLI_DONE;
}

/* A tail is asked for one daemon after the other, each for what stands behind its place. */
static int read_some(struct tail *t, uint32_t credit, uint32_t wait_ms, uint32_t *ret_entries)
{
	struct client *client = NULL;
	struct client_read r = { credit, wait_ms, on_entry, t };
	int rc = call_client(t->call, t->daemon, &client);

	if (rc != CLI_DONE) {
		return rc;
	}
	*ret_entries = 0;
	int err = client_log_read(client, &t->log, &r, ret_entries);
	if (err == SK_EFOREIGN) {
		cli_say(t->call->cli, "%s kwam terug uit een kopie en begint een nieuwe reeks",
			"%s came back from a copy and begins a new series", t->daemon);
		return CLI_DONE;
	}
	if (err == SK_EAUTH) {
		cli_say(t->call->cli,
			"%s mag deze gebeurtenissen niet lezen; geef --as met een coördinator, "
			"meldpunt, dashboard of beheerder.",
			"%s may not read these events; give --as with a coordinator, "
			"contact point, dashboard or operator.",
			t->call->party->id);
		return CLI_REFUSED;
	}
	if (err == SK_EAGAIN || (err == SK_ETIMEDOUT && interrupted)) {
		return CLI_DONE;
	}
	return err == SK_OK ? CLI_DONE : call_complain(t->call, t->daemon, err);
}

/* Learns where the log begins and ends: asks for one entry and does not take it. */
static int probe(struct tail *t)
{
	uint64_t left = t->left;
	uint32_t entries = 0;

	(void)snprintf(t->log.log, sizeof(t->log.log), "%s", EVENTS_LOG);
	t->left = 0;
	int rc = read_some(t, 1, 0, &entries);
	t->left = left;
	return rc;
}

/* "now", "snapshot" or a sequence: where the reading begins. */
static int start_at(struct tail *t, const char *from)
{
	struct cli *c = t->call->cli;
	uint64_t sequence = 0;
	int rc = probe(t);

	if (rc == CLI_DONE && strcmp(from, "snapshot") == 0) {
		return snapshot(t);
	}
	if (strcmp(from, "now") == 0) {
		t->log.after = t->log.last;
		return rc;
	}
	if (rc == CLI_DONE && (from[0] < '0' || from[0] > '9')) {
		return cli_usage(c, "--from: geef een volgnummer, now of snapshot, niet \"%s\"",
				 "--from: give a sequence number, now or snapshot, not \"%s\"",
				 from);
	}
	rc = rc != CLI_DONE ? rc : cli_opt_u64(c, "from", UINT64_MAX - 1, &sequence);
	if (rc != CLI_DONE) {
		return rc;
	}
	if (t->log.oldest > 1 && sequence < t->log.oldest) {
		cli_say(c,
			"%s: vanaf %llu is niet meer bewaard (oudste: %llu); dit is hoe het nu is",
			"%s: from %llu on is no longer kept (oldest: %llu); this is how it is now",
			t->daemon, (unsigned long long)sequence, (unsigned long long)t->log.oldest);
		return snapshot(t);
	}
	/* Not yet written: from the next one on. */
	uint64_t after = sequence == 0 ? 0 : sequence - 1;
	t->log.after = after > t->log.last ? t->log.last : after;
	return CLI_DONE;
}

static int follow(struct tail *tails, size_t len, bool live)
{
	for (;;) {
		uint32_t got = 0;
		bool done = true;
		for (size_t i = 0; i < len; i++) {
			uint32_t entries = 0;
			struct tail *t = &tails[i];
			if (interrupted || t->stop) {
				return CLI_DONE;
			}
			if (t->left == 0) {
				continue;
			}
			/* With one daemon the wait is at the daemon; with more they take turns. */
			int rc = read_some(t, CREDIT, live ? (len == 1 ? WAIT_MS : TURN_MS) : 0,
					   &entries);
			if (rc != CLI_DONE && !live) {
				return rc;
			}
			got += entries;
			done = done && t->left == 0;
		}
		if (done || (!live && got == 0)) {
			return CLI_DONE;
		}
	}
}

static int tail_all(struct call *k, const char *const *daemons, size_t len)
{
	static _Alignas(16) uint8_t block[CONF_DAEMONS][ENTRY_ARENA];
	struct tail tails[CONF_DAEMONS];
	const char *from = cli_flag(k->cli, "from") ? cli_opt(k->cli, "from") : "now";
	uint64_t count = UINT64_MAX;
	int rc = cli_opt_u64(k->cli, "count", UINT64_MAX - 1, &count);

	for (size_t i = 0; rc == CLI_DONE && i < len; i++) {
		tails[i] = (struct tail){ .call = k, .daemon = daemons[i], .left = count };
		arena_init(&tails[i].arena, block[i], sizeof(block[i]));
		rc = start_at(&tails[i], from);
	}
	return rc != CLI_DONE ? rc : follow(tails, len, !cli_flag(k->cli, "no-wait"));
}

static int cmd_tail(struct cli *c)
{
	AUTO_CALL struct call k = { 0 };
	static const char *const all[] = { INTAKE, WAITLIST, MATCHING };
	const char *one = cli_opt(c, "daemon");
	struct sigaction act = { .sa_handler = on_interrupt };
	int rc = call_open(&k, c);

	if (rc != CLI_DONE) {
		return rc;
	}
	if (one != NULL && conf_daemon(k.conf, one) == NULL) {
		return cli_usage(c, "--daemon: kies intake, waitlist of matching",
				 "--daemon: choose intake, waitlist or matching");
	}
	(void)sigaction(SIGINT, &act, NULL);
	(void)sigaction(SIGTERM, &act, NULL);
	return one != NULL ? tail_all(&k, &one, 1) : tail_all(&k, all, SK_LEN(all));
}

static const struct option tail_options[] = {
	{ "from", "N|now|snapshot", "vanaf dit volgnummer, vanaf nu (gewoon), of met hoe het nu is",
	  "from this sequence, from now (default), or with how things are now" },
	{ "daemon", "NAAM", "alleen intake, waitlist of matching",
	  "intake, waitlist or matching only" },
	{ "count", "N", "stop na zoveel per dienst", "stop after so many of each service" },
	{ "no-wait", NULL, "stop bij het laatste, wacht niet op nieuwe",
	  "stop at the last one, do not wait for new ones" },
	{ 0 },
};

const struct command events_commands[] = {
	{ "events tail", "", 0, 0, tail_options,
	  "toont wat er gebeurt, zonder gegevens van personen",
	  "shows what happens, without personal data",
	  "schakel events tail --from 1 --daemon intake --as samenwerking", cmd_tail },
	{ 0 },
};
