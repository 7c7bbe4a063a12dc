// What only the page's program can do: follow at once, lose the line and catch up, be used without a mouse.
import net from 'node:net'
import { once } from 'node:events'

import { talk } from '../fixtures/call.ts'
import { Board } from '../fixtures/board.ts'
import { expect, test } from '../fixtures/test.ts'

test('a registration is on the board at once', async ({ board, raw, page }) => {
  await board.open()
  // The page watches itself from here on; the frame after the text is in the document is the one that shows it.
  const watch = await page.evaluateHandle(() => ({
    painted: new Promise<number>(resolve => {
      new MutationObserver(() => {
        if (document.body.textContent?.includes('sip:early@click.test')) requestAnimationFrame(() => resolve(Date.now()))
      }).observe(document.body, { subtree: true, childList: true, characterData: true })
    }),
  }))
  const peer = await raw()
  const sent = Date.now()
  expect(await peer.register({ aor: 'sip:early@click.test' })).toBe(200)
  const painted = await watch.evaluate(({ painted }) => painted)
  const took = painted - sent
  test.info().annotations.push({ type: 'register to repaint', description: `${took} ms` })
  expect(took).toBeLessThan(1_000)
})

test('two pages show the same', async ({ board, phone, browser, server }) => {
  await board.open()
  const other = new Board(await browser.newPage(), server.http, true)
  await other.open()
  const [alice, bob] = [await phone('alice'), await phone('bob')]
  await talk(board, alice, bob)
  await other.says('alice', 'bob', /\d:\d\d/)
  await other.end('alice', 'bob').click()
  await Promise.all([alice.closed(), bob.closed()])
  await board.says('alice', 'bob', 'Ended after')
  await other.page.close()
})

test('a page that loses the line says so, and catches up without a gap', async ({ page, phone, raw, server }) => {
  const line = await Line.open(server.address('http'))
  const board = new Board(page, `http://127.0.0.1:${line.port}`, true)
  await board.open()
  const [alice, bob] = [await phone('alice'), await phone('bob')]
  await talk(board, alice, bob)

  line.cut()
  await expect(page.getByText('Reconnecting')).toBeVisible()
  // While nobody can see it, the conversation ends and a phone comes.
  await alice.hangUp()
  await bob.closed()
  const carol = await raw()
  await carol.register({ aor: 'sip:carol@click.test' })
  await expect(page.getByText('The server is silent. What you see may be out of date.')).toBeVisible({ timeout: 15_000 })

  const frames: string[] = []
  page.on('websocket', socket => socket.on('framereceived', frame => frames.push(String(frame.payload))))
  await line.mend()
  await expect(page.getByText('Live', { exact: true })).toBeVisible({ timeout: 20_000 })
  await board.shows(board.call('alice', 'carol'))
  await board.isClear('alice', 'bob')
  expect(frames.length).toBeGreaterThan(0)
  expect(frames.filter(frame => frame.startsWith('{"s":')), 'no snapshot was needed').toEqual([])
  line.cut()
})

test('the whole job by keyboard', async ({ board, phone, page }) => {
  await board.open()
  const [alice, bob] = [await phone('alice'), await phone('bob')]
  await board.shows(board.call('alice', 'bob'))
  await board.call('alice', 'bob').focus()
  await page.keyboard.press('ArrowDown')
  await expect(board.call('bob', 'alice')).toBeFocused()
  await page.keyboard.press('Enter')
  await bob.incoming()
  await bob.accept()
  await alice.incoming()
  await alice.accept()
  await board.says('bob', 'alice', /\d:\d\d/)
  await expect(board.end('bob', 'alice')).toBeFocused()
  await page.keyboard.press('Enter')
  await Promise.all([alice.closed(), bob.closed()])
  await board.isClear('bob', 'alice')
  await expect(board.call('bob', 'alice')).toBeFocused()
})

/** A line between browser and server that can be cut like a cable. */
class Line {
  private readonly ends = new Set<net.Socket>()
  private constructor(
    private readonly listener: net.Server,
    readonly port: number,
  ) {}

  static async open(target: string): Promise<Line> {
    const [host, port] = target.split(':')
    const listener = net.createServer(near => {
      const far = net.connect(Number(port), host)
      for (const end of [near, far]) {
        line.ends.add(end)
        end.on('error', () => {})
        end.on('close', () => {
          line.ends.delete(end)
          near.destroy()
          far.destroy()
        })
      }
      near.pipe(far).pipe(near)
    })
    listener.listen(0, '127.0.0.1')
    await once(listener, 'listening')
    const line = new Line(listener, (listener.address() as net.AddressInfo).port)
    return line
  }

  cut(): void {
    this.listener.close()
    for (const end of this.ends) end.destroy()
  }

  async mend(): Promise<void> {
    this.listener.listen(this.port, '127.0.0.1')
    await once(this.listener, 'listening')
  }
}
