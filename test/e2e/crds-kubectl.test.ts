import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals'
import { placesOf, readDefinitions } from '../../crds/schema.ts'
import type { Schema } from '../../crds/schema.ts'
import { kubectl, startWithCrds } from '../crds/control-plane-with-crds.ts'
import type { Stage } from '../crds/control-plane-with-crds.ts'
import { examplesFolder, readExamples } from '../crds/examples.ts'
import { makeRequestStage, requestsPath } from '../crds/request-stage.ts'
import { condition } from '../crds/sample-request.ts'
import type { State } from '../crds/sample-request.ts'

jest.setTimeout(20 * 60_000)

let stage: Stage
beforeAll(async () => {
  stage = await startWithCrds(process.env)
})
afterAll(() => stage.stop())

const definitions = readDefinitions('crds')
const examples = readExamples()
const records = ['-n', 'countersign-system']

describe('every example in docs/objects', () => {
  test.each([...new Set(examples.map(({ file }) => file))])('of %s is accepted by kubectl apply', async (file) => {
    const args = ['apply', '--validate=strict', '-f', `${examplesFolder}/${file}`]
    expect(await kubectl(stage.plane, args)).toMatch(/^(?:\S+ created\n)+$/)
  })

  test.each(examples.map(({ object }) => [`${object.kind} ${object.metadata.name}`, object] as const))(
    '%s is stored as it is written, with its status',
    async (_name, object) => {
      const path = pathOf(object)
      for (const status of stepsTo(object.status)) {
        const live = Object(await stage.api.must({ method: 'GET', path }))
        await stage.api.must({
          method: 'PUT',
          path: `${path}/status?fieldValidation=Strict`,
          body: { ...live, status },
        })
      }
      expect(await stage.api.must({ method: 'GET', path })).toMatchObject(object)
    },
  )
})

function pathOf({ kind, metadata }: (typeof examples)[number]['object']): string {
  const names = definitions.find(({ spec }) => spec.names.kind === kind)?.spec.names
  const namespace = metadata.namespace === undefined ? '' : `/namespaces/${metadata.namespace}`
  return `/apis/countersign.dev/v1alpha1${namespace}/${names?.plural ?? ''}/${metadata.name}`
}

/** A grant begins unclaimed and a cool-down is revoked after the denial, so such a status is written in two steps. */
function stepsTo(status: object | undefined): readonly object[] {
  if (status === undefined) return []
  const first = { ...status, cooldownRevoked: undefined }
  if (!('grant' in status)) return [first, status]
  return [{ ...first, grant: { ...Object(status.grant), claims: [] } }, status]
}

const oneLine = (text: string): string => text.replaceAll(/\s+/g, ' ')
const versionOf = (schema: Schema) => ({ name: 'v1alpha1', schema: { openAPIV3Schema: schema } })

describe('kubectl explain', () => {
  test('tells agents what to do while they wait', async () => {
    const text = oneLine(await kubectl(stage.plane, ['explain', 'apr']))
    for (const words of [
      'kubectl wait -n countersign-system apr/NAME --for=condition=Decided --timeout=45s -o jsonpath={.status.decision}',
      'Approved: run the SAME command again',
      'NotFound after an approved delete means that it is done',
      'If you were killed while you waited, run the same command again',
      'failed calling webhook human-approval.countersign.dev" is an outage and not a denial',
      'helm template … | kubectl apply --dry-run=server -f -',
      "Do not use helm's --rollback-on-failure",
    ])
      expect(text).toContain(words)
  })

  test.each(definitions.map((definition) => [definition.spec.names.shortNames?.[0] ?? '', definition] as const))(
    '%s knows every field',
    async (shortName, definition) => {
      const text = await kubectl(stage.plane, ['explain', shortName, '--recursive'])
      const fields = new Set([...text.matchAll(/^ *(\w+)\t<(?:\[\]|map\[string\])?\w+>/gm)].map(([, field]) => field))
      const wanted = placesOf(definition).filter(({ path }) => /\.\w+$/.test(path))
      expect(wanted.filter(({ name }) => !fields.has(name)).map(({ path }) => path)).toEqual([])
      expect(text).not.toContain('<no description>')
    },
  )

  test.each(definitions.map((definition) => [definition.spec.names.kind, definition] as const))(
    'has words for every field of %s',
    async (kind, definition) => {
      const served = await stage.api.must({ method: 'GET', path: '/openapi/v3/apis/countersign.dev/v1alpha1' })
      const schema = Object(served).components.schemas[`dev.countersign.v1alpha1.${kind}`]
      const found = placesOf({ ...definition, spec: { ...definition.spec, versions: [versionOf(schema)] } })
      const words = new Map(found.map(({ path, schema: one }) => [path, one.description]))
      const standard = new Set([`${kind}.apiVersion`, `${kind}.kind`])
      const wanted = placesOf(definition).filter(({ path }) => !standard.has(path))
      expect(wanted.length).toBeGreaterThan(5)
      for (const place of wanted)
        expect([place.path, words.get(place.path)]).toEqual([place.path, place.schema.description])
    },
  )

  test.each([
    ['apr.spec.actions.diff.text', 'at most 4096 characters'],
    ['apr.status.grant.claims.resourceVersion', 'does not raise the generation'],
    ['apr.status.conditions', 'Decided: False with reason Pending, Undelivered'],
    ['apv.spec.voter.objectID', 'Object id of the user in the Entra tenant'],
    ['apol.spec.grantSeconds', 'come back only after up to a thousand seconds'],
    ['apg.spec.people.entraUser.objectID', 'not the e-mail address'],
    ['apch.status.delivered', '– before the first'],
    ['agid.spec.paused', 'removed only by a person'],
  ])('of %s says: %s', async (path, words) => {
    expect(oneLine(await kubectl(stage.plane, ['explain', path]))).toContain(words)
  })
})

/** The cells of a table as kubectl prints it, the age left out. */
function cells(text: string): readonly (readonly string[])[] {
  const [header = '', ...rows] = text.trimEnd().split('\n')
  const starts = [...header.matchAll(/\S+(?: \S+)*/g)].map(({ index }) => index)
  const cut = (row: string): readonly string[] =>
    starts.map((start, column) => row.slice(start, starts[column + 1]).trim())
  return [header, ...rows].map((row) => cut(row).slice(0, -1))
}

async function table(args: readonly string[]): Promise<readonly (readonly string[])[]> {
  return cells(await kubectl(stage.plane, ['get', ...args]))
}

describe('kubectl get', () => {
  test('shows a request in every state', async () => {
    const requests = makeRequestStage(stage.api)
    const states: readonly State[] = ['new', 'pending', 'claimed', 'denied', 'changesRequested', 'expired']
    const names: string[] = []
    for (const state of states) names.push((await requests.requestIn(state)).metadata.name)
    const claimed = names.find((_, index) => states[index] === 'claimed') ?? ''
    const body = [{ op: 'add', path: '/status/conditions/-', value: condition('Executed', 'True', 'Executed') }]
    const path = `${requestsPath}/${claimed}/status`
    await stage.api.must({ method: 'PATCH', path, type: 'application/json-patch+json', body })
    const agent = ['agents/bot', 'delete Deployment prod/web (3 replicas)', 'High'] as const
    const deadline = '2026-11-21T10:35:00Z'
    expect(await table([...records, 'apr', ...names])).toEqual([
      ['NAME', 'AGENT', 'ACTION', 'RISK', 'STATE', 'VOTES', 'BY', 'OUTCOME', 'DEADLINE'],
      ['apr-1', ...agent, '', '', '', '', deadline],
      ['apr-2', ...agent, 'Pending', '0/1', '', '', deadline],
      ['apr-3', ...agent, 'Approved', '0/1', 'Alice Kim', 'Executed', deadline],
      ['apr-4', ...agent, 'Denied', '0/1', 'Alice Kim', '', deadline],
      ['apr-5', ...agent, 'ChangesRequested', '0/1', 'Alice Kim', '', deadline],
      ['apr-6', ...agent, 'Expired', '0/1', '', '', deadline],
    ])
  })

  test('shows a channel and where it goes', async () => {
    expect(await table(['apch', 'teams'])).toEqual([
      ['NAME', 'TYPE', 'READY', 'REASON', 'TARGET', 'DELIVERED'],
      ['teams', 'Teams', 'True', 'Installed', 'Platform > Approvals', '–'],
    ])
  })

  test('shows an agent, whether it is gated, and who answers for it', async () => {
    expect(await table([...records, 'agid', 'agents.bot'])).toEqual([
      ['NAME', 'GATED', 'SAFE', 'OWNER'],
      ['agents.bot', 'True', 'True', 'bo'],
    ])
  })

  test('shows a policy, its effect and whether it works', async () => {
    expect(await table(['apol', 'workload-changes'])).toEqual([
      ['NAME', 'EFFECT', 'RISK', 'READY', 'REASON'],
      ['workload-changes', 'Warn', 'Medium', 'True', 'Valid'],
    ])
  })

  test('shows who voted what', async () => {
    expect(await table([...records, 'apv', 'apv-7k2m9q4xqz-x5w7d', 'apv-3n8vr2kdhm-p2c7r'])).toEqual([
      ['NAME', 'REQUEST', 'VERDICT', 'VOTER', 'USERNAME'],
      ['apv-7k2m9q4xqz-x5w7d', 'apr-7k2m9q4xqz3wd8hf6tnc', 'Approve', 'Alice Kim', ''],
      ['apv-3n8vr2kdhm-p2c7r', 'apr-3n8vr2kdhm6tq4wz9xcb', 'Deny', '', 'bo@example.com'],
    ])
  })

  test('finds all our objects in the category countersign', async () => {
    const names = (await kubectl(stage.plane, ['get', ...records, 'countersign', '-o', 'name'])).split('\n')
    for (const name of [
      'approvalrequest',
      'approvalvote',
      'approvalpolicy',
      'approvergroup',
      'approvalchannel',
      'agentidentity',
    ])
      expect(names.some((found) => found.startsWith(`${name}.countersign.dev/`))).toBe(true)
  })

  const selectable = definitions.flatMap(({ spec }) =>
    (spec.versions[0].selectableFields ?? []).map(({ jsonPath }) => [spec.names.plural, jsonPath.slice(1)] as const),
  )

  test.each(selectable)('selects %s by %s', async (plural, field) => {
    const args = ['get', plural, '-A', '--field-selector', `${field}=no-such-value`, '-o', 'name']
    expect(await kubectl(stage.plane, args)).toBe('')
  })

  test('selects the undecided requests', async () => {
    const args = ['get', ...records, 'apr', '--field-selector', 'status.decision=', '-o', 'name']
    const names = (await kubectl(stage.plane, args)).trimEnd().split('\n')
    expect(names).toContain('approvalrequest.countersign.dev/apr-3n8vr2kdhm6tq4wz9xcb')
    expect(names).not.toContain('approvalrequest.countersign.dev/apr-7k2m9q4xqz3wd8hf6tnc')
  })

  test('refuses to select by a field that is not declared', async () => {
    const refused = await stage.plane.kubectl(['get', 'apr', '-A', '--field-selector', 'spec.summary=x'])
    expect(refused.stderr).toContain('field label not supported: spec.summary')
  })
})

describe('kubectl wait', () => {
  test.each([
    ['apr-7k2m9q4xqz3wd8hf6tnc', 'Approved'],
    ['apr-q9w4hx7tkz2nd5rm8vc3', 'Denied'],
    ['apr-m5zx8kq2wt9hd4nc7rv6-2', 'Expired'],
  ])('for %s prints %s, as the guide says', async (name, decision) => {
    const args = ['wait', ...records, `apr/${name}`, '--for=condition=Decided', '--timeout=45s']
    expect(await kubectl(stage.plane, [...args, '-o', 'jsonpath={.status.decision}'])).toBe(decision)
  })

  test('for a pending request ends with words that say so', async () => {
    const args = ['wait', ...records, 'apr/apr-3n8vr2kdhm6tq4wz9xcb', '--for=condition=Decided', '--timeout=1s']
    const { code, stderr } = await stage.plane.kubectl(args)
    expect(stderr).toContain('timed out')
    expect(code).toBe(1)
  })
})
