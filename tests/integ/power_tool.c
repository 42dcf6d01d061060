/* SPDX-License-Identifier: EUPL-1.2 */
/* Builds what a power cut may leave of a daemon's files and opens each of these images with the
 * real engine, LMDB and file layer.
 *
 * Usage: power_tool DAEMON BASE ROOT LOG ACKS SEEN IMAGES SEED
 *   BASE  the daemon's directory before the recording; ROOT its path during it
 *   LOG   what power_preload wrote; ACKS lines "COUNT SEQUENCE": when COUNT operations had been
 *         done, a client held a receipt with that journal sequence
 *
 * At a boundary of the log everything synced is on the disk; of what was written since, none, all,
 * one piece alone, all but one, or a random subset of 512-byte pieces. Each image must open; no
 * acknowledged sequence may be missing; its digest must be that of an independent fold of the
 * journal's effects up to its sequence; a part of the images is written to and opened again. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/files.h"
#include "common/journal.h"
#include "common/wire.h"
#include "services/intake/core.h"
#include "services/matching/core.h"
#include "services/waitlist/core.h"
#include "tests/integ/power_disk.h"

#define MAP_BYTES (256U << 20)
#define SEGMENT_BYTES (2U << 20) /* as tests/integ/node.py */

static uint64_t *digests; /* by sequence */
static uint64_t digests_len;
static const struct service *svc;
static struct engine_conf conf;

/* --- opening one --- */

static uint64_t wall(void *ctx)
{
	(void)ctx;
	return 1772532000000ULL;
}

static int no_reply(void *ctx, uint64_t conn, struct slice frame)
{
	(void)ctx;
	(void)conn;
	(void)frame;
	return SK_OK;
}

static int no_ask(void *ctx, const char *peer, struct slice frame)
{
	(void)ctx;
	(void)peer;
	(void)frame;
	return SK_EAGAIN;
}

static void died(void *ctx, const char *why, int err)
{
	(void)ctx;
	(void)fprintf(stderr, "power_tool: the engine ended: %s: %s\n", why, sk_strerror(err));
	_exit(1);
}

struct opened {
	struct files files;
	struct port port;
	struct store store;
	struct engine *e;
};

static int open_image(struct opened *o, const char *dir)
{
	char path[512];

	memset(o, 0, sizeof(*o));
	(void)snprintf(path, sizeof(path), "%s/store", dir);
	int err = files_open(&o->files, dir, conf.segment_bytes, NULL);
	if (err != SK_OK) {
		return err;
	}
	files_port(&o->files, &o->port);
	o->port.ctx = &o->files;
	o->port.reply = no_reply;
	o->port.ask = no_ask;
	o->port.die = died;
	o->port.wall_ms = wall;
	struct store_conf sc = { .dir = path, .map_bytes = MAP_BYTES, .no_sync = true };
	err = store_open(&o->store, &sc);
	return err != SK_OK ? err : engine_open(&o->e, &o->store, svc, &o->port, &conf);
}

static void close_image(struct opened *o)
{
	engine_abandon(o->e);
	store_close(&o->store);
	files_close(&o->files);
}

/** One more input through the door: a durable store must take it and keep it. */
static void write_again(const char *dir, struct opened *o, uint64_t sequence)
{
	struct party op = { .id = "operator", .roles = ROLE_BIT(OPERATOR) };
	uint8_t id[16], random[10] = { 1 }, message[128], bytes[192];
	PB(Message) m = PB_INIT(MESSAGE);
	PB(ClockAccept) accept = PB_INIT(CLOCK_ACCEPT);
	PB(Frame) f = PB_INIT(FRAME);
	uint64_t stepped, durable, committed;

	wire_id_make(engine_now_ms(o->e), random, id);
	m.id = (ProtobufCBinaryData){ sizeof(id), id };
	m.body_case = BODY(CLOCK_ACCEPT);
	m.clock_accept = &accept;
	f.message = (ProtobufCBinaryData){ schakel__v1__message__pack(&m, message), message };
	struct slice frame = { bytes, schakel__v1__frame__pack(&f, bytes) };
	engine_frame(o->e, 1, &op, frame);
	(void)engine_turn(o->e);
	close_image(o);
	int err = open_image(o, dir);
	if (err != SK_OK) {
		fail(engine_open_detail(), (uint64_t)-err, sequence);
	}
	engine_positions(o->e, &stepped, &durable, &committed);
	if (stepped <= sequence) {
		fail("an input after the power cut was lost", stepped, sequence);
	}
}

static void check_image(const char *dir, uint64_t boundary, uint64_t acked, bool again)
{
	uint64_t stepped, durable, committed, digest;
	static struct opened o;

	int err = open_image(&o, dir);
	if (err != SK_OK) {
		(void)fprintf(stderr, "open: %s: %s\n", sk_strerror(err), engine_open_detail());
		fail("image does not open", boundary, acked);
	}
	engine_positions(o.e, &stepped, &durable, &committed);
	if (stepped < acked) {
		fail("an acknowledged input is lost", stepped, acked);
	}
	if (stepped >= digests_len || engine_digest(o.e, &digest) != SK_OK ||
	    digest != digests[stepped]) {
		fail("content differs from the fold of the journal", boundary, stepped);
	}
	if (again) {
		write_again(dir, &o, stepped);
	}
	close_image(&o);
}

/* --- the independent fold: digest at every sequence --- */

struct fold {
	struct store_txn *txn;
	uint64_t sequence;
};

static int fold_batch(void *ctx, const struct batch_header *h, struct slice payload,
		      struct journal_place at)
{
	struct fold *fold = ctx;
	struct record r;

	(void)h;
	(void)at;
	while (record_next(&payload, &r) == 1) {
		uint64_t *more = realloc(digests, (digests_len + 1) * sizeof(*more));
		if (more == NULL || effects_apply(fold->txn, r.effects) != SK_OK) {
			return SK_ENOMEM;
		}
		digests = more;
		if (store_digest(fold->txn, &digests[digests_len]) != SK_OK) {
			return SK_ESYS;
		}
		digests_len++;
	}
	return SK_OK;
}

static void fold_all(const char *base, const char *final)
{
	struct journal_position none = { .next_sequence = 1 };
	struct journal_place bad;
	struct opened o = { 0 };
	struct store_txn txn;
	struct journal j;
	char path[512];
	uint8_t id[16];

	(void)snprintf(path, sizeof(path), "%s/store", base);
	struct store_conf sc = { .dir = path, .map_bytes = MAP_BYTES, .no_sync = true };
	if (store_open(&o.store, &sc) != SK_OK || store_begin(&o.store, &txn) != SK_OK ||
	    files_open(&o.files, final, conf.segment_bytes, NULL) != SK_OK) {
		fail("base or final state does not open", 0, 0);
	}
	files_port(&o.files, &o.port);
	o.port.ctx = &o.files;
	struct key k = { 0 };
	struct slice val;
	key_u8(&k, 0);
	if (!store_get(&txn, TABLE_META, &k, &val)) {
		fail("no meta record", 0, 0);
	}
	PB(MetaRecord) *meta = schakel__v1__meta_record__unpack(NULL, val.len, val.data);
	memcpy(id, meta->store_id.data, sizeof(id));
	conf.seen = (struct incarnation){ meta->incarnation, meta->nonce };
	schakel__v1__meta_record__free_unpacked(meta, NULL);
	digests = malloc(sizeof(*digests));
	if (digests == NULL || store_digest(&txn, &digests[0]) != SK_OK) {
		fail("digest", 0, 0);
	}
	digests_len = 1;
	struct fold fold = { .txn = &txn };
	if (journal_init(&j, &o.port, &conf, id) != SK_OK ||
	    journal_recover(&j, &none, fold_batch, &fold, &bad) != SK_OK) {
		fail("the journal does not fold", digests_len, 0);
	}
	journal_done(&j);
	store_abort(&txn);
	store_close(&o.store);
	files_close(&o.files);
}

struct ack {
	unsigned long long count, sequence;
};

static uint64_t acked_at(const struct ack *acks, size_t n, uint64_t boundary)
{
	uint64_t most = 0;

	for (size_t i = 0; i < n; i++) {
		if (acks[i].count <= boundary && acks[i].sequence > most) {
			most = acks[i].sequence;
		}
	}
	return most;
}

static struct ack *read_acks(const char *path, size_t *ret_n)
{
	struct ack *acks = calloc(65536, sizeof(*acks));
	FILE *f = fopen(path, "re");
	size_t n = 0;

	while (f != NULL && acks != NULL && n < 65536 &&
	       fscanf(f, "%llu %llu", &acks[n].count, &acks[n].sequence) == 2) {
		n++;
	}
	if (f == NULL || n == 0) {
		fail("no receipts were noted", n, 0);
	}
	(void)fclose(f);
	*ret_n = n;
	return acks;
}

static void pick_service(const char *name)
{
	const struct service *const all[] = { &intake_service, &waitlist_service,
					      &matching_service };
	for (size_t i = 0; i < SK_LEN(all); i++) {
		svc = strcmp(all[i]->name, name) == 0 ? all[i] : svc;
	}
	if (svc == NULL) {
		fail("unknown daemon", 0, 0);
	}
}

int main(int argc, char **argv)
{
	size_t ops_len, acks_len;
	char dir[] = "/dev/shm/schakel-power-XXXXXX";

	if (argc != 9 || mkdtemp(dir) == NULL) {
		fail("usage: DAEMON BASE ROOT LOG ACKS SEEN IMAGES SEED", (uint64_t)argc, 0);
	}
	pick_service(argv[1]);
	uint64_t images = strtoull(argv[7], NULL, 10);
	rng = strtoull(argv[8], NULL, 10) * 2654435761U + 88172645463325252ULL;
	conf = (struct engine_conf){ .segment_bytes = SEGMENT_BYTES,
				     .commit_records = 64,
				     .commit_bytes = 1U << 20,
				     .commit_ms = 250,
				     .commit_idle_ms = 15,
				     .keep_segments_days = 35 };
	if (files_store_key(argv[2], conf.key) != SK_OK) {
		fail("store key", 0, 0);
	}
	struct op *ops = read_log(argv[4], argv[3], &ops_len);
	struct ack *acks = read_acks(argv[5], &acks_len);
	fold_all(argv[2], argv[3]);
	load_base(argv[2], "");
	load_base(argv[2], "store");
	load_base(argv[2], "journal");
	uint64_t torn = 0, at = 0;
	for (uint64_t k = 0; k < images; k++) {
		uint64_t boundary = k * (uint64_t)ops_len / images;
		while (at < boundary) {
			apply(&ops[at++]);
		}
		struct choice c = { .variant = (enum variant)(k % VARIANTS) };
		write_image(dir, &c);
		torn += c.seen > 0;
		check_image(dir, boundary, acked_at(acks, acks_len, boundary), k % 8 == 7);
		remove_below(dir);
		if (mkdir(dir, 0700) != 0) {
			fail("image directory", k, 0);
		}
	}
	remove_below(dir);
	(void)printf("%llu images of %zu operations, %llu with unsynced pieces, %llu inputs: 0 "
		     "bad\n",
		     (unsigned long long)images, ops_len, (unsigned long long)torn,
		     (unsigned long long)(digests_len - 1));
	free(ops);
	free(acks);
	free(digests);
	return 0;
}
