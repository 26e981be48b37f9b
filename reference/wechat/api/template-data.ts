import type { MessageTemplate } from '../wechat-config.js'
import { fieldOf } from './json-field.js'

/** A field of a template, as `{{thing1.DATA}}` in its content. */
const FIELD = /\{\{(\w+)\.DATA\}\}/g

const HAN = /\p{Script=Han}/u
const characters = (text: string) => [...text].length

/** What the value of a typed field may be; a type that is not here takes any text. */
const TYPES: Readonly<Record<string, (value: string) => boolean>> = {
  thing: (value) => characters(value) <= 20,
  character_string: (value) => value.length <= 32 && /^[\x20-\x7e]*$/.test(value),
  number: (value) => value.length <= 32 && /^-?\d+(\.\d+)?$/.test(value),
  letter: (value) => value.length <= 32 && /^[A-Za-z]+$/.test(value),
  symbol: (value) => value.length <= 5 && /^[^\p{L}\p{N}\s]+$/u.test(value),
  phrase: (value) => characters(value) <= 5 && [...value].every((character) => HAN.test(character)),
  name: (value) => (HAN.test(value) ? characters(value) <= 10 : value.length <= 20),
  car_number: (value) => characters(value) <= 8,
  phone_number: (value) => value.length <= 17 && /^[\d+()\- ]+$/.test(value),
  amount: (value) => /^[¥￥$€£]?\d{1,10}(\.\d+)?元?$/.test(value),
  date: (value) => /^\d{4}[-年/]\d{1,2}[-月/]\d{1,2}日?( \d{1,2}:\d{2}(:\d{2})?)?$/.test(value),
  time: (value) => /^(\d{4}[-年/]\d{1,2}[-月/]\d{1,2}日? )?\d{1,2}:\d{2}(:\d{2})?(~.+)?$/.test(value),
}

/** The text that the user sees, or the name of the field whose value the platform refuses with 47003. */
export function fillTemplate(
  { content }: MessageTemplate,
  data: unknown,
): { readonly text: string } | { readonly invalid: string } {
  let invalid: string | undefined
  const text = content.replaceAll(FIELD, (_mark, name: string) => {
    const value = fieldOf(fieldOf(data, name), 'value')
    const shown = typeof value === 'number' ? String(value) : value
    const type = name.replace(/\d+$/, '')
    const judge = Object.hasOwn(TYPES, type) ? TYPES[type] : undefined
    if (typeof shown !== 'string' || (judge && (shown === '' || !judge(shown)))) {
      invalid ??= name
      return ''
    }
    return shown
  })
  return invalid === undefined ? { text } : { invalid }
}
