// SPDX-License-Identifier: EUPL-1.2
// One request, for who carries it: what is next, who helps, whose word is wanted, the plan, and all
// that can be noted. What is seldom done is folded; what was typed stays when it is folded again.
import {html, api, useData, useForm, useState, Form, Choice, Loaded} from '../lib/ui.js';
import {t, label, options} from '../lib/i18n.js';
import {Act, Facts, Team, Told, ages, careCodes, holders, names, nextStep, noon, randomId, soon, urgency}
	from '../lib/care.js';

export const path = '/aanmelding/:code';
export const title = 'req.title';
export const menu = false;
export const roles = ['CONTACT_POINT', 'REQUESTER', 'FACILITY', 'COORDINATOR'];
export const codes = [...careCodes, 'voice', 'speaker', 'ground', 'close_reason', 'judgement_reason',
	'life_domain', 'goal_state', 'own_state', 'supporter_kind', 'fit', 'fit_moment', 'basic_link', 'flow',
	'other_wanted', 'help_addressee', 'explain_kind', 'cost_kind', 'event_kind'];

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

const childOf = (item) => (item.children ?? []).map((c, i) => ({value: String(i),
	label: t('new.child', {n: i + 1})}));
const needsOf = (item) => (item.needs ?? []).filter((n) => ['OPEN', 'ANSWERED', 'SUPPORTED', 'DRAFT',
	'AFTERCARE'].includes(n.need.state)).map((n) => ({value: n.need.need_id,
	label: label('expertise', n.need.expertise) + (item.children.length > 1 ?
		' ' + t('care.ofchild', {n: n.need.child + 1}) : '')}));
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
	const send = async () => {
		const done = await form.send((key) => api.post(`/requests/${item.short_code}/codes`,
			speaker(form.values.who), {key}));
		if (done) {
			setMade({code: done.code, who: list.find((p) => p.value === form.values.who).label});
		}
	};
	return html`<section aria-labelledby="r-code"><h2 id="r-code">${t('req.codes')}</h2>
		<p>${t('req.codes.lead')}</p>
		<${Form} form=${form} onSend=${send} submit=${t('req.codes.make')}>
			<${Choice} form=${form} name="who" label=${t('req.codes.for')} required options=${list} /><//>
		${made && html`<div class="sent" role="status"><h3>${t('req.codes.made', {who: made.who})}</h3>
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
		<${Act} ...${act} title=${t('req.goal')} path=${() => act.at('goal')}
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
				options: options('basic_link')}]} body=${(v) => v} />
	</section>`;
}

// --- what changes it ----------------------------------------------------------------------------
function Changes({item, act}) {
	const version = item.request.request_version;
	const patch = {...act, method: 'patch', path: () => `/requests/${item.short_code}`};
	const told = (item.capsules ?? []).filter((c) => c.content?.story);
	const latest = (id) => Math.max(...item.capsules.filter((c) => c.person_id === id).map((c) => c.version));
	const one = item.children?.length === 1 ? '0' : '';
	const child = {kind: 'select', name: 'child', label: t('req.child'), required: true, options: childOf(item)};
	const need = {kind: 'select', name: 'need', label: t('req.need'), required: true, options: needsOf(item)};
	const second = {kind: 'combo', name: 'second_party', label: t('req.second'), options: options('party')};
	return html`<section aria-labelledby="r-change"><h2 id="r-change">${t('req.change')}</h2>
		<${Act} ...${patch} title=${t('req.story')} lead=${t('req.story.lead')} fields=${[
			{kind: 'area', name: 'story', label: t('new.story'), required: true}]}
			body=${(v) => ({based_on: version, capsules: [told.length > 0 ? {person_id: told[0].person_id,
				version: latest(told[0].person_id) + 1, about: told[0].about,
					content: {...told[0].content,
					story: v.story}} : {person_id: randomId(), content: {story: v.story},
						about: true}]})} />
		<${Act} ...${patch} title=${t('req.addneed')} start=${{child: one, intensity: 2, duration_weeks: 12}}
			fields=${[{kind: 'combo', name: 'expertise', label: t('new.needs'), required: true,
				options: options('expertise')}, child,
			{kind: 'text', name: 'intensity', label: t('new.intensity'), type: 'number', min: 1,
				required: true},
			{kind: 'text', name: 'duration_weeks', label: t('new.weeks'), type: 'number',
				min: 1, required: true},
			{kind: 'check', name: 'may', label: t('new.may')}]}
			body=${(v) => ({based_on: version, add_needs: [{expertise: v.expertise, child: Number(v.child),
				intensity: Number(v.intensity), duration_weeks: Number(v.duration_weeks),
					must: !v.may}]})} />
		<${Act} ...${patch} title=${t('req.age')} start=${{child: one}} fields=${[child,
			{kind: 'text', name: 'age', label: t('new.age'), type: 'number', min: 0, max: 25,
				required: true}]}
			body=${(v) => ({based_on: version,
				children: item.children.map((c, i) => (String(i) === v.child ?
				{...c, born: 0, age_years: Number(v.age)} : c.born ? {...c, age_years: 0} : c))})} />
		<${Act} ...${act} title=${t('req.contact')} lead=${t('req.contact.lead')}
			path=${() => act.at('contact-person')} start=${{party: item.contact_party,
				stand_in: item.stand_in_party}}
			fields=${[{kind: 'combo', name: 'party', label: t('care.contact'), required: true,
				options: options('party')},
			{kind: 'combo', name: 'stand_in', label: t('req.standin'), required: true,
				options: options('party')}]}
			body=${(v) => v} />
		<${Act} ...${act} title=${t('req.judgement')} start=${{child: one}} path=${() => act.at('judgement')}
			fields=${[child, {kind: 'choice', name: 'capable', label: t('req.capable'), required: true,
				options: ['yes', 'no'].map((v) => ({value: v, label: t('req.capable.' + v)}))},
			{kind: 'select', name: 'reason', label: t('req.why'), required: true,
				options: options('judgement_reason')}]}
			body=${(v) => ({child: Number(v.child), capable: v.capable === 'yes', reason: v.reason})} />
		<${Act} ...${act} title=${t('req.order')} path=${() => act.at('court-order')} fields=${[
			{kind: 'text', name: 'number', label: t('req.order.number'), required: true},
			{kind: 'date', name: 'until', label: t('req.until'), required: true}]}
			body=${(v) => ({number: v.number, until_ms: noon(v.until)})} />
		<${Act} ...${act} title=${t('req.gate')} path=${() => act.at('gate-decision')} fields=${[need,
			{kind: 'text', name: 'number', label: t('req.order.number'), required: true},
			{kind: 'date', name: 'until', label: t('req.until')}]}
			body=${(v) => ({need_id: v.need, number: v.number, until_ms: noon(v.until)})} />
		<${Act} ...${act} title=${t('req.alone')} lead=${t('req.alone.lead')} path=${() => '/help-calls'}
			start=${{addressee: 'PEER'}} fields=${[
				{kind: 'choice', name: 'addressee', label: t('req.alone.whom'), required: true,
					options: options('help_addressee')},
				{kind: 'combo', name: 'expertise', label: t('req.alone.in'),
					options: options('expertise')}]}
			body=${(v) => ({addressee: v.addressee, expertise: v.expertise || undefined,
				request_id: item.request.request_id})} />
		<${Act} ...${act} title=${t('req.close')} lead=${t('req.close.lead')}
			path=${(v) => `/needs/${v.need}/close`} fields=${(v) => [need,
				{kind: 'select', name: 'reason', label: t('req.why'), required: true, options:
					pick('close_reason',
						['SELF_RESOLVED', 'CHOSE_OTHER', 'MOVED', 'ADULT_HELP', 'DECEASED'])},
				...(['MOVED', 'ADULT_HELP'].includes(v.reason) ? [{kind: 'combo', name: 'successor',
					label: t('req.successor'), required: true,
						options: options('party')}] : []), second]}
			body=${({need: _, ...v}) => v} />
		<${Act} ...${act} title=${t('req.withdraw')} lead=${t('req.withdraw.lead')}
			path=${() => act.at('cancel')}
			fields=${[{kind: 'choice', name: 'reason', label: t('req.why'), required: true,
				options: pick('close_reason', ['WITHDRAWN', 'ENTERED_IN_ERROR'])},
			{...need, required: false, empty: t('req.withdraw.all')}, second]}
			body=${({need: n, ...v}) => ({...v, need_ids: n ? [n] : []})} />
	</section>`;
}

// --- why, and what happened ---------------------------------------------------------------------
function sentence(l) {
	if (l.kind === 'COST') {
		return '';
	}
	const about = [l.party && label('party', l.party), l.shortfall && label('shortfall', l.shortfall)];
	return [label('explain_kind', l.kind), about.filter(Boolean).join(', ')].filter(Boolean).join(': ');
}

function Explained({item}) {
	const data = useData(() => api.get(`/requests/${item.request.request_id}/explain`), []);
	return html`<${Loaded} from=${data}>${(e) => html`<div>${(item.needs ?? []).map((n) => {
		const lines = (e.lines ?? []).filter((l) => l.need_id === n.need.need_id).map(sentence);
		return html`<h3 key=${n.need.need_id}>${label('expertise', n.need.expertise)}</h3>
			<ul class="tight">${[...new Set(lines.filter(Boolean))].map((s) => html`<li
				key=${s}>${s}</li>`)}</ul>`;
	})}</div>`}<//>`;
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

export function view({params}) {
	const data = useData(async () => {
		const [v, plan] = await Promise.all([api.get(`/requests/${params.code}`),
			api.get(`/requests/${params.code}/plan`).catch(() => ({}))]);
		return {item: v.requests?.[0], plan};
	}, [params.code], null);
	return html`<div><${Loaded} from=${data}>${({item, plan}) => {
		if (!item) {
			return html`<p class="empty">${t('req.none')}</p>`;
		}
		const act = {after: data.reload, at: (verb) => `/requests/${item.short_code}/${verb}`};
		return html`<div><p class="number code small">${item.short_code}</p>
			<${Facts} of=${[[t('care.urgency'), urgency(item)], [t('care.children'), ages(item)],
				[t('new.zone'), label('zone', item.request.zone)], [t('care.next.title'),
					nextStep(item)],
				[t('care.contact'), label('party', item.contact_party)],
				[t('req.standin'), label('party', item.stand_in_party)],
				[t('care.holds'), holders(item)]]} />
			<h2>${t('care.team')}</h2><${Team} item=${item} />
			<${Explain} item=${item} /><${Timeline} item=${item} />
			${(item.capsules ?? []).length > 0 && html`<section><h2>${t('req.told')}</h2>
				<${Told} capsules=${item.capsules} /></section>`}
			${item.kind === 'SEARCH' && html`<div><${Voices} item=${item} act=${act} />
				<${Codes} item=${item} /><${Plan} item=${item} plan=${plan} act=${act} />
				<${Changes} item=${item} act=${act} /></div>`}
		</div>`;
	}}<//></div>`;
}
