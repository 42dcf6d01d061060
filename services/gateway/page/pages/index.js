// SPDX-License-Identifier: EUPL-1.2
// The pages, each a module beside this file (app.js tells what such a module exports), so that nobody
// loads another one's pages or words. A lint compares it with the modules.
//   path    as the module says it
//   roles   who loads it when the page begins, as the module says; nobody: when it is opened; left out:
//           everybody
//   words   parts of lang/ that it needs beside nl_shell.js: '' is nl.js, 'family' is nl_family.js
export const index = {
	calls: {path: ['/bellijst'], roles: ['CONTACT_POINT', 'COORDINATOR'], words: ['']},
	count: {path: ['/jaartelling'], roles: ['CONTACT_POINT', 'COORDINATOR'], words: ['']},
	court: {path: ['/beslissing'], roles: ['MANDATED'], words: ['', 'carry']},
	dashboard: {path: ['/dashboard'], roles: ['DASHBOARD', 'GOVERNMENT', 'COORDINATOR'], words: ['']},
	directory: {path: ['/aanbod']},
	facility: {path: ['/voorziening'], roles: ['FACILITY'], words: ['', 'house']},
	facility_board: {path: ['/voorziening/aanbod'], roles: ['FACILITY'], words: ['', 'house']},
	facility_mirror: {path: ['/voorziening/spiegel'], roles: ['FACILITY'], words: ['', 'house']},
	facility_staff: {path: ['/voorziening/medewerkers'], roles: ['FACILITY'], words: ['', 'house']},
	families: {path: ['/gezinnen'], roles: ['FACILITY', 'REQUESTER'], words: ['', 'carry']},
	first: {path: ['/'], roles: [], words: ['family']},
	hulp: {path: ['/hulp'], roles: [], words: ['family']},
	ik: {path: ['/ik'], roles: ['FAMILY'], words: ['family']},
	lastplace: {path: ['/laatste-plek/:pool'], roles: ['CONTACT_POINT', 'COORDINATOR'], words: ['']},
	link: {path: ['/a/:token', '/c/:token'], roles: [], words: ['house']},
	newrequest: {path: ['/nieuw', '/meldpunt'], roles: ['CONTACT_POINT', 'REQUESTER'], words: ['', 'carry']},
	regie: {path: ['/regie/overlegtafels', '/regie/steun', '/regie/tekort', '/regie/signalen', '/regie/netwerken'],
		roles: ['COORDINATOR'], words: ['']},
	regie_need: {path: ['/regie/vraag/:need'], roles: ['COORDINATOR'], words: ['']},
	request: {path: ['/aanmelding/:code'],
		roles: ['CONTACT_POINT', 'REQUESTER', 'FACILITY', 'COORDINATOR'], words: ['']},
	statement: {path: ['/toegankelijkheid']},
	waiting: {path: ['/regie', '/wachtlijst'], roles: ['COORDINATOR'], words: ['']},
};
