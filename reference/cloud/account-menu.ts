import type { UserCommand } from './user-command.js'

/** The account's menu, in both languages: a menu is the same for all its users. */
export const ACCOUNT_MENU = {
  button: [
    {
      name: '找车位 Park',
      sub_button: [
        { type: 'location_select', name: '发送位置 Send a place', key: 'PLACE' },
        { type: 'click', name: '输入目的地 Name a place', key: 'FIND' },
      ],
    },
    {
      name: '我的 Mine',
      sub_button: [
        { type: 'click', name: '我的码 My code', key: 'CODE' },
        { type: 'click', name: '车位状态 State', key: 'STATE' },
        { type: 'click', name: '取消预约 Cancel', key: 'CANCEL' },
      ],
    },
    { type: 'click', name: '帮助 Help', key: 'HELP' },
  ],
} as const

const COMMANDS: Readonly<Record<string, UserCommand>> = {
  FIND: { kind: 'find' },
  CODE: { kind: 'my-code' },
  STATE: { kind: 'own-state' },
  CANCEL: { kind: 'cancel' },
  HELP: { kind: 'help' },
}

/** What a tap asks for; help, for a key of an older menu. */
export function menuCommand(key: string): UserCommand {
  return (Object.hasOwn(COMMANDS, key) ? COMMANDS[key] : undefined) ?? { kind: 'help' }
}
