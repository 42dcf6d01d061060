/* SPDX-License-Identifier: EUPL-1.2 */
#include "services/cli/demo_world.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/words.h"

#define SLOTS_MIN 1024
#define STATE(NAME) SCHAKEL__V1__CONTRIBUTION_STATE__CONTRIBUTION_STATE_##NAME

/* --- ids --- */

/* Ids count up: their end tells them apart. */
static size_t place(const struct demo_ids *t, const struct object_id *id)
{
	uint64_t h = be64_read(id->b) ^ be64_read(id->b + 8) * 0x9e3779b97f4a7c15ULL;

	/* Mixed to the end: what counts up in the high bits must reach the low ones. */
	h = (h ^ (h >> 32)) * 0xbf58476d1ce4e5b9ULL;
	return (size_t)(h ^ (h >> 29)) & (t->cap - 1);
}

static size_t find(const struct demo_ids *t, const struct object_id *id)
{
	size_t at = place(t, id);

	while (t->slot[at].row != 0 && !object_id_equal(&t->slot[at].id, id)) {
		at = (at + 1) & (t->cap - 1);
	}
	return at;
}

static void grow(struct demo_ids *t)
{
	struct demo_ids old = *t;

	t->cap = old.cap == 0 ? SLOTS_MIN : 2 * old.cap;
	t->slot = calloc(t->cap, sizeof(*t->slot));
	SK_ASSERT(t->slot != NULL);
	for (size_t i = 0; i < old.cap; i++) {
		if (old.slot[i].row != 0) {
			t->slot[find(t, &old.slot[i].id)] = old.slot[i];
		}
	}
	free(old.slot);
}

void demo_ids_put(struct demo_ids *t, const struct object_id *id, uint32_t row)
{
	if (2 * (t->len + 1) > t->cap) {
		grow(t);
	}
	size_t at = find(t, id);
	t->len += t->slot[at].row == 0;
	t->slot[at].id = *id;
	t->slot[at].row = row + 1;
}

bool demo_ids_get(const struct demo_ids *t, const struct object_id *id, uint32_t *ret_row)
{
	size_t at = t->cap == 0 ? 0 : find(t, id);

	if (t->cap == 0 || t->slot[at].row == 0) {
		return false;
	}
	*ret_row = t->slot[at].row - 1;
	return true;
}

void demo_ids_done(struct demo_ids *t)
{
	free(t->slot);
	*t = (struct demo_ids){ 0 };
}

/* --- rows --- */

static void *row_find(const struct demo_rows *r, const ProtobufCBinaryData *data, size_t bytes)
{
	struct object_id id;
	uint32_t row;

	if (!object_id_from(data, &id) || !demo_ids_get(&r->ids, &id, &row)) {
		return NULL;
	}
	return (char *)r->list + row * bytes;
}

/* A new row is zeroed, but for its id in front. */
static void *row_add(struct demo_rows *r, const ProtobufCBinaryData *data, size_t bytes,
		     bool *ret_fresh)
{
	struct object_id id = { { 0 } };
	void *found = row_find(r, data, bytes);

	*ret_fresh = found == NULL;
	if (found != NULL) {
		return found;
	}
	(void)object_id_from(data, &id);
	if (r->len == r->cap) {
		r->cap = r->cap == 0 ? SLOTS_MIN : 2 * r->cap;
		r->list = realloc(r->list, r->cap * bytes);
		SK_ASSERT(r->cap < UINT32_MAX);
	}
	SK_ASSERT(r->list != NULL);
	demo_ids_put(&r->ids, &id, (uint32_t)r->len);
	char *fresh = (char *)r->list + r->len++ * bytes;
	memset(fresh, 0, bytes);
	memcpy(fresh, &id, sizeof(id));
	return fresh;
}

_Static_assert(offsetof(struct demo_request, id) == 0, "the id stands in front");
_Static_assert(offsetof(struct demo_need_row, id) == 0, "the id stands in front");
_Static_assert(offsetof(struct demo_share, id) == 0, "the id stands in front");

struct demo_request *demo_request_at(const struct demo_world *w, size_t row)
{
	return (struct demo_request *)w->requests.list + row;
}

struct demo_need_row *demo_need_at(const struct demo_world *w, size_t row)
{
	return (struct demo_need_row *)w->needs.list + row;
}

struct demo_share *demo_share_at(const struct demo_world *w, size_t row)
{
	return (struct demo_share *)w->shares.list + row;
}

uint32_t demo_request_row(const struct demo_world *w, const struct demo_request *r)
{
	return (uint32_t)(r - (const struct demo_request *)w->requests.list);
}

uint32_t demo_need_row_of(const struct demo_world *w, const struct demo_need_row *n)
{
	return (uint32_t)(n - (const struct demo_need_row *)w->needs.list);
}

struct demo_request *demo_request(struct demo_world *w, const ProtobufCBinaryData *id)
{
	return row_find(&w->requests, id, sizeof(struct demo_request));
}

struct demo_need_row *demo_need(struct demo_world *w, const ProtobufCBinaryData *id)
{
	return row_find(&w->needs, id, sizeof(struct demo_need_row));
}

struct demo_share *demo_share(struct demo_world *w, const ProtobufCBinaryData *id)
{
	return row_find(&w->shares, id, sizeof(struct demo_share));
}

struct demo_request *demo_request_add(struct demo_world *w, const ProtobufCBinaryData *id)
{
	bool fresh;
	struct demo_request *r = row_add(&w->requests, id, sizeof(*r), &fresh);

	if (fresh) {
		r->number = (uint32_t)w->requests.len;
	}
	return r;
}

struct demo_need_row *demo_need_add(struct demo_world *w, const ProtobufCBinaryData *id)
{
	bool fresh;
	struct demo_need_row *n = row_add(&w->needs, id, sizeof(*n), &fresh);

	if (fresh) {
		n->request = UINT32_MAX;
	}
	return n;
}

struct demo_share *demo_share_add(struct demo_world *w, const ProtobufCBinaryData *id)
{
	bool fresh;
	struct demo_share *s = row_add(&w->shares, id, sizeof(*s), &fresh);

	if (fresh) {
		s->request = UINT32_MAX;
		s->need = UINT32_MAX;
	}
	return s;
}

bool demo_of_crisis(const struct demo_need_row *n)
{
	const char *code = expertise_code(n->expertise);

	return code != NULL && strncmp(code, "CRISIS_", strlen("CRISIS_")) == 0;
}

struct demo_pool_row *demo_pool_row(struct demo_world *w, const char *name)
{
	for (size_t i = 0; i < w->pools_len; i++) {
		if (strcmp(w->pool[i].name, name) == 0) {
			return &w->pool[i];
		}
	}
	if (w->pools_len == DEMO_POOL_NAMES_MAX) {
		return NULL;
	}
	struct demo_pool_row *p = &w->pool[w->pools_len++];
	(void)snprintf(p->name, sizeof(p->name), "%s", name);
	return p;
}

/* --- figures --- */

static void count_request(struct demo_figures *f, const struct demo_request *r, uint64_t now_ms)
{
	bool answered = r->answered_ms != 0;
	bool in_time = answered && r->answered_ms <= r->due_ms;

	if (r->gate) {
		f->gate_open += r->open;
		return;
	}
	f->calls++;
	f->searches += !r->consult;
	f->crises += r->crisis;
	f->unheld += r->unheld;
	f->open += r->open;
	f->answered += answered;
	f->in_time += in_time;
	f->late += !in_time && (answered || (r->open && r->due_ms != 0 && r->due_ms < now_ms));
}

static void count_pool(struct demo_figures *f, const struct demo_pool_row *p)
{
	bool confirmed = p->state == SCHAKEL__V1__POOL_STATE__POOL_STATE_CONFIRMED;
	uint32_t free_now = confirmed ? p->free : 0;

	f->unconfirmed += p->state == SCHAKEL__V1__POOL_STATE__POOL_STATE_UNCONFIRMED;
	if (p->unit == SCHAKEL__V1__UNIT__UNIT_HOURS_WEEK) {
		f->hours += free_now;
	} else if (p->unit == SCHAKEL__V1__UNIT__UNIT_CONSULT) {
		f->talks += free_now;
	} else {
		f->places += free_now;
	}
}

struct demo_figures demo_figures(const struct demo_world *w, uint64_t now_ms)
{
	struct demo_figures f = { 0 };

	for (size_t i = 0; i < w->requests.len; i++) {
		count_request(&f, demo_request_at(w, i), now_ms);
	}
	for (size_t i = 0; i < w->needs.len; i++) {
		f.waiting += demo_need_at(w, i)->waiting;
	}
	for (size_t i = 0; i < w->shares.len; i++) {
		PB(ContributionState) st = demo_share_at(w, i)->state;
		f.asks += st == STATE(ASKED) || st == STATE(CAN_IF);
		f.running += st == STATE(STARTED) || st == STATE(INTERRUPTED) ||
			     st == STATE(HANDING_ON);
		f.started += demo_share_at(w, i)->started_once;
	}
	for (size_t i = 0; i < w->pools_len; i++) {
		count_pool(&f, &w->pool[i]);
	}
	return f;
}

void demo_world_done(struct demo_world *w)
{
	struct demo_rows *rows[] = { &w->requests, &w->needs, &w->shares };

	for (size_t i = 0; i < SK_LEN(rows); i++) {
		demo_ids_done(&rows[i]->ids);
		free(rows[i]->list);
	}
	*w = (struct demo_world){ 0 };
}
