/* SPDX-License-Identifier: EUPL-1.2 */
#include <string.h>

#include "services/intake/core_warm.h"

bool contribution_holds(const PB(ContributionChanged) *c)
{
	return c->state == CONTRIB(AGREED) || c->state == CONTRIB(STARTED) ||
	       c->state == CONTRIB(HANDING_ON);
}

bool contribution_active(const PB(ContributionChanged) *c)
{
	return c->state == CONTRIB(STARTED) || c->state == CONTRIB(INTERRUPTED) ||
	       c->state == CONTRIB(HANDING_ON);
}

bool contribution_ended(const PB(ContributionChanged) *c)
{
	bool asked = c->state == CONTRIB(ASKED) || c->state == CONTRIB(CAN) ||
		     c->state == CONTRIB(CAN_IF) || c->state == CONTRIB(AGREED);

	return !asked && !contribution_active(c);
}

/* --- needs --- */

static bool has_start(const struct req *q, const PB(NeedRecord) *n)
{
	if (n->help_ended) {
		return true;
	}
	for (size_t i = 0; i < q->live_len; i++) {
		const PB(ContributionChanged) *c = q->live[i]->last;
		if (c->state == CONTRIB(STARTED) && data_equal(&c->need_id, &n->need->need_id)) {
			return true;
		}
	}
	return false;
}

static bool all_started(const struct req *q)
{
	size_t musts = 0;

	for (size_t i = 0; i < q->needs_len; i++) {
		const PB(NeedRecord) *n = q->need[i];
		if (!n->need->must || !need_wants_help(n)) {
			continue;
		}
		musts++;
		if (n->need->state == NEED_IS(OPEN) || !has_start(q, n)) {
			return false;
		}
	}
	return musts > 0;
}

/* Each need whose help has come to its end has its own aftercare, whatever else still waits; so
 * none is open that is neither helped nor looked for. */
static void needs_settle(struct step *s, struct req *q)
{
	bool supported = all_started(q);

	for (size_t i = 0; i < q->needs_len; i++) {
		PB(NeedRecord) *n = q->need[i];
		if ((supported || n->help_ended) && n->need->state == NEED_IS(ANSWERED)) {
			need_move(s, q, n, NEED_EV_ALL_STARTED);
		}
		if (n->help_ended && need_can(n, NEED_EV_HELP_ENDED)) {
			need_move(s, q, n, NEED_EV_HELP_ENDED);
		}
	}
}

static void open_settle(struct step *s, struct req *q)
{
	bool was_open = q->r->open;

	if (q->r->kind != KIND(SEARCH)) {
		return;
	}
	q->r->open = needs_open(q) > 0;
	if (q->r->open != was_open) {
		say(s, q, event_request(q));
	}
	if (q->r->open && !was_open) {
		goals_wake(s, q);
		others_wake(s, q);
	}
}

/* --- holders: L2 --- */

struct holder_set {
	PB(HolderView) h[HOLDERS_MAX];
	size_t len;
	bool full;
	bool running; /* only who helps now: there is no room for who helped last */
};

/* Nobody reads because of a kind that was not told. */
static bool kind_reads(PB(SupporterKind) kind)
{
	return kind == SUPPORTER(PROFESSIONAL) || kind == SUPPORTER(LIVED_EXPERIENCE);
}

static void holder_want(struct holder_set *set, char *party, PB(HolderKind) kind, bool reads)
{
	if (party[0] == '\0') {
		return;
	}
	for (size_t i = 0; i < set->len; i++) {
		if (set->h[i].kind == kind && strcmp(set->h[i].party, party) == 0) {
			set->h[i].reads = set->h[i].reads || reads;
			return;
		}
	}
	if (set->len == HOLDERS_MAX) {
		set->full = true;
		return;
	}
	schakel__v1__holder_view__init(&set->h[set->len]);
	set->h[set->len].party = party;
	set->h[set->len].kind = kind;
	set->h[set->len].reads = reads;
	set->len++;
}

/* Who asked holds until help has started, and so does the contact point that made it a crisis
 * later, even when the help that had started has ended since; the network of the zone and the
 * contact person's house as long as anything is open; a partner from its start until another start
 * for that need, or until that need is finished and its own part has ended. */
static void holders_want(const struct req *q, struct holder_set *set)
{
	const PB(RequestRecord) *r = q->r;
	bool running = false;

	for (size_t i = 0; i < q->live_len; i++) {
		running = running || contribution_active(q->live[i]->last);
	}
	if (r->open && r->answered_ms == 0 && !r->by_family) {
		holder_want(set, r->requester, HOLDER(REQUESTER), true);
	}
	if (r->open && r->urgency == URGENCY(CRISIS) && (r->answered_ms == 0 || !running)) {
		holder_want(set, r->crisis_party, HOLDER(REQUESTER), true);
	}
	if (r->open) {
		holder_want(set, r->network_party, HOLDER(ZONE_NETWORK), true);
	}
	if (r->open || running) {
		holder_want(set, r->contact_party, HOLDER(CONTACT_PERSON), true);
	}
	for (size_t i = 0; i < q->needs_len; i++) {
		if (!need_finished(q->need[i]) && !set->running && !MUT(32)) {
			holder_want(set, q->need[i]->held_by, HOLDER(PARTNER),
				    kind_reads(q->need[i]->held_kind));
		}
	}
	for (size_t i = 0; i < q->live_len; i++) {
		bool away = q->live[i]->last->state == CONTRIB(INTERRUPTED);
		if (contribution_active(q->live[i]->last) && !(MUT(32) && away)) {
			holder_want(set, q->live[i]->last->partner, HOLDER(PARTNER),
				    kind_reads(q->live[i]->last->supporter));
		}
	}
}

static PB(HolderView) *holder_find(PB(HolderView) *list, size_t len, const PB(HolderView) *h)
{
	for (size_t i = 0; i < len; i++) {
		if (list[i].kind == h->kind && strcmp(list[i].party, h->party) == 0) {
			return &list[i];
		}
	}
	return NULL;
}

/* Kept with the holder: once it has gone, nothing tells any more whether it may be named. */
static bool holder_is_kept(const struct req *q, const PB(HolderView) *h)
{
	return h->kind == HOLDER(PARTNER) && shield_hides_partner(q, h->party);
}

static void holders_add(struct step *s, struct req *q, struct holder_set *set)
{
	for (size_t i = 0; i < set->len; i++) {
		PB(HolderView) *was = holder_find(q->holder, q->r->n_holders, &set->h[i]);
		if (was != NULL) {
			set->h[i].from_ms = was->from_ms;
			set->h[i].kept = holder_is_kept(q, &set->h[i]);
			continue;
		}
		set->h[i].from_ms = s->now_ms;
		set->h[i].kept = holder_is_kept(q, &set->h[i]);
		party_mark(s, q, set->h[i].party);
		say(s, q, event_holder(q, &set->h[i]));
	}
}

static void holders_release(struct step *s, struct req *q, struct holder_set *set)
{
	for (size_t i = 0; i < q->r->n_holders; i++) {
		PB(HolderView) *h = &q->holder[i];
		if (holder_find(set->h, set->len, h) != NULL) {
			continue;
		}
		h->until_ms = s->now_ms;
		struct key k = key_of_id(&q->id);
		key_u64(&k, h->until_ms);
		key_str(&k, h->party);
		key_u8(&k, (uint8_t)h->kind);
		step_put(s, TABLE_HOLDER_PAST, &k, h);
		say(s, q, event_holder(q, h));
	}
}

/* A start is a fact and stands, also where it is one too many to hold; the contact person holds.
 * New holders first: at no point in the log does the request stand without one. */
static int holders_settle(struct step *s, struct req *q)
{
	struct holder_set set = { .len = 0 };

	if (!q->r->deceased) {
		holders_want(q, &set);
	}
	if (set.full) {
		set = (struct holder_set){ .running = true };
		holders_want(q, &set);
	}
	holders_add(s, q, &set);
	holders_release(s, q, &set);
	memcpy(q->holder, set.h, set.len * sizeof(set.h[0]));
	q->r->n_holders = set.len;
	SK_ASSERT(!q->r->open || set.len > 0);
	return SK_OK;
}

/* --- crisis --- */

/* Watched whenever help is wanted and nothing holds: at first, and again when what held is lost. */
static void crisis_settle(struct step *s, struct req *q)
{
	PB(RequestRecord) *r = q->r;
	bool wanted = false;
	bool held = false;

	for (size_t i = 0; i < q->needs_len; i++) {
		wanted = wanted || need_wants_help(q->need[i]);
	}
	for (size_t i = 0; i < q->live_len; i++) {
		held = held || contribution_holds(q->live[i]->last);
	}
	if (r->urgency != URGENCY(CRISIS) || !wanted || held) {
		r->crisis_check_ms = 0;
	} else if (r->crisis_check_ms == 0) {
		r->crisis_check_ms = s->now_ms + step_setting(s, SETTING_CRISIS_HOLD) * SECOND_MS;
	}
}

/* The receipt names the version that follows from the command, so that the next may build on it. */
static void result_renew(struct step *s, const struct req *q)
{
	if (s->out != NULL && object_id_equal(&s->out->object, &q->id)) {
		s->out->version = q->r->version;
	}
}

int req_settle(struct step *s, struct req *q)
{
	req_live(s, q);
	shields_settle(s, q);
	needs_settle(s, q);
	open_settle(s, q);
	int err = holders_settle(s, q);
	if (err != SK_OK) {
		return err;
	}
	family_settle(s, q);
	crisis_settle(s, q);
	signal_settle(s, q);
	orders_settle(s, q);
	list_tell(s, q);
	result_renew(s, q);
	care_settle(s, q);
	q->fam = NULL; /* it holds for one settling */
	due_arm(s, q);
	req_figures(s, q);
	req_save(s, q);
	return s->txn->err;
}
