import { DONE, refuse, type ApiCall, type ApiRequest } from './api-call.js'
import { fieldOf, isText } from './json-field.js'
import { fillTemplate } from './template-data.js'

/** What template and subscription messages ask alike: the user, the template, and its filled-in text. */
function read({ account, body, state }: ApiRequest) {
  const openid = fieldOf(body, 'touser')
  const follower = isText(openid) ? state.followers.of(openid, account.appId) : undefined
  if (!follower) return refuse(40003)
  const id = fieldOf(body, 'template_id')
  const template = account.templates?.find(({ templateId }) => templateId === id)
  if (!template) return refuse(40037)
  const filled = fillTemplate(template, fieldOf(body, 'data'))
  if ('invalid' in filled) return refuse(47003, `data.${filled.invalid}.value invalid`)
  const link = [fieldOf(body, 'url'), fieldOf(body, 'page')].find(isText)
  const message = { kind: 'template', title: template.title, text: filled.text } as const
  return { follower, template, message: { ...message, ...(link !== undefined && { url: link }) } }
}

/** `/cgi-bin/message/template/send`: reaches every subscriber, without a window; what became of it is pushed. */
function send(request: ApiRequest) {
  const asked = read(request)
  if ('errcode' in asked) return asked
  const { account, state, nowMs } = request
  const { follower, message } = asked
  if (!follower.subscribed) return refuse(43004)
  const msgId = state.nextTemplateMessageId()
  const status = state.faults.templatesFail
    ? 'failed: system failed'
    : follower.templatesBlocked
      ? 'failed:user block'
      : 'success'
  if (status === 'success') follower.conversation.add({ from: 'account', ...message }, nowMs)
  state.channels.get(account.appId)?.send(follower, { kind: 'template-sent', msgId: String(msgId), status })
  return { json: { errcode: 0, errmsg: 'ok', msgid: msgId } }
}

/** `/cgi-bin/message/subscribe/bizsend`: one message for each time that the user said yes to the template. */
function bizsend(request: ApiRequest) {
  const asked = read(request)
  if ('errcode' in asked) return asked
  const { account, state, nowMs } = request
  const { follower, template, message } = asked
  const { templateId } = template
  if (!follower.takeGrant(templateId)) return refuse(43101)
  const msgId = String(state.nextTemplateMessageId())
  follower.conversation.add({ from: 'account', ...message }, nowMs)
  state.channels.get(account.appId)?.send(follower, { kind: 'subscribe_msg_sent_event', templateId, msgId })
  return DONE
}

function list({ account }: ApiRequest) {
  return {
    json: {
      template_list: (account.templates ?? []).map(({ templateId, title, content }) => ({
        template_id: templateId,
        title,
        primary_industry: '',
        deputy_industry: '',
        content,
        example: '',
      })),
    },
  }
}

export const TEMPLATE_CALLS: readonly ApiCall[] = [
  { method: 'POST', path: '/cgi-bin/message/template/send', perDay: 100_000, body: 'json', run: send },
  { method: 'POST', path: '/cgi-bin/message/subscribe/bizsend', perDay: 100_000, body: 'json', run: bizsend },
  { method: 'GET', path: '/cgi-bin/template/get_all_private_template', perDay: 100_000, run: list },
]
