/* SPDX-License-Identifier: EUPL-1.2 */
#include "services/cli/paper.h"

#include <string.h>
#include <time.h>

#include "common/when.h"

#define GAP 2 /* between two columns */
#define NARROWEST 4
#define CODE_LEN_MAX 32 /* bytes; longer is no code */
#define WORD_WHOLE 11   /* a longer word may be parted at a syllable */
#define HEAD_LINES 4    /* title, moment, headings, rule */

struct grid {
	const struct cli *c;
	const struct column *cols;
	size_t len;
	size_t width[PAPER_CELLS_MAX];
	size_t least[PAPER_CELLS_MAX]; /* below it a code or a word would be cut */
};

/** The lines of one row, per cell. */
struct lines {
	char s[PAPER_CELLS_MAX][PAPER_CELL_LINES_MAX][4 * PAPER_COLUMNS + 1];
	size_t used[PAPER_CELLS_MAX];
	size_t most;
};

/* Bytes of @p s that fill @p columns. */
static size_t bytes_in(const char *s, size_t columns)
{
	size_t len = 0;
	size_t at = 0;

	while (s[len] != '\0') {
		size_t next = len + 1;
		while (((unsigned char)s[next] & 0xc0) == 0x80) {
			next++;
		}
		if (++at > columns) {
			break;
		}
		len = next;
	}
	return len;
}

static bool is_vowel(char ch)
{
	return ch != '\0' && strchr("aeiouy", ch) != NULL;
}

/* A part of a word, up to a hyphen of its own; a telephone number is one part. */
static size_t part_len(const struct column *col, const char *s)
{
	if (col->cell == CELL_PHONE) {
		return strlen(s);
	}
	size_t len = strcspn(s, " -");

	return len + (s[len] == '-');
}

/* A code, a number or a time may be dialled or typed: it stands whole. Words of people do not. */
static bool is_code(const struct column *col, const char *s)
{
	bool whole = col->cell == CELL_TEXT || col->cell == CELL_NUMBER || col->cell == CELL_PHONE;

	return part_len(col, s) <= CODE_LEN_MAX &&
	       (whole || strcspn(s, "0123456789") < part_len(col, s));
}

/* Where a word is parted that is too long for its column: before a syllable. */
static size_t syllable(const char *s, size_t most)
{
	for (size_t at = most; at > 2; at--) {
		if (!is_vowel(s[at]) && is_vowel(s[at + 1]) && (s[at] & 0x80) == 0 &&
		    s[at] != ' ') {
			return at;
		}
	}
	return most;
}

struct piece {
	size_t len;
	bool hyphen; /* is added: the word goes on */
};

/* Up to the last space or hyphen that fits; a code that is too long stands alone. */
static struct piece piece_of(const struct column *col, const char *s, size_t columns)
{
	size_t len = bytes_in(s, columns);
	size_t at = len;

	if (s[len] == '\0' || s[len] == ' ') {
		return (struct piece){ len, false };
	}
	if (col->cell == CELL_PHONE) {
		return (struct piece){ strlen(s), false };
	}
	while (at > 0 && s[at] != ' ' && s[at - 1] != '-') {
		at--;
	}
	if (at > 0) {
		return (struct piece){ at, false };
	}
	if (is_code(col, s)) {
		return (struct piece){ part_len(col, s), false };
	}
	return (struct piece){ syllable(s, bytes_in(s, columns - 1)), true };
}

static void break_cell(const struct grid *g, struct lines *l, size_t k, const char *s)
{
	size_t n = 0;

	while (*s != '\0' && n < PAPER_CELL_LINES_MAX) {
		struct piece p = piece_of(&g->cols[k], s, g->width[k]);
		(void)snprintf(l->s[k][n], sizeof(l->s[k][n]), "%.*s%s", (int)p.len, s,
			       p.hyphen ? "-" : "");
		s += p.len;
		s += strspn(s, " ");
		n++;
	}
	if (*s != '\0') {
		(void)snprintf(l->s[k][n - 1], sizeof(l->s[k][n - 1]), "...");
	}
	l->used[k] = n;
	l->most = n > l->most ? n : l->most;
}

static void break_row(const struct grid *g, json_t *row, struct lines *l)
{
	l->most = 1;
	for (size_t k = 0; k < g->len; k++) {
		const struct column *col = &g->cols[k];
		struct cell_text t = { "" };
		if (row == NULL) {
			(void)snprintf(t.s, sizeof(t.s), "%s", cli_text(g->c, col->nl, col->en));
		} else if (col->path[0] != '\0') {
			t = cell_text(g->c, row, col);
		}
		break_cell(g, l, k, t.s);
	}
}

static size_t grid_width(const struct grid *g)
{
	size_t all = g->len == 0 ? 0 : GAP * (g->len - 1);

	for (size_t k = 0; k < g->len; k++) {
		all += g->width[k];
	}
	return all;
}

/* What a text needs at least, for nothing of it to be cut that must stand whole. */
static size_t least_of(const struct column *col, const char *s)
{
	size_t most = NARROWEST;

	while (*s != '\0') {
		size_t len = part_len(col, s);
		char part[sizeof(struct cell_text)];
		(void)snprintf(part, sizeof(part), "%.*s", (int)len, s);
		size_t width = text_width(part);
		width = is_code(col, s) || width < WORD_WHOLE ? width : WORD_WHOLE;
		most = width > most ? width : most;
		s += len;
		s += strspn(s, " ");
	}
	return most;
}

static void column_fit(struct grid *g, size_t k, json_t *list)
{
	const struct column *col = &g->cols[k];
	const char *head = cli_text(g->c, col->nl, col->en);
	json_t *row;
	size_t i;

	g->width[k] = text_width(head);
	g->width[k] = g->width[k] < NARROWEST ? NARROWEST : g->width[k];
	g->least[k] = least_of(col, head);
	json_array_foreach (list, i, row) {
		struct cell_text t = cell_text(g->c, row, col);
		size_t w = text_width(t.s);
		size_t least = least_of(col, t.s);
		if (col->path[0] != '\0') {
			g->width[k] = w > g->width[k] ? w : g->width[k];
			g->least[k] = least > g->least[k] ? least : g->least[k];
		}
	}
}

/* As wide as their texts; then the widest give way until the page holds all, or until nothing can
 * give way any more: a line too long is better than half a number. */
static void grid_fit(struct grid *g, json_t *list)
{
	for (size_t k = 0; g->cols[k].nl != NULL; k++) {
		SK_ASSERT(k < PAPER_CELLS_MAX);
		g->len = k + 1;
		column_fit(g, k, list);
	}
	while (grid_width(g) > PAPER_COLUMNS) {
		size_t widest = g->len;
		for (size_t k = 0; k < g->len; k++) {
			bool wider = widest == g->len || g->width[k] > g->width[widest];
			widest = g->width[k] > g->least[k] && wider ? k : widest;
		}
		if (widest == g->len) {
			return;
		}
		g->width[widest]--;
	}
}

static void print_lines(const struct grid *g, const struct lines *l)
{
	for (size_t n = 0; n < l->most; n++) {
		size_t pending = 0; /* blanks that no text follows are not printed */
		for (size_t k = 0; k < g->len; k++) {
			const char *s = n < l->used[k] ? l->s[k][n] : "";
			if (s[0] != '\0') {
				(void)fprintf(g->c->out, "%*s%s", (int)pending, "", s);
				pending = 0;
			}
			size_t used = text_width(s);
			pending += (used < g->width[k] ? g->width[k] - used : 0) + GAP;
		}
		(void)fputc('\n', g->c->out);
	}
}

static void print_head(const struct grid *g, const struct paper *p, size_t page, size_t pages)
{
	const struct cli *c = g->c;
	char left[2 * PAPER_COLUMNS];
	char right[PAPER_COLUMNS];
	struct lines l = { 0 };

	(void)snprintf(left, sizeof(left), "%s, node %s", cli_text(c, p->title_nl, p->title_en),
		       p->node);
	(void)snprintf(right, sizeof(right), cli_text(c, "blad %zu van %zu", "page %zu of %zu"),
		       page, pages);
	size_t used = text_width(left) + text_width(right);
	(void)fprintf(c->out, "%s%s%*s%s\n", page > 1 ? "\f" : "", left,
		      used < PAPER_COLUMNS ? (int)(PAPER_COLUMNS - used) : 1, "", right);
	(void)fprintf(c->out, "%s %s\n", cli_text(c, "afgedrukt", "printed"),
		      when_show(p->at_ms, c->lang).s);
	break_row(g, NULL, &l);
	print_lines(g, &l);
	for (size_t i = 0; i < PAPER_COLUMNS; i++) {
		(void)fputc('-', c->out);
	}
	(void)fputc('\n', c->out);
}

uint64_t paper_now(void)
{
	struct timespec now = { 0 };

	(void)clock_gettime(CLOCK_REALTIME, &now);
	return (uint64_t)now.tv_sec * 1000;
}

/* Walks the rows page by page; prints when @p pages is known. @return how many pages there are. */
static size_t walk(const struct grid *g, const struct paper *p, json_t *list, size_t pages)
{
	struct lines head = { 0 };
	size_t page = 1;
	json_t *row;
	size_t i;

	break_row(g, NULL, &head);
	size_t room = PAPER_LINES - HEAD_LINES - (head.most - 1);
	size_t used = 0;
	if (pages != 0) {
		print_head(g, p, 1, pages);
	}
	json_array_foreach (list, i, row) {
		struct lines l = { 0 };
		break_row(g, row, &l);
		if (used + l.most > room) {
			page++;
			used = 0;
			if (pages != 0) {
				print_head(g, p, page, pages);
			}
		}
		used += l.most + 1;
		if (pages != 0) {
			print_lines(g, &l);
			(void)fputc('\n', g->c->out);
		}
	}
	return page;
}

void paper_table(const struct cli *c, const struct paper *p, json_t *doc, const char *rows,
		 const struct column *cols)
{
	json_t *list = json_at(doc, rows);
	struct grid g = { .c = c, .cols = cols };

	grid_fit(&g, list);
	(void)walk(&g, p, list, walk(&g, p, list, 0));
	if (json_array_size(list) == 0) {
		(void)fprintf(c->out, "%s\n",
			      cli_text(c, "Er staat niets op deze lijst.",
				       "There is nothing on this list."));
	}
}
