/* SPDX-License-Identifier: EUPL-1.2 */
#include "common/svc_private.h"

#include <inttypes.h>
#include <signal.h>
#include <string.h>

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
		svc_die(s, "incarnation file", err);
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

void svc_on_turn(void *ctx)
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
	svc_checkpoint_when_due(s);
	svc_net_sweep(s, false);
	svc_net_log_dropped(s);
}

static void on_peers_timer(uv_timer_t *timer)
{
	svc_net_renew_peers(timer->data);
}

static void on_beat(uv_timer_t *timer)
{
	(void)timer;
	supervisor_beat();
}

/* --- signals --- */

/* Each decision carries the version of the rules that it was made under: two rules of one version
 * could not be told apart. */
static bool rules_are_told_apart(const struct conf *old, const struct conf *fresh)
{
	bool same = memcmp(old->settings, fresh->settings, sizeof(old->settings)) == 0;
	return same || fresh->rules_version > old->rules_version;
}

void svc_log_unlawful(const struct svc *s)
{
	enum setting which = setting_unlawful(s->conf->settings);
	if (which != SETTING_COUNT) {
		svc_log(LOG_WARNING, "order_not_lawful", "setting=%s value=%" PRIu64 " hint=\"%s\"",
			setting_spec[which].key, s->conf->settings[which],
			"an experiment of the lab: where people wait, leave this setting out");
	}
}

/* The old configuration stands unless the whole new one is right and can be taken over. */
static void reload(struct svc *s)
{
	struct conf *fresh = svc_conf_again(s->conf);
	if (fresh == NULL) {
		return;
	}
	if (!rules_are_told_apart(s->conf, fresh)) {
		svc_log(LOG_ERR, "config_refused", "field=rules_version problem=\"%s\" hint=\"%s\"",
			"[settings] changed and rules_version did not rise",
			"the old one stands; raise rules_version in schakel.ini and send SIGHUP "
			"again");
		conf_free(fresh);
		return;
	}
	int err = engine_config(s->engine, conf_packed(fresh));
	if (err != SK_OK) {
		svc_log(LOG_ERR, "config_refused", "problem=\"%s\" hint=\"%s\"",
			engine_config_problem(err),
			"the old one stands; correct it and send SIGHUP again");
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
	svc_log_unlawful(s);
}

void svc_on_signal(uv_signal_t *handle, int signum)
{
	struct svc *s = handle->data;
	if (signum == SIGHUP) {
		reload(s);
		return;
	}
	svc_log(LOG_INFO, "stopping", "signal=%d", signum);
	uv_stop(&s->loop);
}

static void start_timers(struct svc *s)
{
	uint64_t beat_ms = supervisor_beat_ms();
	(void)uv_timer_start(&s->housekeeping, on_housekeeping, SVC_HOUSEKEEPING_MS,
			     SVC_HOUSEKEEPING_MS);
	(void)uv_timer_start(&s->peers_timer, on_peers_timer, LINK_WAIT_MS, LINK_WAIT_MS);
	svc_checkpoint_start(s);
	svc_plan_start(s);
	if (beat_ms > 1) {
		(void)uv_timer_start(&s->beat, on_beat, 0, beat_ms / 2);
	}
}

int svc_run(struct svc *s)
{
	start_timers(s);
	if (s->seen.incarnation.number == 0 && engine_has_room(s->engine)) {
		/* A new store is known outside before anything in it is durable. */
		keep_seen(s, false);
	}
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
	uv_close((uv_handle_t *)&s->peers_timer, NULL);
	uv_close((uv_handle_t *)&s->checkpoint.timer, NULL);
	uv_close((uv_handle_t *)&s->plan.timer, NULL);
	for (size_t i = 0; i < SK_LEN(s->signals); i++) {
		uv_close((uv_handle_t *)&s->signals[i], NULL);
	}
	(void)uv_run(&s->loop, UV_RUN_DEFAULT); /* also waits for the workers */
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
	svc_plan_end(s);
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
