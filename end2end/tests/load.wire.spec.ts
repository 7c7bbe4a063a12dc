// Many calls at once: all of them go well, and nothing of them stays.
import { expect, expectSuccess, test } from '../fixtures/test.ts'

test('two hundred calls, fifty a second, and one to a phone that says nothing', async ({ sipp, callee, raw, api }) => {
  const calls = 200
  const [bob, silent] = [await callee('call.callee', 'bob', { calls, patience: 40 }), await raw()]
  expect(await silent.register({ aor: 'sip:silent@click.test' })).toBe(200)
  const before = await api.gauges()

  const patient = await sipp('silence.caller', { keys: { caller: 'carol', callee: 'silent' }, patience: 50 })
  await api.call({ to: 'sip:silent@click.test', state: 'calling_b' })
  const alice = await sipp('call.caller', { keys: { caller: 'alice', callee: 'bob' }, calls, rate: 50, patience: 40 })
  const [caller, called] = [await alice.done(), await bob.done()]
  expectSuccess(called)
  expectSuccess(caller)
  expect([caller.succeeded, called.succeeded]).toEqual([calls, calls])
  // What is over is forgotten, what waits is not.
  await api.call({ to: 'sip:silent@click.test', state: 'calling_b' })

  expectSuccess(await patient.done())
  await api.call({ to: 'sip:silent@click.test', state: 'done', outcome: 'unreachable' })
  // Transactions are kept for repetitions, for 64*T1 at most (RFC 3261 section 17).
  await expect.poll(async () => ours(await api.gauges()), { timeout: 45_000, intervals: [200] }).toEqual(ours(before))
})

/** Without those that the system keeps of every process. */
function ours(gauges: Record<string, number>): Record<string, number> {
  return Object.fromEntries(Object.entries(gauges).filter(([name]) => !name.startsWith('process_')))
}
