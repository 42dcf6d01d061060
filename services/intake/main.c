/* SPDX-License-Identifier: EUPL-1.2 */
#include <stdlib.h>

#include "common/svc.h"
#include "services/intake/core.h"

int main(int argc, char **argv)
{
	static struct svc svc;
	struct svc_conf conf;
	int err = svc_conf_load(&conf, argc, argv);
	if (err == SK_EINVAL) {
		return SVC_EXIT_USAGE;
	}
	if (err != SK_OK || conf.done) {
		return err == SK_OK ? EXIT_SUCCESS : EXIT_FAILURE;
	}
	err = svc_open(&svc, &conf, &intake_service);
	if (err == SK_OK) {
		err = svc_run(&svc); /* READY=1 to the supervisor, then until SIGTERM */
	}
	svc_close(&svc); /* safe on a half-opened service */
	svc_log(err == SK_OK ? LOG_INFO : LOG_ERR, "exit", "err=\"%s\"", sk_strerror(err));
	return err == SK_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}
