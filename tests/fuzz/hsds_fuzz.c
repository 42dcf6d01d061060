/* SPDX-License-Identifier: EUPL-1.2 */
#include "services/gateway/hsds_map.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static _Alignas(64) uint8_t block[32U << 20];

/* Made once: the places of Flanders are many. */
static struct hsds_words *words_once(const struct conf *conf)
{
	static struct hsds_words words;
	struct file_error e = { 0 };
	struct arena a;

	if (words.conf == NULL) {
		arena_init(&a, block, sizeof(block));
		SK_ASSERT(hsds_words_open(&words, conf, &a, (struct slice){ 0 }, &e) == SK_OK);
		arena_reset(&a);
	}
	return &words;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct conf_party party = { .id = "huis", .name = "Huis", .opening_days = 0x1f };
	static struct conf conf = { .node = "n", .parties = &party, .parties_len = 1 };
	struct offer_pools none = { NULL, 0 };
	struct file_error error = { 0 };
	struct hsds_feed feed;
	struct offer_list list;
	struct arena a;

	conf.zones_len = conf.codes_len = 1;
	conf.zones[0] = (struct conf_zone){ .id = "rits", .name = "RITS" };
	conf.codes[0] = (struct conf_code){ .number = 12, .code = "TRAUMA" };
	struct hsds_node node = { .conf = &conf,
				  .words = words_once(&conf),
				  .pools = &none,
				  .party = "huis",
				  .all = true,
				  .partner = size > 0 && data[0] == ' ' ? "huis" : NULL,
				  .now_ms = 1772442000000ULL };
	arena_init(&a, block, sizeof(block));
	if (hsds_feed_open(&feed, &a, (struct slice){ data, size }, &error) == SK_OK) {
		SK_ASSERT(hsds_map(&feed, &node, &list) == SK_OK);
		json_decref(offer_report(&list, true));
		hsds_feed_done(&feed);
	}
	arena_reset(&a);
	return 0;
}
