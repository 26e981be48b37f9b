import type {
  Alert,
  BayTransition,
  LockReport,
  OperatorCommand,
  Problem,
  Reservation,
  ReservationRequest,
  Space,
  SpaceList,
} from '../../../reference/contracts/platform-api.js'
import { ProductFault } from '../../../reference/ports/faults.js'

/** The platform refused a request that the scenario needs to succeed. */
export class PlatformRefused extends ProductFault {
  override readonly name = 'PlatformRefused'
  constructor(
    readonly status: number,
    readonly problem: Problem | undefined,
  ) {
    super(`the platform answered ${status}: ${problem?.message ?? 'no reason given'}`)
  }
}

/** Whoever works with the parking platform over its public interface: an operator, or a cloud. */
export class PlatformClient {
  /** @param token the operator's or a cloud's */
  constructor(
    private readonly baseUrl: string,
    private readonly token: string,
  ) {}

  /** All alerts, page by page; of a platform that does not page, those of its one answer. */
  async alerts(): Promise<readonly Alert[]> {
    const all = new Map<string, Alert>()
    for (let after = 0; ;) {
      const { alerts } = await this.ask<{ alerts: Alert[] }>('GET', `/v1/operator/alerts?after=${after}`)
      // One that has repeated meanwhile comes again, with its new count.
      for (const alert of alerts) all.set(alert.alertId, alert)
      const last = alerts.at(-1)?.sequence
      if (last === undefined || last <= after) return [...all.values()]
      after = last
    }
  }

  command(lockId: string, command: OperatorCommand): Promise<LockReport> {
    return this.ask('POST', `/v1/operator/locks/${lockId}/commands`, command)
  }

  space(bayId: string): Promise<Space> {
    return this.ask('GET', `/v1/spaces/${bayId}`)
  }

  reservation(reservationId: string): Promise<Reservation> {
    return this.ask('GET', `/v1/reservations/${reservationId}`)
  }

  /** Ends a reservation in whatever state it is. */
  endReservation(reservationId: string): Promise<Reservation> {
    return this.ask('DELETE', `/v1/operator/reservations/${reservationId}`)
  }

  /** Takes a bay out of service, or puts it back. */
  setService(bayId: string, inService: boolean): Promise<Space> {
    return this.ask('PUT', `/v1/operator/bays/${bayId}/service`, { inService })
  }

  /** What has happened to a bay after a sequence number, oldest first; at most 1,000. */
  async history(bayId: string, after: number): Promise<readonly BayTransition[]> {
    const path = `/v1/operator/bays/${bayId}/history?after=${after}`
    return (await this.ask<{ transitions: BayTransition[] }>('GET', path)).transitions
  }

  /** All spaces, or with a cursor of an earlier answer those that have changed. */
  spaces(after?: string): Promise<SpaceList> {
    return this.ask(
      'GET',
      after === undefined ? '/v1/spaces' : `/v1/spaces?after=${encodeURIComponent(after)}`,
    )
  }

  reserve(request: ReservationRequest, idempotencyKey: string): Promise<Reservation> {
    return this.ask('POST', '/v1/reservations', request, { 'idempotency-key': idempotencyKey })
  }

  /** @throws PlatformRefused */
  private async ask<T>(
    method: string,
    path: string,
    body?: object,
    headers?: Record<string, string>,
  ): Promise<T> {
    const answer = await fetch(this.baseUrl + path, {
      method,
      headers: {
        authorization: `Bearer ${this.token}`,
        ...(body && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body && { body: JSON.stringify(body) }),
    })
    if (!answer.ok) {
      throw new PlatformRefused(
        answer.status,
        (await answer.json().catch(() => undefined)) as Problem | undefined,
      )
    }
    return (await answer.json()) as T
  }
}
