/* SPDX-License-Identifier: EUPL-1.2 */
#include "services/cli/progress.h"

#include <unistd.h>

#define BAR_LEN 30

void progress_begin(struct progress *p, const struct cli *c, const char *what, uint64_t total)
{
	int fd = c->screen == NULL ? -1 : fileno(c->screen);

	*p = (struct progress){ .cli = c, .what = what, .total = total };
	p->on = total > 0 && fd >= 0 && isatty(fd) == 1;
	progress_at(p, 0);
}

void progress_at(struct progress *p, uint64_t done)
{
	if (!p->on) {
		return;
	}
	done = done > p->total ? p->total : done;
	/* Division first for totals that a product would overflow. */
	uint64_t tenths = p->total > UINT64_MAX / 1000 ? done / (p->total / 1000) :
							 done * 1000 / p->total;
	if (p->shown == (unsigned)tenths + 1) {
		return;
	}
	p->shown = (unsigned)tenths + 1;
	int filled = (int)(tenths * BAR_LEN / 1000);
	(void)fprintf(p->cli->screen, "\r%s [%.*s%*s] %3u%%", p->what, filled,
		      "##############################", BAR_LEN - filled, "",
		      (unsigned)(tenths / 10));
	(void)fflush(p->cli->screen);
}

void progress_end(struct progress *p)
{
	if (p->on) {
		(void)fprintf(p->cli->screen, "\r\033[K");
		(void)fflush(p->cli->screen);
	}
}
