// SPDX-License-Identifier: EUPL-1.2
// What may be noted of a request and changed in it, each folded until it is wanted, and the answer to
// who asked for advice. No page of its own: request.js fetches it for who may do something here.
import {html} from '../lib/ui.js';
import {t, label, options} from '../lib/i18n.js';
import {Act, ages, noon, pseudonym, randomId} from '../lib/care.js';

export const roles = ['CONTACT_POINT', 'REQUESTER', 'FACILITY', 'COORDINATOR'];

const pick = (list, wanted) => wanted.map((c) => ({value: c, label: label(list, c)}));
const yesNo = () => ['yes', 'no'].map((v) => ({value: v, label: t('req.capable.' + v)}));
const childOf = (item) => (item.children ?? []).map((c, i) => ({value: String(i),
	label: t('req.youth', {n: i + 1, age: ages({...item, children: [c]})})}));
const needsOf = (item) => (item.needs ?? []).filter((n) => ['OPEN', 'ANSWERED', 'SUPPORTED', 'DRAFT',
	'AFTERCARE'].includes(n.need.state)).map((n) => ({value: n.need.need_id,
	label: label('expertise', n.need.expertise) + (item.children.length > 1 ?
		' ' + t('care.ofchild', {n: n.need.child + 1}) : '')}));
const words = (story) => [{person_id: randomId(), content: {story}}];

const many = (name, key, least = 1) => ({kind: 'text', name, label: t(key), type: 'number', min: least,
	inputmode: 'numeric', required: true});
const story = {kind: 'area', name: 'story', get label() {
	return t('advice.words');
}, required: true};

// --- advice -------------------------------------------------------------------------------------
const MOVES = {RESPONSE_GIVEN: 'advice.give', INFORMATION_REQUESTED: 'advice.back',
	RESPONSE_REQUIRED: 'advice.more', CANCELLED: 'advice.stop'};
const NEXT = {RESPONSE_REQUIRED: [['RESPONSE_GIVEN', 'INFORMATION_REQUESTED'], ['CANCELLED']],
	INFORMATION_REQUESTED: [['RESPONSE_GIVEN'], ['RESPONSE_REQUIRED', 'CANCELLED']],
	RESPONSE_GIVEN: [['RESPONSE_GIVEN'], ['CANCELLED']]};

/** asks, answers: on whose side who is signed in stands; carries: may write down what the family says. */
export function Advice({item, act, asks, answers, carries}) {
	const [there, here] = NEXT[item.consult] ?? [[], []];
	const moves = [...(answers ? there : []), ...(asks ? here : [])];
	const ends = item.consult !== 'CANCELLED' && item.consult !== 'CONVERTED';
	return html`<section aria-labelledby="r-advice"><h2 id="r-advice">${t('advice.title')}</h2>
		${moves.map((to) => html`<${Act} key=${to} ...${act} title=${t(MOVES[to])}
			path=${() => act.at('move-consult')} fields=${to === 'CANCELLED' ? [] : [story]}
			body=${(v) => ({to, capsules: v.story ? words(v.story) : []})} />`)}
		${carries && item.open && html`<${Act} ...${act} title=${t('advice.enough')}
			path=${() => act.at('confirm-consult')} fields=${[{kind: 'choice', name: 'enough',
				label: t('advice.enough.said'), required: true, options: yesNo()}]}
			body=${(v) => ({enough: v.enough === 'yes'})} />`}
		${ends && html`<p><a class="button" href=${'/nieuw?advies=' + item.short_code}>${
			t('advice.goon')}</a></p>`}</section>`;
}

// --- what was told of the family ----------------------------------------------------------------
function People({item, act, patch, version}) {
	const one = item.children?.length === 1 ? '0' : '';
	const child = {kind: 'select', name: 'child', label: t('req.child'), required: true, options: childOf(item)};
	const adults = item.adults ?? [];
	const missing = (item.children ?? []).map((_, i) => item.child_grounds?.[i]?.missing === true);
	const next = {number: Math.max(0, ...adults.map((a) => a.number)) + 1};
	return html`<${Act} ...${patch} title=${t('req.age')} start=${{child: one}} fields=${[child,
			{...many('age', 'new.age', 0), max: 25}]}
			body=${(v) => ({based_on: version,
				children: item.children.map((c, i) => (String(i) === v.child ?
				{...c, born: 0, age_years: Number(v.age)} : c.born ? {...c, age_years: 0} : c))})} />
		${[...adults, next].map((a) => html`<${Act} key=${a.number} ...${patch} title=${a === next ?
			t('new.grown.more') : t('req.adult', {n: a.number})} start=${a} lead=${t('req.adult.lead')}
			fields=${[{kind: 'check', name: 'authority', label: t('new.authority')},
				{kind: 'check', name: 'home', label: t('new.athome')},
				{kind: 'check', name: 'conflict', label: t('new.conflict')},
				{kind: 'select', name: 'limit', label: t('new.limit'), empty: t('new.limit.none'),
					options: options('contact_limit')}]}
			body=${(v) => ({based_on: version, adults: [...adults.filter((x) => x !== a),
				{...v, limit: v.limit || undefined}].sort((x, y) => x.number - y.number)})} />`)}
		${missing.some((m) => !m) && html`<${Act} ...${act} title=${t('req.missing')}
			lead=${t('req.missing.lead')} start=${{child: one}} path=${() => act.at('missing')}
			fields=${[{...child, options: childOf(item).filter((_, i) => !missing[i])}]}
			body=${(v) => ({child: Number(v.child), missing: true})} />`}
		${missing.map((m, i) => m && html`<${Act} key=${i} ...${act} title=${t('req.found', {n: i + 1})}
			path=${() => act.at('missing')} body=${() => ({child: i, missing: false})} />`)}`;
}

function Asked({item, patch, version}) {
	const one = item.children?.length === 1 ? '0' : '';
	const child = {kind: 'select', name: 'child', label: t('req.child'), required: true, options: childOf(item)};
	const may = {kind: 'check', name: 'may', label: t('new.may')};
	const size = [many('intensity', 'new.intensity'), many('duration_weeks', 'new.weeks')];
	const amount = (v) => ({intensity: Number(v.intensity), duration_weeks: Number(v.duration_weeks),
		must: !v.may});
	const crisis = (v) => v.urgency === 'CRISIS';
	return html`<${Act} ...${patch} title=${t('req.addneed')} start=${{child: one, intensity: 2,
			duration_weeks: 12}} fields=${[{kind: 'combo', name: 'expertise', label: t('new.needs'),
			required: true, options: options('expertise')}, child, ...size, may]}
			body=${(v) => ({based_on: version, add_needs: [{expertise: v.expertise,
				child: Number(v.child), ...amount(v)}]})} />
		${(item.needs ?? []).filter((n) => n.need.state === 'OPEN').map(({need: n}) => html`<${Act}
			key=${n.need_id} ...${patch} title=${t('req.changeneed', {what: needsOf(item)
				.find((o) => o.value === n.need_id).label})} start=${{intensity: n.intensity,
				duration_weeks: n.duration_weeks, may: !n.must}} fields=${[...size, may]}
			body=${(v) => ({based_on: version, change_needs: [{need_id: n.need_id, ...amount(v)}]})} />`)}
		<${Act} ...${patch} title=${t('req.zone')} start=${{zone: item.request.zone}}
			fields=${[{kind: 'combo', name: 'zone', label: t('new.zone'), required: true,
				options: options('zone')}]} body=${(v) => ({based_on: version, zone: v.zone})} />
		<${Act} ...${patch} title=${t('req.urgency')} start=${{urgency: item.request.urgency}}
			fields=${(v) => [{kind: 'choice', name: 'urgency', label: t('new.urgency'), required: true,
				options: pick('urgency', ['CRISIS', 'URGENT', 'STANDARD', 'PREVENTIVE'])},
			...(crisis(v) ? [{kind: 'choice', name: 'crisis_step', label: t('new.step'), required: true,
				options: pick('crisis_step', ['NOW', 'TONIGHT', 'WITHIN_24H'])},
			{kind: 'select', name: 'reason', label: t('new.reason'), required: true,
				options: options('danger_reason')}] : []),
			...(v.urgency === 'URGENT' ? [{kind: 'combo', name: 'second_party', label: t('new.second'),
				hint: t('new.second.hint'), required: true, options: options('party')}] : [])]}
			body=${(v) => ({based_on: version, urgency: v.urgency,
				...(crisis(v) ? {crisis_step: v.crisis_step, reason: v.reason} : {}),
				...(v.urgency === 'URGENT' ? {second_party: v.second_party} : {})})} />`;
}

// --- decisions of others ------------------------------------------------------------------------
function Decisions({me, item, act}) {
	const one = item.children?.length === 1 ? '0' : '';
	const child = {kind: 'select', name: 'child', label: t('req.child'), required: true, options: childOf(item)};
	const number = {kind: 'text', name: 'number', label: t('req.order.number'), required: true};
	const until = {kind: 'date', name: 'until', label: t('req.until')};
	return html`<${Act} ...${act} title=${t('req.judgement')} lead=${t('req.judgement.lead')}
			start=${{child: one}} path=${() => act.at('judgement')} fields=${[child,
				{kind: 'choice', name: 'capable', label: t('req.capable'), required: true,
					options: yesNo()},
				{kind: 'select', name: 'reason', label: t('req.why'), required: true,
					options: options('judgement_reason')},
				{kind: 'text', name: 'by_worker', label: t('req.judgement.by'), required: true,
					hint: t('place.by.hint')},
				{...until, label: t('req.judgement.until')}]}
			body=${async (v) => ({child: Number(v.child), capable: v.capable === 'yes', reason: v.reason,
				by_worker: await pseudonym(me.party, v.by_worker), until_ms: noon(v.until)})} />
		<${Act} ...${act} title=${t('req.order')} lead=${t('req.order.lead')}
			path=${() => act.at('court-order')} fields=${[number, {...until, required: true},
				...(item.children?.length > 1 ? [{...child, required: false,
					empty: t('new.for.all')}] : [])]}
			body=${(v) => ({number: v.number, until_ms: noon(v.until),
				children: v.child ? [Number(v.child)] : []})} />
		<${Act} ...${act} title=${t('req.gate')} path=${() => act.at('gate-decision')} fields=${[
			{kind: 'select', name: 'need', label: t('req.need'), required: true,
				options: needsOf(item)}, number, until]}
			body=${(v) => ({need_id: v.need, number: v.number, until_ms: noon(v.until)})} />`;
}

export function Changes({me, item, act}) {
	const version = item.request.request_version;
	const patch = {...act, method: 'patch', path: () => `/requests/${item.short_code}`};
	const told = (item.capsules ?? []).filter((c) => c.content?.story);
	const latest = (id) => Math.max(...item.capsules.filter((c) => c.person_id === id).map((c) => c.version));
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
		<${Asked} item=${item} patch=${patch} version=${version} />
		<${People} item=${item} act=${act} patch=${patch} version=${version} />
		<${Act} ...${act} title=${t('req.contact')} lead=${t('req.contact.lead')}
			path=${() => act.at('contact-person')} start=${{party: item.contact_party,
				stand_in: item.stand_in_party}}
			fields=${[{kind: 'combo', name: 'party', label: t('care.contact'), required: true,
				options: options('party')},
			{kind: 'combo', name: 'stand_in', label: t('req.standin'), required: true,
				options: options('party')}]}
			body=${(v) => v} />
		<${Decisions} me=${me} item=${item} act=${act} />
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
