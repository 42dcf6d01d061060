/* SPDX-License-Identifier: EUPL-1.2 */
#include "tests/unit/gateway_peer.h"

#include <arpa/inet.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "common/err.h"

#define WAIT_MS 10000

static uint64_t now_ms(void)
{
	struct timespec t;
	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

static void say(int fd, const char *text)
{
	(void)send(fd, text, strlen(text), MSG_NOSIGNAL);
}

static void remember(struct peer *p, const char *text)
{
	(void)pthread_mutex_lock(&p->lock);
	if (p->count < PEER_GOT_MAX) {
		p->got[p->count] = strdup(text);
		p->at_ms[p->count] = now_ms();
	}
	p->count++;
	(void)pthread_cond_broadcast(&p->more);
	(void)pthread_mutex_unlock(&p->lock);
}

/* One more piece, or false: closed, full, or told to stop. */
static bool more(struct peer *p, int fd, char *text, size_t *len)
{
	struct pollfd at = { .fd = fd, .events = POLLIN };
	while (!atomic_load(&p->stop)) {
		if (poll(&at, 1, 50) > 0) {
			ssize_t n = recv(fd, text + *len, PEER_TEXT_MAX - 1 - *len, 0);
			*len += n > 0 ? (size_t)n : 0;
			text[*len] = '\0';
			return n > 0;
		}
	}
	return false;
}

static void serve_http(struct peer *p, int fd)
{
	static const char length_name[] = "Content-Length: ";
	char *text = calloc(1, PEER_TEXT_MAX);
	char answer[sizeof(p->answer)];
	size_t len = 0;
	SK_ASSERT(text != NULL);
	while (more(p, fd, text, &len)) {
		const char *end = strstr(text, "\r\n\r\n");
		const char *length = strstr(text, length_name);
		size_t body = length == NULL ? 0 : strtoul(length + strlen(length_name), NULL, 10);
		if (end != NULL && len >= (size_t)(end + 4 - text) + body) {
			break;
		}
	}
	(void)pthread_mutex_lock(&p->lock);
	memcpy(answer, p->answer, sizeof(answer));
	(void)pthread_mutex_unlock(&p->lock);
	if (len > 0) {
		remember(p, text); /* before the answer: who has it may ask how many there were */
		say(fd, answer);
	}
	free(text);
}

/* One line at a time; what stands between DATA and the dot is only remembered. */
static bool smtp_line(struct peer *p, int fd, const char *line, bool *data)
{
	if (*data) {
		*data = strcmp(line, ".\r\n") != 0;
		say(fd, *data ? "" : "250 ok\r\n");
	} else if (strncmp(line, "EHLO", 4) == 0) {
		say(fd, "250-test\r\n250 SIZE 100000\r\n");
	} else if (strncmp(line, "RCPT", 4) == 0) {
		(void)pthread_mutex_lock(&p->lock);
		say(fd, p->answer);
		(void)pthread_mutex_unlock(&p->lock);
	} else if (strncmp(line, "DATA", 4) == 0) {
		*data = true;
		say(fd, "354 go on\r\n");
	} else if (strncmp(line, "QUIT", 4) == 0) {
		say(fd, "221 bye\r\n");
		return false;
	} else {
		say(fd, "250 ok\r\n");
	}
	return true;
}

static void serve_smtp(struct peer *p, int fd)
{
	char *text = calloc(1, PEER_TEXT_MAX);
	char line[1024];
	size_t len = 0;
	size_t at = 0;
	bool data = false;
	bool on = true;
	SK_ASSERT(text != NULL);
	say(fd, "220 test\r\n");
	while (on && more(p, fd, text, &len)) {
		const char *end = NULL;
		while (on && (end = strstr(text + at, "\r\n")) != NULL) {
			int n = (int)(end + 2 - (text + at));
			(void)snprintf(line, sizeof(line), "%.*s", n, text + at);
			at += (size_t)n;
			on = smtp_line(p, fd, line, &data);
		}
	}
	remember(p, text);
	free(text);
}

static void *serve(void *arg)
{
	struct peer *p = arg;
	struct pollfd at = { .fd = p->fd, .events = POLLIN };
	while (!atomic_load(&p->stop)) {
		if (poll(&at, 1, 50) <= 0) {
			continue;
		}
		int fd = accept(p->fd, NULL, NULL);
		if (fd < 0) {
			continue;
		}
		if (p->kind == PEER_HTTP) {
			serve_http(p, fd);
		} else {
			serve_smtp(p, fd);
		}
		(void)close(fd);
	}
	return NULL;
}

void peer_start(struct peer *p, enum peer_kind kind)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(at);
	*p = (struct peer){ .kind = kind };
	p->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	SK_ASSERT(p->fd >= 0 && bind(p->fd, (struct sockaddr *)&at, sizeof(at)) == 0);
	SK_ASSERT(listen(p->fd, 64) == 0 && getsockname(p->fd, (struct sockaddr *)&at, &len) == 0);
	p->port = ntohs(at.sin_port);
	(void)pthread_mutex_init(&p->lock, NULL);
	(void)pthread_cond_init(&p->more, NULL);
	if (kind == PEER_HTTP) {
		peer_answer(p, "200 OK", "");
	} else {
		peer_answer(p, "250 ok", NULL);
	}
	SK_ASSERT(pthread_create(&p->thread, NULL, serve, p) == 0);
}

void peer_stop(struct peer *p)
{
	atomic_store(&p->stop, true);
	(void)pthread_join(p->thread, NULL);
	(void)close(p->fd);
	for (size_t i = 0; i < p->count && i < PEER_GOT_MAX; i++) {
		free(p->got[i]);
	}
	(void)pthread_cond_destroy(&p->more);
	(void)pthread_mutex_destroy(&p->lock);
}

void peer_answer(struct peer *p, const char *head, const char *body)
{
	(void)pthread_mutex_lock(&p->lock);
	if (body == NULL || head[0] == '\0') {
		(void)snprintf(p->answer, sizeof(p->answer), "%s%s", head,
			       head[0] == '\0' ? "" : "\r\n");
	} else {
		(void)snprintf(p->answer, sizeof(p->answer),
			       "HTTP/1.1 %s\r\nContent-Length: %zu\r\n\r\n%s", head, strlen(body),
			       body);
	}
	(void)pthread_mutex_unlock(&p->lock);
}

bool peer_wait(struct peer *p, size_t count)
{
	struct timespec until;
	int rc = 0;
	(void)clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += WAIT_MS / 1000;
	(void)pthread_mutex_lock(&p->lock);
	while (p->count < count && rc == 0) {
		rc = pthread_cond_timedwait(&p->more, &p->lock, &until);
	}
	bool enough = p->count >= count;
	(void)pthread_mutex_unlock(&p->lock);
	return enough;
}

size_t peer_count(struct peer *p)
{
	(void)pthread_mutex_lock(&p->lock);
	size_t n = p->count;
	(void)pthread_mutex_unlock(&p->lock);
	return n;
}

void peer_url(const struct peer *p, const char *path, char ret_url[256])
{
	(void)snprintf(ret_url, 256, "%s://127.0.0.1:%u%s", p->kind == PEER_HTTP ? "http" : "smtp",
		       p->port, path);
}
