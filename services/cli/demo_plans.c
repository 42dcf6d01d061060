/* SPDX-License-Identifier: EUPL-1.2 */
/* What people were about to do beside asking and answering (abilities.csv) is known to nobody but
 * the demo: it is kept beside the node when the demo ends, and taken up again when it goes on. What
 * a daemon can tell is not kept here: see demo_resume.c. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/files.h"
#include "services/cli/call.h"
#include "services/cli/demo_int.h"

#define HEX_LEN (2 * OBJECT_ID_LEN)

static void path_of(const struct demo *d, char ret_path[CONF_PATH_MAX + 32])
{
	(void)snprintf(ret_path, CONF_PATH_MAX + 32, "%s/demo-plans.txt", d->conf->dir);
}

static int in_time(const void *a, const void *b)
{
	const struct demo_item *x = a;
	const struct demo_item *y = b;

	if (x->at_ms != y->at_ms) {
		return x->at_ms < y->at_ms ? -1 : 1;
	}
	return x->seq < y->seq ? -1 : x->seq > y->seq;
}

static void put_line(const struct demo *d, FILE *f, const struct demo_item *it)
{
	char hex[HEX_LEN + 1];

	object_id_hex(&it->id, hex);
	(void)fprintf(f, "%" PRIu64 " %s %s %" PRIu32 "\n", it->at_ms,
		      d->region.ability[it->who].key, hex, it->arg);
}

int demo_plans_keep(struct demo *d)
{
	char path[CONF_PATH_MAX + 32];
	char *text = NULL;
	size_t len = 0;
	FILE *f = open_memstream(&text, &len);

	if (f == NULL) {
		return SK_ENOMEM;
	}
	/* In order, so that what was first stays first; a sorted heap is a heap. */
	if (d->agenda.len > 0) {
		qsort(d->agenda.heap, d->agenda.len, sizeof(*d->agenda.heap), in_time);
	}
	for (size_t i = 0; i < d->agenda.len; i++) {
		const struct demo_item *it = &d->agenda.heap[i];
		if (it->what == DEMO_LIVE && it->who < d->region.abilities_len) {
			put_line(d, f, it);
		}
	}
	int err = fclose(f) == 0 ? SK_OK : SK_ENOMEM;
	if (err == SK_OK) {
		path_of(d, path);
		err = files_replace(path, 0640, (struct slice){ text, len });
	}
	free(text);
	return err;
}

/* A row that the region does not have any more is passed over. */
static void take_line(struct demo *d, const char *line)
{
	struct demo_item it = { .what = DEMO_LIVE };
	char at[24] = "";
	char key[64] = "";
	char hex[HEX_LEN + 1] = "";
	char arg[16] = "";

	bool whole = strchr(line, '\n') != NULL &&
		     sscanf(line, "%20s %63s %32s %10s", at, key, hex, arg) == 4 &&
		     id_parse(hex, &it.id);
	it.at_ms = strtoull(at, NULL, 10);
	it.arg = (uint32_t)strtoul(arg, NULL, 10);
	for (uint32_t i = 0; whole && i < d->region.abilities_len; i++) {
		if (strcmp(d->region.ability[i].key, key) == 0) {
			it.who = i;
			demo_agenda_add(&d->agenda, it);
			return;
		}
	}
}

bool demo_plans_read(struct demo *d)
{
	char path[CONF_PATH_MAX + 32];
	char line[256];

	path_of(d, path);
	FILE *f = fopen(path, "re");
	if (f == NULL) {
		return false;
	}
	while (fgets(line, sizeof(line), f) != NULL) {
		take_line(d, line);
	}
	(void)fclose(f);
	/* Taken up: a run that is killed must not do all of it a second time. */
	return unlink(path) == 0;
}
