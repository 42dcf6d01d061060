// SPDX-License-Identifier: EUPL-1.2
// The page of a family against real daemons: asking for help, reading on with a code, saying yes and
// stopping, what a parent does not see, and leaving without a trace.
import {accessible, check, equal, everyWay, suite, until} from './browser.mjs';
import {Node} from './node.mjs';

const NEUTRAL = /wikipedia\.org/;
const rest = (page) => until('rest', () => page.evaluate(() => !document.querySelector('.busy')));
const id = () => [...crypto.getRandomValues(new Uint8Array(16))].map((x) => x.toString(16).padStart(2, '0')).join('');

/** A family that asks without the page. more: fields that are other ones; @return {code, short_code} */
async function ask(n, {age = 15, adults = 1, story = 'x', child = {}, speaker = 'YOUTH', ...more} = {}) {
	const ids = Array.from({length: adults + 1}, id);
	const body = {kind: 'SEARCH', zone: 'midden-wvl', urgency: 'STANDARD', callback_sealed: true,
		children: [{age_years: age, person_id: ids[0], ...child}],
		adults: ids.slice(1).map((person_id, i) => ({number: i + 1, authority: true, home: true, person_id})),
		needs: [{expertise: 'CONTEXT_STRENGTHENING', intensity: 1, duration_weeks: 12, must: true, child: 0}],
		capsules: [{person_id: ids[0], version: 1, content: {callback: 'na school', story}}], ...more};
	const r = await fetch(`${n.url}/api/v1/family/requests?speaker=${speaker}`, {method: 'POST', body: JSON.stringify(body),
		headers: {'Content-Type': 'application/json'}});
	check(r.status === 201, await r.clone().text());
	return r.json();
}

async function signIn(page, n, code) {
	await page.goto(n.url + '/aanmelden');
	await page.getByLabel('Je code').fill(code);
	await page.keyboard.press('Enter');
	await page.getByRole('heading', {name: 'Wat nu komt'}).waitFor();
}

const view = (page, code) => page.evaluate(async (c) =>
	(await (await fetch('/api/v1/requests/' + c)).json()).person, code);

/** The houses that are asked for this request answer that they can. @return their asks */
async function housesCan(n, page, code) {
	await until('a proposal', async () => (await view(page, code)).needs.some((x) => x.proposed.length > 0));
	const v = await view(page, code);
	const partners = [...new Set(v.needs.flatMap((x) => x.proposed.map((p) => p.partner)))];
	const asked = partners.flatMap((partner) => n.json('ask', 'list', '--as', partner).asks
		.filter((a) => a.state === 'ASKED').map((a) => ({...a, partner})));
	check(asked.length > 0, 'nobody was asked of ' + partners);
	asked.sort((a, b) => (a.contribution_id < b.contribution_id ? 1 : -1));
	const {partner, short_code} = asked[0];
	n.run('ask', 'answer', short_code, 'CAN', '--as', partner);
	return {partner, short_code};
}

/** Nothing of the person stands in what a browser keeps. */
async function noTrace(page, what) {
	const kept = await page.evaluate(async () => ({local: Object.keys(localStorage),
		session: Object.keys(sessionStorage), bases: (await indexedDB.databases()).length,
		caches: (await caches?.keys?.())?.length ?? 0, workers: (await navigator.serviceWorker
			?.getRegistrations?.())?.length ?? 0}));
	equal(kept.local, [], `${what}: localStorage`);
	check(kept.session.every((k) => k === 'lang'), `${what}: sessionStorage ${kept.session}`);
	equal([kept.bases, kept.caches, kept.workers], [0, 0, 0], `${what}: kept`);
}

// The first page, the questions, the code, the own page; the gateway killed in the middle of typing.
async function familyAsksForHelp(b, n) {
	const page = await b.open();
	await page.goto(n.url + '/');
	await page.getByRole('heading', {level: 1}).waitFor();
	await everyWay(b, page, 'first');
	for (const number of ['112', '102', '1712']) {
		check(await page.locator(`a[href="tel:${number}"]`).first().isVisible(), `${number} is not there`);
	}
	await page.getByRole('link', {name: 'Ik zoek hulp'}).click();
	await page.getByLabel('Ik ben een kind of een jongere').check();
	await everyWay(b, page, 'ask');
	await page.getByRole('button', {name: 'Verstuur mijn vraag'}).click();
	await page.getByText('Er is nog iets nodig op').waitFor();
	await accessible(page, 'what lacks');
	await page.getByLabel('Hoe oud ben je?').fill('veertien');
	await page.getByLabel('Nee, nu nog niet').check();
	await page.getByRole('combobox', {name: 'In welke gemeente woon je?'}).fill('8800');
	await page.keyboard.press('Enter');
	const story = page.getByLabel('Wat is er aan de hand?');
	await story.fill('Thuis is er altijd ruzie. Ik slaap slecht.');
	await n.kill('gateway');
	await page.getByText('De verbinding is weg sinds').waitFor();
	await page.getByLabel('Hoe bereiken we je veilig?').fill('mijn eigen nummer, 0470 00 00 00');
	await page.getByRole('combobox', {name: 'Wat zou helpen?'}).fill('mensen om je heen');
	await page.keyboard.press('ArrowDown');
	await page.keyboard.press('Enter');
	await page.getByRole('button', {name: 'Verstuur mijn vraag'}).click();
	await page.getByText('Schrijf een leeftijd').first().waitFor();
	equal(await story.inputValue(), 'Thuis is er altijd ruzie. Ik slaap slecht.', 'what was typed');
	await page.getByLabel('Hoe oud ben je?').fill('14');
	await page.getByRole('button', {name: 'Verstuur mijn vraag'}).click();
	await n.gateway();
	await page.getByText('Je vraag is verstuurd').waitFor();
	await everyWay(b, page, 'code');
	const code = await page.locator('.code').first().innerText();
	check(/^[0-9a-z]{10}-[0-9a-z]{8}$/.test(code), code);
	equal(await page.locator('.code').count(), 1, 'codes: no parent was let in');
	await page.getByLabel('Ik heb de code opgeschreven').check();
	await page.getByRole('button', {name: 'Naar mijn eigen pagina'}).click();
	await page.getByRole('heading', {name: 'Jouw vraag om hulp'}).waitFor();
	await page.getByText('laten je niet los').waitFor();
	await everyWay(b, page, 'own');
	equal(await page.title(), 'Info', 'the title of the window');
	equal(await page.evaluate(() => history.length), 2, 'entries in the history'); // about:blank and one
	await noTrace(page, 'own page');
	await page.getByRole('button', {name: 'Afmelden'}).click();
	await page.getByRole('link', {name: 'Ik zoek hulp'}).waitFor();
	await signIn(page, n, code.toUpperCase());
	const text = await page.locator('main').innerText();
	check(!/[A-Z]{3,}_[A-Z]|undefined|NaN|nog niet benoemd|wachtlijst|geweigerd|punten|\{\w+\}/i.test(
		text.replace(/[A-Z]{3,} [A-Z]/g, '')), 'a word that is none: ' + text);
	await page.context().close();
}

// A proposal, the yes of the young person, help that starts, another worker, and a stop.
async function youngPersonSaysYesAndStops(b, n) {
	const {code, short_code: request} = await ask(n, {adults: 0});
	const page = await b.open();
	await signIn(page, n, code);
	const house = await housesCan(n, page, request);
	await page.reload();
	await page.getByText('Voorstel voor jouw team').first().waitFor();
	await everyWay(b, page, 'proposal');
	await page.getByRole('button', {name: 'Dit is mijn antwoord'}).click();
	await page.getByText('Vul dit in').waitFor(); // nothing is chosen for anybody
	await page.getByRole('radio', {name: 'nee', exact: true}).check();
	await page.getByText('Wie wil je niet?').waitFor();
	await accessible(page, 'a no');
	await page.getByRole('radio', {name: 'ja', exact: true}).check();
	await page.getByRole('button', {name: 'Dit is mijn antwoord'}).click();
	await page.getByText('We hebben je antwoord').waitFor();
	await until('it is agreed', async () => (await view(page, request)).needs[0].help[0]?.state === 'AGREED');
	n.run('contribution', 'start', house.short_code, '--seen', '--as', house.partner);
	await page.reload();
	await page.getByText(/helpt sinds/).waitFor();
	await page.getByText('Iets zeggen over de hulp van').click();
	await page.getByRole('button', {name: 'Ik wil iemand anders van dezelfde dienst'}).click();
	await page.getByText('We zoeken iemand anders voor je').waitFor();
	await accessible(page, 'about a help');
	await b.shoot(page, 'helped');
	await page.getByRole('button', {name: 'Ik wil stoppen met deze hulp'}).click();
	await accessible(page, 'stop?');
	await page.getByRole('button', {name: 'Ja, stop deze hulp'}).click();
	await page.getByText('De hulp is gestopt').waitFor();
	await until('it has stopped', async () => (await view(page, request)).needs[0].help.length === 0);
	await page.getByRole('button', {name: 'Toon alles'}).click();
	await page.getByText('Jij stopte de hulp van').waitFor();
	await page.context().close();
}

// The own version of the story, a way to be reached, what is not wanted, and everything that is kept.
async function ownWordsAreKept(b, n) {
	const {code} = await ask(n, {story: 'Wat eerst verteld is.'});
	const page = await b.open();
	await signIn(page, n, code);
	const tell = page.getByLabel('Vertel het op jouw manier');
	await tell.fill('Mijn eigen woorden.\nEn nog een regel.');
	await n.kill('gateway');
	await page.getByText('De verbinding is weg sinds').waitFor();
	equal(await tell.inputValue(), 'Mijn eigen woorden.\nEn nog een regel.', 'what was typed');
	await page.getByLabel('Hoe en wanneer bereiken we je veilig?').fill('via de juf');
	await page.getByRole('button', {name: 'Bewaar mijn versie'}).click();
	await n.gateway();
	await page.getByText('Jouw eigen versie staat vooraan').waitFor();
	equal(await tell.inputValue(), '', 'the field afterwards');
	await page.getByText('Wie mag ons niet helpen?').click();
	await page.getByRole('combobox', {name: 'Welke dienst?'}).fill('huis');
	await page.keyboard.press('ArrowDown');
	await page.keyboard.press('Enter');
	await page.getByRole('button', {name: 'Vraag deze dienst niet'}).click();
	await page.getByText('Dat is genoteerd').first().waitFor();
	await page.getByRole('button', {name: 'Toon alles'}).click();
	await page.getByText('Mijn eigen woorden.').waitFor();
	const text = await page.locator('main').innerText();
	check(text.indexOf('Mijn eigen woorden.') < text.indexOf('Wat eerst verteld is.'), 'the own version is not first');
	check(text.includes('via de juf') && text.includes('We houden niets achter.') &&
		text.includes('vroeg je zelf om alles te zien'), text);
	await everyWay(b, page, 'file');
	await page.context().close();
}

// A parent: spoken to as a parent, the other home that is marked safe in nothing that comes to the
// browser, no button that acts as the child.
async function parentSeesOwnPart(b, n) {
	const {code, short_code: request} = await ask(n, {adults: 2, speaker: 'ADULT', story: 'Alleen van het kind.', child: {
		stays: [{zone: 'midden-wvl', days: 31, adult: 1}, {zone: 'westkust-polder', days: 96, adult: 2, safe: true}]}});
	const page = await b.open();
	let said = '';
	page.on('response', async (r) => {
		if (/\/api\/v1\/(requests|contributions|needs|me)/.test(r.url())) {
			said += await r.text().catch(() => '');
		}
	});
	await signIn(page, n, code);
	await page.getByRole('heading', {name: 'De vraag om hulp van jullie gezin'}).waitFor();
	await rest(page);
	for (const name of [/stoppen met deze hulp/, /Alleen ik mag deze hulp zien/]) {
		equal(await page.getByRole('button', {name}).count(), 0, String(name));
	}
	await page.getByRole('button', {name: 'Toon alles'}).click();
	await page.getByText('Wie alles wilde zien').waitFor();
	await everyWay(b, page, 'parent');
	check(said.includes(request), 'no answer was heard');
	for (const hidden of ['westkust-polder', 'Westkust', 'Alleen van het kind']) {
		check(!(said + await page.content()).includes(hidden), 'a parent gets to see: ' + hidden);
	}
	await page.context().close();
}

// Escape twice, or the button: another site at once, the session ended, nothing to go back to.
async function quickExitLeavesNothing(b, n) {
	const {code} = await ask(n);
	for (const how of ['key', 'button']) {
		const page = await b.open();
		await page.route(NEUTRAL, (r) => r.fulfill({body: '<title>Weer</title><p>Weer', contentType: 'text/html'}));
		await signIn(page, n, code);
		await page.getByLabel('Vertel het op jouw manier').fill('geheim');
		if (how === 'key') {
			await page.keyboard.press('Escape');
			await page.keyboard.press('Escape');
		} else {
			await page.getByRole('button', {name: 'Weg van hier'}).click();
		}
		await page.waitForURL(NEUTRAL);
		await until('the session ends', async () => (await page.context().cookies(n.url)).length === 0);
		await page.goBack().catch(() => null);
		const text = await page.evaluate(() => document.body.innerText);
		check(!text.includes('geheim') && !text.includes('Jouw vraag'), 'back shows: ' + text);
		await page.goto(n.url + '/ik');
		await page.getByText('Meld je eerst aan').waitFor();
		equal(await page.evaluate(() => sessionStorage.length + localStorage.length), 0, 'storage');
		await page.context().close();
	}
}

const tests = [familyAsksForHelp, youngPersonSaysYesAndStops, ownWordsAreKept, parentSeesOwnPart,
	quickExitLeavesNothing];

export default async function run(only) {
	const n = await Node.make({days: 1});
	try {
		await suite('person', tests, n, only);
		await n.stop();
	} finally {
		n.end();
	}
}
