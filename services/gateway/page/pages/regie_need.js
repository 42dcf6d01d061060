// SPDX-License-Identifier: EUPL-1.2
// One entry of the waiting list, with all that explains it and what a coordinator may do about it. It
// can be printed, to go over it with the parents.
import {html, api, useData, Loaded, Field, Combobox} from '../lib/ui.js';
import {now} from '../lib/api.js';
import {day, midnight} from '../lib/days.js';
import {Step, Late} from '../lib/parts.js';
import {t, label, options, date, days} from '../lib/i18n.js';
import {line, proof} from '../lib/explain.js';
import {parts, sentences, codes as waitingCodes} from './waiting.js';

export const path = '/regie/vraag/:need';
export const title = 'entry.title';
export const roles = ['COORDINATOR'];
export const menu = false;
export const codes = [...waitingCodes, 'explain_kind', 'cost_kind', 'why_not_kind', 'unit', 'case_table_state',
	'case_table_reason'];

function Actions({entry: e, reload}) {
	const need = `/needs/${e.need.need_id}`;
	const act = (props) => html`<${Step} ...${props} onDone=${reload} />`;
	const others = options('party');
	return html`<div class="noprint"><h2>${t('entry.do')}</h2><div class="actions">
		${act({title: t('entry.review'), main: true, run: (v, key) => api.post(`${need}/review`, {},
			{key})})}
		${act({title: t('entry.bridge'), initial: {party: '', until: ''}, fields: (form) => html`
			<${Combobox} form=${form} name="party" label=${t('entry.bridge.who')}
				options=${others} required />
			<${Field} form=${form} name="until" type="date" min=${day(1)}
				label=${t('entry.bridge.until')}
				required />`, run: (v, key) => api.post(`${need}/bridging`,
			{party: v.party, until_ms: midnight(v.until)}, {key})})}
		${act({title: t('entry.sibling'), initial: {partner: ''}, fields: (form) => html`
			<p>${t('entry.sibling.what')}</p><${Combobox} form=${form} name="partner"
				label=${t('entry.sibling.where')} options=${others} required />`,
		run: (v, key) => api.post(`${need}/priority`, {ground: 'SIBLING_THERE',
			sibling_partner: v.partner}, {key})})}
		${act({title: t('entry.table'), submit: t('entry.table'), fields: () => html`
			<p>${t('entry.table.what')}</p>`, run: (v, key) => api.post(
			`/requests/${e.request.request_id}/case-table`, {need_id: e.need.need_id, reason:
				'ASKED'}, {key})})}
		${e.served && act({title: t('entry.misplaced'), submit: t('entry.misplaced'), initial: {hoped: ''},
			fields: (form) => html`<${Combobox} form=${form} name="hoped"
				label=${t('entry.misplaced.hoped')}
				options=${others} />`, run: (v, key) => api.post(`${need}/misplaced`,
				v.hoped ? {hoped_partner: v.hoped} : {}, {key})})}</div></div>`;
}

export function view({params}) {
	const read = useData(async () => {
		const {entries} = await api.get(`/waiting/${encodeURIComponent(params.need)}`);
		const e = entries?.[0];
		const id = e?.request?.request_id;
		const why = id ? await api.get(`/requests/${id}/explain`, {need_id: e.need.need_id}) : {};
		const tables = id ? (await api.get(`/requests/${id}/case-tables`)).tables ?? [] : [];
		return {e, tables, proofs: proof(why), lines: why.lines ?? []};
	}, [], ['WAIT_ENTRY', 'NEED', 'CONTRIBUTION', 'TEAM', 'CASE_TABLE', 'MISPLACED']);
	return html`${parts('')}<${Loaded} from=${read}>${({e, lines, proofs, tables}) => (!e ? html`<p>${
		t('entry.gone')}</p>` : html`<div>
		<h2><span class="code">${e.short_code}</span>: ${label('expertise', e.need.expertise)}</h2>
		<p>${t('entry.who', {n: e.request.age_years ?? '?', zone: label('zone', e.request.zone),
			class: label('wait_class', e.order?.wait_class), days: days(e.need.arrival_ms,
				now())})}${' '}
			<button type="button" class="plain"
				onClick=${() => print()}>${t('regie.print')}</button></p>
		${e.shortfall && html`<p class="big">${label('shortfall', e.shortfall)}</p>`}
		<h3>${t('entry.why')}</h3><ul>${sentences(e).map((s) => html`<li>${s}</li>`)}</ul>
		<h3>${t('entry.looked.title')}</h3>
		<ul>${[...new Set([...lines.map(line), ...proofs])].filter(Boolean).map((s) => html`<li>${s}</li>`)}</ul>
		<${Late} load=${() => import('../lib/why.js')} request=${e.request.request_id} need=${e.need.need_id}
			needs=${[e.need]} />
		${tables.map((x) => html`<p>${t('entry.tableis', {state: label('case_table_state', x.table.state),
			day: date(x.table.planned_ms ?? x.table.due_ms)})}</p>`)}
		<p class="note">${t('entry.parents')}</p>
		<${Actions} entry=${e} reload=${read.reload} /></div>`)}<//>`;
}
