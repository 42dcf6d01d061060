/* SPDX-License-Identifier: EUPL-1.2 */
#include "common/pages.h"

#include <sys/mman.h>

#define PAGE ((size_t)65536) /* a multiple of every page size there is */

void *pages_area(struct pages *p, size_t bytes)
{
	size_t guard = p->bytes + (bytes + PAGE - 1) / PAGE * PAGE;
	void *mine = p->base == NULL ? NULL : p->base + p->bytes;

	if (p->base != NULL) {
		(void)mprotect(p->base + guard, PAGE, PROT_NONE);
	}
	p->bytes = guard + PAGE;
	return mine;
}

bool pages_map(struct pages *p)
{
	void *base = mmap(NULL, p->bytes, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (base == MAP_FAILED) {
		return false;
	}
	*p = (struct pages){ .base = base, .mapped = p->bytes };
	return true;
}

void pages_unmap(struct pages *p)
{
	if (p->base != NULL) {
		(void)munmap(p->base, p->mapped);
	}
	*p = (struct pages){ 0 };
}
