/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  What words of an HSDS feed mean on this node: places of Flanders (NIS, postal code,
 * name), the node's own zones, expertises and partners, and the synonyms that it wrote down in
 * hsds.csv. Pure. Ownership: heap, hsds_words_done(). Case and spaces at the ends do not matter. */
#include <jansson.h>

#include "common/conf.h"
#include "common/textfile.h"

#define HSDS_WORD_MAX 200      /* bytes of a text that can be a name; longer ones are prose */
#define HSDS_SYNONYMS_MAX 5000 /* rows of hsds.csv */
#define HSDS_SYNONYMS_FILE "hsds.csv"

struct hsds_words {
	const struct conf *conf;
	json_t *zone;      /* text -> bits of conf->zones */
	json_t *expertise; /* text -> number */
	json_t *partner;   /* text -> index in conf->parties */
	json_t *unit;      /* text -> Unit */
};

/** @p own: bytes of hsds.csv (kind,term,means; kinds expertise, zone, partner, unit), or empty.
 *  @return SK_EPROTO with the line of @p own that is wrong; SK_ENOMEM. */
SK_CHECKED int hsds_words_open(struct hsds_words *w, const struct conf *conf, struct arena *arena,
			       struct slice own, struct file_error *ret_err);
void hsds_words_done(struct hsds_words *w);
/** @return bits of conf->zones; 0: no such place. A list with , or ; between is split. */
uint64_t hsds_word_zones(const struct hsds_words *w, const char *text);
/** @return the number, or 0. */
uint32_t hsds_word_expertise(const struct hsds_words *w, const char *text);
/** A name, an id, or a KBO number in any way of writing. @return NULL: none of ours. */
const struct conf_party *hsds_word_partner(const struct hsds_words *w, const char *text);
/** @return Unit, or 0. */
int hsds_word_unit(const struct hsds_words *w, const char *text);
