// SPDX-License-Identifier: EUPL-1.2
// The page of one young person, or of one parent: signed in with a code of its own. What helps, who
// holds on, what is next and when; its own voice; its own story; everything that is kept. The gateway
// fills in who speaks, so that nothing here can speak as another.
import {html, api, useData, useForm, useState, useEffect, useRef, Form, Field, Area, Choice, Check, Combobox,
	Loaded, Problem, toast, confirm} from '../lib/ui.js';
import {newKey, now, signOutAtOnce} from '../lib/api.js';
import {t, options, day, days} from '../lib/i18n.js';
import * as person from '../lib/person.js';

export const path = '/ik';
export const title = 'ik.title';
export const roles = ['FAMILY'];
export const order = 1;
export const traceless = true;
export const codes = ['expertise', 'party', 'modality', 'supporter_kind', 'voice', 'shortfall', 'life_domain',
	'goal_state', 'strength_kind', 'kept_back', 'can_if', 'fit'];

const POLL_MS = 15000;
const USED_MS = 5 * 60000; // so long after the last key or touch the page asks what is new
const IDLE_MS = 30 * 60000; // then it goes: nobody is there any more
const SIX_WEEKS = 42;
const SETTLE_MS = 1200;
const GONE = ['LATE', 'CONFLICT', 'UNKNOWN_OBJECT', 'STATE'];

// --- what every part uses -----------------------------------------------------------------------

// Asks again while somebody is there, and clears the page when nobody is.
function useWatch(reload) {
	useEffect(() => {
		let used = Date.now();
		const use = () => (used = Date.now());
		const timer = setInterval(() => {
			if (Date.now() - used > IDLE_MS) {
				document.body.replaceChildren();
				signOutAtOnce();
				location.replace('/');
			} else if (Date.now() - used < USED_MS && !document.hidden) {
				reload();
			}
		}, POLL_MS);
		const kinds = ['keydown', 'pointerdown', 'scroll'];
		kinds.forEach((k) => addEventListener(k, use, {passive: true}));
		return () => {
			clearInterval(timer);
			kinds.forEach((k) => removeEventListener(k, use));
		};
	}, []);
}

// One tap that says something: act(path, body, what is told then). The same tap again after a lost
// answer is the same message.
function useAct(reload) {
	const keys = useRef(new Map());
	const [busy, setBusy] = useState('');
	const act = async (to, body, told) => {
		const id = to + JSON.stringify(body);
		if (busy) {
			return;
		}
		const key = keys.current.get(id) ?? newKey();
		keys.current.set(id, key);
		setBusy(id);
		try {
			await api.post(to, body, {key});
			keys.current.delete(id);
			toast(told);
		} catch (problem) {
			if (problem.status) {
				keys.current.delete(id);
			}
			toast(GONE.includes(problem.code) ? `${problem.text}. ${t('ik.changed')}` : problem.text);
		} finally {
			setBusy('');
			reload();
			setTimeout(reload, SETTLE_MS); // the others have heard of it by then
		}
	};
	return act;
}

// A telephone number in a sentence can be tapped.
const NUMBER = /(\+?\d{2,4}(?: \d{2,3}){2,4})/;
const Lines = ({of}) => of.map((line) => html`<p key=${line}>${line.split(NUMBER).map((part, i) =>
	(i % 2 ? html`<a href=${'tel:' + part.replaceAll(' ', '')}>${part}</a>` : part))}</p>`);
const Part = ({head, children}) => html`<section class="part"><h2>${head}</h2>${children}</section>`;
const Tap = ({onTap, children, class: cls}) => html`<button type="button" class=${cls} onClick=${onTap}>${
	children}</button>`;

// --- the voice ----------------------------------------------------------------------------------
function VoiceForm({v, s, base, reload}) {
	const form = useForm({voice: ''});
	const several = v.needs.filter((n) => n.proposed.some((p) => p.other));
	const houses = [...new Set(v.needs.flatMap((n) => [...n.proposed, ...n.help]).map((p) => p.partner))];
	const send = () => form.send(async (key) => {
		const yes = form.values.voice === 'AGREE';
		const no = form.values.voice === 'NOT';
		await api.post(`${base}/position`, {proposal_version: v.proposal_version, voice: form.values.voice,
			child: v.child,
			choices: yes ? several.map((n) => ({need_id: n.need_id, partner: form.values['r' + n.number]}))
				.filter((c) => c.partner) : [],
			excluded_partners: no ? houses.filter((h) => form.values['n' + h]) : []}, {key});
		toast(t('ik.said.toast'));
		form.reset({voice: ''});
		reload();
		setTimeout(reload, SETTLE_MS);
		return true;
	});
	const rather = (n) => html`<${Choice} form=${form} key=${n.number} name=${'r' + n.number}
		label=${t('ik.rather', {1: s.word('expertise', n.expertise)})}
		options=${[...n.proposed.map((p) => ({value: p.partner, label: s.name(p.partner)})),
			{value: '', label: t('ik.rather.any')}]} />`;
	return html`<${Form} form=${form} onSend=${send} submit=${t('ik.say')}>
		<${Choice} form=${form} name="voice" label=${t('ik.myword')} hint=${t('ik.nocost')} required
			options=${['AGREE', 'NOT_YET', 'TALK_FIRST', 'NOT'].map((value) =>
				({value, label: s.word('voice', value)}))} />
		${form.values.voice === 'AGREE' && several.map(rather)}
		${form.values.voice === 'NOT' && html`<fieldset class="field"><legend>${t('ik.notwho')}</legend>
			${houses.map((h) => html`<${Check} form=${form} key=${h} name=${'n' + h}
				label=${s.name(h)} />`)}
		</fieldset>`}
	<//>`;
}

// An answer is about the proposal that was on the page: with another one the choice begins anew.
function Voice({v, s, base, reload}) {
	const first = useRef(v.proposal_version);
	const proposed = v.needs.some((n) => n.proposed.length > 0);
	const mine = proposed && (v.my_word || v.said || !s.parent);
	const lines = person.words(v, s);
	if (!mine && lines.length === 0) {
		return null;
	}
	return html`<${Part} head=${s.say('ik.voice')}><${Lines} of=${lines} />
		${mine && first.current !== v.proposal_version && html`<p role="status">${t('ik.changed')}</p>`}
		${mine && html`<${VoiceForm} key=${v.proposal_version} v=${v} s=${s} base=${base}
			reload=${reload} />`}<//>`;
}

// --- one kind of help ---------------------------------------------------------------------------
function Help({n, h, v, s, base, act}) {
	const one = {short_code: h.short_code, child: v.child};
	const who = s.name(h.partner);
	const stop = async () => {
		const sure = await confirm({title: t('ik.stop'), text: t('ik.stop.ask', {1: who}),
			yes: t('ik.stop.yes')});
		if (sure) {
			act(`/contributions/${h.short_code}/stop`, {child: v.child}, t('ik.stop.done'));
		}
	};
	const runs = h.state === 'STARTED' || h.state === 'HANDING_ON';
	const asked = runs && days(h.at_ms, now()) >= SIX_WEEKS;
	const tap = (verb, more, key, told = 'ik.noted') => html`<${Tap} onTap=${() =>
		act(`${base}/${verb}`, {...one, ...more}, t(told))}>${t(key)}<//>`;
	const fit = (value) => html`<${Tap} key=${value} onTap=${() => act(`${base}/fit`, {...one,
		moment: 'SIX_WEEKS', fit: value}, t('ik.noted'))}>${s.word('fit', value)}<//>`;
	return html`<div><${Lines} of=${person.help(n, h, s)} />
		<details><summary>${t('ik.about', {1: who})}</summary>
			${asked && html`<p>${s.say('ik.fit')}</p>
				<div class="actions">${['YES', 'PARTLY', 'NO'].map(fit)}</div>`}
			<div class="actions column">
				${h.state !== 'AGREED' &&
					tap('other', {wanted: 'WORKER'}, 'ik.worker', 'ik.worker.done')}
				${!s.parent && tap('shield', {shielded: !h.shielded},
					h.shielded ? 'ik.unshield' : 'ik.shield')}
				${tap('let-know', {known: true}, 'ik.know')}
				${tap('let-know', {known: false}, 'ik.notknow')}
				${(!s.parent || v.speaks_for_child) && html`<${Tap} onTap=${stop}>${t('ik.stop')}<//>`}
			</div>
		</details></div>`;
}

// Help that is over: whether it fitted is asked once.
function Over({h, v, s, base, act}) {
	const say = (value) => act(`${base}/fit`, {short_code: h.short_code, child: v.child, moment: 'END', fit: value},
		t('ik.noted'));
	return html`<div class="note"><p>${s.say('ik.fit.end', {1: s.name(h.partner)})}</p>
		<div class="actions">${['YES', 'PARTLY', 'NO'].map((value) => html`<${Tap} key=${value} onTap=${() =>
			say(value)}>${s.word('fit', value)}<//>`)}</div></div>`;
}

function Meet({m, v, s, act}) {
	const say = (allowed) => act(`/contributions/${m.short_code}/meeting`, {allowed, child: v.child},
		t('ik.said.toast'));
	return html`<div class="note"><p>${s.say(m.allowed ? 'ik.meet.yes' : 'ik.meet', {1: s.name(m.partner)})}</p>
		${!m.allowed && m.until_ms && html`<p>${t('ik.meet.by', {1: day(m.until_ms)})} ${t('ik.nocost')}</p>`}
		<div class="actions">${!m.allowed && html`<${Tap} onTap=${() => say(true)}>${t('ik.meet.do')}<//>`}
			<${Tap} onTap=${() => say(false)}>${t('ik.meet.not')}<//></div></div>`;
}

function Need({n, v, s, base, act}) {
	const to = `/needs/${n.need_id}`;
	const own = !s.parent || v.speaks_for_child;
	const cancel = async () => {
		const sure = await confirm({title: t('ik.cancel'), text: t('ik.cancel.ask'), yes: t('ik.cancel.yes')});
		if (sure) {
			act(`${base}/cancel`, {reason: 'WITHDRAWN', need_ids: [n.need_id]}, t('ik.noted'));
		}
	};
	const over = n.state === 'AFTERCARE' || n.state === 'CLOSED';
	return html`<li><h3>${s.word('expertise', n.expertise) || s.word('life_domain', n.life_domain)}</h3>
		${n.help.map((h) => html`<${Help} key=${h.short_code} n=${n} h=${h} v=${v} s=${s} base=${base}
			act=${act} />`)}
		${n.ended.map((h) => html`<${Over} key=${h.short_code} h=${h} v=${v} s=${s} base=${base} act=${act} />`)}
		<${Lines} of=${person.need(n, s)} />
		${n.meets.map((m) => html`<${Meet} key=${m.short_code} m=${m} v=${v} s=${s} act=${act} />`)}
		${n.state === 'AFTERCARE' && html`<p><b>${t('ik.well')}</b></p>
			<div class="actions">${[true, false].map((well) => html`<${Tap} key=${well} onTap=${() =>
				act(`${to}/check-in`, {well}, t('ik.noted'))}>${
				t(well ? 'ik.well.yes' : 'ik.well.no')}<//>`)}
			</div>`}
		${over && html`<${Tap} onTap=${() => act(`${to}/reopen`, {}, t('ik.noted'))}>${t('ik.again')}<//>`}
		${person.isOpen(n) && n.help.length === 0 && own && html`<${Tap} class="plain" onTap=${cancel}>${
			t('ik.cancel')}<//>`}
	</li>`;
}

// --- the own story ------------------------------------------------------------------------------
function Story({v, s, base, reload}) {
	const form = useForm({story: '', reach: ''});
	const send = () => form.send(async (key) => {
		const content = {story: form.values.story.trim()};
		if (form.values.reach.trim() !== '') {
			content.callback = form.values.reach.trim();
		}
		try {
			await api.patch(base, {based_on: v.request_version,
				capsules: [{version: v.told_versions + 1, content}]}, {key});
		} catch (problem) {
			reload();
			throw problem;
		}
		toast(t('ik.noted'));
		form.reset({story: '', reach: ''});
		reload();
		return true;
	});
	return html`<${Part} head=${s.say('ik.story')}>
		${v.told_versions > 0 && html`<p>${t(v.told_versions > 1 ? 'ik.told.anew' : 'ik.told',
			{1: day(v.told_ms)})}</p>`}
		<${Form} form=${form} onSend=${send} submit=${t('ik.tell.send')}>
			<${Area} form=${form} name="story" label=${t('ik.tell')} hint=${t('ik.tell.hint')} required
				rows="5" />
			<${Field} form=${form} name="reach" label=${t('ik.reach')} hint=${t('hulp.when.hint')} />
		<//><//>`;
}

// --- other wishes -------------------------------------------------------------------------------
function Wait({v, base, act}) {
	const form = useForm({until: ''});
	const send = () => form.send(async () => {
		await act(`${base}/family-wish`, {until_ms: new Date(form.values.until + 'T12:00:00').toISOString()},
			t('ik.noted'));
		return true;
	});
	return html`<details><summary>${t('ik.wait')}</summary>
		<${Form} form=${form} onSend=${send} submit=${t('ik.wait.send')}>
			<${Field} form=${form} name="until" type="date" label=${t('ik.wait.until')} required />
		<//>
		${v.family_wish_until_ms && html`<${Tap} onTap=${() => act(`${base}/family-wish`, {}, t('ik.noted'))}>${
			t('ik.wait.off')}<//>`}</details>`;
}

function Exclude({v, base, reload}) {
	const form = useForm({who: ''});
	const send = (field) => form.send(async (key) => {
		await api.patch(base, {based_on: v.request_version, [field]: [form.values.who]}, {key});
		toast(t('ik.noted'));
		form.reset({who: ''});
		reload();
		return true;
	});
	return html`<details><summary>${t('ik.exclude')}</summary>
		<${Form} form=${form} onSend=${() => send('exclude_partners')} submit=${t('ik.exclude.send')}
			extra=${html`<${Tap} onTap=${() => send('allow_partners')}>${t('ik.allow.send')}<//>`}>
			<${Combobox} form=${form} name="who" label=${t('ik.exclude.who')} required
				options=${options('party')} />
		<//></details>`;
}

function More({v, s, base, act, reload}) {
	const own = !s.parent || v.speaks_for_child;
	return html`<${Part} head=${t('ik.more')}>
		${own && html`<${Wait} v=${v} base=${base} act=${act} />`}
		${own && html`<${Exclude} v=${v} base=${base} reload=${reload} />`}
		<div class="actions column">
			<${Tap} onTap=${() => act(`${base}/other`, {wanted: 'CONTACT_PERSON', child: v.child},
				t('ik.contact.other.done'))}>${t('ik.contact.other')}<//></div>
		<details><summary>${t('ik.lost')}</summary><p>${t('ik.lost.text')}</p></details><//>`;
}

// --- everything that is kept --------------------------------------------------------------------
function lookLine(l, s) {
	const mine = (l.speaker === 'ADULT') === s.parent;
	const key = l.speaker === 'TRUSTED_PERSON' ? 'trusted' : mine ? 'own' :
		l.speaker === 'ADULT' ? 'adult' : 'youth';
	return s.say('ik.file.look.' + key, {1: day(l.at_ms), 2: s.name(l.party)});
}

function Told({c, s}) {
	const content = c.capsule.content;
	return html`<h4>${c.own ? t('ik.file.own', {1: day(c.at_ms)}) :
			t('ik.file.written', {1: day(c.at_ms), 2: s.name(c.party)})}</h4>
		${!content && html`<p>${t('ik.file.sealed')}</p>`}
		${Object.entries(content ?? {}).map(([name, text]) => html`<p key=${name} class="told">${
			name === 'callback' && t('ik.file.callback') + ': '}${
			typeof text === 'string' ? text : JSON.stringify(text)}</p>`)}`;
}

function Pages({pages, s}) {
	const all = (name) => pages.flatMap((p) => p[name] ?? []);
	const lines = (list) => (list.length > 0 ? list : [t('ik.file.nothing')]);
	const kept = all('kept_back').map((k) => [
		s.say('ik.file.kept.one', {1: s.word('kept_back', k.ground)}),
		k.party && s.say('ik.file.kept.by', {1: s.name(k.party), 2: day(k.at_ms)})].filter(Boolean).join(' '));
	return html`<h3>${t('ik.file.told')}</h3>
		${all('capsules').map((c) => html`<${Told} key=${c.capsule.person_id + c.capsule.version} c=${c}
			s=${s} />`)}
		${all('capsules').length === 0 && html`<p>${t('ik.file.nothing')}</p>`}
		<h3>${t('ik.file.said')}</h3><${Lines} of=${lines(all('positions').map((p) => s.say('ik.said',
			{1: day(p.at_ms), 2: s.word('voice', p.voice)})))} />
		<h3>${t('ik.file.answers')}</h3><${Lines} of=${lines(all('contributions').map((c) =>
			person.answer(c, s)))} />
		<h3>${t('ik.file.kept')}</h3><${Lines} of=${kept.length > 0 ? kept : [t('ik.file.kept.none')]} />
		<h3>${t('ik.file.looks')}</h3><${Lines} of=${lines(all('looks').map((l) => lookLine(l, s)))} />`;
}

function File({v, s, base}) {
	const form = useForm();
	const [pages, setPages] = useState(null);
	const show = () => form.send(async (key) => {
		await api.post(`${base}/ask-file`, {child: v.child}, {key});
		const found = [];
		do {
			found.push(await api.get(`${base}/file`, {child: v.child, after: found.at(-1)?.next}));
		} while (found.at(-1).next);
		setPages(found);
		return true;
	});
	return html`<${Part} head=${t('ik.file')}>
		${!pages && html`<${Form} form=${form} onSend=${show} submit=${t('ik.file.show')}>
			<p>${t('ik.file.what')}</p><//>`}
		${pages && html`<${Pages} pages=${pages} s=${s} /><div class="actions">
			<${Tap} onTap=${() => print()}>${t('ik.file.print')}<//>
			<${Tap} onTap=${() => setPages(null)}>${t('ik.file.close')}<//></div>`}<//>`;
}

// --- the page -----------------------------------------------------------------------------------
function Advice({base, act}) {
	const say = (enough) => act(`${base}/confirm-consult`, {enough}, t('ik.noted'));
	return html`<div class="note"><p>${t('ik.enough')}</p><div class="actions">
		<${Tap} onTap=${() => say(true)}>${t('dialog.yes')}<//>
		<${Tap} onTap=${() => say(false)}>${t('ik.no')}<//></div></div>`;
}

function Timeline({v, s, base, reload}) {
	const act = useAct(reload);
	const given = {v, s, base, act, reload};
	const around = person.own(v, s);
	const goals = person.goals(v, s);
	const orders = person.orders(v, s);
	return html`
		<${Part} head=${t('ik.next')}><${Lines} of=${person.next(v, s)} />
			${v.consult === 'RESPONSE_GIVEN' && html`<${Advice} ...${given} />`}<//>
		<${Part} head=${s.say('ik.now')}><${Lines} of=${person.around(v, s)} /><//>
		${s.parent && !v.sees_child && html`<p class="note">${t('ik.childown')}</p>`}
		${v.needs.length > 0 && html`<${Part} head=${s.say('ik.needs')}><ul class="cards wide">${
			v.needs.map((n) => html`<${Need} key=${n.need_id} n=${n} ...${given} />`)}</ul><//>`}
		<${Voice} ...${given} />
		${goals.length > 0 && html`<${Part} head=${s.say('ik.goals')}><${Lines} of=${goals} /><//>`}
		${around.length > 0 && html`<${Part} head=${t('ik.around')}><${Lines} of=${around} /><//>`}
		${orders.length > 0 && html`<${Part} head=${t('ik.orders')}><${Lines} of=${orders} /><//>`}
		<${Story} ...${given} /><${More} ...${given} /><${File} key=${v.child} ...${given} />
		<p class="quiet">${t('ik.traces')}</p>`;
}

function Children({count, child, onChild}) {
	return html`<div class="actions" role="group" aria-label=${t('ik.child')}>
		${Array.from({length: count}, (_, i) => html`<button type="button" key=${i}
			aria-pressed=${i === child ? 'true' : 'false'} onClick=${() => onChild(i)}>${
			t('ik.child.n', {n: i + 1})}</button>`)}</div>`;
}

export function view({me}) {
	const [child, setChild] = useState(me.child ?? 0);
	const base = `/requests/${me.request}`;
	const found = useData(() => api.get(base, {child: child || undefined}), [child, me.request], null);
	useWatch(found.reload);
	if (!me.request) {
		return html`<${Problem} problem=${{text: t('page.closed')}} />`;
	}
	return html`<${Loaded} from=${found}>${({person: v}) => {
		const s = person.speech(v, me);
		return html`${s.parent && v.children > 1 && html`<${Children} count=${v.children} child=${child}
				onChild=${setChild} />`}
			<${Timeline} key=${v.child} v=${v} s=${s} base=${base} reload=${found.reload} />`;
	}}<//>`;
}
