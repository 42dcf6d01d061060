/* SPDX-License-Identifier: EUPL-1.2 */
/* Many readers of intake's "@events": how fast a backlog reaches all of them, and how long after a
 * submit the last of them has heard. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <zmq.h>

#include "tests/bench/reader.h"
#include "tests/bench/submit.h"

#define READERS_MOST 1000
#define QUIET_MS 300
#define SILENT_MS 20000
#define EVENTS_AT_ONCE 128

struct fanout {
	struct reader readers[READERS_MOST];
	size_t len;
	size_t there; /* readers that have reached the mark */
	uint64_t mark;
	int epoll;
	void *submitter;
	struct submit submit;
	uint64_t next;
};

static int open_readers(struct fanout *f, const struct zside *side)
{
	int err = SK_OK;

	f->epoll = epoll_create1(EPOLL_CLOEXEC);
	for (size_t i = 0; err == SK_OK && i < f->len; i++) {
		struct reader *r = &f->readers[i];
		struct epoll_event e = { .events = EPOLLIN, .data.ptr = r };
		err = reader_open(r, side, "intake");
		if (err == SK_OK && epoll_ctl(f->epoll, EPOLL_CTL_ADD, r->fd, &e) != 0) {
			err = SK_ESYS;
		}
	}
	return err;
}

static int pump(struct fanout *f, struct reader *r)
{
	bool before = r->after >= f->mark;
	int n = reader_pump(r, NULL, NULL);

	f->there += !before && r->after >= f->mark;
	return n;
}

static int pump_all(struct fanout *f)
{
	int n = 0;

	for (size_t i = 0; n >= 0 && i < f->len; i++) {
		n = pump(f, &f->readers[i]);
	}
	return n < 0 ? n : SK_OK;
}

/* @return SK_OK when every reader has reached @p mark; SK_ETIMEDOUT after so long a silence. */
static int read_to(struct fanout *f, uint64_t mark, int silent_ms)
{
	struct epoll_event events[EVENTS_AT_ONCE];

	f->mark = mark;
	f->there = 0;
	for (size_t i = 0; i < f->len; i++) {
		f->there += f->readers[i].after >= mark;
	}
	int err = pump_all(f);
	while (err == SK_OK && f->there < f->len) {
		int n = epoll_wait(f->epoll, events, EVENTS_AT_ONCE, silent_ms);
		for (int i = 0; err == SK_OK && i < n; i++) {
			int rc = pump(f, events[i].data.ptr);
			err = rc < 0 ? rc : SK_OK;
		}
		err = err == SK_OK && n == 0 ? SK_ETIMEDOUT : err;
	}
	return err;
}

static int backlog(struct fanout *f, uint64_t entries, uint64_t *ret_ns)
{
	uint64_t last = f->readers[0].last;
	uint64_t from = last > entries ? last - entries : 0;
	uint64_t start = bench_ns();
	int err = SK_OK;

	for (size_t i = 0; err == SK_OK && i < f->len; i++) {
		err = reader_start(&f->readers[i], from);
	}
	if (err == SK_OK) {
		err = read_to(f, last, SILENT_MS);
	}
	*ret_ns = bench_ns() - start;
	return err;
}

static int send_one(struct fanout *f)
{
	static uint8_t buf[FRAME_BYTES_MAX];
	size_t len = submit_make(&f->submit, f->next, buf);

	return zmq_send(f->submitter, buf, len, 0) < 0 ? SK_ESYS : SK_OK;
}

static int take_receipt(struct fanout *f)
{
	zmq_msg_t msg;
	int rc = SK_ETIMEDOUT;

	(void)zmq_msg_init(&msg);
	if (zside_wait(f->submitter, SILENT_MS, &msg)) {
		struct slice frame = { zmq_msg_data(&msg), zmq_msg_size(&msg) };
		rc = submit_answer(&f->submit, f->next++, frame);
	}
	(void)zmq_msg_close(&msg);
	return rc < 0 ? rc : SK_OK;
}

/* How many events a submit makes: one is sent, and all is quiet before they are counted. */
static int calibrate(struct fanout *f, uint64_t *ret_events)
{
	uint64_t before = f->readers[0].after;
	int err = send_one(f);

	if (err == SK_OK) {
		err = take_receipt(f);
	}
	if (err == SK_OK) {
		err = read_to(f, UINT64_MAX, QUIET_MS);
		err = err == SK_ETIMEDOUT ? SK_OK : err;
	}
	*ret_events = f->readers[0].after - before;
	return err == SK_OK && *ret_events == 0 ? SK_ESTATE : err;
}

static int live(struct fanout *f, uint64_t count, struct samples *all, struct samples *receipts)
{
	uint64_t events = 0;
	int err = calibrate(f, &events);
	uint64_t mark = f->readers[0].after;

	for (uint64_t i = 0; err == SK_OK && i < count; i++) {
		uint64_t start = bench_ns();
		err = send_one(f);
		if (err == SK_OK) {
			err = take_receipt(f);
		}
		samples_add(receipts, bench_ns() - start);
		mark += events;
		if (err == SK_OK) {
			err = read_to(f, mark, SILENT_MS);
		}
		samples_add(all, bench_ns() - start);
	}
	return err;
}

static int measure(struct fanout *f, const struct bench *b)
{
	struct samples all = { 0 };
	struct samples receipts = { 0 };
	uint64_t entries = bench_number(b, "entries", 1000);
	uint64_t backlog_ns = 0;
	uint64_t start = bench_ns();
	int err = backlog(f, entries, &backlog_ns);

	if (err == SK_OK) {
		start = bench_ns();
		err = live(f, bench_number(b, "count", 200), &all, &receipts);
	}
	if (err == SK_OK) {
		char more[160];
		uint64_t last = f->readers[0].last;
		uint64_t read = (last < entries ? last : entries) * f->len;
		(void)snprintf(more, sizeof(more),
			       "\"readers\":%zu,\"deliveries_per_s\":%.1f,\"receipt_p50_us\":%.1f",
			       f->len, (double)read * 1e9 / (double)backlog_ns,
			       (double)samples_at(&receipts, 0.5) / 1e3);
		samples_print(&all, bench_ns() - start, more);
	}
	samples_free(&all);
	samples_free(&receipts);
	return err;
}

static int open_submitter(struct fanout *f, const struct zside *side, const struct bench *b)
{
	struct submit_conf conf;

	submit_conf_args(&conf, b);
	f->submitter = zside_dealer(side);
	return f->submitter == NULL ? SK_ESYS : submit_init(&f->submit, &conf, side);
}

int bench_fanout(const struct bench *b)
{
	static struct fanout f;
	struct zside side;
	struct zside reader;
	char as[2 * PARTY_ID_LEN_MAX + 2];
	int err = zside_open_node(&side, b);

	f.len = bench_number(b, "readers", 100);
	(void)snprintf(as, sizeof(as), "intake %s", bench_arg(b, "reader", "net-west"));
	if (err == SK_OK) {
		err = f.len == 0 || f.len > READERS_MOST ?
			      SK_EINVAL :
			      zside_open_as(&reader, &side, bench_arg(b, "node", "."), as);
	}
	if (err == SK_OK) {
		err = open_submitter(&f, &side, b);
	}
	if (err == SK_OK) {
		err = open_readers(&f, &reader);
	}
	if (err == SK_OK) {
		err = measure(&f, b);
	}
	for (size_t i = 0; i < f.len && i < READERS_MOST; i++) {
		reader_close(&f.readers[i]);
	}
	if (f.submitter != NULL) {
		(void)zmq_close(f.submitter);
	}
	zside_close(&side);
	return err == SK_OK ? EXIT_SUCCESS : bench_fail("fanout", sk_strerror(err));
}
