/*
 * Runs a firmware on simavr as `measure-speed.ts` does on the virtual board, and tells the processor time that it took.
 * Arguments: hex file, milliseconds to boot, milliseconds to measure, 1 for a heartbeat every 100 ms, then the bytes of
 * the host, hexadecimal.
 */
#include <simavr/avr_adc.h>
#include <simavr/avr_ioport.h>
#include <simavr/avr_uart.h>
#include <simavr/sim_avr.h>
#include <simavr/sim_hex.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define CYCLES_PER_MS 16000
/* A byte of 57600 baud, and a little. */
#define CYCLES_PER_BYTE 3200

static avr_t *avr;
static unsigned long bytes_sent, servo_rises;

static void run_until(avr_cycle_count_t cycle) {
  while (avr->cycle < cycle) avr_run(avr);
}

static void say(avr_irq_t *line, uint8_t byte) {
  avr_cycle_count_t next = avr->cycle + CYCLES_PER_BYTE;
  avr_raise_irq(line, byte);
  run_until(next);
}

static void count_byte(avr_irq_t *irq, uint32_t value, void *unused) {
  (void)irq, (void)value, (void)unused;
  bytes_sent++;
}

static void count_rise(avr_irq_t *irq, uint32_t value, void *unused) {
  (void)irq, (void)unused;
  if (value) servo_rises++;
}

/* simavr sleeps in real time when the chip does: here time is to pass as fast as it can. */
static void do_not_sleep(avr_t *chip, avr_cycle_count_t cycles) {
  (void)chip, (void)cycles;
}

static double processor_seconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return now.tv_sec + now.tv_nsec / 1e9;
}

int main(int count, char **words) {
  if (count < 5) return 2;
  uint32_t size, base, flags = 0;
  uint8_t *image = read_ihex_file(words[1], &size, &base);
  if (!image) return 3;
  avr = avr_make_mcu_by_name("atmega328p");
  if (!avr) return 4;
  avr_init(avr);
  avr->frequency = 16000000;
  avr->vcc = avr->avcc = avr->aref = 5000;
  avr->sleep = do_not_sleep;
  memcpy(avr->flash + base, image, size);
  avr->pc = base;
  avr->codeend = avr->flashend;
  avr_ioctl(avr, AVR_IOCTL_UART_GET_FLAGS('0'), &flags);
  flags &= ~(AVR_UART_FLAG_STDIO | AVR_UART_FLAG_POLL_SLEEP);
  avr_ioctl(avr, AVR_IOCTL_UART_SET_FLAGS('0'), &flags);
  avr_irq_t *line = avr_io_getirq(avr, AVR_IOCTL_UART_GETIRQ('0'), UART_IRQ_INPUT);
  avr_raise_irq(avr_io_getirq(avr, AVR_IOCTL_ADC_GETIRQ, ADC_IRQ_ADC0), 500);
  avr_raise_irq(avr_io_getirq(avr, AVR_IOCTL_ADC_GETIRQ, ADC_IRQ_ADC1), 2600);
  avr_irq_register_notify(avr_io_getirq(avr, AVR_IOCTL_UART_GETIRQ('0'), UART_IRQ_OUTPUT), count_byte, NULL);
  avr_irq_register_notify(avr_io_getirq(avr, AVR_IOCTL_IOPORT_GETIRQ('B'), 1), count_rise, NULL);
  run_until((avr_cycle_count_t)atoi(words[2]) * CYCLES_PER_MS);
  for (int i = 5; i < count; i++) say(line, strtoul(words[i], NULL, 16));
  bytes_sent = servo_rises = 0;
  double started = processor_seconds();
  avr_cycle_count_t begin = avr->cycle;
  for (int ms = 0; ms < atoi(words[3]); ms += 100) {
    avr_cycle_count_t next = begin + (avr_cycle_count_t)(ms + 100) * CYCLES_PER_MS;
    if (atoi(words[4])) {
      const uint8_t beat[] = {0xf0, 0x01, (ms / 100) & 0x7f, 0xf7};
      for (unsigned i = 0; i < sizeof beat; i++) say(line, beat[i]);
    }
    run_until(next);
  }
  printf("{\"processorSeconds\":%.6f,\"bytesSent\":%lu,\"servoPulses\":%lu}\n", processor_seconds() - started, bytes_sent,
         servo_rises);
  return 0;
}
