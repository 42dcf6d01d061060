/* SPDX-License-Identifier: EUPL-1.2 */
/* `schakel demo`: makes or continues the demo node, starts its daemons, and plays the region. */
#include "services/cli/demo.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "common/civil.h"
#include "services/cli/demo_int.h"

#define REGION_DEFAULT "deploy/demo-region"
#define MESSAGES_BYTES (8U << 20)
#define READING_BYTES (1U << 20)
#define SPEED_DEFAULT 60 /* simulated minutes a second */
#define SPEED_MAX 100000
#define DAYS_MAX 3650
#define YEAR_DAYS 365
#define STEP_MAX_MS DEMO_HOUR_MS
#define STEP_FAST_MS (10 * DEMO_MINUTE_MS)
#define STEP_LIVE_MS DEMO_MINUTE_MS
#define STEP_GATE_MS (3 * DEMO_HOUR_MS) /* before the first day: nobody is in a crisis */
#define STEP_GATE_MAX_MS (6 * DEMO_HOUR_MS)
#define NAP_MS 50
#define LAG_MS 2000 /* behind its pace for longer, the live demo goes on from where it is */
#define ROUNDS_MAX 64

/* The demo begins on a Monday morning. */
static const struct civil_date first_day = { 2026, 1, 19 };
#define FIRST_MINUTE (8 * 60)

const struct option demo_options[] = {
	{ "days", "N", "speel N dagen, zo snel het gaat", "play N days, as fast as it goes" },
	{ "year", NULL, "speel een jaar, zo snel het gaat (enkele minuten)",
	  "play a year, as fast as it goes (some minutes)" },
	{ "speed", "MINUTEN", "minuten van de demo per seconde (60)",
	  "minutes of the demo a second (60)" },
	{ "seed", "N", "het toeval van de demo (1)", "the luck of the demo (1)" },
	{ "web", "ADRES:POORT", "toont de demo ook op een pagina, zoals op 127.0.0.1:8470",
	  "shows the demo on a page too, as on 127.0.0.1:8470" },
	{ "region", "MAP", "map met de voorbeeldregio (" REGION_DEFAULT ")",
	  "directory of the demo region (" REGION_DEFAULT ")" },
	{ "steps", NULL, "toon ook elk bericht en elk antwoord",
	  "show each message and answer too" },
	{ "quiet", NULL, "toon alleen de stand en het nazicht", "show figures and checks only" },
	{ 0 },
};

static volatile sig_atomic_t interrupted;

static void on_signal(int signum)
{
	(void)signum;
	interrupted = 1;
}

bool demo_stopped(const struct demo *d)
{
	return interrupted != 0 || d->ended || d->rc != CLI_DONE;
}

void demo_fail(struct demo *d, int rc)
{
	d->ended = true;
	if (d->rc == CLI_DONE) {
		d->rc = rc;
	}
}

void demo_watch_signals(void)
{
	static const int numbers[] = { SIGINT, SIGTERM, SIGHUP };
	struct sigaction sa = { .sa_handler = on_signal };

	interrupted = 0;
	(void)sigemptyset(&sa.sa_mask);
	for (size_t i = 0; i < SK_LEN(numbers); i++) {
		(void)sigaction(numbers[i], &sa, NULL);
	}
}

/* --- the beginning --- */

static uint64_t first_ms(void)
{
	uint64_t at = 0;
	int err = civil_to_ms(first_day, FIRST_MINUTE, &at);

	SK_ASSERT(err == SK_OK);
	return at;
}

/* Those who wait at the gate already are written down in the two weeks before the first day. */
static void plan_gate(struct demo *d, uint32_t there)
{
	uint32_t left = d->region.n.gate_waiting > there ? d->region.n.gate_waiting - there : 0;
	uint64_t from = d->now_ms;
	uint64_t to = first_ms() > from + DEMO_HOUR_MS ? first_ms() : from + DEMO_HOUR_MS;

	for (uint32_t i = 0; i < left; i++) {
		demo_add(d, from + (to - from) / (left + 1) * (i + 1), DEMO_GATE, 0, NULL);
	}
}

static void plan_calls(struct demo *d)
{
	uint64_t from = d->now_ms > first_ms() ? d->now_ms : first_ms();

	d->calls = demo_luck(d, "calls", from / DEMO_HOUR_MS);
	demo_add(d, demo_next_call_ms(&d->region.n, from, &d->calls), DEMO_CALL, 0, NULL);
}

static void plan_lines(struct demo *d)
{
	for (uint32_t i = 0; i < d->cast.len; i++) {
		d->line[i].luck = demo_luck(d, d->cast.party[i].id, d->now_ms / DEMO_HOUR_MS);
		bool partner = (d->cast.party[i].roles & ROLE_BIT(FACILITY)) != 0;
		if (partner) {
			demo_add(d, d->now_ms, DEMO_BACK, i, NULL);
		}
	}
}

/* --- playing --- */

static void dispatch(struct demo *d, const struct demo_item *it)
{
	if (it->what >= DEMO_ANSWER && it->what <= DEMO_BACK) {
		demo_do_partner(d, it);
	} else if (it->what == DEMO_LIVE) {
		demo_do_life(d, it);
	} else if (it->what != DEMO_LOOK) {
		demo_do_family(d, it);
	}
	demo_free(d);
}

static void look(struct demo *d)
{
	demo_settle(d);
	demo_read_events(d);
	demo_read_mail(d);
}

/* Everything that is due now, and what follows from it at once. */
static void act(struct demo *d)
{
	struct demo_item it;

	for (int i = 0; i < ROUNDS_MAX && !demo_stopped(d); i++) {
		bool any = false;
		while (!demo_stopped(d) && demo_agenda_take(&d->agenda, d->now_ms, &it)) {
			dispatch(d, &it);
			any = true;
		}
		if (!any) {
			return;
		}
		look(d);
	}
}

static uint64_t clock_ms(void)
{
	struct timespec t;

	SK_ASSERT(clock_gettime(CLOCK_MONOTONIC, &t) == 0);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

static uint64_t next_moment(const struct demo *d)
{
	uint64_t first = demo_agenda_first(&d->agenda);
	uint64_t fast = d->shown ? STEP_FAST_MS : STEP_GATE_MS;
	uint64_t least = d->now_ms + (d->speed > 0 && d->shown ? STEP_LIVE_MS : fast);
	uint64_t most = d->now_ms + (d->shown ? STEP_MAX_MS : STEP_GATE_MAX_MS);
	uint64_t to = first < most ? first : most;

	to = to < least ? least : to;
	return to < d->end_ms ? to : d->end_ms;
}

/* The pace of the live demo: an instant of its clock belongs to one of ours. */
struct pace {
	uint64_t real_ms;
	uint64_t demo_ms;
};

static void keep_pace(const struct demo *d, struct pace *p, uint64_t to_ms)
{
	uint64_t ms_per_ms = d->speed * 60ULL;
	uint64_t due = p->real_ms + (to_ms - p->demo_ms) / (ms_per_ms == 0 ? 1 : ms_per_ms);
	uint64_t now = clock_ms();

	if (d->speed == 0 || !d->shown) {
		return;
	}
	if (now > due + LAG_MS) {
		*p = (struct pace){ now, to_ms };
	}
	for (; now < due && !demo_stopped(d); now = clock_ms()) {
		uint64_t left = due - now < NAP_MS ? due - now : NAP_MS;
		struct timespec t = { .tv_nsec = (long)left * 1000000 };
		(void)nanosleep(&t, NULL);
	}
}

static uint64_t status_every(const struct demo *d)
{
	uint64_t whole = d->end_ms == UINT64_MAX ? UINT64_MAX : d->end_ms - d->begin_ms;

	if (d->speed > 0 || whole <= 14 * DEMO_DAY_MS) {
		return DEMO_DAY_MS;
	}
	return whole <= 100 * DEMO_DAY_MS ? DEMO_WEEK_MS : 4 * DEMO_WEEK_MS;
}

static void watch(struct demo *d)
{
	if (d->task->watch != NULL && d->shown && d->now_ms >= d->watch_ms) {
		d->task->watch(d->task->watch_ctx, d);
		d->watch_ms = d->now_ms + DEMO_DAY_MS;
	}
}

static void play(struct demo *d)
{
	struct pace pace = { clock_ms(), d->now_ms };
	uint64_t status_ms = d->now_ms + status_every(d);
	uint64_t check_ms = d->now_ms + 4 * DEMO_WEEK_MS;

	while (!demo_stopped(d) && d->now_ms < d->end_ms) {
		uint64_t to = next_moment(d);
		keep_pace(d, &pace, to);
		demo_supervise(d);
		if (demo_stopped(d)) {
			return;
		}
		demo_advance(d, to);
		look(d);
		act(d);
		progress_at(&d->bar, d->now_ms - d->begin_ms);
		if (d->now_ms >= status_ms && d->shown) {
			demo_status(d);
			status_ms = d->now_ms + status_every(d);
		}
		watch(d);
		if (d->now_ms >= check_ms && d->shown && d->inner == NULL) {
			demo_check(d);
			demo_checked(d);
			check_ms = d->now_ms + 4 * DEMO_WEEK_MS;
		}
	}
}

/* The list at the gate, unseen but for a bar. */
static void play_gate(struct demo *d)
{
	uint64_t end_ms = d->end_ms;

	if (d->now_ms >= first_ms()) {
		return;
	}
	d->begin_ms = d->now_ms;
	d->end_ms = first_ms();
	progress_begin(&d->bar, d->cli,
		       cli_text(d->cli, "De wachtlijst van het begin", "The list at the start"),
		       d->no_bar ? 0 : d->end_ms - d->begin_ms);
	play(d);
	progress_end(&d->bar);
	d->end_ms = end_ms;
}

static void begin(struct demo *d)
{
	uint64_t start = first_ms() - DEMO_BACKLOG_DAYS * DEMO_DAY_MS;
	uint32_t gate = demo_receipts_read(d);

	d->calls_made = d->world.requests.len - gate;
	d->resumed = d->world.requests.len > 0;
	demo_advance(d, d->now_ms > start ? d->now_ms : start);
	demo_settle(d);
	plan_lines(d);
	demo_resume(d);
	demo_plan_pools(d);
	bool kept = d->resumed && demo_plans_read(d);
	for (uint32_t i = 0; i < d->region.pools_len && !kept; i++) {
		demo_live(d, DEMO_AT_BEGIN, NULL, (struct demo_of){ i, i });
	}
	plan_gate(d, gate);
	plan_calls(d);
	d->planned = !demo_stopped(d) || kept;
}

static void run(struct demo *d, uint32_t days)
{
	if (!demo_wait_ready(d)) {
		demo_fail(d, CLI_UNREACHABLE);
		return;
	}
	if (d->exact) {
		demo_exact_begin(d);
	}
	begin(d);
	play_gate(d);
	d->begin_ms = d->now_ms;
	d->end_ms = days == 0 ? UINT64_MAX : d->now_ms + days * DEMO_DAY_MS;
	d->shown = true;
	watch(d);
	demo_web_show(d);
	if (!demo_stopped(d)) {
		demo_status(d);
	}
	progress_begin(&d->bar, d->cli, cli_text(d->cli, "De demo", "The demo"),
		       d->speed > 0 || d->no_bar ? 0 : d->end_ms - d->begin_ms);
	play(d);
	progress_end(&d->bar);
	if (d->rc == CLI_DONE) {
		demo_status(d);
		demo_check(d);
		demo_closing(d);
		d->rc = d->counts.missing + d->counts.wrong > 0 ? CLI_REFUSED : CLI_DONE;
	}
}

/* --- the command --- */

static int read_options(struct cli *c, struct demo_task *io_task)
{
	io_task->days = cli_flag(c, "year") ? YEAR_DAYS : 0;
	int rc = demo_read_task(c, io_task);

	if (rc == CLI_DONE) {
		rc = cli_opt_u32(c, "speed", SPEED_MAX, &io_task->speed);
	}
	bool fast = io_task->days > 0 && cli_opt(c, "speed") == NULL;
	io_task->speed = fast ? 0 : io_task->speed == 0 ? SPEED_DEFAULT : io_task->speed;
	io_task->quiet = cli_flag(c, "quiet");
	io_task->steps = cli_flag(c, "steps");
	io_task->web = cli_opt(c, "web");
	return rc;
}

static void close_all(struct demo *d)
{
	demo_lines_done(d);
	demo_children_stop(&d->children);
	inner_close(d->inner);
	if (d->receipts >= 0) {
		(void)close(d->receipts);
	}
	demo_agenda_done(&d->agenda);
	demo_world_done(&d->world);
	demo_region_done(&d->region);
	conf_free(d->conf);
	free(d->arena.base);
	free(d->reading.base);
	free(d->aside.base);
	free(d);
}

static struct demo *open_demo(struct cli *c)
{
	struct demo *d = calloc(1, sizeof(*d));
	void *arena = aligned_alloc(16, MESSAGES_BYTES);
	void *reading = aligned_alloc(16, READING_BYTES);
	void *aside = aligned_alloc(16, READING_BYTES);

	SK_ASSERT(d != NULL && arena != NULL && reading != NULL && aside != NULL);
	arena_init(&d->arena, arena, MESSAGES_BYTES);
	arena_init(&d->reading, reading, READING_BYTES);
	arena_init(&d->aside, aside, READING_BYTES);
	d->cli = c;
	d->seed = 1;
	d->receipts = -1;
	d->end_ms = UINT64_MAX;
	return d;
}

/* Not of one that ended before it knew what it would do: what was kept before is still true. */
static void keep_plans(struct demo *d)
{
	int err = d->planned ? demo_plans_keep(d) : SK_OK;

	if (err != SK_OK) {
		demo_fail(d, cli_fail(d->cli, "demo-plans.txt", err));
	}
}

/* Daemons, or the cores alone. */
static int start_cores(struct demo *d, const struct demo_task *t)
{
	if (!t->inner) {
		return demo_children_start(d->cli, d->conf, d->web[0] != '\0', &d->children);
	}
	int err = inner_open(d->conf, t->plans, &d->inner);
	return err == SK_OK ? CLI_DONE : cli_fail(d->cli, d->conf->dir, err);
}

int demo_play(struct cli *c, const struct demo_task *t, struct demo_result *ret_result)
{
	struct demo *d = open_demo(c);
	bool made = false;

	d->task = t;
	d->seed = t->seed;
	d->speed = t->speed;
	d->quiet = t->quiet;
	d->steps = t->steps;
	d->silent = ret_result != NULL;
	d->yesterday = t->yesterday;
	d->no_bar = t->no_bar;
	int rc = demo_node_open(d, t, &made);
	if (rc == CLI_DONE) {
		rc = demo_events_open(d, t->events);
	}
	if (rc == CLI_DONE) {
		demo_opening(d, made);
		rc = t->web == NULL ? CLI_DONE : demo_web_prepare(d, t->web);
		rc = rc == CLI_REFUSED ? CLI_DONE : rc;
	}
	if (rc == CLI_DONE) {
		rc = start_cores(d, t);
	}
	if (rc == CLI_DONE) {
		d->exact = t->exact && !t->inner;
		run(d, t->days);
		demo_exact_end(d);
		keep_plans(d);
		rc = d->rc;
	}
	if (rc == CLI_DONE && ret_result != NULL) {
		demo_events_run(d);
		d->watch_ms = d->now_ms;
		watch(d);
		rc = demo_result(d, ret_result);
	}
	int kept = demo_events_close(d);
	close_all(d);
	return rc == CLI_DONE ? kept : rc;
}

int demo_read_task(struct cli *c, struct demo_task *io_task)
{
	const char *region = cli_opt(c, "region");
	int rc = cli_opt_u64(c, "seed", UINT64_MAX, &io_task->seed);

	io_task->region = region == NULL ? REGION_DEFAULT : region;
	return rc == CLI_DONE ? cli_opt_u32(c, "days", DAYS_MAX, &io_task->days) : rc;
}

bool demo_interrupted(void)
{
	return interrupted != 0;
}

int cmd_demo(struct cli *c)
{
	struct demo_task t = { .seed = 1, .dir = demo_node_dir(c) };
	int rc = read_options(c, &t);

	demo_watch_signals();
	if (rc == CLI_DONE) {
		rc = demo_play(c, &t, NULL);
	}
	if (rc == CLI_DONE && interrupted != 0) {
		cli_say(c, "Gestopt. Alles is bewaard; start opnieuw om verder te gaan.",
			"Ended. All is kept; start again to go on.");
	}
	return rc;
}
