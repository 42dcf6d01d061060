/* SPDX-License-Identifier: EUPL-1.2 */
#include "tests/unit/laws_story.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

void story_hold(struct story *s, char *party, PB(HolderKind) kind)
{
	PB(HolderView) *h = &s->h[s->h_len++];

	schakel__v1__holder_view__init(h);
	h->party = party;
	h->kind = kind;
	h->from_ms = case_now(s->c);
	s->holder[s->r.n_holders++] = h;
}

void story_release(struct story *s, size_t at)
{
	for (size_t i = at; i + 1 < s->r.n_holders; i++) {
		s->holder[i] = s->holder[i + 1];
	}
	s->r.n_holders--;
}

static void fill_request(struct story *s)
{
	uint64_t now = case_now(s->c);

	schakel__v1__request_record__init(&s->r);
	s->r.request_id = object_id_data(&s->request);
	s->r.short_code = (char *)(uintptr_t) "ABCDEFGHJK";
	s->r.version = 1;
	s->r.open = true;
	s->r.kind = KIND_IS(SEARCH);
	s->r.zone = (char *)(uintptr_t) "westhoek";
	s->r.urgency = URGENCY_IS(STANDARD);
	s->r.requester = (char *)(uintptr_t) "clb";
	s->r.contact_party = (char *)(uintptr_t) "duty-westhoek";
	s->r.stand_in_party = (char *)(uintptr_t) "standin-westhoek";
	s->r.children = s->children;
	s->r.n_children = 1;
	s->r.holders = s->holder;
	s->r.term_from_ms = now;
	s->r.answer_due_ms = law_month_later(now, 1);
	s->r.armed_ms = s->r.answer_due_ms;
	s->due_ms = s->r.answer_due_ms;
	story_hold(s, s->r.requester, HOLDER_IS(REQUESTER));
	story_hold(s, (char *)(uintptr_t) "net-westhoek", HOLDER_IS(ZONE_NETWORK));
	story_hold(s, s->r.contact_party, HOLDER_IS(CONTACT_PERSON));
}

static void fill_need(struct story *s)
{
	schakel__v1__need_record__init(&s->n);
	schakel__v1__need_fact__init(&s->fact);
	schakel__v1__need_spec__init(&s->spec);
	s->n.need = &s->fact;
	s->n.request_id = s->r.request_id;
	s->fact.need_id = object_id_data(&s->need);
	s->fact.need_version = 1;
	s->fact.ordinal = 1;
	s->fact.expertise = 4;
	s->fact.intensity = 2;
	s->fact.must = true;
	s->fact.arrival_ms = case_now(s->c);
	s->fact.state = NEED_IS(OPEN);
	s->spec.expertise = 4;
	s->spec.intensity = 2;
	s->spec.must = true;
	s->specs[0] = &s->spec;
	schakel__v1__submit_request__init(&s->submit);
	s->submit.kind = KIND_IS(SEARCH);
	s->submit.zone = s->r.zone;
	s->submit.urgency = URGENCY_IS(STANDARD);
	s->submit.needs = s->specs;
	s->submit.n_needs = 1;
	s->submit.callback_sealed = true;
}

static void fill_people(struct story *s)
{
	schakel__v1__child__init(&s->child);
	s->child.age_years = 14;
	s->children[0] = &s->child;
	for (uint32_t i = 0; i < 2; i++) {
		schakel__v1__adult__init(&s->adult[i]);
		s->adult[i].number = i + 1;
		s->adult[i].authority = true;
		s->adults[i] = &s->adult[i];
	}
	s->r.adults = s->adults;
}

static void fill_help(struct story *s)
{
	schakel__v1__contribution_changed__init(&s->changed);
	schakel__v1__contribution_record__init(&s->share);
	schakel__v1__team_proposed__init(&s->team);
	schakel__v1__seat__init(&s->seat);
	s->changed.contribution_id = object_id_data(&s->help);
	s->changed.request_id = s->r.request_id;
	s->changed.need_id = s->fact.need_id;
	s->changed.partner = (char *)(uintptr_t) "facility-a";
	s->changed.pool = (char *)(uintptr_t) "beds";
	s->changed.state = CONTRIB(STARTED);
	s->changed.seen = true;
	s->changed.version = 5;
	s->share.last = &s->changed;
	s->seat.need_id = s->fact.need_id;
	s->seat.contribution_id = s->changed.contribution_id;
	s->seat.partner = s->changed.partner;
	s->seat.pool = s->changed.pool;
	s->seat.use = 1;
	s->seat.modality = SCHAKEL__V1__MODALITY__MODALITY_AMBULANT;
	s->seats[0] = &s->seat;
	s->team.request_id = s->r.request_id;
	s->team.proposal_version = 1;
	s->team.seats = s->seats;
	s->team.n_seats = 1;
	s->team.lead = s->seat.partner;
}

struct story *story_new(void)
{
	static struct story s;

	s = (struct story){ .c = case_new(LAWS_INTAKE),
			    .request = case_id(1),
			    .need = case_id(2),
			    .help = case_id(3) };
	fill_request(&s);
	fill_need(&s);
	fill_people(&s);
	fill_help(&s);
	return &s;
}

static struct key need_key(const struct story *s)
{
	struct key k = key_of_id(&s->request);

	key_u32(&k, s->fact.ordinal);
	return k;
}

void story_put_request(struct story *s)
{
	struct key k = key_of_id(&s->request);

	case_put(s->c, I_REQUEST, &k, &s->r);
	for (size_t i = 0; i < s->r.n_holders; i++) {
		k = key_of_str(s->holder[i]->party);
		key_id(&k, &s->request);
		case_put(s->c, I_PARTY_REQUEST, &k, NULL);
	}
}

void story_put_need(struct story *s)
{
	PB(NeedRefRecord) ref = PB_INIT(NEED_REF_RECORD);
	struct key k = need_key(s);

	case_put(s->c, I_NEED, &k, &s->n);
	ref.request_id = s->r.request_id;
	ref.ordinal = s->fact.ordinal;
	k = key_of_id(&s->need);
	case_put(s->c, I_NEED_REF, &k, &ref);
}

void story_submit(struct story *s)
{
	PB(Message) m = PB_INIT(MESSAGE);

	m.body_case = BODY(SUBMIT_REQUEST);
	m.submit_request = &s->submit;
	case_begin(s->c);
	story_put_request(s);
	story_put_need(s);
	if (s->due_ms != 0) {
		case_due(s->c, s->due_ms, I_DUE_CLOCK, &s->request);
	}
	case_apply(s->c, "clb", &m);
}

void story_command(struct story *s)
{
	PB(RecordReview) body = PB_INIT(RECORD_REVIEW);
	PB(Message) m = PB_INIT(MESSAGE);

	m.body_case = BODY(RECORD_REVIEW);
	m.record_review = &body;
	case_begin(s->c);
	story_put_request(s);
	story_put_need(s);
	case_apply(s->c, "clb", &m);
}

/* Who helps is known to the child, the other way round than intake works it out. */
static void story_known(struct story *s)
{
	PB(KnownRecord) known = PB_INIT(KNOWN_RECORD);
	char *partner[] = { s->changed.partner };
	struct key k = key_of_id(&s->request);

	key_u32(&k, 0);
	known.partners = partner;
	known.n_partners = 1;
	if (s->changed.state == CONTRIB(STARTED) && !s->unknown) {
		s->share.begun_ms = s->share.begun_ms == 0 ? case_now(s->c) : s->share.begun_ms;
		case_put(s->c, I_KNOWN, &k, &known);
	}
}

void story_help(struct story *s)
{
	PB(Message) m = PB_INIT(MESSAGE);
	struct key k = key_of_id(&s->request);

	m.body_case = BODY(CONTRIBUTION_CHANGED);
	m.contribution_changed = &s->changed;
	key_id(&k, &s->help);
	case_begin(s->c);
	story_put_request(s);
	story_put_need(s);
	story_known(s);
	case_put(s->c, I_CONTRIBUTION, &k, &s->share);
	case_apply(s->c, "matching", &m);
}

void story_help_starts(struct story *s)
{
	s->r.answered_ms = case_now(s->c);
	story_release(s, 0);
	story_hold(s, s->changed.partner, HOLDER_IS(PARTNER));
	s->fact.state = NEED_IS(ANSWERED);
	story_help(s);
	assert_lawful(s->c);
}

void story_free(struct story *s)
{
	case_free(s->c);
}
