/* USART0 at 57600 baud, 8N1, through two ring buffers whose sizes are powers of two. */
#include <avr/interrupt.h>
#include <avr/io.h>
#include "board.h"

#define BAUD 57600UL
#define RECEIVED_BYTES 128
#define SENT_BYTES 256

static volatile uint8_t received[RECEIVED_BYTES];
static volatile uint8_t received_head, received_tail;
static volatile uint8_t sent[SENT_BYTES];
static volatile uint8_t sent_head, sent_tail;

void serial_start(void) {
  UCSR0A = _BV(U2X0);
  UBRR0 = (F_CPU / 4 / BAUD - 1) / 2;
  UCSR0C = _BV(UCSZ01) | _BV(UCSZ00);
  UCSR0B = _BV(RXEN0) | _BV(TXEN0) | _BV(RXCIE0);
}

/* A byte with a broken frame is noise; with the buffer full the newest is lost, and the parser finds its way again. */
ISR(USART_RX_vect) {
  bool broken = UCSR0A & _BV(FE0);
  uint8_t byte = UDR0;
  uint8_t next = (received_head + 1) & (RECEIVED_BYTES - 1);
  if (broken || next == received_tail) return;
  received[received_head] = byte;
  received_head = next;
}

ISR(USART_UDRE_vect) {
  UDR0 = sent[sent_tail++];
  if (sent_tail == sent_head) UCSR0B &= ~_BV(UDRIE0);
}

bool serial_waiting(void) { return received_head != received_tail; }

int16_t serial_read(void) {
  if (!serial_waiting()) return -1;
  uint8_t byte = received[received_tail];
  received_tail = (received_tail + 1) & (RECEIVED_BYTES - 1);
  return byte;
}

void serial_write(uint8_t byte) {
  uint8_t next = sent_head + 1;
  while (next == sent_tail) {}
  sent[sent_head] = byte;
  sent_head = next;
  /* The interrupt may switch itself off in between: read, change and write in one. */
  cli();
  UCSR0B |= _BV(UDRIE0);
  sei();
}
