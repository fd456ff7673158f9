import { expect, test } from '@jest/globals'
import { kubeconfig } from '../../cluster/kubeconfig.ts'
import { tokenFile, withToken } from '../../cluster/user.ts'

test('the token file has token, name, uid and groups, each quoted', () => {
  const users = [
    { name: 'alice', groups: ['approvers', 'team "a"'], token: 't1' },
    { name: 'bob', groups: [], token: 't2' },
  ]
  expect(tokenFile(users)).toBe('"t1","alice","alice","approvers,team ""a"""\n"t2","bob","bob",""\n')
})

test('every user gets a token of its own', () => {
  const alice = { name: 'alice', groups: [] }
  expect(withToken(alice).token).not.toBe(withToken(alice).token)
})

test('a kubeconfig logs one user in at one server, trusting one authority', () => {
  const options = { server: 'https://127.0.0.1:1', ca: 'PEM', user: { name: 'a: b', token: 't' }, namespace: 'n' }
  expect(JSON.parse(kubeconfig(options))).toMatchObject({
    clusters: [{ cluster: { server: 'https://127.0.0.1:1', 'certificate-authority-data': 'UEVN' } }],
    users: [{ name: 'a: b', user: { token: 't' } }],
    contexts: [{ context: { user: 'a: b', namespace: 'n' } }],
  })
})
