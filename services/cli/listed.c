/* SPDX-License-Identifier: EUPL-1.2 */
#include "services/cli/listed.h"

#include <string.h>
#include <strings.h>

#include "services/cli/request_show.h"

int listed_show(struct call *k, struct pages *p, const struct column *cols)
{
	json_t *doc = NULL;
	int rc = pages_read(k, p, &doc);

	if (rc == CLI_DONE) {
		out_table(k->cli, doc, p->list, cols);
		json_decref(doc);
	}
	return rc;
}

static bool is_named(json_t *row, const char *text, const char *id_name)
{
	const char *code = json_string_value(json_object_get(row, "short_code"));
	const char *id = json_string_value(json_object_get(row, id_name));

	return (code != NULL && strcasecmp(code, text) == 0) ||
	       (id != NULL && strcasecmp(id, text) == 0);
}

int listed_find(struct call *k, struct pages *p, const char *text, const char *id_name,
		ProtobufCBinaryData *ret_id)
{
	struct object_id id;
	json_t *doc = NULL;
	json_t *row;
	size_t i;
	bool found = false;
	int rc = pages_read(k, p, &doc);

	json_array_foreach (json_object_get(doc, p->list), i, row) {
		const char *hex = json_string_value(json_object_get(row, id_name));
		if (!found && is_named(row, text, id_name) && hex != NULL && id_parse(hex, &id)) {
			*ret_id = id_bytes(k->cli, &id);
			found = true;
		}
	}
	json_decref(doc);
	if (rc == CLI_DONE && !found) {
		cli_say(k->cli, "%s: niet gevonden, of niet van u", "%s: not found, or not yours",
			text);
		cli_say_party(k->cli, true);
		rc = CLI_REFUSED;
	}
	return rc;
}

int named_request(struct call *k, const char *text, ProtobufCBinaryData *ret_id)
{
	PB(RequestItem) *item = NULL;
	struct object_id id;

	if (text == NULL) {
		return CLI_DONE;
	}
	int rc = find_request(k, text, &item);
	if (rc == CLI_DONE) {
		SK_ASSERT(object_id_from(&item->request->request_id, &id));
		*ret_id = id_bytes(k->cli, &id);
	}
	return rc;
}

int named_need(struct call *k, const char *text, ProtobufCBinaryData *ret_id)
{
	struct object_id id;

	if (text == NULL) {
		return CLI_DONE;
	}
	int rc = find_need(k, text, &id);
	if (rc == CLI_DONE) {
		*ret_id = id_bytes(k->cli, &id);
	}
	return rc;
}

char *opt_text(const struct cli *c, const char *name)
{
	const char *text = cli_opt(c, name);

	return (char *)(uintptr_t)(text == NULL ? "" : text);
}
