// SPDX-License-Identifier: EUPL-1.2
// The first page of who has not signed in: what this is, and three doors.
import {html} from '../lib/ui.js';
import {t, label, entries} from '../lib/i18n.js';

export const path = '/';
export const title = 'first.title';
export const menu = false;
export const codes = ['party'];

const doors = [['/hulp', 'first.ask'], ['/aanmelden', 'first.code'], ['/aanmelden?werk=1', 'first.work'],
	['/aanbod', 'first.near']];

/** Contact points that can be called. */
export const points = () => entries('party').filter((p) => p.contact_point && p.phone);

export function Call({party, phone}) {
	return html`${label('party', party)}: <a href=${'tel:' + phone.replace(/[^+\d]/g, '')}>${phone}</a>`;
}

export function view() {
	const list = points();
	return html`<p class="lead">${t('first.what')}</p>
		<ul class="cards doors">${doors.map(([to, key]) => html`<li key=${key}><a href=${to}>${t(key)}</a>
			<p>${t(key + '.lead')}</p></li>`)}</ul>
		<h2>${t('first.call')}</h2>
		<p>${t(list.length > 0 ? 'first.call.text' : 'first.call.none')}</p>
		<ul class="tight">${list.map((p) => html`<li key=${p.code}><${Call} party=${p.code}
			phone=${p.phone} /></li>`)}</ul>`;
}
