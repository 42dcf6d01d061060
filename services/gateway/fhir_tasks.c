/* SPDX-License-Identifier: EUPL-1.2 */
/* Tasks: where a request stands, and what a partner is asked. A partner moves its own; who placed
 * the order cancels it; whoever wants something asks for it by posting one. */
#include <string.h>

#include "services/gateway/fhir_search.h"
#include "services/gateway/fhir_task.h"

#define HUNT_PAGES 20

/* --- finding --- */

/* SK_ENOENT: none, or not one of who asks. */
static int ask_load(struct fhir_call *c, const struct object_id *id, PB(Ask) **ret_a)
{
	PB(QueryAsks) q = PB_INIT(QUERY_ASKS);
	PB(Message) m = PB_INIT(MESSAGE);
	PB(Message) *answer = NULL;

	q.contribution_id = object_id_data(id);
	m.body_case = BODY(QUERY_ASKS);
	m.query_asks = &q;
	int err = fhir_try(c, "matching", &m, &answer);
	if (err != SK_OK) {
		return err;
	}
	if (answer->body_case != BODY(ASKS_VIEW) || answer->asks_view->n_asks == 0) {
		return SK_ENOENT;
	}
	*ret_a = answer->asks_view->asks[0];
	return SK_OK;
}

/* What all partners were asked for a request, as matching shows it to who asks. */
static int contributions_load(struct fhir_call *c, const struct object_id *request,
			      const ProtobufCBinaryData *after, PB(ContributionsView) **ret_v)
{
	PB(QueryContributions) q = PB_INIT(QUERY_CONTRIBUTIONS);
	PB(Message) m = PB_INIT(MESSAGE);
	PB(Message) *answer = NULL;

	q.request_id = object_id_data(request);
	q.after = *after;
	m.body_case = BODY(QUERY_CONTRIBUTIONS);
	m.query_contributions = &q;
	int err = fhir_try(c, "matching", &m, &answer);
	if (err != SK_OK) {
		return err;
	}
	if (answer->body_case != BODY(CONTRIBUTIONS_VIEW)) {
		return SK_ENOENT;
	}
	*ret_v = answer->contributions_view;
	return SK_OK;
}

typedef void part_fn(struct fhir_call *c, const PB(ContributionChanged) *part, json_t *list);

static int each_part(struct fhir_call *c, const struct object_id *request, part_fn *fn,
		     json_t *list)
{
	ProtobufCBinaryData after = { 0 };
	int err = SK_OK;

	do {
		PB(ContributionsView) *v = NULL;
		err = contributions_load(c, request, &after, &v);
		for (size_t i = 0; err == SK_OK && i < v->n_contributions; i++) {
			fn(c, v->contributions[i], list);
		}
		after = err == SK_OK ? v->next : (ProtobufCBinaryData){ 0 };
	} while (after.len > 0);
	return err == SK_ENOENT ? SK_OK : err;
}

/* --- reading --- */

static int answer_ask(struct fhir_call *c, const struct object_id *id)
{
	struct fhir_out out = fhir_writer(c);
	PB(Ask) *a = NULL;
	int err = ask_load(c, id, &a);

	if (err == SK_OK) {
		fhir_answer(c, 200, fhir_ask_task(&out, a));
	}
	return err;
}

static int answer_order_task(struct fhir_call *c, const struct object_id *request, unsigned status)
{
	struct fhir_out out = fhir_writer(c);
	struct fhir_item i = { 0 };
	int err = fhir_item_load(c, request, &i);

	if (err == SK_OK) {
		fhir_answer(c, status, fhir_order_task(&out, i.item));
		c->location = web_printf(c->w, "Task/%s", fj_str(c->resource, "id"));
	}
	fhir_item_done(&i);
	return err;
}

static void part_if_asked(struct fhir_call *c, const PB(ContributionChanged) *part, json_t *hunted)
{
	struct fhir_out out = fhir_writer(c);
	struct object_id want;
	struct object_id id;

	if (json_array_size(hunted) == 0 && fhir_id(c->id, &want) &&
	    object_id_from(&part->contribution_id, &id) && object_id_equal(&want, &id)) {
		(void)json_array_append_new(hunted, fhir_contribution_task(&out, part));
	}
}

static void hunt_in(struct fhir_call *c, const struct fhir_item *i, json_t *hunted)
{
	struct object_id request;

	if (json_array_size(hunted) == 0 &&
	    object_id_from(&i->item->request->request_id, &request)) {
		(void)each_part(c, &request, part_if_asked, hunted);
	}
}

/* The placer's own view of a partner's task: it stands with one of its orders, of which the first
 * HUNT_PAGES are looked at, and none for a part of a Bundle: part-of finds it at once. */
static int answer_of_own_orders(struct fhir_call *c)
{
	char cursor[2 * OBJECT_ID_LEN + 1] = "";
	char next[2 * OBJECT_ID_LEN + 1] = "";
	json_t *hunted = json_array();
	int err = SK_OK;

	for (unsigned page = 0; page < HUNT_PAGES && !c->entry; page++) {
		memcpy(cursor, next, sizeof(cursor));
		err = fhir_page(c, cursor[0] == '\0' ? NULL : cursor, hunt_in, hunted, next);
		if (err != SK_OK || json_array_size(hunted) > 0 || next[0] == '\0') {
			break;
		}
	}
	if (err == SK_OK && json_array_size(hunted) > 0) {
		fhir_answer(c, 200, json_incref(json_array_get(hunted, 0)));
	} else if (err == SK_OK && (next[0] != '\0' || c->entry)) {
		struct fhir_issue issue = { .status = 404,
					    .code = "not-found",
					    .nl = "niet gevonden bij je eerste aanmeldingen; zoek "
						  "met Task?part-of=Task/ID van de aanmelding",
					    .en = "not found among your first orders; search by "
						  "Task?part-of=Task/ID of the order" };
		err = fhir_refuse(c, &issue);
	} else if (err == SK_OK) {
		err = SK_ENOENT;
	}
	json_decref(hunted);
	return err;
}

void fhir_task_get(struct fhir_call *c)
{
	struct object_id id;
	int err = fhir_id(c->id, &id) ? answer_ask(c, &id) : SK_ENOENT;

	if (err == SK_ENOENT && fhir_id(c->id, &id)) {
		err = answer_order_task(c, &id, 200);
	}
	if (err == SK_ENOENT && fhir_id(c->id, &id)) {
		err = answer_of_own_orders(c);
	}
	if (err == SK_ENOENT) {
		(void)fhir_not_found(c);
	}
}

/* --- searching --- */

static void add_task(struct fhir_call *c, json_t *task, json_t *bundle)
{
	const char *status = fj_str(task, "status");

	if (status != NULL && fhir_wants_status(c, status)) {
		fhir_bundle_add(bundle, task, "match");
	} else {
		json_decref(task);
	}
}

static void add_order_task(struct fhir_call *c, const struct fhir_item *i, json_t *bundle)
{
	struct fhir_out out = fhir_writer(c);

	add_task(c, fhir_order_task(&out, i->item), bundle);
}

/* @p ret_next: cursor of the next page, or NULL. */
static int asks_page(struct fhir_call *c, const char *after, json_t *bundle, const char **ret_next)
{
	PB(QueryAsks) q = PB_INIT(QUERY_ASKS);
	PB(Message) m = PB_INIT(MESSAGE);
	PB(Message) *answer = NULL;
	struct fhir_out out = fhir_writer(c);

	q.limit = fhir_count(c);
	q.all = true;
	if (after != NULL && !fhir_bytes(c, after, &q.after)) {
		return fhir_not_found(c);
	}
	m.body_case = BODY(QUERY_ASKS);
	m.query_asks = &q;
	*ret_next = NULL;
	int err = fhir_try(c, "matching", &m, &answer);
	if (err != SK_OK || answer->body_case != BODY(ASKS_VIEW)) {
		return err; /* who is never asked has none */
	}
	const PB(AsksView) *v = answer->asks_view;
	for (size_t i = 0; i < v->n_asks; i++) {
		add_task(c, fhir_ask_task(&out, v->asks[i]), bundle);
	}
	*ret_next = v->next.len == 0 ? NULL : fhir_hex_text(c, &v->next);
	return SK_OK;
}

static void add_part(struct fhir_call *c, const PB(ContributionChanged) *part, json_t *bundle)
{
	struct fhir_out out = fhir_writer(c);

	add_task(c, fhir_contribution_task(&out, part), bundle);
}

/* The partners' tasks of one order, for who may see the order. */
static int parts_of(struct fhir_call *c, const struct object_id *request, json_t *bundle)
{
	struct fhir_item i = { 0 };
	int err = fhir_item_load(c, request, &i);

	err = err == SK_OK ? each_part(c, request, add_part, bundle) : err;
	fhir_item_done(&i);
	return err == SK_ENOENT ? SK_OK : err;
}

/* Own asks first ("a" and a cursor), then own orders ("r" and a cursor). */
static int own_tasks(struct fhir_call *c, json_t *bundle, const char **ret_next)
{
	const char *after = fhir_param(c, "_after");
	char next[2 * OBJECT_ID_LEN + 1] = "";
	const char *more = NULL;
	int err = SK_OK;

	*ret_next = NULL;
	if (after == NULL || after[0] == 'a') {
		err = asks_page(c, after == NULL ? NULL : after + 1, bundle, &more);
		if (err != SK_OK || more != NULL || fj_items(bundle, "entry") > 0) {
			*ret_next = more == NULL ? "r" : web_printf(c->w, "a%s", more);
			return err;
		}
		after = NULL;
	}
	err = fhir_page(c, after == NULL || after[1] == '\0' ? NULL : after + 1, add_order_task,
			bundle, next);
	if (next[0] != '\0') {
		*ret_next = web_printf(c->w, "r%s", next);
	}
	return err;
}

void fhir_task_search(struct fhir_call *c)
{
	json_t *bundle = fhir_bundle("searchset");
	const char *next = NULL;
	struct object_id id;
	int err = SK_OK;

	if (fhir_param(c, "part-of") != NULL) {
		err = fhir_param_id(c, "part-of", &id) ? parts_of(c, &id, bundle) : SK_OK;
	} else if (fhir_param(c, "focus") != NULL || fhir_param(c, "_id") != NULL) {
		struct fhir_item i = { 0 };
		PB(NeedView) *need = NULL;
		bool named =
			fhir_param_id(c, fhir_param(c, "focus") != NULL ? "focus" : "_id", &id);
		err = named ? fhir_item_of_need(c, &id, &i, &need) : SK_ENOENT;
		err = err == SK_ENOENT && named ? fhir_item_load(c, &id, &i) : err;
		if (err == SK_OK) {
			add_order_task(c, &i, bundle);
		}
		fhir_item_done(&i);
		err = err == SK_ENOENT ? SK_OK : err;
	} else {
		err = own_tasks(c, bundle, &next);
	}
	if (err != SK_OK) {
		json_decref(bundle);
		return;
	}
	fhir_links(c, bundle, next);
	fhir_answer(c, 200, bundle);
}

/* --- moving --- */

static const char *task_element(const char *field)
{
	static const struct {
		const char *field;
		const char *element;
	} row[] = {
		{ "contribution_id", "Task.status" },
		{ "answer", "Task.status" },
		{ "can_if", "Task.statusReason" },
		{ "reason", "Task.statusReason" },
		{ "until_ms", "Task.restriction.period.end" },
		{ "start_at_ms", "Task.executionPeriod.start" },
		{ "expected_ms", "Task.executionPeriod.start" },
		{ "suggests", "Task.owner" },
		{ "request_id", "Task.focus" },
	};

	for (size_t i = 0; i < SK_LEN(row); i++) {
		if (strncmp(field, row[i].field, strlen(row[i].field)) == 0) {
			return row[i].element;
		}
	}
	return "Task";
}

static int version_seen(struct fhir_call *c, uint32_t version)
{
	struct fhir_issue issue = { .status = 412,
				    .code = "conflict",
				    .at = "Task.meta.versionId",
				    .nl = "deze Task is veranderd sinds je ze las; lees ze opnieuw",
				    .en = "this Task has changed since you read it; read it "
					  "again" };

	return c->if_match == NULL || strcmp(c->if_match, "*") == 0 || fhir_matched(c) == version ?
		       SK_OK :
		       fhir_refuse(c, &issue);
}

static int move_ask(struct fhir_call *c, const struct object_id *id, PB(Ask) *a)
{
	PB(Message) m;
	PB(Receipt) *r = NULL;

	c->in.resource = c->body;
	int err = version_seen(c, a->version);
	err = err == SK_OK ? fhir_task_move(&c->in, a, &m) : err;
	if (err == SK_OK && m.body_case != SCHAKEL__V1__MESSAGE__BODY__NOT_SET) {
		err = fhir_command(c, "matching", &m, task_element, &r);
	}
	return err == SK_OK ? answer_ask(c, id) : err;
}

/* The order's own task is moved by what happens; its placer may cancel it. */
static int move_order(struct fhir_call *c, struct fhir_item *i)
{
	const char *status = fj_str(c->body, "status");
	struct object_id id;
	int err = version_seen(c, i->item->request->request_version);

	if (err != SK_OK || !object_id_from(&i->item->request->request_id, &id)) {
		return err;
	}
	bool cancelled = status != NULL && strcmp(status, "cancelled") == 0;
	bool in_error = status != NULL && strcmp(status, "entered-in-error") == 0;
	const char *now = fhir_order_task_status(i->item);
	if (status != NULL && strcmp(status, now) == 0) {
		return answer_order_task(c, &id, 200);
	}
	if (!cancelled && !in_error) {
		return fhir_wrong(&c->in, "business-rule", "Task.status",
				  "deze Task volgt uit de aanmelding; wie aanmeldde kan ze "
				  "annuleren (cancelled)",
				  "this Task follows from the order; its placer may cancel it "
				  "(cancelled)");
	}
	err = fhir_withdraw(c, i->item, NULL, in_error);
	return err == SK_OK ? answer_order_task(c, &id, 200) : err;
}

void fhir_task_put(struct fhir_call *c)
{
	struct object_id id;
	struct fhir_item i = { 0 };
	PB(Ask) *a = NULL;
	int err = fhir_id(c->id, &id) ? ask_load(c, &id, &a) : SK_ENOENT;

	if (err == SK_OK) {
		err = move_ask(c, &id, a);
	} else if (err == SK_ENOENT && fhir_id(c->id, &id)) {
		err = fhir_item_load(c, &id, &i);
		err = err == SK_OK ? move_order(c, &i) : err;
		fhir_item_done(&i);
	}
	if (err == SK_ENOENT) {
		(void)fhir_not_found(c);
	}
}

void fhir_task_patch(struct fhir_call *c)
{
	json_t *patch = c->body;

	fhir_task_get(c);
	if (c->in.refused || c->resource == NULL) {
		return;
	}
	json_t *task = c->resource;
	c->resource = NULL;
	c->status = 0;
	if (fhir_patch(&c->in, patch, task) == SK_OK) {
		c->body = task;
		fhir_task_put(c);
		c->body = patch;
	}
	json_decref(task);
}

/* --- asking for something --- */

static int wish_of_task(struct fhir_call *c, const struct fhir_wish *w)
{
	const char *status = w->change == FHIR_SUSPEND ? "on-hold" :
			     w->change == FHIR_RESUME  ? "in-progress" :
							 "cancelled";
	json_t *task = json_object();
	json_t *posted = c->body;
	PB(Ask) *a = NULL;

	fj_text(task, "status", status);
	fj_set(task, "statusReason",
	       json_incref(json_object_get(posted, json_object_get(posted, "statusReason") != NULL ?
							   "statusReason" :
							   "reasonCode")));
	fj_set(task, "executionPeriod", json_incref(json_object_get(posted, "executionPeriod")));
	c->body = task;
	int err = ask_load(c, &w->id, &a);
	if (err == SK_OK) {
		err = move_ask(c, &w->id, a);
	} else if (err == SK_ENOENT && w->change == FHIR_ABORT) {
		struct fhir_item i = { 0 };
		err = fhir_item_load(c, &w->id, &i);
		err = err == SK_OK ? move_order(c, &i) : err;
		fhir_item_done(&i);
	}
	c->body = posted;
	json_decref(task);
	return err;
}

static int wish_of_order(struct fhir_call *c, const struct fhir_wish *w)
{
	struct fhir_item i = { 0 };
	PB(NeedView) *need = NULL;
	struct object_id request;
	bool group = strcmp(w->type, "RequestGroup") == 0;
	int err = group ? fhir_item_load(c, &w->id, &i) : fhir_item_of_need(c, &w->id, &i, &need);

	if (err == SK_OK && w->change == FHIR_ABORT) {
		err = fhir_withdraw(c, i.item, need, false);
	} else if (err == SK_OK && w->change != FHIR_FULFILL) {
		err = fhir_wrong(&c->in, "not-supported", "Task.code",
				 "onderbreken en hervatten gaat over de hulp van een partner: "
				 "verwijs naar diens Task",
				 "suspend and resume are about the help of a partner: refer to its "
				 "Task");
	}
	if (err == SK_OK && object_id_from(&i.item->request->request_id, &request)) {
		err = answer_order_task(c, &request, 201);
	}
	fhir_item_done(&i);
	return err;
}

void fhir_task_post(struct fhir_call *c)
{
	struct fhir_wish w;

	c->in.resource = c->body;
	int err = fhir_task_wish(&c->in, &w);
	if (err == SK_OK && strcmp(w.type, "Task") == 0 && w.change != FHIR_FULFILL) {
		err = wish_of_task(c, &w);
	} else if (err == SK_OK && strcmp(w.type, "Task") == 0) {
		err = answer_order_task(c, &w.id, 200);
	} else if (err == SK_OK) {
		err = wish_of_order(c, &w);
	}
	if (err == SK_ENOENT) {
		(void)fhir_wrong(&c->in, "not-found", "Task.focus",
				 "waarnaar dit verwijst staat hier niet, of niet voor wie het "
				 "vraagt",
				 "what this refers to is not here, or not for who asks");
	}
}
