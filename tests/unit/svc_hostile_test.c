/* SPDX-License-Identifier: EUPL-1.2 */
/* What a peer may send that no client of ours would. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <sodium.h>
#include <zmq.h>

#include "common/wire.h"
#include "common/zap.h"
#include "tests/unit/svc_rig.h"

static void raw_dealer(void **ret_socket, const char *party, const char *routing_id)
{
	char path[CONF_PATH_MAX];
	struct conf_secret *s = NULL;
	assert_int_equal(conf_secret_path(svc_rig.conf, party, path), SK_OK);
	assert_int_equal(conf_secret_read(path, &s), SK_OK);
	struct zap_keys keys = { .party = party,
				 .public_key = s->public_key,
				 .secret_key = s->secret_key,
				 .server_key = conf_party(svc_rig.conf, "intake")->key,
				 .curve = true };
	*ret_socket = zmq_socket(svc_rig.net.zmq, ZMQ_DEALER);
	assert_int_equal(zap_connect_options(*ret_socket, &keys), SK_OK);
	if (routing_id != NULL) {
		assert_int_equal(zmq_setsockopt(*ret_socket, ZMQ_ROUTING_ID, routing_id,
						strlen(routing_id)),
				 0);
	}
	assert_int_equal(zmq_connect(*ret_socket, conf_daemon(svc_rig.conf, "intake")->bind), 0);
	conf_secret_free(s);
}

static size_t status_frame(uint8_t buf[256])
{
	uint8_t id[16];
	uint8_t luck[10] = { 7 };
	uint8_t packed[128];
	PB(QueryStatus) q = PB_INIT(QUERY_STATUS);
	PB(Message) m = PB_INIT(MESSAGE);
	PB(Frame) f = PB_INIT(FRAME);
	wire_id_make(1, luck, id);
	m.id = (ProtobufCBinaryData){ sizeof(id), id };
	m.body_case = BODY(QUERY_STATUS);
	m.query_status = &q;
	f.message = (ProtobufCBinaryData){ schakel__v1__message__pack(&m, packed), packed };
	return schakel__v1__frame__pack(&f, buf);
}

static bool is_answered(void *socket, int wait_ms)
{
	zmq_pollitem_t item = { .socket = socket, .events = ZMQ_POLLIN };
	bool answered = zmq_poll(&item, 1, wait_ms) > 0;
	uint8_t buf[256];
	while (zmq_recv(socket, buf, sizeof(buf), ZMQ_DONTWAIT) >= 0) {
		continue;
	}
	return answered;
}

static bool send_wait(void *socket, const void *data, size_t len, int flags)
{
	zmq_pollitem_t item = { .socket = socket, .events = ZMQ_POLLOUT };
	return zmq_poll(&item, 1, LONG_MS) > 0 && zmq_send(socket, data, len, flags) >= 0;
}

/* A message of two payload frames is dropped whole; the connection goes on (Z9). */
static void test_svc_message_of_several_frames_is_dropped_whole(void **state)
{
	(void)state;
	void *s = NULL;
	uint8_t buf[256];
	size_t len = status_frame(buf);
	raw_dealer(&s, "duty", NULL);
	assert_true(send_wait(s, buf, len, 0));
	assert_true(is_answered(s, LONG_MS));
	assert_true(send_wait(s, buf, len, ZMQ_SNDMORE));
	assert_true(send_wait(s, buf, len, ZMQ_SNDMORE));
	assert_true(send_wait(s, buf, len, 0));
	assert_false(is_answered(s, SHORT_MS));
	assert_true(send_wait(s, buf, len, 0));
	assert_true(is_answered(s, LONG_MS));
	(void)zmq_close(s);
}

static size_t command_frame(PB(Message) *m, uint8_t buf[256])
{
	uint8_t packed[128];
	PB(Frame) f = PB_INIT(FRAME);
	assert_true(schakel__v1__message__get_packed_size(m) <= sizeof(packed));
	f.message = (ProtobufCBinaryData){ schakel__v1__message__pack(m, packed), packed };
	return schakel__v1__frame__pack(&f, buf);
}

/* A name that the peer chose could be somebody else's (Z8): its command is not even applied. */
static void test_svc_connection_that_names_itself_is_not_served(void **state)
{
	(void)state;
	void *s = NULL;
	uint8_t buf[256];
	uint8_t id[16];
	PB(CloseNeed) body;
	PB(Message) m = svc_rig_close_need(&body);
	struct client *c = svc_rig_client("duty");
	assert_int_equal(client_new_id(c, id), SK_OK);
	m.id = (ProtobufCBinaryData){ sizeof(id), id };
	m.time_ms = 1;
	size_t len = command_frame(&m, buf);
	raw_dealer(&s, "duty", "second");
	assert_true(send_wait(s, buf, len, 0));
	assert_false(is_answered(s, SHORT_MS));
	(void)zmq_close(s);
	assert_int_equal(svc_rig_receipt(c, &m)->outcome, OUTCOME(ACCEPTED));
	assert_int_equal(svc_rig_receipt(c, &m)->outcome, OUTCOME(DUPLICATE));
}

/* The largest frame reaches the decoder, which answers; one byte more never does. */
static void test_svc_frame_at_and_past_its_size(void **state)
{
	(void)state;
	static uint8_t big[FRAME_BYTES_MAX + 1];
	static uint8_t message[FRAME_BYTES_MAX];
	void *s = NULL;
	raw_dealer(&s, "duty", NULL);
	uint8_t id_field[18] = { 0x0a, 16 };
	memset(message, 0xff,
	       sizeof(message)); /* no message: refused as malformed, which is an answer */
	memcpy(message, id_field, sizeof(id_field));
	for (size_t over = 0; over <= 1; over++) {
		PB(Frame) f = PB_INIT(FRAME);
		f.message = (ProtobufCBinaryData){ FRAME_BYTES_MAX - 4 + over, message };
		size_t len = schakel__v1__frame__get_packed_size(&f);
		assert_int_equal(len, FRAME_BYTES_MAX + over);
		(void)schakel__v1__frame__pack(&f, big);
		assert_true(send_wait(s, big, len, 0));
		assert_int_equal(is_answered(s, over == 0 ? LONG_MS : SHORT_MS), over == 0);
	}
	(void)zmq_close(s);
}

/* The fifth frame of a connection that does not decode mutes that connection for a while, and no
 * other one of the same party; what decodes and is refused counts for nothing. */
static void test_svc_frames_that_do_not_decode_mute_their_connection(void **state)
{
	(void)state;
	static const uint8_t junk[] = { 0xff, 0xff, 0xff };
	void *s = NULL;
	void *other = NULL;
	uint8_t buf[256];
	size_t len = status_frame(buf);
	raw_dealer(&s, "duty", NULL);
	raw_dealer(&other, "duty", NULL);
	for (int i = 0; i < 4; i++) {
		assert_true(send_wait(s, junk, sizeof(junk), 0));
	}
	assert_true(send_wait(s, buf, len, 0));
	assert_true(is_answered(s, LONG_MS));
	assert_true(send_wait(s, junk, sizeof(junk), 0));
	assert_true(send_wait(s, buf, len, 0));
	assert_false(is_answered(s, SHORT_MS));
	assert_true(send_wait(other, buf, len, 0));
	assert_true(is_answered(other, LONG_MS));
	(void)zmq_close(s);
	(void)zmq_close(other);
}

static void test_svc_unknown_key_is_not_served(void **state)
{
	(void)state;
	uint8_t pk[crypto_box_PUBLICKEYBYTES];
	uint8_t sk[crypto_box_SECRETKEYBYTES];
	char public_key[CONF_KEY_LEN + 1];
	char secret_key[CONF_KEY_LEN + 1];
	struct client *c = NULL;
	(void)crypto_box_keypair(pk, sk);
	assert_non_null(zmq_z85_encode(public_key, pk, sizeof(pk)));
	assert_non_null(zmq_z85_encode(secret_key, sk, sizeof(sk)));
	struct client_conf cc = { .net = &svc_rig.net,
				  .endpoint = conf_daemon(svc_rig.conf, "intake")->bind,
				  .server_key = conf_party(svc_rig.conf, "intake")->key,
				  .party = "duty",
				  .public_key = public_key,
				  .secret_key = secret_key,
				  .curve = true,
				  .timeout_ms = SHORT_MS };
	assert_int_equal(client_open(&cc, &c), SK_OK);
	svc_rig_silence(c);
	client_close(c);
	/* Known, but the server is not who the client was told. */
	cc.server_key = conf_party(svc_rig.conf, "matching")->key;
	assert_int_equal(client_open(&cc, &c), SK_OK);
	svc_rig_silence(c);
	client_close(c);
}

static int svc_tests(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, svc_rig_set_up, svc_rig_tear_down)
	const struct CMUnitTest tests[] = {
		T(test_svc_message_of_several_frames_is_dropped_whole),
		T(test_svc_connection_that_names_itself_is_not_served),
		T(test_svc_frame_at_and_past_its_size),
		T(test_svc_frames_that_do_not_decode_mute_their_connection),
		T(test_svc_unknown_key_is_not_served),
	};
#undef T
	return cmocka_run_group_tests(tests, NULL, NULL);
}

int main(int argc, char **argv)
{
	return svc_rig_main(argc, argv, svc_tests);
}
