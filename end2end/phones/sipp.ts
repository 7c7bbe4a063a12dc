// SIPp of Debian (package sip-tester): one end of a scenario in sipp/, which checks what it hears. Each process has ports
// and a folder of its own; its counts are read when it has ended.
import { type ChildProcess, spawn } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'

const SCENARIOS = path.resolve(import.meta.dirname, '../sipp')
const HOST = '127.0.0.1'

export interface SippOptions {
  /** Where it sends to, as host:port. */
  server: string
  /** The first of [`PORTS`] that nobody else uses: SIP, control, and twice audio and video. */
  port: number
  transport?: 'udp' | 'tcp'
  /** What stands for [user], [caller], [callee] and so on in the scenario; with [password], the first two log in. */
  keys?: Record<string, string>
  /** How many calls it makes or takes, and how many it begins in a second. */
  calls?: number
  rate?: number
  /** How long the pauses of the scenario are that do not say so themselves. */
  pauseMs?: number
  /** Of a hundred messages so many are not sent. */
  lost?: number
  /** After which time it gives up. */
  patience?: number
}

/** Ports of one process. */
export const PORTS = 8

export interface Counts {
  code: number | null
  succeeded: number
  failed: number
  /** What it repeated because no answer came. */
  retransmitted: number
  /** How often one step was done, by its name: `180_Recv`, `BYE_Sent`, `INVITE_Retrans` (heard again, or sent again). */
  steps: Record<string, number>
  /** What it did not expect, in its words. */
  errors: string
}

export class Sipp {
  readonly scenario: string
  readonly calls: number
  private readonly dir: string
  private readonly child: ChildProcess
  private readonly ended: Promise<number | null>

  private constructor(scenario: string, options: SippOptions) {
    const { server, port, transport = 'udp', keys = {}, calls = 1, rate = 10, pauseMs = 200, lost, patience = 25 } = options
    this.scenario = scenario
    this.calls = calls
    this.dir = fs.mkdtempSync(path.join(os.tmpdir(), `crosspoint-sipp-${scenario}-`))
    // It writes beside its scenario.
    fs.copyFileSync(path.join(SCENARIOS, `${scenario}.xml`), path.join(this.dir, 'scenario.xml'))
    const args = [
      ...['-sf', 'scenario.xml', '-t', transport === 'udp' ? 'u1' : 't1', '-nostdin', '-bind_local'],
      ...['-i', HOST, '-p', port, '-ci', HOST, '-cp', port + 1, '-mi', HOST, '-mp', port + 2],
      ...['-m', calls, '-r', rate, '-l', calls, '-d', pauseMs, '-timeout', patience, '-timeout_error'],
      ...['-trace_err', '-trace_msg', '-trace_stat', '-trace_counts', '-fd', 1],
      ...(lost === undefined ? ['-recv_timeout', 15_000] : ['-lost', lost]),
      ...credentials(keys),
      ...Object.entries(keys).flatMap(([key, value]) => ['-key', key, value]),
      server,
    ]
    this.child = spawn('sipp', args.map(String), { cwd: this.dir, stdio: 'ignore' })
    this.ended = new Promise((resolve, reject) => {
      this.child.once('exit', resolve)
      this.child.once('error', reject)
    })
  }

  /** Starts one; returns when it listens. */
  static async start(scenario: string, options: SippOptions): Promise<Sipp> {
    const peer = new Sipp(scenario, options)
    peer.ended.catch(() => {})
    const end = Date.now() + 8_000
    while (peer.child.exitCode === null && !isBound(options.port, options.transport ?? 'udp')) {
      if (Date.now() > end) throw new Error(`${scenario}: sipp does not listen on ${options.port}`)
      await pause(10)
    }
    return peer
  }

  /** Returns when all its calls are over. */
  async done(): Promise<Counts> {
    const code = await this.ended
    const total = lastRow(this.read('_.csv'))
    const steps: Record<string, number> = {}
    for (const [name, count] of Object.entries(lastRow(this.read('_counts.csv')))) {
      const step = name.replace(/^\d+_/, '')
      if (/^\d/.test(count)) steps[step] = (steps[step] ?? 0) + Number(count)
    }
    return {
      code,
      succeeded: Number(total['SuccessfulCall(C)']),
      failed: Number(total['FailedCall(C)']),
      retransmitted: Number(total['Retransmissions(C)']),
      steps,
      errors: this.read('_errors.log'),
    }
  }

  /** Every message that it sent and received. */
  get log(): string {
    return this.read('_messages.log')
  }

  /** Ends it, whatever it does. */
  async stop(): Promise<void> {
    if (this.child.exitCode === null) this.child.kill('SIGKILL')
    await this.ended.catch(() => {})
  }

  /** Removes what it wrote. */
  clean(): void {
    fs.rmSync(this.dir, { recursive: true, force: true })
  }

  private read(ending: string): string {
    const name = fs.readdirSync(this.dir).find(file => file.endsWith(`${this.child.pid}${ending}`))
    return name ? fs.readFileSync(path.join(this.dir, name), 'utf8') : ''
  }
}

/** Of a caller for his callee, or of a user for the registrar: digest is about one URI (RFC 7616 section 3.4). */
function credentials({ caller, callee, user = '', password }: Record<string, string>): string[] {
  if (password === undefined) return []
  const uri = caller ? `${callee}@click.test` : 'click.test'
  return ['-au', caller ?? user, '-ap', password, '-auth_uri', uri]
}

/** The last line of one of its tables, by the names in the first. */
function lastRow(table: string): Record<string, string> {
  const rows = table.trim().split('\n').map(row => row.split(';'))
  return Object.fromEntries((rows[0] ?? []).map((name, at) => [name, rows.at(-1)?.[at] ?? '']))
}

/** Whether somebody has this port, as Linux tells it. */
function isBound(port: number, transport: 'udp' | 'tcp'): boolean {
  const local = `:${port.toString(16).toUpperCase().padStart(4, '0')} `
  return fs.readFileSync(`/proc/net/${transport}`, 'utf8').split('\n').some(line => line.slice(0, 22).includes(local))
}
