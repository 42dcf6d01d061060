/* SPDX-License-Identifier: EUPL-1.2 */
/* Through the three daemons: pools for matching, the way from a submit to its team, and how far one
 * daemon has read another's log. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <zmq.h>

#include "common/client.h"
#include "tests/bench/reader.h"
#include "tests/bench/submit.h"

#define ARENA_FOR_ANSWERS (4U << 20)
#define TEAM_MS 20000
#define CALL_MS 20000

/* --- a client of the product, for what is not measured --- */

struct caller {
	struct client *client;
	struct arena arena;
	void *block;
};

static int caller_open(struct caller *c, const struct bench *b, const char *daemon,
		       const char *party)
{
	static struct conf_problems problems;
	struct conf *conf = NULL;
	int err = conf_load(bench_arg(b, "node", "."), &conf, &problems);

	*c = (struct caller){ .block = aligned_alloc(64, ARENA_FOR_ANSWERS) };
	if (err == SK_OK && c->block != NULL) {
		arena_init(&c->arena, c->block, ARENA_FOR_ANSWERS);
		err = client_open_node(conf, NULL, daemon, party, &c->client);
	}
	conf_free(conf);
	if (err == SK_OK) {
		client_set_timeout(c->client, CALL_MS);
	}
	return err;
}

static void caller_close(struct caller *c)
{
	client_close(c->client);
	if (c->block != NULL) {
		arena_reset(&c->arena);
	}
	free(c->block);
}

/* --- pools --- */

static void fill_use(PB(PoolUse) *u, uint32_t *expertise, char **zone)
{
	u->use = 1;
	u->n_expertises = 1;
	u->expertises = expertise;
	u->supporter = SCHAKEL__V1__SUPPORTER_KIND__SUPPORTER_KIND_PROFESSIONAL;
	u->modality = SCHAKEL__V1__MODALITY__MODALITY_AMBULANT;
	u->age_to = 17;
	u->n_zones = 1;
	u->zones = zone;
	u->access = SCHAKEL__V1__ACCESS__ACCESS_DIRECT;
	u->continuum = SCHAKEL__V1__CONTINUUM__CONTINUUM_LIGHT;
	u->cost_units = 1;
}

static int put_pool(struct caller *c, const struct bench *b, uint64_t number)
{
	char name[PARTY_ID_LEN_MAX + 1];
	char *zone = (char *)(uintptr_t)bench_arg(b, "zone", "westhoek");
	uint32_t expertise = (uint32_t)bench_number(b, "expertise", 12);
	PB(PoolUse) use = PB_INIT(POOL_USE);
	PB(PoolUse) *uses[] = { &use };
	PB(PutCapacity) p = PB_INIT(PUT_CAPACITY);
	PB(Message) m = PB_INIT(MESSAGE);
	PB(Message) *answer = NULL;

	fill_use(&use, &expertise, &zone);
	(void)snprintf(name, sizeof(name), "pool-%" PRIu64, number);
	p.pool = name;
	p.unit = SCHAKEL__V1__UNIT__UNIT_HOURS_WEEK;
	p.total = p.funded = p.staffed = (uint32_t)bench_number(b, "staffed", 10000);
	p.n_uses = 1;
	p.uses = uses;
	m.role = SCHAKEL__V1__ROLE__ROLE_FACILITY;
	m.body_case = BODY(PUT_CAPACITY);
	m.put_capacity = &p;
	int err = client_ask(c->client, &m, &c->arena, &answer);
	if (err == SK_OK && (answer->body_case != BODY(RECEIPT) ||
			     answer->receipt->outcome != SCHAKEL__V1__OUTCOME__OUTCOME_ACCEPTED)) {
		(void)fprintf(stderr, "pool %s: %s\n", name,
			      answer->body_case == BODY(RECEIPT) ? answer->receipt->text_en : "");
		err = SK_EREFUSED;
	}
	arena_reset(&c->arena);
	return err;
}

int bench_pools(const struct bench *b)
{
	struct caller c;
	uint64_t pools = bench_number(b, "pools", 20);
	uint64_t first = bench_number(b, "first", 1);
	int err = caller_open(&c, b, "matching", bench_arg(b, "party", "huis-a"));

	for (uint64_t i = 0; err == SK_OK && i < pools; i++) {
		err = put_pool(&c, b, first + i);
	}
	caller_close(&c);
	return err == SK_OK ? EXIT_SUCCESS : bench_fail("pools", sk_strerror(err));
}

/* --- from a submit to its team --- */

struct chain {
	struct submit submit;
	void *submitter;
	struct reader reader;
	uint8_t request[16]; /* that is waited for */
	bool proposed;
	uint64_t proposed_ns;
	uint64_t next;
};

static void on_event(void *ctx, struct slice message)
{
	struct chain *c = ctx;
	PB(Message) *m = schakel__v1__message__unpack(NULL, message.len, message.data);

	if (m != NULL && m->body_case == BODY(EVENT) &&
	    m->event->kind == SCHAKEL__V1__EVENT_KIND__EVENT_KIND_TEAM && m->event->seats > 0 &&
	    m->event->request_id.len == sizeof(c->request) &&
	    memcmp(m->event->request_id.data, c->request, sizeof(c->request)) == 0) {
		c->proposed = true;
		c->proposed_ns = bench_ns();
	}
	if (m != NULL) {
		schakel__v1__message__free_unpacked(m, NULL);
	}
}

static int take_receipt(struct chain *c, uint64_t *ret_ns)
{
	zmq_msg_t msg;
	int err = SK_ETIMEDOUT;

	(void)zmq_msg_init(&msg);
	if (zside_wait(c->submitter, TEAM_MS, &msg)) {
		struct slice frame = { zmq_msg_data(&msg), zmq_msg_size(&msg) };
		*ret_ns = bench_ns();
		err = submit_object(frame, c->request) ? SK_OK : SK_EREFUSED;
	}
	(void)zmq_msg_close(&msg);
	return err;
}

static int take_team(struct chain *c)
{
	zmq_pollitem_t item = { .socket = c->reader.socket, .events = ZMQ_POLLIN };
	uint64_t until = bench_ns() + (uint64_t)TEAM_MS * 1000000;
	int rc = 0;

	c->proposed = false;
	while (rc >= 0 && !c->proposed && bench_ns() < until) {
		(void)zmq_poll(&item, 1, TEAM_MS);
		rc = reader_pump(&c->reader, on_event, c);
	}
	if (rc < 0) {
		return rc;
	}
	return c->proposed ? SK_OK : SK_ETIMEDOUT;
}

static int propose_once(struct chain *c, struct samples *teams, struct samples *receipts)
{
	static uint8_t buf[FRAME_BYTES_MAX];
	uint64_t receipt_ns = 0;
	size_t len = submit_make(&c->submit, c->next++, buf);
	uint64_t start = bench_ns();

	if (zmq_send(c->submitter, buf, len, 0) < 0) {
		return SK_ESYS;
	}
	int err = take_receipt(c, &receipt_ns);
	if (err == SK_OK) {
		err = take_team(c);
	}
	if (err == SK_OK) {
		samples_add(receipts, receipt_ns - start);
		samples_add(teams, c->proposed_ns - start);
	}
	return err;
}

static int propose(struct chain *c, const struct bench *b)
{
	struct samples teams = { 0 };
	struct samples receipts = { 0 };
	uint64_t count = bench_number(b, "count", UINT64_MAX);
	uint64_t start = bench_ns();
	uint64_t until = start + bench_number(b, "ms", 2000) * 1000000;
	int err = SK_OK;

	for (uint64_t i = 0; err == SK_OK && i < count && bench_ns() < until; i++) {
		err = propose_once(c, &teams, &receipts);
	}
	if (err == SK_OK) {
		char more[64];
		(void)snprintf(more, sizeof(more), "\"receipt_p50_us\":%.1f",
			       (double)samples_at(&receipts, 0.5) / 1e3);
		samples_print(&teams, bench_ns() - start, more);
	}
	samples_free(&teams);
	samples_free(&receipts);
	return err;
}

int bench_propose(const struct bench *b)
{
	static struct chain c;
	struct submit_conf conf;
	struct zside side;
	struct zside reader;
	char as[2 * PARTY_ID_LEN_MAX + 2];
	int err = zside_open_node(&side, b);

	submit_conf_args(&conf, b);
	(void)snprintf(as, sizeof(as), "matching %s", bench_arg(b, "reader", "net-west"));
	if (err == SK_OK) {
		err = zside_open_as(&reader, &side, bench_arg(b, "node", "."), as);
	}
	if (err == SK_OK) {
		err = submit_init(&c.submit, &conf, &side);
	}
	if (err == SK_OK) {
		c.submitter = zside_dealer(&side);
		err = c.submitter == NULL ? SK_ESYS : reader_open(&c.reader, &reader, "matching");
	}
	if (err == SK_OK) {
		err = reader_start(&c.reader, c.reader.last);
	}
	if (err == SK_OK) {
		err = propose(&c, b);
	}
	reader_close(&c.reader);
	if (c.submitter != NULL) {
		(void)zmq_close(c.submitter);
	}
	zside_close(&side);
	return err == SK_OK ? EXIT_SUCCESS : bench_fail("propose", sk_strerror(err));
}

/* --- how far a daemon has read --- */

struct place {
	uint64_t read_to;
	uint64_t written_to;
	uint64_t sequence;
	uint64_t commits;
	uint64_t batches;
	uint64_t at_ns;
};

static int look(struct caller *c, const char *peer, struct place *ret_place)
{
	PB(QueryStatus) q = PB_INIT(QUERY_STATUS);
	PB(Message) m = PB_INIT(MESSAGE);
	PB(Message) *answer = NULL;

	m.role = SCHAKEL__V1__ROLE__ROLE_OPERATOR;
	m.body_case = BODY(QUERY_STATUS);
	m.query_status = &q;
	int err = client_ask(c->client, &m, &c->arena, &answer);
	if (err == SK_OK && answer->body_case != BODY(STATUS_VIEW)) {
		err = SK_EREFUSED;
	}
	if (err == SK_OK) {
		const PB(StatusView) *v = answer->status_view;
		*ret_place = (struct place){ .sequence = v->sequence,
					     .commits = v->commits,
					     .batches = v->batches,
					     .at_ns = bench_ns() };
		for (size_t i = 0; i < v->n_links; i++) {
			if (strcmp(v->links[i]->peer, peer) == 0) {
				ret_place->read_to = v->links[i]->read_to;
				ret_place->written_to = v->links[i]->written_to;
			}
		}
	}
	arena_reset(&c->arena);
	return err;
}

static int watch(struct caller *c, const struct bench *b)
{
	static const struct timespec pause = { 0, 5000000 };
	const char *peer = bench_arg(b, "peer", "intake");
	uint64_t upto = bench_number(b, "upto", 0);
	uint64_t until = bench_ns() + bench_number(b, "ms", 600000) * 1000000;
	struct place first;
	int err = look(c, peer, &first);
	struct place now = first;

	while (err == SK_OK && now.read_to < upto && bench_ns() < until) {
		(void)nanosleep(&pause, NULL);
		err = look(c, peer, &now);
	}
	if (err != SK_OK) {
		return err;
	}
	double seconds = (double)(now.at_ns - first.at_ns) / 1e9;
	double read = (double)(now.read_to - first.read_to);
	(void)printf("{\"read_to\":%" PRIu64 ",\"written_to\":%" PRIu64 ",\"sequence\":%" PRIu64
		     ",\"commits\":%" PRIu64 ",\"batches\":%" PRIu64 ",\"read\":%.0f"
		     ",\"seconds\":%.3f,\"per_s\":%.1f}\n",
		     now.read_to, now.written_to, now.sequence, now.commits, now.batches, read,
		     seconds, seconds > 0 ? read / seconds : 0);
	return SK_OK;
}

int bench_watch(const struct bench *b)
{
	struct caller c;
	int err = caller_open(&c, b, bench_arg(b, "daemon", "waitlist"),
			      bench_arg(b, "party", "beheer"));

	if (err == SK_OK) {
		err = watch(&c, b);
	}
	caller_close(&c);
	return err == SK_OK ? EXIT_SUCCESS : bench_fail("watch", sk_strerror(err));
}
