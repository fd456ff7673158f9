import { mergePatch } from '../admin.ts'
import { cronJob, image, job } from '../objects.ts'
import { shop } from '../paths.ts'
import { kubectl } from '../scenario.ts'
import type { Scenario } from '../scenario.ts'

const create = ['create', '-f', '-']

/** Jobs carry labels and a selector made of their own fresh uid. */
export const jobs: readonly Scenario[] = [
  {
    name: 'job-create-generator',
    commands: [kubectl(['create', 'job', 'once', `--image=${image}`, '--', 'run', 'it'])],
    groups: [2],
  },
  { name: 'job-create', commands: [kubectl(create, job())], groups: [2] },
  {
    name: 'job-create-generate-name',
    commands: [kubectl(create, job({ name: undefined, generateName: 'once-' }))],
    groups: [2],
  },
  { name: 'job-apply', commands: [kubectl(['apply', '-f', '-'], job())], groups: [2] },
  { name: 'job-apply-server-side', commands: [kubectl(['apply', '--server-side', '-f', '-'], job())], groups: [2] },
  {
    name: 'job-create-manual-selector',
    commands: [
      kubectl(
        create,
        job(
          {},
          {
            manualSelector: true,
            selector: { matchLabels: { batch: 'mine' } },
            template: {
              metadata: { labels: { batch: 'mine' } },
              spec: { containers: [{ name: 'web', image }], restartPolicy: 'Never' },
            },
          },
        ),
      ),
    ],
    groups: [2],
  },
  {
    name: 'job-create-own-labels',
    commands: [
      kubectl(
        create,
        job(
          {},
          {
            template: {
              metadata: { labels: { app: 'web', 'job-name': 'once' } },
              spec: { containers: [{ name: 'web', image }], restartPolicy: 'Never' },
            },
          },
        ),
      ),
    ],
    groups: [2],
  },
  {
    name: 'job-create-own-labels-generate-name',
    commands: [
      kubectl(
        create,
        job(
          { name: undefined, generateName: 'once-' },
          {
            template: {
              metadata: { labels: { app: 'web' } },
              spec: { containers: [{ name: 'web', image }], restartPolicy: 'Never' },
            },
          },
        ),
      ),
    ],
    groups: [2],
  },
  {
    name: 'job-create-from-cronjob',
    given: [cronJob()],
    commands: [kubectl(['create', 'job', 'now', '--from=cronjob/yearly'])],
    groups: [2],
  },
  {
    name: 'job-suspend',
    given: [job()],
    commands: [kubectl(['patch', 'job', 'once', '-p', '{"spec":{"suspend":true}}'])],
    groups: [2],
  },
  {
    name: 'job-suspend-under-writes',
    given: [job()],
    commands: [kubectl(['patch', 'job', 'once', '-p', '{"spec":{"suspend":true}}'])],
    meanwhile: {
      moment: 'BetweenSendings',
      write: async (admin) => {
        const body = { metadata: { annotations: { note: 'somebody was here' } } }
        await admin.must('PATCH', `/apis/batch/v1/namespaces/${shop}/jobs/once`, { body, type: mergePatch })
      },
    },
    groups: [2],
  },
  {
    name: 'job-delete',
    given: [job()],
    commands: [kubectl(['delete', 'job', 'once', '--wait=false'])],
    groups: [2],
  },
  {
    name: 'cronjob-create-generator',
    commands: [kubectl(['create', 'cronjob', 'yearly', `--image=${image}`, '--schedule=0 0 1 1 *'])],
    groups: [2],
  },
  { name: 'cronjob-create', commands: [kubectl(create, cronJob())], groups: [2] },
  {
    name: 'cronjob-suspend',
    given: [cronJob()],
    commands: [kubectl(['patch', 'cronjob', 'yearly', '-p', '{"spec":{"suspend":true}}'])],
    groups: [2],
  },
  {
    name: 'cronjob-delete',
    given: [cronJob()],
    commands: [kubectl(['delete', 'cronjob', 'yearly', '--wait=false'])],
    groups: [2],
  },
]
