/* SPDX-License-Identifier: EUPL-1.2 */
#include "services/gateway/out_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void out_target_name(enum out_kind kind, const char *to, char ret_name[OUT_TARGET_NAME_MAX + 1])
{
	const char *letter = kind == OUT_MAIL ? "m" : kind == OUT_TEXT ? "t" : "h";
	(void)snprintf(ret_name, OUT_TARGET_NAME_MAX + 1, "%s:%s", letter, to);
}

struct out_entry *out_entry_new(const struct out_row *row)
{
	struct out_entry *e = calloc(1, sizeof(*e));
	if (e != NULL) {
		e->seq = row->seq;
		e->created_ms = row->created_ms;
		e->next_ms = row->next_ms;
		e->attempts = row->attempts;
		e->kind = row->kind;
	}
	return e;
}

struct out_target *out_index_target(struct outbox *o, const char *name)
{
	struct out_target *t = NULL;
	HASH_FIND_STR(o->targets, name, t);
	return t;
}

bool out_index_add(struct outbox *o, struct out_entry *e, const char *to)
{
	char name[OUT_TARGET_NAME_MAX + 1];
	out_target_name(e->kind, to, name);
	struct out_target *t = out_index_target(o, name);
	if (t == NULL) {
		t = calloc(1, sizeof(*t));
		if (t == NULL) {
			return false;
		}
		(void)snprintf(t->name, sizeof(t->name), "%s", name);
		HASH_ADD_STR(o->targets, name, t);
	}
	e->target = t;
	e->next = NULL;
	if (t->last == NULL) {
		t->first = e;
	} else {
		t->last->next = e;
	}
	t->last = e;
	t->len++;
	o->counts.waiting[e->kind]++;
	return true;
}

void out_index_del(struct outbox *o, struct out_entry *e)
{
	struct out_target *t = e->target;
	struct out_entry *before = NULL;
	for (struct out_entry *at = t->first; at != e; at = at->next) {
		before = at;
	}
	if (before == NULL) {
		t->first = e->next;
	} else {
		before->next = e->next;
	}
	if (t->last == e) {
		t->last = before;
	}
	t->len--;
	o->counts.waiting[e->kind]--;
	if (e->busy) {
		t->busy = false;
	}
	free(e);
}

struct out_entry *out_index_find(struct outbox *o, uint64_t seq)
{
	struct out_target *t = NULL;
	struct out_target *next = NULL;
	HASH_ITER (hh, o->targets, t, next) {
		for (struct out_entry *e = t->first; e != NULL; e = e->next) {
			if (e->seq == seq) {
				return e;
			}
		}
	}
	return NULL;
}

/* A webhook gets its calls in order, so only its first counts; of mails and texts any may go. */
static struct out_entry *target_due(const struct out_target *t, uint64_t now_ms,
				    uint64_t *io_again_ms)
{
	bool ordered = t->name[0] == 'h';
	if (t->busy || t->first == NULL) {
		return NULL;
	}
	for (struct out_entry *e = t->first; e != NULL; e = ordered ? NULL : e->next) {
		uint64_t at = e->next_ms > t->not_before_ms ? e->next_ms : t->not_before_ms;
		if (at <= now_ms) {
			return e;
		}
		*io_again_ms = at < *io_again_ms ? at : *io_again_ms;
	}
	return NULL;
}

struct out_entry *out_index_due(struct outbox *o, uint64_t now_ms, uint64_t *io_again_ms)
{
	struct out_target *t = NULL;
	struct out_target *next = NULL;
	HASH_ITER (hh, o->targets, t, next) {
		if (t->len == 0 && !t->busy && t->not_before_ms <= now_ms) {
			HASH_DEL(o->targets, t);
			free(t);
			continue;
		}
		struct out_entry *e = target_due(t, now_ms, io_again_ms);
		if (e != NULL) {
			/* To the end of the line: a busy target does not starve the others. */
			HASH_DEL(o->targets, t);
			HASH_ADD_STR(o->targets, name, t);
			return e;
		}
	}
	return NULL;
}

void out_index_free(struct outbox *o)
{
	struct out_target *t = o->targets;
	HASH_CLEAR(hh, o->targets);
	while (t != NULL) {
		struct out_target *next = t->hh.next;
		for (struct out_entry *e = t->first; e != NULL;) {
			struct out_entry *after = e->next;
			free(e);
			e = after;
		}
		free(t);
		t = next;
	}
}
