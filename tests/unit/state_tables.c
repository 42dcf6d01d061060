/* SPDX-License-Identifier: EUPL-1.2 */
#include "tests/unit/state_tables.h"

#include <string.h>

#include "common/err.h"

static const struct {
	const struct state_table *table;
	const size_t *len;
} daemons[] = {
	{ intake_tables, &intake_tables_len },
	{ matching_tables, &matching_tables_len },
	{ waitlist_tables, &waitlist_tables_len },
};

const struct state_table *state_table_at(size_t i)
{
	for (size_t d = 0; d < SK_LEN(daemons); d++) {
		if (i < *daemons[d].len) {
			return &daemons[d].table[i];
		}
		i -= *daemons[d].len;
	}
	return NULL;
}

/* The words that all states of an enumeration begin with are its own name. */
static size_t prefix_len(const ProtobufCEnumDescriptor *d)
{
	const char *zero = d->values[0].name;

	return strlen(zero) - strlen("UNSPECIFIED");
}

const char *state_word(const struct state_table *t, int state)
{
	const ProtobufCEnumValue *v = protobuf_c_enum_descriptor_get_value(t->states, state);

	if (v == NULL || v->value == 0) {
		return "(none)";
	}
	return v->name + prefix_len(t->states);
}

static void row_print(FILE *out, const struct state_table *t, int from)
{
	size_t listed = 0;

	(void)fprintf(out, "| %s | ", state_word(t, from));
	for (size_t on = 0; on < t->events_len; on++) {
		int to = 0;
		if (t->next(from, (int)on, &to) != SK_OK) {
			continue;
		}
		(void)fprintf(out, "%s%s → **%s**", listed > 0 ? "; " : "", t->events[on],
			      state_word(t, to));
		listed++;
	}
	(void)fprintf(out, "%s |\n", listed == 0 ? "nothing: it has ended" : "");
}

static bool has_edges(const struct state_table *t, int from)
{
	for (size_t on = 0; on < t->events_len; on++) {
		int to = 0;
		if (t->next(from, (int)on, &to) == SK_OK) {
			return true;
		}
	}
	return false;
}

void state_tables_print(FILE *out)
{
	const struct state_table *t;

	for (size_t i = 0; (t = state_table_at(i)) != NULL; i++) {
		(void)fprintf(out, "\n**%s**\n\n| state | what happens → next state |\n|---|---|\n",
			      t->name);
		for (unsigned v = 0; v < t->states->n_values; v++) {
			int from = t->states->values[v].value;
			if (from != 0 || has_edges(t, 0)) {
				row_print(out, t, from);
			}
		}
	}
	(void)fprintf(out, "\n");
}
