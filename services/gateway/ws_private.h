/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  What services/gateway/ws.c (the connection) and ws_act.c (requests on it) share. */
#include <microhttpd.h>
#include <wslay/wslay.h>

#include "services/gateway/feed.h"
#include "services/gateway/gate.h"
#include "services/gateway/ws.h"

struct ws {
	struct gate *gate;
	struct MHD_UpgradeResponseHandle *urh;
	int fd;
	uv_poll_t poll;
	wslay_event_context_ptr ctx;
	struct who who;
	char *session; /* session_keep() */
	enum lang lang;
	struct feed_place place;
	unsigned acts;
	unsigned silent; /* pings that were not answered */
	bool closing;    /* no more is taken */
	bool gone;       /* the socket is closed; freed when no request is under way */
	struct ws *next, *prev;
};

/** Queues a text message and has it sent. */
void ws_send_text(struct ws *s, const char *text);
/** One message that came. */
void ws_act(struct ws *s, struct slice text);
/** Frees it when nothing of it is under way. */
void ws_put(struct ws *s);
