/* SPDX-License-Identifier: EUPL-1.2 */
#include "tests/sim/map64.h"

#include <stdlib.h>
#include <string.h>

#include "common/err.h"

void *sim_alloc(size_t bytes)
{
	void *p = calloc(1, bytes == 0 ? 1 : bytes);

	SK_ASSERT(p != NULL);
	return p;
}

void *sim_grow(void *p, size_t bytes)
{
	void *q = realloc(p, bytes);

	SK_ASSERT(q != NULL);
	return q;
}

void map64_done(struct map64 *m)
{
	free(m->key);
	free(m->val);
	*m = (struct map64){ 0 };
}

void map64_clear(struct map64 *m)
{
	if (m->cap > 0) {
		memset(m->key, 0, m->cap * sizeof(*m->key));
	}
	m->len = 0;
}

static size_t slot_of(const struct map64 *m, uint64_t key)
{
	size_t at = (size_t)key & (m->cap - 1);

	while (m->key[at] != 0 && m->key[at] != key) {
		at = (at + 1) & (m->cap - 1);
	}
	return at;
}

static void widen(struct map64 *m)
{
	struct map64 old = *m;

	m->cap = old.cap == 0 ? 64 : old.cap * 2;
	m->key = sim_alloc(m->cap * sizeof(*m->key));
	m->val = sim_alloc(m->cap * sizeof(*m->val));
	for (size_t i = 0; i < old.cap; i++) {
		if (old.key[i] != 0) {
			size_t at = slot_of(m, old.key[i]);
			m->key[at] = old.key[i];
			m->val[at] = old.val[i];
		}
	}
	free(old.key);
	free(old.val);
}

bool map64_get(const struct map64 *m, uint64_t key, uint64_t *ret_val)
{
	if (m->cap == 0) {
		return false;
	}
	key = key == 0 ? 1 : key;
	size_t at = slot_of(m, key);
	if (m->key[at] == 0) {
		return false;
	}
	*ret_val = m->val[at];
	return true;
}

bool map64_put(struct map64 *m, uint64_t key, uint64_t val, uint64_t *ret_old)
{
	if ((m->len + 1) * 2 > m->cap) {
		widen(m);
	}
	key = key == 0 ? 1 : key;
	size_t at = slot_of(m, key);
	bool there = m->key[at] != 0;
	if (there && ret_old != NULL) {
		*ret_old = m->val[at];
	}
	m->len += there ? 0 : 1;
	m->key[at] = key;
	m->val[at] = val;
	return there;
}

bool map64_del(struct map64 *m, uint64_t key, uint64_t *ret_old)
{
	if (m->cap == 0) {
		return false;
	}
	key = key == 0 ? 1 : key;
	size_t at = slot_of(m, key);
	if (m->key[at] == 0) {
		return false;
	}
	if (ret_old != NULL) {
		*ret_old = m->val[at];
	}
	m->key[at] = 0;
	m->len--;
	/* Those behind it may have been pushed on by it: put them in anew. */
	for (size_t i = (at + 1) & (m->cap - 1); m->key[i] != 0; i = (i + 1) & (m->cap - 1)) {
		uint64_t k = m->key[i], v = m->val[i];
		m->key[i] = 0;
		size_t to = slot_of(m, k);
		m->key[to] = k;
		m->val[to] = v;
	}
	return true;
}
