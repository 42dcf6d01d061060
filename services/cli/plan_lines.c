/* SPDX-License-Identifier: EUPL-1.2 */
/* Why a team is as it is, and why a need waits, line by line. */
#include <stdarg.h>
#include <string.h>

#include "common/when.h"
#include "common/words.h"
#include "services/cli/output.h"
#include "services/cli/plan_why.h"

#define SET(name) (&schakel__v1__##name##__descriptor)
#define EXPLAIN(NAME) SCHAKEL__V1__EXPLAIN_KIND__EXPLAIN_KIND_##NAME

struct sentence {
	char s[300];
};

static void put(struct sentence *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void put(struct sentence *t, const char *fmt, ...)
{
	size_t len = strlen(t->s);
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(t->s + len, sizeof(t->s) - len, fmt, args);
	va_end(args);
}

static void put_more(const struct cli *c, struct sentence *t, const PB(ExplainLine) *l)
{
	put(t,
	    cli_text(c, "met %u meer bij %s (plekken of uren) kan hulp starten",
		     "with %u more at %s (places or hours) help can start"),
	    l->number, l->pool);
	if (l->amount == 1) {
		put(t, "%s",
		    cli_text(c, "; iemand anders start dan eerst",
			     "; somebody else starts first then"));
	} else if (l->amount > 1) {
		put(t,
		    cli_text(c, "; %u anderen starten dan eerst", "; %u others start first then"),
		    l->amount);
	}
}

static struct sentence explain_sentence(const struct cli *c, const PB(ExplainLine) *l)
{
	struct sentence t = { "" };
	const char *kind = word_of(SET(explain_kind), (int)l->kind, c->lang);

	switch ((int)l->kind) {
	case EXPLAIN(CHOSEN):
		put(&t, "%s: %s, %s", kind, party_text(c, l->party).s, l->pool);
		if (l->rules_version != 0) {
			put(&t, cli_text(c, " (regels: versie %u)", " (rules: version %u)"),
			    l->rules_version);
		}
		break;
	case EXPLAIN(COST):
		put(&t, "%s: %s", cli_text(c, "gelet op", "looked at"),
		    word_of(SET(cost_kind), (int)l->cost_kind, c->lang));
		break;
	case EXPLAIN(STILL_LACKS):
		put(&t, "%s: %s", kind, word_of(SET(shortfall), (int)l->shortfall, c->lang));
		break;
	case EXPLAIN(ORDER):
		put(&t, "%s", cli_text(c, "staat in de volgorde", "stands in the order"));
		if (l->number > 0) {
			put(&t, cli_text(c, " op plaats %u", " at place %u"), l->number);
		}
		if (l->at_ms != 0) {
			put(&t, cli_text(c, ", met %s %s", ", with %s %s"),
			    word_term("RANK_DATE", c->lang), when_show(l->at_ms, c->lang).s);
		}
		break;
	case EXPLAIN(WENT_FIRST):
		if (l->number == 1) {
			put(&t,
			    cli_text(c, "bij %s was iemand anders eerst aan de beurt",
				     "at %s somebody else came first"),
			    l->pool);
		} else {
			put(&t,
			    cli_text(c, "bij %s waren %u anderen eerst aan de beurt",
				     "at %s %u others came first"),
			    l->pool, l->number);
		}
		break;
	case EXPLAIN(ONE_MORE):
		put_more(c, &t, l);
		break;
	default:
		put(&t, cli_text(c, "viel af (%u keer): %s", "fell out (%u times): %s"), l->number,
		    kind);
		break;
	}
	return t;
}

void plan_lines(const struct cli *c, const PB(ExplainView) *v, const struct subject *s)
{
	size_t shown = SIZE_MAX;

	for (size_t i = 0; i < v->n_lines; i++) {
		struct sentence t = explain_sentence(c, v->lines[i]);
		struct object_id need = { 0 };
		size_t n = 0;
		(void)object_id_from(&v->lines[i]->need_id, &need);
		while (n < s->needs_len && !object_id_equal(&s->need[n], &need)) {
			n++;
		}
		if (n != shown && n < s->needs_len) {
			(void)fprintf(c->out, "  %zu. %s\n", n + 1,
				      expertise_label(s->expertise[n], c->lang));
		}
		shown = n;
		(void)fprintf(c->out, "     %s\n", t.s);
	}
}
