#include "can-socket.h"

#include <endian.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

/* Returns the bytes of the kernel's structure: what tells a classic frame from an FD frame. */
static size_t frame_of(const uint8_t *record, struct canfd_frame *frame) {
  uint32_t id;
  memcpy(&id, record + 8, 4);
  memset(frame, 0, sizeof *frame);
  frame->can_id = be32toh(id);
  uint8_t flags = record[13];
  bool is_fd = flags & RECORD_FDF;
  uint8_t most = is_fd ? CANFD_MAX_DLEN : CAN_MAX_DLEN;
  frame->len = record[12] < most ? record[12] : most;
  if (is_fd) frame->flags = flags & (CANFD_BRS | CANFD_ESI);
  if (!(frame->can_id & CAN_RTR_FLAG)) memcpy(frame->data, record + RECORD_HEAD_BYTES, frame->len);
  return is_fd ? CANFD_MTU : CAN_MTU;
}

uint32_t can_socket_send(struct can_socket *can, const uint8_t *records, uint32_t count, int *error) {
  struct canfd_frame frames[SYSTEM_CALL_FRAMES];
  struct iovec vectors[SYSTEM_CALL_FRAMES];
  struct mmsghdr messages[SYSTEM_CALL_FRAMES];
  uint32_t sent = 0;
  *error = 0;
  while (sent < count) {
    uint32_t batch = count - sent < SYSTEM_CALL_FRAMES ? count - sent : SYSTEM_CALL_FRAMES;
    for (uint32_t i = 0; i < batch; i++) {
      vectors[i] = (struct iovec){&frames[i], frame_of(records + (sent + i) * RECORD_BYTES, &frames[i])};
      messages[i].msg_hdr = (struct msghdr){.msg_iov = &vectors[i], .msg_iovlen = 1};
    }
    int took = sendmmsg(can->fd, messages, batch, MSG_DONTWAIT);
    if (took < 0) {
      if (errno == EINTR) continue;
      *error = errno;
      return sent;
    }
    /* Fewer than asked for: the next call says why. */
    sent += (uint32_t)took;
  }
  return sent;
}
