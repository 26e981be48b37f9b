/* Servo pulses of timer 1 in hardware: fast PWM to ICR1 at 2 MHz (datasheet 20.9.3), so no interrupt widens them. */
#include <avr/io.h>
#include <util/atomic.h>
#include "board.h"

#define PERIOD_HALF_US 40000
#define FIRST_PULSE_US 544
#define LONGEST_US 2600
#define SHORTEST_US 400

struct servo {
  uint16_t at_0_us, at_180_us, half_us;
};
static struct servo servos[2] = {{544, 2400, 0}, {544, 2400, 0}};

/* OC1A is D9, OC1B is D10. */
static uint8_t index_of(uint8_t pin) { return pin == 9 ? 0 : 1; }
static uint8_t compare_bit(uint8_t index) { return index == 0 ? _BV(COM1A1) : _BV(COM1B1); }
static bool is_on(uint8_t index) { return TCCR1A & compare_bit(index); }

void servo_configure(uint8_t pin, uint16_t at_0_us, uint16_t at_180_us) {
  struct servo *servo = &servos[index_of(pin)];
  servo->at_0_us = at_0_us;
  servo->at_180_us = at_180_us;
}

static uint16_t clamped(uint16_t value, uint16_t low, uint16_t high) {
  return value < low ? low : value > high ? high : value;
}

static uint16_t half_microseconds(const struct servo *servo, uint16_t value) {
  if (value >= FIRST_PULSE_US) return 2 * clamped(value, SHORTEST_US, LONGEST_US);
  int32_t span = (int32_t)servo->at_180_us - servo->at_0_us;
  int32_t half_us = 2 * (int32_t)servo->at_0_us + 2 * span * (int32_t)clamped(value, 0, 180) / 180;
  return half_us < 2 * SHORTEST_US ? 2 * SHORTEST_US : half_us > 2 * LONGEST_US ? 2 * LONGEST_US : half_us;
}

/* With no pulse going on, the timer begins one step before a period: the first pulse comes at once, and whole. */
static void start_timer(void) {
  ICR1 = PERIOD_HALF_US - 1;
  TCCR1A = _BV(WGM11);
  TCCR1B = _BV(WGM13) | _BV(WGM12);
  TCNT1 = PERIOD_HALF_US - 2;
}

void servo_write(uint8_t pin, uint16_t value) {
  uint8_t index = index_of(pin);
  uint16_t half_us = half_microseconds(&servos[index], value);
  ATOMIC_BLOCK(ATOMIC_RESTORESTATE) {
    if (!guard_armed()) {
      guard_refused();
    } else {
      servos[index].half_us = half_us;
      bool is_first = !servo_pulses_on();
      if (is_first) start_timer();
      /* The pin rises with 0 and falls with the step that equals the register: the width is one more. */
      if (index == 0) OCR1A = half_us - 1;
      else OCR1B = half_us - 1;
      TCCR1A |= compare_bit(index);
      if (is_first) TCCR1B |= _BV(CS11);
      guard_servo(pin, half_us);
    }
  }
}

/*
 * The pin goes low at once. The compare unit would remember a pulse that is cut in its middle, and begin the next one
 * with it: a forced compare, which only a mode without PWM has, makes it forget (datasheet 20.7.3).
 */
void servo_stop(uint8_t pin) {
  uint8_t index = index_of(pin);
  ATOMIC_BLOCK(ATOMIC_RESTORESTATE) {
    servos[index].half_us = 0;
    TCCR1A &= ~compare_bit(index);
    if (!servo_pulses_on()) {
      TCCR1B = 0;
      TCCR1A = _BV(COM1A1) | _BV(COM1B1);
      TCCR1C = _BV(FOC1A) | _BV(FOC1B);
      TCCR1A = 0;
    }
  }
}

void servo_stop_all(void) {
  servo_stop(9);
  servo_stop(10);
}

bool servo_pulses_on(void) { return is_on(0) || is_on(1); }
uint16_t servo_microseconds(uint8_t pin) { return servos[index_of(pin)].half_us / 2; }
