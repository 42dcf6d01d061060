// SPDX-License-Identifier: EUPL-1.2
// The shell of the page: who is signed in, which pages that is, where we are, the connection.
//
// A PAGE is a module pages/NAME.js with a line in pages/index.js. It exports
//   path    '/regie', or several: ['/regie', '/regie/:need']; `:need` becomes params.need, decoded
//   title   key of the catalogues; the page's heading, its name in the menu, the window's title
//   roles   ['COORDINATOR', ...]: who may open it; left out: anybody, signed in or not
//   view    a component: view({me, params, query, go}). The shell renders the heading (h1) above it.
//           me: {party, name, roles, speaker, zones, lang}, null when nobody is signed in
//           query: URLSearchParams of the address; go('/path?x=1') goes there (links just work)
// and where it needs to
//   codes   ['expertise', 'zone']: lists of /codes that are there before the view is rendered
//   menu    false: not in the menu (a page that is reached from another one)
//   order   place in the menu and on the first page, 50 when left out; the least is where somebody
//           who has just signed in arrives
//   lead    key of one sentence that tells on the first page what it is for
//   bare    true: no menu and no connection line (one-time links)
//   traceless  true: of a family; going there leaves no entry in the history of the browser
// A view is plain functions and hooks of lib/ui.js; requests go through `api`, words through t() and
// label(), times through date() time() ago(). While the connection is lost a view stays as it is,
// with what was typed: hold what is typed in useForm, and never unmount a form because data is
// fetched anew. Who is signed out meanwhile signs in again in a dialog above the page.
import {html, render, useState, useEffect, useRef, Overlay, Problem, Busy, Dialog, Form, Field,
	useForm, useLiveState, toast} from './lib/ui.js';
import {api, keepClock, whoAmI, signIn, signOut} from './lib/api.js';
import {connect, disconnect, setPaused} from './lib/live.js';
import {t, has, needWords, loadLang, setLang, getLang, loadCodes, time} from './lib/i18n.js';
import {Safe} from './lib/safe.js';
import {index} from './pages/index.js';

// --- pages and paths ----------------------------------------------------------------------------
let pages = [];

const loaded = new Map();

// Loads pages with their words. One that cannot be loaded takes no other one with it.
async function loadPages(fits) {
	const wanted = Object.keys(index).filter((n) => !loaded.has(n) && fits(index[n]));
	const [found] = await Promise.all([Promise.allSettled(wanted.map((n) => import(`./pages/${n}.js`))),
		needWords(wanted.flatMap((n) => index[n].words ?? []))]);
	found.forEach((f, i) => {
		if (f.status === 'fulfilled') {
			loaded.set(wanted[i], f.value);
		} else {
			console.error(wanted[i], f.reason);
		}
	});
	pages = [...loaded.values()].sort((a, b) => (a.order ?? 50) - (b.order ?? 50));
}

// Those of who is signed in, and the one of the address: it may be another one's page.
function loadFor(me, path) {
	return loadPages((page) => !page.roles || page.roles.some((r) => me?.roles.includes(r)) ||
		!(me && path === '/') && fitsPath(page, path));
}

const paths = (page) => [page.path].flat();

function match(pattern, path) {
	const want = pattern.split('/');
	const have = path.replace(/(.)\/$/, '$1').split('/');
	const params = {};
	const fits = want.length === have.length && want.every((part, i) => {
		if (!part.startsWith(':')) {
			return part === have[i];
		}
		try {
			params[part.slice(1)] = decodeURIComponent(have[i]);
		} catch {
			return false;
		}
		return have[i] !== '';
	});
	return fits ? params : null;
}

function find(path) {
	for (const page of pages) {
		for (const pattern of paths(page)) {
			const params = match(pattern, path);
			if (params) {
				return {page, params};
			}
		}
	}
	return {page: null, params: {}};
}

const fitsPath = (row, path) => row.path.some((pattern) => match(pattern, path));
const isListed = (path) => path !== '/' && Object.values(index).some((row) => fitsPath(row, path));
const may = (page, me) => !page.roles || page.roles.some((r) => me?.roles?.includes(r));
const inMenu = (page, me) => page.menu !== false && may(page, me) && paths(page)[0] !== '/';
/** A young person or a parent, who signed in with a code of its own. */
const isPerson = (me) => Boolean(me?.speaker);
/** A page's name; a parent may read another one than a young person. */
const nameOf = ({title}, me) => t(me?.speaker === 'ADULT' && has(title + '.p') ? title + '.p' : title);
/** Pages for the roles of who is signed in come before those for anybody. */
const menuOf = (me) => pages.filter((p) => inMenu(p, me))
	.sort((a, b) => Number(!a.roles) - Number(!b.roles));

const here = () => ({path: location.pathname, query: new URLSearchParams(location.search)});

// --- signing in ---------------------------------------------------------------------------------
// again: above a page that is kept. Then ACM/IDM opens beside it, and who comes back is signed in.
function Acm({again, onDone}) {
	const [here, set] = useState(false);
	const failed = new URLSearchParams(location.search).get('acm');
	useEffect(() => void api.get('/session', undefined, {quiet: true}).then((w) => set(w.oidc), () => {}), []);
	useEffect(() => {
		const back = () => whoAmI().then((who) => who && onDone(who), () => {});
		again && addEventListener('focus', back);
		return () => removeEventListener('focus', back);
	}, []);
	return here && html`${failed && !again && html`<p class="error" role="alert">${
			t('signin.oidc.' + (failed === 'NO_PARTY' ? failed : 'SIGN_IN'))}</p>`}
		<p><a class="button" href="/session/oidc" target=${again ? '_blank' : undefined}>${
			t('signin.oidc')}</a> <span class="hint">${t('signin.oidc.who')}</span></p>`;
}

function SignIn({onDone, again}) {
	const form = useForm({code: ''});
	const send = async () => {
		const me = await form.send(() => signIn(form.values.code.trim()));
		if (me) {
			onDone(me);
		}
	};
	return html`<${Form} form=${form} onSend=${send} submit=${t('signin.button')} class="narrow">
		<${Field} form=${form} name="code" label=${t('signin.code')} hint=${t('signin.hint')} required
			autocomplete="off" autocapitalize="none" spellcheck="false" />
	<//><${Acm} again=${again} onDone=${onDone} />
	<details><summary>${t('signin.lost')}</summary>
		<p>${t('signin.lost.worker')}</p><p>${t('signin.lost.family')}</p>
		<p>${t('signin.lost.danger')}</p>
	</details>`;
}

// --- the connection -----------------------------------------------------------------------------
const SUM_MS = 20000;

// What is read aloud: a change of state at once, of the data at most every twenty seconds.
function useSpoken(live) {
	const [spoken, speak] = useState('');
	const told = useRef({changes: live.changes, at: 0, state: 'starting'}).current;
	useEffect(() => {
		if (live.state !== told.state) {
			const first = told.state === 'starting' && live.state === 'on';
			told.state = live.state;
			if (!first) {
				speak(t('live.spoken.' + live.state));
			}
		} else if (!live.paused && live.changes > told.changes && Date.now() - told.at > SUM_MS) {
			speak(t('live.spoken.changes', {n: live.changes - told.changes}));
			told.changes = live.changes;
			told.at = Date.now();
		}
	});
	return spoken;
}

function Connection({calm}) {
	const live = useLiveState(10);
	const spoken = useSpoken(live);
	const lost = live.state === 'lost';
	const quiet = calm && !lost; // a family hears of it when it fails
	return html`<section aria-label=${t('live.title')}
			class=${'live ' + (lost ? 'lost' : quiet ? 'calm' : live.paused ? 'paused' : live.state)}>
		<p class="unseen" role="status" aria-live="polite">${spoken}</p>
		${!quiet && html`<p>${lost ? t('live.lost', {since: time(live.since)}) :
			live.paused ? t('live.paused', {n: live.waiting}) : t('live.' + live.state)}
		${live.shownAt && html` <span class="quiet">${
			t('live.shown', {at: time(live.shownAt)})}</span>`}
		${lost && html` <span>${t('live.kept')}</span>`}</p>`}
		${!calm && !lost && live.parts.length > 0 && html`<p class="warn" role="status">${t('live.parts',
			{which: live.parts.map((d) => t('live.part.' + d)).join(', ')})}</p>`}
		${!calm && live.events && html`<button type="button" class="plain"
			aria-pressed=${live.paused ? 'true' : 'false'}
			onClick=${() => setPaused(!live.paused)}>${
			t(live.paused ? 'live.resume' : 'live.pause')}</button>`}
	</section>`;
}

// --- the frame ----------------------------------------------------------------------------------
function Home({me}) {
	const list = menuOf(me);
	return html`<ul class="cards">${list.map((p) => html`<li key=${paths(p)[0]}>
			<a href=${paths(p)[0]}>${nameOf(p, me)}</a>${p.lead && html`<p>${t(p.lead)}</p>`}</li>`)}
		</ul>`;
}

function Codes({page, children}) {
	const [problem, setProblem] = useState(null);
	const [ready, setReady] = useState(!page.codes);
	const load = () => {
		setProblem(null);
		loadCodes(...page.codes).then(() => setReady(true), setProblem);
	};
	useEffect(() => void (page.codes && load()), []);
	if (problem) {
		return html`<${Problem} problem=${problem} again=${load} />`;
	}
	return ready ? children() : html`<${Busy} />`;
}

function Main({at, me, go, onMe}) {
	const {page, params} = find(at.path);
	const view = () => {
		if (at.path === '/' && me) {
			return html`<${Home} me=${me} />`;
		}
		if (at.path === '/aanmelden') {
			return html`<${SignIn} onDone=${onMe} />`;
		}
		if (!page) {
			return html`<p>${t('page.none')} <a href="/">${t('page.first')}</a></p>`;
		}
		if (!may(page, me)) {
			return me ? html`<p>${t('page.closed')} <a href="/">${t('page.first')}</a></p>` :
				html`<p>${t('page.closed.out')}</p><${SignIn} onDone=${onMe} />`;
		}
		return html`<${Codes} key=${page.title} page=${page}>${() => html`<${page.view} key=${at.path}
			me=${me} params=${params} query=${at.query} go=${go} />`}<//>`;
	};
	return html`<main id="main" tabindex="-1"><h1 tabindex="-1">${titleOf(at, me)}</h1>${view()}</main>`;
}

function titleOf(at, me) {
	const {page} = find(at.path);
	if (at.path === '/' && me) {
		return t(isPerson(me) ? 'home.own' : 'home.hello', {name: me.name || me.party});
	}
	return at.path === '/aanmelden' ? t('signin.title') : page ? nameOf(page, me) : t('page.none.title');
}

function Head({me, at, onLang, onOut}) {
	const link = (p) => html`<li key=${paths(p)[0]}><a href=${paths(p)[0]}
		aria-current=${paths(p).some((x) => match(x, at.path)) ? 'page' : undefined}>${
		nameOf(p, me)}</a></li>`;
	const other = getLang() === 'nl' ? 'en' : 'nl';
	const list = menuOf(me);
	return html`<header>
		<div class="brand"><a href="/">Schakel</a>
			${me && !isPerson(me) && html`<span class="quiet">${me.name || me.party}</span>`}</div>
		<nav aria-label=${t('page.menu')}><ul>${list.map(link)}</ul></nav>
		<div class="tools">
			<button type="button" class="plain" lang=${other} onClick=${() => onLang(other)}>${
				other === 'en' ? 'English' : 'Nederlands'}</button>
			${me ? html`<button type="button" class="plain" onClick=${onOut}>${
				t('signout.button')}</button>` :
				html`<a href="/aanmelden">${t('signin.title')}</a>`}
		</div>
	</header>`;
}

const Foot = () => html`<footer><a href="/toegankelijkheid">${t('statement.title')}</a></footer>`;

// Links of our own are followed without a new document; all others as ever.
function ownLink(e) {
	const a = e.target.closest?.('a[href]');
	const plain = e.button === 0 && !e.metaKey && !e.ctrlKey && !e.shiftKey && !e.altKey;
	if (!a || !plain || e.defaultPrevented || a.target || a.hasAttribute('download')) {
		return null;
	}
	const url = new URL(a.href, location.href);
	const served = /^\/(api|static|session|a|c|codes|fhir|hsds|openapi|metrics|healthz)(\/|\.|$)/;
	if (url.origin !== location.origin || served.test(url.pathname) || url.hash !== '') {
		return null;
	}
	return url.pathname + url.search;
}

function App({first}) {
	const [me, setMe] = useState(first);
	const [at, setAt] = useState(here());
	const [lang, changeLang] = useState(getLang());
	const [again, setAgain] = useState(false);
	const goes = useRef(0);
	const go = (to, {replace = false} = {}) => {
		const own = ++goes.current; // who goes elsewhere meanwhile does not come back here
		// The page is there before the address is: a family's leaves no entry in the history.
		const next = new URL(to, location.origin).pathname;
		loadFor(me, next).catch(() => {}).then(() => {
			if (own !== goes.current) {
				return;
			}
			if (!find(next).page && isListed(next)) {
				toast(t('problem.OFFLINE'));
				return;
			}
			const silent = replace || find(next).page?.traceless || isPerson(me);
			const moved = next !== location.pathname;
			history[silent ? 'replaceState' : 'pushState'](null, '', to);
			setAt(here());
			if (moved) {
				scrollTo(0, 0);
				setTimeout(() => document.querySelector('h1')?.focus(), 0);
			}
		});
	};
	const ref = useRef(null);
	ref.current = {go, me};
	useEffect(() => {
		const onPop = () => {
			goes.current++;
			loadFor(ref.current.me, location.pathname).catch(() => {}).then(() => setAt(here()));
		};
		const onClick = (e) => {
			const to = ownLink(e);
			if (to) {
				e.preventDefault();
				ref.current.go(to);
			}
		};
		const onOut = () => setAgain(ref.current.me !== null);
		addEventListener('popstate', onPop);
		addEventListener('signed-out', onOut);
		addEventListener('signed-in', (e) => loadFor(e.detail, '/').then(() => setMe(e.detail)));
		document.addEventListener('click', onClick);
	}, []);
	// What a session showed is not for who comes by later; it stays in memory, with what was typed.
	useEffect(() => void document.body.classList.toggle('veiled', again), [again]);
	useEffect(() => {
		connect(me !== null);
		return disconnect;
	}, [me?.party]);
	useEffect(() => {
		const title = titleOf(at, me);
		const quiet = isPerson(me) || find(at.path).page?.traceless; // others see a window's title
		document.title = quiet ? t('safe.title') : `${title} – Schakel`;
	}, [at, me, lang]);
	const onLang = async (next) => {
		try {
			await loadLang(next);
		} catch {
			toast(t('problem.OFFLINE'));
			return;
		}
		setLang(next);
		rememberLang(next);
		changeLang(next);
	};
	const onMe = async (who) => {
		await loadFor(who, '/');
		const other = again && who.party !== me.party;
		setAgain(false);
		setMe(who);
		connect(true);
		if (at.path === '/aanmelden' || other) {
			const own = menuOf(who)[0];
			go(own?.roles ? paths(own)[0] : '/', {replace: true});
		}
	};
	const onOut = async () => {
		try {
			await signOut();
			forgetDrafts();
			location.replace('/'); // a new document: nothing of before stays in memory
		} catch (problem) {
			toast(problem.text);
		}
	};
	const {bare} = find(at.path).page ?? {};
	const family = !me || isPerson(me);
	const calm = isPerson(me) || find(at.path).page?.traceless || (!me && at.path === '/');
	return html`<a class="skip" href="#main" onClick=${(e) => {
			e.preventDefault();
			document.getElementById('main').focus();
		}}>${t('page.skip')}</a>
		${!bare && html`<${Head} key="head" me=${me} at=${at} onLang=${onLang} onOut=${onOut} />`}
		${family && !bare && html`<${Safe} key="safe" />`}
		${!bare && html`<${Connection} key="live" calm=${calm} />`}
		<${Main} key="main" at=${at} me=${me} go=${go} onMe=${onMe} />
		<${Foot} key="foot" />
		<${Overlay} key="overlay" />
		${again && html`<${Dialog} title=${t('signin.again')}>
			<p>${t('signin.again.text')}</p><${SignIn} again onDone=${onMe} />
			<button type="button" class="plain" onClick=${() => location.replace('/')}>${
			t('signin.leave')}</button><//>`}`;
}

// The choice of language lives as long as the tab: no trace stays on the machine.
function rememberLang(lang) {
	try {
		sessionStorage.setItem('lang', lang);
	} catch {
		// not allowed here: then it is chosen again next time
	}
}

// What was typed and not sent lives as long as its writer is signed in.
function forgetDrafts() {
	try {
		Object.keys(sessionStorage).filter((k) => k.startsWith('draft.'))
			.forEach((k) => sessionStorage.removeItem(k));
	} catch {
		// not allowed here: then nothing was kept
	}
}

function firstLang(me) {
	let chosen = null;
	try {
		chosen = sessionStorage.getItem('lang');
	} catch {
		chosen = null;
	}
	return new URLSearchParams(location.search).get('lang') ?? chosen ?? me?.lang ?? 'nl';
}

async function begin() {
	const root = document.getElementById('app');
	await loadLang(firstLang(null));
	setLang(firstLang(null));
	const ready = keepClock();
	let me = null;
	for (;;) {
		try {
			me = await whoAmI();
			break;
		} catch (problem) {
			root.replaceChildren();
			render(html`<main class="first"><h1>Schakel</h1>
				<${Problem} problem=${problem} /></main>`, root);
			await new Promise((done) => setTimeout(done, 2000));
		}
	}
	await Promise.all([ready, loadLang(firstLang(me)), loadFor(me, location.pathname)]);
	setLang(firstLang(me));
	root.replaceChildren();
	render(null, root);
	render(html`<${App} first=${me} />`, root);
}

begin();
