/* The ADC: the motor's current every millisecond for the guard, and every sampling interval what the host wants. */
#include <avr/interrupt.h>
#include <avr/io.h>
#include <util/atomic.h>
#include "board.h"

#define SHORTEST_INTERVAL_MS 10
#define FIRST_INTERVAL_MS 19

static volatile uint16_t values[ANALOG_CHANNELS];
/* Bits are channels. */
static volatile uint8_t reported, wanted, round_left, round_wanted, due;
static volatile uint8_t channel;
static volatile uint16_t interval_ms = FIRST_INTERVAL_MS, elapsed_ms;

void analog_start(void) {
  /* 125 kHz: the ADC is exact to its last bit up to 200 (datasheet 28.4). */
  ADCSRA = _BV(ADEN) | _BV(ADIE) | _BV(ADPS2) | _BV(ADPS1) | _BV(ADPS0);
}

static void convert_next(void) {
  channel = 0;
  while (!(round_left & (1 << channel))) channel++;
  ADMUX = _BV(REFS0) | channel;
  ADCSRA |= _BV(ADSC);
}

/* A round of all channels takes 0.62 ms: it is over before the next tick. */
void analog_tick(void) {
  if (++elapsed_ms >= interval_ms) {
    elapsed_ms = 0;
    wanted |= reported;
  }
  if (round_left) return;
  round_wanted = wanted;
  wanted = 0;
  round_left = round_wanted | 1 << MOTOR_CURRENT_CHANNEL;
  convert_next();
}

ISR(ADC_vect) {
  values[channel] = ADC;
  round_left &= ~(1 << channel);
  if (round_left) convert_next();
  else due |= round_wanted;
}

void analog_report(uint8_t number, bool on) {
  if (number >= ANALOG_CHANNELS) return;
  ATOMIC_BLOCK(ATOMIC_RESTORESTATE) {
    if (on) {
      reported |= 1 << number;
      wanted |= 1 << number;
    } else {
      reported &= ~(1 << number);
    }
  }
}

void analog_report_none(void) { reported = 0; }

void analog_set_interval(uint16_t milliseconds) {
  ATOMIC_BLOCK(ATOMIC_RESTORESTATE) {
    interval_ms = milliseconds < SHORTEST_INTERVAL_MS ? SHORTEST_INTERVAL_MS : milliseconds;
    elapsed_ms = 0;
  }
}

uint16_t motor_current_code(void) { return values[MOTOR_CURRENT_CHANNEL]; }
bool analog_is_due(void) { return due != 0; }

uint8_t analog_take_due(void) {
  uint8_t taken;
  ATOMIC_BLOCK(ATOMIC_RESTORESTATE) {
    taken = due;
    due = 0;
  }
  return taken;
}

uint16_t analog_value(uint8_t number) {
  uint16_t value;
  ATOMIC_BLOCK(ATOMIC_RESTORESTATE) { value = values[number]; }
  return value;
}
