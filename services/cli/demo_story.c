/* SPDX-License-Identifier: EUPL-1.2 */
#include "services/cli/demo_story.h"

#include <string.h>

#include "common/words.h"

#define STATE(NAME) SCHAKEL__V1__CONTRIBUTION_STATE__CONTRIBUTION_STATE_##NAME
#define ALARM(NAME) SCHAKEL__V1__ALARM_KIND__ALARM_KIND_##NAME
#define KIND(NAME) SCHAKEL__V1__EVENT_KIND__EVENT_KIND_##NAME
#define URGENCY(NAME) SCHAKEL__V1__URGENCY__URGENCY_##NAME
#define WORD(d, set, v) word_of(&schakel__v1__##set##__descriptor, (int)(v), (d)->cli->lang)
#define NEEDS_TEXT 200

struct text {
	char s[NEEDS_TEXT];
};

static const char *label(const struct demo *d, uint32_t expertise)
{
	return expertise_label(expertise, d->cli->lang);
}

/* "crisisverblijf, context versterken" */
static struct text needs_text(const struct demo *d, const struct demo_bundle *b)
{
	struct text t = { "" };
	size_t len = 0;

	for (size_t i = 0; i < b->needs_len && len < sizeof(t.s); i++) {
		len += (size_t)snprintf(t.s + len, sizeof(t.s) - len, "%s%s", i == 0 ? "" : ", ",
					label(d, b->need[i].expertise));
	}
	return t;
}

/* Days, or hours below two days. */
static struct text span_text(const struct demo *d, uint64_t ms)
{
	bool nl = d->cli->lang == LANG_NL;
	struct text t;
	uint64_t hours = ms / DEMO_HOUR_MS;

	if (ms < 2 * DEMO_HOUR_MS) {
		(void)snprintf(t.s, sizeof(t.s), nl ? "%u minuten" : "%u minutes",
			       (unsigned)(ms / DEMO_MINUTE_MS));
	} else if (hours < 48) {
		(void)snprintf(t.s, sizeof(t.s), nl ? "%u uur" : "%u hours", (unsigned)hours);
	} else {
		(void)snprintf(t.s, sizeof(t.s), nl ? "%u dagen" : "%u days",
			       (unsigned)(hours / 24));
	}
	return t;
}

void demo_story_request(struct demo *d, const struct demo_case *what, const PB(Receipt) *r)
{
	const struct demo_bundle *b = &d->region.bundle[what->bundle];
	uint32_t age = what->submit->n_children == 0 ? 0 : what->submit->children[0]->age_years;
	const char *zone = d->region.zone[what->zone].name;
	const char *who = demo_name(d, what->requester);

	if (b->consult) {
		demo_tell(d, TOLD(DEMO_STORY, r->short_code),
			  "%s vraagt advies (%s), %s, kind van %u jaar.",
			  "%s asks for advice (%s), %s, a child of %u.", who, needs_text(d, b).s,
			  zone, age);
		return;
	}
	demo_tell(d, TOLD(DEMO_STORY, r->short_code),
		  "NIEUWE VRAAG (%s) in %s: %u jaar, nodig: %s. %s houdt vast, en het netwerk van "
		  "de zone.",
		  "NEW REQUEST (%s) in %s: %u years old, needs: %s. %s holds; so does the network "
		  "of the "
		  "zone.",
		  WORD(d, urgency, b->urgency), zone, age, needs_text(d, b).s, who);
}

void demo_story_answered(struct demo *d, const struct demo_request *r)
{
	const struct text after = span_text(d, r->answered_ms - r->received_ms);
	bool late = r->due_ms != 0 && r->answered_ms > r->due_ms;

	demo_tell(d, TOLD(DEMO_STORY, r->code),
		  "BEANTWOORD na %s%s: de eerste hulp is gestart en kind of ouder is gezien.",
		  "ANSWERED after %s%s: the first help has started, child or parent was seen.",
		  after.s, late ? cli_text(d->cli, " (over de termijn)", " (over the term)") : "");
}

void demo_story_waits(struct demo *d, const struct demo_request *r, const struct demo_need_row *n,
		      const PB(Event) *e)
{
	demo_tell(d, TOLD(r->gate ? DEMO_STEP : DEMO_STORY, r->code), "wacht op %s: %s.",
		  "waits for %s: %s.", label(d, n->expertise), WORD(d, shortfall, e->shortfall));
}

void demo_story_team(struct demo *d, const struct demo_request *r, const PB(Event) *e)
{
	if (e->open_seats == 0) {
		demo_tell(d, TOLD(DEMO_STORY, r->code),
			  "Voorstel van team: alles is ingevuld (%u).",
			  "A team is proposed: all is filled (%u).", e->seats);
		return;
	}
	demo_tell(d, TOLD(DEMO_STORY, r->code),
		  "Voorstel van team: %u ingevuld, wat nog ontbreekt: %u (%s).",
		  "A team is proposed: %u filled, what still lacks: %u (%s).", e->seats,
		  e->open_seats, WORD(d, shortfall, e->shortfall));
}

/* A state that people hear of, and how. */
static const struct told {
	PB(ContributionState) state;
	enum demo_weight weight;
	const char *nl, *en; /* expertise, name */
} told[] = {
	{ STATE(ASKED), DEMO_STORY, "%s: gevraagd aan %s.", "%s: asked of %s." },
	{ STATE(CAN), DEMO_STORY, "%s: %s zegt: wij kunnen.", "%s: %s says: we can." },
	{ STATE(CAN_IF), DEMO_STORY, "%s: %s zegt: wij kunnen, als ...",
	  "%s: %s says: we can, if ..." },
	{ STATE(NOT_NOW), DEMO_STORY, "%s: %s zegt: nu niet. Er wordt verder gezocht.",
	  "%s: %s says: not now. The search goes on." },
	{ STATE(NOT_OURS), DEMO_STORY, "%s: %s zegt: wij niet, wel misschien een ander.",
	  "%s: %s says: not us, but perhaps another." },
	{ STATE(LAPSED), DEMO_STORY,
	  "%s: geen antwoord van %s. De datum op de lijst blijft, een ander wordt gevraagd.",
	  "%s: no answer from %s. The date on the list stays, another is asked." },
	{ STATE(RELEASED), DEMO_STEP, "%s: %s hoeft niet meer, bedankt.",
	  "%s: %s is no longer needed, thank you." },
	{ STATE(TAKEN_BACK), DEMO_STORY, "%s: %s kan toch niet.", "%s: %s cannot after all." },
	{ STATE(AGREED), DEMO_STORY, "%s: afgesproken met %s.", "%s: agreed with %s." },
	{ STATE(STARTED), DEMO_STORY, "%s: hulp GESTART door %s.", "%s: help STARTED by %s." },
	{ STATE(INTERRUPTED), DEMO_STORY,
	  "%s: %s moet onderbreken, houdt vast, en er wordt vervanging gezocht.",
	  "%s: %s has to interrupt, keeps holding, and a successor is looked for." },
	{ STATE(HANDING_ON), DEMO_STORY, "%s: %s geeft door, met overlap.",
	  "%s: %s hands on, with overlap." },
	{ STATE(ENDED), DEMO_STORY, "%s: afgerond door %s.", "%s: completed by %s." },
	{ STATE(STOPPED_BY_YOUTH), DEMO_STORY, "%s: de jongere stopt met %s.",
	  "%s: the young person stops with %s." },
};

void demo_story_contribution(struct demo *d, const struct demo_request *r,
			     const struct demo_share *s, const PB(Event) *e)
{
	for (size_t i = 0; i < SK_LEN(told); i++) {
		if (told[i].state == e->contribution_state && demo_tells(d, told[i].weight)) {
			char nl[240];
			char en[240];
			const char *what = label(d, s->expertise);
			const char *who = demo_name(d, s->partner);
			(void)snprintf(nl, sizeof(nl), told[i].nl, what, who);
			(void)snprintf(en, sizeof(en), told[i].en, what, who);
			demo_tell(d, TOLD(told[i].weight, r->code), "%s", "%s",
				  d->cli->lang == LANG_NL ? nl : en);
		}
	}
}

static const struct {
	PB(AlarmKind) alarm;
	enum demo_weight weight;
	const char *nl, *en;
} alarms[] = {
	{ ALARM(CRISIS_UNHELD), DEMO_NEWS,
	  "CRISIS: na 30 minuten is nog niets afgesproken; het meldpunt maakt een nachtplan.",
	  "CRISIS: nothing is agreed after 30 minutes; the contact point makes a night plan." },
	{ ALARM(CRISIS_UNANSWERED), DEMO_NEWS, "CRISIS: na 24 uur is nog geen hulp gestart.",
	  "CRISIS: no help has started after 24 hours." },
	{ ALARM(TERM_WARNING), DEMO_STORY, "De termijn van een maand loopt bijna af.",
	  "The term of a month is nearly over." },
	{ ALARM(TERM_BREACHED), DEMO_NEWS,
	  "OVER DE TERMIJN: nog geen hulp gestart. De vraag blijft open en geteld.",
	  "OVER THE TERM: no help has started yet. The request stays open and counted." },
	{ ALARM(NO_CONTACT_PERSON), DEMO_STORY,
	  "Er is nog geen aanspreekpunt genoemd; het team van wacht is het tot dan.",
	  "No contact person is named yet; the duty team is it until then." },
	{ ALARM(NOT_STARTED), DEMO_STORY, "Afgesproken, maar nog niet gestart.",
	  "Agreed, but not started yet." },
	{ ALARM(OVERCOMMITTED), DEMO_NEWS, "Er is meer beloofd dan er nu kan.",
	  "More was promised than is possible now." },
	{ ALARM(RESTORED), DEMO_NEWS, "Een dienst kwam terug uit een kopie en vergelijkt.",
	  "A service came back from a copy and compares." },
	{ ALARM(QUARANTINE), DEMO_NEWS, "Een bericht werd opzijgezet voor nazicht.",
	  "A message was set aside for review." },
	{ ALARM(POISON), DEMO_NEWS, "Een bericht werd opzijgezet voor nazicht.",
	  "A message was set aside for review." },
};

/* What stands at the gate is over its term as a whole; the figures say so. A crisis without a place
 * is told once. */
void demo_story_alarm(struct demo *d, struct demo_request *r, const PB(Event) *e)
{
	for (size_t i = 0; i < SK_LEN(alarms); i++) {
		enum demo_weight w = alarms[i].weight;
		if (r != NULL && (r->gate || (r->unheld && e->alarm == ALARM(CRISIS_UNHELD)))) {
			w = DEMO_STEP;
		}
		if (alarms[i].alarm == e->alarm) {
			demo_tell(d, TOLD(w, r == NULL ? NULL : r->code), "%s", "%s",
				  d->cli->lang == LANG_NL ? alarms[i].nl : alarms[i].en);
		}
	}
	if (r != NULL && e->alarm == ALARM(CRISIS_UNHELD)) {
		r->unheld = true;
	}
}

static void holder_story(struct demo *d, const struct demo_request *r, const PB(Event) *e)
{
	const char *name = demo_name(d, demo_cast_find(&d->cast, e->party));
	bool partner = e->holder_kind == SCHAKEL__V1__HOLDER_KIND__HOLDER_KIND_PARTNER;

	if (e->ended) {
		demo_tell(d, TOLD(DEMO_STEP, r->code), "%s houdt niet meer vast; anderen wel.",
			  "%s no longer holds; others do.", name);
	} else {
		demo_tell(d, TOLD(partner ? DEMO_STORY : DEMO_STEP, r->code),
			  "%s houdt nu mee vast.", "%s holds now too.", name);
	}
}

void demo_story_voice(struct demo *d, const char *code, uint32_t adult, PB(Voice) voice)
{
	const char *who = adult == 0 ? cli_text(d->cli, "De jongere", "The young person") :
				       cli_text(d->cli, "Een ouder", "A parent");

	demo_tell(d, TOLD(DEMO_STORY, code), "%s zegt over dit team: %s.",
		  "%s says about this team: %s.", who, WORD(d, voice, voice));
}

static void voice_story(struct demo *d, const struct demo_request *r, const PB(Event) *e)
{
	if (e->ended) {
		demo_tell(d, TOLD(DEMO_STORY, r->code),
			  "Het gezin sprak over een ouder voorstel; het team was al veranderd.",
			  "The family spoke about an older proposal; the team had changed.");
		return;
	}
	demo_tell(d, TOLD(DEMO_STEP, r->code), "Het gezin zegt: %s.", "The family says: %s.",
		  WORD(d, voice, e->voice));
}

void demo_story_other(struct demo *d, const struct demo_request *r, const PB(Event) *e)
{
	if (r == NULL) {
		return;
	}
	if (e->kind == KIND(HOLDER)) {
		holder_story(d, r, e);
	} else if (e->kind == KIND(POSITION)) {
		voice_story(d, r, e);
	} else if (e->kind == KIND(CONTACT_PERSON) && e->due_ms == 0) {
		demo_tell(d, TOLD(r->gate ? DEMO_STEP : DEMO_STORY, r->code),
			  "Aanspreekpunt: %s, vervanger: %s.", "Contact person: %s, stand-in: %s.",
			  demo_name(d, demo_cast_find(&d->cast, e->party)),
			  demo_name(d, demo_cast_find(&d->cast, e->stand_in)));
	} else if (e->kind == KIND(PLAN) && e->version == 1) {
		demo_tell(d, TOLD(DEMO_STORY, r->code),
			  "Er helpen nu twee organisaties: er is één gezinsplan.",
			  "Two organisations help now: there is one family plan.");
	} else if (e->kind == KIND(NIGHT_PLAN)) {
		demo_tell(d, TOLD(DEMO_STORY, r->code),
			  "Nachtplan: wie er bij het kind is, en wanneer er weer gebeld wordt.",
			  "Night plan: who is with the child, and when somebody calls again.");
	}
}
