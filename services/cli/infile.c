/* SPDX-License-Identifier: EUPL-1.2 */
#include "services/cli/infile.h"

#include <errno.h>
#include <string.h>

static inline void close_file_p(FILE **f)
{
	if (*f != NULL && *f != stdin) {
		(void)fclose(*f);
	}
}

int infile_load(struct cli *c, const char *path, struct slice *ret_bytes)
{
	__attribute__((cleanup(close_file_p))) FILE *f = strcmp(path, "-") == 0 ? stdin :
										  fopen(path, "re");

	if (f == NULL) {
		cli_say(c, "%s: het bestand gaat niet open: %s", "%s: the file does not open: %s",
			path, strerror(errno));
		return CLI_USAGE;
	}
	char *buf = cli_alloc(c, INFILE_BYTES_MAX + 1);
	size_t len = fread(buf, 1, INFILE_BYTES_MAX + 1, f);
	if (ferror(f) != 0) {
		cli_say(c, "%s: het lezen mislukt: %s", "%s: reading failed: %s", path,
			strerror(errno));
		return CLI_USAGE;
	}
	if (len > INFILE_BYTES_MAX) {
		cli_say(c, "%s: het bestand is groter dan %u bytes; splits het",
			"%s: the file is larger than %u bytes; split it", path, INFILE_BYTES_MAX);
		return CLI_USAGE;
	}
	*ret_bytes = (struct slice){ .data = buf, .len = len };
	return CLI_DONE;
}

static bool is_table(const char *path)
{
	size_t len = strlen(path);

	return len > 4 && strcmp(path + len - 4, ".csv") == 0;
}

int infile_say(struct cli *c, const char *path, const struct file_error *e)
{
	const char *name = strcmp(path, "-") == 0 ? cli_text(c, "invoer", "input") : path;
	const char *text = cli_text(c, e->nl, e->en);

	if (e->line == 0) {
		cli_say(c, "%s: %s", "%s: %s", name, text);
	} else if (e->field[0] == '\0') {
		cli_say(c, "%s: regel %u: %s", "%s: line %u: %s", name, e->line, text);
	} else if (is_table(path)) {
		cli_say(c, "%s: regel %u, kolom %s: %s", "%s: line %u, column %s: %s", name,
			e->line, e->field, text);
	} else {
		cli_say(c, "%s: regel %u, veld %s: %s", "%s: line %u, field %s: %s", name, e->line,
			e->field, text);
	}
	return CLI_USAGE;
}
