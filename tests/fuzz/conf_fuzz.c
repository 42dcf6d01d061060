/* SPDX-License-Identifier: EUPL-1.2 */
/* Any bytes as schakel.ini: taken whole or refused with at least one problem that names a place. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/conf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char dir[64];

static void write_file(const char *name, const void *data, size_t size)
{
	char path[128];

	(void)snprintf(path, sizeof(path), "%s/%s", dir, name);
	FILE *f = fopen(path, "we");
	SK_ASSERT(f != NULL);
	SK_ASSERT(size == 0 || fwrite(data, 1, size, f) == size);
	SK_ASSERT(fclose(f) == 0);
}

static void remove_dir(void)
{
	static const char *const names[] = { "schakel.ini", "parties.ini", "codes.csv" };
	char path[128];

	for (size_t i = 0; i < SK_LEN(names); i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", dir, names[i]);
		(void)unlink(path);
	}
	(void)rmdir(dir);
}

static void make_dir(void)
{
	static const char codes[] = "number,code,kind,label_nl,label_youth_nl,label_en\n"
				    "1,GROUP_LIVING,EXPERTISE,Leefgroepwerking,Samen wonen,Group "
				    "living\n";
	(void)snprintf(dir, sizeof(dir), "/dev/shm/schakel-conf-fuzz-XXXXXX");
	SK_ASSERT(mkdtemp(dir) != NULL);
	SK_ASSERT(atexit(remove_dir) == 0);
	write_file("codes.csv", codes, sizeof(codes) - 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct conf_problems problems;
	struct conf *conf = NULL;
	size_t split = size > 0 ? 1 + data[0] * (size - 1) / 255 : 0;

	if (dir[0] == '\0') {
		make_dir();
	}
	if (size == 0) {
		return 0;
	}
	/* One byte says where schakel.ini ends and parties.ini begins. */
	write_file("schakel.ini", data + 1, split - 1);
	write_file("parties.ini", data + split, size - split);
	memset(&problems, 0, sizeof(problems));
	if (conf_load(dir, &conf, &problems) == SK_OK) {
		conf_free(conf);
	}
	return 0;
}
