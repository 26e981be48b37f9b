#include <avr/interrupt.h>
#include <avr/io.h>
#include <avr/sleep.h>
#include <avr/wdt.h>
#include "board.h"
#include "reset-cause.h"

uint8_t reset_cause __attribute__((section(".noinit")));

/* Before anything else: after a watchdog reset the watchdog runs on, at its shortest time (datasheet 15.9.2). */
void take_reset_cause(void) __attribute__((naked, used, section(".init3")));
void take_reset_cause(void) {
  reset_cause = MCUSR & (_BV(PORF) | _BV(EXTRF) | _BV(BORF) | _BV(WDRF));
  MCUSR = 0;
  wdt_disable();
}

/* Interrupts are let in with the very instruction before the sleep, so that none slips between look and sleep. */
static void sleep_until_something_happens(void) {
  cli();
  if (!serial_waiting() && !analog_is_due() && !guard_status_is_due()) {
    sleep_enable();
    sei();
    sleep_cpu();
    sleep_disable();
  }
  sei();
}

int main(void) {
  pins_start();
  wdt_enable(WDTO_250MS);
  clock_start();
  serial_start();
  analog_start();
  set_sleep_mode(SLEEP_MODE_IDLE);
  sei();
  firmata_introduce();
  for (;;) {
    int16_t byte = serial_read();
    if (byte >= 0) firmata_take((uint8_t)byte);
    if (clock_ticked()) firmata_report_ports();
    firmata_report_analog();
    if (guard_status_is_due()) guard_send_status();
    wdt_reset();
    sleep_until_something_happens();
  }
}
