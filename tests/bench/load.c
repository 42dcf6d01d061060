/* SPDX-License-Identifier: EUPL-1.2 */
#include "tests/bench/load.h"

#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

#define EVENTS_MAX 128
#define WAIT_MS 100
#define SILENT_NS (20 * NS_PER_S)

void load_args(struct load *l, const struct bench *b)
{
	l->clients = bench_number(b, "clients", 1);
	l->window = bench_number(b, "window", 1);
	l->run_ns = bench_number(b, "ms", 1000) * 1000000;
	l->most = bench_number(b, "count", 0);
}

static bool may_send(const struct load *l, const struct lane *x)
{
	return x->sent - x->answered < l->window && (l->most == 0 || l->sent < l->most) &&
	       (l->until_ns == 0 || bench_ns() < l->until_ns);
}

static int fill(struct load *l, struct lane *x)
{
	int err = SK_OK;

	while (err == SK_OK && may_send(l, x)) {
		x->sent_ns[x->sent % BENCH_WINDOW_MAX] = bench_ns();
		err = l->kind->send(l, x);
		if (err == SK_OK) {
			x->sent++;
			l->sent++;
		}
	}
	return err == SK_EAGAIN ? SK_OK : err;
}

static int take(struct load *l, struct lane *x)
{
	int n = l->kind->take(l, x);
	uint64_t now = bench_ns();

	for (int i = 0; i < n; i++) {
		samples_add(&l->samples, now - x->sent_ns[x->answered % BENCH_WINDOW_MAX]);
		x->answered++;
		l->answered++;
	}
	return n;
}

/* A send may eat the edge of the descriptor: after the last one, take once more. */
static int pump(struct load *l, struct lane *x)
{
	int n = 0;

	do {
		n = take(l, x);
		if (n >= 0) {
			int err = fill(l, x);
			n = err != SK_OK ? err : n;
		}
	} while (n > 0);
	return n;
}

static int pump_all(struct load *l)
{
	int err = SK_OK;

	for (size_t i = 0; err == SK_OK && i < l->clients; i++) {
		err = pump(l, &l->lanes[i]);
	}
	return err;
}

static int wait_and_pump(struct load *l)
{
	struct epoll_event events[EVENTS_MAX];
	int err = SK_OK;
	int n = epoll_wait(l->epoll, events, EVENTS_MAX, WAIT_MS);

	for (int i = 0; err == SK_OK && i < n; i++) {
		err = pump(l, events[i].data.ptr);
	}
	/* Nothing in a tenth of a second: look at every lane, in case a wake-up was lost. */
	return n == 0 ? pump_all(l) : err;
}

static int open_lanes(struct load *l)
{
	int err = SK_OK;

	for (size_t i = 0; err == SK_OK && i < l->clients; i++) {
		struct lane *x = &l->lanes[i];
		struct epoll_event e = { .events = EPOLLIN, .data.ptr = x };
		x->number = i;
		err = l->kind->open(l, x);
		if (err == SK_OK && epoll_ctl(l->epoll, EPOLL_CTL_ADD, x->fd, &e) != 0) {
			err = SK_ESYS;
		}
	}
	return err;
}

static int drive(struct load *l)
{
	int err = SK_OK;
	uint64_t start = bench_ns();
	uint64_t heard = start;
	uint64_t before = 0;

	l->until_ns = l->run_ns == 0 ? 0 : start + l->run_ns;
	err = pump_all(l);
	while (err == SK_OK && (l->answered < l->sent || l->answered == 0)) {
		err = wait_and_pump(l);
		heard = l->answered != before ? bench_ns() : heard;
		before = l->answered;
		err = err == SK_OK && bench_ns() - heard > SILENT_NS ? SK_ETIMEDOUT : err;
	}
	l->took_ns = bench_ns() - start;
	return err;
}

int load_run(struct load *l)
{
	if (l->clients == 0 || l->clients > BENCH_LANES_MAX || l->window == 0 ||
	    l->window > BENCH_WINDOW_MAX) {
		return SK_EINVAL;
	}
	l->lanes = calloc(l->clients, sizeof(*l->lanes));
	l->epoll = epoll_create1(EPOLL_CLOEXEC);
	int err = l->lanes == NULL || l->epoll < 0 ? SK_ENOMEM : open_lanes(l);
	if (err == SK_OK) {
		err = drive(l);
	}
	for (size_t i = 0; l->lanes != NULL && i < l->clients; i++) {
		l->kind->close(&l->lanes[i]);
	}
	free(l->lanes);
	if (l->epoll >= 0) {
		(void)close(l->epoll);
	}
	return err;
}
