/* SPDX-License-Identifier: EUPL-1.2 */
#include "services/cli/cli.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "common/version.h"
#include "common/when.h"
#include "common/words.h"
#include "services/cli/clean.h"
#include "services/cli/help.h"

const char *cli_text(const struct cli *c, const char *nl, const char *en)
{
	return c->lang == LANG_NL ? nl : en;
}

static void say(const struct cli *c, const char *fmt, va_list args)
{
	va_list again;

	(void)fflush(c->out);
	va_copy(again, args);
	(void)vfprintf(c->err, fmt, again);
	va_end(again);
	(void)fputc('\n', c->err);
	if (c->said != NULL) {
		size_t len = strlen(c->said->text);
		size_t room = sizeof(c->said->text) - len;
		int gap = snprintf(c->said->text + len, room, "%s", len == 0 ? "" : " ");
		if (gap >= 0 && (size_t)gap < room) {
			(void)vsnprintf(c->said->text + len + gap, room - (size_t)gap, fmt, args);
		}
	}
}

void cli_say(const struct cli *c, const char *nl, const char *en, ...)
{
	va_list args;

	va_start(args, en);
	say(c, cli_text(c, nl, en), args);
	va_end(args);
}

int cli_usage(const struct cli *c, const char *nl, const char *en, ...)
{
	va_list args;

	va_start(args, en);
	say(c, cli_text(c, nl, en), args);
	va_end(args);
	cli_say(c, "Meer uitleg: schakel %s%s--help", "For help: schakel %s%s--help",
		c->cmd == NULL ? "" : c->cmd->name, c->cmd == NULL ? "" : " ");
	return CLI_USAGE;
}

int cli_fail(const struct cli *c, const char *what, int err)
{
	cli_say(c, "%s: mislukt (%s)", "%s: failed (%s)", what, sk_strerror(err));
	return CLI_REFUSED;
}

void *cli_alloc(struct cli *c, size_t bytes)
{
	void *p = arena_alloc(&c->arena, bytes);

	/* Every input of a command is bounded well below this, so it is our own mistake. */
	SK_ASSERT(p != NULL);
	return p;
}

char *cli_printf(struct cli *c, const char *fmt, ...)
{
	va_list args;
	va_list again;

	va_start(args, fmt);
	va_copy(again, args);
	int len = vsnprintf(NULL, 0, fmt, args);
	SK_ASSERT(len >= 0);
	char *s = cli_alloc(c, (size_t)len + 1);
	(void)vsnprintf(s, (size_t)len + 1, fmt, again);
	va_end(again);
	va_end(args);
	return s;
}

/* --- options of the command that runs --- */

static int option_index(const struct command *cmd, const char *name)
{
	for (int i = 0; cmd->options != NULL && cmd->options[i].name != NULL; i++) {
		if (strcmp(cmd->options[i].name, name) == 0) {
			return i;
		}
	}
	return -1;
}

const char *cli_opt(const struct cli *c, const char *name)
{
	int i = option_index(c->cmd, name);

	return i < 0 ? NULL : c->value[i];
}

bool cli_flag(const struct cli *c, const char *name)
{
	return cli_opt(c, name) != NULL;
}

int cli_opt_u64(const struct cli *c, const char *name, uint64_t max, uint64_t *ret_v)
{
	const char *s = cli_opt(c, name);
	char *end = NULL;

	if (s == NULL) {
		return CLI_DONE;
	}
	errno = 0;
	unsigned long long v = strtoull(s, &end, 10);
	if (s[0] < '0' || s[0] > '9' || *end != '\0' || errno != 0 || v > max) {
		return cli_usage(c, "--%s: geef een getal van 0 tot %llu, niet \"%s\"",
				 "--%s: give a number from 0 to %llu, not \"%s\"", name,
				 (unsigned long long)max, s);
	}
	*ret_v = v;
	return CLI_DONE;
}

int cli_opt_u32(const struct cli *c, const char *name, uint32_t max, uint32_t *ret_v)
{
	uint64_t v = *ret_v;
	int rc = cli_opt_u64(c, name, max, &v);

	if (rc == CLI_DONE) {
		*ret_v = (uint32_t)v;
	}
	return rc;
}

int cli_opt_when(const struct cli *c, const char *name, uint64_t *ret_ms)
{
	const char *s = cli_opt(c, name);

	if (s != NULL && !when_parse(s, ret_ms)) {
		return cli_usage(c,
				 "--%s: geef een dag als 2026-03-03 of een tijdstip als "
				 "\"2026-03-03 08:30\", niet \"%s\"",
				 "--%s: give a day like 2026-03-03 or a time like "
				 "\"2026-03-03 08:30\", not \"%s\"",
				 name, s);
	}
	return CLI_DONE;
}

int cli_opt_code(const struct cli *c, const char *name, const ProtobufCEnumDescriptor *set,
		 int *ret_value)
{
	const char *s = cli_opt(c, name);
	char known[600];

	if (s != NULL && !word_find(set, s, ret_value)) {
		code_list(set, known, sizeof(known));
		return cli_usage(c, "--%s: \"%s\" is niet bekend; kies uit %s",
				 "--%s: \"%s\" is not known; choose from %s", name, s, known);
	}
	return CLI_DONE;
}

int cli_arg_code(const struct cli *c, size_t i, const ProtobufCEnumDescriptor *set, int *ret_value)
{
	char known[600];

	if (!word_find(set, c->arg[i], ret_value)) {
		code_list(set, known, sizeof(known));
		return cli_usage(c, "\"%s\" is niet bekend; kies uit %s",
				 "\"%s\" is not known; choose from %s", c->arg[i], known);
	}
	return CLI_DONE;
}

int cli_expertise(const struct cli *c, const char *typed, uint32_t *ret_n)
{
	uint32_t n = typed == NULL ? *ret_n : expertise_find(typed);

	if (typed != NULL && n == 0) {
		return cli_usage(c, "\"%s\": geen bekende expertise; kies er een uit %s/codes.csv",
				 "\"%s\": no known expertise; choose one of %s/codes.csv", typed,
				 c->node_dir);
	}
	*ret_n = n;
	return CLI_DONE;
}

/* --- reading the command line --- */

static const struct option common_options[] = {
	{ "json", NULL, "", "" },
	{ "lang", "nl|en", "", "" },
	{ "node", "DIR", "", "" },
	{ "as", "PARTY", "", "" },
	{ "help", NULL, "", "" },
	{ "version", NULL, "", "" },
	{ 0 },
};

/* What is common to all commands, wherever it stands. */
struct line {
	int argc;
	char **argv;
	int at;
	bool help;
	bool version;
};

static const struct option *option_of(const struct option *list, const char *name, size_t len)
{
	for (size_t i = 0; list != NULL && list[i].name != NULL; i++) {
		if (strlen(list[i].name) == len && memcmp(list[i].name, name, len) == 0) {
			return &list[i];
		}
	}
	return NULL;
}

static int set_common(struct cli *c, struct line *l, const struct option *o, const char *value)
{
	if (strcmp(o->name, "json") == 0) {
		c->json = true;
	} else if (strcmp(o->name, "help") == 0) {
		l->help = true;
	} else if (strcmp(o->name, "version") == 0) {
		l->version = true;
	} else if (strcmp(o->name, "node") == 0) {
		c->node_dir = value;
	} else if (strcmp(o->name, "as") == 0) {
		c->as = value;
	} else if (strcmp(value, "nl") == 0 || strcmp(value, "en") == 0) {
		c->lang = value[0] == 'n' ? LANG_NL : LANG_EN;
	} else {
		return cli_usage(c, "--lang: kies nl of en, niet \"%s\"",
				 "--lang: choose nl or en, not \"%s\"", value);
	}
	return CLI_DONE;
}

/* "--name", "--name value" or "--name=value". */
static int read_option(struct cli *c, struct line *l)
{
	const char *name = l->argv[l->at] + 2;
	size_t len = strcspn(name, "=");
	const struct option *own = c->cmd == NULL ? NULL : option_of(c->cmd->options, name, len);
	const struct option *common = option_of(common_options, name, len);
	const struct option *o = own != NULL ? own : common;
	const char *value = "";

	if (o == NULL) {
		return cli_usage(c, "Onbekende optie --%s", "Unknown option --%s", name);
	}
	if (o->value == NULL && name[len] == '=') {
		return cli_usage(c, "--%s neemt geen waarde", "--%s takes no value", o->name);
	}
	if (o->value != NULL && name[len] == '=') {
		value = name + len + 1;
	} else if (o->value != NULL) {
		/* The next option is no value: --NAME=--VALUE says so when it is one. */
		if (l->at + 1 >= l->argc || strncmp(l->argv[l->at + 1], "--", 2) == 0) {
			return cli_usage(c, "--%s: er ontbreekt een waarde (%s)",
					 "--%s: a value is missing (%s)", o->name, o->value);
		}
		value = l->argv[++l->at];
	}
	if (own == NULL) {
		return set_common(c, l, o, value);
	}
	c->value[own - c->cmd->options] = value;
	return CLI_DONE;
}

static int read_rest(struct cli *c, struct line *l)
{
	for (; l->at < l->argc; l->at++) {
		const char *word = l->argv[l->at];
		if (strncmp(word, "--", 2) == 0 && word[2] != '\0') {
			int rc = read_option(c, l);
			if (rc != CLI_DONE) {
				return rc;
			}
		} else if (c->args_len == CLI_ARGS_MAX || c->args_len == c->cmd->args_max) {
			return cli_usage(c, "Te veel woorden: \"%s\"", "Too many words: \"%s\"",
					 word);
		} else {
			c->arg[c->args_len++] = word;
		}
	}
	return CLI_DONE;
}

const struct command *command_find(const char *name)
{
	for (size_t g = 0; command_groups[g] != NULL; g++) {
		for (const struct command *cmd = command_groups[g]; cmd->name != NULL; cmd++) {
			if (strcmp(cmd->name, name) == 0) {
				return cmd;
			}
		}
	}
	return NULL;
}

/* Takes the one or two words that name the command; options before them are read as well. */
static int read_command(struct cli *c, struct line *l, char *ret_name, size_t cap)
{
	ret_name[0] = '\0';
	for (; l->at < l->argc && c->cmd == NULL; l->at++) {
		if (strncmp(l->argv[l->at], "--", 2) == 0) {
			int rc = read_option(c, l);
			if (rc != CLI_DONE) {
				return rc;
			}
			continue;
		}
		size_t len = strlen(ret_name);
		(void)snprintf(ret_name + len, cap - len, "%s%s", len == 0 ? "" : " ",
			       l->argv[l->at]);
		const char *next = l->at + 1 < l->argc ? l->argv[l->at + 1] : "";
		char longer[160];
		(void)snprintf(longer, sizeof(longer), "%.63s %.63s", ret_name, next);
		c->cmd = command_find(longer) != NULL ? NULL : command_find(ret_name);
		if (len > 0) {
			l->at++;
			break;
		}
	}
	return CLI_DONE;
}

static int run_line(struct cli *c, struct line *l)
{
	char name[64];
	int rc = read_command(c, l, name, sizeof(name));

	if (rc != CLI_DONE) {
		return rc;
	}
	if (l->version && c->cmd == NULL) {
		(void)fprintf(c->out, "schakel " SCHAKEL_VERSION "\n");
		return CLI_DONE;
	}
	if (c->cmd == NULL) {
		for (; l->at < l->argc && !l->help; l->at++) {
			l->help = strcmp(l->argv[l->at], "--help") == 0;
		}
		return help_overview(c, name, l->help);
	}
	rc = read_rest(c, l);
	if (rc != CLI_DONE) {
		return rc;
	}
	if (l->help) {
		help_command(c, c->cmd);
		return CLI_DONE;
	}
	if (c->args_len < c->cmd->args_min) {
		return cli_usage(c, "Er ontbreekt iets: schakel %s %s",
				 "Something is missing: schakel %s %s", c->cmd->name, c->cmd->args);
	}
	return c->cmd->run(c);
}

void cli_refusal_add(const struct cli *c, int rc, json_t *doc)
{
	static const char *const outcomes[] = {
		[CLI_REFUSED] = "REFUSED",
		[CLI_USAGE] = "USAGE",
		[CLI_UNREACHABLE] = "UNREACHABLE",
		[CLI_CONFLICT] = "CONFLICT",
		[CLI_BUSY] = "BUSY",
		[CLI_LATE] = "LATE",
	};

	if (rc <= CLI_DONE || c->said == NULL ||
	    ((size_t)rc >= SK_LEN(outcomes) && rc != CLI_DEFECT)) {
		return;
	}
	(void)json_object_set_new(doc, "outcome",
				  json_string(rc == CLI_DEFECT ? "DEFECT" : outcomes[rc]));
	(void)json_object_set_new(doc, "code",
				  json_string(c->said->code == NULL ? "" : c->said->code));
	(void)json_object_set_new(doc, "field", json_string(c->said->field));
	/* What was cut within a character, or is no UTF-8, is left out. */
	json_t *text = json_string(c->said->text);
	if (text != NULL) {
		(void)json_object_set_new(doc, "text", text);
	}
}

/* A program that asked for JSON gets its refusal as JSON too, whatever refused. */
static void say_json(const struct cli *c, int rc)
{
	if (c->json && !c->said->doc && rc > CLI_DONE) {
		json_t *doc = json_object();
		cli_refusal_add(c, rc, doc);
		(void)json_dumpf(doc, c->out, JSON_COMPACT);
		(void)fputc('\n', c->out);
		json_decref(doc);
	}
}

/* Everything that is said goes through streams that keep control characters out. */
static int run_clean(struct cli *c, struct line *l)
{
	int rc = run_line(c, l);

	say_json(c, rc);
	/* A reader that has seen enough (`| head`) is no failure. */
	if (fflush(c->out) != 0 && errno != EPIPE && rc == CLI_DONE) {
		cli_say(c, "De uitvoer kon niet geschreven worden", "The output was not written");
		rc = CLI_REFUSED;
	}
	return rc;
}

int cli_main(int argc, char **argv, FILE *out, FILE *err)
{
	const char *dir = getenv("SCHAKEL_NODE");
	const char *lang = getenv("SCHAKEL_LANG");
	struct said said = { 0 };
	struct cli c = { .screen = err, .as = getenv("SCHAKEL_AS"), .said = &said };
	struct line l = { .argc = argc, .argv = argv, .at = 1 };
	void *block = aligned_alloc(16, CLI_ARENA_BYTES);
	int rc = CLI_BUSY;

	c.out = clean_open(out);
	c.err = clean_open(err);
	if (block == NULL || c.out == NULL || c.err == NULL) {
		(void)fputs("schakel: geen geheugen / out of memory\n", err);
	} else {
		(void)setvbuf(c.err, NULL, _IONBF, 0);
		c.node_dir = dir != NULL && dir[0] != '\0' ? dir : CLI_NODE_DEFAULT;
		c.lang = lang != NULL && strcmp(lang, "en") == 0 ? LANG_EN : LANG_NL;
		arena_init(&c.arena, block, CLI_ARENA_BYTES);
		rc = run_clean(&c, &l);
		arena_reset(&c.arena); /* it may hold what a family told */
	}
	if (c.out != NULL) {
		(void)fclose(c.out);
	}
	if (c.err != NULL) {
		(void)fclose(c.err);
	}
	free(block);
	return rc;
}
