/* SPDX-License-Identifier: EUPL-1.2 */
#include <string.h>

#include "common/words.h"
#include "services/gateway/fhir_out.h"
#include "services/gateway/fhir_task.h"

#define STATE(NAME) SCHAKEL__V1__CONTRIBUTION_STATE__CONTRIBUTION_STATE_##NAME
#define ANSWER(NAME) SCHAKEL__V1__ANSWER_KIND__ANSWER_KIND_##NAME

/* What is being moved. */
struct move {
	struct fhir_in *in;
	const PB(Ask) *now;
	PB(Message) *m;
};

/* --- what the Task says --- */

static int reason_of(const json_t *task, const char *system, const ProtobufCEnumDescriptor *set)
{
	const json_t *why = json_object_get(task, "statusReason");
	const char *code = fj_coded(why, system);
	int v = 0;

	if (code == NULL && fj_str(fj_item(why, "coding", 0), "system") == NULL) {
		code = fj_str(fj_item(why, "coding", 0), "code");
	}
	code = code == NULL ? fj_str(why, "text") : code;
	return code != NULL && word_find(set, code, &v) ? v : 0;
}

static uint64_t instant_of(const json_t *period, const char *key)
{
	struct fj_date d;

	return fj_date(fj_str(period, key), &d) ? d.at_ms : 0;
}

static const json_t *execution(const struct move *v)
{
	return json_object_get(v->in->resource, "executionPeriod");
}

static uint64_t restricted_until(const struct move *v)
{
	const json_t *limit = json_object_get(v->in->resource, "restriction");

	return instant_of(json_object_get(limit, "period"), "end");
}

/* --- the commands --- */

static PB(AnswerAsk) *answer_new(struct move *v, PB(AnswerKind) kind)
{
	PB(AnswerAsk) *a = arena_alloc(v->in->arena, sizeof(*a));

	if (a == NULL) {
		return NULL;
	}
	schakel__v1__answer_ask__init(a);
	a->contribution_id = v->now->contribution_id;
	a->answer = kind;
	v->m->body_case = BODY(ANSWER_ASK);
	v->m->answer_ask = a;
	return a;
}

static int say_can(struct move *v)
{
	int can_if = reason_of(v->in->resource, "can_if", &schakel__v1__can_if__descriptor);
	PB(AnswerAsk) *a = answer_new(v, can_if != 0 ? ANSWER(CAN_IF) : ANSWER(CAN));

	if (a == NULL) {
		return SK_ENOMEM;
	}
	a->can_if = (PB(CanIf))can_if;
	a->start_at_ms = instant_of(execution(v), "start");
	uint64_t until = restricted_until(v);
	/* What we wrote ourselves, by when an answer is due, is no promise of the partner. */
	a->until_ms = until == v->now->answer_by_ms || until == v->now->holds_until_ms ? 0 : until;
	return SK_OK;
}

static int say_if(struct move *v)
{
	if (reason_of(v->in->resource, "can_if", &schakel__v1__can_if__descriptor) == 0) {
		return fhir_wrong(v->in, "required", "Task.statusReason",
				  "wij kunnen, als ...: zeg wat, met een code van /codes/can_if; "
				  "dat "
				  "de vraag is aangekomen is al bekend",
				  "we can, if ...: say what, with a code of /codes/can_if; that "
				  "the "
				  "ask has arrived is known already");
	}
	return say_can(v);
}

static int say_no(struct move *v)
{
	int kind = reason_of(v->in->resource, "answer_kind", &schakel__v1__answer_kind__descriptor);
	const struct conf_party *owner = fhir_party(v->in, json_object_get(v->in->resource, "owne"
											    "r"));

	if (kind != (int)ANSWER(NOT_NOW) && kind != (int)ANSWER(NOT_OURS)) {
		return fhir_wrong(v->in, "required", "Task.statusReason",
				  "zeg waarom: NOT_NOW (nu niet, wel vanaf executionPeriod.start) "
				  "of "
				  "NOT_OURS (wij niet), met system " FHIR_CODES "answer_kind",
				  "say why: NOT_NOW (not now, but from executionPeriod.start) or "
				  "NOT_OURS (not us), with system " FHIR_CODES "answer_kind");
	}
	uint64_t from = instant_of(execution(v), "start");
	if (kind == (int)ANSWER(NOT_NOW) && from == 0) {
		return fhir_wrong(v->in, "required", "Task.executionPeriod.start",
				  "zeg vanaf wanneer het wel kan",
				  "say from when it will be possible");
	}
	PB(AnswerAsk) *a = answer_new(v, (PB(AnswerKind))kind);
	if (a == NULL) {
		return SK_ENOMEM;
	}
	a->until_ms = kind == (int)ANSWER(NOT_NOW) ? from : 0;
	if (kind == (int)ANSWER(NOT_OURS) && owner != NULL &&
	    strcmp(owner->id, v->in->sender) != 0) {
		a->suggests = arena_strdup(v->in->arena, owner->id);
	}
	return a->suggests == NULL ? SK_ENOMEM : SK_OK;
}

static int take_back(struct move *v)
{
	PB(TakeBack) *t = arena_alloc(v->in->arena, sizeof(*t));

	if (t == NULL) {
		return SK_ENOMEM;
	}
	schakel__v1__take_back__init(t);
	t->contribution_id = v->now->contribution_id;
	v->m->body_case = BODY(TAKE_BACK);
	v->m->take_back = t;
	return SK_OK;
}

/* Whether somebody of the family was seen is said, never guessed: it stops the month clock. */
static int start(struct move *v)
{
	PB(StartContribution) *s = arena_alloc(v->in->arena, sizeof(*s));

	if (s == NULL) {
		return SK_ENOMEM;
	}
	schakel__v1__start_contribution__init(s);
	s->contribution_id = v->now->contribution_id;
	s->seen = json_is_true(fj_extension_value(v->in->resource, FHIR_EXT "seen"));
	v->m->body_case = BODY(START_CONTRIBUTION);
	v->m->start_contribution = s;
	if (!s->seen) {
		struct fhir_issue told = { .code = "incomplete",
					   .at = "Task.extension",
					   .nl = "gestart, maar niet gezegd dat het kind of een "
						 "ouder gezien is "
						 "(uitbreiding " FHIR_EXT "seen): de termijn loopt "
						 "door",
					   .en = "started, but it was not said that the child or a "
						 "parent was seen "
						 "(extension " FHIR_EXT "seen): the term runs on" };
		(void)fhir_say(v->in, &told);
	}
	return SK_OK;
}

static int resume(struct move *v)
{
	PB(ResumeContribution) *r = arena_alloc(v->in->arena, sizeof(*r));

	if (r == NULL) {
		return SK_ENOMEM;
	}
	schakel__v1__resume_contribution__init(r);
	r->contribution_id = v->now->contribution_id;
	v->m->body_case = BODY(RESUME_CONTRIBUTION);
	v->m->resume_contribution = r;
	return SK_OK;
}

static int interrupt(struct move *v)
{
	int why = reason_of(v->in->resource, "interrupt_reason",
			    &schakel__v1__interrupt_reason__descriptor);
	PB(InterruptContribution) *i = arena_alloc(v->in->arena, sizeof(*i));

	if (i == NULL) {
		return SK_ENOMEM;
	}
	if (why == 0) {
		return fhir_wrong(v->in, "required", "Task.statusReason",
				  "zeg waarom de hulp onderbroken is, met een code van "
				  "/codes/interrupt_reason",
				  "say why the help is interrupted, with a code of "
				  "/codes/interrupt_reason");
	}
	schakel__v1__interrupt_contribution__init(i);
	i->contribution_id = v->now->contribution_id;
	i->reason = (PB(InterruptReason))why;
	i->expected_ms = instant_of(execution(v), "start");
	v->m->body_case = BODY(INTERRUPT_CONTRIBUTION);
	v->m->interrupt_contribution = i;
	return SK_OK;
}

static int hand_on(struct move *v)
{
	PB(HandOnContribution) *h = arena_alloc(v->in->arena, sizeof(*h));

	if (h == NULL) {
		return SK_ENOMEM;
	}
	schakel__v1__hand_on_contribution__init(h);
	h->contribution_id = v->now->contribution_id;
	v->m->body_case = BODY(HAND_ON_CONTRIBUTION);
	v->m->hand_on_contribution = h;
	struct fhir_issue told = { .code = "business-rule",
				   .at = "Task.status",
				   .nl = "aflossing met overlap: de hulp loopt door tot wie volgt "
					 "er is; zeg daarna nog "
					 "eens completed",
				   .en = "handing on with overlap: the help goes on until who "
					 "follows is there; then "
					 "say completed once more" };
	return fhir_say(v->in, &told);
}

static int end(struct move *v)
{
	PB(EndContribution) *e = arena_alloc(v->in->arena, sizeof(*e));

	if (e == NULL) {
		return SK_ENOMEM;
	}
	schakel__v1__end_contribution__init(e);
	e->contribution_id = v->now->contribution_id;
	v->m->body_case = BODY(END_CONTRIBUTION);
	v->m->end_contribution = e;
	return SK_OK;
}

/* --- from where it stands to what is said --- */

static const struct {
	PB(ContributionState) from;
	const char *status;
	int (*fn)(struct move *v);
} moves[] = {
	{ STATE(ASKED), "accepted", say_can },         { STATE(ASKED), "received", say_if },
	{ STATE(ASKED), "rejected", say_no },          { STATE(ASKED), "cancelled", say_no },
	{ STATE(CAN_IF), "accepted", say_can },        { STATE(CAN_IF), "rejected", take_back },
	{ STATE(CAN_IF), "cancelled", take_back },     { STATE(CAN), "rejected", take_back },
	{ STATE(CAN), "cancelled", take_back },        { STATE(AGREED), "in-progress", start },
	{ STATE(AGREED), "on-hold", interrupt },       { STATE(AGREED), "completed", hand_on },
	{ STATE(STARTED), "on-hold", interrupt },      { STATE(STARTED), "completed", hand_on },
	{ STATE(INTERRUPTED), "in-progress", resume }, { STATE(INTERRUPTED), "completed", hand_on },
	{ STATE(HANDING_ON), "completed", end },
};

static int no_such_move(struct fhir_in *in, const PB(Ask) *now)
{
	bool agreed = now->state == STATE(AGREED) || now->state == STATE(STARTED) ||
		      now->state == STATE(INTERRUPTED);

	if (agreed) {
		return fhir_wrong(in, "business-rule", "Task.status",
				  "na het akkoord valt hulp niet meer weg: onderbreek ze (on-hold) "
				  "of los af (completed)",
				  "once agreed, help is not dropped: interrupt it (on-hold) or "
				  "hand "
				  "it on (completed)");
	}
	return fhir_wrong(in, "business-rule", "Task.status",
			  "van waar deze vraag nu staat gaat het niet naar die status; lees de "
			  "Task "
			  "opnieuw",
			  "where this ask stands now there is no way to that status; read the Task "
			  "again");
}

int fhir_task_move(struct fhir_in *in, const PB(Ask) *now, PB(Message) *ret_m)
{
	const char *status = fj_str(in->resource, "status");
	struct move v = { in, now, ret_m };

	schakel__v1__message__init(ret_m);
	if (status == NULL) {
		return fhir_wrong(in, "required", "Task.status", "geef de status",
				  "give the status");
	}
	for (size_t i = 0; i < SK_LEN(moves); i++) {
		if (moves[i].from == now->state && strcmp(moves[i].status, status) == 0) {
			return moves[i].fn(&v);
		}
	}
	if (strcmp(status, fhir_contribution_status(now->state)) == 0) {
		return SK_OK;
	}
	return no_such_move(in, now);
}

/* --- a Task that asks for something --- */

static const struct {
	const char *code;
	enum fhir_change change;
} changes[] = {
	{ "fulfill", FHIR_FULFILL }, { "approve", FHIR_FULFILL }, { "abort", FHIR_ABORT },
	{ "cancel", FHIR_ABORT },    { "suspend", FHIR_SUSPEND }, { "resume", FHIR_RESUME },
};

static const char *code_of_task(const json_t *task)
{
	const json_t *code = json_object_get(task, "code");
	const char *s = fj_coded(code, "task-code");

	s = s == NULL ? fj_str(fj_item(code, "coding", 0), "code") : s;
	return s == NULL ? fj_str(code, "text") : s;
}

static int read_focus(struct fhir_in *in, struct fhir_wish *w)
{
	static const char *const types[] = { "ServiceRequest", "RequestGroup", "Task" };
	const json_t *focus = json_object_get(in->resource, "focus");

	for (size_t i = 0; i < SK_LEN(types); i++) {
		if (fhir_reference_id(focus, types[i], &w->id)) {
			w->type = types[i];
			return SK_OK;
		}
	}
	return fhir_wrong(in, focus == NULL ? "required" : "not-found", "Task.focus",
			  "verwijs naar een ServiceRequest, RequestGroup of Task van dit knooppunt",
			  "refer to a ServiceRequest, RequestGroup or Task of this node");
}

int fhir_task_wish(struct fhir_in *in, struct fhir_wish *ret_w)
{
	const char *code = code_of_task(in->resource);
	struct fhir_wish w = { .change = code == NULL ? FHIR_FULFILL : FHIR_CHANGE_NONE };

	for (size_t i = 0; code != NULL && i < SK_LEN(changes); i++) {
		if (strcmp(code, changes[i].code) == 0) {
			w.change = changes[i].change;
		}
	}
	if (w.change == FHIR_CHANGE_NONE) {
		return fhir_wrong(in, "not-supported", "Task.code",
				  "een Task vraagt hier fulfill, abort, suspend of resume; wat de "
				  "aanmelding zelf verandert, verandert wie ze plaatste (PUT "
				  "ServiceRequest)",
				  "a Task asks for fulfill, abort, suspend or resume here; what "
				  "changes the order itself is for its placer (PUT "
				  "ServiceRequest)");
	}
	int err = read_focus(in, &w);
	if (err == SK_OK) {
		*ret_w = w;
	}
	return err;
}
