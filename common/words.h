/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  The words that people see instead of codes: deploy/codes/words.csv and expertise.csv,
 * which are part of the program. Ownership: static storage,
 * read once, by the first who asks. Threads: any. Never blocks. */
#include <stdbool.h>
#include <stdint.h>

#include <protobuf-c/protobuf-c.h>

#include "common/lang.h"

/** @return the label of a value of a generated enumeration; "" for UNSPECIFIED. */
const char *word_of(const ProtobufCEnumDescriptor *set, int value, enum lang lang);
/** The same as a young person reads it (Dutch of level B1; English has one label). */
const char *word_youth(const ProtobufCEnumDescriptor *set, int value, enum lang lang);
/** The same as the young person, or as a parent reads it: nobody is spoken to as another. */
const char *word_person(const ProtobufCEnumDescriptor *set, int value, enum lang lang, bool parent);
/** @return the label of a term of the set "Word" ("CONTACT_PERSON"), or the term itself. */
const char *word_term(const char *term, enum lang lang);
/** Finds a value by its code (case and - or _ do not matter, the prefix may be left out) or by its
 *  label in either language. UNSPECIFIED is never found. */
bool word_find(const ProtobufCEnumDescriptor *set, const char *typed, int *ret_value);
/** @return the code without its prefix ("URGENT"), or NULL for a value outside the enumeration. */
const char *code_of(const ProtobufCEnumDescriptor *set, int value);
/** All codes of a set, "CAN, CAN_IF, ...", for messages. */
void code_list(const ProtobufCEnumDescriptor *set, char *ret_text, size_t cap);

/* Expertises and life domains: numbers 1 to 64. */
const char *expertise_code(uint32_t number);                  /* NULL: not in the list */
const char *expertise_label(uint32_t number, enum lang lang); /* "" when not in the list */
/** The same as a young person reads it; "" when not in the list. */
const char *expertise_youth(uint32_t number, enum lang lang);
/** The same as a parent reads it. */
const char *expertise_parent(uint32_t number, enum lang lang);
/** The code list as a node keeps it (codes.csv). */
const char *expertise_file(void);
/** By number, code or label. @return 0 when it is none of these. */
uint32_t expertise_find(const char *typed);
