/* SPDX-License-Identifier: EUPL-1.2 */
#include "services/gateway/addr.h"

#include <netinet/in.h>
#include <stdint.h>
#include <string.h>

#include "common/err.h"
#include "common/key.h"

/* IANA's special-purpose registry, but for blocks that are globally reachable. */
static const struct {
	uint32_t net;
	unsigned bits;
} closed4[] = {
	{ 0x00000000, 8 },  /* this network */
	{ 0x0a000000, 8 },  /* private */
	{ 0x64400000, 10 }, /* shared, behind a provider's translation */
	{ 0x7f000000, 8 },  /* loopback */
	{ 0xa9fe0000, 16 }, /* link-local; where clouds answer with secrets */
	{ 0xac100000, 12 }, /* private */
	{ 0xc0000000, 24 }, /* protocol assignments */
	{ 0xc0000200, 24 }, /* documentation */
	{ 0xc0586300, 24 }, /* relays of 6to4 */
	{ 0xc0a80000, 16 }, /* private */
	{ 0xc6120000, 15 }, /* measurements */
	{ 0xc6336400, 24 }, /* documentation */
	{ 0xcb007100, 24 }, /* documentation */
	{ 0xe0000000, 4 },  /* multicast */
	{ 0xf0000000, 4 },  /* reserved, broadcast */
};

static bool is_public4(uint32_t a)
{
	for (size_t i = 0; i < SK_LEN(closed4); i++) {
		if ((a >> (32 - closed4[i].bits)) == (closed4[i].net >> (32 - closed4[i].bits))) {
			return false;
		}
	}
	return true;
}

static bool begins(const uint8_t *a, const uint8_t *with, size_t len)
{
	return memcmp(a, with, len) == 0;
}

static bool is_public6(const uint8_t a[16])
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
	static const uint8_t nat64[12] = { 0x00, 0x64, 0xff, 0x9b };
	static const uint8_t six_to_four[2] = { 0x20, 0x02 };
	static const uint8_t documentation[4] = { 0x20, 0x01, 0x0d, 0xb8 };
	static const uint8_t documentation2[2] = { 0x3f, 0xff };
	if (begins(a, mapped, sizeof(mapped)) || begins(a, nat64, sizeof(nat64))) {
		return is_public4(be32_read(a + 12));
	}
	if (begins(a, six_to_four, sizeof(six_to_four))) {
		return is_public4(be32_read(a + 2));
	}
	/* 2001:0000::/23 are protocols of their own, Teredo among them. */
	bool protocol = a[0] == 0x20 && a[1] == 0x01 && (a[2] & 0xfe) == 0;
	return (a[0] & 0xe0) == 0x20 && !protocol &&
	       !begins(a, documentation, sizeof(documentation)) &&
	       !(begins(a, documentation2, sizeof(documentation2)) && (a[2] & 0xf0) == 0);
}

bool addr_is_public(const struct sockaddr *sa)
{
	if (sa->sa_family == AF_INET) {
		struct sockaddr_in in;
		memcpy(&in, sa, sizeof(in));
		return is_public4(ntohl(in.sin_addr.s_addr));
	}
	if (sa->sa_family == AF_INET6) {
		struct sockaddr_in6 in6;
		memcpy(&in6, sa, sizeof(in6));
		return is_public6(in6.sin6_addr.s6_addr);
	}
	return false;
}
