/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  What services/gateway/notice.c and notice_week.c share. */
#include <pthread.h>
#include <stdatomic.h>

#include "services/gateway/notice.h"

struct notice {
	struct outbox *o;
	struct notice_port port;
	char place[NOTICE_PLACE_MAX];
	size_t rows;
	uint64_t later_ms; /* not before: a daemon did not answer */
	uint64_t week_ms;
	pthread_t thread;
	bool thread_made;
	atomic_bool stop;
	uint8_t *block;
};

/** As people open it. */
void notice_link(const struct notice *n, const struct conf *c, const struct token_link *l,
		 char ret_text[CONF_URL_MAX + TOKEN_LINK_MAX + 8]);
/** The weekly question to whom it is due. In the notice's thread. */
void notice_week(struct notice *n, const struct conf *c);
