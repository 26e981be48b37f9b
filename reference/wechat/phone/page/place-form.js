const find = (id) => document.getElementById(id)
const dialog = find('place-dialog')
let chosen = () => undefined

/** Asks for a place and its datum. */
export function askForPlace(then) {
  chosen = then
  dialog.showModal()
}

const noFix = () => (find('label').placeholder = '没有定位，请手动输入 · No fix: type it in')

find('here').onclick = () => {
  // browsers give no position to pages that come over plain HTTP from another machine
  if (!navigator.geolocation) return noFix()
  navigator.geolocation.getCurrentPosition(
    ({ coords }) => {
      find('latitude').value = coords.latitude.toFixed(6)
      find('longitude').value = coords.longitude.toFixed(6)
      find('datum').value = 'WGS-84'
      find('label').value ||= '我的位置'
    },
    noFix,
    { enableHighAccuracy: true, timeout: 10_000 },
  )
}

dialog.querySelector('.cancel').onclick = () => dialog.close()

find('place-form').onsubmit = (event) => {
  event.preventDefault()
  const [latitude, longitude] = [Number(find('latitude').value), Number(find('longitude').value)]
  const inside = Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180
  find('latitude').setCustomValidity(inside ? '' : '−90…90, −180…180')
  if (!inside) return find('latitude').reportValidity()
  dialog.close()
  chosen({ latitude, longitude, datum: find('datum').value, label: find('label').value.trim() })
}
find('latitude').oninput = () => find('latitude').setCustomValidity('')
find('longitude').oninput = find('latitude').oninput
