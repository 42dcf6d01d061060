/* SPDX-License-Identifier: EUPL-1.2 */
#include "services/cli/request_children.h"

#include <string.h>

#include "common/words.h"
#include "services/cli/call.h"
#include "services/cli/output.h"

#define SET(name) (&schakel__v1__##name##__descriptor)
#define WEEK_DAYS 7
#define WEEK_ALL 0x7fU
#define BLOCK_COLUMNS 8

struct text {
	char s[240];
	size_t len;
};

static void add(struct text *t, const char *s)
{
	size_t room = sizeof(t->s) - t->len;
	int more = snprintf(t->s + t->len, room, "%s", s);

	t->len += more < 0 ? 0 : (size_t)more < room ? (size_t)more : room - 1;
}

static void put(json_t *row, const char *key, const char *text)
{
	if (text[0] != '\0') {
		(void)json_object_set_new(row, key, json_string(text));
	}
}

static const char *word_at(const struct cli *c, json_t *row, const char *key,
			   const ProtobufCEnumDescriptor *set)
{
	const char *code = json_string_value(json_object_get(row, key));
	int v = 0;

	return code != NULL && word_find(set, code, &v) ? word_of(set, v, c->lang) : "";
}

/* --- where a child stays --- */

static void week_add(const struct cli *c, struct text *t, unsigned days)
{
	static const char *const day[2][WEEK_DAYS] = {
		{ "ma", "di", "wo", "do", "vr", "za", "zo" },
		{ "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun" },
	};
	bool first = true;

	if (days == 0 || days == WEEK_ALL) {
		add(t, days == 0 ? cli_text(c, "niet", "not") :
				   cli_text(c, "de hele week", "the whole week"));
		return;
	}
	for (size_t i = 0; i < WEEK_DAYS; i++) {
		if ((days >> i & 1U) != 0) {
			add(t, first ? "" : " ");
			add(t, day[c->lang == LANG_NL ? 0 : 1][i]);
			first = false;
		}
	}
}

/* One week that repeats, or two that take turns. */
static void days_add(const struct cli *c, struct text *t, unsigned days)
{
	unsigned one = days & WEEK_ALL;
	unsigned two = days >> WEEK_DAYS & WEEK_ALL;

	if (days == 0) {
		return;
	}
	add(t, ": ");
	if (two == 0 || one == two) {
		week_add(c, t, one);
		return;
	}
	add(t, cli_text(c, "ene week ", "one week "));
	week_add(c, t, one);
	add(t, cli_text(c, ", andere week ", ", other week "));
	week_add(c, t, two);
}

/* Without a zone of its own it is in that of the request. */
static void stay_add(struct cli *c, struct text *t, json_t *doc, json_t *stay)
{
	long long adult = (long long)json_integer_value(json_object_get(stay, "adult"));
	const char *zone = json_string_value(json_object_get(stay, "zone"));

	if (zone == NULL) {
		zone = json_string_value(json_at(doc, "request.zone"));
	}
	if (json_is_true(json_object_get(stay, "safe")) || zone == NULL) {
		add(t, cli_text(c, "een plek die niet getoond wordt", "a place that is not shown"));
		return;
	}
	add(t, zone);
	if (adult > 0) {
		add(t,
		    cli_printf(c, cli_text(c, " bij volwassene %lld", " with adult %lld"), adult));
	}
	days_add(c, t, (unsigned)json_integer_value(json_object_get(stay, "days")));
}

static struct text stays_text(struct cli *c, json_t *doc, json_t *child)
{
	struct text t = { "", 0 };
	size_t i;
	json_t *stay;

	json_array_foreach (json_object_get(child, "stays"), i, stay) {
		add(&t, i == 0 ? "" : "; ");
		stay_add(c, &t, doc, stay);
	}
	return t;
}

/* --- children and adults --- */

static const struct column child_columns[] = {
	{ "number", "kind", "child", CELL_NUMBER, NULL },
	{ "age_years", "leeftijd", "age", CELL_NUMBER, NULL },
	{ "capable", "beslist zelf", "decides itself", CELL_YES, NULL },
	{ "ground_text", "akkoord", "agreement", CELL_TEXT, NULL },
	{ "apart_text", "mag apart van de anderen", "may be apart", CELL_TEXT, NULL },
	{ "missing_text", "vermist", "missing", CELL_TEXT, NULL },
	{ "stay_text", "verblijft", "stays", CELL_TEXT, NULL },
	{ 0 },
};
static const struct column adult_columns[] = {
	{ "number", "volwassene", "adult", CELL_NUMBER, NULL },
	{ "authority", "heeft gezag", "has authority", CELL_YES, NULL },
	{ "conflict", "conflict met een ander", "conflict with another", CELL_YES, NULL },
	{ "home", "hulp aan huis hier", "help at home here", CELL_YES, NULL },
	{ "limit", "contact met het kind", "contact with the child", CELL_WORD,
	  SET(contact_limit) },
	{ 0 },
};
static const struct column order_columns[] = {
	{ "number", "beschikking", "order", CELL_TEXT, NULL },
	{ "scope_text", "geldt voor", "is for", CELL_TEXT, NULL },
	{ "from_ms", "vanaf", "from", CELL_DATE, NULL },
	{ "until_ms", "tot", "until", CELL_DATE, NULL },
	{ "ended_ms", "eerder beëindigd", "ended before", CELL_DATE, NULL },
	{ "holds_text", "geldt", "holds", CELL_TEXT, NULL },
	{ "party", "genoteerd door", "recorded by", CELL_PARTY, NULL },
	{ 0 },
};
static const struct column judgement_columns[] = {
	{ "child_number", "kind", "child", CELL_NUMBER, NULL },
	{ "capable", "beslist zelf", "decides itself", CELL_YES, NULL },
	{ "reason", "waarom", "why", CELL_WORD, SET(judgement_reason) },
	{ "party", "gezegd door", "said by", CELL_PARTY, NULL },
	{ "at_ms", "wanneer", "when", CELL_DATE, NULL },
	{ "until_ms", "opnieuw bekeken", "looked at again", CELL_DATE, NULL },
	{ 0 },
};

static bool says_something(const struct cli *c, json_t *rows, const struct column *col)
{
	size_t i;
	json_t *row;

	json_array_foreach (rows, i, row) {
		if (cell_text(c, row, col).s[0] != '\0') {
			return true;
		}
	}
	return false;
}

/* Without the columns that say nothing of anybody: most children are not missing. */
static void block(struct cli *c, const char *title, json_t *rows, const struct column *cols)
{
	struct column kept[BLOCK_COLUMNS + 1] = { { 0 } };
	size_t len = 0;

	if (json_array_size(rows) == 0) {
		return;
	}
	for (size_t k = 0; cols[k].nl != NULL && len < BLOCK_COLUMNS; k++) {
		if (says_something(c, rows, &cols[k])) {
			kept[len++] = cols[k];
		}
	}
	json_t *doc = json_pack("{s:O}", "rows", rows);
	(void)fprintf(c->out, "\n%s\n", title);
	out_table(c, doc, "rows", kept);
	json_decref(doc);
}

static json_t *ground_of(json_t *doc, size_t child)
{
	size_t i;
	json_t *g;

	json_array_foreach (json_object_get(doc, "child_grounds"), i, g) {
		if ((size_t)json_integer_value(json_object_get(g, "child")) == child) {
			return g;
		}
	}
	return NULL;
}

static void ground_add(const struct cli *c, json_t *row, json_t *ground)
{
	struct text t = { "", 0 };
	const char *word = word_at(c, ground, "ground", SET(ground));
	const char *reason = word_at(c, ground, "reason", SET(danger_reason));

	if (ground == NULL) {
		return;
	}
	(void)json_object_set(row, "age_years", json_object_get(ground, "age_years"));
	(void)json_object_set(row, "capable", json_object_get(ground, "capable"));
	if (json_is_true(json_object_get(ground, "missing"))) {
		put(row, "missing_text", cli_text(c, "ja", "yes"));
	}
	add(&t, word);
	if (word[0] != '\0' && reason[0] != '\0') {
		add(&t, " (");
		add(&t, reason);
		add(&t, ")");
	} else if (word[0] == '\0' && json_object_get(ground, "wanted") != NULL) {
		add(&t, cli_text(c, "nog niet", "not yet"));
	}
	put(row, "ground_text", t.s);
}

static json_t *child_row(struct cli *c, json_t *doc, size_t i, json_t *child)
{
	json_t *row = json_pack("{s:I}", "number", (json_int_t)i + 1);
	struct text apart = { "", 0 };
	const char *danger = word_at(c, child, "apart_danger", SET(danger_reason));

	(void)json_object_set(row, "age_years", json_object_get(child, "age_years"));
	ground_add(c, row, ground_of(doc, i));
	add(&apart, word_at(c, child, "apart", SET(apart_reason)));
	if (danger[0] != '\0') {
		add(&apart, ": ");
		add(&apart, danger);
	}
	put(row, "apart_text", apart.s);
	put(row, "stay_text", stays_text(c, doc, child).s);
	return row;
}

void children_number(json_t *doc, json_t *rows, const char *path)
{
	size_t i;
	json_t *row;

	if (json_array_size(json_object_get(doc, "children")) < 2) {
		return;
	}
	json_array_foreach (rows, i, row) {
		json_int_t child = json_integer_value(json_at(row, path));
		(void)json_object_set_new(row, "child_number", json_integer(child + 1));
	}
}

void children_show(struct cli *c, json_t *doc)
{
	json_t *rows = json_array();
	size_t i;
	json_t *child;

	json_array_foreach (json_object_get(doc, "children"), i, child) {
		(void)json_array_append_new(rows, child_row(c, doc, i, child));
	}
	block(c, cli_text(c, "Kinderen", "Children"), rows, child_columns);
	block(c, cli_text(c, "Ouders en opvoeders", "Parents and carers"),
	      json_object_get(doc, "adults"), adult_columns);
	json_decref(rows);
}

/* --- orders --- */

static void scope_add(struct cli *c, json_t *order)
{
	struct text t = { "", 0 };
	size_t needs = json_array_size(json_object_get(order, "need_ids"));
	size_t i;
	json_t *child;

	json_array_foreach (json_object_get(order, "children"), i, child) {
		add(&t, i == 0 ? cli_text(c, "kind ", "child ") : ", ");
		add(&t, cli_printf(c, "%lld", (long long)json_integer_value(child) + 1));
	}
	if (i == 0) {
		add(&t, cli_text(c, "alle kinderen", "all children"));
	}
	if (needs > 0) {
		add(&t, cli_printf(c, cli_text(c, ", %zu hulpvragen", ", %zu needs"), needs));
	}
	put(order, "scope_text", t.s);
	put(order, "holds_text",
	    json_is_true(json_object_get(order, "unconfirmed")) ?
		    cli_text(c, "nog te bevestigen door de rechtbank; nog geen grond om te starten",
			     "to be confirmed by the court; no ground to start yet") :
		    cli_text(c, "bevestigd", "confirmed"));
}

/* --- whose word is still needed --- */

static void wanted_line(struct cli *c, const char *what, json_t *numbers)
{
	size_t i;
	json_t *number;

	if (json_array_size(numbers) == 0) {
		return;
	}
	(void)fprintf(c->out, "  %s", what);
	json_array_foreach (numbers, i, number) {
		(void)fprintf(c->out, "%s %lld", i == 0 ? "" : ",",
			      (long long)json_integer_value(number));
	}
	(void)fputc('\n', c->out);
}

static void wanted_flag(struct cli *c, json_t *wanted, const char *name, const char *what)
{
	if (json_is_true(json_object_get(wanted, name))) {
		(void)fprintf(c->out, "  %s\n", what);
	}
}

/* The yes of one of them that is asked anyhow is the one yes that is asked. */
static bool is_asked(json_t *one_of, json_t *adults)
{
	size_t i, n;
	json_t *one, *adult;

	json_array_foreach (one_of, i, one) {
		json_array_foreach (adults, n, adult) {
			if (json_equal(one, adult)) {
				return true;
			}
		}
	}
	return false;
}

static void wanted_show(struct cli *c, json_t *wanted)
{
	json_t *adults = json_object_get(wanted, "adults");
	json_t *one_of = json_object_get(wanted, "one_of");

	wanted_flag(c, wanted, "youth",
		    cli_text(c, "een ja van de jongere zelf", "a yes of the young person"));
	wanted_flag(c, wanted, "child_heard",
		    cli_text(c, "het kind is gehoord", "the child has been heard"));
	wanted_line(c, cli_text(c, "een ja van ouder of opvoeder", "a yes of adult"), adults);
	if (!is_asked(one_of, adults)) {
		wanted_line(c,
			    cli_text(c, "een ja van een van deze ouders of opvoeders:",
				     "a yes of one of these adults:"),
			    one_of);
	}
	wanted_flag(c, wanted, "authority_unknown",
		    cli_text(c, "wie gezag heeft, is niet bekend: vul de aanmelding aan",
			     "nobody with authority is known: amend the request"));
}

static const struct column unclear_columns[] = {
	{ "unclear_until_ms", "  akkoord onduidelijk; dat mag tot",
	  "  agreement unclear; that may last until", CELL_DATE, NULL },
	{ 0 },
};

static bool wants_anything(json_t *wanted)
{
	return json_is_true(json_object_get(wanted, "youth")) ||
	       json_is_true(json_object_get(wanted, "child_heard")) ||
	       json_is_true(json_object_get(wanted, "authority_unknown")) ||
	       json_array_size(json_object_get(wanted, "adults")) > 0 ||
	       json_array_size(json_object_get(wanted, "one_of")) > 0;
}

/* What the worker still has to ask, and of whom, for one child. */
static void child_wanted(struct cli *c, json_t *ground, bool several)
{
	json_t *wanted = json_object_get(ground, "wanted");
	bool over = json_is_true(json_object_get(ground, "over_72h"));
	bool unclear = json_object_get(ground, "unclear_until_ms") != NULL;
	long long number = (long long)json_integer_value(json_object_get(ground, "child")) + 1;

	if (wanted == NULL && !over && !unclear) {
		return;
	}
	if (!wants_anything(wanted) && !over && !unclear) {
		(void)fprintf(c->out, "\n%s\n",
			      cli_text(c,
				       "Voor een akkoord is er nog geen voorstel van team om iets "
				       "over te zeggen",
				       "There is no team proposal yet to agree to"));
		return;
	}
	(void)fprintf(c->out, "\n%s",
		      cli_text(c, "Nog nodig voor een akkoord", "Still needed to agree"));
	if (several) {
		(void)fprintf(c->out, cli_text(c, ", kind %lld", ", child %lld"), number);
	}
	(void)fputc('\n', c->out);
	wanted_show(c, wanted);
	if (over) {
		(void)fprintf(c->out, "  %s\n",
			      cli_text(c, "LANGER DAN 72 UUR onduidelijk; de veilige plek blijft",
				       "UNCLEAR FOR OVER 72 HOURS; the safe place goes on"));
	} else if (unclear) {
		out_facts(c, ground, unclear_columns);
	}
}

static void all_wanted(struct cli *c, json_t *doc)
{
	json_t *grounds = json_object_get(doc, "child_grounds");
	json_t *wanted = json_object_get(doc, "voices_wanted");
	size_t i;
	json_t *ground;

	json_array_foreach (grounds, i, ground) {
		child_wanted(c, ground, json_array_size(grounds) > 1);
	}
	if (json_array_size(grounds) == 0 && wanted != NULL) {
		json_t *one = json_pack("{s:O}", "wanted", wanted);
		child_wanted(c, one, false);
		json_decref(one);
	}
}

void children_show_grounds(struct cli *c, json_t *doc)
{
	json_t *orders = json_object_get(doc, "orders");
	json_t *judgements = json_object_get(doc, "judgements");
	size_t i;
	json_t *order;

	json_array_foreach (orders, i, order) {
		scope_add(c, order);
	}
	json_array_foreach (judgements, i, order) {
		json_int_t child = json_integer_value(json_object_get(order, "child"));
		(void)json_object_set_new(order, "child_number", json_integer(child + 1));
	}
	block(c, cli_text(c, "Beschikkingen", "Court orders"), orders, order_columns);
	block(c, cli_text(c, "Kan het kind zelf beslissen", "Can the child decide for itself"),
	      judgements, judgement_columns);
	all_wanted(c, doc);
}
