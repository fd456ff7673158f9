import { createServer as createHttpServer } from 'node:http'
import { createServer } from 'node:https'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { localhostCertificate, localhostKey } from '../test/fake/localhost-cert.ts'

// The least that a webhook in Node can be: it parses the review and allows. Tells its ports and ends with its input.
const webhook = createServer({ cert: localhostCertificate, key: localhostKey }, (request, response) => {
  const chunks: Uint8Array[] = []
  request.on('data', (chunk: Uint8Array) => void chunks.push(chunk))
  request.on('end', () => {
    const { apiVersion, kind, request: asked } = JSON.parse(Buffer.concat(chunks).toString())
    const answer = JSON.stringify({ apiVersion, kind, response: { uid: asked.uid, allowed: true } })
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(answer) }
    response.writeHead(200, headers).end(answer)
  })
})
webhook.keepAliveTimeout = 120_000

const health = createHttpServer((_, response) => {
  const { user, system } = process.cpuUsage()
  const lines = [
    `process_cpu_seconds_total ${(user + system) / 1e6}`,
    `process_resident_memory_bytes ${process.memoryUsage.rss()}`,
  ]
  response.end(`${lines.join('\n')}\n`)
})

function listen(server: Pick<Server, 'listen' | 'address'>): Promise<number> {
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port))
  })
}

const [port, healthPort] = await Promise.all([listen(webhook), listen(health)])
process.stdout.write(`${JSON.stringify({ port, healthPort })}\n`)
process.stdin.resume().on('end', () => process.exit())
