/* SPDX-License-Identifier: EUPL-1.2 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "services/gateway/fhir_call.h"
#include "services/gateway/gate.h"

#define PLACES_BYTES_MAX (1U << 20)

uint64_t fhir_now_ms(struct web *w)
{
	uint64_t at = w->conf->demo ? up_time_ms(w->gate->up, web_daemon(w, "intake")) : 0;

	return at != 0 ? at : gate_wall_ms();
}

/* A table of municipalities changes once a year; it is read at the first question. */
static pthread_mutex_t places_lock = PTHREAD_MUTEX_INITIALIZER;
static bool places_read;
static struct slice places;

static void read_places(const char *dir)
{
	char path[CONF_PATH_MAX + 32];

	(void)snprintf(path, sizeof(path), "%s/municipalities.csv", dir);
	FILE *f = fopen(path, "re");
	char *text = f == NULL ? NULL : malloc(PLACES_BYTES_MAX);
	if (text != NULL) {
		places = (struct slice){ text, fread(text, 1, PLACES_BYTES_MAX, f) };
	}
	if (f != NULL) {
		(void)fclose(f);
	}
	places_read = true;
}

struct slice fhir_places(struct web *w)
{
	(void)pthread_mutex_lock(&places_lock);
	if (!places_read) {
		read_places(w->conf->dir);
	}
	struct slice found = places;
	(void)pthread_mutex_unlock(&places_lock);
	return found;
}
