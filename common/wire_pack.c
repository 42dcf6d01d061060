/* SPDX-License-Identifier: EUPL-1.2 */
#include "common/wire.h"

/* To protobuf-c each of the many bodies that a message may have is a field to look at, twice a
 * packing. Here it is shown a type that has the one body which is there. */

#define ENVELOPE_FIELDS_MAX 15

struct narrow {
	ProtobufCFieldDescriptor fields[ENVELOPE_FIELDS_MAX + 1];
	ProtobufCMessageDescriptor type;
	PB(Message) m;
};

/** The fields of the envelope come first: their numbers are the lowest. */
static unsigned int copy_envelope(ProtobufCFieldDescriptor *ret_fields)
{
	const ProtobufCFieldDescriptor *all = schakel__v1__message__descriptor.fields;
	unsigned int len = 0;

	while ((all[len].flags & PROTOBUF_C_FIELD_FLAG_ONEOF) == 0) {
		SK_ASSERT(len < ENVELOPE_FIELDS_MAX);
		ret_fields[len] = all[len];
		len++;
	}
	return len;
}

static void narrow_init(struct narrow *n, const PB(Message) *m)
{
	unsigned int len = copy_envelope(n->fields);

	n->type = schakel__v1__message__descriptor;
	n->type.fields = n->fields;
	n->m = *m;
	n->m.base.descriptor = &n->type;
	if (m->body_case != 0) {
		const ProtobufCFieldDescriptor *body = protobuf_c_message_descriptor_get_field(
			&schakel__v1__message__descriptor, (unsigned int)m->body_case);
		SK_ASSERT(body != NULL);
		n->fields[len++] = *body;
	}
	n->type.n_fields = len;
}

size_t wire_message_size(const PB(Message) *m)
{
	struct narrow n;

	narrow_init(&n, m);
	return protobuf_c_message_get_packed_size(&n.m.base);
}

size_t wire_message_pack(const PB(Message) *m, uint8_t *buf)
{
	struct narrow n;

	narrow_init(&n, m);
	return protobuf_c_message_pack(&n.m.base, buf);
}
