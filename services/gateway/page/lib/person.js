// SPDX-License-Identifier: EUPL-1.2
// What one young person or one parent reads, as sentences of level B1. The same sentences as those of
// the command (services/cli/person_*.c); nothing is said that the view does not hold.
import {t, has, label, entry, day, when} from './i18n.js';

/** How this person is spoken to: say(key, args), word(list, code), name(party), phone(party). */
export function speech(v, me) {
	const parent = v.speaker === 'ADULT';
	const say = (key, args) => t(parent && has(key + '.p') ? key + '.p' : key, {
		je: t(parent ? 'ik.you.p' : 'ik.you'), jouw: t(parent ? 'ik.your.p' : 'ik.your'), ...args});
	return {parent, me, say,
		word: (list, code) => label(list, code, {youth: !parent, parent}),
		name: (party) => label('party', party),
		phone: (party) => entry('party', party)?.phone ?? '',
		join: (names) => names.length < 2 ? names.join('') :
			names.slice(0, -1).join(', ') + t('ik.and') + names.at(-1)};
}

// A crisis is told by the hour: a day is too coarse for a child that needs a bed tonight.
const at = (v, ms) => (v.urgency === 'CRISIS' ? when(ms) : day(ms));

/** Who is there: asked when, who holds, whom to call. */
export function around(v, s) {
	const holders = (v.holders ?? []).map(s.name);
	const stand = v.stand_in_party;
	return [
		v.received_ms && v.asked_by && s.say(v.asked_by === s.me.party ? 'ik.asked.self' : 'ik.asked',
			{1: day(v.received_ms), 2: s.name(v.asked_by)}),
		!v.open && s.say('ik.done'),
		holders.length > 0 && s.say(holders.length > 1 ? 'ik.hold' : 'ik.holds', {1: s.join(holders)}),
		v.contact_party && s.say(v.contact_named ? 'ik.contact' : 'ik.contact.duty',
			{1: s.name(v.contact_party)}),
		v.contact_late && s.say('ik.contact.late'),
		s.phone(v.contact_party) && s.say('ik.call', {1: s.name(v.contact_party), 2: s.phone(v.contact_party)}),
		stand && s.say(s.phone(stand) ? 'ik.standin.call' : 'ik.standin',
			{1: s.name(stand), 2: s.phone(stand)}),
		v.plan && s.say('ik.plan'),
	].filter(Boolean);
}

function crisis(v, s) {
	const who = s.name(v.crisis_party);
	const phone = s.phone(v.crisis_party);
	return v.crisis_party ? [s.say(phone ? 'ik.worse' : 'ik.worse.say', {1: who, 2: phone})] : [];
}

/** What comes next, and when. */
export function next(v, s) {
	const promised = v.next === 'ANSWER' || v.next === 'ADVICE';
	const due = v.kind === 'CONSULT' ? 'ik.ADVICE' : 'ik.ANSWER';
	const step = v.next && v.next_ms && s.say('ik.' + v.next, {1: v.next === 'CALL' ? when(v.next_ms) :
		at(v, v.next_ms), 2: s.name(v.next_party || v.contact_party)});
	const lines = [
		v.over_term && s.say('ik.over'),
		v.crisis_party && s.say('ik.looks', {1: s.name(v.crisis_party)}),
		step,
		v.answer_due_ms && !v.over_term && !promised && s.say(due, {1: at(v, v.answer_due_ms)}),
		...(v.tables ?? []).map((x) => (x.state === 'PLANNED' ? s.say('ik.table', {1: when(x.planned_ms)}) :
			s.say('ik.table.called', {1: day(x.due_ms)}))),
		v.family_wish_until_ms && s.say('ik.wish', {1: day(v.family_wish_until_ms)}),
		v.bridging_party && s.say('ik.bridge', {1: s.name(v.bridging_party)}),
		...crisis(v, s),
	].filter(Boolean);
	return lines.length > 0 || !v.open ? lines : [s.say('ik.nothing')];
}

/** One help that is agreed or goes on. */
export function help(n, h, s) {
	const who = s.name(h.partner);
	const follows = n.help.find((x) => x.partner !== h.partner && x.state !== 'HANDING_ON');
	const lines = {
		AGREED: () => [s.say(h.start_at_ms ? 'ik.agreed.from' : 'ik.agreed', {1: who, 2: day(h.start_at_ms)})],
		STARTED: () => [s.say('ik.started', {1: who, 2: day(h.at_ms)})],
		INTERRUPTED: () => [s.say('ik.rests', {1: who}),
			s.say(h.back_ms ? 'ik.back' : 'ik.holds', {1: who, 2: day(h.back_ms)})],
		HANDING_ON: () => [follows ? s.say('ik.joins', {1: s.name(follows.partner), 2: who}) :
			s.say('ik.joins.soon', {1: who})],
	}[h.state]?.() ?? [];
	return h.shielded ? [...lines, s.say('ik.shielded')] : lines;
}

const OPEN = ['OPEN', 'ANSWERED', 'SUPPORTED'];
export const isOpen = (n) => OPEN.includes(n.state);

/** What is asked, who is proposed, why it waits. */
export function need(n, s) {
	const waits = isOpen(n) && n.waits_since_ms;
	return [
		...n.proposed.map((p) => s.say(p.other ? 'ik.other' : 'ik.proposed',
			{1: s.name(p.partner), 2: s.word('modality', p.modality)})),
		isOpen(n) && n.help.length + n.proposed.length === 0 && s.say('ik.searching'),
		waits && s.say('ik.since', {1: day(n.waits_since_ms)}),
		waits && n.waits_for && s.say('ik.waits', {1: s.word('shortfall', n.waits_for)}),
		waits && n.excludes && n.waits_for === 'NO_CAPACITY' && s.say('ik.excludes'),
		waits && n.review_ms && s.say('ik.review', {1: day(n.review_ms)}),
		has('ik.state.' + n.state) && s.say('ik.state.' + n.state),
	].filter(Boolean);
}

/** Own people and places, and what was there already. */
export function own(v, s) {
	return [
		...(v.strengths ?? []).map((x) => s.say('ik.strength', {1: s.word('strength_kind', x.kind)})),
		...(v.own ?? []).filter((x) => has('ik.own.' + x.state)).map((x) => s.say('ik.own.' + x.state,
			{1: s.word('supporter_kind', x.supporter)})),
	];
}

export function goals(v, s) {
	return (v.goals ?? []).map((g) => [
		s.say('ik.goal', {1: s.word('life_domain', g.life_domain) || s.say('ik.goals'),
			2: s.word('goal_state', g.state)}),
		g.owner && s.say('ik.goal.owner', {1: s.name(g.owner)}),
		g.review_ms && s.say('ik.goal.review', {1: day(g.review_ms)}),
	].filter(Boolean).join(' '));
}

export function orders(v, s) {
	return (v.orders ?? []).map((o) => {
		const about = o.expertises?.length > 0 ?
			s.join(o.expertises.map((e) => s.word('expertise', e))) : t('ik.order.all');
		const holds = o.unconfirmed && !o.ended ? s.say('ik.order.yet') : o.ended ? s.say('ik.order.ended') :
			s.say('ik.order.until', {1: day(o.until_ms), 2: day(o.from_ms), 3: o.number});
		return s.say('ik.order', {1: about}) + ' ' + holds;
	});
}

/** What was said, whose word is needed, on what ground help starts. */
export function words(v, s) {
	const ground = v.needs.some((n) => n.proposed.length > 0 && n.help.length === 0) &&
		has('ik.ground.' + v.ground);
	return [
		v.said && s.say('ik.said', {1: day(v.said_ms), 2: s.word('voice', v.said)}),
		v.child_heard && s.say('ik.heard'),
		v.other_word && !v.my_word && !v.said && s.parent && s.say('ik.notmine'),
		v.other_word && s.say('ik.otherword'),
		ground && s.say('ik.ground.' + v.ground),
	].filter(Boolean);
}

/** An answer of a house, as its words about itself, and what came of it. */
export function answer(c, s) {
	const who = s.name(c.partner);
	const key = c.answer === 'NOT_OURS' && c.suggests ? 'SUGGESTS' : c.answer || 'ASKED';
	const filled = {CAN_IF: s.word('can_if', c.can_if), NOT_NOW: day(c.until_ms), SUGGESTS: s.name(c.suggests)};
	const said = s.say('ik.a.' + key, {1: who, 2: filled[key] ?? ''});
	const since = has('ik.s.' + c.state) ? s.say('ik.s.' + c.state, {1: who, 2: day(c.at_ms)}) :
		help({help: []}, c, s).join(' ');
	return `${said} ${since}`.trim();
}

