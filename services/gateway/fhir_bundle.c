/* SPDX-License-Identifier: EUPL-1.2 */
/* Bundles. A transaction is all or nothing: what changes something must fit one command, so it
 * holds one order (of one or several needs) or one other change, with reads and with resources that
 * go into the order; anything else is refused before anything is sent. A batch is entry by entry.
 */
#include <string.h>

#include "services/gateway/fhir_call.h"

#define ENTRIES_MAX 100

/* An entry, as its request says it. */
struct part {
	const char *method;
	const char *type;
	const char *id;
	const char *query;
	json_t *resource;
	const json_t *request;
	bool supports; /* a resource that goes into the order beside it */
	bool own_task; /* the coordination task of that order, which comes by itself */
};

/* Kinds that go into an order and are not kept by themselves. */
static bool is_support(const char *type)
{
	static const char *const kinds[] = { "Patient",      "Practitioner",  "PractitionerRole",
					     "Organization", "RelatedPerson", "Consent",
					     "Location",     "RequestGroup",  "Provenance" };

	for (size_t i = 0; type != NULL && i < SK_LEN(kinds); i++) {
		if (strcmp(type, kinds[i]) == 0) {
			return true;
		}
	}
	return false;
}

static int bad_entry(struct fhir_call *c, size_t i, const char *nl, const char *en)
{
	struct fhir_issue issue = { .status = 422, .code = "structure" };

	(void)snprintf(issue.at, sizeof(issue.at), "Bundle.entry[%zu]", i);
	(void)snprintf(issue.nl, sizeof(issue.nl), "%s", nl);
	(void)snprintf(issue.en, sizeof(issue.en), "%s", en);
	return fhir_refuse(c, &issue);
}

/* "ServiceRequest/id?query", also behind a whole address. */
static int read_part(struct fhir_call *c, size_t i, struct part *ret_p)
{
	json_t *entry = fj_item(c->body, "entry", i);
	const json_t *request = json_object_get(entry, "request");
	const char *url = fj_str(request, "url");
	struct part p = { .method = fj_str(request, "method"),
			  .request = request,
			  .resource = json_object_get(entry, "resource") };

	if (p.method == NULL) {
		p.method = "POST"; /* a document of resources: each is to be made */
	}
	const char *base = url == NULL ? NULL : strstr(url, "/fhir/");
	url = base != NULL ? base + 6 : url;
	url = url == NULL ? fj_str(p.resource, "resourceType") : url;
	if (url == NULL) {
		return bad_entry(c, i, "zeg wat er moet gebeuren: request.method en request.url",
				 "say what is to be done: request.method and request.url");
	}
	char *path = web_printf(c->w, "%s", url + (url[0] == '/'));
	char *query = strchr(path, '?');
	p.query = "";
	if (query != NULL) {
		*query = '\0';
		p.query = query + 1;
	}
	char *slash = strchr(path, '/');
	if (slash != NULL) {
		*slash = '\0';
		p.id = slash[1] == '\0' ? NULL : slash + 1;
	}
	p.type = path;
	p.supports = is_support(p.type) && strcmp(p.method, "GET") != 0;
	*ret_p = p;
	return SK_OK;
}

/* --- one entry --- */

static json_t *response_entry(const struct fhir_call *one)
{
	json_t *entry = json_object();
	json_t *response = json_object();
	unsigned status = one->in.refused ? fhir_status(&one->in) : one->status;

	(void)json_object_set_new(response, "status", json_sprintf("%u", status));
	const char *version = fj_str2(one->resource, "meta", "versionId");
	if (version != NULL) {
		fj_set(response, "etag", json_sprintf("W/\"%s\"", version));
	}
	fj_text(response, "location", one->location);
	if (one->in.refused || one->in.issues_len > 0) {
		fj_set(response, "outcome", fhir_outcome(&one->in, one->w->lang));
	}
	if (!one->in.refused) {
		fj_set(entry, "resource", json_incref(one->resource));
	}
	fj_set(entry, "response", response);
	return entry;
}

static void run_part(struct fhir_call *c, const struct part *p, struct fhir_call *one)
{
	fhir_call_init(one, c->w);
	one->entry = true;
	one->method = p->method;
	one->type = p->type;
	one->id = p->id;
	one->query = p->query;
	one->body = p->resource;
	one->bundle = c->body;
	one->if_match = fj_str(p->request, "ifMatch");
	one->none_exist = fj_str(p->request, "ifNoneExist");
	if (p->supports) {
		/* It goes into the order that refers to it; by itself it is not kept. */
		struct fhir_issue told = { .code = "informational",
					   .nl = "gaat verzegeld mee in de aanmelding die ernaar "
						 "verwijst; op zich wordt het niet bewaard",
					   .en = "goes sealed into the order that refers to it; by "
						 "itself it is not kept" };
		(void)fhir_say(&one->in, &told);
		one->status = 202;
		return;
	}
	fhir_run(one);
}

static void run_batch(struct fhir_call *c)
{
	json_t *out = fhir_bundle("batch-response");

	for (size_t i = 0; i < fj_items(c->body, "entry"); i++) {
		struct fhir_call one;
		struct part p = { 0 };
		fhir_call_init(&one, c->w);
		one.body = c->body;
		if (read_part(&one, i, &p) == SK_OK) {
			run_part(c, &p, &one);
		}
		fj_push(out, "entry", response_entry(&one));
		fhir_call_done(&one);
	}
	fhir_answer(c, 200, out);
}

/* --- a transaction --- */

struct plan {
	struct part part[ENTRIES_MAX];
	size_t len;
	const json_t *order[FHIR_NEEDS_MAX];
	size_t orders;
	size_t first_order;
	size_t changes; /* beside orders */
};

static bool makes_order(const struct part *p)
{
	return strcmp(p->type, "ServiceRequest") == 0 && strcmp(p->method, "POST") == 0 &&
	       p->id == NULL;
}

/* be-referral-task of an order in the same Bundle. */
static bool is_own_task(const struct fhir_call *c, const struct part *p)
{
	struct fhir_in in = { .bundle = c->body };
	const json_t *focus = fhir_resolve(&in, json_object_get(p->resource, "focus"));

	return strcmp(p->type, "Task") == 0 && strcmp(p->method, "POST") == 0 &&
	       (fj_is(focus, "resourceType", "ServiceRequest") ||
		fj_is(focus, "resourceType", "RequestGroup"));
}

static int count_part(struct fhir_call *c, struct plan *plan, size_t i)
{
	struct part *p = &plan->part[i];

	if (makes_order(p)) {
		if (!fj_is(p->resource, "resourceType", "ServiceRequest")) {
			return bad_entry(c, i, "hier hoort een ServiceRequest",
					 "a ServiceRequest belongs here");
		}
		if (plan->orders == FHIR_NEEDS_MAX) {
			return bad_entry(c, i, "ten hoogste 50 hulpvragen in één aanmelding",
					 "at most 50 needs in one request");
		}
		plan->first_order = plan->orders == 0 ? i : plan->first_order;
		plan->order[plan->orders++] = p->resource;
	} else if (is_own_task(c, p)) {
		p->own_task = true;
	} else if (!p->supports && !p->own_task && strcmp(p->method, "GET") != 0) {
		plan->changes++;
	}
	return SK_OK;
}

static int make_plan(struct fhir_call *c, struct plan *plan)
{
	plan->len = fj_items(c->body, "entry");
	for (size_t i = 0; i < plan->len; i++) {
		int err = read_part(c, i, &plan->part[i]);
		err = err == SK_OK ? count_part(c, plan, i) : err;
		if (err != SK_OK) {
			return err;
		}
	}
	for (size_t i = 0; i < plan->len && plan->orders == 0; i++) {
		plan->changes += plan->part[i].own_task ? 1 : 0;
	}
	if (plan->changes + (plan->orders > 0 ? 1 : 0) > 1) {
		return fhir_wrong(&c->in, "not-supported", "Bundle.entry",
				  "deze wijzigingen kunnen niet samen alles-of-niets zijn: één "
				  "aanmelding (ServiceRequests van één gezin) of één andere "
				  "wijziging "
				  "per transactie; gebruik type batch",
				  "these changes cannot be all or nothing together: one order "
				  "(ServiceRequests of one family) or one other change a "
				  "transaction; "
				  "use type batch");
	}
	return SK_OK;
}

/* Each ServiceRequest of the Bundle gets the resource that it became. */
static json_t *order_entry(const struct fhir_call *one, const struct fhir_item *i, size_t nth)
{
	struct fhir_out out = fhir_writer(one);
	struct fhir_call shown = *one;

	out.told = i->told;
	if (i->item != NULL && nth < i->item->n_needs) {
		shown.resource = fhir_service_request(&out, i->item, i->item->needs[nth]);
		shown.location =
			web_printf(one->w, "ServiceRequest/%s", fj_str(shown.resource, "id"));
		json_t *entry = response_entry(&shown);
		json_decref(shown.resource);
		return entry;
	}
	return response_entry(one);
}

/* Needs stand in the request as must-needs first; an order finds its own by what it asks for whom.
 */
static size_t place_of(const struct fhir_call *made, const struct fhir_item *i, size_t nth,
		       const json_t *order, bool *io_taken)
{
	uint32_t code = fhir_expertise(made->w->conf, json_object_get(order, "code"));

	for (size_t k = 0; i->item != NULL && k < i->item->n_needs && k < ENTRIES_MAX; k++) {
		const PB(NeedFact) *n = i->item->needs[k]->need;
		if (!io_taken[k] && n->expertise == code && n->child == made->child[nth]) {
			io_taken[k] = true;
			return k;
		}
	}
	return 0;
}

static void load_made(struct fhir_call *c, const struct fhir_call *one, struct fhir_item *ret_i)
{
	struct object_id id;
	PB(NeedView) *need = NULL;
	const char *slash = one->location == NULL ? NULL : strrchr(one->location, '/');

	if (slash != NULL && fhir_id(slash + 1, &id) &&
	    fhir_item_of_need(c, &id, ret_i, &need) != SK_OK) {
		/* It stands all the same: that it cannot be read back now is no refusal. */
		*ret_i = (struct fhir_item){ 0 };
		c->in.refused = false;
		c->in.issues_len = 0;
	}
}

/* The task of an order that was made, as it stands. */
static json_t *task_entry(struct fhir_call *c, const struct fhir_item *i)
{
	struct fhir_call one;
	json_t *id = i->item == NULL ? NULL : fhir_hex(&i->item->request->request_id);

	fhir_call_init(&one, c->w);
	one.entry = true;
	one.method = "GET";
	one.type = "Task";
	one.id = web_printf(c->w, "%s", id == NULL ? "" : json_string_value(id));
	fhir_run(&one);
	one.status = 201;
	one.location = web_printf(c->w, "Task/%s", one.id);
	json_t *entry = response_entry(&one);
	fhir_call_done(&one);
	json_decref(id);
	return entry;
}

static void run_parts(struct fhir_call *c, struct plan *plan, const struct fhir_call *made)
{
	json_t *out = fhir_bundle("transaction-response");
	bool taken[ENTRIES_MAX] = { false };
	struct fhir_item i = { 0 };
	size_t nth = 0;

	load_made(c, made, &i);
	for (size_t k = 0; k < plan->len; k++) {
		struct part *p = &plan->part[k];
		struct fhir_call one;
		if (makes_order(p)) {
			fj_push(out, "entry",
				order_entry(made, &i,
					    place_of(made, &i, nth++, p->resource, taken)));
			continue;
		}
		if (p->own_task && plan->orders > 0) {
			fj_push(out, "entry", task_entry(c, &i));
			continue;
		}
		run_part(c, p, &one);
		if (one.in.refused && strcmp(p->method, "GET") != 0) {
			/* The only change there was: nothing has happened. */
			memcpy(c->in.issue, one.in.issue, sizeof(c->in.issue));
			c->in.issues_len = one.in.issues_len;
			c->in.refused = true;
		}
		fj_push(out, "entry", response_entry(&one));
		fhir_call_done(&one);
	}
	fhir_item_done(&i);
	if (c->in.refused) {
		json_decref(out);
		return;
	}
	fhir_answer(c, 200, out);
}

static void run_transaction(struct fhir_call *c)
{
	struct plan *plan = arena_alloc(&c->w->arena, sizeof(*plan));
	struct fhir_call made;

	if (plan == NULL || make_plan(c, plan) != SK_OK) {
		return;
	}
	fhir_call_init(&made, c->w);
	made.entry = true;
	made.method = "POST";
	made.type = "ServiceRequest";
	made.bundle = c->body;
	made.if_match = NULL;
	made.none_exist = plan->orders > 0 ? fj_str(plan->part[plan->first_order].request, "ifNoneE"
											   "xist") :
					     NULL;
	made.body = plan->orders > 0 ? (json_t *)(uintptr_t)plan->order[0] : NULL;
	if (plan->orders > 0 && fhir_order_create(&made, plan->order, plan->orders) != SK_OK) {
		c->in = made.in;
	} else {
		run_parts(c, plan, &made);
	}
	fhir_call_done(&made);
}

void fhir_bundle_run(struct fhir_call *c)
{
	const char *type = fj_str(c->body, "type");

	if (!fj_is(c->body, "resourceType", "Bundle") || type == NULL) {
		(void)fhir_wrong(&c->in, "structure", "Bundle",
				 "geef hier een Bundle van type transaction of batch; een andere "
				 "resource gaat naar /fhir/{type}",
				 "give a Bundle of type transaction or batch here; any other "
				 "resource "
				 "goes to /fhir/{type}");
	} else if (fj_items(c->body, "entry") > ENTRIES_MAX) {
		(void)fhir_wrong(&c->in, "too-costly", "Bundle.entry", "ten hoogste 100 delen",
				 "at most 100 entries");
	} else if (strcmp(type, "transaction") == 0) {
		run_transaction(c);
	} else if (strcmp(type, "batch") == 0) {
		run_batch(c);
	} else {
		(void)fhir_wrong(&c->in, "not-supported", "Bundle.type",
				 "geef type transaction of batch",
				 "give type transaction or batch");
	}
}
