/* SPDX-License-Identifier: EUPL-1.2 */
#include "services/cli/request_file.h"

#include <stdlib.h>
#include <string.h>

#include "common/capsule.h"
#include "common/table.h"

#define AGE_MAX 25
#define CHILDREN_MAX 8
#define HOURS_MAX 168
#define WEEKS_MAX 520

static const struct field_rule rules[] = {
	{ "SubmitRequest", "kind", true, 0, 0 },
	{ "SubmitRequest", "zone", true, 0, 0 },
	{ "SubmitRequest", "urgency", true, 0, 0 },
	{ "SubmitRequest", "children", false, 0, CHILDREN_MAX },
	{ "SubmitRequest", "adults", false, 0, 4 },
	{ "SubmitRequest", "needs", false, 0, NEEDS_MAX },
	{ "SubmitRequest", "excluded_partners", false, 0, 16 },
	{ "SubmitRequest", "preferred_partners", false, 0, 16 },
	{ "SubmitRequest", "languages", false, 0, 4 },
	{ "Child", "age_years", false, 0, AGE_MAX },
	{ "Adult", "number", true, 1, 4 },
	{ "NeedSpec", "expertise", true, 1, 64 },
	{ "NeedSpec", "intensity", true, 1, HOURS_MAX },
	{ "NeedSpec", "duration_weeks", true, 1, WEEKS_MAX },
	{ "NeedSpec", "child", false, 1, CHILDREN_MAX },
	{ "Strength", "child", false, 1, CHILDREN_MAX },
	{ "Child", "stays", false, 0, 2 },
	{ "AmendRequest", "children", false, 0, CHILDREN_MAX },
	{ "AmendRequest", "adults", false, 0, 4 },
	{ "AmendRequest", "add_needs", false, 0, NEEDS_MAX },
	{ "AmendRequest", "change_needs", false, 0, NEEDS_MAX },
	{ "AmendRequest", "exclude_partners", false, 0, 16 },
	{ "AmendRequest", "allow_partners", false, 0, 16 },
	{ "NeedChange", "need_id", true, 0, 0 },
	{ "NeedChange", "intensity", false, 1, HOURS_MAX },
	{ "NeedChange", "duration_weeks", false, 1, WEEKS_MAX },
	{ 0 },
};

/* A row of the table is one need; the rows with the same `request` make one request. */
static const struct table_column columns[] = {
	{ "request", NULL, TABLE_TEXT, TABLE_KEY, NULL },
	{ "kind", "kind", TABLE_TEXT, TABLE_RECORD, NULL },
	{ "zone", "zone", TABLE_TEXT, TABLE_RECORD, NULL },
	{ "network", "network", TABLE_TEXT, TABLE_RECORD, NULL },
	{ "urgency", "urgency", TABLE_TEXT, TABLE_RECORD, NULL },
	{ "crisis_step", "crisis_step", TABLE_TEXT, TABLE_RECORD, NULL },
	{ "reason", "reason", TABLE_TEXT, TABLE_RECORD, NULL },
	{ "second_party", "second_party", TABLE_TEXT, TABLE_RECORD, NULL },
	{ "excluded_partners", "excluded_partners", TABLE_WORDS, TABLE_RECORD, NULL },
	{ "preferred_partners", "preferred_partners", TABLE_WORDS, TABLE_RECORD, NULL },
	{ "languages", "languages", TABLE_WORDS, TABLE_RECORD, NULL },
	{ "age", "age_years", TABLE_NUMBER, TABLE_FIRST, "children" },
	{ "judged_capable", "judged_capable", TABLE_YES, TABLE_FIRST, "children" },
	{ "judged_incapable", "judged_incapable", TABLE_YES, TABLE_FIRST, "children" },
	{ "adult", "number", TABLE_NUMBER, TABLE_FIRST, "adults" },
	{ "authority", "authority", TABLE_YES, TABLE_FIRST, "adults" },
	{ "home", "home", TABLE_YES, TABLE_FIRST, "adults" },
	{ "name", "name", TABLE_TEXT, TABLE_FIRST, "told" },
	{ "callback", "callback", TABLE_TEXT, TABLE_FIRST, "told" },
	{ "story", "story", TABLE_TEXT, TABLE_FIRST, "told" },
	{ "expertise", "expertise", TABLE_TEXT, TABLE_ITEM, NULL },
	{ "intensity", "intensity", TABLE_NUMBER, TABLE_ITEM, NULL },
	{ "weeks", "duration_weeks", TABLE_NUMBER, TABLE_ITEM, NULL },
	{ "must", "must", TABLE_YES, TABLE_ITEM, NULL },
	{ "life_domain", "life_domain", TABLE_TEXT, TABLE_ITEM, NULL },
	{ 0 },
};

static const char *const told_keys[] = { "child",   "name",  "callback", "story",
					 "address", "about", NULL };

enum file_kind file_kind_of(const char *path, struct slice bytes)
{
	size_t len = strlen(path);
	const char *p = bytes.data;

	if (len > 4 && strcmp(path + len - 4, ".csv") == 0) {
		return FILE_CSV;
	}
	for (size_t i = 0; i < bytes.len; i++) {
		if (strchr(" \t\r\n", p[i]) == NULL) {
			return p[i] == '{' || p[i] == '[' ? FILE_JSON : FILE_CSV;
		}
	}
	return FILE_JSON;
}

int request_file_read(struct jsonin *ret_in, struct arena *arena, struct slice bytes,
		      enum file_kind kind, struct file_error *ret_err)
{
	static const struct table_spec spec = { columns, "needs", NULL, NULL };

	int err = kind == FILE_CSV ? table_parse(ret_in, arena, bytes, &spec, ret_err) :
				     jsonin_parse(ret_in, arena, bytes, ret_err);
	if (err == SK_OK && json_array_size(ret_in->root) > JSONIN_RECORDS_MAX) {
		err = file_error_set(ret_err, 0, "meer dan %d aanmeldingen; splits het bestand",
				     "more than %d requests; split the file", JSONIN_RECORDS_MAX);
	}
	if (err != SK_OK) {
		jsonin_done(ret_in);
	}
	return err;
}

size_t request_file_count(const struct jsonin *in)
{
	return json_is_array(in->root) ? json_array_size(in->root) : 1;
}

/* --- what was told --- */

static int check_told(struct jsonin *in, json_t *v, const char *path)
{
	const char *key;
	json_t *text;

	if (!json_is_object(v)) {
		return jsonin_fail(in, path, "hier hoort een geheel van velden { ... }",
				   "an object { ... } is expected here");
	}
	json_object_foreach (v, key, text) {
		char at[JSONIN_PATH_MAX];
		size_t k = 0;
		jsonin_path(at, "%s.%.30s", path, key);
		while (told_keys[k] != NULL && strcmp(told_keys[k], key) != 0) {
			k++;
		}
		if (told_keys[k] == NULL) {
			return jsonin_fail(in, at,
					   "dit veld bestaat niet; wel child, name, callback, "
					   "story, address, about",
					   "there is no such field; there are child, name, "
					   "callback, story, address, about");
		}
		if (k == 0 ? !json_is_integer(text) : !json_is_string(text)) {
			return file_error_text(
				in->err, jsonin_line(in, at), at,
				k == 0 ? "geef het nummer van het kind" : "geef tekst",
				k == 0 ? "give the number of the child" : "give text");
		}
	}
	return SK_OK;
}

static int one_told(struct jsonin *in, json_t *v, const char *path, struct told *ret_told)
{
	int err = check_told(in, v, path);

	if (err != SK_OK) {
		return err;
	}
	ret_told->about = json_object_get(v, "about") != NULL;
	if (ret_told->about && json_object_get(v, "story") != NULL) {
		return file_error_text(in->err, jsonin_line(in, path), path,
				       "zet eigen woorden (story) en wat een ander over iemand "
				       "zegt (about) in twee delen",
				       "put own words (story) and what somebody else says of a "
				       "person (about) in two pieces");
	}
	json_int_t child = json_integer_value(json_object_get(v, "child"));
	char *text = json_dumps(v, JSON_COMPACT);
	if (text == NULL) {
		return SK_ENOMEM;
	}
	size_t len = strlen(text);
	ret_told->content = (struct slice){ arena_dup(in->arena, text, len), len };
	explicit_bzero(text, len);
	free(text);
	if (ret_told->content.data == NULL) {
		return SK_ENOMEM;
	}
	if (len > CAPSULE_PLAIN_MAX || child < 0 || child > CHILDREN_MAX) {
		return jsonin_fail(in, path,
				   "te lang (%u bytes) of geen kind met dat nummer; kort het in",
				   "too long (%u bytes) or no child of that number; shorten it",
				   CAPSULE_PLAIN_MAX);
	}
	ret_told->child = (uint32_t)child;
	return SK_OK;
}

/* @p ret_callback becomes true when somebody can be called back. */
static int read_told(struct jsonin *in, json_t *record, const char *base, struct told *ret_told,
		     size_t *ret_len)
{
	json_t *list = json_object_get(record, "told");
	char path[JSONIN_PATH_MAX];
	size_t i;
	json_t *v;

	jsonin_path(path, "%stold", base);
	*ret_len = json_array_size(list);
	if ((list != NULL && !json_is_array(list)) || *ret_len > TOLD_MAX) {
		return jsonin_fail(in, path, "geef een lijst [ ... ] met ten hoogste %d delen",
				   "give a list [ ... ] of at most %d items", TOLD_MAX);
	}
	json_array_foreach (list, i, v) {
		jsonin_path(path, "%stold[%zu]", base, i);
		int err = one_told(in, v, path, &ret_told[i]);
		if (err != SK_OK) {
			return err;
		}
	}
	return SK_OK;
}

static bool has_callback(json_t *record)
{
	size_t i;
	json_t *v;

	json_array_foreach (json_object_get(record, "told"), i, v) {
		if (json_string_length(json_object_get(v, "callback")) > 0) {
			return true;
		}
	}
	return false;
}

/* --- rules that join several fields, as intake has them --- */

static int check_request(struct jsonin *in, const Schakel__V1__SubmitRequest *r, const char *base)
{
	char at[JSONIN_PATH_MAX];
	bool search = r->kind == SCHAKEL__V1__REQUEST_KIND__REQUEST_KIND_SEARCH;
	bool crisis = r->urgency == SCHAKEL__V1__URGENCY__URGENCY_CRISIS;

	if (search && r->n_needs == 0) {
		jsonin_path(at, "%sneeds", base);
		return jsonin_fail(in, at,
				   "zoeken naar hulp vraagt minstens één hulpvraag; voeg ze toe",
				   "a search for help has at least one need; add it");
	}
	if (search && r->n_children == 0) {
		jsonin_path(at, "%schildren", base);
		return jsonin_fail(in, at, "zeg minstens hoe oud het kind is",
				   "say at least how old the child is");
	}
	if (crisis && (r->crisis_step == 0 || r->reason == 0)) {
		jsonin_path(at, "%s%s", base, r->crisis_step == 0 ? "crisis_step" : "reason");
		return jsonin_fail(in, at, "bij een crisis horen crisis_step en reason; vul ze in",
				   "a crisis has crisis_step and reason; fill them in");
	}
	if (search && !r->callback_sealed) {
		jsonin_path(at, "%stold", base);
		return jsonin_fail(in, at,
				   "zeg bij told hoe iemand teruggebeld kan worden (callback)",
				   "say under told how somebody can be called back (callback)");
	}
	return SK_OK;
}

/* In a file children count from 1, as everywhere else that a person sees them; on the wire from 0.
 * Left out it is the only child: of several nobody guesses which. @p children: 0 when the file does
 * not say how many there are; then the first is meant. */
static int child_index(struct jsonin *in, const char *path, size_t children, uint32_t *io_child)
{
	if (*io_child == 0 && children > 1) {
		return jsonin_fail(in, path,
				   "zeg over welk kind dit gaat: child is 1 voor het "
				   "eerste kind, 2 voor het tweede",
				   "say which child this is about: child is 1 for the first child, "
				   "2 for the second");
	}
	if (children > 0 && *io_child > children) {
		return jsonin_fail(in, path, "er staan maar %zu kinderen in: het eerste is 1",
				   "there are only %zu children in it: the first is 1", children);
	}
	*io_child -= *io_child > 0 ? 1 : 0;
	return SK_OK;
}

static int children_named(struct jsonin *in, Schakel__V1__SubmitRequest *r, const char *base)
{
	char at[JSONIN_PATH_MAX];
	int err = SK_OK;

	for (size_t i = 0; err == SK_OK && i < r->n_needs; i++) {
		jsonin_path(at, "%sneeds[%zu].child", base, i);
		err = child_index(in, at, r->n_children, &r->needs[i]->child);
	}
	for (size_t i = 0; err == SK_OK && i < r->n_strengths; i++) {
		jsonin_path(at, "%sstrengths[%zu].child", base, i);
		err = child_index(in, at, r->n_children, &r->strengths[i]->child);
	}
	return err;
}

static int added_children_named(struct jsonin *in, Schakel__V1__AmendRequest *a)
{
	char at[JSONIN_PATH_MAX];
	int err = SK_OK;

	for (size_t i = 0; err == SK_OK && i < a->n_add_needs; i++) {
		jsonin_path(at, "add_needs[%zu].child", i);
		err = child_index(in, at, a->n_children, &a->add_needs[i]->child);
	}
	return err;
}

/* A table of consults has rows without a need of their own. */
static void drop_empty_needs(json_t *record)
{
	json_t *needs = json_object_get(record, "needs");

	for (size_t i = json_array_size(needs); i-- > 0;) {
		if (json_object_size(json_array_get(needs, i)) == 0) {
			(void)json_array_remove(needs, i);
		}
	}
}

int request_file_get(struct jsonin *in, size_t i, struct request_in *ret_request)
{
	static const char *const ignore[] = { "told", "capsules", "callback_sealed", NULL };
	static const struct jsonin_spec spec = { .type = &schakel__v1__submit_request__descriptor,
						 .rules = rules,
						 .ignore = ignore };
	bool list = json_is_array(in->root);
	json_t *record = list ? json_array_get(in->root, i) : in->root;
	char base[JSONIN_PATH_MAX] = "";
	char dotted[JSONIN_PATH_MAX] = "";
	ProtobufCMessage *m = NULL;

	if (list) {
		jsonin_path(base, "[%zu]", i);
		jsonin_path(dotted, "[%zu].", i);
	}
	if (in->line != NULL) {
		drop_empty_needs(record);
	}
	*ret_request = (struct request_in){ 0 };
	int err = jsonin_message(in, record, base, &spec, &m);
	if (err == SK_OK) {
		err = read_told(in, record, dotted, ret_request->told, &ret_request->told_len);
	}
	if (err != SK_OK) {
		return err;
	}
	ret_request->submit = (Schakel__V1__SubmitRequest *)m;
	ret_request->submit->callback_sealed = has_callback(record);
	err = check_request(in, ret_request->submit, dotted);
	return err != SK_OK ? err : children_named(in, ret_request->submit, dotted);
}

int amend_file_get(struct jsonin *in, struct amend_in *ret_amend)
{
	static const char *const ignore[] = { "told", "capsules", "request_id", NULL };
	static const struct jsonin_spec spec = { .type = &schakel__v1__amend_request__descriptor,
						 .rules = rules,
						 .ignore = ignore };
	ProtobufCMessage *m = NULL;

	*ret_amend = (struct amend_in){ 0 };
	int err = jsonin_message(in, in->root, "", &spec, &m);
	if (err != SK_OK) {
		return err;
	}
	ret_amend->amend = (Schakel__V1__AmendRequest *)m;
	err = added_children_named(in, ret_amend->amend);
	if (err != SK_OK) {
		return err;
	}
	return read_told(in, in->root, "", ret_amend->told, &ret_amend->told_len);
}
