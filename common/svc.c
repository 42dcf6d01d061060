/* SPDX-License-Identifier: EUPL-1.2 */
#include "common/svc_private.h"

#include <inttypes.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sodium.h>

#define STORE_DIR_NAME "store"

/* --- port: what files and sockets do not do --- */

static void die(void *ctx, const char *why, int err)
{
	(void)ctx;
	svc_log(LOG_ERR, "die", "why=\"%s\" err=\"%s\"", why, sk_strerror(err));
	_exit(SVC_EXIT_UNKNOWN);
}

/* Recovery reads and writes segments: as long as it does, it goes on. */
static void on_progress(void)
{
	supervisor_extend(uv_hrtime() / 1000000);
}

/* --- turns --- */

static void on_timer(uv_timer_t *timer)
{
	struct svc *s = timer->data;
	/* Timers run before the wait, turns behind it: without this the loop could sleep in
	 * between. */
	zwatch_again(&s->zwatch);
}

static uint64_t durable_sequence(const struct svc *s)
{
	uint64_t stepped = 0;
	uint64_t durable = 0;
	uint64_t committed = 0;
	engine_positions(s->engine, &stepped, &durable, &committed);
	return durable;
}

/* A store that shows less than this file comes from an old copy: a failure to write it may wait, a
 * new incarnation may not. */
static void keep_seen(struct svc *s, bool sequence_too)
{
	struct files_seen now = { engine_incarnation(s->engine), durable_sequence(s) };
	bool same = now.incarnation.number == s->seen.incarnation.number &&
		    now.incarnation.nonce == s->seen.incarnation.nonce;
	if (same && (!sequence_too || now.sequence == s->seen.sequence)) {
		return;
	}
	int err = files_seen_write(s->seen_path, &now);
	if (err != SK_OK && !same) {
		die(s, "incarnation file", err);
	}
	if (err != SK_OK) {
		svc_log(LOG_WARNING, "seen_not_kept", "err=\"%s\"", sk_strerror(err));
		return;
	}
	if (!same) {
		svc_log(LOG_INFO, "incarnation", "number=%" PRIu32, now.incarnation.number);
	}
	s->seen = now;
}

static void tell_ready(struct svc *s)
{
	if (s->told_ready || !engine_ready(s->engine)) {
		return;
	}
	s->told_ready = true;
	svc_log(LOG_INFO, "ready", "endpoint=%s sequence=%" PRIu64 " incarnation=%u demo=%d",
		s->self->bind, durable_sequence(s), s->seen.incarnation.number,
		engine_is_demo(s->engine));
	supervisor_ready();
}

static void on_turn(void *ctx)
{
	struct svc *s = ctx;
	uint64_t wait_ms = engine_turn(s->engine);
	keep_seen(s, false);
	tell_ready(s);
	if (wait_ms == 0) {
		zwatch_again(&s->zwatch);
		return;
	}
	(void)uv_timer_start(&s->timer, on_timer,
			     wait_ms < SVC_TURN_MS_MAX ? wait_ms : SVC_TURN_MS_MAX, 0);
}

static void on_housekeeping(uv_timer_t *timer)
{
	struct svc *s = timer->data;
	keep_seen(s, true);
	svc_net_sweep(s, false);
	svc_net_log_dropped(s);
}

static void on_beat(uv_timer_t *timer)
{
	(void)timer;
	supervisor_beat();
}

/* --- signals --- */

static void log_problems(const struct conf_problems *p)
{
	char line[sizeof(p->text)];
	char *next = line;
	(void)snprintf(line, sizeof(line), "%s", p->text);
	for (char *one = strsep(&next, "\n"); one != NULL; one = strsep(&next, "\n")) {
		if (one[0] != '\0') {
			svc_log(LOG_ERR, "config_refused", "problem=\"%s\"", one);
		}
	}
}

/* The old configuration stands unless the whole new one is right and can be taken over. */
static void reload(struct svc *s)
{
	static struct conf_problems problems;
	struct conf *fresh = NULL;
	int err = conf_load(s->conf->dir, &fresh, &problems);
	if (err != SK_OK) {
		log_problems(&problems);
		return;
	}
	const char *what = conf_needs_restart(s->conf, fresh);
	if (what == NULL) {
		err = engine_config(s->engine, conf_packed(fresh));
	}
	if (what != NULL || err != SK_OK) {
		svc_log(LOG_ERR, "config_refused", "problem=\"%s\" hint=\"%s\"",
			what != NULL ? what : sk_strerror(err),
			what != NULL ? "restart the daemons to change it" : "send SIGHUP again");
		conf_free(fresh);
		return;
	}
	struct conf *old = s->conf;
	s->conf = fresh;
	s->self = conf_daemon(fresh, s->service->name);
	conf_free(old);
	svc_net_sweep(s, true);
	svc_log(LOG_INFO, "config_applied", "parties=%zu zones=%zu", s->conf->parties_len,
		s->conf->zones_len);
}

static void on_signal(uv_signal_t *handle, int signum)
{
	struct svc *s = handle->data;
	if (signum == SIGHUP) {
		reload(s);
		return;
	}
	svc_log(LOG_INFO, "stopping", "signal=%d", signum);
	uv_stop(&s->loop);
}

/* --- opening --- */

static int fail(const char *what, int err, const char *hint)
{
	svc_log(LOG_ERR, "open_failed", "what=%s err=\"%s\" hint=\"%s\"", what, sk_strerror(err),
		hint);
	return err;
}

static int open_loop(struct svc *s)
{
	static const int numbers[] = { SIGTERM, SIGINT, SIGHUP };
	_Static_assert(SK_LEN(numbers) == SK_LEN(s->signals), "a handle each");
	if (uv_loop_init(&s->loop) != 0) {
		return fail("loop", SK_ESYS, "out of descriptors?");
	}
	s->loop_open = true;
	(void)uv_timer_init(&s->loop, &s->timer); /* these cannot fail */
	(void)uv_timer_init(&s->loop, &s->housekeeping);
	(void)uv_timer_init(&s->loop, &s->beat);
	s->timer.data = s;
	s->housekeeping.data = s;
	int rc = 0;
	for (size_t i = 0; i < SK_LEN(numbers); i++) {
		(void)uv_signal_init(&s->loop, &s->signals[i]);
		s->signals[i].data = s;
		rc |= uv_signal_start(&s->signals[i], on_signal, numbers[i]);
	}
	int err = zwatch_open(&s->zwatch, &s->loop, on_turn, s);
	return rc == 0 && err == SK_OK ? SK_OK : fail("loop", SK_ESYS, "out of descriptors?");
}

/* The directory of incarnations holds one file a daemon; it is part of no backup. */
static int open_seen(struct svc *s)
{
	int n = snprintf(s->seen_path, sizeof(s->seen_path), "%s/%s", s->conf->incarnation_dir,
			 s->service->name);
	if (n < 0 || (size_t)n >= sizeof(s->seen_path)) {
		return fail("incarnation", SK_EINVAL, "use a shorter incarnation_dir");
	}
	int err = files_seen_read(s->seen_path, &s->seen);
	return err == SK_OK ? err : fail("incarnation", err, "see the runbook on incarnations");
}

static int open_files(struct svc *s)
{
	int err = files_open(&s->files, s->self->dir, s->conf->store.segment_bytes, &s->loop);
	if (err == SK_ENOENT) {
		return fail("files", err, "make the node with `schakel node init`");
	}
	if (err == SK_ECONF) {
		return fail("files", err,
			    "segment_bytes is fixed when a node is made; put it back");
	}
	if (err != SK_OK) {
		return fail("files", err, "check the daemon's dir, its owner and the disk");
	}
	s->files.progress = on_progress;
	err = files_watch_faults(s->files.slot);
	if (err != SK_OK) {
		return fail("faults", err, "");
	}
	_Static_assert(offsetof(struct svc, files) == 0, "one ctx serves both");
	files_port(&s->files, &s->port);
	s->port.ctx = s;
	s->port.die = die;
	return open_seen(s);
}

static int open_secret(struct svc *s)
{
	char path[CONF_PATH_MAX];
	int err = conf_secret_path(s->conf, s->service->name, path);
	if (err == SK_OK) {
		err = conf_secret_read(path, &s->secret);
	}
	if (err == SK_OK) {
		const struct conf_party *party = conf_party(s->conf, s->service->name);
		SK_ASSERT(party != NULL);
		err = strcmp(party->key, s->secret->public_key) == 0 ? SK_OK : SK_ECONF;
	}
	return err == SK_OK ? err :
			      fail("key", err,
				   "keys/NAME.secret must be ours alone (mode 0600) and "
				   "fit the key in parties.ini");
}

static void fill_engine_conf(const struct svc *s, struct engine_conf *ec)
{
	const struct conf_store *st = &s->conf->store;
	*ec = (struct engine_conf){
		.seen = s->seen.incarnation,
		.seen_sequence = s->seen.sequence,
		.demo = s->conf->demo,
		.segment_bytes = st->segment_bytes,
		.disk_reserve_bytes = st->disk_reserve_bytes,
		.commit_records = st->commit_records,
		.commit_bytes = st->commit_bytes,
		.commit_ms = st->commit_ms,
		.commit_idle_ms = st->commit_idle_ms,
		.keep_segments_days = st->keep_segments_days,
	};
	randombytes_buf(&ec->fresh_nonce, sizeof(ec->fresh_nonce));
}

static int recover(struct svc *s)
{
	struct engine_conf ec;
	fill_engine_conf(s, &ec);
	int err = files_store_key(s->self->dir, ec.key);
	if (err == SK_OK) {
		err = engine_open(&s->engine, &s->store, s->service, &s->port, &ec);
	}
	sodium_memzero(&ec, sizeof(ec));
	if (err != SK_OK) {
		s->engine = NULL;
		return fail("recovery", err, engine_open_detail());
	}
	if (engine_is_demo(s->engine) != s->conf->demo) {
		return fail("store", SK_ECONF,
			    "a node is made as demo or not, for ever; correct "
			    "[node] demo");
	}
	return SK_OK;
}

static int open_store(struct svc *s)
{
	char path[CONF_PATH_MAX + sizeof(STORE_DIR_NAME)];
	(void)snprintf(path, sizeof(path), "%s/" STORE_DIR_NAME, s->self->dir);
	struct store_conf sc = { .dir = path, .map_bytes = (size_t)s->conf->store.map_bytes };
	int err = store_open(&s->store, &sc);
	if (err != SK_OK) {
		return fail("store", err,
			    err == SK_EBUSY ? "is the daemon running already?" : "see the runbook");
	}
	s->store_open = true;
	return recover(s);
}

static void start_timers(struct svc *s)
{
	uint64_t beat_ms = supervisor_beat_ms();
	(void)uv_timer_start(&s->housekeeping, on_housekeeping, SVC_HOUSEKEEPING_MS,
			     SVC_HOUSEKEEPING_MS);
	if (beat_ms > 1) {
		(void)uv_timer_start(&s->beat, on_beat, 0, beat_ms / 2);
	}
}

int svc_open(struct svc *s, struct svc_conf *sc, const struct service *service)
{
	static const struct rlimit no_core = { 0, 0 };
	memset(s, 0, sizeof(*s));
	s->service = service;
	s->conf = sc->conf;
	sc->conf = NULL;
	s->self = conf_daemon(s->conf, service->name);
	SK_ASSERT(s->self != NULL);
	svc_log_init(service->name, LOG_INFO);
	(void)umask(
		0007); /* files are made with modes of their own; a socket is for the group too */
	(void)setrlimit(RLIMIT_CORE, &no_core); /* a core would hold keys and what people wrote */
	(void)signal(SIGPIPE, SIG_IGN);
	int err = sodium_init() < 0 ? SK_ESYS : SK_OK;
	if (err == SK_OK) {
		err = open_loop(s);
	}
	if (err == SK_OK) {
		err = open_secret(s);
	}
	if (err == SK_OK) {
		err = open_files(s);
	}
	if (err == SK_OK) {
		s->port.reply = svc_net_reply;
		s->port.ask = svc_net_ask;
		err = open_store(s);
	}
	if (err == SK_OK) {
		err = engine_config(s->engine, conf_packed(s->conf));
	}
	return err == SK_OK ? svc_net_open(s) : err;
}

int svc_run(struct svc *s)
{
	start_timers(s);
	zwatch_again(&s->zwatch); /* the configuration may wait for its flush */
	(void)uv_run(&s->loop, UV_RUN_DEFAULT);
	supervisor_stopping();
	return SK_OK;
}

/* --- end --- */

static void close_loop(struct svc *s)
{
	if (!s->loop_open) {
		return;
	}
	zwatch_close(&s->zwatch);
	uv_close((uv_handle_t *)&s->timer, NULL);
	uv_close((uv_handle_t *)&s->housekeeping, NULL);
	uv_close((uv_handle_t *)&s->beat, NULL);
	for (size_t i = 0; i < SK_LEN(s->signals); i++) {
		uv_close((uv_handle_t *)&s->signals[i], NULL);
	}
	(void)uv_run(&s->loop, UV_RUN_DEFAULT); /* also waits for the worker */
	int rc = uv_loop_close(&s->loop);
	SK_ASSERT(rc == 0);
	s->loop_open = false;
}

void svc_close(struct svc *s)
{
	if (s->engine != NULL && s->told_ready) {
		struct files_seen last = { engine_incarnation(s->engine), durable_sequence(s) };
		int err = engine_close(s->engine);
		if (err == SK_OK) {
			err = files_seen_write(s->seen_path, &last);
		}
		if (err != SK_OK) {
			svc_log(LOG_ERR, "close", "err=\"%s\"", sk_strerror(err));
		}
	} else {
		engine_abandon(s->engine);
	}
	s->engine = NULL;
	close_loop(s);
	svc_net_close(s);
	files_close(&s->files);
	if (s->store_open) {
		store_close(&s->store);
		s->store_open = false;
	}
	conf_secret_free(s->secret);
	s->secret = NULL;
	conf_free(s->conf);
	s->conf = NULL;
}
