/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  What protobuf-c does not check, checked on the raw bytes before anything is decoded:
 *  UTF-8 without controls, no NUL, lengths, counts, enum range, depth, doubled and unknown fields
 *  (RELIABILITY 3.7). Pure; bounded by the input's length. */
#include "common/step.h"

#define WIRE_REPEATED_MAX 256
#define WIRE_STRING_MAX 4096
/* The message itself is depth 1. */
#define WIRE_DEPTH_MAX 4          /* of what a client sends */
#define WIRE_DEPTH_TOLERANT_MAX 6 /* of answers: message, view, request, team, seat, cost line */

struct wire_fault {
	PB(Refusal) code;
	char field[80]; /* path as in the schema, "submit_request.needs[3].expertise" */
};

enum wire_mode {
	WIRE_STRICT,   /* a client of a known schema version: unknown fields are refused */
	WIRE_TOLERANT, /* a daemon one version ahead: unknown fields are kept */
};

/** @return SK_OK, or SK_EPROTO with the fault. Never reads behind @p bytes. */
SK_CHECKED int wire_check(struct slice bytes, const ProtobufCMessageDescriptor *type,
			  enum wire_mode mode, struct wire_fault *ret_fault);
/** Checks, then decodes into the arena. @return SK_EPROTO (bad or too large for the arena). */
SK_CHECKED int wire_decode(struct arena *a, struct slice bytes, enum wire_mode mode,
			   PB(Message) **ret_m, struct wire_fault *ret_fault);
/** The same for a record in a field of bytes: nobody has looked at it yet. @return SK_EPROTO (bad),
 *  SK_ENOMEM (too large for the arena). */
SK_CHECKED int wire_unpack(struct arena *a, const ProtobufCBinaryData *bytes,
			   const ProtobufCMessageDescriptor *type, void **ret_record);
/** The same for the frame around it. */
SK_CHECKED int wire_decode_frame(struct arena *a, struct slice bytes, PB(Frame) **ret_f);
SK_CHECKED int wire_decode_link(struct arena *a, ProtobufCBinaryData bytes, PB(Link) **ret_l);
/** As schakel__v1__message__get_packed_size() and _pack(), in less time. */
size_t wire_message_size(const PB(Message) *m);
size_t wire_message_pack(const PB(Message) *m, uint8_t *buf);
/** Milliseconds since 1970 in a UUIDv7. False when it is none (version, variant, length). */
bool wire_id_time(const ProtobufCBinaryData *id, uint64_t *ret_ms);
/** Makes a UUIDv7 from a time and 10 random bytes. */
void wire_id_make(uint64_t time_ms, const uint8_t random[10], uint8_t ret_id[16]);
/** @return name of the message's body field ("submit_request"), or "none". Static storage. */
const char *wire_body_name(PB(Message__BodyCase) body);
