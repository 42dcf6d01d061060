/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  Which mails and text messages there are, for organisations that do not look all day: a
 *  question that was asked to them, a reminder when the node's clock has one, and once a week
 *  whether what a pool says is still so. None holds a word about a child: which help, which zone,
 * until when, and a one-time link. Each goes out once, whatever is killed when: the place in the
 * feed, what is still to be asked and what is to be sent are rows of the outbox's store. Bounds:
 * NOTICE_ROWS_MAX questions that wait; more are left to the page, logged and counted. Ownership:
 * notice_close(). Threads: one of its own. Blocks: no caller. */
#include "common/conf.h"
#include "common/token.h"
#include "services/gateway/out.h"

#define NOTICE_ROWS_MAX 20000
#define NOTICE_PLACE_MAX 120
#define NOTICE_ARENA_BYTES (1U << 20)

/** What it needs of the gateway. Called from its own thread. */
struct notice_port {
	/** As struct hook_feed has it, for who sees all. The event lives until the next call. */
	int (*next)(void *arg, char io_place[NOTICE_PLACE_MAX], const PB(Event) **ret_event);
	/** Asks matching with the key of a party. @return SK_EAUTH: the node has no such key;
	 *  others: try again later. */
	int (*ask)(void *arg, const char *party, PB(Message) *query, struct arena *a,
		   PB(Message) **ret_answer);
	/** The configuration in force; given back before the next call. */
	const struct conf *(*conf)(void *arg);
	void (*conf_done)(void *arg);
	/** The daemons' time. Links run on the wall clock. */
	uint64_t (*now_ms)(void *arg);
	const struct token_key *key;
	void *arg;
};

struct notice;

/** After out_open(). */
SK_CHECKED int notice_open(struct outbox *o, const struct notice_port *port,
			   struct notice **ret_notice);
/** Before out_close(). NULL is a no-op. */
void notice_close(struct notice *n);

/* --- notice_text.c; pure --- */

struct notice_text {
	char subject[OUT_SUBJECT_MAX + 1];
	char body[4096];
};
/** Of an ask. @p link as people open it. */
void notice_ask_text(const struct conf *c, const PB(Ask) *ask, bool reminder, const char *link,
		     struct notice_text *ret_text);
/** The same as a text message; in Dutch. */
void notice_ask_short(const struct conf *c, const PB(Ask) *ask, bool reminder, const char *link,
		      struct notice_text *ret_text);
void notice_week_begin(struct notice_text *ret_text);
/** One pool's question. @return false: there is no room for more. */
bool notice_week_pool(struct notice_text *t, const PB(PoolItem) *pool, const char *link);
void notice_week_end(struct notice_text *t);
/** When in the week of @p now_ms a party is asked. @return 0: not in this week. */
uint64_t notice_week_at(const struct conf *c, const struct conf_party *p, uint64_t now_ms);
