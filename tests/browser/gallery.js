// SPDX-License-Identifier: EUPL-1.2
// Every part of lib/ui.js on one page, for shell_test.mjs alone; served by shellserver.mjs.
import {html, api, useForm, useState, useEffect, useRef, Form, Field, Area, Select, Choice, Check, Combobox,
	Table, Tabs, Dialog, Age, toast, confirm, script} from '/static/lib/ui.js';

export const path = '/proef';
export const title = 'statement.title';
export const menu = false;

const some = [{value: 'a', label: 'Appel'}, {value: 'b', label: 'Bes'}, {value: 'c', label: 'Citroen'}];

function Parts() {
	const form = useForm({fruit: [], 'children.0.age': ''});
	const send = async () => {
		const done = await form.send((key) => api.post('/proef', form.values, {key}));
		if (done) {
			toast('Bewaard.');
		}
	};
	return html`<${Form} form=${form} onSend=${send} submit="Bewaar">
		<${Field} form=${form} name="children.0.age" label="Leeftijd" hint="in jaren" required />
		<${Area} form=${form} name="story" label="Verhaal" required />
		<${Select} form=${form} name="kind" label="Soort" options=${some} />
		<${Choice} form=${form} name="voice" label="Stem" options=${some} required />
		<${Check} form=${form} name="sure" label="Zeker" />
		<${Combobox} form=${form} name="fruit" label="Fruit" options=${some} multiple />
	<//>`;
}

function Chart() {
	const box = useRef(null);
	useEffect(() => {
		script('uplot').then(() => new globalThis.uPlot({width: 300, height: 120, title: 'Proef',
			series: [{}, {stroke: 'black'}]}, [[1, 2, 3], [3, 1, 2]], box.current));
		import('/static/vendor/topojson/feature.js').then(async ({default: feature}) => {
			const map = await (await fetch('/static/elz.topo.json')).json();
			box.current.dataset.zones = feature(map, map.objects.elz).features.length;
		});
	}, []);
	return html`<div class="chart" ref=${box}></div>`;
}

export function view() {
	const [open, setOpen] = useState(false);
	const [said, say] = useState('');
	const ask = async () => say(await confirm({title: 'Echt?', text: 'Dit kan niet terug.'}) ? 'ja' : 'nee');
	return html`<${Tabs} label="Delen" tabs=${[
		{id: 'form', title: 'Formulier', view: () => html`<${Parts} />`},
		{id: 'chart', title: 'Beeld', view: () => html`<${Chart} />`},
		{id: 'table', title: 'Tabel', view: () => html`<${Table} caption="Proef" rows=${some} columns=${[
			{key: 'label', title: 'Naam', head: true},
			{key: 'age', title: 'Ouderdom', cell: () => html`<${Age} at="2020-01-01T00:00:00Z" />`}]} />`},
	]} />
	<p><button type="button" onClick=${() => setOpen(true)}>Open</button>${' '}
		<button type="button" onClick=${ask}>Vraag</button> <span class="said">${said}</span></p>
	${open && html`<${Dialog} title="Venster" onClose=${() => setOpen(false)}><p>Inhoud</p>
		<button type="button">Knop</button><//>`}`;
}
