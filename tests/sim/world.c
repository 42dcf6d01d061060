/* SPDX-License-Identifier: EUPL-1.2 */
#include "tests/sim/world.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CHECK_EVERY 400    /* events */
#define EVENTS_MAX 2000000 /* of one run */
#define PHASE_B_MAX_US (3600 * SIM_SECOND_US)

/* --- saying what happened --- */

void world_trace(struct world *w, const char *fmt, ...)
{
	char *line = w->trace[w->trace_at++ % TRACE_LEN];
	va_list ap;

	int n = snprintf(line, TRACE_TEXT, "%10" PRIu64 " us  ", w->now_us);
	va_start(ap, fmt);
	(void)vsnprintf(line + n, (size_t)(TRACE_TEXT - n), fmt, ap);
	va_end(ap);
	w->trace_hash = hash64(w->trace_hash, line, strlen(line));
}

void world_fail(struct world *w, const char *fmt, ...)
{
	size_t first = w->trace_at > TRACE_LEN ? w->trace_at - TRACE_LEN : 0;
	va_list ap;

	for (size_t i = first; i < w->trace_at; i++) {
		(void)printf("%s\n", w->trace[i % TRACE_LEN]);
	}
	(void)printf("VIOLATION seed %" PRIu64 " at %" PRIu64 " us, phase %s: ", w->seed, w->now_us,
		     w->phase_b ? "B" : "A");
	va_start(ap, fmt);
	(void)vprintf(fmt, ap);
	va_end(ap);
	(void)printf("\n");
	(void)fflush(stdout);
	scratch_remove_all();
	_exit(1);
}

struct daemon *world_node_daemon(struct world *w, int node)
{
	return node >= 0 && (size_t)node < w->daemons ? &w->daemon[node] : NULL;
}

struct daemon *world_daemon(struct world *w, const char *name)
{
	for (size_t i = 0; i < w->daemons; i++) {
		if (strcmp(w->daemon[i].svc->name, name) == 0) {
			return &w->daemon[i];
		}
	}
	sk_panic("no such daemon", __FILE__, __LINE__);
}

/* --- life --- */

struct world *world_new(uint64_t seed, const struct scenario *sc,
			const struct service *const *services, size_t n)
{
	struct world *w = sim_alloc(sizeof(*w));

	w->seed = seed;
	w->rng = rng_make(seed);
	w->scenario = sc;
	w->opt = options_draw(&w->rng);
	if (sc->adjust != NULL) {
		sc->adjust(&w->rng, &w->opt);
	}
	n = n < w->opt.daemons ? n : w->opt.daemons;
	options_print(seed, &w->opt);
	w->daemons = n;
	for (size_t i = 0; i < n; i++) {
		daemon_init(w, &w->daemon[i], services[i]);
	}
	return w;
}

void world_set_config(struct world *w, PB(ConfigApplied) *owned)
{
	free(w->config);
	w->config_msg = owned;
	w->config_len = schakel__v1__config_applied__get_packed_size(owned);
	w->config = sim_alloc(w->config_len);
	(void)schakel__v1__config_applied__pack(owned, w->config);
}

void world_add_client(struct world *w, struct client *c)
{
	SK_ASSERT(w->clients < CLIENTS_MAX);
	c->w = w;
	c->node = (int)(DAEMONS_MAX + w->clients);
	w->client[w->clients++] = c;
}

void world_free(struct world *w)
{
	world_drop_events(w);
	for (size_t i = 0; i < w->clients; i++) {
		w->client[i]->done(w->client[i]);
	}
	for (size_t i = 0; i < w->daemons; i++) {
		daemon_done(&w->daemon[i]);
	}
	if (w->config_msg != NULL) {
		schakel__v1__config_applied__free_unpacked(w->config_msg, NULL);
	}
	free(w->config);
	free(w->heap);
	claims_done(&w->claims);
	free(w);
}

/* --- quiet: nothing is under way, nothing is owed --- */

static bool log_is_read(struct daemon *writer, struct daemon *reader)
{
	const struct cursor_kept *c = ledger_cursor(&reader->ledger, writer->svc->name);
	struct key k = key_of_str(reader->svc->name);
	struct slice val;

	if (!store_get(engine_peek(writer->engine), TABLE_LOG_HEAD, &k, &val)) {
		return true;
	}
	PB(LogHeadRecord) *h = schakel__v1__log_head_record__unpack(NULL, val.len, val.data);
	SK_ASSERT(h != NULL);
	struct incarnation inc = engine_incarnation(writer->engine);
	bool current = h->incarnation == inc.number && h->nonce == inc.nonce;
	uint64_t last = current ? h->sequence : 0;
	bool read = c->incarnation == inc.number && c->nonce == inc.nonce && c->sequence == last;
	schakel__v1__log_head_record__free_unpacked(h, NULL);
	return read;
}

static bool nothing_due(struct daemon *d)
{
	struct store_iter it;
	struct key k;
	struct slice val;

	store_iter_init(&it, engine_peek(d->engine), TABLE_DUE, NULL);
	bool any = store_next(&it, &k, &val);
	store_iter_done(&it);
	return !any || be64_read(k.b) > engine_now_ms(d->engine);
}

static bool daemon_is_quiet(struct world *w, struct daemon *d)
{
	if (!d->up || !engine_ready(d->engine) || d->ledger.awaited > 0 ||
	    d->ledger.len != d->disk.durable_sequence || !nothing_due(d)) {
		return false;
	}
	for (const char *const *peer = d->svc->reads; *peer != NULL; peer++) {
		if (!log_is_read(world_daemon(w, *peer), d)) {
			return false;
		}
	}
	return true;
}

bool world_is_quiet(struct world *w)
{
	for (size_t i = 0; i < w->daemons; i++) {
		if (!w->daemon[i].up) {
			return false;
		}
	}
	for (size_t i = 0; i < w->daemons; i++) {
		if (!daemon_is_quiet(w, &w->daemon[i])) {
			return false;
		}
	}
	bool idle = true;
	for (size_t i = 0; i < w->clients; i++) {
		idle = w->client[i]->idle(w->client[i]) && idle;
	}
	return idle;
}

/* --- the run --- */

static void step(struct world *w)
{
	bool more = world_step(w);

	SK_ASSERT(more);
	if (w->events % CHECK_EVERY == 0) {
		check_all(w, false);
	}
	if (w->events > EVENTS_MAX) {
		world_fail(w, "V4: no end after %" PRIu64 " events", w->events);
	}
}

static void why_not_quiet(struct world *w)
{
	for (size_t i = 0; i < w->daemons; i++) {
		struct daemon *d = &w->daemon[i];
		world_trace(w, "%s: up=%d ready=%d awaits=%" PRIu64 " undue=%d quiet=%d",
			    d->svc->name, d->up, d->up && engine_ready(d->engine),
			    d->ledger.awaited, d->up && nothing_due(d),
			    d->up && daemon_is_quiet(w, d));
	}
	for (size_t i = 0; i < w->clients; i++) {
		if (!w->client[i]->idle(w->client[i])) {
			world_trace(w, "client %s is not idle", w->client[i]->party.id);
			if (w->client[i]->say != NULL) {
				w->client[i]->say(w->client[i]);
			}
		}
	}
}

static void phase_a(struct world *w)
{
	uint64_t end_us = w->now_us + (uint64_t)w->opt.work_ms * 1000;

	for (size_t i = 0; i < w->daemons; i++) {
		struct daemon *d = &w->daemon[i];
		world_at(w, rng_log(&w->rng, 1, 3 * SIM_SECOND_US), daemon_start, d, d->starts);
	}
	faults_begin(w);
	if (w->scenario->begin != NULL) {
		w->scenario->begin(w);
	}
	while (w->now_us - w->leapt_ms * 1000 < end_us) {
		step(w);
	}
}

static void phase_b(struct world *w)
{
	uint64_t start_us = w->now_us, next_us = w->now_us;

	world_trace(w, "phase B: all faults end");
	w->phase_b = true;
	faults_heal(w);
	for (;;) {
		step(w);
		if (w->now_us < next_us) {
			continue;
		}
		next_us = w->now_us + SIM_SECOND_US;
		if (world_is_quiet(w)) {
			return;
		}
		if (w->now_us - start_us > PHASE_B_MAX_US) {
			why_not_quiet(w);
			world_fail(w, "V1: not everything is done after an hour without faults");
		}
	}
}

void world_run(struct world *w)
{
	phase_a(w);
	phase_b(w);
	check_all(w, true);
	uint64_t digest = w->trace_hash;
	for (size_t i = 0; i < w->daemons; i++) {
		digest = mix64(digest ^ w->daemon[i].ledger.row_sum);
	}
	(void)printf("events %" PRIu64 " inputs", w->events);
	for (size_t i = 0; i < w->daemons; i++) {
		(void)printf(" %zu", w->daemon[i].ledger.len);
	}
	(void)printf(" restores %" PRIu64 "\ndigest %016" PRIx64 "\n", w->restores, digest);
}
