import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bundledGazetteer } from './gazetteer.js'

test('finds a place by its names in Chinese and English, the longest first', async () => {
  const gazetteer = bundledGazetteer()
  const locate = (text: string) => gazetteer.locate(text)
  assert.equal((await locate('去北京西站附近停车'))?.name, '北京西站')
  assert.equal((await locate('北京站'))?.name, '北京站')
  assert.equal((await locate('near Beijing West Railway Station'))?.name, '北京西站')
  assert.equal((await locate('the bird’s nest'))?.name, '鸟巢')
  assert.equal((await locate('上海'))?.name, undefined)
})

test('places are points of GCJ-02', async () => {
  assert.deepEqual((await bundledGazetteer().locate('天安门'))?.point, {
    datum: 'GCJ-02',
    latitude: 39.9087,
    longitude: 116.3975,
  })
})
