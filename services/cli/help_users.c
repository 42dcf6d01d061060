/* SPDX-License-Identifier: EUPL-1.2 */
/* All commands by who uses them most; each stands once. A test finds the one that stands nowhere.
 */
#include "services/cli/help.h"

#define LIST(...)                 \
	(const char *const[])     \
	{                         \
		__VA_ARGS__, NULL \
	}

const struct help_user help_users[] = {
	{ "Meldpunt en aanmelder (ook CLB, CAW, huisarts): een vraag om hulp",
	  "Contact point and requester (CLB, CAW and doctors too): a request for help",
	  LIST("request submit", "request show", "request amend", "request withdraw",
	       "request night-plan", "call list", "place show", "place sign", "waiting priority",
	       "consult show", "consult ask", "consult tell", "consult answer", "consult cancel",
	       "consult confirm") },
	{ "Voorziening en partner: wat u kunt, en wat aan u gevraagd wordt",
	  "Facility and partner: what you can do, and what you are asked",
	  LIST("ask list", "ask answer", "ask take-back", "contribution start",
	       "contribution interrupt", "contribution resume", "contribution hand-on",
	       "contribution end", "capacity put", "capacity list", "capacity share",
	       "capacity conversions", "capacity convert", "worker put", "worker list", "mirror",
	       "directory") },
	{ "Aanspreekpunt en begeleider: een gezin, zijn plan, en u zelf",
	  "Contact person and worker: a family, its plan, and you yourself",
	  LIST("request contact", "request close", "request reopen", "request missing",
	       "request judge", "request rung", "request gate", "plan goal", "plan own",
	       "plan means", "plan diagnostic", "plan keep-back", "waiting bridge",
	       "waiting review", "waiting misplaced", "waiting confirm", "aftercare check",
	       "review record", "support link", "support list", "family join", "family split",
	       "signal name", "beside ask", "beside list", "beside take", "beside give-back",
	       "beside answer", "beside cancel", "similar") },
	{ "Jongere en ouder (of wie hun woord noteert)",
	  "Young person and parent (or who writes down their word)",
	  LIST("plan show", "request position", "request other", "request wish", "plan decline",
	       "contribution meet", "contribution stop", "contribution shield",
	       "contribution known", "fit") },
	{ "Coördinator van de regio, en wie cijfers leest",
	  "Coordinator of the region, and who reads figures",
	  LIST("waiting list", "waiting show", "waiting more", "waiting plan", "explain",
	       "case list", "case call", "case plan", "case held", "case drop", "signal list",
	       "signal move", "network put", "network list", "figures", "events tail") },
	{ "Rechtbank en gemandateerde dienst", "Court and mandated service",
	  LIST("request order", "request concern") },
	{ "Beheer van de node", "Operator of the node",
	  LIST("node init", "node status", "node doctor", "node drain", "node clock", "partner add",
	       "access code", "access token", "partner list", "partner remove", "link show",
	       "link pause", "link sign-off", "quarantine list", "quarantine retry",
	       "quarantine drop", "journal inspect", "journal checkpoint", "journal repair",
	       "audit verify", "audit replay", "audit told", "backup", "backup verify") },
	{ "Kennismaken: een regio van verzonnen mensen",
	  "To get to know it: a region of made-up people", LIST("demo", "demo compare") },
	{ "Nakijken en onderzoek: wat de planner van een opgave maakt",
	  "Checking and research: what the planner makes of a problem",
	  LIST("lab compose", "lab plan", "lab convert", "lab policy") },
	{ 0 },
};
