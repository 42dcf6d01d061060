/* SPDX-License-Identifier: EUPL-1.2 */
/* Areas of memory: zeros, apart from each other, whole to their last byte, and a guard behind. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/pages.h"

#define ONE 100000U
#define TWO 65536U

static bool lay(struct pages *p, unsigned char *at[2])
{
	at[0] = pages_area(p, ONE);
	at[1] = pages_area(p, TWO);
	return at[0] != NULL;
}

static void test_pages_areas_are_zeros_and_apart(void **state)
{
	struct pages p = { 0 };
	unsigned char *at[2];
	(void)state;

	assert_false(lay(&p, at));
	assert_true(pages_map(&p));
	assert_true(lay(&p, at));
	assert_int_equal(p.bytes, p.mapped);
	for (size_t i = 0; i < ONE; i++) {
		assert_int_equal(at[0][i], 0);
	}
	memset(at[0], 1, ONE);
	memset(at[1], 2, TWO);
	assert_int_equal(at[0][ONE - 1], 1);
	assert_int_equal(at[1][0], 2);
	pages_unmap(&p);
	assert_null(p.base);
}

/* Who writes behind an area ends by a signal; seen in a process of its own. */
static void test_pages_behind_an_area_nobody_writes(void **state)
{
	struct pages p = { 0 };
	unsigned char *at[2];
	int status = 0;
	(void)state;

	(void)lay(&p, at);
	assert_true(pages_map(&p));
	assert_true(lay(&p, at));
	const pid_t child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		(void)close(STDERR_FILENO);
		((volatile unsigned char *)at[1])[TWO] = 1;
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status) || WEXITSTATUS(status) != 0);
	pages_unmap(&p);
}

static void test_pages_too_large_is_refused(void **state)
{
	struct pages p = { .bytes = SIZE_MAX / 4 };
	(void)state;

	assert_false(pages_map(&p));
	pages_unmap(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pages_areas_are_zeros_and_apart),
		cmocka_unit_test(test_pages_behind_an_area_nobody_writes),
		cmocka_unit_test(test_pages_too_large_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
