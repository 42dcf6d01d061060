/* SPDX-License-Identifier: EUPL-1.2 */
/* What is asked of networks and workers. A worker's figures are told to its own house alone. */
#include "services/matching/core_int.h"

static uint32_t limit_of(const struct step *s, uint32_t asked)
{
	uint32_t limit = asked == 0 || asked > MATCH_PAGE_MAX ? MATCH_PAGE_MAX : asked;

	return limit < s->page_most ? limit : s->page_most;
}

static ProtobufCBinaryData next_of(struct step *s, const struct key *k)
{
	uint8_t *copy = step_alloc(s, k->len);

	if (copy == NULL) {
		return (ProtobufCBinaryData){ 0 };
	}
	memcpy(copy, k->b, k->len);
	return (ProtobufCBinaryData){ .len = k->len, .data = copy };
}

/** Starts behind @p after. @return false when that is no key of the page before. */
static bool page_begins(struct store_iter *it, const struct key *prefix,
			const ProtobufCBinaryData *after)
{
	struct key k = { 0 };

	if (after->len == 0) {
		return true;
	}
	if (after->len > KEY_LEN_MAX || after->len < prefix->len ||
	    memcmp(after->data, prefix->b, prefix->len) != 0) {
		return false;
	}
	key_bytes(&k, after->data, after->len);
	store_iter_from(it, &k, false);
	return true;
}

static PB(NetworkItem) *network_item(struct work *w, PB(MatchNetworkRecord) *n)
{
	PB(NetworkItem) *item = step_alloc(w->s, sizeof(*item));

	if (item == NULL) {
		return NULL;
	}
	schakel__v1__network_item__init(item);
	item->network = n->network;
	item->network->based_on = n->version;
	item->version = n->version;
	item->live = !n->ended && n->network->from_ms <= w->s->now_ms;
	return item;
}

static int networks_page(struct work *w, const PB(QueryNetworks) *q, PB(NetworksView) *v)
{
	uint32_t limit = limit_of(w->s, q->limit);
	struct key none = { 0 };
	struct store_iter it;
	struct key k = { 0 };
	struct slice val;

	store_iter_init(&it, w->s->txn, T_NETWORK, NULL);
	if (!page_begins(&it, &none, &q->after)) {
		return step_refuse(w->s, REFUSE(OUT_OF_RANGE), "after");
	}
	while (v->n_networks < limit && store_next(&it, &k, &val)) {
		PB(MatchNetworkRecord) *n = step_unpack(w->s, val, DESC(match_network_record));
		PB(NetworkItem) *item = n == NULL ? NULL : network_item(w, n);
		if (item != NULL) {
			v->networks[v->n_networks++] = item;
		}
	}
	store_iter_done(&it);
	if (v->n_networks == limit) {
		v->next = next_of(w->s, &k);
	}
	return work_err(w);
}

int match_query_networks(struct step *s, const PB(Message) *in, PB(Message) *out)
{
	const PB(QueryNetworks) *q = in->query_networks;
	PB(NetworksView) *v = step_alloc(s, sizeof(*v));
	PB(NetworkItem) **items = step_alloc(s, MATCH_PAGE_MAX * sizeof(PB(NetworkItem) *));
	struct work w;

	work_init(&w, s);
	if (v == NULL || items == NULL) {
		return SK_ENOMEM;
	}
	schakel__v1__networks_view__init(v);
	v->networks = items;
	out->body_case = BODY(NETWORKS_VIEW);
	out->networks_view = v;
	if (q->network[0] == '\0') {
		return networks_page(&w, q, v);
	}
	PB(MatchNetworkRecord) *n = name_is_valid(q->network) ? network_get(&w, q->network) : NULL;
	PB(NetworkItem) *item = n == NULL ? NULL : network_item(&w, n);
	if (item == NULL) {
		return step_refuse(s, REFUSE(UNKNOWN_OBJECT), "network");
	}
	v->networks[v->n_networks++] = item;
	return SK_OK;
}

static PB(WorkerItem) *worker_item(struct work *w, PB(MatchWorkerRecord) *rec)
{
	PB(WorkerItem) *item = step_alloc(w->s, sizeof(*item));

	if (item == NULL) {
		return NULL;
	}
	schakel__v1__worker_item__init(item);
	item->worker = rec->worker;
	item->worker->based_on = rec->version;
	item->version = rec->version;
	item->given = rec->given;
	return item;
}

int match_query_workers(struct step *s, const PB(Message) *in, PB(Message) *out)
{
	const PB(QueryWorkers) *q = in->query_workers;
	PB(WorkersView) *v = step_alloc(s, sizeof(*v));
	PB(WorkerItem) **items = step_alloc(s, MATCH_PAGE_MAX * sizeof(PB(WorkerItem) *));
	uint32_t limit = limit_of(s, q->limit);
	struct store_iter it;
	struct key k = { 0 };
	struct slice val;
	struct work w;

	work_init(&w, s);
	if (v == NULL || items == NULL) {
		return SK_ENOMEM;
	}
	const PB(MatchPoolRecord) *p = name_is_valid(q->pool) ? pool_get(&w, q->pool) : NULL;
	if (p == NULL) {
		return step_refuse(s, REFUSE(UNKNOWN_OBJECT), "pool");
	}
	if (!pool_is_of(p, s->from.id)) {
		return step_refuse(s, REFUSE(NOT_YOURS),
				   "pool"); /* also to those who see all else */
	}
	schakel__v1__workers_view__init(v);
	v->workers = items;
	out->body_case = BODY(WORKERS_VIEW);
	out->workers_view = v;
	struct key prefix = key_of_str(q->pool);
	store_iter_init(&it, s->txn, T_WORKER, &prefix);
	if (!page_begins(&it, &prefix, &q->after)) {
		return step_refuse(s, REFUSE(OUT_OF_RANGE), "after");
	}
	while (v->n_workers < limit && store_next(&it, &k, &val)) {
		PB(MatchWorkerRecord) *rec = step_unpack(s, val, DESC(match_worker_record));
		PB(WorkerItem) *item = rec == NULL ? NULL : worker_item(&w, rec);
		if (item != NULL) {
			items[v->n_workers++] = item;
		}
	}
	store_iter_done(&it);
	if (v->n_workers == limit) {
		v->next = next_of(s, &k);
	}
	return work_err(&w);
}
