import { expect, test } from '@jest/globals'
import { makeLeasesKeep } from '../../src/compose/leases-keeper.ts'

test('takes away the Leases of replicas that were silent for an hour, also after one that fails', async () => {
  const removed: string[] = []
  const asked: number[] = []
  const keep = makeLeasesKeep({
    around: {
      objects: {
        remove: async (resource, { namespace, name }) => {
          if (name === 'a') throw new Error('the API server is away')
          removed.push(`${resource.plural} ${namespace}/${name}`)
          return 'Deleted'
        },
      },
      log: { info: () => undefined },
    },
    watches: {
      replicas: {
        silentFor: (ms) => {
          asked.push(ms)
          return ['countersign-system/a', 'countersign-system/b']
        },
      },
    },
  })
  await expect(keep(new AbortController().signal)).rejects.toThrow('away')
  expect(removed).toEqual(['leases countersign-system/b'])
  expect(asked).toEqual([3_600_000])
})
