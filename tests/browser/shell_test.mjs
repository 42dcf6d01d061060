// SPDX-License-Identifier: EUPL-1.2
// The shell of the page alone, against made-up answers: what it does when things go wrong that a real
// gateway seldom does. What real daemons say is tried in the other files.
import {accessible, check, equal, everyWay, fits, keyboard, speak, suite, until} from './browser.mjs';
import {serve} from './shellserver.mjs';

const root = process.env.SCHAKEL_ROOT;

async function signIn(page, s, code) {
	await page.goto(s.url + '/aanmelden');
	await page.getByLabel('Je code').fill(code);
	await page.keyboard.press('Enter');
	if (code === 'regie') {
		await page.getByRole('button', {name: 'Afmelden'}).waitFor();
		await page.goto(s.url + '/wachtlijst');
	}
}

// Every page of the shell, in every way.
async function pagesAreAccessible(b, s) {
	const page = await b.open();
	for (const [path, what] of [['/', 'home'], ['/aanmelden', 'signin'], ['/aanbod', 'directory'],
		['/toegankelijkheid', 'statement'], ['/is-er-niet', 'none'], ['/wachtlijst', 'closed']]) {
		await page.goto(s.url + path);
		await page.getByRole('heading', {level: 1}).waitFor();
		await until('rest', () => page.evaluate(() => !document.querySelector('.busy')));
		await everyWay(b, page, what);
	}
	await signIn(page, s, 'regie');
	await page.getByText('Plaats 2').first().waitFor({state: 'attached'});
	await everyWay(b, page, 'waiting');
	await page.getByText('Uitleg').nth(1).click();
	await page.getByText('of vroeger vroeg staat ervoor').first().waitFor();
	const said = await page.locator('li').allTextContents();
	for (const text of ['Hulp start waarschijnlijk over 1 tot 10 weken; dat is geen belofte. Van 40 keer dat ' +
		'zoiets gezegd was en voorbij is, klopte het 33 keer.', 'Eén kans op twee dat hulp start binnen 13 weken; ' +
		'dat is geen belofte. Waarschijnlijk niet in de eerste 2 weken.',
	'Er is hoogstens één kans op twee dat hulp start binnen 53 weken.']) {
		check(said.includes(text), `not said: ${text}`);
	}
	await accessible(page, 'waiting explained');
	await b.shoot(page, 'waiting-explained');
	await page.context().close();
}

// A link to ACM/IDM is there when the node has it, and only then; who comes back in vain is told so.
async function acmIsThereWhenTheNodeHasIt(b, s) {
	const page = await b.open();
	const acm = page.getByRole('link', {name: 'Aanmelden met ACM/IDM'});
	const asked = page.waitForResponse((r) => r.url().endsWith('/session'));
	await page.goto(s.url + '/aanmelden');
	await asked;
	await page.getByLabel('Je code').waitFor();
	equal(await acm.count(), 0, 'links to what the node has not');
	s.state.oidc = true;
	await page.goto(s.url + '/aanmelden?acm=NO_PARTY');
	await acm.waitFor();
	await page.getByRole('alert').getByText('Je organisatie is hier niet bekend').waitFor();
	await everyWay(b, page, 'acm');
	const [went] = await Promise.all([page.waitForRequest((r) => r.isNavigationRequest()), acm.click()]);
	equal(new URL(went.url()).pathname, '/session/oidc', 'where the link leads');
	s.state.oidc = false;
	await page.context().close();
}

// A wrong code is told at the field, with the focus on it; the right one leads to the first page.
async function signInTellsAtItsField(b, s) {
	const page = await b.open();
	await page.goto(s.url + '/aanmelden');
	const field = page.getByLabel('Je code');
	await page.getByRole('button', {name: 'Aanmelden'}).click();
	await page.getByText('Vul dit in: Je code.').waitFor();
	await field.fill('onbekend');
	await page.keyboard.press('Enter');
	await page.getByText('Deze code kennen we niet').waitFor();
	equal(await field.getAttribute('aria-invalid'), 'true', 'aria-invalid');
	check(await field.evaluate((e) => e === document.activeElement), 'the focus is not on the field');
	equal(await field.inputValue(), 'onbekend', 'what was typed');
	await accessible(page, 'sign-in with an error');
	await field.fill('regie');
	await page.keyboard.press('Enter');
	await page.getByRole('link', {name: 'Wachtlijst'}).first().waitFor();
	// What a family may not see is not in its menu, and closed when its address is typed.
	await page.getByRole('button', {name: 'Afmelden'}).click();
	await page.getByRole('link', {name: 'Aanmelden'}).first().waitFor();
	equal(s.state.who, null, 'signed out');
	await signIn(page, s, 'gezin');
	await page.getByRole('button', {name: 'Afmelden'}).waitFor();
	equal(await page.getByRole('link', {name: 'Wachtlijst'}).count(), 0, 'links to the list');
	await page.goto(s.url + '/wachtlijst');
	await page.getByText('hoort niet bij').waitFor();
	s.state.who = null;
	await page.context().close();
}

// BUSY is tried again after its Retry-After, with the same key: nothing is done twice.
async function busyIsTriedAgain(b, s) {
	const page = await b.open();
	await page.goto(s.url + '/aanmelden');
	s.state.posts.length = 0;
	s.state.busy = 2;
	await page.getByLabel('Je code').fill('meldpunt');
	await page.keyboard.press('Enter');
	await page.getByRole('button', {name: 'Afmelden'}).waitFor();
	equal(s.state.posts.length, 3, 'tries');
	equal(new Set(s.state.posts.map((p) => p.key)).size, 1, 'keys of one change');
	check(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab]/.test(s.state.posts[0].key), 'a UUIDv7');
	s.state.who = null;
	await page.context().close();
}

// An answer that is lost on its way is asked for again, under the same key.
async function lostAnswerIsAskedAgain(b, s) {
	const page = await b.open();
	await page.goto(s.url + '/aanmelden');
	s.state.posts.length = 0;
	s.state.drop = 2;
	await page.getByLabel('Je code').fill('meldpunt');
	await page.keyboard.press('Enter');
	await page.getByRole('button', {name: 'Afmelden'}).waitFor();
	equal(s.state.posts.length, 3, 'tries');
	equal(new Set(s.state.posts.map((p) => p.key)).size, 1, 'keys of one change');
	await page.context().close();
}

// Who wants no motion gets none; paper gets the content without menu, forms and buttons.
async function motionAndPaper(b, s) {
	const page = await b.open({reducedMotion: 'reduce'});
	const moving = () => page.evaluate(() => [...document.querySelectorAll('*')].filter((e) => {
		const style = getComputedStyle(e);
		return style.animationName !== 'none' || style.transitionDuration !== '0s';
	}).length);
	await page.goto(s.url + '/aanbod');
	await page.locator('tbody tr').first().waitFor();
	equal(await moving(), 0, 'elements that move');
	await page.emulateMedia({reducedMotion: 'no-preference'});
	check(await moving() > 0, 'nothing moves at all: this test proves nothing');
	await page.emulateMedia({media: 'print'});
	check(await page.locator('table').isVisible(), 'the table is not printed');
	for (const what of ['nav', 'form', '.live', 'footer']) {
		check(!await page.locator(what).first().isVisible(), `${what} is printed`);
	}
	await b.shoot(page, 'print');
	await page.context().close();
}

// The connection: lost, told, back by itself; events are counted, the last one is named on return.
async function connectionComesBack(b, s) {
	const page = await b.open();
	await signIn(page, s, 'regie');
	await until('the stream', () => s.state.streams.size === 1);
	await page.getByRole('combobox', {name: 'Hulp'}).fill('trau');
	const again = page.waitForRequest((r) => r.url().includes('/api/v1/waiting'));
	s.state.event('WAIT_ENTRY');
	await again;
	await s.kill();
	await page.getByText('De verbinding is weg sinds').waitFor();
	await accessible(page, 'lost');
	await page.setViewportSize({width: 320, height: 640});
	await fits(page, 'lost 320');
	await b.shoot(page, 'lost');
	await s.back();
	await page.getByText('Verbonden.').waitFor();
	await until('the stream', () => s.state.streams.size === 1);
	equal(s.state.lastIds.at(-1), String(s.state.next - 1), 'Last-Event-ID after the loss');
	await page.getByText('De verbinding is er weer.').waitFor({state: 'attached'});
	s.state.who = null;
	await page.context().close();
}

// Paused: events wait, no page changes; going on takes them in.
async function pauseHoldsBack(b, s) {
	const page = await b.open();
	let asked = 0;
	page.on('request', (r) => (asked += r.url().includes('/api/v1/waiting') ? 1 : 0));
	await signIn(page, s, 'regie');
	await until('the stream', () => s.state.streams.size === 1);
	await page.getByText('Verbonden.').waitFor();
	await page.getByRole('button', {name: 'Pauzeer'}).click();
	const before = asked;
	s.state.event('WAIT_ENTRY');
	s.state.event('NEED');
	await page.getByText('er zijn 2 nieuwe berichten').waitFor();
	await page.waitForTimeout(1500);
	equal(asked, before, 'requests while paused');
	await page.getByRole('button', {name: 'Ga verder'}).click();
	await until('a request', () => asked === before + 1);
	s.state.who = null;
	await page.context().close();
}

// Signed out meanwhile: a dialog above the page; what was typed is still there afterwards.
async function signedOutKeepsThePage(b, s) {
	const page = await b.open();
	await signIn(page, s, 'regie');
	const box = page.getByRole('combobox', {name: 'Hulp'});
	await box.fill('trauma');
	await page.keyboard.press('Enter');
	s.state.who = null;
	await page.getByLabel('Alleen wat dreigt').check();
	await page.getByRole('button', {name: 'Toon', exact: true}).click();
	const dialog = page.getByRole('dialog');
	await dialog.waitFor();
	await accessible(page, 'signed out');
	check(!await page.getByRole('table').isVisible(), 'what the session showed is still to be seen');
	await b.shoot(page, 'signed-out');
	await dialog.getByLabel('Je code').fill('regie');
	await page.keyboard.press('Enter');
	await until('the dialog to go', async () => await dialog.count() === 0);
	equal(await box.inputValue(), 'trauma', 'what was typed');
	check(await page.getByLabel('Alleen wat dreigt').isChecked(), 'what was ticked');
	s.state.who = null;
	await page.context().close();
}

// A session that comes to its end is told without anybody touching the page; who does not sign in again
// leaves nothing behind. No name of the channel stands above a young person's page.
async function endedSessionIsTold(b, s) {
	const page = await b.open();
	await signIn(page, s, 'gezin');
	await page.getByRole('heading', {level: 1, name: 'Jouw vraag om hulp'}).waitFor();
	equal(await page.getByText('Gezin', {exact: true}).count(), 0, 'names of the channel');
	await until('the stream', () => s.state.streams.size === 1);
	s.state.who = null;
	s.state.streams.forEach((x) => x.end());
	await page.getByRole('dialog', {name: 'Meld je opnieuw aan'}).waitFor();
	check(!await page.getByRole('main').isVisible(), 'the page is still to be seen');
	await page.getByRole('button', {name: 'Niet aanmelden'}).click();
	await page.getByRole('heading', {level: 1, name: 'Hulp vragen, voor jou en je gezin'}).waitFor();
	equal(await page.evaluate(() => localStorage.length), 0, 'what is kept on the machine');
	await page.context().close();
}

// The list under a combobox by keyboard alone; the address keeps what was asked.
async function comboboxByKeyboard(b, s) {
	const page = await b.open();
	await page.goto(s.url + '/aanbod');
	const box = page.getByRole('combobox', {name: 'Soort hulp'});
	await box.focus();
	await page.keyboard.type('CONTEXT ver');
	await page.getByRole('option', {name: 'context versterken'}).waitFor();
	await accessible(page, 'combobox open');
	await page.keyboard.press('Escape');
	equal(await page.getByRole('option').count(), 0, 'options after Escape');
	await page.keyboard.type('traum');
	await page.keyboard.press('ArrowDown');
	await page.keyboard.press('Enter');
	equal(await box.inputValue(), 'trauma', 'what was chosen');
	await page.keyboard.press('Enter');
	await page.waitForURL(/expertise=TRAUMA/);
	await speak(page, 'en');
	equal(await box.count(), 0, 'the Dutch label in English');
	await page.context().close();
}

// A form by keyboard alone: what lacks is told together, a refusal at the field that it names, and what
// was typed stays; the same key until it is changed.
async function formTellsWhatLacks(b, s) {
	const page = await b.open();
	await page.goto(s.url + '/proef');
	await page.getByLabel('Leeftijd').waitFor();
	await everyWay(b, page, 'form');
	await page.getByRole('button', {name: 'Bewaar'}).click();
	await page.getByText('Er is nog iets nodig op 3 plaatsen').waitFor();
	await accessible(page, 'a form with errors');
	await b.shoot(page, 'form-errors');
	const age = page.getByLabel('Leeftijd');
	check(await age.evaluate((e) => e === document.activeElement), 'the focus is not on the first field');
	await page.getByRole('link', {name: 'Vul dit in: Stem.'}).click();
	await age.focus();
	await page.keyboard.type('99');
	await page.keyboard.press('Tab');
	await page.keyboard.type('Er was eens');
	await page.keyboard.press('Tab');
	await page.keyboard.press('ArrowDown');
	await page.keyboard.press('Tab');
	await page.keyboard.press('Space');
	await page.keyboard.press('ArrowDown');
	await page.keyboard.press('Tab');
	await page.keyboard.press('Space');
	await page.keyboard.press('Tab');
	for (const word of ['cit', 'app']) {
		await page.keyboard.type(word);
		await page.keyboard.press('Enter');
	}
	equal(await page.locator('.chips li').count(), 2, 'chosen fruit');
	await page.getByRole('button', {name: 'Weghalen: Appel'}).press('Enter');
	equal((await page.locator('.chips li').allInnerTexts()).map((x) => x.split('\n')[0]), ['Citroen'],
		'what stays of it');
	s.state.posts.length = 0;
	await age.press('Enter');
	await page.getByText('Geef een leeftijd van 0 tot 25.').waitFor();
	equal(await age.getAttribute('aria-invalid'), 'true', 'aria-invalid');
	equal(await page.getByLabel('Verhaal').inputValue(), 'Er was eens', 'what was typed');
	check(await page.getByLabel('Bes').isChecked(), 'the voice');
	await age.fill('13');
	equal(await page.locator('.error').count(), 0, 'errors once it is changed');
	await page.keyboard.press('Enter');
	await page.getByText('Bewaard.').waitFor();
	await accessible(page, 'a message');
	equal(new Set(s.state.posts.map((p) => p.key)).size, 2, 'keys: one each for what differs');
	await page.context().close();
}

// Tabs, windows and questions by keyboard; the focus comes back; a chart and the map under the CSP.
async function windowsKeepTheFocus(b, s) {
	const page = await b.open();
	await signIn(page, s, 'regie'); // for who is not signed in, Escape twice leaves the site at once
	await page.getByRole('button', {name: 'Afmelden'}).waitFor();
	await page.goto(s.url + '/proef');
	await page.getByRole('tab', {name: 'Formulier'}).focus();
	await page.keyboard.press('ArrowRight');
	await page.locator('.chart canvas').waitFor();
	await until('the map', async () => await page.locator('.chart').getAttribute('data-zones') === '57');
	await accessible(page, 'a chart');
	await page.keyboard.press('End');
	await page.getByRole('rowheader', {name: 'Citroen'}).waitFor();
	await everyWay(b, page, 'table');
	const opener = page.getByRole('button', {name: 'Open'});
	await opener.press('Enter');
	await page.getByRole('dialog', {name: 'Venster'}).waitFor();
	await accessible(page, 'a window');
	for (let i = 0; i < 4; i++) {
		await page.keyboard.press('Tab');
		check(await page.evaluate(() => document.activeElement === document.body ||
			document.activeElement.closest('dialog') !== null), 'the focus left the window');
	}
	await page.keyboard.press('Escape');
	equal(await page.getByRole('dialog').count(), 0, 'windows after Escape');
	check(await opener.evaluate((e) => e === document.activeElement), 'the focus did not come back');
	const asker = page.getByRole('button', {name: 'Vraag'});
	for (const [key, said] of [['Escape', 'nee'], ['Enter', 'ja']]) {
		await asker.press('Enter');
		await page.getByRole('dialog', {name: 'Echt?'}).waitFor();
		await (key === 'Enter' ? page.getByRole('button', {name: 'Ja'}).press(key) :
			page.keyboard.press(key));
		await page.locator('.said', {hasText: said}).waitFor();
	}
	await page.context().close();
}

// A check that cannot fail is a defect: each finds what is planted for it.
async function checksCanFail(b, s) {
	const plants = [
		[accessible, 'image-alt', () => document.querySelector('main').append(new Image())],
		[accessible, 'color-contrast', () => document.querySelector('h1').classList.add('pale')],
		[fits, 'px too wide', () => document.querySelector('main').append(
			Object.assign(document.createElement('p'), {className: 'wide'}))],
		[keyboard, 'cannot be seen', () => document.querySelector('main a').classList.add('blind')],
		[keyboard, 'not reached', () => document.addEventListener('keydown', (e) => {
			if (e.key === 'Tab' && document.activeElement.closest('header')) {
				e.preventDefault();
			}
		})],
	];
	for (const [fn, words, plant] of plants) {
		const page = await b.open();
		await page.goto(s.url + '/');
		await page.getByRole('heading', {level: 1}).waitFor();
		await page.evaluate(() => {
			const sheet = new CSSStyleSheet();
			sheet.replaceSync('.pale { color: #bbb } .wide { width: 3000px; max-width: none; height: 9px } ' +
				'.blind:focus { outline: none }');
			document.adoptedStyleSheets = [sheet];
		});
		await fn(page, 'before');
		await page.evaluate(plant);
		const said = await fn(page, 'planted').then(() => 'nothing', (e) => e.message);
		check(said.includes(words), `${fn.name} said ${said} instead of ${words}`);
		await page.context().close();
	}
}

// Found: of two pages that one went to shortly after each other the one that loaded last was shown. What was
// gone to last is where one is.
async function lastWayIsTheOne(b, s) {
	const page = await b.open();
	let release;
	const held = new Promise((done) => (release = done));
	await page.route('**/pages/hulp.js', async (route) => {
		await held;
		await route.continue();
	});
	await page.goto(s.url + '/');
	const loading = page.waitForRequest('**/pages/hulp.js');
	await page.locator('a[href="/hulp"]').first().click();
	await loading;
	const loaded = page.waitForResponse('**/pages/hulp.js');
	await page.locator('a[href="/aanbod"]').first().click();
	await page.waitForURL('**/aanbod');
	release();
	await (await loaded).finished();
	await page.evaluate(() => import('/static/pages/hulp.js')); // it has run
	await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
	equal(new URL(page.url()).pathname, '/aanbod', 'where one is');
	await page.context().close();
}

const tests = [checksCanFail, formTellsWhatLacks, windowsKeepTheFocus, lastWayIsTheOne, signInTellsAtItsField, acmIsThereWhenTheNodeHasIt, busyIsTriedAgain, lostAnswerIsAskedAgain,
	connectionComesBack, pauseHoldsBack, motionAndPaper, endedSessionIsTold, signedOutKeepsThePage, comboboxByKeyboard, pagesAreAccessible];

export default async function run(only) {
	const s = await serve(root);
	try {
		await suite('shell', tests.map((fn) => ({[fn.name]: (b) => {
			s.state.who = null;
			return fn(b, s);
		}})[fn.name]), s, only);
	} finally {
		await s.close();
	}
}
