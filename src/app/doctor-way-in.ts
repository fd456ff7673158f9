import { messagesFinding, tabFinding } from './doctor-answers.ts'
import { open } from './doctor-finding.ts'
import type { Finding } from './doctor-finding.ts'
import { hostFindings } from './doctor-host.ts'
import type { DoctorPorts } from './doctor-ports.ts'
import type { HttpAnswer, HttpFailure, HttpRequest } from './http.ts'

type WayInPorts = Pick<DoctorPorts, 'http' | 'lookAtHost' | 'timers'>

const deadlineMs = 10_000
const mostBytes = 256 * 1024

/** The way from the internet to the gateway, as far as it is seen from this machine. `url`: an https origin. */
export async function* wayIn(ports: WayInPorts, url: string | undefined): AsyncGenerator<Finding> {
  if (url === undefined) {
    yield open('the public way in was not looked at', {
      cure: 'give --url https://…, or the --config of the gateway with its gateway.url',
    })
    return
  }
  const { hostname, port, origin } = new URL(url)
  // The brackets of an IPv6 address belong to the URL.
  const host = hostname.replace(/^\[(.*)\]$/, '$1')
  const sight = await ports.lookAtHost({ host, port: port === '' ? 443 : Number(port), deadlineMs })
  const { findings, usable } = hostFindings(host, sight, ports.timers.now())
  yield* findings
  if (!usable) {
    yield open('POST /api/messages and GET /tab were not asked, since TLS does not hold')
    return
  }
  const headers = { 'content-type': 'application/json' }
  yield messagesFinding(await send(ports, { method: 'POST', url: `${origin}/api/messages`, headers, body: '{}' }))
  yield tabFinding(await getTab(ports, origin))
}

function send({ http }: WayInPorts, asked: Omit<HttpRequest, 'deadlineMs' | 'mostBytes'>) {
  return http({ ...asked, deadlineMs, mostBytes })
}

/** As Teams does it: the address in the app package is `/tab`, from where the gateway leads to the folder. */
async function getTab(ports: WayInPorts, origin: string): Promise<HttpAnswer | HttpFailure> {
  const asked = { method: 'GET', headers: {} } as const
  const first = await send(ports, { ...asked, url: `${origin}/tab` })
  if ('failure' in first || !leadsTo(first, `${origin}/tab`, `${origin}/tab/`)) return first
  return send(ports, { ...asked, url: `${origin}/tab/` })
}

function leadsTo({ status, header }: HttpAnswer, from: string, to: string): boolean {
  const location = header('location')
  return status >= 300 && status < 400 && location !== undefined && URL.parse(location, from)?.href === to
}
