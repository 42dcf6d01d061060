// SPDX-License-Identifier: EUPL-1.2
// "Wie biedt wat bij mij in de buurt": open to anybody, no child needed. What is asked for stands in
// the address, so that it can be kept or sent.
import {html, api, useData, useForm, useState, Form, Combobox, Field, Table, Loaded, Age}
	from '../lib/ui.js';
import {t, label, options, number} from '../lib/i18n.js';

export const path = '/aanbod';
export const title = 'directory.title';
export const lead = 'directory.lead';
export const order = 80;
export const codes = ['expertise', 'zone', 'party', 'modality', 'access', 'pool_state', 'pool_answer',
	'unit'];

const PAGE = 50;

function ages(use) {
	return use.age_to ? t('directory.ages', {from: use.age_from ?? 0, to: use.age_to}) : '';
}

// One line a use: a pool may give several kinds of help in several ways.
function Use({use}) {
	const what = (use.expertises ?? []).map((e) => label('expertise', e)).join(', ');
	const how = [label('modality', use.modality), ages(use), label('access', use.access)]
		.filter(Boolean).join('; ');
	return html`<li>${what}${how && html` <span class="quiet">(${how})</span>`}</li>`;
}

function Free({item}) {
	if (item.state === 'PAUSED') {
		return label('pool_state', 'PAUSED');
	}
	if (item.answer && item.answer !== 'HAS') {
		return label('pool_answer', item.answer);
	}
	const amount = t('directory.free', {n: item.free ?? 0, unit: label('unit', item.unit)});
	return item.promised ? t('directory.promised', {amount, n: item.promised}) : amount;
}

function Freshness({item}) {
	return html`<${Age} at=${item.observed_at_ms} />${item.state === 'UNCONFIRMED' && html`<br />
		<span class="stale">${t('directory.unconfirmed')}</span>`}`;
}

const columns = () => [
	{key: 'partner', title: t('directory.who'), head: true, cell: (i) => html`${
		[i.partner, ...(i.joint_partners ?? [])].map((p) => label('party', p)).join(', ')}`},
	{key: 'uses', title: t('directory.what'), cell: (i) => html`<ul class="tight">${
		(i.uses ?? []).map((u) => html`<${Use} key=${u.use} use=${u} />`)}</ul>`},
	{key: 'free', title: t('directory.free.title'), cell: (i) => html`<${Free} item=${i} />`},
	{key: 'age', title: t('directory.age'), cell: (i) => html`<${Freshness} item=${i} />`},
];

// Further pages are added below those that are there.
function useRows(asked) {
	const [more, setMore] = useState({items: [], next: null});
	const [problem, setProblem] = useState(null);
	const ask = (after) => api.get('/directory', {...asked, limit: PAGE, after}, {quiet: true});
	const first = useData(async () => {
		const view = await ask();
		setMore({items: [], next: view.next ?? ''});
		return view;
	}, [JSON.stringify(asked)]);
	const add = async () => {
		try {
			const view = await ask(more.next);
			setProblem(null);
			setMore({items: [...more.items, ...(view.items ?? [])], next: view.next ?? ''});
		} catch (p) {
			setProblem(p);
		}
	};
	return {first, more, add, problem};
}

export function view({query, go}) {
	const asked = {expertise: query.get('expertise') ?? '', zone: query.get('zone') ?? '',
		age_years: query.get('age_years') ?? ''};
	const form = useForm(asked);
	const rows = useRows(asked);
	const send = () => form.send(async () => {
		const filled = Object.entries(form.values).filter(([, v]) => v !== '');
		go(`${path}?${new URLSearchParams(filled)}`);
		return true;
	});
	return html`<p class="lead">${t('directory.intro')}</p>
		<${Form} form=${form} onSend=${send} submit=${t('directory.search')} class="filter">
			<${Combobox} form=${form} name="expertise" label=${t('directory.expertise')}
				options=${options('expertise')} />
			<${Combobox} form=${form} name="zone" label=${t('directory.zone')}
				options=${options('zone')} />
			<${Field} form=${form} name="age_years" label=${t('directory.age_years')} type="number"
				inputmode="numeric" min="0" max="25" />
		<//>
		<${Loaded} from=${rows.first}>${(found) => {
			const items = [...(found.items ?? []), ...rows.more.items];
			return html`<p role="status">${t('directory.count', {n: items.length,
				more: rows.more.next ? t('directory.andmore') : ''})}</p>
			<${Table} caption=${t('directory.title')} hideCaption columns=${columns()} rows=${items}
				rowKey=${(i) => `${i.partner}/${i.pool}`} empty=${t('directory.none')} />
			${rows.problem && html`<p class="error" role="alert">${rows.problem.text}</p>`}
			${rows.more.next && html`<button type="button" onClick=${rows.add}>${
				t('table.more', {n: number(PAGE)})}</button>`}`;
		}}<//>`;
}
