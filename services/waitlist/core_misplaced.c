/* SPDX-License-Identifier: EUPL-1.2 */
/* A served child that is not in the right place counts as waiting (DOMAIN 6): signalled by anyone,
 * counted after two confirmations that are independent of the place. The present help goes on: its
 * need looks for a successor. */
#include <string.h>

#include "common/mut.h"
#include "services/waitlist/core_entry.h"

/* Said once is enough: a second signal of the same place changes nothing and is refused. */
static const struct {
	PB(MisplacedState) from;
	enum misplaced_event on;
	PB(MisplacedState) to;
} edge[] = {
	{ MISPLACED(UNSPECIFIED), MISPLACED_EV_SIGNAL, MISPLACED(SIGNALLED) },
	{ MISPLACED(SIGNALLED), MISPLACED_EV_ONE_SAYS, MISPLACED(SIGNALLED) },
	{ MISPLACED(SIGNALLED), MISPLACED_EV_BOTH_SAY, MISPLACED(CONFIRMED) },
	{ MISPLACED(SIGNALLED), MISPLACED_EV_NOT_SO, MISPLACED(OVER) },
	{ MISPLACED(SIGNALLED), MISPLACED_EV_HELP_ENDS, MISPLACED(OVER) },
	{ MISPLACED(CONFIRMED), MISPLACED_EV_NOT_SO, MISPLACED(OVER) },
	{ MISPLACED(CONFIRMED), MISPLACED_EV_HELP_ENDS, MISPLACED(OVER) },
	{ MISPLACED(OVER), MISPLACED_EV_SIGNAL, MISPLACED(SIGNALLED) },
};

int misplaced_next(PB(MisplacedState) from, enum misplaced_event on, PB(MisplacedState) *ret_to)
{
	for (size_t i = 0; i < SK_LEN(edge); i++) {
		if (edge[i].from == from && edge[i].on == on) {
			*ret_to = edge[i].to;
			return SK_OK;
		}
	}
	return SK_ESTATE;
}

/* The family by the id that it knows, who helps, who sees the entry or serves its zone. */
static bool may_say(struct step *s, const struct entry *e, const PB(RequestFact) *request)
{
	return (s->from.roles & ROLE_BIT(FAMILY)) != 0 || wait_may_note(s, request) ||
	       wait_is_provider(s, e, request, s->from.id);
}

static int find_place(struct step *s, const ProtobufCBinaryData *need_id, struct entry *ret_e,
		      const PB(RequestFact) **ret_request)
{
	struct object_id id;

	if (!object_id_from(need_id, &id)) {
		return step_refuse(s, REFUSAL(MISSING), "need_id");
	}
	const PB(WaitRequestRecord) *request =
		wait_entry_load(s, &id, ret_e) ? wait_request_get(s, &ret_e->request_id) : NULL;
	if (request == NULL) {
		return step_refuse(s, REFUSAL(UNKNOWN_OBJECT), "need_id");
	}
	if (!may_say(s, ret_e, request->request)) {
		return step_refuse(s, REFUSAL(NOT_YOURS), "need_id");
	}
	*ret_request = request->request;
	return SK_OK;
}

static int place_note(struct step *s, struct entry *e)
{
	int err = wait_note(s, e);

	wait_entry_tell(s, e);
	return err == SK_OK ? s->txn->err : err;
}

int waitlist_signal_misplaced(struct step *s, const PB(Message) *in)
{
	const PB(SignalMisplaced) *cmd = in->signal_misplaced;
	const PB(RequestFact) *request = NULL;
	struct entry e = { 0 };
	PB(MisplacedState) to;
	int err = find_place(s, &cmd->need_id, &e, &request);

	if (err != SK_OK) {
		return err;
	}
	if (cmd->hoped_partner[0] != '\0' && step_party(s, cmd->hoped_partner) == NULL) {
		return step_refuse(s, REFUSAL(UNKNOWN_OBJECT), "hoped_partner");
	}
	if (e.rec->state != WAIT(SERVED) ||
	    misplaced_next(e.rec->misplaced, MISPLACED_EV_SIGNAL, &to) != SK_OK) {
		return wait_refuse_state(s, &e, "need_id");
	}
	PB(WaitMisplacedRecord) *place = step_alloc(s, sizeof(*place));
	if (place == NULL) {
		return s->txn->err;
	}
	*place = (PB(WaitMisplacedRecord))PB_INIT(WAIT_MISPLACED_RECORD);
	place->signalled_by = s->from.id;
	place->hoped = cmd->hoped_partner;
	e.rec->place = place;
	wait_entry_misplace(s, &e, to);
	return place_note(s, &e);
}

/* Whose word this is. A house that helps or hopes to help confirms nothing, whoever speaks there;
 * the child and its trusted person speak for themselves or through a contact person who gains
 * nothing. */
static int check_near(struct step *s, const struct entry *e, const PB(RequestFact) *request,
		      PB(Speaker) speaker)
{
	bool family = (s->from.roles & ROLE_BIT(FAMILY)) != 0;
	bool contact = wait_is_contact(request, s->from.id);

	if (speaker != SPOKEN_BY(UNSPECIFIED) && speaker != SPOKEN_BY(YOUTH) &&
	    speaker != SPOKEN_BY(TRUSTED_PERSON)) {
		return step_refuse(s, REFUSAL(OUT_OF_RANGE), "speaker");
	}
	if (family && speaker == SPOKEN_BY(UNSPECIFIED)) {
		return step_refuse(s, REFUSAL(MISSING), "speaker");
	}
	if (!family && (!contact || wait_is_provider(s, e, request, s->from.id))) {
		return step_refuse(s, REFUSAL(NOT_YOURS), "speaker");
	}
	return SK_OK;
}

static int check_partner(struct step *s, const struct entry *e, const PB(RequestFact) *request)
{
	if ((s->from.roles & ROLE_BIT(FACILITY)) == 0 ||
	    wait_is_provider(s, e, request, s->from.id)) {
		return step_refuse(s, REFUSAL(NOT_YOURS), "need_id");
	}
	return SK_OK;
}

/* Two words of one house are one word. The word of a partner that has come to hope for the child
 * since counts no more: another one may confirm. */
static int take_word(struct step *s, struct entry *e, const PB(RequestFact) *request, bool near,
		     PB(Speaker) speaker)
{
	PB(WaitMisplacedRecord) *place = e->rec->place;
	char *first = near ? place->partner : place->near_party;
	char *mine = near ? place->near_party : place->partner;

	if (mine[0] != '\0' && (near || !wait_is_provider(s, e, request, mine))) {
		return wait_refuse_state(s, e, near ? "speaker" : "need_id"); /* said before */
	}
	if (wait_same_house(s, first, s->from.id)) {
		return step_refuse(s, REFUSAL(NOT_YOURS), "need_id");
	}
	if (near) {
		place->near_party = s->from.id;
		place->near = speaker;
	} else {
		place->partner = s->from.id;
	}
	return SK_OK;
}

/* What stands as provider now may not have stood so when it confirmed. */
static bool both_say(struct step *s, const struct entry *e, const PB(RequestFact) *request)
{
	const PB(WaitMisplacedRecord) *place = e->rec->place;

	return place->near_party[0] != '\0' && (place->partner[0] != '\0' || MUT(153)) &&
	       !wait_is_provider(s, e, request, place->partner);
}

static int confirm(struct step *s, struct entry *e, const PB(RequestFact) *request,
		   const PB(ConfirmMisplaced) *cmd)
{
	bool near = cmd->speaker != SPOKEN_BY(UNSPECIFIED) ||
		    (s->from.roles & ROLE_BIT(FAMILY)) != 0 ||
		    wait_is_contact(request, s->from.id) || cmd->over;
	PB(MisplacedState) to = e->rec->misplaced;
	int err = near ? check_near(s, e, request, cmd->speaker) : check_partner(s, e, request);

	if (err == SK_OK && cmd->over) {
		bool runs = misplaced_next(to, MISPLACED_EV_NOT_SO, &to) == SK_OK;
		err = runs ? SK_OK : wait_refuse_state(s, e, "over");
	} else if (err == SK_OK && to != MISPLACED(SIGNALLED)) {
		err = wait_refuse_state(s, e, "need_id");
	} else if (err == SK_OK) {
		err = take_word(s, e, request, near, cmd->speaker);
		bool both = err == SK_OK && both_say(s, e, request);
		SK_ASSERT(misplaced_next(to, both ? MISPLACED_EV_BOTH_SAY : MISPLACED_EV_ONE_SAYS,
					 &to) == SK_OK);
	}
	if (err == SK_OK) {
		e->rec->place->not_so = cmd->over;
		wait_entry_misplace(s, e, to);
	}
	return err;
}

int waitlist_confirm_misplaced(struct step *s, const PB(Message) *in)
{
	const PB(ConfirmMisplaced) *cmd = in->confirm_misplaced;
	const PB(RequestFact) *request = NULL;
	struct entry e = { 0 };
	int err = find_place(s, &cmd->need_id, &e, &request);

	err = err == SK_OK ? confirm(s, &e, request, cmd) : err;
	if (err != SK_OK) {
		return err;
	}
	if (e.rec->misplaced == MISPLACED(CONFIRMED)) {
		(void)wait_priority_give(s, &e, GROUND_FOR(NOT_RIGHT_PLACE), NULL);
	}
	return place_note(s, &e);
}

void wait_place_adopt(struct step *s, struct entry *e)
{
	PB(WaitEntryRecord) *rec = e->rec;
	bool wrong = rec->order->misplaced;
	bool over = rec->order->place_over;
	bool was_wrong = rec->misplaced == MISPLACED(CONFIRMED);
	bool was_over = rec->misplaced == MISPLACED(OVER) && rec->place->not_so;

	if (wrong ? was_wrong || rec->state != WAIT(SERVED) :
		    !was_wrong && (!over || was_over || rec->misplaced == MISPLACED(SIGNALLED))) {
		return;
	}
	PB(WaitMisplacedRecord) *place = step_alloc(s, sizeof(*place));
	if (place == NULL) {
		return;
	}
	*place = (PB(WaitMisplacedRecord))PB_INIT(WAIT_MISPLACED_RECORD);
	place->not_so = over;
	rec->place = place;
	wait_entry_misplace(s, e, wrong ? MISPLACED(CONFIRMED) : MISPLACED(OVER));
}
