/* SPDX-License-Identifier: EUPL-1.2 */
#include "common/svc_private.h"

#include <getopt.h>
#include <string.h>

#include "common/version.h"

enum svc_option { OPTION_CONFIG = 1, OPTION_CHECK, OPTION_PRINT, OPTION_HELP, OPTION_VERSION };

struct svc_args {
	const char *dir;
	bool check;
	bool print;
	bool help;
	bool version;
};

static const char usage[] = "usage: %s --config DIR [--check-config | --print-config]\n"
			    "  --config DIR     the node's directory, with schakel.ini and "
			    "parties.ini\n"
			    "  --check-config   read and check all of it, say what is wrong, and "
			    "end\n"
			    "  --print-config   print every value in force, and end\n"
			    "  --version, --help\n"
			    "signals: SIGTERM or SIGINT end it in order, SIGHUP reads the "
			    "configuration again\n"
			    "example: %s --config /var/lib/schakel --check-config\n";

static bool parse(struct svc_args *a, int argc, char **argv)
{
	static const struct option options[] = {
		{ "config", required_argument, NULL, OPTION_CONFIG },
		{ "check-config", no_argument, NULL, OPTION_CHECK },
		{ "print-config", no_argument, NULL, OPTION_PRINT },
		{ "help", no_argument, NULL, OPTION_HELP },
		{ "version", no_argument, NULL, OPTION_VERSION },
		{ NULL, 0, NULL, 0 },
	};
	int option = 0;
	optind = 1;
	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (option) {
		case OPTION_CONFIG:
			a->dir = optarg;
			break;
		case OPTION_CHECK:
			a->check = true;
			break;
		case OPTION_PRINT:
			a->print = true;
			break;
		case OPTION_HELP:
			a->help = true;
			break;
		case OPTION_VERSION:
			a->version = true;
			break;
		default:
			return false;
		}
	}
	return optind == argc && (a->dir != NULL || a->help || a->version);
}

static int load(struct svc_conf *sc, const struct svc_args *a)
{
	static struct conf_problems problems;
	int err = conf_load(a->dir, &sc->conf, &problems);
	if (err != SK_OK) {
		(void)fputs(problems.text, stderr);
		(void)fprintf(stderr, "%u problem%s in the configuration of %s\n", problems.count,
			      problems.count == 1 ? "" : "s", a->dir);
		return err;
	}
	if (a->print) {
		conf_print(sc->conf, stdout);
	} else if (a->check) {
		(void)printf("the configuration of %s is right; zones: %zu, parties: %zu\n",
			     sc->conf->dir, sc->conf->zones_len, sc->conf->parties_len);
	}
	sc->done = a->print || a->check;
	if (sc->done) {
		conf_free(sc->conf);
		sc->conf = NULL;
	}
	return SK_OK;
}

int svc_conf_load(struct svc_conf *sc, int argc, char **argv)
{
	struct svc_args a = { 0 };
	*sc = (struct svc_conf){ 0 };
	if (!parse(&a, argc, argv)) {
		(void)fprintf(stderr, usage, argv[0], argv[0]);
		return SK_EINVAL;
	}
	if (a.help || a.version) {
		sc->done = true;
		if (a.help) {
			(void)printf(usage, argv[0], argv[0]);
		} else {
			(void)printf("%s " SCHAKEL_VERSION "\n", argv[0]);
		}
		return SK_OK;
	}
	return load(sc, &a);
}

static void log_problems(const struct conf_problems *p)
{
	char line[sizeof(p->text)];
	char *next = line;
	(void)snprintf(line, sizeof(line), "%s", p->text);
	for (char *one = strsep(&next, "\n"); one != NULL; one = strsep(&next, "\n")) {
		if (one[0] != '\0') {
			svc_log(LOG_ERR, "config_refused", "problem=\"%s\"", one);
		}
	}
}

struct conf *svc_conf_again(const struct conf *running)
{
	static struct conf_problems problems;
	struct conf *fresh = NULL;
	if (conf_load(running->dir, &fresh, &problems) != SK_OK) {
		log_problems(&problems);
		return NULL;
	}
	const char *what = conf_needs_restart(running, fresh);
	if (what == NULL) {
		return fresh;
	}
	svc_log(LOG_ERR, "config_refused", "problem=\"%s\" hint=\"%s\"", what,
		"restart the daemons to change it");
	conf_free(fresh);
	return NULL;
}
