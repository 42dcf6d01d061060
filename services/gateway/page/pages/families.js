// SPDX-License-Identifier: EUPL-1.2
// The families that a house carries or helps: what is next for each, most pressing first; how much it
// carries; and calls for somebody beside you.
import {html, api, useData, useForm, useState, Table, Loaded, toast} from '../lib/ui.js';
import {now} from '../lib/api.js';
import {t, label, options} from '../lib/i18n.js';
import {Act, ages, careCodes, everything, nextStep, soon, urgency} from '../lib/care.js';

export const path = '/gezinnen';
export const title = 'fam.title';
export const lead = 'fam.lead';
export const roles = ['FACILITY', 'REQUESTER'];
export const order = 10;
export const codes = [...careCodes, 'help_addressee', 'help_call_state'];

const STEP = 25;
const CHANGES = ['REQUEST', 'CONTRIBUTION', 'CONTACT_PERSON', 'HOLDER', 'TEAM', 'HELP_CALL', 'OTHER_WANTED'];

// Who is in: houses whose help runs or is agreed.
const inside = (i) => [...new Set((i.needs ?? []).flatMap((n) => n.contributions ?? [])
	.filter((c) => ['AGREED', 'STARTED', 'INTERRUPTED', 'HANDING_ON'].includes(c.state))
	.map((c) => `${label('party', c.partner)} (${label('contribution_state', c.state)})`))];

function part(me, i) {
	const ours = [i.contact_party === me.party && t('fam.contact'),
		i.stand_in_party === me.party && t('fam.standin'),
		(i.others_wanted ?? []).some((o) => !o.answered_ms) && t('fam.other')];
	return ours.filter(Boolean).join('; ');
}

const columns = (me) => [
	{key: 'code', title: t('calls.number'), head: true, cell: (i) => html`<a class="code"
		href=${'/aanmelding/' + i.short_code}>${i.short_code}</a>`},
	{key: 'who', title: t('fam.family'), cell: (i) => html`${ages(i)}<br /><span class="quiet">${
		[label('zone', i.request.zone), urgency(i)].join(', ')}</span>`},
	{key: 'next', title: t('care.next.title'), cell: (i) => html`<span
		class=${i.next_ms && new Date(i.next_ms) < now() ? 'warn' : ''}>${nextStep(i)}</span>`},
	{key: 'in', title: t('fam.in'), cell: (i) => html`<ul class="tight">${inside(i).map((x) => html`
		<li key=${x}>${x}</li>`)}</ul>`},
	{key: 'part', title: t('fam.part'), cell: (i) => part(me, i)},
];

function Call({call, me, reload}) {
	const form = useForm({});
	const to = async (state) => {
		if (await form.send((key) => api.post(`/help-calls/${call.call_id}/move`, {to: state}, {key}))) {
			toast(t('care.done', {what: label('help_call_state', state)}));
			reload();
		}
	};
	const ours = call.from_party === me.party;
	return html`<li><strong>${label('party', call.from_party)}</strong>: ${call.expertise ?
		label('expertise', call.expertise) : t('fam.beside')} (${label('help_addressee', call.addressee)}).
		${' '}${label('help_call_state', call.state)}${call.due_ms && t('fam.due', {at: soon(call.due_ms)})}
		${form.problem && html`<p class="error" role="alert">${form.problem.text}</p>`}
		<div class="taps">${call.state === 'OPEN' && !ours && html`<button type="button"
			onClick=${() => to('TAKEN')}>${t('fam.take')}</button>`}
		${ours && call.state === 'TAKEN' && html`<button type="button"
			onClick=${() => to('ANSWERED')}>${t('fam.helped')}</button>`}
		${ours && html`<button type="button" class="plain" onClick=${() => to('CANCELLED')}>${
			label('help_call_state', 'CANCELLED')}</button>`}</div></li>`;
}

async function load() {
	const [items, calls] = await Promise.all([everything('/requests', {open_only: true}, 'requests'),
		everything('/help-calls', {open_only: true}, 'calls', 3)]);
	items.sort((a, b) => (a.next_ms ?? '9').localeCompare(b.next_ms ?? '9'));
	return {items, calls};
}

export function view({me}) {
	const data = useData(load, [], CHANGES);
	const [shown, setShown] = useState(STEP);
	return html`<div><${Loaded} from=${data}>${({items, calls}) => {
		const contact = items.filter((i) => i.contact_party === me.party).length;
		const late = items.filter((i) => i.next_ms && new Date(i.next_ms) < now()).length;
		return html`<div><p class="note">${t('fam.load', {n: items.length, contact,
			standin: items.filter((i) => i.stand_in_party === me.party).length})}
			${late > 0 && html` <strong class="stale">${t('fam.late', {n: late})}</strong>`}</p>
			<${Table} caption=${t('fam.title')} hideCaption columns=${columns(me)}
				rows=${items.slice(0, shown)} rowKey=${(i) => i.short_code} empty=${t('fam.none')} />
			${items.length > shown && html`<button type="button"
				onClick=${() => setShown(shown + STEP)}>${t('table.more', {n: STEP})}</button>`}
			<h2>${t('fam.calls')}</h2>
			<ul class="team">${calls.map((c) => html`<${Call} key=${c.call_id} call=${c} me=${me}
				reload=${data.reload} />`)}</ul>
			<${Act} title=${t('req.alone')} lead=${t('req.alone.lead')} after=${data.reload}
				path=${() => '/help-calls'} start=${{addressee: 'PEER', zone: me.zones?.[0]}} fields=${[
					{kind: 'choice', name: 'addressee', label: t('req.alone.whom'), required: true,
						options: options('help_addressee')},
					{kind: 'combo', name: 'expertise', label: t('req.alone.in'),
						options: options('expertise')}]}
				body=${(v) => ({...v, expertise: v.expertise || undefined})} /></div>`;
	}}<//></div>`;
}
