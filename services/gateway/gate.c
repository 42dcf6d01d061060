/* SPDX-License-Identifier: EUPL-1.2 */
#include "services/gateway/gate.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <sodium.h>

#include "common/svc.h"
#include "services/gateway/api.h"
#include "services/gateway/codes.h"
#include "services/gateway/fhir.h"
#include "services/gateway/hook.h"
#include "services/gateway/hsds.h"
#include "services/gateway/links.h"
#include "services/gateway/oidc.h"
#include "services/gateway/openapi.h"
#include "services/gateway/ops.h"
#include "services/gateway/pages.h"
#include "services/gateway/session.h"
#include "services/gateway/ws.h"

#define BEAT_MS 15000
#define DRAIN_MS 5000
#define DRAIN_STEP_MS 20

const struct route *const gate_routes[] = {
	session_routes, api_routes,  codes_routes, feed_routes, fhir_routes,
	hsds_routes,    hook_routes, links_routes, oidc_routes, ops_routes,
	openapi_routes, ws_routes,   pages_routes, /* last: it answers what is nobody else's */
	NULL,
};

/* --- configuration --- */

static struct gate_conf *conf_hold(struct conf *conf)
{
	struct gate_conf *c = calloc(1, sizeof(*c));

	if (c != NULL) {
		c->conf = conf;
		atomic_init(&c->users, 1);
	}
	return c;
}

struct gate_conf *gate_conf_get(struct gate *g)
{
	(void)pthread_mutex_lock(&g->conf_lock);
	struct gate_conf *c = g->conf;
	(void)atomic_fetch_add(&c->users, 1);
	(void)pthread_mutex_unlock(&g->conf_lock);
	return c;
}

void gate_conf_put(struct gate_conf *c)
{
	if (atomic_fetch_sub(&c->users, 1) == 1) {
		conf_free(c->conf);
		free(c);
	}
}

/* Names, roles, zones and serials are taken over; an address needs a restart. */
static void reload(struct gate *g)
{
	struct gate_conf *old = g->conf;
	struct conf *fresh = svc_conf_again(old->conf);
	struct gate_conf *held = fresh == NULL ? NULL : conf_hold(fresh);

	if (held == NULL) {
		conf_free(fresh);
		return;
	}
	(void)pthread_mutex_lock(&g->conf_lock);
	g->conf = held;
	(void)pthread_mutex_unlock(&g->conf_lock);
	up_renew(g->up);
	gate_conf_put(old);
	outside_conf_applied(g->outside, fresh);
	feed_judge(g->feed);
	svc_log(LOG_INFO, "config_applied", "parties=%zu zones=%zu", fresh->parties_len,
		fresh->zones_len);
}

static void on_signal(uv_signal_t *handle, int signum)
{
	struct gate *g = handle->data;

	if (signum == SIGHUP) {
		reload(g);
		return;
	}
	svc_log(LOG_INFO, "stopping", "signal=%d", signum);
	uv_stop(&g->loop);
}

static void on_beat(uv_timer_t *timer)
{
	struct gate *g = timer->data;

	up_sweep(g->up);
	supervisor_beat();
}

/* --- open --- */

static int fail(const char *what, int err, const char *hint)
{
	svc_log(LOG_ERR, "open_failed", "what=%s err=\"%s\" hint=\"%s\"", what, sk_strerror(err),
		hint);
	return err;
}

static int open_loop(struct gate *g)
{
	static const int numbers[] = { SIGTERM, SIGINT, SIGHUP };
	int rc = 0;

	if (uv_loop_init(&g->loop) != 0) {
		return fail("loop", SK_ESYS, "out of descriptors?");
	}
	g->loop_open = true;
	for (size_t i = 0; i < SK_LEN(numbers); i++) {
		(void)uv_signal_init(&g->loop, &g->signals[i]);
		g->signals[i].data = g;
		rc |= uv_signal_start(&g->signals[i], on_signal, numbers[i]);
	}
	(void)uv_timer_init(&g->loop, &g->beat);
	g->beat.data = g;
	return rc == 0 ? SK_OK : fail("loop", SK_ESYS, "out of descriptors?");
}

static int read_keys(struct gate *g, const struct conf *c)
{
	char path[CONF_PATH_MAX + 32];
	int err = token_key_read(c, &g->key);

	if (err != SK_OK) {
		return fail(CONF_GATEWAY_KEY_FILE, err,
			    "keys/gateway.key must hold 32 bytes, readable by the gateway alone: "
			    "head -c 32 /dev/urandom >gateway.key; chmod 600 gateway.key");
	}
	(void)snprintf(path, sizeof(path), "%s/capsule.public", c->keys_dir);
	err = capsule_key_read(path, g->capsule_public);
	if (err == SK_OK) {
		(void)snprintf(path, sizeof(path), "%s/capsule.secret", c->keys_dir);
		err = capsule_key_read(path, g->capsule_secret);
	}
	return err == SK_OK ? SK_OK : fail("capsule key", err, "the node was not made whole");
}

static int check_party(const struct conf *c)
{
	const struct conf_party *p = conf_party(c, CONF_GATEWAY);

	if (p == NULL || (p->roles & ROLE_BIT(DASHBOARD)) == 0) {
		return fail("party gateway", SK_ENOENT,
			    "schakel partner add gateway --roles DASHBOARD --name \"Schakel "
			    "gateway\", then SIGHUP to the daemons");
	}
	return SK_OK;
}

/* A descriptor for each connection, and for each line to a daemon. */
static void raise_descriptors(const struct conf *c)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0) {
		return;
	}
	rlim_t want = c->gateway.connections + 4 * UP_LINES_MAX;
	limit.rlim_cur = want < limit.rlim_max ? want : limit.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &limit);
	if (limit.rlim_cur < want) {
		svc_log(LOG_WARNING, "descriptors", "have=%llu want=%llu",
			(unsigned long long)limit.rlim_cur, (unsigned long long)want);
	}
}

static int open_stores(struct gate *g, const struct conf *c)
{
	char dir[CONF_PATH_MAX + 8];

	(void)snprintf(dir, sizeof(dir), "%s/idem", c->gateway.dir);
	int err = idem_open(dir, &g->idem);
	if (err == SK_OK) {
		(void)snprintf(dir, sizeof(dir), "%s/gone", c->gateway.dir);
		err = gone_open(dir, &g->gone);
	}
	if (err == SK_OK) {
		(void)snprintf(dir, sizeof(dir), "%s/model", c->gateway.dir);
		err = model_open(dir, c->gateway.map_bytes, &g->model);
	}
	return err == SK_OK ? SK_OK :
			      fail(dir, err, "does another gateway of this node run already?");
}

static int open_feed(struct gate *g, const struct conf *c)
{
	int err = feed_open(g, &g->feed);

	for (unsigned d = 0; err == SK_OK && d < CONF_DAEMONS; d++) {
		struct reader_conf rc = { .conf = c,
					  .daemon = d,
					  .model = g->model,
					  .folded = feed_wake,
					  .ctx = g->feed };
		err = reader_open(&rc, &g->reader[d]);
	}
	if (err == SK_OK) {
		feed_wake(g->feed);
	}
	return err == SK_OK ? SK_OK :
			      fail("events", err, "is keys/gateway.secret there, mode 0600?");
}

static int open_http(struct gate *g, const struct conf *c)
{
	struct http_conf hc = { .gate = g,
				.loop = &g->loop,
				.bind = c->gateway.bind,
				.connections_max = c->gateway.connections,
				.routes = gate_routes };
	struct http_conf oc = { .gate = g,
				.loop = &g->loop,
				.bind = c->gateway.metrics_bind,
				.connections_max = 64,
				.routes = ops_only };
	int err = http_open(&hc, &g->http);

	if (err != SK_OK) {
		return fail(c->gateway.bind, err, "is the address in use, or not of this machine?");
	}
	err = http_open(&oc, &g->ops);
	return err == SK_OK ? SK_OK :
			      fail(c->gateway.metrics_bind, err,
				   "is the address in use, or not of this machine?");
}

int gate_threads(uint32_t workers)
{
	char text[16];

	(void)snprintf(text, sizeof(text), "%u", workers);
	return setenv("UV_THREADPOOL_SIZE", text, 1) == 0 ? SK_OK : SK_ENOMEM;
}

int gate_open(struct gate *g, struct conf *conf)
{
	(void)pthread_mutex_init(&g->conf_lock, NULL);
	g->conf = conf_hold(conf);
	if (g->conf == NULL) {
		conf_free(conf);
		return SK_ENOMEM;
	}
	if (sodium_init() < 0) {
		return fail("libsodium", SK_ESYS, "");
	}
	(void)signal(SIGPIPE, SIG_IGN);
	raise_descriptors(conf);
	g->started_ms = uv_hrtime() / 1000000;
	int err = check_party(conf);
	if (err == SK_OK) {
		err = read_keys(g, conf);
	}
	if (err == SK_OK) {
		err = open_loop(g);
	}
	if (err == SK_OK) {
		err = open_stores(g, conf);
	}
	if (err == SK_OK) {
		err = up_open(g, &g->up);
		err = err == SK_OK ? SK_OK : fail("connections", err, "");
	}
	if (err == SK_OK) {
		err = open_feed(g, conf);
	}
	if (err == SK_OK) {
		err = outside_open(g, conf, &g->outside);
	}
	if (err == SK_OK) {
		err = oidc_open(conf, &g->oidc);
	}
	return err == SK_OK ? open_http(g, conf) : err;
}

int gate_run(struct gate *g)
{
	uint64_t beat_ms = supervisor_beat_ms();

	beat_ms = beat_ms > 1 ? beat_ms / 2 :
				BEAT_MS; /* without a supervisor for the sweep alone */
	(void)uv_timer_start(&g->beat, on_beat, 0, beat_ms);
	svc_log(LOG_INFO, "ready", "bind=%s port=%u metrics_port=%u", g->conf->conf->gateway.bind,
		(unsigned)http_port(g->http), (unsigned)http_port(g->ops));
	supervisor_ready();
	return uv_run(&g->loop, UV_RUN_DEFAULT) >= 0 ? SK_OK : SK_ESYS;
}

/* --- close --- */

/* What is under way ends first: who has sent a command gets its answer. */
static void drain(struct gate *g)
{
	uint64_t end_ms = uv_hrtime() / 1000000 + DRAIN_MS;

	atomic_store(&g->draining, true);
	supervisor_stopping();
	http_drain(g->http);
	while (!http_is_idle(g->http) && uv_hrtime() / 1000000 < end_ms) {
		(void)uv_run(&g->loop, UV_RUN_NOWAIT);
		uv_sleep(DRAIN_STEP_MS);
	}
}

static bool has_workers(const struct http *h)
{
	struct http_status s = { 0 };

	if (h != NULL) {
		http_status(h, &s);
	}
	return s.working > 0;
}

void gate_close(struct gate *g)
{
	if (g->http != NULL && g->loop_open) {
		drain(g);
	}
	outside_close(g->outside); /* asks daemons, and reads the model */
	for (unsigned d = 0; d < CONF_DAEMONS; d++) {
		reader_end(g->reader[d]);
	}
	for (unsigned d = 0; d < CONF_DAEMONS; d++) {
		reader_close(g->reader[d]);
	}
	up_end(g->up); /* what still waits for an answer */
	ws_close_all(g);
	while (has_workers(g->http) || (g->http != NULL && g->acts > 0)) {
		(void)uv_run(&g->loop, UV_RUN_ONCE);
	}
	up_close(g->up);
	oidc_close(g->oidc);
	feed_close(g->feed);
	http_close(g->http);
	http_close(g->ops);
	if (g->loop_open) {
		for (size_t i = 0; i < SK_LEN(g->signals); i++) {
			uv_close((uv_handle_t *)&g->signals[i], NULL);
		}
		uv_close((uv_handle_t *)&g->beat, NULL);
		(void)uv_run(&g->loop, UV_RUN_DEFAULT);
		SK_ASSERT(uv_loop_close(&g->loop) == 0);
	}
	model_close(g->model);
	idem_close(g->idem);
	gone_close(g->gone);
	if (g->conf != NULL) {
		gate_conf_put(g->conf);
	}
	sodium_memzero(g, sizeof(*g));
}
