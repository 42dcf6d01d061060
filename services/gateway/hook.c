/* SPDX-License-Identifier: EUPL-1.2 */
#include "services/gateway/hook_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/logging.h"

/* --- rows; under the lock --- */

struct hook *hook_find(struct hooks *h, const char *id)
{
	for (size_t i = 0; i < HOOKS_MAX && id[0] != '\0'; i++) {
		if (strcmp(h->hook[i].id, id) == 0) {
			return &h->hook[i];
		}
	}
	return NULL;
}

static struct key row_key(const struct hook *k)
{
	struct key key = { 0 };
	key_bytes(&key, k->id, HOOK_ID_LEN);
	return key;
}

static int put_row(struct store_txn *txn, const struct hook *k)
{
	struct key key = row_key(k);
	char *text = hook_row_text(k);
	if (text == NULL) {
		return SK_ENOMEM;
	}
	store_put(txn, OUT_TABLE_HOOK, &key, (struct slice){ text, strlen(text) });
	free(text);
	return txn->err;
}

int hook_save(struct hooks *h, const struct hook *k)
{
	struct out_batch b;
	int err = out_begin(h->o, &b);
	if (err != SK_OK) {
		return err;
	}
	err = put_row(&b.txn, k);
	if (err != SK_OK) {
		out_abort(&b);
		return err;
	}
	return out_commit(&b);
}

int hook_delete(struct hooks *h, struct hook *k)
{
	struct out_batch b;
	struct key key = row_key(k);
	int err = out_begin(h->o, &b);
	if (err != SK_OK) {
		return err;
	}
	store_del(&b.txn, OUT_TABLE_HOOK, &key);
	err = out_commit(&b);
	if (err == SK_OK) {
		*k = (struct hook){ 0 };
	}
	return err;
}

/* A row that cannot be written now is written with the next flush: `moved` stays. */
void hook_end(struct hooks *h, struct hook *k, enum hook_reason reason)
{
	k->state = HOOK_ENDED;
	k->reason = reason;
	k->ended_ms = out_now_ms();
	k->moved = hook_save(h, k) != SK_OK;
	svc_log(LOG_WARNING, "hook-end", "subscription=%s party=%s reason=%s", k->id, k->party,
		hook_reason_word[reason]);
}

int hook_add(struct hooks *h, const struct hook *fresh)
{
	struct out_batch b;
	struct out_item ask = { .kind = OUT_HANDSHAKE, .to = fresh->id };
	struct hook *place = NULL;
	for (size_t i = 0; i < HOOKS_MAX && place == NULL; i++) {
		place = h->hook[i].id[0] == '\0' ? &h->hook[i] : NULL;
	}
	if (place == NULL) {
		return SK_EFULL;
	}
	int err = out_begin(h->o, &b);
	if (err != SK_OK) {
		return err;
	}
	err = put_row(&b.txn, fresh);
	err = err == SK_OK ? out_add(&b, &ask) : err;
	if (err != SK_OK) {
		out_abort(&b);
		return err;
	}
	err = out_commit(&b);
	if (err == SK_OK) {
		*place = *fresh;
	}
	return err;
}

/* --- opening --- */

static int read_rows(struct hooks *h)
{
	struct out_batch b;
	struct store_iter it;
	struct key none = { 0 };
	struct key key;
	struct slice val;
	size_t len = 0;
	int err = out_begin(h->o, &b);
	if (err != SK_OK) {
		return err;
	}
	store_iter_init(&it, &b.txn, OUT_TABLE_HOOK, &none);
	while (err == SK_OK && store_next(&it, &key, &val)) {
		if (len == HOOKS_MAX || !hook_row_read(val, &h->hook[len])) {
			err = SK_ECORRUPT;
			break;
		}
		/* It gets again what was on its way to the store when we were killed. */
		h->hook[len].behind = true;
		len++;
	}
	store_iter_done(&it);
	err = err == SK_OK ? b.txn.err : err;
	out_abort(&b);
	return err;
}

static void on_tick(void *arg, uint64_t now_ms);

int hooks_open(struct outbox *o, const struct hook_conf *conf, struct hooks **ret_hooks)
{
	struct hooks *h = calloc(1, sizeof(*h));
	if (h == NULL) {
		return SK_ENOMEM;
	}
	struct out_hook_ops ops = hook_ops;
	ops.arg = h;
	h->o = o;
	h->sees = conf->sees;
	h->hosts = strdup(conf->hosts);
	(void)snprintf(h->origin, sizeof(h->origin), "%s", conf->origin);
	int err = h->hosts == NULL ? SK_ENOMEM : SK_OK;
	if (err == SK_OK && pthread_mutex_init(&h->lock, NULL) != 0) {
		err = SK_ESYS;
	}
	err = err == SK_OK ? read_rows(h) : err;
	if (err != SK_OK) {
		free(h->hosts);
		free(h);
		return err;
	}
	out_hooks(o, &ops);
	out_on_tick(o, on_tick, h);
	*ret_hooks = h;
	return SK_OK;
}

static void pending_clear(struct hooks *h)
{
	for (size_t i = 0; i < h->pending_len; i++) {
		free(h->pending[i].json);
		struct hook *k = hook_find(h, h->pending[i].id);
		if (k != NULL) {
			k->pending = 0;
		}
	}
	h->pending_len = 0;
}

void hooks_close(struct hooks *h)
{
	if (h != NULL) {
		pending_clear(h);
		(void)pthread_mutex_destroy(&h->lock);
		free(h->hosts);
		free(h);
	}
}

void hooks_conf_applied(struct hooks *h, const struct conf *c)
{
	(void)pthread_mutex_lock(&h->lock);
	for (size_t i = 0; i < HOOKS_MAX; i++) {
		struct hook *k = &h->hook[i];
		const struct conf_party *p = k->id[0] == '\0' ? NULL : conf_party(c, k->party);
		k->roles_now = p == NULL ? 0 : k->roles & p->roles;
		if (k->id[0] != '\0' && k->state != HOOK_ENDED && k->roles_now == 0) {
			hook_end(h, k, HOOK_PARTY_GONE);
		}
	}
	(void)pthread_mutex_unlock(&h->lock);
}

/* --- handing over --- */

static bool wants_type(const struct hook *k, const char *type)
{
	for (size_t i = 0; i < k->types_len; i++) {
		size_t len = strlen(k->types[i]);
		bool family = len >= 2 && strcmp(k->types[i] + len - 2, ".*") == 0;
		if (family ? strncmp(k->types[i], type, len - 1) == 0 :
			     strcmp(k->types[i], type) == 0) {
			return true;
		}
	}
	return k->types_len == 0;
}

static bool wants(const struct hooks *h, const struct hook *k, const struct hook_event *e)
{
	struct who who = { .known = true, .roles = k->roles_now };
	name_copy(who.party, k->party);
	return wants_type(k, e->type) && h->sees(&who, e->event);
}

/* @return false: there is no room, neither here nor in the outbox. */
static bool take(struct hooks *h, struct hook *k, const struct hook_event *e)
{
	if (h->pending_len == HOOK_PENDING_MAX || out_room(h->o, k->id) <= k->pending) {
		return false;
	}
	char *json = malloc(e->json.len + 1);
	if (json == NULL) {
		return false;
	}
	struct hook_call *call = &h->pending[h->pending_len++];
	memcpy(json, e->json.data, e->json.len);
	json[e->json.len] = '\0';
	*call = (struct hook_call){ .cursor = e->cursor, .json = json, .len = e->json.len };
	memcpy(call->id, k->id, sizeof(call->id));
	k->pending++;
	return true;
}

static void offer(struct hooks *h, struct hook *k, const struct hook_event *e)
{
	if (k->id[0] == '\0' || k->state == HOOK_ENDED || k->behind || e->cursor <= k->cursor) {
		return;
	}
	if (wants(h, k, e) && !take(h, k, e)) {
		k->behind = true;
		return;
	}
	k->cursor = e->cursor;
	k->moved = true;
}

/* Calls and cursors in one transaction: an event is never handed over twice, nor passed over. */
static int flush(struct hooks *h)
{
	struct out_batch b;
	char cursor[24];
	int err = out_begin(h->o, &b);
	if (err != SK_OK) {
		return err;
	}
	for (size_t i = 0; i < h->pending_len && err == SK_OK; i++) {
		const struct hook_call *call = &h->pending[i];
		(void)snprintf(cursor, sizeof(cursor), "%llu", (unsigned long long)call->cursor);
		const struct hook *k = hook_find(h, call->id);
		struct out_item item = { .kind = OUT_HOOK,
					 .to = call->id,
					 .subject = cursor,
					 .body = { call->json, call->len } };
		if (k != NULL && k->state != HOOK_ENDED) {
			err = out_add(&b, &item);
		}
	}
	for (size_t i = 0; i < HOOKS_MAX && err == SK_OK; i++) {
		if (h->hook[i].id[0] != '\0' && h->hook[i].moved) {
			err = put_row(&b.txn, &h->hook[i]);
		}
	}
	if (err != SK_OK) {
		out_abort(&b);
		return err;
	}
	err = out_commit(&b);
	for (size_t i = 0; i < HOOKS_MAX && err == SK_OK; i++) {
		h->hook[i].moved = false;
	}
	if (err == SK_OK) {
		pending_clear(h);
	}
	return err;
}

static bool has_work(const struct hooks *h)
{
	bool work = h->pending_len > 0;
	for (size_t i = 0; i < HOOKS_MAX && !work; i++) {
		work = h->hook[i].moved;
	}
	return work;
}

void hook_offer(struct hooks *h, const struct hook_event *e)
{
	SK_ASSERT(e->json.len <= OUT_BODY_MAX); /* events hold codes and ids, no lists */
	(void)pthread_mutex_lock(&h->lock);
	for (size_t i = 0; i < HOOKS_MAX; i++) {
		offer(h, &h->hook[i], e);
	}
	h->position = e->cursor > h->position ? e->cursor : h->position;
	int err = h->pending_len >= HOOK_FLUSH_AT ? flush(h) : SK_OK;
	(void)pthread_mutex_unlock(&h->lock);
	if (err != SK_OK) {
		svc_log(LOG_ERR, "hook-flush", "err=%s", sk_strerror(err));
	}
}

int hooks_flush(struct hooks *h)
{
	(void)pthread_mutex_lock(&h->lock);
	int err = has_work(h) ? flush(h) : SK_OK;
	(void)pthread_mutex_unlock(&h->lock);
	return err;
}

bool hooks_behind(struct hooks *h, uint64_t *ret_cursor)
{
	uint64_t from = UINT64_MAX;
	(void)pthread_mutex_lock(&h->lock);
	for (size_t i = 0; i < HOOKS_MAX; i++) {
		struct hook *k = &h->hook[i];
		if (k->id[0] != '\0' && k->state != HOOK_ENDED && k->behind &&
		    out_room(h->o, k->id) >= OUT_TARGET_MAX / 2) {
			k->behind = false;
			from = k->cursor < from ? k->cursor : from;
		}
	}
	(void)pthread_mutex_unlock(&h->lock);
	if (from != UINT64_MAX) {
		*ret_cursor = from;
	}
	return from != UINT64_MAX;
}

static void on_tick(void *arg, uint64_t now_ms)
{
	struct hooks *h = arg;
	int err = hooks_flush(h);
	(void)pthread_mutex_lock(&h->lock);
	for (size_t i = 0; i < HOOKS_MAX && err == SK_OK; i++) {
		struct hook *k = &h->hook[i];
		if (k->id[0] != '\0' && k->state == HOOK_ENDED &&
		    now_ms > k->ended_ms + HOOK_ENDED_KEEP_MS) {
			err = hook_delete(h, k);
		}
	}
	(void)pthread_mutex_unlock(&h->lock);
	if (err != SK_OK) {
		svc_log(LOG_ERR, "hook-flush", "err=%s", sk_strerror(err));
	}
}
