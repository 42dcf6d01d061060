/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  The demo as a whole: one struct for what its files share. Nobody outside
 * services/cli/demo*.c, lab_policy*.c and their tests includes this. Ownership: cmd_demo() owns
 * everything. Threads: one, plus ZeroMQ's own. */
#include <stdio.h>

#include "common/client.h"
#include "services/cli/demo_agenda.h"
#include "services/cli/demo_child.h"
#include "services/cli/demo_draw.h"
#include "services/cli/demo_world.h"
#include "services/cli/inner.h"
#include "services/cli/progress.h"

enum demo_daemon { DEMO_INTAKE, DEMO_WAITLIST, DEMO_MATCHING };

#define DEMO_CALL_MS 2000   /* one try of one call; then the daemons are looked at */
#define DEMO_CALL_TRIES 150 /* five minutes: somebody may have paused a daemon */
#define DEMO_CALL_SAID 3    /* tries, before it is said that the demo waits */
#define DEMO_SETTLE_TRIES 20000
#define DEMO_BACKLOG_DAYS 14 /* before the first day, those at the gate are written down */
#define DEMO_LONG_AWAY 8     /* one absence in DEMO_LONG_AWAY_OF is so many times longer: days */
#define DEMO_LONG_AWAY_OF 10

/** One party at its own computer: its key, its connections, its place in its log. */
struct demo_line {
	struct client *client[CONF_DAEMONS];
	struct client_log log;
	uint64_t away_until_ms; /* 0: connected */
	struct demo_rand luck;
	bool mail; /* its log may hold something new */
};

/** Which one of its kind, and what goes with it. */
struct demo_of {
	uint64_t number;
	uint32_t arg;
};

/** Who asks, and whom. */
struct demo_door {
	uint32_t who;
	enum demo_daemon at;
};

struct demo_counts {
	uint64_t commands, accepted, refused, late, busy, conflicts;
	uint64_t lost, doubled,
		wrong; /* receipts lost on purpose; the retry told the same; or not */
	uint64_t requests, found, missing;
	uint64_t story_lines;
};

struct demo {
	struct cli *cli;
	struct conf *conf;
	struct demo_region region;
	struct demo_cast cast;
	struct demo_children children;
	struct inner *inner; /* the cores in this process; NULL: daemons of their own */
	const struct demo_task *task;
	uint64_t watch_ms;           /* when it is watched again */
	char web[CONF_BIND_MAX + 1]; /* where its page is; "": nowhere */
	struct client_net net;
	struct demo_line line[DEMO_PARTIES_MAX];
	struct client_log events[CONF_DAEMONS]; /* read by the watcher */
	uint64_t sequence[CONF_DAEMONS];        /* of each journal when all had settled */
	uint64_t heard[CONF_DAEMONS];           /* and when its events were read last */
	uint64_t clocks;                        /* moved since then: a record each */
	struct demo_agenda agenda;
	struct demo_world world;
	struct demo_counts counts;
	struct arena arena;   /* one message and its answer */
	struct arena aside;   /* that of settling, while a message is being made */
	struct arena reading; /* an entry of a log while it is folded */
	uint8_t capsule_key[32];
	uint64_t seed;
	uint64_t now_ms;    /* of the demo's clock: that of the daemons */
	uint64_t begin_ms;  /* of this run */
	uint64_t status_ms; /* when the figures were shown last */
	uint64_t end_ms;    /* UINT64_MAX: until Ctrl-C */
	uint32_t speed;     /* simulated minutes a second; 0: as fast as it goes */
	bool quiet, steps, no_bar;
	bool silent;         /* one of two that are compared: only the bar is seen */
	bool ended;          /* by itself: something is wrong, or the reader left */
	bool shown;          /* stories are told: not while the list at the gate is written down */
	int rc;              /* an exit code; not CLI_DONE ends the demo */
	int receipts;        /* what the clients were told, kept by them: a file */
	FILE *events_file;   /* what was read, kept for others to count: NULL when it is not */
	uint64_t calls_made; /* of the stream; each has luck of its own */
	bool planned;        /* the agenda is whole: what it holds is to be kept */
	bool resumed;        /* the node was there already */
	bool exact;          /* each daemon reads of one other one at a time, as it is told */
	bool unsettled;      /* something was sent since all had read all */
	bool yesterday;      /* abilities that were not there yesterday are not played */
	uint64_t unasked;    /* receipts that the last check could not ask about */
	struct progress bar;
	struct demo_rand calls;
};

/** One run of the demo. */
struct demo_task {
	const char *dir;      /* of its node; made when it is not there */
	const char *region;   /* where the region's files stand */
	const char *settings; /* lines for [settings] of a new node; NULL: none */
	const char *events;   /* file for what is read; NULL: none */
	bool yesterday;       /* plays yesterday's way: see abilities.csv */
	uint64_t seed;
	uint32_t days;  /* 0: until it is ended */
	uint32_t speed; /* simulated minutes a second; 0: as fast as it goes */
	bool quiet, steps, no_bar;
	const char *web;   /* ADDRESS:PORT of the page; NULL: none */
	bool exact;        /* the same seed gives the same run: see demo_exact.c */
	bool inner;        /* no daemons: the cores run in this process, and exact */
	const char *plans; /* with inner: directory for its plans; NULL: none */
	/* Called when the run begins, each day of it, and at its end; NULL: never. */
	void (*watch)(void *ctx, struct demo *d);
	void *watch_ctx;
};
struct demo_result;
/** Opens or makes the node, starts its daemons, plays, and ends them. @p ret_result NULL: it is
 *  shown as it goes; else it is played silently and counted. @return an exit code. */
int demo_play(struct cli *c, const struct demo_task *t, struct demo_result *ret_result);
/** Region, seed and days from the options. */
int demo_read_task(struct cli *c, struct demo_task *io_task);
void demo_watch_signals(void);
bool demo_interrupted(void);

/* --- demo_node.c: the node it plays on --- */

/** As the options and the environment say. */
const char *demo_node_dir(struct cli *c);
/** Reads the region, makes or opens the node, and takes it for this process. */
int demo_node_open(struct demo *d, const struct demo_task *t, bool *ret_made);

/* --- demo_web.c: its page --- */

/** Has the gateway answer there. @return CLI_REFUSED: this node has no gateway, after saying so. */
int demo_web_prepare(struct demo *d, const char *bind);
/** Says the address and a sign-in code for each kind of user. */
void demo_web_show(const struct demo *d);

/** Ctrl-C, SIGTERM, an error, or a reader that left. */
bool demo_stopped(const struct demo *d);
void demo_fail(struct demo *d, int rc);

/* --- demo_line.c: talking to the daemons --- */

/** Looks whether all daemons run, and starts again what does not. */
void demo_supervise(struct demo *d);
/** Sends as that party and waits; the same bytes again when no answer comes. The answer lives in
 *  d->arena until demo_free(). @return NULL when the demo is to end. */
PB(Message) *demo_ask(struct demo *d, uint32_t who, enum demo_daemon at, PB(Message) *m);
/** One message to each daemon, as the operator, all under way at once. @return false when the demo
 * is to end. */
bool demo_ask_all(struct demo *d, PB(Message) *const m[CONF_DAEMONS],
		  PB(Message) *ret_answer[CONF_DAEMONS]);
/** One message to one daemon, as the operator. */
PB(Message) *demo_ask_daemon(struct demo *d, enum demo_daemon at, PB(Message) *m);
/** The same for a command. Counts, tries again when busy, and now and then loses a receipt.
 *  @return NULL when the demo is to end. */
PB(Receipt) *demo_command(struct demo *d, uint32_t who, enum demo_daemon at, PB(Message) *m);
/** @return the connection, or NULL when the demo is to end. */
struct client *demo_client(struct demo *d, uint32_t who, enum demo_daemon at);
bool demo_done_well(const PB(Receipt) *r); /* ACCEPTED, at the first try or a later one */
/** Gives back what messages and answers took. */
void demo_free(struct demo *d);
/** Reads on in a log, as that party. @return as client_log_read(); SK_ETIMEDOUT: no connection. */
int demo_log(struct demo *d, struct demo_door door, struct client_log *io_log,
	     const struct client_read *how, uint32_t *ret_entries);
void demo_disconnect(struct demo *d, uint32_t who);
void demo_lines_done(struct demo *d);

/* --- demo_clock.c: time --- */

/** Moves the clock of all three daemons. */
void demo_advance(struct demo *d, uint64_t to_ms);
/** Waits until every daemon has read what the others wrote and has nothing due. */
void demo_settle(struct demo *d);
/** Waits until all three answer. @return false when one does not. */
bool demo_wait_ready(struct demo *d);
/** Where each daemon stands; it lives in d->arena. */
struct demo_trio {
	PB(StatusView) *of[CONF_DAEMONS];
};
bool demo_trio(struct demo *d, struct demo_trio *ret_t);
/** @return the link of @p v to that daemon, or NULL. */
const PB(LinkStatus) *demo_link(const PB(StatusView) *v, const char *peer);
/** A daemon of the demo rests for as long as a turn takes. */
void demo_rest(void);

/* --- demo_exact.c: the same seed, the same run --- */

/** From now on each daemon reads of one other one at a time, until demo_exact_end(). */
void demo_exact_begin(struct demo *d);
void demo_exact_settle(struct demo *d);
/** Before the next message: what was sent before it has been read everywhere. */
void demo_exact_before(struct demo *d);
void demo_exact_end(struct demo *d);

/* --- demo_read.c: what the daemons tell --- */

void demo_read_events(struct demo *d);
/** Of the partners whose log may hold something new. */
void demo_read_mail(struct demo *d);
/** Passes over what stands in the partners' logs: their lists of asks say the same. */
void demo_skip_mail(struct demo *d);
/** An ask as its partner sees it, from its log or its list. @p resumed: known from before. */
void demo_take_ask(struct demo *d, uint32_t who, const PB(Ask) *a, bool resumed);

/* --- demo_resume.c: what a second run must know again --- */

void demo_resume(struct demo *d);
/** Reads the receipts that were kept. @return those for requests at the gate. */
uint32_t demo_receipts_read(struct demo *d);

/* --- demo_plans.c: what people were about to do, from one run to the next --- */

/** Keeps the rows of abilities.csv that were planned. The agenda stays whole. */
SK_CHECKED int demo_plans_keep(struct demo *d);
/** Plans them again. @return false when nothing was kept. */
bool demo_plans_read(struct demo *d);

/* --- demo_family.c, demo_voice.c, demo_partner.c, demo_help.c, demo_pool.c: what people do --- */

void demo_do_family(struct demo *d, const struct demo_item *it);
void demo_do_partner(struct demo *d, const struct demo_item *it);
/** Help that is agreed: its start, what comes between, its end. */
void demo_do_help(struct demo *d, const struct demo_item *it, struct demo_share *s);
void demo_plan_start(struct demo *d, uint32_t who, const struct demo_share *s);
/** Its state was told: by whatever it changed, its house does what follows. */
void demo_help_changed(struct demo *d, uint32_t who, struct demo_share *s);
/** What is still to come of help that was there when the demo began again. */
void demo_plan_help(struct demo *d, uint32_t who, struct demo_share *s);
void demo_add(struct demo *d, uint64_t at_ms, enum demo_do what, uint32_t who,
	      const struct object_id *id);
/** Plans what follows from a request that was received. */
void demo_plan_request(struct demo *d, struct demo_request *r);
/** The family looks at the team and says what it wants. */
void demo_do_voice(struct demo *d, struct demo_request *r);
/** A partner states what it can do, and plans the next time. */
void demo_do_publish(struct demo *d, const struct demo_item *it);
void demo_plan_voice(struct demo *d, struct demo_request *r, uint64_t after_ms);
void demo_do_night(struct demo *d, const struct demo_item *it, struct demo_request *r);
/** Seals @p plain for a new person. @return false when the demo is to end. */
bool demo_seal(struct demo *d, struct slice plain, PB(Capsule) *io_capsule);
/** A request as that party sees it; NULL when it does not. */
PB(RequestItem) *demo_look(struct demo *d, uint32_t who, const struct demo_request *r);
void demo_plan_night(struct demo *d, struct demo_request *r, uint64_t after_ms);
/** Plans the first weeks of all pools. */
void demo_plan_pools(struct demo *d);
/** The luck of one thing of one request, so that runs with one seed resemble each other. */
struct demo_rand demo_luck(const struct demo *d, const char *what, uint64_t number);

/* --- demo_life.c: what people do beside asking and answering --- */

/** Draws every row of that moment; @p number tells this one from others of its kind, the same in
 *  every run with one seed. @p arg goes with it. */
void demo_live(struct demo *d, enum demo_moment moment, const struct object_id *id,
	       struct demo_of of);
void demo_do_life(struct demo *d, const struct demo_item *it);
/** Does that pool of the region name its workers? */
bool demo_pool_has_workers(const struct demo *d, uint32_t pool);
/** Was that row there in the world that is played, and is it drawn now? */
bool demo_does(const struct demo *d, const char *key, uint64_t number);

/* --- demo_check.c: honest numbers --- */

/** A client keeps the receipt of its request. */
void demo_keep_receipt(struct demo *d, uint32_t who, const PB(Receipt) *r, bool gate);
/** Asks intake for every request that was ever receipted, in this run or an earlier one. */
void demo_check(struct demo *d);
/** Opens the file of receipts. @return an exit code. */
int demo_receipts_open(struct demo *d);

/* --- demo_events.c: what was read, for others to count --- */

/** @p path NULL: nothing is kept. @return an exit code. */
int demo_events_open(struct demo *d, const char *path);
int demo_events_close(struct demo *d);
/** When the run began and ended. */
void demo_events_run(struct demo *d);
void demo_events_note(struct demo *d, enum demo_daemon from, uint64_t sequence, const PB(Event) *e);
void demo_events_request(struct demo *d, const PB(SubmitRequest) *s, const PB(Receipt) *r,
			 bool gate);
void demo_events_start(struct demo *d, const struct object_id *contribution, uint32_t worker);

/* --- demo_result.c: what a run gave --- */

/** Counts what the events of this run told. @return an exit code. */
int demo_result(struct demo *d, struct demo_result *ret_result);
/** Each row of a month of that figure, as the coordinator sees it. @return an exit code. */
typedef void demo_figure_fn(void *ctx, const PB(FigureRow) *row);
int demo_figure(struct demo *d, enum demo_daemon at, PB(FigureKind) kind, demo_figure_fn *fn,
		void *ctx);

/* --- demo_show.c: what is seen --- */

enum demo_weight {
	DEMO_STEP = 1, /* a message and its answer: with --steps */
	DEMO_STORY,    /* told in the live demo */
	DEMO_NEWS,     /* told when some weeks are played fast */
	DEMO_ALWAYS,   /* told in a whole year too */
};

struct demo_told {
	enum demo_weight weight;
	const char *code; /* short code of the request; may be NULL */
};
#define TOLD(weight, code) ((struct demo_told){ (weight), (code) })
/** One line of the story, with its time. */
void demo_tell(struct demo *d, struct demo_told told, const char *nl, const char *en, ...)
	__attribute__((format(printf, 3, 5), format(printf, 4, 5)));
bool demo_tells(const struct demo *d, enum demo_weight weight);
const char *demo_name(const struct demo *d, uint32_t who);
/** Takes the progress bar off the screen before something is printed. */
void demo_bar_clear(struct demo *d);
void demo_status(struct demo *d);
void demo_opening(struct demo *d, bool first);
/** What a check on the way found. */
void demo_checked(struct demo *d);
void demo_closing(struct demo *d);
