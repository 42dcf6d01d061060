/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  Talking to the daemons of the node as one party: one message, one answer.
 *  Says to the person what went wrong, so that callers only return the exit code.
 *  Ownership: an answer lives until the next one of the same struct call.
 *  Blocks: until the answer or CALL_TIMEOUT_MS. */
#include <jansson.h>

#include "common/client.h"
#include "services/cli/cli.h"

#define INTAKE "intake"
#define WAITLIST "waitlist"
#define MATCHING "matching"
#define CALL_TIMEOUT_MS 10000
#define CALL_SILENT_MS 1000 /* then the person is told what is waited for */

struct call {
	struct cli *cli;
	struct conf *conf;
	const struct conf_party *party;
	struct client *client[CONF_DAEMONS]; /* each made at its first message */
	struct arena arena;
	uint32_t timeout_ms; /* 0: CALL_TIMEOUT_MS */
};

/** Reads the node's configuration and finds the party that asks. Zeroed before; call_close()
 * always.
 *  @return CLI_DONE, or an exit code after saying what is wrong. */
int call_open(struct call *k, struct cli *c);
void call_close(struct call *k);
#define AUTO_CALL __attribute__((cleanup(call_close)))

/** Reads the configuration alone, without a key: for commands that ask no daemon. */
int call_conf(struct cli *c, struct conf **ret_conf);

/** Sends a command. Other outcomes than ACCEPTED and DUPLICATE are explained on stderr and are exit
 *  codes. @p ret_r is set whenever a receipt came. */
int call_command(struct call *k, const char *daemon, PB(Message) *m, PB(Receipt) **ret_r);
/** Sends a query. @return CLI_DONE with the answer, or an exit code after saying why. */
int call_query(struct call *k, const char *daemon, PB(Message) *m, PB(Message) **ret_answer);
/** The same for an object that may not exist: then it says nothing and the answer is NULL. */
int call_query_maybe(struct call *k, const char *daemon, PB(Message) *m, PB(Message) **ret_answer);
/** The same for what may not be the asker's either: whatever is refused, the answer is NULL. */
int call_query_if_mine(struct call *k, const char *daemon, PB(Message) *m,
		       PB(Message) **ret_answer);
/** The connection to a daemon, for readers of logs. @return an exit code. */
int call_client(struct call *k, const char *daemon, struct client **ret_client);
/** Says that a daemon did not answer, and why. @return the exit code. */
int call_complain(const struct call *k, const char *daemon, int err);
/** Explains a receipt as call_command() does. @return its exit code. */
int receipt_explain(const struct cli *c, const PB(Receipt) *r);
/** When @p other another party might do this and none was named: says who speaks. */
void cli_say_party(const struct cli *c, bool other);
/** Sees that the node has that zone; "" and NULL are no zone. Names those it has.
 *  @return CLI_DONE or CLI_USAGE. */
int call_check_zone(const struct call *k, const char *what, const char *zone);
/** The exit code alone. */
int receipt_exit(const PB(Receipt) *r);

/* --- naming objects: 32 hex digits, or the short code that people see --- */

/** The view of one request. @p text is its id or short code. */
int find_request(struct call *k, const char *text, PB(RequestItem) **ret_item);
/** The view of one request for who confirms the order of that number. @p ret_item comes back NULL
 *  when there is nothing that the asker may see; only a name that cannot be one is said. */
int find_order(struct call *k, const char *text, const char *number, PB(RequestItem) **ret_item);
/** What the person named in @p io_q (speaker, adult, child) sees of that request. */
int find_person(struct call *k, const char *text, PB(QueryRequest) *io_q, PB(PersonView) **ret_v);
/** "REQUEST/2": the second need of a request; or the id of a need. @p ret_item may come back NULL.
 */
int find_need(struct call *k, const char *text, struct object_id *ret_id);
/** A contribution by id, by its short code, or by short code among those of --request. */
int find_contribution(struct call *k, const char *text, struct object_id *ret_id);
/** Its id, or else its short code (then *ret_id is untouched); nothing is looked up. */
int find_code_or_id(struct call *k, const char *text, struct object_id *ret_id, char **ret_code);
/** A contribution of that request, ended ones included, by id or short code. */
int find_contribution_of(struct call *k, const PB(RequestItem) *item, const char *text,
			 struct object_id *ret_id);
/** @return true for 32 hex digits. */
bool id_parse(const char *text, struct object_id *ret_id);
/** A copy of the id as bytes of a message. */
ProtobufCBinaryData id_bytes(struct cli *c, const struct object_id *id);
