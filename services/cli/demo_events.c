/* SPDX-License-Identifier: EUPL-1.2 */
/* The raw material of a comparison, kept as it was read: one JSON object a line, so that anybody
 * can count the table again with code of their own. Four kinds of lines: what the run was
 * ("run"), what a client was told of its own request ("request"), who of a house came ("start"),
 * and each event of the three services ("event", as `schakel events tail --json` prints it). */
#include <errno.h>
#include <string.h>

#include <jansson.h>

#include "common/pbjson.h"
#include "common/when.h"
#include "services/cli/demo_int.h"

static void put_line(struct demo *d, json_t *line)
{
	if (line == NULL || json_dumpf(line, d->events_file, JSON_COMPACT) != 0 ||
	    fputc('\n', d->events_file) == EOF) {
		demo_fail(d, cli_fail(d->cli, "events.jsonl", SK_ESYS));
	}
	json_decref(line);
}

int demo_events_open(struct demo *d, const char *path)
{
	if (path == NULL) {
		return CLI_DONE;
	}
	d->events_file = fopen(path, "we");
	if (d->events_file == NULL) {
		cli_say(d->cli, "%s: %s", "%s: %s", path, strerror(errno));
		return CLI_REFUSED;
	}
	return CLI_DONE;
}

int demo_events_close(struct demo *d)
{
	FILE *f = d->events_file;

	d->events_file = NULL;
	return f == NULL || fclose(f) == 0 ? CLI_DONE : CLI_REFUSED;
}

void demo_events_run(struct demo *d)
{
	if (d->events_file != NULL) {
		put_line(d,
			 json_pack("{s:{s:I, s:s, s:s}}", "run", "seed", (json_int_t)d->seed,
				   "begin", when_iso(d->begin_ms).s, "end", when_iso(d->now_ms).s));
	}
}

void demo_events_note(struct demo *d, enum demo_daemon from, uint64_t sequence, const PB(Event) *e)
{
	if (d->events_file != NULL) {
		put_line(d,
			 json_pack("{s:s, s:I, s:o}", "daemon", d->conf->daemons[from].name,
				   "sequence", (json_int_t)sequence, "event", pb_json(&e->base)));
	}
}

/* Needs as the receipt names them: the must-needs first, each group in the order told. */
static json_t *needs_json(const PB(SubmitRequest) *s, const PB(Receipt) *r)
{
	json_t *list = json_array();
	size_t at = 0;

	for (int must = 1; must >= 0; must--) {
		for (size_t i = 0; i < s->n_needs && at < r->n_object_ids; i++) {
			const ProtobufCBinaryData *id = &r->object_ids[at];
			if (s->needs[i]->must != must) {
				continue;
			}
			json_array_append_new(
				list, json_pack("{s:o, s:I, s:I, s:b}", "need_id",
						hex_json(id->data, id->len), "expertise",
						(json_int_t)s->needs[i]->expertise, "child",
						(json_int_t)s->needs[i]->child, "must", must));
			at++;
		}
	}
	return list;
}

void demo_events_request(struct demo *d, const PB(SubmitRequest) *s, const PB(Receipt) *r,
			 bool gate)
{
	if (d->events_file == NULL) {
		return;
	}
	json_t *whole = pb_json(&s->base);
	json_t *line = json_pack("{s:{s:o, s:s, s:b, s:o, s:I, s:o, s:o*, s:o*}}", "request",
				 "request_id", hex_json(r->object_id.data, r->object_id.len), "at",
				 when_iso(d->now_ms).s, "gate", gate, "needs", needs_json(s, r),
				 "children", (json_int_t)s->n_children, "zone",
				 json_string(s->zone), "kind",
				 json_incref(json_object_get(whole, "kind")), "urgency",
				 json_incref(json_object_get(whole, "urgency")));
	json_decref(whole);
	put_line(d, line);
}

void demo_events_start(struct demo *d, const struct object_id *contribution, uint32_t worker)
{
	if (d->events_file != NULL) {
		put_line(d, json_pack("{s:{s:o, s:I}}", "start", "contribution_id",
				      hex_json(contribution->b, sizeof(contribution->b)), "worker",
				      (json_int_t)worker));
	}
}
