/* SPDX-License-Identifier: EUPL-1.2 */
/* Which rule stood in the way of which step, and how many child-days that took (A14, B6, C10).
 * Days are civil days of Europe/Brussels, and a day that has begun counts as a whole one, for each
 * child: the day of naming is the first, the day on which the step is taken (or the need is over,
 * or the signal is cleared) the last. The number of children is that of the naming. */
#include <string.h>

#include "common/figure.h"
#include "services/intake/core_signal.h"

/* DOMAIN 3. What is not listed does not exist. */
static const struct {
	PB(SignalState) from;
	enum signal_event on;
	PB(SignalState) to;
} edge[] = {
	{ SIGNAL(NAMED), SIGNAL_EV_RECEIVE, SIGNAL(RECEIVED) },
	{ SIGNAL(RECEIVED), SIGNAL_EV_CLARIFY, SIGNAL(CLARIFIED) },
	{ SIGNAL(RECEIVED), SIGNAL_EV_ADJUST, SIGNAL(ADJUSTED) },
};

int signal_next(PB(SignalState) from, enum signal_event on, PB(SignalState) *ret_to)
{
	for (size_t i = 0; i < SK_LEN(edge); i++) {
		if (edge[i].from == from && edge[i].on == on) {
			*ret_to = edge[i].to;
			return SK_OK;
		}
	}
	return SK_ESTATE;
}

uint64_t signal_child_days(const PB(SignalRecord) *g, uint64_t now_ms)
{
	uint64_t end_ms = g->cleared_ms != 0 ? g->cleared_ms : now_ms;
	uint32_t first = civil_day_number(g->named_ms);
	uint32_t last = civil_day_number(end_ms);

	return last < first ? 0 : (uint64_t)g->children * (last - first + (MUT(160) ? 0 : 1));
}

/* --- records --- */

static struct key key_of_signal(const PB(SignalRecord) *g)
{
	struct key k = { 0 };

	key_bytes(&k, g->signal_id.data, g->signal_id.len);
	return k;
}

static struct key key_of_running(const PB(SignalRecord) *g)
{
	struct key k = { 0 };

	key_bytes(&k, g->request_id.data, g->request_id.len);
	key_bytes(&k, g->signal_id.data, g->signal_id.len);
	return k;
}

/* No word of a request: a signal is read by government. */
PB(Event) signal_event(const PB(SignalRecord) *g, uint64_t now_ms)
{
	PB(Event) e = PB_INIT(EVENT);

	e.kind = EVENT(SIGNAL);
	e.object_id = g->signal_id;
	e.version = g->version;
	e.request_id = MUT(141) ? g->request_id : e.request_id;
	e.party = g->named_by;
	e.network = g->network;
	e.zone = g->zone;
	e.rule = g->rule;
	e.blocked_step = g->step;
	e.signal_state = g->state;
	e.number = g->children;
	e.at_ms = g->named_ms;
	e.until_ms = g->cleared_ms;
	e.child_days = signal_child_days(g, now_ms);
	e.ended = g->cleared_ms != 0;
	return e;
}

static void signal_save(struct step *s, PB(SignalRecord) *g)
{
	struct key k = key_of_signal(g);

	g->version = step_next_version(s, g->version);
	step_put(s, TABLE_SIGNAL, &k, g);
	PB(Event) e = signal_event(g, s->now_ms);
	step_event(s, &e);
}

/* What a rule has cost, once its days stop. */
static void count_days(struct step *s, const PB(SignalRecord) *g)
{
	struct figure f = {
		.kind = FIGURE(SIGNAL_CHILD_DAYS),
		.zone = g->zone,
		.code = (uint32_t)g->rule,
		.sum = (int64_t)signal_child_days(g, s->now_ms),
	};

	figure_add(s, &f);
}

/* Days stop once, for good: what is blocked anew is named anew. */
static void signal_clear(struct step *s, PB(SignalRecord) *g)
{
	if (g->cleared_ms != 0) {
		return;
	}
	g->cleared_ms = s->now_ms;
	count_days(s, g);
	if (g->request_id.len != 0) {
		struct key k = key_of_running(g);
		step_del(s, TABLE_REQUEST_SIGNAL, &k);
	}
}

/* --- those of one request whose days count --- */

struct running {
	PB(SignalRecord) *g[SIGNALS_REQUEST_MAX];
	size_t len;
};

static struct running running_of(struct step *s, const struct req *q)
{
	struct running list = { .len = 0 };
	struct key prefix = key_of_id(&q->id);
	struct object_id id[SIGNALS_REQUEST_MAX];
	struct store_iter it;
	struct key at;
	struct slice val;
	size_t found = 0;

	store_iter_init(&it, s->txn, TABLE_REQUEST_SIGNAL, &prefix);
	while (store_next(&it, &at, &val)) {
		SK_ASSERT(found < SIGNALS_REQUEST_MAX);
		memcpy(id[found++].b, at.b + prefix.len, OBJECT_ID_LEN);
	}
	store_iter_done(&it);
	for (size_t i = 0; i < found; i++) {
		struct key k = key_of_id(&id[i]);
		PB(SignalRecord) *g = step_get(s, TABLE_SIGNAL, &k, TYPE(signal_record));
		if (g == NULL) {
			break;
		}
		list.g[list.len++] = g;
	}
	return list;
}

static bool of_need(const PB(SignalRecord) *g, const ProtobufCBinaryData *need_id)
{
	return g->need_id.len == 0 || need_id == NULL || data_equal(&g->need_id, need_id);
}

void signal_step_taken(struct step *s, const struct req *q, PB(BlockedStep) step,
		       const ProtobufCBinaryData *need_id)
{
	struct running list = running_of(s, q);

	for (size_t i = 0; i < list.len; i++) {
		if (list.g[i]->step == step && of_need(list.g[i], need_id)) {
			signal_clear(s, list.g[i]);
			signal_save(s, list.g[i]);
		}
	}
}

/* Which state of a contribution shows that a step could be taken. */
static const struct {
	PB(BlockedStep) step;
	PB(ContributionState) state;
} shows[] = {
	{ STEP(ASK), CONTRIB(ASKED) },        { STEP(ASK), CONTRIB(CAN) },
	{ STEP(ASK), CONTRIB(CAN_IF) },       { STEP(ASK), CONTRIB(AGREED) },
	{ STEP(ASK), CONTRIB(STARTED) },      { STEP(AGREE), CONTRIB(AGREED) },
	{ STEP(AGREE), CONTRIB(STARTED) },    { STEP(START), CONTRIB(STARTED) },
	{ STEP(CONTINUE), CONTRIB(STARTED) }, { STEP(HAND_ON), CONTRIB(HANDING_ON) },
	{ STEP(HAND_ON), CONTRIB(ENDED) },
};

void signal_contribution(struct step *s, const struct req *q, const PB(ContributionChanged) *c)
{
	struct running list = running_of(s, q);

	for (size_t i = 0; i < list.len; i++) {
		bool taken = false;
		for (size_t k = 0; k < SK_LEN(shows); k++) {
			taken = taken ||
				(shows[k].step == list.g[i]->step && shows[k].state == c->state);
		}
		if (taken && of_need(list.g[i], &c->need_id)) {
			signal_clear(s, list.g[i]);
			signal_save(s, list.g[i]);
		}
	}
}

static bool is_over(const struct req *q, const PB(SignalRecord) *g)
{
	if (!q->r->open) {
		return true;
	}
	for (size_t i = 0; i < q->needs_len; i++) {
		if (data_equal(&q->need[i]->need->need_id, &g->need_id)) {
			return need_finished(q->need[i]);
		}
	}
	return false;
}

void signal_settle(struct step *s, const struct req *q)
{
	struct running list = running_of(s, q);

	for (size_t i = 0; i < list.len; i++) {
		if (is_over(q, list.g[i])) {
			signal_clear(s, list.g[i]);
			signal_save(s, list.g[i]);
		}
	}
}

/* --- naming --- */

static bool same_signal(const PB(SignalRecord) *g, const struct signal_spec *spec)
{
	static const ProtobufCBinaryData none = { 0 };
	const ProtobufCBinaryData *need = spec->need_id == NULL ? &none : spec->need_id;
	const char *about = spec->about_party == NULL ? "" : spec->about_party;

	return g->rule == spec->rule && g->step == spec->step && data_equal(&g->need_id, need) &&
	       strcmp(g->about_party, about) == 0;
}

static char *text_of(const char *given, char *other)
{
	return given != NULL && given[0] != '\0' ? (char *)(uintptr_t)given : other;
}

static void signal_fill(struct step *s, const struct req *q, const struct signal_spec *spec,
			PB(SignalRecord) *g)
{
	g->rule = spec->rule;
	g->step = spec->step;
	g->state = SIGNAL(NAMED);
	g->network = text_of(spec->network, q == NULL ? g->network : q->r->network);
	g->about_party = text_of(spec->about_party, g->about_party);
	g->named_by = s->from.id;
	g->named_ms = s->now_ms;
	g->state_ms = s->now_ms;
	if (q == NULL) {
		return;
	}
	g->request_id = q->r->request_id;
	g->zone = q->r->zone;
	g->children = (uint32_t)q->r->n_children;
	if (spec->need_id != NULL && spec->need_id->len != 0) {
		g->need_id = *spec->need_id;
		g->children = 1;
	}
}

int signal_name(struct step *s, const struct req *q, const struct signal_spec *spec,
		struct object_id *ret_id)
{
	PB(SignalRecord) g = PB_INIT(SIGNAL_RECORD);

	if (q != NULL) {
		struct running list = running_of(s, q);
		for (size_t i = 0; i < list.len; i++) {
			if (same_signal(list.g[i], spec)) {
				SK_ASSERT(object_id_from(&list.g[i]->signal_id, ret_id));
				return s->txn->err;
			}
		}
		if (list.len == SIGNALS_REQUEST_MAX) {
			return step_refuse(s, REFUSAL(TOO_MANY), "rule");
		}
	}
	*ret_id = step_new_id(s);
	g.signal_id = step_id_data(s, ret_id);
	if (g.signal_id.len == 0) {
		return s->txn->err;
	}
	signal_fill(s, q, spec, &g);
	if (q != NULL) {
		struct key k = key_of_running(&g);
		step_mark(s, TABLE_REQUEST_SIGNAL, &k);
	}
	signal_save(s, &g);
	return s->txn->err;
}

static int check_words(struct step *s, const PB(NameSignal) *m)
{
	int err = check_given(s, (int)m->rule, "rule");

	if (err == SK_OK) {
		err = check_given(s, (int)m->step, "step");
	}
	if (err != SK_OK) {
		return err;
	}
	if (m->network[0] != '\0' && !name_is_valid(m->network)) {
		return step_refuse(s, REFUSAL(MALFORMED), "network");
	}
	bool known = m->about_party[0] == '\0' ||
		     (name_is_valid(m->about_party) && step_party(s, m->about_party) != NULL);
	if (!known) {
		return step_refuse(s, REFUSAL(UNKNOWN_OBJECT), "about_party");
	}
	return m->request_id.len == 0 && m->need_id.len != 0 ?
		       step_refuse(s, REFUSAL(CONTRADICTS), "need_id") :
		       SK_OK;
}

static int check_child(struct step *s, const PB(NameSignal) *m, struct req *ret_q)
{
	int err = req_open(s, &m->request_id, "request_id", ret_q);

	if (err != SK_OK) {
		return err;
	}
	if (!may_act(s, ret_q) && (s->from.roles & ROLE_BIT(COORDINATOR)) == 0) {
		return refuse_not_yours(s, "request_id");
	}
	if (!ret_q->r->open) {
		return refuse_state(s, ret_q, NULL, "request_id");
	}
	if (m->need_id.len == 0) {
		return SK_OK;
	}
	const PB(NeedRecord) *n = req_need(ret_q, &m->need_id);
	if (n == NULL) {
		return step_refuse(s, REFUSAL(UNKNOWN_OBJECT), "need_id");
	}
	return need_finished(n) ? refuse_state(s, ret_q, n, "need_id") : SK_OK;
}

int on_name_signal(struct step *s, const PB(Message) *in)
{
	const PB(NameSignal) *m = in->name_signal;
	struct signal_spec spec = { .rule = m->rule,
				    .step = m->step,
				    .network = m->network,
				    .need_id = &m->need_id,
				    .about_party = m->about_party };
	bool of_child = m->request_id.len != 0;
	struct object_id id;
	struct req q;
	int err = check_words(s, m);

	if (err == SK_OK && of_child) {
		err = check_child(s, m, &q);
	}
	if (err == SK_OK) {
		err = signal_name(s, of_child ? &q : NULL, &spec, &id);
	}
	if (err == SK_OK && of_child) {
		q.r->signalled = true;
		err = req_settle(s, &q); /* the list is told what blocks it */
	}
	if (err == SK_OK) {
		step_result(s, &id, 1);
	}
	return err;
}

/* --- moving --- */

static bool event_of_state(PB(SignalState) to, enum signal_event *ret_on)
{
	static const enum signal_event on[] = { [SIGNAL(RECEIVED)] = SIGNAL_EV_RECEIVE,
						[SIGNAL(CLARIFIED)] = SIGNAL_EV_CLARIFY,
						[SIGNAL(ADJUSTED)] = SIGNAL_EV_ADJUST };
	if (to <= SIGNAL(NAMED) || to > SIGNAL(ADJUSTED)) {
		return false;
	}
	*ret_on = on[to];
	return true;
}

static int refuse_signal(struct step *s, const PB(SignalRecord) *g)
{
	PB(Event) *now = step_alloc(s, sizeof(*now));

	if (now == NULL) {
		return s->txn->err;
	}
	*now = signal_event(g, s->now_ms);
	s->out->holds_now = now;
	return step_refuse(s, REFUSAL(STATE), "to");
}

static int signal_open(struct step *s, const ProtobufCBinaryData *data, PB(SignalRecord) **ret_g)
{
	struct object_id id;

	if (data->len == 0) {
		return step_refuse(s, REFUSAL(MISSING), "signal_id");
	}
	if (!object_id_from(data, &id)) {
		return step_refuse(s, REFUSAL(MALFORMED), "signal_id");
	}
	struct key k = key_of_id(&id);
	PB(SignalRecord) *g = step_get(s, TABLE_SIGNAL, &k, TYPE(signal_record));
	if (g == NULL) {
		return s->txn->err != SK_OK ? s->txn->err :
					      step_refuse(s, REFUSAL(UNKNOWN_OBJECT), "signal_id");
	}
	*ret_g = g;
	return SK_OK;
}

/* Whom it is addressed to, and nobody else: who names it does not clear it. */
static bool may_move(const struct step *s, const PB(SignalRecord) *g)
{
	if (g->about_party[0] != '\0' && strcmp(g->about_party, s->from.id) == 0) {
		return true;
	}
	return (s->from.roles & ROLE_BIT(GOVERNMENT)) != 0;
}

int on_move_signal(struct step *s, const PB(Message) *in)
{
	const PB(MoveSignal) *m = in->move_signal;
	PB(SignalRecord) *g = NULL;
	PB(SignalState) to;
	enum signal_event on;
	int err = signal_open(s, &m->signal_id, &g);

	if (err != SK_OK) {
		return err;
	}
	if (!may_move(s, g)) {
		return refuse_not_yours(s, "signal_id");
	}
	if (m->to == SIGNAL(UNSPECIFIED)) {
		return step_refuse(s, REFUSAL(MISSING), "to");
	}
	if (!event_of_state(m->to, &on) || signal_next(g->state, on, &to) != SK_OK) {
		return refuse_signal(s, g);
	}
	g->state = to;
	g->state_ms = s->now_ms;
	if (to == SIGNAL(CLARIFIED) || to == SIGNAL(ADJUSTED)) {
		signal_clear(s, g);
	}
	signal_save(s, g);
	struct object_id request;
	struct object_id id;
	struct req q;
	SK_ASSERT(object_id_from(&g->signal_id, &id));
	step_result(s, &id, g->version);
	if (g->cleared_ms == s->now_ms && object_id_from(&g->request_id, &request) &&
	    req_load(s, &request, &q)) {
		return req_settle(s, &q); /* the list is told that it blocks no more */
	}
	return s->txn->err;
}
