import { describe, expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import { inboundRefusals } from '../../src/teams/inbound-refusals.ts'
import { mint } from '../fake/token-issuer.ts'
import { scaled } from '../scale.ts'
import { click } from './activities.ts'
import { makeClickRig, shownBy } from './click-rig.ts'
import type { ClickRig } from './click-rig.ts'
import { connectorKey } from './inbound-rig.ts'

type Document = Record<string, unknown>

/** Everything of a click by which it is judged, so that two clicks with the same are one. */
function meaningOf(body: Document): readonly unknown[] {
  const at = (path: string): unknown =>
    path.split('.').reduce<unknown>((value, key) => (Object(value) as Document)[key], body)
  const guid = (path: string): unknown => (typeof at(path) === 'string' ? String(at(path)).toLowerCase() : at(path))
  const place = at('conversation.id')
  return [
    guid('from.aadObjectId'),
    ...['type', 'name', 'channelId', 'serviceUrl', 'recipient.id'].map(at),
    // Which of the copies of a card it was matters to nobody, so long as it was one.
    isID(at('replyToId')),
    ...['channelData.tenant.id', 'conversation.tenantId'].map(guid),
    typeof place === 'string' ? place.replace(/(?<=.);messageid=(?:(?!;messageid=).)*$/su, '') : place,
    ...['value.action.type', 'value.action.verb', 'value.action.data.handle'].map(at),
    at('value.trigger') ?? 'manual',
  ]
}

function isID(value: unknown): boolean {
  return typeof value === 'string' && value !== '' && value.length <= 512
}

/** Paths to everything in a document, the lists' elements included. */
function pathsOf(value: unknown, path: readonly string[] = []): readonly (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [path]
  const inside = Object.entries(value).flatMap(([key, inner]) => pathsOf(inner, [...path, key]))
  return path.length === 0 ? inside : [path, ...inside]
}

function changed(value: unknown, [key, ...rest]: readonly string[], put: (old: unknown) => unknown): unknown {
  if (key === undefined) return put(value)
  const copy: Document = Array.isArray(value) ? ([...value] as unknown as Document) : { ...(value as Document) }
  const next = changed(copy[key], rest, put)
  if (next === undefined) delete copy[key]
  else copy[key] = next
  return copy
}

const replacements: fc.Arbitrary<(old: unknown) => unknown> = fc.oneof(
  fc.constantFrom<(old: unknown) => unknown>(
    () => undefined,
    () => null,
    () => '',
    () => 0,
    () => [],
    () => ({}),
    (old) => [old],
    (old) => ({ old }),
    (old) => `${String(old)}x`,
    (old) => ` ${String(old)}`,
    (old) => String(old).toUpperCase(),
    (old) => String(old).slice(1),
    () => 'x'.repeat(5_000),
    () => '__proto__',
  ),
  fc.jsonValue().map((value) => () => value),
)

/** How often something was refused, or told without a vote. */
function counted(rig: ClickRig): number {
  const closed = new Set([...Object.keys(inboundRefusals), 'Forged', 'NotFound', 'OtherCard', 'UnknownVerb', 'Record'])
  return rig.facts.filter((fact) =>
    fact.fact === 'InboundRefused'
      ? closed.has(fact.reason)
      : fact.fact === 'Clicked' && (closed.has(fact.outcome) || /^(Comment|Too|Not|Already)/.test(fact.outcome)),
  ).length
}

describe('whatever is done to a true click, nobody’s vote comes of it but that very click', () => {
  const longMs = scaled(60_000, 3_600_000)

  test(
    'a field that is changed, dropped or of another form',
    async () => {
      const rig = makeClickRig()
      const { inbound } = rig
      // A click under an id of before is waited for, to which nobody has come.
      rig.cluster.hasty = true
      const token = mint(connectorKey, { claims: inbound.claims() })
      const value = { action: { type: 'Action.Execute', verb: 'approve', data: { handle: rig.handle, comment: 'x' } } }
      let number = 0
      let cast = 0
      await fc.assert(
        fc.asyncProperty(fc.nat(), replacements, async (place, put) => {
          number += 1
          const honest = click(inbound.time(), { id: `f:${number}`, value: { ...value, trigger: 'manual' } })
          const paths = pathsOf(honest)
          const body = changed(honest, paths[place % paths.length] ?? [], put) as Document
          rig.reset()
          shownBy(await rig.send(inbound.request(body, token)))
          const isSame = JSON.stringify(meaningOf(body)) === JSON.stringify(meaningOf(honest))
          if (rig.votes().length > 0) {
            cast += 1
            expect(isSame || isAnotherPersonsOrButton(body, honest)).toBe(true)
          } else if (!isSame) expect(counted(rig)).toBeGreaterThan(0)
        }),
        { numRuns: scaled(2_000, 100_000) },
      )
      // Some changes are of what nobody goes by: then it is the true click.
      expect(cast).toBeGreaterThan(number / 10)
      expect(number - cast).toBeGreaterThan(number / 10)
    },
    longMs,
  )

  test(
    'a character of its token',
    async () => {
      const rig = makeClickRig()
      const token = mint(connectorKey, { claims: rig.inbound.claims() })
      await fc.assert(
        fc.asyncProperty(
          fc.nat(token.length - 1),
          fc.constantFrom('a', 'A', '0', '-', '_', '.', '=', '/', ' '),
          async (place, put) => {
            const forged = token.slice(0, place) + put + token.slice(place + 1)
            if (forged === token) return
            const { length } = rig.facts
            const answer = await rig.send(rig.inbound.request(click(rig.inbound.time()), forged))
            expect([401, 403, 503]).toContain(answer.status)
            expect(rig.facts.slice(length)).toMatchObject([{ fact: 'InboundRefused' }])
          },
        ),
        { numRuns: scaled(500, 20_000) },
      )
      expect(rig.votes()).toEqual([])
    },
    longMs,
  )
})

/**
 * The token vouches for the connection alone (docs of the Bot Connector): whoever holds one could write another person's
 * id, or name another button. What matters is that this is what the record says, and that the operator judges that person.
 */
function isAnotherPersonsOrButton(body: Document, honest: Document): boolean {
  const same = (one: Document): unknown => {
    const [_person, ...rest] = meaningOf(one)
    return rest.map((part) => (part === 'approve' ? '' : part))
  }
  return JSON.stringify(same(body)) === JSON.stringify(same(honest))
}
