/* SPDX-License-Identifier: EUPL-1.2 */
/* Server-sent events: a stream is pulled by the library as its reader takes it, and rests suspended
 * while there is nothing for it. A slow reader costs what waits in its own buffer, nothing else. */
#include <stdlib.h>
#include <string.h>

#include <microhttpd.h>

#include "services/gateway/feed_private.h"
#include "services/gateway/session.h"
#include "services/gateway/ws.h"

#define BLOCK_BYTES 8192
#define PENDING_BYTES (64U << 10) /* filled until it holds more than FILL_BYTES */
#define FILL_BYTES (16U << 10)

struct stream {
	struct feed *feed;
	struct MHD_Connection *connection;
	struct who who;
	struct feed_place place;
	char *session; /* session_keep() */
	char *pending;
	size_t len;
	size_t at;
	bool suspended;
	bool beat; /* a heartbeat is due */
	bool ended;
	struct stream *next, *prev;
};

static bool add(struct stream *s, const char *text)
{
	size_t n = strlen(text);

	if (n > PENDING_BYTES - s->len) {
		return false;
	}
	memcpy(s->pending + s->len, text, n);
	s->len += n;
	return true;
}

static void add_event(struct stream *s, const char *type, const char *place, const char *data)
{
	size_t before = s->len;
	bool good = add(s, "id: ") && add(s, place) && add(s, "\nevent: ") && add(s, type) &&
		    add(s, "\ndata: ") && add(s, data) && add(s, "\n\n");

	SK_ASSERT(good || before > 0); /* one event fits: a frame is 64 KiB at most, ours less */
	s->len = good ? s->len : before;
}

static void add_place_event(struct stream *s, const char *type)
{
	char place[FEED_PLACE_MAX];
	json_t *doc = feed_state(s->feed);
	char *text = json_dumps(doc, JSON_COMPACT);

	feed_place_text(&s->place, place);
	add_event(s, type, place, text == NULL ? "{}" : text);
	free(text);
	json_decref(doc);
}

/* Nothing of the many that were looked at is for this reader: where it stands is said all the same,
 * so that the loop turns for the others before it looks on. */
static void add_passed(struct stream *s)
{
	char place[FEED_PLACE_MAX];

	feed_place_text(&s->place, place);
	(void)(add(s, "id: ") && add(s, place) && add(s, "\n\n"));
}

static void fill(struct stream *s)
{
	struct feed_out out;
	unsigned look = FEED_LOOK;
	int got = 1;

	s->len = 0;
	s->at = 0;
	if (s->beat) {
		s->beat = false;
		/* A session that is over, or a party that is gone, ends its stream. */
		s->ended |= !session_still(s->feed->gate, s->session, &s->who.roles);
		add_place_event(s, "state");
	}
	while (!s->ended && got != 0 && got != FEED_MORE && s->len < FILL_BYTES) {
		got = feed_next(s->feed, &s->who, &s->place, &look, &out);
		if (got == 1) {
			add_event(s, out.type, out.place, out.json);
		} else if (got < 0) {
			add_place_event(s, "reset");
		}
	}
	if (got == FEED_MORE && s->len == 0) {
		add_passed(s);
	}
}

static ssize_t on_pull(void *cls, uint64_t pos, char *buf, size_t max)
{
	struct stream *s = cls;

	(void)pos;
	if (s->at == s->len) {
		fill(s);
	}
	if (s->len == 0) {
		if (s->ended) {
			return MHD_CONTENT_READER_END_OF_STREAM;
		}
		s->suspended = true;
		MHD_suspend_connection(s->connection);
		return 0;
	}
	size_t n = s->len - s->at < max ? s->len - s->at : max;
	memcpy(buf, s->pending + s->at, n);
	s->at += n;
	return (ssize_t)n;
}

static void on_free(void *cls)
{
	struct stream *s = cls;

	if (s->next != NULL) {
		s->next->prev = s->prev;
	}
	if (s->prev != NULL) {
		s->prev->next = s->next;
	} else {
		s->feed->streams = s->next;
	}
	http_count_stream(s->feed->gate->http, -1);
	free(s->pending);
	free(s->session);
	free(s);
}

static void resume(struct stream *s)
{
	if (s->suspended) {
		s->suspended = false;
		http_resume(s->feed->gate->http, s->connection);
	}
}

void feed_streams_wake(struct feed *f)
{
	for (struct stream *s = f->streams; s != NULL; s = s->next) {
		resume(s);
	}
}

void feed_streams_beat(struct feed *f)
{
	for (struct stream *s = f->streams; s != NULL; s = s->next) {
		s->beat = true;
		resume(s);
	}
}

static void on_heartbeat(uv_timer_t *timer)
{
	struct feed *f = timer->data;

	feed_streams_beat(f);
	ws_tick(f->gate);
}

void feed_streams_open(struct feed *f)
{
	(void)uv_timer_init(&f->gate->loop, &f->heartbeat);
	f->heartbeat.data = f;
	(void)uv_timer_start(&f->heartbeat, on_heartbeat, FEED_HEARTBEAT_MS, FEED_HEARTBEAT_MS);
}

void feed_streams_close(struct feed *f)
{
	for (struct stream *s = f->streams; s != NULL; s = s->next) {
		s->ended = true;
		resume(s);
	}
}

/* --- a new one --- */

static bool place_of(struct web *w, struct feed *f, struct feed_place *ret_place)
{
	const char *last = web_header(w, "Last-Event-ID");
	const char *after = web_query(w, "after");

	last = last != NULL ? last : after;
	if (last == NULL || last[0] == '\0') {
		feed_now(f, ret_place);
		return true;
	}
	return feed_place_read(last, ret_place);
}

static struct stream *stream_new(struct web *w, struct feed *f, const struct feed_place *place)
{
	struct stream *s = calloc(1, sizeof(*s));

	if (s == NULL) {
		return NULL;
	}
	s->pending = malloc(PENDING_BYTES);
	s->session = session_keep(w);
	if (s->pending == NULL || s->session == NULL) {
		free(s->pending);
		free(s->session);
		free(s);
		return NULL;
	}
	s->feed = f;
	s->connection = w->connection;
	s->who = w->who;
	s->place = *place;
	s->next = f->streams;
	if (f->streams != NULL) {
		f->streams->prev = s;
	}
	f->streams = s;
	http_count_stream(f->gate->http, 1);
	(void)add(s, "retry: 2000\n\n");
	add_place_event(s, "hello");
	return s;
}

static int queue(struct stream *s)
{
	struct MHD_Response *res = MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, BLOCK_BYTES,
								     on_pull, s, on_free);

	if (res == NULL) {
		on_free(s);
		return MHD_NO;
	}
	(void)MHD_add_response_header(res, "Content-Type", "text/event-stream");
	(void)MHD_add_response_header(res, "Cache-Control", "no-store");
	(void)MHD_add_response_header(res, "X-Accel-Buffering", "no");
	(void)MHD_add_response_header(res, "X-Content-Type-Options", "nosniff");
	int rc = (int)MHD_queue_response(s->connection, 200, res);
	MHD_destroy_response(res);
	return rc;
}

/* In the loop. @return false: not asked for, or not possible: the page handler answers. */
static bool on_stream(struct web *w, struct MHD_Connection *c, int *ret_queued)
{
	const char *accept = web_header(w, "Accept");
	struct feed *f = w->gate->feed;
	struct feed_place place;
	struct http_status status;

	(void)c;
	http_status(w->gate->http, &status);
	if (accept == NULL || strstr(accept, "text/event-stream") == NULL || f == NULL ||
	    atomic_load(&w->gate->draining) || status.streams >= w->conf->gateway.streams ||
	    !place_of(w, f, &place)) {
		return false;
	}
	struct stream *s = stream_new(w, f, &place);
	if (s == NULL) {
		return false;
	}
	*ret_queued = queue(s);
	return true;
}

/* --- a page, in a worker: of the model alone --- */

static void on_page(struct web *w)
{
	static const struct problem bad = { 400, "MALFORMED", "after",
					    "geef de plaats zoals ze in next of id stond, of 0",
					    "give the place as it stood in next or id, or 0" };
	static const struct problem full = { 503, "BUSY", NULL,
					     "er zijn nu te veel stromen; probeer het opnieuw",
					     "there are too many streams now; try again" };
	static const struct problem no_number = { 400, "MALFORMED", "limit",
						  "geef een geheel getal", "give a whole number" };
	const char *accept = web_header(w, "Accept");
	const char *text = web_query(w, "after");
	const char *limit = web_query(w, "limit");
	struct feed_place place = { 0 };

	if (text != NULL && !feed_place_read(text, &place)) {
		web_problem(w, &bad);
		return;
	}
	if (accept != NULL && strstr(accept, "text/event-stream") != NULL) {
		web_head(w, "Retry-After", "5");
		web_problem(w, &full);
		return;
	}
	if (limit != NULL && limit[strspn(limit, "0123456789")] != '\0') {
		web_problem(w, &no_number);
		return;
	}
	unsigned long n = limit == NULL ? FEED_PAGE_MAX : strtoul(limit, NULL, 10);
	n = n == 0 || n > FEED_PAGE_MAX ? FEED_PAGE_MAX : n;
	feed_page(w, &place, n);
}

const struct route feed_routes[] = {
	{ "GET", "/api/v1/events", WEB_SIGNED_IN, on_page, NULL, 0, on_stream, NULL },
	{ 0 },
};
