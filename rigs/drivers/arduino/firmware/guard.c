/* The guard: what stands between the host's commands and the actuator's power. See protocol.md. */
#include <util/atomic.h>
#include "board.h"
#include "reset-cause.h"

enum { END_NONE, END_DOWN, END_UP };
enum { FLAG_ARMED = 1, FLAG_LATCHED = 2, FLAG_RELAY = 4, FLAG_PULSES = 8, FLAG_REFUSED = 16 };

/* Pulses that differ by less ask for the same angle: steps of 0.5 µs. */
#define SAME_ANGLE_HALF_US 100
#define SYSEX_STATUS 0x04

static volatile bool armed, latched, refused, status_due;
static volatile uint8_t cause, cuts;
static volatile uint32_t cut_ms;
static volatile uint8_t commanded_end, last_count;
static volatile uint16_t commanded_half_us;
static volatile uint16_t silent_ms, high_ms, blank_ms, both_ms, end_ms;

static bool energised(void) { return relay_is_high() || servo_pulses_on(); }

static void all_off(void) {
  relay_set(false);
  servo_stop_all();
  armed = false;
  commanded_end = END_NONE;
  commanded_half_us = 0;
  high_ms = blank_ms = both_ms = end_ms = 0;
  status_due = true;
}

static void cut(uint8_t reason) {
  all_off();
  latched = reason != CUT_END_OF_TRAVEL;
  cause = reason;
  cuts = (cuts + 1) & 0x7f;
  cut_ms = board_milliseconds();
}

static bool lasts(volatile uint16_t *for_ms, bool holds, uint16_t at_most_ms) {
  *for_ms = holds ? *for_ms + 1 : 0;
  return *for_ms >= at_most_ms;
}

static bool at_commanded_end(void) {
  return (commanded_end == END_DOWN && limit_down_pressed()) || (commanded_end == END_UP && limit_up_pressed());
}

void guard_tick(void) {
  if (!armed) return;
  if (++silent_ms >= HEARTBEAT_MS) {
    if (energised()) cut(CUT_HEARTBEAT);
    else all_off();
  } else if (energised()) {
    if (blank_ms > 0) blank_ms--;
    else if (lasts(&high_ms, motor_current_code() > OVER_CURRENT_CODE, OVER_CURRENT_MS)) return cut(CUT_OVER_CURRENT);
    if (lasts(&both_ms, limit_down_pressed() && limit_up_pressed(), BOTH_LIMITS_MS)) return cut(CUT_BOTH_LIMITS);
    if (lasts(&end_ms, at_commanded_end(), END_OF_TRAVEL_MS)) cut(CUT_END_OF_TRAVEL);
  }
}

bool guard_armed(void) { return armed; }

void guard_refused(void) {
  refused = true;
  status_due = true;
}

void guard_heartbeat(uint8_t count) {
  ATOMIC_BLOCK(ATOMIC_RESTORESTATE) {
    if (count != last_count) silent_ms = 0;
    last_count = count;
  }
}

void guard_arm(uint8_t seen_cuts, uint8_t complement) {
  ATOMIC_BLOCK(ATOMIC_RESTORESTATE) {
    if (seen_cuts != cuts || complement != 0x7f - seen_cuts) {
      guard_refused();
    } else {
      armed = true;
      latched = false;
      silent_ms = 0;
      status_due = true;
    }
  }
}

void guard_disarm(void) {
  ATOMIC_BLOCK(ATOMIC_RESTORESTATE) { all_off(); }
}

void guard_relay(bool high) {
  ATOMIC_BLOCK(ATOMIC_RESTORESTATE) {
    if (!high) relay_set(false);
    else if (!armed) guard_refused();
    else if (!relay_is_high()) {
      relay_set(true);
      blank_ms = INRUSH_MS;
    }
  }
}

static bool is_near(uint16_t half_us, uint16_t microseconds) {
  int16_t away = (int16_t)(half_us - 2 * microseconds);
  return away < SAME_ANGLE_HALF_US && away > -SAME_ANGLE_HALF_US;
}

/* Called with interrupts off. A host that changes the angle all the time must not hide a stall behind the blanking. */
void guard_servo(uint8_t pin, uint16_t half_us) {
  if (pin != SERVO_PIN) return;
  if (is_near(half_us, commanded_half_us / 2)) return;
  commanded_half_us = half_us;
  commanded_end = is_near(half_us, SERVO_DOWN_US) ? END_DOWN : is_near(half_us, SERVO_UP_US) ? END_UP : END_NONE;
  if (blank_ms == 0 && motor_current_code() <= OVER_CURRENT_CODE) blank_ms = INRUSH_MS;
}

bool guard_status_is_due(void) { return status_due; }
void guard_status_request(void) { status_due = true; }

static void send_28_bits(uint32_t value) {
  for (uint8_t i = 0; i < 4; i++, value >>= 7) serial_write(value & 0x7f);
}

void guard_send_status(void) {
  uint8_t flags, last_cause, number;
  uint32_t cut_at;
  ATOMIC_BLOCK(ATOMIC_RESTORESTATE) {
    flags = (armed ? FLAG_ARMED : 0) | (latched ? FLAG_LATCHED : 0) | (relay_is_high() ? FLAG_RELAY : 0) |
            (servo_pulses_on() ? FLAG_PULSES : 0) | (refused ? FLAG_REFUSED : 0);
    last_cause = cause;
    number = cuts;
    cut_at = cut_ms;
    refused = status_due = false;
  }
  firmata_start_sysex(SYSEX_STATUS);
  serial_write(flags);
  serial_write(last_cause);
  serial_write(number);
  serial_write(reset_cause);
  send_28_bits(board_milliseconds());
  send_28_bits(cut_at);
  firmata_end_sysex();
}
