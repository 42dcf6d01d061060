/* SPDX-License-Identifier: EUPL-1.2 */
/* The HTTP side begins and ends. */
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <microhttpd.h>

#include "services/gateway/http_private.h"

#define SWEEP_MS 1000

static bool parse_bind(const char *bind, struct sockaddr_storage *ret_addr, socklen_t *ret_len)
{
	char host[CONF_BIND_MAX + 1];
	const char *colon = strrchr(bind, ':');
	struct sockaddr_in *v4 = (struct sockaddr_in *)ret_addr;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)ret_addr;
	bool six = bind[0] == '[';
	uint16_t port = (uint16_t)strtoul(colon + 1, NULL, 10);

	(void)snprintf(host, sizeof(host), "%.*s", (int)(colon - bind) - 2 * six, bind + six);
	memset(ret_addr, 0, sizeof(*ret_addr));
	if (six) {
		v6->sin6_family = AF_INET6;
		v6->sin6_port = htons(port);
		*ret_len = sizeof(*v6);
		return inet_pton(AF_INET6, host, &v6->sin6_addr) == 1;
	}
	v4->sin_family = AF_INET;
	v4->sin_port = htons(port);
	*ret_len = sizeof(*v4);
	return inet_pton(AF_INET, host, &v4->sin_addr) == 1;
}

static int start(struct http *h, const struct http_conf *conf)
{
	struct sockaddr_storage addr;
	socklen_t addr_len = 0;
	unsigned flags = MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | MHD_ALLOW_UPGRADE |
			 MHD_USE_TURBO | MHD_USE_ERROR_LOG;

	if (!parse_bind(conf->bind, &addr, &addr_len)) {
		return SK_ECONF;
	}
	flags |= addr.ss_family == AF_INET6 ? MHD_USE_IPv6 : 0U;
	h->daemon = MHD_start_daemon(
		flags, 0, NULL, NULL, http_on_request, h, MHD_OPTION_SOCK_ADDR, &addr,
		MHD_OPTION_CONNECTION_LIMIT, conf->connections_max,
		MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)HTTP_MEMORY_BYTES,
		MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)(HTTP_ARRIVE_MS / 1000) * 3,
		MHD_OPTION_LISTENING_ADDRESS_REUSE, 1U, MHD_OPTION_STRICT_FOR_CLIENT, 1,
		MHD_OPTION_LISTEN_BACKLOG_SIZE, 1024U, MHD_OPTION_NOTIFY_CONNECTION,
		http_on_connection, h, MHD_OPTION_NOTIFY_COMPLETED, http_on_completed, h,
		MHD_OPTION_EXTERNAL_LOGGER, http_log, h, MHD_OPTION_END);
	return h->daemon == NULL ? SK_ESYS : SK_OK;
}

static int watch(struct http *h)
{
	const union MHD_DaemonInfo *info = MHD_get_daemon_info(h->daemon, MHD_DAEMON_INFO_EPOLL_FD);

	if (info == NULL || uv_poll_init(h->loop, &h->poll, info->epoll_fd) != 0) {
		return SK_ESYS;
	}
	h->poll_open = true;
	h->poll.data = h;
	return uv_poll_start(&h->poll, UV_READABLE, http_on_readable) == 0 ? SK_OK : SK_ESYS;
}

int http_open(const struct http_conf *conf, struct http **ret_http)
{
	struct http *h = calloc(1, sizeof(*h));

	if (h == NULL) {
		return SK_ENOMEM;
	}
	h->gate = conf->gate;
	h->loop = conf->loop;
	h->routes = conf->routes;
	(void)uv_timer_init(h->loop, &h->timer);
	(void)uv_timer_init(h->loop, &h->sweep);
	(void)uv_idle_init(h->loop, &h->idle);
	h->idle.data = h;
	h->timer.data = h;
	h->sweep.data = h;
	int err = start(h, conf);
	if (err == SK_OK) {
		err = watch(h);
	}
	if (err != SK_OK) {
		http_close(h);
		return err;
	}
	(void)uv_timer_start(&h->sweep, http_on_sweep, SWEEP_MS, SWEEP_MS);
	*ret_http = h;
	return SK_OK;
}

uint16_t http_port(const struct http *h)
{
	const union MHD_DaemonInfo *info =
		MHD_get_daemon_info(h->daemon, MHD_DAEMON_INFO_BIND_PORT);

	return info == NULL ? 0 : info->port;
}

void http_drain(struct http *h)
{
	if (h->daemon != NULL && !h->draining) {
		h->draining = true;
		(void)MHD_quiesce_daemon(h->daemon);
	}
}

bool http_is_idle(const struct http *h)
{
	return h->owed == 0;
}

void http_status(const struct http *h, struct http_status *ret_status)
{
	*ret_status = h->status;
}

static void on_closed(uv_handle_t *handle)
{
	struct http *h = handle->data;

	if (--h->open_handles == 0) {
		free(h);
	}
}

void http_close(struct http *h)
{
	if (h == NULL) {
		return;
	}
	if (h->poll_open) {
		(void)uv_poll_stop(&h->poll);
	}
	if (h->daemon != NULL) {
		MHD_stop_daemon(h->daemon);
		h->daemon = NULL;
	}
	h->open_handles = 3 + h->poll_open;
	uv_close((uv_handle_t *)&h->idle, on_closed);
	uv_close((uv_handle_t *)&h->timer, on_closed);
	uv_close((uv_handle_t *)&h->sweep, on_closed);
	if (h->poll_open) {
		uv_close((uv_handle_t *)&h->poll, on_closed);
	}
}

void http_log(void *cls, const char *fmt, va_list args)
{
	(void)cls;
	(void)fmt;
	(void)args; /* what strangers send is no event of ours; the counters tell */
}
