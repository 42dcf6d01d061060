// SPDX-License-Identifier: EUPL-1.2
// An ask in words, and its four answers, each one tap with only what it needs. Used with a sign-in
// (pages/facility.js) and without one (pages/link.js). Nothing of a child but coded needs.
import {html, Field, Select, Combobox} from './ui.js';
import {Step} from './parts.js';
import {day, workday, midnight} from './days.js';
import {t, label, options, date, when} from './i18n.js';
import {now} from './api.js';

export const codes = ['expertise', 'zone', 'party', 'urgency', 'crisis_step', 'unit', 'can_if', 'modality',
	'contribution_state', 'life_domain'];

const ages = (a) => (a.age_to ? t('ask.ages', {from: a.age_from ?? 0, to: a.age_to}) : '');

/** What is asked, and before when; unit: of its pool, where that is known. */
export function AskWords({ask: a, unit}) {
	const amount = a.amount && unit ? t('ask.amount', {n: a.amount, unit: label('unit', unit)}) : '';
	const weeks = a.duration_weeks ? t('ask.weeks', {n: a.duration_weeks}) : '';
	const what = [ages(a), label('zone', a.zone), amount, weeks, label('modality', a.modality)];
	const hurry = a.crisis_step ? `${label('urgency', a.urgency)}: ${
		label('crisis_step', a.crisis_step)}` : a.urgency === 'URGENT' ? label('urgency', a.urgency) : '';
	return html`<p>${what.filter(Boolean).join(' · ')}</p>
		${hurry && html`<p class="warn">${hurry}</p>`}
		${a.by_call && html`<p class="warn">${t('ask.bycall')}</p>`}
		${a.interpreter && html`<p>${t('ask.interpreter')}</p>`}
		${a.standby && html`<p class="quiet">${t('ask.standby')}</p>`}
		${a.suggested_by && html`<p class="quiet">${
			t('ask.suggested', {who: label('party', a.suggested_by)})}</p>`}
		${a.state === 'ASKED' && a.answer_by_ms && html`<p><strong>${
			t('ask.before', {at: when(a.answer_by_ms, now())})}</strong></p>`}`;
}

const later = (v) => v.can_if === 'START_DATE';

/** send(body, key) answers; onDone() after an answer, also one that came too late. own: party id. */
export function Answers({send, onDone, own}) {
	const step = (answer, submit, initial, fields, rest = () => ({})) => html`<${Step} open main
		submit=${submit} initial=${initial} fields=${fields} onDone=${onDone}
		done=${t('ask.thanks', {answer: submit})}
		run=${(v, key) => send({answer, ...rest(v)}, key)} />`;
	const others = options('party', {filter: (p) => p.code !== own});
	return html`<div class="answers" role="group" aria-label=${t('ask.answer')}>
		${step('CAN', t('ask.can'), {start: workday()}, (form) => html`<${Field} form=${form} name="start"
			type="date" min=${day()} label=${t('ask.start')} required />`,
		(v) => ({start_at_ms: midnight(v.start)}))}
		${step('CAN_IF', t('ask.canif'), {can_if: '', start_at_ms: workday()}, (form) => html`
			<${Select} form=${form} name="can_if" label=${t('ask.if')}
				options=${options('can_if')} required />
			${later(form.values) && html`<${Field} form=${form} name="start_at_ms" type="date"
				min=${day()}
				label=${t('ask.start')} required />`}`,
		(v) => ({can_if: v.can_if, ...(later(v) ? {start_at_ms: midnight(v.start_at_ms)} : {})}))}
		${step('NOT_NOW', t('ask.notnow'), {until_ms: ''}, (form) => html`<${Field} form=${form}
			name="until_ms" type="date" min=${day(1)} label=${t('ask.from')} required />`,
		(v) => ({until_ms: midnight(v.until_ms)}))}
		${step('NOT_OURS', t('ask.notours'), {suggests: ''}, (form) => html`<${Combobox} form=${form}
			name="suggests" label=${t('ask.suggests')} options=${others} />`,
		(v) => (v.suggests ? {suggests: v.suggests} : {}))}
	</div>`;
}

/** What holds now of an ask that was answered before or is over. */
export function Now({ask: a}) {
	const until = a.state === 'CAN' ? a.holds_until_ms : a.until_ms;
	const text = a.state === 'CAN_IF' ? `${t('ask.canif')} ${label('can_if', a.can_if)}` :
		a.state === 'NOT_NOW' ? t('ask.notnow.day', {day: date(a.until_ms)}) :
			a.state === 'NOT_OURS' ? t('ask.notours') : label('contribution_state', a.state);
	return html`<p><strong>${text}</strong>${a.state === 'CAN' && until && html` <span class="quiet">${
		t('ask.holds', {at: when(until, now())})}</span>`}${a.state === 'INTERRUPTED' && until && html`
		<span class="quiet">${t('ask.back', {day: date(until)})}</span>`}</p>`;
}
