/* SPDX-License-Identifier: EUPL-1.2 */
#include "services/cli/plan_person.h"

#include <stdlib.h>
#include <string.h>

#include "common/pbjson.h"
#include "common/when.h"
#include "common/words.h"
#include "services/cli/output.h"
#include "services/cli/person_forms.h"
#include "services/cli/request_show.h"
#include "services/cli/said.h"
#include "services/cli/story.h"
#include "services/cli/story_show.h"

#define SPEAKER(X) SCHAKEL__V1__SPEAKER__SPEAKER_##X
#define COLUMNS 80
#define ADULT_MAX 16

const struct option person_options[] = {
	{ "view", "youth|parent|trusted", "wat deze persoon ziet", "what this person sees" },
	{ "child", "N", "welk kind van de aanmelding, vanaf 1",
	  "which child of the request, from 1" },
	{ "adult", "N", "welke ouder of opvoeder, vanaf 1", "which adult, from 1" },
	{ "file", NULL, "alles wat bewaard wordt; de vraag wordt genoteerd",
	  "everything that is kept; the question is written down" },
	{ 0 },
};
const struct option keep_options[] = {
	{ "lift", NULL, "het stuk mag weer gelezen worden", "the piece may be read again" },
	{ 0 },
};

static const struct {
	const char *word;
	PB(Speaker) speaker;
} views[] = {
	{ "youth", SPEAKER(YOUTH) },
	{ "jongere", SPEAKER(YOUTH) },
	{ "parent", SPEAKER(ADULT) },
	{ "ouder", SPEAKER(ADULT) },
	{ "trusted", SPEAKER(TRUSTED_PERSON) },
	{ "vertrouwenspersoon", SPEAKER(TRUSTED_PERSON) },
};

static PB(Speaker) view_of(const char *word)
{
	for (size_t i = 0; word != NULL && i < SK_LEN(views); i++) {
		if (strcmp(views[i].word, word) == 0) {
			return views[i].speaker;
		}
	}
	return SPEAKER(UNSPECIFIED);
}

/* `--as youth` is no key: the key is that of the family's channel. */
static int as_person(struct cli *c, PB(Speaker) *ret_speaker)
{
	struct conf *conf = NULL;
	PB(Speaker) speaker = view_of(c->as);

	if (speaker == SPEAKER(UNSPECIFIED)) {
		return CLI_DONE;
	}
	int rc = call_conf(c, &conf);
	if (rc != CLI_DONE) {
		return rc;
	}
	bool named = conf_party(conf, c->as) != NULL;
	for (size_t i = 0; i < conf->parties_len && !named; i++) {
		if ((conf->parties[i].roles & ROLE_BIT(FAMILY)) != 0) {
			c->as = cli_printf(c, "%s", conf->parties[i].id);
			*ret_speaker = speaker;
			break;
		}
	}
	conf_free(conf);
	return CLI_DONE;
}

int person_asked(struct cli *c, struct person_ask *ret_ask)
{
	const char *view = cli_opt(c, "view");
	struct person_ask ask = { .speaker = view_of(view) };

	if (view != NULL && ask.speaker == SPEAKER(UNSPECIFIED)) {
		return cli_usage(c, "--view %s: kies youth, parent of trusted",
				 "--view %s: choose youth, parent or trusted", view);
	}
	PB(Speaker) as = SPEAKER(UNSPECIFIED);
	int rc = as_person(c, &as);

	ask.speaker = view != NULL ? ask.speaker : as;
	if (rc == CLI_DONE && ask.speaker == SPEAKER(UNSPECIFIED) && cli_flag(c, "file")) {
		ask.speaker = SPEAKER(YOUTH);
	}
	if (rc == CLI_DONE) {
		rc = said_child_opt(c, &ask.child);
	}
	if (rc == CLI_DONE && ask.speaker == SPEAKER(ADULT)) {
		ask.adult = 1;
		rc = cli_opt_u32(c, "adult", ADULT_MAX, &ask.adult);
	}
	if (rc == CLI_DONE) {
		*ret_ask = ask;
	}
	return rc;
}

static const char *party_name(const void *ctx, const char *id)
{
	const struct conf_party *p = conf_party(ctx, id);

	return p == NULL || p->name[0] == '\0' ? id : p->name;
}

static const char *party_phone(const void *ctx, const char *id)
{
	const struct conf_party *p = conf_party(ctx, id);

	return p == NULL ? "" : p->phone;
}

static void out_lines(struct cli *c, const struct person_text *t)
{
	for (size_t i = 0; i < t->len; i++) {
		const struct person_line *l = &t->line[i];
		if (l->kind == LINE_SAY) {
			(void)fputs("  ", c->out);
			text_wrapped(c->out, l->s, 2, COLUMNS);
			(void)fputc('\n', c->out);
		} else {
			(void)fprintf(c->out, "%s%s\n", i == 0 ? "" : "\n", l->s);
		}
	}
}

/* --- the whole file --- */

static int file_ask(struct call *k, const struct person_ask *ask, ProtobufCBinaryData request)
{
	PB(AskFile) a = SCHAKEL__V1__ASK_FILE__INIT;
	PB(Message) m = SCHAKEL__V1__MESSAGE__INIT;
	PB(Receipt) *r = NULL;

	a.request_id = request;
	a.speaker = ask->speaker;
	a.adult = ask->adult;
	a.child = ask->child;
	m.body_case = BODY(ASK_FILE);
	m.ask_file = &a;
	return call_command(k, INTAKE, &m, &r);
}

static void told_show(struct cli *c, const PB(FileCapsule) *f, json_t *doc, struct person_text *t)
{
	char *at = cli_printf(c, "%s", when_show(f->at_ms, c->lang).s);
	bool locked = doc == NULL || json_is_true(json_object_get(doc, "unreadable"));

	at[strcspn(at, ",")] = '\0';
	t->len = 0;
	form_say(t, f->own ? FORM_WRITTEN_OWN : FORM_WRITTEN, at, t->name(t->ctx, f->party));
	if (locked) {
		form_say(t, FORM_SEALED, "", "");
	}
	out_lines(c, t);
	if (!locked) {
		(void)story_texts(c, doc, 4);
	}
}

static int capsules_show(struct cli *c, const PB(FileView) *v, struct person_text *t, json_t *all)
{
	PB(Capsule) **list = cli_alloc(c, (v->n_capsules + 1) * sizeof(*list));
	json_t *docs = NULL;

	for (size_t i = 0; i < v->n_capsules; i++) {
		list[i] = v->capsules[i]->capsule;
	}
	int rc = v->n_capsules == 0 ? CLI_DONE : story_open_list(c, list, v->n_capsules, &docs);
	if (v->n_capsules > 0 && !c->json) {
		t->len = 0;
		form_head(t, form_text(t, FORM_HEAD_TOLD));
		(void)fputc('\n', c->out);
		out_lines(c, t);
	}
	for (size_t i = 0; i < v->n_capsules; i++) {
		json_t *doc = json_array_get(docs, i);
		if (c->json) {
			(void)json_array_append(json_object_get(all, "told"), doc);
		} else {
			told_show(c, v->capsules[i], doc, t);
		}
	}
	json_decref(docs);
	return rc;
}

static void page_add(json_t *all, const PB(FileView) *v)
{
	json_t *page = pb_json(&v->base);
	const char *key;
	json_t *value;

	(void)json_object_del(page, "next");
	(void)json_object_del(page, "capsules"); /* sealed bytes say nothing to anybody */
	json_object_foreach (page, key, value) {
		json_t *have = json_object_get(all, key);
		if (json_is_array(have) && json_is_array(value)) {
			(void)json_array_extend(have, value);
		} else if (have == NULL) {
			(void)json_object_set(all, key, value);
		}
	}
	json_decref(page);
}

static int file_page(struct call *k, const PB(FileView) *v, struct person_text *t, json_t *all)
{
	t->len = 0;
	if (v->person != NULL) {
		form_title(t, form_text(t, FORM_TITLE_FILE));
		person_timeline(v->person, t);
	}
	person_file(v, t);
	if (k->cli->json) {
		page_add(all, v);
	} else {
		out_lines(k->cli, t);
	}
	return capsules_show(k->cli, v, t, all);
}

static int file_show(struct call *k, const struct person_ask *ask, ProtobufCBinaryData request,
		     struct person_text *t)
{
	PB(QueryFile) q = SCHAKEL__V1__QUERY_FILE__INIT;
	PB(Message) m = SCHAKEL__V1__MESSAGE__INIT;
	json_t *all = json_pack("{s:[]}", "told");
	int rc = file_ask(k, ask, request);
	bool more = true;

	q.request_id = request;
	q.speaker = ask->speaker;
	q.adult = ask->adult;
	q.child = ask->child;
	while (rc == CLI_DONE && more) {
		PB(Message) *answer = NULL;
		m.id.len = 0;
		m.body_case = BODY(QUERY_FILE);
		m.query_file = &q;
		rc = call_query(k, INTAKE, &m, &answer);
		if (rc == CLI_DONE && answer->body_case != BODY(FILE_VIEW)) {
			rc = call_complain(k, INTAKE, SK_EPROTO);
		}
		if (rc != CLI_DONE) {
			break;
		}
		rc = file_page(k, answer->file_view, t, all);
		ProtobufCBinaryData next = answer->file_view->next;
		more = next.len > 0;
		q.after = (ProtobufCBinaryData){ next.len, cli_alloc(k->cli, next.len + 1) };
		if (more) {
			memcpy(q.after.data, next.data, next.len);
		}
	}
	if (rc == CLI_DONE && k->cli->json) {
		out_json(k->cli, all);
	}
	json_decref(all);
	return rc;
}

/* The command with which this person answers, for who sits at this terminal. */
static void say_commands(struct cli *c, const struct person_ask *ask, const PB(PersonView) *v)
{
	char *child = ask->child == 0 ? "" : cli_printf(c, " --child %u", ask->child + 1);
	char *adult = ask->adult == 0 ? "" : cli_printf(c, " --adult %u", ask->adult);

	for (size_t i = 0; i < v->n_needs; i++) {
		for (size_t n = 0; n < v->needs[i]->n_meets; n++) {
			const PB(PersonMeet) *m = v->needs[i]->meets[n];
			cli_say(c,
				"Ja zeggen: schakel contribution meet %s --yes%s%s --as %s (nee: "
				"--no)",
				"To say yes: schakel contribution meet %s --yes%s%s --as %s (no: "
				"--no)",
				m->short_code, adult, child, c->as);
		}
	}
	if (v->children > 1) {
		cli_say(c, "Een ander kind van deze aanvraag: schakel plan show %s --child %u",
			"Another child of this request: schakel plan show %s --child %u", c->arg[0],
			v->child == 0 ? 2U : 1U);
	}
}

int person_show(struct cli *c, const struct person_ask *ask)
{
	AUTO_CALL struct call k = { 0 };
	PB(QueryRequest) q = SCHAKEL__V1__QUERY_REQUEST__INIT;
	PB(PersonView) *v = NULL;
	struct person_text *t = cli_alloc(c, sizeof(*t));
	struct object_id id;
	int rc = call_open(&k, c);

	/* A trusted person reads the child's file, and has no timeline of its own. */
	q.speaker = ask->speaker == SPEAKER(TRUSTED_PERSON) ? SPEAKER(YOUTH) : ask->speaker;
	q.adult = ask->adult;
	q.child = ask->child;
	rc = rc != CLI_DONE ? rc : find_person(&k, c->arg[0], &q, &v);
	if (rc != CLI_DONE) {
		return rc;
	}
	t->lang = c->lang;
	t->name = party_name;
	t->phone = party_phone;
	t->ctx = k.conf;
	if (cli_flag(c, "file") || ask->speaker == SPEAKER(TRUSTED_PERSON)) {
		SK_ASSERT(object_id_from(&v->request_id, &id));
		t->parent = ask->speaker == SPEAKER(ADULT);
		t->whole = true;
		return file_show(&k, ask, id_bytes(c, &id), t);
	}
	if (c->json) {
		json_t *doc = pb_json(&v->base);
		out_json(c, doc);
		json_decref(doc);
		return CLI_DONE;
	}
	person_timeline(v, t);
	out_lines(c, t);
	say_commands(c, ask, v);
	return CLI_DONE;
}

/* --- keeping back --- */

/* One piece by its number in `schakel request show --story`. */
int cmd_keep_back(struct cli *c)
{
	AUTO_CALL struct call k = { 0 };
	PB(KeepBack) b = SCHAKEL__V1__KEEP_BACK__INIT;
	PB(Message) m = SCHAKEL__V1__MESSAGE__INIT;
	PB(RequestItem) *item = NULL;
	PB(Receipt) *r = NULL;
	struct object_id id;
	struct object_id person;
	int ground = 0;
	unsigned long n = strtoul(c->arg[1], NULL, 10);
	int rc = cli_arg_code(c, 2, &schakel__v1__kept_back__descriptor, &ground);

	rc = rc != CLI_DONE ? rc : call_open(&k, c);
	rc = rc != CLI_DONE ? rc : find_request(&k, c->arg[0], &item);
	if (rc != CLI_DONE) {
		return rc;
	}
	if (n == 0 || n > item->n_capsules) {
		return cli_usage(c,
				 "\"%s\": kies een nummer van 1 tot %zu uit schakel request show "
				 "%s "
				 "--story",
				 "\"%s\": choose a number from 1 to %zu of schakel request show %s "
				 "--story",
				 c->arg[1], item->n_capsules, c->arg[0]);
	}
	SK_ASSERT(object_id_from(&item->request->request_id, &id) &&
		  object_id_from(&item->capsules[n - 1]->person_id, &person));
	b.request_id = id_bytes(c, &id);
	b.person_id = id_bytes(c, &person);
	b.version = item->capsules[n - 1]->version;
	b.ground = (PB(KeptBack))ground;
	b.lifted = cli_flag(c, "lift");
	m.body_case = BODY(KEEP_BACK);
	m.keep_back = &b;
	rc = call_command(&k, INTAKE, &m, &r);
	return out_receipt(c, rc, r,
			   "Genoteerd. Wat iemand zelf vertelde, kan die persoon wel blijven "
			   "lezen.",
			   "Noted. What somebody told, that person can still read.");
}
