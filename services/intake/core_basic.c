/* SPDX-License-Identifier: EUPL-1.2 */
/* Basic support (Huis van het Kind, school) stays beside a child through every kind of help, unless
 * the family does not want it (L13, D11, D12); it sees the link and the contact person only (D14).
 */
#include <string.h>

#include "services/intake/core_figure.h"
#include "services/intake/core_warm.h"

#define LINK(X) SCHAKEL__V1__BASIC_LINK__BASIC_LINK_##X
#define FLOW_OF(X) SCHAKEL__V1__FLOW__FLOW_##X

static struct key key_of_note(const struct req *q, uint32_t number)
{
	struct key k = key_of_id(&q->id);

	key_u32(&k, number);
	return k;
}

static struct key key_of_link(const struct req *q, const char *party)
{
	struct key k = key_of_str(party);

	key_id(&k, &q->id);
	return k;
}

static size_t notes_read(struct step *s, const struct req *q, PB(BasicLinkRecord) **ret_list)
{
	struct key prefix = key_of_id(&q->id);
	struct store_iter it;
	struct key at;
	struct slice val;
	size_t len = 0;

	store_iter_init(&it, s->txn, TABLE_BASIC, &prefix);
	while (len < BASIC_NOTES_MAX && store_next(&it, &at, &val)) {
		PB(BasicLinkRecord) *n = step_unpack(s, val, TYPE(basic_link_record));
		if (n == NULL) {
			break;
		}
		ret_list[len++] = n;
	}
	store_iter_done(&it);
	return len;
}

/* What stands now, from what was noted: no note takes a link away but the family's no. */
struct standing {
	PB(BasicLink) link;
	char *party; /* one that is linked */
};

static struct standing standing_of(PB(BasicLinkRecord) *const *list, size_t len)
{
	struct standing now = { .link = LINK(UNSPECIFIED), .party = NULL };

	for (size_t i = 0; i < len; i++) {
		const PB(BasicLinkRecord) *n = list[i];
		bool of_this = n->party[0] == '\0' || now.party == NULL ||
			       strcmp(n->party, now.party) == 0;
		if (n->link == LINK(PRESENT)) {
			now = (struct standing){ n->link, n->party };
		} else if (n->link == LINK(DECLINED) && of_this) {
			now = (struct standing){ n->link, NULL };
		} else if (now.link != LINK(PRESENT) && now.link != LINK(DECLINED)) {
			now.link = n->link;
		}
	}
	return now;
}

static struct standing standing(struct step *s, const struct req *q)
{
	PB(BasicLinkRecord) *list[BASIC_NOTES_MAX];
	size_t len = notes_read(s, q, list);

	return standing_of(list, len);
}

static bool settled(const struct standing *now)
{
	return now->link == LINK(PRESENT) || now->link == LINK(DECLINED);
}

static void link_say(struct step *s, const struct req *q, PB(Flow) flow, PB(BasicLink) link,
		     char *party)
{
	PB(Event) e = event_of(q, EVENT(BASIC_LINK));

	e.flow = flow;
	e.basic_link = link == LINK(UNSPECIFIED) ? LINK(NONE_YET) : link;
	e.zone = q->r->zone;
	if (party != NULL) {
		e.party = party;
	}
	say(s, q, e);
}

/* Told when the stay starts, and again at each review, until it is noted. */
static void basic_watch(struct step *s, struct req *q, const ProtobufCBinaryData *object)
{
	PB(WatchRecord) w = PB_INIT(WATCH_RECORD);

	w.alarm = ALARM(BASIC_SUPPORT);
	w.object_id = *object;
	w.due_ms = s->now_ms;
	watch_say(s, q, &w);
	w.due_ms = civil_add_days_local(s->now_ms, (int32_t)step_setting(s, SETTING_REVIEW_ACTIVE));
	watch_set(s, q, &w);
}

void basic_started(struct step *s, struct req *q, const PB(ContributionChanged) *c)
{
	struct standing now = standing(s, q);

	link_say(s, q, FLOW_OF(THROUGH), now.link, now.party);
	bool stay = c->modality == SCHAKEL__V1__MODALITY__MODALITY_RESIDENTIAL;
	if (stay && !settled(&now) && !MUT(138)) {
		basic_watch(s, q, &c->contribution_id);
	}
}

void basic_out(struct step *s, struct req *q, const PB(NeedRecord) *n)
{
	struct standing now = standing(s, q);

	(void)n;
	link_say(s, q, FLOW_OF(OUT), now.link, now.party);
}

/* Once it is noted, no stay of this request waits for it any more. */
static void watches_end(struct step *s, struct req *q)
{
	req_live(s, q);
	for (size_t i = 0; i < q->live_len; i++) {
		(void)watch_end(s, q, ALARM(BASIC_SUPPORT), &q->live[i]->last->contribution_id);
	}
}

static int check_party(struct step *s, const PB(RecordBasicLink) *m)
{
	bool present = m->link == LINK(PRESENT);

	if (m->party[0] == '\0') {
		return present ? step_refuse(s, REFUSAL(MISSING), "party") : SK_OK;
	}
	if (m->link == LINK(NONE_YET)) {
		return step_refuse(s, REFUSAL(CONTRADICTS), "party");
	}
	bool known = name_is_valid(m->party) &&
		     step_party_has_role(s, m->party, SCHAKEL__V1__ROLE__ROLE_BASIC_SUPPORT);
	return known ? SK_OK : step_refuse(s, REFUSAL(UNKNOWN_OBJECT), "party");
}

static int check_link(struct step *s, const struct req *q, const PB(RecordBasicLink) *m)
{
	if (!may_act(s, q) && (s->from.roles & ROLE_BIT(COORDINATOR)) == 0) {
		return refuse_not_yours(s, "request_id");
	}
	int err = check_given(s, (int)m->flow, "flow");
	if (err == SK_OK) {
		err = check_given(s, (int)m->link, "link");
	}
	return err == SK_OK ? check_party(s, m) : err;
}

static void note_put(struct step *s, struct req *q, const PB(RecordBasicLink) *m, uint32_t number)
{
	PB(BasicLinkRecord) n = PB_INIT(BASIC_LINK_RECORD);
	struct key k = key_of_note(q, number);

	n.party = m->party;
	n.flow = m->flow;
	n.link = m->link;
	n.at_ms = s->now_ms;
	n.by_party = s->from.id;
	step_put(s, TABLE_BASIC, &k, &n);
	if (m->link == LINK(PRESENT)) {
		struct key link = key_of_link(q, m->party);
		step_mark(s, TABLE_BASIC_PARTY, &link);
	}
	link_say(s, q, m->flow, m->link, m->party);
	struct figure f = req_figure(q, SCHAKEL__V1__FIGURE_KIND__FIGURE_KIND_BASIC_LINK,
				     (uint32_t)m->flow * 10 + (uint32_t)m->link);
	figure_add(s, &f);
}

int on_record_basic_link(struct step *s, const PB(Message) *in)
{
	const PB(RecordBasicLink) *m = in->record_basic_link;
	PB(BasicLinkRecord) *list[BASIC_NOTES_MAX];
	struct req q;
	int err = req_open(s, &m->request_id, "request_id", &q);

	if (err == SK_OK) {
		err = check_link(s, &q, m);
	}
	if (err != SK_OK) {
		return err;
	}
	size_t len = notes_read(s, &q, list);
	struct standing now = standing_of(list, len);
	/* L13: what stays is not noted away. */
	if (m->link == LINK(NONE_YET) && now.link == LINK(PRESENT)) {
		return refuse_state(s, &q, NULL, "link");
	}
	if (len == BASIC_NOTES_MAX) {
		return step_refuse(s, REFUSAL(TOO_MANY), "link");
	}
	note_put(s, &q, m, (uint32_t)len + 1);
	if (m->link != LINK(NONE_YET) || MUT(139)) {
		watches_end(s, &q);
	}
	step_result(s, &q.id, q.r->version);
	return req_settle(s, &q);
}

/* --- views --- */

void basic_view(struct step *s, const struct req *q, PB(RequestItem) *it)
{
	static const PB(BasicLinkView) empty = PB_INIT(BASIC_LINK_VIEW);
	PB(BasicLinkRecord) *list[BASIC_NOTES_MAX];
	size_t len = notes_read(s, q, list);
	PB(BasicLinkView) **at = step_alloc(s, (len + 1) * sizeof(*at));

	for (size_t i = 0; at != NULL && i < len; i++) {
		at[i] = step_alloc(s, sizeof(*at[i]));
		if (at[i] == NULL) {
			return;
		}
		*at[i] = empty;
		at[i]->party = list[i]->party;
		at[i]->flow = list[i]->flow;
		at[i]->link = list[i]->link;
		at[i]->at_ms = list[i]->at_ms;
		it->n_basic_links = i + 1;
	}
	it->basic_links = at;
}

/* Of that party: since when, and whether it still stands. */
static bool link_of(struct step *s, const struct req *q, PB(LinkItem) *ret_l)
{
	PB(BasicLinkRecord) *list[BASIC_NOTES_MAX];
	size_t len = notes_read(s, q, list);

	for (size_t i = 0; i < len; i++) {
		bool mine = strcmp(list[i]->party, s->from.id) == 0;
		bool all = list[i]->party[0] == '\0' && list[i]->link == LINK(DECLINED);
		if (mine || all) {
			ret_l->link = list[i]->link;
			ret_l->since_ms = list[i]->at_ms;
		}
	}
	return ret_l->link == LINK(PRESENT);
}

static PB(LinkItem) *link_item(struct step *s, const struct object_id *id)
{
	static const PB(LinkItem) empty = PB_INIT(LINK_ITEM);
	PB(LinkItem) *l = step_alloc(s, sizeof(*l));
	struct req q;

	if (l == NULL || !req_load(s, id, &q)) {
		return NULL;
	}
	*l = empty;
	if (q.r->deceased || !link_of(s, &q, l)) {
		return NULL;
	}
	l->request_id = q.r->request_id;
	l->short_code = q.r->short_code;
	l->contact_party = q.r->contact_party;
	l->stand_in_party = q.r->stand_in_party;
	return l;
}

int q_links(struct step *s, const PB(Message) *in, PB(Message) *out)
{
	static const PB(LinksView) empty = PB_INIT(LINKS_VIEW);
	const PB(QueryLinks) *m = in->query_links;
	PB(LinksView) *v = step_alloc(s, sizeof(*v));
	PB(LinkItem) **list = step_alloc(s, PAGE_MAX * sizeof(*list));
	struct key prefix = key_of_str(s->from.id);
	struct list_page p;
	struct slice val;

	if (v == NULL || list == NULL) {
		return s->txn->err;
	}
	int err = page_begin(s, TABLE_BASIC_PARTY, &prefix, &m->after, &p);
	if (err != SK_OK) {
		return err;
	}
	*v = empty;
	v->links = list;
	page_limit(s, &p, m->limit);
	while (page_next(&p, v->n_links, &val)) {
		PB(LinkItem) *l = link_item(s, &p.last);
		if (l != NULL) {
			list[v->n_links++] = l;
		}
	}
	page_end(s, &p, &v->next);
	out->body_case = BODY(LINKS_VIEW);
	out->links_view = v;
	return s->txn->err;
}
