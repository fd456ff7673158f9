import { failingKubectl, kubectl } from '../scenario.ts'
import type { Scenario } from '../scenario.ts'
import { plain } from '../objects.ts'

// A request for CN=mallory, made once by openssl; its private key was thrown away.
const certificateRequest =
  'LS0tLS1CRUdJTiBDRVJUSUZJQ0FURSBSRVFVRVNULS0tLS0KTUlITk1IUUNBUUF3RWpFUU1BNEdBMVVFQXd3SGJXRnNiRzl5ZVRCWk1CTUdCeXFHU000OUFnRUdDQ3FHU000OQpBd0VIQTBJQUJJVy9hTkFMUnZsUUNRUy82NDJiRU9MY0pUMVhScnlMd3NpYnVBK3RRYngrOTcyMy8zdVh3SEQyCmFzUkFWdHd3RGpKeDFPMS9SR2RlZVdVT2IzbEE5cmFnQURBS0JnZ3Foa2pPUFFRREFnTkpBREJHQWlFQXB6TjgKRG1SSE9ONHB4UkN5ZFJaMStSNnhvbFkwWFdJRm9Idm1ySXJJbUYwQ0lRQ3NkSHdJbWo1bmRxcWpUQXVRb2FWVAo2SENqYW80TXBLUWh1ZXpKWlVqSmlnPT0KLS0tLS1FTkQgQ0VSVElGSUNBVEUgUkVRVUVTVC0tLS0tCg=='

/** Asks for a client certificate in the name of mallory. */
export const certificateSigningRequest = plain('certificates.k8s.io/v1', 'CertificateSigningRequest', {
  metadata: { name: 'mallory' },
  spec: {
    request: certificateRequest,
    signerName: 'kubernetes.io/kube-apiserver-client',
    usages: ['client auth'],
    expirationSeconds: 3600,
  },
})

const csr = certificateSigningRequest

/** A certificate is a way to become somebody else: the approval is a change of status alone. */
export const certificateScenarios: readonly Scenario[] = [
  { name: 'csr-create', commands: [kubectl(['create', '-f', '-'], csr)], groups: [2] },
  {
    name: 'csr-create-generate-name',
    commands: [kubectl(['create', '-f', '-'], { ...csr, metadata: { generateName: 'mallory-' } })],
    groups: [2],
  },
  {
    // The server writes the caller's credential id into spec.extra.
    name: 'csr-create-new-token',
    refuse: 'FirstRun',
    commands: [
      failingKubectl(['create', '-f', '-', '--request-timeout=900ms'], csr),
      { tool: 'new token' },
      kubectl(['create', '-f', '-'], csr),
    ],
    groups: [2],
  },
  { name: 'csr-approve', given: [csr], commands: [kubectl(['certificate', 'approve', 'mallory'])], groups: [2] },
  { name: 'csr-deny', given: [csr], commands: [kubectl(['certificate', 'deny', 'mallory'])], groups: [2] },
  { name: 'csr-delete', given: [csr], commands: [kubectl(['delete', 'csr', 'mallory'])], groups: [2] },
  {
    name: 'csr-status-patch',
    given: [csr],
    commands: [
      kubectl([
        'patch',
        'csr',
        'mallory',
        '--subresource=status',
        '--type=merge',
        '-p',
        '{"status":{"conditions":[{"type":"Failed","status":"True","reason":"NoReason"}]}}',
      ]),
    ],
    groups: [2],
  },
]
