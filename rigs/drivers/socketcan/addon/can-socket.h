/* A CAN_RAW socket (linux/can/raw.h) that a Node event loop reads, and a guard thread reads while that loop stalls. */
#ifndef CAN_SOCKET_H
#define CAN_SOCKET_H

#include <linux/can.h>
#include <linux/can/raw.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

/* A frame in memory that JavaScript reads and writes: frame-record.ts. */
#define RECORD_HEAD_BYTES 16
#define RECORD_DATA_BYTES CANFD_MAX_DLEN
#define RECORD_BYTES (RECORD_HEAD_BYTES + RECORD_DATA_BYTES)
#define RECORD_CLASSIC_BYTES (RECORD_HEAD_BYTES + CAN_MAX_DLEN)

/* Flags of a record: canfd_frame's BRS and ESI, and two of our own: kernel-frame.ts. */
#define RECORD_FDF 0x04
#define RECORD_OWN 0x80

/* Frames that one system call moves, and that JavaScript is handed at a time. */
#define SYSTEM_CALL_FRAMES 64
#define HANDED_OVER_FRAMES 512

struct can_options {
  int interface_index;
  bool fd;
  bool receive_own;
  uint32_t capacity;
  const struct can_filter *filters;
  size_t filter_count;
};

struct can_socket {
  int fd;
  bool fd_frames;
  size_t record_bytes;

  /* Whoever reads the socket, or what is kept of it, holds this: so frames stay in order. */
  uv_mutex_t lock;
  uint8_t *kept;
  uint32_t capacity;
  uint32_t first;
  uint32_t count;
  /* Frames that the kernel dropped since the socket was opened; wraps. */
  uint32_t lost;
  /* Frames read since the kernel's queue was last seen empty. */
  uint32_t read_since_empty;
  /* What ended the socket; 0 while it is open. */
  int error;

  /* How often the event loop has come to read. */
  uint32_t loop_reads;
  int guard_wake[2];
  bool guard_ends;
  uv_thread_t guard;
  bool guard_runs;
  void (*kept_by_guard)(struct can_socket *);
};

/* Returns 0, or an errno; *failed is then the system call. Frees what it took. */
int can_socket_open(struct can_socket *, const struct can_options *, const char **failed);
/* Ends the guard, and closes. */
void can_socket_close(struct can_socket *);

/* With the lock held: moves frames from the kernel to where they are kept, until there are none, or no room, or so many
 * were moved. Returns how many. */
uint32_t can_socket_read(struct can_socket *, uint32_t most);
/* With the lock held: moves kept frames out. Returns how many. */
uint32_t can_socket_take(struct can_socket *, uint8_t *records, uint32_t most);

/* Returns how many of the records the kernel took; when not all, *error says why not the next one. */
uint32_t can_socket_send(struct can_socket *, const uint8_t *records, uint32_t count, int *error);

/* Returns 0 or an errno. `kept_by_guard` is called from another thread from now on. */
int can_guard_start(struct can_socket *);
void can_guard_end(struct can_socket *);

#endif
