/* SPDX-License-Identifier: EUPL-1.2 */
/* `schakel backup verify`: the files are those that were written, and they restore to the state
 * that was stated. Nothing in the backup is touched. */
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/files.h"
#include "services/cli/backup.h"
#include "services/cli/cores.h"
#include "services/cli/nodefile.h"
#include "services/cli/scratch.h"

#define DEPTH_MAX 4

/* --- recovering a copy --- */

static void die(void *ctx, const char *why, int err)
{
	(void)ctx;
	(void)fprintf(stderr, "event=died why=%s err=\"%s\"\n", why, sk_strerror(err));
	_exit(CLI_REFUSED);
}

static int no_reply(void *ctx, uint64_t conn, struct slice frame)
{
	(void)ctx;
	(void)conn;
	(void)frame;
	return SK_EAGAIN;
}

static int no_ask(void *ctx, const char *peer, struct slice frame)
{
	(void)ctx;
	(void)peer;
	(void)frame;
	return SK_EAGAIN;
}

static int recover_with(struct files *f, const char *dir, const struct service *svc,
			uint64_t segment_bytes, struct recovered *ret_r)
{
	struct engine_conf conf = { .segment_bytes = segment_bytes,
				    .commit_records = 1024,
				    .commit_bytes = 2U << 20,
				    .commit_ms = 250,
				    .commit_idle_ms = 15,
				    .keep_segments_days = 3650 };
	struct port port = { .ctx = f, .reply = no_reply, .ask = no_ask, .die = die };
	char path[OFFLINE_PATH_MAX];
	struct store_conf sc = { .dir = path };
	struct store st;
	struct engine *e = NULL;
	uint64_t durable;
	uint64_t committed;

	(void)snprintf(path, sizeof(path), "%.900s/store", dir);
	int err = files_store_key(dir, conf.key);
	if (err == SK_OK) {
		err = store_open(&st, &sc);
	}
	if (err != SK_OK) {
		return err;
	}
	files_port(f, &port);
	port.reply = no_reply;
	port.ask = no_ask;
	port.die = die;
	err = engine_open(&e, &st, svc, &port, &conf);
	if (err == SK_OK) {
		engine_positions(e, &ret_r->sequence, &durable, &committed);
		err = engine_digest(e, &ret_r->digest);
	}
	engine_abandon(e);
	store_close(&st);
	explicit_bzero(&conf, sizeof(conf));
	return err;
}

static int backup_recover(const char *daemon_dir, const char *daemon, uint64_t segment_bytes,
			  struct recovered *ret_r)
{
	const struct service *svc = core_of(daemon);
	struct files *f = calloc(1, sizeof(*f));

	if (svc == NULL || f == NULL) {
		free(f);
		return svc == NULL ? SK_EFOREIGN : SK_ENOMEM;
	}
	int err = files_open(f, daemon_dir, segment_bytes, NULL);
	if (err == SK_OK) {
		err = recover_with(f, daemon_dir, svc, segment_bytes, ret_r);
	}
	files_close(f);
	free(f);
	return err;
}

int backup_try(struct cli *c, const char *daemon_dir, const char *daemon, uint64_t segment_bytes,
	       struct recovered *ret_r)
{
	AUTO_SCRATCH struct scratch s = { "" };
	static const char *const folders[] = { "store", "journal" };
	int rc = scratch_open(c, &s);
	int err = SK_OK;

	if (rc != CLI_DONE) {
		return rc;
	}
	for (size_t i = 0; err == SK_OK && i < SK_LEN(folders); i++) {
		err = copy_folder(cli_printf(c, "%s/%s", daemon_dir, folders[i]),
				  cli_printf(c, "%s/%s", s.dir, folders[i]));
	}
	if (err == SK_OK) {
		err = copy_file(cli_printf(c, "%s/store.key", daemon_dir),
				cli_printf(c, "%s/store.key", s.dir), 0600);
	}
	if (err == SK_OK) {
		err = backup_recover(s.dir, daemon, segment_bytes, ret_r);
	}
	if (err != SK_OK) {
		const char *detail = engine_open_detail();
		cli_say(c, "%s: de kopie laat zich niet herstellen (%s) %s",
			"%s: the copy cannot be restored (%s) %s", daemon, sk_strerror(err),
			detail);
		return CLI_REFUSED;
	}
	return CLI_DONE;
}

/* --- checksums --- */

static int sums_below(const char *dir, const char *prefix, unsigned depth, json_t *files)
{
	DIR *d = opendir(dir);
	int err = d == NULL ? SK_ESYS : SK_OK;

	for (struct dirent *e = d == NULL ? NULL : readdir(d); err == SK_OK && e != NULL;
	     e = readdir(d)) {
		char path[OFFLINE_PATH_MAX];
		char name[OFFLINE_PATH_MAX];
		char sum[65];
		struct stat st;
		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0 ||
		    strcmp(e->d_name, BACKUP_MANIFEST) == 0) {
			continue;
		}
		(void)snprintf(path, sizeof(path), "%.700s/%.255s", dir, e->d_name);
		(void)snprintf(name, sizeof(name), "%.700s%.255s", prefix, e->d_name);
		if (stat(path, &st) != 0) {
			err = SK_ESYS;
		} else if (S_ISDIR(st.st_mode)) {
			(void)strncat(name, "/", sizeof(name) - strlen(name) - 1);
			err = depth == 0 ? SK_EINVAL : sums_below(path, name, depth - 1, files);
		} else {
			err = file_sum(path, sum);
			if (err == SK_OK) {
				(void)json_object_set_new(files, name, json_string(sum));
			}
		}
	}
	if (d != NULL) {
		(void)closedir(d);
	}
	return err;
}

int backup_sums(const char *dir, json_t *files)
{
	return sums_below(dir, "", DEPTH_MAX, files);
}

static int compare_sums(struct cli *c, json_t *stated, json_t *found)
{
	unsigned bad = 0;
	const char *name;
	json_t *sum;

	json_object_foreach (stated, name, sum) {
		if (!json_equal(sum, json_object_get(found, name))) {
			cli_say(c, "%s: ontbreekt of is veranderd", "%s: missing or changed", name);
			bad++;
		}
	}
	json_object_foreach (found, name, sum) {
		if (json_object_get(stated, name) == NULL) {
			cli_say(c, "%s: hoort er niet bij", "%s: does not belong here", name);
			bad++;
		}
	}
	return bad == 0 ? CLI_DONE : CLI_REFUSED;
}

/* --- the command --- */

static int check_daemon(struct cli *c, const char *dir, json_t *stated)
{
	const char *name = json_string_value(json_object_get(stated, "daemon"));
	const char *digest = json_string_value(json_object_get(stated, "digest"));
	json_int_t segment = json_integer_value(json_object_get(stated, "segment_bytes"));
	json_int_t sequence = json_integer_value(json_object_get(stated, "end_sequence"));
	struct recovered r = { 0 };
	char found[20];

	if (name == NULL || core_of(name) == NULL || digest == NULL || segment <= 0) {
		cli_say(c, "%s: deze lijst is niet van ons", "%s: this manifest is not ours",
			BACKUP_MANIFEST);
		return CLI_REFUSED;
	}
	int rc = backup_try(c, cli_printf(c, "%s/data/%s", dir, name), name, (uint64_t)segment, &r);
	if (rc != CLI_DONE) {
		return rc;
	}
	(void)snprintf(found, sizeof(found), "%016llx", (unsigned long long)r.digest);
	bool same = r.sequence == (uint64_t)sequence && strcmp(found, digest) == 0;
	(void)json_object_set_new(stated, "restored_sequence",
				  json_integer((json_int_t)r.sequence));
	(void)json_object_set_new(stated, "restored_digest", json_string(found));
	(void)json_object_set_new(stated, "same", json_boolean(same));
	return same ? CLI_DONE : CLI_REFUSED;
}

static const struct column columns[] = {
	{ "daemon", "dienst", "service", CELL_TEXT, NULL },
	{ "end_sequence", "volgnummer", "sequence", CELL_NUMBER, NULL },
	{ "restored_sequence", "hersteld tot", "restored to", CELL_NUMBER, NULL },
	{ "restored_digest", "vingerafdruk", "digest", CELL_TEXT, NULL },
	{ "same", "gelijk", "same", CELL_YES, NULL },
	{ 0 },
};

static int verify(struct cli *c, const char *dir, json_t *manifest)
{
	json_t *daemons = json_object_get(manifest, "daemons");
	json_t *found = json_object();
	json_t *one;
	size_t i;

	if (json_integer_value(json_object_get(manifest, "format")) != BACKUP_FORMAT ||
	    json_array_size(daemons) != CONF_DAEMONS) {
		cli_say(c, "%s/%s: deze lijst is niet van ons", "%s/%s: this manifest is not ours",
			dir, BACKUP_MANIFEST);
		json_decref(found);
		return CLI_REFUSED;
	}
	int err = backup_sums(dir, found);
	int worst = err != SK_OK ? cli_fail(c, dir, err) :
				   compare_sums(c, json_object_get(manifest, "files"), found);
	json_decref(found);
	json_array_foreach (daemons, i, one) {
		int rc = check_daemon(c, dir, one);
		worst = rc != CLI_DONE ? rc : worst;
	}
	(void)json_object_del(manifest, "files");
	out_table(c, manifest, "daemons", columns);
	return worst;
}

int cmd_backup_verify(struct cli *c)
{
	json_error_t e;
	const char *path = cli_printf(c, "%s/" BACKUP_MANIFEST, c->arg[0]);
	json_t *manifest = json_load_file(path, 0, &e);

	if (manifest == NULL) {
		cli_say(c, "%s: geen reservekopie (%s)", "%s: no backup (%s)", path, e.text);
		return CLI_USAGE;
	}
	int rc = verify(c, c->arg[0], manifest);
	json_decref(manifest);
	cli_say(c, "%s", "%s",
		rc == CLI_DONE ? cli_text(c, "De reservekopie herstelt zoals ze zegt.",
					  "The backup restores as it states.") :
				 cli_text(c, "Deze reservekopie is niet goed.",
					  "This backup is not right."));
	return rc;
}
