// Two projects over the same real server and phones: the page with its program, and the page as plain HTML.
// Specs named *.hydrate.spec.ts need the program; all others must hold in both.
import { defineConfig } from '@playwright/test'

const chromium = {
  executablePath: process.env.CROSSPOINT_CHROMIUM ?? '/usr/bin/chromium',
  args: [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ],
}

export default defineConfig({
  testDir: 'tests',
  outputDir: 'test-results',
  // A call has many steps and each has its own limit; this one only ends what hangs.
  timeout: 90_000,
  expect: { timeout: 10_000 },
  workers: 2,
  fullyParallel: true,
  forbidOnly: !!process.env.CI,
  retries: 0,
  use: {
    browserName: 'chromium',
    launchOptions: chromium,
    trace: 'retain-on-failure',
    screenshot: 'only-on-failure',
  },
  projects: [
    { name: 'hydrated' },
    { name: 'plain', testIgnore: '**/*.hydrate.spec.ts', use: { javaScriptEnabled: false } },
  ],
})
