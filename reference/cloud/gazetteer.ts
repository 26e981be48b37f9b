import { gcj02 } from '../domain/coordinates.js'
import type { Geocoder, Place } from '../ports/geocoder.js'

/** Chinese name, other names, GCJ-02 latitude and longitude of the place's middle or main gate (to about 100 m). */
const PLACES: readonly (readonly [string, readonly string[], number, number])[] = [
  ['天安门', ['tiananmen', '天安门广场'], 39.9087, 116.3975],
  ['故宫', ['forbidden city', 'palace museum', '故宫博物院'], 39.9181, 116.397],
  ['北京西站', ['beijing west railway station', 'beijing west', '西客站', '西站'], 39.8949, 116.3221],
  ['北京南站', ['beijing south railway station', 'beijing south', '南站'], 39.8652, 116.3785],
  ['北京站', ['beijing railway station', 'beijing station'], 39.9028, 116.4274],
  ['国贸', ['guomao', 'china world', '国贸中心'], 39.9091, 116.4618],
  ['三里屯', ['sanlitun', '三里屯太古里'], 39.9368, 116.4549],
  ['中关村', ['zhongguancun'], 39.9841, 116.3165],
  ['鸟巢', ["bird's nest", 'national stadium', '国家体育场'], 39.9933, 116.3959],
  ['颐和园', ['summer palace'], 39.9993, 116.2755],
  ['王府井', ['wangfujing'], 39.9146, 116.4113],
  ['望京', ['wangjing', '望京soho'], 39.9962, 116.4809],
]

const fold = (text: string) => text.toLowerCase().replace(/[\s’']+/g, '')

/** The bundled gazetteer: a dozen places of Beijing. The longest name that the text contains wins. */
export function bundledGazetteer(): Geocoder {
  const names: [string, Place][] = PLACES.flatMap(([name, others, latitude, longitude]) => {
    const place: Place = { name, point: gcj02(latitude, longitude) }
    return [name, ...others].map((other): [string, Place] => [fold(other), place])
  })
  names.sort(([a], [b]) => b.length - a.length)
  return {
    async locate(text) {
      const folded = fold(text)
      return names.find(([name]) => folded.includes(name))?.[1]
    },
  }
}
