import { randomBytes } from 'node:crypto'
import { cpSync, mkdirSync } from 'node:fs'
import type { LockEvent } from '../../../reference/contracts/lock-link.js'
import type { EventLog } from '../../../reference/ports/event-log.js'
import { createRedactor, REDACTION_KEY_VARIABLE } from '../../evidence/redaction.js'
import { openTimeline, type Timeline } from '../../evidence/timeline.js'
import { evidenceFolderFor } from '../../bench/cucumber-options.js'
import type { Passed } from './balancer.js'

/** JSON, XML or neither: whatever was said, to be redacted field by field where it has fields. */
function readable(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

/**
 * What a cluster's processes and wires did, in timelines: gone with the cluster, unless something has failed and
 * somebody wants to know why.
 */
export class ClusterEvidence {
  readonly environment: NodeJS.ProcessEnv
  readonly #timeline: Timeline

  constructor(readonly folder: string) {
    mkdirSync(folder, { recursive: true })
    const key = randomBytes(32)
    this.environment = {
      LOCKSTEP_EVIDENCE: folder,
      [REDACTION_KEY_VARIABLE]: key.toString('base64'),
    }
    this.#timeline = openTimeline({ folder, process: 'cluster', redactor: createRedactor(key) })
  }

  /** The log of a party in this process. */
  log(party: string): EventLog {
    return this.#timeline.eventLog(party)
  }

  passed({ wire, method, path, asked, status, answered }: Passed): void {
    const body = { method, path, asked: readable(asked), status, answered: readable(answered) }
    this.#timeline.record({ wire, kind: 'message', body })
  }

  said(lockId: string, body: LockEvent): void {
    this.#timeline.record({ wire: 'lock', kind: 'event', from: lockId, event: body.type, body })
  }

  happened(event: string, body: object): void {
    this.#timeline.record({ kind: 'event', from: 'test', event, body })
  }

  /** Copies all of it to where runs keep theirs. @returns the folder */
  keep(name: string): string {
    const kept = evidenceFolderFor('evidence', name, new Date())
    cpSync(this.folder, kept, { recursive: true })
    return kept
  }

  close(): void {
    this.#timeline.close()
  }
}
