/* SPDX-License-Identifier: EUPL-1.2 */
#include "services/gateway/outside.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <sodium.h>

#include "common/logging.h"
#include "common/wire.h"
#include "services/gateway/feed_private.h"
#include "services/gateway/hook.h"
#include "services/gateway/notice.h"

#define LOOKED_MAX 1024 /* events that one step looks at */
#define LEARN_MS 5000
#define TIME_ARENA_BYTES (256U << 10)
#define ASK_TIMEOUT_MS 2000 /* a stop waits no longer than this */

struct outside {
	struct gate *gate;
	struct outbox *out;
	struct hooks *hooks;
	struct notice *notice;
	struct feed_item *hook_item;   /* that was given last */
	struct feed_item *notice_item; /* the same */
	uint64_t learned_ms;           /* when a demo node's clock was asked for */
	struct gate_conf *held;        /* by the notice's thread */
};

/* --- the feed, read of the model: any thread --- */

static bool set_right(struct feed_place *p, unsigned d, const struct model_place *at)
{
	uint64_t oldest = at->first > 0 ? at->first - 1 : at->after;
	bool other = p->incarnation[d] != at->incarnation;
	bool gap = other ? p->incarnation[d] != 0 : p->sequence[d] < oldest;
	if (other || gap) {
		p->incarnation[d] = at->incarnation;
		p->sequence[d] = oldest;
	}
	return gap;
}

/* The next event, whoever may see it. */
static int step(struct model_read *view, struct feed_place *io_place, struct feed_item **ret_item)
{
	struct model_place at[CONF_DAEMONS];
	bool gap = false;
	for (unsigned d = 0; d < CONF_DAEMONS; d++) {
		model_place(view, d, &at[d]);
		gap = (at[d].incarnation != 0 && set_right(io_place, d, &at[d])) || gap;
	}
	if (gap) {
		return -1;
	}
	for (unsigned d = 0; d < CONF_DAEMONS; d++) {
		if (at[d].incarnation == 0 || io_place->sequence[d] >= at[d].after) {
			continue;
		}
		struct feed_item *it = feed_item_new(view, d, io_place->sequence[d] + 1);
		if (it != NULL) {
			io_place->sequence[d]++;
			*ret_item = it;
			return 1;
		}
	}
	return 0;
}

/* Reads on until something is of use. @p who NULL: every event that is understood. */
static int read_on(struct outside *o, const struct who *who, char io_place[FEED_PLACE_MAX],
		   struct feed_item **io_item)
{
	struct feed_place p = { 0 };
	struct model_read view;
	int got = 1;
	bool found = false;
	if (model_read_begin(o->gate->model, &view) != SK_OK) {
		return 0;
	}
	(void)feed_place_read(io_place, &p); /* "": the beginning of all */
	for (int i = 0; i < LOOKED_MAX && got > 0 && !found; i++) {
		feed_item_free(*io_item);
		*io_item = NULL;
		got = step(&view, &p, io_item);
		found = got > 0 && (*io_item)->event != NULL &&
			(who == NULL || feed_sight(who, NULL, (*io_item)->event,
						   &(*io_item)->parts) != FEED_NOTHING);
	}
	model_read_end(&view);
	feed_place_text(&p, io_place);
	return got < 0 ? -1 : found;
}

static int hook_next(void *arg, const struct who *who, char io_place[HOOK_PLACE_MAX],
		     struct hook_event *ret_event)
{
	struct outside *o = arg;
	char before[FEED_PLACE_MAX];
	name_copy(before, io_place);
	int got = read_on(o, who, io_place, &o->hook_item);
	if (got > 0) {
		struct feed_item *it = o->hook_item;
		bool whole = feed_sight(who, NULL, it->event, &it->parts) == FEED_WHOLE;
		ret_event->type = it->type;
		ret_event->json = feed_item_json(o->gate->feed, it, !whole);
		if (ret_event->json == NULL) {
			memcpy(io_place, before, sizeof(before)); /* no memory: later again */
			return 0;
		}
	}
	return got;
}

static void hook_now(void *arg, char ret_place[HOOK_PLACE_MAX])
{
	struct outside *o = arg;
	struct feed_place p = { 0 };
	struct model_read view;
	if (model_read_begin(o->gate->model, &view) == SK_OK) {
		for (unsigned d = 0; d < CONF_DAEMONS; d++) {
			struct model_place at;
			model_place(&view, d, &at);
			p.incarnation[d] = at.incarnation;
			p.sequence[d] = at.after;
		}
		model_read_end(&view);
	}
	feed_place_text(&p, ret_place);
}

static int notice_next(void *arg, char io_place[NOTICE_PLACE_MAX], const PB(Event) **ret_event)
{
	struct outside *o = arg;
	int got = read_on(o, NULL, io_place, &o->notice_item);
	if (got > 0) {
		*ret_event = o->notice_item->event;
	}
	return got;
}

/* --- the daemons --- */

static unsigned matching_of(const struct conf *c)
{
	return (unsigned)(conf_daemon(c, "matching") - c->daemons);
}

static int call(struct outside *o, const struct up_call *c, struct arena *a,
		PB(Message) **ret_answer)
{
	struct wire_fault fault;
	size_t len = 0;
	uint8_t *answer = malloc(FRAME_BYTES_MAX);
	if (answer == NULL) {
		return SK_ENOMEM;
	}
	int err = up_call(o->gate->up, c, answer, &len);
	if (err == SK_OK) {
		err = wire_decode(a, (struct slice){ answer, len }, WIRE_TOLERANT, ret_answer,
				  &fault);
	}
	free(answer);
	bool no_key = err == SK_ENOENT || err == SK_ECONF || err == SK_ECORRUPT;
	return no_key ? SK_EAUTH : err;
}

static int notice_ask(void *arg, const char *party, PB(Message) *query, struct arena *a,
		      PB(Message) **ret_answer)
{
	struct outside *o = arg;
	uint8_t *id = arena_alloc(a, 16);
	uint8_t luck[10];
	uint64_t now_ms = gate_wall_ms();
	if (id == NULL) {
		return SK_ENOMEM;
	}
	randombytes_buf(luck, sizeof(luck));
	wire_id_make(now_ms, luck, id);
	query->id = (ProtobufCBinaryData){ 16, id };
	query->time_ms = now_ms;
	query->role = SCHAKEL__V1__ROLE__ROLE_FACILITY;
	size_t len = schakel__v1__message__get_packed_size(query);
	uint8_t *bytes = arena_alloc(a, len);
	if (bytes == NULL) {
		return SK_ENOMEM;
	}
	(void)schakel__v1__message__pack(query, bytes);
	struct up_call c = { .party = party,
			     .daemon = matching_of(o->held->conf),
			     .message = { bytes, len },
			     .timeout_ms = ASK_TIMEOUT_MS };
	return call(o, &c, a, ret_answer);
}

/* The clock of a demo node is moved by hand, and any answer tells it. */
static void learn_time(struct outside *o)
{
	PB(QueryStatus) q = PB_INIT(QUERY_STATUS);
	PB(Message) m = PB_INIT(MESSAGE);
	PB(Message) *answer = NULL;
	uint8_t *block = malloc(TIME_ARENA_BYTES);
	uint64_t now_ms = gate_wall_ms();
	struct arena a;
	m.body_case = BODY(QUERY_STATUS);
	m.query_status = &q;
	if (block != NULL && (now_ms < o->learned_ms || now_ms > o->learned_ms + LEARN_MS)) {
		o->learned_ms = now_ms;
		arena_init(&a, block, TIME_ARENA_BYTES);
		if (notice_ask(o, CONF_GATEWAY, &m, &a, &answer) != SK_OK) {
			o->learned_ms = 0; /* again at the next turn */
		}
	}
	free(block);
}

static uint64_t daemons_now(void *arg)
{
	struct outside *o = arg;
	if (!o->held->conf->demo) {
		return gate_wall_ms();
	}
	learn_time(o);
	uint64_t now_ms = up_time_ms(o->gate->up, matching_of(o->held->conf));
	return now_ms == 0 ? gate_wall_ms() : now_ms;
}

static const struct conf *notice_conf(void *arg)
{
	struct outside *o = arg;
	o->held = gate_conf_get(o->gate);
	return o->held->conf;
}

static void notice_conf_done(void *arg)
{
	struct outside *o = arg;
	gate_conf_put(o->held);
	o->held = NULL;
}

/* --- opening --- */

static int fail(const char *what, int err, const char *hint)
{
	svc_log(LOG_ERR, "open_failed", "what=\"%s\" err=\"%s\" hint=\"%s\"", what,
		sk_strerror(err), hint);
	return err;
}

static int secret(const struct conf *c, const char *file, char ret_text[CONF_PASSWORD_MAX + 1])
{
	ret_text[0] = '\0';
	int err = file[0] == '\0' ? SK_OK : conf_password(c, file, ret_text);
	return err == SK_OK ? SK_OK :
			      fail(file, err,
				   "it must hold one line, and be readable by the gateway alone");
}

static int open_out(struct outside *o, const struct conf *c)
{
	const struct conf_mail *m = &c->outside.mail;
	char dir[CONF_PATH_MAX + 8];
	char ca[CONF_PATH_MAX + CONF_FILE_NAME_MAX] = "";
	char password[CONF_PASSWORD_MAX + 1];
	char text_key[CONF_PASSWORD_MAX + 1];
	(void)snprintf(dir, sizeof(dir), "%s/out", c->gateway.dir);
	if (mkdir(c->gateway.dir, 0700) != 0 && errno != EEXIST) {
		return fail(c->gateway.dir, SK_ESYS, "is its parent there, and ours?");
	}
	if (m->ca_file[0] != '\0' && !conf_outside_path(c, m->ca_file, ca, sizeof(ca))) {
		return fail(m->ca_file, SK_EINVAL, "the path is too long");
	}
	int err = secret(c, m->password_file, password);
	err = err == SK_OK ? secret(c, c->outside.text.key_file, text_key) : err;
	struct out_conf oc = { .dir = dir,
			       .mail_server = m->server,
			       .mail_starttls = m->starttls &&
						strncmp(m->server, "smtp://", 7) == 0,
			       .mail_from = m->from,
			       .mail_user = m->user,
			       .mail_password = password,
			       .mail_ca_file = ca,
			       .text_url = c->outside.text.url,
			       .text_key = text_key };
	if (err == SK_OK) {
		err = out_open(&oc, &o->out);
		err = err == SK_OK ?
			      SK_OK :
			      fail(dir, err, "does another gateway of this node run already?");
	}
	sodium_memzero(password, sizeof(password));
	sodium_memzero(text_key, sizeof(text_key));
	return err;
}

/* The host of the public address, by which who is called knows us. */
static void origin_of(const struct conf *c, char ret_origin[CONF_URL_MAX + 1])
{
	const char *url = c->gateway.public_url;
	const char *host = strstr(url, "://");
	host = host == NULL ? c->node : host + 3;
	(void)snprintf(ret_origin, CONF_URL_MAX + 1, "%.*s", (int)strcspn(host, ":/"), host);
}

int outside_open(struct gate *g, const struct conf *c, struct outside **ret_outside)
{
	struct outside *o = calloc(1, sizeof(*o));
	char origin[CONF_URL_MAX + 1];
	if (o == NULL) {
		return SK_ENOMEM;
	}
	o->gate = g;
	origin_of(c, origin);
	struct hook_conf hc = { .origin = origin,
				.hosts = c->outside.hooks.hosts,
				.feed = { .next = hook_next, .now = hook_now, .arg = o } };
	struct notice_port port = { .next = notice_next,
				    .ask = notice_ask,
				    .conf = notice_conf,
				    .conf_done = notice_conf_done,
				    .now_ms = daemons_now,
				    .key = &g->key,
				    .arg = o };
	int err = open_out(o, c);
	if (err == SK_OK) {
		err = hooks_open(o->out, &hc, &o->hooks);
		err = err == SK_OK ? SK_OK : fail("webhooks", err, "is the outbox damaged?");
	}
	if (err == SK_OK) {
		hooks_conf_applied(o->hooks, c);
		err = notice_open(o->out, &port, &o->notice);
	}
	err = err == SK_OK ? out_start(o->out) : err;
	if (err != SK_OK) {
		outside_close(o);
		return err;
	}
	*ret_outside = o;
	return SK_OK;
}

void outside_close(struct outside *o)
{
	if (o != NULL) {
		notice_close(o->notice);
		out_close(o->out);
		hooks_close(o->hooks);
		feed_item_free(o->hook_item);
		feed_item_free(o->notice_item);
		free(o);
	}
}

void outside_conf_applied(struct outside *o, const struct conf *c)
{
	hooks_conf_applied(o->hooks, c);
}

void outside_counts(struct outside *o, struct out_counts *ret_counts)
{
	out_counts(o->out, ret_counts);
}

static struct hooks *outside_hooks(struct outside *o)
{
	return o->hooks;
}

struct hooks *gate_hooks(struct gate *g)
{
	return outside_hooks(g->outside);
}

struct oidc *gate_oidc(struct gate *g)
{
	return g->oidc;
}
