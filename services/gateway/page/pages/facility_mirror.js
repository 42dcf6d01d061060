// SPDX-License-Identifier: EUPL-1.2
// A house's own mirror: for itself alone, beside what all houses together say to such asks, and what a
// little more of its own would start. No order of houses exists anywhere.
import {html, api, useData, Loaded, Table} from '../lib/ui.js';
import {t, number} from '../lib/i18n.js';
import {Said, codes} from '../lib/more.js';
import {parts} from './facility.js';

export const path = '/voorziening/spiegel';
export const title = 'mirror.title';
export const roles = ['FACILITY'];
export const menu = false;
export {codes};

const month = (m) => `${String(m).slice(4)}/${String(m).slice(0, 4)}`;
const percent = (permille) => t('mirror.percent', {n: number((permille ?? 0) / 10)});
const count = (key) => ({key, num: true, title: t('mirror.' + key), cell: (r) => number(r[key] ?? 0)});

const columns = () => [
	{key: 'month', title: t('mirror.month'), head: true, cell: (r) => month(r.month)},
	...['asked', 'can', 'can_if', 'not_now', 'not_ours', 'lapsed'].map(count),
	{key: 'hours', num: true, title: t('mirror.hours'),
		cell: (r) => (r.asked ? t('mirror.hours.n', {n: r.hours_p50 ?? 0}) : '–')},
	{key: 'own', num: true, title: t('mirror.own'), cell: (r) => percent(r.can_permille)},
	{key: 'expected', num: true, title: t('mirror.expected'),
		cell: (r) => percent(r.expected_can_permille)},
];

export function view() {
	const mirror = useData(() => api.get('/mirror'), []);
	return html`${parts(path)}<p class="note">${t('mirror.private')}</p><p>${t('mirror.explain')}</p>
		<section><${Loaded} from=${mirror}>${({rows}) => html`<${Table} caption=${t('mirror.caption')}
			columns=${columns()} rows=${[...(rows ?? [])].reverse()} rowKey=${(r) => r.month}
			empty=${t('mirror.none')} />`}<//></section><${Said} />`;
}
