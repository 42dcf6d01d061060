/* SPDX-License-Identifier: EUPL-1.2 */
#include "services/cli/pages.h"

#include <string.h>

#include "common/pbjson.h"
#include "services/cli/output.h"

#define PAGES_MAX 100000 /* a daemon that never ends its list is not followed for ever */

/* The view of the answer as a message of its own. */
static const ProtobufCMessage *body_of(const PB(Message) *m)
{
	const ProtobufCFieldDescriptor *f = protobuf_c_message_descriptor_get_field(
		&schakel__v1__message__descriptor, (unsigned)m->body_case);

	return f == NULL ? NULL :
			   *(ProtobufCMessage *const *)(const void *)((const char *)m + f->offset);
}

static ProtobufCBinaryData next_of(const ProtobufCMessage *view)
{
	const ProtobufCFieldDescriptor *f =
		protobuf_c_message_descriptor_get_field_by_name(view->descriptor, "next");

	return f == NULL ?
		       (ProtobufCBinaryData){ 0, NULL } :
		       *(const ProtobufCBinaryData *)(const void *)((const char *)view + f->offset);
}

/* Adds the list of one page; the other fields stay those of the first. */
static void add_page(json_t *doc, const ProtobufCMessage *view, const struct pages *p)
{
	json_t *page = pb_json(view);
	json_t *all = json_object_get(doc, p->list);
	json_t *rows = json_object_get(page, p->list);
	size_t room = p->limit == 0 ? SIZE_MAX : p->limit - json_array_size(all);
	json_t *row;
	size_t i;

	json_array_foreach (rows, i, row) {
		if (i < room) {
			(void)json_array_append(all, row);
		}
	}
	(void)json_object_del(page, p->list);
	(void)json_object_del(page, "next");
	(void)json_object_update_missing(doc, page);
	json_decref(page);
}

static bool is_full(const json_t *doc, const struct pages *p)
{
	return p->limit != 0 && json_array_size(json_object_get(doc, p->list)) >= p->limit;
}

int pages_read(struct call *k, struct pages *p, json_t **ret_doc)
{
	json_t *doc = json_pack("{s:[]}", p->list);
	uint8_t after[256];
	int rc = CLI_DONE;

	for (size_t n = 0; n < PAGES_MAX; n++) {
		PB(Message) *answer = NULL;
		p->query->id = (ProtobufCBinaryData){ 0, NULL };
		rc = call_query(k, p->daemon, p->query, &answer);
		if (rc != CLI_DONE) {
			break;
		}
		const ProtobufCMessage *view = body_of(answer);
		if (answer->body_case != p->view || view == NULL) {
			rc = call_complain(k, p->daemon, SK_EPROTO);
			break;
		}
		add_page(doc, view, p);
		ProtobufCBinaryData next = next_of(view);
		if (next.len == 0 || next.len > sizeof(after) || is_full(doc, p)) {
			break;
		}
		memcpy(after, next.data, next.len);
		*p->after = (ProtobufCBinaryData){ next.len, after };
	}
	*p->after = (ProtobufCBinaryData){ 0, NULL };
	if (rc != CLI_DONE) {
		json_decref(doc);
		return rc;
	}
	*ret_doc = doc;
	return CLI_DONE;
}
