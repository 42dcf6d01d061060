/* SPDX-License-Identifier: EUPL-1.2 */
#include "common/conf.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sodium.h>
#include <zmq.h>

#include "common/files.h"

#define SECRET_FILE_MAX 256
#define KEY_BYTES 32

bool conf_key_is_valid(const char *key)
{
	uint8_t raw[KEY_BYTES];
	if (strlen(key) != CONF_KEY_LEN) {
		return false;
	}
	for (const char *s = key; *s != '\0'; s++) {
		if (*s <= 0x20 || *s >= 0x7f || strchr("\"',;\\_`|~", *s) != NULL) {
			return false; /* the decoder of the library does not check its alphabet */
		}
	}
	bool valid = zmq_z85_decode(raw, key) != NULL;
	sodium_memzero(raw, sizeof(raw));
	return valid;
}

int conf_secret_path(const struct conf *c, const char *party, char ret_path[CONF_PATH_MAX])
{
	int n = snprintf(ret_path, CONF_PATH_MAX, "%s/%s.secret", c->keys_dir, party);
	return n > 0 && n < CONF_PATH_MAX ? SK_OK : SK_EINVAL;
}

void conf_secret_free(struct conf_secret *s)
{
	sodium_free(s); /* wipes it; NULL is a no-op */
}

/* Exactly the form that conf_secret_create() writes. */
static bool take_line(const char **io_at, const char *name, char ret_key[CONF_KEY_LEN + 1])
{
	size_t len = strlen(name);
	const char *s = *io_at;
	if (strncmp(s, name, len) != 0 || strncmp(s + len, " = ", 3) != 0) {
		return false;
	}
	s += len + 3;
	if (strcspn(s, "\n") != CONF_KEY_LEN || s[CONF_KEY_LEN] != '\n') {
		return false;
	}
	memcpy(ret_key, s, CONF_KEY_LEN);
	ret_key[CONF_KEY_LEN] = '\0';
	*io_at = s + CONF_KEY_LEN + 1;
	return conf_key_is_valid(ret_key);
}

static bool pair_fits(const struct conf_secret *s)
{
	uint8_t sk[KEY_BYTES];
	uint8_t pk[KEY_BYTES];
	char again[CONF_KEY_LEN + 1];
	bool fits =
		zmq_z85_decode(sk, s->secret_key) != NULL && crypto_scalarmult_base(pk, sk) == 0 &&
		zmq_z85_encode(again, pk, sizeof(pk)) != NULL && strcmp(again, s->public_key) == 0;
	sodium_memzero(sk, sizeof(sk));
	return fits;
}

static int read_into(const char *path, char *text, struct conf_secret *s)
{
	size_t len = 0;
	int err = files_read(path, text, SECRET_FILE_MAX - 1, &len);
	if (err != SK_OK) {
		return err == SK_EFULL ? SK_ECORRUPT : err;
	}
	text[len] = '\0';
	const char *at = text;
	if (!take_line(&at, "public", s->public_key) || !take_line(&at, "secret", s->secret_key) ||
	    *at != '\0' || !pair_fits(s)) {
		return SK_ECORRUPT;
	}
	return SK_OK;
}

int conf_secret_read(const char *path, struct conf_secret **ret_secret)
{
	struct stat st;
	if (stat(path, &st) != 0) {
		return errno == ENOENT ? SK_ENOENT : SK_ESYS;
	}
	if ((st.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
		return SK_EAUTH; /* a secret that others may read is none */
	}
	if (sodium_init() < 0) {
		return SK_ESYS;
	}
	struct conf_secret *s = sodium_malloc(sizeof(*s));
	char *text = sodium_malloc(SECRET_FILE_MAX);
	int err = s == NULL || text == NULL ? SK_ENOMEM : read_into(path, text, s);
	sodium_free(text);
	if (err != SK_OK) {
		conf_secret_free(s);
		return err;
	}
	*ret_secret = s;
	return SK_OK;
}

static bool make_pair(struct conf_secret *s)
{
	uint8_t pk[crypto_box_PUBLICKEYBYTES];
	uint8_t sk[crypto_box_SECRETKEYBYTES];
	(void)crypto_box_keypair(pk, sk);
	bool done = zmq_z85_encode(s->public_key, pk, sizeof(pk)) != NULL &&
		    zmq_z85_encode(s->secret_key, sk, sizeof(sk)) != NULL;
	sodium_memzero(sk, sizeof(sk));
	return done;
}

int conf_secret_create(const char *path, struct conf_secret **ret_secret)
{
	if (access(path, F_OK) == 0) {
		return SK_ESTATE;
	}
	if (sodium_init() < 0) {
		return SK_ESYS;
	}
	struct conf_secret *s = sodium_malloc(sizeof(*s));
	char *text = sodium_malloc(SECRET_FILE_MAX);
	int err = s == NULL || text == NULL ? SK_ENOMEM : make_pair(s) ? SK_OK : SK_ESYS;
	if (err == SK_OK) {
		int n = snprintf(text, SECRET_FILE_MAX, "public = %s\nsecret = %s\n", s->public_key,
				 s->secret_key);
		err = files_replace(path, 0600, (struct slice){ .data = text, .len = (size_t)n });
	}
	sodium_free(text);
	if (err != SK_OK) {
		conf_secret_free(s);
		return err;
	}
	*ret_secret = s;
	return SK_OK;
}
