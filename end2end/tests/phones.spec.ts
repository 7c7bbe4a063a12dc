// Phones come and go, and whatever they call themselves is only text.
import { expect, test } from '../fixtures/test.ts'

test('a phone that unregisters leaves the board', async ({ board, phone }) => {
  await board.open()
  await phone('alice')
  const bob = await phone('bob')
  await board.shows(board.call('alice', 'bob'))
  await bob.stop()
  await board.showsNot(board.call('alice', 'bob'))
  await board.shows(board.page.getByText('One phone is registered. Register one more.'))
})

test('the list tells device, address and transport of each phone', async ({ board, phone }) => {
  await board.open()
  await phone('alice', { transport: 'tcp' })
  await board.shows(board.page.getByRole('heading', { name: 'Phones 1' }))
  const list = board.page.getByRole('region', { name: /^Phones/ })
  await expect(list).toContainText('sip:alice@click.test')
  await expect(list).toContainText('baresip v1.0.0')
  await expect(list).toContainText(/TCP 127\.0\.0\.1:\d+/)
})

test('hostile names are shown as text', async ({ board, raw, page }) => {
  const dialogs: string[] = []
  page.on('dialog', dialog => {
    dialogs.push(dialog.message())
    void dialog.dismiss()
  })
  await board.open()
  const script = '<img src=x onerror=alert(1)>'
  const peer = await raw()
  // Not every such text is an address; whatever is taken must be shown as what it is.
  await peer.register({ aor: `sip:"><img src=x onerror=alert(1)>@x`, userAgent: script })
  await peer.register({ aor: 'sip:%22%3E%3Cimg%20src=x%20onerror=alert(1)%3E@x', userAgent: script })
  const status = await peer.register({ aor: 'sip:mallory@x', name: `"${script}" `, userAgent: script })
  expect(status).toBe(200)
  await board.shows(board.matrix.getByText(script).first())
  await board.shows(board.page.getByRole('region', { name: /^Phones/ }).getByText(script).first())
  await expect(page.locator('img')).toHaveCount(0)
  expect(dialogs).toEqual([])
})
