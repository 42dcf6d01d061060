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
