// baresip's control socket (module ctrl_tcp): JSON in netstrings, `LENGTH:JSON,`. Commands are answered, events come
// by themselves.
import type net from 'node:net'

export interface PhoneEvent {
  type: string
  peeruri?: string
  param?: string
  id?: string
}

interface Answer {
  ok: boolean
  data?: string
}

export class Control {
  readonly events: PhoneEvent[] = []
  private readonly answers = new Map<string, (answer: Answer) => void>()
  private readonly watchers = new Set<() => void>()
  private buffer = Buffer.alloc(0)
  private commands = 0

  constructor(
    private readonly socket: net.Socket,
    private readonly name: string,
  ) {
    socket.on('error', () => {})
    socket.on('data', data => this.read(data))
  }

  close(): void {
    this.socket.destroy()
  }

  /** Runs one command; gives its text, or throws when the phone says no. */
  async command(command: string, params = '', ms = 5_000): Promise<string> {
    const token = String(++this.commands)
    const body = JSON.stringify({ command, params, token })
    const answer = await this.within<Answer>(ms, `an answer to ${command}`, resolve => {
      this.answers.set(token, resolve)
      this.socket.write(`${Buffer.byteLength(body)}:${body},`)
      return () => this.answers.delete(token)
    })
    if (!answer.ok) throw new Error(`${this.name}: ${command}: ${answer.data}`)
    return (answer.data ?? '').replace(/\x1b\[[0-9;]*m/g, '')
  }

  /** The first event from number `from` on that fits, if need be one that is still to come. */
  wait(fits: (event: PhoneEvent) => boolean, what: string, from: number, ms: number): Promise<PhoneEvent> {
    return this.within<PhoneEvent>(ms, what, resolve => {
      const look = () => {
        const found = this.events.slice(from).find(fits)
        if (found) resolve(found)
      }
      this.watchers.add(look)
      look()
      return () => this.watchers.delete(look)
    })
  }

  private within<T>(ms: number, what: string, begin: (resolve: (value: T) => void) => () => void): Promise<T> {
    return new Promise((resolve, reject) => {
      let undo = () => {}
      const limit = setTimeout(() => {
        undo()
        const seen = this.events.map(event => event.type).join(' ') || 'nothing'
        reject(new Error(`${this.name}: no ${what} in ${ms} ms; saw ${seen}`))
      }, ms)
      const done = (value: T) => {
        clearTimeout(limit)
        queueMicrotask(() => undo())
        resolve(value)
      }
      undo = begin(done)
    })
  }

  private read(data: Buffer): void {
    this.buffer = Buffer.concat([this.buffer, data])
    for (;;) {
      const colon = this.buffer.indexOf(':')
      if (colon < 0) return
      const length = Number(this.buffer.subarray(0, colon))
      if (this.buffer.length < colon + length + 2) return
      const text = this.buffer.subarray(colon + 1, colon + 1 + length).toString()
      this.buffer = this.buffer.subarray(colon + length + 2)
      this.take(text)
    }
  }

  private take(text: string): void {
    let message: { response?: boolean; token?: string } & Answer & PhoneEvent
    try {
      message = JSON.parse(text)
    } catch {
      return // baresip does not escape every text; such an event is of no use here
    }
    if (message.response) {
      this.answers.get(message.token ?? '')?.(message)
      this.answers.delete(message.token ?? '')
    } else {
      this.events.push(message)
      for (const look of [...this.watchers]) look()
    }
  }
}
