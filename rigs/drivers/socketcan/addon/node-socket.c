#include "node-socket.h"

#include <stdlib.h>

void node_socket_release(struct node_socket *node) {
  if (--node->owners == 0) free(node);
}

static void on_handle_closed(uv_handle_t *handle) {
  struct node_socket *node = handle->data;
  /* The environment waits for it before it ends; for the object of JavaScript it does not. */
  if (--node->handles == 0 && node->hook) napi_remove_async_cleanup_hook(node->hook);
  node_socket_release(node);
}

void node_socket_receive(struct node_socket *node) {
  struct can_socket *can = &node->can;
  uv_mutex_lock(&can->lock);
  __atomic_add_fetch(&can->loop_reads, 1, __ATOMIC_RELEASE);
  if (can->count < HANDED_OVER_FRAMES) can_socket_read(can, HANDED_OVER_FRAMES - can->count);
  node->news[NEWS_FRAMES] = can_socket_take(can, node->received, HANDED_OVER_FRAMES);
  /* Also while the end of the kernel's queue has not been seen: behind it, losses wait to be asked for. */
  node->news[NEWS_MORE] = can->count > 0 || (can->read_since_empty > 0 && !can->error);
  node->news[NEWS_LOST] = can->lost;
  node->news[NEWS_ERROR] = (uint32_t)can->error;
  uv_mutex_unlock(&can->lock);
  /* The kernel goes on telling of an error for ever. */
  if (node->news[NEWS_ERROR]) uv_poll_stop(&node->poll);
}

static void tell(struct node_socket *node) {
  napi_env env = node->env;
  napi_handle_scope scope;
  napi_value listener, global, error;
  if (napi_open_handle_scope(env, &scope) != napi_ok) return;
  napi_get_reference_value(env, node->on_news, &listener);
  napi_get_global(env, &global);
  if (napi_make_callback(env, node->context, global, listener, 0, NULL, NULL) == napi_pending_exception) {
    napi_get_and_clear_last_exception(env, &error);
    napi_fatal_exception(env, error);
  }
  napi_close_handle_scope(env, scope);
}

static void on_poll(uv_poll_t *poll, int status, int events) {
  struct node_socket *node = poll->data;
  node->news[NEWS_WRITABLE] = status < 0 || (events & UV_WRITABLE) != 0;
  if (events & UV_WRITABLE) node_socket_watch(node, false);
  node_socket_receive(node);
  tell(node);
}

static void on_kept(uv_async_t *async) {
  struct node_socket *node = async->data;
  if (node->closed) return;
  node->news[NEWS_WRITABLE] = 0;
  node_socket_receive(node);
  tell(node);
}

static void kept_by_guard(struct can_socket *can) { uv_async_send(&((struct node_socket *)can)->kept); }

int node_socket_watch(struct node_socket *node, bool writable) {
  return uv_poll_start(&node->poll, UV_READABLE | (writable ? UV_WRITABLE : 0), on_poll);
}

static void own_handle(struct node_socket *node) {
  node->handles++;
  node->owners++;
}

int node_socket_start(struct node_socket *node, uv_loop_t *loop) {
  node->poll.data = node->kept.data = node;
  node->can.kept_by_guard = kept_by_guard;
  int failed = uv_async_init(loop, &node->kept, on_kept);
  if (failed) return -failed;
  own_handle(node);
  uv_unref((uv_handle_t *)&node->kept);
  failed = uv_poll_init(loop, &node->poll, node->can.fd);
  if (failed) return -failed;
  own_handle(node);
  failed = node_socket_watch(node, false);
  return failed ? -failed : can_guard_start(&node->can);
}

void node_socket_close(struct node_socket *node) {
  if (node->closed) return;
  node->closed = true;
  /* First: it may tell no more once the handles are closing. */
  can_guard_end(&node->can);
  int handles = node->handles;
  if (handles > 0) uv_close((uv_handle_t *)&node->kept, on_handle_closed);
  if (handles > 1) uv_close((uv_handle_t *)&node->poll, on_handle_closed);
  can_socket_close(&node->can);
  if (node->context) napi_async_destroy(node->env, node->context);
  if (node->on_news) napi_delete_reference(node->env, node->on_news);
  for (int i = 0; i < BUFFERS; i++) {
    if (node->buffers[i]) napi_delete_reference(node->env, node->buffers[i]);
  }
}
