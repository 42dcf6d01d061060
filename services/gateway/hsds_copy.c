/* SPDX-License-Identifier: EUPL-1.2 */
/* The directory of all, kept for a moment: whoever reads it by the page makes no daemon walk
 * through the whole for each of them. */
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <sodium.h>

#include "services/gateway/gate.h"
#include "services/gateway/hsds.h"
#include "services/gateway/hsds_copy.h"
#include "services/gateway/hsds_export.h"
#include "services/gateway/http_private.h"

#define ASKS_MAX 2000 /* a daemon that never ends its list is not followed for ever */
#define KEPT_MS 2000
#define KEPT_MAX 5000 /* services; a larger directory is read anew each time */
#define READING_S 2   /* how long one waits for another that reads it already */

struct copy {
	json_t *all; /* nobody changes it */
	const struct conf *conf;
	unsigned generation;
	uint64_t made_ms;
	char tag[HSDS_TAG_TEXT];
};

static pthread_mutex_t copy_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t read_lock = PTHREAD_MUTEX_INITIALIZER; /* one reads at a time */
static struct copy kept;
static atomic_uint generation;

void hsds_copy_is_old(void)
{
	(void)atomic_fetch_add(&generation, 1);
}

static void add_items(struct web *w, const PB(DirectoryView) *v, json_t *all)
{
	for (size_t i = 0; i < v->n_items; i++) {
		json_t *doc = hsds_service(w->conf, v->items[i]);
		if (doc != NULL) {
			(void)json_array_append_new(all, doc);
		}
	}
}

/* Who runs the daemon is asked for the next page by the key that it gave. */
static int directory_page(struct web *w, json_t *all, uint8_t after[KEY_LEN_MAX], size_t *io_len)
{
	PB(QueryDirectory) q = SCHAKEL__V1__QUERY_DIRECTORY__INIT;
	PB(Message) m = SCHAKEL__V1__MESSAGE__INIT;
	PB(Message) *answer = NULL;
	size_t mark = w->arena.used_bytes;

	q.limit = 50;
	q.after = (ProtobufCBinaryData){ *io_len, after };
	m.body_case = SCHAKEL__V1__MESSAGE__BODY_QUERY_DIRECTORY;
	m.query_directory = &q;
	int err = web_ask(w, "matching", &m, &answer);
	if (err != SK_OK) {
		return err;
	}
	if (answer->body_case != SCHAKEL__V1__MESSAGE__BODY_DIRECTORY_VIEW ||
	    answer->directory_view->next.len > KEY_LEN_MAX) {
		return SK_EPROTO;
	}
	add_items(w, answer->directory_view, all);
	*io_len = answer->directory_view->next.len;
	if (*io_len > 0) {
		memcpy(after, answer->directory_view->next.data, *io_len);
	}
	arena_rewind(&w->arena, mark);
	return SK_OK;
}

/* @return NULL: answered. */
static json_t *read_services(struct web *w)
{
	json_t *all = json_array();
	uint8_t after[KEY_LEN_MAX];
	size_t len = 0;
	unsigned asks = 0;
	int err;

	do {
		err = directory_page(w, all, after, &len);
	} while (err == SK_OK && len > 0 && ++asks < ASKS_MAX);
	if (err == SK_OK) {
		return all;
	}
	json_decref(all);
	if (w->answer.status == 0) {
		static const struct problem p = { 503, "UNREACHABLE", NULL,
						  "de gids is nu niet te lezen; probeer het zo "
						  "dadelijk opnieuw",
						  "the directory cannot be read now; try again in "
						  "a moment" };
		web_problem(w, &p);
	}
	return NULL;
}

static json_t *find_copy(const struct web *w, char ret_tag[HSDS_TAG_TEXT])
{
	uint64_t now_ms = gate_wall_ms();
	json_t *all = NULL;

	(void)pthread_mutex_lock(&copy_lock);
	if (kept.all != NULL && kept.conf == w->conf &&
	    kept.generation == atomic_load(&generation) && kept.made_ms <= now_ms &&
	    now_ms - kept.made_ms < KEPT_MS) {
		all = json_incref(kept.all);
		memcpy(ret_tag, kept.tag, HSDS_TAG_TEXT);
	}
	(void)pthread_mutex_unlock(&copy_lock);
	return all;
}

static void tag_of(const json_t *all, char ret_tag[HSDS_TAG_TEXT])
{
	char *text = json_dumps(all, JSON_COMPACT);
	uint8_t sum[16] = { 0 };

	if (text != NULL) {
		(void)crypto_generichash(sum, sizeof(sum), (const uint8_t *)text, strlen(text),
					 NULL, 0);
	}
	free(text);
	(void)sodium_bin2hex(ret_tag, HSDS_TAG_TEXT, sum, sizeof(sum));
}

static void keep_copy(const struct copy *fresh)
{
	if (json_array_size(fresh->all) > KEPT_MAX) {
		return;
	}
	(void)pthread_mutex_lock(&copy_lock);
	json_decref(kept.all);
	kept = *fresh;
	(void)json_incref(kept.all);
	(void)pthread_mutex_unlock(&copy_lock);
}

static bool begin_reading(struct web *w)
{
	struct timespec until = { 0 };

	(void)clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += READING_S;
	if (pthread_mutex_timedlock(&read_lock, &until) == 0) {
		return true;
	}
	web_busy(w);
	return false;
}

json_t *hsds_copy(struct web *w, char ret_tag[HSDS_TAG_TEXT])
{
	w->who = (struct who){ .party = CONF_GATEWAY };
	json_t *all = find_copy(w, ret_tag);
	if (all != NULL || !begin_reading(w)) {
		return all;
	}
	all = find_copy(w, ret_tag);
	if (all == NULL) {
		struct copy fresh = { .conf = w->conf,
				      .generation = atomic_load(&generation),
				      .made_ms = gate_wall_ms() };
		all = fresh.all = read_services(w);
		if (all != NULL) {
			tag_of(all, fresh.tag);
			memcpy(ret_tag, fresh.tag, HSDS_TAG_TEXT);
			keep_copy(&fresh);
		}
	}
	(void)pthread_mutex_unlock(&read_lock);
	return all;
}
