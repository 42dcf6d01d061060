// SPDX-License-Identifier: EUPL-1.2
// The region beside its waiting list; what each part shows is regie_views.js.
import {html} from '../lib/ui.js';
import {Late} from '../lib/parts.js';
import {t} from '../lib/i18n.js';
import {parts} from './waiting.js';

export const path = ['/regie/overlegtafels', '/regie/steun', '/regie/tekort', '/regie/signalen',
	'/regie/netwerken'];
export const title = 'regie.title';
export const roles = ['COORDINATOR'];
export const menu = false;
export const codes = ['case_table_state', 'case_table_reason', 'stuck_sign', 'party', 'zone', 'expertise',
	'help_addressee', 'help_call_state', 'rule_kind', 'blocked_step', 'signal_state', 'network_kind',
	'shortfall', 'wait_class', 'unit'];

export function view({me}) {
	const at = location.pathname.replace(/\/$/, '');
	return html`${parts(at)}<div key=${at}><${Late} load=${() => import('./regie_views.js')} at=${at} me=${me}
		/></div><p><button type="button" class="plain" onClick=${() => print()}>${t('regie.print')}</button></p>`;
}
