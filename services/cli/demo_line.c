/* SPDX-License-Identifier: EUPL-1.2 */
/* Parties and their connections. A call that gets no answer is sent again, the same bytes: what was
 * received is never applied twice. */
#include <string.h>
#include <time.h>

#include <sodium.h>

#include "common/wire.h"
#include "common/words.h"
#include "services/cli/demo_int.h"

#define OUTCOME(NAME) SCHAKEL__V1__OUTCOME__OUTCOME_##NAME
#define BUSY_TRIES 8
#define BUSY_MS_MAX 2000

void demo_free(struct demo *d)
{
	arena_reset(&d->arena);
}

void demo_supervise(struct demo *d)
{
	int rc = CLI_DONE;
	const char *name = demo_children_watch(d->cli, &d->children, &rc);

	while (name != NULL) {
		if (rc != CLI_DONE) {
			demo_fail(d, rc);
			return;
		}
		demo_tell(d, TOLD(DEMO_ALWAYS, NULL),
			  "De dienst %s stopte onverwacht en is opnieuw gestart; wat ontvangen "
			  "was, "
			  "is er nog.",
			  "The service %s ended unexpectedly and was started again; what was "
			  "received is still there.",
			  name);
		name = demo_children_watch(d->cli, &d->children, &rc);
	}
}

struct client *demo_client(struct demo *d, uint32_t who, enum demo_daemon at)
{
	struct demo_line *l = &d->line[who];

	if (l->client[at] == NULL) {
		int err = client_open_node(d->conf, &d->net, d->conf->daemons[at].name,
					   d->cast.party[who].id, &l->client[at]);
		if (err != SK_OK) {
			demo_fail(d, cli_fail(d->cli, d->cast.party[who].id, err));
			return NULL;
		}
		client_set_timeout(l->client[at], DEMO_CALL_MS);
	}
	return l->client[at];
}

/* On a demo node ids are of the node's time. */
static bool envelope(struct demo *d, PB(Message) *m)
{
	uint8_t luck[10];
	uint8_t *id = arena_alloc(&d->arena, 16);

	if (id == NULL) {
		demo_fail(d, cli_fail(d->cli, "demo", SK_ENOMEM));
		return false;
	}
	randombytes_buf(luck, sizeof(luck));
	wire_id_make(d->now_ms, luck, id);
	m->id = (ProtobufCBinaryData){ 16, id };
	m->time_ms = d->now_ms;
	return true;
}

static void tell_waiting(struct demo *d, enum demo_daemon at, int tries)
{
	if (tries == DEMO_CALL_SAID) {
		demo_tell(d, TOLD(DEMO_ALWAYS, NULL),
			  "De dienst %s antwoordt niet; de demo wacht en stuurt hetzelfde opnieuw.",
			  "The service %s does not answer; the demo waits and sends the same "
			  "again.",
			  d->conf->daemons[at].name);
	}
}

/* A core in this process answers at once, or something is wrong with it. */
static PB(Message) *ask_inner(struct demo *d, uint32_t who, enum demo_daemon at, PB(Message) *m)
{
	PB(Message) *answer = NULL;
	struct inner_door door = { at, d->cast.party[who].id };
	int err = inner_ask(d->inner, door, m, &d->arena, &answer);

	if (err != SK_OK) {
		demo_fail(d, cli_fail(d->cli, d->conf->daemons[at].name, err));
	}
	return err == SK_OK ? answer : NULL;
}

static PB(Message) *ask_again(struct demo *d, uint32_t who, enum demo_daemon at, PB(Message) *m)
{
	if (d->inner != NULL) {
		return ask_inner(d, who, at, m);
	}
	struct client *c = demo_client(d, who, at);
	PB(Message) *answer = NULL;
	int err = SK_ETIMEDOUT;

	for (int i = 0; c != NULL && err == SK_ETIMEDOUT && i < DEMO_CALL_TRIES; i++) {
		err = client_ask(c, m, &d->arena, &answer);
		if (err == SK_ETIMEDOUT) {
			demo_supervise(d);
			tell_waiting(d, at, i);
		}
		if (d->rc != CLI_DONE || (err == SK_ETIMEDOUT && demo_stopped(d))) {
			return NULL;
		}
	}
	if (err != SK_OK && c != NULL) {
		cli_say(d->cli, "%s antwoordt niet meer (%s); de demo stopt. Kijk in %s/log.",
			"%s no longer answers (%s); the demo ends. Look in %s/log.",
			d->conf->daemons[at].name, sk_strerror(err), d->conf->dir);
		demo_fail(d, CLI_UNREACHABLE);
	}
	return err == SK_OK ? answer : NULL;
}

PB(Message) *demo_ask(struct demo *d, uint32_t who, enum demo_daemon at, PB(Message) *m)
{
	demo_exact_before(d);
	return envelope(d, m) ? ask_again(d, who, at, m) : NULL;
}

PB(Message) *demo_ask_daemon(struct demo *d, enum demo_daemon at, PB(Message) *m)
{
	return envelope(d, m) ? ask_again(d, d->cast.operator, at, m) : NULL;
}

static bool same_id(const ProtobufCBinaryData *a, const ProtobufCBinaryData *b)
{
	return a->len == b->len && (a->len == 0 || memcmp(a->data, b->data, a->len) == 0);
}

/* @return false when it could not be sent: then it is asked as any other. */
static bool post(struct demo *d, struct client *c, const PB(Message) *m)
{
	size_t len = schakel__v1__message__get_packed_size(m);
	uint8_t *bytes = arena_alloc(&d->arena, len);

	if (bytes == NULL) {
		return false;
	}
	(void)schakel__v1__message__pack(m, bytes);
	return client_post(c, (struct slice){ bytes, len }) == SK_OK;
}

/* The answer to that message, among what still comes for earlier ones. */
static PB(Message) *take_answer(struct demo *d, struct client *c, const PB(Message) *m)
{
	struct wire_fault fault;
	struct slice bytes;
	PB(Message) *answer = NULL;

	while (client_next(c, DEMO_CALL_MS, &bytes) == SK_OK) {
		if (wire_decode(&d->arena, bytes, WIRE_TOLERANT, &answer, &fault) == SK_OK &&
		    same_id(&answer->correlation, &m->id)) {
			return answer;
		}
	}
	return NULL;
}

int demo_log(struct demo *d, struct demo_door door, struct client_log *io_log,
	     const struct client_read *how, uint32_t *ret_entries)
{
	if (d->inner != NULL) {
		struct inner_door inner = { door.at, d->cast.party[door.who].id };
		return inner_log_read(d->inner, inner, io_log, how, ret_entries);
	}
	struct client *c = demo_client(d, door.who, door.at);
	return c == NULL ? SK_ETIMEDOUT : client_log_read(c, io_log, how, ret_entries);
}

/* One after another: nothing is under way where all run in one process. */
static bool ask_all_inner(struct demo *d, PB(Message) *const m[CONF_DAEMONS],
			  PB(Message) *ret_answer[CONF_DAEMONS])
{
	bool all = true;

	for (int i = 0; i < CONF_DAEMONS; i++) {
		ret_answer[i] = demo_ask_daemon(d, (enum demo_daemon)i, m[i]);
		all = all && ret_answer[i] != NULL;
	}
	return all;
}

bool demo_ask_all(struct demo *d, PB(Message) *const m[CONF_DAEMONS],
		  PB(Message) *ret_answer[CONF_DAEMONS])
{
	if (d->inner != NULL) {
		return ask_all_inner(d, m, ret_answer);
	}
	struct client *c[CONF_DAEMONS] = { NULL };
	bool posted[CONF_DAEMONS] = { false };
	uint32_t who = d->cast.operator;

	for (int i = 0; i < CONF_DAEMONS; i++) {
		c[i] = demo_client(d, who, (enum demo_daemon)i);
		if (c[i] == NULL || !envelope(d, m[i])) {
			return false;
		}
		posted[i] = post(d, c[i], m[i]);
	}
	bool all = true;
	for (int i = 0; i < CONF_DAEMONS; i++) {
		ret_answer[i] = posted[i] ? take_answer(d, c[i], m[i]) : NULL;
		if (ret_answer[i] == NULL) {
			demo_supervise(d);
			ret_answer[i] = ask_again(d, who, (enum demo_daemon)i, m[i]);
		}
		all = all && ret_answer[i] != NULL;
	}
	return all;
}

static PB(Receipt) *receipt_of(struct demo *d, PB(Message) *answer)
{
	if (answer != NULL && answer->body_case != BODY(RECEIPT)) {
		demo_fail(d, cli_fail(d->cli, "demo", SK_EPROTO));
		return NULL;
	}
	return answer == NULL ? NULL : answer->receipt;
}

static bool is_kept(const PB(Receipt) *r)
{
	return r->outcome == OUTCOME(ACCEPTED) || r->outcome == OUTCOME(LATE);
}

/* The first receipt is lost on its way: the client knows nothing and sends the same bytes. */
static PB(Receipt) *lose_receipt(struct demo *d, uint32_t who, enum demo_daemon at, PB(Message) *m,
				 PB(Receipt) *lost)
{
	PB(Receipt) *r = receipt_of(d, ask_again(d, who, at, m));

	if (r == NULL) {
		return NULL;
	}
	bool same = r->outcome == OUTCOME(DUPLICATE) && r->first == lost->outcome &&
		    same_id(&r->object_id, &lost->object_id) && r->version == lost->version &&
		    strcmp(r->short_code, lost->short_code) == 0;
	d->counts.lost++;
	d->counts.doubled += same;
	d->counts.wrong += !same;
	if (!same) {
		demo_tell(d, TOLD(DEMO_ALWAYS, NULL),
			  "FOUT: na een verloren bevestiging kreeg %s iets anders te horen.",
			  "ERROR: after a lost receipt %s was told something else.",
			  demo_name(d, who));
		return lost;
	}
	demo_tell(d, TOLD(DEMO_STORY, r->short_code),
		  "De bevestiging aan %s ging verloren; hetzelfde bericht opnieuw gestuurd: was al "
		  "ontvangen, niets is dubbel.",
		  "The receipt for %s was lost; the same message sent again: it was received "
		  "already, nothing is double.",
		  demo_name(d, who));
	return lost;
}

static void count(struct demo *d, const PB(Receipt) *r)
{
	bool conflict = r->code == SCHAKEL__V1__REFUSAL__REFUSAL_CONFLICT;

	d->counts.commands++;
	d->counts.accepted += r->outcome == OUTCOME(ACCEPTED) || r->outcome == OUTCOME(DUPLICATE);
	d->counts.late += r->outcome == OUTCOME(LATE);
	d->counts.busy += r->outcome == OUTCOME(BUSY);
	d->counts.conflicts += r->outcome == OUTCOME(REFUSED) && conflict;
	d->counts.refused += r->outcome == OUTCOME(REFUSED) && !conflict;
}

static void tell_step(struct demo *d, uint32_t who, enum demo_daemon at, const PB(Message) *m,
		      const PB(Receipt) *r)
{
	const char *word =
		word_of(&schakel__v1__outcome__descriptor, (int)r->outcome, d->cli->lang);
	const char *why = d->cli->lang == LANG_NL ? r->text_nl : r->text_en;
	bool refused = r->outcome == OUTCOME(REFUSED);

	demo_tell(d, TOLD(DEMO_STEP, r->short_code), "  %s > %s: %s: %s%s%s%s%s",
		  "  %s > %s: %s: %s%s%s%s%s", d->cast.party[who].id, d->conf->daemons[at].name,
		  wire_body_name(m->body_case), word, refused ? " (" : "", refused ? r->field : "",
		  refused ? ") " : "", refused ? why : "");
}

static void wait_busy(uint32_t ms)
{
	uint32_t some = ms < BUSY_MS_MAX ? ms : BUSY_MS_MAX;
	struct timespec t = { .tv_sec = some / 1000, .tv_nsec = (long)(some % 1000) * 1000000 };

	(void)nanosleep(&t, NULL);
}

PB(Receipt) *demo_command(struct demo *d, uint32_t who, enum demo_daemon at, PB(Message) *m)
{
	bool loses = demo_rand_share(&d->line[who].luck, d->region.n.lost_receipt_share);
	PB(Receipt) *r = receipt_of(d, demo_ask(d, who, at, m));

	d->unsettled = true;
	for (int i = 0; r != NULL && r->outcome == OUTCOME(BUSY) && i < BUSY_TRIES; i++) {
		d->counts.busy++;
		wait_busy(r->retry_after_ms);
		r = receipt_of(d, ask_again(d, who, at, m));
	}
	if (r != NULL && loses && is_kept(r)) {
		r = lose_receipt(d, who, at, m, r);
	}
	if (r != NULL) {
		count(d, r);
		tell_step(d, who, at, m, r);
	}
	return r;
}

bool demo_done_well(const PB(Receipt) *r)
{
	return r != NULL && (r->outcome == OUTCOME(ACCEPTED) ||
			     (r->outcome == OUTCOME(DUPLICATE) && r->first == OUTCOME(ACCEPTED)));
}

void demo_disconnect(struct demo *d, uint32_t who)
{
	for (size_t i = 0; i < CONF_DAEMONS; i++) {
		client_close(d->line[who].client[i]);
		d->line[who].client[i] = NULL;
	}
}

void demo_lines_done(struct demo *d)
{
	for (uint32_t i = 0; i < DEMO_PARTIES_MAX; i++) {
		demo_disconnect(d, i);
	}
	client_net_close(&d->net);
}
