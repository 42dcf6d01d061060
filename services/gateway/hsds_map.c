/* SPDX-License-Identifier: EUPL-1.2 */
#include <ctype.h>
#include <string.h>

#include "services/gateway/hsds_id.h"
#include "services/gateway/hsds_mapper.h"

#define SLUG_MAX (PARTY_ID_LEN_MAX - HSDS_TAG_LEN - 1)

void hsds_note(struct mapper *m, const char *field, const char *nl, const char *en)
{
	char path[JSONIN_PATH_MAX];

	hsds_feed_path(m->f, m->at, field, path);
	offer_note(m->arena, m->r, path, nl, en);
}

int hsds_skip(struct mapper *m, const char *field, const char *nl, const char *en)
{
	m->r->outcome = OFFER_SKIPPED;
	m->r->put = NULL;
	hsds_note(m, field, nl, en);
	return SK_OK;
}

/* --- whose it is --- */

static const struct conf_party *party_by_id(const struct mapper *m, const char *id)
{
	const struct conf *c = m->n->conf;

	for (size_t i = 0; i < c->parties_len; i++) {
		struct hsds_id own = hsds_id_of(c->node, "organization", c->parties[i].id);
		if (strcasecmp(own.s, id) == 0) {
			return &c->parties[i];
		}
	}
	return NULL;
}

/* Several parties may be of one organisation: who imports speaks for the one that it is. */
static const struct conf_party *own_of(const struct mapper *m, const struct conf_party *p)
{
	const struct conf_party *own = m->n->all ? NULL : conf_party(m->n->conf, m->n->party);
	bool same = own != NULL && p != NULL && p->organisation[0] != '\0' &&
		    strcmp(own->organisation, p->organisation) == 0;

	return same ? own : p;
}

/* A directory has many organisations; most are no partners of a node, and that is no fault. */
static int not_a_partner(struct mapper *m)
{
	const char *name = m->s.organization;

	return hsds_skip(m, "organization",
			 offer_text(m->arena,
				    "%.100s is geen partner van deze node; zet de organisatie in "
				    "parties.ini, schrijf in " HSDS_SYNONYMS_FILE " wie ermee "
				    "bedoeld is (partner,naam,id), of geef ?partner=",
				    name),
			 offer_text(m->arena,
				    "%.100s is no partner of this node; put the organisation in "
				    "parties.ini, write in " HSDS_SYNONYMS_FILE " who is meant "
				    "(partner,name,id), or give ?partner=",
				    name));
}

static int find_partner(struct mapper *m)
{
	const struct hsds_service *s = &m->s;
	const struct conf_party *p = s->partner;

	if (p == NULL && s->organization_id[0] != '\0') {
		p = party_by_id(m, s->organization_id);
	}
	if (p == NULL && m->n->partner != NULL) {
		p = conf_party(m->n->conf, m->n->partner);
	}
	if (p == NULL && !s->organization_known && !m->n->all) {
		p = conf_party(m->n->conf, m->n->party);
	}
	if (p == NULL && !s->organization_known) {
		return hsds_feed_fail(m->f, m->at, "organization",
				      "dit ontbreekt; zeg van welke organisatie de dienst is",
				      "this is missing; say of which organisation the service is");
	}
	if (p == NULL && m->n->all) {
		return not_a_partner(m);
	}
	p = own_of(m, p);
	if (p == NULL || (!m->n->all && strcmp(p->id, m->n->party) != 0)) {
		return hsds_feed_fail(m->f, m->at, "organization",
				      "u voert alleen het aanbod van uw eigen organisatie in; haal "
				      "deze "
				      "dienst weg",
				      "you import what your own organisation offers only; take "
				      "this "
				      "service out");
	}
	m->r->partner = p->id;
	return SK_OK;
}

/* --- which pool it is --- */

static const char *slug_of(struct mapper *m, const char *name, const char *tag)
{
	char slug[SLUG_MAX + 1];
	size_t len = 0;

	for (; *name != '\0' && len < SLUG_MAX; name++) {
		char ch = (char)tolower((unsigned char)*name);
		bool good = (ch >= 'a' && ch <= 'z') || (ch >= '0' && ch <= '9');
		if (good) {
			slug[len++] = ch;
		} else if (len > 0 && slug[len - 1] != '-' && ch > 0) {
			slug[len++] = '-';
		}
	}
	while (len > 0 && slug[len - 1] == '-') {
		len--;
	}
	slug[len] = '\0';
	return offer_text(m->arena, "%s-%s", len == 0 ? "dienst" : slug, tag);
}

static bool ends_with_tag(const char *pool, const char *tag)
{
	size_t len = strlen(pool);

	return len > HSDS_TAG_LEN && pool[len - HSDS_TAG_LEN - 1] == '-' &&
	       strcmp(pool + len - HSDS_TAG_LEN, tag) == 0;
}

static const PB(PoolItem) *pool_of(struct mapper *m, const char *tag)
{
	const struct offer_pools *p = m->n->pools;
	char low[HSDS_ID_TEXT_MAX + 1] = "";

	for (size_t i = 0; m->s.id[i] != '\0'; i++) {
		low[i] = (char)tolower((unsigned char)m->s.id[i]);
	}
	json_t *i = json_object_get(m->ours, low);
	if (i != NULL) {
		return p->item[json_integer_value(i)];
	}
	for (size_t k = 0; k < p->len; k++) {
		if (ends_with_tag(p->item[k]->capacity->pool, tag)) {
			return p->item[k];
		}
	}
	return NULL;
}

static bool seen_before(struct mapper *m, const char *kind, const char *name)
{
	const char *key = offer_text(m->arena, "%s %s", kind, name);

	if (json_object_get(m->seen, key) != NULL) {
		return true;
	}
	(void)json_object_set_new_nocheck(m->seen, key, json_true());
	return false;
}

static int find_pool(struct mapper *m)
{
	char tag[HSDS_TAG_LEN + 1];

	hsds_tag(m->s.id, tag);
	m->r->now = pool_of(m, tag);
	m->r->pool = m->r->now == NULL ? slug_of(m, m->s.name, tag) : m->r->now->capacity->pool;
	if (m->r->now != NULL && strcmp(m->r->now->capacity->partner, m->r->partner) != 0) {
		return hsds_feed_fail(m->f, m->at, "organization",
				      "dit aanbod is van een andere partner; geef de juiste "
				      "organisatie",
				      "this offer is another partner's; give the right "
				      "organisation");
	}
	if (seen_before(m, "pool", m->r->pool)) {
		return hsds_feed_fail(m->f, m->at, "id",
				      "een andere dienst van de feed is hetzelfde aanbod",
				      "another service of the feed is the same offer");
	}
	return SK_OK;
}

static int map_service(struct mapper *m)
{
	if (seen_before(m, "service", m->s.id)) {
		return hsds_feed_fail(m->f, m->at, "id",
				      "deze dienst staat er twee keer in; houd er één",
				      "this service stands in it twice; keep one");
	}
	int err = find_partner(m);
	if (err != SK_OK || m->r->partner == NULL) {
		return err;
	}
	err = find_pool(m);
	if (err == SK_OK) {
		err = hsds_check_instants(m);
	}
	if (err == SK_OK && m->s.active && m->s.age_from > HSDS_AGE_MAX) {
		return hsds_skip(m, "minimum_age", "dit is alleen voor volwassenen",
				 "this is for adults only");
	}
	if (err == SK_OK) {
		err = m->r->now == NULL ? hsds_make_pool(m) : hsds_change_pool(m);
	}
	return err;
}

/* Said of every row, whatever becomes of it: the published example has 12 of 10. */
static void note_over(struct mapper *m)
{
	for (size_t i = 0; i < m->s.capacities; i++) {
		const struct hsds_capacity *c = &m->s.capacity[i];
		if (c->maximum_known && c->available > c->maximum) {
			hsds_note(m, "capacities",
				  "er is meer vrij dan er in het geheel is; kijk het na",
				  "more is free than there is in all; check it");
			return;
		}
	}
}

/* --- the whole --- */

static int map_row(struct mapper *m, size_t i)
{
	m->r->row = (unsigned)i + 1;
	m->at = &m->f->row[i].item;
	int err = hsds_service_read(m->f, i, m->n->words, &m->s);
	m->r->service = m->s.id;
	m->r->name = m->s.name;
	if (err == SK_OK) {
		err = map_service(m);
	}
	if (err == SK_OK) {
		note_over(m);
	}
	if (err == SK_EPROTO) {
		offer_refuse(m->arena, m->r, m->f->in.err);
		err = SK_OK;
	}
	return err;
}

/* Each partner has room for so many pools: found before the first of them is made. */
static void check_room(struct mapper *m, struct offer_list *l)
{
	for (size_t i = 0; i < l->len; i++) {
		struct offer_row *r = &l->row[i];
		size_t len = 0;
		for (size_t k = 0; r->outcome == OFFER_CREATED && k < m->n->pools->len; k++) {
			const char *of = m->n->pools->item[k]->capacity->partner;
			len += strcmp(of, r->partner) == 0;
		}
		for (size_t k = 0; r->outcome == OFFER_CREATED && k <= i; k++) {
			len += l->row[k].outcome == OFFER_CREATED &&
			       strcmp(l->row[k].partner, r->partner) == 0;
		}
		if (len > OFFER_POOLS_PER_PARTNER_MAX) {
			m->at = &m->f->row[i].item;
			(void)hsds_feed_fail(m->f, m->at, "id",
					     "een partner heeft ten hoogste 64 keer aanbod; voeg "
					     "diensten "
					     "samen",
					     "a partner has 64 offers at most; join services");
			offer_refuse(m->arena, r, m->f->in.err);
		}
	}
}

static void index_ours(struct mapper *m)
{
	const struct offer_pools *p = m->n->pools;

	for (size_t i = 0; i < p->len; i++) {
		struct hsds_id id =
			hsds_id_of(m->n->conf->node, "service", p->item[i]->capacity->pool);
		(void)json_object_set_new(m->ours, id.s, json_integer((json_int_t)i));
	}
}

int hsds_map(struct hsds_feed *f, const struct hsds_node *n, struct offer_list *ret_l)
{
	struct mapper *m = arena_alloc(f->in.arena, sizeof(*m));
	struct offer_row *rows = arena_alloc(f->in.arena, f->len * sizeof(*rows));
	int err = SK_OK;

	if (m == NULL || rows == NULL) {
		return SK_ENOMEM;
	}
	*m = (struct mapper){ .f = f, .n = n, .arena = f->in.arena };
	*ret_l = (struct offer_list){ f->in.arena, rows, f->len };
	m->ours = json_object();
	m->seen = json_object();
	index_ours(m);
	for (size_t i = 0; err == SK_OK && i < f->len; i++) {
		m->r = &rows[i];
		err = map_row(m, i);
	}
	if (err == SK_OK) {
		check_room(m, ret_l);
	}
	json_decref(m->ours);
	json_decref(m->seen);
	return err;
}
