/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  The other side for tests of what leaves the node: a server on loopback that remembers
 * what it was sent and answers as it is told. One connection at a time. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PEER_GOT_MAX 64
#define PEER_TEXT_MAX 16384

enum peer_kind { PEER_HTTP, PEER_SMTP };

struct peer {
	enum peer_kind kind;
	int fd;
	uint16_t port;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t more;
	atomic_bool stop;
	char answer[4096]; /* HTTP: the whole answer; SMTP: what RCPT is told */
	size_t count;
	char *got[PEER_GOT_MAX]; /* HTTP: head and body; SMTP: what the client said */
	uint64_t at_ms[PEER_GOT_MAX];
};

void peer_start(struct peer *p, enum peer_kind kind);
void peer_stop(struct peer *p);
/** From now on. HTTP: "200 OK\r\nA: b"; "" answers nothing and closes. */
void peer_answer(struct peer *p, const char *head, const char *body);
/** @return false: not so many within 10 s. */
bool peer_wait(struct peer *p, size_t count);
size_t peer_count(struct peer *p);
/** "http://127.0.0.1:PORT/path" */
void peer_url(const struct peer *p, const char *path, char ret_url[256]);
