/* SPDX-License-Identifier: EUPL-1.2 */
/* GET /codes/{list}: every word that people see instead of a code, in both languages. */
#include "services/gateway/codes.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "common/csv.h"
#include "common/words.h"
#include "services/gateway/gate.h"

#define NAME_MAX_LEN 40

/* Municipalities with their zone stand in the program as the file that documents them. */
#define EMBED(name, path)                                                                      \
	__asm__(".pushsection .rodata\n.global " #name "\n" #name ":\n.incbin \"" path "\"\n." \
		"byte 0\n.popsection\n");                                                      \
	extern const char name[]
EMBED(gateway_places_csv, "deploy/codes/places.csv");

#define SET(name) &schakel__v1__##name##__descriptor
static const ProtobufCEnumDescriptor *const sets[] = {
	SET(role),
	SET(urgency),
	SET(crisis_step),
	SET(danger_reason),
	SET(need_state),
	SET(close_reason),
	SET(contribution_state),
	SET(answer_kind),
	SET(can_if),
	SET(voice),
	SET(speaker),
	SET(ground),
	SET(wait_class),
	SET(shortfall),
	SET(pool_state),
	SET(pool_answer),
	SET(pause_reason),
	SET(modality),
	SET(access),
	SET(continuum),
	SET(unit),
	SET(supporter_kind),
	SET(life_domain),
	SET(holder_kind),
	SET(alarm_kind),
	SET(request_kind),
	SET(consult_state),
	SET(contact_limit),
	SET(apart_reason),
	SET(called_service),
	SET(interrupt_reason),
	SET(priority_ground),
	SET(case_table_reason),
	SET(case_table_state),
	SET(misplaced_state),
	SET(stuck_sign),
	SET(signal_state),
	SET(rule_kind),
	SET(blocked_step),
	SET(help_addressee),
	SET(help_call_state),
	SET(fit),
	SET(fit_moment),
	SET(other_wanted),
	SET(basic_link),
	SET(flow),
	SET(goal_state),
	SET(own_state),
	SET(diagnostic_model),
	SET(diagnostic_state),
	SET(rung_reason),
	SET(kept_back),
	SET(network_kind),
	SET(figure_kind),
	SET(refusal),
	SET(outcome),
	SET(event_kind),
	SET(explain_kind),
	SET(why_not_kind),
	SET(cost_kind),
	SET(strength_kind),
	SET(judgement_reason),
	SET(ring),
};

static void set_name(const ProtobufCEnumDescriptor *set, char ret_name[NAME_MAX_LEN])
{
	size_t n = 0;

	for (const char *s = set->short_name; *s != '\0' && n + 2 < NAME_MAX_LEN; s++) {
		if (isupper((unsigned char)*s) && n > 0) {
			ret_name[n++] = '_';
		}
		ret_name[n++] = (char)tolower((unsigned char)*s);
	}
	ret_name[n] = '\0';
}

static json_t *label(const char *code, const char *nl, const char *en, const char *youth)
{
	return json_pack("{s:s, s:s, s:s, s:s}", "code", code, "nl", nl, "en", en, "youth", youth);
}

/* The same for who reads at level B1, where that differs. */
static void add_word(json_t *doc, const char *name, const char *text, const char *unless)
{
	if (strcmp(text, unless) != 0) {
		(void)json_object_set_new(doc, name, json_string(text));
	}
}

static void add_words(json_t *doc, const char *youth_en, const char *parent, const char *parent_en)
{
	add_word(doc, "youth_en", youth_en, json_string_value(json_object_get(doc, "en")));
	add_word(doc, "parent", parent, json_string_value(json_object_get(doc, "youth")));
	add_word(doc, "parent_en", parent_en, youth_en);
}

static json_t *enum_json(const ProtobufCEnumDescriptor *set)
{
	json_t *list = json_array();

	for (unsigned i = 0; i < set->n_values; i++) {
		int v = set->values[i].value;
		const char *code = v == 0 ? NULL : code_of(set, v);
		if (code != NULL) {
			json_t *doc = label(code, word_of(set, v, LANG_NL),
					    word_of(set, v, LANG_EN), word_youth(set, v, LANG_NL));
			add_words(doc, word_youth(set, v, LANG_EN),
				  word_person(set, v, LANG_NL, true),
				  word_person(set, v, LANG_EN, true));
			(void)json_array_append_new(list, doc);
		}
	}
	return list;
}

static json_t *expertises(void)
{
	json_t *list = json_array();

	for (uint32_t n = 1; n <= CONF_CODES_MAX; n++) {
		const char *code = expertise_code(n);
		if (code != NULL) {
			json_t *doc = label(code, expertise_label(n, LANG_NL),
					    expertise_label(n, LANG_EN),
					    expertise_youth(n, LANG_NL));
			add_words(doc, expertise_youth(n, LANG_EN), expertise_parent(n, LANG_NL),
				  expertise_parent(n, LANG_EN));
			(void)json_array_append_new(list, doc);
		}
	}
	return list;
}

static json_t *zones(const struct conf *c)
{
	json_t *list = json_array();

	for (size_t i = 0; i < c->zones_len; i++) {
		const char *name = c->zones[i].name;
		(void)json_array_append_new(list, label(c->zones[i].id, name, name, name));
	}
	return list;
}

static bool has_zone(const struct conf *c, const char *zone)
{
	for (size_t i = 0; i < c->zones_len; i++) {
		if (strcmp(c->zones[i].id, zone) == 0) {
			return true;
		}
	}
	return false;
}

/* Where people live, as they say it themselves, with the zone of this node that it lies in. */
static json_t *places(struct web *w)
{
	struct slice bytes = { gateway_places_csv, strlen(gateway_places_csv) };
	json_t *list = json_array();
	struct file_error e = { 0 };
	struct csv_row row;
	struct csv r;
	int err = csv_begin(&r, &w->arena, bytes, &e);

	while (err == SK_OK && csv_next(&r, &row, &e) == 1) {
		const char *zone = csv_field(&r, &row, "zone");
		if (has_zone(w->conf, zone)) {
			const char *name = web_printf(w, "%s (%s)", csv_field(&r, &row, "name"),
						      csv_field(&r, &row, "postcodes"));
			json_t *doc = label(csv_field(&r, &row, "nis"), name, name, name);
			(void)json_object_set_new(doc, "zone", json_string(zone));
			(void)json_array_append_new(list, doc);
		}
	}
	return list;
}

/* Organisations as people call them, and by which number. */
static json_t *parties(const struct conf *c)
{
	json_t *list = json_array();

	for (size_t i = 0; i < c->parties_len; i++) {
		const struct conf_party *p = &c->parties[i];
		if ((p->roles & ROLE_BIT(DAEMON)) == 0) {
			json_t *doc = label(p->id, p->name, p->name, p->name);
			bool point = (p->roles & ROLE_BIT(CONTACT_POINT)) != 0;
			(void)json_object_set_new(doc, "sector", json_string(p->sector));
			(void)json_object_set_new(doc, "contact_point", json_boolean(point));
			if (p->phone[0] != '\0') {
				(void)json_object_set_new(doc, "phone", json_string(p->phone));
			}
			(void)json_array_append_new(list, doc);
		}
	}
	return list;
}

static json_t *list_of(struct web *w, const char *name)
{
	char own[NAME_MAX_LEN];

	if (strcmp(name, "expertise") == 0) {
		return expertises();
	}
	if (strcmp(name, "zone") == 0) {
		return zones(w->conf);
	}
	if (strcmp(name, "place") == 0) {
		return places(w);
	}
	if (strcmp(name, "party") == 0) {
		return parties(w->conf);
	}
	for (size_t i = 0; i < SK_LEN(sets); i++) {
		set_name(sets[i], own);
		if (strcmp(own, name) == 0) {
			return enum_json(sets[i]);
		}
	}
	return NULL;
}

static json_t *names(void)
{
	char own[NAME_MAX_LEN];
	json_t *list = json_pack("[s, s, s, s]", "expertise", "zone", "place", "party");

	for (size_t i = 0; i < SK_LEN(sets); i++) {
		set_name(sets[i], own);
		(void)json_array_append_new(list, json_string(own));
	}
	return list;
}

/* Kept by who asked: the same list is not sent twice. */
static void answer(struct web *w, json_t *doc)
{
	const char *known = web_header(w, "If-None-Match");
	char *text = json_dumps(doc, JSON_COMPACT);
	uint8_t sum[16];
	char hex[2 * sizeof(sum) + 1];

	web_head(w, "Cache-Control", "public, max-age=300");
	if (text == NULL) {
		web_json(w, 200, doc);
		return;
	}
	(void)crypto_generichash(sum, sizeof(sum), (const uint8_t *)text, strlen(text), NULL, 0);
	free(text);
	(void)sodium_bin2hex(hex, sizeof(hex), sum, sizeof(sum));
	web_head(w, "ETag", web_printf(w, "\"%s\"", hex));
	if (known != NULL && (strcmp(known, "*") == 0 || strstr(known, hex) != NULL)) {
		json_decref(doc);
		web_body(w, 304, NULL, (struct slice){ "", 0 });
		return;
	}
	web_json(w, 200, doc);
}

static void on_lists(struct web *w)
{
	answer(w, json_pack("{s:o}", "lists", names()));
}

/* By name; several with commas between come together, so that a page asks once. */
static void on_list(struct web *w)
{
	static const struct problem none = { 404, "NOT_FOUND", "list",
					     "deze lijst is er niet; zie /codes",
					     "there is no such list; see /codes" };
	json_t *all = json_object();
	char *next = web_printf(w, "%s", w->param[0]);

	for (char *one = strsep(&next, ","); one != NULL; one = strsep(&next, ",")) {
		json_t *list = list_of(w, one);
		if (list == NULL) {
			json_decref(all);
			web_problem(w, &none);
			return;
		}
		(void)json_object_set_new(all, one, list);
	}
	answer(w, all);
}

const struct route codes_routes[] = {
	{ "GET", "/codes", WEB_ANYBODY, on_lists, NULL, 0, NULL, NULL },
	{ "GET", "/codes/{list}", WEB_ANYBODY, on_list, NULL, 0, NULL, NULL },
	{ 0 },
};
