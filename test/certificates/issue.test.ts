import { describe, expect, test } from '@jest/globals'
import { X509Certificate } from 'node:crypto'
import { createSecureContext } from 'node:tls'
import { issue } from '../../src/certificates/issue.ts'
import type { Issue } from '../../src/certificates/issue.ts'

const order = {
  names: ['countersign-webhook.countersign-system.svc', 'localhost', '127.0.0.1', '::1'],
  notBefore: Date.UTC(2026, 2, 1, 10, 20),
  notAfter: Date.UTC(2026, 5, 1),
}

type Read = Issue & { readonly leaf: X509Certificate; readonly root: X509Certificate }

async function issued(changes: Partial<typeof order> = {}): Promise<Read> {
  const made = await issue({ ...order, ...changes })
  return { ...made, leaf: new X509Certificate(made.certificate), root: new X509Certificate(made.authority) }
}

/** Whether the text of the certificate, as Node's parser (OpenSSL) has it, names this extension. */
function usages({ keyUsage }: X509Certificate): readonly string[] {
  return keyUsage
}

describe('an issued certificate', () => {
  test('is of its authority, which is of itself, and of no other', async () => {
    const [one, two] = [await issued(), await issued()]
    expect(one.leaf.checkIssued(one.root) && one.leaf.verify(one.root.publicKey)).toBe(true)
    expect(one.root.checkIssued(one.root) && one.root.verify(one.root.publicKey)).toBe(true)
    expect(one.leaf.checkIssued(two.root) || one.leaf.verify(two.root.publicKey)).toBe(false)
    expect(one.root.subject).not.toBe(two.root.subject)
    expect([one.leaf.ca, one.root.ca]).toEqual([false, true])
  })

  test('is for its names and for no other', async () => {
    const { leaf } = await issued()
    expect(leaf.subjectAltName).toBe(
      'DNS:countersign-webhook.countersign-system.svc, DNS:localhost, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1',
    )
    expect(leaf.checkHost('localhost')).toBe('localhost')
    expect([leaf.checkIP('127.0.0.1'), leaf.checkIP('::1')]).toEqual(['127.0.0.1', '::1'])
    expect([leaf.checkHost('example.com'), leaf.checkIP('10.0.0.1')]).toEqual([undefined, undefined])
  })

  test('is valid for the time that was ordered, and so is its authority', async () => {
    for (const certificate of [(await issued()).leaf, (await issued()).root]) {
      expect([certificate.validFromDate, certificate.validToDate]).toEqual([
        new Date(order.notBefore),
        new Date(order.notAfter),
      ])
    }
  })

  test('may reach beyond 2049, where the form of times changes', async () => {
    const { leaf } = await issued({ notAfter: Date.UTC(2060, 0, 1) })
    expect(leaf.validToDate).toEqual(new Date(Date.UTC(2060, 0, 1)))
  })

  test('is for servers alone, on P-256', async () => {
    const { leaf, key } = await issued()
    expect(usages(leaf)).toEqual(['1.3.6.1.5.5.7.3.1'])
    expect(leaf.publicKey.asymmetricKeyDetails).toMatchObject({ namedCurve: 'prime256v1' })
    expect(leaf.checkPrivateKey(key)).toBe(true)
  })

  test('has a serial number of its own, positive and of at most 20 octets', async () => {
    const serials = (await Promise.all([issued(), issued()])).flatMap(({ leaf, root }) => [
      leaf.serialNumber,
      root.serialNumber,
    ])
    expect(new Set(serials).size).toBe(4)
    for (const serial of serials) expect(serial).toMatch(/^[4-7][0-9A-F]{31}$/)
  })

  test('can be served by OpenSSL as it is', async () => {
    const { certificate, key, authority } = await issued()
    const pem = key.export({ type: 'pkcs8', format: 'pem' })
    expect(() => createSecureContext({ cert: certificate, key: pem, ca: authority })).not.toThrow()
    for (const text of [certificate, authority]) {
      expect(text).toMatch(/^-----BEGIN CERTIFICATE-----\n[\w+/=\n]+\n-----END CERTIFICATE-----\n$/)
    }
  })

  test('is not made for nobody', async () => {
    await expect(issue({ ...order, names: [] })).rejects.toThrow(TypeError)
  })

  test('leaves nobody who could issue another one of its authority', async () => {
    const made = await issue(order)
    expect(Object.keys(made).toSorted()).toEqual(['authority', 'certificate', 'key'])
    expect(new X509Certificate(made.authority).checkPrivateKey(made.key)).toBe(false)
  })
})
