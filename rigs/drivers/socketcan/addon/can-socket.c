#include "can-socket.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* What Linux charges a socket for one frame (skb truesize), bytes. */
#define KERNEL_BYTES_PER_FRAME 768
/* Linux's default: a node that keeps few frames must not lose those that come while it handles one. */
#define LEAST_BUFFER_BYTES 212992
#define MOST_BUFFER_BYTES (1 << 30)

/* Asks for room for so many frames; without CAP_NET_ADMIN the kernel gives what net.core.rmem_max allows. */
static void make_room(int fd, uint32_t frames) {
  uint64_t wanted = (uint64_t)frames * KERNEL_BYTES_PER_FRAME;
  if (wanted < LEAST_BUFFER_BYTES) wanted = LEAST_BUFFER_BYTES;
  if (wanted > MOST_BUFFER_BYTES) wanted = MOST_BUFFER_BYTES;
  /* The kernel doubles what it is told. */
  int bytes = (int)(wanted / 2);
  if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof bytes) == 0) return;
  setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
}

static int configure(int fd, const struct can_options *options, const char **failed) {
  const int on = 1;
  const can_err_mask_t every_error = CAN_ERR_MASK;
  *failed = "setsockopt";
  if (setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on) < 0) return errno;
  if (setsockopt(fd, SOL_SOCKET, SO_RXQ_OVFL, &on, sizeof on) < 0) return errno;
  if (setsockopt(fd, SOL_CAN_RAW, CAN_RAW_ERR_FILTER, &every_error, sizeof every_error) < 0) return errno;
  if (options->fd && setsockopt(fd, SOL_CAN_RAW, CAN_RAW_FD_FRAMES, &on, sizeof on) < 0) return errno;
  if (options->receive_own && setsockopt(fd, SOL_CAN_RAW, CAN_RAW_RECV_OWN_MSGS, &on, sizeof on) < 0) {
    return errno;
  }
  if (options->filters) {
    socklen_t bytes = (socklen_t)(options->filter_count * sizeof *options->filters);
    const void *filters = options->filter_count > 0 ? options->filters : NULL;
    if (setsockopt(fd, SOL_CAN_RAW, CAN_RAW_FILTER, filters, bytes) < 0) return errno;
  }
  make_room(fd, options->capacity);
  *failed = "bind";
  struct sockaddr_can address = {.can_family = AF_CAN, .can_ifindex = options->interface_index};
  return bind(fd, (struct sockaddr *)&address, sizeof address) < 0 ? errno : 0;
}

int can_socket_open(struct can_socket *can, const struct can_options *options, const char **failed) {
  *failed = "socket";
  can->fd = socket(PF_CAN, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, CAN_RAW);
  if (can->fd < 0) return errno;
  int error = configure(can->fd, options, failed);
  if (error) {
    close(can->fd);
    return error;
  }
  can->fd_frames = options->fd;
  can->record_bytes = options->fd ? RECORD_BYTES : RECORD_CLASSIC_BYTES;
  can->capacity = options->capacity;
  *failed = "malloc";
  can->kept = malloc(can->capacity * can->record_bytes);
  if (!can->kept || uv_mutex_init(&can->lock) != 0) {
    free(can->kept);
    close(can->fd);
    return ENOMEM;
  }
  return 0;
}

void can_socket_close(struct can_socket *can) {
  can_guard_end(can);
  close(can->fd);
  uv_mutex_destroy(&can->lock);
  free(can->kept);
  can->kept = NULL;
}
