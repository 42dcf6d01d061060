// SPDX-License-Identifier: EUPL-1.2
// A court service or mandated service: its decisions by the number of a request, and whether help
// under them began and ended. Nothing else of the request, and no list: who has no number asks for it.
import {html, api, useData, useForm, Form, Field, Loaded} from '../lib/ui.js';
import {t, label, date} from '../lib/i18n.js';
import {Act, noon} from '../lib/care.js';

export const path = '/beslissing';
export const title = 'court.title';
export const lead = 'court.lead';
export const roles = ['MANDATED'];
export const order = 1;
export const codes = ['party', 'danger_reason'];

const helped = (n, i) => t(n.ended_ms ? 'court.ended' : n.started_ms ? 'court.started' : 'court.waits',
	{n: i + 1, at: date(n.ended_ms ?? n.started_ms)});

function Order({order: o, act}) {
	const send = (body) => ({body: () => ({number: o.number, ...body}), path: () => act.at('court-order')});
	return html`<li class="card"><h3>${t('court.number', {n: o.number})}</h3>
		<p>${t(o.ended_ms ? 'court.over' : 'court.until', {at: date(o.ended_ms ?? o.until_ms)})}</p>
		<ul class="tight">${(o.needs ?? []).map((n, i) => html`<li key=${n.need_id}>${helped(n, i)}</li>`)}</ul>
		${o.unconfirmed ? html`<p class="warn">${t('court.note')}</p><${Act} ...${act}
			title=${t('court.confirm')} ...${send({until_ms: o.until_ms, from_ms: o.from_ms,
				children: o.children, need_ids: o.need_ids})} />` : !o.ended_ms && html`<${Act} ...${act}
			title=${t('court.ends')} lead=${t('court.ends.lead')} ...${send({ends_now: true})} />`}</li>`;
}

function Decisions({code, number}) {
	const read = useData(async () => {
		try {
			return (await api.get(`/requests/${code}`, {order_number: number})).requests[0];
		} catch (problem) {
			if (problem.code !== 'NOT_YOURS') {
				throw problem;
			}
			return {}; // nothing of ours stands there yet
		}
	}, [code, number]);
	const act = {after: read.reload, at: (verb) => `/requests/${code}/${verb}`};
	const fields = (required) => [{kind: 'text', name: 'number', label: t('req.order.number'), required: true},
		{kind: 'date', name: 'until', label: t('req.until'), required}];
	const body = (v) => ({number: v.number, until_ms: noon(v.until)});
	return html`<${Loaded} from=${read}>${(i) => html`<div><h2>${t('court.own')} <span
			class="code">${code}</span></h2>
		${i.concern_reported && html`<p class="note">${t('court.concern', {at: date(i.concern_ms),
			why: label('danger_reason', i.concern_reason), who: label('party', i.contact_party)})}</p>`}
		${(i.orders ?? []).length === 0 && html`<p class="empty">${t('court.none')}</p>`}
		<ul class="plainlist">${(i.orders ?? []).map((o) => html`<${Order} key=${o.number} order=${o}
			act=${act} />`)}</ul>
		<${Act} ...${act} title=${t('req.order')} lead=${t('court.order.lead')} start=${{number}}
			path=${() => act.at('court-order')} fields=${fields(true)} body=${body} />
		<${Act} ...${act} title=${t('req.gate')} lead=${t('court.gate.lead')}
			path=${() => act.at('gate-decision')} fields=${fields(false)} body=${body} /></div>`}<//>`;
}

export function view({query, go}) {
	const [code, number] = ['code', 'nummer'].map((k) => query.get(k) ?? '');
	const form = useForm({code, number});
	const send = () => form.send(async () => {
		go(`${path}?${new URLSearchParams({code: form.values.code.trim().toLowerCase(),
			nummer: form.values.number.trim()})}`);
		return true;
	});
	return html`<p class="lead">${t('court.what')}</p>
		<${Form} form=${form} onSend=${send} submit=${t('court.look')} class="narrow">
			<${Field} form=${form} name="code" label=${t('court.code')} hint=${t('court.code.hint')} required
				autocomplete="off" autocapitalize="none" spellcheck="false" />
			<${Field} form=${form} name="number" label=${t('court.which')} hint=${t('court.which.hint')} /><//>
		${code && html`<${Decisions} key=${code + number} code=${code} number=${number} />`}`;
}
