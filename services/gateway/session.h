/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  Who asks: a cookie of a page, or a bearer token of a machine; and how often one may.
 *  A cookie is the session itself (token.h), so a gateway that is killed signs nobody out; one that
 *  was signed out is remembered (gone.h).
 *  Threads: session_admit() the loop's; the rest any. Blocks: never. */
#include "common/token.h"
#include "services/gateway/web.h"

#define SESSION_STAFF_MS (12ULL * 3600 * 1000)
#define SESSION_PERSON_MS (30ULL * 60 * 1000) /* goes on while the page is used */
#define SESSION_LONGEST_MS (12ULL * 3600 * 1000)
#define SESSION_TRIES_MAX 10 /* of a wrong code, of one address, in a row */
#define SESSION_TRY_MS 20000 /* then one more each */
/* Wrong codes of one request, from all addresses: 30, and 30 an hour. When they are used up, each
 * address has 3 at it, and 3 an hour: slower, and never locked. */
#define SESSION_REQUEST_TRIES_MAX 30
#define SESSION_REQUEST_TRY_MS 120000
#define SESSION_HOT_TRIES_MAX 3
#define SESSION_HOT_TRY_MS 1200000
#define SESSION_PER_SECOND 200 /* requests of one party from one address */
#define SESSION_BURST 400

/** Finds out who asks and whether that may use the route: a change with a cookie needs X-CSRF, and
 *  one on an open route is asked by nobody. @return false: it was answered. */
bool session_admit(struct web *w, const struct route *r);
/** The same for a request on a WebSocket that was opened as @p kept (session_keep()) says: who was
 *  signed out since, or whose code was withdrawn, asks nothing any more. */
bool session_admit_message(struct web *w, const struct route *r, const char *kept);
/** The answer gets the cookie of a session, and nothing else. */
void session_cookie(struct web *w, const struct token_who *who);
/** What a stream keeps of who opened it, to be looked at again; in the heap; NULL: no memory. */
char *session_keep(struct web *w);
/** Whether who opened it is still signed in, and with which roles by now. */
bool session_still(struct gate *g, const char *kept, uint32_t *ret_roles);
/** @return false: this party asks too often from there; 429 was answered. */
bool session_may_ask(struct web *w);
/** @return false: 429 was answered. For what may be guessed: @p code as typed; NULL: a link, a
 * token.
 */
bool session_may_try(struct web *w, const char *code);
void session_tried(struct web *w, const char *code, bool good);
/** False when a page of another site asks. A program says no Origin. */
bool session_same_site(struct web *w);

extern const struct route session_routes[];
