/* SPDX-License-Identifier: EUPL-1.2 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "services/gateway/assets.h"

#define FILE_BYTES_MAX (1U << 20)

/* Each file is found by its own path, and nothing else is. */
static void test_asset_find_by_path_only(void **state)
{
	(void)state;
	assert_true(asset_table_len > 10);
	for (size_t i = 0; i < asset_table_len; i++) {
		assert_ptr_equal(asset_find(asset_table[i].path), &asset_table[i]);
	}
	assert_non_null(asset_find("index.html"));
	assert_string_equal(asset_find("lib/api.js")->type, "text/javascript; charset=utf-8");
	assert_null(asset_find(""));
	assert_null(asset_find("lib"));
	assert_null(asset_find("lib/"));
	assert_null(asset_find("/index.html"));
	assert_null(asset_find("../page.sh"));
	assert_null(asset_find("vendor/SHA256SUMS"));
	assert_null(asset_find("vendor/SOURCE.md"));
}

/* The table is in order: a search by halves would miss what is not. */
static void test_asset_table_is_sorted(void **state)
{
	(void)state;
	for (size_t i = 1; i < asset_table_len; i++) {
		assert_true(strcmp(asset_table[i - 1].path, asset_table[i].path) < 0);
	}
}

/* Modules and style sheets of ours go out without comments and margin. */
static bool is_bared(const char *path)
{
	size_t len = strlen(path);

	return strncmp(path, "vendor/", 7) != 0 && len > 4 &&
	       (strcmp(path + len - 3, ".js") == 0 || strcmp(path + len - 4, ".css") == 0);
}

/* Each line is part of the same line of the file. */
static void assert_lines_of(const struct slice served, char *file)
{
	const char *at = (const char *)served.data;
	const char *end = at + served.len;

	for (char *line = file; line != NULL && *line != '\0';) {
		const char *stop = memchr(at, '\n', (size_t)(end - at));
		char *next = strchr(line, '\n');
		assert_non_null(stop);
		assert_non_null(next);
		assert_true(stop == at ||
			    memmem(line, (size_t)(next - line), at, (size_t)(stop - at)) != NULL);
		at = stop + 1;
		line = next + 1;
	}
	assert_ptr_equal(at, end);
}

/* What is embedded is what stands in the tree now: a file that changed is embedded anew. */
static void test_asset_plain_is_the_file(void **state)
{
	char *bytes = malloc(FILE_BYTES_MAX);
	char path[256];

	(void)state;
	assert_non_null(bytes);
	for (size_t i = 0; i < asset_table_len; i++) {
		const struct asset *a = &asset_table[i];
		(void)snprintf(path, sizeof(path), "services/gateway/page/%s", a->path);
		FILE *f = fopen(path, "rbe");
		if (f == NULL) {
			skip(); /* not run from the root of the tree */
		}
		size_t len = fread(bytes, 1, FILE_BYTES_MAX - 1, f);
		(void)fclose(f);
		bytes[len] = '\0';
		if (is_bared(a->path)) {
			assert_lines_of(a->plain, bytes);
			continue;
		}
		assert_int_equal(len, a->plain.len);
		assert_memory_equal(bytes, a->plain.data, len);
	}
	free(bytes);
}

/* The compressed form is gzip, bears no time (same input, same program) and is of the same file:
 * its last four bytes are the length. */
static void test_asset_gzip_is_of_the_same_file(void **state)
{
	(void)state;
	for (size_t i = 0; i < asset_table_len; i++) {
		const struct asset *a = &asset_table[i];
		const uint8_t *z = a->gzip.data;
		assert_true(a->gzip.len > 18);
		assert_int_equal(z[0], 0x1f);
		assert_int_equal(z[1], 0x8b);
		assert_int_equal(z[4] | z[5] | z[6] | z[7], 0);
		const uint8_t *end = z + a->gzip.len - 4;
		uint32_t len = (uint32_t)end[0] | (uint32_t)end[1] << 8 | (uint32_t)end[2] << 16 |
			       (uint32_t)end[3] << 24;
		assert_int_equal(len, a->plain.len);
	}
}

/* No two files have one tag, and each has the form that the header says. */
static void test_asset_etag_tells_files_apart(void **state)
{
	(void)state;
	for (size_t i = 0; i < asset_table_len; i++) {
		assert_int_equal(strspn(asset_table[i].etag, "0123456789abcdef"), 16);
		assert_int_equal(strlen(asset_table[i].etag), 16);
		for (size_t k = 0; k < i; k++) {
			assert_string_not_equal(asset_table[i].etag, asset_table[k].etag);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_asset_find_by_path_only),
		cmocka_unit_test(test_asset_table_is_sorted),
		cmocka_unit_test(test_asset_plain_is_the_file),
		cmocka_unit_test(test_asset_gzip_is_of_the_same_file),
		cmocka_unit_test(test_asset_etag_tells_files_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
