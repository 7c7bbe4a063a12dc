// The registrar as SIPp meets it (RFC 3261 section 10, 22): the scenarios check what each answer says, the API what has
// become of it.
import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'

import { BINARY } from '../fixtures/server.ts'
import { expect, expectSuccess, test } from '../fixtures/test.ts'

for (const transport of ['udp', 'tcp'] as const) {
  test(`contacts come, are looked at, change and go by ${transport}`, async ({ sipp, api }) => {
    expectSuccess(await (await sipp('registration', { transport, keys: { user: 'alice' } })).done())
    await expect.poll(() => api.devices('sip:alice@click.test')).toEqual([])
  })
}

test('a phone is on the board from its REGISTER until it takes that back', async ({ sipp, api }) => {
  const keys = { user: 'alice', contact: 'sip:alice@127.0.0.1:5999' }
  expectSuccess(await (await sipp('register', { keys: { ...keys, seconds: '300' } })).done())
  await expect.poll(() => api.devices('sip:alice@click.test')).toEqual([
    expect.objectContaining({ contact: keys.contact, transport: 'udp', reachable: true }),
  ])
  expectSuccess(await (await sipp('register', { keys: { ...keys, seconds: '0' } })).done())
  await expect.poll(() => api.devices('sip:alice@click.test')).toEqual([])
})

test('who wants to come back too soon is told when', async ({ sipp, api }) => {
  expectSuccess(await (await sipp('too_brief', { keys: { user: 'alice' } })).done())
  await expect.poll(() => api.devices('sip:alice@click.test')).toHaveLength(1)
})

test.describe('where passwords are asked for', () => {
  const data = fs.mkdtempSync(path.join(os.tmpdir(), 'crosspoint-data-'))
  const settings = {
    CROSSPOINT__AUTH__MODE: 'digest',
    CROSSPOINT__STORE__EPHEMERAL: 'false',
    CROSSPOINT__STORE__DIR: data,
  }
  test.use({ settings })
  // One store for one server at a time.
  test.describe.configure({ mode: 'serial' })
  test.beforeAll(() => {
    for (const user of ['alice', 'bob']) {
      const added = spawnSync(BINARY, ['user', 'add', user, '--data-dir', data], { input: `password-of-${user}\n` })
      expect(added.status, added.stderr.toString()).toBe(0)
    }
  })
  test.afterAll(() => fs.rmSync(data, { recursive: true, force: true }))

  test('a program that is known to need MD5 alone is offered that alone', async ({ sipp, api }) => {
    const keys = { user: 'alice', password: 'password-of-alice' }
    expectSuccess(await (await sipp('digest_agent', { keys })).done())
    await expect.poll(() => api.devices('sip:alice@click.test')).toHaveLength(1)
  })

  test.describe('by MD5 alone', () => {
    test.use({ settings: { ...settings, CROSSPOINT__AUTH__ALGORITHMS: 'MD5' } })

    for (const transport of ['udp', 'tcp'] as const) {
      test(`the right one is taken by ${transport}`, async ({ sipp }) => {
        const keys = { user: 'alice', password: 'password-of-alice' }
        expectSuccess(await (await sipp('digest', { transport, keys })).done())
      })
    }

    test('a wrong one, and anybody unknown, is asked again', async ({ sipp, api }) => {
      for (const user of ['alice', 'nobody']) {
        expectSuccess(await (await sipp('digest_wrong', { keys: { user, password: 'a guess' } })).done())
      }
      await expect.poll(() => api.devices('sip:nobody@click.test')).toEqual([])
    })

    test('a caller is asked too, and his call goes through', async ({ sipp, callee }) => {
      const bob = await callee('call.callee', 'bob', { keys: { password: 'password-of-bob' } })
      const keys = { caller: 'alice', callee: 'bob', password: 'password-of-alice' }
      expectSuccess(await (await sipp('digest.caller', { keys })).done())
      expectSuccess(await bob.done())
    })
  })
})
