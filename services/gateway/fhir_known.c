/* SPDX-License-Identifier: EUPL-1.2 */
#include "services/gateway/fhir_known.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include <uthash.h>

/* A person's request, or (under a party's name) how far its list was read. */
struct known {
	uint8_t person[OBJECT_ID_LEN];
	struct object_id request;
	UT_hash_handle hh;
};

struct reach {
	char party[PARTY_ID_LEN_MAX + 1];
	struct object_id to;
	UT_hash_handle hh;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct known *persons;
static struct reach *reaches;
static uint64_t since; /* moves when everything is forgotten */

/* The members keep their chain when the table is let go. */
static void clear(void)
{
	struct known *k = persons;
	struct reach *r = reaches;

	since++;
	HASH_CLEAR(hh, persons);
	HASH_CLEAR(hh, reaches);
	while (k != NULL) {
		struct known *next = k->hh.next;
		free(k);
		k = next;
	}
	while (r != NULL) {
		struct reach *next = r->hh.next;
		free(r);
		r = next;
	}
}

void fhir_known_clear(void)
{
	(void)pthread_mutex_lock(&lock);
	clear();
	(void)pthread_mutex_unlock(&lock);
}

bool fhir_known_find(const uint8_t person[OBJECT_ID_LEN], struct object_id *ret_request)
{
	struct known *k = NULL;

	(void)pthread_mutex_lock(&lock);
	HASH_FIND(hh, persons, person, OBJECT_ID_LEN, k);
	if (k != NULL) {
		*ret_request = k->request;
	}
	(void)pthread_mutex_unlock(&lock);
	return k != NULL;
}

/* Without memory nothing is kept, and the list is read again the next time. */
void fhir_known_add(const uint8_t person[OBJECT_ID_LEN], const struct object_id *request)
{
	struct known *k = NULL;

	(void)pthread_mutex_lock(&lock);
	if (HASH_COUNT(persons) >= FHIR_KNOWN_MAX) {
		clear();
	}
	HASH_FIND(hh, persons, person, OBJECT_ID_LEN, k);
	k = k == NULL ? calloc(1, sizeof(*k)) : NULL;
	if (k != NULL) {
		memcpy(k->person, person, OBJECT_ID_LEN);
		k->request = *request;
		HASH_ADD(hh, persons, person, OBJECT_ID_LEN, k);
	}
	(void)pthread_mutex_unlock(&lock);
}

struct fhir_reach fhir_known_read_to(const char *party)
{
	struct fhir_reach found = { 0 };
	struct reach *r = NULL;

	(void)pthread_mutex_lock(&lock);
	HASH_FIND_STR(reaches, party, r);
	found.since = since;
	if (r != NULL) {
		found.to = r->to;
	}
	(void)pthread_mutex_unlock(&lock);
	return found;
}

void fhir_known_reached(const char *party, const struct fhir_reach *reached)
{
	struct reach *r = NULL;

	(void)pthread_mutex_lock(&lock);
	HASH_FIND_STR(reaches, party, r);
	if (r == NULL && reached->since == since) {
		r = calloc(1, sizeof(*r));
		if (r != NULL) {
			name_copy(r->party, party);
			HASH_ADD_STR(reaches, party, r);
		}
	}
	if (r != NULL && reached->since == since &&
	    memcmp(r->to.b, reached->to.b, OBJECT_ID_LEN) < 0) {
		r->to = reached->to;
	}
	(void)pthread_mutex_unlock(&lock);
}
