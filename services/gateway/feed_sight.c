/* SPDX-License-Identifier: EUPL-1.2 */
/* Who sees what of an event, and places in the logs as texts. Pure. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "services/gateway/feed.h"

#define KIND(NAME) SCHAKEL__V1__EVENT_KIND__EVENT_KIND_##NAME

static bool number(const char **io_at, char end, uint64_t max, uint64_t *ret_n)
{
	const char *at = *io_at;
	uint64_t n = 0;
	size_t digits = 0;

	for (; *at >= '0' && *at <= '9' && digits < 19; at++, digits++) {
		n = n * 10 + (uint64_t)(*at - '0');
	}
	if (digits == 0 || *at != end || n > max) {
		return false;
	}
	*io_at = at + (end != '\0');
	*ret_n = n;
	return true;
}

bool feed_place_read(const char *text, struct feed_place *ret_place)
{
	struct feed_place p = { 0 };

	if (strcmp(text, "0") == 0) {
		*ret_place = p;
		return true;
	}
	for (unsigned d = 0; d < CONF_DAEMONS; d++) {
		uint64_t incarnation = 0;
		if (!number(&text, '.', UINT32_MAX, &incarnation) ||
		    !number(&text, d + 1 < CONF_DAEMONS ? ',' : '\0', UINT64_MAX, &p.sequence[d])) {
			return false;
		}
		p.incarnation[d] = (uint32_t)incarnation;
	}
	*ret_place = p;
	return true;
}

void feed_place_text(const struct feed_place *p, char ret_text[FEED_PLACE_MAX])
{
	(void)snprintf(ret_text, FEED_PLACE_MAX,
		       "%" PRIu32 ".%" PRIu64 ",%" PRIu32 ".%" PRIu64 ",%" PRIu32 ".%" PRIu64,
		       p->incarnation[0], p->sequence[0], p->incarnation[1], p->sequence[1],
		       p->incarnation[2], p->sequence[2]);
}

/* Of the offer side: in the open directory too. */
static bool is_open(const PB(Event) *e)
{
	return e->kind == KIND(POOL) || e->kind == KIND(NETWORK) || e->kind == KIND(CONVERSION);
}

/* What a person of a family may learn by the hour: no partner's answer. */
static bool moves_a_family(const PB(Event) *e)
{
	switch ((int)e->kind) {
	case KIND(REQUEST):
	case KIND(NEED):
	case KIND(HOLDER):
	case KIND(CONTACT_PERSON):
	case KIND(PLAN):
	case KIND(TEAM):
	case KIND(TERM):
	case KIND(GOAL):
	case KIND(NIGHT_PLAN):
	case KIND(CONSULT):
	case KIND(FILE):
	case KIND(OTHER_WANTED):
		return true;
	case KIND(CONTRIBUTION):
		return e->contribution_state >=
		       SCHAKEL__V1__CONTRIBUTION_STATE__CONTRIBUTION_STATE_AGREED;
	default:
		return false;
	}
}

static bool is_named(const char *party, const PB(Event) *e)
{
	return (e->party != NULL && strcmp(e->party, party) == 0) ||
	       (e->stand_in != NULL && strcmp(e->stand_in, party) == 0);
}

static bool has_part(const char *party, const struct feed_parts *parts)
{
	for (size_t i = 0; i < parts->len; i++) {
		if (strcmp(parts->party[i], party) == 0) {
			return true;
		}
	}
	return false;
}

/* Who helps learns that something moves, and not what another partner answered; who asks does. */
static bool is_answer(const struct who *who, const PB(Event) *e)
{
	uint32_t asks = ROLE_BIT(REQUESTER) | ROLE_BIT(CONTACT_POINT) | ROLE_BIT(COORDINATOR);

	return e->kind == KIND(CONTRIBUTION) && (who->roles & asks) == 0 &&
	       e->contribution_state < SCHAKEL__V1__CONTRIBUTION_STATE__CONTRIBUTION_STATE_AGREED;
}

/* What stays between the child and who helps it: of others' requests a coordinator learns that such
 * a thing moved, so that what it looks at is read anew, and not of whom. */
static bool is_inner(const PB(Event) *e)
{
	switch ((int)e->kind) {
	case KIND(POSITION):
	case KIND(COURT_ORDER):
	case KIND(FAMILY):
	case KIND(GOAL):
	case KIND(OWN_CONTRIBUTION):
	case KIND(DIAGNOSTIC):
	case KIND(FIT):
	case KIND(BASIC_LINK):
	case KIND(JUDGEMENT):
	case KIND(FILE):
	case KIND(CONCERN):
		return true;
	default:
		return false;
	}
}

/* A house's own people, and what this version does not know, are of who is named. */
static bool is_closed(const PB(Event) *e)
{
	return e->kind == KIND(WORKER) || e->kind > KIND(CONCERN);
}

/* Of requests in which one has no part: what the role is for, and no more (DOMAIN 2). */
static enum feed_sight of_role(const struct who *who, const PB(Event) *e)
{
	uint32_t counts = ROLE_BIT(DASHBOARD) | ROLE_BIT(GOVERNMENT);
	bool of_node = e->kind == KIND(ALARM) && e->request_id.len == 0 && e->object_id.len == 0;

	if ((who->roles & ROLE_BIT(COORDINATOR)) != 0 && !is_closed(e)) {
		return is_inner(e) ? FEED_REDUCED : FEED_WHOLE;
	}
	if ((who->roles & ROLE_BIT(OPERATOR)) != 0 && of_node) {
		return FEED_WHOLE;
	}
	/* The call list and the last place are of the whole region: they are read anew. */
	if ((who->roles & ROLE_BIT(CONTACT_POINT)) != 0 &&
	    (e->kind == KIND(CONTRIBUTION) || e->kind == KIND(LAST_PLACE))) {
		return FEED_REDUCED;
	}
	return (who->roles & counts) != 0 && e->kind == KIND(SIGNAL) ? FEED_REDUCED : FEED_NOTHING;
}

enum feed_sight feed_sight(const struct who *who, const uint8_t own_request[OBJECT_ID_LEN],
			   const PB(Event) *e, const struct feed_parts *parts)
{
	if (who->person) {
		bool own = own_request != NULL && e->request_id.len == OBJECT_ID_LEN &&
			   memcmp(e->request_id.data, own_request, OBJECT_ID_LEN) == 0;
		return own && moves_a_family(e) ? FEED_REDUCED : FEED_NOTHING;
	}
	if (!who->known || (who->roles & ROLE_BIT(FAMILY)) != 0) {
		return FEED_NOTHING;
	}
	if (is_open(e) || is_named(who->party, e)) {
		return FEED_WHOLE;
	}
	/* Who acts for the court sees the order and nothing of what is voluntary. */
	bool voluntary = (who->roles & ~ROLE_BIT(MANDATED)) != 0;
	if (voluntary && has_part(who->party, parts)) {
		return is_answer(who, e) ? FEED_REDUCED : FEED_WHOLE;
	}
	return of_role(who, e);
}
