/* SPDX-License-Identifier: EUPL-1.2 */
#include "services/cli/said.h"

#include <stdlib.h>
#include <string.h>

#include "services/cli/infile.h"
#include "services/cli/output.h"
#include "services/cli/request_show.h"
#include "services/cli/story.h"

#define CHILDREN 8
#define NAMES_MAX 16

int said_request(struct call *k, size_t arg, ProtobufCBinaryData *ret_id)
{
	PB(RequestItem) *item = NULL;
	struct object_id id;
	int rc = k->conf == NULL ? call_open(k, k->cli) : CLI_DONE;

	rc = rc != CLI_DONE ? rc : find_request(k, k->cli->arg[arg], &item);
	if (rc == CLI_DONE && !object_id_from(&item->request->request_id, &id)) {
		rc = call_complain(k, INTAKE, SK_EPROTO);
	}
	if (rc == CLI_DONE) {
		*ret_id = id_bytes(k->cli, &id);
	}
	return rc;
}

int said_send(struct call *k, PB(Message) *m, const char *nl, const char *en)
{
	PB(Receipt) *r = NULL;
	int rc = call_command(k, INTAKE, m, &r);

	return out_receipt(k->cli, rc, r, nl, en);
}

int said_seal(struct cli *c, const char *path, const char *name, PB(Capsule) **ret_words)
{
	Schakel__V1__Capsule **list = NULL;
	struct slice bytes;
	unsigned bad_line;

	if (path == NULL) {
		return CLI_DONE;
	}
	int rc = infile_load(c, path, &bytes);
	if (rc != CLI_DONE) {
		return rc;
	}
	if (bytes.len == 0 || !infile_is_text(bytes, &bad_line)) {
		return cli_usage(c, "%s: hier hoort gewone tekst in", "%s: plain text is expected",
				 path);
	}
	json_t *doc = json_pack("{s:s%}", name, bytes.data, bytes.len);
	char *text = json_dumps(doc, JSON_COMPACT);
	struct told told = { .content = { arena_dup(&c->arena, text, strlen(text)),
					  strlen(text) } };
	struct story story = { &told, 1, 1, { { 0 } } };
	explicit_bzero(text, strlen(text));
	free(text);
	json_decref(doc);
	rc = story_seal(c, &story, &list);
	if (rc == CLI_DONE) {
		*ret_words = list[0];
	}
	return rc;
}

int said_child_opt(struct cli *c, uint32_t *ret_child)
{
	uint32_t number = 0;
	int rc = cli_opt_u32(c, "child", CHILDREN, &number);

	if (rc == CLI_DONE && number == 0 && cli_opt(c, "child") != NULL) {
		return cli_usage(c, "--child: het eerste kind is 1",
				 "--child: the first child is 1");
	}
	*ret_child = number == 0 ? 0 : number - 1;
	return rc;
}

int said_codes(struct cli *c, const char *option, const ProtobufCEnumDescriptor *set, int *ret_list,
	       size_t *io_len)
{
	const char *text = cli_opt(c, option);
	char *rest = cli_printf(c, "%s", text == NULL ? "" : text);
	size_t most = *io_len;

	*io_len = 0;
	for (char *word = strsep(&rest, ","); word != NULL; word = strsep(&rest, ",")) {
		struct cli one = *c;
		if (word[0] == '\0') {
			continue;
		}
		if (*io_len == most) {
			return cli_usage(c, "--%s: ten hoogste %zu", "--%s: at most %zu", option,
					 most);
		}
		one.arg[0] = word;
		int rc = cli_arg_code(&one, 0, set, &ret_list[*io_len]);
		if (rc != CLI_DONE) {
			return rc;
		}
		(*io_len)++;
	}
	return CLI_DONE;
}

/* "a b" as a list of names. */
int said_names(struct cli *c, const char *option, char ***ret_list, size_t *ret_len)
{
	const char *text = cli_opt(c, option);
	char **list = cli_alloc(c, NAMES_MAX * sizeof(*list));
	size_t len = 0;

	if (text == NULL) {
		return CLI_DONE;
	}
	char *rest = cli_printf(c, "%s", text);
	for (char *word = strsep(&rest, " ,"); word != NULL; word = strsep(&rest, " ,")) {
		if (word[0] == '\0') {
			continue;
		}
		if (len == NAMES_MAX || !name_is_valid(word)) {
			return cli_usage(c,
					 "--%s: ten hoogste %d namen van partijen, met spaties "
					 "ertussen",
					 "--%s: at most %d names of parties, with spaces between",
					 option, NAMES_MAX);
		}
		list[len++] = word;
	}
	*ret_list = list;
	*ret_len = len;
	return CLI_DONE;
}
