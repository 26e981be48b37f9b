import { EntityDecoder } from '@nodable/entities'
import { XMLParser, XMLValidator } from 'fast-xml-parser'
import { checkMarkup } from './xml-markup.js'
import { XmlRefused } from './xml-refused.js'

export { XmlRefused, type XmlRefusal } from './xml-refused.js'

/** A field's text, its own fields, or, for a name that may be there more than once, all of them. */
export type XmlValue = string | XmlFields | readonly XmlValue[]
export interface XmlFields {
  readonly [name: string]: XmlValue
}

/** Bytes of the largest document. WeChat's own messages stay far below. */
export const MAX_XML_BYTES = 64 * 1024
const MAX_DEPTH = 8
const MAX_FIELDS = 256
/** Lists of WeChat's messages; every other field is there once or not at all. */
const REPEATABLE = new Set(['item', 'List'])

/** Made once: the parser would make tables of its own for every document. */
const PARSER = new XMLParser({
  parseTagValue: false,
  ignoreAttributes: true,
  trimValues: false,
  // without a document type there are no other entities than XML's own five and characters by their number
  entityDecoder: new EntityDecoder({ numericAllowed: true }),
  // nobody asks for the path of a field, so none is put together
  jPath: false,
  maxNestedTags: MAX_DEPTH + 1,
  // a field that does not change the text of another, whatever it is called
  alwaysCreateTextNode: false,
})

const CONTROL_CHARACTER = new RegExp('[\\u0000-\\u0008\\u000b\\u000c\\u000e-\\u001f\\ufffe\\uffff]')

function decode(body: Uint8Array | string): string {
  if (typeof body === 'string') {
    if (Buffer.byteLength(body) > MAX_XML_BYTES) throw new XmlRefused('xml-too-large')
    return body
  }
  if (body.length > MAX_XML_BYTES) throw new XmlRefused('xml-too-large')
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body)
  } catch {
    throw new XmlRefused('xml-not-utf8')
  }
}

function isFields(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Drops the white space between fields, and counts. */
function tidy(value: unknown, name: string, budget: { fields: number }): XmlValue {
  if (--budget.fields < 0) throw new XmlRefused('xml-too-many-fields')
  if (Array.isArray(value)) {
    if (!REPEATABLE.has(name)) throw new XmlRefused('xml-field-twice')
    return value.map((one) => tidy(one, name, budget))
  }
  if (!isFields(value)) return String(value)
  const fields: Record<string, XmlValue> = Object.create(null) as Record<string, XmlValue>
  for (const [child, inner] of Object.entries(value)) {
    if (child === '#text') {
      if (String(inner).trim() !== '') throw new XmlRefused('xml-malformed')
    } else fields[child] = tidy(inner, child, budget)
  }
  return fields
}

/**
 * The fields of `<xml>…</xml>`, as they pass between WeChat and an account. Fields that are there twice are refused, since
 * parsers disagree which one counts.
 * @throws XmlRefused
 */
export function readXml(body: Uint8Array | string): XmlFields {
  const text = decode(body).trim()
  if (CONTROL_CHARACTER.test(text)) throw new XmlRefused('xml-control-character')
  checkMarkup(text)
  if (XMLValidator.validate(text) !== true) throw new XmlRefused('xml-malformed')
  let tree: Record<string, unknown>
  try {
    tree = PARSER.parse(text) as Record<string, unknown>
  } catch (error) {
    throw new XmlRefused(/nested/i.test(String(error)) ? 'xml-too-deep' : 'xml-malformed')
  }
  const root = Object.keys(tree).filter((name) => name !== '?xml')
  const fields = root[0] === 'xml' && root.length === 1 ? tree['xml'] : undefined
  if (fields === '') return {}
  if (!isFields(fields)) throw new XmlRefused('xml-root-wrong')
  return tidy(fields, 'xml', { fields: MAX_FIELDS }) as XmlFields
}

/** The text of a field; empty when it is not there or has fields of its own. */
export function textOf(fields: XmlValue | undefined, name: string): string {
  const value = fieldOf(fields, name)
  return typeof value === 'string' ? value : ''
}

/** A field of fields; undefined when there is none. */
export function fieldOf(fields: XmlValue | undefined, name: string): XmlValue | undefined {
  return isFields(fields) && Object.hasOwn(fields, name) ? fields[name] : undefined
}

/** A section that holds any text: an end mark in it is split over two sections. */
function cdata(text: string): string {
  return `<![CDATA[${text.replaceAll(']]>', ']]]]><![CDATA[>')}]]>`
}

/** A number that is written just so: with six decimals, or with more digits than a JavaScript number holds. */
export interface BareNumber {
  readonly bare: string
}

/** Texts stand in CDATA sections, numbers bare, as WeChat writes them; what is undefined is left out. */
export type XmlContent = string | number | bigint | BareNumber | XmlRecord
export interface XmlRecord {
  readonly [name: string]: XmlContent | undefined
}

const isBare = (content: XmlContent): content is BareNumber =>
  typeof content === 'object' && typeof content['bare'] === 'string'

function element(name: string, content: XmlContent | undefined): string {
  if (content === undefined) return ''
  if (typeof content === 'string') return `<${name}>${cdata(content)}</${name}>`
  if (typeof content !== 'object') return `<${name}>${content}</${name}>`
  if (isBare(content)) return `<${name}>${content.bare}</${name}>`
  let inner = ''
  for (const child in content) inner += element(child, content[child])
  return `<${name}>${inner}</${name}>`
}

/** Writes `<xml>…</xml>`. */
export function writeXml(content: XmlRecord): string {
  return element('xml', content)
}
