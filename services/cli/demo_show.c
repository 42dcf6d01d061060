/* SPDX-License-Identifier: EUPL-1.2 */
#include <stdarg.h>
#include <string.h>

#include <jansson.h>

#include "common/civil.h"
#include "common/when.h"
#include "services/cli/demo_int.h"
#include "services/cli/output.h"

#define LINE_INDENT 29 /* of what stands before the text */
#define LINE_COLUMNS 100
#define LINE_MAX_BYTES 640
#define NEWS_DAYS_MAX 100 /* over a longer stretch the figures tell more than each crisis */

static const char *const days[2][7] = {
	{ "ma", "di", "wo", "do", "vr", "za", "zo" },
	{ "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun" },
};

const char *demo_name(const struct demo *d, uint32_t who)
{
	return who < d->cast.len ? d->cast.party[who].name : "?";
}

bool demo_tells(const struct demo *d, enum demo_weight weight)
{
	bool year = d->end_ms - d->begin_ms > NEWS_DAYS_MAX * DEMO_DAY_MS;
	enum demo_weight least = d->steps     ? DEMO_STEP :
				 d->speed > 0 ? DEMO_STORY :
				 year         ? DEMO_ALWAYS :
						DEMO_NEWS;

	return weight >= least && d->shown && !d->silent && (!d->quiet || d->steps);
}

static void tell_json(struct demo *d, const char *code, const char *text)
{
	json_t *j = json_pack("{s:s, s:s*, s:s}", "at", when_iso(d->now_ms).s, "code", code, "text",
			      text);

	if (j != NULL) {
		(void)json_dumpf(j, d->cli->out, JSON_COMPACT);
		(void)fputc('\n', d->cli->out);
		json_decref(j);
	}
}

void demo_tell(struct demo *d, struct demo_told told, const char *nl, const char *en, ...)
{
	char text[LINE_MAX_BYTES];
	struct civil c = civil_from_ms(d->now_ms);
	va_list args;

	if (!demo_tells(d, told.weight)) {
		return;
	}
	va_start(args, en);
	(void)vsnprintf(text, sizeof(text), cli_text(d->cli, nl, en), args);
	va_end(args);
	d->counts.story_lines++;
	demo_bar_clear(d);
	if (d->cli->json) {
		tell_json(d, told.code, text);
	} else {
		(void)fprintf(d->cli->out, "%-3s %02u/%02u %02u:%02u  %-10s  ",
			      days[d->cli->lang == LANG_EN][c.weekday], c.date.day, c.date.month,
			      c.hour, c.minute, told.code == NULL ? "" : told.code);
		text_wrapped(d->cli->out, text, LINE_INDENT, LINE_COLUMNS);
		(void)fputc('\n', d->cli->out);
	}
	if (fflush(d->cli->out) != 0) {
		demo_fail(d, CLI_DONE); /* the reader left */
	}
}

void demo_bar_clear(struct demo *d)
{
	progress_end(&d->bar);
	d->bar.shown = 0; /* drawn again at the next step */
}

static void status_json(struct demo *d, const struct demo_figures *f)
{
	json_t *j = json_pack("{s:s, s:{s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:I}, "
			      "s:{s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:I}}",
			      "at", when_iso(d->now_ms).s, "requests", "calls",
			      (json_int_t)f->calls, "searches", (json_int_t)f->searches, "open",
			      (json_int_t)f->open, "answered", (json_int_t)f->answered, "in_time",
			      (json_int_t)f->in_time, "late", (json_int_t)f->late, "gate_open",
			      (json_int_t)f->gate_open, "crises", (json_int_t)f->crises,
			      "crises_unheld", (json_int_t)f->unheld, "help", "waiting",
			      (json_int_t)f->waiting, "asks_open", (json_int_t)f->asks, "started",
			      (json_int_t)f->started, "running", (json_int_t)f->running,
			      "free_places", (json_int_t)f->places, "free_hours_week",
			      (json_int_t)f->hours, "free_talks_week", (json_int_t)f->talks,
			      "pools_unconfirmed", (json_int_t)f->unconfirmed);

	if (j != NULL) {
		(void)json_dumpf(j, d->cli->out, JSON_COMPACT);
		(void)fputc('\n', d->cli->out);
		json_decref(j);
	}
}

/* clang-format off */
static const char status_nl[] =
	"\n--- %s ---\n"
	"  wacht       %5u hulpvragen op de lijst; aan de toegangspoort, apart geteld: %u vragen\n"
	"  gevraagd    %5u keer gebeld, waarvan %u keer om hulp te zoeken; nog open: %u\n"
	"  antwoord    %5u beantwoord binnen de termijn, %u over de termijn\n"
	"  crisis      %5u keer gebeld; deze beurt na 30 minuten nog niets afgesproken: %u\n"
	"  hulp        %5u keer gestart; nu bezig: %u\n"
	"  partners    %5u keer gevraagd en nog geen antwoord; aanbod niet bevestigd: %u\n"
	"  vrij        %5u plekken, %u uren en %u gesprekken per week\n\n";
static const char status_en[] =
	"\n--- %s ---\n"
	"  waiting     %5u needs on the list; at the gate, counted apart: %u requests\n"
	"  asked       %5u times called, %u of them to search for help; still open: %u\n"
	"  answered    %5u answered within the term, %u over the term\n"
	"  crisis      %5u times called; in this run nothing agreed after 30 minutes: %u\n"
	"  help        %5u times started; going on now: %u\n"
	"  partners    %5u times asked and no answer yet; offers not confirmed: %u\n"
	"  free        %5u places, %u hours and %u talks a week\n\n";
/* clang-format on */

void demo_status(struct demo *d)
{
	struct demo_figures f = demo_figures(&d->world, d->now_ms);

	if (d->status_ms == d->now_ms || d->silent) {
		return;
	}
	d->status_ms = d->now_ms;
	demo_bar_clear(d);
	if (d->cli->json) {
		status_json(d, &f);
	} else {
		(void)fprintf(d->cli->out, cli_text(d->cli, status_nl, status_en),
			      when_show(d->now_ms, d->cli->lang).s, f.waiting, f.gate_open, f.calls,
			      f.searches, f.open, f.in_time, f.late, f.crises, f.unheld, f.started,
			      f.running, f.asks, f.unconfirmed, f.places, f.hours, f.talks);
	}
	if (fflush(d->cli->out) != 0) {
		demo_fail(d, CLI_DONE);
	}
}

void demo_opening(struct demo *d, bool first)
{
	const struct demo_region *r = &d->region;

	if (d->cli->json || d->quiet || d->silent) {
		return;
	}
	cli_say(d->cli,
		"Schakel, voorbeeldregio: %zu zones, %u partijen, %zu keer aanbod. Alle "
		"organisaties\nen vragen zijn verzonnen; de aantallen zijn die van gepubliceerde "
		"cijfers\n(deploy/demo-region/ASSUMPTIONS.md). Ctrl-C stopt; niets gaat verloren.",
		"Schakel, demo region: %zu zones, %u parties, %zu pools. All organisations "
		"and\nrequests are made up; the volumes are those of published "
		"figures\n(deploy/demo-region/ASSUMPTIONS.md). Ctrl-C ends it; nothing is lost.",
		r->zones_len, d->cast.len, r->pools_len);
	cli_say(d->cli,
		"Zo lees je het: een vraag krijgt meteen een nummer en iemand die vasthoudt; er "
		"wordt\neen team voorgesteld; partners antwoorden of zwijgen; jongere en ouders "
		"zeggen wat zij\nwillen; hulp start. Wat niet kan, wacht, met reden en datum.",
		"How to read it: a request gets a number and a holder at once; a team is "
		"proposed;\npartners answer or stay silent; young person and parents say what "
		"they want; help\nstarts. What cannot be, waits, with a reason and a date.");
	if (first) {
		cli_say(d->cli,
			"Eerst worden de %u vragen ingevoerd die al aan de toegangspoort wachten.",
			"First the %u requests are written down that wait at the gate already.",
			r->n.gate_waiting);
	} else {
		cli_say(d->cli, "De node bestaat al: de demo gaat verder waar ze stopte.",
			"The node exists already: the demo goes on where it stopped.");
	}
}

static void closing_json(struct demo *d)
{
	const struct demo_counts *n = &d->counts;
	json_t *j = json_pack("{s:s, s:{s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:I}}", "at",
			      when_iso(d->now_ms).s, "checked", "commands", (json_int_t)n->commands,
			      "accepted", (json_int_t)n->accepted, "refused",
			      (json_int_t)n->refused, "late", (json_int_t)n->late, "conflicts",
			      (json_int_t)n->conflicts, "busy", (json_int_t)n->busy,
			      "receipts_lost", (json_int_t)n->lost, "retries_same",
			      (json_int_t)n->doubled, "requests_receipted", (json_int_t)n->requests,
			      "requests_found", (json_int_t)n->found, "requests_missing",
			      (json_int_t)n->missing);

	if (j != NULL) {
		(void)json_dumpf(j, d->cli->out, JSON_COMPACT);
		(void)fputc('\n', d->cli->out);
		json_decref(j);
	}
}

void demo_checked(struct demo *d)
{
	demo_tell(d, TOLD(DEMO_ALWAYS, NULL),
		  "Nagekeken: %llu vragen kregen een bevestiging, %llu staan er, %llu ontbreken.",
		  "Checked: %llu requests got a receipt, %llu are there, %llu are missing.",
		  (unsigned long long)d->counts.requests, (unsigned long long)d->counts.found,
		  (unsigned long long)d->counts.missing);
}

void demo_closing(struct demo *d)
{
	const struct demo_counts *n = &d->counts;

	if (d->silent) {
		return;
	}
	demo_bar_clear(d);
	if (d->unasked > 0) {
		cli_say(d->cli,
			"Een dienst antwoordde niet: naar %llu vragen kon niet gevraagd worden.",
			"A service did not answer: %llu requests could not be asked for.",
			(unsigned long long)d->unasked);
	}
	if (d->cli->json) {
		closing_json(d);
		return;
	}
	(void)fprintf(d->cli->out,
		      cli_text(d->cli,
			       "Nagekeken: %llu vragen kregen ooit een bevestiging, %llu daarvan "
			       "staan er nu, %llu ontbreken.\n"
			       "Deze keer: %llu berichten, %llu aanvaard, %llu te laat, %llu "
			       "geweigerd door een regel,\n%llu op een oudere versie.\n"
			       "Verloren bevestigingen: %llu; opnieuw gestuurd en hetzelfde "
			       "antwoord: %llu. Diensten opnieuw gestart: %u.\n",
			       "Checked: %llu requests ever got a receipt, %llu of them are there "
			       "now, %llu are missing.\n"
			       "This time: %llu messages, %llu accepted, %llu late, %llu refused "
			       "by "
			       "a rule, %llu on an older version.\n"
			       "Receipts lost: %llu; sent again and told the same: %llu. Services "
			       "started again: %u.\n"),
		      (unsigned long long)n->requests, (unsigned long long)n->found,
		      (unsigned long long)n->missing, (unsigned long long)n->commands,
		      (unsigned long long)n->accepted, (unsigned long long)n->late,
		      (unsigned long long)n->refused, (unsigned long long)n->conflicts,
		      (unsigned long long)n->lost, (unsigned long long)n->doubled,
		      d->children.restarts);
}
