/* What JavaScript calls: kernel-socket.ts, which is the only caller, and checks every frame before it comes here. Values
 * of a wrong type are refused with a TypeError all the same: nothing here may end the process. */
#include "node-socket.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define VERSION_OF_LIBUV 1

static const napi_type_tag SOCKET_TAG = {0x6c6f636b73746570, 0x63616e2d736f636b};

static napi_value wrong(napi_env env, const char *what) {
  napi_throw_type_error(env, NULL, what);
  return NULL;
}

/* The arguments of a call on an open socket; NULL, with an error thrown, for anything else. */
static struct node_socket *socket_of(napi_env env, napi_callback_info info, size_t wanted, napi_value *arguments) {
  size_t count = wanted;
  bool tagged = false;
  struct node_socket *node = NULL;
  if (napi_get_cb_info(env, info, &count, arguments, NULL, NULL) != napi_ok || count < wanted ||
      napi_check_object_type_tag(env, arguments[0], &SOCKET_TAG, &tagged) != napi_ok || !tagged ||
      napi_unwrap(env, arguments[0], (void **)&node) != napi_ok) {
    wrong(env, "not a CAN socket");
    return NULL;
  }
  if (node->closed) {
    napi_throw_error(env, "ERR_CLOSED", "the CAN socket is closed");
    return NULL;
  }
  return node;
}

static void on_environment_ends(napi_async_cleanup_hook_handle handle, void *data) {
  struct node_socket *node = data;
  node->hook = handle;
  node_socket_close(node);
  if (node->handles == 0) napi_remove_async_cleanup_hook(handle);
}

static void on_collected(napi_env env, void *data, void *hint) {
  (void)env, (void)hint;
  node_socket_close(data);
  node_socket_release(data);
}

static void *share(napi_env env, struct node_socket *node, int index, size_t bytes, napi_value object, const char *as) {
  napi_value buffer;
  void *memory = NULL;
  if (napi_create_arraybuffer(env, bytes, &memory, &buffer) != napi_ok) return NULL;
  memset(memory, 0, bytes);
  napi_create_reference(env, buffer, 1, &node->buffers[index]);
  napi_set_named_property(env, object, as, buffer);
  return memory;
}

static napi_value failed_call(napi_env env, const char *call, int error) {
  napi_value message, code, name, failure;
  napi_create_string_utf8(env, strerror(error), NAPI_AUTO_LENGTH, &message);
  napi_create_error(env, NULL, message, &failure);
  napi_create_int32(env, error, &code);
  napi_create_string_utf8(env, call, NAPI_AUTO_LENGTH, &name);
  napi_set_named_property(env, failure, "errno", code);
  napi_set_named_property(env, failure, "syscall", name);
  napi_throw(env, failure);
  return NULL;
}

/* open(interfaceIndex, fd, receiveOwn, capacity, filters: Uint32Array of id and mask in turn | null, onNews) */
static napi_value open_socket(napi_env env, napi_callback_info info) {
  napi_value arguments[6];
  size_t count = 6;
  struct can_options options = {0};
  napi_valuetype filters_type, listener_type;
  if (napi_get_cb_info(env, info, &count, arguments, NULL, NULL) != napi_ok || count < 6 ||
      napi_get_value_int32(env, arguments[0], &options.interface_index) != napi_ok ||
      napi_get_value_bool(env, arguments[1], &options.fd) != napi_ok ||
      napi_get_value_bool(env, arguments[2], &options.receive_own) != napi_ok ||
      napi_get_value_uint32(env, arguments[3], &options.capacity) != napi_ok || options.capacity == 0 ||
      napi_typeof(env, arguments[4], &filters_type) != napi_ok ||
      napi_typeof(env, arguments[5], &listener_type) != napi_ok || listener_type != napi_function) {
    return wrong(env, "open(interfaceIndex, fd, receiveOwn, capacity, filters, onNews)");
  }
  if (filters_type != napi_null) {
    napi_typedarray_type type;
    size_t words;
    void *data;
    if (napi_get_typedarray_info(env, arguments[4], &type, &words, &data, NULL, NULL) != napi_ok ||
        type != napi_uint32_array || words % 2 != 0) {
      return wrong(env, "filters: a Uint32Array of id and mask in turn");
    }
    /* An empty array may have no memory, and an empty list is not the same as none. */
    options.filters = words > 0 ? data : (const void *)&options;
    options.filter_count = words / 2;
  }
  uv_loop_t *loop;
  if (napi_get_uv_event_loop(env, &loop) != napi_ok) return wrong(env, "no event loop");
  struct node_socket *node = calloc(1, sizeof *node);
  if (!node) return failed_call(env, "calloc", ENOMEM);
  const char *call;
  int error = can_socket_open(&node->can, &options, &call);
  if (error) {
    free(node);
    return failed_call(env, call, error);
  }
  node->env = env;
  node->owners = 1;
  napi_value object, name;
  napi_create_object(env, &object);
  napi_type_tag_object(env, object, &SOCKET_TAG);
  napi_wrap(env, object, node, on_collected, NULL, NULL);
  napi_create_string_utf8(env, "lockstep:can", NAPI_AUTO_LENGTH, &name);
  napi_async_init(env, NULL, name, &node->context);
  napi_create_reference(env, arguments[5], 1, &node->on_news);
  node->news = share(env, node, 0, NEWS_COUNT * sizeof *node->news, object, "news");
  node->received = share(env, node, 1, HANDED_OVER_FRAMES * node->can.record_bytes, object, "received");
  node->outgoing = share(env, node, 2, SYSTEM_CALL_FRAMES * RECORD_BYTES, object, "outgoing");
  napi_add_async_cleanup_hook(env, on_environment_ends, node, &node->hook);
  error = node->news && node->received && node->outgoing ? node_socket_start(node, loop) : ENOMEM;
  if (!error) return object;
  node_socket_close(node);
  return failed_call(env, "uv_poll_init", error);
}

/* receive(socket): fills in its news and received records. */
static napi_value receive(napi_env env, napi_callback_info info) {
  napi_value arguments[1];
  struct node_socket *node = socket_of(env, info, 1, arguments);
  if (node) node_socket_receive(node);
  return NULL;
}

/* send(socket, first, count): hands outgoing records to the kernel; returns how many it took. */
static napi_value send_frames(napi_env env, napi_callback_info info) {
  napi_value arguments[3], sent;
  struct node_socket *node = socket_of(env, info, 3, arguments);
  if (!node) return NULL;
  uint32_t first, count;
  if (napi_get_value_uint32(env, arguments[1], &first) != napi_ok ||
      napi_get_value_uint32(env, arguments[2], &count) != napi_ok || first > SYSTEM_CALL_FRAMES ||
      count > SYSTEM_CALL_FRAMES - first) {
    return wrong(env, "send(socket, first, count): there are not so many outgoing records");
  }
  int error;
  uint32_t taken = can_socket_send(&node->can, node->outgoing + first * RECORD_BYTES, count, &error);
  node->news[NEWS_SEND_ERROR] = (uint32_t)error;
  napi_create_uint32(env, taken, &sent);
  return sent;
}

/* awaitRoom(socket): there will be news when the kernel has room for a frame. */
static napi_value await_room(napi_env env, napi_callback_info info) {
  napi_value arguments[1];
  struct node_socket *node = socket_of(env, info, 1, arguments);
  if (node) node_socket_watch(node, true);
  return NULL;
}

static napi_value close_socket(napi_env env, napi_callback_info info) {
  napi_value arguments[1];
  struct node_socket *node = socket_of(env, info, 1, arguments);
  if (node) node_socket_close(node);
  return NULL;
}

NAPI_MODULE_INIT() {
  /* The layout of its handles holds for a major version. */
  if (uv_version() >> 16 != VERSION_OF_LIBUV) {
    napi_throw_error(env, "ERR_LIBUV", "this addon is built for libuv 1");
    return NULL;
  }
  const napi_property_descriptor functions[] = {
      {"open", NULL, open_socket, NULL, NULL, NULL, napi_enumerable, NULL},
      {"receive", NULL, receive, NULL, NULL, NULL, napi_enumerable, NULL},
      {"send", NULL, send_frames, NULL, NULL, NULL, napi_enumerable, NULL},
      {"awaitRoom", NULL, await_room, NULL, NULL, NULL, napi_enumerable, NULL},
      {"close", NULL, close_socket, NULL, NULL, NULL, napi_enumerable, NULL},
  };
  napi_define_properties(env, exports, sizeof functions / sizeof *functions, functions);
  return exports;
}
