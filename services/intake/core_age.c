/* SPDX-License-Identifier: EUPL-1.2 */
/* What follows from a child's day of birth: at each birthday others hear its age, and at some of
 * them people are to act (DOMAIN 5). Each is the first instant of that day where the child lives.
 */
#include "services/intake/core_inner.h"

#define HALF_YEAR_MONTHS 6U

/* What a person is to do at an age; half years count as such. */
static const struct {
	uint32_t years;
	uint32_t months;
	PB(AlarmKind) what;
} turning[] = {
	{ 12, 0, ALARM(AGE_12) },
	{ 17, 0, ALARM(AGE_17) },
	{ 17, HALF_YEAR_MONTHS, ALARM(AGE_17) },
	{ 18, 0, ALARM(AGE_18) },
};

/* Of a day that the year lacks, the first of the month that follows. */
static uint64_t turns_at(uint32_t born, uint32_t years, uint32_t months)
{
	uint32_t month = born / 100 % 100 - 1 + months;
	struct civil_date d = { (uint16_t)(born / 10000 + years + month / 12),
				(uint8_t)(month % 12 + 1), (uint8_t)(born % 100) };
	uint64_t at_ms;

	if (!civil_date_valid(d)) {
		d.day = 1;
		d.year = (uint16_t)(d.year + d.month / 12);
		d.month = (uint8_t)(d.month % 12 + 1);
	}
	return civil_to_ms(d, 0, &at_ms) == SK_OK ? at_ms : 0;
}

/* What is to be done on the first instant after the last one that was told. */
static void next_of(uint32_t born, uint64_t after_ms, struct first *f)
{
	unsigned age;

	if (born == 0 || civil_age_years(born, after_ms, &age) != SK_OK || age >= AGE_MAX) {
		return;
	}
	for (size_t i = 0; i < SK_LEN(turning); i++) {
		uint64_t at_ms = turns_at(born, turning[i].years, turning[i].months);
		if (at_ms > after_ms) {
			earlier(f, at_ms, turning[i].what);
		}
	}
	/* Last, so that of two at one instant the one that asks something stands. */
	earlier(f, turns_at(born, age + 1, 0), ALARM(UNSPECIFIED));
}

void ages_next(const struct req *q, struct first *f)
{
	for (size_t i = 0; i < q->r->n_children; i++) {
		next_of(q->r->children[i]->born, q->r->aged_ms, f);
	}
}

static void say_turns(struct step *s, struct req *q, uint32_t child, uint64_t to_ms)
{
	uint32_t born = q->r->children[child]->born;

	for (size_t i = 0; born != 0 && i < SK_LEN(turning); i++) {
		uint64_t at_ms = turns_at(born, turning[i].years, turning[i].months);
		if (at_ms > q->r->aged_ms && at_ms <= to_ms) {
			say_child(s, q, turning[i].what, child, false);
		}
	}
}

/* The rest follows by itself: what others know of the request holds its ages (list_tell). */
void ages_due(struct step *s, struct req *q)
{
	struct first f = { 0, ALARM(UNSPECIFIED) };

	ages_next(q, &f);
	if (f.at_ms == 0 || f.at_ms > s->now_ms) {
		return;
	}
	for (uint32_t i = 0; i < q->r->n_children; i++) {
		say_turns(s, q, i, s->now_ms);
	}
	q->r->aged_ms = s->now_ms;
}
