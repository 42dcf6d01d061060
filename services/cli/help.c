/* SPDX-License-Identifier: EUPL-1.2 */
#include "services/cli/help.h"

#include <string.h>

#include "services/cli/help_more.h"

static bool in_group(const struct command *cmd, const char *group)
{
	size_t len = strlen(group);

	return len == 0 || (strncmp(cmd->name, group, len) == 0 &&
			    (cmd->name[len] == ' ' || cmd->name[len] == '\0'));
}

static bool any_in_group(const char *group)
{
	for (size_t g = 0; command_groups[g] != NULL; g++) {
		for (const struct command *cmd = command_groups[g]; cmd->name != NULL; cmd++) {
			if (in_group(cmd, group)) {
				return true;
			}
		}
	}
	return false;
}

static void list_commands(struct cli *c, FILE *f, const char *group)
{
	for (size_t g = 0; command_groups[g] != NULL; g++) {
		for (const struct command *cmd = command_groups[g]; cmd->name != NULL; cmd++) {
			if (in_group(cmd, group)) {
				(void)fprintf(f, "  %-22s %s\n", cmd->name,
					      cli_text(c, cmd->nl, cmd->en));
			}
		}
	}
}

/* All, under the heading of who uses them. */
static void list_users(struct cli *c, FILE *f)
{
	for (const struct help_user *u = help_users; u->nl != NULL; u++) {
		(void)fprintf(f, "%s%s\n", u == help_users ? "" : "\n", cli_text(c, u->nl, u->en));
		for (size_t i = 0; u->commands[i] != NULL; i++) {
			const struct command *cmd = command_find(u->commands[i]);
			if (cmd != NULL) {
				(void)fprintf(f, "  %-22s %s\n", cmd->name,
					      cli_text(c, cmd->nl, cmd->en));
			}
		}
	}
}

int help_overview(struct cli *c, const char *name, bool asked)
{
	char group[64];

	(void)snprintf(group, sizeof(group), "%.*s", (int)strcspn(name, " "), name);
	bool all = group[0] == '\0' || strcmp(group, "help") == 0;
	bool known = all || any_in_group(group);
	bool right = asked || all;
	if (!right || !known) {
		cli_say(c, "Onbekende of onvolledige opdracht: %s",
			"Unknown or incomplete command: %s", name);
	}
	if (known) {
		FILE *f = right ? c->out : c->err;
		(void)fprintf(f, "%s: schakel %s\n\n", cli_text(c, "Gebruik", "Usage"),
			      cli_text(c, "OPDRACHT [WAARDEN] [OPTIES]",
				       "COMMAND [VALUES] [OPTIONS]"));
		if (all) {
			list_users(c, f);
		} else {
			list_commands(c, f, group);
		}
		(void)fputc('\n', f);
	}
	(void)fprintf(right && known ? c->out : c->err, "%s\n",
		      cli_text(c, "Uitleg met een voorbeeld: schakel OPDRACHT --help",
			       "Help with an example: schakel COMMAND --help"));
	return right && known ? CLI_DONE : CLI_USAGE;
}

/* What stands for a value, in the language of the reader. */
static const char *const value_words[][2] = {
	{ "AAN", "TO" },
	{ "AANBOD", "POOL" },
	{ "AANDEEL", "CONTRIBUTION" },
	{ "AANMELDING", "REQUEST" },
	{ "ADRES", "ADDRESS" },
	{ "ANTWOORD", "ANSWER" },
	{ "BAND", "LINK" },
	{ "BEDRAG", "AMOUNT" },
	{ "BESTAND", "FILE" },
	{ "CIJFER", "FIGURE" },
	{ "DAG", "DAY" },
	{ "DIENST", "SERVICE" },
	{ "DOMEIN", "DOMAIN" },
	{ "HULP", "EXPERTISE" },
	{ "HULPVRAAG", "NEED" },
	{ "JAAR", "YEARS" },
	{ "KOPIE", "COPY" },
	{ "MAAND", "MONTH" },
	{ "MAP", "DIR" },
	{ "MEDEWERKER", "WORKER" },
	{ "MINUTEN", "MINUTES" },
	{ "NAAM", "NAME" },
	{ "NAAR", "TO" },
	{ "NETWERK", "NETWORK" },
	{ "NUMMER", "NUMBER" },
	{ "OPROEP", "CALL" },
	{ "OVERLEGTAFEL", "CASE-TABLE" },
	{ "PARTIJ", "PARTY" },
	{ "PAST", "FIT" },
	{ "POORT", "PORT" },
	{ "REDEN", "REASON" },
	{ "REGEL", "RULE" },
	{ "REGELS", "RULES" },
	{ "RIJ", "ROW" },
	{ "ROL", "ROLE" },
	{ "SIGNAAL", "SIGNAL" },
	{ "SLEUTEL", "KEY" },
	{ "SOORT", "KIND" },
	{ "STAP", "STEP" },
	{ "STEM", "VOICE" },
	{ "TABEL", "TABLE" },
	{ "TIJD", "TIME" },
	{ "TOESTAND", "STATE" },
	{ "TOT", "UNTIL" },
	{ "VAN", "PEER" },
	{ "VERSIE", "VERSION" },
	{ "VERVANGER", "STAND-IN" },
	{ "VRAAG", "ASK" },
	{ "WAARLANGS", "ALONG" },
	{ "WAARVAN", "OF" },
	{ "WIE", "WHO" },
	{ "WOORD", "WORD" },
};

static const char *value_word(const char *word, size_t len)
{
	for (size_t i = 0; i < SK_LEN(value_words); i++) {
		if (strlen(value_words[i][0]) == len && memcmp(value_words[i][0], word, len) == 0) {
			return value_words[i][1];
		}
	}
	return NULL;
}

struct help_text {
	char s[96];
};

static struct help_text values(const struct cli *c, const char *text)
{
	struct help_text t = { "" };
	size_t at = 0;

	while (*text != '\0' && at + 1 < sizeof(t.s)) {
		size_t len = strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ");
		const char *en = c->lang == LANG_EN ? value_word(text, len) : NULL;
		len = len == 0 ? 1 : len;
		at += (size_t)snprintf(t.s + at, sizeof(t.s) - at, "%.*s",
				       en != NULL ? (int)strlen(en) : (int)len,
				       en != NULL ? en : text);
		text += len;
	}
	return t;
}

static void show_option(struct cli *c, const char *name, const char *value, const char *text)
{
	char left[128];

	(void)snprintf(left, sizeof(left), "--%s%s%s", name, value == NULL ? "" : " ",
		       value == NULL ? "" : values(c, value).s);
	(void)fprintf(c->out, "  %-26s %s\n", left, text);
}

void help_command(struct cli *c, const struct command *cmd)
{
	(void)fprintf(c->out, "schakel %s%s%s\n\n%s\n", cmd->name, cmd->args[0] == '\0' ? "" : " ",
		      values(c, cmd->args).s, cli_text(c, cmd->nl, cmd->en));
	if (cmd->options != NULL && cmd->options[0].name != NULL) {
		(void)fprintf(c->out, "\n%s\n", cli_text(c, "Opties:", "Options:"));
	}
	for (const struct option *o = cmd->options; o != NULL && o->name != NULL; o++) {
		show_option(c, o->name, o->value, cli_text(c, o->nl, o->en));
	}
	help_more(c, cmd);
	(void)fprintf(c->out, "\n%s\n", cli_text(c, "Altijd:", "Always:"));
	show_option(c, "json", NULL, cli_text(c, "gegevens voor programma's", "data for programs"));
	show_option(c, "lang", "nl|en", cli_text(c, "taal van de tekst", "language of the text"));
	show_option(c, "node", "MAP",
		    cli_text(c, "map van de node (of SCHAKEL_NODE)",
			     "directory of the node (or SCHAKEL_NODE)"));
	show_option(c, "as", "PARTIJ",
		    cli_text(c, "met de sleutel van deze partij (of SCHAKEL_AS)",
			     "with the key of this party (or SCHAKEL_AS)"));
	(void)fprintf(c->out, "\n%s\n  %s\n\n%s\n", cli_text(c, "Voorbeeld:", "Example:"),
		      cmd->example,
		      cli_text(c,
			       "Einde: 0 gedaan, 1 kan zo niet, 2 verkeerd gebruik, 3 dienst niet "
			       "bereikbaar, 4 intussen gewijzigd, 5 te druk, 6 te laat",
			       "Exit: 0 done, 1 refused by a rule, 2 wrong usage, 3 service not "
			       "reachable, 4 conflict, 5 busy, 6 late"));
}
