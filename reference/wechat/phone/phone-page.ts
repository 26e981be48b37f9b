import { join } from 'node:path'
import express, { type Router } from 'express'
import { packageRoot } from '../../package-root.js'
import { FONT_FILES } from '../../pictures/font-files.js'

/** Nothing of the page comes from elsewhere, but for the pictures of cards. */
const POLICY =
  "default-src 'self'; img-src 'self' http: https: data:; base-uri 'none'; frame-ancestors 'none'"

/** The page with which a person uses a phone of the platform: `/phone/`. */
export function phonePage(): Router {
  const router = express.Router()
  const folder = join(packageRoot, 'reference', 'wechat', 'phone', 'page')
  router.get('/', (request, response, next) => {
    // the page's files are named relative to it
    const [path = '', query] = request.originalUrl.split('?')
    if (path.endsWith('/')) return next()
    response.redirect(`${path}/${query === undefined ? '' : `?${query}`}`)
  })
  router.get('/noto-sans-sc.ttf', (_request, response) => {
    response.sendFile(FONT_FILES.regular, { maxAge: '365d', immutable: true })
  })
  router.use(
    express.static(folder, {
      redirect: false,
      setHeaders: (response) => void response.setHeader('content-security-policy', POLICY),
    }),
  )
  return router
}
