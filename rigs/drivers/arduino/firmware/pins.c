/* The digital pins. A pin that the map gives to a contact stays an input, with the pull that the map says. */
#include <avr/interrupt.h>
#include <avr/io.h>
#include <util/atomic.h>
#include "board.h"

static uint8_t modes[PIN_COUNT];

struct debounced {
  uint8_t changing_ms;
  bool high;
};
static volatile struct debounced limit_down, limit_up;

static volatile uint8_t *const ports[] = {&PORTD, &PORTB, &PORTC};

/* D0–D7 are port D, D8–D13 port B, 14–19 (A0–A5) port C; DDR and PIN lie below PORT (datasheet 36). */
static volatile uint8_t *port_of(uint8_t pin) { return ports[pin < 8 ? 0 : pin < 14 ? 1 : 2]; }
static uint8_t bit_of(uint8_t pin) { return 1 << (pin < 8 ? pin : pin < 14 ? pin - 8 : pin - 14); }

static bool is_contact(uint8_t pin) {
  return pin == LIMIT_DOWN_PIN || pin == LIMIT_UP_PIN || pin == VEHICLE_PIN || pin == TAMPER_PIN ||
         pin == CONTACT_SENSE_PIN;
}

static bool contact_pulls_up(uint8_t pin) {
  return (pin == LIMIT_DOWN_PIN && LIMIT_DOWN_PULL_UP) || (pin == LIMIT_UP_PIN && LIMIT_UP_PULL_UP) ||
         (pin == VEHICLE_PIN && VEHICLE_PULL_UP) || (pin == TAMPER_PIN && TAMPER_PULL_UP) ||
         (pin == CONTACT_SENSE_PIN && CONTACT_SENSE_PULL_UP);
}

uint8_t pin_capabilities(uint8_t pin) {
  if (pin < 2 || pin >= PIN_COUNT) return 0; /* the serial line */
  if (is_contact(pin)) return CAN_INPUT;
  if (pin == RELAY_PIN) return CAN_OUTPUT;
  if (pin == SERVO_PIN) return CAN_OUTPUT | CAN_SERVO;
  if (pin == FIRST_ANALOG_PIN + MOTOR_CURRENT_CHANNEL || pin == FIRST_ANALOG_PIN + BATTERY_CHANNEL) return CAN_ANALOG;
  if (pin == 9 || pin == 10) return CAN_INPUT | CAN_OUTPUT | CAN_SERVO;
  return CAN_INPUT | CAN_OUTPUT | (pin >= FIRST_ANALOG_PIN ? CAN_ANALOG : 0);
}

static void configure(uint8_t pin, bool output, bool pull_up) {
  volatile uint8_t *port = port_of(pin);
  volatile uint8_t *ddr = port - 1;
  uint8_t bit = bit_of(pin);
  ATOMIC_BLOCK(ATOMIC_RESTORESTATE) {
    *port = pull_up ? *port | bit : *port & ~bit;
    *ddr = output ? *ddr | bit : *ddr & ~bit;
  }
}

bool pin_set_mode(uint8_t pin, uint8_t mode) {
  uint8_t can = pin_capabilities(pin);
  bool output = mode == MODE_OUTPUT || mode == MODE_SERVO;
  bool is_able = mode == MODE_OUTPUT   ? can & CAN_OUTPUT
                 : mode == MODE_SERVO  ? can & CAN_SERVO
                 : mode == MODE_ANALOG ? can & CAN_ANALOG
                                       : (mode == MODE_INPUT || mode == MODE_PULLUP) && (can & CAN_INPUT);
  if (!is_able) return false;
  if (modes[pin] == MODE_SERVO && mode != MODE_SERVO) servo_stop(pin);
  if (modes[pin] != mode || mode == MODE_OUTPUT) {
    configure(pin, output, is_contact(pin) ? contact_pulls_up(pin) : mode == MODE_PULLUP);
  }
  modes[pin] = mode;
  return true;
}

void pins_start(void) {
  for (uint8_t pin = 2; pin < PIN_COUNT; pin++) {
    uint8_t can = pin_capabilities(pin);
    bool is_off = pin == RELAY_PIN || pin == SERVO_PIN;
    /* Outputs of the map are held low, not left open: a pull-down may have come loose. */
    modes[pin] = is_off ? MODE_OUTPUT : can & CAN_ANALOG ? MODE_ANALOG : MODE_INPUT;
    configure(pin, is_off, is_contact(pin) && contact_pulls_up(pin));
  }
  limit_down.high = !LIMIT_DOWN_ACTIVE_HIGH;
  limit_up.high = !LIMIT_UP_ACTIVE_HIGH;
}

uint8_t pin_mode(uint8_t pin) { return pin < 2 ? MODE_IGNORE : modes[pin]; }

void pin_write(uint8_t pin, bool high) {
  if (pin < 2 || pin >= PIN_COUNT || modes[pin] != MODE_OUTPUT) return;
  if (pin == RELAY_PIN) guard_relay(high);
  else if (pin == SERVO_PIN && high) guard_refused(); /* a signal wire without pulses stays low */
  else {
    volatile uint8_t *port = port_of(pin);
    ATOMIC_BLOCK(ATOMIC_RESTORESTATE) { *port = high ? *port | bit_of(pin) : *port & ~bit_of(pin); }
  }
}

bool pin_output(uint8_t pin) { return *port_of(pin) & bit_of(pin); }
bool pin_level(uint8_t pin) { return *(port_of(pin) - 2) & bit_of(pin); }

void relay_set(bool high) {
  if (high) *port_of(RELAY_PIN) |= bit_of(RELAY_PIN);
  else *port_of(RELAY_PIN) &= ~bit_of(RELAY_PIN);
}

bool relay_is_high(void) { return pin_output(RELAY_PIN); }

static void debounce(volatile struct debounced *contact, bool high) {
  if (high == contact->high) contact->changing_ms = 0;
  else if (++contact->changing_ms >= LIMIT_DEBOUNCE_MS) {
    contact->high = high;
    contact->changing_ms = 0;
  }
}

void pins_tick(void) {
  debounce(&limit_down, pin_level(LIMIT_DOWN_PIN));
  debounce(&limit_up, pin_level(LIMIT_UP_PIN));
}

bool limit_down_pressed(void) { return limit_down.high == LIMIT_DOWN_ACTIVE_HIGH; }
bool limit_up_pressed(void) { return limit_up.high == LIMIT_UP_ACTIVE_HIGH; }

uint8_t port_levels(uint8_t port) {
  uint8_t levels = 0;
  for (uint8_t bit = 0; bit < 8; bit++) {
    uint8_t pin = port * 8 + bit;
    if (pin < 2 || pin >= PIN_COUNT || (modes[pin] != MODE_INPUT && modes[pin] != MODE_PULLUP)) continue;
    bool high = pin == LIMIT_DOWN_PIN ? limit_down.high : pin == LIMIT_UP_PIN ? limit_up.high : pin_level(pin);
    if (high) levels |= 1 << bit;
  }
  return levels;
}
