/* The board's millisecond: timer 0, 16 MHz / 64 / 250. */
#include <avr/interrupt.h>
#include <avr/io.h>
#include <util/atomic.h>
#include "board.h"

static volatile uint32_t milliseconds;
static volatile bool ticked;

void clock_start(void) {
  TCCR0A = _BV(WGM01);
  TCCR0B = _BV(CS01) | _BV(CS00);
  OCR0A = 249;
  TIMSK0 = _BV(OCIE0A);
}

/* The guard works here, in an interrupt: a program that is stuck elsewhere does not keep it from cutting. */
ISR(TIMER0_COMPA_vect) {
  milliseconds++;
  ticked = true;
  pins_tick();
  guard_tick();
  analog_tick();
}

uint32_t board_milliseconds(void) {
  uint32_t now;
  ATOMIC_BLOCK(ATOMIC_RESTORESTATE) { now = milliseconds; }
  return now;
}

bool clock_ticked(void) {
  bool now = ticked;
  ticked = false;
  return now;
}
