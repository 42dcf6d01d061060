/* SPDX-License-Identifier: EUPL-1.2 */
/* RFC 6902 and RFC 7396, as far as a resource of ours has members to be changed. */
#include <stdlib.h>
#include <string.h>

#include "services/gateway/fhir_task.h"

#define DEPTH_MAX 8
#define KEY_MAX 64

static int bad(struct fhir_in *in)
{
	return fhir_wrong(in, "structure", "",
			  "geef een JSON Patch: een lijst van {op, path, value} met add, replace, "
			  "remove of test, en paden die bestaan",
			  "give a JSON Patch: a list of {op, path, value} with add, replace, "
			  "remove "
			  "or test, and paths that exist");
}

/* Takes the first part of a pointer: "/statusReason/coding". */
static bool next_key(const char **io_path, char ret_key[KEY_MAX])
{
	size_t len = 0;

	if (**io_path != '/') {
		return false;
	}
	for ((*io_path)++; **io_path != '\0' && **io_path != '/'; (*io_path)++) {
		char c = **io_path;
		if (c == '~') {
			(*io_path)++;
			c = **io_path == '1' ? '/' : '~';
			if (**io_path != '0' && **io_path != '1') {
				return false;
			}
		}
		if (len + 1 >= KEY_MAX) {
			return false;
		}
		ret_key[len++] = c;
	}
	ret_key[len] = '\0';
	return true;
}

static bool index_of(const char *key, size_t *ret_i)
{
	char *end;

	if (key[0] < '0' || key[0] > '9') {
		return false;
	}
	*ret_i = strtoul(key, &end, 10);
	return *end == '\0';
}

static json_t *member(const json_t *at, const char *key)
{
	size_t i;

	if (json_is_array(at)) {
		return index_of(key, &i) ? json_array_get(at, i) : NULL;
	}
	return json_object_get(at, key);
}

static bool put(json_t *at, const char *key, const json_t *v, bool add)
{
	json_t *copy = json_deep_copy(v);
	size_t i = 0;

	if (json_is_object(at)) {
		return json_object_set_new(at, key, copy) == 0;
	}
	if (add && strcmp(key, "-") == 0) {
		return json_array_append_new(at, copy) == 0;
	}
	if (!index_of(key, &i)) {
		json_decref(copy);
		return false;
	}
	return (add ? json_array_insert_new(at, i, copy) : json_array_set_new(at, i, copy)) == 0;
}

static bool drop(json_t *at, const char *key)
{
	size_t i;

	if (json_is_object(at)) {
		return json_object_del(at, key) == 0;
	}
	return index_of(key, &i) && json_array_remove(at, i) == 0;
}

static bool one_op(const json_t *op, json_t *resource)
{
	const char *what = fj_str(op, "op");
	const char *path = fj_str(op, "path");
	const json_t *v = json_object_get(op, "value");
	char key[KEY_MAX];
	json_t *at = resource;

	if (what == NULL || path == NULL || !next_key(&path, key)) {
		return false;
	}
	for (unsigned depth = 0; *path != '\0'; depth++) {
		at = member(at, key);
		if (at == NULL || depth == DEPTH_MAX || !next_key(&path, key)) {
			return false;
		}
	}
	if (!json_is_object(at) && !json_is_array(at)) {
		return false;
	}
	if (strcmp(what, "remove") == 0) {
		return drop(at, key);
	}
	if (v == NULL) {
		return false;
	}
	if (strcmp(what, "test") == 0) {
		return json_equal(member(at, key), v) != 0;
	}
	bool replace = strcmp(what, "replace") == 0;
	if (!replace && strcmp(what, "add") != 0) {
		return false;
	}
	return (!replace || member(at, key) != NULL) && put(at, key, v, !replace);
}

static int apply(struct fhir_in *in, const json_t *patch, json_t *io_resource)
{
	const char *key;
	json_t *v;

	if (fj_is(patch, "resourceType", "Parameters")) {
		return fhir_wrong(in, "not-supported", "Parameters",
				  "FHIRPath Patch kan hier niet; geef een JSON Patch "
				  "(application/json-patch+json)",
				  "there is no FHIRPath Patch here; give a JSON Patch "
				  "(application/json-patch+json)");
	}
	if (json_is_object(patch)) {
		json_object_foreach ((json_t *)patch, key, v) {
			if (json_is_null(v)) {
				(void)json_object_del(io_resource, key);
			} else {
				(void)json_object_set_new(io_resource, key, json_deep_copy(v));
			}
		}
		return SK_OK;
	}
	if (!json_is_array(patch) || json_array_size(patch) == 0) {
		return bad(in);
	}
	for (size_t i = 0; i < json_array_size(patch); i++) {
		if (!one_op(json_array_get(patch, i), io_resource)) {
			return bad(in);
		}
	}
	return SK_OK;
}

int fhir_patch(struct fhir_in *in, const json_t *patch, json_t *io_resource)
{
	static const char *const fixed[] = { "resourceType", "id" };
	json_t *was = json_copy(io_resource);
	int err = was == NULL ? SK_ENOMEM : apply(in, patch, io_resource);

	for (size_t i = 0; err == SK_OK && i < SK_LEN(fixed); i++) {
		const json_t *v = json_object_get(io_resource, fixed[i]);
		if (json_object_get(was, fixed[i]) != v &&
		    !json_equal(json_object_get(was, fixed[i]), v)) {
			err = fhir_wrong(in, "invariant", fixed[i],
					 "id en resourceType blijven wat ze zijn",
					 "id and resourceType stay what they are");
		}
	}
	json_decref(was);
	return err;
}
