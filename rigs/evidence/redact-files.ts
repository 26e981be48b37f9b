import { readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { RUN_FAULTS_FILE } from './fault-message.js'
import type { Redactor } from './redaction.js'
import { isRecord } from './tolerant-json.js'

/**
 * Redacts what Cucumber's own formatters wrote (`messages.ndjson`, `junit.xml`), and `run-faults.ndjson`, once they are done: an assertion's
 * message may quote a code. Pictures that are attached stay as they are. A file that was not written is passed over.
 */
export async function redactCucumberFiles(folder: string, redactor: Redactor): Promise<void> {
  for (const file of ['messages.ndjson', RUN_FAULTS_FILE]) {
    await rewrite(join(folder, file), (text) =>
      text
        .split('\n')
        .map((line) => redactEnvelope(line, redactor))
        .join('\n'),
    )
  }
  await rewrite(join(folder, 'junit.xml'), (text) => redactor.text(text))
}

function redactEnvelope(line: string, redactor: Redactor): string {
  let envelope: unknown
  try {
    envelope = JSON.parse(line)
  } catch {
    return redactor.text(line)
  }
  const attachment = isRecord(envelope) ? envelope['attachment'] : undefined
  const isBinary = isRecord(attachment) && attachment['contentEncoding'] === 'BASE64'
  return isBinary ? line : JSON.stringify(redactor.value(envelope))
}

async function rewrite(file: string, change: (text: string) => string): Promise<void> {
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return
    throw error
  }
  // Beside it first, so that a process killed here leaves a whole file.
  await writeFile(`${file}.redacted`, change(text))
  await rename(`${file}.redacted`, file)
}
