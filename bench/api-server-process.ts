import { startFakeApiServer } from '../test/fake/api-server.ts'
import { approvalRequest, place } from './approval-request.ts'

// A process with an API server that holds as many requests as it is told, tells its address and ends with its input.
const [count = '0'] = process.argv.slice(2)
const api = await startFakeApiServer()
for (let index = 0; index < Number(count); index += 1) {
  const request = approvalRequest(index)
  const { name } = api.objects.create(place, request).metadata
  api.objects.replace({ ...place, name }, request, { part: 'status' })
}
process.stdout.write(`${api.url}\n`)
process.stdin.resume().on('end', () => void api.stop())
