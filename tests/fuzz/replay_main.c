/* SPDX-License-Identifier: EUPL-1.2 */
/* Stands in for libFuzzer's main: feeds each file of a corpus directory to the target once. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#define INPUT_BYTES_MAX (1024U * 1024U)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The buffer is as long as the input, so that AddressSanitizer sees a read past the end. */
static int replay_file(const char *dir, const char *name)
{
	char path[4096];
	(void)snprintf(path, sizeof(path), "%s/%s", dir, name);
	FILE *f = fopen(path, "re");
	if (f == NULL) {
		perror(path);
		return -1;
	}
	static uint8_t whole[INPUT_BYTES_MAX];
	size_t len = fread(whole, 1, sizeof(whole), f);
	int bad = ferror(f);
	(void)fclose(f);
	uint8_t *exact = malloc(len > 0 ? len : 1);
	if (bad || exact == NULL) {
		free(exact);
		return -1;
	}
	for (size_t i = 0; i < len; i++) {
		exact[i] = whole[i];
	}
	(void)LLVMFuzzerTestOneInput(exact, len);
	free(exact);
	return 0;
}

int main(int argc, char **argv)
{
	DIR *d = argc == 2 ? opendir(argv[1]) : NULL;
	if (d == NULL) {
		(void)fprintf(stderr, "usage: %s CORPUS-DIRECTORY (which must exist)\n", argv[0]);
		return EXIT_FAILURE;
	}
	int count = 0;
	int err = 0;
	for (struct dirent *e = readdir(d); e != NULL && err == 0; e = readdir(d)) {
		if (e->d_name[0] != '.') {
			err = replay_file(argv[1], e->d_name);
			count++;
		}
	}
	(void)closedir(d);
	/* An empty corpus would pass for a check that ran. */
	if (err != 0 || count == 0) {
		(void)fprintf(stderr, "FAILED %s: %d inputs\n", argv[0], count);
		return EXIT_FAILURE;
	}
	(void)printf("  ok    %s: %d inputs\n", argv[0], count);
	return EXIT_SUCCESS;
}
