/* SPDX-License-Identifier: EUPL-1.2 */
#include <locale.h>
#include <signal.h>

#include "services/cli/cli.h"

int main(int argc, char **argv)
{
	(void)setlocale(LC_CTYPE, "C.UTF-8");
	/* A reader that left (`schakel waiting list | head`) is seen as a failed write. */
	(void)signal(SIGPIPE, SIG_IGN);
	return cli_main(argc, argv, stdout, stderr);
}
