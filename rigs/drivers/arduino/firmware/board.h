/* LockstepFirmata: what its parts share. The wire is described in protocol.md, the pins come from lock-pins.h. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include "lock-pins.h"

#define PIN_COUNT 20
#define ANALOG_CHANNELS 6
#define FIRST_ANALOG_PIN 14

/* Firmata's pin modes. */
enum { MODE_INPUT = 0x00, MODE_OUTPUT = 0x01, MODE_ANALOG = 0x02, MODE_SERVO = 0x04, MODE_PULLUP = 0x0b, MODE_IGNORE = 0x7f };

/* What a pin can be, as it is soldered. */
enum { CAN_INPUT = 1, CAN_OUTPUT = 2, CAN_ANALOG = 4, CAN_SERVO = 8 };

/* Causes of a cut-off, as protocol.md numbers them. */
enum { CUT_NONE, CUT_HEARTBEAT, CUT_OVER_CURRENT, CUT_BOTH_LIMITS, CUT_END_OF_TRAVEL };

/* clock.c */
void clock_start(void);
uint32_t board_milliseconds(void);
/* True once for every tick of 1 ms, or for several that were missed. */
bool clock_ticked(void);

/* serial.c */
void serial_start(void);
/* The next byte from the host, or -1. */
int16_t serial_read(void);
/* Waits while the buffer is full. */
void serial_write(uint8_t byte);
bool serial_waiting(void);

/* pins.c */
void pins_start(void);
uint8_t pin_capabilities(uint8_t pin);
uint8_t pin_mode(uint8_t pin);
/* False when the pin cannot be that. */
bool pin_set_mode(uint8_t pin, uint8_t mode);
/* Of a pin in output mode; others are left alone. */
void pin_write(uint8_t pin, bool high);
bool pin_output(uint8_t pin);
bool pin_level(uint8_t pin);
/* Eight pins as a Firmata port shows them: inputs only, the limit switches debounced. */
uint8_t port_levels(uint8_t port);
/* Called every millisecond, from the clock's interrupt. */
void pins_tick(void);
bool limit_down_pressed(void);
bool limit_up_pressed(void);
/* Without regard to the guard: the guard itself and pins.c call these. */
void relay_set(bool high);
bool relay_is_high(void);

/* servo.c */
void servo_configure(uint8_t pin, uint16_t at_0_us, uint16_t at_180_us);
/* Below 544 degrees, otherwise microseconds. Refused unless armed. */
void servo_write(uint8_t pin, uint16_t value);
uint16_t servo_microseconds(uint8_t pin);
void servo_stop(uint8_t pin);
void servo_stop_all(void);
bool servo_pulses_on(void);

/* analog.c */
void analog_start(void);
/* Called every millisecond, from the clock's interrupt. */
void analog_tick(void);
void analog_report(uint8_t channel, bool on);
void analog_report_none(void);
void analog_set_interval(uint16_t milliseconds);
/* Last code of the shunt amplifier's channel. */
uint16_t motor_current_code(void);
/* Channels whose wanted values have come in; each is told once. */
uint8_t analog_take_due(void);
uint16_t analog_value(uint8_t channel);
bool analog_is_due(void);

/* guard.c */
/* Called every millisecond, from the clock's interrupt. */
void guard_tick(void);
bool guard_armed(void);
void guard_heartbeat(uint8_t count);
void guard_arm(uint8_t cuts, uint8_t complement);
void guard_disarm(void);
void guard_refused(void);
void guard_relay(bool high);
/* A servo got another width; `half_us` is in steps of 0.5 µs. */
void guard_servo(uint8_t pin, uint16_t half_us);
bool guard_status_is_due(void);
void guard_status_request(void);
void guard_send_status(void);

/* firmata.c */
void firmata_introduce(void);
void firmata_take(uint8_t byte);
void firmata_report_ports(void);
void firmata_report_analog(void);
void firmata_start_sysex(uint8_t command);
void firmata_end_sysex(void);
