/* SPDX-License-Identifier: EUPL-1.2 */
/* Whose the whole file is: a parent has the child's part only as long as the child is not of own
 * judgement, however its age was told (B1, L10). */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "services/intake/core_inner.h"
#include "tests/unit/intake_story.h"

static PB(FileView) *file_of_parent(struct story *st)
{
	PB(AskFile) ask = PB_INIT(ASK_FILE);
	PB(QueryFile) q = PB_INIT(QUERY_FILE);
	PB(Message) m = PB_INIT(MESSAGE);

	ask.request_id = st->request;
	ask.speaker = SP(ADULT);
	ask.adult = 1;
	m.body_case = BODY(ASK_FILE);
	m.ask_file = &ask;
	ACCEPTED(rig_command(st->r, "family", &m));
	q.request_id = st->request;
	q.speaker = SP(ADULT);
	q.adult = 1;
	m.body_case = BODY(QUERY_FILE);
	m.query_file = &q;
	PB(Message) *answer = rig_query(st->r, "family", &m);
	assert_int_equal(answer->body_case, BODY(FILE_VIEW));
	return answer->file_view;
}

/* What the child told, of what a parent with authority reads. */
static size_t read_by_parent(struct rig *r, uint32_t age, uint32_t born, bool capable)
{
	struct ask a;

	ask_init(&a);
	a.m.n_capsules = 1;
	a.child[0].age_years = age;
	a.child[0].born = born;
	a.child[0].judged_capable = capable;
	a.child[0].person_id = a.capsule[0].person_id;
	ask_needs(&a, 1, 0);
	struct story st = story_of(r, "clb", &a);
	return file_of_parent(&st)->n_capsules;
}

static void test_file_of_a_child_told_by_birthday_is_its_own(void **state)
{
	struct rig *r = *state;

	assert_int_equal(read_by_parent(r, 16, 0, false), 0);
	assert_int_equal(read_by_parent(r, 0, 20100105, false), 0);
	assert_int_equal(read_by_parent(r, 7, 0, false), 1);
	assert_int_equal(read_by_parent(r, 0, 20190105, false), 1);
	assert_int_equal(read_by_parent(r, 0, 20190105, true), 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_file_of_a_child_told_by_birthday_is_its_own,
						intake_setup, intake_teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
