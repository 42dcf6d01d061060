/* SPDX-License-Identifier: EUPL-1.2 */
#include "gateway_fhir_rig.h"

#include <stdio.h>

static uint8_t block[1U << 20];
struct arena fhir_rig_arena;
struct conf fhir_rig_conf;
struct conf_party fhir_rig_parties[2];

const char fhir_rig_order[] =
	"{\"resourceType\":\"ServiceRequest\",\"status\":\"active\",\"intent\":\"order\","
	"\"identifier\":[{\"type\":{\"coding\":[{\"system\":"
	"\"http://terminology.hl7.org/CodeSystem/v2-0203\",\"code\":\"PLAC\"}]},"
	"\"system\":\"urn:oid:1.2.3\",\"value\":\"A-17\"}],"
	"\"contained\":[{\"resourceType\":\"Patient\",\"id\":\"kind\","
	"\"identifier\":[{\"system\":\"https://www.ehealth.fgov.be/standards/fhir/core/"
	"NamingSystem/ssin\",\"value\":\"12030400101\"}],"
	"\"name\":[{\"family\":\"Voorbeeld\",\"given\":[\"Noor\"]}],"
	"\"telecom\":[{\"system\":\"phone\",\"value\":\"0470 00 00 00\"}],"
	"\"birthDate\":\"2012-03-04\","
	"\"contact\":[{\"relationship\":[{\"coding\":[{\"code\":\"MTH\"}]}]}],"
	"\"communication\":[{\"language\":{\"coding\":[{\"code\":\"ar-SY\"}]}}]}],"
	"\"extension\":[{\"url\":\"urn:schakel:fhir:zone\",\"valueCode\":\"rits\"}],"
	"\"priority\":\"routine\",\"code\":{\"coding\":[{\"system\":"
	"\"urn:schakel:codes:expertise\",\"code\":\"TRAUMA\"}]},"
	"\"quantityQuantity\":{\"value\":3},"
	"\"occurrencePeriod\":{\"start\":\"2026-12-01\",\"end\":\"2027-01-26\"},"
	"\"subject\":{\"reference\":\"#kind\"},\"reasonCode\":[{\"text\":\"slaapt slecht\"}],"
	"\"performer\":[{\"reference\":\"Organization/huis\"}],"
	"\"PatientInstruction\":\"a member that R4 does not know\"}";

const char fhir_rig_service[] = "{\"resourceType\":\"HealthcareService\",\"extension\":[{\"url\":"
				"\"" FHIR_CAPACITY_STATUS "\",\"extension\":[{\"url\":"
				"\"capacityStatus\","
				"\"valueCodeableConcept\":{\"coding\":[{"
				"\"code\":\"waitlist\"}]}}]},{\"url\":\"urn:schakel:fhir:"
				"capacity\",\"extension\":["
				"{\"url\":\"available\",\"valueUnsignedInt\":12},{\"url\":"
				"\"maximum\","
				"\"valueUnsignedInt\":10}]}],\"specialty\":[{\"text\":\"trauma\"}],"
				"\"coverageArea\":[{\"reference\":\"Location/rits\"}]}";

int fhir_rig_open(void **state)
{
	(void)state;
	arena_init(&fhir_rig_arena, block, sizeof(block));
	fhir_rig_conf = (struct conf){
		.parties = fhir_rig_parties, .parties_len = 2, .codes_len = 2, .zones_len = 2
	};
	fhir_rig_parties[0] = (struct conf_party){ .id = "caw", .name = "CAW", .zones_len = 2 };
	fhir_rig_parties[1] = (struct conf_party){ .id = "huis", .name = "Huis", .zones_len = 1 };
	(void)snprintf(fhir_rig_parties[1].zones[0], sizeof(fhir_rig_parties[1].zones[0]), "rits");
	fhir_rig_conf.codes[0] = (struct conf_code){ 12, "TRAUMA", "trauma", "trauma" };
	fhir_rig_conf.codes[1] = (struct conf_code){ 6, "FOSTER_CARE", "pleegzorg", "foster care" };
	fhir_rig_conf.zones[0] = (struct conf_zone){ .id = "rits", .name = "RITS" };
	fhir_rig_conf.zones[1] = (struct conf_zone){ .id = "westhoek", .name = "Westhoek" };
	return 0;
}

int fhir_rig_close(void **state)
{
	(void)state;
	arena_reset(&fhir_rig_arena);
	return 0;
}

struct fhir_in reading_with(const json_t *doc)
{
	return (struct fhir_in){ .arena = &fhir_rig_arena,
				 .conf = &fhir_rig_conf,
				 .sender = "caw",
				 .now_ms = NOW_MS,
				 .resource = doc };
}

json_t *parse(const char *text)
{
	json_t *doc = json_loads(text, 0, NULL);

	assert_non_null(doc);
	return doc;
}
