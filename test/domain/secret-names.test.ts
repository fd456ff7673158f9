import { describe, expect, test } from '@jest/globals'
import { isNoCredential, isPasswordName, isSecretListName, isSecretName } from '../../src/domain/secret-names.ts'

describe('isSecretName', () => {
  test.each(
    [
      'password DB_PASSWORD dbPassword DBPassword db.password db-password PGPASSWORD MYSQL_PWD ROOT_PW userPass',
      'password1 PASSWORD_2 passwords passphrase passwd htpasswd .htpasswd',
      'token TOKEN accessToken authtoken X-Auth-Token --token refresh_tokens bearerToken',
      'secret clientSecret clientsecret WEBHOOK_SECRET secretKey secret_access_key AWS_SECRET_ACCESS_KEY',
      'apiKey api-key API_KEY apikey APIKEYS privateKey private_key privatekey signingKey encryption-key sshKey',
      'credentials awsCredentials cred jwt cookie Set-Cookie Authorization Proxy-Authorization SENTRY_DSN psk',
      'accountKey AccountKey SharedAccessKey connectionString connection_string CONNECTIONSTRING sig',
      'spring.datasource.password auth.password .dockerconfigjson.auth x'.replace(' x', ''),
    ].flatMap((line) => line.split(' ')),
  )('%s holds a credential', (name) => {
    expect(isSecretName(name)).toBe(true)
  })

  test.each(
    [
      'secretName tokenPath tokenExpirationSeconds AUTH_MODE authorization-mode passwordFile PASSWORD_FILE',
      'secretRef tokenURL token_uri authEndpoint token-audiences passwordLength secretNamespace tokenTTL',
      'name image replicas key keys keyboard monkey author authority authored compass passenger bypass tokenizer',
      'secretary passive keystore publicKey public_key AUTHOR_NAME data value env args command path',
      'csi.storage.k8s.io/provisioner-secret-name TOKEN_REQUIRED COOKIE_NAME',
    ].flatMap((line) => line.split(' ')),
  )('%s does not', (name) => {
    expect(isSecretName(name)).toBe(false)
  })

  test('an empty name, and one of signs alone, says nothing', () => {
    expect(['', '-', '__', '42'].map(isSecretName)).toEqual([false, false, false, false])
  })

  test('of a name of any length the end decides', () => {
    expect(isSecretName(`${'a'.repeat(1000)}_password`)).toBe(true)
    expect(isSecretName(`password_${'a'.repeat(1000)}`)).toBe(false)
  })
})

describe('names of numbers and lists', () => {
  test.each(['password', 'dbPassword', 'PGPASSWORD', 'pwd', 'passphrase'])('a number under %s is hidden', (name) => {
    expect(isPasswordName(name)).toBe(true)
  })

  test.each(['maxTokens', 'tokens', 'passwordLength', 'authVersion', 'secrets'])('a number under %s is not', (name) => {
    expect(isPasswordName(name)).toBe(false)
  })

  test('a list of secrets names objects, a list of tokens is one of credentials', () => {
    expect(['secrets', 'imagePullSecrets', 'tokens', 'passwords', 'apiKeys'].map(isSecretListName)).toEqual([
      false,
      false,
      true,
      true,
      true,
    ])
  })
})

describe('isNoCredential', () => {
  test.each([
    '',
    'true',
    'False',
    'none',
    'null',
    'disabled',
    '$(DB_PASSWORD)',
    '${DB_PASSWORD}',
    '$DB_PASSWORD',
    '{{ .Values.password }}',
  ])('%j stays visible under any name', (value) => {
    expect(isNoCredential(value)).toBe(true)
  })

  test.each([
    'x',
    'truely',
    'true!',
    '$ecret',
    '$hunter2',
    '${a}b',
    '$(id)x',
    'a{{b}}',
    '{{a}}{{b}}',
    ' ',
    'no no',
    '${A:-hunter2}',
    '$(cat /x)',
  ])('%j may be one', (value) => {
    expect(isNoCredential(value)).toBe(false)
  })
})
