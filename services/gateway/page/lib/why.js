// SPDX-License-Identifier: EUPL-1.2
// Why not that partner: in sentences, never what it weighs.
import {html, api, useForm, useState, Form, Combobox} from './ui.js';
import {t, label, options} from './i18n.js';

const worse = (a) => (a.more ?? []).filter((m) => Number(m.cost) > 0).map((m) => (m.kind === 'DISTANCE' ?
	t('why.km', {n: m.quantity ?? 0}) : label('cost_kind', m.kind)));

function said(a) {
	const about = [a.filter && label('explain_kind', a.filter),
		a.age_to && t('why.age', {from: a.age_from ?? 0, to: a.age_to}),
		a.shortfall && label('shortfall', a.shortfall), ...(a.one_more && a.kind !== 'COSTS_MORE' ? [] : worse(a))];
	const more = a.one_more ? ` ${t('why.more', {n: a.one_more, pool: a.one_more_pool,
		unit: label('unit', a.unit)})}` : '';
	return `${[label('why_not_kind', a.kind), about.filter(Boolean).join(', ')].filter(Boolean).join(': ')}.${more}`;
}

/** Of a request, or of one of its needs; `needs`: its needs, to name them. */
export function part({request, need, needs}) {
	const form = useForm({partner: ''});
	const [found, setFound] = useState(null);
	const send = async () => {
		const v = await form.send(() => api.get(`/requests/${request}/explain`, {
			partner: form.values.partner, need_id: need}));
		if (v) {
			setFound(v.why_not ?? []);
		}
	};
	const name = (id) => label('expertise', needs.find((n) => n.need_id === id)?.expertise);
	return html`<${Form} form=${form} onSend=${send} submit=${t('why.ask')} class="filter">
		<${Combobox} form=${form} name="partner" label=${t('why.partner')} options=${options('party')}
			required /><//>
		<div aria-live="polite" class="whynot">${found && html`<ul>${found.map((a) => html`<li key=${a.need_id}>
			${name(a.need_id)}: ${said(a)}</li>`)}</ul>`}
			${found?.length === 0 && html`<p>${t('why.nothing')}</p>`}</div>`;
}
