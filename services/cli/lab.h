/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  The lab: a problem in a text file, what the planner makes of it, and a judge of that
 * which shares no code with the planner. The format stands in tests/bench/README.md. Ownership: a
 * struct lab owns its bytes and lists until lab_free(). Threads: one. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/textfile.h"
#include "services/cli/cli.h"
#include "services/cli/lab_names.h"

#define LAB_BYTES_MAX (256U << 20)
#define LAB_LINE_MAX 65535U
#define LAB_WORDS_MAX 4096U /* of one line */
#define LAB_NUMBER_MAX 1000000000U
#define LAB_NAME_MAX 64U
#define LAB_PARTNERS_MAX 131072U
#define LAB_OFFERS_MAX 131072U
#define LAB_REQUESTS_MAX 65536U
#define LAB_NEEDS_MAX 65536U
#define LAB_EXPERTISES_MAX 4096U
#define LAB_SKILLS_MAX 1048576U /* expertises of all offers together */
#define LAB_LINKS_MAX 4194304U  /* lines `pair` and `forbid` */
#define LAB_TIES_MAX 65536U     /* lines `together` and `apart` */
#define LAB_PAIRS_MAX 4194304U  /* pairs that are possible */
#define LAB_HELD_MAX 1024U      /* partners that are in the team of one request already */
#define LAB_NONE UINT32_MAX

struct lab_partner {
	const char *name;
	uint32_t cost;
	uint32_t held_by; /* the last request that has it already, and one more; 0: none */
	bool lead;
};

struct lab_offer {
	const char *name;
	uint32_t partner;
	uint32_t hours;
	uint32_t cost;
	uint32_t skill_first, skill_len; /* in skills[] */
};

struct lab_request {
	const char *name; /* "" when the file names none */
	uint32_t first, len;
	uint32_t team_max;             /* LAB_NONE: no limit */
	uint32_t held_first, held_len; /* in held[]: paid, and counted in team_max */
};

struct lab_need {
	const char *name;
	uint32_t request;
	uint32_t hours;
	uint32_t expertise; /* LAB_NONE: only pairs */
	uint32_t penalty;   /* LAB_NONE: from its pairs, until lab_pairs() */
	uint32_t pair_first, pair_len;
};

/** A line `pair` or `forbid`. */
struct lab_link {
	uint32_t need;
	uint32_t at; /* offer, or partner with forbid_partner */
	uint32_t cost;
	uint32_t hours; /* LAB_NONE: the need's */
	unsigned line;
	enum lab_link_kind { LAB_PAIR, LAB_FORBID, LAB_FORBID_PARTNER } kind;
};

struct lab_tie {
	uint32_t a, b; /* needs */
	bool apart;    /* else together */
};

/** What a need may take: rises with the offer within a need. */
struct lab_pair {
	uint32_t offer;
	uint32_t cost;
	uint32_t hours;
};

struct lab {
	char *bytes; /* the file; names point into it */
	uint32_t team_max;
	bool penalty_first; /* objective penalty */
	bool lottery;
	bool lead_asked;
	struct lab_partner *partners;
	struct lab_offer *offers;
	struct lab_request *requests;
	struct lab_need *needs;
	uint32_t *skills;
	uint32_t *held; /* partners, by request */
	struct lab_link *links;
	struct lab_tie *ties;
	struct lab_pair *pairs;
	uint32_t partners_len, offers_len, requests_len, needs_len, skills_len, links_len, ties_len;
	uint32_t held_len;
	uint32_t pairs_len;
	uint32_t expertises_len;
	struct lab_names names[LAB_NAMES_KINDS];
};

/** Reads a problem; @p bytes (malloc, one byte longer than @p len) is owned from here on.
 *  @return SK_OK, SK_EPROTO with @p ret_error filled, or SK_ENOMEM; lab_free() in all cases. */
SK_CHECKED int lab_read(struct lab *l, char *bytes, size_t len, struct file_error *ret_error);
/** Makes the pairs that are possible out of expertises and links, and the penalties that were not
 *  given: one more than the dearest pair of the need with its offer and partner.
 *  @return as lab_read(). */
SK_CHECKED int lab_pairs(struct lab *l, struct file_error *ret_error);
void lab_free(struct lab *l);

/** The whole of a file ("-": standard input) read as a problem.
 *  @return CLI_DONE, or an exit code after saying what is wrong; lab_free() in all cases. */
int lab_load(struct cli *c, const char *path, struct lab *l);
/** The bytes of a file ("-": standard input), with room for one more. @return as lab_load(). */
int lab_bytes(struct cli *c, const char *path, char **ret_bytes, size_t *ret_len);

/** Room for one more in a list that doubles. @return false: no memory. */
bool lab_grow(void *list, uint32_t len, size_t item);

/** An answer to a problem, of one request or of the list. */
enum lab_open {
	LAB_SEATED,
	LAB_NO_PAIR,     /* no offer may take it */
	LAB_NO_CAPACITY, /* no hours are left where it could go */
	LAB_TEAM_LIMIT,  /* with a larger team it could have gone */
	LAB_NO_LEAD,     /* were no lead asked, it could have gone */
	LAB_RULE,        /* were it not for what is together or apart */
	LAB_PENALTY,     /* its penalty is no more than what it costs (objective penalty) */
	LAB_ORDER,       /* in a plan: hours and teams went to other needs */
};

struct lab_answer {
	uint32_t *seat;  /* per need: index in pairs, or LAB_NONE */
	uint8_t *reason; /* per need: enum lab_open */
	uint64_t cost;   /* of the seats */
	uint64_t value;  /* cost, and the penalties of open needs */
	uint64_t objective;
	uint64_t bound;
	bool proven;
	uint32_t covered;
	bool plan;       /* of the list: its value is shown too */
	uint64_t *price; /* per expertise: hundredths of a point an hour; NULL: none */
};

/** Which rule an answer breaks, as text for the log of a defect; NULL: it is sound. Adds up cost,
 *  value and covered anew. @return SK_OK or SK_ENOMEM. */
SK_CHECKED int lab_judge(const struct lab *l, const struct lab_answer *a, const char **ret_fault);

/** Makes an answer for @p l; free with lab_answer_free(). @return SK_OK or SK_ENOMEM. */
SK_CHECKED int lab_answer_make(const struct lab *l, struct lab_answer *ret_a);
void lab_answer_free(struct lab_answer *a);

/** Rank of each offer (or partner) in the order of names; lowest name is 0. NULL: no memory. */
uint32_t *lab_offer_ranks(const struct lab *l);
uint32_t *lab_partner_ranks(const struct lab *l);
/** The id that orders an offer as its rank does; @p ret_id is zeroed by the caller. */
void lab_id(uint32_t rank, uint8_t ret_id[16]);
/** Per offer the largest unit that divides the hours of all its pairs, or 0 where all of them fit
 *  together and hours are no limit. So large hours seldom are large amounts. NULL: no memory. */
uint32_t *lab_units(const struct lab *l);
/** Lottery number of a need at an offer: 0 when the lottery is off. */
uint32_t lab_lot(const struct lab *l, uint64_t seed, uint32_t need, uint32_t offer);

struct lab_asked {
	uint64_t seed;
	uint32_t rounds; /* of prices */
	uint32_t repair; /* of ruin and recreate */
	bool law;        /* the lawful order; else least value */
	bool plan;       /* of the list; else one team */
};
/** The exact team of the one request. @return CLI_DONE, or an exit code after saying why not. */
int lab_compose(struct cli *c, const struct lab *l, const struct lab_asked *asked,
		struct lab_answer *a);

/** The same for more needs than the exact composer takes: with a proof, or a bound. */
int lab_large(struct cli *c, const struct lab *l, const struct lab_asked *asked,
	      struct lab_answer *a);

/** A plan of all requests. @return as lab_compose(), or CLI_DEFECT. */
int lab_plan(struct cli *c, const struct lab *l, const struct lab_asked *asked,
	     struct lab_answer *a);
/** What stands beside an answer. */
struct lab_told {
	uint64_t us;                   /* that it took */
	const struct lab_answer *free; /* the plan without the law; NULL: none */
};

/** Prints an answer: facts, or a document with --json; the time stands behind the digest.
 *  @return CLI_DONE, or an exit code. */
int lab_show(const struct cli *c, const struct lab *l, const struct lab_answer *a,
	     const struct lab_told *told);

extern const struct command lab_commands[];
