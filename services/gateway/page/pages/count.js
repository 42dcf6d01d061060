// SPDX-License-Identifier: EUPL-1.2
// Consults and searches of a year, as a table of counts and as a file: one line a request, no names.
import {html, api, useData, useState, Table, Loaded} from '../lib/ui.js';
import {now} from '../lib/api.js';
import {t, label, date} from '../lib/i18n.js';
import {careCodes, everything} from '../lib/care.js';

export const path = '/jaartelling';
export const title = 'count.title';
export const menu = false;
export const roles = ['CONTACT_POINT', 'COORDINATOR'];
export const codes = careCodes;

const heads = ['number', 'month', 'kind', 'urgency', 'step', 'zone', 'children', 'ages', 'received',
	'answered', 'open'];

// By the calendar here: what is told on New Year's night is of the year that began.
function monthOf(i) {
	const [, m, y] = date(i.request.received_ms).split('/');
	return `${y}-${m.padStart(2, '0')}`;
}

function line(i) {
	const r = i.request;
	return [i.short_code, monthOf(i), label('request_kind', i.kind),
		label('urgency', r.urgency), label('crisis_step', r.crisis_step), label('zone', r.zone),
		(i.children ?? []).length, (r.children ?? []).map((c) => c.age_years).join(' '), r.received_ms,
		i.answered_ms ?? '', t(i.open ? 'count.yes' : 'count.no')];
}

// A cell that a spreadsheet would run as a formula is made text.
const cell = (v) => `"${String(v).replace(/^[=+\-@]/, '\'$&').replaceAll('"', '""')}"`;

function save(list, year) {
	const rows = [heads.map((h) => t('count.' + h)), ...list.map(line)];
	const text = '\ufeff' + rows.map((r) => r.map(cell).join(';')).join('\r\n') + '\r\n';
	const a = document.createElement('a');
	a.href = URL.createObjectURL(new Blob([text], {type: 'text/csv;charset=utf-8'}));
	a.download = `schakel-${year}.csv`;
	a.click();
	setTimeout(() => URL.revokeObjectURL(a.href), 10000);
}

function counts(list) {
	const by = new Map();
	for (const i of list) {
		const key = monthOf(i);
		const row = by.get(key) ?? {month: key, CONSULT: 0, SEARCH: 0, crisis: 0};
		row[i.kind]++;
		row.crisis += i.request.urgency === 'CRISIS' ? 1 : 0;
		by.set(key, row);
	}
	return [...by.values()].sort((a, b) => a.month.localeCompare(b.month));
}

const columns = () => [{key: 'month', title: t('count.month'), head: true},
	{key: 'CONSULT', title: label('request_kind', 'CONSULT'), num: true},
	{key: 'SEARCH', title: label('request_kind', 'SEARCH'), num: true},
	{key: 'crisis', title: t('count.crisis'), num: true}];

// Advice without a name is in nobody's list: only how much of it there was is known, to who coordinates.
const NAMELESS = 101;
async function nameless(me) {
	return me.roles.includes('COORDINATOR') ? (await everything('/figures/intake', {}, 'rows', 200))
		.filter((r) => r.kind === 'CONSULTS' && r.code === NAMELESS) : null;
}

export function view({me}) {
	const figures = useData(() => nameless(me), []);
	const [year, setYear] = useState(now().getFullYear());
	const data = useData(() => everything('/requests', {}, 'requests', 200), []);
	return html`<div><p class="lead">${t('count.lead')}</p>
		<div class="actions"><button type="button" onClick=${() => setYear(year - 1)}>${year - 1}</button>
			<strong class="lead" aria-live="polite">${year}</strong>
			<button type="button" onClick=${() => setYear(year + 1)}>${year + 1}</button></div>
		<${Loaded} from=${data}>${(all) => {
			const list = all.filter((i) => monthOf(i).startsWith(`${year}-`));
			return html`<div><${Table} caption=${t('count.caption', {year: String(year)})}
				columns=${columns()} rows=${counts(list)} rowKey=${(r) => r.month}
					empty=${t('count.none')} />
				<p>${figures.data ? t('count.nameless', {n: figures.data.filter((r) =>
					Math.floor(r.month / 100) === year).reduce((n, r) => n + r.count, 0)}) :
					t('count.nameless.not')}</p>
				<button type="button" class="main" onClick=${() => save(list, year)}>${t('count.save', {
					n: list.length})}</button></div>`;
		}}<//></div>`;
}
