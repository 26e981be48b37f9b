import { UsageFault } from '../../../reference/ports/faults.js'

/** A camera's address that cannot be used. */
export class InvalidCameraUrl extends UsageFault {
  override readonly name = 'InvalidCameraUrl'
  constructor(url: string, what: string) {
    super(
      `${JSON.stringify(withoutPassword(url))} is no camera: ${what}; ` +
        'examples: v4l2:/dev/video0?size=1280x720&fps=30&format=mjpeg, http://camera/mjpeg, file:frames/?fps=8, rendered:',
    )
  }
}

export interface PictureSize {
  readonly width: number
  readonly height: number
}

export type CameraUrl =
  | {
      readonly kind: 'v4l2'
      readonly device: string
      readonly size?: PictureSize
      readonly fps?: number
      /** The device's own form, in ffmpeg's words, e.g. `mjpeg` or `yuyv422`. */
      readonly format?: string
    }
  /** Its query is the camera's own. */
  | { readonly kind: 'http'; readonly url: URL }
  | {
      readonly kind: 'file'
      readonly path: string
      readonly fps?: number
      /** How often the whole is shown; `Infinity` for ever. */
      readonly loop?: number
    }
  | { readonly kind: 'rendered'; readonly settings: ReadonlyMap<string, string> }

const LARGEST_SIDE = 4_096

/** For messages: a camera's password belongs in none. */
export function withoutPassword(url: string): string {
  return url.replace(/^(https?:\/\/[^/@:]*):[^/@]*@/i, '$1:…@')
}

/** Settings of a URL, each of which must be known and may occur once. */
class Query {
  readonly #given = new Map<string, string>()

  constructor(
    private readonly url: string,
    text: string,
    known: readonly string[],
  ) {
    for (const [name, value] of new URLSearchParams(text)) {
      if (!known.includes(name))
        throw this.#refuse(`it has no setting ${JSON.stringify(name)}; known: ${known.join(', ')}`)
      if (this.#given.has(name)) throw this.#refuse(`${name} is given twice`)
      this.#given.set(name, value)
    }
  }

  #refuse(what: string): InvalidCameraUrl {
    return new InvalidCameraUrl(this.url, what)
  }

  get entries(): ReadonlyMap<string, string> {
    return this.#given
  }

  size(): PictureSize | undefined {
    const text = this.#given.get('size')
    if (text === undefined) return undefined
    const [, width, height] = /^(\d{1,5})x(\d{1,5})$/.exec(text)?.map(Number) ?? []
    const fits = (side: number | undefined): side is number =>
      side !== undefined && side >= 16 && side <= LARGEST_SIDE
    if (!fits(width) || !fits(height)) {
      throw this.#refuse(
        `a size of ${text}, where WIDTHxHEIGHT of 16 to ${LARGEST_SIDE} pixels each is possible`,
      )
    }
    return { width, height }
  }

  number(name: string, least: number, most: number): number | undefined {
    const text = this.#given.get(name)
    if (text === undefined) return undefined
    const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN
    if (!(value >= least && value <= most))
      throw this.#refuse(`${name} is ${text}, where ${least} to ${most} is possible`)
    return value
  }

  word(name: string): string | undefined {
    const text = this.#given.get(name)
    if (text !== undefined && !/^[a-z0-9_]{1,20}$/.test(text))
      throw this.#refuse(`${name} is ${JSON.stringify(text)}`)
    return text
  }

  times(name: string): number | undefined {
    if (this.#given.get(name) === 'forever') return Infinity
    const value = this.number(name, 1, 1_000_000)
    if (value !== undefined && !Number.isInteger(value)) throw this.#refuse(`${name} is no whole number`)
    return value
  }
}

const given = <T extends object>(values: { [K in keyof T]: T[K] | undefined }): Partial<T> =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Partial<T>

/** The settings that a rendered camera takes, beside those of its pose. */
export const RENDERED_SETTINGS = ['text', 'symbology', 'device', 'size', 'fps', 'seed', 'noise'] as const

/** @throws InvalidCameraUrl */
export function parseCameraUrl(
  url: string,
  renderedSettings: readonly string[] = RENDERED_SETTINGS,
): CameraUrl {
  const [, scheme, path, , query] = /^([a-z0-9]+):([^?]*)(\?(.*))?$/is.exec(url) ?? []
  switch (scheme?.toLowerCase()) {
    case 'v4l2': {
      const settings = new Query(url, query ?? '', ['size', 'fps', 'format'])
      if (!path?.startsWith('/')) throw new InvalidCameraUrl(url, 'a device’s path follows v4l2:')
      return {
        kind: 'v4l2',
        device: path,
        ...given({
          size: settings.size(),
          fps: settings.number('fps', 1, 240),
          format: settings.word('format'),
        }),
      }
    }
    case 'http':
    case 'https':
      if (!URL.canParse(url)) throw new InvalidCameraUrl(url, 'it is no URL')
      return { kind: 'http', url: new URL(url) }
    case 'file': {
      const settings = new Query(url, query ?? '', ['fps', 'loop'])
      const plain = decodeURIComponent((path ?? '').replace(/^\/\/(?=\/)/, ''))
      if (plain === '') throw new InvalidCameraUrl(url, 'a picture, folder or video follows file:')
      return {
        kind: 'file',
        path: plain,
        ...given({ fps: settings.number('fps', 0.1, 240), loop: settings.times('loop') }),
      }
    }
    case 'rendered':
      if (path) throw new InvalidCameraUrl(url, 'settings follow rendered: after a question mark')
      return { kind: 'rendered', settings: new Query(url, query ?? '', renderedSettings).entries }
    default:
      throw new InvalidCameraUrl(url, 'it begins with none of v4l2:, http:, https:, file:, rendered:')
  }
}
