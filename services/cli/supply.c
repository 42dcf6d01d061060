/* SPDX-License-Identifier: EUPL-1.2 */
/* Networks, workers of a pool, houses that change their form, and decisions of the gate. */
#include <string.h>

#include "services/cli/listed.h"
#include "services/cli/output.h"
#include "services/cli/pages.h"
#include "services/cli/request_show.h"
#include "services/cli/subjects.h"

#define SET(name) (&schakel__v1__##name##__descriptor)
#define PAGE 50
#define LIST_MAX 64
#define UNITS_MAX 10000

static int send(struct call *k, PB(Message) *m, const char *nl, const char *en)
{
	PB(Receipt) *r = NULL;
	int rc = call_command(k, MATCHING, m, &r);
	return out_done(k->cli, rc, r, nl, en);
}

/* "a,b,c" */
static size_t words_of(struct cli *c, const char *text, char ***ret_list)
{
	char **list = cli_alloc(c, LIST_MAX * sizeof(*list));
	char *rest = cli_printf(c, "%s", text == NULL ? "" : text);
	size_t len = 0;

	for (char *word = strsep(&rest, ","); word != NULL; word = strsep(&rest, ",")) {
		if (word[0] != '\0' && len < LIST_MAX) {
			list[len++] = word;
		}
	}
	*ret_list = list;
	return len;
}

static char *text_of(const struct cli *c, const char *option)
{
	return (char *)(uintptr_t)(cli_flag(c, option) ? cli_opt(c, option) : "");
}

/* --- networks --- */

static const struct column network_columns[] = {
	{ "network.network", "netwerk", "network", CELL_TEXT, NULL },
	{ "network.name", "naam", "name", CELL_TEXT, NULL },
	{ "network.kind", "soort", "kind", CELL_WORD, SET(network_kind) },
	{ "live", "loopt", "runs", CELL_YES, NULL },
	{ "network.until_ms", "tot", "until", CELL_DAY, NULL },
	{ "network.successor", "daarna", "afterwards", CELL_TEXT, NULL },
	{ "version", "versie", "version", CELL_NUMBER, NULL },
	{ 0 },
};

static int cmd_network_list(struct cli *c)
{
	AUTO_CALL struct call k = { 0 };
	PB(QueryNetworks) q = SCHAKEL__V1__QUERY_NETWORKS__INIT;
	PB(Message) m = SCHAKEL__V1__MESSAGE__INIT;
	struct pages p = { MATCHING, &m, &q.after, BODY(NETWORKS_VIEW), "networks", 0 };
	json_t *doc = NULL;

	q.network = (char *)(uintptr_t)(c->args_len > 0 ? c->arg[0] : "");
	q.limit = PAGE;
	m.body_case = BODY(QUERY_NETWORKS);
	m.query_networks = &q;
	int rc = call_open(&k, c);
	rc = rc != CLI_DONE ? rc : pages_read(&k, &p, &doc);
	if (rc == CLI_DONE) {
		out_table(c, doc, "networks", network_columns);
		json_decref(doc);
	}
	return rc;
}

/* What is not given stays as it is now. @p ret_now NULL: there is none of that name. */
static int network_now(struct call *k, const char *name, PB(PutNetwork) *io_put)
{
	PB(QueryNetworks) q = SCHAKEL__V1__QUERY_NETWORKS__INIT;
	PB(Message) m = SCHAKEL__V1__MESSAGE__INIT;
	PB(Message) *answer = NULL;

	q.network = (char *)(uintptr_t)name;
	m.body_case = BODY(QUERY_NETWORKS);
	m.query_networks = &q;
	int rc = call_query_maybe(k, MATCHING, &m, &answer);
	if (rc != CLI_DONE || answer == NULL || answer->body_case != BODY(NETWORKS_VIEW) ||
	    answer->networks_view->n_networks == 0) {
		return rc;
	}
	const PB(PutNetwork) *now = answer->networks_view->networks[0]->network;
	size_t len = protobuf_c_message_get_packed_size(&now->base);
	uint8_t *bytes = cli_alloc(k->cli, len + 1);
	ProtobufCAllocator alloc = arena_protobuf(&k->cli->arena);
	(void)protobuf_c_message_pack(&now->base, bytes);
	PB(PutNetwork) *copy = schakel__v1__put_network__unpack(&alloc, len, bytes);
	if (copy == NULL) {
		return cli_fail(k->cli, name, SK_ENOMEM);
	}
	*io_put = *copy;
	return CLI_DONE;
}

static int cmd_network_put(struct cli *c)
{
	AUTO_CALL struct call k = { 0 };
	PB(PutNetwork) n = SCHAKEL__V1__PUT_NETWORK__INIT;
	PB(Message) m = SCHAKEL__V1__MESSAGE__INIT;
	int kind = 0;
	int rc = call_open(&k, c);

	rc = rc != CLI_DONE ? rc : network_now(&k, c->arg[0], &n);
	rc = rc != CLI_DONE ? rc : cli_opt_code(c, "kind", SET(network_kind), &kind);
	rc = rc != CLI_DONE ? rc : cli_opt_when(c, "from", &n.from_ms);
	rc = rc != CLI_DONE ? rc : cli_opt_when(c, "until", &n.until_ms);
	rc = rc != CLI_DONE ? rc : cli_opt_u64(c, "budget", UINT64_MAX / 100, &n.budget_cents);
	if (rc != CLI_DONE) {
		return rc;
	}
	n.network = (char *)(uintptr_t)c->arg[0];
	n.kind = kind != 0 ? (PB(NetworkKind))kind : n.kind;
	n.budget_cents *= cli_flag(c, "budget") ? 100 : 1;
	n.name = cli_flag(c, "name") ? text_of(c, "name") : n.name;
	n.successor = cli_flag(c, "successor") ? text_of(c, "successor") : n.successor;
	if (cli_flag(c, "partners")) {
		n.n_partners = words_of(c, cli_opt(c, "partners"), &n.partners);
	}
	if (cli_flag(c, "zones")) {
		n.n_zones = words_of(c, cli_opt(c, "zones"), &n.zones);
	}
	m.body_case = BODY(PUT_NETWORK);
	m.put_network = &n;
	return send(&k, &m, "Netwerk genoteerd.", "Network recorded.");
}

/* --- workers --- */

static const struct column worker_columns[] = {
	{ "worker.worker", "medewerker", "worker", CELL_TEXT, NULL },
	{ "worker.cap", "hoogstens", "at most", CELL_NUMBER, NULL },
	{ "worker.load", "elders", "elsewhere", CELL_NUMBER, NULL },
	{ "given", "hier", "here", CELL_NUMBER, NULL },
	{ "worker.rest_until_ms", "rust tot", "rests until", CELL_DATE, NULL },
	{ "worker.left", "weg", "left", CELL_YES, NULL },
	{ 0 },
};

static int cmd_worker_list(struct cli *c)
{
	AUTO_CALL struct call k = { 0 };
	PB(QueryWorkers) q = SCHAKEL__V1__QUERY_WORKERS__INIT;
	PB(Message) m = SCHAKEL__V1__MESSAGE__INIT;
	struct pages p = { MATCHING, &m, &q.after, BODY(WORKERS_VIEW), "workers", 0 };
	json_t *doc = NULL;

	q.pool = (char *)(uintptr_t)c->arg[0];
	q.limit = PAGE;
	m.body_case = BODY(QUERY_WORKERS);
	m.query_workers = &q;
	int rc = call_open(&k, c);
	rc = rc != CLI_DONE ? rc : pages_read(&k, &p, &doc);
	if (rc == CLI_DONE) {
		out_table(c, doc, "workers", worker_columns);
		json_decref(doc);
	}
	return rc;
}

/* The version that stands, so that the next statement is based on it. */
static int worker_now(struct call *k, PB(PutWorker) *io_put)
{
	PB(QueryWorkers) q = SCHAKEL__V1__QUERY_WORKERS__INIT;
	PB(Message) m = SCHAKEL__V1__MESSAGE__INIT;
	PB(Message) *answer = NULL;

	q.pool = io_put->pool;
	m.body_case = BODY(QUERY_WORKERS);
	m.query_workers = &q;
	do {
		int rc = call_query(k, MATCHING, &m, &answer);
		if (rc != CLI_DONE) {
			return rc;
		}
		if (answer->body_case != BODY(WORKERS_VIEW)) {
			return call_complain(k, MATCHING, SK_EPROTO);
		}
		for (size_t i = 0; i < answer->workers_view->n_workers; i++) {
			const PB(WorkerItem) *item = answer->workers_view->workers[i];
			if (memcmp(item->worker->worker.data, io_put->worker.data, OBJECT_ID_LEN) ==
			    0) {
				io_put->based_on = item->version;
			}
		}
		ProtobufCBinaryData next = answer->workers_view->next;
		q.after = (ProtobufCBinaryData){ next.len, cli_alloc(k->cli, next.len + 1) };
		if (next.len > 0) {
			memcpy(q.after.data, next.data, next.len);
		}
	} while (q.after.len > 0);
	return CLI_DONE;
}

static int expertises_of(struct cli *c, PB(PutWorker) *w)
{
	char **words = NULL;
	size_t len = words_of(c, cli_opt(c, "expertises"), &words);

	w->expertises = cli_alloc(c, (len + 1) * sizeof(*w->expertises));
	for (size_t i = 0; i < len; i++) {
		int rc = cli_expertise(c, words[i], &w->expertises[i]);
		if (rc != CLI_DONE) {
			return rc;
		}
	}
	w->n_expertises = len;
	return CLI_DONE;
}

static int cmd_worker_put(struct cli *c)
{
	AUTO_CALL struct call k = { 0 };
	PB(PutWorker) w = SCHAKEL__V1__PUT_WORKER__INIT;
	PB(Message) m = SCHAKEL__V1__MESSAGE__INIT;
	struct object_id id;
	int rc = CLI_DONE;

	if (!id_parse(c->arg[1], &id)) {
		return cli_usage(c, "%s: een medewerker is een nummer van 32 hexadecimale cijfers",
				 "%s: a worker is a number of 32 hexadecimal digits", c->arg[1]);
	}
	w.pool = (char *)(uintptr_t)c->arg[0];
	w.worker = id_bytes(c, &id);
	w.left = cli_flag(c, "left");
	rc = expertises_of(c, &w);
	rc = rc != CLI_DONE ? rc : cli_opt_u32(c, "cap", UNITS_MAX, &w.cap);
	rc = rc != CLI_DONE ? rc : cli_opt_u32(c, "load", UNITS_MAX, &w.load);
	rc = rc != CLI_DONE ? rc : cli_opt_when(c, "rest-until", &w.rest_until_ms);
	rc = rc != CLI_DONE ? rc : call_open(&k, c);
	rc = rc != CLI_DONE ? rc : worker_now(&k, &w);
	if (rc != CLI_DONE) {
		return rc;
	}
	m.body_case = BODY(PUT_WORKER);
	m.put_worker = &w;
	return send(&k, &m, "Medewerker genoteerd.", "Worker recorded.");
}

/* --- a house that changes its form --- */

static const struct column conversion_columns[] = {
	{ "pool", "van", "from", CELL_TEXT, NULL },
	{ "units", "eenheden", "units", CELL_NUMBER, NULL },
	{ "to_pool", "naar", "to", CELL_TEXT, NULL },
	{ "starts_now", "kinderen die nu starten", "children that start now", CELL_NUMBER, NULL },
	{ "starts_then", "die dan starten", "that start then", CELL_NUMBER, NULL },
	{ 0 },
};

static int cmd_conversions(struct cli *c)
{
	AUTO_CALL struct call k = { 0 };
	PB(QueryConversions) q = SCHAKEL__V1__QUERY_CONVERSIONS__INIT;
	PB(Message) m = SCHAKEL__V1__MESSAGE__INIT;
	struct pages p = { MATCHING, &m, &q.after, BODY(CONVERSIONS_VIEW), "items", 0 };
	json_t *doc = NULL;

	q.pool = (char *)(uintptr_t)(c->args_len > 0 ? c->arg[0] : "");
	m.body_case = BODY(QUERY_CONVERSIONS);
	m.query_conversions = &q;
	int rc = call_open(&k, c);
	rc = rc != CLI_DONE ? rc : pages_read(&k, &p, &doc);
	if (rc == CLI_DONE) {
		out_table(c, doc, "items", conversion_columns);
		json_decref(doc);
	}
	return rc;
}

static int pool_version(struct call *k, const char *pool, uint32_t *ret_version)
{
	PB(QueryPools) q = SCHAKEL__V1__QUERY_POOLS__INIT;
	PB(Message) m = SCHAKEL__V1__MESSAGE__INIT;
	PB(Message) *answer = NULL;

	q.pool = (char *)(uintptr_t)pool;
	m.body_case = BODY(QUERY_POOLS);
	m.query_pools = &q;
	int rc = call_query(k, MATCHING, &m, &answer);
	if (rc == CLI_DONE && answer->body_case != BODY(POOLS_VIEW)) {
		return call_complain(k, MATCHING, SK_EPROTO);
	}
	if (rc == CLI_DONE && answer->pools_view->n_pools > 0) {
		*ret_version = answer->pools_view->pools[0]->version;
	}
	return rc;
}

static int cmd_convert(struct cli *c)
{
	AUTO_CALL struct call k = { 0 };
	PB(ConvertPool) v = SCHAKEL__V1__CONVERT_POOL__INIT;
	PB(Message) m = SCHAKEL__V1__MESSAGE__INIT;
	int rc = call_open(&k, c);

	v.pool = (char *)(uintptr_t)c->arg[0];
	v.to_pool = (char *)(uintptr_t)c->arg[1];
	v.from_use = 1;
	v.units = 1;
	rc = rc != CLI_DONE ? rc : pool_version(&k, c->arg[0], &v.based_on);
	rc = rc != CLI_DONE ? rc : cli_opt_u32(c, "use", 255, &v.from_use);
	rc = rc != CLI_DONE ? rc : cli_opt_u32(c, "units", UNITS_MAX, &v.units);
	rc = rc != CLI_DONE ? rc : cli_opt_u32(c, "based-on", UINT32_MAX, &v.based_on);
	if (rc != CLI_DONE) {
		return rc;
	}
	m.body_case = BODY(CONVERT_POOL);
	m.convert_pool = &v;
	return send(&k, &m, "Omgezet.", "Converted.");
}

/* --- the gate --- */

static int cmd_gate(struct cli *c)
{
	AUTO_CALL struct call k = { .cli = c };
	PB(RecordGateDecision) d = SCHAKEL__V1__RECORD_GATE_DECISION__INIT;
	PB(Message) m = SCHAKEL__V1__MESSAGE__INIT;
	PB(RequestItem) *item = NULL;
	struct object_id id;
	int rc = call_open(&k, c);

	rc = rc != CLI_DONE ? rc : find_request(&k, c->arg[0], &item);
	if (rc == CLI_DONE) {
		SK_ASSERT(object_id_from(&item->request->request_id, &id));
		d.request_id = id_bytes(c, &id);
	}
	if (rc == CLI_DONE && cli_flag(c, "need")) {
		rc = find_need(&k, cli_printf(c, "%s/%s", c->arg[0], cli_opt(c, "need")), &id);
		d.need_id = id_bytes(c, &id);
	}
	rc = rc != CLI_DONE ? rc : cli_opt_when(c, "until", &d.until_ms);
	if (rc != CLI_DONE) {
		return rc;
	}
	d.number = (char *)(uintptr_t)c->arg[1];
	m.body_case = BODY(RECORD_GATE_DECISION);
	m.record_gate_decision = &d;
	return send(&k, &m, "Beslissing van de toegangspoort genoteerd.",
		    "Decision of the gate recorded.");
}

static const struct option network_options[] = {
	{ "name", "NAAM", "hoe het heet (nodig voor een nieuw)",
	  "its name (needed for a new one)" },
	{ "kind", "SOORT", "IDEAL_WORLD, ONE_PLAN of CRISIS (nodig voor een nieuw)",
	  "IDEAL_WORLD, ONE_PLAN or CRISIS (needed for a new one)" },
	{ "zones", "ZONE,...", "waar het werkt (nodig voor een nieuw)",
	  "where it works (needed for a new one)" },
	{ "partners", "PARTIJ,...", "wie erin zit", "who is in it" },
	{ "from", "DAG", "vanaf wanneer", "from when" },
	{ "until", "DAG", "tot wanneer", "until when" },
	{ "budget", "EURO", "hoeveel euro er is", "how many euros there are" },
	{ "successor", "NETWERK", "wie daarna verder zorgt voor wie nog wacht",
	  "who goes on afterwards for those who still wait" },
	{ 0 },
};
static const struct option worker_options[] = {
	{ "expertises", "CODE,...", "wat zij of hij kan (nodig)",
	  "what she or he can do (needed)" },
	{ "cap", "N", "hoeveel er hoogstens bij kan, in eenheden van het aanbod",
	  "how much at most, in units of the pool" },
	{ "load", "N", "wat er elders al loopt", "what goes on elsewhere" },
	{ "rest-until", "DAG", "tot dan niets nieuws", "nothing new until then" },
	{ "left", NULL, "werkt hier niet meer", "does not work here any more" },
	{ 0 },
};
static const struct option convert_options[] = {
	{ "units", "N", "hoeveel eenheden (1)", "how many units (1)" },
	{ "use", "N", "welk gebruik wordt omgezet (1)", "which use is converted (1)" },
	{ "based-on", "VERSIE", "de versie die u zag (anders: de huidige)",
	  "the version that you saw (else: the present one)" },
	{ 0 },
};
static const struct option gate_options[] = {
	{ "need", "N", "alleen de Nde hulpvraag", "the N-th need only" },
	{ "until", "DAG", "tot wanneer de beslissing geldt", "until when the decision holds" },
	{ 0 },
};

const struct command supply_commands[] = {
	{ "network put", "NETWERK", 1, 1, network_options,
	  "noteert een netwerk: wie, waar, tot wanneer, en wie daarna verder zorgt",
	  "records a network: who, where, until when, and who goes on afterwards",
	  "schakel network put kust --kind ONE_PLAN --name \"Kust\" --zones westkust-polder "
	  "--until "
	  "2027-12-31 --as samenwerking",
	  cmd_network_put },
	{ "network list", "[NETWERK]", 0, 1, NULL, "toont de netwerken, ook die voorbij zijn",
	  "shows the networks, those that have ended too", "schakel network list",
	  cmd_network_list },
	{ "worker put", "AANBOD MEDEWERKER", 2, 2, worker_options,
	  "noteert een medewerker van een aanbod, onder een nummer; blijft in huis",
	  "records a worker of a pool, under a number; stays in the house",
	  "schakel worker put ovbj-ieper-context 00112233445566778899aabbccddeeff --expertises "
	  "TRAUMA --cap 12 --as ovbj-ieper",
	  cmd_worker_put },
	{ "worker list", "AANBOD", 1, 1, NULL, "toont de eigen medewerkers van een aanbod",
	  "shows a pool's own workers", "schakel worker list ovbj-ieper-context --as ovbj-ieper",
	  cmd_worker_list },
	{ "capacity conversions", "[AANBOD]", 0, 1, NULL,
	  "toont welke omzetting nu meer kinderen laat starten",
	  "shows which conversion lets more children start now",
	  "schakel capacity conversions --as ovbj-torhout", cmd_conversions },
	{ "capacity convert", "AANBOD NAAR", 2, 2, convert_options,
	  "maakt van het ene aanbod het andere, zoals vooraf gezegd",
	  "makes one pool of another, as declared before",
	  "schakel capacity convert ovbj-torhout-fluide ovbj-torhout-context --use 3 --units 1 "
	  "--as ovbj-torhout",
	  cmd_convert },
	{ "request gate", "AANMELDING NUMMER", 2, 2, gate_options,
	  "noteert het nummer van de beslissing van de toegangspoort",
	  "records the number of the gate's decision",
	  "schakel request gate 7Q2W8E4R5T ITP/2026-114 --as clb-ieper", cmd_gate },
	{ 0 },
};
