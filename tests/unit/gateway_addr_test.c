/* SPDX-License-Identifier: EUPL-1.2 */
/* Where a webhook may lead: an address of the node's own network would let an outsider use the
 * gateway as a way in. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <netinet/in.h>
#include <sys/un.h>

#include "common/err.h"
#include "services/gateway/addr.h"

static bool judge(const char *text)
{
	struct sockaddr_storage at = { 0 };
	struct sockaddr_in *in = (struct sockaddr_in *)&at;
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)&at;
	if (inet_pton(AF_INET, text, &in->sin_addr) == 1) {
		at.ss_family = AF_INET;
	} else {
		assert_int_equal(inet_pton(AF_INET6, text, &in6->sin6_addr), 1);
		at.ss_family = AF_INET6;
	}
	return addr_is_public((const struct sockaddr *)&at);
}

/* The first and the last of each closed block, and what lies beside it. */
static void test_addr_edges_of_blocks_are_judged(void **state)
{
	(void)state;
	static const char *const closed[] = {
		"0.0.0.0",         "0.255.255.255",   "10.0.0.0",        "10.255.255.255",
		"100.64.0.0",      "100.127.255.255", "127.0.0.1",       "127.255.255.255",
		"169.254.0.0",     "169.254.169.254", "172.16.0.0",      "172.31.255.255",
		"192.0.0.8",       "192.0.2.1",       "192.88.99.1",     "192.168.0.0",
		"192.168.255.255", "198.18.0.0",      "198.19.255.255",  "198.51.100.7",
		"203.0.113.7",     "224.0.0.1",       "239.255.255.255", "240.0.0.1",
		"255.255.255.255",
	};
	static const char *const open[] = {
		"1.0.0.0",         "9.255.255.255",   "11.0.0.0",       "100.63.255.255",
		"100.128.0.0",     "126.255.255.255", "128.0.0.0",      "169.253.255.255",
		"169.255.0.0",     "172.15.255.255",  "172.32.0.0",     "192.0.1.0",
		"192.167.255.255", "192.169.0.0",     "198.17.255.255", "198.20.0.0",
		"223.255.255.255",
	};
	for (size_t i = 0; i < SK_LEN(closed); i++) {
		if (judge(closed[i])) {
			fail_msg("%s is no public address", closed[i]);
		}
	}
	for (size_t i = 0; i < SK_LEN(open); i++) {
		if (!judge(open[i])) {
			fail_msg("%s is a public address", open[i]);
		}
	}
}

/* IPv6 has several ways to say 127.0.0.1. */
static void test_addr_ipv6_forms_are_judged(void **state)
{
	(void)state;
	static const char *const closed[] = {
		"::",
		"::1",
		"::127.0.0.1",
		"::ffff:127.0.0.1",
		"::ffff:10.1.2.3",
		"64:ff9b::10.0.0.1",
		"64:ff9b:1::1",
		"2002:7f00:1::",
		"2002:a00:1::",
		"fe80::1",
		"fec0::1",
		"fc00::1",
		"fd12:3456::1",
		"ff02::1",
		"2001:db8::1",
		"2001::1",
		"3fff::1",
		"4000::1",
		"100::1",
	};
	static const char *const open[] = { "2606:4700::1111", "2a02:2c40::1",
					    "2002:0101:0101::", "::ffff:1.1.1.1",
					    "64:ff9b::1.1.1.1" };
	for (size_t i = 0; i < SK_LEN(closed); i++) {
		if (judge(closed[i])) {
			fail_msg("%s is no public address", closed[i]);
		}
	}
	for (size_t i = 0; i < SK_LEN(open); i++) {
		if (!judge(open[i])) {
			fail_msg("%s is a public address", open[i]);
		}
	}
}

static void test_addr_other_families_are_closed(void **state)
{
	(void)state;
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	assert_false(addr_is_public((const struct sockaddr *)&at));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_addr_edges_of_blocks_are_judged),
		cmocka_unit_test(test_addr_ipv6_forms_are_judged),
		cmocka_unit_test(test_addr_other_families_are_closed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
