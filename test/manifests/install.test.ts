import { readFileSync, readdirSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'
import { composeInstall, filledIn } from '../../manifests/install.ts'
import { readManifests } from './objects.ts'
import type { Manifest } from './objects.ts'

const file = 'manifests/install.yaml'
const objects = readManifests(file)
const nameOf = ({ kind, metadata }: Manifest): string => `${kind} ${metadata.name}`
const ofKind = (...kinds: readonly string[]): readonly Manifest[] => objects.filter(({ kind }) => kinds.includes(kind))
const namesOf = (kind: string): readonly string[] => ofKind(kind).map(({ metadata }) => metadata.name)

describe('install.yaml', () => {
  test('is what its parts make: node manifests/render.ts', () => {
    expect(readFileSync(file, 'utf8') === composeInstall('.')).toBe(true)
  })

  test('leaves no part and no definition out', () => {
    const text = readFileSync(file, 'utf8')
    const parts = readdirSync('manifests/parts').filter((part) => part !== 'expressions.yaml')
    expect(parts.length).toBeGreaterThan(10)
    for (const part of parts) expect(text).toContain(firstLine(`manifests/parts/${part}`))
    expect(namesOf('CustomResourceDefinition').map((name) => `${name.split('.')[0]}.yaml`)).toEqual(
      readdirSync('crds')
        .filter((name) => name.endsWith('.yaml'))
        .toSorted(),
    )
  })

  test('creates everything once, and what is needed before what needs it', () => {
    const all = objects.map((object) => `${nameOf(object)} ${object.metadata.namespace ?? ''}`)
    expect(new Set(all).size).toBe(all.length)
    expect(nameOf(objects[0] as Manifest)).toBe('Namespace countersign-system')
    const [roles, bindings] = [
      ['Role', 'ClusterRole'],
      ['RoleBinding', 'ClusterRoleBinding'],
    ]
    expect(firstOf(bindings)).toBeGreaterThan(firstOf(roles))
    expect(firstOf(['ValidatingAdmissionPolicyBinding'])).toBeGreaterThan(firstOf(['RoleBinding']))
  })

  test('holds no object of our own kinds, for which kubectl would have to be run twice', () => {
    expect(objects.filter(({ apiVersion }) => apiVersion.startsWith('countersign.dev/'))).toEqual([])
    expect(objects.length).toBeGreaterThan(40)
  })

  test('claims none of the fields that others fill, so that applying it again takes nothing away', () => {
    const filled: Readonly<Record<string, readonly string[]>> = {
      Secret: ['data', 'stringData'],
      ValidatingWebhookConfiguration: ['webhooks'],
    }
    for (const [kind, fields] of Object.entries(filled)) {
      expect(ofKind(kind).length).toBeGreaterThan(0)
      for (const object of ofKind(kind)) for (const field of fields) expect(object).not.toHaveProperty(field)
    }
    expect(find('RoleBinding', 'countersign-agents')).not.toHaveProperty('subjects')
    expect(find('FlowSchema', 'countersign-agents')).not.toHaveProperty(['spec', 'rules'])
  })

  test.each(objects.map((object) => [nameOf(object), object] as const))(
    'has in %s nothing too large for kubectl apply, which keeps a copy of 256 KiB at most',
    (_name, object) => {
      expect(JSON.stringify(object).length).toBeLessThan(200 * 1024)
    },
  )
})

function firstOf(kinds: readonly string[]): number {
  const at = objects.findIndex(({ kind }) => kinds.includes(kind))
  if (at === -1) throw new Error(`there is no ${kinds.join(' or ')}`)
  return at
}

function find(kind: string, name: string): Manifest {
  const found = ofKind(kind).find(({ metadata }) => metadata.name === name)
  if (found === undefined) throw new Error(`there is no ${kind} ${name}`)
  return found
}

const firstLine = (path: string): string => readFileSync(path, 'utf8').split('\n')[0] ?? ''

type Rule = {
  readonly apiGroups: readonly string[]
  readonly resources: readonly string[]
  readonly verbs: readonly string[]
}

/** The bot's credentials: whoever sets a channel up has them. */
const madeByPeople = ['countersign-teams']

const rulesOf = (role: Manifest): readonly Rule[] => Object(role)['rules']

describe('the roles', () => {
  const roles = ofKind('Role', 'ClusterRole')

  test('are there', () => {
    expect(roles.flatMap(rulesOf).length).toBeGreaterThan(40)
  })

  test.each(roles.map((role) => [nameOf(role), role] as const))('of %s have no wildcard', (_name, role) => {
    const words = rulesOf(role).flatMap(({ apiGroups, resources, verbs }) => [...apiGroups, ...resources, ...verbs])
    expect(words.filter((word) => word.includes('*'))).toEqual([])
  })

  test.each(roles.map((role) => [nameOf(role), role] as const))('of %s give Secrets by name alone', (_name, role) => {
    const secrets = rulesOf(role).filter(({ resources }) =>
      resources.some((resource) => resource.startsWith('secrets')),
    )
    for (const rule of secrets)
      expect(Object(rule)['resourceNames']).toEqual(expect.arrayContaining([expect.any(String)]))
    for (const name of secrets.flatMap((rule) => Object(rule)['resourceNames']))
      expect([...namesOf('Secret'), ...madeByPeople]).toContain(name)
  })

  test('are bound to accounts that exist, and exist', () => {
    for (const binding of ofKind('RoleBinding', 'ClusterRoleBinding')) {
      const { roleRef, subjects = [] } = Object(binding)
      expect(namesOf(roleRef.kind)).toContain(roleRef.name)
      for (const { kind, name, namespace } of subjects) {
        expect([kind, namespace]).toEqual(['ServiceAccount', 'countersign-system'])
        expect(namesOf('ServiceAccount')).toContain(name)
      }
    }
  })
})

describe('the admission policies', () => {
  const policies = ofKind('ValidatingAdmissionPolicy')
  const validations = policies.flatMap((policy) => Object(policy)['spec'].validations)
  const ruleOf = ({ message }: { readonly message: string }): string => /^(\w+): /.exec(message)?.[1] ?? ''

  test('are seven, each with a binding of its name that denies', () => {
    expect(policies).toHaveLength(7)
    for (const { metadata } of policies) {
      const binding = Object(find('ValidatingAdmissionPolicyBinding', metadata.name))
      expect(binding.spec).toMatchObject({ policyName: metadata.name, validationActions: ['Deny', 'Audit'] })
    }
  })

  test.each(policies.map((policy) => [nameOf(policy), policy] as const))(
    '%s stops what it cannot judge',
    (_name, policy) => {
      expect(Object(policy)['spec'].failurePolicy).toBe('Fail')
    },
  )

  test.each(policies.map((policy) => [nameOf(policy), policy] as const))(
    '%s rests on our objects only if it lets everything pass without them',
    (_name, { metadata, ...policy }) => {
      const { paramRef } = Object(find('ValidatingAdmissionPolicyBinding', metadata.name)).spec
      const { paramKind } = Object(policy).spec
      expect(paramRef?.parameterNotFoundAction).toBe(paramKind === undefined ? undefined : 'Allow')
      expect(paramKind?.apiVersion ?? 'rbac.authorization.k8s.io/v1').toBe('rbac.authorization.k8s.io/v1')
    },
  )

  test.each(validations.map((validation) => [ruleOf(validation), validation] as const))(
    'name the rule %s, and say what to do',
    (rule, { message, reason }) => {
      expect(rule).toMatch(/^(?:[A-Z][a-z]+){2,}$/)
      expect(message).toMatch(/^\w+: [^\n]{60,500}[.]$/)
      expect(['Forbidden', 'Invalid']).toContain(reason)
    },
  )

  test('name no rule twice', () => {
    const rules = validations.map(ruleOf)
    expect(new Set(rules).size).toBe(rules.length)
    expect(rules.length).toBeGreaterThan(15)
  })
})

describe('an expression that several policies need', () => {
  const expressions = new Map([['it', 'one\n  || two']])

  test('is put where it is named, as deep as the line', () => {
    expect(filledIn('a:\n    ($(it)) && b\n', expressions)).toBe('a:\n    (one\n      || two) && b\n')
  })

  test('must be known', () => {
    expect(() => filledIn('$(that)', expressions)).toThrow('nobody says what $(that) is')
  })
})
