/* SPDX-License-Identifier: EUPL-1.2 */
#include "common/step.h"
#include "services/gateway/fhir_in.h"
#include "services/gateway/fhir_service.h"
#include "services/gateway/fhir_task.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint8_t block[1U << 20];

/* One document, read as everything that this face reads. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct conf conf = { .codes_len = 1, .zones_len = 1 };
	static const char places[] = "nis,name,zone\n1,x,z\n";
	json_t *doc = json_loadb((const char *)data, size, JSON_REJECT_DUPLICATES, NULL);
	struct arena arena;
	struct fhir_order order;
	PB(Ask) ask = PB_INIT(ASK);
	PB(PutCapacity) capacity;
	PB(Message) m;

	arena_init(&arena, block, sizeof(block));
	conf.codes[0] = (struct conf_code){ 12, "TRAUMA", "trauma", "trauma" };
	conf.zones[0] = (struct conf_zone){ .id = "z", .name = "Z" };
	struct fhir_in in = { .arena = &arena,
			      .conf = &conf,
			      .sender = "caw",
			      .now_ms = 1795000000000ULL,
			      .places = { places, sizeof(places) - 1 },
			      .resource = doc,
			      .bundle = doc };
	const json_t *one = fj_items(doc, "entry") > 0 ?
				    json_object_get(fj_item(doc, "entry", 0), "resource") :
				    doc;
	(void)fhir_order_read(&in, &one, 1, &order);
	fhir_order_done(&order);
	in.resource = doc;
	ask.state = SCHAKEL__V1__CONTRIBUTION_STATE__CONTRIBUTION_STATE_ASKED;
	(void)fhir_task_move(&in, &ask, &m);
	(void)fhir_service_read(&in, "p", NULL, &capacity);
	json_decref(fhir_outcome(&in, LANG_NL));
	if (doc != NULL) {
		(void)fhir_patch(&in, json_object_get(doc, "patch"), doc);
	}
	json_decref(doc);
	arena_reset(&arena);
	return 0;
}
