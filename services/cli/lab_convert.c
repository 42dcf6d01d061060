/* SPDX-License-Identifier: EUPL-1.2 */
#include "services/cli/lab_convert.h"

#include <stdlib.h>
#include <string.h>

#include "services/cli/infile.h"
#include "services/cli/lab.h"
#include "services/cli/lab_numbers.h"

const struct option lab_convert_options[] = {
	{ "number", "N", "gap: de hoeveelste opgave in het bestand (1)",
	  "gap: which problem of the file (1)" },
	{ "max", NULL, "gap: de opgave vraagt het meeste in plaats van het minste",
	  "gap: the problem asks for the most, not the least" },
	{ 0 },
};

struct convert {
	struct cli *c;
	FILE *out;
	struct lab_numbers n;
	struct file_error e;
	uint32_t rows, cols; /* the two sizes in its head */
	uint32_t wanted;     /* gap */
	bool most;           /* gap */
};

static int whole(struct convert *v, uint32_t max, uint32_t *ret_v)
{
	return lab_numbers_whole(&v->n, max, ret_v, &v->e);
}

static int head(struct convert *v, uint32_t rows_max, uint32_t cols_max)
{
	int err = whole(v, rows_max, &v->rows);

	return err == SK_OK ? whole(v, cols_max, &v->cols) : err;
}

static int too_early(struct convert *v)
{
	v->n.at = v->n.len;
	uint32_t none = 0;
	return whole(v, 0, &none);
}

/* Whether so many numbers are left. */
static bool has(const struct convert *v, uint64_t count)
{
	return count <= v->n.len - v->n.at;
}

static int at_end(struct convert *v)
{
	if (v->n.at == v->n.len) {
		return SK_OK;
	}
	return file_error_set(&v->e, v->n.list[v->n.at].line,
			      "hier hoort het bestand op te houden; kijk of de soort klopt",
			      "the file should end here; see whether it is of that kind");
}

/* A number from 1 to @p max: which row or column is meant. */
static int which(struct convert *v, uint32_t max, uint32_t *ret_v)
{
	int err = whole(v, max, ret_v);

	if (err == SK_OK && *ret_v == 0) {
		return file_error_set(&v->e, v->n.list[v->n.at - 1].line,
				      "hier hoort een getal van 1 tot %u; kijk of de soort klopt",
				      "a number of 1 to %u belongs here; see whether it is of that "
				      "kind",
				      max);
	}
	return err;
}

static void title(struct convert *v, const char *what)
{
	(void)fprintf(v->out, "schakel-lab 1\n# %s: %u x %u\n", what, v->rows, v->cols);
}

/* --- set cover: a row is a need without hours, a column a partner with one offer --- */

static void column(struct convert *v, uint32_t col, uint32_t cost)
{
	(void)fprintf(v->out, "partner c%u cost %u\noffer c%u partner c%u hours 0\n", col, cost,
		      col, col);
}

static void rows(struct convert *v)
{
	for (uint32_t i = 1; i <= v->rows; i++) {
		(void)fprintf(v->out, "need r%u hours 0\n", i);
	}
}

/* OR-Library scp: m, n; cost of each column; for each row how many columns cover it, and which. */
static int scp(struct convert *v)
{
	int err = head(v, LAB_NEEDS_MAX, LAB_OFFERS_MAX);
	uint32_t n = 0;
	uint32_t col = 0;

	if (err == SK_OK) {
		title(v, "set cover");
		rows(v);
	}
	for (uint32_t i = 1; i <= v->cols && err == SK_OK; i++) {
		err = whole(v, LAB_NUMBER_MAX, &n);
		column(v, i, n);
	}
	for (uint32_t row = 1; row <= v->rows && err == SK_OK; row++) {
		err = whole(v, v->cols, &n);
		for (uint32_t i = 0; i < n && err == SK_OK; i++) {
			err = which(v, v->cols, &col);
			(void)fprintf(v->out, "pair r%u c%u\n", row, col);
		}
	}
	return err == SK_OK ? at_end(v) : err;
}

/* OR-Library rail: m, n; for each column its cost, how many rows it covers, and which. */
static int rail(struct convert *v)
{
	int err = head(v, LAB_NEEDS_MAX, LAB_OFFERS_MAX);
	uint32_t cost = 0;
	uint32_t n = 0;
	uint32_t row = 0;

	if (err == SK_OK) {
		title(v, "set cover (rail)");
		rows(v);
	}
	for (uint32_t col = 1; col <= v->cols && err == SK_OK; col++) {
		err = whole(v, LAB_NUMBER_MAX, &cost);
		if (err == SK_OK) {
			err = whole(v, v->rows, &n);
		}
		column(v, col, cost);
		for (uint32_t i = 0; i < n && err == SK_OK; i++) {
			err = which(v, v->rows, &row);
			(void)fprintf(v->out, "pair r%u c%u\n", row, col);
		}
	}
	return err == SK_OK ? at_end(v) : err;
}

/* --- facility location: a site is a partner with one offer, a customer a need --- */

/* Where the numbers stand, and with how many decimals: hours and costs each have one scale. */
struct sites {
	uint32_t sites, demands, demand_step, costs, site_step, customer_step;
	uint8_t hours, money;
};

static int site_lines(struct convert *v, const struct sites *s)
{
	uint32_t hours = 0;
	uint32_t cost = 0;
	int err = SK_OK;

	for (uint32_t i = 0; i < v->rows && err == SK_OK; i++) {
		err = lab_numbers_scaled(&v->n, s->sites + 2 * i, s->hours, &hours, &v->e);
		if (err == SK_OK) {
			err = lab_numbers_scaled(&v->n, s->sites + 2 * i + 1, s->money, &cost,
						 &v->e);
		}
		(void)fprintf(v->out, "partner s%u cost %u\noffer s%u partner s%u hours %u\n",
			      i + 1, cost, i + 1, i + 1, hours);
	}
	return err;
}

static int customer(struct convert *v, const struct sites *s, uint32_t at)
{
	uint32_t n = 0;
	int err = lab_numbers_scaled(&v->n, s->demands + at * s->demand_step, s->hours, &n, &v->e);

	(void)fprintf(v->out, "need k%u hours %u\n", at + 1, n);
	for (uint32_t i = 0; i < v->rows && err == SK_OK; i++) {
		err = lab_numbers_scaled(&v->n, s->costs + at * s->customer_step + i * s->site_step,
					 s->money, &n, &v->e);
		(void)fprintf(v->out, "pair k%u s%u cost %u\n", at + 1, i + 1, n);
	}
	return err;
}

static uint8_t larger(uint8_t a, uint8_t b)
{
	return a > b ? a : b;
}

static uint8_t money_of(const struct convert *v, const struct sites *s)
{
	uint8_t most = lab_numbers_decimals(&v->n, s->sites + 1, v->rows, 2);

	for (uint32_t k = 0; k < v->cols; k++) {
		most = larger(most, lab_numbers_decimals(&v->n, s->costs + k * s->customer_step,
							 v->rows, s->site_step));
	}
	return most;
}

static int sites(struct convert *v, bool by_site)
{
	int err = head(v, LAB_OFFERS_MAX, LAB_NEEDS_MAX);
	uint64_t m = v->rows;
	uint64_t n = v->cols;

	if (err != SK_OK) {
		return err;
	}
	if (!has(v, 2 * m + n + m * n)) {
		return too_early(v);
	}
	struct sites s = { .sites = v->n.at, .demands = v->n.at + 2 * v->rows };
	s.demand_step = by_site ? 1 : v->rows + 1;
	s.costs = by_site ? s.demands + v->cols : s.demands + 1;
	s.site_step = by_site ? v->cols : 1;
	s.customer_step = by_site ? 1 : v->rows + 1;
	s.hours = larger(lab_numbers_decimals(&v->n, s.sites, v->rows, 2),
			 lab_numbers_decimals(&v->n, s.demands, v->cols, s.demand_step));
	s.money = money_of(v, &s);
	title(v, "facility location");
	(void)fprintf(v->out, "# costs times 10^%u, hours times 10^%u\n", s.money, s.hours);
	err = site_lines(v, &s);
	for (uint32_t i = 0; i < v->cols && err == SK_OK; i++) {
		err = customer(v, &s, i);
	}
	v->n.at += (uint32_t)(2 * m + n + m * n);
	return err == SK_OK ? at_end(v) : err;
}

/* OR-Library cap: m sites, n customers; capacity and fixed cost of each site; for each customer its
 * demand and then the cost of all of it from each site. */
static int cflp(struct convert *v)
{
	return sites(v, false);
}

/* Holmberg: the same head and sites; then all demands; then for each site the cost of each
 * customer. */
static int holmberg(struct convert *v)
{
	return sites(v, true);
}

/* --- generalised assignment: an agent is a partner with one offer, a job a need --- */

static int job(struct convert *v, uint32_t at, uint32_t job_at, uint64_t top)
{
	uint32_t costs = at + job_at;
	uint32_t hours = at + v->rows * v->cols + job_at;
	uint32_t cost = 0;
	uint32_t takes = 0;
	int err = SK_OK;

	(void)fprintf(v->out, "need j%u hours 0\n", job_at + 1);
	for (uint32_t i = 0; i < v->rows && err == SK_OK; i++) {
		err = lab_numbers_scaled(&v->n, costs + i * v->cols, 0, &cost, &v->e);
		if (err == SK_OK) {
			err = lab_numbers_scaled(&v->n, hours + i * v->cols, 0, &takes, &v->e);
		}
		(void)fprintf(v->out, "pair j%u a%u cost %u hours %u\n", job_at + 1, i + 1,
			      v->most ? (uint32_t)top - cost : cost, takes);
	}
	return err;
}

static int no_decimals(struct convert *v, uint32_t from, uint32_t len, uint64_t *ret_top)
{
	*ret_top = 0;
	for (uint32_t i = from; i < from + len; i++) {
		const struct lab_decimal *d = &v->n.list[i];
		if (d->decimals > 0 || d->digits > LAB_NUMBER_MAX) {
			v->n.at = i;
			uint32_t none = 0;
			return whole(v, LAB_NUMBER_MAX, &none);
		}
		*ret_top = d->digits > *ret_top ? d->digits : *ret_top;
	}
	return SK_OK;
}

static int assignment(struct convert *v)
{
	uint32_t at = v->n.at;
	uint32_t cells = v->rows * v->cols;
	uint64_t all = 0;
	uint64_t top = 0;
	uint32_t hours = 0;
	int err = no_decimals(v, at, 2 * cells + v->rows, &all);

	if (err == SK_OK) {
		err = no_decimals(v, at, cells, &top);
	}
	if (err != SK_OK) {
		return err;
	}
	title(v, "generalised assignment");
	if (v->most) {
		(void)fprintf(v->out, "# most: %llu less the objective here\n",
			      (unsigned long long)top * v->cols);
	}
	for (uint32_t i = 0; i < v->rows && err == SK_OK; i++) {
		err = lab_numbers_scaled(&v->n, at + 2 * cells + i, 0, &hours, &v->e);
		(void)fprintf(v->out, "partner a%u\noffer a%u partner a%u hours %u\n", i + 1, i + 1,
			      i + 1, hours);
	}
	for (uint32_t i = 0; i < v->cols && err == SK_OK; i++) {
		err = job(v, at, i, top);
	}
	return err;
}

static int sizes(struct convert *v, uint64_t *ret_numbers)
{
	int err = head(v, LAB_OFFERS_MAX, LAB_NEEDS_MAX);

	*ret_numbers = 2 * (uint64_t)v->rows * v->cols + v->rows;
	if (err == SK_OK && !has(v, *ret_numbers)) {
		return too_early(v);
	}
	return err;
}

/* OR-Library gap: how many problems; each with m agents and n jobs, the cost of each job at each
 * agent, the hours of each job at each agent, the hours of each agent. A file of one problem may
 * leave out how many there are. */
static int gap(struct convert *v)
{
	uint64_t numbers = 0;
	uint32_t problems = 1;
	int err = SK_OK;

	if (v->n.len < 2 || v->n.list[0].digits > LAB_OFFERS_MAX ||
	    v->n.list[1].digits > LAB_NEEDS_MAX ||
	    v->n.len != 2 + v->n.list[0].digits * (2 * v->n.list[1].digits + 1)) {
		err = whole(v, LAB_NEEDS_MAX, &problems);
	}
	if (err == SK_OK && (v->wanted == 0 || v->wanted > problems)) {
		return file_error_set(&v->e, 1, "het bestand heeft %u opgaven; kies met --number",
				      "the file has %u problems; choose with --number", problems);
	}
	for (uint32_t i = 1; i < v->wanted && err == SK_OK; i++) {
		err = sizes(v, &numbers);
		v->n.at += err == SK_OK ? (uint32_t)numbers : 0;
	}
	if (err == SK_OK) {
		err = sizes(v, &numbers);
	}
	return err == SK_OK ? assignment(v) : err;
}

static const struct {
	const char *name;
	int (*convert)(struct convert *v);
} kinds[] = {
	{ "scp", scp },           { "rail", rail }, { "cflp", cflp },
	{ "holmberg", holmberg }, { "gap", gap },
};

static int run(struct convert *v, const char *kind, const char *bytes, size_t len)
{
	int err = lab_numbers_read(bytes, len, &v->n, &v->e);

	for (size_t i = 0; i < SK_LEN(kinds) && err == SK_OK; i++) {
		if (strcmp(kinds[i].name, kind) == 0) {
			err = kinds[i].convert(v);
		}
	}
	return err;
}

/* Nothing is written before all of it was read: half a problem would be another problem. */
static int convert(struct convert *v, const char *kind, const char *path)
{
	char *bytes = NULL;
	char *text = NULL;
	size_t len = 0;
	size_t text_len = 0;
	int rc = lab_bytes(v->c, path, &bytes, &len);

	if (rc != CLI_DONE) {
		return rc;
	}
	v->out = open_memstream(&text, &text_len);
	int err = v->out == NULL ? SK_ENOMEM : run(v, kind, bytes, len);
	if (v->out != NULL) {
		bool whole_text = ferror(v->out) == 0;
		whole_text = fclose(v->out) == 0 && whole_text;
		err = err == SK_OK && !whole_text ? SK_ENOMEM : err;
	}
	if (err == SK_OK) {
		(void)fwrite(text, 1, text_len, v->c->out);
	} else {
		rc = err == SK_EPROTO ? infile_say(v->c, path, &v->e) : cli_fail(v->c, path, err);
	}
	free(text);
	free(bytes);
	lab_numbers_free(&v->n);
	return rc;
}

int cmd_lab_convert(struct cli *c)
{
	struct convert v = { .c = c, .wanted = 1, .most = cli_flag(c, "max") };
	int rc = cli_opt_u32(c, "number", LAB_NEEDS_MAX, &v.wanted);
	bool known = false;

	for (size_t i = 0; i < SK_LEN(kinds); i++) {
		known = known || strcmp(kinds[i].name, c->arg[0]) == 0;
	}
	if (rc == CLI_DONE && !known) {
		return cli_usage(c, "\"%s\" is niet bekend; kies scp, rail, cflp, holmberg of gap",
				 "\"%s\" is not known; choose scp, rail, cflp, holmberg or gap",
				 c->arg[0]);
	}
	return rc == CLI_DONE ? convert(&v, c->arg[0], c->arg[1]) : rc;
}
