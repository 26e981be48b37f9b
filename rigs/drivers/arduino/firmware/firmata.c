/* The Firmata protocol 2.5 (github.com/firmata/protocol), as far as protocol.md says, and the guard's own messages. */
#include <avr/pgmspace.h>
#include <string.h>
#include "board.h"

enum {
  DIGITAL_MESSAGE = 0x90,
  REPORT_ANALOG = 0xc0,
  REPORT_DIGITAL = 0xd0,
  ANALOG_MESSAGE = 0xe0,
  START_SYSEX = 0xf0,
  SET_PIN_MODE = 0xf4,
  SET_DIGITAL_PIN_VALUE = 0xf5,
  END_SYSEX = 0xf7,
  REPORT_VERSION = 0xf9,
  SYSTEM_RESET = 0xff,
};
enum {
  HEARTBEAT = 0x01,
  ARM = 0x02,
  DISARM = 0x03,
  STATUS = 0x04,
  IDENTITY = 0x05,
  ANALOG_MAPPING_QUERY = 0x69,
  ANALOG_MAPPING_RESPONSE = 0x6a,
  CAPABILITY_QUERY = 0x6b,
  CAPABILITY_RESPONSE = 0x6c,
  PIN_STATE_QUERY = 0x6d,
  PIN_STATE_RESPONSE = 0x6e,
  EXTENDED_ANALOG = 0x6f,
  SERVO_CONFIG = 0x70,
  REPORT_FIRMWARE = 0x79,
  SAMPLING_INTERVAL = 0x7a,
};

#define PORT_COUNT 3
/* The longest command that is understood has 8 bytes; a longer one is noise on the line. */
#define MESSAGE_BYTES 16

static const char NAME[] PROGMEM = "LockstepFirmata";
static const char SOURCE_HASH[] PROGMEM = SOURCE_SHA256;

static uint8_t message[MESSAGE_BYTES];
static uint8_t length, wanted_length;
static bool in_sysex;
static uint8_t reported_ports, last_levels[PORT_COUNT];

void firmata_start_sysex(uint8_t command) {
  serial_write(START_SYSEX);
  serial_write(command);
}

void firmata_end_sysex(void) { serial_write(END_SYSEX); }

static void send_version(void) {
  serial_write(REPORT_VERSION);
  serial_write(2);
  serial_write(5);
}

static void send_firmware(void) {
  firmata_start_sysex(REPORT_FIRMWARE);
  serial_write(1);
  serial_write(0);
  for (const char *at = NAME; pgm_read_byte(at); at++) {
    serial_write(pgm_read_byte(at) & 0x7f);
    serial_write(pgm_read_byte(at) >> 7);
  }
  firmata_end_sysex();
}

static void send_identity(void) {
  firmata_start_sysex(IDENTITY);
  serial_write(1);
  serial_write(0);
  for (const char *at = SOURCE_HASH; pgm_read_byte(at); at++) serial_write(pgm_read_byte(at));
  firmata_end_sysex();
}

static void send_mode(uint8_t mode, uint8_t bits) {
  serial_write(mode);
  serial_write(bits);
}

static void send_capabilities(void) {
  firmata_start_sysex(CAPABILITY_RESPONSE);
  for (uint8_t pin = 0; pin < PIN_COUNT; pin++) {
    uint8_t can = pin_capabilities(pin);
    if (can & CAN_INPUT) {
      send_mode(MODE_INPUT, 1);
      send_mode(MODE_PULLUP, 1);
    }
    if (can & CAN_OUTPUT) send_mode(MODE_OUTPUT, 1);
    if (can & CAN_ANALOG) send_mode(MODE_ANALOG, 10);
    if (can & CAN_SERVO) send_mode(MODE_SERVO, 14);
    serial_write(MODE_IGNORE);
  }
  firmata_end_sysex();
}

static void send_analog_mapping(void) {
  firmata_start_sysex(ANALOG_MAPPING_RESPONSE);
  for (uint8_t pin = 0; pin < PIN_COUNT; pin++) {
    serial_write(pin < FIRST_ANALOG_PIN ? MODE_IGNORE : pin - FIRST_ANALOG_PIN);
  }
  firmata_end_sysex();
}

static void send_pin_state(uint8_t pin) {
  uint8_t mode = pin_mode(pin);
  uint16_t state = mode == MODE_SERVO                              ? servo_microseconds(pin)
                   : mode == MODE_OUTPUT || mode == MODE_PULLUP ? pin_output(pin)
                                                                   : 0;
  firmata_start_sysex(PIN_STATE_RESPONSE);
  serial_write(pin);
  serial_write(mode);
  serial_write(state & 0x7f);
  if (state > 0x7f) serial_write(state >> 7);
  firmata_end_sysex();
}

void firmata_introduce(void) {
  send_version();
  send_firmware();
  guard_status_request();
}

static void send_port(uint8_t port) {
  last_levels[port] = port_levels(port);
  serial_write(DIGITAL_MESSAGE | port);
  serial_write(last_levels[port] & 0x7f);
  serial_write(last_levels[port] >> 7);
}

void firmata_report_ports(void) {
  if (!reported_ports) return;
  for (uint8_t port = 0; port < PORT_COUNT; port++) {
    if ((reported_ports & (1 << port)) && port_levels(port) != last_levels[port]) send_port(port);
  }
}

void firmata_report_analog(void) {
  uint8_t due = analog_take_due();
  for (uint8_t channel = 0; due; channel++, due >>= 1) {
    if (!(due & 1)) continue;
    uint16_t value = analog_value(channel);
    serial_write(ANALOG_MESSAGE | channel);
    serial_write(value & 0x7f);
    serial_write(value >> 7);
  }
}

static void write_port(uint8_t port, uint8_t levels) {
  if (port >= PORT_COUNT) return;
  for (uint8_t bit = 0; bit < 8; bit++) pin_write(port * 8 + bit, levels & (1 << bit));
}

static void write_analog(uint8_t pin, uint16_t value) {
  if (pin >= 2 && pin < PIN_COUNT && pin_mode(pin) == MODE_SERVO) servo_write(pin, value);
}

static void set_mode(uint8_t pin, uint8_t mode) {
  if (!pin_set_mode(pin, mode)) guard_refused();
}

static void reset_system(void) {
  guard_disarm();
  pins_start();
  analog_report_none();
  reported_ports = 0;
}

/* A command of one byte and its data, as it stands in `message`. */
static void take_command(void) {
  uint8_t low = message[1], high = message[2], number = message[0] & 0x0f;
  switch (message[0]) {
    case SET_PIN_MODE: return set_mode(low, high);
    case SET_DIGITAL_PIN_VALUE: return pin_write(low, high);
    case REPORT_VERSION: return send_version();
    case SYSTEM_RESET: return reset_system();
  }
  switch (message[0] & 0xf0) {
    case DIGITAL_MESSAGE: return write_port(number, low | high << 7);
    case ANALOG_MESSAGE: return write_analog(number, low | (uint16_t)high << 7);
    case REPORT_ANALOG: return analog_report(number, low);
    case REPORT_DIGITAL:
      if (number >= PORT_COUNT) return;
      if (low) {
        reported_ports |= 1 << number;
        send_port(number);
      } else {
        reported_ports &= ~(1 << number);
      }
  }
}

static uint16_t fourteen_bits(uint8_t at) { return message[at] | (uint16_t)message[at + 1] << 7; }

/* `message` is the command and its data, without start and end. A command that is too short is noise. */
static void take_sysex(void) {
  switch (message[0]) {
    case HEARTBEAT: if (length == 2) guard_heartbeat(message[1]); return;
    case ARM: if (length == 3) guard_arm(message[1], message[2]); return;
    case DISARM: return guard_disarm();
    case STATUS: return guard_status_request();
    case IDENTITY: return send_identity();
    case REPORT_FIRMWARE: return send_firmware();
    case CAPABILITY_QUERY: return send_capabilities();
    case ANALOG_MAPPING_QUERY: return send_analog_mapping();
    case PIN_STATE_QUERY: if (length == 2 && message[1] < PIN_COUNT) send_pin_state(message[1]); return;
    case EXTENDED_ANALOG: if (length >= 4) write_analog(message[1], fourteen_bits(2)); return;
    case SAMPLING_INTERVAL: if (length == 3) analog_set_interval(fourteen_bits(1)); return;
    case SERVO_CONFIG:
      if (length != 6) return;
      if (!pin_set_mode(message[1], MODE_SERVO)) return guard_refused();
      return servo_configure(message[1], fourteen_bits(2), fourteen_bits(4));
  }
}

static uint8_t data_bytes(uint8_t command) {
  if (command == SET_PIN_MODE || command == SET_DIGITAL_PIN_VALUE) return 2;
  if (command >= START_SYSEX) return 0;
  switch (command & 0xf0) {
    case DIGITAL_MESSAGE: case ANALOG_MESSAGE: return 2;
    case REPORT_ANALOG: case REPORT_DIGITAL: return 1;
  }
  return 0;
}

static void begin(uint8_t byte) {
  in_sysex = byte == START_SYSEX;
  message[0] = byte;
  length = in_sysex ? 0 : 1;
  wanted_length = in_sysex ? MESSAGE_BYTES : 1 + data_bytes(byte);
}

/* A command byte within another message ends that one unheard. */
void firmata_take(uint8_t byte) {
  if (byte == END_SYSEX) {
    if (in_sysex && length > 0 && length <= MESSAGE_BYTES) take_sysex();
    in_sysex = false;
    length = wanted_length = 0;
    return;
  }
  if (byte & 0x80) begin(byte);
  else if (in_sysex) {
    if (length < MESSAGE_BYTES) message[length] = byte;
    if (length <= MESSAGE_BYTES) length++;
    return;
  } else if (length == 0) return;
  else message[length++] = byte;
  if (!in_sysex && length == wanted_length) {
    take_command();
    length = wanted_length = 0;
  }
}
