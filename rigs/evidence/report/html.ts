/** Markup that is safe to put into a page as it is. */
export class Html {
  constructor(readonly markup: string) {}
}

export type HtmlPart = Html | string | number | boolean | undefined | readonly HtmlPart[]

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

function escape(text: string): string {
  return (
    text
      .replace(/[&<>"']/g, (character) => ENTITIES[character]!)
      // Control characters and lone surrogates are no text; bidirectional overrides would forge what is read.
      .replace(/[^\P{Cc}\n\t]|\p{Cs}|[\u202a-\u202e\u2066-\u2069]/gu, '\ufffd')
  )
}

function render(part: HtmlPart): string {
  if (part instanceof Html) return part.markup
  if (typeof part === 'object') return part.map(render).join('')
  if (part === undefined || part === false || part === true) return ''
  return escape(String(part))
}

/** A template whose values are escaped unless they are `Html` themselves; so nothing from the evidence becomes markup. */
export function html(literals: TemplateStringsArray, ...parts: HtmlPart[]): Html {
  return new Html(literals.reduce((text, literal, i) => text + render(parts[i - 1]) + literal))
}

export function duration(milliseconds: number | undefined): string {
  if (milliseconds === undefined) return '–'
  return milliseconds < 1000 ? `${Math.round(milliseconds)} ms` : `${(milliseconds / 1000).toFixed(2)} s`
}
