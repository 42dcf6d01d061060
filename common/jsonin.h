/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  A document that a person wrote, as JSON or made from a table, read into messages of the
 *  schema. Field names, codes and limits are checked here, so that an error names line and field
 *  before anything is sent. Pure: bytes in, messages out. Ownership: messages live in the arena. */
#include <jansson.h>

#include "common/textfile.h"

#define JSONIN_RECORDS_MAX 2000
#define JSONIN_ITEMS_MAX 16 /* rows of a table that make one record */
#define JSONIN_PATH_MAX 80

struct table_column;

/** Where the values of a document stand in the file. */
struct jsonin {
	struct arena *arena;
	struct file_error *err;
	json_t *root;                             /* owned: jsonin_done() */
	struct slice bytes;                       /* JSON: the text; a table: empty */
	const uint16_t (*line)[JSONIN_ITEMS_MAX]; /* a table: of record and item, in the arena */
	size_t records;
	const char *items; /* a table: name of the list that its rows make */
	const char *more;  /* a table: list to which some rows add, or NULL */
	const uint16_t (*more_line)[JSONIN_ITEMS_MAX]; /* of record and object of that list */
	const struct table_column *columns; /* a table: by which its writer knows the fields */
};

/** A limit of one field of one message of the schema. */
struct field_rule {
	const char *message; /* "NeedSpec" */
	const char *field;
	bool required;
	uint64_t min;
	uint64_t max; /* of a number, or of the length of a list; 0: as the schema allows */
};

/** Parses JSON. @return SK_EPROTO with the error. */
SK_CHECKED int jsonin_parse(struct jsonin *in, struct arena *arena, struct slice bytes,
			    struct file_error *ret_err);
void jsonin_done(struct jsonin *in);
/** Sets the error at a path ("[0].needs[2].expertise"). @return SK_EPROTO. */
int jsonin_fail(struct jsonin *in, const char *path, const char *nl, const char *en, ...)
	__attribute__((format(printf, 3, 5), format(printf, 4, 5)));
/** Builds a path, cut at JSONIN_PATH_MAX. */
void jsonin_path(char ret_path[JSONIN_PATH_MAX], const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/** Line of the value at the path, or of what it would stand in; 0 when not known. */
unsigned jsonin_line(const struct jsonin *in, const char *path);

/** Reads an object into a message of @p type. Keys in @p ignore (ended by NULL) are left alone.
 *  @return SK_EPROTO with the error, SK_ENOMEM. */
struct jsonin_spec {
	const ProtobufCMessageDescriptor *type;
	const struct field_rule *rules; /* ended by a NULL message */
	const char *const *ignore;
	bool wire; /* from a program: any text of the schema, lists to the bound of the wire */
	/** Reads what stands for a capsule; NULL: it cannot stand in this document. */
	int (*capsule)(void *ctx, struct jsonin *in, json_t *v, const char *path,
		       ProtobufCMessage **ret_m);
	void *ctx; /* of capsule */
};
SK_CHECKED int jsonin_message(struct jsonin *in, json_t *obj, const char *path,
			      const struct jsonin_spec *spec, ProtobufCMessage **ret_m);
