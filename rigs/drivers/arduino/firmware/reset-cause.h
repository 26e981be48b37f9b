#pragma once

#include <stdint.h>

/* MCUSR as the chip found it; 0 when a bootloader has cleared it. */
extern uint8_t reset_cause;
