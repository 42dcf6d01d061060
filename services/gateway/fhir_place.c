/* SPDX-License-Identifier: EUPL-1.2 */
/* The zone of a municipality. The node may keep a table of places (municipalities.csv: nis, name,
 * zone, and whatever follows); its names hold no comma and no quote. */
#include <string.h>
#include <strings.h>

#include "services/gateway/fhir_in.h"

#define COLUMNS 3

struct cell {
	const char *s;
	size_t len;
};

/* The first cells of the line at @p io_at, which moves behind it. False at the end. */
static bool next_row(struct slice places, size_t *io_at, struct cell ret_cell[COLUMNS])
{
	const char *text = places.data;
	size_t col = 0;

	if (*io_at >= places.len) {
		return false;
	}
	for (size_t i = 0; i < COLUMNS; i++) {
		ret_cell[i] = (struct cell){ text + *io_at, 0 };
	}
	ret_cell[0].s = text + *io_at;
	for (; *io_at < places.len && text[*io_at] != '\n'; (*io_at)++) {
		char c = text[*io_at];
		if (c == ',') {
			col++;
			if (col < COLUMNS) {
				ret_cell[col].s = text + *io_at + 1;
			}
		} else if (col < COLUMNS && c != '\r') {
			ret_cell[col].len++;
		}
	}
	(*io_at)++;
	return true;
}

static bool cell_is(const struct cell *c, const char *s)
{
	return strlen(s) == c->len && strncasecmp(c->s, s, c->len) == 0;
}

static const struct conf_zone *zone_where(const struct fhir_in *in, size_t column, const char *s)
{
	struct cell cell[COLUMNS];
	char zone[PARTY_ID_LEN_MAX + 1];
	size_t at = 0;

	while (s != NULL && next_row(in->places, &at, cell)) {
		if (cell_is(&cell[column], s) && cell[2].len <= PARTY_ID_LEN_MAX) {
			memcpy(zone, cell[2].s, cell[2].len);
			zone[cell[2].len] = '\0';
			return fhir_zone(in->conf, zone);
		}
	}
	return NULL;
}

const struct conf_zone *fhir_zone_of_nis(const struct fhir_in *in, const char *nis)
{
	return zone_where(in, 0, nis);
}

const struct conf_zone *fhir_zone_of_place(const struct fhir_in *in, const json_t *address)
{
	const struct conf_zone *z = NULL;

	for (size_t i = 0; z == NULL && i < fj_items(address, "extension"); i++) {
		const char *url = fj_str(fj_item(address, "extension", i), "url");
		if (url != NULL &&
		    (strcasestr(url, "municipality") != NULL || strcasestr(url, "nis") != NULL)) {
			z = fhir_zone_of_nis(in, fj_extension_text(address, url));
		}
	}
	return z != NULL ? z : zone_where(in, 1, fj_str(address, "city"));
}
