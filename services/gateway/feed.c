/* SPDX-License-Identifier: EUPL-1.2 */
#include "services/gateway/feed.h"

#include <stdlib.h>
#include <string.h>

#include <uv.h>

#include "common/logging.h"
#include "common/wire.h"
#include "services/gateway/feed_private.h"
#include "services/gateway/ws.h"

#define ITEM_ARENA_BYTES (256U << 10)
#define TAKE_MAX 512 /* events of one daemon in one turn of the loop */

/* --- one event, made ready once for all who read it --- */

void feed_item_free(struct feed_item *it)
{
	if (it != NULL) {
		free(it->json[false]);
		free(it->json[true]);
		arena_reset(&it->arena);
		free(it->arena.base);
		free(it);
	}
}

/* An event of a newer daemon: nobody sees it, and it is passed over. */
static void read_item(struct feed_item *it, struct slice message)
{
	struct wire_fault fault;
	PB(Message) *m = NULL;

	if (wire_decode(&it->arena, message, WIRE_TOLERANT, &m, &fault) == SK_OK &&
	    m->body_case == BODY(EVENT)) {
		it->message = m;
		it->event = m->event;
		event_type(m->event, it->type);
	}
}

json_t *feed_item_doc(const struct feed *f, const struct feed_item *it, bool reduced)
{
	struct event_source from = { f->node, f->daemon[it->daemon], it->incarnation,
				     it->sequence };

	return event_json(&from, it->message, reduced);
}

const char *feed_item_json(const struct feed *f, struct feed_item *it, bool reduced)
{
	if (it->json[reduced] == NULL) {
		json_t *doc = feed_item_doc(f, it, reduced);
		it->json[reduced] = json_dumps(doc, JSON_COMPACT | JSON_ENSURE_ASCII);
		json_decref(doc);
	}
	return it->json[reduced];
}

struct feed_item *feed_item_new(struct model_read *view, unsigned daemon, uint64_t sequence)
{
	struct slice message;
	struct model_place p;
	uint64_t at = sequence - 1;

	if (!model_next(view, daemon, &at, &message)) {
		return NULL;
	}
	size_t bytes = 64 * message.len + 4096;
	bytes = bytes < ITEM_ARENA_BYTES ? bytes : ITEM_ARENA_BYTES;
	struct feed_item *it = calloc(1, sizeof(*it));
	void *block = aligned_alloc(64, (bytes + 63) & ~(size_t)63);
	if (it == NULL || block == NULL) {
		free(it);
		free(block);
		return NULL;
	}
	arena_init(&it->arena, block, bytes);
	model_place(view, daemon, &p);
	it->daemon = daemon;
	it->incarnation = p.incarnation;
	it->sequence = sequence;
	read_item(it, message);
	if (it->event != NULL && it->event->request_id.len == OBJECT_ID_LEN) {
		it->parts.len = model_parts(view, it->event->request_id.data, it->parts.party,
					    FEED_PARTIES_MAX);
	}
	return it;
}

/* --- the ring of each daemon --- */

static struct feed_item **slot(struct feed_ring *r, uint64_t sequence)
{
	return &r->item[sequence % FEED_RING];
}

static void empty_ring(struct feed_ring *r)
{
	for (size_t i = 0; i < FEED_RING; i++) {
		feed_item_free(r->item[i]);
		r->item[i] = NULL;
	}
}

static bool take_new(struct feed *f, struct model_read *view, unsigned daemon)
{
	struct feed_ring *r = &f->ring[daemon];
	struct model_place p;
	size_t n = 0;

	model_place(view, daemon, &p);
	if (p.incarnation != r->place.incarnation || p.after < r->place.after) {
		empty_ring(r);
		r->taken = p.after > FEED_RING ? p.after - FEED_RING : 0;
	}
	r->place = p;
	if (r->taken + FEED_RING < p.after) {
		r->taken = p.after - FEED_RING; /* far behind: readers take these of the model */
	}
	if (p.first > 0 && r->taken + 1 < p.first) {
		r->taken = p.first - 1;
	}
	for (; r->taken < p.after && n < TAKE_MAX; n++) {
		struct feed_item *it = feed_item_new(view, daemon, r->taken + 1);
		struct feed_item **at = slot(r, r->taken + 1);
		if (it == NULL) {
			break;
		}
		feed_item_free(*at);
		*at = it;
		r->taken++;
	}
	return r->taken < p.after && n == TAKE_MAX;
}

static void on_wake(uv_async_t *async)
{
	struct feed *f = async->data;
	struct model_read view;
	bool more = false;

	if (atomic_exchange(&f->judge, false)) {
		feed_streams_beat(f);
		ws_judge(f->gate);
	}
	if (model_read_begin(f->gate->model, &view) != SK_OK) {
		return;
	}
	for (unsigned d = 0; d < CONF_DAEMONS; d++) {
		more |= take_new(f, &view, d);
	}
	model_read_end(&view);
	feed_streams_wake(f);
	ws_wake(f->gate);
	if (more) {
		(void)uv_async_send(&f->async);
	}
}

void feed_wake(void *feed)
{
	struct feed *f = feed;

	(void)uv_async_send(&f->async);
}

void feed_judge(struct feed *f)
{
	atomic_store(&f->judge, true);
	feed_wake(f);
}

/* --- the next of somebody --- */

/* Of the ring, or made of the model for who reads far behind. */
static struct feed_item *item_at(struct feed *f, unsigned daemon, uint64_t sequence)
{
	struct feed_item *it = *slot(&f->ring[daemon], sequence);
	struct model_read view;

	if (it != NULL && it->sequence == sequence) {
		return it;
	}
	if (model_read_begin(f->gate->model, &view) != SK_OK) {
		return NULL;
	}
	it = feed_item_new(&view, daemon, sequence);
	model_read_end(&view);
	feed_item_free(f->lone);
	f->lone = it;
	return it;
}

static bool own_request(struct feed *f, const struct who *who, uint8_t ret_id[OBJECT_ID_LEN])
{
	struct model_read view;

	if (!who->person || model_read_begin(f->gate->model, &view) != SK_OK) {
		return false;
	}
	bool found = model_request(&view, who->request, ret_id);
	model_read_end(&view);
	return found;
}

/* What the place says that the daemon's log does not: another incarnation, or events that are gone.
 */
static bool set_right(const struct feed_ring *r, struct feed_place *io_place, unsigned d)
{
	uint64_t oldest = r->place.first > 0 ? r->place.first - 1 : r->place.after;

	if (r->place.incarnation == 0) {
		return false; /* nothing is known of this daemon yet */
	}
	if (io_place->incarnation[d] != r->place.incarnation) {
		bool fresh = io_place->incarnation[d] == 0 && io_place->sequence[d] == 0;
		io_place->incarnation[d] = r->place.incarnation;
		io_place->sequence[d] = oldest;
		return !fresh;
	}
	if (io_place->sequence[d] < oldest) {
		io_place->sequence[d] = oldest;
		return true;
	}
	return false;
}

int feed_next(struct feed *f, const struct who *who, struct feed_place *io_place, unsigned *io_look,
	      struct feed_out *ret_out)
{
	uint8_t own[OBJECT_ID_LEN];
	bool has_own = own_request(f, who, own);
	bool gap = false;

	for (unsigned d = 0; d < CONF_DAEMONS; d++) {
		gap |= set_right(&f->ring[d], io_place, d);
	}
	if (gap) {
		return -1;
	}
	for (unsigned d = 0; d < CONF_DAEMONS; d++) {
		struct feed_ring *r = &f->ring[d];
		while (io_place->incarnation[d] == r->place.incarnation &&
		       io_place->sequence[d] < r->taken) {
			if (*io_look == 0) {
				return FEED_MORE;
			}
			(*io_look)--;
			struct feed_item *it = item_at(f, d, io_place->sequence[d] + 1);
			if (it == NULL) {
				break;
			}
			enum feed_sight sight = it->event == NULL ?
							FEED_NOTHING :
							feed_sight(who, has_own ? own : NULL,
								   it->event, &it->parts);
			if (sight == FEED_NOTHING) {
				io_place->sequence[d]++;
				continue;
			}
			ret_out->type = it->type;
			ret_out->json = feed_item_json(f, it, sight != FEED_WHOLE);
			if (ret_out->json == NULL) {
				break; /* no memory: the same one the next time */
			}
			io_place->sequence[d]++;
			feed_place_text(io_place, ret_out->place);
			return 1;
		}
	}
	return 0;
}

void feed_now(struct feed *f, struct feed_place *ret_place)
{
	for (unsigned d = 0; d < CONF_DAEMONS; d++) {
		ret_place->incarnation[d] = f->ring[d].place.incarnation;
		ret_place->sequence[d] = f->ring[d].taken;
	}
}

json_t *feed_state(struct feed *f)
{
	json_t *doc = json_object();

	for (unsigned d = 0; d < CONF_DAEMONS; d++) {
		struct reader_status s = { 0 };
		if (f->gate->reader[d] != NULL) {
			reader_status(f->gate->reader[d], &s);
		}
		(void)json_object_set_new(doc, f->daemon[d],
					  json_pack("{s:s, s:I}", "state",
						    s.connected ? "ok" : "lost", "behind",
						    (json_int_t)s.behind));
	}
	return doc;
}

/* --- open and close --- */

int feed_open(struct gate *g, struct feed **ret_feed)
{
	struct feed *f = calloc(1, sizeof(*f));

	if (f == NULL) {
		return SK_ENOMEM;
	}
	f->gate = g;
	name_copy(f->node, g->conf->conf->node);
	for (unsigned d = 0; d < CONF_DAEMONS; d++) {
		name_copy(f->daemon[d], g->conf->conf->daemons[d].name);
	}
	(void)uv_async_init(&g->loop, &f->async, on_wake);
	f->async.data = f;
	feed_streams_open(f);
	*ret_feed = f;
	return SK_OK;
}

static void on_closed(uv_handle_t *handle)
{
	struct feed *f = handle->data;

	if (--f->open_handles > 0) {
		return;
	}
	for (unsigned d = 0; d < CONF_DAEMONS; d++) {
		empty_ring(&f->ring[d]);
	}
	feed_item_free(f->lone);
	free(f);
}

void feed_close(struct feed *f)
{
	if (f == NULL) {
		return;
	}
	feed_streams_close(f);
	f->open_handles = 2;
	uv_close((uv_handle_t *)&f->async, on_closed);
	uv_close((uv_handle_t *)&f->heartbeat, on_closed);
}
