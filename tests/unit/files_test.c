/* SPDX-License-Identifier: EUPL-1.2 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/files.h"
#include "tests/unit/node_rig.h"

#define SEGMENT_BYTES (1U << 20)
#define MAP_BYTES (64U << 20)

static struct node_rig rig;
static char dir[NODE_RIG_PATH_MAX];

static int set_up(void **state)
{
	(void)state;
	node_rig_init(&rig);
	node_rig_path(&rig, "data/intake", dir);
	struct files_new n = { .dir = dir,
			       .daemon = "intake",
			       .map_bytes = MAP_BYTES,
			       .segment_bytes = SEGMENT_BYTES,
			       .demo = true };
	return files_create(&n) == SK_OK ? 0 : 1;
}

static int tear_down(void **state)
{
	(void)state;
	node_rig_done(&rig);
	return 0;
}

static void open_files(struct files *f, struct port *port, uv_loop_t *loop)
{
	memset(port, 0, sizeof(*port));
	assert_int_equal(files_open(f, dir, SEGMENT_BYTES, loop), SK_OK);
	files_port(f, port);
}

static void in_dir(const char *name, char ret_path[NODE_RIG_PATH_MAX])
{
	int n = snprintf(ret_path, NODE_RIG_PATH_MAX, "%s/%s", dir, name);
	assert_true(n > 0 && n < NODE_RIG_PATH_MAX);
}

static void test_files_segment_is_zero_filled_and_listed(void **state)
{
	struct files f;
	struct port p;
	struct stat st;
	uint64_t first = 9;
	uint64_t last = 9;
	char path[NODE_RIG_PATH_MAX];
	static uint8_t got[SEGMENT_BYTES];
	static const uint8_t zero[SEGMENT_BYTES];
	(void)state;
	open_files(&f, &p, NULL);
	assert_int_equal(p.seg_list(&f, &first, &last), SK_OK);
	assert_int_equal(first, 0);
	assert_int_equal(last, 0);
	assert_int_equal(p.seg_make(&f, 1), SK_OK);
	assert_int_equal(p.seg_make(&f, 1), SK_OK);
	assert_int_equal(p.seg_make(&f, 0x1f), SK_OK);
	assert_int_equal(p.seg_list(&f, &first, &last), SK_OK);
	assert_int_equal(first, 1);
	assert_int_equal(last, 0x1f);
	in_dir("journal/seg-000000000000001f", path);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_size, SEGMENT_BYTES);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_true(st.st_blocks * 512 >= SEGMENT_BYTES); /* written, not a hole */
	assert_int_equal(p.seg_read(&f, 1, 0, got, sizeof(got)), SK_OK);
	assert_memory_equal(got, zero, sizeof(got));
	files_close(&f);
	files_close(&f); /* twice is once */
}

static void test_files_written_is_read_back_and_lasts(void **state)
{
	struct files f;
	struct port p;
	uint8_t got[8] = { 0 };
	(void)state;
	open_files(&f, &p, NULL);
	for (uint64_t seg = 1; seg <= 4; seg++) {
		assert_int_equal(p.seg_make(&f, seg), SK_OK);
	}
	for (uint64_t seg = 1; seg <= 4; seg++) {
		uint8_t v = (uint8_t)seg;
		assert_int_equal(p.seg_write(&f, seg, 4096, &v, 1), SK_OK);
		assert_int_equal(p.seg_flush(&f, seg), SK_OK);
	}
	files_close(&f);
	open_files(&f, &p, NULL);
	for (uint64_t seg = 4; seg >= 1; seg--) {
		assert_int_equal(p.seg_read(&f, seg, 4095, got, 3), SK_OK);
		assert_int_equal(got[0], 0);
		assert_int_equal(got[1], seg);
		assert_int_equal(got[2], 0);
	}
	assert_int_equal(p.seg_remove(&f, 1), SK_OK);
	assert_int_equal(p.seg_remove(&f, 1), SK_OK);
	assert_int_equal(p.seg_read(&f, 1, 0, got, 1), SK_ESYS);
	assert_int_equal(p.seg_write(&f, 1, 0, got, 1), SK_ESYS);
	assert_int_equal(p.seg_flush(&f, 1), SK_ESYS);
	files_close(&f);
}

/* A segment that grew would cost twice the flush; the last byte may be written, none behind it. */
static void test_files_write_and_read_at_and_past_the_end(void **state)
{
	struct files f;
	struct port p;
	uint8_t b[2] = { 1, 2 };
	(void)state;
	open_files(&f, &p, NULL);
	assert_int_equal(p.seg_make(&f, 1), SK_OK);
	assert_int_equal(p.seg_write(&f, 1, SEGMENT_BYTES - 2, b, 2), SK_OK);
	assert_int_equal(p.seg_write(&f, 1, SEGMENT_BYTES - 1, b, 2), SK_EINVAL);
	assert_int_equal(p.seg_write(&f, 1, UINT64_MAX, b, 2), SK_EINVAL);
	assert_int_equal(p.seg_read(&f, 1, SEGMENT_BYTES - 2, b, 2), SK_OK);
	assert_int_equal(p.seg_read(&f, 1, SEGMENT_BYTES - 1, b, 2), SK_ESYS);
	files_close(&f);
}

/* What a killed worker left is no segment, and in nobody's way. */
static void test_files_half_made_segment_is_ignored(void **state)
{
	static const char *const strange[] = { "seg-0000000000000001.new", "seg-1",
					       "seg-000000000000000G", "seg-00000000000000021",
					       "other" };
	struct files f;
	struct port p;
	uint64_t first = 9;
	uint64_t last = 9;
	uint8_t byte = 1;
	(void)state;
	for (size_t i = 0; i < SK_LEN(strange); i++) {
		char name[64];
		char path[NODE_RIG_PATH_MAX];
		(void)snprintf(name, sizeof(name), "journal/%s", strange[i]);
		in_dir(name, path);
		int fd = open(path, O_WRONLY | O_CREAT, 0600);
		assert_true(fd >= 0);
		assert_int_equal(write(fd, "junk", 4), 4);
		(void)close(fd);
	}
	open_files(&f, &p, NULL);
	assert_int_equal(p.seg_list(&f, &first, &last), SK_OK);
	assert_int_equal(first + last, 0);
	assert_int_equal(p.seg_make(&f, 1), SK_OK);
	assert_int_equal(p.seg_read(&f, 1, 0, &byte, 1), SK_OK);
	assert_int_equal(byte, 0);
	files_close(&f);
}

static void test_files_segment_ahead_is_waited_for(void **state)
{
	struct files f;
	struct port p;
	uv_loop_t loop;
	uint64_t first = 0;
	uint64_t last = 0;
	(void)state;
	assert_int_equal(uv_loop_init(&loop), 0);
	open_files(&f, &p, &loop);
	for (uint64_t seg = 1; seg <= 20; seg++) {
		p.seg_ahead(&f, seg);
		p.seg_ahead(&f, seg); /* under way already */
		if (seg % 2 == 0) {
			(void)uv_run(&loop, UV_RUN_DEFAULT);
		}
		assert_int_equal(p.seg_make(&f, seg), SK_OK);
		assert_int_equal(p.seg_list(&f, &first, &last), SK_OK);
		assert_int_equal(last, seg);
	}
	(void)uv_run(&loop, UV_RUN_DEFAULT);
	files_close(&f);
	assert_int_equal(uv_loop_close(&loop), 0);
}

/* The loop alone brings a segment that was asked for: nobody has to wait. */
static void test_files_segment_ahead_comes_by_itself(void **state)
{
	struct files f;
	struct port p;
	uv_loop_t loop;
	uint64_t first = 0;
	uint64_t last = 0;
	(void)state;
	assert_int_equal(uv_loop_init(&loop), 0);
	open_files(&f, &p, &loop);
	p.seg_ahead(&f, 7);
	(void)uv_run(&loop, UV_RUN_DEFAULT);
	assert_int_equal(p.seg_list(&f, &first, &last), SK_OK);
	assert_int_equal(last, 7);
	files_close(&f);
	assert_int_equal(uv_loop_close(&loop), 0);
}

/* A disk that refuses to take more: an error, no name, and the space is given back. */
static void test_files_segment_that_does_not_fit_leaves_nothing(void **state)
{
	int status = 0;
	(void)state;
	pid_t child = fork();
	if (child == 0) {
		struct files f;
		struct port p = { 0 };
		struct rlimit less = { SEGMENT_BYTES / 2, SEGMENT_BYTES / 2 };
		char path[NODE_RIG_PATH_MAX];
		uint64_t first = 0;
		uint64_t last = 0;
		(void)signal(SIGXFSZ, SIG_IGN);
		bool good = files_open(&f, dir, SEGMENT_BYTES, NULL) == SK_OK &&
			    setrlimit(RLIMIT_FSIZE, &less) == 0;
		files_port(&f, &p);
		in_dir("journal/seg-0000000000000001.new", path);
		good = good && p.seg_make(&f, 1) != SK_OK &&
		       p.seg_list(&f, &first, &last) == SK_OK && last == 0 &&
		       access(path, F_OK) != 0;
		_exit(good ? 0 : 1);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

static void test_files_segments_of_another_size_are_refused(void **state)
{
	struct files f;
	struct port p;
	(void)state;
	open_files(&f, &p, NULL);
	assert_int_equal(p.seg_make(&f, 1), SK_OK);
	files_close(&f);
	assert_int_equal(files_open(&f, dir, 2 * SEGMENT_BYTES, NULL), SK_ECONF);
	files_close(&f);
	open_files(&f, &p, NULL);
	files_close(&f);
}

static void test_files_node_that_was_not_made_is_not_opened(void **state)
{
	struct files f;
	char path[NODE_RIG_PATH_MAX];
	uint8_t key[STORE_KEY_LEN];
	(void)state;
	node_rig_path(&rig, "data/none", path);
	assert_int_equal(files_open(&f, path, SEGMENT_BYTES, NULL), SK_ENOENT);
	files_close(&f);
	assert_int_not_equal(access(path, F_OK), 0);
	assert_int_equal(files_store_key(path, key), SK_ENOENT);
}

static void test_files_clocks_and_disk_answer(void **state)
{
	struct files f;
	struct port p;
	(void)state;
	open_files(&f, &p, NULL);
	uint64_t boot = p.boot_ms(&f);
	assert_true(p.wall_ms(&f) > 1577836800000ULL); /* after 2019 */
	assert_true(p.boot_ms(&f) >= boot && boot > 0);
	assert_true(p.disk_free(&f) > SEGMENT_BYTES);
	assert_int_equal(p.flush_us_p50(&f), 0);
	assert_int_equal(p.seg_make(&f, 1), SK_OK);
	assert_int_equal(p.seg_write(&f, 1, 0, "x", 1), SK_OK);
	assert_int_equal(p.seg_flush(&f, 1), SK_OK);
	assert_true(p.flush_us_p50(&f) > 0);
	files_close(&f);
}

static void test_files_store_key_that_others_may_read_is_refused(void **state)
{
	uint8_t a[STORE_KEY_LEN];
	uint8_t b[STORE_KEY_LEN] = { 0 };
	char path[NODE_RIG_PATH_MAX];
	(void)state;
	assert_int_equal(files_store_key(dir, a), SK_OK);
	assert_memory_not_equal(a, b, sizeof(a));
	in_dir("store.key", path);
	assert_int_equal(chmod(path, 0604), 0);
	assert_int_equal(files_store_key(dir, a), SK_EAUTH);
	assert_int_equal(chmod(path, 0600), 0);
	assert_int_equal(truncate(path, STORE_KEY_LEN - 1), 0);
	assert_int_equal(files_store_key(dir, a), SK_ECORRUPT);
	assert_int_equal(truncate(path, STORE_KEY_LEN + 1), 0);
	assert_int_equal(files_store_key(dir, a), SK_ECORRUPT);
}

/* An attempt that was killed leaves a .new directory: the next attempt starts over. */
static void test_files_create_after_a_killed_attempt(void **state)
{
	char path[NODE_RIG_PATH_MAX];
	char temp[NODE_RIG_PATH_MAX];
	(void)state;
	node_rig_path(&rig, "data/second", path);
	node_rig_path(&rig, "data/second.new", temp);
	assert_int_equal(mkdir(temp, 0700), 0);
	node_rig_file(&rig, "data/second.new/store.key", "old");
	struct files_new n = { .dir = path,
			       .daemon = "waitlist",
			       .map_bytes = MAP_BYTES,
			       .segment_bytes = SEGMENT_BYTES };
	assert_int_equal(files_create(&n), SK_OK);
	assert_int_not_equal(access(temp, F_OK), 0);
	assert_int_equal(files_create(&n), SK_ESTATE);
	uint8_t key[STORE_KEY_LEN];
	assert_int_equal(files_store_key(path, key), SK_OK);
	node_rig_path(&rig, "absent/third", path);
	assert_int_not_equal(files_create(&n), SK_OK);
}

static void test_files_seen_is_read_back_or_refused(void **state)
{
	static const char *const bad[] = {
		"",
		"incarnation 1 00ff sequence 3",
		"incarnation 0 00ff sequence 3\n",
		"incarnation 1 00ff sequence 3\nmore\n",
		"incarnation x 00ff sequence 3\n",
		"incarnation 1 00ff\n",
	};
	char path[NODE_RIG_PATH_MAX];
	struct files_seen in = { { 7, 0xfedcba9876543210ULL }, 123456789012ULL };
	struct files_seen out = { { 1, 1 }, 1 };
	(void)state;
	node_rig_path(&rig, "incarnation/intake", path);
	assert_int_equal(files_seen_read(path, &out), SK_OK);
	assert_int_equal(out.incarnation.number, 0);
	assert_int_equal(files_seen_write(path, &in), SK_OK);
	assert_int_equal(files_seen_write(path, &in), SK_OK);
	assert_int_equal(files_seen_read(path, &out), SK_OK);
	assert_int_equal(out.incarnation.number, in.incarnation.number);
	assert_true(out.incarnation.nonce == in.incarnation.nonce);
	assert_true(out.sequence == in.sequence);
	for (size_t i = 0; i < SK_LEN(bad); i++) {
		node_rig_file(&rig, "incarnation/intake", bad[i]);
		assert_int_equal(files_seen_read(path, &out), SK_ECORRUPT);
	}
	node_rig_path(&rig, "absent/intake", path);
	assert_int_not_equal(files_seen_write(path, &in), SK_OK);
}

static void test_files_read_at_and_past_its_room(void **state)
{
	char path[NODE_RIG_PATH_MAX];
	char buf[8];
	size_t len = 0;
	(void)state;
	node_rig_file(&rig, "text", "12345678");
	node_rig_path(&rig, "text", path);
	assert_int_equal(files_read(path, buf, 8, &len), SK_OK);
	assert_int_equal(len, 8);
	assert_int_equal(files_read(path, buf, 7, &len), SK_EFULL);
	struct slice fresh = { "new", 3 };
	assert_int_equal(files_replace(path, 0640, fresh), SK_OK);
	struct stat st;
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0640);
	assert_int_equal(files_read(path, buf, 8, &len), SK_OK);
	assert_memory_equal(buf, "new", 3);
}

/* --- poison slot --- */

enum end { END_SEGV, END_ABORT, END_RAISED, END_KILL, END_STACK };

static int overflow(volatile int depth)
{
	volatile char room[4096];
	room[0] = (char)depth;
	return depth < 0 ? room[0] : overflow(depth + 1) + room[0];
}

static void end_by(enum end how)
{
	switch (how) {
	case END_SEGV: {
		volatile uintptr_t nowhere = 8; /* volatile: the compiler may not know */
		*(volatile int *)nowhere = 1;
		return;
	}
	case END_ABORT:
		abort();
	case END_RAISED:
		(void)raise(SIGBUS);
		return;
	case END_KILL:
		(void)kill(getpid(), SIGKILL);
		return;
	case END_STACK:
		(void)overflow(0);
		return;
	}
}

static int crash(enum end how, bool active)
{
	int status = 0;
	pid_t child = fork();
	if (child == 0) {
		struct files f;
		struct rlimit none = { 0, 0 };
		(void)setrlimit(RLIMIT_CORE, &none);
		for (int sig = 1; sig < 32; sig++) {
			(void)signal(sig, SIG_DFL); /* those of the test runner and sanitizers */
		}
		if (files_open(&f, dir, SEGMENT_BYTES, NULL) != SK_OK ||
		    files_watch_faults(f.slot) != SK_OK) {
			_exit(99);
		}
		f.slot->active = active ? 1 : 0;
		end_by(how);
		_exit(98);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status));
	return WTERMSIG(status);
}

static uint32_t crashes(void)
{
	struct files f;
	assert_int_equal(files_open(&f, dir, SEGMENT_BYTES, NULL), SK_OK);
	uint32_t n = f.slot->crashes;
	files_close(&f);
	return n;
}

/* Counted while a message is being stepped, also on an exhausted stack; then the usual end. */
static void test_files_crash_is_counted_while_a_message_is_stepped(void **state)
{
	(void)state;
	assert_int_equal(crashes(), 0);
	assert_int_equal(crash(END_SEGV, true), SIGSEGV);
	assert_int_equal(crashes(), 1);
	assert_int_equal(crash(END_ABORT, true), SIGABRT);
	assert_int_equal(crashes(), 2);
	assert_int_equal(crash(END_RAISED, true), SIGBUS);
	assert_int_equal(crashes(), 3);
	assert_int_equal(crash(END_STACK, true), SIGSEGV);
	assert_int_equal(crashes(), 4);
}

/* A crash outside a step, or a kill by somebody, says nothing about a message. */
static void test_files_kill_or_crash_between_steps_is_not_counted(void **state)
{
	(void)state;
	assert_int_equal(crash(END_SEGV, false), SIGSEGV);
	assert_int_equal(crash(END_KILL, true), SIGKILL);
	assert_int_equal(crashes(), 0);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		T(test_files_segment_is_zero_filled_and_listed),
		T(test_files_written_is_read_back_and_lasts),
		T(test_files_write_and_read_at_and_past_the_end),
		T(test_files_half_made_segment_is_ignored),
		T(test_files_segment_ahead_is_waited_for),
		T(test_files_segment_ahead_comes_by_itself),
		T(test_files_segment_that_does_not_fit_leaves_nothing),
		T(test_files_segments_of_another_size_are_refused),
		T(test_files_node_that_was_not_made_is_not_opened),
		T(test_files_clocks_and_disk_answer),
		T(test_files_store_key_that_others_may_read_is_refused),
		T(test_files_create_after_a_killed_attempt),
		T(test_files_seen_is_read_back_or_refused),
		T(test_files_read_at_and_past_its_room),
		T(test_files_crash_is_counted_while_a_message_is_stepped),
		T(test_files_kill_or_crash_between_steps_is_not_counted),
	};
#undef T
	return cmocka_run_group_tests(tests, NULL, NULL);
}
