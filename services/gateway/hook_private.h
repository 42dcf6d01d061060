/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  What the parts of hook*.c share: a subscription and how it is looked up and changed. */
#include <pthread.h>

#include "services/gateway/hook.h"

#define HOOK_PENDING_MAX 1024
#define HOOK_TURN_MAX 256 /* events for one subscription before the next has its turn */
#define HOOK_ENDED_KEEP_MS (30ULL * 86400 * 1000)

enum hook_state { HOOK_PENDING, HOOK_ACTIVE, HOOK_ENDED, HOOK_STATES };
enum hook_reason {
	HOOK_NO_REASON,
	HOOK_SAID_GONE,   /* 410 */
	HOOK_NOT_ALLOWED, /* the address does not want to be called by us */
	HOOK_NOT_PUBLIC,  /* it leads into a private network */
	HOOK_UNREACHABLE, /* three days in vain */
	HOOK_PARTY_GONE,
	HOOK_REASONS,
};
/** What a call carries. */
enum hook_payload {
	HOOK_CLOUDEVENT,
	HOOK_FHIR_EMPTY, /* nothing: the call itself says that there is something to read */
	HOOK_FHIR_IDS,   /* a Bundle that names what changed */
	HOOK_PAYLOADS,
};
extern const char *const hook_payload_word[HOOK_PAYLOADS];
extern const char *const hook_state_word[HOOK_STATES];
extern const char *const hook_reason_word[HOOK_REASONS];

struct hook {
	char id[HOOK_ID_LEN + 1]; /* "": the place is free */
	char party[PARTY_ID_LEN_MAX + 1];
	uint32_t roles;
	char url[HOOK_URL_MAX + 1];
	char types[HOOK_TYPES_MAX][HOOK_TYPE_MAX + 1];
	size_t types_len;
	uint8_t secret[HOOK_SECRET_BYTES_MAX];
	size_t secret_len;
	enum hook_state state;
	enum hook_reason reason;
	uint64_t created_ms;
	uint64_t ended_ms;
	char place[HOOK_PLACE_MAX];     /* in the feed: up to here it was handed to the outbox */
	char delivered[HOOK_PLACE_MAX]; /* up to here the other side took it */
	bool gap;                       /* events were gone before they could be handed over */
	uint32_t rate;                  /* calls a minute; 0: as many as there are */
	enum hook_payload payload;
	uint64_t told; /* events handed over since it began */
	/* in memory alone */
	bool moved; /* the row has to be written */
	size_t pending;
	uint32_t roles_now;
};

/** Waits for the next flush. */
struct hook_call {
	char id[HOOK_ID_LEN + 1];
	char place[HOOK_PLACE_MAX];
	char *json;
};

struct hooks {
	struct outbox *o;
	char origin[256];
	char *hosts;
	struct hook_feed feed;
	pthread_mutex_t lock;
	struct hook hook[HOOKS_MAX];
	struct hook_call pending[HOOK_PENDING_MAX];
	size_t pending_len;
};

/* --- hook.c; under the lock --- */
struct hook *hook_find(struct hooks *h, const char *id);
/** Writes the row of a subscription, or with an empty state of place takes it away. */
SK_CHECKED int hook_save(struct hooks *h, const struct hook *k);
SK_CHECKED int hook_delete(struct hooks *h, struct hook *k);
void hook_end(struct hooks *h, struct hook *k, enum hook_reason reason);
/** @p handshake is put with the row. @return SK_EFULL. */
SK_CHECKED int hook_add(struct hooks *h, const struct hook *fresh);

/* --- hook_row.c --- */
/** malloc'ed JSON; NULL: out of memory. */
char *hook_row_text(const struct hook *k);
bool hook_row_read(struct slice val, struct hook *ret_hook);
/** "whsec_" and base64. */
void hook_secret_text(const struct hook *k, char ret_text[128]);
/** @return false: not 24 to 64 bytes in that form. */
bool hook_secret_read(const char *text, struct hook *ret_hook);

/* --- fhir_notice.c --- */
/** The body of a call of a FHIR subscription, malloc'ed; @p event_json NULL: the first one, that
 * asks whether it may be called. NULL: out of memory. */
char *fhir_notice(const struct hook *k, const char *event_json);

/* --- hook_send.c --- */
extern const struct out_hook_ops hook_ops;
/** Why an address cannot be called: NULL when it can. */
struct hook_url_fault {
	const char *nl;
	const char *en;
};
const struct hook_url_fault *hook_url_check(const struct hooks *h, const char *url);
