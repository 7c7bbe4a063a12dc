// A conversation is handed on: REFER, the new call and the NOTIFY that tells of it pass the proxy (RFC 3515, RFC 5589), and
// the board shows who talks to whom.
import type { Baresip } from '../phones/baresip.ts'
import { dialled, hearEachOther } from '../fixtures/call.ts'
import { expect, test } from '../fixtures/test.ts'

/** What `phone` was told of the call that it asked for, in the order of time. */
function told(phone: Baresip): string[] {
  const bodies = phone.log.matchAll(/^NOTIFY sip:(?:.+\r?\n)*\r?\n(SIP\/2\.0 .*?)\r?$/gm)
  return [...bodies].map(([, line = '']) => line)
}

test('the callee hands the caller on', async ({ board, phone }) => {
  await board.open()
  const alice = await phone('alice')
  const bob = await phone('bob', { transport: 'tcp' })
  const carol = await phone('carol')
  await dialled(alice, bob)
  await board.says('alice', 'bob', /\d:\d\d/)

  await bob.transfer(carol.aor)
  const ring = await carol.incoming()
  expect(ring.peeruri, 'carol sees who is calling now').toBe(alice.aor)
  await board.says('alice', 'carol', 'carol rings')
  await carol.accept()
  await carol.established()
  // He is told that it has worked, and leaves.
  await bob.closed()
  expect(told(bob)).toEqual(['SIP/2.0 100 Trying', 'SIP/2.0 200 OK'])
  await board.says('alice', 'bob', 'bob hung up after')
  await board.says('alice', 'carol', /\d:\d\d/)
  await hearEachOther(alice, carol)
  expect(await bob.isIdle()).toBe(true)

  await carol.hangUp()
  await board.says('alice', 'carol', 'carol hung up after')
  await expect.poll(() => alice.isIdle()).toBe(true)
  for (const other of ['bob', 'carol']) await board.isClear('alice', other)
})

test('the caller hands the callee on', async ({ board, phone }) => {
  await board.open()
  const alice = await phone('alice', { transport: 'tls' })
  const bob = await phone('bob')
  const carol = await phone('carol', { answer: 'auto' })
  await dialled(alice, bob)
  await alice.transfer(carol.aor)
  await carol.established()
  await alice.closed()
  await board.says('alice', 'bob', 'alice hung up after')
  await board.says('bob', 'carol', /\d:\d\d/)
  await hearEachOther(bob, carol)
  await board.shows(board.end('bob', 'carol'))
  await board.end('bob', 'carol').click()
  await carol.closed()
  await expect.poll(() => bob.isIdle()).toBe(true)
  await board.isClear('bob', 'carol')
})

test('a transfer to somebody who declines is told so', async ({ board, phone }) => {
  await board.open()
  const [alice, bob, carol] = [await phone('alice'), await phone('bob'), await phone('carol')]
  await dialled(alice, bob)
  await bob.transfer(carol.aor)
  await carol.incoming()
  await carol.hangUp()
  await board.says('alice', 'carol', 'busy')
  await expect.poll(() => told(bob)).toEqual(['SIP/2.0 100 Trying', 'SIP/2.0 486 Rejected'])
  // These phones end what they have then, and the board knows.
  await board.says('alice', 'bob', 'hung up after')
  for (const one of [alice, bob, carol]) await expect.poll(() => one.isIdle(), { message: `${one.user} is free` }).toBe(true)
  for (const callee of ['bob', 'carol']) await board.isClear('alice', callee)
})
