// SPDX-License-Identifier: EUPL-1.2
// A house that helps: what is asked of it, and the help of its own that runs. The board of places is
// facility_board.js, its workers facility_staff.js, its own figures facility_mirror.js.
import {html, api, useData, useState, Table, Loaded, Check, Field, Select} from '../lib/ui.js';
import {t, label, options, date} from '../lib/i18n.js';
import {all, day, midnight, useEvery} from '../lib/days.js';
import {Parts, Step} from '../lib/parts.js';
import {AskWords, Answers, Now, codes as askCodes} from '../lib/answer.js';

export const path = '/voorziening';
export const title = 'facility.title';
export const lead = 'facility.lead';
export const roles = ['FACILITY'];
export const order = 10;
export const codes = [...askCodes, 'interrupt_reason'];

export const parts = (at) => html`<${Parts} name=${t('facility.parts')} at=${at} links=${[
	['/voorziening', t('facility.asks')], ['/voorziening/aanbod', t('board.title')],
	['/voorziening/medewerkers', t('staff.title')], ['/voorziening/spiegel', t('mirror.title')]]} />`;

const TOGETHER = ['ASKED', 'CAN', 'CAN_IF', 'AGREED', 'STARTED', 'INTERRUPTED', 'HANDING_ON'];
const STEPS = {AGREED: ['start', 'interrupt', 'handon'], STARTED: ['interrupt', 'handon'],
	INTERRUPTED: ['resume', 'handon'], HANDING_ON: ['end']};

const Head = ({ask: a}) => html`<h3>${label('expertise', a.expertise)}${' '}
	<span class="quiet code">${a.short_code}</span></h3>`;

// What a house may do with help of its own; each says why when it may not.
function Steps({ask: a, reload}) {
	const post = (verb, body, key) => api.post(`/contributions/${a.contribution_id}/${verb}`, body, {key});
	const kinds = {
		start: () => html`<${Step} key="start" main title=${t('help.start')} onDone=${reload}
			initial=${{seen: false}} run=${(v, key) => post('start', {seen: v.seen}, key)}
			fields=${(form) => html`<${Check} form=${form} name="seen" label=${t('help.seen')}
				hint=${t('help.seen.hint')} />`} submit=${t('help.start')} />`,
		interrupt: () => html`<${Step} key="interrupt" title=${t('help.interrupt')} onDone=${reload}
			initial=${{reason: '', back: ''}} run=${(v, key) => post('interrupt',
				{reason: v.reason, expected_ms: midnight(v.back)}, key)}
			fields=${(form) => html`<p>${t('help.interrupt.what')}</p><${Select} form=${form}
				name="reason"
					label=${t('help.reason')} required options=${options('interrupt_reason',
					{filter: (o) => o.code !== 'OVERCOMMITTED'})} />
				<${Field} form=${form} name="back" type="date" min=${day(1)}
					label=${t('help.back')} />`} />`,
		resume: () => html`<${Step} key="resume" main title=${t('help.resume')} onDone=${reload}
			run=${(v, key) => post('resume', {}, key)} />`,
		handon: () => html`<${Step} key="handon" title=${t('help.handon')} onDone=${reload}
			submit=${t('help.handon')} fields=${() => html`<p>${t('help.handon.what')}</p>`}
			run=${(v, key) => post('hand-on', {}, key)} />`,
		end: () => html`<${Step} key="end" title=${t('help.end')} onDone=${reload}
			submit=${t('help.end')} fields=${() => html`<p>${t('help.end.what')}</p>`}
			run=${(v, key) => post('end', {}, key)} />`,
	};
	return html`<div class="actions">${(STEPS[a.state] ?? []).map((s) => kinds[s]())}</div>`;
}

function Ask({ask: a, unit, me, reload}) {
	const open = a.state === 'ASKED';
	const mayTakeBack = a.state === 'CAN' || a.state === 'CAN_IF';
	return html`<li class="card" data-ask=${a.short_code}><${Head} ask=${a} />
		${!open && html`<${Now} ask=${a} />`}
		<${AskWords} ask=${a} unit=${unit} />
		${open && html`<${Answers} own=${me.party} onDone=${reload}
			send=${(body, key) => api.post(`/asks/${a.contribution_id}/answer`, body, {key})} />`}
		${mayTakeBack && html`${a.state === 'CAN_IF' && html`<${Step} title=${t('ask.cannow')} main
				onDone=${reload} run=${(v, key) => api.post(`/asks/${a.contribution_id}/answer`,
				{answer: 'CAN'}, {key})} />`}
			<${Step} title=${t('ask.takeback')} onDone=${reload} submit=${t('ask.takeback')}
			fields=${() => html`<p>${t('ask.takeback.what')}</p>`}
			run=${(v, key) => api.post(`/asks/${a.contribution_id}/take-back`, {}, {key})} />`}
		<${Steps} ask=${a} reload=${reload} /></li>`;
}

const past = () => [
	{key: 'what', title: t('facility.what'), head: true, cell: (a) => html`${
		label('expertise', a.expertise)} <span class="quiet code">${a.short_code}</span>`},
	{key: 'zone', title: t('directory.zone'), cell: (a) => label('zone', a.zone)},
	{key: 'asked', title: t('facility.asked'), cell: (a) => date(a.asked_ms)},
	{key: 'state', title: t('facility.became'), cell: (a) => label('contribution_state', a.state)},
];

function Past() {
	const [shown, show] = useState(false);
	const list = useData(async () => (shown ? all('/asks', {all: true, limit: 100}, 'asks') : null),
		[shown]);
	if (!shown) {
		return html`<p><button type="button"
			onClick=${() => show(true)}>${t('facility.past')}</button></p>`;
	}
	return html`<h2>${t('facility.past')}</h2><${Loaded} from=${list}>${(v) => html`<${Table}
		caption=${t('facility.past')} hideCaption columns=${past()} rowKey=${(a) => a.contribution_id}
		rows=${v.asks.filter((a) => !TOGETHER.includes(a.state)).reverse()} />`}<//>`;
}

const groups = [['facility.toanswer', ['ASKED']], ['facility.waits', ['CAN', 'CAN_IF']],
	['facility.tostart', ['AGREED']], ['facility.runs', ['STARTED', 'INTERRUPTED', 'HANDING_ON']]];

/** Asks and pools of who is signed in: {asks, pools}. */
export async function ownOf(me) {
	const [{asks}, {pools}] = await Promise.all([all('/asks', {limit: 100}, 'asks'),
		all('/offers', {partner: me.party, limit: 100}, 'pools')]);
	return {asks, pools};
}

export function view({me}) {
	const own = useData(() => ownOf(me), [], null);
	useEvery(15, own.reload);
	const soonest = (a, b) => (a.answer_by_ms ?? '').localeCompare(b.answer_by_ms ?? '');
	return html`${parts('/voorziening')}<${Loaded} from=${own}>${({asks, pools}) => {
		const unit = new Map(pools.map((p) => [p.capacity.pool, p.capacity.unit]));
		return html`${groups.map(([key, states]) => {
			const list = asks.filter((a) => states.includes(a.state)).sort(soonest);
			return (list.length > 0 || states[0] === 'ASKED') && html`<section key=${key}>
				<h2>${t(key)} <span class="quiet">(${list.length})</span></h2>
				${list.length === 0 && html`<p class="empty">${t('facility.none')}</p>`}
				<ul class="plainlist">${list.map((a) => html`<${Ask}
					key=${a.contribution_id} ask=${a}
					unit=${unit.get(a.pool)} me=${me}
						reload=${own.reload} />`)}</ul></section>`;
		})}<${Past} />`;
	}}<//>`;
}
