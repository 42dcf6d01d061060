/* SPDX-License-Identifier: EUPL-1.2 */
/* `schakel node doctor`: one line for each check, and what to do where it is not right. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

#include "common/files.h"
#include "common/when.h"
#include "services/cli/node.h"
#include "services/cli/output.h"
#include "services/cli/receipt_list.h"
#include "services/cli/signal.h"

#define FLUSHES 21
#define FLUSH_SLOW_US 20000
#define FLUSH_SUSPECT_US 30 /* faster than any disk: the flush is not a flush (RELIABILITY D5) */
#define MAP_FULL_PERCENT 80
#define LAG_MAX 10000

struct doctor {
	struct cli *cli;
	struct call *call;
	json_t *checks;
	unsigned bad;
	unsigned warned;
};

enum verdict { GOOD, WARN, BAD };

/* @p nl and @p en: what was found, and what to do when it is not right. */
static void say(struct doctor *d, enum verdict v, const char *check, const char *nl, const char *en)
{
	static const char *const mark_nl[] = { "goed", "let op", "fout" };
	static const char *const mark_en[] = { "good", "mind", "wrong" };
	static const char *const code[] = { "GOOD", "WARN", "BAD" };
	static const char *const names[][2] = { /* daemons have their own name */
						{ "configuration", "configuratie" },
						{ "keys", "sleutels" },
						{ "disk", "schijf" },
						{ "space", "ruimte" },
						{ "clock", "klok" }
	};
	const char *shown = check;
	const char *text = cli_text(d->cli, nl, en);

	d->bad += v == BAD;
	d->warned += v == WARN;
	(void)json_array_append_new(d->checks, json_pack("{s:s, s:s, s:s}", "check", check,
							 "verdict", code[v], "text", text));
	for (size_t i = 0; i < SK_LEN(names); i++) {
		shown = strcmp(names[i][0], check) == 0 ? cli_text(d->cli, names[i][1], check) :
							  shown;
	}
	if (!d->cli->json) {
		(void)fprintf(d->cli->out, "%-7s %-14s %s\n",
			      cli_text(d->cli, mark_nl[v], mark_en[v]), shown, text);
	}
}

/* --- files --- */

static void check_mode(struct doctor *d, const char *path, bool needed)
{
	struct cli *c = d->cli;
	struct stat st;

	if (stat(path, &st) != 0) {
		if (needed || errno != ENOENT) {
			say(d, BAD, "keys",
			    cli_printf(c, "%s ontbreekt: zet de reservekopie terug", path),
			    cli_printf(c, "%s is missing: restore it from the backup", path));
		}
		return;
	}
	if ((st.st_mode & 077) != 0) {
		say(d, BAD, "keys",
		    cli_printf(c, "%s is leesbaar voor anderen: chmod 600 %s", path, path),
		    cli_printf(c, "%s can be read by others: chmod 600 %s", path, path));
	}
}

static void check_keys(struct doctor *d, const struct conf *conf)
{
	struct cli *c = d->cli;
	unsigned before = d->bad;
	char path[CONF_PATH_MAX];

	for (size_t i = 0; i < CONF_DAEMONS; i++) {
		if (conf_secret_path(conf, conf->daemons[i].name, path) == SK_OK) {
			check_mode(d, path, true);
		}
		check_mode(d, cli_printf(c, "%s/store.key", conf->daemons[i].dir), true);
	}
	for (size_t i = 0; i < conf->parties_len; i++) {
		if (conf_secret_path(conf, conf->parties[i].id, path) == SK_OK) {
			check_mode(d, path, false);
		}
	}
	check_mode(d, cli_printf(c, "%s/" NODE_CAPSULE_SECRET, conf->keys_dir), false);
	if (d->bad == before) {
		say(d, GOOD, "keys", "sleutels staan er en zijn van niemand anders te lezen",
		    "keys are there and nobody else can read them");
	}
}

static void check_order(struct doctor *d, const struct conf *conf)
{
	struct cli *c = d->cli;
	enum setting which = setting_unlawful(conf->settings);

	if (which != SETTING_COUNT) {
		const char *key = setting_spec[which].key;
		unsigned long long v = conf->settings[which];
		say(d, BAD, "configuration",
		    cli_printf(c,
			       "%s = %llu: de lijst loopt niet volgens de wet van de volgorde; dat "
			       "is voor proeven. Haal de regel weg en verhoog rules_version",
			       key, v),
		    cli_printf(c,
			       "%s = %llu: the list does not run by the law of the order; that is "
			       "for experiments. Leave the line out and raise rules_version",
			       key, v));
	}
}

static uint64_t now_us(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

/* Median of a few flushes of one block, on the disk of the store. 0: it could not be measured. */
static uint64_t flush_us(struct cli *c, const char *dir)
{
	static const uint8_t block[4096] = { 1 };
	const char *path = cli_printf(c, "%s/.doctor-%ld", dir, (long)getpid());
	uint64_t us[FLUSHES] = { 0 };
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd < 0) {
		return 0;
	}
	(void)unlink(path);
	for (size_t i = 0; i < FLUSHES; i++) {
		uint64_t from = now_us();
		if (pwrite(fd, block, sizeof(block), 0) != (ssize_t)sizeof(block) ||
		    fdatasync(fd) != 0) {
			(void)close(fd);
			return 0;
		}
		uint64_t took = now_us() - from;
		size_t k = i;
		for (; k > 0 && us[k - 1] > took; k--) {
			us[k] = us[k - 1];
		}
		us[k] = took;
	}
	(void)close(fd);
	return us[FLUSHES / 2] == 0 ? 1 : us[FLUSHES / 2];
}

static void check_disk(struct doctor *d, const struct conf *conf)
{
	struct cli *c = d->cli;
	const char *dir = conf->daemons[0].dir;
	struct statvfs fs;
	unsigned long long us = flush_us(c, dir);

	if (us == 0) {
		say(d, BAD, "disk",
		    cli_printf(c, "%s: schrijven lukt niet: %s", dir, strerror(errno)),
		    cli_printf(c, "%s: writing fails: %s", dir, strerror(errno)));
		return;
	}
	say(d, us > FLUSH_SLOW_US || us < FLUSH_SUSPECT_US ? WARN : GOOD, "disk",
	    cli_printf(c, "vastleggen op de schijf duurt %llu µs%s", us,
		       us > FLUSH_SLOW_US    ? "; dat is traag: neem een schijf met stroombuffer" :
		       us < FLUSH_SUSPECT_US ? "; dat is te snel om echt te zijn: zet de "
					       "schrijfbuffer van de schijf na" :
					       ""),
	    cli_printf(c, "a flush to the disk takes %llu µs%s", us,
		       us > FLUSH_SLOW_US    ? "; that is slow: use a disk with power-loss "
					       "protection" :
		       us < FLUSH_SUSPECT_US ? "; that is too fast to be true: check the disk's "
					       "write cache" :
					       ""));
	if (statvfs(dir, &fs) != 0) {
		return;
	}
	unsigned long long free_mib = (unsigned long long)fs.f_bavail * fs.f_frsize >> 20;
	unsigned long long want_mib = conf->store.disk_reserve_bytes >> 20;
	say(d,
	    free_mib < want_mib     ? BAD :
	    free_mib < 4 * want_mib ? WARN :
				      GOOD,
	    "space",
	    cli_printf(c, "%llu MiB vrij, de reserve is %llu MiB%s", free_mib, want_mib,
		       free_mib < 4 * want_mib ? "; maak plaats" : ""),
	    cli_printf(c, "%llu MiB free, the reserve is %llu MiB%s", free_mib, want_mib,
		       free_mib < 4 * want_mib ? "; make room" : ""));
}

static void check_clock(struct doctor *d)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_REALTIME, &t);
	bool right = t.tv_sec > 1735689600 && t.tv_sec < 4102444800; /* 2025 to 2099 */
	say(d, right ? GOOD : BAD, "clock",
	    right ? "de klok van de machine is aannemelijk" :
		    "de klok van de machine staat verkeerd: zet ze juist (timedatectl)",
	    right ? "the machine's clock is plausible" :
		    "the machine's clock is wrong: set it (timedatectl)");
}

/* --- what a running daemon says --- */

static void check_links(struct doctor *d, const PB(StatusView) *v)
{
	struct cli *c = d->cli;

	for (size_t i = 0; i < v->n_links; i++) {
		const PB(LinkStatus) *l = v->links[i];
		uint64_t lag = l->written_to > l->peer_read_to ? l->written_to - l->peer_read_to :
								 0;
		if (l->paused || !l->connected) {
			say(d, WARN, v->daemon,
			    l->paused ? cli_printf(c,
						   "leest niet van %s: stilgezet, schakel link "
						   "pause "
						   "%s %s --resume",
						   l->peer, v->daemon, l->peer) :
					cli_printf(c,
						   "leest niet van %s: geen verbinding, loopt die "
						   "dienst?",
						   l->peer),
			    l->paused ? cli_printf(c,
						   "does not read from %s: paused, schakel link "
						   "pause "
						   "%s %s --resume",
						   l->peer, v->daemon, l->peer) :
					cli_printf(c,
						   "does not read from %s: no connection, does "
						   "that "
						   "service run?",
						   l->peer));
		}
		if (l->held) {
			say(d, BAD, v->daemon,
			    cli_printf(c,
				       "kan het volgende bericht van %s niet verwerken of "
				       "opzijzetten: schakel quarantine list, of start opnieuw na "
				       "een update",
				       l->peer),
			    cli_printf(c,
				       "can neither take nor set aside the next message of %s: "
				       "schakel quarantine list, or restart after an update",
				       l->peer));
		}
		if (lag > LAG_MAX) {
			say(d, WARN, v->daemon,
			    cli_printf(c, "%s loopt %llu berichten achter", l->peer,
				       (unsigned long long)lag),
			    cli_printf(c, "%s is %llu messages behind", l->peer,
				       (unsigned long long)lag));
		}
	}
}

static void check_alarms(struct doctor *d, const PB(StatusView) *v)
{
	if (v->clock_alarm) {
		say(d, BAD, v->daemon,
		    "de klok versprong; termijnen wachten tot schakel node clock accept",
		    "the clock jumped; terms wait for schakel node clock accept");
	}
	if (v->reconciling) {
		say(d, WARN, v->daemon,
		    "vergelijkt gegevens na herstel; duurt het lang, zie schakel link show",
		    "compares data after a restore; if it takes long, see schakel link show");
	}
	if (v->draining) {
		say(d, WARN, v->daemon, "neemt niets nieuws aan; schakel node drain --off",
		    "takes nothing new; schakel node drain --off");
	}
	if (v->map_size_bytes > 0 &&
	    v->map_used_bytes * 100 / v->map_size_bytes > MAP_FULL_PERCENT) {
		say(d, BAD, v->daemon, "de opslag is bijna vol: verhoog [store] map_bytes",
		    "the store is nearly full: raise [store] map_bytes");
	}
}

static void check_quarantine(struct doctor *d, const PB(StatusView) *v)
{
	struct cli *c = d->cli;
	unsigned long long rows = v->quarantined;

	if (rows >= QUARANTINE_ROWS_MAX) {
		say(d, BAD, v->daemon,
		    cli_printf(c,
			       "%llu berichten opzijgezet; meer kan niet, verbindingen wachten: "
			       "schakel quarantine list",
			       rows),
		    cli_printf(c,
			       "%llu messages set aside; no more can be, links wait: schakel "
			       "quarantine list",
			       rows));
	} else if (rows > 0) {
		say(d, WARN, v->daemon,
		    cli_printf(c, "%llu bericht(en) opzijgezet: schakel quarantine list", rows),
		    cli_printf(c, "%llu message(s) set aside: schakel quarantine list", rows));
	}
}

static void check_daemon(struct doctor *d, const struct conf_daemon *daemon)
{
	struct cli *c = d->cli;
	PB(StatusView) *v = NULL;
	pid_t pid = daemon_pid(daemon);

	if (pid == 0) {
		say(d, BAD, daemon->name,
		    cli_printf(c, "loopt niet: schakel-%sd --config %s", daemon->name,
			       d->call->conf->dir),
		    cli_printf(c, "does not run: schakel-%sd --config %s", daemon->name,
			       d->call->conf->dir));
		return;
	}
	if (status_query(d->call, daemon->name, &v) != CLI_DONE) {
		say(d, BAD, daemon->name,
		    cli_printf(c, "loopt (proces %d) maar antwoordt niet: zie het logboek",
			       (int)pid),
		    cli_printf(c, "runs (process %d) but does not answer: see its log", (int)pid));
		return;
	}
	unsigned before = d->bad + d->warned;
	check_links(d, v);
	check_alarms(d, v);
	check_quarantine(d, v);
	unsigned long long sequence = v->sequence;
	unsigned long long flush = v->flush_p50_us;
	if (d->bad + d->warned == before) {
		say(d, GOOD, daemon->name,
		    cli_printf(c, "loopt (proces %d), volgnummer %llu, schijf %llu µs", (int)pid,
			       sequence, flush),
		    cli_printf(c, "runs (process %d), sequence %llu, disk %llu µs", (int)pid,
			       sequence, flush));
	}
}

int cmd_node_doctor(struct cli *c)
{
	AUTO_CALL struct call k = { .timeout_ms = 2000 };
	struct doctor d = { .cli = c, .call = &k, .checks = json_array() };
	int rc = call_open(&k, c);

	if (rc == CLI_DONE) {
		say(&d, GOOD, "configuration",
		    cli_printf(c, "schakel.ini en parties.ini kloppen: %zu zones, %zu partijen",
			       k.conf->zones_len, k.conf->parties_len),
		    cli_printf(c, "schakel.ini and parties.ini are right: %zu zones, %zu parties",
			       k.conf->zones_len, k.conf->parties_len));
		check_order(&d, k.conf);
		check_keys(&d, k.conf);
		check_disk(&d, k.conf);
		check_clock(&d);
		for (size_t i = 0; i < CONF_DAEMONS; i++) {
			check_daemon(&d, &k.conf->daemons[i]);
		}
		rc = d.bad > 0 ? CLI_REFUSED : CLI_DONE;
	}
	json_t *doc = json_pack("{s:o, s:i, s:i}", "checks", d.checks, "bad", (int)d.bad, "warned",
				(int)d.warned);
	if (c->json && rc != CLI_USAGE) {
		out_json(c, doc);
	}
	json_decref(doc);
	return rc;
}
