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
	char *notice = NULL;
	struct hook *place = NULL;
	for (size_t i = 0; i < HOOKS_MAX && place == NULL; i++) {
		place = h->hook[i].id[0] == '\0' ? &h->hook[i] : NULL;
	}
	if (place == NULL) {
		return SK_EFULL;
	}
	if (fresh->payload != HOOK_CLOUDEVENT) {
		notice = fhir_notice(fresh, NULL);
		if (notice == NULL) {
			return SK_ENOMEM;
		}
		ask.kind = OUT_HOOK;
		ask.subject = fresh->place;
		ask.body = (struct slice){ notice, strlen(notice) };
	}
	int err = out_begin(h->o, &b);
	if (err != SK_OK) {
		free(notice);
		return err;
	}
	err = put_row(&b.txn, fresh);
	err = err == SK_OK ? out_add(&b, &ask) : err;
	free(notice);
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
	h->feed = conf->feed;
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

static bool take(struct hooks *h, struct hook *k, const struct hook_event *e)
{
	k->told++;
	char *json = k->payload == HOOK_CLOUDEVENT ? strdup(e->json) : fhir_notice(k, e->json);
	if (json == NULL) {
		k->told--;
		return false;
	}
	struct hook_call *call = &h->pending[h->pending_len++];
	*call = (struct hook_call){ .json = json };
	memcpy(call->id, k->id, sizeof(call->id));
	memcpy(call->place, k->place, sizeof(call->place));
	k->pending++;
	return true;
}

/* @return false: nothing more of the feed for this one now. */
static bool read_one(struct hooks *h, struct hook *k)
{
	struct who who = { .known = true, .roles = k->roles_now };
	struct hook_event e = { 0 };
	char before[HOOK_PLACE_MAX];
	memcpy(before, k->place, sizeof(before));
	name_copy(who.party, k->party);
	int got = h->feed.next(h->feed.arg, &who, k->place, &e);
	if (got < 0 && !k->gap) {
		k->gap = true;
		svc_log(LOG_WARNING, "hook-gap", "subscription=%s", k->id);
	}
	if (got > 0 && wants_type(k, e.type)) {
		SK_ASSERT(strlen(e.json) <= OUT_BODY_MAX); /* codes and ids, no lists */
		if (!take(h, k, &e)) {
			memcpy(k->place, before, sizeof(before));
			return false;
		}
	}
	k->moved = k->moved || strcmp(before, k->place) != 0;
	return got != 0;
}

static void read_feed(struct hooks *h, struct hook *k)
{
	size_t room = out_room(h->o, k->id);
	for (size_t i = 0; i < HOOK_TURN_MAX; i++) {
		if (k->pending >= room || h->pending_len == HOOK_PENDING_MAX || !read_one(h, k)) {
			return;
		}
	}
}

/* Calls and places in one transaction: an event is never handed over twice, nor passed over. */
static int flush(struct hooks *h)
{
	struct out_batch b;
	int err = out_begin(h->o, &b);
	if (err != SK_OK) {
		return err;
	}
	for (size_t i = 0; i < h->pending_len && err == SK_OK; i++) {
		const struct hook_call *call = &h->pending[i];
		const struct hook *k = hook_find(h, call->id);
		struct out_item item = { .kind = OUT_HOOK,
					 .to = call->id,
					 .subject = call->place,
					 .body = { call->json, strlen(call->json) } };
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

static int turn(struct hooks *h, uint64_t now_ms)
{
	bool work = false;
	int err = SK_OK;
	for (size_t i = 0; i < HOOKS_MAX && err == SK_OK; i++) {
		struct hook *k = &h->hook[i];
		if (k->id[0] == '\0') {
			continue;
		}
		if (k->state != HOOK_ENDED) {
			read_feed(h, k);
		} else if (now_ms > k->ended_ms + HOOK_ENDED_KEEP_MS) {
			err = hook_delete(h, k);
		}
		work = work || k->moved || k->pending > 0;
	}
	return err == SK_OK && work ? flush(h) : err;
}

static void on_tick(void *arg, uint64_t now_ms)
{
	struct hooks *h = arg;
	(void)pthread_mutex_lock(&h->lock);
	int err = turn(h, now_ms);
	(void)pthread_mutex_unlock(&h->lock);
	if (err != SK_OK) {
		svc_log(LOG_ERR, "hook-flush", "err=%s", sk_strerror(err));
	}
}
