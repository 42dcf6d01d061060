/* SPDX-License-Identifier: EUPL-1.2 */
/* What is sealed, as JSON: opened for who got it of a daemon, sealed before it goes to one. */
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "common/pbjson.h"
#include "services/gateway/http_private.h"

/* --- out --- */

static json_t *open_content(struct web *w, const Schakel__V1__Capsule *c)
{
	struct gate *g = w->gate;
	struct slice plain;
	size_t mark = w->arena.used_bytes;

	if (capsule_open(&w->arena, g->capsule_public, g->capsule_secret, c, &plain) != SK_OK) {
		return json_null();
	}
	json_t *doc = json_loadb(plain.data, plain.len, JSON_REJECT_DUPLICATES, NULL);
	if (!json_is_object(doc)) {
		json_decref(doc);
		json_t *story = json_stringn(plain.data, plain.len);
		doc = story == NULL ? json_null() : json_pack("{s:o}", "story", story);
	}
	arena_rewind(&w->arena, mark);
	return doc;
}

static json_t *capsule_json(void *ctx, const Schakel__V1__Capsule *c)
{
	json_t *doc = json_object();

	(void)json_object_set_new(doc, "person_id", hex_json(c->person_id.data, c->person_id.len));
	(void)json_object_set_new(doc, "version", json_integer(c->version));
	(void)json_object_set_new(doc, "about", json_boolean(c->about));
	(void)json_object_set_new(doc, "content", open_content(ctx, c));
	return doc;
}

json_t *web_pb_json(struct web *w, const ProtobufCMessage *m)
{
	struct pbjson how = { capsule_json, w };

	return pb_json_as(m, &how);
}

/* --- in --- */

struct sealing {
	struct web *w;
	unsigned daemon;
	uint32_t count;
};

static void seed_of(const struct sealing *s, const uint8_t id[16], struct slice plain,
		    uint8_t ret_seed[CAPSULE_KEY_LEN])
{
	crypto_generichash_state st;
	uint8_t n[4];

	be32_write(n, s->count);
	(void)crypto_generichash_init(&st, s->w->gate->key.b, sizeof(s->w->gate->key.b),
				      CAPSULE_KEY_LEN);
	(void)crypto_generichash_update(&st, (const uint8_t *)"capsule", 7);
	(void)crypto_generichash_update(&st, id, 16);
	(void)crypto_generichash_update(&st, n, sizeof(n));
	(void)crypto_generichash_update(&st, plain.data, plain.len);
	(void)crypto_generichash_final(&st, ret_seed, CAPSULE_KEY_LEN);
}

static int seal(struct sealing *s, struct slice plain, Schakel__V1__Capsule *io_c)
{
	uint8_t id[16];
	uint8_t seed[CAPSULE_KEY_LEN];
	int err = web_command_id(s->w, s->daemon, id);

	if (err != SK_OK) {
		return err;
	}
	s->count++;
	seed_of(s, id, plain, seed);
	err = capsule_seal_from(&s->w->arena, s->w->gate->capsule_public, seed, plain, io_c);
	sodium_memzero(seed, sizeof(seed));
	return err;
}

static const ProtobufCFieldDescriptor *capsule_field(const char *name)
{
	return protobuf_c_message_descriptor_get_field_by_name(&schakel__v1__capsule__descriptor,
							       name);
}

static int read_capsule(void *ctx, struct jsonin *in, json_t *v, const char *path,
			ProtobufCMessage **ret_m)
{
	static const char *const ignore[] = { "content", "capsule", "sealed_key", NULL };
	struct sealing *s = ctx;
	struct jsonin_spec spec = { .type = &schakel__v1__capsule__descriptor,
				    .ignore = ignore,
				    .wire = true };
	ProtobufCMessage *m = NULL;
	json_t *content = json_object_get(v, "content");

	SK_ASSERT(capsule_field("capsule") != NULL);
	int err = jsonin_message(in, v, path, &spec, &m);
	if (err != SK_OK) {
		return err;
	}
	if (!json_is_object(content) || json_object_size(content) == 0) {
		return jsonin_fail(in, path, "geef wat er verteld is onder content { ... }",
				   "give what was told under content { ... }");
	}
	Schakel__V1__Capsule *c = (Schakel__V1__Capsule *)(void *)m;
	c->version = c->version == 0 ? 1 : c->version;
	char *text = json_dumps(content, JSON_COMPACT | JSON_SORT_KEYS);
	if (text == NULL) {
		return SK_ENOMEM;
	}
	size_t len = strlen(text);
	if (len > CAPSULE_PLAIN_MAX) {
		err = jsonin_fail(in, path, "te lang: ten hoogste %u tekens; kort het in",
				  "too long: at most %u characters; shorten it", CAPSULE_PLAIN_MAX);
	} else {
		err = seal(s, (struct slice){ text, len }, c);
	}
	sodium_memzero(text, len);
	free(text);
	*ret_m = m;
	return err;
}

ProtobufCMessage *web_read(struct web *w, json_t *doc, const ProtobufCMessageDescriptor *type,
			   const char *daemon, const char *const *ignore)
{
	struct sealing s = { .w = w, .daemon = web_daemon(w, daemon) };
	struct jsonin_spec spec = {
		.type = type, .ignore = ignore, .wire = true, .capsule = read_capsule, .ctx = &s
	};
	struct file_error e = { 0 };
	struct jsonin in = { .arena = &w->arena, .err = &e };
	ProtobufCMessage *m = NULL;
	int err = jsonin_message(&in, doc, "", &spec, &m);

	if (err == SK_EPROTO) {
		web_file_problem(w, 400, &e);
	} else if (err != SK_OK && w->answer.status == 0) {
		web_busy(w);
	}
	return err == SK_OK ? m : NULL;
}
