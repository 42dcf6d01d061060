/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  The inside of the rig, shared by its own files only. */
#include "common/engine_internal.h"
#include "tests/unit/core_rig.h"

#define RIG_SEGMENT_BYTES (1U << 20)
#define RIG_SEGMENTS_MAX 1024
#define RIG_MAP_BYTES (64U << 20)
#define RIG_LOGS_MAX 64
#define RIG_KEPT_MAX 65536
#define RIG_CONN 7
#define RIG_TURNS_MAX 100000
#define RIG_PEER_NONCE 4711

struct rig_peer {
	char name[PARTY_ID_LEN_MAX + 1];
	uint64_t sequence;
	uint32_t incarnation;
	bool met;
};

struct rig_log {
	char name[PARTY_ID_LEN_MAX + 1];
	uint64_t read;
	uint64_t skipped;
};

struct rig {
	const struct service *svc;
	struct store store;
	struct engine *engine;
	struct engine_conf conf;
	struct port port;
	struct poison_slot slot;
	char dir[64];
	uint8_t *segment[RIG_SEGMENTS_MAX];
	uint64_t first_segment;
	uint64_t last_segment;
	uint64_t now_ms;
	uint32_t messages; /* made: for ids */
	struct rig_peer peer[4];
	struct rig_log log[RIG_LOGS_MAX];
	PB(ConfigApplied) *config;
	PB(Message) *kept[RIG_KEPT_MAX];
	size_t kept_len;
	size_t answered; /* kept_len after the last answer */
	PB(Message) *answer;
	uint8_t *last; /* bytes of the last command */
	size_t last_len;
	PB(QuarantineRecord) *fault;
};

/** Ends the test when @p err is one. */
void rig_must(int err, const char *what);
/** Takes over a message until rig_free(). */
void rig_keep(struct rig *r, PB(Message) *m);
struct port rig_port(struct rig *r);
PB(ConfigApplied) *rig_default_config(void);
