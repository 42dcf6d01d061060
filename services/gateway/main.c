/* SPDX-License-Identifier: EUPL-1.2 */
#include <stdlib.h>

#include "common/svc.h"
#include "services/gateway/gate.h"

int main(int argc, char **argv)
{
	static struct gate gate;
	struct svc_conf conf;
	int err = svc_conf_load(&conf, argc, argv);
	if (err == SK_EINVAL) {
		return SVC_EXIT_USAGE;
	}
	if (err != SK_OK || conf.done) {
		return err == SK_OK ? EXIT_SUCCESS : EXIT_FAILURE;
	}
	svc_log_init("gateway", LOG_INFO);
	err = gate_threads(conf.conf->gateway.workers);
	if (err == SK_OK) {
		err = gate_open(&gate, conf.conf);
	}
	if (err == SK_OK) {
		err = gate_run(&gate); /* READY=1 to the supervisor, then until SIGTERM */
	}
	gate_close(&gate); /* safe on a half-opened one */
	svc_log(err == SK_OK ? LOG_INFO : LOG_ERR, "exit", "err=\"%s\"", sk_strerror(err));
	return err == SK_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}
