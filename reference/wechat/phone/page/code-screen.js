const dialog = document.getElementById('code-dialog')
let awake

/** Keeps the screen lit while the code is shown, where the browser can. */
async function stayAwake() {
  try {
    awake = await navigator.wakeLock?.request('screen')
  } catch {
    awake = undefined // a browser that refuses shows the code all the same
  }
}

/** Shows the code on the whole screen, black on white, as large as it gets, with what was said of it. */
export function showCode(source, words) {
  document.getElementById('code').src = source
  document.getElementById('code-words').textContent = words
  dialog.showModal()
  void stayAwake()
  // asked of a browser that has no such thing, or is not allowed to, the page stays as large as its window
  void document.documentElement.requestFullscreen?.().catch(() => undefined)
}

dialog.addEventListener('close', () => {
  void awake?.release()
  if (document.fullscreenElement) void document.exitFullscreen()
})
dialog.querySelector('.cancel').onclick = () => dialog.close()
