/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  Which message id an Idempotency-Key of a party stands for, for as long as the daemons
 * keep receipts: durable before the command is sent, so that a retry after a crash is the same
 * message. With it stands where it was asked (method, path, query), for the daemons see that what
 * is asked under an id is the same, but not where. A key that is a UUIDv7 is the id itself and is
 * not kept (but on a demo node, whose clock is not that of the client, and where the query says
 * more than the command). Ownership: idem_close(). Threads: any. Blocks: a flush for each new key.
 */
#include "common/key.h"

#include "common/err.h"

#define IDEM_KEY_MAX 200
#define IDEM_KEPT_MS (30ULL * 24 * 3600 * 1000)

struct idem;

struct idem_asked {
	const char *party;
	const char *key;
	uint8_t where[16]; /* digest */
};

SK_CHECKED int idem_open(const char *dir, struct idem **ret_idem);
void idem_close(struct idem *d);
/** @p io_id is what the key stands for from now on if it is new, else becomes what it stood for.
 *  @return SK_EREFUSED: it was used elsewhere. */
SK_CHECKED int idem_take(struct idem *d, const struct idem_asked *asked, uint64_t now_ms,
			 uint8_t io_id[16]);
