/* SPDX-License-Identifier: EUPL-1.2 */
#include "services/cli/paper.h"

#include <string.h>
#include <time.h>

#include "services/cli/when.h"

#define GAP 2 /* between two columns */
#define NARROWEST 4
#define HEAD_LINES 4 /* title, moment, headings, rule */

struct grid {
	const struct cli *c;
	const struct column *cols;
	size_t len;
	size_t width[PAPER_CELLS_MAX];
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

/* Up to the last space that fits; a word that is too long is cut. */
static size_t line_len(const char *s, size_t columns)
{
	size_t len = bytes_in(s, columns);
	size_t space = len;

	if (s[len] == '\0' || s[len] == ' ') {
		return len;
	}
	while (space > 0 && s[space] != ' ') {
		space--;
	}
	return space > 0 ? space : len;
}

static void break_cell(struct lines *l, size_t k, const char *s, size_t columns)
{
	size_t n = 0;

	while (*s != '\0' && n < PAPER_CELL_LINES_MAX) {
		size_t len = line_len(s, columns);
		(void)snprintf(l->s[k][n], sizeof(l->s[k][n]), "%.*s", (int)len, s);
		s += len;
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
		break_cell(l, k, t.s, g->width[k]);
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

/* As wide as their texts; then the widest give way until the page holds all. */
static void grid_fit(struct grid *g, json_t *list)
{
	json_t *row;
	size_t i;

	for (size_t k = 0; g->cols[k].nl != NULL; k++) {
		SK_ASSERT(k < PAPER_CELLS_MAX);
		g->len = k + 1;
		g->width[k] = text_width(cli_text(g->c, g->cols[k].nl, g->cols[k].en));
		g->width[k] = g->width[k] < NARROWEST ? NARROWEST : g->width[k];
		json_array_foreach (list, i, row) {
			size_t w = text_width(cell_text(g->c, row, &g->cols[k]).s);
			g->width[k] = g->cols[k].path[0] != '\0' && w > g->width[k] ? w :
										      g->width[k];
		}
	}
	while (grid_width(g) > PAPER_COLUMNS) {
		size_t widest = 0;
		for (size_t k = 1; k < g->len; k++) {
			widest = g->width[k] > g->width[widest] ? k : widest;
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
			pending += g->width[k] - text_width(s) + GAP;
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
