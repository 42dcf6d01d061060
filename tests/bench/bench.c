/* SPDX-License-Identifier: EUPL-1.2 */
#include "tests/bench/bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

const char *bench_arg(const struct bench *b, const char *name, const char *def)
{
	size_t len = strlen(name);

	for (int i = 0; i < b->argc; i++) {
		if (strncmp(b->argv[i], name, len) == 0 && b->argv[i][len] == '=') {
			return b->argv[i] + len + 1;
		}
	}
	return def;
}

uint64_t bench_number(const struct bench *b, const char *name, uint64_t def)
{
	const char *text = bench_arg(b, name, NULL);

	return text == NULL ? def : strtoull(text, NULL, 10);
}

int bench_fail(const char *what, const char *why)
{
	(void)fprintf(stderr, "%s: %s\n", what, why);
	return EXIT_FAILURE;
}

uint64_t bench_ns(void)
{
	struct timespec t;
	int rc = clock_gettime(CLOCK_MONOTONIC, &t);

	SK_ASSERT(rc == 0);
	return (uint64_t)t.tv_sec * NS_PER_S + (uint64_t)t.tv_nsec;
}

void samples_add(struct samples *s, uint64_t ns)
{
	if (s->len == s->cap) {
		size_t cap = s->cap == 0 ? 65536 : s->cap * 2;
		uint64_t *more = realloc(s->ns, cap * sizeof(*more));
		SK_ASSERT(more != NULL);
		s->ns = more;
		s->cap = cap;
	}
	s->ns[s->len++] = ns;
}

void samples_free(struct samples *s)
{
	free(s->ns);
	*s = (struct samples){ 0 };
}

static int by_size(const void *a, const void *b)
{
	const uint64_t *x = a;
	const uint64_t *y = b;

	return (*x > *y) - (*x < *y);
}

uint64_t samples_at(struct samples *s, double share)
{
	if (s->len == 0) {
		return 0;
	}
	qsort(s->ns, s->len, sizeof(*s->ns), by_size);
	size_t at = (size_t)(share * (double)s->len);
	return s->ns[at < s->len ? at : s->len - 1];
}

void samples_print(struct samples *s, uint64_t took_ns, const char *more)
{
	double seconds = (double)took_ns / 1e9;

	(void)printf("{\"n\":%zu,\"seconds\":%.3f,\"per_s\":%.1f", s->len, seconds,
		     seconds > 0 ? (double)s->len / seconds : 0);
	(void)printf(",\"p50_us\":%.1f,\"p99_us\":%.1f", (double)samples_at(s, 0.5) / 1e3,
		     (double)samples_at(s, 0.99) / 1e3);
	(void)printf(",\"p999_us\":%.1f,\"max_us\":%.1f%s%s}\n", (double)samples_at(s, 0.999) / 1e3,
		     (double)samples_at(s, 1.0) / 1e3, more[0] == '\0' ? "" : ",", more);
}
