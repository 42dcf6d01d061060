// SPDX-License-Identifier: EUPL-1.2
// Parts that the pages of partners and of the region share: links between the parts of a page, and a
// form that stays closed until it is wanted.
import {html, useEffect, useForm, useState, useRef, Form, toast} from './ui.js';
import {t, label} from './i18n.js';

/** links: [[address, text]]; the one that is open is told by `at`. */
export function Parts({name, links, at}) {
	return html`<nav class="parts" aria-label=${name}><ul>${links.map(([to, text]) => html`<li key=${to}>
		<a href=${to} aria-current=${to === at ? 'page' : undefined}>${text}</a></li>`)}</ul></nav>`;
}

/** What is fetched when it is shown: load() gives its module, whose `part` it is. */
export function Late({load, ...props}) {
	const [m, set] = useState(null);
	useEffect(() => void load().then(set, () => toast(t('problem.OFFLINE'))), []);
	return m && html`<${m.part} ...${props} />`;
}

/** What a problem says, with what holds now where things had moved on. */
export function saidBy(problem) {
	const state = problem.holdsNow?.contribution?.state ?? problem.holdsNow?.contribution_state;
	return state ? `${problem.text} ${t('parts.now', {state: label('contribution_state', state)})}` :
		problem.text;
}

/**
 * One step that somebody may take. run(values, key) sends it; fields(form) are its fields: with fields
 * the form opens by a button, without them (or with `open`) it is there at once. When the step came
 * too late the list is fetched anew and says what holds now, so that is told beside it too.
 */
export function Step({title, submit, initial = {}, fields, run, done, onDone, open, main}) {
	const form = useForm(initial);
	const [shown, show] = useState(false);
	const box = useRef(null);
	const send = async () => {
		const answer = await form.send(async (key) => {
			try {
				return await run(form.values, key);
			} catch (problem) {
				if (problem.code === 'LATE') {
					toast(saidBy(problem));
					onDone?.();
				}
				throw problem;
			}
		});
		if (answer !== undefined) {
			toast(done ?? t('parts.done'));
			form.reset(initial);
			show(false);
			onDone?.(answer);
		}
	};
	if (fields && !open && !shown) {
		return html`<button type="button" class=${main ? 'main' : ''} aria-expanded="false"
			onClick=${() => {
			show(true);
			setTimeout(() => box.current?.querySelector('input, select, textarea')?.focus(), 0);
		}}>${title}</button>`;
	}
	const back = fields && !open && html`<button type="button" onClick=${() => show(false)}>${
		t('dialog.no')}</button>`;
	return html`<div class=${fields && !open ? 'step wide' : 'step'} ref=${box}>
		<${Form} form=${form} onSend=${send}>
			${fields?.(form)}
			<div class="actions"><button class=${main ? 'main' : ''} aria-disabled=${form.busy}>${
				form.busy ? t('form.busy') : submit ?? title}</button>${back}</div>
		<//></div>`;
}

/** The short name by which the programs know what people call so. */
export const slug = (text) => text.normalize('NFD').replace(/[\u0300-\u036f]/g, '').toLowerCase()
	.replace(/[^a-z0-9]+/g, '-').replace(/^-|-$/g, '').slice(0, 31);
