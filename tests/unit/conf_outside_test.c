/* SPDX-License-Identifier: EUPL-1.2 */
/* What a node says to the world outside: an address or a number that is wrong is found when the
 * configuration is read, not when the first question does not arrive. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "common/conf.h"
#include "tests/unit/node_rig.h"

static struct node_rig rig;
static struct conf_problems problems;

static int set_up(void **state)
{
	(void)state;
	node_rig_init(&rig);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	node_rig_done(&rig);
	return 0;
}

static int load(const char *section, const char *key, const char *value, struct conf **ret)
{
	struct node_rig_line line = { section, key, value };
	node_rig_write(&rig, &line);
	return conf_load(rig.dir, ret, &problems);
}

static void expect_problem(const char *section, const char *key, const char *value)
{
	struct conf *c = NULL;
	char name[160];
	int err = load(section, key, value, &c);
	(void)snprintf(name, sizeof(name), "[%s] %s", section, key);
	if (err != SK_ECONF || strstr(problems.text, name) == NULL) {
		fail_msg("%s = %s: err %d\n%s", name, value, err, problems.text);
	}
}

static void expect_good(const char *section, const char *key, const char *value)
{
	struct conf *c = NULL;
	int err = load(section, key, value, &c);
	if (err != SK_OK) {
		fail_msg("[%s] %s = %s\n%s", section, key, value, problems.text);
	}
	conf_free(c);
}

static void test_conf_party_mail_is_an_address(void **state)
{
	(void)state;
	static const char *const bad[] = { "a",        "a@",       "@b.be",
					   "a@b@c.be", "a b@c.be", "a@b..be",
					   "a@-b.be",  "<a@b.be>", "a@b.be,c@d.be",
					   ".a@b.be",  "a.@b.be",  "a@b.be." };
	for (size_t i = 0; i < SK_LEN(bad); i++) {
		expect_problem("party.second", "mail", bad[i]);
	}
	expect_good("party.second", "mail", "onthaal.dienst+vraag@sub.voorbeeld-huis.be");
}

static void test_conf_party_text_is_a_number_with_its_country(void **state)
{
	(void)state;
	expect_problem("party.second", "text", "0470123456");
	expect_problem("party.second", "text", "+0470123456");
	expect_problem("party.second", "text", "+32 470 12 34");
	expect_problem("party.second", "text", "+3247");
	expect_good("party.second", "text", "+32470123456");
}

/* The last two digits of a KBO number are 97 less the rest of the others by 97. */
static void test_conf_party_org_code_is_checked_and_its_own(void **state)
{
	(void)state;
	struct conf *c = NULL;
	expect_problem("party.second", "org_code", "0123456789");
	expect_problem("party.second", "org_code", "OVO00123");
	expect_problem("party.second", "org_code", "OVO0012345");
	expect_problem("party.second", "org_code", "2123456749");
	assert_int_equal(load("party.second", "org_code", "0123456749", &c), SK_OK);
	assert_string_equal(conf_party_by_org_code(c, "0123456749")->id, "second");
	assert_null(conf_party_by_org_code(c, "OVO001234"));
	assert_null(conf_party_by_org_code(c, ""));
	conf_free(c);
	expect_good("party.second", "org_code", "OVO001234");
}

static void test_conf_mail_server_needs_what_belongs_to_it(void **state)
{
	(void)state;
	expect_problem("gateway.mail", "server", "mail.voorbeeld.be");
	expect_problem("gateway.mail", "from", "geen adres");
	expect_problem("gateway.mail", "confirm_day", "8");
	node_rig_write(&rig, NULL);
}

static void expect_main(const char *more, const char *problem)
{
	char path[NODE_RIG_PATH_MAX];
	struct conf *c = NULL;
	node_rig_write(&rig, NULL);
	node_rig_path(&rig, "schakel.ini", path);
	FILE *f = fopen(path, "ae");
	assert_non_null(f);
	(void)fputs(more, f);
	(void)fclose(f);
	int err = conf_load(rig.dir, &c, &problems);
	if (problem == NULL ? err != SK_OK :
			      err != SK_ECONF || strstr(problems.text, problem) == NULL) {
		fail_msg("%s\nwanted %s, got %d\n%s", more, problem, err, problems.text);
	}
	conf_free(c);
}

/* A password in clear over the line is refused before it is sent. */
static void test_conf_mail_password_needs_a_closed_line(void **state)
{
	(void)state;
#define MAIL "\n[gateway.mail]\nserver = smtp://m.voorbeeld.be:587\nfrom = a@voorbeeld.be\n"
	expect_main(MAIL, NULL);
	expect_main(MAIL "user = u\npassword_file = keys/mail.password\n", NULL);
	expect_main(MAIL "user = u\n", "password_file go together");
	expect_main(MAIL "user = u\npassword_file = x\nstarttls = no\n", "[gateway.mail] starttls");
	expect_main("\n[gateway.mail]\nserver = smtp://m.voorbeeld.be\n", "[gateway.mail] from");
#undef MAIL
}

static void test_conf_oidc_is_whole_or_not_there(void **state)
{
	(void)state;
#define OIDC \
	"\n[gateway.oidc]\nissuer = https://idp.voorbeeld.be\njwks = https://idp.voorbeeld.be/k\n"
	expect_main(OIDC "client_id = schakel\n", NULL);
	expect_main(OIDC, "[gateway.oidc] client_id");
	expect_main("\n[gateway.oidc]\nclient_id = x\n", "[gateway.oidc] issuer");
	expect_main("\n[gateway.oidc]\nissuer = https://i.be\nclient_id = x\n", "[gateway.oidc] "
										"jwks");
	expect_main(OIDC "client_id = x\nauthorize_url = https://idp.voorbeeld.be/a\n", "token_url "
											"go "
											"together");
	expect_main(OIDC "client_id = x\nauthorize_url = https://i.be/a\n"
			 "token_url = https://i.be/t\n",
		    "client_secret_file");
	expect_main(OIDC "client_id = x\nauthorize_url = https://i.be/a\n"
			 "token_url = https://i.be/t\nclient_secret_file = keys/oidc\n",
		    NULL);
	expect_main(OIDC "client_id = x\nauthorize_url = ftp://i.be/a\n"
			 "token_url = https://i.be/t\nclient_secret_file = keys/oidc\n",
		    "[gateway.oidc] authorize_url");
#undef OIDC
}

/* What is printed is read back, empty keys left out. */
static void test_conf_outside_is_printed_and_read_again(void **state)
{
	(void)state;
	char *text = NULL;
	size_t len = 0;
	struct conf *c = NULL;
	assert_int_equal(load("party.second", "mail", "a@b.be", &c), SK_OK);
	FILE *f = open_memstream(&text, &len);
	conf_print(c, f);
	(void)fclose(f);
	assert_non_null(strstr(text, "\nmail = a@b.be\n"));
	assert_non_null(strstr(text, "\n[gateway.mail]\nstarttls = yes\nconfirm_day = 2\n"));
	assert_null(strstr(text, "password_file"));
	free(text);
	conf_free(c);
}

static void test_conf_password_is_ours_alone(void **state)
{
	(void)state;
	struct conf *c = NULL;
	char path[NODE_RIG_PATH_MAX];
	char text[CONF_PASSWORD_MAX + 1];
	assert_int_equal(conf_load(rig.dir, &c, &problems), SK_OK);
	node_rig_path(&rig, "geheim", path);
	assert_int_equal(conf_password(c, "geheim", text), SK_ENOENT);
	node_rig_file(&rig, "geheim", "een geheim woord\n");
	assert_int_equal(chmod(path, 0640), 0);
	assert_int_equal(conf_password(c, "geheim", text), SK_EAUTH);
	assert_int_equal(chmod(path, 0600), 0);
	assert_int_equal(conf_password(c, "geheim", text), SK_OK);
	assert_string_equal(text, "een geheim woord");
	node_rig_file(&rig, "geheim", "\n");
	assert_int_equal(conf_password(c, "geheim", text), SK_ECORRUPT);
	node_rig_file(&rig, "geheim", "een\ntwee\n");
	assert_int_equal(conf_password(c, "geheim", text), SK_ECORRUPT);
	conf_free(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
		T(test_conf_party_mail_is_an_address),
		T(test_conf_party_text_is_a_number_with_its_country),
		T(test_conf_party_org_code_is_checked_and_its_own),
		T(test_conf_mail_server_needs_what_belongs_to_it),
		T(test_conf_mail_password_needs_a_closed_line),
		T(test_conf_oidc_is_whole_or_not_there),
		T(test_conf_outside_is_printed_and_read_again),
		T(test_conf_password_is_ours_alone),
#undef T
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
