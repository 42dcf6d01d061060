// SPDX-License-Identifier: EUPL-1.2
// What pages are made of. Pages import html and the hooks from here, too.
//   useData(fn, deps, kinds)   {data, problem, loading, reload}: fn() fetches; again on such events
//   useForm(initial)           values, errors, set(name, value), send(fn): see there
//   Form Field Area Select Choice Check Combobox   each with label, hint, error, required
//   Table Dialog Tabs Age Busy Problem; toast(text); await confirm({title, text, yes})
// Nothing is written into style attributes (the gateway's CSP forbids them): classes, style.css.
import {html, render, h, createContext, useState, useReducer, useEffect, useLayoutEffect, useRef,
	useMemo, useCallback, useContext} from '../vendor/preact.js';
import {api, newKey, now} from './api.js';
import {live, listen, shown, watch} from './live.js';
import {t, ago, date, time, getLang} from './i18n.js';

export {html, render, h, createContext, useState, useReducer, useEffect, useLayoutEffect, useRef,
	useMemo, useCallback, useContext};

let ids = 0;
/** An id that stays with the component. */
export function useId(prefix = 'f') {
	const ref = useRef(null);
	ref.current ??= `${prefix}${++ids}`;
	return ref.current;
}

// --- data ---------------------------------------------------------------------------------------
/** Runs fn(events) after events of these kinds (null: all), together, at most once a second. */
export function useLive(kinds, fn) {
	const ref = useRef(fn);
	ref.current = fn;
	const key = kinds === null ? '' : kinds?.join();
	useEffect(() => {
		return kinds === undefined ? undefined : listen(kinds, (events) => ref.current(events));
	}, [key]);
}

const AGAIN_MS = 5000;
const passes = (problem) => ['OFFLINE', 'BUSY'].includes(problem.code);

/**
 * Fetches when deps change, on reload(), on events of `kinds` (undefined: none, null: all), and again
 * by itself while the gateway does not answer. Meanwhile the data of before stays, but for other deps:
 * what answers another question is not shown. at: when it came.
 */
export function useData(fn, deps = [], kinds = undefined) {
	const [s, set] = useState({data: null, problem: null, loading: true, at: null});
	const turn = useRef(0);
	const later = useRef(0);
	const load = async () => {
		const mine = ++turn.current;
		clearTimeout(later.current);
		set((old) => ({...old, loading: true}));
		try {
			const data = await fn();
			if (mine === turn.current) {
				set({data, problem: null, loading: false, at: new Date()});
				shown();
			}
		} catch (problem) {
			if (mine === turn.current) {
				set((old) => ({...old, problem, loading: false}));
				later.current = passes(problem) ? setTimeout(load, AGAIN_MS) : 0;
			}
		}
	};
	useEffect(() => {
		set((old) => (old.data === null ? old : {...old, data: null, problem: null})); // another question
		load();
		return () => {
			turn.current++;
			clearTimeout(later.current);
		};
	}, deps);
	useLive(kinds === undefined ? [] : kinds, () => (kinds !== undefined || s.problem) && load());
	return {...s, reload: load};
}

/** Renders again whenever the connection's state changes, and every seconds. */
export function useLiveState(seconds = 10) {
	const [, again] = useReducer((n) => n + 1, 0);
	useEffect(() => watch(again), []);
	useEffect(() => {
		const timer = setInterval(again, seconds * 1000);
		return () => clearInterval(timer);
	}, [seconds]);
	return live;
}

// --- forms --------------------------------------------------------------------------------------
const tidy = (field) => String(field).replace(/\[(\d+)\]/g, '.$1');

/**
 * A form's state. initial: {name: value}; names are paths in the body ("children.0.age").
 *   const form = useForm({zone: ''});
 *   const receipt = await form.send((key) => api.post('/requests', body(form.values), {key}));
 * send() first asks for what is required, then runs the function; undefined: there was a problem,
 * which is shown at its field, or above the form. The key stays the same until something is changed
 * or the gateway answered, so trying again does nothing twice. A form keeps what was typed.
 */
export function useForm(initial = {}) {
	const [s, set] = useState({errors: {}, problem: null, busy: false, failed: 0});
	const ref = useRef({fields: new Map(), key: null});
	const keep = ref.current;
	keep.values ??= initial; // here, not in the state: a handler that sets twice sees the first
	const update = (change) => set((old) => ({...old, ...change}));
	const fails = (change) => set((old) => ({...old, ...change, failed: old.failed + 1}));
	const form = {
		...s,
		values: keep.values,
		fields: keep.fields,
		set(name, value) {
			keep.values = {...keep.values, [name]: value};
			keep.key = null;
			set((old) => {
				const errors = {...old.errors};
				const problem = Object.keys(errors).length > 0 ? null : old.problem;
				delete errors[name];
				return {...old, errors, problem};
			});
		},
		reset(values = initial) {
			keep.values = values;
			keep.key = null;
			set({errors: {}, problem: null, busy: false, failed: 0});
		},
		fail(problem) {
			const names = [...keep.fields.keys()];
			const field = tidy(problem.field ?? '');
			const name = names.find((n) => tidy(n) === field) ??
				names.find((n) => field !== '' && tidy(n).endsWith('.' + field)) ??
				names.find((n) => field.endsWith('.' + tidy(n)));
			fails({busy: false, problem, errors: name ? {[name]: problem.text} : {}});
		},
		lacking() {
			const errors = {};
			for (const [name, {required, label}] of keep.fields) {
				const value = keep.values[name];
				if (required && (value === undefined || value === null || value === '' ||
					value === false || (Array.isArray(value) && value.length === 0))) {
					errors[name] = t('form.required', {label: String(label).replace(/\?$/, '')});
				}
			}
			return errors;
		},
		async send(fn) {
			if (keep.busy) {
				return undefined;
			}
			const errors = form.lacking();
			if (Object.keys(errors).length > 0) {
				fails({errors, problem: null});
				return undefined;
			}
			keep.busy = true;
			keep.key ??= newKey();
			update({busy: true, errors: {}, problem: null});
			try {
				const answer = await fn(keep.key);
				keep.key = null;
				update({busy: false});
				return answer ?? null;
			} catch (problem) {
				if (problem.code !== 'OFFLINE' && problem.code !== 'BUSY') {
					keep.key = null; // it was answered: the next try is another one
				}
				form.fail(problem);
				return undefined;
			} finally {
				keep.busy = false;
			}
		},
	};
	return form;
}

/** onSend: runs on Enter and on the button. submit: the button's text. */
export function Form({form, onSend, submit, children, extra, class: cls = ''}) {
	const box = useRef(null);
	const errors = Object.entries(form.errors);
	const other = form.problem && errors.length === 0;
	useEffect(() => { // after a try that failed, never while somebody types
		if (form.failed > 0) {
			(box.current.querySelector('[aria-invalid="true"]') ??
				box.current.querySelector('.problem'))?.focus();
		}
	}, [form.failed]);
	const go = (e) => {
		e.preventDefault();
		onSend();
	};
	return html`<form ref=${box} class=${cls} novalidate onSubmit=${go}>
		${other && html`<${Problem} problem=${form.problem} />`}
		${errors.length > 1 && html`<div class="problem" tabindex="-1" role="alert">
			<p>${t('form.several', {n: errors.length})}</p>
			<ul>${errors.map(([name, text]) => html`<li>
				<a href=${'#' + form.fields.get(name)?.id} onClick=${(e) => {
					e.preventDefault();
					document.getElementById(form.fields.get(name)?.id)?.focus();
				}}>${text}</a></li>`)}</ul>
		</div>`}
		${children}
		${submit && html`<div class="actions">
			<button class="main" aria-disabled=${form.busy}>${form.busy ? t('form.busy') : submit}</button>
			${extra}
		</div>`}
	</form>`;
}

// Registers a field with its form and gives what its element needs.
function useField({form, name, label, hint, required}) {
	const id = useId();
	form.fields.set(name, {id, required, label});
	useEffect(() => () => form.fields.delete(name), [name]);
	const error = form.errors[name];
	const described = [hint && id + '-hint', error && id + '-error'].filter(Boolean).join(' ');
	return {id, error, value: form.values[name] ?? '', attrs: {
		id, name, 'aria-invalid': error ? 'true' : undefined,
		'aria-describedby': described || undefined, 'aria-required': required ? 'true' : undefined}};
}

const Label = ({id, label, required}) => html`<label for=${id}>${label}${' '}
	${!required && html`<span class="quiet">${t('form.optional')}</span>`}</label>`;
const Notes = ({id, hint, error}) => html`
	${hint && html`<p class="hint" id=${id + '-hint'}>${hint}</p>`}
	${error && html`<p class="error" id=${id + '-error'}>${error}</p>`}`;

/** One line of text; further attributes (type, inputmode, autocomplete, min, max) go to the input. */
export function Field({form, name, label, hint, required, class: cls = '', ...rest}) {
	const f = useField({form, name, label, hint, required});
	return html`<div class=${'field ' + cls}>
		<${Label} id=${f.id} label=${label} required=${required} />
		<${Notes} id=${f.id} hint=${hint} error=${f.error} />
		<input type="text" autocomplete="off" ...${rest} ...${f.attrs} value=${f.value}
			onInput=${(e) => form.set(name, e.target.value)} />
	</div>`;
}

/** Several lines of text. */
export function Area({form, name, label, hint, required, rows = 4, ...rest}) {
	const f = useField({form, name, label, hint, required});
	return html`<div class="field">
		<${Label} id=${f.id} label=${label} required=${required} />
		<${Notes} id=${f.id} hint=${hint} error=${f.error} />
		<textarea rows=${rows} ...${rest} ...${f.attrs} value=${f.value}
			onInput=${(e) => form.set(name, e.target.value)}></textarea>
	</div>`;
}

/** options: [{value, label}]; empty: the text of "no choice", left out when required. */
export function Select({form, name, label, hint, required, options, empty, ...rest}) {
	const f = useField({form, name, label, hint, required});
	return html`<div class="field">
		<${Label} id=${f.id} label=${label} required=${required} />
		<${Notes} id=${f.id} hint=${hint} error=${f.error} />
		<select ...${rest} ...${f.attrs} value=${f.value}
			onChange=${(e) => form.set(name, e.target.value)}>
			<option value="">${empty ?? t(required ? 'form.choose' : 'form.all')}</option>
			${options.map((o) => html`<option key=${o.value} value=${o.value}
				selected=${String(o.value) === String(f.value)}>${o.label}</option>`)}
		</select>
	</div>`;
}

/** One of a few (radio buttons). */
export function Choice({form, name, label, hint, required, options}) {
	const f = useField({form, name, label, hint, required});
	return html`<fieldset class="field" id=${f.id} tabindex="-1" role="radiogroup"
		aria-invalid=${f.attrs['aria-invalid']} aria-describedby=${f.attrs['aria-describedby']}
		aria-required=${f.attrs['aria-required']}>
		<legend>${label}${' '}
			${!required && html`<span class="quiet">${t('form.optional')}</span>`}</legend>
		<${Notes} id=${f.id} hint=${hint} error=${f.error} />
		<div class="choices">${options.map((o) => html`<label class="pick" key=${o.value}>
			<input type="radio" name=${f.id} value=${o.value} checked=${f.value === o.value}
				onChange=${() => form.set(name, o.value)} /> ${o.label}</label>`)}</div>
	</fieldset>`;
}

/** Yes or no. */
export function Check({form, name, label, hint, required}) {
	const f = useField({form, name, label, hint, required});
	return html`<div class="field">
		<label class="pick"><input type="checkbox" ...${f.attrs} checked=${f.value === true}
			onChange=${(e) => form.set(name, e.target.checked)} /> ${label}</label>
		<${Notes} id=${f.id} hint=${hint} error=${f.error} />
	</div>`;
}

const plain = (s) => s.normalize('NFD').replace(/[\u0300-\u036f]/g, '').toLowerCase();

/**
 * Type a few letters, choose from what fits: arrows, Enter, Escape. One value, or with `multiple` a
 * list of values, each with a button that takes it away.
 */
export function Combobox({form, name, label, hint, required, options, multiple}) {
	const f = useField({form, name, label, hint, required});
	const chosen = multiple ? form.values[name] || [] : [];
	const current = multiple ? null : options.find((o) => o.value === f.value);
	const [s, set] = useState({open: false, text: null, at: 0});
	const text = s.text ?? current?.label ?? '';
	const fits = options.filter((o) => !chosen.includes(o.value) &&
		(s.text === null || plain(o.label).includes(plain(s.text.trim()))));
	const at = Math.min(s.at, fits.length - 1);
	const list = f.id + '-list';
	const take = (o) => {
		form.set(name, multiple ? [...chosen, o.value] : o.value);
		set({open: false, text: multiple ? '' : null, at: 0});
	};
	const move = (to) => set({...s, open: true, at: (to + fits.length) % Math.max(1, fits.length)});
	const keys = {
		ArrowDown: () => move(s.open ? at + 1 : 0),
		ArrowUp: () => move(s.open ? at - 1 : fits.length - 1),
		Escape: () => set({open: false, text: null, at: 0}),
		Enter: () => s.open && fits[at] && take(fits[at]),
	};
	const onKey = (e) => {
		if (e.key === 'Enter' && !s.open) {
			return;
		}
		if (keys[e.key]) {
			e.preventDefault();
			keys[e.key]();
		}
	};
	const leave = () => {
		if (s.text !== null && s.text.trim() === '' && !multiple) {
			form.set(name, '');
		}
		set({open: false, text: null, at: 0});
	};
	useEffect(() => {
		document.getElementById(`${list}-${at}`)?.scrollIntoView({block: 'nearest'});
	}, [at, s.open]);
	return html`<div class="field combo">
		<${Label} id=${f.id} label=${label} required=${required} />
		<${Notes} id=${f.id} hint=${hint} error=${f.error} />
		${chosen.length > 0 && html`<ul class="chips">${chosen.map((v) => {
			const o = options.find((x) => x.value === v);
			return html`<li key=${v}>${o?.label ?? ''} <button type="button"
				aria-label=${t('form.remove', {label: o?.label ?? ''})}
				onClick=${() => form.set(name, chosen.filter((x) => x !== v))}>×</button></li>`;
		})}</ul>`}
		<input type="text" role="combobox" autocomplete="off" ...${f.attrs} value=${text}
			aria-autocomplete="list" aria-expanded=${s.open ? 'true' : 'false'} aria-controls=${list}
			aria-activedescendant=${s.open && fits[at] ? `${list}-${at}` : undefined}
			onInput=${(e) => set({open: true, text: e.target.value, at: 0})}
			onClick=${() => set({...s, open: true})} onKeyDown=${onKey} onBlur=${leave} />
		<ul role="listbox" id=${list} aria-label=${label} hidden=${!s.open}>
			${s.open && fits.map((o, i) => html`<li role="option" id=${`${list}-${i}`} key=${o.value}
				aria-selected=${i === at ? 'true' : 'false'}
				onMouseDown=${(e) => e.preventDefault()} onClick=${() => take(o)}>${o.label}</li>`)}
			${s.open && fits.length === 0 && html`<li role="option" aria-selected="false"
				aria-disabled="true">${t('form.nothing')}</li>`}
		</ul>
	</div>`;
}

// --- what is shown ------------------------------------------------------------------------------
/**
 * columns: [{key, title, cell: (row) => ..., num, head}] (head: this cell names the row); rowKey:
 * (row) => id. On a narrow screen each row becomes a card.
 */
export function Table({caption, columns, rows, rowKey, empty, hideCaption}) {
	if (rows.length === 0) {
		return html`<p class="empty">${empty ?? t('table.empty')}</p>`;
	}
	const cell = (c, row) => (c.cell ? c.cell(row) : row[c.key]);
	return html`<table role="table">
		<caption class=${hideCaption ? 'unseen' : ''}>${caption}</caption>
		<thead role="rowgroup"><tr role="row">${columns.map((c) => html`<th key=${c.key} scope="col"
			role="columnheader" class=${c.num ? 'num' : ''}>${c.title}</th>`)}</tr></thead>
		<tbody role="rowgroup">${rows.map((row, i) => html`<tr role="row"
			key=${rowKey ? rowKey(row) : i}>${columns.map((c) => html`<${c.head ? 'th' : 'td'}
			key=${c.key} role=${c.head ? 'rowheader' : 'cell'} scope=${c.head ? 'row' : undefined}
			class=${c.num ? 'num' : ''} data-label=${c.title}><div>${cell(c, row)}</div><//>`)}</tr>`)}
		</tbody>
	</table>`;
}

/** A dialog of the browser: it keeps the focus, and Escape closes. Shown while it is rendered. */
export function Dialog({title, onClose, children}) {
	const box = useRef(null);
	const ref = useRef(null);
	ref.current = onClose;
	const id = useId('d');
	useEffect(() => {
		const dialog = box.current;
		const before = document.activeElement;
		// The browser may close without asking: then it is as if the cross was used, where there is one.
		const onShut = () => (ref.current ? ref.current() : dialog.showModal());
		dialog.addEventListener('close', onShut);
		dialog.showModal();
		return () => { // closed first: what lies under an open one takes no focus
			dialog.removeEventListener('close', onShut);
			dialog.close();
			before?.focus?.();
		};
	}, []);
	return html`<dialog ref=${box} aria-labelledby=${id} onCancel=${(e) => {
		e.preventDefault();
		onClose?.();
	}}>
		<div class="dialog-head"><h2 id=${id}>${title}</h2>
			${onClose && html`<button type="button" class="plain" aria-label=${t('dialog.close')}
				onClick=${onClose}>×</button>`}</div>
		${children}
	</dialog>`;
}

/** tabs: [{id, title, view}]; the arrows go from one to the next. */
export function Tabs({tabs, label, start}) {
	const [open, setOpen] = useState(start ?? tabs[0].id);
	const base = useId('t');
	const at = Math.max(0, tabs.findIndex((x) => x.id === open));
	const to = (i) => {
		const next = tabs[(i + tabs.length) % tabs.length];
		setOpen(next.id);
		document.getElementById(`${base}-${next.id}`)?.focus();
	};
	const keys = {ArrowRight: () => to(at + 1), ArrowLeft: () => to(at - 1), Home: () => to(0),
		End: () => to(tabs.length - 1)};
	const onKey = (e) => {
		if (keys[e.key]) {
			e.preventDefault();
			keys[e.key]();
		}
	};
	return html`<div class="tabs">
		<div role="tablist" aria-label=${label} onKeyDown=${onKey}>${tabs.map((x, i) => html`<button
			type="button" role="tab" key=${x.id} id=${`${base}-${x.id}`}
			aria-selected=${i === at ? 'true' : 'false'} aria-controls=${`${base}-panel`}
			tabindex=${i === at ? 0 : -1} onClick=${() => setOpen(x.id)}>${x.title}</button>`)}</div>
		<div role="tabpanel" id=${`${base}-panel`} aria-labelledby=${`${base}-${tabs[at].id}`}
			tabindex="0">${tabs[at].view()}</div>
	</div>`;
}

/** How old a figure is, with its instant; it grows older by itself. old: from so many days. */
export function Age({at, old = 14}) {
	useLiveState(60);
	const stale = at && now() - new Date(at) > old * 86400000;
	return html`<span class=${stale ? 'stale' : ''} title=${at ? `${date(at)} ${time(at)}` : ''}>${
		stale && html`<span aria-hidden="true">▲ </span>`}${ago(at, now())}</span>`;
}

export function Busy() {
	return html`<p class="busy" role="status">${t('page.loading')}</p>`;
}

/** again: a function, shown as a button. */
export function Problem({problem, again}) {
	return html`<div class="problem" role="alert" tabindex="-1"><p>${
		problem.text ?? t('problem.other', {n: 0})}</p>
		${again && html`<button type="button" onClick=${again}>${t('problem.again')}</button>`}</div>`;
}

/** Around what useData gave: waiting, problem (what was there stays in view), or children(data). */
export function Loaded({from, children}) {
	return html`${from.problem && html`<${Problem} problem=${from.problem} again=${from.reload} />`}
		${from.data !== null ? children(from.data) : !from.problem && html`<${Busy} />`}`;
}

// --- messages and questions ---------------------------------------------------------------------
let setOverlay = null;
let overlay = {toasts: [], question: null};
function change(next) {
	overlay = {...overlay, ...next};
	setOverlay?.(overlay);
}

/** Says that something was done; stays ten seconds, is read aloud. The same said again takes its place. */
export function toast(text) {
	const id = ++ids;
	const drop = () => change({toasts: overlay.toasts.filter((x) => x.id !== id)});
	change({toasts: [...overlay.toasts.filter((x) => x.text !== text).slice(-2), {id, text, drop}]});
	setTimeout(drop, 10000);
}

/** Asks before what cannot be undone. @return whether the answer is yes */
export function confirm({title, text, yes, no}) {
	return new Promise((answer) => {
		const done = (value) => {
			change({question: null});
			answer(value);
		};
		change({question: {title, text, yes, no, done}});
	});
}

/** Shown once, by app.js. */
export function Overlay() {
	const [s, set] = useState(overlay);
	useEffect(() => {
		setOverlay = set;
		set(overlay);
	}, []);
	const q = s.question;
	return html`<div class="toasts" role="status" aria-live="polite">${s.toasts.map((x) => html`<p
			key=${x.id}>${x.text} <button type="button" class="plain" aria-label=${t('dialog.close')}
			onClick=${x.drop}>×</button></p>`)}</div>
		${q && html`<${Dialog} title=${q.title} onClose=${() => q.done(false)}>
			<p>${q.text}</p>
			<div class="actions">
				<button type="button" class="main" onClick=${() => q.done(true)}>${
					q.yes ?? t('dialog.yes')}</button>
				<button type="button" onClick=${() => q.done(false)}>${q.no ?? t('dialog.no')}</button>
			</div>
		<//>`}`;
}

// --- scripts that are no modules ----------------------------------------------------------------
const scripts = new Map();

/** await script('uplot'): then window.uPlot is there. */
export function script(name) {
	if (!scripts.has(name)) {
		scripts.set(name, new Promise((done, fail) => {
			const s = document.createElement('script');
			s.src = `/static/vendor/${name}.js`;
			s.onload = done;
			s.onerror = () => {
				scripts.delete(name);
				fail(new Error(name));
			};
			document.head.append(s);
		}));
	}
	return scripts.get(name);
}

export {api, getLang};
