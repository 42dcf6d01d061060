// SPDX-License-Identifier: EUPL-1.2
// One-time links from a mail or a text message: answer an ask, or say whether a number still holds,
// without signing in. Nothing about a child stands here. A link that is over says what holds now.
import {html, api, useData, useEffect, useRef, useState, useForm, Form, Field, Busy, Problem, Age} from '../lib/ui.js';
import {t, label, when} from '../lib/i18n.js';
import {now} from '../lib/api.js';
import {AskWords, Answers, Now, codes as askCodes} from '../lib/answer.js';

export const path = ['/a/:token', '/c/:token'];
export const title = 'link.title';
export const menu = false;
export const bare = true;
export const codes = [...askCodes, 'pool_state', 'pool_answer'];

function Ask({doc, post, reload}) {
	const a = doc.ask;
	const open = a && a.state === 'ASKED';
	if (!a) {
		return html`<p>${t('link.ask.gone')}</p>`;
	}
	return html`<h2>${label('expertise', a.expertise)} <span class="quiet code">${a.short_code}</span></h2>
		${!open && html`<p>${t(a.state === 'RELEASED' || a.state === 'ENDED' || a.state === 'LAPSED' ?
			'link.over' : 'link.said')}</p><${Now} ask=${a} />`}
		<${AskWords} ask=${a} />
		${open && html`<p>${t('link.ask.how')}</p><${Answers} own=${doc.party} send=${post}
			onDone=${reload} />`}
		${a.state === 'CAN_IF' && html`<p class="quiet">${t('link.more')}</p>`}`;
}

function Pool({doc, post, reload}) {
	const item = doc.pool;
	// The mail has a link for each answer: it opens the page there, and one tap says it. Nothing is said
	// by opening alone, for programs that look mails through open links too.
	const [change, setChange] = useState(location.hash === '#pas-aan');
	const [done, setDone] = useState(false);
	const form = useForm({free: String(item.free ?? 0)});
	const box = useRef(null);
	useEffect(() => location.hash && box.current?.querySelector('input, button')?.focus(), [change]);
	const unit = label('unit', item.capacity.unit);
	const what = [...new Set((item.capacity.uses ?? []).flatMap((u) => u.expertises ?? []))]
		.map((e) => label('expertise', e)).join(', ');
	const send = async (free) => {
		const answer = await form.send((key) => post({free: /^\d+$/.test(free) ? Number(free) :
			free}, key));
		if (answer !== undefined) {
			setDone(true);
			reload();
		}
	};
	return html`<h2>${what} <span class="quiet code">${item.capacity.pool}</span></h2>
		<p class="big">${t('board.free', {n: item.free ?? 0, unit})}</p>
		<p class="quiet">${item.promised ? t('link.pool.promised', {n: item.promised}) : ''}
			${t('board.age')} <${Age} at=${item.confirmed_ms ?? item.capacity.observed_at_ms} /></p>
		${done ? html`<p class="good" role="status">${t('link.pool.done')}</p>` : html`
		<p>${t('link.pool.ask')}</p><div ref=${box}>
		<${Form} form=${form} onSend=${() => send(change ? form.values.free : String(item.free ?? 0))}>
			${change && html`<${Field} form=${form} name="free" label=${t('link.pool.free')}
				type="number"
				inputmode="numeric" min="0" required hint=${t('link.pool.hint')} />`}
			<div class="actions"><button class="main" aria-disabled=${form.busy}>${form.busy ?
				t('form.busy') : t(change ? 'board.save' : 'link.pool.yes')}</button>
			${!change && html`<button type="button" onClick=${() => setChange(true)}>${
				t('link.pool.change')}</button>`}</div><//></div>`}`;
}

export function view({params}) {
	const link = `/links/${encodeURIComponent(params.token)}`;
	const read = useData(() => api.get(link, undefined, {quiet: true}), []);
	const post = (body, key) => api.post(link, body, {key, quiet: true});
	const doc = read.data;
	if (read.problem && !doc) {
		const over = read.problem.code === 'LINK_OVER' || read.problem.status === 404;
		return html`<${Problem} problem=${read.problem} again=${over ? undefined : read.reload} />
			${over && html`<p>${t('link.gone.then')} <a
				href="/aanmelden">${t('signin.title')}</a></p>`}`;
	}
	if (!doc) {
		return html`<${Busy} />`;
	}
	const parts = {doc, post, reload: read.reload};
	return html`<p>${t('link.for', {who: doc.party_name || doc.party})} <span class="quiet">${
			t('link.until', {at: when(doc.until, now())})}</span></p>
		${doc.kind === 'ask' ? html`<${Ask} ...${parts} />` : html`<${Pool} ...${parts} />`}
		<p class="quiet">${t('link.nothing')}</p>`;
}
