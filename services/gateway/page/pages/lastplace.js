// SPDX-License-Identifier: EUPL-1.2
// One place, several children in crisis: side by side, and a person decides and signs.
import {html, api, useData, useForm, useState, Form, Field, Choice, Table, Loaded} from '../lib/ui.js';
import {now} from '../lib/api.js';
import {t, label} from '../lib/i18n.js';
import {careCodes, pseudonym, soon} from '../lib/care.js';

export const path = '/laatste-plek/:pool';
export const title = 'place.title';
export const menu = false;
export const roles = ['CONTACT_POINT', 'COORDINATOR'];
export const codes = [...careCodes, 'wait_class'];

const rows = () => [
	['place.step', (e) => label('crisis_step', e.request.crisis_step)],
	['place.age', (e) => t('care.age', {n: e.request.children?.[e.need.child]?.age_years ??
		e.request.age_years})],
	['new.zone', (e) => label('zone', e.request.zone)],
	['place.since', (e) => soon(e.need.arrival_ms)],
	['place.order', (e) => e.position || ''],
	['place.bridge', (e) => (e.bridging_party ? t('care.bridges', {who: label('party', e.bridging_party),
		at: soon(e.bridging_until_ms)}) : t('place.nobridge'))],
	['care.lacks.title', (e) => label('shortfall', e.shortfall)],
	['care.contact', (e) => label('party', e.request.contact_party)],
];

function Sign({me, pool, seen, onDone}) {
	const form = useForm({need: '', by: ''});
	const send = async () => {
		const {need, by} = form.values;
		const done = await form.send(async (key) => api.post(`/offers/${pool.pool}/sign-last-place`, {
			based_on: pool.version, need_id: need, seen: seen.map((e) => e.need.need_id),
			signed_by: await pseudonym(me.party, by)}, {key}));
		if (done) {
			onDone(seen.find((e) => e.need.need_id === need).short_code);
		}
	};
	return html`<${Form} form=${form} onSend=${send} submit=${t('place.sign')} class="narrow">
		<${Choice} form=${form} name="need" label=${t('place.who')} required
			options=${seen.map((e) => ({value: e.need.need_id, label: e.short_code}))} />
		<${Field} form=${form} name="by" label=${t('place.by')} hint=${t('place.by.hint')} required /><//>`;
}

export function view({me, params}) {
	const data = useData(() => api.get(`/offers/${params.pool}/last-place`), [params.pool],
		['LAST_PLACE', 'POOL', 'CONTRIBUTION']);
	const [given, setGiven] = useState(null);
	return html`<div><p class="lead">${t('place.lead')}</p>
		${given && html`<p class="note" role="status">${t('place.done', {code: given, at: soon(now())})}</p>`}
		<${Loaded} from=${data}>${(p) => {
			const seen = p.concerned ?? [];
			const columns = [{key: 'what', title: t('place.fact'), head: true, cell: ([key]) => t(key)},
				...seen.map((e) => ({key: e.need.need_id, title: e.short_code,
					cell: ([, fn]) => fn(e)}))];
			return seen.length < 2 ? html`<p class="empty">${t('place.none')}</p>` : html`<div>
				<${Table} caption=${t('place.caption', {n: p.free ?? 0})} columns=${columns}
					rows=${rows().filter(([, fn]) => seen.some(fn))}
					rowKey=${([key]) => key} />
				<${Sign} me=${me} pool=${p} seen=${seen} onDone=${(code) => {
					setGiven(code);
					data.reload();
				}} /></div>`;
		}}<//>
		<p><a href="/bellijst">${t('calls.title')}</a></p></div>`;
}
