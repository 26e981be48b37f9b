/** What the platform pushes to an account, apart from the head that all pushes share. */
export type PushBody =
  | { readonly kind: 'text'; readonly content: string }
  | {
      readonly kind: 'location'
      /** Degrees in the datum of WeChat's map, GCJ-02. */
      readonly latitude: number
      readonly longitude: number
      readonly scale: number
      readonly label: string
    }
  | { readonly kind: 'subscribe'; readonly scan?: { readonly scene: string; readonly ticket: string } }
  | { readonly kind: 'scan'; readonly scene: string; readonly ticket: string }
  | { readonly kind: 'unsubscribe' }

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

/** A section that holds any text: an end mark in it is split over two sections. */
function cdata(text: string): string {
  return `<![CDATA[${text.replaceAll(']]>', ']]]]><![CDATA[>')}]]>`
}

function event(name: string, key?: string, ticket?: string): string {
  return (
    `<MsgType><![CDATA[event]]></MsgType><Event>${cdata(name)}</Event>` +
    (key === undefined ? '' : `<EventKey>${cdata(key)}</EventKey>`) +
    (ticket === undefined ? '' : `<Ticket>${cdata(ticket)}</Ticket>`)
  )
}

function bodyXml(body: PushBody): string {
  switch (body.kind) {
    case 'text':
      return `<MsgType><![CDATA[text]]></MsgType><Content>${cdata(body.content)}</Content>`
    case 'location':
      return (
        `<MsgType><![CDATA[location]]></MsgType><Location_X>${body.latitude.toFixed(6)}</Location_X>` +
        `<Location_Y>${body.longitude.toFixed(6)}</Location_Y><Scale>${body.scale}</Scale><Label>${cdata(body.label)}</Label>`
      )
    case 'subscribe':
      return body.scan
        ? event('subscribe', `qrscene_${body.scan.scene}`, body.scan.ticket)
        : event('subscribe', '')
    case 'scan':
      return event('SCAN', body.scene, body.ticket)
    case 'unsubscribe':
      return event('unsubscribe', '')
  }
}

/** The push as XML; `Location_X` is the latitude. */
export function pushXml(push: Push): string {
  return (
    `<xml><ToUserName>${cdata(push.to)}</ToUserName><FromUserName>${cdata(push.from)}</FromUserName>` +
    `<CreateTime>${push.createTime}</CreateTime>${bodyXml(push.body)}` +
    (push.msgId === undefined ? '' : `<MsgId>${push.msgId}</MsgId>`) +
    `</xml>`
  )
}
