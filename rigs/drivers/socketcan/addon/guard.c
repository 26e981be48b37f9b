/* While the event loop is busy, nobody empties the socket, and the kernel keeps few frames: about 280 by default. This
 * thread looks now and then whether the loop still comes to read. Where it does not, the thread reads in its place, as
 * long as that lasts. Otherwise it stays out of the way, so that a frame goes from the kernel to the loop without a
 * change of threads. */
#include "can-socket.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

/* 280 frames take 31 ms at least on a wire of 1 Mbit/s. */
#define LOOK_MS 20
/* So many looks without a frame, and the thread sleeps until there is one. */
#define LOOKS_UNTIL_QUIET 50

static uint32_t loop_reads(struct can_socket *can) { return __atomic_load_n(&can->loop_reads, __ATOMIC_ACQUIRE); }

/* Waits for a frame, or for so long only; returns whether there is one. */
static bool wait_for_frame(struct can_socket *can, bool frame, int milliseconds) {
  struct pollfd polled[2] = {
      {.fd = can->guard_wake[0], .events = POLLIN},
      {.fd = can->fd, .events = POLLIN},
  };
  return poll(polled, frame ? 2 : 1, milliseconds) > 0 && frame && polled[1].revents != 0;
}

static bool ends(struct can_socket *can) { return __atomic_load_n(&can->guard_ends, __ATOMIC_ACQUIRE); }

/* Reads until the loop comes back. Returns whether there were any frames. */
static bool stand_in(struct can_socket *can, uint32_t seen) {
  bool any = false;
  while (!ends(can) && loop_reads(can) == seen) {
    uv_mutex_lock(&can->lock);
    uint32_t read = loop_reads(can) == seen ? can_socket_read(can, can->capacity) : 0;
    bool full = can->count == can->capacity;
    int error = can->error;
    uv_mutex_unlock(&can->lock);
    if (read > 0 || error) can->kept_by_guard(can);
    if (error) return true;
    if (read == 0 && !any) return false;
    any = true;
    /* When all room is taken, the kernel keeps the rest, and counts what it drops. */
    wait_for_frame(can, !full, LOOK_MS);
  }
  return true;
}

static void watch(void *argument) {
  struct can_socket *can = argument;
  while (!ends(can)) {
    wait_for_frame(can, true, -1);
    uint32_t seen = loop_reads(can);
    for (int quiet = 0; quiet < LOOKS_UNTIL_QUIET && !ends(can);) {
      wait_for_frame(can, false, LOOK_MS);
      uint32_t reads = loop_reads(can);
      quiet = reads != seen || stand_in(can, seen) ? 0 : quiet + 1;
      seen = reads;
      if (__atomic_load_n(&can->error, __ATOMIC_RELAXED)) return;
    }
  }
}

int can_guard_start(struct can_socket *can) {
  if (pipe2(can->guard_wake, O_CLOEXEC | O_NONBLOCK) < 0) return errno;
  const uv_thread_options_t options = {.flags = UV_THREAD_HAS_STACK_SIZE, .stack_size = 256 * 1024};
  int failed = uv_thread_create_ex(&can->guard, &options, watch, can);
  can->guard_runs = failed == 0;
  if (failed) {
    close(can->guard_wake[0]);
    close(can->guard_wake[1]);
  }
  return -failed;
}

void can_guard_end(struct can_socket *can) {
  if (!can->guard_runs) return;
  __atomic_store_n(&can->guard_ends, true, __ATOMIC_RELEASE);
  /* Closing this end wakes it. */
  close(can->guard_wake[1]);
  uv_thread_join(&can->guard);
  close(can->guard_wake[0]);
  can->guard_runs = false;
}
