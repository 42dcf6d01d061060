// SPDX-License-Identifier: EUPL-1.2
// Workers of a house: what each can, carries and may carry, and rest. Pseudonyms only: who is who is
// known in the house, and nothing about a worker leaves it.
import {html, api, useData, Loaded, Field, Combobox, Check, Select} from '../lib/ui.js';
import {t, label, options, date, number} from '../lib/i18n.js';
import {all, day, midnight, dayOfInstant} from '../lib/days.js';
import {Step} from '../lib/parts.js';
import {parts} from './facility.js';

export const path = '/voorziening/medewerkers';
export const title = 'staff.title';
export const roles = ['FACILITY'];
export const menu = false;
export const codes = ['expertise', 'unit'];

const whole = (text) => (/^\d+$/.test(String(text).trim()) ? Number(text) : String(text));
const short = (id) => `${id.slice(-8, -4)}-${id.slice(-4)}`;

function fresh() {
	return [...crypto.getRandomValues(new Uint8Array(16))].map((b) => b.toString(16).padStart(2, '0')).join('');
}

const fields = (form) => html`<${Combobox} form=${form} name="expertises" label=${t('staff.can')} multiple
		required options=${options('expertise')} />
	<div class="grid"><${Field} form=${form} name="cap" label=${t('staff.cap')} type="number" min="0"
		inputmode="numeric" required />
	<${Field} form=${form} name="load" label=${t('staff.load')} type="number" min="0" inputmode="numeric"
		required hint=${t('staff.load.hint')} />
	<${Field} form=${form} name="rest" label=${t('staff.rest')} type="date" min=${day()} /></div>`;

const put = (pool, id, version, v, key) => api.put(`/offers/${pool}/workers/${id}`, {
	expertises: v.expertises, cap: whole(v.cap), load: whole(v.load), rest_until_ms: midnight(v.rest),
	left: v.left === true}, {key, headers: {'If-Match': `"${version}"`}});

function Worker({item, unit, reload}) {
	const w = item.worker;
	const initial = {expertises: w.expertises ?? [], cap: String(w.cap ?? 0), load: String(w.load ?? 0),
		rest: dayOfInstant(w.rest_until_ms), left: false};
	const carries = (w.load ?? 0) + (item.given ?? 0);
	return html`<li class="card"><h2><span class="code">${short(w.worker)}</span> <span class="quiet code">${
			w.pool}</span></h2>
		<p>${(w.expertises ?? []).map((e) => label('expertise', e)).join(', ')}</p>
		<p>${t('staff.carries', {n: carries, cap: number(w.cap ?? 0), unit: label('unit', unit)})}
			${carries >= (w.cap ?? 0) && html` <span class="warn">${t('staff.full')}</span>`}</p>
		${w.rest_until_ms && html`<p>${t('staff.rests', {day: date(w.rest_until_ms)})}</p>`}
		<${Step} key=${item.version} title=${t('staff.change')} submit=${t('board.save')} initial=${initial}
			onDone=${reload} run=${(v, key) => put(w.pool, w.worker, item.version, v, key)}
			fields=${(form) => html`${fields(form)}<${Check} form=${form} name="left"
				label=${t('staff.left')}
				/>`} /></li>`;
}

export function view({me}) {
	const list = useData(async () => {
		const {pools} = await all('/offers', {partner: me.party, limit: 100}, 'pools');
		const staff = await Promise.all(pools.filter((p) => p.workers).map((p) =>
			all('/workers', {pool: p.capacity.pool, limit: 100}, 'workers')));
		return {pools, workers: staff.flatMap((s) => s.workers).filter((i) => !i.worker.left)};
	}, []);
	return html`${parts(path)}<p>${t('staff.lead')}</p><${Loaded} from=${list}>${({pools, workers}) => {
		const unit = new Map(pools.map((p) => [p.capacity.pool, p.capacity.unit]));
		return html`${workers.length === 0 && html`<p class="empty">${t('staff.none')}</p>`}
			<ul class="plainlist two">${workers.map((i) => html`<${Worker} item=${i}
				reload=${list.reload}
				key=${i.worker.pool + i.worker.worker} unit=${unit.get(i.worker.pool)} />`)}</ul>
			<h2>${t('staff.new')}</h2>
			<${Step} title=${t('staff.new')} submit=${t('staff.add')} main onDone=${list.reload}
				initial=${{pool: '', expertises: [], cap: '', load: '0', rest: ''}}
				run=${(v, key) => put(v.pool, fresh(), 0, v, key)}
				fields=${(form) => html`<${Select} form=${form} name="pool"
					label=${t('staff.pool')} required
					options=${pools.map((p) => ({value: p.capacity.pool, label:
						p.capacity.pool}))} />
					${fields(form)}`} />`;
	}}<//>`;
}
