/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  The command `schakel`: what each of its commands is given and how it ends.
 *  Data goes to c->out, everything said to a person about it to c->err. Dutch is the first
 * language. Ownership: a struct cli lives for one command; its arena is freed with it. Threads:
 * one. */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include <jansson.h>

#include "common/arena.h"
#include "common/err.h"
#include "common/lang.h"

/** Exit codes, the same for every command. */
enum cli_exit {
	CLI_DONE = 0,
	CLI_REFUSED = 1, /* by a rule, or a check that did not pass */
	CLI_USAGE = 2,
	CLI_UNREACHABLE = 3,
	CLI_CONFLICT = 4,
	CLI_BUSY = 5,
	CLI_LATE = 6,
	CLI_DEFECT = 70, /* of ours: an answer that its own judge finds unsound */
};

#define CLI_ARGS_MAX 8
#define CLI_OPTIONS_MAX 24
#define CLI_ARENA_BYTES (32U << 20)

struct option {
	const char *name;  /* without the dashes; NULL ends the list */
	const char *value; /* what stands behind it in the help; NULL: a flag */
	const char *nl;
	const char *en;
};

struct cli;
struct conf;
typedef int command_fn(struct cli *c);

struct command {
	const char *name; /* "request submit"; NULL ends the list */
	const char *args; /* as shown in the help; "" for none */
	uint8_t args_min;
	uint8_t args_max;
	const struct option *options; /* NULL: none of its own */
	const char *nl;
	const char *en;
	const char *example;
	command_fn *run; /* @return enum cli_exit */
};

/** What was said while a command ran: with --json a refusal is a document too. */
struct said {
	char text[600];   /* lines to the person, one after the other */
	char field[96];   /* of the receipt that refused; "" else */
	const char *code; /* without its prefix; NULL: not by a receipt */
	bool doc;         /* a document was written already */
};

struct cli {
	const struct command *cmd;
	enum lang lang;
	bool json;
	const char *node_dir; /* --node, SCHAKEL_NODE, or CLI_NODE_DEFAULT */
	const char *as;       /* --as, SCHAKEL_AS; NULL: the node's operator */
	const char *speaks;   /* the party of the call, while it is open */
	unsigned body;        /* of the message that was sent last */
	struct said *said;    /* NULL: nobody asks */
	const char *arg[CLI_ARGS_MAX];
	size_t args_len;
	const char
		*value[CLI_OPTIONS_MAX]; /* of each option of cmd; "" for a flag that was given */
	FILE *out;                       /* clean (services/cli/clean.h) */
	FILE *err;                       /* clean */
	FILE *screen;                    /* under err: only progress moves its cursor; NULL: none */
	const struct conf *conf;         /* of the call, while it is open: names of parties */
	struct arena arena;
};

#define CLI_NODE_DEFAULT "/var/lib/schakel/node"
#define CLI_OPERATOR "beheer"

/** Runs one command line. @return the exit code. */
int cli_main(int argc, char **argv, FILE *out, FILE *err);

/** The text in the chosen language. */
const char *cli_text(const struct cli *c, const char *nl, const char *en);
/** One line to a person, in the chosen language; both texts take the same arguments. */
void cli_say(const struct cli *c, const char *nl, const char *en, ...)
	__attribute__((format(printf, 2, 4), format(printf, 3, 4)));
/** The same, followed by where help stands. @return CLI_USAGE. */
int cli_usage(const struct cli *c, const char *nl, const char *en, ...)
	__attribute__((format(printf, 2, 4), format(printf, 3, 4)));
/** One line about an error of the system, with its English text. @return CLI_REFUSED. */
int cli_fail(const struct cli *c, const char *what, int err);

/** Adds outcome, code, field and text of what was refused to a document, so that every one has them
 *  at the same place; nothing when @p rc is CLI_DONE. */
void cli_refusal_add(const struct cli *c, int rc, json_t *doc);

/** Memory until the command ends; out of it ends the command with a message (the input is bounded).
 */
void *cli_alloc(struct cli *c, size_t bytes);
char *cli_printf(struct cli *c, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/** @return the value of an option of this command, "" for a given flag, or NULL. */
const char *cli_opt(const struct cli *c, const char *name);
bool cli_flag(const struct cli *c, const char *name);
/** Reads a number within [min, max]; not given: @p ret_v keeps its value.
 *  @return CLI_DONE, or CLI_USAGE after saying what is wrong. */
int cli_opt_u32(const struct cli *c, const char *name, uint32_t max, uint32_t *ret_v);
int cli_opt_u64(const struct cli *c, const char *name, uint64_t max, uint64_t *ret_v);
/** A day or a local time (services/cli/when.h). */
int cli_opt_when(const struct cli *c, const char *name, uint64_t *ret_ms);
/** A word or code of a generated enumeration (services/cli/words.h). */
int cli_opt_code(const struct cli *c, const char *name, const ProtobufCEnumDescriptor *set,
		 int *ret_value);

/** The same for the @p i th value of the command line. */
int cli_arg_code(const struct cli *c, size_t i, const ProtobufCEnumDescriptor *set, int *ret_value);
/** An expertise by number, code or label; @p typed NULL leaves @p ret_n. */
int cli_expertise(const struct cli *c, const char *typed, uint32_t *ret_n);

/** Every command there is; ended by a NULL name. */
extern const struct command *const command_groups[];
/** @return the command of that name ("request submit"), or NULL. */
const struct command *command_find(const char *name);
