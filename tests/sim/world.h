/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  The world of one run: daemons with their real engine and core, clients, the network
 * between them, the machines under them, one virtual clock, and everything that goes wrong. One
 * thread; what happens next is the first event by (time, a number drawn from the seed, order of
 * making). Ownership: world_new() to world_free(). A violation prints the last events and ends the
 * process with code 1. */
#include <setjmp.h>

#include "common/engine.h"
#include "common/wire.h"
#include "tests/sim/disk.h"
#include "tests/sim/ledger.h"
#include "tests/sim/options.h"

#define DAEMONS_MAX 3
#define CLIENTS_MAX 32
#define NODES_MAX (DAEMONS_MAX + CLIENTS_MAX)
#define COPIES_MAX 3
#define TRACE_LEN 200
#define TRACE_TEXT 120
#define WALL_BASE_MS 1772532000000ULL /* Tuesday 3 March 2026, 10:00 UTC */
#define SIM_SECOND_US 1000000ULL
#define SIM_HOUR_MS 3600000ULL
#define SIM_DAY_MS (24 * SIM_HOUR_MS)

struct world;
struct client;

typedef void event_fn(struct world *w, void *ctx, uint64_t n);

struct event {
	uint64_t at_us;
	uint64_t tie;
	uint64_t made;
	event_fn *fn;
	void *ctx;
	uint64_t n;
	bool owned; /* ctx is freed with the event */
};

struct packet {
	int from;
	int to;
	bool answer;    /* of a ROUTER to who asked */
	uint64_t epoch; /* of the connection: gone when a reset came between */
	size_t len;
	uint8_t bytes[];
};

struct machine {
	uint64_t boot_us;    /* virtual time at which it started */
	int64_t wall_off_ms; /* of its wall clock */
};

/** A backup: store and journal of one instant. */
struct copy {
	uint8_t *store;
	size_t store_len;
	struct disk disk;
	uint64_t sequence;
	uint64_t taken_us;
	uint64_t aged_ms; /* of the world, then */
};

/** How far a reader ever was, durably. */
struct read_mark {
	uint32_t incarnation;
	uint64_t sequence;
};

enum ending { ENDED_OK, ENDED_KILL, ENDED_POWER, ENDED_DIE, ENDED_FAULT };

struct flip {
	bool batch; /* a bit of a durable batch, */
	bool value; /* or of a value of the store */
	uint64_t segment, offset;
	unsigned int bit;
	uint8_t sector[SECTOR_BYTES]; /* as it stands with the turned bit */
	uint8_t key[KEY_LEN_MAX + 1];
	size_t key_len;
	uint8_t *good; /* the value as it was */
	size_t good_len;
};

struct daemon {
	struct world *w;
	int node;
	const struct service *svc;
	struct party self;
	struct machine *machine;
	bool up;
	bool starting;
	struct engine *engine;
	struct store store;
	bool store_open;
	struct port port;
	struct poison_slot slot;
	struct disk disk;
	char dir[80];
	struct engine_conf conf;
	struct incarnation file_inc; /* the file outside backups */
	uint64_t file_sequence;
	uint64_t file_us;
	struct ledger ledger;
	struct copy copy[COPIES_MAX];
	size_t copies;
	struct flip flip;
	uint64_t restores; /* old copies that were put in its place */
	bool unheard;      /* since the last of them its peers were not all heard */
	bool hearing;      /* it has noticed */
	bool disk_full;
	struct packet **inbox;
	size_t inbox_len, inbox_cap;
	size_t inbox_at;  /* the one being taken */
	uint64_t wait_ms; /* what the last turn wants */
	int open_err;
	uint64_t lag_us; /* of this turn: a slow disk */
	uint64_t busy_until_us;
	uint64_t wake_at_us;
	uint64_t wake_gen;
	uint64_t starts;
	uint64_t first_nonce; /* of the store as it was made */
	struct read_mark
		read_max[DAEMONS_MAX]; /* of each writer's log: durable cursors, all lives */
	uint64_t credit[NODES_MAX];    /* that each asker's open question still grants */
	bool expect_die;               /* an error was injected that must end it */
	PB(PlanProposed) *plan;        /* being handed over */
};

struct client {
	int node;
	struct party party;
	/** A frame of daemon @p from; @p m is NULL for a frame without a message. */
	void (*on_frame)(struct client *c, struct daemon *from, const PB(Frame) *f,
			 const PB(Message) *m);
	/** Every second in phase B; @return true when nothing is left to do. */
	bool (*idle)(struct client *c);
	/** Says in the trace what it still waits for. May be NULL. */
	void (*say)(struct client *c);
	void (*done)(struct client *c);
	struct world *w;
};

struct scenario {
	const char *name;
	/** Bends the options that were drawn, before they are printed. May be NULL, as all below.
	 */
	void (*adjust)(struct rng *r, struct options *o);
	/** A daemon has recovered up to @p sequence; nothing was stepped yet. */
	void (*started)(struct world *w, struct daemon *d, uint64_t sequence);
	/** An old copy took the place of a daemon's files. */
	void (*restored)(struct world *w, struct daemon *d);
	/** A client was told the outcome of input @p sequence. */
	void (*acknowledged)(struct world *w, struct daemon *d, uint64_t sequence);
	/** What the oracle keeps of an input: rec->tag[]. */
	void (*describe)(struct world *w, struct daemon *d, const struct applied *a,
			 struct record_kept *rec);
	/** After each turn of a daemon. */
	void (*after_turn)(struct world *w, struct daemon *d);
	/** Now and then, and once after everything is quiet (@p end). */
	void (*check)(struct world *w, bool end);
	/** Starts more work of its own at the beginning of phase A. */
	void (*begin)(struct world *w);
};

struct world {
	uint64_t seed;
	struct rng rng;
	struct options opt;
	const struct scenario *scenario;
	void *laws; /* of the scenario */
	uint64_t now_us;
	bool phase_b;
	struct event *heap;
	size_t heap_len, heap_cap;
	uint64_t made;
	struct machine machine[DAEMONS_MAX];
	struct daemon daemon[DAEMONS_MAX];
	size_t daemons;
	struct client *client[CLIENTS_MAX];
	size_t clients;
	bool cut[NODES_MAX][NODES_MAX]; /* directed: partitions */
	uint64_t epoch[NODES_MAX][NODES_MAX];
	uint8_t *config;
	size_t config_len;
	PB(ConfigApplied) *config_msg;
	struct claims claims;
	struct daemon *running; /* whose code is on the stack, or NULL */
	sigjmp_buf back;
	enum ending ending;
	uint64_t restores;
	uint64_t leapt_ms; /* time that the world slept */
	uint64_t aged_ms;  /* by which some daemon's time may have leapt */
	uint64_t events;
	uint64_t trace_hash;
	char trace[TRACE_LEN][TRACE_TEXT];
	size_t trace_at;
};

/* --- world.c: life --- */

struct world *world_new(uint64_t seed, const struct scenario *sc,
			const struct service *const *services, size_t n);
void world_free(struct world *w);
void world_set_config(struct world *w, PB(ConfigApplied) *owned);
void world_add_client(struct world *w, struct client *c);
/** Phase A, phase B, the last checks; prints the digest. */
void world_run(struct world *w);
_Noreturn void world_fail(struct world *w, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
void world_trace(struct world *w, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
struct daemon *world_daemon(struct world *w, const char *name);
struct daemon *world_node_daemon(struct world *w, int node);

/* --- world_time.c: events, clocks --- */

void world_at(struct world *w, uint64_t at_us, event_fn *fn, void *ctx, uint64_t n);
void world_at_owned(struct world *w, uint64_t at_us, event_fn *fn, void *owned);
/** Runs the next event. @return false when there is none. */
bool world_step(struct world *w);
void world_drop_events(struct world *w);
/** All pending events and all clocks move on by @p us: a world that slept. */
void world_leap(struct world *w, uint64_t us);
/** True wall time, as clients know it. */
uint64_t world_wall_ms(const struct world *w);
uint64_t daemon_boot_ms(const struct daemon *d);
uint64_t daemon_wall_ms(const struct daemon *d);

/* --- world_daemon.c: start, turn, stop, crash --- */

void daemon_init(struct world *w, struct daemon *d, const struct service *svc);
void daemon_done(struct daemon *d);
/** A store as this one was made: for a replay from the start. */
void daemon_new_store(struct daemon *d, struct store *st, const char *dir);
void daemon_start(struct world *w, void *ctx, uint64_t n);
void daemon_wake(struct daemon *d, uint64_t at_us);
/** Hands it the configuration in force, as SIGHUP does. */
void daemon_config(struct daemon *d);
/** Hands it what an optimiser made; it may be too busy for it. */
void daemon_plan(struct daemon *d, PB(PlanProposed) *plan);
void daemon_take(struct daemon *d, struct packet *p);
/** Ends it from outside, between two turns. */
void daemon_kill(struct daemon *d);
void daemon_power_cut(struct daemon *d);
void daemon_stop(struct daemon *d);
/** Leaves the daemon's code at once: as by a signal. Only from inside one of its calls. */
_Noreturn void daemon_crash(struct daemon *d, enum ending how);
void daemon_come_back(struct daemon *d);

/* --- world_port.c --- */

struct port daemon_port(struct daemon *d);
/** The same disk without faults: for a replay. */
struct port daemon_quiet_port(struct daemon *d);

/* --- world_net.c --- */

void net_send(struct world *w, int from, int to, bool answer, struct slice bytes);
/** Packs and sends a client's frame. */
void client_send(struct client *c, struct daemon *to, const PB(Frame) *f);
void client_send_bytes(struct client *c, struct daemon *to, struct slice bytes);
void net_reset(struct world *w, int node);

/* --- world_fault.c --- */

void faults_begin(struct world *w);
void faults_heal(struct world *w);
/** Before a start: bits that turned while it was down. */
void faults_flip(struct daemon *d);
/** Puts right what was turned. */
void faults_mend(struct daemon *d);
/* --- world_copy.c --- */

/** Takes a backup of a running daemon. */
void copies_take(struct daemon *d);
/** Puts a backup in the place of a daemon that is down. @return false when there is none that the
 *  file of incarnations would tell. */
bool copies_restore(struct daemon *d);
void copies_done(struct daemon *d);
/** Own directories, removed also when the run ends early. */
void scratch_dir(char *buf, size_t len, const char *name);
void scratch_remove(const char *dir);
void scratch_remove_all(void);

/* --- world_check.c --- */

/** Compares the store with the oracle's own fold of the effects (I19). */
void check_store(struct daemon *d);
/** Replays the inputs into a fresh store and compares (L11). */
void check_replay(struct daemon *d);
void check_all(struct world *w, bool end);
/** What the port sees leave (I4, I5, credit). */
void check_reply(struct daemon *d, int to, struct slice frame);
void check_applied(void *daemon, const struct applied *a);
void check_question(struct daemon *d, int to, struct slice frame);
void check_asked(struct daemon *d, int from, struct slice frame);
void check_trim(struct daemon *d);
/** Keeps how far it has read durably, of each log. */
void note_cursors(struct daemon *d);
/** After a start: nothing that was durable or had left is missing. */
void check_recovered(struct daemon *d);
bool world_is_quiet(struct world *w);
