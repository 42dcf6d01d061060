/* SPDX-License-Identifier: EUPL-1.2 */
/* A page of events: as the stream, for who would rather ask. */
#include <stdlib.h>
#include <string.h>

#include "services/gateway/feed_private.h"

#define LOOKED_MAX 4096 /* events of one page that are looked at */

struct page {
	struct web *w;
	struct model_read view;
	struct feed_place place;
	uint8_t own[OBJECT_ID_LEN];
	bool has_own;
	bool missed;
	json_t *events;
	size_t limit;
	size_t looked;
};

static void set_right(struct page *p, unsigned d, const struct model_place *at)
{
	uint64_t oldest = at->first > 0 ? at->first - 1 : at->after;
	bool other = p->place.incarnation[d] != at->incarnation;

	p->missed |= other && p->place.incarnation[d] != 0;
	p->missed |= !other && p->place.sequence[d] < oldest;
	if (other || p->place.sequence[d] < oldest) {
		p->place.incarnation[d] = at->incarnation;
		p->place.sequence[d] = oldest;
	}
}

static void add(struct page *p, const struct feed_item *it)
{
	enum feed_sight sight =
		it->event == NULL ?
			FEED_NOTHING :
			feed_sight(&p->w->who, p->has_own ? p->own : NULL, it->event, &it->parts);

	if (sight != FEED_NOTHING) {
		(void)json_array_append_new(p->events, feed_item_doc(p->w->gate->feed, it,
								     sight != FEED_WHOLE));
	}
}

static void read_daemon(struct page *p, unsigned d)
{
	struct model_place at;

	model_place(&p->view, d, &at);
	if (at.incarnation == 0) {
		return;
	}
	set_right(p, d, &at);
	while (p->place.sequence[d] < at.after && json_array_size(p->events) < p->limit &&
	       p->looked++ < LOOKED_MAX) {
		struct feed_item *it = feed_item_new(&p->view, d, p->place.sequence[d] + 1);
		if (it == NULL) {
			return;
		}
		p->place.sequence[d]++;
		add(p, it);
		feed_item_free(it);
	}
}

void feed_page(struct web *w, struct feed_place *io_place, size_t limit)
{
	struct page p = { .w = w, .place = *io_place, .limit = limit };
	char next[FEED_PLACE_MAX];

	if (model_read_begin(w->gate->model, &p.view) != SK_OK) {
		return;
	}
	p.events = json_array();
	p.has_own = w->who.person && model_request(&p.view, w->who.request, p.own);
	for (unsigned d = 0; d < CONF_DAEMONS; d++) {
		read_daemon(&p, d);
	}
	model_read_end(&p.view);
	feed_place_text(&p.place, next);
	web_json(w, 200,
		 json_pack("{s:o, s:s, s:b}", "events", p.events, "next", next, "missed",
			   (int)p.missed));
}
