import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isPlainFileName } from '../evidence-folder.js'
import type { ArtefactEntry, ConversationLine } from '../run-record.js'
import { isRecord, parseLines, readJson } from '../tolerant-json.js'
import { boltPlot, isBoltSample } from './bolt-plot.js'
import { html, type Html } from './html.js'

const gap = (what: string): Html => html`<div class="gap">${what}</div>`

function bytesOf(folder: string, file: string): Buffer | undefined {
  if (!isPlainFileName(file)) return undefined
  try {
    return readFileSync(join(folder, file))
  } catch {
    return undefined
  }
}

/** A picture of the folder as a data URI; undefined when there is none that a browser would show. */
function pictureUri(folder: string, file: string): string | undefined {
  const bytes = bytesOf(folder, file)
  const magic = bytes?.subarray(0, 4).toString('latin1') ?? ''
  const type = magic === '\x89PNG' ? 'png' : magic.startsWith('\xff\xd8') ? 'jpeg' : undefined
  return bytes && type ? `data:image/${type};base64,${bytes.toString('base64')}` : undefined
}

export function picture(folder: string, { file, title, wire }: ArtefactEntry): Html {
  const uri = pictureUri(folder, file)
  if (!uri) return gap(`${title}: the picture ${file} is missing or damaged.`)
  const broad = /head-unit|screen/.test(file)
  return html`<figure class="${broad ? 'broad' : ''}">
    <img alt="${title}" src="${uri}" />
    <figcaption>${title}${wire !== undefined && ` · ${wire}`}</figcaption>
  </figure>`
}

/** The WeChat conversation as the user saw it. */
export function conversation(folder: string, { file, title }: ArtefactEntry): Html {
  const read = readJson(join(folder, file))
  if ('missing' in read) return gap(`${title}: ${file} ${read.missing}.`)
  if (!Array.isArray(read.value)) return gap(`${title}: ${file} is no list of lines.`)
  const lines = read.value.filter(isLine)
  return html`<div>
    <h4>${title}</h4>
    <div class="chat">
      ${lines.length === 0 && html`<span class="soft">Nothing was said.</span>`}${lines.map((line) => bubble(folder, line))}
    </div>
  </div>`
}

const isLine = (value: unknown): value is ConversationLine =>
  isRecord(value) && typeof value['from'] === 'string'

function bubble(folder: string, line: ConversationLine): Html {
  const mine = /^(user|driver|phone|tablet|me)\b/i.test(line.from)
  const uri = typeof line.picture === 'string' ? pictureUri(folder, line.picture) : undefined
  const shown = uri
    ? html`<img alt="picture" src="${uri}" />`
    : `[picture ${String(line.picture)} is missing]`
  const said = line.text ?? (line.picture === undefined ? `[${line.kind}]` : undefined)
  return html`<div class="line ${mine ? 'me' : ''}">
    <div class="who">${line.from}${line.at !== undefined && ` · ${line.at}`}</div>
    <div class="bubble">
      ${line.picture !== undefined && shown}${said !== undefined && html`<span class="said">${said}</span>`}
    </div>
  </div>`
}

/** The bolt's position over time. */
export function boltTrace(folder: string, { file, title }: ArtefactEntry): Html {
  const bytes = bytesOf(folder, file)
  if (!bytes) return gap(`${title}: ${file} is missing.`)
  const { values, broken } = parseLines(bytes.toString('utf8'))
  const samples = values.filter(isBoltSample)
  const bad = broken + values.length - samples.length
  return html`<h4>${title}</h4>
    ${samples.length > 0 ? boltPlot(samples) : gap(`${file} holds no sample.`)}${
      bad > 0 && gap(`${file}: ${bad} unreadable line(s).`)
    }`
}

/** A log or other text, folded. */
export function textBlock(folder: string, { file, title, wire }: ArtefactEntry): Html {
  const bytes = bytesOf(folder, file)
  if (!bytes) return gap(`${title}: ${file} is missing.`)
  const text = bytes.toString('utf8')
  const lines = text.split('\n').filter(Boolean).length
  return html`<details>
    <summary>${title}${wire !== undefined && ` · ${wire}`} (${lines} lines)</summary>
    <pre>${text}</pre>
  </details>`
}
