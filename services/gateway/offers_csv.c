/* SPDX-License-Identifier: EUPL-1.2 */
/* GET and POST /api/v1/offers.csv: the own offers as a table to change and send back. */
#include <string.h>

#include "services/gateway/hsds.h"
#include "services/gateway/offer_send.h"
#include "services/gateway/offers_table.h"

void offers_csv_get(struct web *w)
{
	const char *asked = web_query(w, "partner");
	const char *partner = asked != NULL ? asked : w->who.party;
	struct offer_work k;
	struct slice csv;

	if (!offer_work_open(&k, w, partner)) {
		return;
	}
	int err = offers_table_write(&k.arena, &k.pools, partner, w->lang, &csv);
	struct slice body = { NULL, csv.len };
	if (err == SK_OK) {
		body.data = arena_dup(&w->arena, csv.data, csv.len);
	}
	offer_work_done(&k);
	if (body.data == NULL) {
		hsds_import_busy(w);
		return;
	}
	web_head(w, "Content-Disposition",
		 w->lang == LANG_NL ? "attachment; filename=\"aanbod.csv\"" :
				      "attachment; filename=\"offers.csv\"");
	web_body(w, 200, "text/csv; charset=utf-8", body);
}

/* What does not read is told as a refused row is: with its line, where it has one. */
static void unreadable(struct offer_work *k, struct web *w, const struct file_error *e)
{
	struct offer_row row = { .row = e->line };

	if (e->line == 0) {
		web_file_problem(w, OFFER_PROBLEM_STATUS, e);
		return;
	}
	offer_refuse(&k->arena, &row, e);
	k->list = (struct offer_list){ &k->arena, &row, 1 };
	web_json_as(w, OFFER_PROBLEM_STATUS, "application/problem+json",
		    offer_problem(&k->list, w->path, w->lang));
	k->list.len = 0;
}

void offers_csv_post(struct web *w)
{
	struct offer_work k;
	struct jsonin in = { 0 };
	struct file_error e = { 0 };

	if (!offer_work_open(&k, w, "")) {
		return;
	}
	struct offers_node n = { w->conf, &k.pools, w->who.party, offer_for_all(w) };
	int err = capacity_file_read(&in, &k.arena, w->body, FILE_CSV, &e);
	if (err == SK_OK) {
		err = offers_table_read(&in, &n, &k.list, &e);
	}
	if (err == SK_OK) {
		offer_answer(&k, w);
	} else if (err == SK_EPROTO) {
		unreadable(&k, w, &e);
	} else {
		hsds_import_busy(w);
	}
	jsonin_done(&in);
	offer_work_done(&k);
}
