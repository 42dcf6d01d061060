/* SPDX-License-Identifier: EUPL-1.2 */
/* What young people and parents read: its forms, its words, its level (B1, B11, C4, L10). */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <ctype.h>

#include "common/words.h"
#include "services/cli/person_text.h"
#include "tests/unit/person_grammar.h"

#define SET(name) (&schakel__v1__##name##__descriptor)
#define DRAWN 4000
#define SENTENCE_WORDS_MAX 15
#define WORD_LETTERS_MAX 14
#define DOUMA_MIN 70 /* "standaard" and easier, on the scale of Douma for Dutch */
#define LIST_MAX 4

/* --- drawn views --- */

struct draw {
	uint32_t seed;
};

static uint32_t draw(struct draw *d, uint32_t below)
{
	d->seed = d->seed * 1664525U + 1013904223U;
	return (d->seed >> 8) % below;
}

struct drawn {
	PB(PersonView) v;
	PB(PersonNeed) need[LIST_MAX];
	PB(PersonNeed) *needs[LIST_MAX];
	PB(PersonHelp) help[LIST_MAX][LIST_MAX];
	PB(PersonHelp) *helps[LIST_MAX][LIST_MAX];
	PB(PersonSeat) seat[LIST_MAX][LIST_MAX];
	PB(PersonMeet) meet[LIST_MAX];
	PB(PersonMeet) *meets[LIST_MAX];
	PB(PersonSeat) *seats[LIST_MAX][LIST_MAX];
	char *holders[LIST_MAX];
	PB(PersonGoal) goal[LIST_MAX];
	PB(PersonGoal) *goals[LIST_MAX];
	PB(PersonOwn) own[LIST_MAX];
	PB(PersonOwn) *owns[LIST_MAX];
	PB(PersonStrength) strength[LIST_MAX];
	PB(PersonStrength) *strengths[LIST_MAX];
	PB(PersonOrder) order[LIST_MAX];
	PB(PersonOrder) *orders[LIST_MAX];
	uint32_t expertise[LIST_MAX];
};

static char *const party[] = { "p1", "p2", "p3", "p4" };
static const uint64_t some_day = 1772532000000ULL;

static uint64_t draw_ms(struct draw *d)
{
	return draw(d, 3) == 0 ? 0 : some_day + draw(d, 400) * 86400000ULL;
}

static void draw_need(struct draw *d, struct drawn *x, size_t i)
{
	static const PB(ContributionState) states[] = {
		SCHAKEL__V1__CONTRIBUTION_STATE__CONTRIBUTION_STATE_AGREED,
		SCHAKEL__V1__CONTRIBUTION_STATE__CONTRIBUTION_STATE_STARTED,
		SCHAKEL__V1__CONTRIBUTION_STATE__CONTRIBUTION_STATE_INTERRUPTED,
		SCHAKEL__V1__CONTRIBUTION_STATE__CONTRIBUTION_STATE_HANDING_ON,
	};
	PB(PersonNeed) *n = x->needs[i] = &x->need[i];

	schakel__v1__person_need__init(n);
	n->expertise = 1 + draw(d, 39);
	n->state = (PB(NeedState))(2 + draw(d, 6));
	n->n_help = draw(d, LIST_MAX);
	n->help = x->helps[i];
	n->n_proposed = draw(d, LIST_MAX);
	n->proposed = x->seats[i];
	schakel__v1__person_meet__init(&x->meet[i]);
	x->meets[i] = &x->meet[i];
	x->meet[i].partner = party[draw(d, LIST_MAX)];
	x->meet[i].short_code = "3fm8xn2kq7";
	x->meet[i].allowed = draw(d, 2) == 0;
	x->meet[i].until_ms = draw_ms(d);
	n->meets = &x->meets[i];
	n->n_meets = draw(d, 2);
	for (size_t k = 0; k < LIST_MAX; k++) {
		PB(PersonHelp) *h = x->helps[i][k] = &x->help[i][k];
		PB(PersonSeat) *s = x->seats[i][k] = &x->seat[i][k];
		schakel__v1__person_help__init(h);
		schakel__v1__person_seat__init(s);
		h->partner = party[draw(d, LIST_MAX)];
		h->state = states[draw(d, SK_LEN(states))];
		h->at_ms = some_day;
		h->start_at_ms = draw_ms(d);
		h->back_ms = draw_ms(d);
		h->shielded = draw(d, 5) == 0;
		s->partner = party[draw(d, LIST_MAX)];
		s->modality = (PB(Modality))(1 + draw(d, 3));
		s->other = draw(d, 2) == 0;
	}
}

static void draw_own(struct draw *d, struct drawn *x)
{
	for (size_t i = 0; i < LIST_MAX; i++) {
		PB(PersonGoal) *g = x->goals[i] = &x->goal[i];
		PB(PersonOwn) *o = x->owns[i] = &x->own[i];
		PB(PersonStrength) *st = x->strengths[i] = &x->strength[i];
		PB(PersonOrder) *c = x->orders[i] = &x->order[i];
		schakel__v1__person_goal__init(g);
		schakel__v1__person_own__init(o);
		schakel__v1__person_strength__init(st);
		schakel__v1__person_order__init(c);
		g->life_domain = (PB(LifeDomain))draw(d, 8);
		g->state = (PB(GoalState))(1 + draw(d, 4));
		g->owner = party[draw(d, LIST_MAX)] + (draw(d, 2) == 0 ? 2 : 0);
		g->review_ms = draw_ms(d);
		o->supporter = (PB(SupporterKind))(3 + draw(d, 4));
		o->state = (PB(OwnState))(1 + draw(d, 5));
		st->kind = (PB(StrengthKind))(1 + draw(d, 3));
		c->number = "2026/AB-12";
		c->from_ms = some_day;
		c->until_ms = some_day + 86400000ULL;
		c->ended = draw(d, 2) == 0;
		c->unconfirmed = draw(d, 3) == 0;
		x->expertise[i] = 1 + draw(d, 39);
		c->expertises = x->expertise;
		c->n_expertises = draw(d, LIST_MAX);
	}
	x->v.goals = x->goals;
	x->v.n_goals = draw(d, LIST_MAX);
	x->v.own = x->owns;
	x->v.n_own = draw(d, LIST_MAX);
	x->v.strengths = x->strengths;
	x->v.n_strengths = draw(d, LIST_MAX);
	x->v.orders = x->orders;
	x->v.n_orders = draw(d, LIST_MAX);
}

static void draw_view(struct draw *d, struct drawn *x)
{
	PB(PersonView) *v = &x->v;

	schakel__v1__person_view__init(v);
	v->speaker = (PB(Speaker))(1 + draw(d, 2));
	v->open = draw(d, 8) != 0;
	v->received_ms = some_day;
	v->asked_by = party[0];
	v->sees_child = draw(d, 2) == 0;
	v->n_needs = draw(d, LIST_MAX);
	v->needs = x->needs;
	for (size_t i = 0; i < v->n_needs; i++) {
		draw_need(d, x, i);
	}
	v->n_holders = 1 + draw(d, LIST_MAX - 1);
	v->holders = x->holders;
	memcpy(x->holders, party, sizeof(x->holders));
	v->contact_party = party[draw(d, LIST_MAX)];
	v->stand_in_party = party[draw(d, LIST_MAX)];
	v->contact_named = draw(d, 2) == 0;
	v->next = (PB(NextStep))(v->open ? 1 + draw(d, 10) : 0);
	v->next_ms = v->open ? some_day + draw(d, 400) * 86400000ULL : 0;
	v->next_party = party[1];
	v->answer_due_ms = draw_ms(d);
	v->over_term = draw(d, 4) == 0;
	v->my_word = draw(d, 2) == 0;
	v->other_word = draw(d, 2) == 0;
	v->child_heard = draw(d, 4) == 0;
	v->said = (PB(Voice))draw(d, 5);
	v->said_ms = some_day;
	v->ground = (PB(Ground))draw(d, 5);
	v->told_versions = draw(d, 4);
	v->told_ms = some_day;
	v->bridging_party = draw(d, 4) == 0 ? party[2] : party[2] + 2;
	v->plan = draw(d, 2) == 0;
	draw_own(d, x);
	v->kind = (PB(RequestKind))(1 + draw(d, 2));
	v->urgency = (PB(Urgency))(1 + draw(d, 4));
	v->crisis_party = draw(d, 4) == 0 ? party[3] : party[3] + 2;
	v->contact_late = draw(d, 4) == 0;
	v->family_wish_until_ms = draw_ms(d);
	v->children = draw(d, 3);
}

/* --- the grammar: person_grammar.h --- */

static void assert_clean(const char *s)
{
	if (grammar_forbids(s) != NULL) {
		fail_msg("\"%s\" in: %s", grammar_forbids(s), s);
	}
}

static bool has_line(const struct person_text *t, const char *part)
{
	for (size_t i = 0; i < t->len; i++) {
		if (strstr(t->line[i].s, part) != NULL) {
			return true;
		}
	}
	return false;
}

static const char *org_name(const void *ctx, const char *id)
{
	(void)ctx;
	return id[0] == '\0' ? id : "Voorbeeld CLB Roeselare";
}

static const char *org_phone(const void *ctx, const char *id)
{
	(void)ctx;
	return strcmp(id, "p3") == 0 ? "" : "051 00 00 01";
}

/* L10, B11: of thousands of views every line is one of the allowed forms, with no forbidden word;
 * an open request always says who holds, and what is next with its day. */
static void test_person_text_keeps_to_its_grammar(void **state)
{
	static struct person_text t;
	static struct drawn x;
	struct draw d = { 7 };

	(void)state;
	for (int i = 0; i < DRAWN; i++) {
		draw_view(&d, &x);
		t = (struct person_text){ .lang = LANG_NL,
					  .name = org_name,
					  .phone = i % 2 == 0 ? org_phone : NULL };
		person_timeline(&x.v, &t);
		assert_false(t.cut);
		for (size_t k = 0; k < t.len; k++) {
			assert_clean(t.line[k].s);
			if (t.line[k].kind == LINE_SAY && !grammar_allows(t.line[k].s)) {
				fail_msg("no form allows: %s", t.line[k].s);
			}
		}
		assert_true(has_line(&t, "niet los."));
		assert_true(!x.v.open || has_line(&t, " 2026") || has_line(&t, " 2027"));
	}
}

/* A bug that the grammar must catch: a sentence that pushes an answer. */
static void test_person_grammar_refuses_an_answer(void **state)
{
	(void)state;
	assert_false(grammar_allows("Voorbeeld CLB Roeselare zei over zichzelf: wij niet."));
	assert_false(grammar_allows("Voorbeeld CLB Roeselare gaf geen antwoord."));
	assert_false(grammar_allows("3 diensten zeiden nee."));
}

/* --- level B1 --- */

struct measure {
	size_t sentences;
	size_t words;
	size_t syllables;
	size_t longest;
};

static bool is_vowel(unsigned char ch)
{
	return strchr("aeiouyAEIOUY", ch) != NULL || ch == 0xC3; /* é, ë, ó and their like */
}

/* Dutch syllables by runs of vowels: an estimate, which counts "ie" and "oe" as one and "ea" too.
 */
static void measure_word(const char *s, size_t len, struct measure *m)
{
	size_t letters = 0;
	size_t runs = 0;
	bool in = false;

	for (size_t i = 0; i < len; i++) {
		unsigned char ch = (unsigned char)s[i];
		letters += (ch & 0xC0) != 0x80 && isalpha(ch) ? 1 : 0;
		bool vowel = is_vowel(ch) || (in && (ch & 0xC0) == 0x80);
		runs += vowel && !in;
		in = vowel;
	}
	m->words += len > 0;
	m->syllables += runs == 0 ? 1 : runs;
	m->longest = letters > m->longest ? letters : m->longest;
}

static size_t measure_text(const char *s, struct measure *m)
{
	size_t most = 0;
	size_t words = 0;

	while (*s != '\0') {
		size_t len = strcspn(s, " ");
		bool ends = len > 0 && strchr(".?!", s[len - 1]) != NULL;
		measure_word(s, len, m);
		words++;
		if (ends || s[len] == '\0') {
			m->sentences++;
			most = words > most ? words : most;
			words = 0;
		}
		s += len + (s[len] == ' ');
	}
	return most;
}

/* "{1}" counts as two words, a name or a day. */
static const char *filled(const char *form, char *box, size_t cap)
{
	size_t len = 0;

	for (; *form != '\0' && len + 12 < cap; form++) {
		bool hole = form[0] == '{';
		len += (size_t)snprintf(box + len, cap - len, hole ? "drie maart" : "%c", *form);
		form += hole ? 2 : 0;
	}
	return box;
}

/* B11: the measure: at most 15 words a sentence, at most 14 letters a word (vertrouwenspersoon and
 * its like are out; aanspreekpunt is in), no passive of the list, and over all forms together a
 * score of Douma (206.84 - 0.93 words a sentence - 77 syllables a word) of 70 or more. */
static void test_person_forms_are_level_b1(void **state)
{
	static const char *const passive[] = { " wordt ",  " worden ", " werd ",
					       " werden ", " dient ",  "conform",
					       "teneinde", "betreft",  "middels" };
	struct measure m = { 0 };
	char box[600];
	const char *form;

	(void)state;
	for (size_t i = 0; (form = person_form(i / 2, LANG_NL, i % 2 == 1)) != NULL; i++) {
		size_t most = measure_text(filled(form, box, sizeof(box)), &m);
		if (most > SENTENCE_WORDS_MAX) {
			fail_msg("%zu words in a sentence: %s", most, form);
		}
		for (size_t k = 0; k < SK_LEN(passive); k++) {
			assert_null(strstr(form, passive[k]));
		}
	}
	assert_in_range(m.longest, 1, WORD_LETTERS_MAX);
	double score = 206.84 - 0.93 * (double)m.words / (double)m.sentences -
		       77.0 * (double)m.syllables / (double)m.words;
	print_message("B1: %zu sentences, %.1f words a sentence, Douma %.0f\n", m.sentences,
		      (double)m.words / (double)m.sentences, score);
	assert_true(score >= DOUMA_MIN);
}

/* B11: every code that a young person can meet has a label at that level, of at most 15 words. */
static void test_person_every_code_has_a_label_for_youth(void **state)
{
	const ProtobufCEnumDescriptor *const sets[] = {
		SET(need_state),
		SET(contribution_state),
		SET(voice),
		SET(modality),
		SET(shortfall),
		SET(next_step),
		SET(supporter_kind),
		SET(kept_back),
		SET(can_if),
		SET(ground),
		SET(close_reason),
		SET(life_domain),
		SET(fit),
		SET(goal_state),
		SET(strength_kind),
		SET(own_state),
		SET(case_table_state),
		SET(misplaced_state),
		SET(other_wanted),
		SET(holder_kind),
	};
	struct measure m = { 0 };

	(void)state;
	for (size_t i = 0; i < SK_LEN(sets); i++) {
		for (unsigned k = 0; k < sets[i]->n_values; k++) {
			int value = sets[i]->values[k].value;
			const char *label = word_youth(sets[i], value, LANG_NL);
			assert_true(value == 0 || label[0] != '\0');
			assert_in_range(measure_text(label, &m), 0, SENTENCE_WORDS_MAX);
			assert_true(value == 0 || word_youth(sets[i], value, LANG_EN)[0] != '\0');
		}
	}
	for (uint32_t n = 1; expertise_code(n) != NULL; n++) {
		assert_true(expertise_youth(n, LANG_NL)[0] != '\0');
		assert_in_range(measure_text(expertise_youth(n, LANG_NL), &m), 1,
				SENTENCE_WORDS_MAX);
	}
}

/* --- the whole file --- */

/* C4, DOMAIN 10: five answers, each as that partner's words about itself; two pieces named with
 * their ground. */
static void test_person_file_says_each_answer_as_its_words(void **state)
{
	static struct person_text t;
	PB(ContributionChanged) c[3];
	PB(ContributionChanged) *list[] = { &c[0], &c[1], &c[2] };
	PB(KeptBackView) kept = SCHAKEL__V1__KEPT_BACK_VIEW__INIT;
	PB(KeptBackView) *kepts[] = { &kept };
	PB(PersonView) v = SCHAKEL__V1__PERSON_VIEW__INIT;
	PB(FileView) f = SCHAKEL__V1__FILE_VIEW__INIT;

	(void)state;
	for (size_t i = 0; i < SK_LEN(list); i++) {
		schakel__v1__contribution_changed__init(&c[i]);
		c[i].partner = "p1";
		c[i].until_ms = some_day;
	}
	c[0].answer = SCHAKEL__V1__ANSWER_KIND__ANSWER_KIND_NOT_NOW;
	c[1].answer = SCHAKEL__V1__ANSWER_KIND__ANSWER_KIND_NOT_OURS;
	c[1].suggests = "p2";
	c[2].state = SCHAKEL__V1__CONTRIBUTION_STATE__CONTRIBUTION_STATE_LAPSED;
	kept.ground = SCHAKEL__V1__KEPT_BACK__KEPT_BACK_FOR_COURT;
	kept.party = "p3";
	kept.at_ms = some_day;
	f.person = &v;
	f.contributions = list;
	f.n_contributions = SK_LEN(list);
	f.kept_back = kepts;
	f.n_kept_back = 1;
	t = (struct person_text){ .lang = LANG_NL };
	person_file(&f, &t);
	assert_true(has_line(&t, "p1 zei over zichzelf: nu niet, wel vanaf 3 maart 2026."));
	assert_true(has_line(&t, "p1 zei over zichzelf: wij niet, wel misschien p2."));
	assert_true(has_line(&t, "p1 gaf geen antwoord."));
	assert_true(has_line(&t, "We tonen één stuk niet: dit is geschreven voor de rechter."));
	assert_true(has_line(&t, "p3 besliste dat op 3 maart 2026."));
	kept.ground = SCHAKEL__V1__KEPT_BACK__KEPT_BACK_OWN_GOOD;
	t.len = 0;
	person_file(&f, &t);
	assert_true(has_line(&t, "Iemand die naast je staat, mag het wel lezen."));
}

/* What does not fit is cut and marked, never written past its end. */
static void test_person_text_is_bounded(void **state)
{
	static struct person_text t;
	static struct drawn x;
	struct draw d = { 9 };

	(void)state;
	t = (struct person_text){ .lang = LANG_EN, .name = org_name };
	for (int i = 0; i < 200; i++) {
		draw_view(&d, &x);
		person_timeline(&x.v, &t);
	}
	assert_true(t.cut);
	assert_int_equal(t.len, PERSON_LINES_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_person_text_keeps_to_its_grammar),
		cmocka_unit_test(test_person_grammar_refuses_an_answer),
		cmocka_unit_test(test_person_forms_are_level_b1),
		cmocka_unit_test(test_person_every_code_has_a_label_for_youth),
		cmocka_unit_test(test_person_file_says_each_answer_as_its_words),
		cmocka_unit_test(test_person_text_is_bounded),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
