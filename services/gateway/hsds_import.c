/* SPDX-License-Identifier: EUPL-1.2 */
/* POST /hsds/import: a directory, checked whole and then sent, with a report row by row. */
#include <stdio.h>
#include <stdlib.h>

#include "services/gateway/hsds.h"
#include "services/gateway/hsds_map.h"
#include "services/gateway/offer_send.h"

#define SYNONYMS_BYTES_MAX (1U << 20)

static inline void close_file_p(FILE **f)
{
	if (*f != NULL) {
		(void)fclose(*f);
	}
}

/* The node's own synonyms; most nodes have none. */
static struct slice own_words(struct offer_work *k, const struct conf *c)
{
	char path[CONF_PATH_MAX + 20];
	struct slice none = { NULL, 0 };

	(void)snprintf(path, sizeof(path), "%s/" HSDS_SYNONYMS_FILE, c->dir);
	__attribute__((cleanup(close_file_p))) FILE *f = fopen(path, "re");
	char *bytes = f == NULL ? NULL : arena_alloc(&k->arena, SYNONYMS_BYTES_MAX);
	if (bytes == NULL) {
		return none;
	}
	return (struct slice){ bytes, fread(bytes, 1, SYNONYMS_BYTES_MAX, f) };
}

static void words_are_wrong(struct web *w, const struct file_error *e)
{
	struct problem p = { 500, "CONFIGURATION", e->field, NULL, NULL };

	p.nl = web_printf(w, "%s van deze node, regel %u, %s: %s", HSDS_SYNONYMS_FILE, e->line,
			  e->field, e->nl);
	p.en = web_printf(w, "%s of this node, line %u, %s: %s", HSDS_SYNONYMS_FILE, e->line,
			  e->field, e->en);
	web_problem(w, &p);
}

void hsds_import_busy(struct web *w)
{
	static const struct problem p = { 503, "BUSY", NULL,
					  "dit lukt nu niet; er is niets ingevoerd, probeer het zo "
					  "dadelijk opnieuw",
					  "this does not work now; nothing was imported, try again "
					  "in a moment" };

	web_problem(w, &p);
}

static void import_feed(struct offer_work *k, struct web *w, const struct hsds_node *n)
{
	struct hsds_feed *f = arena_alloc(&k->arena, sizeof(*f));
	struct file_error e = { 0 };
	int err = f == NULL ? SK_ENOMEM : hsds_feed_open(f, &k->arena, w->body, &e);

	if (err == SK_EPROTO) {
		web_file_problem(w, 422, &e);
		return;
	}
	if (err != SK_OK) {
		hsds_import_busy(w);
		return;
	}
	err = hsds_map(f, n, &k->list);
	if (err == SK_OK) {
		offer_answer(k, w);
	} else {
		hsds_import_busy(w);
	}
	hsds_feed_done(f);
}

void hsds_import_post(struct web *w)
{
	static const struct problem nobody = { 422, "UNKNOWN_OBJECT", "partner",
					       "deze partner is er niet; geef zijn id uit "
					       "parties.ini",
					       "this partner is not there; give its id of "
					       "parties.ini" };
	const char *partner = web_query(w, "partner");
	struct offer_work k;
	struct hsds_words words;
	struct file_error e = { 0 };

	if (partner != NULL && conf_party(w->conf, partner) == NULL) {
		web_problem(w, &nobody);
		return;
	}
	if (!offer_work_open(&k, w, "")) {
		return;
	}
	int err = hsds_words_open(&words, w->conf, &k.arena, own_words(&k, w->conf), &e);
	if (err == SK_EPROTO) {
		words_are_wrong(w, &e);
	} else if (err != SK_OK) {
		hsds_import_busy(w);
	} else {
		struct hsds_node n = { w->conf,          &words,  &k.pools, w->who.party,
				       offer_for_all(w), partner, k.now_ms };
		import_feed(&k, w, &n);
		hsds_words_done(&words);
	}
	offer_work_done(&k);
}
