// SPDX-License-Identifier: EUPL-1.2
// What stands on every page of a family, and of a visitor: whom to call in danger, and the way out.
// Leaving empties the page, ends the session, takes this page out of the history and goes elsewhere
// at once. Nothing of a family is ever written to the device.
import {html, useEffect} from './ui.js';
import {signOutAtOnce} from './api.js';
import {t} from './i18n.js';

const ELSEWHERE = 'https://nl.wikipedia.org/wiki/Hoofdpagina';
const TWICE_MS = 1000;

export function leave() {
	document.body.replaceChildren();
	document.title = t('safe.title');
	try {
		sessionStorage.clear();
	} catch {
		// not allowed here: then nothing stands there
	}
	signOutAtOnce();
	history.replaceState(null, '', '/');
	location.replace(ELSEWHERE);
}

// Who comes back with the button of the browser gets a new page, not the picture of the old one.
addEventListener('pageshow', (e) => e.persisted && location.replace('/'));

function useEscapeTwice() {
	useEffect(() => {
		let before = -TWICE_MS;
		const onKey = (e) => {
			if (e.repeat) {
				return;
			}
			if (e.key !== 'Escape') { // one Escape closes a window or a list, as ever
				before = -TWICE_MS;
				return;
			}
			if (e.timeStamp - before < TWICE_MS) {
				leave();
			}
			before = e.timeStamp;
		};
		addEventListener('keydown', onKey, true);
		return () => removeEventListener('keydown', onKey, true);
	}, []);
}

export function Safe() {
	useEscapeTwice();
	return html`<aside class="safe" aria-label=${t('safe.bar')}>
		<p><b>${t('safe.danger')}</b> <a href="tel:112">112</a></p>
		<p>${t('safe.talk')} <a href="tel:102">${t('safe.awel')}</a></p>
		<p>${t('safe.violence')} <a href="tel:1712">1712</a></p>
		<p class="out"><span class="quiet">${t('safe.how')}</span>${' '}
			<button type="button" onClick=${leave}>${t('safe.leave')}</button></p>
	</aside>`;
}
