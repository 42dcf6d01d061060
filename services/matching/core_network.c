/* SPDX-License-Identifier: EUPL-1.2 */
/* Networks (A1, C11, C12): several live at once, a partner sits in several. At its end a network's
 * open cases are its successor's: not by writing each of them, but because every reading of a
 * network's name goes to its heir (network_heir). That is a rule that changes: a sweep offers every
 * pool anew. A network without a successor cannot end while it has open cases; nothing is deleted.
 */
#include "services/matching/core_int.h"

#define NKIND(NAME) SCHAKEL__V1__NETWORK_KIND__NETWORK_KIND_##NAME
#define CASES_STEP_MAX 256U /* looked at in one step; what is over is struck off, so it goes on */

PB(MatchNetworkRecord) *network_get(struct work *w, const char *name)
{
	struct key k = key_of_str(name);

	return step_get(w->s, T_NETWORK, &k, DESC(match_network_record));
}

static void network_put(struct work *w, const PB(MatchNetworkRecord) *n)
{
	struct key k = key_of_str(n->network->network);

	step_put(w->s, T_NETWORK, &k, n);
}

const char *network_heir(struct work *w, const char *name)
{
	for (unsigned i = 0; i < MATCH_NETWORKS_MAX; i++) {
		const PB(MatchNetworkRecord) *n = name[0] == '\0' ? NULL : network_get(w, name);
		if (n == NULL || !n->ended) {
			break;
		}
		name = n->network->successor;
	}
	return name;
}

bool network_serves(struct work *w, const PB(MatchPoolRecord) *p, const PB(MatchRequestRecord) *r)
{
	return p->network[0] == '\0' ||
	       strcmp(network_heir(w, p->network), network_heir(w, r->request->network)) == 0;
}

void network_case(struct work *w, const PB(MatchRequestRecord) *r)
{
	struct object_id id = id_of(&r->request->request_id);
	struct key k = key_of_str(r->request->network);

	if (r->request->network[0] != '\0') {
		key_id(&k, &id);
		step_mark(w->s, T_NETWORK_CASE, &k);
	}
}

PB(Event) *network_event(struct work *w, const PB(MatchNetworkRecord) *n)
{
	PB(Event) *e = step_alloc(w->s, sizeof(*e));

	if (e == NULL) {
		return NULL;
	}
	schakel__v1__event__init(e);
	e->kind = EVENT(NETWORK);
	e->object_id = n->network_id;
	e->version = n->version;
	e->network = n->network->network;
	e->network_kind = n->network->kind;
	e->party = n->network->successor;
	e->until_ms = n->network->until_ms;
	e->ended = n->ended;
	e->at_ms = w->s->now_ms;
	return e;
}

void network_fact(const PB(MatchNetworkRecord) *n, PB(NetworkTold) *ret_fact)
{
	*ret_fact = (PB(NetworkTold))PB_INIT(NETWORK_TOLD);
	ret_fact->network = n->network;
	ret_fact->network_id = n->network_id;
	ret_fact->version = n->version;
	ret_fact->ended = n->ended;
}

static void network_say(struct work *w, const PB(MatchNetworkRecord) *n)
{
	PB(Event) *e = network_event(w, n);
	PB(NetworkTold) told;

	network_fact(n, &told);
	fact_emit(w, PEER_INTAKE, BODY(NETWORK_TOLD), &told);
	if (e != NULL) {
		step_event(w->s, e);
	}
}

/* --- its end --- */

/** Somebody is still sought or helped for it. */
static bool is_open_case(struct work *w, const struct object_id *request)
{
	PB(MatchNeedRecord) *needs[MATCH_NEEDS_MAX];
	PB(MatchContributionRecord) *live[LIVE_MAX];
	size_t len = needs_of(w, request, needs);

	for (size_t i = 0; i < len; i++) {
		struct object_id need = id_of(&needs[i]->need->need_id);
		if (need_is_open(needs[i]) || live_of(w, &need, live) > 0) {
			return true;
		}
	}
	return false;
}

/** Cases of a name that passed to @p n count as its own. @return false: none is left. */
static bool has_open_case(struct work *w, const char *name)
{
	struct store_iter it;
	struct key prefix = key_of_str(name);
	struct key k;
	struct slice val;
	unsigned seen = 0;
	bool open = false;

	store_iter_init(&it, w->s->txn, T_NETWORK_CASE, &prefix);
	while (!open && store_next(&it, &k, &val)) {
		size_t mark = work_mark(w);
		struct object_id id;
		memcpy(id.b, k.b + prefix.len, OBJECT_ID_LEN);
		open = seen++ == CASES_STEP_MAX || is_open_case(w, &id);
		if (!open) {
			step_del(w->s, T_NETWORK_CASE, &k);
		}
		work_rewind(w, mark);
	}
	store_iter_done(&it);
	return open;
}

static bool any_open_case(struct work *w, const char *name)
{
	struct store_iter it;
	struct key k;
	struct slice val;
	bool open = false;

	store_iter_init(&it, w->s->txn, T_NETWORK, NULL);
	while (!open && store_next(&it, &k, &val)) {
		struct slice rest = { .data = k.b, .len = k.len };
		char other[PARTY_ID_LEN_MAX + 1];
		SK_ASSERT(key_take_str(&rest, other));
		if (strcmp(network_heir(w, other), name) == 0) {
			open = has_open_case(w, other);
		}
	}
	store_iter_done(&it);
	return open;
}

static void network_alarm(struct work *w, const PB(MatchNetworkRecord) *n)
{
	PB(Event) *e = network_event(w, n);

	if (e != NULL) {
		e->due_ms = n->network->until_ms;
		alarm_event(w, SCHAKEL__V1__ALARM_KIND__ALARM_KIND_NETWORK_ENDS, e);
	}
}

/** @return when its clock rings next; 0: not any more. */
static uint64_t next_ring(struct work *w, const PB(MatchNetworkRecord) *n)
{
	uint64_t until = n->network->until_ms;
	uint64_t first = step_setting(w->s, SETTING_NETWORK_WARN_FIRST) * CIVIL_DAY_MS;
	uint64_t second = step_setting(w->s, SETTING_NETWORK_WARN_SECOND) * CIVIL_DAY_MS;

	if (until == 0 || n->ended) {
		return 0;
	}
	if (n->over) {
		return w->s->now_ms + second;
	}
	if (n->warned == 0) {
		return until > first ? until - first : until;
	}
	return n->warned == 1 && until > second ? until - second : until;
}

static void arm(struct work *w, PB(MatchNetworkRecord) *n)
{
	struct object_id id = id_of(&n->network_id);
	uint64_t at = next_ring(w, n);

	if (n->due_ms != 0) {
		step_undue(w->s, n->due_ms, DUE_NETWORK, &id, 0);
	}
	n->due_ms = at == 0 || at > w->s->now_ms ? at : w->s->now_ms;
	if (n->due_ms != 0) {
		step_due(w->s, n->due_ms, DUE_NETWORK, &id, 0);
	}
}

/** Its open cases are the successor's from this step on, ateliers under their cap too. */
static void end_network(struct work *w, PB(MatchNetworkRecord) *n)
{
	const char *name = n->network->network;
	const char *heir = network_heir(w, n->network->successor);

	if (heir[0] == '\0' && any_open_case(w, name)) {
		n->over = true;
		network_alarm(w, n);
		return;
	}
	n->over = false;
	n->ended = true;
	n->version = step_next_version(w->s, n->version);
	network_put(w, n);
	if (heir[0] != '\0') {
		ateliers_pass(w, name, heir);
		pass_sweep(w);
	}
	network_say(w, n);
}

void network_due(struct work *w, const struct object_id *id, uint64_t due_ms)
{
	struct key k = key_of_id(id);
	const PB(MatchNetworkRecord) *named =
		step_get(w->s, T_NETWORK_ID, &k, DESC(match_network_record));
	PB(MatchNetworkRecord) *n = named == NULL ? NULL : network_get(w, named->network->network);

	if (n == NULL || n->due_ms != due_ms) {
		return;
	}
	n->due_ms = 0;
	if (n->network->until_ms <= w->s->now_ms) {
		end_network(w, n);
	} else {
		n->warned++;
		network_alarm(w, n);
	}
	arm(w, n);
	network_put(w, n);
}

/* --- what is stated --- */

static int check_names(struct work *w, const PB(PutNetwork) *m)
{
	struct step *s = w->s;

	if (m->n_partners > MATCH_NETWORK_PARTNERS_MAX) {
		return step_refuse(s, REFUSE(TOO_MANY), "partners");
	}
	for (unsigned i = 0; i < m->n_partners; i++) {
		if (!name_is_valid(m->partners[i]) || step_party(s, m->partners[i]) == NULL) {
			return step_refuse(s, REFUSE(UNKNOWN_OBJECT), "partners[%u]", i);
		}
	}
	if (m->n_zones < 1 || m->n_zones > MATCH_USE_ZONES_MAX) {
		return step_refuse(s, m->n_zones == 0 ? REFUSE(MISSING) : REFUSE(TOO_MANY),
				   "zones");
	}
	for (unsigned i = 0; i < m->n_zones; i++) {
		if (!name_is_valid(m->zones[i]) || step_zone(s, m->zones[i]) == NULL) {
			return step_refuse(s, REFUSE(UNKNOWN_OBJECT), "zones[%u]", i);
		}
	}
	return SK_OK;
}

static int check_network(struct work *w, const PB(PutNetwork) *m)
{
	struct step *s = w->s;

	if (!name_is_valid(m->network) || m->network[0] == '@') {
		return step_refuse(s, REFUSE(MALFORMED), "network");
	}
	if (m->name[0] == '\0' || strlen(m->name) > MATCH_NETWORK_NAME_MAX) {
		return step_refuse(s, m->name[0] == '\0' ? REFUSE(MISSING) : REFUSE(OUT_OF_RANGE),
				   "name");
	}
	if (m->kind < NKIND(IDEAL_WORLD) || m->kind > NKIND(CRISIS)) {
		return step_refuse(s, REFUSE(UNKNOWN_CODE), "kind");
	}
	if (m->until_ms != 0 && (m->until_ms <= m->from_ms || m->until_ms <= s->now_ms)) {
		return step_refuse(s, REFUSE(OUT_OF_RANGE), "until_ms");
	}
	return check_names(w, m);
}

/** The successor lives, and its own heirs never lead back here. */
static int check_successor(struct work *w, const PB(PutNetwork) *m)
{
	const char *name = m->successor;

	if (name[0] != '\0' && (!name_is_valid(name) || network_get(w, name) == NULL)) {
		return step_refuse(w->s, REFUSE(UNKNOWN_OBJECT), "successor");
	}
	for (unsigned i = 0; name[0] != '\0' && i <= MATCH_NETWORKS_MAX; i++) {
		const PB(MatchNetworkRecord) *n = network_get(w, name);
		if (strcmp(name, m->network) == 0) {
			return step_refuse(w->s, REFUSE(CONTRADICTS), "successor");
		}
		name = n == NULL ? "" : n->network->successor;
	}
	if (m->successor[0] != '\0' && network_heir(w, m->successor)[0] == '\0') {
		return step_refuse(w->s, REFUSE(CONTRADICTS), "successor"); /* it has ended */
	}
	return SK_OK;
}

static unsigned networks_len(struct work *w)
{
	struct store_iter it;
	struct key k;
	struct slice val;
	unsigned len = 0;

	store_iter_init(&it, w->s->txn, T_NETWORK, NULL);
	while (store_next(&it, &k, &val)) {
		len++;
	}
	store_iter_done(&it);
	return len;
}

static PB(MatchNetworkRecord) *network_new(struct work *w, PB(PutNetwork) *m)
{
	PB(MatchNetworkRecord) *n = step_alloc(w->s, sizeof(*n));
	PB(MatchNetworkRecord) named = PB_INIT(MATCH_NETWORK_RECORD);
	PB(PutNetwork) of = PB_INIT(PUT_NETWORK);

	if (n == NULL) {
		return NULL;
	}
	schakel__v1__match_network_record__init(n);
	struct object_id id = step_new_id(w->s);
	struct key k = key_of_id(&id);
	n->network_id = step_id_data(w->s, &id);
	of.network = m->network;
	named.network = &of;
	step_put(w->s, T_NETWORK_ID, &k, &named);
	return n;
}

/** What intake remembers of a network that an old copy of ours had not, or had older. */
int network_adopt(struct work *w, void *record)
{
	PB(NetworkTold) *f = record;
	struct object_id id;

	if (f->network == NULL || !name_is_valid(f->network->network) ||
	    !object_id_from(&f->network_id, &id)) {
		return step_refuse(w->s, REFUSE(MALFORMED), "record");
	}
	PB(MatchNetworkRecord) *n = network_get(w, f->network->network);
	if (!w->s->isolated || (n != NULL && n->version >= f->version)) {
		return work_err(w); /* our word holds */
	}
	if (n == NULL) {
		PB(MatchNetworkRecord) named = PB_INIT(MATCH_NETWORK_RECORD);
		PB(PutNetwork) of = PB_INIT(PUT_NETWORK);
		struct key k = key_of_id(&id);
		n = step_alloc(w->s, sizeof(*n));
		if (n == NULL) {
			return work_err(w);
		}
		schakel__v1__match_network_record__init(n);
		n->network_id = f->network_id;
		of.network = f->network->network;
		named.network = &of;
		step_put(w->s, T_NETWORK_ID, &k, &named);
	}
	bool ends = f->ended && !n->ended;
	n->network = f->network;
	n->version = f->version;
	n->ended = f->ended;
	arm(w, n);
	network_put(w, n);
	const char *heir = network_heir(w, n->network->successor);
	if (ends && heir[0] != '\0') {
		ateliers_pass(w, n->network->network, heir);
	}
	PB(Event) *e = network_event(w, n);
	if (e != NULL) {
		step_event(w->s, e); /* who folds the events has not heard of it (I21) */
	}
	return work_err(w);
}

int match_put_network(struct step *s, const PB(Message) *in)
{
	PB(PutNetwork) *m = in->put_network;
	struct work w;

	work_init(&w, s);
	int err = check_network(&w, m);
	if (err == SK_OK) {
		err = check_successor(&w, m);
	}
	if (err != SK_OK) {
		return err;
	}
	PB(MatchNetworkRecord) *n = network_get(&w, m->network);
	if (n != NULL && n->ended) {
		w.s->out->holds_now = network_event(&w, n);
		return step_refuse(s, REFUSE(STATE), "network");
	}
	uint32_t version = n == NULL ? 0 : n->version;
	if (m->based_on != version) {
		return step_conflict(s, version, n == NULL ? NULL : network_event(&w, n));
	}
	if (n == NULL && networks_len(&w) >= MATCH_NETWORKS_MAX) {
		return step_refuse(s, REFUSE(TOO_MANY), "network");
	}
	n = n == NULL ? network_new(&w, m) : n;
	if (n == NULL) {
		return work_err(&w);
	}
	n->network = m;
	n->version = step_next_version(s, version);
	n->over = false;
	n->warned = 0;
	arm(&w, n);
	network_put(&w, n);
	network_say(&w, n);
	struct object_id id = id_of(&n->network_id);
	step_result(s, &id, n->version);
	return work_settle(&w);
}
