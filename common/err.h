/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  The one error space of the project. Functions that can fail for more than one reason
 *  return 0 or a negative enum sk_err. Foreign codes (LMDB, libuv, ZeroMQ, errno) are translated
 *  once, in the wrapper that calls them. */
#include <stdbool.h>

#define SK_ERR_MAP(X)                                                       \
	X(ENOMEM, -1, "arena, heap or transaction exhausted")               \
	X(EPROTO, -2, "message failed to decode or breaks a wire rule")     \
	X(ESTATE, -3, "event not legal in this state")                      \
	X(ESYS, -4, "system call failed")                                   \
	X(EINVAL, -5, "argument outside its stated range")                  \
	X(ENOENT, -6, "no such record")                                     \
	X(EFULL, -7, "map, disk or reserve exhausted")                      \
	X(ECORRUPT, -8, "stored data does not match its checksum or chain") \
	X(EFOREIGN, -9, "store or journal of another id, age or format")    \
	X(ECONF, -10, "configuration refused")                              \
	X(EAUTH, -11, "sender not known or not allowed")                    \
	X(EBUSY, -12, "try again later")                                    \
	X(ETIMEDOUT, -13, "no answer in time")                              \
	X(EREFUSED, -14, "refused by a rule")                               \
	X(EAGAIN, -15, "would block")                                       \
	X(ECRASH, -16, "simulated crash")                                   \
	X(EEXIST, -17, "such a record is there already")

#define X(name, code, text) SK_##name = (code),
enum sk_err { SK_OK = 0, SK_ERR_MAP(X) };
#undef X

#define SK_CHECKED __attribute__((warn_unused_result))

/** Ends the process at once (abort) after one line on stderr. Never returns. */
_Noreturn void sk_panic(const char *what, const char *file, int line);
/** Our own invariants and our own stored records; never anything that a peer controls. */
#define SK_ASSERT(c) ((c) ? (void)0 : sk_panic(#c, __FILE__, __LINE__))

/** @return a static English sentence; "unknown error" for a code that is not in the map. */
const char *sk_strerror(int err);
/** True for failures of a resource: never an outcome of a message (DESIGN 2). */
bool sk_is_resource(int err);

#define SK_LEN(a) (sizeof(a) / sizeof((a)[0]))
