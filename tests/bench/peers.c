/* SPDX-License-Identifier: EUPL-1.2 */
/* The peers, over their own protocols on a unix socket: a prepared INSERT of PostgreSQL (one
 * transaction each), an XADD of Redis; and our own gateway over HTTP. No client library stands in
 * between. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include <sodium.h>

#include "common/key.h"
#include "common/wire.h"
#include "tests/bench/load.h"

#define BUF_BYTES 65536
#define BODY_MAX 4096
#define REQUEST_MAX (BODY_MAX + 512)

struct peer {
	const char *path;
	const char *user;
	const char *token; /* of the gateway */
	const char *body;
	uint16_t port; /* of loopback; 0: path */
	size_t bytes;
	uint64_t next; /* rises: keys are in order, as ids of clients are */
	/** Takes whole answers from the front. @return bytes taken (0: none is whole), or an error;
	 *  counts ends of requests. */
	long (*parse)(const uint8_t *p, size_t len, int *io_answers);
	size_t (*make)(struct peer *p, uint8_t buf[REQUEST_MAX]);
	int (*hello)(struct peer *p, int fd);
};

struct socket_lane {
	uint8_t in[BUF_BYTES];
	size_t in_len;
};

/* --- lanes over a socket --- */

static int connect_to(const char *path)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	(void)snprintf(a.sun_path, sizeof(a.sun_path), "%s", path);
	if (fd >= 0 && connect(fd, (struct sockaddr *)&a, sizeof(a)) != 0) {
		(void)close(fd);
		return -1;
	}
	return fd;
}

static int connect_to_port(uint16_t port)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
				 .sin_port = htons(port),
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int one = 1;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd >= 0 && (connect(fd, (struct sockaddr *)&a, sizeof(a)) != 0 ||
			setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one)) != 0)) {
		(void)close(fd);
		return -1;
	}
	return fd;
}

static int write_all(int fd, const uint8_t *p, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, p, len);
		if (n <= 0) {
			return SK_ESYS;
		}
		p += n;
		len -= (size_t)n;
	}
	return SK_OK;
}

static int lane_open(struct load *l, struct lane *x)
{
	struct peer *p = l->ctx;

	x->impl = calloc(1, sizeof(struct socket_lane));
	if (x->impl == NULL) {
		return SK_ENOMEM;
	}
	x->fd = p->port != 0 ? connect_to_port(p->port) : connect_to(p->path);
	if (x->fd < 0) {
		return SK_ESYS;
	}
	return p->hello == NULL ? SK_OK : p->hello(p, x->fd);
}

static int lane_send(struct load *l, struct lane *x)
{
	struct peer *p = l->ctx;
	uint8_t request[REQUEST_MAX];
	size_t len = p->make(p, request);

	/* Blocks only when a window of requests is more than the socket's buffer. */
	return write_all(x->fd, request, len);
}

static int lane_take(struct load *l, struct lane *x)
{
	const struct peer *p = l->ctx;
	struct socket_lane *own = x->impl;
	int answers = 0;
	ssize_t n = recv(x->fd, own->in + own->in_len, BUF_BYTES - own->in_len, MSG_DONTWAIT);

	if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) {
		return SK_ESYS;
	}
	own->in_len += n > 0 ? (size_t)n : 0;
	long taken = p->parse(own->in, own->in_len, &answers);
	if (taken < 0) {
		return (int)taken;
	}
	own->in_len -= (size_t)taken;
	memmove(own->in, own->in + taken, own->in_len);
	return answers;
}

static void lane_close(struct lane *x)
{
	if (x->impl != NULL && x->fd >= 0) {
		(void)close(x->fd);
	}
	free(x->impl);
}

static const struct lane_kind socket_kind = { lane_open, lane_send, lane_take, lane_close };

static int run(struct peer *p, const struct bench *b, const char *name)
{
	struct load l = { .kind = &socket_kind, .ctx = p };

	p->path = bench_arg(b, "socket", "");
	p->user = bench_arg(b, "user", "postgres");
	p->bytes = bench_number(b, "bytes", 400);
	p->next = bench_ns();
	load_args(&l, b);
	int err = p->bytes > BODY_MAX ? SK_EINVAL : load_run(&l);
	if (err == SK_OK) {
		samples_print(&l.samples, l.took_ns, "");
	}
	samples_free(&l.samples);
	return err == SK_OK ? EXIT_SUCCESS : bench_fail(name, sk_strerror(err));
}

/* --- PostgreSQL: protocol 3.0 --- */

#define PG_VERSION 196608
#define PG_TYPE_UUID 2950
#define PG_TYPE_BYTEA 17

/* Writes a message: type, length of the rest, @p len bytes. @return the bytes written. */
static size_t pg_message(uint8_t *to, char type, const void *body, size_t len)
{
	to[0] = (uint8_t)type;
	be32_write(to + 1, (uint32_t)len + 4);
	memcpy(to + 5, body, len);
	return len + 5;
}

static long pg_parse(const uint8_t *p, size_t len, int *io_answers)
{
	size_t at = 0;

	while (len - at >= 5) {
		size_t whole = 1 + (size_t)be32_read(p + at + 1);
		if (len - at < whole) {
			break;
		}
		if (p[at] == 'E') {
			(void)fprintf(stderr, "postgres: %.*s\n", (int)(whole - 5),
				      (const char *)p + at + 5);
			return SK_EREFUSED;
		}
		*io_answers += p[at] == 'Z';
		at += whole;
	}
	return (long)at;
}

/* Reads until the server is ready for a query. */
static int pg_wait(int fd)
{
	static uint8_t in[BUF_BYTES];
	size_t len = 0;
	int ready = 0;

	while (ready == 0) {
		ssize_t n = read(fd, in + len, sizeof(in) - len);
		if (n <= 0) {
			return SK_ESYS;
		}
		len += (size_t)n;
		long taken = pg_parse(in, len, &ready);
		if (taken < 0) {
			return (int)taken;
		}
		len -= (size_t)taken;
		memmove(in, in + taken, len);
	}
	return SK_OK;
}

static size_t pg_startup(const struct peer *p, uint8_t *buf)
{
	size_t len = 8;
	int n = snprintf((char *)buf + len, 256, "user%c%s%cdatabase%cpostgres", 0, p->user, 0, 0);

	len += (size_t)n + 1;
	buf[len++] = 0;
	be32_write(buf, (uint32_t)len);
	be32_write(buf + 4, PG_VERSION);
	return len;
}

static size_t pg_prepare(uint8_t *buf)
{
	static const char sql[] = "INSERT INTO submit VALUES ($1, $2)";
	uint8_t body[128];
	size_t len = 0;

	body[len++] = 's'; /* name of the statement */
	body[len++] = 0;
	memcpy(body + len, sql, sizeof(sql));
	len += sizeof(sql);
	body[len++] = 0;
	body[len++] = 2;
	be32_write(body + len, PG_TYPE_UUID);
	be32_write(body + len + 4, PG_TYPE_BYTEA);
	len = pg_message(buf, 'P', body, len + 8);
	return len + pg_message(buf + len, 'S', "", 0);
}

static int pg_hello(struct peer *p, int fd)
{
	uint8_t buf[512];
	int err = write_all(fd, buf, pg_startup(p, buf));

	if (err == SK_OK) {
		err = pg_wait(fd);
	}
	if (err == SK_OK) {
		err = write_all(fd, buf, pg_prepare(buf));
	}
	return err == SK_OK ? pg_wait(fd) : err;
}

static size_t pg_make(struct peer *p, uint8_t buf[REQUEST_MAX])
{
	static const uint8_t execute[5]; /* the unnamed portal, all rows */
	static const uint8_t bind_head[] = { 0, 's', 0, 0, 1, 0, 1, 0, 2, 0, 0, 0, 16 };
	uint8_t body[BODY_MAX + 64] = { 0 };
	size_t len = sizeof(bind_head);

	memcpy(body, bind_head, len); /* both parameters binary */
	be64_write(body + len, p->next++);
	len += 16;
	be32_write(body + len, (uint32_t)p->bytes);
	len += 4 + p->bytes;
	body[len++] = 0; /* no result columns */
	body[len++] = 0;
	len = pg_message(buf, 'B', body, len);
	len += pg_message(buf + len, 'E', execute, sizeof(execute));
	return len + pg_message(buf + len, 'S', "", 0);
}

int bench_postgres(const struct bench *b)
{
	struct peer p = { .parse = pg_parse, .make = pg_make, .hello = pg_hello };

	return run(&p, b, "postgres");
}

/* --- Redis: RESP --- */

static size_t redis_make(struct peer *p, uint8_t buf[REQUEST_MAX])
{
	int n = snprintf((char *)buf, REQUEST_MAX,
			 "*5\r\n$4\r\nXADD\r\n$1\r\ns\r\n$1\r\n*\r\n$1\r\nb\r\n$%zu\r\n", p->bytes);
	size_t len = (size_t)n;

	memset(buf + len, 'x', p->bytes);
	len += p->bytes;
	memcpy(buf + len, "\r\n", 2);
	return len + 2;
}

/* Each answer is the id of the entry: "$15\r\n1700000000000-0\r\n". */
static long redis_parse(const uint8_t *p, size_t len, int *io_answers)
{
	size_t at = 0;

	while (at < len) {
		const uint8_t *line = memchr(p + at, '\n', len - at);
		if (p[at] != '$') {
			(void)fprintf(stderr, "redis: %.*s\n", (int)(len - at),
				      (const char *)p + at);
			return SK_EREFUSED;
		}
		const uint8_t *end =
			line == NULL ? NULL : memchr(line + 1, '\n', len - (size_t)(line + 1 - p));
		if (end == NULL) {
			break;
		}
		at = (size_t)(end + 1 - p);
		(*io_answers)++;
	}
	return (long)at;
}

int bench_redis(const struct bench *b)
{
	struct peer p = { .parse = redis_parse, .make = redis_make };

	return run(&p, b, "redis");
}

/* --- the gateway --- */

/* A request for help as POST of JSON, with a fresh UUIDv7 as its key. */
static size_t rest_make(struct peer *p, uint8_t buf[REQUEST_MAX])
{
	uint8_t luck[10];
	uint8_t id[16];
	char hex[33];
	struct timespec t;

	(void)clock_gettime(CLOCK_REALTIME, &t);
	randombytes_buf(luck, sizeof(luck));
	wire_id_make((uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000, luck, id);
	(void)sodium_bin2hex(hex, sizeof(hex), id, sizeof(id));
	int n = snprintf((char *)buf, REQUEST_MAX,
			 "POST /api/v1/requests HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\n"
			 "Idempotency-Key: %.8s-%.4s-%.4s-%.4s-%.12s\r\n"
			 "Content-Type: application/json\r\nContent-Length: %zu\r\n\r\n%s",
			 p->token, hex, hex + 8, hex + 12, hex + 16, hex + 20, strlen(p->body),
			 p->body);
	return n < 0 || n >= REQUEST_MAX ? 0 : (size_t)n;
}

/* @return the bytes of the first whole answer, 0: it is not whole yet. */
static long rest_one(const uint8_t *p, size_t len)
{
	static const char name[] = "\r\nContent-Length: ";
	const uint8_t *end = memmem(p, len, "\r\n\r\n", 4);
	const uint8_t *said = end == NULL ? NULL :
					    memmem(p, (size_t)(end - p), name, sizeof(name) - 1);

	if (end == NULL) {
		return 0;
	}
	if (memcmp(p, "HTTP/1.1 201 ", 13) != 0 || said == NULL) {
		(void)fprintf(stderr, "gateway: %.*s\n", (int)len, (const char *)p);
		return SK_EREFUSED;
	}
	size_t whole =
		(size_t)(end + 4 - p) + strtoul((const char *)said + sizeof(name) - 1, NULL, 10);
	return whole <= len ? (long)whole : 0;
}

static long rest_parse(const uint8_t *p, size_t len, int *io_answers)
{
	size_t at = 0;

	while (at < len) {
		long one = rest_one(p + at, len - at);
		if (one <= 0) {
			return one < 0 ? one : (long)at;
		}
		at += (size_t)one;
		(*io_answers)++;
	}
	return (long)at;
}

int bench_rest(const struct bench *b)
{
	struct peer p = { .parse = rest_parse,
			  .make = rest_make,
			  .token = bench_arg(b, "token", ""),
			  .body = bench_arg(b, "body", "{}"),
			  .port = (uint16_t)bench_number(b, "port", 0) };

	return p.port == 0 ? bench_fail("rest", "give port=") : run(&p, b, "rest");
}
