/* SPDX-License-Identifier: EUPL-1.2 */
/* Subscriptions as their owners see and change them. */
#include "services/gateway/hook_private.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include <sodium.h>

#define MAY                                                                   \
	(ROLE_BIT(CONTACT_POINT) | ROLE_BIT(REQUESTER) | ROLE_BIT(FACILITY) | \
	 ROLE_BIT(COORDINATOR) | ROLE_BIT(DASHBOARD) | ROLE_BIT(OPERATOR) |   \
	 ROLE_BIT(BASIC_SUPPORT) | ROLE_BIT(MANDATED) | ROLE_BIT(GOVERNMENT))

static void bad_field(struct web *w, const char *field, const char *nl, const char *en)
{
	struct problem p = { 400, "FIELD_INVALID", field, nl, en };
	web_problem(w, &p);
}

static void not_found(struct web *w)
{
	struct problem p = { 404, "NOT_FOUND", "id",
			     "er is geen abonnement met dit nummer bij deze partij; "
			     "GET /api/v1/subscriptions toont welke er zijn",
			     "this party has no subscription of that number; "
			     "GET /api/v1/subscriptions shows which there are" };
	web_problem(w, &p);
}

static void no_store(struct web *w)
{
	struct problem p = { 503, "BUSY", NULL,
			     "dit kan nu niet bewaard worden; probeer het over een minuut opnieuw",
			     "this cannot be kept now; try again in a minute" };
	web_head(w, "Retry-After", "60");
	web_problem(w, &p);
}

static json_t *time_text(uint64_t at_ms)
{
	char text[32];
	struct tm utc;
	time_t at = (time_t)(at_ms / 1000);
	(void)gmtime_r(&at, &utc);
	(void)strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &utc);
	return json_string(text);
}

static json_t *show(const struct hook *k)
{
	json_t *types = json_array();
	for (size_t i = 0; i < k->types_len; i++) {
		(void)json_array_append_new(types, json_string(k->types[i]));
	}
	json_t *doc = json_pack("{s:s, s:s, s:o, s:s, s:o}", "id", k->id, "url", k->url, "types",
				types, "state", hook_state_word[k->state], "created",
				time_text(k->created_ms));
	(void)json_object_set_new(doc, "cursor", json_string(k->delivered));
	if (k->payload != HOOK_CLOUDEVENT) {
		(void)json_object_set_new(doc, "payload",
					  json_string(hook_payload_word[k->payload]));
	}
	if (k->gap) {
		(void)json_object_set_new(doc, "gap", json_true());
	}
	if (k->state == HOOK_ENDED) {
		(void)json_object_set_new(doc, "reason", json_string(hook_reason_word[k->reason]));
		(void)json_object_set_new(doc, "ended", time_text(k->ended_ms));
	}
	if (k->rate > 0) {
		(void)json_object_set_new(doc, "rate", json_integer(k->rate));
	}
	return doc;
}

/* --- POST --- */

static bool known_keys(struct web *w, const json_t *body)
{
	const char *key = NULL;
	json_t *value = NULL;
	json_object_foreach ((json_t *)(uintptr_t)body, key, value) {
		if (strcmp(key, "url") != 0 && strcmp(key, "types") != 0 &&
		    strcmp(key, "secret") != 0 && strcmp(key, "payload") != 0) {
			bad_field(w, web_printf(w, "%s", key),
				  "is hier geen veld; het kan url, types, secret of payload zijn",
				  "is no field here; it may be url, types, secret or payload");
			return false;
		}
	}
	return true;
}

static bool type_is_valid(const char *type)
{
	size_t len = type == NULL ? 0 : strlen(type);
	return len > 2 && len <= HOOK_TYPE_MAX &&
	       strspn(type, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") +
			       (strcmp(type + len - 2, ".*") == 0) ==
		       len;
}

static bool read_types(struct web *w, const json_t *types, struct hook *k)
{
	size_t i = 0;
	json_t *type = NULL;
	bool good = types == NULL || (json_is_array(types) && json_array_size(types) > 0 &&
				      json_array_size(types) <= HOOK_TYPES_MAX);
	if (!good) {
		bad_field(w, "types",
			  "moet een lijst van 1 tot 16 soorten zijn; laat het weg voor alle "
			  "soorten",
			  "must be a list of 1 to 16 types; leave it out for all types");
		return false;
	}
	json_array_foreach (types, i, type) {
		if (!type_is_valid(json_string_value(type))) {
			bad_field(w, web_printf(w, "types/%zu", i),
				  "moet een soort zijn zoals be.jeugdhulp.offer.changed.v1, of het "
				  "begin ervan met .* erachter",
				  "must be a type as be.jeugdhulp.offer.changed.v1, or its "
				  "beginning with .* behind");
			return false;
		}
		(void)snprintf(k->types[k->types_len++], HOOK_TYPE_MAX + 1, "%s",
			       json_string_value(type));
	}
	return true;
}

static bool read_url(struct web *w, const struct hooks *h, const json_t *url, struct hook *k)
{
	const char *text = json_string_value(url);
	const struct hook_url_fault *fault = hook_url_check(h, text == NULL ? "" : text);
	if (fault != NULL) {
		bad_field(w, "url", fault->nl, fault->en);
		return false;
	}
	(void)snprintf(k->url, sizeof(k->url), "%s", text);
	return true;
}

static bool read_secret(struct web *w, const json_t *secret, struct hook *k)
{
	if (secret == NULL) {
		k->secret_len = 32;
		randombytes_buf(k->secret, k->secret_len);
		return true;
	}
	if (!json_is_string(secret) || !hook_secret_read(json_string_value(secret), k)) {
		bad_field(w, "secret",
			  "moet whsec_ zijn en dan 24 tot 64 bytes in base64; laat het weg, dan "
			  "maakt de node er een",
			  "must be whsec_ and 24 to 64 bytes in base64; leave it out, then the "
			  "node makes one");
		return false;
	}
	return true;
}

static bool read_payload(struct web *w, const json_t *payload, struct hook *k)
{
	const char *text = payload == NULL ? hook_payload_word[0] : json_string_value(payload);

	for (int i = 0; text != NULL && i < HOOK_PAYLOADS; i++) {
		if (strcmp(text, hook_payload_word[i]) == 0) {
			k->payload = (enum hook_payload)i;
			return true;
		}
	}
	bad_field(w, "payload", "kan cloudevent, fhir-empty of fhir-id-only zijn",
		  "may be cloudevent, fhir-empty or fhir-id-only");
	return false;
}

/* The same id for a retry under the same key. */
static void make_id(const struct web *w, const char *key, struct hook *k)
{
	uint8_t id[HOOK_ID_LEN / 2];
	crypto_generichash_state st;
	if (key == NULL) {
		randombytes_buf(id, sizeof(id));
	} else {
		(void)crypto_generichash_init(&st, NULL, 0, sizeof(id));
		(void)crypto_generichash_update(&st, (const uint8_t *)w->who.party,
						strlen(w->who.party) + 1);
		(void)crypto_generichash_update(&st, (const uint8_t *)key, strlen(key));
		(void)crypto_generichash_final(&st, id, sizeof(id));
	}
	(void)sodium_bin2hex(k->id, sizeof(k->id), id, sizeof(id));
}

static size_t count_of(const struct hooks *h, const char *party)
{
	size_t n = 0;
	for (size_t i = 0; i < HOOKS_MAX; i++) {
		n += h->hook[i].id[0] != '\0' && h->hook[i].state != HOOK_ENDED &&
		     strcmp(h->hook[i].party, party) == 0;
	}
	return n;
}

static void answer_created(struct web *w, unsigned status, const struct hook *k)
{
	char secret[128];
	json_t *doc = show(k);
	hook_secret_text(k, secret);
	(void)json_object_set_new(doc, "secret", json_string(secret));
	sodium_memzero(secret, sizeof(secret));
	web_head(w, "Location", web_printf(w, "/api/v1/subscriptions/%s", k->id));
	web_json(w, status, doc);
}

static void add(struct web *w, struct hooks *h, struct hook *k)
{
	static const struct problem full = { 409, "FULL", NULL,
					     "er zijn al zo veel abonnementen als er mogen zijn (8 "
					     "per partij); verwijder er een",
					     "there are as many subscriptions as there may be (8 "
					     "of a party); delete one" };
	const struct hook *same = hook_find(h, k->id);
	if (same != NULL) {
		answer_created(w, 200, same);
		return;
	}
	h->feed.now(h->feed.arg, k->place);
	memcpy(k->delivered, k->place, sizeof(k->delivered));
	int err = count_of(h, k->party) >= HOOKS_PARTY_MAX ? SK_EFULL : hook_add(h, k);
	if (err == SK_EFULL) {
		web_problem(w, &full);
	} else if (err != SK_OK) {
		no_store(w);
	} else {
		answer_created(w, 201, k);
	}
}

static void on_post(struct web *w)
{
	struct hooks *h = gate_hooks(w->gate);
	struct hook k = { .state = HOOK_PENDING };
	json_t *body = web_json_body(w);
	if (body == NULL) {
		return;
	}
	if (!json_is_object(body)) {
		bad_field(w, "", "moet een object zijn: {\"url\": ..., \"types\": [...]}",
			  "must be an object: {\"url\": ..., \"types\": [...]}");
		return;
	}
	name_copy(k.party, w->who.party);
	k.roles = w->who.roles & MAY;
	k.roles_now = k.roles;
	k.created_ms = out_now_ms();
	if (known_keys(w, body) && read_url(w, h, json_object_get(body, "url"), &k) &&
	    read_types(w, json_object_get(body, "types"), &k) &&
	    read_secret(w, json_object_get(body, "secret"), &k) &&
	    read_payload(w, json_object_get(body, "payload"), &k)) {
		make_id(w, web_header(w, "Idempotency-Key"), &k);
		(void)pthread_mutex_lock(&h->lock);
		add(w, h, &k);
		(void)pthread_mutex_unlock(&h->lock);
	}
	sodium_memzero(&k, sizeof(k));
}

/* --- GET and DELETE --- */

static void on_list(struct web *w)
{
	struct hooks *h = gate_hooks(w->gate);
	json_t *list = json_array();
	(void)pthread_mutex_lock(&h->lock);
	for (size_t i = 0; i < HOOKS_MAX; i++) {
		if (h->hook[i].id[0] != '\0' && strcmp(h->hook[i].party, w->who.party) == 0) {
			(void)json_array_append_new(list, show(&h->hook[i]));
		}
	}
	(void)pthread_mutex_unlock(&h->lock);
	web_json(w, 200, json_pack("{s:o}", "subscriptions", list));
}

static struct hook *own(struct web *w, struct hooks *h)
{
	struct hook *k = hook_find(h, w->param[0]);
	return k != NULL && strcmp(k->party, w->who.party) == 0 ? k : NULL;
}

static void on_get(struct web *w)
{
	struct hooks *h = gate_hooks(w->gate);
	(void)pthread_mutex_lock(&h->lock);
	const struct hook *k = own(w, h);
	if (k == NULL) {
		not_found(w);
	} else {
		web_json(w, 200, show(k));
	}
	(void)pthread_mutex_unlock(&h->lock);
}

static void on_delete(struct web *w)
{
	struct hooks *h = gate_hooks(w->gate);
	(void)pthread_mutex_lock(&h->lock);
	struct hook *k = own(w, h);
	int err = k == NULL ? SK_ENOENT : hook_delete(h, k);
	(void)pthread_mutex_unlock(&h->lock);
	if (err == SK_ENOENT) {
		not_found(w);
	} else if (err != SK_OK) {
		no_store(w);
	} else {
		out_drop(h->o, w->param[0]);
		web_body(w, 204, NULL, (struct slice){ 0 });
	}
}

const struct route hook_routes[] = {
	{ "POST", "/api/v1/subscriptions", MAY, on_post, NULL, 0, NULL, NULL },
	{ "GET", "/api/v1/subscriptions", MAY, on_list, NULL, 0, NULL, NULL },
	{ "GET", "/api/v1/subscriptions/{id}", MAY, on_get, NULL, 0, NULL, NULL },
	{ "DELETE", "/api/v1/subscriptions/{id}", MAY, on_delete, NULL, 0, NULL, NULL },
	{ 0 },
};
