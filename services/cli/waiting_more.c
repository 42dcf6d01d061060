/* SPDX-License-Identifier: EUPL-1.2 */
/* The un-waiting list: which units more would start help, and for whom. */
#include "common/pbjson.h"
#include "common/words.h"
#include "services/cli/output.h"
#include "services/cli/pages.h"
#include "services/cli/subjects.h"

#define SET(name) (&schakel__v1__##name##__descriptor)
#define PAGE 100
#define UNITS_MAX 1000

static int code_in(json_t *row, const char *field, const ProtobufCEnumDescriptor *set)
{
	const char *code = json_string_value(json_object_get(row, field));
	int v = 0;

	return code != NULL && word_find(set, code, &v) ? v : 0;
}

/* "2 keer trauma, zone westhoek (dringend)" */
static void say_who(const struct cli *c, json_t *who)
{
	json_t *s;
	size_t i;

	json_array_foreach (who, i, s) {
		const char *zone = json_string_value(json_object_get(s, "zone"));
		const char *code = json_string_value(json_object_get(s, "expertise"));
		(void)fprintf(c->out,
			      cli_text(c, "     %lld keer %s, zone %s (%s)\n",
				       "     %lld times %s, zone %s (%s)\n"),
			      (long long)json_integer_value(json_object_get(s, "count")),
			      code == NULL ? "" : expertise_label(expertise_find(code), c->lang),
			      zone == NULL ? "" : zone,
			      word_of(SET(wait_class), code_in(s, "wait_class", SET(wait_class)),
				      c->lang));
	}
}

static void say_item(struct cli *c, json_t *item)
{
	long long units = (long long)json_integer_value(json_object_get(item, "units"));
	long long least = (long long)json_integer_value(json_object_get(item, "least"));
	long long starts = (long long)json_integer_value(json_object_get(item, "starts"));
	const char *pool = json_string_value(json_object_get(item, "pool"));
	const char *partner = json_string_value(json_object_get(item, "partner"));

	(void)fprintf(c->out,
		      cli_text(c, "%s (%s): %lld meer (%s) start %s%lld\n",
			       "%s (%s): %lld more (%s) starts %s%lld\n"),
		      pool == NULL ? "" : pool, partner == NULL ? "" : partner, units,
		      word_of(SET(unit), code_in(item, "unit", SET(unit)), c->lang),
		      json_is_true(json_object_get(item, "at_least")) ?
			      cli_text(c, "minstens ", "at least ") :
			      "",
		      starts);
	if (starts == 0 && least > units) {
		(void)fprintf(c->out,
			      cli_text(c, "     vanaf %lld meer start de eerste\n",
				       "     from %lld more the first starts\n"),
			      least);
	}
	say_who(c, json_object_get(item, "who"));
	if (json_is_true(json_object_get(item, "to_sign"))) {
		(void)fprintf(c->out, "     %s\n",
			      cli_text(c, "laatste plek in een crisis: iemand beslist en tekent",
				       "last place in a crisis: a person decides and signs"));
	}
}

static int cmd_more(struct cli *c)
{
	AUTO_CALL struct call k = { 0 };
	PB(QueryMore) q = SCHAKEL__V1__QUERY_MORE__INIT;
	PB(Message) m = SCHAKEL__V1__MESSAGE__INIT;
	struct pages p = { MATCHING, &m, &q.after, BODY(MORE_VIEW), "items", 0 };
	json_t *doc = NULL;
	json_t *item;
	size_t i;
	int rc = cli_expertise(c, cli_opt(c, "expertise"), &q.expertise);

	rc = rc != CLI_DONE ? rc : cli_opt_u32(c, "units", UNITS_MAX, &q.units);
	rc = rc != CLI_DONE ? rc : call_open(&k, c);
	rc = rc != CLI_DONE ? rc : call_check_zone(&k, "--zone", cli_opt(c, "zone"));
	if (rc != CLI_DONE) {
		return rc;
	}
	q.limit = PAGE;
	q.zone = (char *)(uintptr_t)(cli_flag(c, "zone") ? cli_opt(c, "zone") : "");
	q.pool = (char *)(uintptr_t)(cli_flag(c, "pool") ? cli_opt(c, "pool") : "");
	m.body_case = BODY(QUERY_MORE);
	m.query_more = &q;
	rc = pages_read(&k, &p, &doc);
	if (rc != CLI_DONE) {
		return rc;
	}
	if (c->json) {
		out_json(c, doc);
	} else {
		json_array_foreach (json_object_get(doc, "items"), i, item) {
			say_item(c, item);
		}
		if (i == 0) {
			cli_say(c, "Nergens zou meer plek nu hulp doen starten.",
				"Nowhere would more room start help now.");
		}
	}
	json_decref(doc);
	return CLI_DONE;
}

static const struct option more_options[] = {
	{ "units", "N", "wat zoveel eenheden meer doen (anders: het minste dat iemand start)",
	  "what so many units more do (else: the least that starts somebody)" },
	{ "expertise", "CODE", "alleen aanbod met deze expertise",
	  "capacity of this expertise only" },
	{ "zone", "ZONE", "alleen aanbod voor deze zone", "capacity for this zone only" },
	{ "pool", "NAAM", "alleen dit aanbod", "this capacity only" },
	{ 0 },
};

const struct command waiting_more_commands[] = {
	{ "waiting more", "", 0, 0, more_options,
	  "toont welke plek of uren meer hulp zouden doen starten, en voor wie",
	  "shows which place or hours more would start help, and for whom",
	  "schakel waiting more --expertise trauma --as samenwerking", cmd_more },
	{ 0 },
};
