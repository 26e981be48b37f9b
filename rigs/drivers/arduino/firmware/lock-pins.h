/* Made of rigs/pin-map.ts and protection-limits.ts by `npm run firmware`: change those. */
#pragma once

#define RELAY_PIN 8
#define SERVO_PIN 9
#define SERVO_DOWN_US 800
#define SERVO_UP_US 1700
#define LIMIT_DOWN_PIN 2
#define LIMIT_DOWN_ACTIVE_HIGH 0
#define LIMIT_DOWN_PULL_UP 1
#define LIMIT_UP_PIN 3
#define LIMIT_UP_ACTIVE_HIGH 0
#define LIMIT_UP_PULL_UP 1
#define VEHICLE_PIN 4
#define VEHICLE_ACTIVE_HIGH 1
#define VEHICLE_PULL_UP 1
#define TAMPER_PIN 6
#define TAMPER_ACTIVE_HIGH 1
#define TAMPER_PULL_UP 1
#define CONTACT_SENSE_PIN 5
#define CONTACT_SENSE_ACTIVE_HIGH 1
#define CONTACT_SENSE_PULL_UP 0
#define MOTOR_CURRENT_CHANNEL 0
#define BATTERY_CHANNEL 1
#define OVER_CURRENT_CODE 307
#define OVER_CURRENT_MS 40
#define INRUSH_MS 50
#define HEARTBEAT_MS 450
#define BOTH_LIMITS_MS 20
#define END_OF_TRAVEL_MS 250
#define LIMIT_DEBOUNCE_MS 5
