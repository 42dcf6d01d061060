// SPDX-License-Identifier: EUPL-1.2
// Whom to telephone now, most pressing first; what partners say is noted in two taps, the night plan
// in three. On paper it is one sheet for when the power fails.
import {html, api, useData, useForm, useState, Form, Field, Choice, Check, Combobox, Table, Loaded,
	toast} from '../lib/ui.js';
import {now} from '../lib/api.js';
import {t, label, options, entry, date, time} from '../lib/i18n.js';
import {careCodes, ages, everything, holders, nextStep, randomId, soon, urgency} from '../lib/care.js';

export const path = '/bellijst';
export const title = 'calls.title';
export const lead = 'calls.lead';
export const roles = ['CONTACT_POINT', 'COORDINATOR'];
export const order = 2;
export const codes = [...careCodes, 'answer_kind', 'can_if', 'modality'];

const HALF_MS = 1800000;
const HOUR_MS = 3600000;
const DAY_MS = 24 * HOUR_MS;
const CHANGES = ['REQUEST', 'CONTRIBUTION', 'TEAM', 'NIGHT_PLAN', 'HOLDER', 'NEED', 'ALARM',
	'LAST_PLACE'];

// --- what a partner says ------------------------------------------------------------------------
const ahead = (ms) => new Date(now().getTime() + ms).toISOString();

// The second tap: what belongs to each answer.
function seconds(kind) {
	if (kind === 'CAN') {
		return [{label: t('calls.start.now'), body: {}},
			{label: t('calls.start.tomorrow'), body: {start_at_ms: ahead(DAY_MS)}},
			{label: t('calls.start.week'), body: {start_at_ms: ahead(7 * DAY_MS)}}];
	}
	if (kind === 'CAN_IF') {
		return options('can_if').map((o) => ({label: o.label, body: {can_if: o.value,
			start_at_ms: o.value === 'START_DATE' ? ahead(7 * DAY_MS) : undefined}}));
	}
	return [[7, 'calls.in.week'], [14, 'calls.in.fortnight'], [30, 'calls.in.month'],
		[91, 'calls.in.quarter']].map(([n, key]) => ({label: t(key), body: {until_ms: ahead(n * DAY_MS)}}));
}

function Answer({item, onDone}) {
	const form = useForm({suggests: ''});
	const [kind, setKind] = useState(null);
	const who = label('party', item.partner);
	const say = async (body) => {
		const done = await form.send((key) => api.post(`/asks/${item.ask.contribution_id}/answer`,
			{answer: kind, by_call: true, ...body}, {key}));
		if (done) {
			toast(t('calls.noted', {who, what: label('answer_kind', kind)}));
			document.getElementById('c-asks')?.focus();
			onDone();
		}
	};
	const pick = (k) => html`<button type="button" key=${k} aria-pressed=${kind === k ? 'true' : 'false'}
		onClick=${() => setKind(kind === k ? null : k)}>${label('answer_kind', k)}</button>`;
	return html`<div role="group" aria-label=${t('calls.says', {who})}>
		<div class="taps">${['CAN', 'CAN_IF', 'NOT_NOW', 'NOT_OURS'].map(pick)}</div>
		${form.problem && html`<p class="error" role="alert">${form.problem.text}</p>`}
		${kind && kind !== 'NOT_OURS' && html`<div class="taps second">${seconds(kind).map((s) => html`
			<button type="button" key=${s.label} onClick=${() => say(s.body)}>${s.label}</button>`)}</div>`}
		${kind === 'NOT_OURS' && html`<div class="second">
			<${Combobox} form=${form} name="suggests" label=${t('calls.maybe')}
				options=${options('party')} />
			<button type="button" onClick=${() => say({suggests: form.values.suggests || undefined})}>${
				t('calls.note')}</button></div>`}
	</div>`;
}

const Phone = ({number}) => (number ? html`<a class="phone" href=${'tel:' + number.replaceAll(' ', '')}>${
	number}</a>` : html`<span class="quiet">${t('calls.nophone')}</span>`);

function askColumns(reload) {
	return [
		{key: 'who', title: t('calls.partner'), head: true, cell: (i) => html`${label('party', i.partner)}
			${i.unconfirmed && html`<br /><span class="stale">${t('calls.unconfirmed')}</span>`}
			${i.ask.standby && html`<br /><span class="quiet">${t('calls.reserve')}</span>`}`},
		{key: 'phone', title: t('calls.phone'), cell: (i) => html`<${Phone}
			number=${entry('party', i.partner)?.phone} />`},
		{key: 'what', title: t('calls.asked'), cell: (i) => html`${label('expertise', i.ask.expertise)}<br />
			<span class="quiet">${t('calls.ages', {from: i.ask.age_from, to: i.ask.age_to})}, ${
				label('zone', i.ask.zone)}</span>`},
		{key: 'when', title: t('calls.before'), cell: (i) => html`${i.ask.crisis_step ?
			label('crisis_step', i.ask.crisis_step) : label('urgency', i.ask.urgency)}<br />
			<span class=${new Date(i.ask.answer_by_ms) < now() ? 'stale' : 'quiet'}>${
				t('calls.by', {at: soon(i.ask.answer_by_ms)})}</span>`},
		{key: 'says', title: t('calls.answer'), cell: (i) => html`<${Answer} item=${i} onDone=${reload} />`},
	];
}

// --- the night plan -----------------------------------------------------------------------------
/** The half hours within four hours from now, half past eight in the morning being the last. */
function hours(from) {
	const list = [];
	for (let at = (Math.floor(from / HALF_MS) + 1) * HALF_MS; at <= from + 4 * HOUR_MS; at += HALF_MS) {
		list.push(new Date(at));
		if (time(new Date(at)) === '08:30') {
			break;
		}
	}
	return list;
}

const SERVICES = ['EMERGENCY_112', 'HOSPITAL', 'POLICE', 'PROSECUTOR'];
const WITH = ['PARENT', 'FAMILY', 'CALLER', 'WORKER', 'OTHER'];

function NightPlan({item, onDone, open}) {
	const list = hours(now().getTime());
	const form = useForm({who: '', other: '', at: (list[2] ?? list.at(-1)).toISOString(), bridging_party: ''});
	const v = form.values;
	const send = async () => {
		const called = SERVICES.filter((c) => v[c]);
		const story = [v.who && v.who !== 'OTHER' && t('calls.with.' + v.who), v.other].filter(Boolean);
		const done = await form.send((key) => api.post(`/requests/${item.short_code}/night-plan`, {
			plan: {person_id: randomId(), content: {story: story.join(': ')}}, call_at_ms: v.at,
			called: called.length ? called : v.NONE ? ['NONE'] : [], bridging_party: v.bridging_party,
			no_availability: v.none_found === true}, {key}));
		if (done) {
			toast(t('calls.planned', {code: item.short_code}));
			form.reset();
			onDone();
		}
	};
	return html`<details open=${open}><summary>${t('calls.plan')}</summary>
		<${Form} form=${form} onSend=${send} submit=${t('calls.plan.save')} class="plan">
			<${Choice} form=${form} name="who" label=${t('calls.with')} required
				options=${WITH.map((w) => ({value: w, label: t('calls.with.' + w)}))} />
			<${Field} form=${form} name="other" label=${t('calls.with.more')}
				required=${v.who === 'OTHER'} />
			<${Choice} form=${form} name="at" label=${t('calls.callat')} required
				options=${list.map((d) => ({value: d.toISOString(), label: time(d)}))} />
			<fieldset class="field"><legend>${t('calls.called')}</legend>
				${form.errors.called && html`<p class="error">${form.errors.called}</p>`}
				<div class="choices">${[...SERVICES, 'NONE'].map((c) => html`<${Check}
					key=${c} form=${form} name=${c} label=${label('called_service', c)} />`)}</div>
			</fieldset>
			<details><summary>${t('calls.more')}</summary>
				<${Combobox} form=${form} name="bridging_party" label=${t('calls.bridge')}
					options=${options('party')} />
				<${Check} form=${form} name="none_found" label=${t('calls.nothing')} /></details>
		<//></details>`;
}

// --- crises -------------------------------------------------------------------------------------
const callback = (item) => (item.capsules ?? []).map((c) => [c.content?.name, c.content?.callback]
	.filter(Boolean).join(', ')).filter(Boolean).join('; ');

function Crisis({item, onDone, open}) {
	return html`<li><h3><a href=${'/aanmelding/' + item.short_code} class="code">${item.short_code}</a>${' '}
			${urgency(item)}</h3>
		<p>${ages(item)}, ${label('zone', item.request.zone)}. ${
			t('calls.since', {at: soon(item.request.received_ms)})} <strong>${nextStep(item)}</strong></p>
		${callback(item) && html`<p>${t('care.told.callback')}: ${callback(item)}</p>`}
		<${NightPlan} item=${item} onDone=${onDone} open=${open} /></li>`;
}

const crisisColumns = () => [
	{key: 'code', title: t('calls.number'), head: true, cell: (i) => html`<a class="code"
		href=${'/aanmelding/' + i.short_code}>${i.short_code}</a>`},
	{key: 'what', title: t('care.urgency'), cell: (i) => html`${urgency(i)}<br /><span class="quiet">${
		ages(i)}, ${label('zone', i.request.zone)}</span>`},
	{key: 'next', title: t('care.next.title'), cell: (i) => nextStep(i)},
	{key: 'holds', title: t('care.holds'), cell: (i) => holders(i)},
	{key: 'call', title: t('care.told.callback'), cell: (i) => callback(i)},
];

// A place that two children could use is kept, and nobody is asked: so it stands in no call list.
async function lastPlaces() {
	const lists = await Promise.all(['CRISIS_STAY', 'CRISIS_INTERVENTION', 'CRISIS_GUIDANCE'].map((e) =>
		everything('/offers', {expertise: e}, 'pools', 2)));
	const pools = new Set(lists.flat().filter((p) => p.free > 0).map((p) => p.capacity.pool));
	const found = await Promise.allSettled([...pools].slice(0, 20).map((p) =>
		api.get(`/offers/${p}/last-place`)));
	return found.filter((f) => f.status === 'fulfilled' && (f.value.concerned ?? []).length > 1)
		.map((f) => f.value);
}

// A page of requests holds no stories: the way to call back is read of each, once.
const TOLD_MAX = 40;
const told = new Map();
async function withTold(party, items) {
	const key = (i) => `${party}/${i.short_code}`;
	await Promise.allSettled(items.filter((i) => !told.has(key(i))).slice(0, TOLD_MAX).map(async (i) =>
		told.set(key(i), (await api.get(`/requests/${i.short_code}`)).requests?.[0]?.capsules ?? [])));
	return items.map((i) => ({...i, capsules: told.get(key(i))}));
}

async function load(party) {
	const [items, to_call, all] = await Promise.all([everything('/call-list', {}, 'items', 3),
		everything('/requests', {to_call: true}, 'requests', 3),
		everything('/requests', {open_only: true}, 'requests')]);
	const crises = all.filter((i) => i.request.urgency === 'CRISIS');
	return {items, last: await lastPlaces(), to_call: await withTold(party, to_call),
		crises: await withTold(party, crises)};
}

export function view({me}) {
	const data = useData(() => load(me.party), [me.party], CHANGES);
	const at = now();
	return html`<div><p class="paper">${t('calls.paper', {who: me.name, day: date(at), at: time(at)})}</p>
		<div class="actions"><button type="button" onClick=${() => print()}>${t('calls.print')}</button>
			<a class="button" href="/jaartelling">${t('count.title')}</a></div>
		<${Loaded} from=${data}>${(d) => html`<div>${d.last.map((p) => html`
			<p class="note warning" key=${p.pool}>${t('calls.last', {n: p.concerned.length})} <a
				 href=${'/laatste-plek/' + p.pool}>${t('place.title')}</a></p>`)}
			<section aria-labelledby="c-now" class="nopaper"><h2 id="c-now">${t('calls.now')}</h2>
			${d.to_call.length === 0 ? html`<p class="empty good">${t('calls.now.none')}</p>` : html`
				<ul class="crises">${d.to_call.map((i, n) => html`<${Crisis}
					key=${i.short_code} item=${i}
					open=${n === 0 && !i.night_plan} onDone=${data.reload} />`)}</ul>`}</section>
			<section aria-labelledby="c-asks"><h2 id="c-asks" tabindex="-1">${t('calls.asks')}</h2>
			<${Table} caption=${t('calls.asks')} hideCaption columns=${askColumns(data.reload)}
				rows=${d.items} rowKey=${(i) => i.ask.contribution_id}
					empty=${t('calls.asks.none')} /></section>
			<section aria-labelledby="c-own"><h2 id="c-own">${t('calls.own')}</h2>
			<${Table} caption=${t('calls.own')} hideCaption columns=${crisisColumns()} rows=${d.crises}
				rowKey=${(i) => i.short_code}
					empty=${t('calls.own.none')} /></section></div>`}<//></div>`;
}
