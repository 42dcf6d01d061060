// SPDX-License-Identifier: EUPL-1.2
// Who carries a request: a crisis taken by telephone, the call list, the night plan, the codes.
import {readFileSync} from 'node:fs';

import {accessible, check, equal, everyWay, suite, until} from './browser.mjs';
import {Node} from './node.mjs';
import {call, signIn} from './talk.mjs';

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

/** Keeps when the number and when the team came to be seen, by the clock of the page. */
const watchTeam = (page) => page.evaluate(() => {
	globalThis.seen = {};
	new MutationObserver(() => {
		const text = document.querySelector('main').innerText;
		globalThis.seen.number ??= text.includes('Dit is het nummer') ? performance.now() : undefined;
		globalThis.seen.team ??= /: gevraagd/.test(text) ? performance.now() : undefined;
	}).observe(document.body, {subtree: true, childList: true, characterData: true});
});

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
	await watchTeam(page);
	await page.keyboard.press('Control+Enter');
	await page.getByText('Dit is het nummer').waitFor();
	check(Date.now() - begun < 60000, 'longer than a minute');
	await page.getByText('gevraagd').first().waitFor();
	const {number, team} = await page.evaluate(() => globalThis.seen);
	console.log(`  the team shows ${Math.round(team - number)} ms after the number`);
	check(team - number < 1000, `the team shows ${team - number} ms after the number`);
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

// "Wij kunnen, als …" with its condition, "wij niet, wel misschien …" with whom: by telephone, as was said.
async function conditionsAreNoted(b, node) {
	const page = await b.open();
	await signIn(page, node, 'meldpunt');
	await crisis(page);
	await page.goto(node.url + '/bellijst');
	const row = page.getByRole('row').filter({has: page.getByRole('button', {name: 'wij kunnen', exact: true})});
	await row.first().waitFor();
	const {items} = await call(node, 'meldpunt', '/call-list?limit=100');
	const state = async ({partner, ask}) => (await call(node, partner, `/asks/${ask.contribution_id}?all=true`)).asks[0];
	const rowOf = async (of) => {
		const list = (await row.getByRole('rowheader').allInnerTexts()).map((x) => x.split('\n')[0]);
		const words = await page.evaluate(async () => (await (await fetch('/codes/party')).json()).party);
		return row.nth(list.indexOf(words.find((w) => w.code === of.partner).nl));
	};
	const [one] = items;
	await (await rowOf(one)).getByRole('button', {name: 'wij kunnen, als …'}).click();
	await accessible(page, 'a condition');
	await (await rowOf(one)).getByRole('button', {name: 'er vervoer is'}).click();
	await page.getByText(/Genoteerd voor .*: wij kunnen, als/).waitFor();
	const said = await state(one);
	equal([said.state, said.can_if], ['CAN_IF', 'TRANSPORT'], 'the condition');
	await crisis(page); // who said no is not asked again: another one is
	await page.reload();
	await row.first().waitFor();
	const next = (await call(node, 'meldpunt', '/call-list?limit=100')).items[0];
	const box = await rowOf(next);
	await box.getByRole('button', {name: 'wij niet, wel misschien …'}).click();
	await box.getByRole('combobox').fill('caw');
	await page.keyboard.press('Enter');
	await box.getByRole('button', {name: 'Noteer'}).click();
	await page.getByText(/Genoteerd voor .*: wij niet/).waitFor();
	equal((await state(next)).state, 'NOT_OURS', 'the answer of who cannot');
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
	// The crisis places of the region may be taken by those of the tests before: then it says what lacks.
	await page.getByText(/Nagerekend toen elke hulp gegeven werd|Daarvan \d+: te weinig vrij/).first().waitFor();
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
	await page.getByRole('button', {name: 'Code intrekken'}).click();
	await page.getByText('werkt niet meer. Wie met die code').waitFor();
	await accessible(page, 'code withdrawn');
	equal(await child.evaluate(async () => (await fetch('/api/v1/me')).status), 401, 'who had the code');
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

/** Opens what is folded under that name, fills it in, sends it; it folds itself when it was noted. */
async function note(page, name, fill = async () => {}) {
	const box = page.locator('details.act').filter({has: page.locator('summary', {hasText: name})}).first();
	await box.locator('summary').click();
	await fill(box);
	await box.locator('form button:not([type=button])').click();
	await box.locator('form').waitFor({state: 'detached'}).catch(async (e) => {
		throw new Error(`${name}: ${await box.innerText()}`, {cause: e});
	});
}

const pick = async (page, box, name, text) => {
	await box.getByRole('combobox', {name}).fill(text);
	await page.keyboard.press('Enter');
};

// Advice without a name is answered, and a search goes on from it with several children: what was told is
// there, and nothing of it is asked again.
async function adviceGoesOn(b, node) {
	const page = await b.open();
	await signIn(page, node, 'meldpunt');
	await page.goto(node.url + '/nieuw');
	await page.getByLabel('advies', {exact: true}).check();
	await page.getByLabel('Zonder naam').check();
	equal(await page.getByLabel('Terugbellen op').count(), 0, 'ways to call back who gives no name');
	await page.getByLabel('Wat er aan de hand is').fill('Twee kinderen slapen niet.');
	await page.getByLabel('gewoon', {exact: true}).check();
	await pick(page, page, 'Streek', 'midden');
	await accessible(page, 'new advice');
	await page.keyboard.press('Control+Enter');
	await page.getByText('Alleen wie het nummer heeft').waitFor();
	const code = await page.locator('.sent .number').innerText();
	await page.goto(`${node.url}/aanmelding/${code}`);
	await note(page, 'Vraag iets terug', (box) => box.getByLabel('In gewone woorden').fill('Hoe oud zijn ze?'));
	await page.getByText('er is nog informatie nodig').waitFor();
	await note(page, 'Vul aan', (box) => box.getByLabel('In gewone woorden').fill('Negen en zes.'));
	await note(page, 'Geef advies', (box) => box.getByLabel('In gewone woorden').fill('Vraag de huisarts.'));
	await page.getByText('advies gegeven').waitFor();
	equal((await call(node, 'meldpunt', `/consults/${code}`)).state, 'RESPONSE_GIVEN', 'state of the advice');
	await everyWay(b, page, 'advice');

	await page.getByRole('link', {name: 'Ga verder als zoeken naar hulp'}).click();
	await page.getByText('Vraag niet opnieuw').waitFor();
	await page.getByText('Negen en zes.').waitFor();
	check(await page.getByRole('combobox', {name: 'Streek'}).inputValue() !== '', 'the area is asked twice');
	check(await page.getByLabel('gewoon', {exact: true}).isChecked(), 'how urgent is asked twice');
	await page.getByLabel('Terugbellen op').fill('0470 00 00 00'); // nobody told it before
	await page.getByLabel('Leeftijd').fill('9');
	await page.getByRole('button', {name: 'Nog een kind'}).click();
	await page.getByLabel('Leeftijd').nth(1).fill('6');
	await pick(page, page, 'Hulp die nodig is', 'trauma');
	await pick(page, page, 'Hulp die nodig is', 'opvoedingso');
	await page.getByRole('group', {name: 'trauma'}).getByLabel(/^Voor/).selectOption({label: 'Kind 2'});
	await page.getByRole('combobox', {name: 'Hulp die nodig is'}).press('Escape');
	await accessible(page, 'several children');
	await b.shoot(page, 'new-children');
	await page.keyboard.press('Control+Enter');
	await page.getByText('Dit is het nummer').waitFor();
	const made = await page.locator('.sent .number').innerText();
	const {requests: [r]} = await call(node, 'meldpunt', `/requests/${made}`);
	equal([r.from_consult, r.children.length, r.needs.map((n) => [n.need.expertise, n.need.child]).sort()],
		[code, 2, [['PARENTING_SUPPORT', 0], ['PARENTING_SUPPORT', 1], ['TRAUMA', 1]]], 'what was made');
	check(JSON.stringify(r.capsules).includes('Negen en zes.'), 'the story did not come along');
	await page.context().close();
}

// What was told wrong or changed meanwhile; who judges; what a court and the gate decided. A court service
// confirms what was noted, by the number alone, and sees nothing else. Then it is withdrawn, with a reason.
async function requestIsAmended(b, node) {
	const page = await b.open();
	await signIn(page, node, 'meldpunt');
	const code = await crisis(page);
	const read = async () => (await call(node, 'meldpunt', `/requests/${code}`)).requests[0];
	await page.goto(`${node.url}/aanmelding/${code}`);
	await note(page, 'Voeg hulp toe', async (box) => {
		await pick(page, box, 'Hulp die nodig is', 'trauma');
	});
	await note(page, 'Verander: trauma', async (box) => {
		await box.getByLabel('Uren per week').fill('3');
		await box.getByLabel('mag ook later').check();
	});
	await note(page, 'Verander de streek', (box) => pick(page, box, 'Streek', 'westh'));
	await note(page, 'Nog een volwassene', (box) => box.getByLabel('beslist mee').check());
	await note(page, 'Verbeter ouder of opvoeder 1', (box) =>
		box.getByLabel('Contact met het kind').selectOption({index: 1}));
	await note(page, 'Oordeel over zelf beslissen', async (box) => {
		await accessible(page, 'a judgement');
		await box.getByLabel('nee', {exact: true}).check();
		await box.getByLabel('Waarom').selectOption({label: 'vandaag lukt het niet'});
		await box.getByLabel('Wie oordeelde').fill('Jo Voorbeeld');
	});
	await note(page, 'Een kind is vermist');
	let now = await read();
	const added = now.needs.find((n) => n.need.expertise === 'TRAUMA').need;
	equal([now.request.zone, added.intensity, added.must, now.adults.length, now.adults[1].authority,
		Boolean(now.adults[0].limit), now.child_grounds[0].missing, now.judgements[0].capable],
	['westhoek', 3, false, 2, true, true, true, false], 'what was changed');
	check(!JSON.stringify(now.judgements).includes('Jo'), 'who judged is kept by name');
	await note(page, 'Kind 1 is terug');
	await note(page, 'Aanspreekpunt en vervanger', async (box) => {
		await pick(page, box, 'Aanspreekpunt', 'crisismeldpunt');
		await pick(page, box, 'Vervanger', 'samenwerkingsverband Roeselare');
	});
	await note(page, 'Verander hoe dringend', async (box) => {
		await box.getByLabel('gewoon', {exact: true}).check();
	});
	await note(page, 'Beslissing van de jeugdrechter', async (box) => {
		await box.getByLabel('Nummer van de beslissing').fill('2026/17');
		await box.getByLabel('Tot').fill(now.request.received_ms.replace(/^(....).*/, (_, y) => `${Number(y) + 1}-01-10`));
	});
	now = await read();
	equal([now.contact_party, now.stand_in_party, now.request.urgency, now.child_grounds[0].missing,
		now.orders[0].unconfirmed], ['meldpunt', 'samenwerking', 'STANDARD', false, true], 'contact and order');
	await everyWay(b, page, 'amended');

	const court = await b.open();
	await signIn(court, node, 'sdj-veurne');
	await court.getByRole('heading', {name: 'Beslissing noteren'}).waitFor();
	await court.getByLabel('Nummer van de aanmelding').fill(code);
	await court.getByRole('button', {name: 'Open', exact: true}).click();
	await court.getByText('Hier staat nog geen beslissing').waitFor();
	await court.getByLabel('Nummer van je beslissing').fill('2026/17');
	await court.getByRole('button', {name: 'Open', exact: true}).click();
	equal(await court.getByText('Mia').count(), 0, 'names for a court');
	await note(court, 'Beslissing van de jeugdrechter', async (box) => {
		await box.getByLabel('Nummer van de beslissing').fill('2026/17');
		await box.getByLabel('Tot').fill(now.orders[0].until_ms.slice(0, 10));
	});
	await court.getByText('Hulp 1: nog niet gestart').waitFor();
	await everyWay(b, court, 'court');
	await note(court, 'Beslissing van de toegangspoort', (box) =>
		box.getByLabel('Nummer van de beslissing').fill('P-9'));
	equal((await read()).ground, 'COURT_ORDER', 'the ground, once the court said so');
	await note(court, 'Deze beslissing stopt nu');
	await court.getByText('Gestopt op').waitFor();
	await court.context().close();

	await page.reload();
	await note(page, 'Sluit een hulpvraag af', async (box) => {
		await box.getByLabel('Welke hulpvraag').selectOption({label: 'trauma'});
		await box.getByLabel('Waarom').selectOption({index: 1});
	});
	await note(page, 'Trek in', (box) => box.getByRole('radio').first().check());
	now = await read();
	equal([now.open, now.needs.map((n) => n.need.state).sort()], [false, ['CLOSED', 'WITHDRAWN']], 'at the end');
	await page.locator('summary', {hasText: 'Voeg hulp toe'}).first().waitFor({state: 'detached'}); // no forms of what is over
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
	await page.getByText('Advies zonder naam staat in geen lijst').waitFor();
	await page.context().close();
	const regie = await b.open();
	await signIn(regie, node, 'samenwerking');
	await regie.goto(node.url + '/jaartelling');
	await regie.getByText(/in heel de streek [1-9]\d* keer advies zonder naam/).waitFor();
	await regie.context().close();
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

// In this order: every crisis takes a place, and there are few.
const tests = [crisisByKeyboard, answerIsNoted, nightPlanInThreeTaps, codeOpensOwnPage, conditionsAreNoted,
	adviceGoesOn, requestIsAmended, requestIsCarried, draftIsKept, familiesAndHelp, countIsSaved,
	lastPlaceIsSigned];

export default async function run(only) {
	const node = await Node.make({days: 1});
	try {
		await suite('carriers', tests.map((fn) => ({[fn.name]: (b) => fn(b, node)})[fn.name]), node, only);
	} finally {
		await node.stop();
	}
}
