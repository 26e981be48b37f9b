import { Given } from '@cucumber/cucumber'
import type { Scenario } from './support/scenario.js'

Given('the cloud is an external process', function (this: Scenario) {
  this.options.cloud = 'external-process'
})
