/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  The simulated region: intake, waitlist and matching with their real cores, and the people
 *  around them as clients that submit, answer, stay silent, agree, start, interrupt, stop, withdraw
 *  and state capacity, each from what it was told. laws.h judges. */
#include "tests/sim/caller.h"
#include "tests/sim/laws.h"
#include "tests/sim/operator.h"
#include "tests/sim/reader.h"

#define PARTNERS 4
#define ZONES 2
#define EXPERTISES 6
#define EXPERTISE_INTERPRETER 2         /* one of them: an interpreter's hours (D15) */
#define EXPERTISE_RARE (EXPERTISES + 1) /* asked by crises that come two at a time */
#define NEWS_REQUESTS 256
#define NEWS_NEEDS 1024
#define NEWS_HELP 2048
#define NEWS_TABLES 256
#define NEWS_WARM 64
#define NEWS_POOLS (PARTNERS * 2)
#define NEWS_CONSULTS 64

#define ROLE_OF(X) SCHAKEL__V1__ROLE__ROLE_##X
#define HELP(X) SCHAKEL__V1__CONTRIBUTION_STATE__CONTRIBUTION_STATE_##X
#define NEED(X) SCHAKEL__V1__NEED_STATE__NEED_STATE_##X
#define URGENCY_OF(X) SCHAKEL__V1__URGENCY__URGENCY_##X
#define REASON_OF(X) SCHAKEL__V1__CLOSE_REASON__CLOSE_REASON_##X

#define CHILDREN_DRAWN 3
#define ADULTS_DRAWN 2
/** The people of a request, as they are told; the lists point into it. */
struct people_told {
	PB(Child) child[CHILDREN_DRAWN];
	PB(Child) *children[CHILDREN_DRAWN];
	PB(Stay) stay[2 * CHILDREN_DRAWN];
	PB(Stay) *stays[2 * CHILDREN_DRAWN];
	PB(Adult) adult[ADULTS_DRAWN];
	PB(Adult) *adults[ADULTS_DRAWN];
	size_t children_len, adults_len;
};

#define CHOICES_DRAWN 2
struct choices_told {
	PB(Choice) choice[CHOICES_DRAWN];
	PB(Choice) *choices[CHOICES_DRAWN];
};

struct news_request {
	uint8_t id[16];
	uint32_t version;
	uint32_t proposal;
	int urgency;
	bool ended;
	uint32_t children, adults; /* as they were told; 0: it was others who told */
	bool consult;
	uint32_t others; /* asked for another worker or contact person, so often */
};

struct news_need {
	uint8_t id[16];
	uint8_t request[16];
	int state;
};

struct news_help {
	uint8_t id[16];
	uint8_t request[16];
	uint32_t version;
	int state;
	size_t partner;
	uint64_t again_us; /* somebody has just done something with it */
};

struct news_table {
	uint8_t id[16];
};

struct news_pool {
	char name[16];
	uint32_t version;
	uint32_t staffed; /* as said last */
};

/** What the events have told so far; it may be old. */
struct news {
	struct news_request request[NEWS_REQUESTS];
	size_t requests;
	struct news_need need[NEWS_NEEDS];
	size_t needs;
	struct news_help help[NEWS_HELP];
	size_t helps;
	struct news_table table[NEWS_TABLES];
	size_t tables;
	struct news_pool pool[NEWS_POOLS];
	char consult[NEWS_CONSULTS][SHORT_CODE_LEN + 1]; /* of families that gave their name */
	size_t consults;
	uint8_t signal[NEWS_WARM][16];
	size_t signals;
	uint8_t call[NEWS_WARM][16];
	size_t calls;
};

/** Numbers of commands among the bodies of a message: frame.proto. */
#define COMMAND_FIRST 100
#define COMMANDS 100

enum region_party {
	CONTACT,
	CLB,
	POLICE,
	FAMILY,
	COORDINATOR,
	GOVERNMENT,
	COURT,
	PARTNER_FIRST,
	CALLERS = PARTNER_FIRST + PARTNERS
};

struct region {
	struct world *w;
	struct laws *laws;
	struct news news;
	struct caller *caller[CALLERS];
	struct reader_client *asks[PARTNERS]; /* each partner's own log */
	struct reader_client *events[DAEMONS_MAX];
	struct operator_client *operator[DAEMONS_MAX];
	uint32_t left; /* things that people still do */
	uint32_t accepted[COMMANDS];
	struct rng optimiser; /* luck of its own: region_proposer.c */
	size_t looks;         /* turns of intake: who looks at what they see */
	uint32_t worker_version[NEWS_POOLS][4];
	uint32_t network_version[4];
};

enum { INTAKE, WAITLIST, MATCHING };

extern const char *const region_zone[ZONES];
extern const char *const region_partner[PARTNERS];

PB(ConfigApplied) *region_config(struct world *w);
/** Takes an event into the news. */
void news_event(struct region *g, const PB(Event) *e);
/** Partners say what they have, before anybody asks. */
void region_act_first(struct region *g);
/** The next thing that somebody does. */
void region_act(struct world *w, void *region, uint64_t n);
struct news_request *news_request_of(struct news *n, const uint8_t id[16]);
/** One word of one of them. */
struct word_said {
	PB(Speaker) speaker;
	uint32_t adult, child;
	bool yes; /* else by luck */
};
void region_say(struct region *g, struct news_request *q, const struct word_said *word);
void region_all_say(struct region *g, struct news_request *q, bool yes);
/** A request for help; two crises at once for which there is one place: region_submit.c. */
void region_submit(struct region *g);
void region_pinch(struct region *g);
void region_last_place(struct region *g, const PB(Event) *e);
void region_capsule(struct region *g, PB(Capsule) *c, uint8_t person[16]);
void region_put_rare(struct region *g, size_t pool);
/** Who has something to do next does it: region_way.c. */
void region_way_act(struct region *g);
/** As @p party would ask it now; the answer lives until engine_peek_done(). */
bool region_ask(struct daemon *d, const char *party, uint32_t roles, PB(Message) *m,
		PB(Message) *ret_answer);
/** Draws the people of a request. */
void region_people(struct region *g, struct people_told *p);
/** Sometimes: whom the child would rather have, of what is told of its request's needs. */
void region_choose(struct region *g, struct news_request *q, PB(RecordPosition) *p,
		   struct choices_told *t);
/** Something is written down about them: an order, a judgement, unclear agreement, a report. */
void region_people_act(struct region *g, struct news_request *q);
/** Another ground than a yes: an order, an emergency, that it is unclear. */
void region_ground_act(struct region *g, struct news_request *q);
/** Things that partners do. */
void region_partner_act(struct region *g);
void region_partner_step(struct region *g, struct news_help *h);
/** Things that people do with the list. */
void region_list_act(struct region *g);
/** Things that families and those around them say of their plan: region_plan.c. */
void region_plan_act(struct region *g);
/** Signals, calls for help, fit, basic support, reviews: region_warm.c. */
void region_warm_act(struct region *g);
/** What is said of help that has begun, or has ended. */
void region_warm_help(struct region *g, struct news_help *h);
void region_warm_event(struct region *g, const PB(Event) *e);
void region_put_capacity(struct region *g);
void region_put_pool(struct region *g, size_t i);
void region_pause(struct region *g);
void region_meet(struct region *g, struct news_help *h);
void region_telephone(struct region *g);
/** What a statement of capacity holds beside its numbers; lives as long as the message. */
struct region_more {
	PB(PoolLimit) limit;
	PB(PoolLimit) *limits[1];
	PB(Conversion) way;
	PB(Conversion) *ways[1];
	char *joint[1];
};
void region_more(struct region *g, size_t pool, struct region_more *m, PB(PutCapacity) *c);
void region_supply_act(struct region *g);
void region_supply_event(struct region *g, const PB(Event) *e);
/** Sends a command; the id is sometimes wrong on purpose. */
struct op *region_send(struct region *g, size_t caller, int daemon, PB(Message) *m);
/** Now and then a young person and the parents look at their request: L10. */
void region_person_look(struct region *g, struct daemon *d);
/** Plans of the list by an optimiser that is wrong in every way. */
void region_propose(struct region *g, struct daemon *d);
void region_say_plans(struct daemon *d);
/** Somebody asks for the whole file, or keeps a piece of it back. */
void region_file_act(struct region *g);
