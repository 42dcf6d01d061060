/* SPDX-License-Identifier: EUPL-1.2 */
/* A problem of the lab out of its file: bytes, lines, words. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "services/cli/infile.h"
#include "services/cli/lab_read.h"

static inline void close_file_p(FILE **f)
{
	if (*f != NULL && *f != stdin) {
		(void)fclose(*f);
	}
}

/* Room doubles from 64 KiB on; one byte stays free behind the last. */
static int read_all(FILE *f, char **ret_bytes, size_t *ret_len)
{
	size_t room = 65536;
	size_t len = 0;
	char *bytes = malloc(room + 1);

	while (bytes != NULL) {
		len += fread(bytes + len, 1, room - len, f);
		if (len < room || room > LAB_BYTES_MAX) {
			break;
		}
		room *= 2;
		char *wider = realloc(bytes, room + 1);
		if (wider == NULL) {
			free(bytes);
		}
		bytes = wider;
	}
	if (bytes == NULL) {
		return SK_ENOMEM;
	}
	*ret_bytes = bytes;
	*ret_len = len;
	return ferror(f) != 0 ? SK_ESYS : SK_OK;
}

int lab_bytes(struct cli *c, const char *path, char **ret_bytes, size_t *ret_len)
{
	__attribute__((cleanup(close_file_p))) FILE *f = strcmp(path, "-") == 0 ? stdin :
										  fopen(path, "re");
	char *bytes = NULL;
	size_t len = 0;

	if (f == NULL) {
		cli_say(c, "%s: het bestand gaat niet open: %s", "%s: the file does not open: %s",
			path, strerror(errno));
		return CLI_USAGE;
	}
	int err = read_all(f, &bytes, &len);
	if (err == SK_OK && len <= LAB_BYTES_MAX) {
		*ret_bytes = bytes;
		*ret_len = len;
		return CLI_DONE;
	}
	free(bytes);
	if (err != SK_OK) {
		cli_say(c, "%s: het lezen mislukt: %s", "%s: reading failed: %s", path,
			err == SK_ENOMEM ? sk_strerror(err) : strerror(errno));
		return CLI_USAGE;
	}
	cli_say(c, "%s: het bestand is groter dan %u bytes; maak de opgave kleiner",
		"%s: the file is larger than %u bytes; make the problem smaller", path,
		LAB_BYTES_MAX);
	return CLI_USAGE;
}

/* Cuts a line in words where it stands; what follows a # is comment. */
static int cut(struct lab_reader *r, char *line)
{
	r->words = 0;
	line[strcspn(line, "#")] = '\0';
	for (char *at = line + strspn(line, " \t\r"); *at != '\0'; at += strspn(at, " \t\r")) {
		if (r->words == LAB_WORDS_MAX) {
			return lab_wrong(r, r->word[0], "meer dan %u woorden; splits de regel",
					 "more than %u words; split the line", LAB_WORDS_MAX);
		}
		r->word[r->words++] = at;
		at += strcspn(at, " \t\r");
		if (*at != '\0') {
			*at++ = '\0';
		}
	}
	return SK_OK;
}

static int read_line(struct lab_reader *r, char *line, size_t len)
{
	line[len] = '\0';
	if (len > LAB_LINE_MAX) {
		return lab_wrong(r, "line", "meer dan %u bytes; splits de regel",
				 "more than %u bytes; split the line", LAB_LINE_MAX);
	}
	if (strlen(line) != len) {
		return lab_wrong(r, "line", "bevat een byte nul; bewaar het bestand als tekst",
				 "holds a byte zero; save the file as text");
	}
	int err = cut(r, line);
	return err == SK_OK && r->words > 0 ? lab_statement(r) : err;
}

static int read_lines(struct lab_reader *r, char *bytes, size_t len)
{
	char *end = bytes + len;
	int err = SK_OK;

	for (char *at = bytes; at < end && err == SK_OK;) {
		char *stop = memchr(at, '\n', (size_t)(end - at));
		size_t n = (size_t)((stop == NULL ? end : stop) - at);
		r->line++;
		err = read_line(r, at, n);
		at += n + 1;
	}
	if (err != SK_OK) {
		return err;
	}
	if (!r->headed) {
		r->line = r->line == 0 ? 1 : r->line;
		return lab_wrong(r, "schakel-lab", "het bestand begint met: schakel-lab 1",
				 "the file begins with: schakel-lab 1");
	}
	return r->l->needs_len > 0 ?
		       SK_OK :
		       lab_wrong(r, "need", "er is geen nood; schrijf: need NAME hours N",
				 "there is no need; write: need NAME hours N");
}

static void fill_team_max(struct lab *l)
{
	for (uint32_t i = 0; i < l->requests_len; i++) {
		if (l->requests[i].team_max == LAB_NONE) {
			l->requests[i].team_max = l->team_max;
		}
	}
}

int lab_read(struct lab *l, char *bytes, size_t len, struct file_error *ret_error)
{
	struct lab_reader *r = calloc(1, sizeof(*r));
	int err = SK_ENOMEM;

	*l = (struct lab){ .bytes = bytes, .team_max = LAB_NONE };
	if (r != NULL) {
		r->l = l;
		r->e = ret_error;
		r->seen = calloc(LAB_EXPERTISES_MAX, sizeof(*r->seen));
		err = r->seen == NULL ? SK_ENOMEM : read_lines(r, bytes, len);
		free(r->seen);
	}
	free(r);
	l->expertises_len = l->names[LAB_NAME_EXPERTISE].len;
	fill_team_max(l);
	return err == SK_OK ? lab_pairs(l, ret_error) : err;
}

int lab_load(struct cli *c, const char *path, struct lab *l)
{
	struct file_error e = { 0 };
	char *bytes = NULL;
	size_t len = 0;

	*l = (struct lab){ 0 };
	int rc = lab_bytes(c, path, &bytes, &len);
	if (rc != CLI_DONE) {
		return rc;
	}
	int err = lab_read(l, bytes, len, &e);
	if (err == SK_EPROTO) {
		return infile_say(c, path, &e);
	}
	return err == SK_OK ? CLI_DONE : cli_fail(c, path, err);
}

void lab_free(struct lab *l)
{
	free(l->bytes);
	free(l->partners);
	free(l->offers);
	free(l->requests);
	free(l->needs);
	free(l->skills);
	free(l->held);
	free(l->links);
	free(l->ties);
	free(l->pairs);
	for (size_t i = 0; i < LAB_NAMES_KINDS; i++) {
		lab_names_free(&l->names[i]);
	}
	*l = (struct lab){ 0 };
}
