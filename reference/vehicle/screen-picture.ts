import { createCanvas, type Canvas, type SKRSContext2D } from '@napi-rs/canvas'
import type { PlanState } from '../contracts/vehicle-link.js'
import { FONT_FAMILY } from '../pictures/chinese-font.js'
import { wrapText } from './text-fit.js'
import { drawUnlockStepper } from './unlock-stepper.js'
import type { HeadUnitScreen, ShownPlan } from './plan-assembly.js'

export const SCREEN_WIDTH = 1024
export const SCREEN_HEIGHT = 600

const MARGIN = 48
const INK = '#f4f7fb'
const FAINT_INK = '#8fa3b8'

/** What a state is called on the screen, and its colour: never by colour alone. */
const STATES: Readonly<Record<PlanState, { readonly text: string; readonly colour: string }>> = {
  planned: { text: '已规划', colour: '#4aa3ff' },
  reserved: { text: '已预订', colour: '#ffb020' },
  unlocked: { text: '已开锁', colour: '#2ecc71' },
  parked: { text: '已停入', colour: '#1abc9c' },
  ended: { text: '已结束', colour: '#95a5a6' },
  refused: { text: '未成功', colour: '#ff5c5c' },
}

function font(sizePixels: number, weight: 400 | 700 = 400): string {
  return `${weight} ${sizePixels}px "${FONT_FAMILY}"`
}

function drawBackground(context: SKRSContext2D): void {
  const gradient = context.createLinearGradient(0, 0, 0, SCREEN_HEIGHT)
  gradient.addColorStop(0, '#16263a')
  gradient.addColorStop(1, '#0a121d')
  context.fillStyle = gradient
  context.fillRect(0, 0, SCREEN_WIDTH, SCREEN_HEIGHT)
}

function drawHeader(context: SKRSContext2D, state: PlanState): void {
  context.textAlign = 'left'
  context.textBaseline = 'middle'
  context.fillStyle = FAINT_INK
  context.font = font(32)
  context.fillText('停车方案', MARGIN, 68)
  const { text, colour } = STATES[state]
  const width = 204
  context.fillStyle = colour
  context.beginPath()
  context.roundRect(SCREEN_WIDTH - MARGIN - width, 36, width, 64, 32)
  context.fill()
  context.fillStyle = '#08111c'
  context.textAlign = 'center'
  context.font = font(36, 700)
  context.fillText(text, SCREEN_WIDTH - MARGIN - width / 2, 67)
}

function drawLabel(context: SKRSContext2D, label: string): void {
  const box = { width: SCREEN_WIDTH - 2 * MARGIN, top: 112, height: 172 }
  const { lines, sizePixels } = wrapText(label, box, { largest: 128, smallest: 36 }, (text, size) => {
    context.font = font(size, 700)
    return context.measureText(text).width
  })
  context.fillStyle = INK
  context.textAlign = 'left'
  context.font = font(sizePixels, 700)
  const lineHeight = sizePixels * 1.2
  const first = box.top + box.height / 2 - ((lines.length - 1) * lineHeight) / 2
  for (const [i, line] of lines.entries()) context.fillText(line, MARGIN, first + i * lineHeight)
}

const CARD_WIDTH = 296
const CARD_GAP = 20

/** @param place 0, 1 or 2, from the left */
function drawCard(context: SKRSContext2D, place: number, caption: string, value: string, unit: string): void {
  const x = MARGIN + place * (CARD_WIDTH + CARD_GAP)
  context.fillStyle = '#1e3148'
  context.beginPath()
  context.roundRect(x, 300, CARD_WIDTH, 128, 20)
  context.fill()
  context.textAlign = 'left'
  context.fillStyle = FAINT_INK
  context.font = font(24)
  context.fillText(caption, x + 24, 332)
  context.fillStyle = INK
  context.font = font(48, 700)
  context.fillText(value, x + 24, 386)
  const valueWidth = context.measureText(value).width
  context.fillStyle = FAINT_INK
  context.font = font(24)
  context.fillText(unit, x + 24 + valueWidth + 10, 392)
}

function drawPlan(context: SKRSContext2D, plan: ShownPlan): void {
  drawHeader(context, plan.state)
  drawLabel(context, plan.label)
  drawCard(context, 0, '步行距离', String(plan.walkMetres), '米')
  if (plan.etaMinutes === undefined) drawCard(context, 1, '预计步行', '未知', '')
  else drawCard(context, 1, '预计步行', String(plan.etaMinutes), '分钟')
  drawCard(context, 2, '价格', (plan.pricePerHourFen / 100).toFixed(2), '元/小时')
  drawUnlockStepper(context, plan.unlockStep, {
    left: MARGIN,
    width: SCREEN_WIDTH - 2 * MARGIN,
    centreY: 472,
    ink: INK,
    faintInk: FAINT_INK,
    doneColour: STATES[plan.state].colour,
    font,
  })
  const { latitude, longitude } = plan.position
  context.fillStyle = FAINT_INK
  context.textAlign = 'left'
  context.font = font(22)
  context.fillText(`车位 ${plan.bayId}`, MARGIN, 566)
  context.textAlign = 'right'
  context.fillText(`${latitude.toFixed(7)}°, ${longitude.toFixed(7)}° WGS-84`, SCREEN_WIDTH - MARGIN, 566)
}

function drawNotice(context: SKRSContext2D, title: string, explanation: string, colour: string): void {
  context.textAlign = 'center'
  context.textBaseline = 'middle'
  context.fillStyle = colour
  context.font = font(88, 700)
  context.fillText(title, SCREEN_WIDTH / 2, 260)
  context.fillStyle = FAINT_INK
  context.font = font(34)
  context.fillText(explanation, SCREEN_WIDTH / 2, 360)
}

/** Draws what the head unit displays, 1024 × 600 pixels. */
export function drawScreen(screen: HeadUnitScreen): Canvas {
  const canvas = createCanvas(SCREEN_WIDTH, SCREEN_HEIGHT)
  const context = canvas.getContext('2d')
  drawBackground(context)
  switch (screen.shows) {
    case 'plan':
      drawPlan(context, screen)
      break
    case 'no-plan':
      drawNotice(context, '暂无停车方案', '请在微信服务号中发送目的地', INK)
      break
    case 'no-valid-data':
      drawNotice(context, '无有效数据', '与车载终端的通信中断或出错，方案未显示', '#ffb020')
      break
  }
  return canvas
}
