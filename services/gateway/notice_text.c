/* SPDX-License-Identifier: EUPL-1.2 */
/* What stands in the mails. Nothing about a child: that is read behind the link. */
#include "services/gateway/notice.h"

#include <stdio.h>
#include <string.h>

#include <xxhash.h>

#include "common/civil.h"
#include "common/words.h"

static const char *zone_name(const struct conf *c, const char *id)
{
	for (size_t i = 0; i < c->zones_len; i++) {
		if (strcmp(c->zones[i].id, id) == 0) {
			return c->zones[i].name;
		}
	}
	return id;
}

/* The words of the node, and where it has none the code list's own. */
static const char *help_name(const struct conf *c, uint32_t number, enum lang lang)
{
	const char *label = expertise_label(number, lang);
	for (size_t i = 0; i < c->codes_len && label[0] == '\0'; i++) {
		if (c->codes[i].number == number) {
			label = lang == LANG_NL ? c->codes[i].label_nl : c->codes[i].label_en;
		}
	}
	return label;
}

void notice_ask_text(const struct conf *c, const PB(Ask) *ask, bool reminder, const char *link,
		     struct notice_text *ret_text)
{
	const char *nl = help_name(c, ask->expertise, LANG_NL);
	const char *en = help_name(c, ask->expertise, LANG_EN);
	const char *zone = zone_name(c, ask->zone);
	struct civil_text by = civil_format(ask->answer_by_ms);
	(void)snprintf(ret_text->subject, sizeof(ret_text->subject), "%s: %.60s, %.60s",
		       reminder ? "Herinnering: een vraag om hulp wacht op jullie antwoord" :
				  "Een vraag om hulp",
		       nl, zone);
	(void)snprintf(ret_text->body, sizeof(ret_text->body),
		       "Dag,\n\n%s\n\n"
		       "  Welke hulp: %s\n  Waar: %s\n  Antwoord graag vóór: %s\n\n"
		       "Bekijk de vraag en antwoord, zonder aan te melden:\n%s\n\n"
		       "Jullie kunnen zeggen: wij kunnen; wij kunnen, als …; nu niet, wel vanaf …; "
		       "wij niet, wel misschien ….\n"
		       "De link is alleen voor jullie: stuur deze mail niet door. Er staat niets "
		       "over het "
		       "kind in.\n\n"
		       "-- \nEnglish\n\n%s\n\n"
		       "  Which help: %s\n  Where: %s\n  Please answer before: %s\n\n"
		       "See the question and answer, without signing in: the link above. It is for "
		       "you "
		       "alone. Nothing about the child stands in this mail.\n",
		       reminder ? "Er wacht nog een vraag om hulp op jullie antwoord." :
				  "Er is een vraag om hulp aan jullie.",
		       nl, zone, by.s, link,
		       reminder ? "A question for help still waits for your answer." :
				  "There is a question for help to you.",
		       en, zone, by.s);
}

void notice_ask_short(const struct conf *c, const PB(Ask) *ask, bool reminder, const char *link,
		      struct notice_text *ret_text)
{
	ret_text->subject[0] = '\0';
	(void)snprintf(ret_text->body, sizeof(ret_text->body),
		       "%s (%.60s, %.60s). Antwoord graag vóór %s: %s",
		       reminder ? "Herinnering: een vraag om hulp wacht op jullie antwoord" :
				  "Er is een vraag om hulp aan jullie",
		       help_name(c, ask->expertise, LANG_NL), zone_name(c, ask->zone),
		       civil_format(ask->answer_by_ms).s, link);
}

/* --- the weekly question --- */

static bool append(struct notice_text *t, const char *text)
{
	size_t used = strlen(t->body);
	size_t len = strlen(text);
	if (used + len >= sizeof(t->body)) {
		return false;
	}
	memcpy(t->body + used, text, len + 1);
	return true;
}

void notice_week_begin(struct notice_text *ret_text)
{
	(void)snprintf(ret_text->subject, sizeof(ret_text->subject), "Klopt dit nog?");
	(void)snprintf(ret_text->body, sizeof(ret_text->body),
		       "Dag,\n\nDit staat er nu over jullie plekken. Klopt het nog?\n"
		       "(This is what is said about your places now. Is it still right?)\n");
}

bool notice_week_pool(struct notice_text *t, const PB(PoolItem) *pool, const char *link)
{
	char text[1024];
	const PB(PutCapacity) *cap = pool->capacity;
	const char *nl = word_of(&schakel__v1__unit__descriptor, (int)cap->unit, LANG_NL);
	const char *en = word_of(&schakel__v1__unit__descriptor, (int)cap->unit, LANG_EN);
	/* "2 vrij, waarvan 1 beloofd" is what stands on the page; what is free here is free. */
	int n = snprintf(text, sizeof(text),
			 "\n  %s: %u %s vrij, %u beloofd (%u %s free, %u promised)\n"
			 "  [ja / yes] %s#ja\n  [pas aan / change] %s#pas-aan\n",
			 cap->pool, pool->free, nl, pool->promised, pool->free, en, pool->promised,
			 link, link);
	return n > 0 && (size_t)n < sizeof(text) &&
	       strlen(t->body) + sizeof(text) < sizeof(t->body) && append(t, text);
}

void notice_week_end(struct notice_text *t)
{
	(void)append(t, "\nDe links zijn alleen voor jullie: stuur deze mail niet door.\n"
			"(The links are for you alone.)\n");
}

uint64_t notice_week_at(const struct conf *c, const struct conf_party *p, uint64_t now_ms)
{
	const struct conf_mail *m = &c->outside.mail;
	const struct civil_calendar open = { .weekday_mask = (uint8_t)p->opening_days,
					     .holidays_closed = !p->on_call,
					     .closed = c->holidays,
					     .closed_len = c->holidays_len };
	unsigned spread = (unsigned)(XXH3_64bits(p->id, strlen(p->id)) % m->confirm_spread_minutes);
	unsigned minute = m->confirm_hour * 60 + spread;
	struct civil now = civil_from_ms(now_ms);
	for (unsigned day = m->confirm_day; m->confirm_day > 0 && day <= 7; day++) {
		uint64_t at_ms = 0;
		struct civil_date d =
			civil_from_ms(civil_add_days_local(now_ms, (int32_t)day - 1 - now.weekday))
				.date;
		if (civil_is_open(d, &open) &&
		    civil_to_ms(d, minute < 1439 ? minute : 1439, &at_ms) == SK_OK) {
			return at_ms;
		}
	}
	return 0;
}
