/* SPDX-License-Identifier: EUPL-1.2 */
#include "services/cli/request_amend.h"

#include <string.h>

#include "services/cli/infile.h"
#include "services/cli/output.h"
#include "services/cli/refused.h"
#include "services/cli/request_show.h"
#include "services/cli/said.h"
#include "services/cli/story.h"
#include "services/cli/subjects.h"

#define VERSION_FIRST 1

const struct option request_amend_options[] = {
	{ "based-on", "VERSIE", "de versie die u zag (anders: de huidige)",
	  "the version that you saw (else: the present one)" },
	{ "urgency", "CODE", "CRISIS, URGENT, STANDARD, PREVENTIVE",
	  "CRISIS, URGENT, STANDARD, PREVENTIVE" },
	{ "step", "CODE", "crisis: NOW, TONIGHT, WITHIN_24H", "crisis: NOW, TONIGHT, WITHIN_24H" },
	{ "reason", "CODE", "waarom het een crisis is (codes hieronder)",
	  "why it is a crisis (codes below)" },
	{ "second-party", "PARTIJ", "dringend: de tweede organisatie",
	  "urgent: the second organisation" },
	{ "exclude", "\"P P\"", "wie het gezin niet wil", "whom the family does not want" },
	{ "allow", "\"P P\"", "wie toch weer mag", "who may be asked again" },
	{ "zone", "ZONE", "verhuisd naar deze zone", "moved to this zone" },
	{ 0 },
};

static int amend_options(struct cli *c, PB(AmendRequest) *a)
{
	int urgency = (int)a->urgency;
	int step = (int)a->crisis_step;
	int reason = (int)a->reason;
	int rc = cli_opt_code(c, "urgency", &schakel__v1__urgency__descriptor, &urgency);

	rc = rc != CLI_DONE ? rc :
			      cli_opt_code(c, "step", &schakel__v1__crisis_step__descriptor, &step);
	rc = rc != CLI_DONE ?
		     rc :
		     cli_opt_code(c, "reason", &schakel__v1__danger_reason__descriptor, &reason);
	rc = rc != CLI_DONE ? rc : cli_opt_u32(c, "based-on", UINT32_MAX, &a->based_on);
	rc = rc != CLI_DONE ?
		     rc :
		     said_names(c, "exclude", &a->exclude_partners, &a->n_exclude_partners);
	rc = rc != CLI_DONE ? rc : said_names(c, "allow", &a->allow_partners, &a->n_allow_partners);
	a->urgency = (PB(Urgency))urgency;
	a->crisis_step = (PB(CrisisStep))step;
	a->reason = (PB(DangerReason))reason;
	if (cli_flag(c, "zone")) {
		a->zone = (char *)(uintptr_t)cli_opt(c, "zone");
	}
	if (cli_flag(c, "second-party")) {
		a->second_party = (char *)(uintptr_t)cli_opt(c, "second-party");
	}
	return rc;
}

static int amend_file(struct cli *c, const char *path, struct amend_in *ret_in)
{
	struct file_error e = { 0 };
	struct jsonin in = { 0 };
	struct slice bytes;
	int rc = infile_load(c, path, &bytes);

	if (rc != CLI_DONE) {
		return rc;
	}
	int err = request_file_read(&in, &c->arena, bytes, FILE_JSON, &e);
	if (err == SK_OK) {
		err = amend_file_get(&in, ret_in);
	}
	if (err != SK_OK) {
		rc = err == SK_EPROTO ? infile_say(c, path, &e) : cli_fail(c, path, err);
	}
	jsonin_done(&in);
	return rc;
}

/* The versions of what was told rise: the first told one is kept, a correction stands before it. */
static uint32_t next_version(const PB(RequestItem) *item, struct object_id *ret_child)
{
	uint32_t version = VERSION_FIRST;

	for (size_t i = 0; i < item->n_capsules; i++) {
		uint32_t v = item->capsules[i]->version;
		version = v >= version ? v + 1 : version;
	}
	if (item->n_children > 0) {
		(void)object_id_from(&item->children[0]->person_id, ret_child);
	}
	return version;
}

int cmd_request_amend(struct cli *c)
{
	AUTO_CALL struct call k = { 0 };
	PB(AmendRequest) plain = SCHAKEL__V1__AMEND_REQUEST__INIT;
	struct amend_in in = { .amend = &plain };
	PB(Message) m = SCHAKEL__V1__MESSAGE__INIT;
	PB(RequestItem) *item = NULL;
	PB(Receipt) *r = NULL;
	int rc = c->args_len > 1 ? amend_file(c, c->arg[1], &in) : CLI_DONE;

	rc = rc != CLI_DONE ? rc : call_open(&k, c);
	rc = rc != CLI_DONE ? rc : find_request(&k, c->arg[0], &item);
	if (rc != CLI_DONE) {
		return rc;
	}
	struct story story = { in.told, in.told_len, VERSION_FIRST, { { 0 } } };
	struct object_id id = { 0 };
	story.version = next_version(item, &story.child);
	SK_ASSERT(object_id_from(&item->request->request_id, &id));
	in.amend->request_id = id_bytes(c, &id);
	in.amend->based_on = item->request->request_version;
	rc = amend_options(c, in.amend);
	rc = rc != CLI_DONE ? rc : call_check_zone(&k, "--zone", in.amend->zone);
	rc = rc != CLI_DONE ? rc : story_seal(c, &story, &in.amend->capsules);
	if (rc != CLI_DONE) {
		return rc;
	}
	in.amend->n_capsules = in.told_len;
	m.body_case = BODY(AMEND_REQUEST);
	m.amend_request = in.amend;
	rc = call_command(&k, INTAKE, &m, &r);
	return out_receipt(c, rc, r, "Aangepast.", "Changed.");
}
