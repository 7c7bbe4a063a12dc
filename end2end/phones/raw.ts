// A peer that sends whatever text it is told, by UDP: for registrations that no real phone would send.
import dgram from 'node:dgram'
import { once } from 'node:events'

export class RawPhone {
  private constructor(
    private readonly socket: dgram.Socket,
    private readonly server: string,
  ) {}

  static async start(server: string): Promise<RawPhone> {
    const socket = dgram.createSocket('udp4')
    socket.bind(0, '127.0.0.1')
    await once(socket, 'listening')
    return new RawPhone(socket, server)
  }

  /** Sends a REGISTER and gives the status of its answer. The texts stand in it as they are. */
  async register({ aor, name = '', userAgent = 'raw', expires = 300 }: Registration): Promise<number> {
    const { port } = this.socket.address()
    const [host, serverPort] = this.server.split(':')
    const id = `${Date.now()}-${Math.random().toString(36).slice(2)}`
    const request = [
      `REGISTER sip:click.test SIP/2.0`,
      `Via: SIP/2.0/UDP 127.0.0.1:${port};branch=z9hG4bK${id};rport`,
      `Max-Forwards: 70`,
      `From: <${aor}>;tag=${id}`,
      `To: ${name}<${aor}>`,
      `Call-ID: ${id}`,
      `CSeq: 1 REGISTER`,
      `Contact: <sip:raw@127.0.0.1:${port}>`,
      `Expires: ${expires}`,
      `User-Agent: ${userAgent}`,
      `Content-Length: 0`,
      '',
      '',
    ].join('\r\n')
    const answer = once(this.socket, 'message', { signal: AbortSignal.timeout(5_000) })
    this.socket.send(request, Number(serverPort), host)
    const [message] = (await answer) as [Buffer]
    return Number(message.toString().split(' ')[1])
  }

  stop(): void {
    this.socket.close()
  }
}

export interface Registration {
  aor: string
  /** What stands before the address in the To header. */
  name?: string
  userAgent?: string
  expires?: number
}
