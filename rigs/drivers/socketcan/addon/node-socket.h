/* A CAN socket on a Node event loop. */
#ifndef NODE_SOCKET_H
#define NODE_SOCKET_H

#include <node_api.h>
#include "can-socket.h"

/* What JavaScript finds after it was called, or has called `receive` or `send`: kernel-socket.ts. */
enum news { NEWS_FRAMES, NEWS_LOST, NEWS_ERROR, NEWS_MORE, NEWS_WRITABLE, NEWS_SEND_ERROR, NEWS_COUNT };

#define BUFFERS 3

struct node_socket {
  struct can_socket can;
  napi_env env;
  uv_poll_t poll;
  uv_async_t kept;
  napi_ref on_news;
  napi_async_context context;
  napi_async_cleanup_hook_handle hook;
  /* Memory of ArrayBuffers, which the references keep. */
  uint32_t *news;
  uint8_t *received;
  uint8_t *outgoing;
  napi_ref buffers[BUFFERS];
  bool closed;
  /* Open handles of libuv; they and the object of JavaScript own this: who goes last frees it. */
  int handles;
  int owners;
};

/* Fills in news and received records. */
void node_socket_receive(struct node_socket *);
int node_socket_watch(struct node_socket *, bool writable);
/* Puts an open socket on the loop. Returns 0 or an errno. */
int node_socket_start(struct node_socket *, uv_loop_t *);
void node_socket_close(struct node_socket *);
void node_socket_release(struct node_socket *);

#endif
