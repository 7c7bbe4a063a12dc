// The proxy between two ends of SIPp (RFC 3261 section 16): each end checks what reaches it, the counts say how often, and
// the API what the board makes of it.
import type { Sipp } from '../phones/sipp.ts'
import { expect, expectSuccess, test } from '../fixtures/test.ts'

const keys = { caller: 'alice', callee: 'bob' }
const pair = { from: 'sip:alice@click.test', to: 'sip:bob@click.test', placed: 'phone' }

/** Both ends had what their scenario wants, and repeated nothing. */
async function bothSucceed(caller: Sipp, callee: Sipp): Promise<void> {
  for (const peer of [caller, callee]) {
    const counts = await peer.done()
    expectSuccess(counts)
    expect(counts.retransmitted, `${peer.scenario} repeated nothing`).toBe(0)
  }
}

for (const [from, to] of [
  ['udp', 'udp'],
  ['udp', 'tcp'],
  ['tcp', 'udp'],
  ['tcp', 'tcp'],
] as const) {
  test(`a call from ${from} to ${to}, from INVITE to BYE`, async ({ sipp, callee, api }) => {
    const bob = await callee('call.callee', 'bob', { transport: to })
    const alice = await sipp('call.caller', { transport: from, keys })
    await api.call({ ...pair, state: 'calling_b', b: expect.objectContaining({ state: 'ringing' }) })
    await api.call({ ...pair, state: 'talking' })
    await bothSucceed(alice, bob)
    expect((await alice.done()).steps['180_Recv'], 'it was told that the phone rings').toBe(1)
    const call = await api.call({ ...pair, state: 'done', outcome: 'answered' })
    expect(call.a.ended?.by).toBe('a')
  })
}

test('early media, a re-INVITE, an INFO, and the BYE of the callee', async ({ sipp, callee, api }) => {
  const bob = await callee('dialog.callee', 'bob', { transport: 'tcp', pauseMs: 500 })
  const alice = await sipp('dialog.caller', { keys })
  await api.call({ ...pair, state: 'calling_b', b: expect.objectContaining({ state: 'early_media' }) })
  await api.call({ ...pair, state: 'talking' })
  await bothSucceed(alice, bob)
  const call = await api.call({ ...pair, state: 'done', outcome: 'answered' })
  expect(call.a.ended?.by).toBe('b')
})

test('a caller gives up, and the phone rings no more', async ({ sipp, callee, api }) => {
  const bob = await callee('cancelled.callee', 'bob')
  await bothSucceed(await sipp('cancelled.caller', { keys }), bob)
  await api.call({ ...pair, state: 'done', outcome: 'cancelled' })
})

test('a 200 that crosses the CANCEL is passed on, and what follows it', async ({ sipp, callee, api }) => {
  const bob = await callee('too_late.callee', 'bob')
  await bothSucceed(await sipp('too_late.caller', { keys }), bob)
  await api.call({ ...pair, state: 'done' })
})

test('a busy phone is passed on as such', async ({ sipp, callee, api }) => {
  const bob = await callee('busy.callee', 'bob')
  await bothSucceed(await sipp('busy.caller', { keys }), bob)
  const call = await api.call({ ...pair, state: 'done', outcome: 'busy' })
  expect(call.b.ended).toEqual({ by: 'b', code: 486, reason: 'Busy Here' })
})

test('of two phones the first to answer has the call, and the other is told so', async ({ sipp, callee, api }) => {
  const desk = await callee('call.callee', 'bob', { pauseMs: 500 })
  const mobile = await callee('beaten.callee', 'bob', { transport: 'tcp' })
  const alice = await sipp('call.caller', { keys })
  await bothSucceed(alice, desk)
  expectSuccess(await mobile.done())
  expect((await alice.done()).steps['180_Recv'], 'both rang').toBe(2)
  await api.call({ ...pair, state: 'done', outcome: 'answered' })
})

test('requests outside of dialogs pass, known or not', async ({ sipp, callee, api }) => {
  const bob = await callee('methods.callee', 'bob')
  await bothSucceed(await sipp('methods.caller', { keys }), bob)
  expect(await api.calls()).toEqual([])
})

test('a request without a hop left goes no further', async ({ sipp, callee, api }) => {
  const bob = await callee('call.callee', 'bob')
  expectSuccess(await (await sipp('hops.caller', { keys })).done())
  expect(bob.log).toBe('')
  expect(await api.calls()).toEqual([])
})

test('nobody there is said at once', async ({ sipp }) => {
  expectSuccess(await (await sipp('absent.caller', { keys })).done())
})

test('a request that comes back is a loop', async ({ sipp, callee, api }) => {
  const bob = await callee('loop.callee', 'bob')
  await bothSucceed(await sipp('loop.caller', { keys }), bob)
  await api.call({ ...pair, state: 'done' })
})

test('a slow phone is asked again, and takes the call once', async ({ sipp, callee, api }) => {
  const bob = await callee('slow.callee', 'bob', { pauseMs: 700 })
  const alice = await sipp('call.caller', { keys })
  const [caller, called] = [await alice.done(), await bob.done()]
  expectSuccess(caller)
  expectSuccess(called)
  expect(called.steps, 'the proxy repeats both requests').toMatchObject({ INVITE_Recv: 1, INVITE_Retrans: 1, BYE_Recv: 1, BYE_Retrans: 1 })
  expect(caller.steps.INVITE_Retrans, 'the caller has its 100').toBe(0)
  await api.call({ ...pair, state: 'done', outcome: 'answered' })
})

test('calls are made where messages are lost', async ({ sipp, callee, api }) => {
  const calls = 30
  const bob = await callee('call.callee', 'bob', { calls, lost: 10, patience: 40 })
  const alice = await sipp('call.caller', { keys, calls, lost: 10, rate: 20, patience: 40 })
  const [caller, called] = [await alice.done(), await bob.done()]
  expectSuccess(called)
  expectSuccess(caller)
  expect([caller.succeeded, called.succeeded]).toEqual([calls, calls])
  expect(caller.retransmitted + called.retransmitted).toBeGreaterThan(0)
  await api.quiet()
})
