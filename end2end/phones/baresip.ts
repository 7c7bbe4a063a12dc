// A real softphone without sound hardware: baresip 1.0.0 of Debian, driven over its control socket. It sends a tone of
// its own and records what it hears, so that a test can tell who hears whom.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import fs from 'node:fs'
import net from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'

import { Control, type PhoneEvent } from './control.ts'
import { toneOf } from './wav.ts'

export interface Options {
  user: string
  /** Where it registers, as host:port. */
  server: string
  domain?: string
  transport?: 'udp' | 'tcp' | 'tls'
  password?: string
  /** Every phone that runs at the same time needs its own: it decides about its ports and its tone. */
  slot: number
  answer?: 'manual' | 'auto'
  /** For how many seconds it registers; it comes back somewhat earlier. */
  interval?: number
}

const HOST = '127.0.0.1'

export class Baresip {
  readonly user: string
  readonly aor: string
  readonly rtpPorts: [number, number]
  /** What it sends, in Hz. */
  readonly tone: number
  private readonly dir: string
  private readonly child: ChildProcess
  private control!: Control
  /** Events before this one belong to earlier calls. */
  private from = 0

  private constructor(options: Options) {
    const { user, slot, domain = 'click.test' } = options
    this.user = user
    this.aor = `sip:${user}@${domain}`
    this.rtpPorts = [27000 + 20 * slot, 27019 + 20 * slot]
    this.tone = 400 + 100 * (slot % 25)
    this.dir = fs.mkdtempSync(path.join(os.tmpdir(), `crosspoint-${user}-`))
    const control = 26000 + slot
    fs.writeFileSync(path.join(this.dir, 'config'), config(this, 25000 + 10 * slot, control, this.dir))
    fs.writeFileSync(path.join(this.dir, 'accounts'), account(options, this.aor))
    fs.writeFileSync(path.join(this.dir, 'contacts'), '')
    const log = fs.openSync(path.join(this.dir, 'log'), 'w')
    this.child = spawn('baresip', ['-4', '-s', '-f', this.dir], { stdio: ['ignore', log, log] })
    fs.closeSync(log)
  }

  static async start(options: Options): Promise<Baresip> {
    const phone = new Baresip(options)
    const socket = await phone.connect(26000 + options.slot)
    phone.control = new Control(socket, phone.user)
    return phone
  }

  /** Every SIP message it sent and received, and what it says of itself. */
  get log(): string {
    return fs.readFileSync(path.join(this.dir, 'log'), 'utf8').replace(/\x1b\[[0-9;]*m/g, '')
  }

  /** Returns when it is registered. Asked, because the answer may be older than our connection. */
  async registered(): Promise<void> {
    const end = Date.now() + 10_000
    for (;;) {
      const state = await this.control.command('reginfo')
      if (/\bOK\b/.test(state)) return
      if (Date.now() > end) throw new Error(`${this.user} is not registered: ${state.trim()}`)
      await pause(50)
    }
  }

  /** Rings: `peeruri` is whom the phone shows as the caller. */
  incoming(ms?: number): Promise<PhoneEvent> {
    return this.wait('CALL_INCOMING', ms)
  }

  established(ms?: number): Promise<PhoneEvent> {
    return this.wait('CALL_ESTABLISHED', ms)
  }

  closed(ms?: number): Promise<PhoneEvent> {
    return this.wait('CALL_CLOSED', ms)
  }

  /** What happened to its calls since it started or was last told to [`forget`]. */
  get heard(): string[] {
    return this.control.events.slice(this.from).map(event => event.type)
  }

  /** Forgets the events so far; before the next call of a test. */
  forget(): void {
    this.from = this.control.events.length
  }

  accept(): Promise<string> {
    return this.control.command('accept')
  }

  /** Ends a call; a ringing one is declined with 486. */
  hangUp(): Promise<string> {
    return this.control.command('hangup')
  }

  /** Calls an address. */
  dial(address: string): Promise<string> {
    return this.control.command('dial', address)
  }

  hold(): Promise<string> {
    return this.control.command('hold')
  }

  resume(): Promise<string> {
    return this.control.command('resume')
  }

  /** Asks the other party of the call to call somebody else instead: REFER (RFC 3515). */
  transfer(address: string): Promise<string> {
    return this.control.command('transfer', address)
  }

  /** Whether it has a call in any state. */
  async isIdle(): Promise<boolean> {
    const calls = await this.control.command('listcalls')
    return !/ESTABLISHED|INCOMING|RINGING|EARLY|OUTGOING|UNKNOWN/.test(calls)
  }

  /** RTP packets of the call so far, and where its audio goes to. */
  async rtp(): Promise<{ sent: number; received: number; remotePort: number }> {
    const text = await this.control.command('audio_debug')
    const number = (pattern: RegExp) => Number(pattern.exec(text)?.[1] ?? 0)
    return {
      sent: number(/TX: packets=(\d+)/),
      received: number(/rcvd=(\d+)/),
      remotePort: number(/remote: [^\s/]+:(\d+)/),
    }
  }

  /** The tone it heard in its last call; ask when that is over. */
  async heardTone(): Promise<number | null> {
    // The recording is completed shortly after the call.
    const end = Date.now() + 3_000
    for (;;) {
      const files = fs.readdirSync(this.dir).filter(name => name.endsWith('-dec.wav')).sort()
      const last = files.at(-1)
      const tone = last ? toneOf(path.join(this.dir, last)) : null
      if (tone !== null || Date.now() > end) return tone
      await pause(50)
    }
  }

  /** Ends the program: it unregisters first, unless it is killed. */
  async stop(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
    this.control?.close()
    if (this.child.exitCode === null && this.child.signalCode === null) {
      const ended = once(this.child, 'exit')
      this.child.kill(signal)
      const patience = setTimeout(() => this.child.kill('SIGKILL'), 4_000)
      await ended
      clearTimeout(patience)
    }
  }

  /** Removes what it wrote. */
  clean(): void {
    fs.rmSync(this.dir, { recursive: true, force: true })
  }

  private wait(type: string, ms = 10_000): Promise<PhoneEvent> {
    return this.control.wait(event => event.type === type, type, this.from, ms)
  }

  private async connect(port: number): Promise<net.Socket> {
    const end = Date.now() + 8_000
    for (;;) {
      if (this.child.exitCode !== null) throw new Error(`${this.user} did not start:\n${this.log.slice(-800)}`)
      const socket = net.connect(port, HOST)
      try {
        await once(socket, 'connect')
        return socket
      } catch (error) {
        if (Date.now() > end) throw error
        await pause(50)
      }
    }
  }
}

function account(options: Options, aor: string): string {
  const { user, server, transport = 'udp', password = `secret-of-${user}`, answer = 'manual', interval = 60 } = options
  const address = aor.replace('sip:', '')
  return (
    `<sip:${address};transport=${transport}>;auth_user=${user};auth_pass=${password};` +
    `outbound="sip:${server};transport=${transport}";regint=${interval};answermode=${answer}\n`
  )
}

function config(phone: Baresip, sip: number, control: number, dir: string): string {
  return `poll_method epoll
# This port for UDP and TCP, and the next one for TLS.
sip_listen ${HOST}:${sip}
# An address: the name of the loopback interface is refused.
net_interface ${HOST}
call_local_timeout 120
call_max_calls 4
# The tone generator speaks 48 kHz stereo only.
audio_source ausine,${phone.tone}
ausrc_srate 48000
ausrc_channels 2
# A bridge whose other end nobody reads is a sink.
audio_player aubridge,sink
audio_alert aubridge,alert
audio_path /nonexistent
audio_level no
audio_buffer 20-160
jitter_buffer_delay 5-10
rtp_ports ${phone.rtpPorts[0]}-${phone.rtpPorts[1]}
rtp_stats yes
statmode_default off
rtcp_mux no
module_path /usr/lib/baresip/modules
module g711.so
module ausine.so
module aubridge.so
# Records what is sent and heard.
module sndfile.so
snd_path ${dir}
module_tmp uuid.so
module_tmp account.so
module_app menu.so
module_app debug_cmd.so
module_app ctrl_tcp.so
ctrl_tcp_listen ${HOST}:${control}
`
}
