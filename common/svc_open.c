/* SPDX-License-Identifier: EUPL-1.2 */
#include "common/svc_private.h"

#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sodium.h>

#define STORE_DIR_NAME "store"

void svc_die(void *ctx, const char *why, int err)
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
	(void)uv_timer_init(&s->loop, &s->peers_timer);
	(void)uv_timer_init(&s->loop, &s->checkpoint.timer);
	(void)uv_timer_init(&s->loop, &s->plan.timer);
	s->plan.timer.data = s;
	s->checkpoint.timer.data = s;
	s->timer.data = s;
	s->housekeeping.data = s;
	s->peers_timer.data = s;
	int rc = 0;
	for (size_t i = 0; i < SK_LEN(numbers); i++) {
		(void)uv_signal_init(&s->loop, &s->signals[i]);
		s->signals[i].data = s;
		rc |= uv_signal_start(&s->signals[i], svc_on_signal, numbers[i]);
	}
	int err = zwatch_open(&s->zwatch, &s->loop, svc_on_turn, s);
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
	s->port.die = svc_die;
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
		svc_checkpoint_open(s);
		err = engine_config(s->engine, conf_packed(s->conf));
		if (err != SK_OK) {
			return fail("config", err, engine_config_problem(err));
		}
		svc_log_unlawful(s);
	}
	return err == SK_OK ? svc_net_open(s) : err;
}
