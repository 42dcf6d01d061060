/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  What the parts of common/conf*.c share: the tables of keys and the place of a problem. */
#include "common/conf.h"

#define CONF_MAIN_FILE "schakel.ini"
#define CONF_PARTIES_FILE "parties.ini"

enum conf_kind {
	CONF_U32,
	CONF_U64,
	CONF_YES_NO,   /* bool */
	CONF_ON_OFF,   /* bool */
	CONF_LANGUAGE, /* u32 */
	CONF_LOGGED,   /* u32 */
	CONF_NAME,     /* char[PARTY_ID_LEN_MAX + 1] */
	CONF_TEXT,     /* char[max + 1] */
	CONF_PATH,     /* char[CONF_PATH_MAX], resolved against the node's directory */
	CONF_ENDPOINT, /* the same */
	CONF_BIND,     /* char[CONF_BIND_MAX + 1] */
	CONF_URL,      /* char[CONF_URL_MAX + 1] */
	CONF_KEY,
	CONF_ROLES, /* u32 */
	CONF_DAYS,  /* u32 */
	CONF_ZONE_LIST,
};

struct conf_key {
	const char *key;
	enum conf_kind kind;
	size_t offset; /* in the struct of its section */
	uint64_t min;
	uint64_t max;
	uint64_t def;
	bool needed; /* has no default */
};

/* By number, as they stand in a file; ended with NULL. */
extern const char *const conf_languages[];
extern const char *const conf_logged_words[];

struct conf_section {
	const char *name;
	const struct conf_key *keys;
	size_t keys_len;
	size_t seen_offset; /* of the bits of keys that were given */
};

extern const struct conf_section conf_section_node;
extern const struct conf_section conf_section_daemon;
extern const struct conf_section conf_section_store;
extern const struct conf_section conf_section_gateway;
extern const struct conf_section conf_section_zone;
extern const struct conf_section conf_section_party;

/** Where the parser stands. */
struct conf_parse {
	struct conf *conf;
	struct conf_problems *problems;
	const char *file;
	unsigned line;
	const char *rest; /* of the file's text */
	char section[64];
	const struct conf_section *keys; /* of the section; NULL: settings, holidays or unknown */
	void *base;                      /* the struct that the section fills; NULL: ignored */
};

/** Adds a line: file:line: and what @p fmt says. Line 0: about the file. */
void conf_problem(struct conf_problems *p, const char *file, unsigned line, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
/** Writes the defaults of a section into its struct. */
void conf_defaults(const struct conf_section *s, void *base);
/** One key = value of a section with a table. */
void conf_set(struct conf_parse *p, const char *key, const char *value);
/** Reports each key that has no default and was not given. */
void conf_check_needed(struct conf_parse *p, const struct conf_section *s, const char *name,
		       void *base, unsigned line);
void conf_print_section(const struct conf_section *s, const char *name, const void *base,
			FILE *out);
/** @return false when the text is no whole number within the bounds. */
bool conf_number(const char *text, uint64_t min, uint64_t max, uint64_t *ret_n);
bool conf_text_is_valid(const char *text, size_t len_max);
/** Joins to the node's directory unless absolute. False when too long. */
bool conf_resolve(const struct conf *c, const char *path, char ret_path[CONF_PATH_MAX]);
/* [gateway.mail] and the like (conf_outside.c). */
void conf_outside_defaults(struct conf *c);
/** Sets keys and base when the section is one of them. */
void conf_outside_begin(struct conf_parse *p);
void conf_outside_print(const struct conf *c, FILE *out);
void conf_outside_check(const struct conf *c, struct conf_problems *problems);
/** [settings]. */
void conf_set_setting(struct conf_parse *p, const char *key, const char *value);

/** Reads the code list; problems name its lines. */
void conf_codes_load(struct conf *c, struct conf_problems *problems);
/** What one file alone cannot show to be wrong. */
void conf_cross_check(const struct conf *c, struct conf_problems *problems);
/** @return SK_ENOMEM; too large is a problem. */
SK_CHECKED int conf_pack(struct conf *c, struct conf_problems *problems);
