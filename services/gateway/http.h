/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  libmicrohttpd on the libuv loop, and the limits of RELIABILITY 3.7: a request has 10 s to
 *  arrive, its header 8 KiB, its body what its route allows. Handlers run in libuv's workers.
 *  Ownership: http_close(). Threads: the loop's; http_resume() too. Blocks: never. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <uv.h>

#include "common/err.h"

#define HTTP_HEADER_BYTES_MAX 8192
#define HTTP_MEMORY_BYTES 24576 /* of a connection: what it reads and what it writes */
#define HTTP_ARRIVE_MS 10000
#define HTTP_WORKING_MAX 1024 /* requests that wait for a worker or have one; more get 503 */

struct gate;
struct http;
struct web;
struct route;
struct MHD_Connection;

struct http_conf {
	struct gate *gate;
	uv_loop_t *loop;
	const char *bind; /* ADDRESS:PORT */
	unsigned connections_max;
	const struct route *const *routes; /* tables, ended by NULL */
};

struct http_status {
	uint64_t requests;
	uint64_t refused; /* 4xx and 5xx */
	uint64_t late;    /* connections closed because a request did not arrive in time */
	unsigned connections;
	unsigned working;
	unsigned streams;
};

SK_CHECKED int http_open(const struct http_conf *conf, struct http **ret_http);
/** The port in use (of a bind with port 0). */
uint16_t http_port(const struct http *h);
/** No new connections and requests; what is under way ends. */
void http_drain(struct http *h);
/** True when nothing is under way: every answer has been sent. */
bool http_is_idle(const struct http *h);
/** Closes every connection. NULL is a no-op. The loop must turn once more afterwards. */
void http_close(struct http *h);
void http_status(const struct http *h, struct http_status *ret_status);
/** Lets a suspended connection go on. */
void http_resume(struct http *h, struct MHD_Connection *c);
/** Counts a stream that begins (+1) or has ended (-1). */
void http_count_stream(struct http *h, int by);
