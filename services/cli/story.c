/* SPDX-License-Identifier: EUPL-1.2 */
#include "services/cli/story.h"

#include <sodium.h>

#include "common/capsule.h"
#include "common/pbjson.h"
#include "services/cli/nodefile.h"

static int read_key(struct cli *c, const char *name, uint8_t ret_key[CAPSULE_KEY_LEN])
{
	const char *path = cli_printf(c, "%s/keys/%s", c->node_dir, name);
	int err = capsule_key_read(path, ret_key);

	if (err != SK_OK) {
		cli_say(c, "%s: deze sleutel is hier niet te lezen (%s)",
			"%s: this key cannot be read here (%s)", path, sk_strerror(err));
		return CLI_REFUSED;
	}
	return CLI_DONE;
}

int story_seal(struct cli *c, struct story *io_story, Schakel__V1__Capsule ***ret_list)
{
	uint8_t key[CAPSULE_KEY_LEN];
	Schakel__V1__Capsule **list = cli_alloc(c, (io_story->len + 1) * sizeof(*list));
	int rc = io_story->len == 0 ? CLI_DONE : read_key(c, NODE_CAPSULE_PUBLIC, key);

	for (size_t i = 0; rc == CLI_DONE && i < io_story->len; i++) {
		struct object_id other = { 0 };
		struct object_id *person = io_story->told[i].child > 0 ? &io_story->child : &other;
		list[i] = cli_alloc(c, sizeof(*list[i]));
		schakel__v1__capsule__init(list[i]);
		/* A person who tells in two pieces keeps one id; the pieces are told apart by
		 * version. */
		list[i]->about = io_story->told[i].about;
		list[i]->version = io_story->version;
		for (size_t k = 0; k < i; k++) {
			list[i]->version += person == &io_story->child &&
					    io_story->told[k].child > 0;
		}
		int err = capsule_seal(&c->arena, key, io_story->told[i].content, person, list[i]);
		rc = err == SK_OK ? CLI_DONE : cli_fail(c, "capsule", err);
	}
	*ret_list = list;
	return rc;
}

static json_t *one_open(struct cli *c, const Schakel__V1__Capsule *capsule,
			const uint8_t *public_key, const uint8_t *secret_key)
{
	struct slice plain;
	json_t *doc = NULL;

	if (capsule_open(&c->arena, public_key, secret_key, capsule, &plain) == SK_OK) {
		doc = json_loadb(plain.data, plain.len, 0, NULL);
	}
	if (!json_is_object(doc)) {
		json_decref(doc);
		doc = json_pack("{s:b}", "unreadable", 1);
	}
	(void)json_object_set_new(doc, "person",
				  hex_json(capsule->person_id.data, capsule->person_id.len));
	(void)json_object_set_new(doc, "version", json_integer(capsule->version));
	return doc;
}

bool story_key_here(struct cli *c)
{
	uint8_t key[CAPSULE_KEY_LEN];
	const char *path = cli_printf(c, "%s/keys/%s", c->node_dir, NODE_CAPSULE_SECRET);
	bool here = capsule_key_read(path, key) == SK_OK;

	sodium_memzero(key, sizeof(key));
	return here;
}

int story_open_list(struct cli *c, Schakel__V1__Capsule *const *capsules, size_t len,
		    json_t **ret_list)
{
	uint8_t public_key[CAPSULE_KEY_LEN];
	uint8_t secret_key[CAPSULE_KEY_LEN];
	int rc = read_key(c, NODE_CAPSULE_PUBLIC, public_key);

	if (rc == CLI_DONE) {
		rc = read_key(c, NODE_CAPSULE_SECRET, secret_key);
	}
	if (rc != CLI_DONE) {
		return rc;
	}
	json_t *list = json_array();
	for (size_t i = 0; i < len; i++) {
		json_t *doc = one_open(c, capsules[i], public_key, secret_key);
		(void)json_object_set_new(doc, "number", json_integer((json_int_t)i + 1));
		(void)json_array_append_new(list, doc);
	}
	sodium_memzero(secret_key, sizeof(secret_key));
	*ret_list = list;
	return CLI_DONE;
}

int story_open(struct cli *c, const PB(RequestItem) *item, json_t **ret_list)
{
	return story_open_list(c, item->capsules, item->n_capsules, ret_list);
}
