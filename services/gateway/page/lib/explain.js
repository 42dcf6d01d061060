// SPDX-License-Identifier: EUPL-1.2
// What the planner looked at, as sentences: never what it weighed.
import {t, label, date, number} from './i18n.js';

const units = (l) => label('unit', l.unit);

export function line(l) {
	switch (l.kind) {
	case 'CHOSEN': return t('entry.chosen', {who: label('party', l.party), pool: l.pool, n: l.number,
		unit: units(l), state: label('contribution_state', l.state)});
	case 'COST': return t('entry.looked', {what: label('cost_kind', l.cost_kind)});
	case 'STILL_LACKS': return t('entry.lacks', {what: label('shortfall', l.shortfall)});
	case 'ORDER': return l.at_ms && l.wait_class !== 'CRISIS' ? t('entry.order', {day: date(l.at_ms),
		class: label('wait_class', l.wait_class)}) : '';
	case 'WENT_FIRST': return t('entry.first', {n: l.number, pool: l.pool, held: l.amount ?? 0, unit: units(l)});
	case 'ONE_MORE': return t(l.amount ? 'entry.more' : 'entry.more.first', {n: l.amount ?? 0,
		more: l.number, pool: l.pool, unit: units(l)});
	case 'FAMILY_WISH': return t('waiting.wish', {day: date(l.at_ms)});
	case 'MISSING': return label('explain_kind', l.kind);
	case 'OFFERS': return t('entry.offers', {n: l.number ?? 0});
	default: return t('entry.fell', {n: l.number, why: label('explain_kind', l.kind)});
	}
}

/** How good the team and the plan of the list are known to be. */
export function proof(e) {
	const gap = e.together_gap ?? 0;
	return [...(e.team?.seats?.length ? [e.proven ? t('entry.proven') :
		gap < 1000 && gap ? t('entry.gap', {n: number(gap / 10)}) : t('entry.unproven')] : []),
	e.list_gap && t('entry.list', {n: number(e.list_gap / 10)})].filter(Boolean);
}

/** How long it may still wait, in whole weeks, with how often such words came true; never a date. */
export function range(r) {
	if (!r) return '';
	const proof = t('waiting.range.proof', {right: r.right ?? 0, n: r.judged ?? 0});
	const from = Math.floor((r.from_days ?? 0) / 7);
	const weeks = (n) => Math.ceil((n ?? 0) / 7);
	if (r.until_days < r.beyond_days) {
		return `${t('waiting.range', {from, until: Math.max(weeks(r.until_days), from + 1)})} ${proof}`;
	}
	if (r.half_days >= r.beyond_days) return t('waiting.range.open', {n: weeks(r.beyond_days)});
	const later = from > 0 ? ` ${t('waiting.range.later', {from})}` : '';
	return `${t('waiting.range.half', {half: weeks(r.half_days)})}${later}`;
}
