// SPDX-License-Identifier: EUPL-1.2
// Who carries a request: a crisis taken by telephone, the call list, the night plan, the codes.
import {readFileSync} from 'node:fs';

import {accessible, check, equal, everyWay, suite, until} from './browser.mjs';
import {Node} from './node.mjs';

async function signIn(page, node, party) {
	await page.goto(node.url + '/aanmelden');
	await page.getByLabel('Je code').fill(node.code(party));
	await page.keyboard.press('Enter');
	await page.getByRole('button', {name: 'Afmelden'}).waitFor();
}

/** Presses Tab until the focus is on the field of that label. */
async function tabTo(page, label) {
	for (let i = 0; i < 40; i++) {
		await page.keyboard.press('Tab');
		const at = await page.evaluate(() => {
			const e = document.activeElement;
			const group = e.type === 'radio' ? e.closest('fieldset')?.querySelector('legend') : null;
			return (group ?? e.labels?.[0] ?? e).textContent.trim();
		});
		if (at.startsWith(label)) {
			return;
		}
	}
	throw new Error(`Tab does not come to: ${label}`);
}

// By keyboard alone, with what a worker types: told, dated, sent; the number and the team show.
async function typeCrisis(page, {story = 'Zoon van 14 wil niet meer naar huis.'} = {}) {
	const k = page.keyboard;
	await page.getByRole('heading', {name: 'Nieuwe aanmelding'}).waitFor();
	await tabTo(page, 'Naam');
	await k.type('Mia');
	await tabTo(page, 'Terugbellen op');
	await k.type('0470 00 00 00');
	await tabTo(page, 'Wat er aan de hand is');
	await k.type(story);
	await tabTo(page, 'Wanneer moet er iets zijn');
	await k.press('ArrowDown');
	await tabTo(page, 'Waarom is het gevaarlijk');
	await k.type('geen');
	await tabTo(page, 'Streek');
	await k.type('midden');
	await k.press('Enter');
	await tabTo(page, 'Leeftijd');
	await k.type('14');
	await tabTo(page, 'Hulp die nodig is');
	await k.type('crisisver');
	await k.press('Enter');
	await k.type('crisisbeg');
	await k.press('Enter');
}

async function crisisByKeyboard(b, node) {
	const page = await b.open();
	await signIn(page, node, 'meldpunt');
	await page.getByRole('heading', {name: 'Nieuwe aanmelding'}).waitFor();
	await everyWay(b, page, 'new');
	await page.reload();
	const begun = Date.now();
	await typeCrisis(page);
	await b.shoot(page, 'new-typed');
	await accessible(page, 'new typed');
	await page.keyboard.press('Control+Enter');
	await page.getByText('Dit is het nummer').waitFor();
	check(Date.now() - begun < 60000, 'longer than a minute');
	await page.getByText('gevraagd').first().waitFor({timeout: 3000});
	await b.shoot(page, 'new-sent');
	await accessible(page, 'new sent');
	equal(await page.evaluate(() => sessionStorage.getItem('draft.request')), null, 'the draft');
	await page.context().close();
}

/** A crisis over the API, as another system sends it; its number. */
async function crisis(page) {
	return page.evaluate(async () => {
		const me = await (await fetch('/api/v1/me')).json();
		const id = (n) => n.toString(16).padStart(32, '0');
		const r = await fetch('/api/v1/requests', {method: 'POST', headers: {'X-CSRF': me.csrf,
			'Content-Type': 'application/json'}, body: JSON.stringify({kind: 'SEARCH', zone: 'midden-wvl',
			urgency: 'CRISIS', crisis_step: 'TONIGHT', reason: 'NO_SAFE_PLACE', children: [{age_years: 14}],
			adults: [{number: 1, authority: true, home: true}], callback_sealed: true,
			needs: [{expertise: 'CRISIS_STAY', intensity: 1, duration_weeks: 1, must: true}],
			capsules: [{person_id: id(Date.now()), content: {name: 'Mia', callback: '0470 00 00 00'}}]})});
		return (await r.json()).short_code;
	});
}

// Two taps: what the partner said, and from when; the request then says so too.
async function answerIsNoted(b, node) {
	const page = await b.open();
	await signIn(page, node, 'meldpunt');
	const code = await crisis(page);
	await page.goto(node.url + '/bellijst');
	await page.getByRole('link', {name: code}).first().waitFor();
	await page.getByRole('link', {name: /051 00 00/}).first().waitFor();
	await page.getByText('Terugbellen op: Mia, 0470 00 00 00').first().waitFor();
	const row = page.getByRole('row').filter({has: page.getByRole('button', {name: 'wij kunnen', exact: true})});
	await row.first().waitFor();
	const before = await row.count();
	const who = (await row.first().getByRole('rowheader').innerText()).split('\n')[0];
	await row.first().getByRole('button', {name: 'nu niet, wel vanaf …'}).click();
	await accessible(page, 'an answer half noted');
	await b.shoot(page, 'calls-answer');
	await row.first().getByRole('button', {name: 'over twee weken'}).click();
	await page.getByText(`Genoteerd voor ${who}`).waitFor();
	await until('the row to go', async () => await row.count() < before);
	await page.context().close();
}

// Three taps: who is with the child, who was called, keep; the hour is proposed.
async function nightPlanInThreeTaps(b, node) {
	const page = await b.open();
	await signIn(page, node, 'meldpunt');
	const code = await crisis(page);
	await page.goto(node.url + '/bellijst');
	const card = page.getByRole('listitem').filter({has: page.getByRole('link', {name: code})});
	await card.waitFor();
	if (!await card.getByLabel('familie of vrienden').isVisible()) {
		await card.getByText('Nachtplan', {exact: true}).click();
	}
	await everyWay(b, page, 'calls');
	await card.getByLabel('familie of vrienden').check();
	await card.getByLabel('politie').check();
	await card.getByRole('button', {name: 'Bewaar het nachtplan'}).click();
	await page.getByText(`Het nachtplan van ${code} is bewaard.`).waitFor();
	await card.getByText('We bellen om').waitFor();
	await page.emulateMedia({media: 'print'});
	check(await page.getByText('Bellijst van').isVisible(), 'no head on paper');
	check(!await page.getByRole('button', {name: 'wij kunnen', exact: true}).first().isVisible(), 'buttons on paper');
	await b.shoot(page, 'calls-paper');
	await page.context().close();
}

// Who holds gives the young person a code, shown large; with it the young person reads on.
async function codeOpensOwnPage(b, node) {
	const page = await b.open();
	await signIn(page, node, 'meldpunt');
	const code = await crisis(page);
	await page.goto(`${node.url}/aanmelding/${code}`);
	await page.getByText('de stem van kind 1').waitFor();
	await everyWay(b, page, 'request');
	await page.getByText('Waarom dit team').click();
	await page.getByText('gekozen').first().waitFor();
	await page.getByLabel('kind 1 (14 jaar)').first().check();
	await page.getByRole('button', {name: 'Maak een code'}).click();
	const made = page.locator('.sent .number');
	await made.waitFor();
	const own = await made.innerText();
	check(own.startsWith(code + '-'), `a code of another request: ${own}`);
	await b.shoot(page, 'code');
	await accessible(page, 'code');
	const child = await b.open();
	await child.goto(node.url + '/aanmelden');
	await child.getByLabel('Je code').fill(own);
	await child.keyboard.press('Enter');
	await until('the child to be signed in', () => child.evaluate(async () =>
		(await (await fetch('/api/v1/me')).json()).speaker === 'YOUTH'));
	await child.context().close();
	await page.context().close();
}

// What is noted stands there afterwards; what a rule forbids is told, and what was typed stays.
async function requestIsCarried(b, node) {
	const page = await b.open();
	await signIn(page, node, 'meldpunt');
	const code = await crisis(page);
	await page.goto(`${node.url}/aanmelding/${code}`);
	const act = (name) => page.locator('details').filter({has: page.locator('summary', {hasText: name})});
	await act('Noteer wat iemand zegt').locator('summary').click();
	await act('Noteer wat iemand zegt').getByLabel('kind 1').check();
	await act('Noteer wat iemand zegt').getByLabel('ja', {exact: true}).check();
	await act('Noteer wat iemand zegt').getByRole('button').click();
	await page.getByText('Kind 1 zei: ja').waitFor();
	await act('Noteer een doel').locator('summary').click();
	await act('Noteer een doel').getByLabel('In de woorden').fill('Weer naar school zonder ruzie.');
	await act('Noteer een doel').getByLabel('Welk deel').selectOption({label: 'onderwijs'});
	await act('Noteer een doel').getByRole('button').click();
	await page.getByRole('listitem').filter({hasText: 'Weer naar school zonder ruzie.: nog te doen'}).waitFor();
	await act('Verbeter of vul').locator('summary').click();
	await act('Verbeter of vul').getByLabel('Wat er aan de hand is').fill('Het was anders.');
	await node.kill('gateway');
	await page.getByText('De verbinding is weg sinds').waitFor();
	equal(await act('Verbeter of vul').getByLabel('Wat er aan de hand is').inputValue(), 'Het was anders.',
		'what was typed when the gateway went');
	await node.gateway();
	await page.getByText('Verbonden.').waitFor();
	await act('Verbeter of vul').getByRole('button').click();
	await page.getByText('Verhaal: Het was anders.').waitFor();
	await page.context().close();
}

// The draft outlives a reload and a gateway that was killed; a lost answer makes nothing twice.
async function draftIsKept(b, node) {
	const page = await b.open();
	await signIn(page, node, 'meldpunt');
	await typeCrisis(page, {story: 'Verhaal dat moet blijven.'});
	await node.kill('gateway');
	await page.getByText('De verbinding is weg sinds').waitFor();
	await node.gateway();
	await page.reload();
	await page.getByLabel('Wat er aan de hand is').waitFor();
	equal(await page.getByLabel('Wat er aan de hand is').inputValue(), 'Verhaal dat moet blijven.', 'story');
	let lost = '';
	await page.route('**/api/v1/requests', async (route) => {
		lost = (await (await route.fetch()).json()).short_code;
		await route.abort();
	}, {times: 1});
	await page.keyboard.press('Control+Enter');
	await page.getByText('Dit is het nummer').waitFor();
	check(lost !== '' && await page.locator('.sent .number').innerText() === lost, 'made twice');
	await page.getByRole('button', {name: 'Nieuwe aanmelding'}).click();
	await page.getByLabel('Wat er aan de hand is').fill('Nog iets.');
	await page.getByRole('button', {name: 'Afmelden'}).click();
	await page.getByRole('link', {name: 'Aanmelden', exact: true}).first().waitFor();
	equal(await page.evaluate(() => sessionStorage.getItem('draft.request')), null, 'a draft after signing out');
	await page.context().close();
}

// A house sees its families and calls a colleague to its side; another one comes.
async function familiesAndHelp(b, node) {
	const page = await b.open();
	await signIn(page, node, 'team-roeselare');
	await page.goto(node.url + '/gezinnen');
	await page.getByText('aanspreekpunt voor').waitFor();
	await page.locator('summary', {hasText: 'Ik sta er alleen voor'}).click();
	await page.getByRole('button', {name: 'Ik sta er alleen voor'}).click();
	await page.getByText('iemand die erbij komt').first().waitFor();
	await everyWay(b, page, 'families');
	await page.getByRole('button', {name: 'niet meer nodig'}).first().click();
	await page.getByText('Genoteerd: niet meer nodig').waitFor();
	await page.context().close();
}

// One line a request, no name: the file for the yearly count.
async function countIsSaved(b, node) {
	const page = await b.open();
	await signIn(page, node, 'meldpunt');
	await crisis(page);
	await page.goto(node.url + '/jaartelling');
	const button = page.getByRole('button', {name: 'Bewaar als bestand'});
	await button.waitFor();
	await everyWay(b, page, 'count');
	const [file] = await Promise.all([page.waitForEvent('download'), button.click()]);
	const text = readFileSync(await file.path(), 'utf8');
	check(text.includes('"nummer";"maand";"soort"') && text.includes('zoeken naar hulp'), text.slice(0, 300));
	check(!text.includes('Mia'), 'a name in the count');
	await page.context().close();
}

// Several crises wait, one place comes free: they stand side by side, and a person signs.
async function lastPlaceIsSigned(b, node) {
	const page = await b.open();
	await signIn(page, node, 'meldpunt');
	for (let i = 0; i < 8; i++) {
		await crisis(page);
	}
	const headers = {Authorization: `Bearer ${node.json('access', 'token', 'mfc-ieper').token}`,
		'Content-Type': 'application/json'};
	const url = node.url + '/api/v1/offers/crisisbed-ieper';
	const {pools} = await (await fetch(url, {headers})).json();
	const put = await fetch(url, {method: 'PUT', headers, body: JSON.stringify({based_on: pools[0].version,
		unit: 'BED', total: 1, funded: 1, staffed: 1, insured: true})});
	check(put.ok, `the place: ${put.status}`);
	await page.goto(node.url + '/bellijst');
	await page.getByRole('link', {name: 'De laatste plek'}).first().click();
	await page.getByText('Wie deze plek kan gebruiken').waitFor();
	await accessible(page, 'last place');
	await b.shoot(page, 'last-place');
	await page.getByRole('radio').first().check();
	await page.getByLabel('Je naam').fill('Jo');
	await page.getByRole('button', {name: 'Beslis en teken'}).click();
	await page.getByText('Getekend om').waitFor();
	await page.context().close();
}

const tests = [crisisByKeyboard, answerIsNoted, nightPlanInThreeTaps, codeOpensOwnPage, requestIsCarried,
	draftIsKept, familiesAndHelp, countIsSaved, lastPlaceIsSigned];

export default async function run(only) {
	const node = await Node.make({days: 1});
	try {
		await suite('carriers', tests.map((fn) => ({[fn.name]: (b) => fn(b, node)})[fn.name]), node, only);
	} finally {
		await node.stop();
	}
}
