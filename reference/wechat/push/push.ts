import { writeXml, type XmlContent } from '../../wechat-wire/strict-xml.js'

/** A position in the datum that the account's settings say. */
export interface PushedPosition {
  readonly latitude: number
  readonly longitude: number
}

export interface PickedPlace extends PushedPosition {
  readonly scale: number
  readonly label: string
  readonly name: string
}

/** What the platform pushes to an account, apart from the head that all pushes share. */
export type PushBody =
  | { readonly kind: 'text'; readonly content: string; readonly menuItemId?: string }
  | { readonly kind: 'image'; readonly picUrl: string; readonly mediaId: string }
  | {
      readonly kind: 'voice'
      readonly mediaId: string
      readonly format: string
      readonly recognition?: string
    }
  | { readonly kind: 'video' | 'shortvideo'; readonly mediaId: string; readonly thumbMediaId: string }
  | { readonly kind: 'link'; readonly title: string; readonly description: string; readonly url: string }
  | ({ readonly kind: 'location'; readonly scale: number; readonly label: string } & PushedPosition)
  | { readonly kind: 'subscribe'; readonly scan?: { readonly scene: string; readonly ticket: string } }
  | { readonly kind: 'unsubscribe' }
  | { readonly kind: 'scan'; readonly scene: string; readonly ticket: string }
  | ({ readonly kind: 'position-report'; readonly precisionMetres: number } & PushedPosition)
  | { readonly kind: 'click' | 'view'; readonly key: string }
  | { readonly kind: 'scancode_push' | 'scancode_waitmsg'; readonly key: string; readonly result: string }
  | { readonly kind: 'location_select'; readonly key: string; readonly place: PickedPlace }
  | { readonly kind: 'template-sent'; readonly msgId: string; readonly status: TemplateStatus }
  | {
      readonly kind: 'subscribe_msg_popup_event' | 'subscribe_msg_change_event'
      readonly choice: SubscribeChoice
    }
  | { readonly kind: 'subscribe_msg_sent_event'; readonly templateId: string; readonly msgId: string }

/** What became of a template message, word for word. */
export type TemplateStatus = 'success' | 'failed:user block' | 'failed: system failed'

export interface SubscribeChoice {
  readonly templateId: string
  readonly status: 'accept' | 'reject'
}

export interface Push {
  /** The account's original id. */
  readonly to: string
  /** The user's openid. */
  readonly from: string
  /** Seconds since the epoch. */
  readonly createTime: number
  /** 64-bit number as text; events have none. */
  readonly msgId?: string
  readonly body: PushBody
}

type Fields = Readonly<Record<string, XmlContent | undefined>>

/** Messages carry a MsgId and may be answered with one article; events neither. */
const MESSAGES: ReadonlySet<PushBody['kind']> = new Set([
  'text',
  'image',
  'voice',
  'video',
  'shortvideo',
  'link',
  'location',
])
export const isMessage = (body: PushBody): boolean => MESSAGES.has(body.kind)

/** Of these the user knows nothing, so a failure shows them nothing either. */
const SILENT: ReadonlySet<PushBody['kind']> = new Set([
  'unsubscribe',
  'position-report',
  'view',
  'template-sent',
  'subscribe_msg_popup_event',
  'subscribe_msg_change_event',
  'subscribe_msg_sent_event',
])
export const isSilent = (body: PushBody): boolean => SILENT.has(body.kind)

/** WeChat gives six decimals, and never an exponent. */
const decimal = (degrees: number) => ({ bare: degrees.toFixed(6) })

const event = (name: string, fields: Fields = {}): Fields => ({ MsgType: 'event', Event: name, ...fields })

function bodyFields(body: PushBody): Fields {
  switch (body.kind) {
    case 'text':
      return { MsgType: 'text', Content: body.content, bizmsgmenuid: body.menuItemId }
    case 'image':
      return { MsgType: 'image', PicUrl: body.picUrl, MediaId: body.mediaId }
    case 'voice':
      return { MsgType: 'voice', MediaId: body.mediaId, Format: body.format, Recognition: body.recognition }
    case 'video':
    case 'shortvideo':
      return { MsgType: body.kind, MediaId: body.mediaId, ThumbMediaId: body.thumbMediaId }
    case 'link':
      return { MsgType: 'link', Title: body.title, Description: body.description, Url: body.url }
    case 'location':
      return {
        MsgType: 'location',
        // WeChat's X is the latitude
        Location_X: decimal(body.latitude),
        Location_Y: decimal(body.longitude),
        Scale: body.scale,
        Label: body.label,
      }
    case 'subscribe':
      return event('subscribe', {
        EventKey: body.scan ? `qrscene_${body.scan.scene}` : '',
        Ticket: body.scan?.ticket,
      })
    case 'unsubscribe':
      return event('unsubscribe', { EventKey: '' })
    case 'scan':
      return event('SCAN', { EventKey: body.scene, Ticket: body.ticket })
    case 'position-report':
      return event('LOCATION', {
        Latitude: decimal(body.latitude),
        Longitude: decimal(body.longitude),
        Precision: decimal(body.precisionMetres),
      })
    case 'click':
    case 'view':
      return event(body.kind.toUpperCase(), { EventKey: body.key })
    case 'scancode_push':
    case 'scancode_waitmsg':
      return event(body.kind, {
        EventKey: body.key,
        ScanCodeInfo: { ScanType: 'qrcode', ScanResult: body.result },
      })
    case 'location_select': {
      const { latitude, longitude, scale, label, name } = body.place
      return event('location_select', {
        EventKey: body.key,
        // texts here, unlike in a location message
        SendLocationInfo: {
          Location_X: String(latitude),
          Location_Y: String(longitude),
          Scale: String(scale),
          Label: label,
          Poiname: name,
        },
      })
    }
    case 'template-sent':
      return event('TEMPLATESENDJOBFINISH', { MsgID: body.msgId, Status: body.status })
    case 'subscribe_msg_popup_event':
    case 'subscribe_msg_change_event': {
      const { templateId, status } = body.choice
      const popup = body.kind === 'subscribe_msg_popup_event'
      return event(body.kind, {
        [popup ? 'SubscribeMsgPopupEvent' : 'SubscribeMsgChangeEvent']: {
          List: {
            TemplateId: templateId,
            SubscribeStatusString: status,
            ...(popup && { PopupScene: '2' }),
          },
        },
      })
    }
    case 'subscribe_msg_sent_event':
      return event(body.kind, {
        SubscribeMsgSentEvent: {
          List: {
            TemplateId: body.templateId,
            MsgID: body.msgId,
            ErrorCode: '0',
            ErrorStatus: 'success',
          },
        },
      })
  }
}

/** The fields of a push, in WeChat's order. */
export function pushFields({ to, from, createTime, msgId, body }: Push): Fields {
  return {
    ToUserName: to,
    FromUserName: from,
    CreateTime: createTime,
    ...bodyFields(body),
    ...(msgId !== undefined && { MsgId: BigInt(msgId) }),
  }
}

/** The push as it stands in plain mode. */
export const pushXml = (push: Push): string => writeXml(pushFields(push))
