// SPDX-License-Identifier: EUPL-1.2
// The accessibility statement that the law asks for, and where the map and the data come from.
import {html} from '../lib/ui.js';
import {t} from '../lib/i18n.js';

export const path = '/toegankelijkheid';
export const title = 'statement.title';
export const menu = false;

const parts = ['aim', 'state', 'limits', 'tell', 'tested', 'sources'];

export function view() {
	return html`${parts.map((p) => html`<section key=${p}><h2>${t(`statement.${p}.title`)}</h2>
		<p>${t(`statement.${p}`)}</p></section>`)}`;
}
