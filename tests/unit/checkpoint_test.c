/* SPDX-License-Identifier: EUPL-1.2 */
/* Checkpoints, and the journal trimmed behind them: on real files, under a clock of the test. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/conf.h"
#include "common/confidx.h"
#include "common/files.h"
#include "common/files_checkpoint.h"
#include "tests/unit/node_rig.h"

#define SEGMENT_BYTES (1U << 20)
#define MAP_BYTES (64U << 20)
#define HOUR_MS 3600000ULL
#define DAY_MS 86400000ULL
#define START_MS 1772532000000ULL
#define KEEP_DAYS 35
#define SEGMENTS_MAX 16

static struct node_rig rig;
static struct conf *conf;
static char dir[NODE_RIG_PATH_MAX];
static struct files files;
static struct port port;
static struct store store;
static struct engine *engine;
static struct engine_conf ec;
static uint64_t now_ms;
static uint32_t inputs;
static uint64_t begun_ms[SEGMENTS_MAX]; /* journal time of the first record of each segment */

static int on_due(struct step *s, uint8_t kind, const struct object_id *id, uint32_t extra,
		  uint64_t due_ms)
{
	(void)kind;
	(void)id;
	(void)extra;
	(void)due_ms;
	return s->txn->err;
}

static const char *const reads[] = { NULL };
static const struct service service = {
	.name = "intake",
	.core_version = 3,
	.reads = reads,
	.on_due = on_due,
};

static uint64_t clock_ms(void *ctx)
{
	(void)ctx;
	return now_ms;
}

static int no_reply(void *ctx, uint64_t conn, struct slice frame)
{
	(void)ctx;
	(void)conn;
	(void)frame;
	return SK_EAGAIN;
}

static void die(void *ctx, const char *why, int err)
{
	(void)ctx;
	fail_msg("the engine died: %s: %s", why, sk_strerror(err));
	abort(); /* fail_msg() leaves the test; for the compiler */
}

/* --- a daemon without its loop --- */

static void open_engine(void)
{
	char path[NODE_RIG_PATH_MAX + 16];
	struct store_conf sc = { .dir = path, .map_bytes = MAP_BYTES };
	(void)snprintf(path, sizeof(path), "%s/store", dir);
	memset(&port, 0, sizeof(port));
	assert_int_equal(files_open(&files, dir, SEGMENT_BYTES, NULL), SK_OK);
	files_port(&files, &port);
	port.ctx = &files;
	port.wall_ms = clock_ms;
	port.boot_ms = clock_ms;
	port.reply = no_reply;
	port.die = die;
	assert_int_equal(store_open(&store, &sc), SK_OK);
	assert_int_equal(engine_open(&engine, &store, &service, &port, &ec), SK_OK);
	ec.seen = engine_incarnation(engine);
}

/* As a kill does: without a word. */
static void kill_engine(void)
{
	engine_abandon(engine);
	engine = NULL;
	files_close(&files);
	store_close(&store);
}

static int set_up(void **state)
{
	(void)state;
	static struct conf_problems problems;
	node_rig_init(&rig);
	assert_int_equal(conf_load(rig.dir, &conf, &problems), SK_OK);
	node_rig_path(&rig, "data/intake", dir);
	struct files_new n = { .dir = dir,
			       .daemon = "intake",
			       .map_bytes = MAP_BYTES,
			       .segment_bytes = SEGMENT_BYTES };
	assert_int_equal(files_create(&n), SK_OK);
	ec = (struct engine_conf){ .segment_bytes = SEGMENT_BYTES,
				   .commit_records = 1,
				   .commit_bytes = 64U << 20,
				   .commit_ms = UINT32_MAX,
				   .commit_idle_ms = UINT32_MAX,
				   .keep_segments_days = KEEP_DAYS };
	assert_int_equal(files_store_key(dir, ec.key), SK_OK);
	now_ms = START_MS;
	inputs = 0;
	memset(begun_ms, 0, sizeof(begun_ms));
	open_engine();
	assert_int_equal(checkpoint_clean(dir), SK_OK);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	kill_engine();
	conf_free(conf);
	conf = NULL;
	node_rig_done(&rig);
	return 0;
}

static void segments(uint64_t *ret_first, uint64_t *ret_last)
{
	assert_int_equal(port.seg_list(port.ctx, ret_first, ret_last), SK_OK);
}

/* One input of a hundred kilobytes: the configuration, with a very long name in it. */
static void step(void)
{
	static uint8_t bytes[CONFIG_BYTES_MAX];
	static char name[50000];
	PB(ConfigApplied) *m =
		schakel__v1__config_applied__unpack(NULL, conf->packed_len, conf->packed);
	uint64_t first = 0;
	uint64_t last = 0;
	assert_non_null(m);
	memset(name, 'a', sizeof(name) - 1);
	char *before = m->zones[0]->name;
	m->zones[0]->name = name;
	m->rules_version = ++inputs;
	struct slice packed = { bytes, schakel__v1__config_applied__pack(m, bytes) };
	m->zones[0]->name = before;
	schakel__v1__config_applied__free_unpacked(m, NULL);
	assert_int_equal(engine_config(engine, packed), SK_OK);
	(void)engine_turn(engine);
	segments(&first, &last);
	assert_in_range(last, 1, SEGMENTS_MAX - 1);
	begun_ms[last] = begun_ms[last] == 0 ? now_ms : begun_ms[last];
}

/* An hour between two inputs, until there is such a segment. */
static void fill_to(uint64_t segment)
{
	while (begun_ms[segment] == 0) {
		now_ms += HOUR_MS;
		step();
	}
}

/* Turns at that moment, as often as there could be something to trim. */
static void turns_at(uint64_t ms)
{
	for (int i = 0; i < SEGMENTS_MAX; i++) {
		now_ms = ms + (uint64_t)i * 1000;
		(void)engine_turn(engine);
	}
}

static void expect_segments(uint64_t first, uint64_t last)
{
	uint64_t is_first = 0;
	uint64_t is_last = 0;
	segments(&is_first, &is_last);
	assert_int_equal(is_first, first);
	assert_int_equal(is_last, last);
}

static uint64_t committed(void)
{
	uint64_t stepped = 0;
	uint64_t durable = 0;
	uint64_t sequence = 0;
	engine_positions(engine, &stepped, &durable, &sequence);
	return sequence;
}

static uint64_t digest(void)
{
	uint64_t d = 0;
	assert_int_equal(engine_digest(engine, &d), SK_OK);
	return d;
}

static void copy(struct checkpoint *ret_c)
{
	*ret_c = (struct checkpoint){ .facts.time_ms = now_ms,
				      .core_version = service.core_version,
				      .made_ms = now_ms + 1 };
	assert_int_equal(checkpoint_copy(dir, &store, ret_c), SK_OK);
}

static struct checkpoint make(void)
{
	struct checkpoint c;
	copy(&c);
	assert_int_equal(checkpoint_publish(dir, &c), SK_OK);
	return c;
}

static void path_in(const char *name, const char *file, char ret_path[NODE_RIG_PATH_MAX])
{
	int n = snprintf(ret_path, NODE_RIG_PATH_MAX, "%s/" CHECKPOINTS_DIR "/%s%s%s", dir, name,
			 file[0] == '\0' ? "" : "/", file);
	assert_true(n > 0 && n < NODE_RIG_PATH_MAX);
}

static void checkpoint_path(const struct checkpoint *c, const char *file,
			    char ret_path[NODE_RIG_PATH_MAX])
{
	char name[17];
	(void)snprintf(name, sizeof(name), CHECKPOINT_NAME,
		       (unsigned long long)(c->facts.pos.next_sequence - 1));
	path_in(name, file, ret_path);
}

static size_t list(uint64_t sequence_max, struct checkpoint ret_c[CHECKPOINTS_LISTED])
{
	size_t len = 99;
	assert_int_equal(checkpoint_list(dir, sequence_max, ret_c, &len), SK_OK);
	return len;
}

/* --- trimming --- */

static void test_trim_without_a_checkpoint_removes_nothing(void **state)
{
	(void)state;
	fill_to(5);
	uint64_t keep_ms = KEEP_DAYS * DAY_MS;
	turns_at(begun_ms[5] + keep_ms + DAY_MS); /* old enough, but nobody said that it may */
	expect_segments(1, 5);
}

static void test_trim_at_and_past_the_age(void **state)
{
	(void)state;
	fill_to(5);
	uint64_t keep_ms = KEEP_DAYS * DAY_MS;
	engine_keep_from(engine, 4);
	now_ms = begun_ms[2] + keep_ms;
	(void)engine_turn(engine);
	expect_segments(1, 5);
	engine_keep_from(engine, 4); /* looks at once again */
	now_ms++;
	(void)engine_turn(engine);
	expect_segments(2, 5);
	turns_at(begun_ms[3] + keep_ms - SEGMENTS_MAX * 1000);
	expect_segments(2, 5);
	turns_at(begun_ms[5] + keep_ms + DAY_MS);
	expect_segments(4, 5); /* the second last checkpoint stands in 4 */
	engine_keep_from(engine, 99);
	turns_at(now_ms + 1000);
	expect_segments(5, 5); /* the store stands there */
}

static void test_trim_keeps_what_the_store_stands_on(void **state)
{
	(void)state;
	fill_to(2);
	uint64_t sequence = committed();
	kill_engine();
	ec.commit_records = UINT32_MAX;
	ec.keep_segments_days = 1;
	open_engine();
	assert_int_equal(committed(), sequence);
	fill_to(4);
	engine_keep_from(engine, 4);
	turns_at(now_ms + 3 * DAY_MS);
	assert_int_equal(committed(), sequence); /* all of 3 and 4 is behind it */
	expect_segments(2, 4);
	uint64_t before = digest();
	kill_engine();
	open_engine();
	assert_int_equal(digest(), before);
	step();
	assert_true(committed() >= sequence);
}

static void test_trim_damaged_next_segment_keeps_the_oldest(void **state)
{
	(void)state;
	char path[NODE_RIG_PATH_MAX + 64];
	uint8_t byte = 0;
	fill_to(4);
	(void)snprintf(path, sizeof(path), "%s/journal/" FILES_SEGMENT_NAME, dir, 2ULL);
	int fd = open(path, O_RDWR | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(pread(fd, &byte, 1, 5000), 1);
	byte ^= 1;
	assert_int_equal(pwrite(fd, &byte, 1, 5000), 1);
	assert_int_equal(close(fd), 0);
	engine_keep_from(engine, 4);
	turns_at(now_ms + 100 * DAY_MS);
	expect_segments(1, 4);
}

/* --- checkpoints --- */

static void test_checkpoint_says_where_it_stands(void **state)
{
	(void)state;
	struct checkpoint found[CHECKPOINTS_LISTED];
	struct checkpoint none = { 0 };
	char path[NODE_RIG_PATH_MAX];
	struct stat st;
	assert_int_equal(checkpoint_copy(dir, &store, &none), SK_ESTATE); /* no input yet */
	assert_int_equal(list(UINT64_MAX, found), 0);
	step();
	step();
	uint64_t there = digest();
	uint64_t sequence = committed();
	struct checkpoint c = make();
	step();
	assert_int_equal(list(sequence, found), 1);
	assert_memory_equal(&found[0], &c, sizeof(c));
	assert_int_equal(c.facts.pos.next_sequence, sequence + 1);
	assert_true(c.facts.pos.batch >= 2);
	assert_int_equal(c.facts.pos.at.segment, 1);
	assert_int_equal(c.facts.digest, there);
	assert_int_not_equal(c.facts.digest, digest());
	assert_string_equal(c.facts.daemon, "intake");
	assert_int_equal(c.core_version, 3);
	assert_int_equal(c.facts.time_ms, START_MS);
	assert_int_equal(list(sequence - 1, found),
			 0); /* of a future that this store does not know */
	checkpoint_path(&c, "data.mdb", path);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	checkpoint_path(&c, "lock.mdb", path);
	assert_int_not_equal(access(path, F_OK), 0);
}

static void test_checkpoint_killed_before_its_name_is_none(void **state)
{
	(void)state;
	struct checkpoint found[CHECKPOINTS_LISTED];
	struct checkpoint c;
	char path[NODE_RIG_PATH_MAX];
	step();
	copy(&c);
	path_in("new", "manifest", path);
	assert_int_equal(access(path, F_OK), 0); /* all is there but the name */
	assert_int_equal(list(UINT64_MAX, found), 0);
	assert_int_equal(checkpoint_clean(dir), SK_OK);
	path_in("new", "", path);
	assert_int_not_equal(access(path, F_OK), 0);
	copy(&c); /* and a leftover is in nobody's way */
	copy(&c);
	assert_int_equal(checkpoint_publish(dir, &c), SK_OK);
	assert_int_equal(list(UINT64_MAX, found), 1);
}

static void test_checkpoint_without_a_whole_manifest_is_none(void **state)
{
	(void)state;
	struct checkpoint found[CHECKPOINTS_LISTED];
	char path[NODE_RIG_PATH_MAX];
	char moved[NODE_RIG_PATH_MAX];
	struct stat st;
	step();
	struct checkpoint c = make();
	checkpoint_path(&c, "", path);
	path_in("00000000000000ff", "", moved);
	assert_int_equal(rename(path, moved), 0); /* under another's name */
	assert_int_equal(list(UINT64_MAX, found), 0);
	assert_int_equal(rename(moved, path), 0);
	assert_int_equal(list(UINT64_MAX, found), 1);
	checkpoint_path(&c, "manifest", path);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(truncate(path, st.st_size - 1), 0);
	assert_int_equal(list(UINT64_MAX, found), 0);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(list(UINT64_MAX, found), 0);
}

static void test_checkpoint_last_two_are_kept(void **state)
{
	(void)state;
	struct checkpoint found[CHECKPOINTS_LISTED];
	struct checkpoint c[4];
	char path[NODE_RIG_PATH_MAX];
	for (size_t i = 0; i < SK_LEN(c); i++) {
		step();
		c[i] = make();
	}
	assert_int_equal(list(UINT64_MAX, found), CHECKPOINTS_KEPT);
	assert_memory_equal(&found[0], &c[3], sizeof(c[3]));
	assert_memory_equal(&found[1], &c[2], sizeof(c[2]));
	path_in("old", "", path);
	assert_int_not_equal(access(path, F_OK), 0);
	now_ms += HOUR_MS; /* nothing new: the last one counts as made now */
	struct checkpoint again = make();
	assert_int_equal(list(UINT64_MAX, found), CHECKPOINTS_KEPT);
	assert_int_equal(found[0].made_ms, now_ms + 1);
	assert_int_equal(found[0].facts.digest, again.facts.digest);
	assert_memory_equal(&found[1], &c[2], sizeof(c[2]));
}

/* --- together --- */

static void expect_replay(const struct checkpoint *c, uint64_t records, uint64_t end)
{
	char path[NODE_RIG_PATH_MAX];
	struct replay_report r;
	struct store st;
	checkpoint_path(c, "", path);
	struct store_conf sc = { .dir = path, .map_bytes = MAP_BYTES };
	assert_int_equal(store_open(&st, &sc), SK_OK);
	int err = engine_replay(&st, &service, &port, &ec, &r);
	store_close(&st);
	assert_int_equal(err, SK_OK);
	assert_int_equal(r.first_bad_sequence, 0);
	assert_int_equal(r.records, records);
	assert_int_equal(r.digest, end);
}

static void test_checkpoint_replay_of_a_trimmed_journal_is_the_same(void **state)
{
	(void)state;
	char path[NODE_RIG_PATH_MAX];
	struct replay_report r;
	struct store st;
	fill_to(3);
	struct checkpoint older = make();
	fill_to(4);
	struct checkpoint later = make();
	fill_to(5);
	engine_keep_from(engine, older.facts.pos.at.segment);
	turns_at(now_ms + 100 * DAY_MS);
	expect_segments(3, 5);
	step();
	uint64_t end = digest();
	uint64_t sequence = committed();
	kill_engine();
	open_engine(); /* recovery does not miss what is gone */
	assert_int_equal(digest(), end);
	assert_int_equal(committed(), sequence);
	expect_replay(&older, sequence + 1 - older.facts.pos.next_sequence, end);
	expect_replay(&later, sequence + 1 - later.facts.pos.next_sequence, end);
	/* One segment more, and the older one has nothing to stand on. */
	assert_int_equal(port.seg_remove(port.ctx, 3), SK_OK);
	checkpoint_path(&older, "", path);
	struct store_conf sc = { .dir = path, .map_bytes = MAP_BYTES };
	assert_int_equal(store_open(&st, &sc), SK_OK);
	assert_int_equal(engine_replay(&st, &service, &port, &ec, &r), SK_EFOREIGN);
	store_close(&st);
	expect_replay(&later, sequence + 1 - later.facts.pos.next_sequence, end);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_trim_without_a_checkpoint_removes_nothing),
		TEST(test_trim_at_and_past_the_age),
		TEST(test_trim_keeps_what_the_store_stands_on),
		TEST(test_trim_damaged_next_segment_keeps_the_oldest),
		TEST(test_checkpoint_says_where_it_stands),
		TEST(test_checkpoint_killed_before_its_name_is_none),
		TEST(test_checkpoint_without_a_whole_manifest_is_none),
		TEST(test_checkpoint_last_two_are_kept),
		TEST(test_checkpoint_replay_of_a_trimmed_journal_is_the_same),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
