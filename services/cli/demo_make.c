/* SPDX-License-Identifier: EUPL-1.2 */
#include "services/cli/demo_make.h"

#include <string.h>

#include "common/words.h"

#define ROLES(name) ROLE_BIT(name)
#define URGENCY(NAME) SCHAKEL__V1__URGENCY__URGENCY_##NAME
#define AGE_CAPABLE 12
#define DAYS_FIRST 0x1f  /* Monday to Friday */
#define DAYS_SECOND 0x60 /* the weekend */

size_t demo_zone_find(const struct demo_region *r, const char *id)
{
	size_t i = 0;

	while (i < r->zones_len && strcmp(r->zone[i].id, id) != 0) {
		i++;
	}
	return i;
}

uint32_t demo_cast_find(const struct demo_cast *cast, const char *id)
{
	uint32_t i = 0;

	while (i < cast->len && strcmp(cast->party[i].id, id) != 0) {
		i++;
	}
	return i;
}

static uint32_t first_with(const struct demo_cast *cast, uint32_t role)
{
	uint32_t i = 0;

	while (i < cast->len && (cast->party[i].roles & role) == 0) {
		i++;
	}
	return i;
}

static struct demo_party party_of(const struct conf_party *p, const struct demo_region *r)
{
	struct demo_party d = {
		.id = p->id,
		.name = p->name,
		.organisation = p->organisation[0] == '\0' ? p->id : p->organisation,
		.roles = p->roles,
		.days = p->opening_days == 0 ? 0x1f : (uint8_t)p->opening_days,
		.on_call = p->on_call,
	};

	for (uint32_t i = 0; i < p->zones_len; i++) {
		size_t z = demo_zone_find(r, p->zones[i]);
		d.zones |= z < r->zones_len ? 1U << z : 0;
	}
	return d;
}

bool demo_cast_of(const struct conf *conf, const struct demo_region *r, struct demo_cast *ret_cast)
{
	*ret_cast = (struct demo_cast){ 0 };
	for (size_t i = 0; i < conf->parties_len; i++) {
		if ((conf->parties[i].roles & ROLES(DAEMON)) != 0) {
			continue;
		}
		if (ret_cast->len == DEMO_PARTIES_MAX) {
			return false;
		}
		ret_cast->party[ret_cast->len++] = party_of(&conf->parties[i], r);
	}
	ret_cast->contact_point = first_with(ret_cast, ROLES(CONTACT_POINT));
	ret_cast->coordinator = first_with(ret_cast, ROLES(COORDINATOR));
	ret_cast->family = first_with(ret_cast, ROLES(FAMILY));
	ret_cast->watcher = first_with(ret_cast, ROLES(DASHBOARD));
	ret_cast->government = first_with(ret_cast, ROLES(GOVERNMENT));
	ret_cast->mandated = first_with(ret_cast, ROLES(MANDATED));
	ret_cast->operator= first_with(ret_cast, ROLES(OPERATOR));
	return ret_cast->contact_point < ret_cast->len && ret_cast->coordinator < ret_cast->len &&
	       ret_cast->family < ret_cast->len && ret_cast->watcher < ret_cast->len &&
	       ret_cast->operator<ret_cast->len;
}

/* One of the parties with that role that serve the zone; @p but is not asked. */
static uint32_t somebody(const struct demo_cast *cast, struct demo_rand *rand, uint32_t role,
			 size_t zone, const char *but)
{
	uint32_t found[DEMO_PARTIES_MAX];
	uint32_t len = 0;

	for (uint32_t i = 0; i < cast->len; i++) {
		const struct demo_party *p = &cast->party[i];
		bool serves = (p->zones & 1U << zone) != 0;
		if ((p->roles & role) != 0 && serves &&
		    (but == NULL || strcmp(p->organisation, but) != 0)) {
			found[len++] = i;
		}
	}
	return len == 0 ? cast->contact_point : found[demo_rand_below(rand, len)];
}

struct making {
	const struct demo_region *r;
	const struct demo_cast *cast;
	const struct demo_bundle *b;
	struct demo_rand *rand;
	struct arena *a;
	PB(SubmitRequest) *s;
	bool full; /* no memory */
};

static void *take(struct making *m, size_t bytes)
{
	void *p = arena_alloc(m->a, bytes);

	m->full = m->full || p == NULL;
	return p;
}

/* A list of one to as many messages of a type, in one block behind its pointers. */
static void *list(struct making *m, size_t len, size_t bytes, void ***ret_at)
{
	char *box = take(m, len * bytes + 1);
	void **at = take(m, len * sizeof(void *) + 1);

	for (size_t i = 0; !m->full && i < len; i++) {
		at[i] = box + i * bytes;
	}
	*ret_at = at;
	return box;
}

/* Is that row of abilities.csv drawn for this family? */
static bool drawn(struct making *m, const char *key)
{
	return demo_rand_share(m->rand, demo_ability(m->r, key)->share);
}

/* One child, or brothers and sisters: all of the ages that are asked about. */
static void make_children(struct making *m)
{
	const uint32_t weight[] = { 1000 - m->r->n.two_children_share -
					    m->r->n.three_children_share,
				    m->r->n.two_children_share, m->r->n.three_children_share };
	size_t len = 1 + demo_rand_pick(m->rand, weight, SK_LEN(weight));
	uint32_t years = m->b->age_to - m->b->age_from + 1;
	void **at;

	len = m->b->consult ? 1 : len;
	PB(Child) *c = list(m, len, sizeof(*c), &at);
	for (size_t i = 0; i < len; i++) {
		uint32_t age = m->b->age_from + demo_rand_below(m->rand, years);
		bool capable = demo_rand_share(m->rand, m->r->n.judged_capable_share);
		bool incapable = demo_rand_share(m->rand, m->r->n.judged_incapable_share);
		if (m->full) {
			return;
		}
		schakel__v1__child__init(&c[i]);
		c[i].age_years = age;
		c[i].judged_capable = age < AGE_CAPABLE && capable;
		c[i].judged_incapable = age >= AGE_CAPABLE && incapable;
	}
	m->s->children = (PB(Child) **)at;
	m->s->n_children = len;
}

/* One parent at home, or two who live apart; a known conflict means that both must agree. */
static void make_adults(struct making *m)
{
	bool two = demo_rand_share(m->rand, m->r->n.two_homes_share);
	bool conflict = demo_rand_share(m->rand, m->r->n.parents_conflict_share);
	size_t len = two ? 2 : 1;
	void **at;
	PB(Adult) *adult = list(m, len, sizeof(*adult), &at);

	for (size_t i = 0; !m->full && i < len; i++) {
		schakel__v1__adult__init(&adult[i]);
		adult[i].number = (uint32_t)i + 1;
		adult[i].authority = true;
		adult[i].home = i == 0;
		adult[i].conflict = two && conflict;
	}
	m->s->adults = (PB(Adult) **)at;
	m->s->n_adults = len;
}

/* Parents who live apart, and a child that lives in both homes: both are its own ring. */
static void make_stays(struct making *m, size_t zone)
{
	bool days = drawn(m, "day_places");
	bool safe = drawn(m, "safe_place");
	size_t other = demo_rand_below(m->rand, (uint32_t)m->r->zones_len);

	for (size_t i = 0; days && m->s->n_adults == 2 && !m->b->consult && i < m->s->n_children;
	     i++) {
		void **at;
		PB(Stay) *stay = list(m, 2, sizeof(*stay), &at);
		if (m->full) {
			return;
		}
		for (size_t k = 0; k < 2; k++) {
			schakel__v1__stay__init(&stay[k]);
			stay[k].zone = (char *)(uintptr_t)m->r->zone[k == 0 ? zone : other].id;
			stay[k].days = k == 0 ? DAYS_FIRST : DAYS_SECOND;
			stay[k].adult = (uint32_t)k + 1;
			stay[k].safe = k == 1 && safe;
		}
		m->s->children[i]->stays = (PB(Stay) **)at;
		m->s->children[i]->n_stays = 2;
	}
}

static void need_spec(PB(NeedSpec) *spec, const struct demo_need *n, size_t child)
{
	schakel__v1__need_spec__init(spec);
	spec->expertise = n->expertise;
	spec->intensity = n->intensity;
	spec->duration_weeks = n->weeks;
	spec->must = n->must;
	spec->life_domain = (PB(LifeDomain))n->life_domain;
	spec->child = (uint32_t)child;
}

/* What a brother or sister needs: the part that lasts, not the crisis of the first one. */
static const struct demo_need *need_of_sibling(const struct demo_bundle *b)
{
	const struct demo_need *last = &b->need[0];

	for (size_t i = 0; i < b->needs_len; i++) {
		if (b->need[i].must) {
			last = &b->need[i];
		}
	}
	return last;
}

static void make_needs(struct making *m)
{
	size_t own = m->b->consult ? 0 : m->b->needs_len;
	size_t len = own + (m->b->consult ? 0 : m->s->n_children - 1);
	void **at;
	PB(NeedSpec) *need = list(m, len, sizeof(*need), &at);

	for (size_t i = 0; !m->full && i < len; i++) {
		bool first = i < own;
		need_spec(&need[i], first ? &m->b->need[i] : need_of_sibling(m->b),
			  first ? 0 : i - own + 1);
	}
	m->s->needs = (PB(NeedSpec) **)at;
	m->s->n_needs = len;
}

static void make_strengths(struct making *m)
{
	bool told = drawn(m, "strength_told");
	uint32_t kind = 1 + demo_rand_below(m->rand, 3); /* a person, a place, an activity */
	void **at;

	if (!told || m->b->consult) {
		return;
	}
	PB(Strength) *strength = list(m, 1, sizeof(*strength), &at);
	if (m->full) {
		return;
	}
	schakel__v1__strength__init(strength);
	strength->kind = (PB(StrengthKind))kind;
	strength->life_domain = m->s->needs[0]->life_domain;
	strength->need = 1;
	m->s->strengths = (PB(Strength) **)at;
	m->s->n_strengths = 1;
}

static void make_wishes(struct making *m, size_t zone)
{
	static const char *const languages[] = { "fr", "ar", "uk", "tr" };
	bool other = demo_rand_share(m->rand, m->r->n.other_language_share);
	const char *language = other ? languages[demo_rand_below(m->rand, 4)] : "nl";
	bool excludes = demo_rand_share(m->rand, m->r->n.excluded_partner_share);
	uint32_t not_them = somebody(m->cast, m->rand, ROLES(FACILITY), zone, NULL);
	bool prefers = drawn(m, "preferred_partner");
	uint32_t rather = somebody(m->cast, m->rand, ROLES(FACILITY), zone, NULL);
	char **text = take(m, 3 * sizeof(*text));

	if (m->full) {
		return;
	}
	text[2] = (char *)(uintptr_t)m->cast->party[rather].id;
	m->s->preferred_partners = &text[2];
	m->s->n_preferred_partners = prefers && rather != not_them ? 1 : 0;
	text[0] = (char *)(uintptr_t)language;
	text[1] = (char *)(uintptr_t)m->cast->party[not_them].id;
	m->s->languages = &text[0];
	m->s->n_languages = 1;
	m->s->excluded_partners = &text[1];
	m->s->n_excluded_partners = excludes ? 1 : 0;
}

/* A crisis goes through the contact point; the rest through any entry of the zone. */
static uint32_t make_requester(struct making *m, size_t zone)
{
	uint32_t who = m->b->urgency == URGENCY(CRISIS) ?
			       m->cast->contact_point :
			       somebody(m->cast, m->rand, ROLES(REQUESTER), zone, NULL);

	if (m->b->urgency == URGENCY(URGENT)) {
		uint32_t second = somebody(m->cast, m->rand, ROLES(REQUESTER) | ROLES(FACILITY),
					   zone, m->cast->party[who].organisation);
		m->s->second_party = (char *)(uintptr_t)m->cast->party[second].id;
	}
	return who;
}

static struct slice make_story(struct making *m)
{
	static const size_t cap = 400;
	char *s = take(m, cap);
	int len = m->full ? 0 :
			    snprintf(s, cap,
				     "{\"callback\":\"voorbeeld: geen echt nummer\","
				     "\"story\":\"Verzonnen verhaal (%s). Er staat niets in van "
				     "een bestaand mens.\"}",
				     m->b->name);

	return (struct slice){ s, (size_t)len };
}

int demo_make(const struct demo_region *r, const struct demo_cast *cast, struct demo_rand *rand,
	      struct arena *a, struct demo_case *io_case)
{
	size_t zone = demo_rand_pick(rand, r->zone_minors, r->zones_len);
	const uint32_t *weight = io_case->gate ? r->gate_weight : r->call_weight;
	size_t bundle = demo_rand_pick(rand, weight, r->bundles_len);
	struct making m = { .r = r, .cast = cast, .b = &r->bundle[bundle], .rand = rand, .a = a };

	m.s = take(&m, sizeof(*m.s));
	if (m.full) {
		return SK_ENOMEM;
	}
	schakel__v1__submit_request__init(m.s);
	m.s->kind = m.b->consult ? SCHAKEL__V1__REQUEST_KIND__REQUEST_KIND_CONSULT :
				   SCHAKEL__V1__REQUEST_KIND__REQUEST_KIND_SEARCH;
	m.s->zone = (char *)(uintptr_t)r->zone[zone].id;
	m.s->urgency = (PB(Urgency))m.b->urgency;
	m.s->crisis_step = (PB(CrisisStep))m.b->crisis_step;
	m.s->reason = (PB(DangerReason))m.b->reason;
	make_children(&m);
	make_adults(&m);
	make_stays(&m, zone);
	make_needs(&m);
	make_wishes(&m, zone);
	make_strengths(&m);
	bool named = drawn(&m, "network_named") && !m.b->consult && !io_case->yesterday;
	bool anonymous = drawn(&m, "anonymous_consult") && m.b->consult;
	m.s->network = (char *)(uintptr_t)(named ? "een-plan" : "");
	m.s->callback_sealed = !anonymous;
	uint32_t requester = make_requester(&m, zone);
	struct slice story = make_story(&m);
	if (m.full) {
		return SK_ENOMEM;
	}
	*io_case = (struct demo_case){ .gate = io_case->gate,
				       .bundle = bundle,
				       .zone = zone,
				       .requester = requester,
				       .submit = m.s,
				       .story = story,
				       .anonymous = anonymous,
				       .yesterday = io_case->yesterday };
	return SK_OK;
}
