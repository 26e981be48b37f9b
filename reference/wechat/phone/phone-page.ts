import { join } from 'node:path'
import express, { type Router } from 'express'
import { packageRoot } from '../../package-root.js'

/** The page with which a person uses a phone of the platform. */
export function phonePage(): Router {
  const router = express.Router()
  const folder = join(packageRoot, 'reference', 'wechat', 'phone', 'page')
  router.use(express.static(folder, { index: 'index.html', redirect: false }))
  return router
}
