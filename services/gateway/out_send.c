/* SPDX-License-Identifier: EUPL-1.2 */
#include "services/gateway/out_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <jansson.h>
#include <sodium.h>

#include "services/gateway/addr.h"

#define ANSWER_BYTES_MAX 65536 /* more than this is broken off; nothing of it is used */
#define CONNECT_MS 10000
#define TIMEOUT_MS 30000

/* --- what libcurl calls --- */

static size_t on_read(char *to, size_t size, size_t n, void *user)
{
	struct out_slot *s = user;
	size_t take = s->text_len - s->text_at;
	take = take < size * n ? take : size * n;
	if (take > 0) {
		memcpy(to, s->text + s->text_at, take);
	}
	s->text_at += take;
	return take;
}

static size_t on_write(char *data, size_t size, size_t n, void *user)
{
	struct out_slot *s = user;
	(void)data;
	s->got_bytes += size * n;
	return s->got_bytes > ANSWER_BYTES_MAX ? 0 : size * n;
}

/* The value of a header into @p ret_value, when it is the one called @p name. */
static void take_header(const char *line, size_t len, const char *name, char *ret_value, size_t cap)
{
	size_t n = strlen(name);
	if (len <= n || strncasecmp(line, name, n) != 0 || line[n] != ':') {
		return;
	}
	line += n + 1;
	len -= n + 1;
	while (len > 0 && (line[0] == ' ' || line[0] == '\t')) {
		line++;
		len--;
	}
	while (len > 0 && (unsigned char)line[len - 1] <= ' ') {
		len--;
	}
	if (len < cap) {
		memcpy(ret_value, line, len);
		ret_value[len] = '\0';
	}
}

static size_t on_header(char *line, size_t size, size_t n, void *user)
{
	struct out_slot *s = user;
	take_header(line, size * n, "WebHook-Allowed-Origin", s->reply.allowed_origin,
		    sizeof(s->reply.allowed_origin));
	take_header(line, size * n, "WebHook-Allowed-Rate", s->reply.allowed_rate,
		    sizeof(s->reply.allowed_rate));
	return size * n;
}

/* Judges the address that is connected to: whatever a name said when it was looked at does not
 * matter, nor what it will say the next time. */
static curl_socket_t on_socket(void *user, curlsocktype purpose, struct curl_sockaddr *address)
{
	struct out_slot *s = user;
	if (purpose != CURLSOCKTYPE_IPCXN || (!s->any_address && !addr_is_public(&address->addr))) {
		s->reply.closed_address = true;
		return CURL_SOCKET_BAD;
	}
	return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

/* --- the three kinds --- */

static void set_common(struct out_slot *s)
{
	const struct out_conf *c = &s->o->conf;
	CURL *e = s->easy;
	(void)curl_easy_setopt(e, CURLOPT_PRIVATE, s);
	(void)curl_easy_setopt(e, CURLOPT_NOSIGNAL, 1L);
	(void)curl_easy_setopt(e, CURLOPT_PROXY, ""); /* none out of the environment either */
	(void)curl_easy_setopt(e, CURLOPT_FOLLOWLOCATION, 0L);
	(void)curl_easy_setopt(e, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_MS);
	(void)curl_easy_setopt(e, CURLOPT_TIMEOUT_MS,
			       (long)(c->timeout_ms == 0 ? TIMEOUT_MS : c->timeout_ms));
	(void)curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, on_write);
	(void)curl_easy_setopt(e, CURLOPT_WRITEDATA, s);
	/* A connection is opened, and so its address judged, for each call. */
	(void)curl_easy_setopt(e, CURLOPT_FORBID_REUSE, 1L);
	(void)curl_easy_setopt(e, CURLOPT_FRESH_CONNECT, 1L);
}

static bool add_head(struct out_slot *s, const char *line)
{
	struct curl_slist *more = curl_slist_append(s->head, line);
	s->head = more == NULL ? s->head : more;
	return more != NULL;
}

static bool send_mail(struct out_slot *s)
{
	const struct out_conf *c = &s->o->conf;
	CURL *e = s->easy;
	char from[OUT_TO_MAX + 3];
	char to[OUT_TO_MAX + 3];
	if (c->mail_server[0] == '\0') {
		return false;
	}
	s->text = out_mail_text(s->o, &s->row, &s->text_len);
	(void)snprintf(from, sizeof(from), "<%s>", c->mail_from);
	(void)snprintf(to, sizeof(to), "<%s>", s->row.to);
	s->rcpt = curl_slist_append(NULL, to);
	(void)curl_easy_setopt(e, CURLOPT_URL, c->mail_server);
	(void)curl_easy_setopt(e, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
	(void)curl_easy_setopt(e, CURLOPT_MAIL_FROM, from);
	(void)curl_easy_setopt(e, CURLOPT_MAIL_RCPT, s->rcpt);
	(void)curl_easy_setopt(e, CURLOPT_UPLOAD, 1L);
	(void)curl_easy_setopt(e, CURLOPT_READFUNCTION, on_read);
	(void)curl_easy_setopt(e, CURLOPT_READDATA, s);
	(void)curl_easy_setopt(e, CURLOPT_USE_SSL,
			       (long)(c->mail_starttls ? CURLUSESSL_ALL : CURLUSESSL_NONE));
	if (c->mail_ca_file[0] != '\0') {
		(void)curl_easy_setopt(e, CURLOPT_CAINFO, c->mail_ca_file);
	}
	if (c->mail_user[0] != '\0') {
		(void)curl_easy_setopt(e, CURLOPT_USERNAME, c->mail_user);
		(void)curl_easy_setopt(e, CURLOPT_PASSWORD, c->mail_password);
	}
	return s->text != NULL && s->rcpt != NULL;
}

static void set_post(struct out_slot *s, const char *url, const char *protocols)
{
	CURL *e = s->easy;
	(void)curl_easy_setopt(e, CURLOPT_URL, url);
	(void)curl_easy_setopt(e, CURLOPT_PROTOCOLS_STR, protocols);
	(void)curl_easy_setopt(e, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)s->text_len);
	(void)curl_easy_setopt(e, CURLOPT_POSTFIELDS, s->text);
	(void)curl_easy_setopt(e, CURLOPT_HTTPHEADER, s->head);
}

static bool send_text(struct out_slot *s)
{
	const struct out_conf *c = &s->o->conf;
	char line[640];
	char id[2 * sizeof(s->o->id) + 1];
	if (c->text_url[0] == '\0') {
		return false;
	}
	(void)sodium_bin2hex(id, sizeof(id), s->o->id, sizeof(s->o->id));
	(void)snprintf(line, sizeof(line), "Idempotency-Key: %s-%llu", id,
		       (unsigned long long)s->row.seq);
	json_t *doc =
		json_pack("{s:s, s:s%}", "to", s->row.to, "text", s->row.body, s->row.body_len);
	s->text = doc == NULL ? NULL : json_dumps(doc, JSON_COMPACT);
	json_decref(doc);
	bool good = s->text != NULL && add_head(s, "Content-Type: application/json") &&
		    add_head(s, line);
	if (good && c->text_key[0] != '\0') {
		(void)snprintf(line, sizeof(line), "Authorization: Bearer %s", c->text_key);
		good = add_head(s, line);
		sodium_memzero(line, sizeof(line));
	}
	if (good) {
		s->text_len = strlen(s->text);
		set_post(s, c->text_url, "http,https");
	}
	return good;
}

static struct out_item item_of(const struct out_row *row)
{
	return (struct out_item){ .kind = row->kind,
				  .to = row->to,
				  .subject = row->subject,
				  .body = { .data = row->body, .len = row->body_len } };
}

static bool send_hook(struct out_slot *s)
{
	struct out_item item = item_of(&s->row);
	struct out_call *call = calloc(1, sizeof(*call));
	bool known = call != NULL && s->o->ops.call != NULL &&
		     s->o->ops.call(s->o->ops.arg, &item, s->row.seq, call);
	s->outcome = call != NULL && !known ? OUT_GONE : OUT_AGAIN;
	s->text = known ? strndup(s->row.body, s->row.body_len) : NULL;
	s->text_len = s->row.body_len;
	bool good = s->text != NULL;
	for (size_t i = 0; good && i < SK_LEN(call->head) && call->head[i][0] != '\0'; i++) {
		good = add_head(s, call->head[i]);
	}
	if (good) {
		s->any_address = call->any_address;
		set_post(s, call->url, "http,https");
		(void)curl_easy_setopt(s->easy, CURLOPT_OPENSOCKETFUNCTION, on_socket);
		(void)curl_easy_setopt(s->easy, CURLOPT_OPENSOCKETDATA, s);
		(void)curl_easy_setopt(s->easy, CURLOPT_HEADERFUNCTION, on_header);
		(void)curl_easy_setopt(s->easy, CURLOPT_HEADERDATA, s);
	}
	if (good && s->row.kind == OUT_HANDSHAKE) {
		(void)curl_easy_setopt(s->easy, CURLOPT_POST, 0L);
		(void)curl_easy_setopt(s->easy, CURLOPT_NOBODY, 1L);
		(void)curl_easy_setopt(s->easy, CURLOPT_CUSTOMREQUEST, "OPTIONS");
	}
	free(call);
	return good;
}

bool out_send(struct out_slot *s)
{
	s->outcome = OUT_AGAIN;
	s->easy = curl_easy_init();
	if (s->easy == NULL) {
		return false;
	}
	set_common(s);
	bool good = s->row.kind == OUT_MAIL ? send_mail(s) :
		    s->row.kind == OUT_TEXT ? send_text(s) :
					      send_hook(s);
	return good && curl_multi_add_handle(s->o->multi, s->easy) == CURLM_OK;
}

/* --- what came of it --- */

static enum out_outcome judge_mail(CURLcode code, long status)
{
	if (code == CURLE_OK) {
		return OUT_DONE;
	}
	/* No such mailbox. Other refusals may be about us (a login, a list), and pass. */
	bool mailbox = status == 550 || status == 551 || status == 553 || status == 556;
	return mailbox && code != CURLE_LOGIN_DENIED ? OUT_NEVER : OUT_AGAIN;
}

static enum out_outcome judge_text(CURLcode code, long status)
{
	if (code == CURLE_OK && status >= 200 && status < 300) {
		return OUT_DONE;
	}
	return code == CURLE_OK && (status == 400 || status == 422) ? OUT_NEVER : OUT_AGAIN;
}

void out_judge(struct out_slot *s, CURLcode code)
{
	long status = 0;
	curl_off_t wait_s = 0;
	(void)curl_easy_getinfo(s->easy, CURLINFO_RESPONSE_CODE, &status);
	(void)curl_easy_getinfo(s->easy, CURLINFO_RETRY_AFTER, &wait_s);
	bool mail = s->row.kind == OUT_MAIL;
	s->reply.status = code == CURLE_OK || mail || code == CURLE_WRITE_ERROR ? status : 0;
	s->wait_ms = wait_s > 0 && wait_s < 30 * 86400 ? (uint64_t)wait_s * 1000 : 0;
	s->ended = true;
	if (mail) {
		s->outcome = judge_mail(code, status);
	} else if (s->row.kind == OUT_TEXT) {
		s->outcome = judge_text(code, status);
	} else {
		struct out_item item = item_of(&s->row);
		s->outcome = s->o->ops.reply(s->o->ops.arg, &item, &s->reply);
	}
}

void out_slot_done(struct out_slot *s)
{
	struct outbox *o = s->o;
	if (s->easy != NULL) {
		(void)curl_multi_remove_handle(o->multi, s->easy);
		curl_easy_cleanup(s->easy);
	}
	curl_slist_free_all(s->head);
	curl_slist_free_all(s->rcpt);
	free(s->text);
	out_row_done(&s->row);
	*s = (struct out_slot){ .o = o };
}
