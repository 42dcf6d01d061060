/* SPDX-License-Identifier: EUPL-1.2 */
/* Clients keep what they were told: a line for each receipt of a request, written before anything
 * else is done with it. Whatever happens to daemons or demo, each of these must be found. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "services/cli/call.h"
#include "services/cli/demo_int.h"

#define HEX_LEN (2 * OBJECT_ID_LEN)
#define LINE_BYTES 128

static void path_of(const struct demo *d, char ret_path[CONF_PATH_MAX + 32])
{
	(void)snprintf(ret_path, CONF_PATH_MAX + 32, "%s/demo-receipts.txt", d->conf->dir);
}

int demo_receipts_open(struct demo *d)
{
	char path[CONF_PATH_MAX + 32];

	path_of(d, path);
	d->receipts = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640);
	if (d->receipts < 0) {
		cli_say(d->cli, "%s: %s", "%s: %s", path, strerror(errno));
		return CLI_REFUSED;
	}
	return CLI_DONE;
}

void demo_keep_receipt(struct demo *d, uint32_t who, const PB(Receipt) *r, bool gate)
{
	char hex[HEX_LEN + 1];
	char line[LINE_BYTES];
	struct object_id id;

	if (!object_id_from(&r->object_id, &id)) {
		d->counts.wrong++;
		return;
	}
	object_id_hex(&id, hex);
	int len = snprintf(line, sizeof(line), "%s %s %s %s\n", hex, r->short_code,
			   d->cast.party[who].id, gate ? "gate" : "call");
	if (write(d->receipts, line, (size_t)len) != len) {
		demo_fail(d, cli_fail(d->cli, "demo-receipts.txt", SK_ESYS));
	}
}

/* One line as it was kept. A last line cut off by a crash is none. */
struct kept {
	struct object_id id;
	char code[SHORT_CODE_LEN + 1];
	char party[PARTY_ID_LEN_MAX + 1];
	char stream[8];
};

typedef void kept_fn(struct demo *d, const struct kept *k);

static void each_kept(struct demo *d, kept_fn *fn)
{
	char path[CONF_PATH_MAX + 32];
	char line[LINE_BYTES];

	path_of(d, path);
	FILE *f = fopen(path, "re");
	while (f != NULL && fgets(line, sizeof(line), f) != NULL) {
		char hex[HEX_LEN + 1];
		struct kept k;
		bool whole = strchr(line, '\n') != NULL && sscanf(line, "%32s %10s %31s %7s", hex,
								  k.code, k.party, k.stream) == 4;
		if (whole && id_parse(hex, &k.id)) {
			fn(d, &k);
		}
	}
	if (f != NULL) {
		(void)fclose(f);
	}
}

static void remember(struct demo *d, const struct kept *k)
{
	ProtobufCBinaryData id = object_id_data(&k->id);
	struct demo_request *r = demo_request_add(&d->world, &id);

	memcpy(r->code, k->code, sizeof(r->code));
	r->requester = demo_cast_find(&d->cast, k->party);
	r->gate = strcmp(k->stream, "gate") == 0;
}

uint32_t demo_receipts_read(struct demo *d)
{
	uint32_t gate = 0;

	each_kept(d, remember);
	for (size_t i = 0; i < d->world.requests.len; i++) {
		gate += demo_request_at(&d->world, i)->gate;
	}
	return gate;
}

static void look_for(struct demo *d, const struct kept *k)
{
	uint32_t who = demo_cast_find(&d->cast, k->party);
	PB(QueryRequest) q = PB_INIT(QUERY_REQUEST);
	PB(Message) m = PB_INIT(MESSAGE);
	bool there = false;

	if (d->rc != CLI_DONE || d->unasked > 0 || who == d->cast.len) {
		d->unasked += d->unasked > 0;
		return;
	}
	q.request_id = object_id_data(&k->id);
	m.body_case = BODY(QUERY_REQUEST);
	m.query_request = &q;
	PB(Message) *a = demo_ask(d, who, DEMO_INTAKE, &m);
	if (a == NULL) {
		d->unasked = 1; /* nobody answers: what was not asked is not judged */
		demo_free(d);
		return;
	}
	if (a->body_case == BODY(REQUEST_VIEW) && a->request_view->n_requests == 1) {
		const PB(RequestItem) *it = a->request_view->requests[0];
		struct object_id id;
		there = object_id_from(&it->request->request_id, &id) &&
			object_id_equal(&id, &k->id) && strcmp(it->short_code, k->code) == 0;
	}
	d->counts.requests++;
	d->counts.found += there;
	d->counts.missing += !there;
	if (!there) {
		demo_tell(d, TOLD(DEMO_ALWAYS, k->code),
			  "FOUT: deze vraag kreeg een bevestiging en is er niet.",
			  "ERROR: this request got a receipt and is not there.");
	}
	demo_free(d);
}

void demo_check(struct demo *d)
{
	d->counts.requests = 0;
	d->counts.found = 0;
	d->counts.missing = 0;
	d->unasked = 0;
	each_kept(d, look_for);
}
