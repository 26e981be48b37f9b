#include "can-socket.h"

#include <endian.h>
#include <errno.h>
#include <linux/sock_diag.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#ifndef SO_MEMINFO
#define SO_MEMINFO 55
#endif

struct received {
  struct canfd_frame frame;
  _Alignas(struct cmsghdr) uint8_t control[CMSG_SPACE(sizeof(struct timespec)) + CMSG_SPACE(sizeof(uint32_t))];
};

/* A count that wraps, which another source may have taken further already. */
static void count_lost(struct can_socket *can, uint32_t lost) {
  if ((int32_t)(lost - can->lost) > 0) can->lost = lost;
}

/* The kernel tells the count with the next frame; after the last one it has to be asked. */
static void ask_lost(struct can_socket *can) {
  uint32_t memory[SK_MEMINFO_VARS] = {0};
  socklen_t length = sizeof memory;
  if (getsockopt(can->fd, SOL_SOCKET, SO_MEMINFO, memory, &length) == 0 &&
      length > SK_MEMINFO_DROPS * sizeof *memory) {
    count_lost(can, memory[SK_MEMINFO_DROPS]);
  }
}

/* Returns microseconds since 1970. */
static double read_control(struct can_socket *can, struct msghdr *message) {
  double micros = 0;
  for (struct cmsghdr *each = CMSG_FIRSTHDR(message); each; each = CMSG_NXTHDR(message, each)) {
    if (each->cmsg_level != SOL_SOCKET) continue;
    if (each->cmsg_type == SCM_TIMESTAMPNS) {
      struct timespec stamp;
      memcpy(&stamp, CMSG_DATA(each), sizeof stamp);
      micros = (double)stamp.tv_sec * 1e6 + (double)(stamp.tv_nsec / 1000);
    } else if (each->cmsg_type == SO_RXQ_OVFL) {
      uint32_t lost;
      memcpy(&lost, CMSG_DATA(each), sizeof lost);
      count_lost(can, lost);
    }
  }
  return micros;
}

static void keep(struct can_socket *can, const struct canfd_frame *frame, bool is_fd, bool own, double micros) {
  uint32_t at = can->first + can->count;
  if (at >= can->capacity) at -= can->capacity;
  uint8_t *record = can->kept + at * can->record_bytes;
  uint64_t stamp;
  memcpy(&stamp, &micros, sizeof stamp);
  stamp = htobe64(stamp);
  uint32_t id = htobe32(frame->can_id);
  uint8_t most = is_fd ? CANFD_MAX_DLEN : CAN_MAX_DLEN;
  uint8_t length = frame->len < most ? frame->len : most;
  uint8_t data_bytes = frame->can_id & CAN_RTR_FLAG ? 0 : length;
  memcpy(record, &stamp, 8);
  memcpy(record + 8, &id, 4);
  record[12] = length;
  record[13] = (is_fd ? (frame->flags & (CANFD_BRS | CANFD_ESI)) | RECORD_FDF : 0) | (own ? RECORD_OWN : 0);
  record[14] = data_bytes;
  record[15] = 0;
  memcpy(record + RECORD_HEAD_BYTES, frame->data, data_bytes);
  can->count++;
}

/* Returns how many came, or -1. */
static int receive(struct can_socket *can, unsigned int most) {
  struct received received[SYSTEM_CALL_FRAMES];
  struct iovec vectors[SYSTEM_CALL_FRAMES];
  struct mmsghdr messages[SYSTEM_CALL_FRAMES];
  for (unsigned int i = 0; i < most; i++) {
    vectors[i] = (struct iovec){&received[i].frame, sizeof received[i].frame};
    messages[i].msg_hdr = (struct msghdr){
        .msg_iov = &vectors[i],
        .msg_iovlen = 1,
        .msg_control = received[i].control,
        .msg_controllen = sizeof received[i].control,
    };
  }
  int came;
  do came = recvmmsg(can->fd, messages, most, MSG_DONTWAIT, NULL);
  while (came < 0 && errno == EINTR);
  for (int i = 0; i < came; i++) {
    struct msghdr *message = &messages[i].msg_hdr;
    double micros = read_control(can, message);
    /* The kernel gives a frame whole or not at all. */
    keep(can, &received[i].frame, messages[i].msg_len == CANFD_MTU, (message->msg_flags & MSG_CONFIRM) != 0, micros);
  }
  return came;
}

uint32_t can_socket_read(struct can_socket *can, uint32_t most) {
  uint32_t read = 0;
  while (read < most && can->count < can->capacity && !can->error) {
    uint32_t wanted = most - read;
    if (wanted > can->capacity - can->count) wanted = can->capacity - can->count;
    if (wanted > SYSTEM_CALL_FRAMES) wanted = SYSTEM_CALL_FRAMES;
    int came = receive(can, wanted);
    if (came < 0 && errno != EAGAIN) can->error = errno;
    if (came > 0) {
      read += (uint32_t)came;
      can->read_since_empty += (uint32_t)came;
    }
    if (came < (int)wanted) {
      /* A queue that held one frame at most was not full, and has dropped none. */
      if (can->read_since_empty > 1) ask_lost(can);
      can->read_since_empty = 0;
      break;
    }
  }
  return read;
}

uint32_t can_socket_take(struct can_socket *can, uint8_t *records, uint32_t most) {
  uint32_t taken = can->count < most ? can->count : most;
  for (uint32_t i = 0; i < taken; i++) {
    memcpy(records + i * can->record_bytes, can->kept + can->first * can->record_bytes, can->record_bytes);
    if (++can->first == can->capacity) can->first = 0;
  }
  can->count -= taken;
  return taken;
}
