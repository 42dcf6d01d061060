// SPDX-License-Identifier: EUPL-1.2
// A young person or a parent asks for help itself: a few questions, then a code and the own page.
// What is typed lives in memory alone. What the region needs beside it gets a stated default: one
// hour a week for twelve weeks, of the help that is most general when nothing was chosen.
import {html, api, useForm, useState, useEffect, useRef, Form, Field, Area, Choice, Check, Combobox}
	from '../lib/ui.js';
import {signIn, Problem} from '../lib/api.js';
import {t, options, entry} from '../lib/i18n.js';
import {points, Call} from './first.js';

export const path = '/hulp';
export const title = 'hulp.title';
export const menu = false;
export const traceless = true;
export const codes = ['place', 'expertise', 'party'];

const GENERAL = 'CONTEXT_STRENGTHENING';
const AGES_MAX = 8;
const AGE_MAX = 25;
const CAPABLE = 12; // from that age a child has a say of its own

const newId = () => [...crypto.getRandomValues(new Uint8Array(16))]
	.map((x) => x.toString(16).padStart(2, '0')).join('');

const agesOf = (text) => (text.match(/\d+/g) ?? []).map(Number);

/** What is sent; ids: of the persons, the same for every try. */
function body(v, ids) {
	const youth = v.who === 'YOUTH';
	const ages = agesOf(v.ages);
	const callback = [v.reach, v.when].map((x) => x.trim()).filter(Boolean).join('\n');
	const help = v.help.length > 0 ? v.help : [GENERAL];
	return {kind: 'SEARCH', zone: entry('place', v.place).zone, urgency: 'STANDARD',
		callback_sealed: true,
		children: ages.map((age, i) => ({age_years: age, person_id: ids.children[i]})),
		adults: youth && v.parent !== 'YES' ? [] :
			[{number: 1, authority: true, home: true, person_id: ids.adult}],
		needs: ages.flatMap((_, child) => help.map((expertise) => ({expertise, intensity: 1,
			duration_weeks: 12, must: true, child}))),
		capsules: [{person_id: youth ? ids.children[0] : ids.adult, version: 1,
			content: {story: v.story.trim(), callback}}]};
}

function lacking(v) {
	const ages = agesOf(v.ages);
	const most = v.who === 'YOUTH' ? 1 : AGES_MAX;
	if (ages.length === 0 || ages.length > most || ages.some((a) => a > AGE_MAX)) {
		const problem = new Problem({code: 'OUT_OF_RANGE', field: 'ages'});
		problem.textNl = problem.textEn = t('hulp.ages.bad');
		return problem;
	}
	return null;
}

const Code = ({head, code, children}) => html`<div class="note">
	<h2>${head}</h2><p class="code large">${code}</p>${children}</div>`;

function Done({done, go}) {
	const form = useForm({noted: false});
	const {youth, code, both} = done;
	const open = () => form.send(async () => {
		dispatchEvent(new CustomEvent('signed-in', {detail: await signIn(code)}));
		go('/ik', {replace: true});
		return true;
	});
	const head = useRef(null);
	useEffect(() => head.current.focus(), []);
	return html`<div><h2 ref=${head} tabindex="-1">${t('hulp.done')}</h2><p>${t('hulp.done.text')}</p></div>
		<${Code} head=${t('hulp.code')} code=${code}>
			<p>${t('hulp.code.safe')}</p><//>
		${both && html`<p>${t(youth ? 'hulp.code.parent' : 'hulp.code.child')}</p>`}
		<${Form} form=${form} onSend=${open} submit=${t('hulp.own')}>
			<${Check} form=${form} name="noted" label=${t('hulp.noted')} required /><//>`;
}

export function view({go}) {
	const form = useForm({who: '', ages: '', parent: '', place: '', story: '', reach: '', when: '', help: []});
	const [ids] = useState(() => ({adult: newId(), children: Array.from({length: AGES_MAX}, newId)}));
	const [done, setDone] = useState(null);
	const v = form.values;
	const youth = v.who === 'YOUTH';
	const send = () => form.send(async (key) => {
		const problem = lacking(v);
		if (problem) {
			throw problem;
		}
		const receipt = await api.post(
			`/family/requests?speaker=${youth ? 'YOUTH' : 'ADULT'}`, body(v, ids), {key, quiet: true});
		setDone({youth, code: receipt.code,
			both: youth ? v.parent === 'YES' : agesOf(v.ages)[0] >= CAPABLE});
		scrollTo(0, 0);
		return receipt;
	});
	if (done) {
		return html`<${Done} done=${done} go=${go} />`;
	}
	const point = points()[0];
	return html`<div class="note warning"><p>${t('hulp.danger')}</p>
			${point && html`<p>${t('hulp.danger.call')} <${Call} party=${point.code}
				phone=${point.phone} /></p>`}</div>
		<p>${t('hulp.keep')}</p>
		<${Form} form=${form} onSend=${send} submit=${t('hulp.send')} class="narrow">
			<${Choice} form=${form} name="who" label=${t('hulp.who')} required options=${[
				{value: 'YOUTH', label: t('hulp.who.youth')},
				{value: 'PARENT', label: t('hulp.who.parent')}]} />
			${v.who !== '' && html`<${Field} form=${form} name="ages" required inputmode="numeric"
				label=${t(youth ? 'hulp.age' : 'hulp.ages')}
				hint=${youth ? '' : t('hulp.ages.hint')} />`}
			${youth && html`<${Choice} form=${form} name="parent" required label=${t('hulp.parent')}
				hint=${t('hulp.parent.hint')} options=${[{value: 'YES', label: t('hulp.parent.yes')},
				{value: 'NO', label: t('hulp.parent.no')}]} />`}
			<${Combobox} form=${form} name="place" label=${t('hulp.place')} hint=${t('hulp.place.hint')}
				required options=${options('place')} />
			<${Area} form=${form} name="story" label=${t('hulp.story')} required rows="6"
				hint=${t('hulp.story.hint')} />
			<${Field} form=${form} name="reach" label=${t('hulp.reach')} required
				hint=${t('hulp.reach.hint')} />
			<${Field} form=${form} name="when" label=${t('hulp.when')} hint=${t('hulp.when.hint')} />
			<${Combobox} form=${form} name="help" label=${t('hulp.help')} multiple
				hint=${t('hulp.help.hint')} options=${options('expertise', {youth, parent: !youth})} />
			<p class="hint">${t('hulp.rule')}</p>
		<//>`;
}
