/* SPDX-License-Identifier: EUPL-1.2 */
#include "common/conf_private.h"

#include <string.h>

/* --- cross checks --- */

static void check_zone(const struct conf *c, const struct conf_zone *z, struct conf_problems *pr)
{
	const struct {
		const char *key;
		const char *party;
	} refs[] = {
		{ "contact_party", z->contact_party },
		{ "stand_in_party", z->stand_in_party },
		{ "network_party", z->network_party },
	};
	for (size_t i = 0; i < SK_LEN(refs); i++) {
		if (refs[i].party[0] != '\0' && conf_party(c, refs[i].party) == NULL) {
			conf_problem(pr, CONF_MAIN_FILE, z->line,
				     "[zone.%s] %s \"%s\" is no party; add it to parties.ini",
				     z->id, refs[i].key, refs[i].party);
		}
	}
	if (z->contact_party[0] != '\0' && strcmp(z->contact_party, z->stand_in_party) == 0) {
		conf_problem(pr, CONF_MAIN_FILE, z->line,
			     "[zone.%s] stand_in_party \"%s\" must be another party than "
			     "contact_party; name another",
			     z->id, z->stand_in_party);
	}
}

static bool zone_exists(const struct conf *c, const char *id)
{
	for (size_t i = 0; i < c->zones_len; i++) {
		if (strcmp(c->zones[i].id, id) == 0) {
			return true;
		}
	}
	return false;
}

static void check_party(const struct conf *c, const struct conf_party *p, struct conf_problems *pr)
{
	for (uint32_t i = 0; i < p->zones_len; i++) {
		if (!zone_exists(c, p->zones[i])) {
			conf_problem(pr, CONF_PARTIES_FILE, p->line,
				     "[party.%s] zones \"%s\" is no zone; add [zone.%s] to "
				     "schakel.ini or remove it",
				     p->id, p->zones[i], p->zones[i]);
		}
	}
	bool daemon_role = (p->roles & ROLE_BIT(DAEMON)) != 0;
	if (daemon_role && (conf_daemon(c, p->id) == NULL || p->roles != ROLE_BIT(DAEMON))) {
		conf_problem(pr, CONF_PARTIES_FILE, p->line,
			     "[party.%s] roles DAEMON is for intake, waitlist and matching, alone; "
			     "correct it",
			     p->id);
	}
	const struct conf_party *same = p->key[0] != '\0' ? conf_party_by_key(c, p->key) : p;
	if (same != p) {
		conf_problem(pr, CONF_PARTIES_FILE, p->line,
			     "[party.%s] key is also the key of [party.%s]; make each its own with "
			     "`schakel partner add`",
			     p->id, same->id);
	}
}

static void check_daemons(const struct conf *c, struct conf_problems *pr)
{
	for (size_t i = 0; i < CONF_DAEMONS; i++) {
		const struct conf_daemon *d = &c->daemons[i];
		const struct conf_party *p = conf_party(c, d->name);
		if (p == NULL || p->roles != ROLE_BIT(DAEMON)) {
			conf_problem(pr, CONF_PARTIES_FILE, p == NULL ? 0 : p->line,
				     "[party.%s] with roles = DAEMON is missing; add it with the "
				     "daemon's key",
				     d->name);
		}
		for (size_t j = 0; j < i; j++) {
			if (strcmp(d->bind, c->daemons[j].bind) == 0) {
				conf_problem(pr, CONF_MAIN_FILE, 0,
					     "[%s] bind \"%s\" is also that of [%s]; change one",
					     d->name, d->bind, c->daemons[j].name);
			}
			if (strcmp(d->dir, c->daemons[j].dir) == 0) {
				conf_problem(pr, CONF_MAIN_FILE, 0,
					     "[%s] dir \"%s\" is also that of [%s]; change one",
					     d->name, d->dir, c->daemons[j].name);
			}
		}
		if (strncmp(d->bind, "ipc://", 6) == 0 && strlen(d->bind + 6) > CONF_IPC_PATH_MAX) {
			conf_problem(pr, CONF_MAIN_FILE, 0,
				     "[%s] bind \"%s\" is longer than %d bytes; use a shorter path "
				     "or tcp://127.0.0.1:PORT",
				     d->name, d->bind, CONF_IPC_PATH_MAX);
		}
	}
}

/* On one address only one of the two would be heard. Port 0 is a port of the system's choice. */
static void check_gateway(const struct conf *c, struct conf_problems *pr)
{
	const char *bind = c->gateway.bind;
	const char *port = strrchr(bind, ':');

	if (strcmp(bind, c->gateway.metrics_bind) == 0 && port != NULL && strcmp(port, ":0") != 0) {
		conf_problem(pr, CONF_MAIN_FILE, 0,
			     "[gateway] metrics_bind \"%s\" is also that of bind; change one",
			     bind);
	}
}

static void check_curve(const struct conf *c, struct conf_problems *pr)
{
	bool ipc = true;
	for (size_t i = 0; i < CONF_DAEMONS; i++) {
		ipc = ipc && strncmp(c->daemons[i].bind, "ipc://", 6) == 0;
	}
	if (!c->curve && !(ipc && c->demo)) {
		conf_problem(pr, CONF_MAIN_FILE, 0,
			     "[node] curve = off is for measurements: it needs demo = yes and "
			     "every "
			     "bind on ipc://; set curve = on");
	}
}

static void check_order(const struct conf *c, struct conf_problems *pr)
{
	static const struct {
		enum setting less;
		enum setting more;
	} pairs[] = {
		{ SETTING_WARN_SECOND, SETTING_WARN_FIRST },
		{ SETTING_ASK_REMINDER, SETTING_ASK_TTL },
		{ SETTING_LOG_SOFT, SETTING_LOG_HARD },
		{ SETTING_CHECK_FIRST, SETTING_CHECK_SECOND },
		{ SETTING_CHECK_SECOND, SETTING_CHECK_THIRD },
	};
	for (size_t i = 0; i < SK_LEN(pairs); i++) {
		if (c->settings[pairs[i].less] >= c->settings[pairs[i].more]) {
			conf_problem(pr, CONF_MAIN_FILE, 0,
				     "[settings] %s must be less than %s; change one",
				     setting_spec[pairs[i].less].key,
				     setting_spec[pairs[i].more].key);
		}
	}
	if (c->store.segment_bytes % BATCH_BLOCK != 0) {
		conf_problem(pr, CONF_MAIN_FILE, 0,
			     "[store] segment_bytes must be a multiple of %d; correct it",
			     BATCH_BLOCK);
	}
	if (c->store.map_bytes % BATCH_BLOCK != 0) {
		conf_problem(pr, CONF_MAIN_FILE, 0,
			     "[store] map_bytes must be a multiple of %d; correct it", BATCH_BLOCK);
	}
	if (c->store.disk_reserve_bytes < c->store.segment_bytes) {
		conf_problem(pr, CONF_MAIN_FILE, 0,
			     "[store] disk_reserve_bytes must be at least segment_bytes, for the "
			     "segment made ahead; raise it");
	}
}

void conf_cross_check(const struct conf *c, struct conf_problems *problems)
{
	for (size_t i = 0; i < c->zones_len; i++) {
		check_zone(c, &c->zones[i], problems);
	}
	for (size_t i = 0; i < c->parties_len; i++) {
		check_party(c, &c->parties[i], problems);
	}
	conf_outside_check(c, problems);
	check_daemons(c, problems);
	check_gateway(c, problems);
	check_curve(c, problems);
	check_order(c, problems);
	for (size_t i = 1; i < c->holidays_len; i++) {
		if (c->holidays[i] == c->holidays[i - 1]) {
			conf_problem(problems, CONF_MAIN_FILE, 0,
				     "[holidays] %u is given twice; remove one", c->holidays[i]);
		}
	}
}

static bool same_daemon_keys(const struct conf *a, const struct conf *b)
{
	for (size_t i = 0; i < CONF_DAEMONS; i++) {
		const struct conf_party *x = conf_party(a, a->daemons[i].name);
		const struct conf_party *y = conf_party(b, b->daemons[i].name);
		if (x == NULL || y == NULL || strcmp(x->key, y->key) != 0) {
			return false;
		}
	}
	return true;
}

static bool same_store(const struct conf_store *a, const struct conf_store *b)
{
	return a->map_bytes == b->map_bytes && a->segment_bytes == b->segment_bytes &&
	       a->disk_reserve_bytes == b->disk_reserve_bytes &&
	       a->commit_records == b->commit_records && a->commit_bytes == b->commit_bytes &&
	       a->commit_ms == b->commit_ms && a->commit_idle_ms == b->commit_idle_ms &&
	       a->keep_segments_days == b->keep_segments_days &&
	       a->checkpoint_days == b->checkpoint_days;
}

const char *conf_needs_restart(const struct conf *running, const struct conf *fresh)
{
	if (strcmp(running->node, fresh->node) != 0) {
		return "[node] name";
	}
	if (running->demo != fresh->demo || running->curve != fresh->curve) {
		return "[node] demo or curve";
	}
	if (strcmp(running->incarnation_dir, fresh->incarnation_dir) != 0) {
		return "[node] incarnation_dir";
	}
	for (size_t i = 0; i < CONF_DAEMONS; i++) {
		if (strcmp(running->daemons[i].bind, fresh->daemons[i].bind) != 0 ||
		    strcmp(running->daemons[i].dir, fresh->daemons[i].dir) != 0) {
			return "bind or dir of a daemon";
		}
	}
	if (!same_store(&running->store, &fresh->store)) {
		return "[store]";
	}
	return same_daemon_keys(running, fresh) ? NULL : "key of a daemon";
}
