/* SPDX-License-Identifier: EUPL-1.2 */
#include "tests/unit/core_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/engine_internal.h"

#define RIG_SEGMENT_BYTES (1U << 20)
#define RIG_SEGMENTS_MAX 256
#define RIG_MAP_BYTES (64U << 20)
#define RIG_LOGS_MAX 64
#define RIG_KEPT_MAX 65536
#define RIG_CONN 7
#define RIG_TURNS_MAX 100000
#define RIG_PEER_NONCE 4711

struct rig_peer {
	char name[PARTY_ID_LEN_MAX + 1];
	uint64_t sequence;
	uint32_t incarnation;
	bool met;
};

struct rig_log {
	char name[PARTY_ID_LEN_MAX + 1];
	uint64_t read;
	uint64_t skipped;
};

struct rig {
	const struct service *svc;
	struct store store;
	struct engine *engine;
	struct engine_conf conf;
	struct port port;
	struct poison_slot slot;
	char dir[64];
	uint8_t *segment[RIG_SEGMENTS_MAX];
	uint64_t first_segment;
	uint64_t last_segment;
	uint64_t now_ms;
	uint32_t messages; /* made: for ids */
	struct rig_peer peer[4];
	struct rig_log log[RIG_LOGS_MAX];
	PB(ConfigApplied) *config;
	PB(Message) *kept[RIG_KEPT_MAX];
	size_t kept_len;
	size_t answered; /* kept_len after the last answer */
	PB(Message) *answer;
	uint8_t *last; /* bytes of the last command */
	size_t last_len;
	PB(QuarantineRecord) *fault;
};

static void must(int err, const char *what)
{
	if (err != SK_OK) {
		fail_msg("%s: %s", what, sk_strerror(err));
	}
}

/* --- port: journal in buffers, a clock that the test moves --- */

static int seg_list(void *ctx, uint64_t *ret_first, uint64_t *ret_last)
{
	const struct rig *r = ctx;

	*ret_first = r->first_segment;
	*ret_last = r->last_segment;
	return SK_OK;
}

static int seg_make(void *ctx, uint64_t seg)
{
	struct rig *r = ctx;

	assert_in_range(seg, 1, RIG_SEGMENTS_MAX);
	if (r->segment[seg - 1] == NULL) {
		r->segment[seg - 1] = calloc(1, RIG_SEGMENT_BYTES);
		assert_non_null(r->segment[seg - 1]);
	}
	r->first_segment = r->first_segment == 0 ? seg : r->first_segment;
	r->last_segment = seg > r->last_segment ? seg : r->last_segment;
	return SK_OK;
}

static void seg_ahead(void *ctx, uint64_t seg)
{
	(void)ctx;
	(void)seg;
}

static int seg_read(void *ctx, uint64_t seg, uint64_t offset, void *buf, size_t len)
{
	const struct rig *r = ctx;

	assert_non_null(r->segment[seg - 1]);
	assert_true(offset + len <= RIG_SEGMENT_BYTES);
	memcpy(buf, r->segment[seg - 1] + offset, len);
	return SK_OK;
}

static int seg_write(void *ctx, uint64_t seg, uint64_t offset, const void *buf, size_t len)
{
	struct rig *r = ctx;

	assert_non_null(r->segment[seg - 1]);
	assert_true(offset + len <= RIG_SEGMENT_BYTES);
	memcpy(r->segment[seg - 1] + offset, buf, len);
	return SK_OK;
}

static int seg_flush(void *ctx, uint64_t seg)
{
	(void)ctx;
	(void)seg;
	return SK_OK;
}

/* Kept all the same: the replay at the end wants the whole journal. */
static int seg_remove(void *ctx, uint64_t seg)
{
	(void)ctx;
	(void)seg;
	return SK_OK;
}

static uint64_t clock_ms(void *ctx)
{
	return ((const struct rig *)ctx)->now_ms;
}

static uint64_t disk_free(void *ctx)
{
	(void)ctx;
	return 1ULL << 40;
}

static void keep(struct rig *r, PB(Message) *m)
{
	assert_non_null(m);
	assert_true(r->kept_len < RIG_KEPT_MAX);
	r->kept[r->kept_len++] = m;
}

static int reply(void *ctx, uint64_t conn, struct slice bytes)
{
	struct rig *r = ctx;

	assert_int_equal(conn, RIG_CONN);
	PB(Frame) *f = schakel__v1__frame__unpack(NULL, bytes.len, bytes.data);
	assert_non_null(f);
	r->answer = schakel__v1__message__unpack(NULL, f->message.len, f->message.data);
	schakel__v1__frame__free_unpacked(f, NULL);
	keep(r, r->answer);
	return SK_OK;
}

static int ask(void *ctx, const char *peer, struct slice frame)
{
	(void)ctx;
	(void)peer;
	(void)frame;
	return SK_OK;
}

static void die(void *ctx, const char *why, int err)
{
	(void)ctx;
	fail_msg("the engine died: %s: %s", why, sk_strerror(err));
	abort(); /* fail_msg() leaves the test; for the compiler */
}

/* --- configuration --- */

static char *dup_str(const char *s)
{
	char *copy = strdup(s);

	assert_non_null(copy);
	return copy;
}

static void *grow(void *list, size_t *io_len, size_t size)
{
	void *wider = realloc(list, (*io_len + 1) * size);

	assert_non_null(wider);
	(*io_len)++;
	return wider;
}

static PB(Party) *add_party(PB(ConfigApplied) *c, const char *id, PB(Role) role, const char *zone)
{
	PB(Party) *p = calloc(1, sizeof(*p));

	assert_non_null(p);
	schakel__v1__party__init(p);
	p->id = dup_str(id);
	p->name = dup_str(id);
	p->organisation = dup_str(id);
	p->opening_days = 0x1f;
	p->roles = grow(p->roles, &p->n_roles, sizeof(*p->roles));
	p->roles[0] = role;
	if (zone != NULL) {
		p->zones = grow(p->zones, &p->n_zones, sizeof(*p->zones));
		p->zones[0] = dup_str(zone);
	}
	c->parties = grow(c->parties, &c->n_parties, sizeof(PB(Party) *));
	c->parties[c->n_parties - 1] = p;
	return p;
}

static char *joined(const char *head, const char *zone)
{
	char buf[PARTY_ID_LEN_MAX + 1];

	(void)snprintf(buf, sizeof(buf), "%s-%s", head, zone);
	return dup_str(buf);
}

static void add_zone(PB(ConfigApplied) *c, const char *id)
{
	PB(Zone) *z = calloc(1, sizeof(*z));

	assert_non_null(z);
	schakel__v1__zone__init(z);
	z->id = dup_str(id);
	z->name = dup_str(id);
	z->region = dup_str("west");
	z->contact_party = joined("duty", id);
	z->stand_in_party = joined("standin", id);
	z->network_party = joined("net", id);
	c->zones = grow(c->zones, &c->n_zones, sizeof(PB(Zone) *));
	c->zones[c->n_zones - 1] = z;
	(void)add_party(c, z->contact_party, SCHAKEL__V1__ROLE__ROLE_FACILITY, id);
	(void)add_party(c, z->stand_in_party, SCHAKEL__V1__ROLE__ROLE_FACILITY, id);
	(void)add_party(c, z->network_party, SCHAKEL__V1__ROLE__ROLE_FACILITY, id);
}

static void add_expertise(PB(ConfigApplied) *c, uint32_t number)
{
	PB(ExpertiseCode) *x = calloc(1, sizeof(*x));
	char buf[16];

	assert_non_null(x);
	schakel__v1__expertise_code__init(x);
	(void)snprintf(buf, sizeof(buf), "CODE_%u", number);
	x->number = number;
	x->code = dup_str(buf);
	x->label_nl = dup_str(buf);
	x->label_en = dup_str(buf);
	c->expertises = grow(c->expertises, &c->n_expertises, sizeof(PB(ExpertiseCode) *));
	c->expertises[c->n_expertises - 1] = x;
}

static PB(ConfigApplied) *default_config(void)
{
	static const struct {
		const char *id;
		PB(Role) role;
	} party[] = {
		{ "contactpoint", SCHAKEL__V1__ROLE__ROLE_CONTACT_POINT },
		{ "contactpoint-2", SCHAKEL__V1__ROLE__ROLE_CONTACT_POINT },
		{ "coordinator", SCHAKEL__V1__ROLE__ROLE_COORDINATOR },
		{ "clb", SCHAKEL__V1__ROLE__ROLE_REQUESTER },
		{ "police", SCHAKEL__V1__ROLE__ROLE_REQUESTER },
		{ "family", SCHAKEL__V1__ROLE__ROLE_FAMILY },
		{ "operator", SCHAKEL__V1__ROLE__ROLE_OPERATOR },
		{ "dashboard", SCHAKEL__V1__ROLE__ROLE_DASHBOARD },
		{ "intake", SCHAKEL__V1__ROLE__ROLE_DAEMON },
		{ "waitlist", SCHAKEL__V1__ROLE__ROLE_DAEMON },
		{ "matching", SCHAKEL__V1__ROLE__ROLE_DAEMON },
	};
	static const char *const facility[] = { "facility-a", "facility-b", "facility-c" };
	PB(ConfigApplied) *c = calloc(1, sizeof(*c));

	assert_non_null(c);
	schakel__v1__config_applied__init(c);
	c->node = dup_str("rig");
	c->rules_version = 1;
	add_zone(c, "westhoek");
	add_zone(c, "rits");
	for (size_t i = 0; i < SK_LEN(party); i++) {
		(void)add_party(c, party[i].id, party[i].role, NULL);
	}
	for (size_t i = 0; i < SK_LEN(facility); i++) {
		(void)add_party(c, facility[i], SCHAKEL__V1__ROLE__ROLE_FACILITY, "westhoek");
	}
	PB(Party) *second = add_party(c, "facility-b2", SCHAKEL__V1__ROLE__ROLE_FACILITY, "rits");
	free(second->organisation);
	second->organisation = dup_str("facility-b");
	for (uint32_t n = 1; n <= 64; n++) {
		add_expertise(c, n);
	}
	return c;
}

PB(ConfigApplied) *rig_conf(struct rig *r)
{
	return r->config;
}

void rig_config(struct rig *r)
{
	size_t len = schakel__v1__config_applied__get_packed_size(r->config);
	uint8_t *packed = malloc(len);

	assert_non_null(packed);
	struct slice bytes = { packed, schakel__v1__config_applied__pack(r->config, packed) };
	must(engine_config(r->engine, bytes), "engine_config");
	free(packed);
	(void)engine_turn(r->engine);
}

void rig_set(struct rig *r, enum setting which, uint64_t value)
{
	PB(ConfigApplied) *c = r->config;
	PB(Setting) *set = calloc(1, sizeof(*set));

	assert_non_null(set);
	schakel__v1__setting__init(set);
	set->key = dup_str(setting_spec[which].key);
	set->value = value;
	c->settings = grow(c->settings, &c->n_settings, sizeof(PB(Setting) *));
	c->settings[c->n_settings - 1] = set;
	rig_config(r);
}

/* --- life --- */

static void make_dir(char *buf, size_t len)
{
	(void)snprintf(buf, len, "/dev/shm/schakel-rig-XXXXXX");
	assert_non_null(mkdtemp(buf));
}

static void remove_dir(const char *dir)
{
	static const char *const file[] = { "data.mdb", "lock.mdb", "owner.lock" };
	char path[128];

	for (size_t i = 0; i < SK_LEN(file); i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", dir, file[i]);
		(void)unlink(path);
	}
	assert_int_equal(rmdir(dir), 0);
}

static struct store_conf store_conf_of(const char *dir)
{
	return (struct store_conf){ .dir = dir, .map_bytes = RIG_MAP_BYTES, .no_sync = true };
}

static void make_store(struct rig *r, const char *dir, struct store *ret_st)
{
	static const uint8_t store_id[16] = "rig-rig-rig-rig";
	struct store_conf sc = store_conf_of(dir);

	must(store_create(ret_st, &sc), "store_create");
	must(engine_init_store(ret_st, r->svc, &r->conf, store_id), "engine_init_store");
}

static void open_engine(struct rig *r)
{
	int err = engine_open(&r->engine, &r->store, r->svc, &r->port, &r->conf);

	if (err != SK_OK) {
		fail_msg("engine_open: %s: %s", sk_strerror(err), engine_open_detail());
	}
	r->conf.seen = engine_incarnation(r->engine);
}

static struct port port_of(struct rig *r)
{
	return (struct port){
		.ctx = r,
		.seg_list = seg_list,
		.seg_make = seg_make,
		.seg_ahead = seg_ahead,
		.seg_read = seg_read,
		.seg_write = seg_write,
		.seg_flush = seg_flush,
		.seg_remove = seg_remove,
		.wall_ms = clock_ms,
		.boot_ms = clock_ms,
		.disk_free = disk_free,
		.reply = reply,
		.ask = ask,
		.die = die,
		.slot = &r->slot,
	};
}

struct rig *rig_new(const struct service *svc)
{
	struct rig *r = calloc(1, sizeof(*r));

	assert_non_null(r);
	r->svc = svc;
	r->now_ms = RIG_START_MS;
	r->port = port_of(r);
	r->conf = (struct engine_conf){ .key = "a key of thirty-two bytes, fixed",
					.fresh_nonce = 99,
					.segment_bytes = RIG_SEGMENT_BYTES,
					.commit_records = 1024,
					.commit_bytes = 2U << 20,
					.commit_ms = 250,
					.commit_idle_ms = 15,
					.keep_segments_days = 35 };
	make_dir(r->dir, sizeof(r->dir));
	make_store(r, r->dir, &r->store);
	open_engine(r);
	r->config = default_config();
	rig_config(r);
	return r;
}

void rig_reopen(struct rig *r)
{
	struct store_conf sc = store_conf_of(r->dir);
	uint64_t before = 0;
	uint64_t after = 0;

	must(engine_digest(r->engine, &before), "engine_digest");
	must(engine_close(r->engine), "engine_close");
	store_close(&r->store);
	must(store_open(&r->store, &sc), "store_open");
	open_engine(r);
	must(engine_digest(r->engine, &after), "engine_digest");
	assert_true(before == after);
}

/* L11: the inputs, stepped again, make the same effects and the same state. */
static void check_replay(struct rig *r, uint64_t digest)
{
	struct replay_report report = { 0 };
	struct store again;
	char dir[64];

	make_dir(dir, sizeof(dir));
	make_store(r, dir, &again);
	must(engine_replay(&again, r->svc, &r->port, &r->conf, &report), "engine_replay");
	store_close(&again);
	remove_dir(dir);
	if (report.first_bad_sequence != 0) {
		fail_msg("replay differs at input %llu",
			 (unsigned long long)report.first_bad_sequence);
	}
	assert_true(report.digest == digest);
}

void rig_free(struct rig *r)
{
	uint64_t digest = 0;

	if (r == NULL) {
		return;
	}
	must(engine_digest(r->engine, &digest), "engine_digest");
	must(engine_close(r->engine), "engine_close");
	store_close(&r->store);
	check_replay(r, digest);
	remove_dir(r->dir);
	for (size_t i = 0; i < RIG_SEGMENTS_MAX; i++) {
		free(r->segment[i]);
	}
	for (size_t i = 0; i < r->kept_len; i++) {
		schakel__v1__message__free_unpacked(r->kept[i], NULL);
	}
	if (r->fault != NULL) {
		schakel__v1__quarantine_record__free_unpacked(r->fault, NULL);
	}
	schakel__v1__config_applied__free_unpacked(r->config, NULL);
	free(r->last);
	free(r);
}

/* --- time --- */

uint64_t rig_now(const struct rig *r)
{
	return r->now_ms;
}

static uint64_t first_due(struct rig *r)
{
	struct store_iter it;
	struct key prefix = { 0 };
	struct key k;
	struct slice val;

	store_iter_init(&it, rig_txn(r), TABLE_DUE, &prefix);
	bool found = store_next(&it, &k, &val);
	store_iter_done(&it);
	return found ? be64_read(k.b) : UINT64_MAX;
}

void rig_advance(struct rig *r, uint64_t ms)
{
	uint64_t until_ms = r->now_ms + ms;
	uint64_t due_ms;

	for (int turns = 0; (due_ms = first_due(r)) <= until_ms; turns++) {
		assert_true(turns < RIG_TURNS_MAX);
		r->now_ms = due_ms > r->now_ms ? due_ms : r->now_ms;
		(void)engine_turn(r->engine);
	}
	r->now_ms = until_ms;
	(void)engine_turn(r->engine);
}

/* --- in --- */

static struct party party_of(const struct rig *r, const char *id)
{
	struct party p = { 0 };

	(void)snprintf(p.id, sizeof(p.id), "%s", id);
	for (size_t i = 0; i < r->config->n_parties; i++) {
		const PB(Party) *known = r->config->parties[i];

		for (size_t j = 0; strcmp(known->id, id) == 0 && j < known->n_roles; j++) {
			p.roles |= 1U << known->roles[j];
		}
	}
	assert_true(p.roles != 0); /* a party of the configuration */
	return p;
}

/* Packs with a fresh id. The caller frees. */
static uint8_t *pack(struct rig *r, PB(Message) *m, size_t *ret_len)
{
	uint8_t random[10] = { 0 };
	uint8_t id[16];

	be32_write(random + 6, ++r->messages);
	wire_id_make(r->now_ms, random, id);
	m->id = (ProtobufCBinaryData){ sizeof(id), id };
	m->time_ms = r->now_ms;
	*ret_len = schakel__v1__message__get_packed_size(m);
	uint8_t *bytes = malloc(*ret_len);
	assert_non_null(bytes);
	(void)schakel__v1__message__pack(m, bytes);
	m->id = (ProtobufCBinaryData){ 0 };
	return bytes;
}

static uint8_t *frame_of(const PB(Frame) *f, struct slice *ret_bytes)
{
	size_t len = schakel__v1__frame__get_packed_size(f);
	uint8_t *bytes = malloc(len);

	assert_non_null(bytes);
	*ret_bytes = (struct slice){ bytes, schakel__v1__frame__pack(f, bytes) };
	return bytes;
}

static PB(Message) *exchange(struct rig *r, const char *party, uint8_t *message, size_t len)
{
	struct party from = party_of(r, party);
	PB(Frame) f = PB_INIT(FRAME);
	struct slice bytes;

	f.message = (ProtobufCBinaryData){ len, message };
	uint8_t *frame = frame_of(&f, &bytes);
	r->answer = NULL;
	engine_frame(r->engine, RIG_CONN, &from, bytes);
	(void)engine_turn(r->engine);
	free(frame);
	assert_non_null(r->answer);
	return r->answer;
}

PB(Receipt) *rig_again(struct rig *r, const char *party)
{
	PB(Message) *answer = exchange(r, party, r->last, r->last_len);

	assert_int_equal(answer->body_case, BODY(RECEIPT));
	return answer->receipt;
}

PB(Receipt) *rig_command(struct rig *r, const char *party, PB(Message) *m)
{
	free(r->last);
	r->last = pack(r, m, &r->last_len);
	return rig_again(r, party);
}

PB(Message) *rig_query(struct rig *r, const char *party, PB(Message) *m)
{
	size_t len;
	uint8_t *bytes = pack(r, m, &len);
	PB(Message) *answer = exchange(r, party, bytes, len);

	free(bytes);
	return answer;
}

static struct rig_peer *peer_of(struct rig *r, const char *name)
{
	for (size_t i = 0; i < SK_LEN(r->peer); i++) {
		struct rig_peer *p = &r->peer[i];

		if (p->name[0] == '\0') {
			(void)snprintf(p->name, sizeof(p->name), "%s", name);
		}
		if (strcmp(p->name, name) == 0) {
			return p;
		}
	}
	fail_msg("too many peers");
	return NULL;
}

static void send_entry(struct rig *r, const struct rig_peer *p, uint8_t *message, size_t len)
{
	PB(Frame) f = PB_INIT(FRAME);
	PB(Link) l = PB_INIT(LINK);
	uint8_t link[128];
	struct slice bytes;

	l.source = (char *)(uintptr_t)p->name;
	l.destination = (char *)(uintptr_t)r->svc->name;
	l.incarnation = p->incarnation + 1;
	l.nonce = RIG_PEER_NONCE;
	l.sequence = message == NULL ? 0 : p->sequence;
	f.link = (ProtobufCBinaryData){ schakel__v1__link__pack(&l, link), link };
	f.message = (ProtobufCBinaryData){ len, message };
	f.after = message == NULL ? p->sequence : 0;
	f.oldest = message == NULL ? 1 : 0;
	uint8_t *frame = frame_of(&f, &bytes);
	engine_peer_frame(r->engine, p->name, bytes);
	(void)engine_turn(r->engine);
	free(frame);
}

void rig_peer_restored(struct rig *r, const char *peer)
{
	struct rig_peer *p = peer_of(r, peer);

	assert_true(p->met);
	p->incarnation++;
	p->sequence = 0;
	send_entry(r, p, NULL, 0);
	rig_advance(r, 0);
}

static void read_fault(struct rig *r)
{
	struct store_iter it;
	struct key prefix = { 0 };
	struct key k;
	struct slice val;

	if (r->fault != NULL) {
		schakel__v1__quarantine_record__free_unpacked(r->fault, NULL);
		r->fault = NULL;
	}
	store_iter_init(&it, rig_txn(r), TABLE_QUARANTINE, &prefix);
	while (store_next(&it, &k, &val)) {
		if (r->fault != NULL) {
			schakel__v1__quarantine_record__free_unpacked(r->fault, NULL);
		}
		r->fault = schakel__v1__quarantine_record__unpack(NULL, val.len, val.data);
	}
	store_iter_done(&it);
}

bool rig_fact(struct rig *r, const char *peer, PB(Message) *m)
{
	struct rig_peer *p = peer_of(r, peer);
	size_t aside = rig_rows(r, TABLE_QUARANTINE);
	uint64_t before = 0;
	uint64_t after = 0;
	uint64_t unused;
	size_t len;

	if (!p->met) {
		send_entry(r, p, NULL, 0); /* the writer's incarnation is an input of its own */
		p->met = true;
	}
	p->sequence++;
	engine_positions(r->engine, &before, &unused, &unused);
	uint8_t *bytes = pack(r, m, &len);
	send_entry(r, p, bytes, len);
	free(bytes);
	engine_positions(r->engine, &after, &unused, &unused);
	assert_true(after >
		    before); /* it was stepped: the rig and the engine agree on the sequence */
	if (rig_rows(r, TABLE_QUARANTINE) == aside) {
		return true;
	}
	read_fault(r);
	return false;
}

PB(Refusal) rig_fault(const struct rig *r, const char **ret_field)
{
	assert_non_null(r->fault);
	if (ret_field != NULL) {
		*ret_field = r->fault->field;
	}
	return r->fault->code;
}

/* --- out --- */

static struct rig_log *log_of(struct rig *r, const char *to)
{
	for (size_t i = 0; i < RIG_LOGS_MAX; i++) {
		struct rig_log *log = &r->log[i];

		if (log->name[0] == '\0') {
			(void)snprintf(log->name, sizeof(log->name), "%s", to);
		}
		if (strcmp(log->name, to) == 0) {
			return log;
		}
	}
	fail_msg("too many logs");
	return NULL;
}

static PB(Message) *entry_at(struct rig *r, const char *to, uint64_t sequence)
{
	struct key k = log_key(to, engine_incarnation(r->engine).number, sequence);
	struct slice val;

	if (!store_get(rig_txn(r), TABLE_LOG, &k, &val)) {
		return NULL;
	}
	PB(Message) *m = schakel__v1__message__unpack(NULL, val.len, val.data);
	keep(r, m);
	return m;
}

PB(Message) *rig_next(struct rig *r, const char *to)
{
	struct rig_log *log = log_of(r, to);
	PB(Message) *m = entry_at(r, to, log->read + 1);

	log->read += m != NULL;
	return m;
}

PB(Message) *rig_next_of(struct rig *r, const char *to, PB(Message__BodyCase) body)
{
	PB(Message) *m;

	while ((m = rig_next(r, to)) != NULL && m->body_case != body) {
	}
	return m;
}

void rig_skip(struct rig *r)
{
	struct store_iter it;
	struct key prefix = { 0 };
	struct key k;
	struct slice val;

	store_iter_init(&it, rig_txn(r), TABLE_LOG_HEAD, &prefix);
	while (store_next(&it, &k, &val)) {
		PB(LogHeadRecord) *head =
			schakel__v1__log_head_record__unpack(NULL, val.len, val.data);
		struct rig_log *log = log_of(r, (const char *)k.b);

		assert_non_null(head);
		log->read = head->sequence;
		log->skipped = head->sequence;
		schakel__v1__log_head_record__free_unpacked(head, NULL);
	}
	store_iter_done(&it);
}

size_t rig_count(struct rig *r, const char *to, PB(Message__BodyCase) body)
{
	PB(Message) *m;
	size_t count = 0;

	for (uint64_t at = log_of(r, to)->skipped + 1; (m = entry_at(r, to, at)) != NULL; at++) {
		count += m->body_case == body;
	}
	return count;
}

/* --- inside --- */

struct store_txn *rig_txn(struct rig *r)
{
	return engine_peek(r->engine);
}

size_t rig_rows(struct rig *r, uint8_t table)
{
	struct store_iter it;
	struct key prefix = { 0 };
	struct key k;
	struct slice val;
	size_t rows = 0;

	store_iter_init(&it, rig_txn(r), table, &prefix);
	while (store_next(&it, &k, &val)) {
		rows++;
	}
	store_iter_done(&it);
	return rows;
}

size_t rig_due(struct rig *r, uint8_t kind)
{
	struct store_iter it;
	struct key prefix = { 0 };
	struct key k;
	struct slice val;
	size_t rows = 0;

	store_iter_init(&it, rig_txn(r), TABLE_DUE, &prefix);
	while (store_next(&it, &k, &val)) {
		rows += k.b[8] == kind;
	}
	store_iter_done(&it);
	return rows;
}

int rig_try(struct rig *r, int (*fn)(struct step *s, void *ctx), void *ctx)
{
	struct effects fx = { 0 };
	struct outcome out = { .kind = SCHAKEL__V1__OUTCOME__OUTCOME_ACCEPTED };
	struct store_txn child;
	struct step s;

	must(store_child_begin(rig_txn(r), &fx, &child), "store_child_begin");
	engine_step_begin(r->engine, &s, &child, NULL);
	s.out = &out;
	s.emits_max = UINT16_MAX;
	int err = fn(&s, ctx);
	err = err == SK_OK ? child.err : err;
	store_abort(&child);
	arena_reset(s.arena);
	effects_free(&fx);
	return err;
}

struct object_id rig_id(uint32_t number)
{
	struct object_id id = { { 0 } };

	id.b[0] = 1;
	be32_write(id.b + 8, number);
	return id;
}
