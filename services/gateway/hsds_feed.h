/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  A feed of HSDS 3 or Open Referral UK (3.0, and 1.0 as it came before) in any of its
 * forms, seen as a list of services with all that belongs to them: nested, or joined from tables
 * by id. Forms: one service, a list, a line each (ndjson), a page (of services, of organisations or
 * of services at locations), {"services": [...]} with or without other lists, and a tabular data
 * package as JSON. Pure. Ownership: hsds_feed_done(). Blocks: never. */
#include "common/jsonin.h"

#define HSDS_SERVICES_MAX 2000
#define HSDS_LIST_MAX 200 /* things of one kind that belong to one service */
#define HSDS_TABLES_MAX 64
#define HSDS_INDEXES 32

struct feed_table {
	const char *key; /* as it stands in the feed */
	char name[40];   /* without ".csv" */
	json_t *rows;
};

struct feed_index {
	const char *table;
	const char *key;
	json_t *map; /* value of the key -> list of rows */
};

/** A thing in the feed, and by what way we came to it: errors name that way. */
struct feed_item {
	const struct feed_item *up; /* NULL: a row of the feed */
	const char *key;            /* of the list or object in which it stands */
	size_t i;
	bool listed;
	bool joined; /* it stands in a table of its own */
	json_t *obj;
};

struct feed_row {
	struct feed_item item;         /* the service */
	struct feed_item organization; /* in which it stands; obj NULL: in none */
	json_t *sals;                  /* services at locations in which it stands; NULL: in none */
	struct feed_item sal;          /* the first of these */
};

struct hsds_feed {
	struct jsonin in;
	bool tabular; /* numbers may be texts, and an empty text is nothing */
	bool old;     /* Open Referral UK 1.0: other names, and a location has no type */
	struct feed_table table[HSDS_TABLES_MAX];
	size_t tables;
	struct feed_index index[HSDS_INDEXES];
	size_t indexes;
	struct feed_row *row;
	size_t len;
	json_t *keep; /* what is freed at the end */
};

/** @return SK_OK, SK_EPROTO with the error, SK_ENOMEM (both: nothing to end). */
SK_CHECKED int hsds_feed_open(struct hsds_feed *f, struct arena *arena, struct slice bytes,
			      struct file_error *ret_err);
void hsds_feed_done(struct hsds_feed *f);
/** @return NULL: there is none of that name, or of its plural. */
const struct feed_table *hsds_feed_table(const struct hsds_feed *f, const char *name);
/** The rows of @p table ("attributes") whose @p key is @p id. @return NULL: none. */
json_t *hsds_feed_rows(struct hsds_feed *f, const char *table, const char *key, const char *id);
/** Where it stands: "services[2].capacities[0].available"; @p field NULL: the thing itself. */
void hsds_feed_path(const struct hsds_feed *f, const struct feed_item *at, const char *field,
		    char ret_path[JSONIN_PATH_MAX]);
/** The error of a thing, by its path: to count lines for each of many would take long.
 *  @return SK_EPROTO. */
int hsds_feed_fail(struct hsds_feed *f, const struct feed_item *at, const char *field,
		   const char *nl, const char *en);

/** Whether each known field of a thing, and of all within it, is of the kind that the specification
 *  says (hsds_kinds.c). @p kind: "service". @return SK_EPROTO with the first that is not. */
SK_CHECKED int hsds_kinds_check(struct hsds_feed *f, const struct feed_item *at, const char *kind);
/** The same for every row of the tables that have no row of the report of their own. */
SK_CHECKED int hsds_kinds_check_tables(struct hsds_feed *f);
