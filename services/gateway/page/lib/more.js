// SPDX-License-Identifier: EUPL-1.2
// The un-waiting list: which places or hours more would start help, and for whom. Fetched when it is
// opened, or with a house's mirror; a house sees its own alone.
import {html, useData, useState, Loaded} from './ui.js';
import {all} from './days.js';
import {t, label} from './i18n.js';

/** What a page loads that shows it. */
export const codes = ['expertise', 'zone', 'party', 'unit', 'wait_class'];

const who = (w) => t('more.who', {n: w.count, what: label('expertise', w.expertise), zone: label('zone', w.zone),
	class: label('wait_class', w.wait_class)});

function Item({item: i}) {
	return html`<li><strong>${i.pool}</strong> (${label('party', i.partner)}): ${t('more.line', {n: i.units,
		unit: label('unit', i.unit), starts: t(i.at_least ? 'more.least' : 'more.starts', {n: i.starts})})}
		${i.units > 1 && ` ${t('more.few')}`}${i.to_sign && ` ${t('more.sign')}`}
		<ul class="tight">${(i.who ?? []).map((w) => html`<li>${who(w)}</li>`)}</ul></li>`;
}

function Items() {
	const read = useData(() => all('/more', {limit: 50}, 'items', 20), []);
	return html`<${Loaded} from=${read}>${({items}) => (items.length ? html`<ul class="more">${
		[...items].sort((a, b) => b.starts / b.units - a.starts / a.units).map((i) => html`<${Item}
			key=${i.pool} item=${i} />`)}</ul>` : html`<p>${t('more.none')}</p>`)}<//>`;
}

/** All of it, open: a part of a page that is about nothing else. */
export const Said = () => html`<section><h2>${t('more.title')}</h2><p>${t('more.lead')}</p><${Items} /></section>`;

export function part() {
	const [open, setOpen] = useState(false);
	return html`<details class="act" onToggle=${(e) => setOpen(e.currentTarget.open)}>
		<summary>${t('more.title')}</summary><p>${t('more.lead')}</p>${open && html`<${Items} />`}</details>`;
}
