// SPDX-License-Identifier: EUPL-1.2
// The page against real daemons with the demo region in them: signing in, the open directory, the
// waiting list, and the gateway killed while pages are open.
import {accessible, check, equal, everyWay, fits, keyboard, suite, until} from './browser.mjs';
import {Node} from './node.mjs';

const rest = (page) => until('rest', () => page.evaluate(() => !document.querySelector('.busy')));
const rows = (page) => page.locator('tbody tr');

// With a code of the command; where it leads, and that it ends with signing out.
async function signIn(page, n, party, heading) {
	await page.goto(n.url + '/aanmelden');
	await page.getByLabel('Je code').fill(n.code(party));
	await page.keyboard.press('Enter');
	await page.getByRole('button', {name: 'Afmelden'}).waitFor();
	if (heading) {
		await page.goto(n.url + '/wachtlijst');
		await page.getByRole('heading', {level: 1, name: heading}).waitFor();
	}
}

async function aPageLoadsLittle(b, n) {
	const page = await b.open();
	await page.goto(n.url + '/aanbod');
	await rows(page).first().waitFor();
	const files = await page.evaluate(() => performance.getEntriesByType('resource').filter((r) => r.name.includes('/static/'))
		.reduce((sum, r) => sum + r.transferSize, 0));
	check(files > 10000 && files < 100000, `${files} bytes of files`);
	await page.context().close();
}

// A code that is wrong; the session survives a reload, and ends with signing out.
async function sessionBeginsAndEnds(b, n) {
	const page = await b.open();
	await page.goto(n.url + '/aanmelden');
	await page.getByLabel('Je code').fill('samenwerking-000000000000');
	await page.keyboard.press('Enter');
	await page.locator('.error').waitFor();
	await accessible(page, 'a wrong code');
	await signIn(page, n, 'samenwerking', 'Wachtlijst');
	const cookies = await page.context().cookies();
	equal(cookies.map((c) => [c.httpOnly, c.sameSite]), [[true, 'Strict']], 'cookies');
	await page.reload();
	await page.getByRole('heading', {name: 'Wachtlijst'}).waitFor();
	await page.getByRole('button', {name: 'Afmelden'}).click();
	await page.getByRole('link', {name: 'Aanmelden'}).first().waitFor();
	equal((await page.context().cookies()).length, 0, 'cookies after signing out');
	await page.goto(n.url + '/wachtlijst');
	await page.getByText('Meld je eerst aan').waitFor();
	equal(await rows(page).count(), 0, 'rows for somebody who is not signed in');
	await page.context().close();
}

// Each sees the pages of its own roles, and no other.
async function menuIsByRole(b, n) {
	for (const [party, list] of [['samenwerking', 1], ['ovbj-ieper', 0], ['meldpunt', 0]]) {
		const page = await b.open();
		await signIn(page, n, party);
		equal(await page.getByRole('navigation', {name: 'Pagina’s'}).getByRole('link', {name: 'Wachtlijst'}).count(), list,
			`the list in the menu of ${party}`);
		if (list === 0) {
			await page.goto(n.url + '/wachtlijst');
			await page.getByText('hoort niet bij').waitFor();
		}
		await page.context().close();
	}
}

// A young person signs in with the code that a holder gives: its own pages, no list, no names, and no
// other request, whatever the address says.
async function youngPersonSignsInByCode(b, n) {
	const {doc: mine} = await n.ask('meldpunt', 'GET', '/api/v1/requests?limit=5&open_only=true');
	const [own, other] = mine.requests.map((r) => r.short_code);
	const given = await n.ask('meldpunt', 'POST', `/api/v1/requests/${own}/codes`,
		{speaker: 'YOUTH', child: 0});
	equal(given.status, 201, 'giving a code: ' + JSON.stringify(given.doc));
	const page = await b.open();
	await page.goto(n.url + '/aanmelden');
	await page.getByLabel('Je code').fill(` ${given.doc.code} `);
	await page.keyboard.press('Enter');
	await page.getByRole('button', {name: 'Afmelden'}).waitFor();
	equal(await page.getByRole('banner').getByText('Voorbeeld').count(), 0, 'names of organisations above the page');
	equal(await page.getByRole('link', {name: 'Wachtlijst'}).count(), 0, 'links to the list');
	const read = (path) => page.evaluate(async (p) => (await fetch(p)).status, path);
	equal(await read(`/api/v1/requests/${own}`), 200, 'the own request');
	equal(await read(`/api/v1/requests/${other}`), 403, 'the request of another');
	equal(await read('/api/v1/waiting'), 403, 'the list');
	await page.context().close();
}

// Who offers what: by keyboard, with what the command says of the same region.
async function directoryIsWhatTheNodeHas(b, n) {
	const page = await b.open();
	await page.goto(n.url + '/aanbod');
	await rows(page).first().waitFor();
	await page.getByRole('combobox', {name: 'Soort hulp'}).focus();
	await page.keyboard.type('trauma');
	await page.getByRole('option', {name: 'trauma'}).waitFor();
	await page.keyboard.press('Enter');
	await page.keyboard.press('Tab');
	await page.keyboard.type('westh');
	await page.keyboard.press('Enter');
	await page.keyboard.press('Enter');
	await page.waitForURL(/expertise=TRAUMA&zone=westhoek/);
	await rest(page);
	const told = await (await fetch(
		`${n.url}/api/v1/directory?expertise=TRAUMA&zone=westhoek&limit=50`)).json();
	check(told.items.length > 0, 'nobody offers it');
	await until('all rows', async () => await rows(page).count() === told.items.length);
	const text = await page.locator('table').innerText();
	check(!/[A-Z]{3,}_[A-Z]/.test(text), 'a code is shown: ' + text.match(/[A-Z]{3,}_[A-Z]\w*/));
	check(!text.includes('nog niet benoemd'), 'something has no label');
	const ages = (await rows(page).locator('td:last-child').allInnerTexts()).join(' ');
	check(/geleden|zojuist/.test(ages), 'no age: ' + ages);
	check(!/[3-9]\d\d dagen/.test(ages), 'ages are by another clock than the node’s: ' + ages);
	await everyWay(b, page, 'directory');
	await page.context().close();
}

// The coordinator's list: rows, a filter, the next page, and what each row says of itself.
async function waitingListExplainsItself(b, n) {
	const page = await b.open();
	await signIn(page, n, 'samenwerking', 'Wachtlijst');
	await until('50 rows', async () => await rows(page).count() === 50);
	await page.getByRole('button', {name: /Toon er nog/}).click();
	await until('100 rows', async () => await rows(page).count() === 100);
	await page.getByText('Uitleg').first().click();
	await page.getByText('Wie vasthoudt:').first().waitFor();
	const text = await page.locator('table').innerText();
	check(!/[A-Z]{3,}_[A-Z]/.test(text), 'a code is shown: ' + text.match(/[A-Z]{3,}_[A-Z]\w*/));
	check(!text.includes('nog niet benoemd') && !text.includes('undefined') && !text.includes('NaN'),
		'something has no word: ' + text.match(/.*(benoemd|undefined|NaN).*/));
	await page.goto(n.url + '/wachtlijst?expertise=GROUP_LIVING');
	await rows(page).first().waitFor();
	const told = await page.evaluate(async () =>
		(await fetch('/api/v1/waiting?expertise=GROUP_LIVING&limit=50')).json());
	equal(await rows(page).count(), told.entries.length, 'rows of one kind of help');
	equal(await page.getByRole('combobox', {name: 'Hulp'}).inputValue(), 'leefgroepwerking', 'the filter');
	await page.getByText('Uitleg').first().click();
	await accessible(page, 'explained');
	await b.shoot(page, 'waiting-explained');
	await page.goto(n.url + '/wachtlijst?expertise=FOSTER_CARE&zone=rits');
	await rows(page).first().waitFor();
	await everyWay(b, page, 'waiting');
	await page.context().close();
}

// kill -9 of the gateway under open pages: each says so, keeps what was typed and shown, and goes on
// by itself, signed in as before.
async function killedGatewayIsTold(b, n) {
	const page = await b.open();
	const open = await b.open();
	await signIn(page, n, 'samenwerking', 'Wachtlijst');
	await open.goto(n.url + '/aanbod');
	await rows(page).first().waitFor();
	await page.getByText('Verbonden.').waitFor();
	await open.getByText('Verbonden.').waitFor();
	const before = await rows(page).count();
	await page.getByRole('combobox', {name: 'Hulp'}).fill('leefg');
	await open.getByLabel('Leeftijd').fill('13');
	await n.kill('gateway');
	for (const p of [page, open]) {
		await p.getByText('De verbinding is weg sinds').waitFor({timeout: 30000});
	}
	await accessible(page, 'lost');
	await fits(page, 'lost');
	await b.shoot(page, 'lost');
	equal(await rows(page).count(), before, 'rows while the gateway is gone');
	// A question meanwhile is answered with what to do, and what was typed stays.
	await open.getByRole('button', {name: 'Zoeken'}).click();
	await open.getByText('Schakel antwoordt niet').waitFor();
	await accessible(open, 'asked while lost');
	await b.shoot(open, 'asked-while-lost');
	await n.gateway();
	for (const p of [page, open]) {
		await p.getByText('Verbonden.').waitFor({timeout: 30000});
	}
	equal(await page.getByRole('combobox', {name: 'Hulp'}).inputValue(), 'leefg', 'what was typed');
	equal(await open.getByLabel('Leeftijd').inputValue(), '13', 'what was typed');
	await page.getByRole('option', {name: 'leefgroepwerking'}).click();
	await page.getByRole('button', {name: 'Toon', exact: true}).click();
	await page.waitForURL(/expertise=GROUP_LIVING/);
	await rest(page);
	await rows(page).first().waitFor();
	await until('the question is answered by itself', async () => await rows(open).count() > 0 &&
		await open.locator('.problem').count() === 0);
	await keyboard(page, 'after the loss');
	await page.context().close();
	await open.context().close();
}

// What changes elsewhere comes by itself; a daemon that is gone is named, and its return too.
async function changesComeByThemselves(b, n) {
	const page = await b.open();
	await signIn(page, n, 'samenwerking', 'Wachtlijst');
	await page.getByRole('button', {name: 'Pauzeer'}).waitFor();
	await until('50 rows', async () => await rows(page).count() === 50);
	const code = await page.locator('tbody .code').first().innerText();
	const waited = page.waitForResponse((r) => r.url().includes('/api/v1/waiting?'));
	n.run('request', 'withdraw', code, '--as', 'meldpunt');
	await waited;
	await until('the row to go', async () =>
		!(await page.locator('tbody .code').allInnerTexts()).includes(code));
	await n.kill('waitlist');
	await page.getByText('antwoordt nu niet: wachtlijst').waitFor({timeout: 40000});
	check(await rows(page).count() > 0, 'the list is gone from the page');
	await accessible(page, 'a daemon is gone');
	await b.shoot(page, 'part-lost');
	n.start('waitlist');
	await until('the note to go', async () =>
		await page.getByText('antwoordt nu niet').count() === 0, 40000);
	await page.context().close();
}

// Each part of the dashboard has its table, the lines are drawn, and a change elsewhere is counted there
// without a reload.
async function dashboardIsLive(b, n) {
	const page = await b.open();
	await signIn(page, n, 'samenwerking');
	await page.goto(n.url + '/dashboard');
	for (const part of ['map', 'flows', 'starts', 'waiting', 'supply', 'answers', 'signals']) {
		const section = page.locator('#' + part);
		await section.waitFor();
		check(await section.locator('table, .empty').count() > 0, `${part} has no table`);
	}
	await page.locator('#flows canvas').waitFor();
	await page.locator('#map svg path').first().waitFor();
	const waits = page.locator('#waiting tbody tr').filter({hasText: 'leefgroepwerking'}).locator('td');
	const before = Number(await waits.innerText());
	const {doc} = await n.ask('samenwerking', 'GET', '/api/v1/waiting?expertise=GROUP_LIVING&limit=1');
	n.run('request', 'withdraw', doc.entries[0].short_code, '--as',
		doc.entries[0].request.requester);
	await until('fewer wait', async () => Number(await waits.innerText()) < before);
	await accessible(page, 'dashboard');
	await b.shoot(page, 'dashboard');
	await page.context().close();
}

const tests = [changesComeByThemselves, dashboardIsLive, aPageLoadsLittle, sessionBeginsAndEnds, menuIsByRole,
	youngPersonSignsInByCode, directoryIsWhatTheNodeHas,
	waitingListExplainsItself, killedGatewayIsTold];

export default async function run(only) {
	const n = await Node.make({days: 3});
	try {
		await suite('region', tests, n, only);
		await n.stop();
	} finally {
		n.end();
	}
}
