// SPDX-License-Identifier: EUPL-1.2
// One request, for who carries it: what is next, who helps, whose word is wanted, the plan. What can be
// noted and changed is request_changes.js. What is seldom done is folded; what was typed stays when it
// is folded again.
import {html, api, useData, useEffect, useForm, useState, Form, Choice, Loaded} from '../lib/ui.js';
import {t, label, options} from '../lib/i18n.js';
import {line, proof, range} from '../lib/explain.js';
import {Late} from '../lib/parts.js';
import {Act, Facts, Team, Told, ages, careCodes, everything, holders, names, nextStep, noon, randomId, soon,
	urgency} from '../lib/care.js';

export const path = '/aanmelding/:code';
export const title = 'req.title';
export const menu = false;
export const roles = ['CONTACT_POINT', 'REQUESTER', 'FACILITY', 'COORDINATOR'];
export const codes = [...careCodes, 'voice', 'speaker', 'ground', 'close_reason', 'judgement_reason',
	'life_domain', 'goal_state', 'own_state', 'supporter_kind', 'fit', 'fit_moment', 'basic_link', 'flow',
	'other_wanted', 'help_addressee', 'contact_limit', 'explain_kind', 'cost_kind', 'why_not_kind',
	'wait_class', 'unit', 'event_kind'];

const pick = (list, wanted) => wanted.map((c) => ({value: c, label: label(list, c)}));
const who = (p) => (p.speaker === 'YOUTH' ? t('new.child', {n: (p.child ?? 0) + 1}) :
	p.speaker === 'ADULT' ? t('new.adult', {n: p.adult}) : label('speaker', p.speaker));

/** Everybody of the family who speaks for itself: value "YOUTH.0", "ADULT.1". */
const people = (item) => [...(item.children ?? []).map((c, i) => ({value: `YOUTH.${i}`,
	label: t('req.youth', {n: i + 1, age: ages({...item, children: [c]})})})),
...(item.adults ?? []).map((a) => ({value: `ADULT.${a.number}`, label: t('new.adult', {n: a.number})}))];

function speaker(value) {
	const [kind, n] = value.split('.');
	return kind === 'YOUTH' ? {speaker: kind, child: Number(n)} : {speaker: kind, adult: Number(n)};
}

const helpOf = (item) => (item.needs ?? []).flatMap((n) => n.contributions ?? [])
	.filter((c) => ['AGREED', 'STARTED', 'INTERRUPTED', 'HANDING_ON', 'ENDED'].includes(c.state))
	.map((c) => ({value: c.contribution_id, label: label('party', c.partner)}));

// --- voices -------------------------------------------------------------------------------------
function wanted(w, i) {
	return [w.youth && t('req.wants.youth', {n: i + 1}),
		w.child_heard && t('req.wants.heard', {n: i + 1}),
		...(w.adults ?? []).map((n) => t('req.wants.adult', {n})),
		(w.one_of ?? []).length > 0 && t('req.wants.oneof', {who: w.one_of.join(', ')}),
		w.authority_unknown && t('req.wants.unknown')].filter(Boolean);
}

function Voices({item, act}) {
	const lines = [...new Set((item.child_grounds ?? []).flatMap((g, i) => wanted(g.wanted ?? {}, i)))];
	return html`<section aria-labelledby="r-voice"><h2 id="r-voice">${t('req.voices')}</h2>
		${item.ground && html`<p class="good">${t('req.ground', {what: label('ground', item.ground)})}</p>`}
		${lines.length > 0 && html`<p>${t('req.wants')}</p><ul>${lines.map((l) => html`<li
			key=${l}>${l}</li>`)}</ul>`}
		${(item.positions ?? []).length > 0 && html`<ul>${item.positions.map((p) => html`<li>${t('req.said', {
			who: who(p), what: label('voice', p.voice), at: soon(p.at_ms)})}</li>`)}</ul>`}
		<${Act} ...${act} title=${t('req.voice')} path=${() => act.at('position')}
			fields=${[{kind: 'choice', name: 'who', label: t('req.who'), required: true,
				options: [...people(item), {value: 'TRUSTED_PERSON.0',
					label: label('speaker', 'TRUSTED_PERSON')}]},
			{kind: 'choice', name: 'voice', label: t('req.says'), required: true,
				options: pick('voice', ['AGREE', 'NOT', 'NOT_YET', 'TALK_FIRST'])},
			{kind: 'check', name: 'heard', label: t('req.heard')}]}
			body=${(v) => ({...speaker(v.who), voice: v.voice, child_heard: v.heard === true,
				proposal_version: item.team?.proposal_version})} />
		<${Act} ...${act} title=${t('req.emergency')} lead=${t('req.emergency.lead')}
			path=${() => act.at('position')} fields=${[
				{kind: 'choice', name: 'ground', label: t('req.ground.why'), required: true,
					options: pick('ground', ['EMERGENCY', 'UNCLEAR'])},
				{kind: 'select', name: 'reason', label: t('new.reason'), required: true,
					options: options('danger_reason')}]}
			body=${(v) => ({...v, proposal_version: item.team?.proposal_version})} />
	</section>`;
}

// --- codes for the family -----------------------------------------------------------------------
function Codes({item}) {
	const form = useForm({who: ''});
	const [made, setMade] = useState(null);
	const list = people(item);
	const send = async (verb) => {
		const done = await form.send((key) => api.post(`/requests/${item.short_code}/codes${verb}`,
			speaker(form.values.who), {key}));
		if (done) {
			setMade({code: done.code, who: list.find((p) => p.value === form.values.who).label});
		}
	};
	const back = html`<button type="button" onClick=${() => send('/withdraw')}>${t('req.codes.back')}</button>`;
	return html`<section aria-labelledby="r-code"><h2 id="r-code">${t('req.codes')}</h2>
		<p>${t('req.codes.lead')}</p>
		<p>${t('req.codes.back.why')}</p>
		<${Form} form=${form} onSend=${() => send('')} submit=${t('req.codes.make')} extra=${back}>
			<${Choice} form=${form} name="who" label=${t('req.codes.for')} required options=${list} /><//>
		${made && !made.code && html`<p class="sent" role="status">${t('req.codes.back.done', {who: made.who})}</p>`}
		${made?.code && html`<div class="sent" role="status"><h3>${t('req.codes.made', {who: made.who})}</h3>
			<p class="number code">${made.code}</p><p>${t('req.codes.hand')}</p></div>`}
	</section>`;
}

// --- the plan -----------------------------------------------------------------------------------
function Plan({item, plan, act}) {
	const words = (g) => g.words?.content?.story ?? '';
	const domains = (list) => (list ?? []).map((d) => label('life_domain', d)).join(', ');
	const waits = (item.others_wanted ?? []).filter((o) => !o.answered_ms);
	return html`<section aria-labelledby="r-plan"><h2 id="r-plan">${t('req.plan')}</h2>
		${!plan.plan_id && html`<p class="quiet">${t('req.plan.none')}</p>`}
		<${Facts} of=${[[t('req.covered'), domains(plan.covered)], [t('req.open'), domains(plan.open)],
			[t('req.parallel'), names(plan.parallel)]]} />
		<ul>${(plan.goals ?? []).map((g) => html`<li key=${g.number}><strong>${words(g) ||
			label('life_domain', g.life_domain)}</strong>: ${label('goal_state', g.state)}
			${g.review_ms && t('req.review', {at: soon(g.review_ms)})}</li>`)}
		${(plan.own ?? []).map((o) => html`<li key=${'o' + o.number}>${words(o) ||
			label('supporter_kind', o.supporter)} (${label('supporter_kind', o.supporter)}): ${
			label('own_state', o.state)}</li>`)}</ul>
		${act && html`<${Act} ...${act} title=${t('req.goal')} path=${() => act.at('goal')}
			start=${{state: 'OPEN'}} fields=${[
			{kind: 'area', name: 'story', label: t('req.goal.words'), rows: 2, required: true},
			{kind: 'select', name: 'number', label: t('req.goal.which'), empty: t('req.goal.new'),
				options: (plan.goals ?? []).filter((g) => g.request_id === item.request.request_id)
					.map((g) => ({value: String(g.number), label: words(g) || String(g.number)}))},
			{kind: 'select', name: 'life_domain', label: t('req.domain'), required: true,
				options: options('life_domain')},
			{kind: 'choice', name: 'state', label: t('req.state'), required: true,
				options: options('goal_state')},
			{kind: 'date', name: 'review', label: t('req.goal.review')}]}
			body=${(v) => ({number: Number(v.number) || 0, life_domain: v.life_domain, state: v.state,
				review_ms: noon(v.review), words: {person_id: randomId(),
					content: {story: v.story}}})} />
		<${Act} ...${act} title=${t('req.own')} lead=${t('req.own.lead')} start=${{state: 'PROPOSED'}}
			path=${() => act.at('own-contribution')} fields=${[
				{kind: 'area', name: 'story', label: t('req.own.words'), rows: 2, required: true},
				{kind: 'select', name: 'supporter', label: t('req.own.kind'), required: true,
					options: pick('supporter_kind', ['OWN_NETWORK', 'VOLUNTEER', 'BRIDGE_PERSON'])},
				{kind: 'combo', name: 'party', label: t('req.own.party'), options: options('party')},
				{kind: 'select', name: 'life_domain', label: t('req.domain'), required: true,
					options: options('life_domain')},
				{kind: 'choice', name: 'state', label: t('req.state'), required: true,
					options: options('own_state')}]}
			body=${({story, ...v}) => ({...v, words: {person_id: randomId(), content: {story}}})} />
		${waits.map((o) => html`<${Act} key=${o.number} ...${act} title=${t('req.other', {
			what: label('other_wanted', o.wanted), who: who(o), at: soon(o.due_ms)})}
			submit=${t('req.other.send')} path=${() => act.at('answer-other')} fields=${[
				{kind: 'choice', name: 'done', label: t('req.other.answer'), required: true,
					options: ['yes', 'no'].map((v) => ({value: v, label: t('req.other.' + v)}))}]}
			body=${(v) => ({number: o.number, done: v.done === 'yes'})} />`)}
		${helpOf(item).length > 0 && html`<${Act} ...${act} title=${t('req.fit')} path=${() => act.at('fit')}
			fields=${[{kind: 'select', name: 'contribution_id', label: t('req.fit.which'), required: true,
				options: helpOf(item)},
			{kind: 'choice', name: 'who', label: t('req.who'), required: true, options: people(item)},
			{kind: 'choice', name: 'moment', label: t('req.fit.when'), required: true,
				options: options('fit_moment')},
			{kind: 'choice', name: 'fit', label: t('req.fit.does'), required: true, options: pick('fit',
				['YES', 'PARTLY', 'NO'])}]}
			body=${({who: w, ...v}) => ({...v, ...speaker(w)})} />`}
		<${Act} ...${act} title=${t('req.basic')} path=${() => act.at('basic-link')} fields=${[
			{kind: 'combo', name: 'party', label: t('req.basic.who'), options: options('party')},
			{kind: 'choice', name: 'flow', label: t('req.basic.when'), required: true,
				options: options('flow')},
			{kind: 'choice', name: 'link', label: t('req.basic.is'), required: true,
				options: options('basic_link')}]} body=${(v) => v} />`}
	</section>`;
}

// --- why, and what happened ---------------------------------------------------------------------
function Explained({item}) {
	const path = `/requests/${item.request.request_id}/explain`;
	// Who may not see the place on the list still sees why.
	const wait = ({need_id: id}) => api.get(`/waiting/${id}`).then((v) => ({id, range: v.entries?.[0]?.range}),
		() => ({id}));
	const data = useData(async () => ({all: await everything(path, {limit: ''}, 'lines'),
		proofs: proof(await api.get(path)), waits: await Promise.all((item.waits ?? []).map(wait))}), []);
	return html`<${Loaded} from=${data}>${({all, proofs, waits}) => html`<div>${(item.needs ?? []).map((n) => {
		const lines = [...all.filter((l) => l.need_id === n.need.need_id).map(line),
			range(waits.find((w) => w.id === n.need.need_id)?.range)];
		return html`<h3 key=${n.need.need_id}>${label('expertise', n.need.expertise)}</h3>
			<ul class="tight">${[...new Set(lines.filter(Boolean))].map((s) => html`<li
				key=${s}>${s}</li>`)}</ul>`;
	})}${proofs.map((s) => html`<p key=${s}>${s}</p>`)}<${Late} load=${() => import('../lib/why.js')}
		request=${item.request.request_id} needs=${(item.needs ?? []).map((n) => n.need)} />
		</div>`}<//>`;
}

function Explain({item}) {
	const [open, setOpen] = useState(false);
	return html`<details class="act" onToggle=${(e) => setOpen(e.currentTarget.open)}>
		<summary>${t('req.explain')}</summary>${open && html`<${Explained} item=${item} />`}</details>`;
}

function events(item) {
	const list = [[item.request.received_ms, t('req.ev.asked', {who: label('party', item.request.requester)})],
		[item.answered_ms, t('req.ev.answered')],
		...(item.needs ?? []).flatMap((n) => (n.contributions ?? []).map((c) => [c.at_ms,
			`${label('party', c.partner)}: ${label('contribution_state', c.state)} (${
				label('expertise', n.need.expertise)})`])),
		...(item.positions ?? []).map((p) => [p.at_ms, `${who(p)}: ${label('voice', p.voice)}`]),
		...(item.judgements ?? []).map((j) => [j.at_ms, label('event_kind', 'JUDGEMENT')]),
		...(item.orders ?? []).map((o) => [o.from_ms, `${label('event_kind', 'COURT_ORDER')} ${o.number}`]),
		...(item.rungs ?? []).map((r) => [r.at_ms, label('event_kind', 'RUNG')]),
		...(item.basic_links ?? []).map((l) => [l.at_ms, `${label('party', l.party)}: ${
			label('basic_link', l.link)}`])];
	return list.filter(([at]) => at).sort(([a], [b]) => b.localeCompare(a));
}

const Timeline = ({item}) => html`<details class="act"><summary>${t('req.timeline')}</summary>
	<ul>${events(item).map(([at, what], i) => html`<li key=${i}><span class="quiet">${soon(at)}</span>${' '}
		${what}</li>`)}</ul></details>`;

// Fetched when somebody who may do something is here: most who read do not change.
function Later({kind, ...props}) {
	const [forms, set] = useState(null);
	useEffect(() => void import('./request_changes.js').then(set, (e) => console.error(e)), []);
	return forms ? html`<${forms[kind]} ...${props} />` : html`<p class="busy">${t('page.loading')}</p>`;
}

/** Who carries it: asked for it, is contact person or stand-in, or holds it and reads along. */
const carries = (me, i) => [i.request.requester, i.contact_party, i.stand_in_party].includes(me.party) ||
	(i.holders ?? []).some((h) => h.party === me.party && h.reads && !h.until_ms);

// Whoever has its number may answer an advice, without a part in it: that is found as a consult.
async function read(code) {
	try {
		const [v, plan] = await Promise.all([api.get(`/requests/${code}`),
			api.get(`/requests/${code}/plan`).catch(() => ({}))]);
		return {item: v.requests?.[0], plan};
	} catch (problem) {
		const v = problem.code === 'NOT_YOURS' && await api.get(`/consults/${code}`).catch(() => null);
		if (!v) {
			throw problem;
		}
		return {plan: {}, item: {...v, kind: 'CONSULT', consult: v.state, request: v,
			open: !['CLOSED', 'CANCELLED', 'CONVERTED'].includes(v.state)}};
	}
}

export function view({me, params}) {
	const data = useData(() => read(params.code), [params.code], null);
	return html`<div><${Loaded} from=${data}>${({item, plan}) => {
		if (!item) {
			return html`<p class="empty">${t('req.none')}</p>`;
		}
		const act = {after: data.reload, at: (verb) => `/requests/${item.short_code}/${verb}`};
		const ours = carries(me, item);
		const answers = ours || me.roles.includes('CONTACT_POINT') || me.roles.includes('COORDINATOR');
		return html`<div><p class="number code small">${item.short_code}</p>
			<${Facts} of=${[[t('care.urgency'), urgency(item)], [t('care.children'), ages(item)],
				[t('new.zone'), label('zone', item.request.zone)], [t('care.next.title'),
					nextStep(item)],
				[t('care.contact'), label('party', item.contact_party)],
				[t('req.standin'), label('party', item.stand_in_party)],
				[t('care.holds'), holders(item)]]} />
			${item.kind === 'SEARCH' && html`<h2>${t('care.team')}</h2>`}<${Team} item=${item} />
			${item.kind === 'SEARCH' && html`<${Explain} item=${item} />`}<${Timeline} item=${item} />
			${(item.capsules ?? []).length > 0 && html`<section><h2>${t('req.told')}</h2>
				<${Told} capsules=${item.capsules} /></section>`}
			${item.kind === 'CONSULT' && html`<${Later} kind="Advice" item=${item} act=${act}
				answers=${answers} asks=${item.request.requester === me.party}
				carries=${ours && item.contact_party} />`}
			${item.kind === 'SEARCH' && ours && html`<${Voices} item=${item} act=${act} />
				<${Codes} item=${item} />`}
			${item.kind === 'SEARCH' && html`<${Plan} item=${item} plan=${plan} act=${ours && act} />`}
			${item.kind === 'SEARCH' && ours && item.open && html`<${Later} kind="Changes" me=${me}
				item=${item} act=${act} />`}
		</div>`;
	}}<//></div>`;
}
