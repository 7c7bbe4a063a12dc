// Three projects over the same real server and phones: the page with its program, the page as plain HTML, and no page.
// Specs named *.hydrate.spec.ts need the program, those named *.wire.spec.ts no page; all others must hold with both.
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
    { name: 'wire', testMatch: '**/*.wire.spec.ts' },
    { name: 'hydrated', testIgnore: '**/*.wire.spec.ts' },
    { name: 'plain', testIgnore: ['**/*.hydrate.spec.ts', '**/*.wire.spec.ts'], use: { javaScriptEnabled: false } },
  ],
})
