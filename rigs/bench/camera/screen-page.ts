/**
 * The page that a phone or a tablet before the camera has open: shows whatever the bench asks for, on the whole screen, and
 * says when it is to be seen. It outlives the bench: the next run finds it there.
 */
export const SCREEN_PAGE = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Lockstep: the screen before the camera</title>
<style>
  html, body { margin: 0; height: 100%; background: #fff; cursor: none }
  body { display: grid; place-items: center; font: 4vmin sans-serif; color: #bbb }
  img { width: 100vw; height: 100vh; object-fit: contain }
  [hidden] { display: none }
</style>
<p id="idle">Nothing is shown. Leave this page open before the camera.</p>
<img id="picture" alt="" hidden>
<script>
  const picture = document.getElementById('picture')
  const idle = document.getElementById('idle')
  const painted = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))
  const pause = (ms) => new Promise((done) => setTimeout(done, ms))
  async function follow() {
    let after = 0
    for (;;) {
      try {
        const answer = await fetch('next?after=' + after, { cache: 'no-store' })
        if (!answer.ok) { await pause(1000); continue }
        if (answer.status === 204) continue
        const { turn, shows } = await answer.json()
        if (shows) {
          picture.src = 'picture/' + turn
          await picture.decode()
        }
        picture.hidden = !shows
        idle.hidden = shows
        await painted()
        await fetch('shown/' + turn, { method: 'POST' })
        after = turn
      } catch {
        await pause(1000)
      }
    }
  }
  follow()
</script>
</html>
`
