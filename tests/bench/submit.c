/* SPDX-License-Identifier: EUPL-1.2 */
#include "tests/bench/submit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <sodium.h>

#define ID_LEN 16
#define SEALED_KEY_LEN 80
#define NONCE_AND_TAG 40
#define CAPSULE_MAX 2048
#define NEEDS_MOST 10

static uint64_t wall_us(void)
{
	struct timespec t;
	int rc = clock_gettime(CLOCK_REALTIME, &t);

	SK_ASSERT(rc == 0);
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

void submit_conf_args(struct submit_conf *c, const struct bench *b)
{
	c->needs = (uint32_t)bench_number(b, "needs", 1);
	c->expertise = (uint32_t)bench_number(b, "expertise", 12);
	c->urgency = (uint32_t)bench_number(b, "urgency", SCHAKEL__V1__URGENCY__URGENCY_STANDARD);
	c->text_bytes = (uint32_t)bench_number(b, "text", 120);
	c->seal = bench_number(b, "seal", 0) != 0;
	c->zone = bench_arg(b, "zone", "westhoek");
}

/* --- the template --- */

static const uint8_t message_mark[ID_LEN] = { 1, 250, 3, 250, 5, 250, 7, 250 };
static const uint8_t person_mark[ID_LEN] = { 2, 250, 4, 250, 6, 250, 8, 250 };

static ProtobufCBinaryData bytes(const uint8_t *p, size_t len)
{
	return (ProtobufCBinaryData){ len, (uint8_t *)(uintptr_t)p };
}

static void fill_needs(PB(SubmitRequest) *s, const struct submit_conf *conf, PB(NeedSpec) *needs,
		       PB(NeedSpec) **list)
{
	for (uint32_t i = 0; i < conf->needs; i++) {
		schakel__v1__need_spec__init(&needs[i]);
		needs[i].expertise = conf->expertise + i;
		needs[i].intensity = 1;
		needs[i].duration_weeks = 12;
		needs[i].must = true;
		list[i] = &needs[i];
	}
	s->n_needs = conf->needs;
	s->needs = list;
}

static void fill_capsule(PB(Capsule) *c, uint32_t text_bytes)
{
	static uint8_t content[CAPSULE_MAX];
	static uint8_t sealed_key[SEALED_KEY_LEN];

	randombytes_buf(content, sizeof(content));
	randombytes_buf(sealed_key, sizeof(sealed_key));
	c->person_id = bytes(person_mark, ID_LEN);
	c->version = 1;
	c->capsule = bytes(content, NONCE_AND_TAG + text_bytes);
	c->sealed_key = bytes(sealed_key, sizeof(sealed_key));
}

/* Where the capsule stands in the frame, so that each copy can be sealed anew. */
static void find_capsule(struct submit *s, const PB(Capsule) *c)
{
	const uint8_t *content = memmem(s->frame, s->len, c->capsule.data, c->capsule.len);
	const uint8_t *key = memmem(s->frame, s->len, c->sealed_key.data, c->sealed_key.len);

	SK_ASSERT(content != NULL && key != NULL);
	s->content_at = (size_t)(content - s->frame);
	s->content_len = c->capsule.len;
	s->key_at = (size_t)(key - s->frame);
}

/* What a caller has to do before it sends: its text under the node's key. The daemons never open a
 * capsule, so any key does. */
static void seal(struct submit *s, uint8_t *frame)
{
	static uint8_t text[CAPSULE_MAX];
	static _Alignas(64) uint8_t block[16384];
	struct object_id person = { { 0 } };
	PB(Capsule) c = PB_INIT(CAPSULE);
	struct arena a;

	arena_init(&a, block, sizeof(block));
	memcpy(person.b, person_mark, ID_LEN);
	c.version = 1;
	int err = capsule_seal(&a, s->seal_key,
			       (struct slice){ text, s->content_len - NONCE_AND_TAG }, &person, &c);
	SK_ASSERT(err == SK_OK && c.capsule.len == s->content_len &&
		  c.sealed_key.len == SEALED_KEY_LEN);
	memcpy(frame + s->content_at, c.capsule.data, c.capsule.len);
	memcpy(frame + s->key_at, c.sealed_key.data, c.sealed_key.len);
	arena_reset(&a);
}

static int pack_frame(struct submit *s, PB(Message) *m)
{
	uint8_t packed[SUBMIT_BYTES_MAX];
	PB(Frame) f = PB_INIT(FRAME);

	if (schakel__v1__message__get_packed_size(m) > sizeof(packed) - 8) {
		return SK_EINVAL;
	}
	f.message = bytes(packed, schakel__v1__message__pack(m, packed));
	s->len = schakel__v1__frame__pack(&f, s->frame);
	return SK_OK;
}

static int pack_template(struct submit *s, const struct submit_conf *conf)
{
	PB(NeedSpec) needs[NEEDS_MOST];
	PB(NeedSpec) *need_list[NEEDS_MOST];
	PB(Capsule) capsule = PB_INIT(CAPSULE);
	PB(Child) child = PB_INIT(CHILD);
	PB(Adult) adult = PB_INIT(ADULT);
	PB(Capsule) *capsules[] = { &capsule };
	PB(Child) *children[] = { &child };
	PB(Adult) *adults[] = { &adult };
	PB(SubmitRequest) r = PB_INIT(SUBMIT_REQUEST);
	PB(Message) m = PB_INIT(MESSAGE);

	fill_needs(&r, conf, needs, need_list);
	fill_capsule(&capsule, conf->text_bytes);
	child.age_years = 13;
	child.person_id = bytes(person_mark, ID_LEN);
	adult.number = 1;
	adult.authority = true;
	adult.home = true;
	r.kind = SCHAKEL__V1__REQUEST_KIND__REQUEST_KIND_SEARCH;
	r.zone = (char *)(uintptr_t)conf->zone;
	r.urgency = (PB(Urgency))conf->urgency;
	r.n_children = 1;
	r.children = children;
	r.n_adults = 1;
	r.adults = adults;
	r.n_capsules = 1;
	r.capsules = capsules;
	r.callback_sealed = true;
	m.id = bytes(message_mark, ID_LEN);
	m.time_ms = s->time_ms != 0 ? s->time_ms : s->first / 1000;
	m.role = SCHAKEL__V1__ROLE__ROLE_REQUESTER;
	m.body_case = BODY(SUBMIT_REQUEST);
	m.submit_request = &r;
	int err = pack_frame(s, &m);
	if (err == SK_OK) {
		find_capsule(s, &capsule);
	}
	return err;
}

static void find_places(struct submit *s, const uint8_t mark[ID_LEN])
{
	const uint8_t *at = memmem(s->frame, s->len, mark, ID_LEN);

	while (at != NULL) {
		size_t place = (size_t)(at - s->frame);
		SK_ASSERT(s->places_len < SUBMIT_PLACES_MAX);
		s->places[s->places_len++] = place;
		at = memmem(at + ID_LEN, s->len - place - ID_LEN, mark, ID_LEN);
	}
}

int submit_init(struct submit *s, const struct submit_conf *conf, const struct zside *z)
{
	uint8_t secret[CAPSULE_KEY_LEN];

	*s = (struct submit){ .first = wall_us(),
			      .time_ms = z->demo ? z->time_ms : 0,
			      .seal = conf->seal };
	capsule_keypair(s->seal_key, secret);
	if (conf->needs == 0 || conf->needs > NEEDS_MOST ||
	    conf->text_bytes > CAPSULE_MAX - NONCE_AND_TAG) {
		return SK_EINVAL;
	}
	int err = pack_template(s, conf);
	if (err == SK_OK) {
		find_places(s, message_mark);
		find_places(s, person_mark);
	}
	return err;
}

/* --- copies --- */

static void make_id(const struct submit *s, uint64_t n, uint8_t ret_id[ID_LEN])
{
	uint8_t order[10] = { 0 };
	uint64_t number = s->first + n;
	uint64_t ms = s->time_ms != 0 ? s->time_ms : number / 1000;

	/* Version and variant take bits of the first three bytes. */
	be64_write(order + 2, number & 0x00ffffffffffffffULL);
	wire_id_make(ms, order, ret_id);
}

size_t submit_make(void *ctx, uint64_t n, uint8_t buf[FRAME_BYTES_MAX])
{
	struct submit *s = ctx;

	memcpy(buf, s->frame, s->len);
	make_id(s, n, buf + s->places[0]);
	for (size_t i = 1; i < s->places_len; i++) {
		be64_write(buf + s->places[i], s->first + n);
	}
	if (s->seal) {
		seal(s, buf);
	}
	return s->len;
}

/* --- answers --- */

static PB(Message) *unpack(struct slice frame)
{
	PB(Frame) *f = schakel__v1__frame__unpack(NULL, frame.len, frame.data);
	PB(Message) *m = NULL;

	if (f != NULL) {
		m = schakel__v1__message__unpack(NULL, f->message.len, f->message.data);
		schakel__v1__frame__free_unpacked(f, NULL);
	}
	return m;
}

static void complain(const PB(Message) *m)
{
	static bool said;

	if (said) {
		return;
	}
	said = true;
	if (m == NULL || m->body_case != BODY(RECEIPT)) {
		(void)fprintf(stderr, "the answer to a submit is no receipt\n");
	} else {
		(void)fprintf(stderr, "a submit was not accepted: outcome %d, field %s: %s\n",
			      (int)m->receipt->outcome, m->receipt->field, m->receipt->text_en);
	}
}

int submit_answer(void *ctx, uint64_t n, struct slice frame)
{
	const struct submit *s = ctx;
	uint8_t id[ID_LEN];
	PB(Message) *m = unpack(frame);

	make_id(s, n, id);
	bool right = m != NULL && m->body_case == BODY(RECEIPT) && m->correlation.len == ID_LEN &&
		     memcmp(m->correlation.data, id, ID_LEN) == 0 &&
		     m->receipt->outcome == SCHAKEL__V1__OUTCOME__OUTCOME_ACCEPTED;
	if (!right) {
		complain(m);
	}
	if (m != NULL) {
		schakel__v1__message__free_unpacked(m, NULL);
	}
	return right ? 1 : SK_EREFUSED;
}

bool submit_object(struct slice frame, uint8_t ret_id[16])
{
	PB(Message) *m = unpack(frame);
	bool right = m != NULL && m->body_case == BODY(RECEIPT) &&
		     m->receipt->outcome == SCHAKEL__V1__OUTCOME__OUTCOME_ACCEPTED &&
		     m->receipt->object_id.len == ID_LEN;

	if (right) {
		memcpy(ret_id, m->receipt->object_id.data, ID_LEN);
	} else {
		complain(m);
	}
	if (m != NULL) {
		schakel__v1__message__free_unpacked(m, NULL);
	}
	return right;
}

/* --- the command --- */

int bench_submit(const struct bench *b)
{
	static struct zload z = { .make = submit_make, .answer = submit_answer };
	struct submit_conf conf;
	static struct submit s;
	struct zside side;
	struct load l = { .kind = &zlane_kind, .ctx = &z };
	int err = zside_open_node(&side, b);

	if (err == SK_OK) {
		submit_conf_args(&conf, b);
		err = submit_init(&s, &conf, &side);
	}
	if (err == SK_OK) {
		load_args(&l, b);
		z.side = &side;
		z.ctx = &s;
		err = load_run(&l);
	}
	if (err == SK_OK) {
		char more[64];
		(void)snprintf(more, sizeof(more), "\"bytes\":%zu", s.len);
		samples_print(&l.samples, l.took_ns, more);
	}
	samples_free(&l.samples);
	zside_close(&side);
	return err == SK_OK ? EXIT_SUCCESS : bench_fail("submit", sk_strerror(err));
}
