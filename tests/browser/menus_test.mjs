// SPDX-License-Identifier: EUPL-1.2
// Every page that a role finds in its menu, against real daemons: it loads without an error, says no
// code and no missing word, and holds in every way. A page that is added is tried without more.
import {accessible, check, fits, keyboard, speak, suite, until} from './browser.mjs';
import {Node} from './node.mjs';

const parties = ['meldpunt', 'samenwerking', 'ovbj-ieper', 'clb-ieper', 'hvhk-poperinge', 'dashboard'];
const tried = new Set();

async function signIn(page, n, code) {
	await page.goto(n.url + '/aanmelden');
	await page.getByLabel('Je code').fill(code);
	await page.keyboard.press('Enter');
	await page.getByRole('button', {name: 'Afmelden'}).waitFor();
}

async function holds(b, page, what) {
	await page.getByRole('heading', {level: 1}).waitFor();
	await until(`${what} has loaded`, () => page.evaluate(() => !document.querySelector('.busy')));
	const text = await page.locator('main').innerText();
	check(!/\b[A-Z]{3,}_[A-Z]\w*/.test(text), `${what} shows a code: ${text.match(/[A-Z]{3,}_\w*/)}`);
	const odd = text.match(/.*(undefined|\bNaN\b|\[object|nog niet benoemd).*/);
	check(!odd, `${what} says: ${odd?.[0]}`);
	check(text.split('\n').length > 1, `${what} is empty`);
	for (const lang of ['en', 'nl']) {
		await speak(page, lang);
		await accessible(page, `${what} ${lang}`);
	}
	const size = page.viewportSize();
	for (const width of [320, 600]) {
		await page.setViewportSize({width, height: 640});
		await fits(page, `${what} ${width}`);
	}
	await b.shoot(page, what.replaceAll(/[^a-z]+/g, '-'));
	await page.setViewportSize(size);
	await keyboard(page, what);
}

async function visitMenu(b, page, who) {
	const links = await page.getByRole('navigation').getByRole('link')
		.evaluateAll((all) => all.map((a) => a.getAttribute('href')));
	check(links.length > 0, `the menu of ${who} is empty`);
	for (const path of links.filter((x) => !tried.has(x))) {
		tried.add(path);
		await page.goto(new URL(path, page.url()).href);
		await holds(b, page, `${who} ${path}`);
	}
}

async function menusOfOrganisations(b, n) {
	for (const party of parties) {
		const page = await b.open();
		await signIn(page, n, n.code(party));
		await visitMenu(b, page, party);
		await page.context().close();
	}
}

// The same for a young person and a parent, of a request with both.
async function menusOfAFamily(b, n) {
	const {doc} = await n.ask('meldpunt', 'GET', '/api/v1/requests?limit=20&open_only=true');
	const request = doc.requests.find((r) => (r.adults ?? []).length > 0 && (r.children ?? []).length > 0);
	const adult = request.adults[0].number;
	for (const who of [{speaker: 'YOUTH', child: 0}, {speaker: 'ADULT', adult}]) {
		const {doc: given} = await n.ask('meldpunt', 'POST',
			`/api/v1/requests/${request.short_code}/codes`, who);
		const page = await b.open();
		await signIn(page, n, given.code);
		tried.clear();
		await visitMenu(b, page, who.speaker);
		await page.context().close();
	}
}

export default async function run(only) {
	const n = await Node.make({days: 3});
	try {
		await suite('menus', [menusOfOrganisations, menusOfAFamily], n, only);
		await n.stop();
	} finally {
		n.end();
	}
}
