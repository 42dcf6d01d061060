/* SPDX-License-Identifier: EUPL-1.2 */
/* The last place in a crisis: who could use it, and who signs for whom. */
#include <string.h>

#include "common/pbjson.h"
#include "services/cli/output.h"
#include "services/cli/request_show.h"
#include "services/cli/subjects.h"

#define SET(name) (&schakel__v1__##name##__descriptor)

static const struct column place_columns[] = {
	{ "number_text", "nummer", "number", CELL_TEXT, NULL },
	{ "child_number", "kind", "child", CELL_NUMBER, NULL },
	{ "need.expertise", "hulpvraag", "need", CELL_EXPERTISE, NULL },
	{ "request.zone", "zone", "zone", CELL_TEXT, NULL },
	{ "years", "jaar", "years", CELL_NUMBER, NULL },
	{ "order.crisis_step", "crisis", "crisis", CELL_WORD, SET(crisis_step) },
	{ "order.rank_ms", "sinds", "since", CELL_DATE, NULL },
	{ 0 },
};

static int place_view(struct call *k, PB(LastPlaceView) **ret_v)
{
	PB(QueryLastPlace) q = SCHAKEL__V1__QUERY_LAST_PLACE__INIT;
	PB(Message) m = SCHAKEL__V1__MESSAGE__INIT;
	PB(Message) *a = NULL;

	q.pool = (char *)(uintptr_t)k->cli->arg[0];
	m.body_case = BODY(QUERY_LAST_PLACE);
	m.query_last_place = &q;
	int rc = call_query(k, MATCHING, &m, &a);
	if (rc == CLI_DONE) {
		*ret_v = a->last_place_view;
	}
	return rc;
}

/* As everywhere: the request's own code, and which of its needs. */
static const char *place_number(struct cli *c, const PB(WaitingItem) *w)
{
	return cli_printf(c, "%s/%u", w->short_code, w->need->ordinal);
}

static void place_table(struct cli *c, const PB(LastPlaceView) *v)
{
	json_t *doc = pb_json(&v->base);
	json_t *rows = json_object_get(doc, "concerned");

	for (size_t i = 0; i < v->n_concerned; i++) {
		const PB(WaitingItem) *w = v->concerned[i];
		const PB(RequestFact) *r = w->request;
		bool named = w->need->child < r->n_children;
		uint32_t years = named ? r->children[w->need->child]->age_years : r->age_years;
		json_t *row = json_array_get(rows, i);
		(void)json_object_set_new(row, "number_text", json_string(place_number(c, w)));
		(void)json_object_set_new(row, "child_number", json_integer(w->need->child + 1));
		(void)json_object_set_new(row, "years", json_integer(years));
	}
	out_table(c, doc, "concerned", place_columns);
	json_decref(doc);
}

static int cmd_place_show(struct cli *c)
{
	AUTO_CALL struct call k = { 0 };
	PB(LastPlaceView) *v = NULL;
	int rc = call_open(&k, c);

	rc = rc != CLI_DONE ? rc : place_view(&k, &v);
	if (rc != CLI_DONE) {
		return rc;
	}
	place_table(c, v);
	if (v->n_concerned == 0) {
		cli_say(c, "Hier valt niets te tekenen: %u vrij, en de volgorde beslist.",
			"There is nothing to sign here: %u free, and the order decides.", v->free);
	} else {
		cli_say(c,
			"%u vrij. U kiest wie en tekent, binnen een kwartier; daarna beslist de "
			"volgorde:\n"
			"  schakel place sign %s %s --version %u --by UW-CODE\n"
			"UW-CODE: uw eigen vaste code van 32 tekens (0-9, a-f), geen naam",
			"%u free. You choose who and sign, within a quarter of an hour; after "
			"that the order decides:\n"
			"  schakel place sign %s %s --version %u --by YOUR-CODE\n"
			"YOUR-CODE: your own lasting code of 32 characters (0-9, a-f), no name",
			v->free, v->pool, place_number(c, v->concerned[0]), v->version);
	}
	return CLI_DONE;
}

/** What was shown has to be what is signed: as many as the person says to have seen. */
static int signature_of(struct call *k, const PB(LastPlaceView) *v, PB(SignLastPlace) *s)
{
	struct cli *c = k->cli;
	struct object_id by;
	size_t at = 0;

	if (!cli_flag(c, "by")) {
		return cli_usage(c, "--by ontbreekt: wie tekent, als vaste code van 32 tekens",
				 "--by is missing: who signs, as a lasting code of 32 characters");
	}
	if (!id_parse(cli_opt(c, "by"), &by)) {
		return cli_usage(c, "--by %s: geef 32 tekens 0-9 a-f, de vaste code van wie tekent",
				 "--by %s: give 32 characters 0-9 a-f, the lasting code of who "
				 "signs",
				 cli_opt(c, "by"));
	}
	s->signed_by = id_bytes(c, &by);
	s->seen = cli_alloc(c, (v->n_concerned + 1) * sizeof(*s->seen));
	while (at < v->n_concerned &&
	       strcasecmp(place_number(c, v->concerned[at]), c->arg[1]) != 0) {
		at++;
	}
	if (at == v->n_concerned) {
		return cli_usage(c, "%s staat hier niet bij; kijk met: schakel place show %s",
				 "%s is not among them; look with: schakel place show %s",
				 c->arg[1], c->arg[0]);
	}
	for (size_t i = 0; i < v->n_concerned; i++) {
		struct object_id id;
		if (object_id_from(&v->concerned[i]->need->need_id, &id)) {
			s->seen[s->n_seen++] = id_bytes(c, &id);
		}
	}
	s->need_id = s->seen[at];
	return CLI_DONE;
}

static int cmd_place_sign(struct cli *c)
{
	AUTO_CALL struct call k = { .cli = c };
	PB(SignLastPlace) s = SCHAKEL__V1__SIGN_LAST_PLACE__INIT;
	PB(Message) m = SCHAKEL__V1__MESSAGE__INIT;
	PB(LastPlaceView) *v = NULL;
	PB(Receipt) *r = NULL;
	int rc = call_open(&k, c);

	rc = rc != CLI_DONE ? rc : place_view(&k, &v);
	rc = rc != CLI_DONE ? rc : signature_of(&k, v, &s);
	s.based_on = v == NULL ? 0 : v->version;
	rc = rc != CLI_DONE ? rc : cli_opt_u32(c, "version", UINT32_MAX, &s.based_on);
	if (rc != CLI_DONE) {
		return rc;
	}
	s.pool = (char *)(uintptr_t)c->arg[0];
	m.body_case = BODY(SIGN_LAST_PLACE);
	m.sign_last_place = &s;
	rc = call_command(&k, MATCHING, &m, &r);
	return out_receipt(c, rc, r, "Getekend: deze plek is voor dit kind gevraagd.",
			   "Signed: this place is asked for this child.");
}

static const struct option sign_options[] = {
	{ "by", "CODE", "nodig: wie tekent: een eigen vaste code van 32 tekens 0-9 a-f, geen naam",
	  "needed: who signs: a lasting code of one's own, 32 characters 0-9 a-f, no name" },
	{ "version", "N", "van het aanbod, zoals u het zag", "of the capacity, as you saw it" },
	{ 0 },
};

const struct command last_place_commands[] = {
	{ "place show", "AANBOD", 1, 1, NULL,
	  "toont wie de laatste plek in een crisis kan gebruiken: twee of meer kinderen, een plek",
	  "shows who could use the last place in a crisis: two or more children, one place",
	  "schakel place show crisisbed-ieper --as meldpunt", cmd_place_show },
	{ "place sign", "AANBOD NUMMER", 2, 2, sign_options,
	  "beslist en tekent voor wie de laatste plek is",
	  "decides and signs for whom the last place is",
	  "schakel place sign crisisbed-ieper k7q2m4t9xa/1 --version 4 --by "
	  "0123456789abcdef0123456789abcdef --as meldpunt",
	  cmd_place_sign },
	{ 0 },
};
