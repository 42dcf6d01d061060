/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  What was taken back although its signed text still reads well: sessions that were signed
 * out (kept until they would have been over anyway) and how often the code of a person of a family
 * was withdrawn. Durable before it is answered, so a restart brings nothing back. Ownership:
 * gone_close(). Threads: any. Blocks: to take back is a flush; to look is not. */
#include "common/token.h"

struct gone;

SK_CHECKED int gone_open(const char *dir, struct gone **ret_gone);
void gone_close(struct gone *g);
/** @p until_ms: when it would be over, on the wall clock. */
SK_CHECKED int gone_end_session(struct gone *g, uint64_t session, uint64_t until_ms,
				uint64_t now_ms);
/** True also where the store cannot tell: rather signed in once more than a session that is over.
 */
bool gone_is_ended(struct gone *g, uint64_t session);
/** From now on the person's code is another one; sessions of the old one are over. */
SK_CHECKED int gone_withdraw(struct gone *g, const struct token_who *person);
/** How often that was done. @return SK_OK; or the store cannot tell. */
SK_CHECKED int gone_serial(struct gone *g, const struct token_who *person, uint32_t *ret_serial);
